"""Convolutions, as products of matrices: windows are laid out as rows, and kernels as columns.

Everything rests on two maps between images and rows, each the transpose of the other:
`Windows.rows` reads each window into a row, `Windows.image` adds each row back to where its window
lies. A convolution is the first and a product with the weights; its gradient, and so the transposed
convolution, is the product and the second. Images lie in memory with their channels last, so that
a window is read in long runs; their axes are in PyTorch's order all the same.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Array, dtype
from nnkit.scratch.core.recording import quiet, record
from nnkit.scratch.nn.linear import Affine
from nnkit.scratch.nn.windows import Lengths, Size, Windows, lengths
from nnkit.scratch.tensors import Tensor


def _pixels(x: Array, rank: int, groups: int) -> Array:
    """Return images (..., C, *size) as rows, one for each pixel: (groups, pixels, C / groups)."""
    part = x.shape[-rank - 1] // groups
    return np.moveaxis(x, -rank - 1, -1).reshape(-1, groups, part).transpose(1, 0, 2)


def _unpixels(rows: Array, lead: Lengths, size: Lengths) -> Array:
    """Undo `_pixels`."""
    images = rows.transpose(1, 0, 2).reshape(*lead, *size, len(rows) * rows.shape[2])
    return np.moveaxis(images, -1, -len(size) - 1)


def _sum(x: Array, rank: int) -> Array:
    """Return the sum of each channel, as a product, which is faster than a reduction."""
    rows = _pixels(x, rank, 1)[0]
    total: Array = np.ones(len(rows), rows.dtype) @ rows
    return total


def _matrix(weight: Array, groups: int) -> Array:
    """Return kernels (O, C / groups, *kernel) as (groups, O / groups, kernel · C / groups)."""
    return np.moveaxis(weight, 1, -1).reshape(groups, len(weight) // groups, weight[0].size)


def _kernels(matrix: Array, shape: Lengths) -> Array:
    """Undo `_matrix`."""
    return np.moveaxis(matrix.reshape(shape[0], *shape[2:], shape[1]), -1, 1)


def _check(op: str, rank: int, input: Tensor, weight: Tensor, channels: int) -> None:
    shape, form = input.array.shape, weight.array.shape
    if len(shape) not in (rank + 1, rank + 2) or len(form) != rank + 2:
        raise RuntimeError(
            f"{op}: expected input and weight of {rank + 2} axes, or input of {rank + 1}, "
            f"got {shape} and {form}"
        )
    if shape[-rank - 1] != channels:
        raise RuntimeError(
            f"{op}: expected {channels} channels (axis {-rank - 1}), got {shape[-rank - 1]}; "
            f"input shape {shape}, weight shape {form}"
        )
    if input.array.dtype != weight.array.dtype:
        raise RuntimeError(
            f"{op}: expected input of the weight's dtype {weight.dtype}, got {input.dtype}"
        )


@quiet
def _conv(
    rank: int, input: Tensor, weight: Tensor, bias: Tensor | None, groups: int, *steps: Any
) -> Tensor:
    op, shape, form = f"conv{rank}d", input.array.shape, weight.array.shape
    _check(op, rank, input, weight, math.prod(form[1:2]) * groups)
    lead = shape[: -rank - 1]
    windows = Windows(op, shape[-rank:], form[2:], *steps)
    rows, matrix = windows.rows(input.array, groups), _matrix(weight.array, groups)
    value = rows @ matrix.swapaxes(1, 2)
    if bias is not None:
        value += bias.array.reshape(groups, 1, -1)

    def convolution(g: Array) -> Array:
        return windows.image(_pixels(g, rank, groups) @ matrix, lead)

    return record(
        _unpixels(value, lead, windows.out),
        (input, convolution),
        (weight, lambda g: _kernels(_pixels(g, rank, groups).swapaxes(1, 2) @ rows, form)),
        (0 if bias is None else bias, lambda g: _sum(g, rank)),
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
    input, weight, bias : Tensor
        Shapes (N, C, L) or (C, L); (O, C / groups, k); and (O,), or None.
    stride, padding, dilation, groups : int, or tuple of one int
        Steps s, zeros p, steps d and parts of the channels, as in `conv2d`.

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
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.conv1d(engine.tensor([[1.0, 2.0, 4.0]]), engine.tensor([[[-1.0, 1.0]]]))
    tensor([[1., 2.]])
    """
    return _conv(1, input, weight, bias, groups, stride, padding, dilation)


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
    input, weight, bias : Tensor
        Shapes (N, C, H, W) or (C, H, W); (O, C / groups, kH, kW); and (O,), or None.
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
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.conv2d(engine.ones(1, 3, 3), engine.ones(1, 1, 2, 2))
    tensor([[[4., 4.],
             [4., 4.]]])
    """
    return _conv(2, input, weight, bias, groups, stride, padding, dilation)


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
    input, weight, bias : Tensor
        Shapes (N, C, H, W) or (C, H, W); (C, O / groups, kH, kW); and (O,), or None.
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
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.conv_transpose2d(engine.ones(1, 2, 2), engine.ones(1, 1, 2, 2))
    tensor([[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]])
    """
    op, shape, form = "conv_transpose2d", input.array.shape, weight.array.shape
    _check(op, 2, input, weight, form[0])
    lead, size = shape[:-3], shape[-2:]
    s, p, extra, d = (lengths(value, 2) for value in (stride, padding, output_padding, dilation))
    if any(extra[i] >= max(s[i], d[i]) for i in range(2)):
        raise RuntimeError(
            f"{op}: expected output_padding below stride {s} or dilation {d}, got {extra}"
        )
    image = tuple(
        (size[i] - 1) * s[i] - 2 * p[i] + d[i] * (form[2 + i] - 1) + extra[i] + 1 for i in range(2)
    )
    windows = Windows(op, image, form[2:], s, p, d)
    windows.out = size
    rows, matrix = _pixels(input.array, 2, groups), _matrix(weight.array, groups)
    value = windows.image(rows @ matrix, lead)
    if bias is not None:
        value += bias.array[:, None, None]

    def transposed(g: Array) -> Array:
        return _unpixels(windows.rows(g, groups) @ matrix.swapaxes(1, 2), lead, size)

    return record(
        value,
        (input, transposed),
        (weight, lambda g: _kernels(rows.swapaxes(1, 2) @ windows.rows(g, groups), form)),
        (0 if bias is None else bias, lambda g: _sum(g, 2)),
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
    dilation, padding, stride : int or tuple of int
        As in `conv2d`.

    Returns
    -------
    Tensor
        Shape (N, C · kH · kW, windows).

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.unfold(engine.arange(4.0).reshape(1, 2, 2), (1, 2))
    tensor([[0., 2.],
            [1., 3.]])
    """
    if input.array.ndim not in (3, 4):
        raise RuntimeError(f"unfold: expected input of 3 or 4 axes, got {input.array.shape}")
    *lead, c, _, _ = input.array.shape
    windows = Windows("unfold", input.array.shape[-2:], kernel_size, stride, padding, dilation)
    places, count = math.prod(windows.kernel), math.prod(windows.out)
    rows = windows.rows(input.array, 1).reshape(*lead, count, places, c)

    def folded(g: Array) -> Array:
        laid = g.reshape(*lead, c, places, count).swapaxes(-1, -3)
        return windows.image(laid.reshape(1, -1, places * c), tuple(lead))

    return record(rows.swapaxes(-1, -3).reshape(*lead, c * places, count), (input, folded))


class _Conv(Affine):
    """What the convolutions have in common: their options and parameters.

    Parameters
    ----------
    in_channels, out_channels : int
        Numbers C and O of channels.
    kernel_size : int or tuple of int
        Size of a window.
    stride, padding, dilation, groups : int
        As in `conv2d`.
    bias : bool, default True
        Whether a number is added to each channel.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.
    """

    rank: int
    transposed = False

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
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{type(self).__name__}: expected groups to divide {in_channels} and "
                f"{out_channels} channels, got {groups}"
            )
        rank, kernel_size = self.rank, lengths(kernel_size, self.rank)
        ends = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        shape = ends[0], ends[1] // groups, *kernel_size
        super().__init__(shape, out_channels, bias, dtype)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = kernel_size, lengths(stride, rank)
        self.padding = padding if isinstance(padding, str) else lengths(padding, rank)
        self.dilation = lengths(dilation, rank)

    def forward(self, input: Tensor) -> Tensor:
        steps = self.stride, self.padding, self.dilation
        return _conv(self.rank, input, self.weight, self.bias, self.groups, *steps)

    def extra_repr(self) -> str:
        shown = [f"{self.in_channels}, {self.out_channels}"]
        shown += [f"kernel_size={self.kernel_size}", f"stride={self.stride}"]
        zeros, ones = (0,) * self.rank, (1,) * self.rank
        usual = {"padding": zeros, "dilation": ones, "output_padding": zeros, "groups": 1}
        options = {name: getattr(self, name, value) for name, value in usual.items()}
        shown += [f"{name}={value}" for name, value in options.items() if value != usual[name]]
        return ", ".join(shown + ["bias=False"] * (self.bias is None))


class Conv1d(_Conv):
    """Convolution over a sequence, (N, C, L) to (N, O, L'): see `conv1d`."""

    rank = 1


class Conv2d(_Conv):
    """Convolution over images, (N, C, H, W) to (N, O, H', W'): see `conv2d`."""

    rank = 2


class ConvTranspose2d(_Conv):
    """Transpose of a convolution, (N, C, H, W) to larger images: see `conv_transpose2d`.

    Parameters
    ----------
    in_channels, out_channels : int
        Numbers C and O of channels.
    kernel_size : int or tuple of int
        Size of a kernel.
    stride, padding, output_padding, groups : int
        As in `conv_transpose2d`.
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
        sizes = kernel_size, stride, padding, dilation
        super().__init__(in_channels, out_channels, *sizes, groups, bias, dtype=dtype)
        self.output_padding = lengths(output_padding, 2)

    def forward(self, input: Tensor) -> Tensor:
        steps = self.stride, self.padding, self.output_padding, self.groups, self.dilation
        return conv_transpose2d(input, self.weight, self.bias, *steps)
