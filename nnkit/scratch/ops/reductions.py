"""Many elements made into few: sums, means and products, along all axes or some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from nnkit.scratch.core.dtypes import Array, dtype
from nnkit.scratch.core.recording import Tensor, quiet, real, record
from nnkit.scratch.ops.shaping import axis_of

add_reduce: Any = np.add.reduce  # np.sum and np.max without their detour through Python
max_reduce: Any = np.maximum.reduce

Dims: TypeAlias = int | Sequence[int] | None


def axes_of(op: str, dim: Dims, ndim: int) -> tuple[int, ...]:
    """Return the axes that a reduction runs over.

    Parameters
    ----------
    op : str
        Name of the operation, for its errors.
    dim : int, sequence of int, or None
        What was asked for; None and an empty sequence mean all.
    ndim : int
        Number of axes.

    Returns
    -------
    tuple of int
        The axes, counted from the front.
    """
    if dim is None:
        return tuple(range(ndim))
    if isinstance(dim, int):
        return (axis_of(op, dim, ndim),) if ndim else ()
    return tuple(axis_of(op, d, ndim) for d in dim) if len(dim) else tuple(range(ndim))


def without(kept: Array, axes: tuple[int, ...], keepdim: bool) -> Array:
    """Return the result of a reduction with its reduced axes, or without them.

    Parameters
    ----------
    kept : ndarray
        The result, in which these axes have length 1.
    axes : tuple of int
        The reduced axes.
    keepdim : bool
        Whether they stay.

    Returns
    -------
    ndarray
        The same elements.
    """
    return kept if keepdim else kept.squeeze(axes)


def count_of(x: Array, kept: Array) -> Array:
    """Return how many elements each result of a reduction comes from.

    Parameters
    ----------
    x : ndarray
        What is reduced.
    kept : ndarray
        The results.

    Returns
    -------
    ndarray
        One number, of the type of `x`.
    """
    return np.asarray(x.size // max(kept.size, 1), x.dtype)


def _total(x: Array) -> np.dtype[Any]:
    """Return the type of a sum or a product: int64 for integers and booleans."""
    return x.dtype if x.dtype.kind == "f" else np.dtype(np.int64)


@quiet
def sum(
    input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: dtype | None = None
) -> Tensor:
    """Return the sum.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int or sequence of int, optional
        Axes that are summed over; all, if left out.
    keepdim : bool, default False
        Keep these axes, with length 1.
    dtype : dtype, optional
        Type of the result; int64 for integers and booleans if left out.

    Returns
    -------
    Tensor
        Without the axes `dim`.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([[1.0, 2.0], [3.0, 4.0]]).sum(dim=0)
    tensor([4., 6.])
    """
    x, axes = input.array, axes_of("sum", dim, input.array.ndim)
    kind = dtype.numpy if dtype else _total(x)
    out = add_reduce(x, axes, kind, None, True)
    shape, kept = x.shape, out.shape
    return record(without(out, axes, keepdim), (input, lambda g: _spread(g.reshape(kept), shape)))


def _spread(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Return a gradient that is the same along an axis; for small arrays quicker than a view."""
    whole = np.empty(shape, gradient.dtype)
    whole[...] = gradient
    return whole


@quiet
def mean(
    input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: dtype | None = None
) -> Tensor:
    """Return the mean; NaN for no elements.

    Parameters
    ----------
    input : Tensor
        Floating, of any shape.
    dim : int or sequence of int, optional
        Axes that are averaged over; all, if left out.
    keepdim : bool, default False
        Keep these axes, with length 1.
    dtype : dtype, optional
        Type of the result.

    Returns
    -------
    Tensor
        Without the axes `dim`.

    Raises
    ------
    RuntimeError
        If the type is not floating.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([[1.0, 2.0], [3.0, 4.0]]).mean(dim=1)
    tensor([1.5000, 3.5000])
    """
    x = input.array if dtype is None else input.array.astype(dtype.numpy, copy=False)
    check_floating("mean", x)
    axes = axes_of("mean", dim, x.ndim)
    out = add_reduce(x, axes, None, None, True)
    shape, kept, count = x.shape, out.shape, count_of(x, out)
    out = without(out / count, axes, keepdim)
    return record(out, (input, lambda g: _spread(g.reshape(kept) / count, shape)))


def check_floating(op: str, x: Array) -> None:
    """Refuse an array whose elements cannot carry a fraction.

    Parameters
    ----------
    op : str
        Name of the operation, for its errors.
    x : ndarray
        The array.

    Raises
    ------
    RuntimeError
        If its type is not floating.
    """
    if x.dtype.kind != "f":
        raise RuntimeError(f"{op}: expected floating elements, got torch.{x.dtype}")


