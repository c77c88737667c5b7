"""Normalisation: numbers shifted and scaled to mean 0 and variance 1, within each sample.

With x̂ = (x − μ) r, r = 1 / √(σ² + ε), the mean μ and the variance σ² depend on every x. Writing ⟨·⟩
for the mean over the numbers that are normalised together, ∂μ/∂x = 1/n and ∂r/∂x = −r² x̂ / n, so a
gradient h of x̂ becomes r (h − ⟨h⟩ − x̂ ⟨h x̂⟩) for x. All but RMSNorm rest on this, and so does
`batch_norm`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Array, dtype
from nnkit.scratch.core.recording import quiet, record
from nnkit.scratch.nn import init
from nnkit.scratch.nn.members import Parameter
from nnkit.scratch.nn.module import Module
from nnkit.scratch.ops import creation
from nnkit.scratch.ops.reductions import add_reduce
from nnkit.scratch.tensors import Tensor

Axes = tuple[int, ...]


def _sum_of_rows(x: Array) -> Array:
    """Return the sum of the rows of a matrix, shape (1, C), faster than by a reduction."""
    return np.ones((1, len(x)), x.dtype) @ x


def _mean(x: Array, axes: Axes) -> Array:
    total: Array = _sum_of_rows(x) if axes == (0,) else add_reduce(x, axes, None, None, True)
    total /= np.asarray(math.prod(x.shape[axis] for axis in axes), x.dtype)
    return total


def _normalized(x: Array, axes: Axes, eps: float) -> tuple[Array, Array, Array, Array]:
    """Return x̂, r, the mean and the variance over the axes."""
    mean = _mean(x, axes)
    out = x - mean
    variance = _mean(out * out, axes)
    r = 1 / np.sqrt(variance + eps)
    out *= r
    return out, r, mean, variance


def _slope(h: Array, out: Array, r: Array, axes: Axes) -> Array:
    """Carry a gradient from x̂ to x."""
    slope = h - _mean(h, axes)
    slope -= out * _mean(h * out, axes)
    slope *= r
    return slope


def _scaled(out: Array, gamma: Any, beta: Any) -> Array:
    value: Array = out * gamma
    value += beta
    return value


def _values(weight: Tensor | None, bias: Tensor | None, shape: Axes) -> tuple[Any, Any]:
    """Return γ and β, in a shape that broadcasts to the input, or numbers without effect."""
    gamma = 1.0 if weight is None else weight.array.reshape(shape)
    return gamma, 0.0 if bias is None else bias.array.reshape(shape)


@quiet
def _within(
    input: Tensor,
    form: Axes,
    axes: Axes,
    own: Axes,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
) -> Tensor:
    """Normalise over some axes of another form of the input, whose axes `own` the weight has."""
    x = input.array
    shape, others = x.shape, tuple(axis for axis in range(x.ndim) if axis not in own)
    gamma, beta = _values(weight, bias, tuple(n if i in own else 1 for i, n in enumerate(shape)))
    groups, r, _, _ = _normalized(x.reshape(form), axes, eps)
    out = groups.reshape(shape)

    def normalization(g: Array) -> Array:
        return _slope((g * gamma).reshape(form), groups, r, axes).reshape(shape)

    return record(
        _scaled(out, gamma, beta),
        (input, normalization),
        (0 if weight is None else weight, lambda g: add_reduce(g * out, others)),
        (0 if bias is None else bias, lambda g: add_reduce(g, others)),
    )


def _last_axes(op: str, input: Tensor, normalized_shape: Sequence[int]) -> tuple[Axes, Axes]:
    """Return the shape of the input, and the last of its axes."""
    shape, form = input.array.shape, tuple(normalized_shape)
    if not form or shape[-len(form) :] != form:
        raise RuntimeError(f"{op}: expected last axes {form} (normalized_shape), got {shape}")
    return shape, tuple(range(len(shape) - len(form), len(shape)))


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Return (x − μ) / √(σ² + ε) · γ + β, with mean and variance over the last axes.

    Parameters
    ----------
    input : Tensor
        Shape (..., *normalized_shape).
    normalized_shape : sequence of int
        Lengths of the axes that are normalised together.
    weight, bias : Tensor, optional
        Factors γ and terms β, of that shape; 1 and 0 if left out.
    eps : float, default 1e-5
        Added to the variance, > 0.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    RuntimeError
        If the last axes have other lengths.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.layer_norm(engine.tensor([1.0, 2.0, 3.0]), (3,))
    tensor([-1.2247,  0.0000,  1.2247])
    """
    shape, axes = _last_axes("layer_norm", input, normalized_shape)
    return _within(input, shape, axes, axes, weight, bias, eps)


