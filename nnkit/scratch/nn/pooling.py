"""Pooling: the largest element or the mean of each window of an image.

A window is walked through place by place, for all windows at once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import field
from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import allocate, keep, quiet, record
from nnkit.scratch.nn.module import Functional
from nnkit.scratch.nn.windows import Size, Windows, lengths
from nnkit.scratch.tensors import Tensor


def _windows(
    op: str, rank: int, input: Tensor, kernel: Size, stride: Any, padding: Size, *rest: Any
) -> Windows:
    shape = input.array.shape
    if len(shape) not in (rank + 1, rank + 2):
        raise RuntimeError(f"{op}: expected input of {rank + 1} or {rank + 2} axes, got {shape}")
    for k, p in zip(lengths(kernel, rank), lengths(padding, rank), strict=True):
        if 2 * p > k:
            raise RuntimeError(
                f"{op}: expected padding of at most half the window, {k // 2}, got {p}"
            )
    stride = kernel if stride is None or stride == () else stride
    return Windows(op, shape[-rank:], kernel, stride, padding, *rest)


@quiet
def _max_pool(rank: int, input: Tensor, return_indices: bool, *window: Any) -> Any:
    windows = _windows(f"max_pool{rank}d", rank, input, *window)
    x = windows.padded(input.array, -np.inf)
    first, *others = windows.places(x)
    out = np.array(first)
    for place in others:
        np.maximum(out, place, out=out)

    def winners() -> Iterator[Array]:
        """Yield, for each place, which windows have their largest element there."""
        odd = ~(out > -np.inf)
        free, chosen = ~odd, None  # of equal elements the first is taken
        if odd.any():  # of NaNs the last, and if all are −inf the first that is not padding
            chosen = np.full(out.shape, -1)
            within = windows.padded(np.ones(windows.size, bool), False)
            pairs = zip(windows.places(x), windows.places(within), strict=True)
            for i, (place, real) in enumerate(pairs):
                chosen[odd & real & ((chosen < 0) | np.isnan(place))] = i
        for i, place in enumerate(windows.places(x)):
            won = place == out
            won &= free
            free ^= won
            yield won if chosen is None else won | (chosen == i)

    def largest(g: Array) -> Array:
        return windows.spread(np.zeros_like(x), (keep(g, won) for won in winners()))

    result = record(out, (input, largest))
    if not return_indices:
        return result
    numbers = windows.padded(np.arange(math.prod(windows.size)).reshape(windows.size), 0)
    indices: Any = sum(map(np.multiply, winners(), windows.places(numbers)))
    return result, record(indices)


def max_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest element of each window of a sequence.

    Parameters
    ----------
    input : Tensor
        Shape (N, C, L) or (C, L).
    kernel_size, stride, padding, dilation, ceil_mode, return_indices : int or bool
        As in `max_pool2d`.

    Returns
    -------
    Tensor, or pair of Tensor
        As in `max_pool2d`.
    """
    window = kernel_size, stride, padding, dilation, ceil_mode
    return _max_pool(1, input, return_indices, *window)


def max_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest element of each window of an image.

    Parameters
    ----------
    input : Tensor
        Shape (N, C, H, W) or (C, H, W).
    kernel_size : int or tuple of int
        Size of a window.
    stride : int or tuple of int, optional
        Steps between windows; the size of a window if left out.
    padding : int or tuple of int, default 0
        By how much windows reach beyond each side; at most half their size.
    dilation : int or tuple of int, default 1
        Steps within a window.
    ceil_mode : bool, default False
        Let the last windows reach beyond the end.
    return_indices : bool, default False
        Return where the largest elements are, too.

    Returns
    -------
    Tensor, or pair of Tensor
        One element for each window; and the places of these, counted row by row, int64.

    Raises
    ------
    RuntimeError
        If the shape does not fit, or the padding is too large.

    Notes
    -----
    The gradient goes to the largest element, of several to the first.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.max_pool2d(engine.arange(16.0).reshape(1, 4, 4), 2)
    tensor([[[ 5.,  7.],
             [13., 15.]]])
    """
    window = kernel_size, stride, padding, dilation, ceil_mode
    return _max_pool(2, input, return_indices, *window)


@quiet
def _avg_pool(
    rank: int, input: Tensor, count_include_pad: bool, divisor: int | None, *window: Any
) -> Tensor:
    *sizes, ceil_mode = window
    windows = _windows(f"avg_pool{rank}d", rank, input, *sizes, 1, ceil_mode)
    x = windows.padded(input.array, 0)
    first, *others = windows.places(x)
    out = np.array(first)
    for place in others:
        out += place
    count: Any = divisor
    if divisor is None:
        counted = np.zeros(windows.full, x.dtype)
        with_padding = tuple(slice(part.start + part.stop) for part in windows.inside[1:])
        counted[with_padding if count_include_pad else windows.inside] = 1
        count = sum(windows.places(counted))
    out /= count
    form = x.shape, x.strides, x.dtype

    def mean(g: Array) -> Array:
        whole = allocate(*form)
        whole[...] = 0
        return windows.spread(whole, itertools.repeat(g / count))

    return record(out, (input, mean))


def avg_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Return the mean of each window of a sequence.

    Parameters
    ----------
    input : Tensor
        Shape (N, C, L) or (C, L).
    kernel_size, stride, padding, ceil_mode, count_include_pad : int or bool
        As in `avg_pool2d`.

    Returns
    -------
    Tensor
        One element for each window.
    """
    window = kernel_size, stride, padding, ceil_mode
    return _avg_pool(1, input, count_include_pad, None, *window)


