"""Normalisation: numbers shifted and scaled to mean 0 and variance 1, over a batch or within it.

With x̂ = (x − μ) r, r = 1 / √(σ² + ε), the mean μ and the variance σ² depend on every x. Writing ⟨·⟩
for the mean over the numbers that are normalised together, ∂μ/∂x = 1/n and ∂r/∂x = −r² x̂ / n, so a
gradient h of x̂ becomes r (h − ⟨h⟩ − x̂ ⟨h x̂⟩) for x. All layers but RMSNorm rest on this.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nnkit.scratch import creation
from nnkit.scratch.conversion import tensor
from nnkit.scratch.dtypes import Array, dtype
from nnkit.scratch.memory import touch
from nnkit.scratch.nn import init
from nnkit.scratch.nn.module import Module, Parameter
from nnkit.scratch.recording import quiet, record
from nnkit.scratch.reductions import add_reduce
from nnkit.scratch.tensors import Tensor

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "GroupNorm",
    "LayerNorm",
    "RMSNorm",
    "batch_norm",
    "group_norm",
    "layer_norm",
    "rms_norm",
]

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


def _scaled(out: Array, weight: Array | None, bias: Array | None) -> Array:
    """Return weight · x̂ + bias, either of which may be missing."""
    value = out.copy("K") if weight is None else out * weight
    if bias is not None:
        value += bias
    return value


@quiet
def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Return (x − μ) / √(σ² + ε) · γ + β, with mean and variance of each channel over the batch.

    Parameters
    ----------
    input : Tensor
        Shape (N, C) or (N, C, ...).
    running_mean, running_var : Tensor or None
        Shape (C,): used in the place of μ and σ², or, in training, moved towards them.
    weight, bias : Tensor, optional
        Factors γ and terms β, shape (C,); 1 and 0 if left out.
    training : bool, default False
        Whether the batch's own statistics are used.
    momentum : float, default 0.1
        Share of the way that the running statistics move, in [0, 1]. The variance that they move to
        is the unbiased one.
    eps : float, default 1e-5
        Added to the variance, > 0.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        In training, if there is but one number for each channel.
    RuntimeError
        If the number of channels is another than that of the parameters.
    """
    x = input.array
    channels = x.shape[1]
    for given in (running_mean, running_var, weight, bias):
        if given is not None and given.array.shape != (channels,):
            raise RuntimeError(
                f"batch_norm: expected {given.array.size} channels (axis 1), got {channels}; "
                f"input shape {x.shape}"
            )
    last_shape = (len(x), *x.shape[2:], channels)

    def rows_of(images: Array) -> Array:
        return np.moveaxis(images, 1, -1).reshape(-1, channels)

    def images_of(rows: Array) -> Array:
        return np.moveaxis(rows.reshape(last_shape), -1, 1)

    rows, gamma = rows_of(x), None if weight is None else weight.array
    if training:
        count = len(rows)
        if count == 1:
            raise ValueError(
                f"batch_norm: expected more than 1 value per channel in training, got {x.shape}"
            )
        out, r, mean, variance = _normalized(rows, (0,), eps)
        if running_mean is not None and running_var is not None and count:
            unbiased = variance * (count / (count - 1))
            for running, now in ((running_mean.array, mean[0]), (running_var.array, unbiased[0])):
                running += momentum * (now - running)
                touch(running)
    elif running_mean is None or running_var is None:
        raise RuntimeError("batch_norm: expected running_mean and running_var in evaluation")
    else:
        r = 1 / np.sqrt(running_var.array + eps)
        out = (rows - running_mean.array) * r

    def normalization(g: Array) -> Array:
        h = rows_of(g) if gamma is None else rows_of(g) * gamma
        return images_of(_slope(h, out, r, (0,)) if training else h * r)

    return record(
        images_of(_scaled(out, gamma, None if bias is None else bias.array)),
        (input, normalization),
        (0 if weight is None else weight, lambda g: _sum_of_rows(rows_of(g) * out)),
        (0 if bias is None else bias, lambda g: _sum_of_rows(rows_of(g))),
    )


