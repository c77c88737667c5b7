"""The activations that tensors have as methods; the rest of them are in `nnkit.scratch.nn`.

What grows without bound is never computed on the way: the sigmoid takes the exponential of −|x|
alone, the softmax that of differences from the largest.
"""

from __future__ import annotations

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import Tensor, keep, quiet, real, record
from nnkit.scratch.ops.reductions import add_reduce, axes_of, max_reduce


@quiet
def sigmoid(input: Tensor) -> Tensor:
    """Return 1 / (1 + e⁻ˣ), between 0 and 1.

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
    >>> import nnkit.scratch as engine
    >>> engine.sigmoid(engine.tensor([0.0, 1.0]))
    tensor([0.5000, 0.7311])
    """
    out = logistic(real(input))
    return record(out, (input, lambda g: g * (out * (1 - out))))


def logistic(x: Array) -> Array:
    """Return the sigmoid of an array, by exponentials of numbers that are not positive.

    Parameters
    ----------
    x : ndarray
        Floating, of any shape.

    Returns
    -------
    ndarray
        Of the same shape; it never overflows.
    """
    # A second exponential takes less time than to choose between 1 and the first by a mask.
    out: Array = np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))
    return out


@quiet
def tanh(input: Tensor) -> Tensor:
    """Return the hyperbolic tangent, between −1 and 1.

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
    >>> import nnkit.scratch as engine
    >>> engine.tanh(engine.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7616])
    """
    out = np.tanh(real(input))
    return record(out, (input, lambda g: g * (1 - out * out)))


def relu(input: Tensor) -> Tensor:
    """Return max(x, 0), whose slope at 0 is taken to be 0.

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
    >>> import nnkit.scratch as engine
    >>> engine.relu(engine.tensor([1.0, -2.0]))
    tensor([1., 0.])
    """
    x = input.array
    out = np.maximum(x, 0)
    return record(out, (input, lambda g: keep(g, out != 0)))


@quiet
def softmax(input: Tensor, dim: int) -> Tensor:
    """Return eˣ over its sum along an axis: shares that are positive and add up to 1.

    Parameters
    ----------
    input : Tensor
        Scores, of any shape.
    dim : int
        Axis along which the shares add up to 1.

    Returns
    -------
    Tensor
        Of the same shape.

    Notes
    -----
    With p the result, ∂pᵢ/∂xⱼ = pᵢ (δᵢⱼ − pⱼ), so the gradient is p · (g − Σ g p).

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.softmax(engine.tensor([0.0, 1.0]), dim=0)
    tensor([0.2689, 0.7311])
    """
    x, axis = real(input), axes_of("softmax", dim, input.array.ndim)
    out = np.exp(x - max_reduce(x, axis, None, None, True, -np.inf))
    out /= add_reduce(out, axis, None, None, True)
    return record(out, (input, lambda g: out * (g - add_reduce(g * out, axis, None, None, True))))


@quiet
def log_softmax(input: Tensor, dim: int) -> Tensor:
    """Return the logarithm of the softmax, x − log Σ eˣ, without computing the softmax.

    Parameters
    ----------
    input : Tensor
        Scores, of any shape.
    dim : int
        Axis along which the softmax adds up to 1.

    Returns
    -------
    Tensor
        Of the same shape.

    Notes
    -----
    With p the softmax, ∂ log pᵢ/∂xⱼ = δᵢⱼ − pⱼ, so the gradient is g − p Σ g.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.log_softmax(engine.tensor([0.0, 1.0]), dim=0)
    tensor([-1.3133, -0.3133])
    """
    x, axis = real(input), axes_of("log_softmax", dim, input.array.ndim)
    x = x - max_reduce(x, axis, None, None, True, -np.inf)
    out = x - np.log(add_reduce(np.exp(x), axis, None, None, True))
    return record(out, (input, lambda g: g - np.exp(out) * add_reduce(g, axis, None, None, True)))
