"""Data into tensors, and tensors of one type into another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnkit.scratch.dtypes import (
    DEFAULT,
    OF_NUMPY,
    Array,
    boolean,
    dtype,
    float16,
    float32,
    float64,
    int32,
    int64,
)
from nnkit.scratch.recording import record

if TYPE_CHECKING:
    from nnkit.scratch.tensors import Tensor


def leaf(array: Array, requires_grad: bool) -> Tensor:
    """Make a tensor that no operation has made.

    Parameters
    ----------
    array : ndarray
        What it holds.
    requires_grad : bool
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        The leaf.
    """
    made = record(array)
    return made.requires_grad_() if requires_grad else made


def tensor(data: Any, *, dtype: dtype | None = None, requires_grad: bool = False) -> Tensor:
    """Copy data into a tensor.

    Parameters
    ----------
    data : number, nested sequence, ndarray or Tensor
        Values. Python's fractions become float32, its integers int64; arrays keep their type.
    dtype : dtype, optional
        Type of the elements.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        A leaf that shares no memory with `data`.

    Raises
    ------
    ValueError
        If a nested sequence is ragged.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    return leaf(np.array(array_of("tensor", data, dtype)), requires_grad)


def as_tensor(data: Any, dtype: dtype | None = None) -> Tensor:
    """Return data as a tensor, sharing memory where it can.

    Parameters
    ----------
    data : number, nested sequence, ndarray or Tensor
        Values.
    dtype : dtype, optional
        Type of the elements.

    Returns
    -------
    Tensor
        The data themselves if they are a tensor of that type.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.as_tensor([0.5, 1.5])
    tensor([0.5000, 1.5000])
    """
    if hasattr(data, "array"):
        given: Tensor = data
        return given if dtype is None else given.to(dtype)
    return record(array_of("as_tensor", data, dtype))


def from_numpy(ndarray: Array) -> Tensor:
    """Return a tensor that shares the memory of an array.

    Parameters
    ----------
    ndarray : ndarray
        Of one of the types that tensors have.

    Returns
    -------
    Tensor
        Sees every later change of the array.

    Raises
    ------
    TypeError
        If it is no array, or of another type.

    Examples
    --------
    >>> import numpy as np
    >>> import nnkit.scratch as torch
    >>> torch.from_numpy(np.array([1, 2]))
    tensor([1, 2])
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy: expected an ndarray, got {type(ndarray).__name__}")
    return record(array_of("from_numpy", ndarray, None))


def array_of(op: str, data: Any, kind: dtype | None) -> Array:
    """Return data as an array of a type that tensors have.

    Parameters
    ----------
    op : str
        Name of the operation, for its errors.
    data : number, nested sequence, ndarray or Tensor
        Values.
    kind : dtype or None
        Type of the elements, if it is prescribed.

    Returns
    -------
    ndarray
        The data themselves where that is possible.

    Raises
    ------
    TypeError
        If the elements are of no such type.
    """
    if hasattr(data, "array"):
        array: Array = data.array
    elif isinstance(data, np.ndarray | np.generic):
        array = np.asarray(data)
    else:
        array = np.array(_plain(data))
        if array.dtype == np.float64 and not _holds_float64(data):
            array = array.astype(DEFAULT)
    if array.size == 0 and array.dtype == np.float64 and not isinstance(data, np.ndarray):
        array = array.astype(DEFAULT)
    array = array if kind is None else array.astype(kind.numpy, copy=False)
    if array.dtype not in OF_NUMPY:
        raise TypeError(f"{op}: expected numbers or booleans, got elements of type {array.dtype}")
    return array


def _plain(data: Any) -> Any:
    """Return nested sequences with every tensor in them as its array."""
    if isinstance(data, list | tuple):
        return [_plain(item) for item in data]
    return getattr(data, "array", data)


def _holds_float64(data: Any) -> bool:
    """Return whether the first element of nested sequences is float64 by its own word."""
    while isinstance(data, list | tuple) and data:
        data = data[0]
    return getattr(getattr(data, "array", data), "dtype", None) == np.float64


def to(input: Tensor, *args: Any, dtype: dtype | None = None, **ignored: Any) -> Tensor:
    """Return the tensor in another type.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    *args : dtype, Tensor or str
        The type, or a tensor that has it; a device is accepted and has no effect.
    dtype : dtype, optional
        The type.
    **ignored : object
        What PyTorch says about devices and memory.

    Returns
    -------
    Tensor
        The input itself if it has that type already.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tensor([1.5, 2.5]).to(torch.int64)
    tensor([1, 2])
    """
    for arg in args:
        dtype = arg if hasattr(arg, "numpy") and hasattr(arg, "is_floating_point") else dtype
        dtype = arg.dtype if hasattr(arg, "array") else dtype
    if dtype is None or dtype.numpy == input.array.dtype:
        return input
    value = input.array.astype(dtype.numpy)
    return record(value, (input, lambda g: g)) if dtype.is_floating_point else record(value)


def type_as(input: Tensor, other: Tensor) -> Tensor:
    """Return the tensor in the type of another.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    other : Tensor
        Has the type.

    Returns
    -------
    Tensor
        The input itself if it has that type already.
    """
    return to(input, other.dtype)


def clone(input: Tensor) -> Tensor:
    """Return a copy that has memory of its own and passes its gradient on.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        The copy.
    """
    return record(input.array.copy(), (input, lambda g: g))


def to_half(input: Tensor) -> Tensor:
    """Return the tensor as float16.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        The input itself if it has that type already.
    """
    return to(input, float16)


def to_float(input: Tensor) -> Tensor:
    """Return the tensor as float32.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        The input itself if it has that type already.
    """
    return to(input, float32)


def to_double(input: Tensor) -> Tensor:
    """Return the tensor as float64.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        The input itself if it has that type already.
    """
    return to(input, float64)


def to_bool(input: Tensor) -> Tensor:
    """Return the tensor as booleans.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        The input itself if it has that type already.
    """
    return to(input, boolean)


def to_int(input: Tensor) -> Tensor:
    """Return the tensor as int32.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        The input itself if it has that type already.
    """
    return to(input, int32)


def to_long(input: Tensor) -> Tensor:
    """Return the tensor as int64.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        The input itself if it has that type already.
    """
    return to(input, int64)


def item(input: Tensor) -> Any:
    """Return the only element as a Python number.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    bool, int or float
        The element.

    Raises
    ------
    RuntimeError
        If there is not exactly one.
    """
    if input.array.size != 1:
        raise RuntimeError(f"item: expected one element, got shape {input.array.shape}")
    return input.array.item()


def tolist(input: Tensor) -> Any:
    """Return the elements as Python numbers in nested lists.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    list or number
        Nested as deep as there are axes.
    """
    return input.array.tolist()


def numpy(input: Tensor) -> Array:
    """Return the array itself, which shares the memory.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    ndarray
        Of the same shape and type.

    Raises
    ------
    RuntimeError
        If the tensor requires grad, for changes of the array could not be recorded.
    """
    if input.requires_grad:
        raise RuntimeError(
            f"numpy: expected a tensor that requires no grad, got one of shape "
            f"{input.array.shape} that does; use detach()"
        )
    return input.array
