"""The multi-layer perceptron: layers of neurons, each of which sees all of the layer before.

It is what the chapters on networks, backpropagation and optimizers train. Left out: everything
that keeps deep stacks trainable, which is the business of the chapter on gradients.
"""

from collections.abc import Sequence
from itertools import pairwise
from types import ModuleType
from typing import Any


def mlp(torch: ModuleType, sizes: Sequence[int], activation: str = "ReLU") -> Any:
    """Make a network of dense layers with an activation between them.

    Parameters
    ----------
    torch : module
        The engine: PyTorch or `nnkit.scratch`.
    sizes : sequence of int
        Number of inputs, of units in each hidden layer, and of outputs; at least two.
    activation : str, default "ReLU"
        Name of a module of the engine's `nn`.

    Returns
    -------
    Module
        From an array of shape (n, sizes[0]) to one of shape (n, sizes[-1]); no activation after the
        last layer.

    Raises
    ------
    ValueError
        If there are fewer than two sizes.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.models.mlp import mlp
    >>> tuple(mlp(engine, [64, 128, 10])(engine.zeros(5, 64)).shape)
    (5, 10)
    """
    if len(sizes) < 2:
        raise ValueError(f"mlp: expected at least 2 sizes, inputs and outputs, got {list(sizes)}")
    layers: list[Any] = []
    for inputs, outputs in pairwise(sizes):
        layers += [torch.nn.Linear(inputs, outputs), getattr(torch.nn, activation)()]
    return torch.nn.Sequential(*layers[:-1])
