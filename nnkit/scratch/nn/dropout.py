"""Dropout: a random part of the input is left out in training, and the rest made larger.

Srivastava et al. (2014), "Dropout: a simple way to prevent neural networks from overfitting".
"""

from __future__ import annotations

import numpy as np

from nnkit.scratch.core.recording import quiet, record
from nnkit.scratch.nn.module import Functional
from nnkit.scratch.ops.random import source
from nnkit.scratch.tensors import Tensor


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Set each element to 0 with probability p, and divide the others by 1 − p.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    p : float, default 0.5
        Probability, in [0, 1].
    training : bool, default True
        If not, the input is returned as it is.
    inplace : bool, default False
        Without effect.

    Returns
    -------
    Tensor
        Of the same shape; each element has the input's as its mean.

    Raises
    ------
    ValueError
        If `p` is no probability.
    """
    return _drop("dropout", input, p, training, input.array.shape)


def dropout2d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Set each channel to 0 with probability p, and divide the others by 1 − p.

    Parameters
    ----------
    input : Tensor
        Shape (N, C, H, W).
    p, training, inplace : float, bool, bool
        As in `dropout`.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    shape = input.array.shape
    return _drop("dropout2d", input, p, training, shape[:2] + (1,) * (len(shape) - 2))


@quiet
def _drop(op: str, input: Tensor, p: float, training: bool, shape: tuple[int, ...]) -> Tensor:
    if not 0 <= p <= 1:
        raise ValueError(f"{op}: expected p in [0, 1], got {p}")
    if not training or p == 0:
        return input
    x = input.array
    kept = source(None).random(shape, np.float32) >= p
    scale = kept * x.dtype.type(1 / (1 - p) if p < 1 else 0)
    return record(x * scale, (input, lambda g: g * scale))


class Dropout(Functional):
    """In training, set each element to 0 with probability p, and divide the others by 1 − p.

    Parameters
    ----------
    p, inplace : float, bool
        As in `dropout`.
    """

    p: float = 0.5
    inplace: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.p <= 1:
            raise ValueError(f"{type(self).__name__}: expected p in [0, 1], got {self.p}")

    def forward(self, input: Tensor) -> Tensor:
        return dropout(input, self.p, self.training)


class Dropout2d(Dropout):
    """In training, set each channel to 0 with probability p, and divide the others by 1 − p."""

    def forward(self, input: Tensor) -> Tensor:
        return dropout2d(input, self.p, self.training)