@quiet
def var(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """Return the variance, Σ (x − mean)² / (n − 1).

    Parameters
    ----------
    input : Tensor
        Floating, of any shape.
    dim : int or sequence of int, optional
        Axes that are reduced; all, if left out.
    unbiased : bool, default True
        Divide by n − 1; otherwise by n.
    keepdim : bool, default False
        Keep these axes, with length 1.
    correction : number, optional
        What is taken from n, in the place of `unbiased`.

    Returns
    -------
    Tensor
        Without the axes `dim`.

    Notes
    -----
    The slope of the mean cancels, as Σ (x − mean) = 0; what remains is 2 (x − mean) / (n − 1).

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([1.0, 2.0, 3.0]).var()
    tensor(1.)
    """
    x = input.array
    check_floating("var", x)
    axes = axes_of("var", dim, x.ndim)
    total = add_reduce(x, axes, None, None, True)
    count = count_of(x, total)
    distance = x - total / count
    freedom = count - np.asarray(unbiased if correction is None else correction, x.dtype)
    divisor = np.maximum(freedom, 0)
    out = add_reduce(distance * distance, axes, None, None, True) / divisor
    kept = out.shape
    return record(
        without(out, axes, keepdim), (input, lambda g: g.reshape(kept) * (2 / divisor) * distance)
    )


@quiet
def std(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """Return the standard deviation, the root of the variance.

    Parameters
    ----------
    input : Tensor
        Floating, of any shape.
    dim : int or sequence of int, optional
        Axes that are reduced; all, if left out.
    unbiased : bool, default True
        Divide by n − 1; otherwise by n.
    keepdim : bool, default False
        Keep these axes, with length 1.
    correction : number, optional
        What is taken from n, in the place of `unbiased`.

    Returns
    -------
    Tensor
        Without the axes `dim`.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([1.0, 2.0, 3.0]).std()
    tensor(1.)
    """
    variance = var(input, dim, unbiased, keepdim, correction=correction)
    out = np.sqrt(variance.array)
    # The root is steep at 0; there, where all elements agree, the slope is taken to be 0.
    return record(out, (variance, lambda g: np.where(out == 0, 0, g / (2 * out))))


@quiet
def logsumexp(input: Tensor, dim: Dims, keepdim: bool = False) -> Tensor:
    """Return log Σ eˣ, by differences from the largest element, so that nothing overflows.

    Parameters
    ----------
    input : Tensor
        Floating, of any shape.
    dim : int or sequence of int
        Axes that are reduced.
    keepdim : bool, default False
        Keep these axes, with length 1.

    Returns
    -------
    Tensor
        Without the axes `dim`.

    Notes
    -----
    Its slope is eˣ / Σ eˣ, the softmax.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([1000.0, 1000.0]).logsumexp(dim=0)
    tensor(1000.6932)
    """
    x = real(input)
    axes = axes_of("logsumexp", dim, x.ndim)
    high = max_reduce(x, axes, None, None, True, -np.inf)
    high = np.where(np.isinf(high), 0, high).astype(x.dtype)
    out = high + np.log(add_reduce(np.exp(x - high), axes, None, None, True))
    return record(
        without(out, axes, keepdim), (input, lambda g: g.reshape(out.shape) * np.exp(x - out))
    )


@quiet
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the product.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int, optional
        Axis that is multiplied over; all elements, if left out.
    keepdim : bool, default False
        Keep this axis, with length 1.

    Returns
    -------
    Tensor
        Without the axis `dim`.

    Notes
    -----
    Its slope by an element is the product of the others: of all before, times all after. So no
    division is needed, and zeros do no harm.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([2.0, 3.0, 4.0]).prod()
    tensor(24.)
    """
    x = input.array
    rows = np.atleast_1d(x) if dim is not None else x.reshape(-1)
    axis = axis_of("prod", dim or 0, x.ndim)
    out = rows.prod(axis, _total(x), keepdims=True)
    shape, kept = x.shape, out.shape

    def others(g: Array) -> Array:
        line = np.moveaxis(rows, axis, -1)
        slope = np.moveaxis(_before(line) * _before(line[..., ::-1])[..., ::-1], -1, axis)
        return np.reshape(g.reshape(kept) * slope, shape)

    return record(without(out, (axis,), keepdim and dim is not None), (input, others))


def _before(line: Array) -> Array:
    """Return for each element the product of those before it on the last axis."""
    products: Array = np.ones((*line.shape[:-1], line.shape[-1] + 1), line.dtype)
    np.cumprod(line, -1, out=products[..., 1:])
    return products[..., :-1]


@quiet
def cumsum(input: Tensor, dim: int) -> Tensor:
    """Return the sums of all elements up to each.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int
        The axis along which it sums.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([1.0, 2.0, 3.0]).cumsum(dim=0)
    tensor([1., 3., 6.])
    """
    x = input.array
    axis = axis_of("cumsum", dim, x.ndim)
    if x.ndim == 0:
        return record(x.copy(), (input, lambda g: g))
    # An element counts in its own sum and in all later ones: the gradient sums from the back.
    return record(
        np.cumsum(x, axis, _total(x)),
        (input, lambda g: np.flip(np.cumsum(np.flip(g, axis), axis), axis)),
    )


def all(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return whether all elements are true, that is, not zero.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int or sequence of int, optional
        Axes that are reduced; all, if left out.
    keepdim : bool, default False
        Keep these axes, with length 1.

    Returns
    -------
    Tensor
        Boolean, without the axes `dim`.
    """
    axes = axes_of("all", dim, input.array.ndim)
    return record(np.all(input.array, axes, keepdims=keepdim))


def any(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return whether any element is true, that is, not zero.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int or sequence of int, optional
        Axes that are reduced; all, if left out.
    keepdim : bool, default False
        Keep these axes, with length 1.

    Returns
    -------
    Tensor
        Boolean, without the axes `dim`.
    """
    axes = axes_of("any", dim, input.array.ndim)
    return record(np.any(input.array, axes, keepdims=keepdim))
