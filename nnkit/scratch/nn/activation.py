"""Nonlinearities that bend at a point or saturate; the smooth ones are in `smooth`."""

from __future__ import annotations

from dataclasses import InitVar, field

import numpy as np

from nnkit.scratch.core import dtypes
from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import keep, quiet, real, record
from nnkit.scratch.nn.members import Parameter
from nnkit.scratch.nn.module import Functional
from nnkit.scratch.ops import activations, creation
from nnkit.scratch.ops.activations import sigmoid, tanh
from nnkit.scratch.ops.inplace import in_place
from nnkit.scratch.tensors import Tensor


def choose(mask: Array, a: Array, b: Array) -> Array:
    """Return one array where a mask is true, and another elsewhere.

    Parameters
    ----------
    mask : ndarray
        Boolean.
    a, b : ndarray
        Floating, of one type and of the mask's shape.

    Returns
    -------
    ndarray
        The bits of b, changed to those of a by 0 or 1 times the bits in which they differ: the
        same as `numpy.where`, in a tenth of the time where the mask is irregular.
    """
    bits = f"i{b.itemsize}"
    out: Array = (b.view(bits) ^ a.view(bits)) * mask.view(np.int8) ^ b.view(bits)
    return out.view(b.dtype)


class InPlace(Functional):
    """An activation whose last option is to write over its input, printed where it is taken."""

    def extra_repr(self) -> str:
        return super().extra_repr().removesuffix("inplace=False").removesuffix(", ")


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return max(x, 0), whose slope at 0 is taken to be 0.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    inplace : bool, default False
        Whether the result is written over the input.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    return in_place(activations.relu)(input) if inplace else activations.relu(input)


class ReLU(InPlace, calls=relu):
    """Return max(x, 0).

    Parameters
    ----------
    inplace : bool, default False
        Whether the result is written over the input.
    """

    inplace: bool = False


@quiet
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Return x where it is positive, and negative_slope · x elsewhere.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    negative_slope : float, default 0.01
        The slope.
    inplace : bool, default False
        Whether the result is written over the input.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    if inplace:
        return in_place(leaky_relu)(input, negative_slope)
    x = real(input)
    out = np.maximum(x, 0) + negative_slope * np.minimum(x, 0)
    return record(out, (input, lambda g: choose(x > 0, g, negative_slope * g)))


class LeakyReLU(InPlace, calls=leaky_relu):
    """Return x where it is positive, and negative_slope · x elsewhere.

    Parameters
    ----------
    negative_slope, inplace : float, bool
        As in `leaky_relu`.
    """

    negative_slope: float = 0.01
    inplace: bool = False


@quiet
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """Return x where it is positive, and weight · x elsewhere.

    Parameters
    ----------
    input : Tensor
        Of any shape; axis 1 holds the channels.
    weight : Tensor
        Shape (1,), or (C,) with a slope for each channel.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    RuntimeError
        If there are neither 1 nor C slopes.
    """
    x, w = input.array, weight.array
    channels = x.shape[1] if x.ndim > 1 else 1
    if w.size not in (1, channels):
        raise RuntimeError(f"prelu: expected 1 or {channels} slopes, got {w.size}")
    axes = (*range(x.ndim),) if w.size == 1 else (0, *range(2, x.ndim))
    shape = w.shape
    w = w.reshape([n if axis not in axes else 1 for axis, n in enumerate(x.shape)])
    below = np.minimum(x, 0)
    return record(
        np.maximum(x, 0) + w * below,
        (input, lambda g: choose(x > 0, g, w * g)),
        (weight, lambda g: np.add.reduce(g * below, axes).reshape(shape)),
    )


class PReLU(Functional):
    """Return x where it is positive, and a learned slope times x elsewhere.

    Parameters
    ----------
    num_parameters : int, default 1
        Number of slopes: 1, or that of the channels, which are axis 1.
    init : float, default 0.25
        Initial value of `weight`, of shape (num_parameters,).
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the slopes; float32 if left out.
    """

    num_parameters: int = 1
    init: float = field(default=0.25, repr=False)
    device: InitVar[object] = None
    dtype: InitVar[dtypes.dtype | None] = None

    def __post_init__(self, device: object, dtype: dtypes.dtype | None) -> None:
        slopes = creation.full((self.num_parameters,), float(self.init), dtype=dtype)
        self.weight = Parameter(slopes)

    def forward(self, input: Tensor) -> Tensor:
        return prelu(input, self.weight)


