"""Many elements made into few: sums, means, extremes, along all axes or some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nnkit.scratch.dtypes import Array, dtype
from nnkit.scratch.recording import quiet, record
from nnkit.scratch.shaping import axis_of

if TYPE_CHECKING:
    from nnkit.scratch.tensors import Tensor

add_reduce: Any = np.add.reduce  # np.sum without its detour through Python

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


def kept_shape(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that a reduction leaves if it keeps the reduced axes, with length 1.

    Parameters
    ----------
    shape : tuple of int
        Shape of what is reduced.
    axes : tuple of int
        The reduced axes.

    Returns
    -------
    tuple of int
        Of the same length as `shape`.
    """
    return tuple(1 if axis in axes else n for axis, n in enumerate(shape))


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
    >>> import nnkit.scratch as torch
    >>> torch.tensor([[1.0, 2.0], [3.0, 4.0]]).sum(dim=0)
    tensor([4., 6.])
    """
    x = input.array
    kind = dtype.numpy if dtype else x.dtype if x.dtype.kind == "f" else np.dtype(np.int64)
    axes = axes_of("sum", dim, x.ndim)
    shape, kept = x.shape, kept_shape(x.shape, axes)
    value = add_reduce(x, axes, kind, None, keepdim)
    return record(value, (input, lambda g: np.broadcast_to(g.reshape(kept), shape)))


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
    >>> import nnkit.scratch as torch
    >>> torch.tensor([[1.0, 2.0], [3.0, 4.0]]).mean(dim=1)
    tensor([1.5000, 3.5000])
    """
    x = input.array if dtype is None else input.array.astype(dtype.numpy, copy=False)
    _check_floating("mean", x)
    axes = axes_of("mean", dim, x.ndim)
    shape, kept = x.shape, kept_shape(x.shape, axes)
    value = add_reduce(x, axes, None, None, keepdim)
    count = x.size / value.size if value.size else 1
    return record(value / count, (input, lambda g: np.broadcast_to(g.reshape(kept) / count, shape)))


def _check_floating(op: str, x: Array) -> None:
    if x.dtype.kind != "f":
        raise RuntimeError(f"{op}: expected floating elements, got torch.{x.dtype}")
