"""Tensors of constants, and of regular steps.

All take the options of `tensor`: `requires_grad`, and a `device` that can only be "cpu".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Number, dtype, numpy_type
from nnkit.scratch.core.recording import Tensor
from nnkit.scratch.ops.conversion import array_of, leaf
from nnkit.scratch.ops.shaping import size_of


def zeros(*size: Any, dtype: dtype | None = None, **options: Any) -> Tensor:
    """Make a tensor of zeros.

    Parameters
    ----------
    *size : int, or one sequence of int
        Shape.
    dtype : dtype, optional
        Type of the elements; the default, float32, if left out.
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Of shape `size`.
    """
    return leaf(np.zeros(size_of("zeros", size), numpy_type(dtype)), **options)


def ones(*size: Any, dtype: dtype | None = None, **options: Any) -> Tensor:
    """Make a tensor of ones.

    Parameters
    ----------
    *size : int, or one sequence of int
        Shape.
    dtype : dtype, optional
        Type of the elements; the default, float32, if left out.
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Of shape `size`.
    """
    return leaf(np.ones(size_of("ones", size), numpy_type(dtype)), **options)


def empty(*size: Any, dtype: dtype | None = None, **options: Any) -> Tensor:
    """Make a tensor of memory as it comes.

    Parameters
    ----------
    *size : int, or one sequence of int
        Shape.
    dtype : dtype, optional
        Type of the elements; the default, float32, if left out.
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Of shape `size`.
    """
    return leaf(np.empty(size_of("empty", size), numpy_type(dtype)), **options)


def full(size: Any, fill_value: Number, *, dtype: dtype | None = None, **options: Any) -> Tensor:
    """Make a tensor of one value.

    Parameters
    ----------
    size : sequence of int
        Shape.
    fill_value : number
        The value.
    dtype : dtype, optional
        Type of the elements; that of the value if left out.
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Of shape `size`.
    """
    value = array_of("full", fill_value, dtype)
    return leaf(np.full(size_of("full", (size,)), value, value.dtype), **options)


def zeros_like(input: Tensor, *, dtype: dtype | None = None, **options: Any) -> Tensor:
    """Make a tensor of zeros, of the shape and type of another.

    Parameters
    ----------
    input : Tensor
        The other.
    dtype : dtype, optional
        Type of the elements, if it is to differ.
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    return zeros(input.shape, dtype=dtype or input.dtype, **options)


def ones_like(input: Tensor, *, dtype: dtype | None = None, **options: Any) -> Tensor:
    """Make a tensor of ones, of the shape and type of another.

    Parameters
    ----------
    input : Tensor
        The other.
    dtype : dtype, optional
        Type of the elements, if it is to differ.
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    return ones(input.shape, dtype=dtype or input.dtype, **options)


def empty_like(input: Tensor, *, dtype: dtype | None = None, **options: Any) -> Tensor:
    """Make a tensor of memory as it comes, of the shape and type of another.

    Parameters
    ----------
    input : Tensor
        The other.
    dtype : dtype, optional
        Type of the elements, if it is to differ.
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    return empty(input.shape, dtype=dtype or input.dtype, **options)


def full_like(
    input: Tensor, fill_value: Number, *, dtype: dtype | None = None, **options: Any
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
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    return full(input.shape, fill_value, dtype=dtype or input.dtype, **options)


def arange(
    start: float,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: dtype | None = None,
    **options: Any,
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
    **options : object
        `requires_grad` and `device`, as for `tensor`.

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
    >>> import nnkit.scratch as engine
    >>> engine.arange(1, 7, 2)
    tensor([1, 3, 5])
    """
    if end is None:
        start, end = 0, start
    if step == 0 or (end - start) / step < 0:
        raise ValueError(f"arange: expected a step from {start} towards {end}, got {step}")
    kind = array_of("arange", [start, end, step], dtype).dtype
    steps = start + np.arange(int(np.ceil((end - start) / step))) * step
    return leaf(steps.astype(kind), **options)


def linspace(
    start: float, end: float, steps: int, *, dtype: dtype | None = None, **options: Any
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
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Of shape (steps,).

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.linspace(0, 1, 3)
    tensor([0.0000, 0.5000, 1.0000])
    """
    return leaf(np.linspace(start, end, steps, dtype=numpy_type(dtype)), **options)


def eye(n: int, m: int | None = None, *, dtype: dtype | None = None, **options: Any) -> Tensor:
    """Make a matrix of ones on the diagonal and zeros elsewhere.

    Parameters
    ----------
    n : int
        Number of rows.
    m : int, optional
        Number of columns; n if left out.
    dtype : dtype, optional
        Type of the elements; float32 if left out.
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Of shape (n, m).
    """
    return leaf(np.eye(n, m, dtype=numpy_type(dtype)), **options)