@quiet
def _exponential(input: Tensor, alpha: float, scale: float) -> Tensor:
    x = real(input)
    below, inner = np.minimum(x, 0), scale * alpha

    def slope(g: Array) -> Array:
        return choose(x <= 0, inner * g * np.exp(below), scale * g)

    return record(scale * np.maximum(x, 0) + inner * np.expm1(below), (input, slope))


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Return x where it is positive, and α (eˣ − 1) elsewhere.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    alpha : float, default 1
        Minus the limit at −∞.
    inplace : bool, default False
        Whether the result is written over the input.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    return in_place(elu)(input, alpha) if inplace else _exponential(input, alpha, 1.0)


class ELU(InPlace, calls=elu):
    """Return x where it is positive, and α (eˣ − 1) elsewhere.

    Parameters
    ----------
    alpha, inplace : float, bool
        As in `elu`.
    """

    alpha: float = 1.0
    inplace: bool = False


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return λ x where x is positive, and λ α (eˣ − 1) elsewhere.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    inplace : bool, default False
        Whether the result is written over the input.

    Returns
    -------
    Tensor
        Of the same shape.

    Notes
    -----
    α = 1.6733 and λ = 1.0507 keep mean 0 and variance 1 from layer to layer: Klambauer et al.
    (2017), "Self-normalizing neural networks", eq. 14.
    """
    if inplace:
        return in_place(selu)(input)
    return _exponential(input, 1.6732632423543772848, 1.0507009873554804934)


class SELU(InPlace, calls=selu):
    """Return λ x where x is positive, and λ α (eˣ − 1) elsewhere; see `selu`.

    Parameters
    ----------
    inplace : bool, default False
        Whether the result is written over the input.
    """

    inplace: bool = False


@quiet
def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """Return x held between two bounds; its slope there and beyond is 0.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    min_val, max_val : float, default -1 and 1
        The bounds.
    inplace : bool, default False
        Whether the result is written over the input.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    if inplace:
        return in_place(hardtanh)(input, min_val, max_val)
    x = real(input)
    outside = (x <= min_val) | (x >= max_val)
    return record(np.clip(x, min_val, max_val), (input, lambda g: keep(g, ~outside)))


class Hardtanh(InPlace, calls=hardtanh):
    """Return x held between two bounds.

    Parameters
    ----------
    min_val, max_val, inplace : float, float, bool
        As in `hardtanh`.
    """

    min_val: float = -1.0
    max_val: float = 1.0
    inplace: bool = False


class Sigmoid(Functional, calls=sigmoid):
    """Return 1 / (1 + e⁻ˣ), between 0 and 1."""


class Tanh(Functional, calls=tanh):
    """Return the hyperbolic tangent, between −1 and 1."""


def softmax(input: Tensor, dim: int, *, dtype: dtypes.dtype | None = None) -> Tensor:
    """Return eˣ over its sum along an axis: shares that are positive and add up to 1.

    Parameters
    ----------
    input : Tensor
        Scores, of any shape.
    dim : int
        Axis along which the shares add up to 1.
    dtype : dtype, optional
        Type in which they are computed.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    return activations.softmax(input.to(dtype=dtype), dim)


class Softmax(Functional, calls=softmax):
    """Return eˣ over its sum along an axis.

    Parameters
    ----------
    dim : int
        The axis.
    """

    dim: int


def log_softmax(input: Tensor, dim: int, *, dtype: dtypes.dtype | None = None) -> Tensor:
    """Return the logarithm of the softmax, x − log Σ eˣ.

    Parameters
    ----------
    input : Tensor
        Scores, of any shape.
    dim : int
        Axis along which the softmax adds up to 1.
    dtype : dtype, optional
        Type in which it is computed.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    return activations.log_softmax(input.to(dtype=dtype), dim)


class LogSoftmax(Functional, calls=log_softmax):
    """Return the logarithm of the softmax along an axis.

    Parameters
    ----------
    dim : int
        The axis.
    """

    dim: int
