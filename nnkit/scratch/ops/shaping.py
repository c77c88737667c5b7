"""The same elements in another shape: reshaping, permuting, stretching.

Most results are views: they share the memory of their input. The gradient is the same elements on
their way back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

from nnkit.scratch.core.recording import Tensor, record, record_view


def size_of(op: str, size: tuple[Any, ...]) -> tuple[int, ...]:
    """Return a shape that was given as numbers or as one sequence.

    Parameters
    ----------
    op : str
        Name of the operation, for its errors.
    size : tuple
        Arguments: integers, or a single sequence of them.

    Returns
    -------
    tuple of int
        The shape.

    Raises
    ------
    TypeError
        If it holds anything but integers.
    """
    if len(size) == 1 and isinstance(size[0], list | tuple):
        size = tuple(size[0])
    try:
        return tuple(map(index, size))
    except TypeError:
        raise TypeError(f"{op}: expected a shape of integers, got {size}") from None


def axis_of(op: str, dim: int, ndim: int) -> int:
    """Return an axis counted from the front.

    Parameters
    ----------
    op : str
        Name of the operation, for its errors.
    dim : int
        Axis, counted from the back if negative.
    ndim : int
        Number of axes.

    Returns
    -------
    int
        The axis, in [0, ndim).

    Raises
    ------
    IndexError
        If there is no such axis.
    """
    bound = max(ndim, 1)
    if not -bound <= index(dim) < bound:
        raise IndexError(f"{op}: expected dim in [{-bound}, {bound - 1}], got {dim}")
    return dim % bound


def size(input: Tensor, dim: int | None = None) -> Any:
    """Return the lengths of the axes, or of one.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int, optional
        The one.

    Returns
    -------
    Size or int
        All lengths, or that one.
    """
    return input.shape if dim is None else input.shape[axis_of("size", dim, input.ndim)]


def dim(input: Tensor) -> int:
    """Return the number of axes.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    int
        The number.
    """
    return input.array.ndim


def numel(input: Tensor) -> int:
    """Return the number of elements.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    int
        The number.
    """
    return input.array.size


def reshape(input: Tensor, *shape: Any) -> Tensor:
    """Return the elements, in row-major order, in another shape.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    *shape : int, or one sequence of int
        New shape; one of its numbers may be -1: it is what remains.

    Returns
    -------
    Tensor
        A view where the memory allows it, otherwise a copy.

    Raises
    ------
    RuntimeError
        If the numbers of elements differ.
    """
    size = size_of("reshape", shape)
    try:
        return _reshape(input, size)
    except ValueError:
        n, old = input.array.size, input.array.shape
        raise RuntimeError(
            f"reshape: expected a shape of {n} elements, as {old} has, got {size}"
        ) from None


def _reshape(input: Tensor, size: tuple[int, ...]) -> Tensor:
    old = input.array.shape
    return record_view(input, lambda a: a.reshape(size), lambda g: g.reshape(old))


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Join neighbouring axes into one.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    start_dim, end_dim : int
        First and last of the axes that are joined; all, if left out.

    Returns
    -------
    Tensor
        Of fewer axes.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.zeros(2, 3, 4).flatten(1).shape
    torch.Size([2, 12])
    """
    shape = input.array.shape
    first = axis_of("flatten", start_dim, len(shape))
    last = axis_of("flatten", end_dim, len(shape))
    joined = math.prod(shape[first : last + 1])
    return _reshape(input, (*shape[:first], joined, *shape[last + 1 :]))


def squeeze(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """Drop axes of length 1.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int or sequence of int, optional
        Which to drop, if they have length 1; all such, if left out.

    Returns
    -------
    Tensor
        A view.
    """
    shape = input.array.shape
    dims = range(len(shape)) if dim is None else [dim] if isinstance(dim, int) else dim
    dropped = {axis_of("squeeze", d, len(shape)) for d in dims}
    size = tuple(n for axis, n in enumerate(shape) if n != 1 or axis not in dropped)
    return _reshape(input, size)


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Insert an axis of length 1.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int
        Where it goes.

    Returns
    -------
    Tensor
        A view.
    """
    shape = input.array.shape
    axis = axis_of("unsqueeze", dim, len(shape) + 1)
    return _reshape(input, (*shape[:axis], 1, *shape[axis:]))


def permute(input: Tensor, *dims: Any) -> Tensor:
    """Put the axes into another order.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    *dims : int, or one sequence of int
        For each new axis, which one it was.

    Returns
    -------
    Tensor
        A view.

    Raises
    ------
    RuntimeError
        If `dims` does not name each axis once.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.zeros(2, 3, 4).permute(2, 0, 1).shape
    torch.Size([4, 2, 3])
    """
    ndim = input.array.ndim
    order = [axis_of("permute", dim, ndim) for dim in size_of("permute", dims)]
    if sorted(order) != list(range(ndim)):
        raise RuntimeError(f"permute: expected each of {ndim} axes once, got {tuple(order)}")
    back = np.argsort(order)
    return record_view(input, lambda a: a.transpose(order), lambda g: g.transpose(back))


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Exchange two axes.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim0, dim1 : int
        The axes.

    Returns
    -------
    Tensor
        A view.
    """
    ndim = input.array.ndim
    i, j = axis_of("transpose", dim0, ndim), axis_of("transpose", dim1, ndim)
    if ndim == 0:
        return record_view(input, lambda a: a[...], lambda g: g)
    return record_view(input, lambda a: a.swapaxes(i, j), lambda g: g.swapaxes(i, j))


def t(input: Tensor) -> Tensor:
    """Return the transpose of a matrix.

    Parameters
    ----------
    input : Tensor
        Of at most two axes.

    Returns
    -------
    Tensor
        A view.

    Raises
    ------
    RuntimeError
        If it has more axes.
    """
    if input.array.ndim > 2:
        raise RuntimeError(f"t: expected at most 2 axes, got shape {input.array.shape}")
    return record_view(input, lambda a: a.T, lambda g: g.T)


def expand(input: Tensor, *size: Any) -> Tensor:
    """Repeat the elements along axes of length 1, without copying them.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    *size : int, or one sequence of int
        New shape; -1 leaves an axis as it is, and new axes may come in front.

    Returns
    -------
    Tensor
        A view that cannot be changed in place.

    Raises
    ------
    RuntimeError
        If an axis that is not of length 1 would have to change.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([[1], [2]]).expand(2, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    array, wanted = input.array, size_of("expand", size)
    old = (1,) * (len(wanted) - array.ndim) + array.shape
    shape = tuple(m if n == -1 else n for m, n in zip(old, wanted, strict=False))
    try:
        return record(np.broadcast_to(array, shape), (input, lambda g: g))
    except ValueError:
        raise RuntimeError(
            f"expand: expected a shape that {array.shape} broadcasts to, got {wanted}"
        ) from None


def broadcast_to(input: Tensor, size: Sequence[int]) -> Tensor:
    """Repeat the elements along axes of length 1, without copying them.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    size : sequence of int
        New shape.

    Returns
    -------
    Tensor
        As `expand` does.
    """
    return expand(input, *size)


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """Repeat the elements along axes of length 1, up to the shape of another tensor.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    other : Tensor
        Its shape is taken on.

    Returns
    -------
    Tensor
        As `expand` does.
    """
    return expand(input, *other.array.shape)


def contiguous(input: Tensor) -> Tensor:
    """Return a tensor whose elements lie in memory in row-major order.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        The input itself if it is so already, otherwise a copy.
    """
    if input.array.flags.c_contiguous:
        return input
    return record(np.ascontiguousarray(input.array), (input, lambda g: g))
