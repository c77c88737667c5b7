"""A small convolutional network for square images in one channel, such as the digits.

Two convolutions of 3 x 3, each halved by pooling, then one dense layer: the network that the
chapter on convolutions takes apart.
"""

from types import ModuleType
from typing import Any


def cnn(torch: ModuleType, side: int, classes: int, *, normalise: bool = False) -> Any:
    """Make the network.

    Parameters
    ----------
    torch : module
        The engine: PyTorch or `nnkit.scratch`.
    side : int
        Width and height of the images in pixels, a multiple of 4.
    classes : int
        Number of classes.
    normalise : bool, default False
        Whether batch normalisation follows each convolution.

    Returns
    -------
    Module
        From images of shape (n, 1, side, side) to logits of shape (n, classes).

    Raises
    ------
    ValueError
        If `side` is not a multiple of 4.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.models.cnn import cnn
    >>> tuple(cnn(engine, side=8, classes=10)(engine.zeros(5, 1, 8, 8)).shape)
    (5, 10)
    """
    if side < 4 or side % 4:
        raise ValueError(f"cnn: side must be a multiple of 4, got {side}")
    nn = torch.nn
    layers: list[Any] = []
    for inputs, outputs in ((1, 16), (16, 32)):
        layers.append(nn.Conv2d(inputs, outputs, 3, padding=1))
        if normalise:
            layers.append(nn.BatchNorm2d(outputs))
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * (side // 4) ** 2, classes))
