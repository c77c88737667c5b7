"""A network that is shown a noised point and says which noise is in it.

The chapter on diffusion trains it on points of the plane. It knows how far the noising has come
and, if it is told, of which class the point is. Left out: what images need, convolutions and
attention.
"""

import math
from types import ModuleType
from typing import Any


def denoiser(
    torch: ModuleType, *, classes: int, dimensions: int = 2, width: int = 64, waves: int = 8
) -> Any:
    r"""Make the network :math:`\epsilon_\theta(\mathbf{x}_t, t, c)` of Ho et al. [1]_.

    Point, time and class each pass a linear layer of their own; their sum goes through three more.
    Time enters as sines and cosines of :math:`\pi k t` for k from 1 to `waves`. A class more than
    there are stands for "not told" [2]_.

    Parameters
    ----------
    torch : module
        The engine: PyTorch or `nnkit.scratch`.
    classes : int
        Number of classes.
    dimensions : int, default 2
        Of a point.
    width : int, default 64
        Number of units in each hidden layer.
    waves : int, default 8
        Number of frequencies of time.

    Returns
    -------
    Module
        From points of shape (n, dimensions), times between 0 (data) and 1 (noise) of shape (n,) and
        classes, int64 of shape (n,), where `classes` itself is "not told", to the predicted noise,
        shape (n, dimensions).

    References
    ----------
    .. [1] J. Ho, A. Jain and P. Abbeel, "Denoising diffusion probabilistic models", Advances in
       Neural Information Processing Systems 33, 2020, equation 11.
    .. [2] J. Ho and T. Salimans, "Classifier-free diffusion guidance", 2022, arXiv:2207.12598,
       algorithm 1.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> from nnkit.models.denoiser import denoiser
    >>> model = denoiser(torch, classes=2)
    >>> tuple(model(torch.zeros(5, 2), torch.zeros(5), torch.tensor([0, 1, 2, 2, 0])).shape)
    (5, 2)
    """
    nn = torch.nn

    class Denoiser(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.point = nn.Linear(dimensions, width)
            self.time = nn.Linear(2 * waves, width)
            self.label = nn.Embedding(classes + 1, width)
            self.rest = nn.Sequential(
                nn.SiLU(),
                nn.Linear(width, width),
                nn.SiLU(),
                nn.Linear(width, width),
                nn.SiLU(),
                nn.Linear(width, dimensions),
            )

        def forward(self, x: Any, time: Any, label: Any) -> Any:
            rates = math.pi * torch.arange(1, waves + 1, dtype=x.dtype)
            angles = time[:, None] * rates  # (n, waves)
            waved = torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)
            return self.rest(self.point(x) + self.time(waved) + self.label(label))

    return Denoiser()