def avg_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Return the mean of each window of an image.

    Parameters
    ----------
    input : Tensor
        Shape (N, C, H, W) or (C, H, W).
    kernel_size : int or tuple of int
        Size of a window.
    stride : int or tuple of int, optional
        Steps between windows; the size of a window if left out.
    padding : int or tuple of int, default 0
        Zeros on each side; at most half a window.
    ceil_mode : bool, default False
        Let the last windows reach beyond the end.
    count_include_pad : bool, default True
        Count the zeros of the padding as elements.
    divisor_override : int, optional
        What sums are divided by, in the place of their number of elements.

    Returns
    -------
    Tensor
        One element for each window.

    Raises
    ------
    RuntimeError
        If the shape does not fit, or the padding is too large.
    """
    window = kernel_size, stride, padding, ceil_mode
    return _avg_pool(2, input, count_include_pad, divisor_override, *window)


@quiet
def adaptive_avg_pool2d(input: Tensor, output_size: int | tuple[int | None, ...] | None) -> Tensor:
    """Return means over windows that divide an image as evenly as can be.

    Parameters
    ----------
    input : Tensor
        Shape (N, C, H, W) or (C, H, W).
    output_size : int or tuple of int or None
        Number of windows along both axes, or along each; None for as many as pixels.

    Returns
    -------
    Tensor
        Shape (N, C, *output_size).

    Raises
    ------
    RuntimeError
        If the input has another number of axes.

    Notes
    -----
    Of o windows over n pixels, the i-th runs from ⌊i n / o⌋ to ⌈(i + 1) n / o⌉; they may overlap.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.adaptive_avg_pool2d(engine.arange(16.0).reshape(1, 4, 4), 1)
    tensor([[[7.5000]]])
    """
    x = input.array
    if x.ndim not in (3, 4):
        raise RuntimeError(f"adaptive_avg_pool2d: expected input of 3 or 4 axes, got {x.shape}")
    wanted = output_size if isinstance(output_size, tuple) else (output_size,) * 2
    rows, columns = (
        [slice(i * n // (o or n), -((i + 1) * n // -(o or n))) for i in range(o or n)]
        for n, o in zip(x.shape[-2:], wanted, strict=True)
    )
    shape, dtype = x.shape, x.dtype
    out = np.empty((*shape[:-2], len(rows), len(columns)), dtype)
    places = [(i, j, (..., a, b)) for i, a in enumerate(rows) for j, b in enumerate(columns)]
    for i, j, place in places:
        out[..., i, j] = x[place].mean((-2, -1))

    def spread(g: Array) -> Array:
        whole = np.zeros(shape, dtype)
        for i, j, place in places:
            part = whole[place]
            part += g[..., i, j, None, None] / (part.shape[-2] * part.shape[-1])
        return whole

    return record(out, (input, spread))


class _Pool(Functional):
    kernel_size: Size
    stride: Size | None = None
    padding: Size = 0

    def __post_init__(self) -> None:
        self.stride = self.kernel_size if self.stride is None else self.stride


class _MaxPool(_Pool):
    dilation: Size = 1
    return_indices: bool = field(default=False, repr=False)
    ceil_mode: bool = False


class MaxPool1d(_MaxPool, calls=max_pool1d):
    """The largest element of each window, (N, C, L) to (N, C, L'): see `max_pool1d`."""


class MaxPool2d(_MaxPool, calls=max_pool2d):
    """The largest element of each window, (N, C, H, W) to (N, C, H', W'): see `max_pool2d`."""


class AvgPool1d(_Pool, calls=avg_pool1d):
    """The mean of each window, (N, C, L) to (N, C, L').

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad : int or bool
        As in `avg_pool2d`.
    """

    ceil_mode: bool = field(default=False, repr=False)
    count_include_pad: bool = field(default=True, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("kernel_size", "stride", "padding"):
            setattr(self, name, lengths(getattr(self, name), 1))


class AvgPool2d(_Pool, calls=avg_pool2d):
    """The mean of each window, (N, C, H, W) to (N, C, H', W').

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override : int or bool
        As in `avg_pool2d`.
    """

    ceil_mode: bool = field(default=False, repr=False)
    count_include_pad: bool = field(default=True, repr=False)
    divisor_override: int | None = field(default=None, repr=False)


class AdaptiveAvgPool2d(Functional, calls=adaptive_avg_pool2d):
    """Means over windows that divide an image evenly.

    Parameters
    ----------
    output_size : int or tuple of int or None
        As in `adaptive_avg_pool2d`.
    """

    output_size: int | tuple[int | None, ...] | None
