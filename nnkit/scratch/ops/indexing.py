"""Elements picked by place: slices, integers, booleans, tensors of indices."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import Operand, Tensor, record, record_view
from nnkit.scratch.ops.shaping import axis_of


def index_of(key: Any) -> Any:
    """Return NumPy's index for one that may hold tensors and lists.

    Parameters
    ----------
    key : index
        What stands between the brackets.

    Returns
    -------
    index
        With arrays in the place of tensors and lists.
    """
    if isinstance(key, tuple):
        return tuple(map(index_of, key))
    if isinstance(key, list):
        return np.array([index_of(item) for item in key])
    return key.array if isinstance(key, Tensor) else key


def _is_basic(part: Any) -> bool:
    """Return whether an index is made of integers, slices, None and `...` alone."""
    if isinstance(part, tuple):
        return all(map(_is_basic, part))
    return not isinstance(part, bool | np.bool_ | np.ndarray)


def getitem(input: Tensor, key: Any) -> Tensor:
    """Return the part of a tensor that an index names.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    key : index
        Integers, slices, None, `...`, boolean or integer tensors, lists.

    Returns
    -------
    Tensor
        A view if the index is made of integers and slices, otherwise a copy.

    Raises
    ------
    IndexError
        If the index leads out of the tensor.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> x = engine.arange(4)
    >>> x[1:3], x[x > 1]
    (tensor([1, 2]), tensor([2, 3]))
    """
    where = index_of(key)
    shape, dtype = input.array.shape, input.array.dtype
    try:
        if not _is_basic(where):
            return _index(input, where)
        view = where if type(where) is tuple else (where, ...)  # an array, never a number

        def place(g: Array) -> Array:
            whole = np.zeros(shape, dtype)
            whole[where] = g
            return whole

        return record_view(input, lambda a: a[view], place)
    except IndexError as error:
        raise IndexError(f"getitem: expected an index into shape {shape}, got {key}") from error


def _index(input: Tensor, where: Any) -> Tensor:
    """Copy elements; the gradient of one that is picked more than once is a sum."""
    shape, dtype = input.array.shape, input.array.dtype

    def scatter(g: Array) -> Array:
        whole = np.zeros(shape, dtype)
        np.add.at(whole, where, g)
        return whole

    return record(input.array[where], (input, scatter))


def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Pick elements along an axis, at each place by its own index.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int
        The axis.
    index : Tensor
        Of int64 and of as many axes; nowhere longer than `input`, except along `dim`.

    Returns
    -------
    Tensor
        Of the shape of `index`: element [i, j] is input[index[i, j], j] if `dim` is 0.

    Raises
    ------
    RuntimeError
        If the numbers of axes differ, or an index leads out of the axis.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> x = engine.tensor([[1, 2], [3, 4]])
    >>> x.gather(1, engine.tensor([[1], [0]]))
    tensor([[2],
            [3]])
    """
    return _index(input, _places("gather", input, dim, index.array))


def _places(op: str, input: Tensor, dim: int, index: Array) -> tuple[Array, ...]:
    """Return NumPy's index of the places that an index along one axis names."""
    x = input.array
    axis = axis_of(op, dim, x.ndim)
    if index.ndim != x.ndim:
        raise RuntimeError(f"{op}: expected an index of {x.ndim} axes, got shape {index.shape}")
    if x.ndim == 0:
        return ()
    length = x.shape[axis]
    if index.size and not (index.min() >= 0 and index.max() < length):
        raise RuntimeError(
            f"{op}: expected indices in [0, {length - 1}], got [{index.min()}, {index.max()}]"
        )
    others = np.indices(index.shape, sparse=True)
    return (*others[:axis], index, *others[axis + 1 :])


def scatter(input: Tensor, dim: int, index: Tensor, src: Operand) -> Tensor:
    """Return a copy with elements written along an axis, at each place by its own index.

    Parameters
    ----------
    input : Tensor
        What is copied and written to.
    dim : int
        The axis.
    index : Tensor
        Of int64 and of as many axes as `input`.
    src : Tensor or number
        What is written; a tensor of the shape of `index`.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.zeros(2, 3).scatter(1, engine.tensor([[2], [0]]), 1)
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """
    where = _places("scatter", input, dim, index.array)
    out = input.array.copy()
    out[where] = src.array if isinstance(src, Tensor) else src

    def rest(g: Array) -> Array:
        kept = g.copy()
        kept[where] = 0
        return kept

    return record(out, (input, rest), (src, lambda g: g[where]))


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Pick slices along an axis.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int
        The axis.
    index : Tensor
        Of int64 and of one axis.

    Returns
    -------
    Tensor
        As long along `dim` as `index`.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([[1, 2], [3, 4]]).index_select(1, engine.tensor([1]))
    tensor([[2],
            [4]])
    """
    axis = axis_of("index_select", dim, input.array.ndim)
    return getitem(input, (slice(None),) * axis + (index,))


def nonzero(input: Tensor) -> Tensor:
    """Return where the elements are not zero.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of int64: one row of indices for each.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([0, 5, 6]).nonzero()
    tensor([[1],
            [2]])
    """
    return record(np.argwhere(input.array))
