"""The largest and the smallest, where they stand, and the order between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np

from nnkit.scratch import arithmetic, indexing
from nnkit.scratch.dtypes import Array
from nnkit.scratch.recording import quiet, record
from nnkit.scratch.reductions import Dims, axes_of, count_of
from nnkit.scratch.shaping import axis_of, squeeze

if TYPE_CHECKING:
    from nnkit.scratch.tensors import Tensor


class ValuesAndIndices(NamedTuple):
    """What `max`, `min`, `sort` and `topk` return along an axis.

    Parameters
    ----------
    values : Tensor
        The elements.
    indices : Tensor
        Where they stand along the axis, int64.
    """

    values: Tensor
    indices: Tensor


@quiet
def amax(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return the largest element; those that tie share the gradient evenly.

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
        Without the axes `dim`.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tensor([[1.0, 2.0], [3.0, 0.0]]).amax(dim=1)
    tensor([2., 3.])
    """
    x = input.array
    axes = axes_of("amax", dim, x.ndim)
    return _extreme("amax", np.maximum, input, axes, keepdim)


@quiet
def amin(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return the smallest element; those that tie share the gradient evenly.

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
        Without the axes `dim`.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tensor([[1.0, 2.0], [3.0, 0.0]]).amin(dim=1)
    tensor([1., 0.])
    """
    x = input.array
    axes = axes_of("amin", dim, x.ndim)
    return _extreme("amin", np.minimum, input, axes, keepdim)


def _extreme(
    op: str, ufunc: np.ufunc, input: Tensor, axes: tuple[int, ...], keepdim: bool
) -> Tensor:
    x = input.array
    if not count_of(x.shape, axes):
        raise RuntimeError(f"{op}: expected at least one element along {axes}, got shape {x.shape}")
    out = ufunc.reduce(x, axis=axes, keepdims=True)

    def share(g: Array) -> Array:
        ties = (x == out) | (np.isnan(x) & np.isnan(out))
        gradient: Array = ties * (g.reshape(out.shape) / ties.sum(axis=axes, keepdims=True))
        return gradient

    return record(out if keepdim else out.squeeze(axes), (input, share))


@overload
def max(input: Tensor) -> Tensor: ...
@overload
def max(input: Tensor, dim: Tensor) -> Tensor: ...
@overload
def max(input: Tensor, dim: int, keepdim: bool = ...) -> ValuesAndIndices: ...
def max(
    input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False
) -> Tensor | ValuesAndIndices:
    """Return the largest element, or along an axis the largest and where it stands.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int or Tensor, optional
        Axis that is searched; all elements, if left out. With a tensor this is `maximum`.
    keepdim : bool, default False
        Keep this axis, with length 1.

    Returns
    -------
    Tensor or ValuesAndIndices
        Without `dim`, one element; if several tie, they share its gradient evenly. With it, the
        `values` and their `indices`: the first, if several tie, and it takes all the gradient.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> values, indices = torch.tensor([[1.0, 2.0], [3.0, 0.0]]).max(dim=1)
    >>> indices
    tensor([1, 0])
    """
    if dim is None:
        return _extreme("max", np.maximum, input, tuple(range(input.array.ndim)), False)
    if not isinstance(dim, int):
        return arithmetic.maximum(input, dim)
    return _pick(input, argmax(input, dim, keepdim=True), dim, keepdim)


@overload
def min(input: Tensor) -> Tensor: ...
@overload
def min(input: Tensor, dim: Tensor) -> Tensor: ...
@overload
def min(input: Tensor, dim: int, keepdim: bool = ...) -> ValuesAndIndices: ...
def min(
    input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False
) -> Tensor | ValuesAndIndices:
    """Return the smallest element, or along an axis the smallest and where it stands.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int or Tensor, optional
        Axis that is searched; all elements, if left out. With a tensor this is `minimum`.
    keepdim : bool, default False
        Keep this axis, with length 1.

    Returns
    -------
    Tensor or ValuesAndIndices
        Without `dim`, one element; if several tie, they share its gradient evenly. With it, the
        `values` and their `indices`: the first, if several tie, and it takes all the gradient.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> values, indices = torch.tensor([[1.0, 2.0], [3.0, 0.0]]).min(dim=1)
    >>> indices
    tensor([0, 1])
    """
    if dim is None:
        return _extreme("min", np.minimum, input, tuple(range(input.array.ndim)), False)
    if not isinstance(dim, int):
        return arithmetic.minimum(input, dim)
    return _pick(input, argmin(input, dim, keepdim=True), dim, keepdim)


def _pick(input: Tensor, where: Tensor, dim: int, keepdim: bool) -> ValuesAndIndices:
    """Return the elements at the indices found along an axis, and these."""
    values = indexing.gather(input, dim, where)
    if keepdim or input.array.ndim == 0:
        return ValuesAndIndices(values, where)
    return ValuesAndIndices(squeeze(values, dim), squeeze(where, dim))


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the largest element: the first, if several tie.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int, optional
        Axis that is searched; the flat tensor, if left out.
    keepdim : bool, default False
        Keep this axis, with length 1.

    Returns
    -------
    Tensor
        Without the axis `dim`.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tensor([1.0, 3.0, 2.0]).argmax()
    tensor(1)
    """
    x = input.array
    axis = None if dim is None else axis_of("argmax", dim, x.ndim)
    if not count_of(x.shape, axes_of("argmax", dim, x.ndim)):
        raise RuntimeError(f"argmax: expected at least one element, got shape {x.shape}")
    if x.ndim == 0:
        return record(np.zeros((), np.int64))
    return record(np.argmax(x, axis=axis, keepdims=keepdim))


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the smallest element: the first, if several tie.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int, optional
        Axis that is searched; the flat tensor, if left out.
    keepdim : bool, default False
        Keep this axis, with length 1.

    Returns
    -------
    Tensor
        Without the axis `dim`.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tensor([1.0, 3.0, 2.0]).argmin()
    tensor(0)
    """
    x = input.array
    axis = None if dim is None else axis_of("argmin", dim, x.ndim)
    if not count_of(x.shape, axes_of("argmin", dim, x.ndim)):
        raise RuntimeError(f"argmin: expected at least one element, got shape {x.shape}")
    if x.ndim == 0:
        return record(np.zeros((), np.int64))
    return record(np.argmin(x, axis=axis, keepdims=keepdim))


def sort(input: Tensor, dim: int = -1, descending: bool = False) -> ValuesAndIndices:
    """Put the elements along an axis in order; equal ones keep theirs.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int, default -1
        The axis.
    descending : bool, default False
        The largest first.

    Returns
    -------
    ValuesAndIndices
        The `values` in order, and the `indices` where they stood.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tensor([2, 3, 1]).sort().indices
    tensor([2, 0, 1])
    """
    order = argsort(input, dim, descending)
    return ValuesAndIndices(indexing.gather(input, dim, order), order)


def argsort(input: Tensor, dim: int = -1, descending: bool = False) -> Tensor:
    """Return the indices that put the elements along an axis in order.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int, default -1
        The axis.
    descending : bool, default False
        The largest first.

    Returns
    -------
    Tensor
        Of int64 and of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tensor([2, 3, 1]).argsort()
    tensor([2, 0, 1])
    """
    x, axis = input.array, axis_of("argsort", dim, input.array.ndim)
    if x.ndim == 0:
        return record(np.zeros((), np.int64))
    if not descending:
        return record(np.argsort(x, axis, kind="stable"))
    # Sorted from the back and turned round, equal elements keep their order.
    last = x.shape[axis] - 1
    return record(last - np.flip(np.argsort(np.flip(x, axis), axis, kind="stable"), axis))


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True) -> ValuesAndIndices:
    """Return the k largest elements along an axis, the largest first.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    k : int
        How many.
    dim : int, default -1
        The axis.
    largest : bool, default True
        Otherwise the k smallest, the smallest first.

    Returns
    -------
    ValuesAndIndices
        The `values`, and the `indices` where they stood.

    Raises
    ------
    RuntimeError
        If the axis is shorter than k.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tensor([1.0, 4.0, 3.0]).topk(2).values
    tensor([4., 3.])
    """
    axis = axis_of("topk", dim, input.array.ndim)
    if not 0 <= k <= (input.array.shape or (1,))[axis]:
        raise RuntimeError(f"topk: expected k up to {input.array.shape[axis]}, got {k}")
    order = argsort(input, axis, descending=largest)
    first = record(order.array[(slice(None),) * axis + (slice(k),)])
    return ValuesAndIndices(indexing.gather(input, axis, first), first)