@quiet
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
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> F.layer_norm(torch.tensor([1.0, 2.0, 3.0]), (3,))
    tensor([-1.2247,  0.0000,  1.2247])
    """
    axes = _last_axes("layer_norm", input, normalized_shape)
    out, r, _, _ = _normalized(input.array, axes, eps)
    gamma = None if weight is None else weight.array
    return record(
        _scaled(out, gamma, None if bias is None else bias.array),
        (input, lambda g: _slope(g if gamma is None else g * gamma, out, r, axes)),
        (0 if weight is None else weight, lambda g: g * out),
        (0 if bias is None else bias, lambda g: g),
    )


def _last_axes(op: str, input: Tensor, normalized_shape: Sequence[int]) -> Axes:
    """Return the last axes, counted from the back."""
    shape, form = input.array.shape, tuple(normalized_shape)
    if not form or shape[-len(form) :] != form:
        raise RuntimeError(f"{op}: expected last axes {form} (normalized_shape), got {shape}")
    return tuple(range(-len(form), 0))


@quiet
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
    x = input.array
    shape, channels = x.shape, x.shape[1]
    if channels % num_groups or (weight is not None and weight.array.shape != (channels,)):
        expected = f"divisible by {num_groups}" if weight is None else str(weight.array.size)
        raise RuntimeError(
            f"group_norm: expected {expected} channels (axis 1) in {num_groups} groups, "
            f"got {channels}; input shape {shape}"
        )
    form = (channels,) + (1,) * (x.ndim - 2)
    gamma = None if weight is None else weight.array.reshape(form)
    beta = None if bias is None else bias.array.reshape(form)
    grouped = (shape[0], num_groups, math.prod(shape[1:]) // num_groups)
    groups, r, _, _ = _normalized(x.reshape(grouped), (2,), eps)
    out, others = groups.reshape(shape), (0, *range(2, x.ndim))

    def normalization(g: Array) -> Array:
        h = g if gamma is None else g * gamma
        return _slope(h.reshape(grouped), groups, r, (2,)).reshape(shape)

    return record(
        _scaled(out, gamma, beta),
        (input, normalization),
        (0 if weight is None else weight, lambda g: add_reduce(g * out, others)),
        (0 if bias is None else bias, lambda g: add_reduce(g, others)),
    )


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
    input : Tensor
        Shape (..., *normalized_shape).
    normalized_shape : sequence of int
        Lengths of the axes that are normalised together.
    weight : Tensor, optional
        Factors γ, of that shape; 1 if left out.
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
    x = input.array
    axes = _last_axes("rms_norm", input, normalized_shape)
    r = 1 / np.sqrt(_mean(x * x, axes) + (np.finfo(x.dtype).eps if eps is None else eps))
    out = x * r.astype(x.dtype, copy=False)
    gamma = None if weight is None else weight.array

    def normalization(g: Array) -> Array:
        h = g if gamma is None else g * gamma
        slope: Array = r * (h - out * _mean(h * out, axes))
        return slope

    return record(
        _scaled(out, gamma, None),
        (input, normalization),
        (0 if weight is None else weight, lambda g: g * out),
    )


class _Affine(Module):
    """What the normalising layers have in common: a weight of ones and a bias of zeros, or none."""

    weight: Parameter | None
    bias: Parameter | None

    def _make(self, shape: Axes, weight: bool, bias: bool, dtype: dtype | None) -> None:
        self.weight = Parameter(creation.empty(shape, dtype=dtype)) if weight else None
        self.bias = Parameter(creation.empty(shape, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set weights to 1 and biases to 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)


class _BatchNorm(_Affine):
    """Batch norm for inputs of some numbers of axes.

    Parameters
    ----------
    num_features : int
        Number C of features.
    eps : float, default 1e-5
        Added to the variance, > 0.
    momentum : float or None, default 0.1
        Share of the way that the running statistics move with each batch; None averages all.
    affine : bool, default True
        Whether each feature has a weight and a bias.
    track_running_stats : bool, default True
        Whether there are running statistics, which take over in evaluation.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.
    bias : bool, default True
        Whether there is a bias, if affine.
    """

    ndims: Axes

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: object = None,
        dtype: dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        running: list[Tensor | None] = [None, None, None]
        if track_running_stats:
            running = [
                creation.zeros(num_features, dtype=dtype),
                creation.ones(num_features, dtype=dtype),
                tensor(0),
            ]
        self.running_mean: Tensor | None
        self.running_var: Tensor | None
        self.num_batches_tracked: Tensor | None
        self.register_buffer("running_mean", running[0])
        self.register_buffer("running_var", running[1])
        self.register_buffer("num_batches_tracked", running[2])
        self._make((num_features,), affine, affine and bias, dtype)

    def reset_running_stats(self) -> None:
        """Forget the batches that were seen."""
        if self.running_mean is not None and self.running_var is not None:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Set weights to 1, biases to 0, and forget the batches that were seen."""
        self.reset_running_stats()
        super().reset_parameters()

    def forward(self, input: Tensor) -> Tensor:
        if input.array.ndim not in self.ndims:
            axes = " or ".join(map(str, self.ndims))
            raise ValueError(
                f"{type(self).__name__}: expected input of {axes} axes, got {input.array.shape}"
            )
        momentum = self.momentum or 0.0
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                momentum = 1 / self.num_batches_tracked.item()
        return batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            momentum,
            self.eps,
        )

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}"
            f", bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """Normalise each feature over the batch, (N, C) or (N, C, L) to the same: see `batch_norm`."""

    ndims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Normalise each channel over the batch, (N, C, H, W) to the same: see `batch_norm`."""

    ndims = (4,)


class LayerNorm(_Affine):
    """Normalise over the last axes: see `layer_norm`.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        Lengths of the last axes.
    eps : float, default 1e-5
        Added to the variance, > 0.
    elementwise_affine : bool, default True
        Whether each element has a weight and a bias.
    bias : bool, default True
        Whether there is a bias, if affine.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.
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
        super().__init__()
        self.normalized_shape = _form(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._make(self.normalized_shape, elementwise_affine, elementwise_affine and bias, dtype)

    def forward(self, input: Tensor) -> Tensor:
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        affine = self.elementwise_affine
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}"
            f", bias={self.bias is not None}"
        )


class GroupNorm(_Affine):
    """Normalise over groups of channels: see `group_norm`.

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
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.
    bias : bool, default True
        Whether there is a bias, if affine.
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
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: expected num_groups to divide {num_channels} channels, "
                f"got {num_groups}"
            )
        self.num_groups, self.num_channels = num_groups, num_channels
        self.eps, self.affine = eps, affine
        self._make((num_channels,), affine, affine and bias, dtype)

    def forward(self, input: Tensor) -> Tensor:
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"
            f", bias={self.bias is not None}"
        )


class RMSNorm(_Affine):
    """Divide by the root of the mean square over the last axes: see `rms_norm`.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        Lengths of the last axes.
    eps : float, optional
        Added to the mean square; the distance of 1 from the next number if left out.
    elementwise_affine : bool, default True
        Whether each element has a weight.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameter; float32 if left out.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: object = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _form(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._make(self.normalized_shape, elementwise_affine, False, dtype)

    def forward(self, input: Tensor) -> Tensor:
        return rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        affine = self.elementwise_affine
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}"


def _form(normalized_shape: int | Sequence[int]) -> Axes:
    return (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