@quiet
def rms_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """Return x / √(⟨x²⟩ + ε) · γ, with the mean of the squares over the last axes.

    Parameters
    ----------
    input, normalized_shape, weight : Tensor, sequence of int, Tensor
        As in `layer_norm`.
    eps : float, optional
        Added to the mean of the squares; the distance of 1 from the next number if left out.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    RuntimeError
        If the last axes have other lengths.

    Notes
    -----
    With x̂ = x r, the gradient h of x̂ becomes r (h − x̂ ⟨h x̂⟩) for x.
    """
    x, (_, axes) = input.array, _last_axes("rms_norm", input, normalized_shape)
    eps = np.finfo(x.dtype).eps if eps is None else eps
    r = (1 / np.sqrt(_mean(x * x, axes) + eps)).astype(x.dtype, copy=False)
    out, (gamma, _) = x * r, _values(weight, None, tuple(normalized_shape))

    def normalization(g: Array) -> Array:
        h = g * gamma
        slope: Array = r * (h - out * _mean(h * out, axes))
        return slope

    pairs = (input, normalization), (0 if weight is None else weight, lambda g: g * out)
    return record(out * gamma, *pairs)


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Return (x − μ) / √(σ² + ε) · γ + β, with mean and variance over each group of channels.

    Parameters
    ----------
    input : Tensor
        Shape (N, C, ...).
    num_groups : int
        Number of groups, which divides C.
    weight, bias : Tensor, optional
        Factors γ and terms β, shape (C,); 1 and 0 if left out.
    eps : float, default 1e-5
        Added to the variance, > 0.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    RuntimeError
        If the number of channels is another, or not divisible by `num_groups`.
    """
    n, channels, *size = shape = input.array.shape
    if channels % num_groups or (weight is not None and weight.array.shape != (channels,)):
        expected = f"divisible by {num_groups}" if weight is None else str(weight.array.size)
        raise RuntimeError(
            f"group_norm: expected {expected} channels (axis 1) in {num_groups} groups, "
            f"got {channels}; input shape {shape}"
        )
    form = n, num_groups, channels // num_groups * math.prod(size)
    return _within(input, form, (2,), (1,), weight, bias, eps)


class _Affine(Module):
    """What the normalising layers have in common: a weight of ones and a bias of zeros, or none."""

    weight: Parameter | None
    bias: Parameter | None

    def __init__(self, shape: Axes, affine: bool, bias: bool, dtype: dtype | None) -> None:
        super().__init__()
        self.weight = Parameter(creation.empty(shape, dtype=dtype)) if affine else None
        self.bias = Parameter(creation.empty(shape, dtype=dtype)) if affine and bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set weights to 1 and biases to 0."""
        for name, parameter in self.named_parameters():
            init.constant_(parameter, float(name == "weight"))


class LayerNorm(_Affine):
    """Normalise over the last axes.

    Parameters
    ----------
    normalized_shape, eps : int or sequence of int, float
        As in `layer_norm`.
    elementwise_affine, bias : bool, default True
        Whether each element has a weight, and then a bias.
    device, dtype : object, dtype
        As in `BatchNorm1d`.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: object = None,
        dtype: dtype | None = None,
    ) -> None:
        form = _form(normalized_shape)
        super().__init__(form, elementwise_affine, bias, dtype)
        self.normalized_shape, self.eps, self.elementwise_affine = form, eps, elementwise_affine

    def forward(self, input: Tensor) -> Tensor:
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        shown = f"{self.normalized_shape}, eps={self.eps}"
        return (
            f"{shown}, elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(_Affine):
    """Divide by the root of the mean square over the last axes.

    Parameters
    ----------
    normalized_shape, eps : int or sequence of int, float
        As in `rms_norm`.
    elementwise_affine : bool, default True
        Whether each element has a weight.
    device, dtype : object, dtype
        As in `nnkit.scratch.nn.Linear`.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: object = None,
        dtype: dtype | None = None,
    ) -> None:
        form = _form(normalized_shape)
        super().__init__(form, elementwise_affine, False, dtype)
        self.normalized_shape, self.eps, self.elementwise_affine = form, eps, elementwise_affine

    def forward(self, input: Tensor) -> Tensor:
        return rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        shown = f"{self.normalized_shape}, eps={self.eps}"
        return f"{shown}, elementwise_affine={self.elementwise_affine}"


def _form(normalized_shape: int | Sequence[int]) -> Axes:
    return (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)


class GroupNorm(_Affine):
    """Normalise over groups of channels.

    Parameters
    ----------
    num_groups : int
        Number of groups.
    num_channels : int
        Number of channels, which it divides.
    eps : float, default 1e-5
        Added to the variance, > 0.
    affine : bool, default True
        Whether each channel has a weight and a bias.
    device, dtype, bias : object, dtype, bool
        As in `nnkit.scratch.nn.Linear`.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: object = None,
        dtype: dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__((num_channels,), affine, bias, dtype)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: expected num_groups to divide {num_channels} channels, "
                f"got {num_groups}"
            )
        self.num_groups, self.num_channels = num_groups, num_channels
        self.eps, self.affine = eps, affine

    def forward(self, input: Tensor) -> Tensor:
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        shown = f"{self.num_groups}, {self.num_channels}, eps={self.eps}"
        return f"{shown}, affine={self.affine}, bias={self.bias is not None}"
