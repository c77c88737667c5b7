"""Operations on one tensor, element by element: signs, roots, exponentials, logarithms.

Each is a formula, and its derivative times the gradient that arrives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnkit.scratch.dtypes import Array
from nnkit.scratch.recording import quiet, real, record

if TYPE_CHECKING:
    from nnkit.scratch.tensors import Tensor


def neg(input: Tensor) -> Tensor:
    """Return −x.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of the same shape and type.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.neg(torch.tensor([1.0, -2.0]))
    tensor([-1.,  2.])
    """
    return record(-input.array, (input, lambda g: -g))


@quiet
def abs(input: Tensor) -> Tensor:
    """Return |x|, whose slope at 0 is taken to be 0.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of the same shape and type.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.abs(torch.tensor([1.0, -2.0]))
    tensor([1., 2.])
    """
    x = input.array
    return record(np.abs(x), (input, lambda g: g * _sign(x)))


def _sign(x: Array) -> Array:
    return np.where(x != x, 0, np.sign(x)).astype(x.dtype, copy=False)  # NaN has sign 0


@quiet
def sign(input: Tensor) -> Tensor:
    """Return −1, 0 or 1.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of the same shape and type.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.sign(torch.tensor([3.0, -2.0]))
    tensor([ 1., -1.])
    """
    shape = input.array.shape
    return record(_sign(input.array), (input, lambda g: np.zeros(shape, g.dtype)))


@quiet
def exp(input: Tensor) -> Tensor:
    """Return e to the power x.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.exp(torch.tensor([0.0, 1.0]))
    tensor([1.0000, 2.7183])
    """
    out = np.exp(real(input))
    return record(out, (input, lambda g: g * out))


@quiet
def expm1(input: Tensor) -> Tensor:
    """Return eˣ − 1, without the loss of digits near x = 0.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.expm1(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 1.7183])
    """
    out = np.expm1(real(input))
    return record(out, (input, lambda g: g * (out + 1)))


@quiet
def log(input: Tensor) -> Tensor:
    """Return the natural logarithm; −∞ at 0, NaN below.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.log(torch.tensor([1.0, 10.0]))
    tensor([0.0000, 2.3026])
    """
    x = real(input)
    return record(np.log(x), (input, lambda g: g / x))


@quiet
def log2(input: Tensor) -> Tensor:
    """Return the logarithm to base 2; −∞ at 0, NaN below.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.log2(torch.tensor([1.0, 8.0]))
    tensor([0., 3.])
    """
    x = real(input)
    return record(np.log2(x), (input, lambda g: g / (x * np.log(2.0))))


@quiet
def log10(input: Tensor) -> Tensor:
    """Return the logarithm to base 10; −∞ at 0, NaN below.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.log10(torch.tensor([1.0, 50.0]))
    tensor([0.0000, 1.6990])
    """
    x = real(input)
    return record(np.log10(x), (input, lambda g: g / (x * np.log(10.0))))


@quiet
def log1p(input: Tensor) -> Tensor:
    """Return log(1 + x), without the loss of digits near x = 0.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.log1p(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.6931])
    """
    x = real(input)
    return record(np.log1p(x), (input, lambda g: g / (x + 1)))


@quiet
def sqrt(input: Tensor) -> Tensor:
    """Return the square root; NaN below 0.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.sqrt(torch.tensor([4.0, 9.0]))
    tensor([2., 3.])
    """
    out = np.sqrt(real(input))
    return record(out, (input, lambda g: g / (2 * out)))


@quiet
def rsqrt(input: Tensor) -> Tensor:
    """Return 1 / √x.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.rsqrt(torch.tensor([4.0, 0.25]))
    tensor([0.5000, 2.0000])
    """
    out = 1 / np.sqrt(real(input))
    return record(out, (input, lambda g: g * (-0.5 * out**3)))


@quiet
def square(input: Tensor) -> Tensor:
    """Return x².

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of the same shape and type.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.square(torch.tensor([2.0, 3.0]))
    tensor([4., 9.])
    """
    x = input.array
    return record(x * x, (input, lambda g: g * (2 * x)))


@quiet
def reciprocal(input: Tensor) -> Tensor:
    """Return 1 / x.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.reciprocal(torch.tensor([2.0, 4.0]))
    tensor([0.5000, 0.2500])
    """
    out = 1 / real(input)
    return record(out, (input, lambda g: -g * out * out))


def floor(input: Tensor) -> Tensor:
    """Return x rounded down; its slope is 0.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of the same shape and type.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.floor(torch.tensor([1.5, -1.5]))
    tensor([ 1., -2.])
    """
    return record(np.floor(input.array), (input, lambda g: np.zeros_like(g)))


def ceil(input: Tensor) -> Tensor:
    """Return x rounded up; its slope is 0.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of the same shape and type.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.ceil(torch.tensor([1.5, -1.5]))
    tensor([ 2., -1.])
    """
    return record(np.ceil(input.array), (input, lambda g: np.zeros_like(g)))


def trunc(input: Tensor) -> Tensor:
    """Return x rounded towards 0; its slope is 0.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of the same shape and type.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.trunc(torch.tensor([1.5, -1.5]))
    tensor([ 1., -1.])
    """
    return record(np.trunc(input.array), (input, lambda g: np.zeros_like(g)))
