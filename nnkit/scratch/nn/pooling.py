"""Pooling: the largest element or the mean of each window of an image.

A window is walked through place by place, for all windows at once, with views of the image as
`shifted` of `conv` yields them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np

from nnkit.scratch.dtypes import Array
from nnkit.scratch.nn.conv import Lengths, Size, lengths, shifted
from nnkit.scratch.nn.module import Module
from nnkit.scratch.recording import allocate, keep, quiet, record
from nnkit.scratch.tensors import Tensor

__all__ = [
    "AdaptiveAvgPool2d",
    "AvgPool1d",
    "AvgPool2d",
    "MaxPool1d",
    "MaxPool2d",
    "adaptive_avg_pool2d",
    "avg_pool1d",
    "avg_pool2d",
    "max_pool1d",
    "max_pool2d",
]


_Form: TypeAlias = tuple[Lengths, Lengths, np.dtype[Any]]  # shape, strides and type of an array


class _Windows:
    """Where the windows of a pooling lie on images of one shape, which may have leading axes."""

    def __init__(
        self, op: str, shape: Lengths, rank: int, kernel: Size, stride: Size | None,
        padding: Size, dilation: Size, ceil_mode: bool,
    ) -> None:  # fmt: skip
        if len(shape) not in (rank + 1, rank + 2):
            raise RuntimeError(
                f"{op}: expected input of {rank + 1} or {rank + 2} axes, got {shape}"
            )
        self.size, self.kernel = shape[-rank:], lengths(kernel, rank)
        self.stride = self.kernel if stride is None or stride == () else lengths(stride, rank)
        self.before, self.dilation = lengths(padding, rank), lengths(dilation, rank)
        out, full = [], []
        for n, k, s, p, d in zip(
            self.size, self.kernel, self.stride, self.before, self.dilation, strict=True
        ):
            if 2 * p > k:
                raise RuntimeError(
                    f"{op}: expected padding of at most half the window, {k // 2}, got {p}"
                )
            span = n + 2 * p - d * (k - 1) - 1
            count = (span + (s - 1) * ceil_mode) // s + 1
            # The last window has to begin on the image or on the padding before it.
            count -= ceil_mode and (count - 1) * s >= n + p
            if count < 1:
                raise RuntimeError(
                    f"{op}: expected images no smaller than the window {self.kernel}, "
                    f"got {self.size} with padding {self.before}"
                )
            out.append(count)
            full.append(max(n + p, (count - 1) * s + d * (k - 1) + 1))
        self.out, self.full = tuple(out), tuple(full)
        inside = (slice(p, p + n) for p, n in zip(self.before, self.size, strict=True))
        self.inside: tuple[Any, ...] = (..., *inside)

    def padded(self, x: Array, fill: Any) -> Array:
        """Return images with all that the windows reach beyond them."""
        if self.full == self.size:
            return x
        whole = np.full_like(x, fill, shape=(*x.shape[: -len(self.full)], *self.full))
        whole[self.inside] = x
        return whole

    def places(self, x: Array) -> Iterator[Array]:
        """Yield, for each place in a window, the elements of padded images that lie there."""
        return shifted(x, self.kernel, self.stride, self.dilation, self.out)

    def spread(self, form: _Form, shares: Iterable[Array]) -> Array:
        """Add up shares, one array for each place in a window, where they come from."""
        whole = allocate(*form)
        whole[...] = 0
        for place, share in zip(self.places(whole), shares, strict=False):
            place += share
        image: Array = whole[self.inside]
        return image


@quiet
def _max_pool(
    op: str, rank: int, input: Tensor, kernel_size: Size, stride: Size | None, padding: Size,
    dilation: Size, ceil_mode: bool, return_indices: bool,
) -> Any:  # fmt: skip
    windows = _Windows(
        op, input.array.shape, rank, kernel_size, stride, padding, dilation, ceil_mode
    )
    x = windows.padded(input.array, -np.inf)
    form = x.shape, x.strides, x.dtype
    first, *others = windows.places(x)
    out = np.array(first)
    for place in others:
        np.maximum(out, place, out=out)

    def winners() -> Iterator[Array]:
        """Yield for each place which windows have their first largest element there."""
        free, broken = np.ones_like(out, bool), np.isnan(out).any()
        for place in windows.places(x):
            won = place == out
            if broken:
                won |= place != place
            won &= free
            free ^= won
            yield won

    def largest(g: Array) -> Array:
        return windows.spread(form, (keep(g, won) for won in winners()))

    result = record(out, (input, largest))
    if not return_indices:
        return result
    numbers = np.arange(math.prod(windows.size)).reshape(windows.size)
    pairs = zip(winners(), windows.places(windows.padded(numbers, 0)), strict=True)
    indices: Any = sum(won * number for won, number in pairs)
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
    """
    return _max_pool(
        "max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


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
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> F.max_pool2d(torch.arange(16.0).reshape(1, 4, 4), 2)
    tensor([[[ 5.,  7.],
             [13., 15.]]])
    """
    return _max_pool(
        "max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


@quiet
def _avg_pool(
    op: str, rank: int, input: Tensor, kernel_size: Size, stride: Size | None, padding: Size,
    ceil_mode: bool, count_include_pad: bool, divisor: int | None,
) -> Tensor:  # fmt: skip
    windows = _Windows(op, input.array.shape, rank, kernel_size, stride, padding, 1, ceil_mode)
    x = windows.padded(input.array, 0)
    first, *others = windows.places(x)
    out = np.array(first)
    for place in others:
        out += place
    count = np.asarray(divisor or _counts(windows, count_include_pad), x.dtype)
    out /= count
    form = x.shape, x.strides, x.dtype
    return record(out, (input, lambda g: windows.spread(form, itertools.repeat(g / count))))


def _counts(windows: _Windows, padding: bool) -> Array:
    """Return how many elements each window holds, counting those of the padding or not."""
    counts: Array = np.ones(())
    for n, k, s, p, o in zip(
        windows.size, windows.kernel, windows.stride, windows.before, windows.out, strict=True
    ):
        start = np.arange(o) * s - p
        end = np.minimum(start + k, n + p)
        length = end - start if padding else np.minimum(end, n) - np.maximum(start, 0)
        counts = counts[..., None] * length
    return counts


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

    Returns
    -------
    Tensor
        One element for each window.

    Raises
    ------
    RuntimeError
        If the shape does not fit, or the padding is too large.
    """
    return _avg_pool(
        "avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad,
        None,
    )  # fmt: skip


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
    return _avg_pool(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad,
        divisor_override,
    )  # fmt: skip


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
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> F.adaptive_avg_pool2d(torch.arange(16.0).reshape(1, 4, 4), 1)
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


class _MaxPool(Module):
    """Max pooling over some number of axes.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Size of a window.
    stride : int or tuple of int, optional
        Steps between windows; the size of a window if left out.
    padding : int or tuple of int, default 0
        By how much windows reach beyond each side; at most half their size.
    dilation : int or tuple of int, default 1
        Steps within a window.
    return_indices : bool, default False
        Return where the largest elements are, too.
    ceil_mode : bool, default False
        Let the last windows reach beyond the end.
    """

    pool: Callable[..., Any]

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, input: Tensor) -> Any:
        return type(self).pool(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
            self.return_indices,
        )  # fmt: skip

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
            f", dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """The largest element of each window, (N, C, L) to (N, C, L'): see `max_pool1d`."""

    pool = max_pool1d


class MaxPool2d(_MaxPool):
    """The largest element of each window, (N, C, H, W) to (N, C, H', W'): see `max_pool2d`."""

    pool = max_pool2d


class AvgPool1d(Module):
    """The mean of each window, (N, C, L) to (N, C, L'): see `avg_pool1d`.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Length of a window.
    stride : int or tuple of int, optional
        Steps between windows; the length of a window if left out.
    padding : int or tuple of int, default 0
        Zeros on either side; at most half a window.
    ceil_mode : bool, default False
        Let the last window reach beyond the end.
    count_include_pad : bool, default True
        Count the zeros of the padding as elements.
    """

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size, self.padding = lengths(kernel_size, 1), lengths(padding, 1)
        self.stride = self.kernel_size if stride is None else lengths(stride, 1)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        return avg_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
            self.count_include_pad,
        )  # fmt: skip

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(Module):
    """The mean of each window, (N, C, H, W) to (N, C, H', W'): see `avg_pool2d`.

    Parameters
    ----------
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
    """

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        return avg_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
            self.count_include_pad, self.divisor_override,
        )  # fmt: skip

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool2d(Module):
    """Means over windows that divide an image evenly: see `adaptive_avg_pool2d`.

    Parameters
    ----------
    output_size : int or tuple of int or None
        Number of windows along both axes, or along each; None for as many as pixels.
    """

    def __init__(self, output_size: int | tuple[int | None, ...] | None) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        return adaptive_avg_pool2d(input, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"
