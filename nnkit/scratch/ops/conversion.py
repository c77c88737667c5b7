"""Data into tensors, and tensors of one type into another."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnkit.scratch.core import dtypes
from nnkit.scratch.core.dtypes import OF_NUMPY, Array, device, dtype, numpy_type
from nnkit.scratch.core.recording import Tensor, record


def leaf(array: Array, requires_grad: bool = False, device: device | str | None = None) -> Tensor:
    """Make a tensor that no operation has made.

    Parameters
    ----------
    array : ndarray
        What it holds.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.
    device : device or str, optional
        The processor, "cpu".

    Returns
    -------
    Tensor
        The leaf.
    """
    if isinstance(device, str):
        dtypes.device(device)
    made = record(array)
    if requires_grad:
        made.requires_grad = True
    return made


def tensor(data: Any, *, dtype: dtype | None = None, **options: Any) -> Tensor:
    """Copy data into a tensor.

    Parameters
    ----------
    data : number, nested sequence, ndarray or Tensor
        Values. Python's fractions become the default type, its integers int64; arrays keep theirs.
    dtype : dtype, optional
        Type of the elements.
    **options : object
        `requires_grad`, False if left out: whether gradients are accumulated for it; and `device`,
        which can only be "cpu".

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
    >>> import nnkit.scratch as engine
    >>> engine.tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    return leaf(np.array(array_of("tensor", data, dtype)), **options)


def as_tensor(data: Any, dtype: dtype | None = None, device: device | str | None = None) -> Tensor:
    """Return data as a tensor, sharing memory where it can.

    Parameters
    ----------
    data : number, nested sequence, ndarray or Tensor
        Values.
    dtype : dtype, optional
        Type of the elements.
    device : device or str, optional
        The processor, "cpu".

    Returns
    -------
    Tensor
        The data themselves if they are a tensor of that type.
    """
    if isinstance(data, Tensor):
        return to(data, device, dtype=dtype)
    return leaf(array_of("as_tensor", data, dtype), device=device)


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
    array = np.asarray(_plain(data))
    if kind is not None:
        array = array.astype(kind.numpy, copy=False)
    elif array.dtype == np.float64 and not _holds_float64(data):
        array = array.astype(numpy_type(None))
    if array.dtype not in OF_NUMPY:
        raise TypeError(f"{op}: expected numbers or booleans, got elements of type {array.dtype}")
    return array


def _plain(data: Any) -> Any:
    """Return nested sequences with every tensor in them as its array."""
    if isinstance(data, list | tuple):
        return [_plain(item) for item in data]
    return data.array if isinstance(data, Tensor) else data


def _holds_float64(data: Any) -> bool:
    """Return whether data, or the first element of nested sequences, say that they are float64."""
    while isinstance(data, list | tuple) and data:
        data = data[0]
    return getattr(_plain(data), "dtype", None) == np.float64


def to(input: Tensor, *args: Any, dtype: dtype | None = None, **ignored: Any) -> Tensor:
    """Return the tensor in another type.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    *args : dtype, Tensor, device or str
        The type, or a tensor that has it; or the processor, "cpu".
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
    >>> import nnkit.scratch as engine
    >>> engine.tensor([1.5, 2.5]).to(engine.int64)
    tensor([1, 2])
    """
    for arg in args:
        if isinstance(arg, str):
            device(arg)
        elif isinstance(arg, Tensor | dtypes.dtype):
            dtype = arg.dtype if isinstance(arg, Tensor) else arg
    if dtype is None or dtype.numpy == input.array.dtype:
        return input
    value = input.array.astype(dtype.numpy)
    return record(value, (input, lambda g: g)) if dtype.is_floating_point else record(value)


def is_floating_point(input: Tensor) -> bool:
    """Return whether the elements can carry a fraction.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    bool
        Whether they can.
    """
    return input.array.dtype.kind == "f"


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
