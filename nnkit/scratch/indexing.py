"""Elements picked by place: slices, integers, booleans, tensors of indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnkit.scratch.dtypes import Array
from nnkit.scratch.recording import record, record_view

if TYPE_CHECKING:
    from nnkit.scratch.tensors import Tensor


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
    return getattr(key, "array", key)


def _is_basic(key: Any) -> bool:
    """Return whether an index is made of integers, slices, None and `...` alone."""
    parts = key if isinstance(key, tuple) else (key,)
    return not any(isinstance(part, bool | np.bool_ | np.ndarray) for part in parts)


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
    >>> import nnkit.scratch as torch
    >>> x = torch.arange(4)
    >>> x[1:3], x[x > 1]
    (tensor([1, 2]), tensor([2, 3]))
    """
    where = index_of(key)
    shape, dtype = input.array.shape, input.array.dtype
    try:
        if _is_basic(where):

            def place(g: Array) -> Array:
                whole = np.zeros(shape, dtype)
                whole[where] = g
                return whole

            return record_view(
                input, lambda a: a[where if type(where) is tuple else (where, ...)], place
            )

        def scatter(g: Array) -> Array:
            whole = np.zeros(shape, dtype)
            np.add.at(whole, where, g)
            return whole

        return record(input.array[where], (input, scatter))
    except IndexError as error:
        raise IndexError(f"getitem: expected an index into shape {shape}, got {key}") from error
