"""The largest and the smallest, where they stand, and the order between them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import Tensor, quiet, record
from nnkit.scratch.ops.arithmetic import maximum, minimum
from nnkit.scratch.ops.indexing import gather
from nnkit.scratch.ops.reductions import Dims, axes_of, without
from nnkit.scratch.ops.shaping import axis_of, squeeze


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
    """
    return _extreme("amax", np.maximum, input, dim, keepdim)


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
    """
    return _extreme("amin", np.minimum, input, dim, keepdim)


@quiet
def _extreme(op: str, choose: np.ufunc, input: Tensor, dim: Dims, keepdim: bool) -> Tensor:
    x, axes = input.array, axes_of(op, dim, input.array.ndim)
    try:
        out = choose.reduce(x, axis=axes, keepdims=True)
    except ValueError:
        raise RuntimeError(
            f"{op}: expected at least one element along {axes}, got shape {x.shape}"
        ) from None

    def share(g: Array) -> Array:
        ties = (x == out) | (np.isnan(x) & np.isnan(out))
        gradient: Array = ties * (g.reshape(out.shape) / ties.sum(axis=axes, keepdims=True))
        return gradient

    return record(without(out, axes, keepdim), (input, share))


def max(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False) -> Any:
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
    >>> import nnkit.scratch as engine
    >>> values, indices = engine.tensor([[1.0, 2.0], [3.0, 0.0]]).max(dim=1)
    >>> indices
    tensor([1, 0])
    """
    if isinstance(dim, Tensor):
        return maximum(input, dim)
    if dim is None:
        return _extreme("max", np.maximum, input, None, False)
    return _at(input, argmax(input, dim, keepdim=True), dim, keepdim)


def min(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False) -> Any:
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
        As for `max`.
    """
    if isinstance(dim, Tensor):
        return minimum(input, dim)
    if dim is None:
        return _extreme("min", np.minimum, input, None, False)
    return _at(input, argmin(input, dim, keepdim=True), dim, keepdim)


def _at(input: Tensor, where: Tensor, dim: int, keepdim: bool) -> ValuesAndIndices:
    """Return the elements at the indices found along an axis, and these."""
    values = gather(input, dim, where)
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
    """
    return _place("argmax", np.argmax, input, dim, keepdim)


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
    """
    return _place("argmin", np.argmin, input, dim, keepdim)


def _place(op: str, search: Any, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    x = input.array
    axis = None if dim is None else axis_of(op, dim, x.ndim)
    try:
        return record(search(x, axis if x.ndim else None, keepdims=keepdim))
    except ValueError:
        raise RuntimeError(f"{op}: expected at least one element, got shape {x.shape}") from None


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
    >>> import nnkit.scratch as engine
    >>> engine.tensor([2, 3, 1]).sort().indices
    tensor([2, 0, 1])
    """
    order = argsort(input, dim, descending)
    return ValuesAndIndices(gather(input, dim, order), order)


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
    """
    x, axis = np.atleast_1d(input.array), axis_of("argsort", dim, input.array.ndim)
    if descending:
        # Sorted from the back and turned round, equal elements keep their order.
        back = np.argsort(np.flip(x, axis), axis, kind="stable")
        order = x.shape[axis] - 1 - np.flip(back, axis)
    else:
        order = np.argsort(x, axis, kind="stable")
    return record(order.reshape(input.array.shape))


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
    >>> import nnkit.scratch as engine
    >>> engine.tensor([1.0, 4.0, 3.0]).topk(2).values
    tensor([4., 3.])
    """
    axis = axis_of("topk", dim, input.array.ndim)
    if not 0 <= k <= (input.array.shape or (1,))[axis]:
        raise RuntimeError(f"topk: expected k up to {input.array.shape[axis]}, got {k}")
    order = argsort(input, axis, descending=largest)
    first = record(order.array[(slice(None),) * axis + (slice(k),)])
    return ValuesAndIndices(gather(input, axis, first), first)
