"""Tensors of constants, and of regular steps."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from nnkit.scratch.conversion import array_of, leaf
from nnkit.scratch.dtypes import DEFAULT, Number, dtype

if TYPE_CHECKING:
    from nnkit.scratch.tensors import Tensor


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


def numpy_type(kind: dtype | None) -> np.dtype[Any]:
    """Return NumPy's type for one that was asked for, or the default.

    Parameters
    ----------
    kind : dtype or None
        What was asked for.

    Returns
    -------
    numpy.dtype
        The type; that of float32 for None.
    """
    return DEFAULT if kind is None else kind.numpy


def zeros(*size: Any, dtype: dtype | None = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of zeros.

    Parameters
    ----------
    *size : int, or one sequence of int
        Shape.
    dtype : dtype, optional
        Type of the elements; float32 if left out.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        Of shape `size`.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.zeros(1, 2)
    tensor([[0., 0.]])
    """
    return leaf(np.zeros(size_of("zeros", size), numpy_type(dtype)), requires_grad)


def ones(*size: Any, dtype: dtype | None = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of ones.

    Parameters
    ----------
    *size : int, or one sequence of int
        Shape.
    dtype : dtype, optional
        Type of the elements; float32 if left out.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        Of shape `size`.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.ones(1, 2)
    tensor([[1., 1.]])
    """
    return leaf(np.ones(size_of("ones", size), numpy_type(dtype)), requires_grad)


def empty(*size: Any, dtype: dtype | None = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of memory as it comes.

    Parameters
    ----------
    *size : int, or one sequence of int
        Shape.
    dtype : dtype, optional
        Type of the elements; float32 if left out.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        Of shape `size`.
    """
    return leaf(np.empty(size_of("empty", size), numpy_type(dtype)), requires_grad)


def full(
    size: Any, fill_value: Number, *, dtype: dtype | None = None, requires_grad: bool = False
) -> Tensor:
    """Make a tensor of one value.

    Parameters
    ----------
    size : sequence of int
        Shape.
    fill_value : number
        The value.
    dtype : dtype, optional
        Type of the elements; that of the value if left out.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        Of shape `size`.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.full((2,), 0.5)
    tensor([0.5000, 0.5000])
    """
    kind = array_of("full", fill_value, dtype).dtype
    return leaf(np.full(size_of("full", (size,)), fill_value, kind), requires_grad)


def zeros_like(input: Tensor, *, dtype: dtype | None = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of zeros, of the shape and type of another.

    Parameters
    ----------
    input : Tensor
        The other.
    dtype : dtype, optional
        Type of the elements, if it is to differ.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    array = input.array
    kind = array.dtype if dtype is None else dtype.numpy
    return leaf(np.zeros(array.shape, kind), requires_grad)


def ones_like(input: Tensor, *, dtype: dtype | None = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of ones, of the shape and type of another.

    Parameters
    ----------
    input : Tensor
        The other.
    dtype : dtype, optional
        Type of the elements, if it is to differ.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    array = input.array
    kind = array.dtype if dtype is None else dtype.numpy
    return leaf(np.ones(array.shape, kind), requires_grad)


def empty_like(input: Tensor, *, dtype: dtype | None = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of memory as it comes, of the shape and type of another.

    Parameters
    ----------
    input : Tensor
        The other.
    dtype : dtype, optional
        Type of the elements, if it is to differ.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    array = input.array
    kind = array.dtype if dtype is None else dtype.numpy
    return leaf(np.empty(array.shape, kind), requires_grad)


def full_like(
    input: Tensor, fill_value: Number, *, dtype: dtype | None = None, requires_grad: bool = False
) -> Tensor:
    """Make a tensor of one value, of the shape and type of another.

    Parameters
    ----------
    input : Tensor
        The other.
    fill_value : number
        The value.
    dtype : dtype, optional
        Type of the elements, if it is to differ.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    array = input.array
    kind = array.dtype if dtype is None else dtype.numpy
    return leaf(np.full(array.shape, fill_value, kind), requires_grad)


def arange(
    start: float,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: dtype | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Count from start up to, not including, end.

    Parameters
    ----------
    start : number
        First value; if it stands alone it is the end, and counting starts at 0.
    end : number, optional
        Bound, not reached.
    step : number, default 1
        Distance of neighbours, not 0.
    dtype : dtype, optional
        Type of the elements; int64 if all three are integers, else float32.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        Of shape (⌈(end − start) / step⌉,).

    Raises
    ------
    ValueError
        If `step` is 0 or leads away from `end`.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.arange(1, 7, 2)
    tensor([1, 3, 5])
    """
    if end is None:
        start, end = 0, start
    if step == 0 or (end - start) / step < 0:
        raise ValueError(f"arange: expected a step from {start} towards {end}, got {step}")
    values = array_of("arange", [start, end, step], dtype)
    count = int(np.ceil((end - start) / step))
    steps = start + np.arange(count) * step
    return leaf(steps.astype(values.dtype), requires_grad)


def linspace(
    start: float, end: float, steps: int, *, dtype: dtype | None = None, requires_grad: bool = False
) -> Tensor:
    """Make values at equal distances from start to end, both included.

    Parameters
    ----------
    start, end : number
        First and last value.
    steps : int
        How many values.
    dtype : dtype, optional
        Type of the elements; float32 if left out.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        Of shape (steps,).

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.linspace(0, 1, 3)
    tensor([0.0000, 0.5000, 1.0000])
    """
    return leaf(np.linspace(start, end, steps, dtype=numpy_type(dtype)), requires_grad)


def eye(
    n: int, m: int | None = None, *, dtype: dtype | None = None, requires_grad: bool = False
) -> Tensor:
    """Make a matrix of ones on the diagonal and zeros elsewhere.

    Parameters
    ----------
    n : int
        Number of rows.
    m : int, optional
        Number of columns; n if left out.
    dtype : dtype, optional
        Type of the elements; float32 if left out.
    requires_grad : bool, default False
        Whether gradients are accumulated for it.

    Returns
    -------
    Tensor
        Of shape (n, m).

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    return leaf(np.eye(n, m, dtype=numpy_type(dtype)), requires_grad)
