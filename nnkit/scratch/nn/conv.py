"""Convolutions, as products of matrices: windows are laid out as rows, and kernels as columns.

Everything rests on two maps between images and rows, each the transpose of the other: `_rows` reads
each window into a row, `_image` adds each row back to where its window lies. A convolution is
`_rows` and a product with the weights; its gradient, and so the transposed convolution, is the
product and `_image`. Images lie in memory with their channels last, so that a window is read in
long runs; their axes are in PyTorch's order all the same.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from nnkit.scratch import creation, shaping
from nnkit.scratch.dtypes import Array, dtype
from nnkit.scratch.nn import init
from nnkit.scratch.nn.module import Module, Parameter
from nnkit.scratch.recording import quiet, record
from nnkit.scratch.tensors import Tensor

__all__ = ["Conv1d", "Conv2d", "ConvTranspose2d", "conv1d", "conv2d", "conv_transpose2d", "unfold"]

Lengths: TypeAlias = tuple[int, ...]
Size: TypeAlias = int | Lengths


def lengths(value: Size, rank: int) -> Lengths:
    """Return one length for each axis of an image.

    Parameters
    ----------
    value : int or sequence of int
        One for all, or one for each.
    rank : int
        The number of axes.

    Returns
    -------
    tuple of int
        As many as `rank`.
    """
    return (value,) * rank if isinstance(value, int) else tuple(value)


def shifted(
    x: Array, kernel: Lengths, stride: Lengths, dilation: Lengths, out: Lengths
) -> Iterator[Array]:
    """Yield, for each place in a window, the elements that lie there, one for each window.

    Parameters
    ----------
    x : ndarray
        Images, their axes last.
    kernel, stride, dilation : tuple of int
        Lengths of the window, steps between windows, and steps within a window.
    out : tuple of int
        How many windows there are along each axis.

    Yields
    ------
    ndarray
        A view of `x`, of the shape of the windows' results.
    """
    for place in itertools.product(*map(range, kernel)):
        index: Any = [
            slice(i * d, i * d + s * (n - 1) + 1, s)
            for i, s, d, n in zip(place, stride, dilation, out, strict=True)
        ]
        yield x[(..., *index)]


class _Windows:
    """Where the windows of a kernel lie on images of one size: the geometry of a convolution."""

    def __init__(
        self, op: str, size: Lengths, kernel: Lengths, stride: Size, padding: Any, dilation: Size
    ) -> None:
        rank = len(kernel)
        self.size, self.kernel = size, kernel
        self.stride, self.dilation = lengths(stride, rank), lengths(dilation, rank)
        reach = [d * (k - 1) for d, k in zip(self.dilation, kernel, strict=True)]
        if padding == "same":
            if max(self.stride) > 1:
                raise RuntimeError(f"{op}: expected stride 1 for padding 'same', got {stride}")
            self.before = tuple(r // 2 for r in reach)
            self.full = tuple(n + r for n, r in zip(size, reach, strict=True))
        else:
            self.before = lengths(0 if padding == "valid" else padding, rank)
            self.full = tuple(n + 2 * p for n, p in zip(size, self.before, strict=True))
        self.out = tuple(
            (n - r - 1) // s + 1 for n, r, s in zip(self.full, reach, self.stride, strict=True)
        )
        if min(self.out) < 1:
            raise RuntimeError(
                f"{op}: expected images, with padding, no smaller than the window "
                f"{tuple(r + 1 for r in reach)}, got {self.full}"
            )
        inside = (slice(p, p + n) for p, n in zip(self.before, size, strict=True))
        self.inside = (slice(None), *inside)

    def rows(self, x: Array, groups: int) -> Array:
        """Read images (N, C, *size) into rows, shape (groups, N · windows, kernel · C / groups)."""
        n, c = x.shape[:2]
        x = np.moveaxis(x, 1, -1)
        if self.full != self.size:
            padded = np.zeros((n, *self.full, c), x.dtype)
            padded[self.inside] = x
            x = padded
        else:
            x = np.ascontiguousarray(x)
        part, (first, *steps, last) = c // groups, x.strides
        windows = np.ndarray(
            (groups, n, *self.out, *self.kernel, part),
            x.dtype,
            x,
            strides=(
                part * last,
                first,
                *(s * t for s, t in zip(self.stride, steps, strict=True)),
                *(d * t for d, t in zip(self.dilation, steps, strict=True)),
                last,
            ),
        )
        return windows.reshape(groups, n * math.prod(self.out), math.prod(self.kernel) * part)

    def image(self, rows: Array, n: int) -> Array:
        """Add rows, laid out as by `rows`, up to n images, shape (n, C, *size)."""
        groups, rank = len(rows), len(self.size)
        part = rows.shape[2] // math.prod(self.kernel)
        whole = np.zeros((n, *self.full, groups, part), rows.dtype)
        # Axes of both: group, image, channel, then those of the image.
        target = whole.transpose(rank + 1, 0, rank + 2, *range(1, rank + 1))
        windows = rows.reshape(groups, n, *self.out, *self.kernel, part)
        kernel_axes = range(rank + 2, 2 * rank + 2)
        source = windows.transpose(*kernel_axes, 0, 1, 2 * rank + 2, *range(2, rank + 2))
        places = np.ndindex(*self.kernel)
        views = shifted(target, self.kernel, self.stride, self.dilation, self.out)
        for place, view in zip(places, views, strict=True):
            view += source[place]
        return np.moveaxis(whole.reshape(n, *self.full, groups * part)[self.inside], -1, 1)


def _pixels(x: Array, groups: int) -> Array:
    """Return images (N, C, *size) as rows, one for each pixel: (groups, N · pixels, C / groups)."""
    n, c, *size = x.shape
    rows = np.moveaxis(x, 1, -1).reshape(n * math.prod(size), groups, c // groups)
    return rows.transpose(1, 0, 2)


def _unpixels(rows: Array, n: int, size: Lengths) -> Array:
    """Undo `_pixels`."""
    groups, _, part = rows.shape
    return np.moveaxis(rows.transpose(1, 0, 2).reshape(n, *size, groups * part), -1, 1)


def _sum(rows: Array) -> Array:
    """Return the sum of rows, faster than by a reduction."""
    total: Array = np.ones(len(rows), rows.dtype) @ rows
    return total


def _matrix(weight: Array, groups: int) -> Array:
    """Return kernels (O, C / groups, *kernel) as (groups, O / groups, kernel · C / groups)."""
    rows = len(weight) // groups
    return np.moveaxis(weight, 1, -1).reshape(groups, rows, weight[0].size)


def _kernels(matrix: Array, shape: Lengths) -> Array:
    """Undo `_matrix`."""
    return np.moveaxis(matrix.reshape(shape[0], *shape[2:], shape[1]), -1, 1)


def _check(op: str, input: Tensor, weight: Tensor, rank: int, channels: int, groups: int) -> None:
    shape = input.array.shape
    if len(shape) != rank + 2 or weight.array.ndim != rank + 2:
        raise RuntimeError(
            f"{op}: expected input and weight of {rank + 2} axes, or input of {rank + 1}, "
            f"got {shape} and {weight.array.shape}"
        )
    if shape[1] != channels:
        raise RuntimeError(
            f"{op}: expected {channels} channels (axis {1 - rank - 2}), got {shape[1]}; "
            f"input shape {shape}, weight shape {weight.array.shape}, groups {groups}"
        )
    if input.array.dtype != weight.array.dtype:
        raise RuntimeError(
            f"{op}: expected input of the weight's dtype {weight.dtype}, got {input.dtype}"
        )
    if len(weight.array) % groups:
        raise RuntimeError(f"{op}: expected groups to divide {len(weight.array)}, got {groups}")


@quiet
def _conv(
    op: str, rank: int, input: Tensor, weight: Tensor, bias: Tensor | None,
    stride: Size, padding: Any, dilation: Size, groups: int,
) -> Tensor:  # fmt: skip
    if input.array.ndim == rank + 1:
        whole = shaping.unsqueeze(input, 0)
        out = _conv(op, rank, whole, weight, bias, stride, padding, dilation, groups)
        return shaping.squeeze(out, 0)
    form = weight.array.shape
    _check(op, input, weight, rank, form[1] * groups if len(form) > 1 else 0, groups)
    n, _, *size = input.array.shape
    windows = _Windows(op, tuple(size), form[2:], stride, padding, dilation)
    rows, matrix = windows.rows(input.array, groups), _matrix(weight.array, groups)
    value = rows @ matrix.swapaxes(1, 2)
    if bias is not None:
        value += bias.array.reshape(groups, 1, -1)

    def convolution(g: Array) -> Array:
        return windows.image(_pixels(g, groups) @ matrix, n)

    return record(
        _unpixels(value, n, windows.out),
        (input, convolution),
        (weight, lambda g: _kernels(_pixels(g, groups).swapaxes(1, 2) @ rows, form)),
        (0 if bias is None else bias, lambda g: _sum(_pixels(g, 1)[0])),
    )


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """Return yₒ(t) = bₒ + Σ wₒ꜀(i) x꜀(s t + d i − p), summed over channels c and places i.

    Parameters
    ----------
    input : Tensor
        Shape (N, C, L) or (C, L).
    weight : Tensor
        Shape (O, C / groups, k).
    bias : Tensor, optional
        Shape (O,).
    stride : int or tuple of int, default 1
        Steps s between windows.
    padding : int, tuple of int or str, default 0
        Zeros p on either side; "same" for as many as keep the length, "valid" for none.
    dilation : int or tuple of int, default 1
        Steps d within a window.
    groups : int, default 1
        Into how many parts channels are divided, each of which sees only its own.

    Returns
    -------
    Tensor
        Shape (N, O, 1 + (L + 2p − d (k − 1) − 1) // s).

    Raises
    ------
    RuntimeError
        If shapes or types do not fit.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> F.conv1d(torch.tensor([[1.0, 2.0, 4.0]]), torch.tensor([[[-1.0, 1.0]]]))
    tensor([[1., 2.]])
    """
    return _conv("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """Return `conv1d`'s sum in the two directions of an image.

    Parameters
    ----------
    input : Tensor
        Shape (N, C, H, W) or (C, H, W).
    weight : Tensor
        Shape (O, C / groups, kH, kW).
    bias : Tensor, optional
        Shape (O,).
    stride : int or tuple of int, default 1
        Steps s between windows.
    padding : int, tuple of int or str, default 0
        Zeros p on each side; "same" for as many as keep the size, "valid" for none.
    dilation : int or tuple of int, default 1
        Steps d within a window.
    groups : int, default 1
        Into how many parts channels are divided, each of which sees only its own.

    Returns
    -------
    Tensor
        Shape (N, O, 1 + (H + 2p − d (kH − 1) − 1) // s, the same of W).

    Raises
    ------
    RuntimeError
        If shapes or types do not fit.

    Notes
    -----
    With the windows as rows of a matrix X and the kernels as rows of W, Y = X Wᵀ. So the gradient
    of W is Gᵀ X; that of X is G W, and each pixel's is the sum over all windows that show it.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> F.conv2d(torch.ones(1, 3, 3), torch.ones(1, 1, 2, 2))
    tensor([[[4., 4.],
             [4., 4.]]])
    """
    return _conv("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


@quiet
def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """Return the transpose of `conv2d`: each pixel adds its multiple of a kernel to the image.

    Parameters
    ----------
    input : Tensor
        Shape (N, C, H, W) or (C, H, W).
    weight : Tensor
        Shape (C, O / groups, kH, kW).
    bias : Tensor, optional
        Shape (O,).
    stride : int or tuple of int, default 1
        Steps s between kernels.
    padding : int or tuple of int, default 0
        Pixels p that are cut off each side.
    output_padding : int or tuple of int, default 0
        Pixels added below and on the right; fewer than `stride` or `dilation`.
    groups : int, default 1
        Into how many parts channels are divided, each of which sees only its own.
    dilation : int or tuple of int, default 1
        Steps d within a kernel.

    Returns
    -------
    Tensor
        Shape (N, O, (H − 1) s − 2p + d (kH − 1) + output_padding + 1, the same of W).

    Raises
    ------
    RuntimeError
        If shapes or types do not fit.

    Notes
    -----
    With pixels as rows of X, the image is made of the rows X W: the gradient of `conv2d`. So its
    own gradients are read as `conv2d` reads: with the windows of G as rows, that of X is G Wᵀ and
    that of W is Xᵀ G.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> F.conv_transpose2d(torch.ones(1, 2, 2), torch.ones(1, 1, 2, 2))
    tensor([[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]])
    """
    op = "conv_transpose2d"
    if input.array.ndim == 3:
        whole = shaping.unsqueeze(input, 0)
        out = conv_transpose2d(
            whole, weight, bias, stride, padding, output_padding, groups, dilation
        )
        return shaping.squeeze(out, 0)
    form = weight.array.shape
    _check(op, input, weight, 2, form[0], groups)
    n, _, *size = input.array.shape
    s, p, extra, d = (lengths(value, 2) for value in (stride, padding, output_padding, dilation))
    if any(extra[i] >= max(s[i], d[i]) for i in range(2)):
        raise RuntimeError(
            f"{op}: expected output_padding below stride {s} or dilation {d}, got {extra}"
        )
    image = tuple(
        (size[i] - 1) * s[i] - 2 * p[i] + d[i] * (form[2 + i] - 1) + extra[i] + 1 for i in range(2)
    )
    windows = _Windows(op, image, form[2:], s, p, d)
    windows.out = tuple(size)
    rows, matrix = _pixels(input.array, groups), _matrix(weight.array, groups)
    value = windows.image(rows @ matrix, n)
    if bias is not None:
        value += bias.array[:, None, None]

    def transposed(g: Array) -> Array:
        return _unpixels(windows.rows(g, groups) @ matrix.swapaxes(1, 2), n, windows.out)

    return record(
        value,
        (input, transposed),
        (weight, lambda g: _kernels(rows.swapaxes(1, 2) @ windows.rows(g, groups), form)),
        (0 if bias is None else bias, lambda g: _sum(_pixels(g, 1)[0])),
    )


@quiet
def unfold(
    input: Tensor, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
) -> Tensor:
    """Return the windows of an image, each as a column.

    Parameters
    ----------
    input : Tensor
        Shape (N, C, H, W) or (C, H, W).
    kernel_size : int or tuple of int
        Size of a window, (kH, kW).
    dilation : int or tuple of int, default 1
        Steps within a window.
    padding : int or tuple of int, default 0
        Zeros on each side.
    stride : int or tuple of int, default 1
        Steps between windows.

    Returns
    -------
    Tensor
        Shape (N, C · kH · kW, windows).

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> F.unfold(torch.arange(4.0).reshape(1, 2, 2), (1, 2))
    tensor([[0., 2.],
            [1., 3.]])
    """
    if input.array.ndim == 3:
        whole = unfold(shaping.unsqueeze(input, 0), kernel_size, dilation, padding, stride)
        return shaping.squeeze(whole, 0)
    if input.array.ndim != 4:
        raise RuntimeError(f"unfold: expected input of 3 or 4 axes, got {input.array.shape}")
    n, c, *size = input.array.shape
    windows = _Windows("unfold", tuple(size), lengths(kernel_size, 2), stride, padding, dilation)
    places, count = math.prod(windows.kernel), math.prod(windows.out)
    rows = windows.rows(input.array, 1).reshape(n, count, places, c)

    def folded(g: Array) -> Array:
        laid = g.reshape(n, c, places, count).transpose(0, 3, 2, 1)
        return windows.image(laid.reshape(1, n * count, places * c), n)

    return record(rows.transpose(0, 3, 2, 1).reshape(n, c * places, count), (input, folded))


class _Conv(Module):
    """What the convolutions have in common: their options and parameters.

    Parameters
    ----------
    in_channels, out_channels : int
        Numbers C and O of channels.
    kernel_size : int or tuple of int
        Size of a window.
    stride : int or tuple of int, default 1
        Steps between windows.
    padding : int, tuple of int or str, default 0
        Zeros on each side; "same" for as many as keep the size, "valid" for none.
    dilation : int or tuple of int, default 1
        Steps within a window.
    groups : int, default 1
        Into how many parts channels are divided, each of which sees only its own.
    bias : bool, default True
        Whether a number is added to each channel.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.
    """

    rank: int
    transposed = False
    output_padding: Lengths = ()

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        device: object = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__()
        name, rank = type(self).__name__, self.rank
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{name}: expected groups to divide {in_channels} and {out_channels} channels, "
                f"got {groups}"
            )
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise ValueError(
                f"{name}: expected padding 'same', 'valid' or numbers, got {padding!r}"
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = lengths(kernel_size, rank), lengths(stride, rank)
        self.dilation = lengths(dilation, rank)
        self.padding = padding if isinstance(padding, str) else lengths(padding, rank)
        if padding == "same" and max(self.stride) > 1:
            raise ValueError(f"{name}: expected stride 1 for padding 'same', got {stride}")
        ends = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        shape = (ends[0], ends[1] // groups, *self.kernel_size)
        self.weight = Parameter(creation.empty(shape, dtype=dtype))
        self.bias = Parameter(creation.empty(out_channels, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.weight.array[0].size)
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        rank, shown = self.rank, [f"{self.in_channels}, {self.out_channels}"]
        shown += [f"kernel_size={self.kernel_size}", f"stride={self.stride}"]
        for name, usual in (("padding", 0), ("dilation", 1), ("output_padding", 0)):
            value = getattr(self, name)
            if value and value != (usual,) * rank:
                shown.append(f"{name}={value}")
        if self.groups != 1:
            shown.append(f"groups={self.groups}")
        if self.bias is None:
            shown.append("bias=False")
        return ", ".join(shown)


class Conv1d(_Conv):
    """Convolution over a sequence, (N, C, L) to (N, O, L'): see `conv1d`."""

    rank = 1

    def forward(self, input: Tensor) -> Tensor:
        return conv1d(
            input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )


class Conv2d(_Conv):
    """Convolution over images, (N, C, H, W) to (N, O, H', W'): see `conv2d`."""

    rank = 2

    def forward(self, input: Tensor) -> Tensor:
        return conv2d(
            input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )


class ConvTranspose2d(_Conv):
    """Transpose of a convolution, (N, C, H, W) to larger images: see `conv_transpose2d`.

    Parameters
    ----------
    in_channels, out_channels : int
        Numbers C and O of channels.
    kernel_size : int or tuple of int
        Size of a kernel.
    stride : int or tuple of int, default 1
        Steps between kernels.
    padding : int or tuple of int, default 0
        Pixels that are cut off each side.
    output_padding : int or tuple of int, default 0
        Pixels added below and on the right; fewer than `stride` or `dilation`.
    groups : int, default 1
        Into how many parts channels are divided, each of which sees only its own.
    bias : bool, default True
        Whether a number is added to each channel.
    dilation : int or tuple of int, default 1
        Steps within a kernel.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.
    """

    rank = 2
    transposed = True
    padding: Lengths

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Size = 1,
        *,
        device: object = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
            dtype=dtype,
        )  # fmt: skip
        self.output_padding = lengths(output_padding, 2)

    def forward(self, input: Tensor) -> Tensor:
        return conv_transpose2d(
            input, self.weight, self.bias, self.stride, self.padding, self.output_padding,
            self.groups, self.dilation,
        )  # fmt: skip
