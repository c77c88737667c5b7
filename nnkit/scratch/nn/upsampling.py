"""Images made larger: by repeating their pixels, and by a border of a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import record
from nnkit.scratch.nn.module import Functional
from nnkit.scratch.tensors import Tensor


def interpolate(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
) -> Tensor:
    """Return an image of another size, each pixel that of the place it comes from.

    Parameters
    ----------
    input : Tensor
        Shape (N, C, ...).
    size : int or sequence of int, optional
        Size of the result.
    scale_factor : float or sequence of float, optional
        How many times larger than the image it is, in the place of `size`.
    mode : str, default "nearest"
        "nearest": pixel i is pixel ⌊i / scale⌋ of the image. There is no other.

    Returns
    -------
    Tensor
        Shape (N, C, *size).

    Raises
    ------
    ValueError
        If both or none of `size` and `scale_factor` are given.
    NotImplementedError
        For another mode.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.interpolate(engine.tensor([[[1.0, 2.0]]]), scale_factor=2)
    tensor([[[1., 1., 2., 2.]]])
    """
    if mode != "nearest":
        raise NotImplementedError(f"interpolate: expected mode 'nearest', got {mode!r}")
    if (size is None) == (scale_factor is None):
        raise ValueError(
            f"interpolate: expected either size or scale_factor, got {size} and {scale_factor}"
        )
    value, shape = input.array, input.array.shape
    given: Any = scale_factor if size is None else size
    each = given if isinstance(given, Sequence) else (given,) * (len(shape) - 2)
    sources = []
    for axis, (n, wanted) in enumerate(zip(shape[2:], each, strict=True), 2):
        length = math.floor(n * wanted) if size is None else wanted
        step = np.float32(1 / wanted if size is None else n / wanted)
        places = np.floor(np.arange(length, dtype=np.float32) * step).astype(np.int64)
        sources.append((axis, np.minimum(places, n - 1)))
        value = value.take(sources[-1][1], axis)

    def repeated(g: Array) -> Array:
        for axis, source in sources:
            shown, starts = np.unique(source, return_index=True)
            whole = np.zeros((*g.shape[:axis], shape[axis], *g.shape[axis + 1 :]), g.dtype)
            whole[(slice(None),) * axis + (shown,)] = np.add.reduceat(g, starts, axis)
            g = whole
        return g

    return record(value, (input, repeated))


def pad(
    input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """Return a tensor with a border.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    pad : sequence of int
        How many elements to add before and after, axis by axis from the last; negative ones are
        cut off.
    mode : str, default "constant"
        "constant": a number is added. There is no other.
    value : float, optional
        The number; 0 if left out.

    Returns
    -------
    Tensor
        Of as many axes.

    Raises
    ------
    RuntimeError
        If `pad` has an odd length or is too long.
    NotImplementedError
        For another mode.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.pad(engine.tensor([1.0, 2.0]), (1, 2))
    tensor([0., 1., 2., 0., 0.])
    """
    x = input.array
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise RuntimeError(
            f"pad: expected an even number of at most {2 * x.ndim} lengths, got {tuple(pad)}"
        )
    if mode != "constant":
        raise NotImplementedError(f"pad: expected mode 'constant', got {mode!r}")
    ends = [(0, 0)] * (x.ndim - len(pad) // 2) + list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    form, dtype = x.shape, x.dtype
    shape = [n + before + after for n, (before, after) in zip(form, ends, strict=True)]
    # A negative end cuts off what is in the input, a positive one adds to the result.
    source, target = (
        tuple(
            slice(max(sign * before, 0), n - max(sign * after, 0))
            for n, (before, after) in zip(lengths, ends, strict=True)
        )
        for sign, lengths in ((-1, form), (1, shape))
    )
    out = np.full_like(x, 0 if value is None else value, shape=shape)
    out[target] = x[source]

    def within(g: Array) -> Array:
        whole = np.zeros(form, dtype)
        whole[source] = g[target]
        return whole

    return record(out, (input, within))


class Upsample(Functional, calls=interpolate):
    """Images made larger by repeating their pixels, (N, C, ...) to the same.

    Parameters
    ----------
    size, scale_factor, mode : int, float or a sequence of them, str
        As in `interpolate`.
    """

    size: int | Sequence[int] | None = None
    scale_factor: Any = None
    mode: str = "nearest"

    def __post_init__(self) -> None:
        if isinstance(self.scale_factor, Sequence):
            self.scale_factor = tuple(map(float, self.scale_factor))
        elif self.scale_factor is not None:
            self.scale_factor = float(self.scale_factor)

    def extra_repr(self) -> str:
        name = "size" if self.scale_factor is None else "scale_factor"
        return f"{name}={getattr(self, name)}, mode={self.mode!r}"
