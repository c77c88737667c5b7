"""Images made larger: by repeating their pixels, and by a border."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnkit.scratch.dtypes import Array
from nnkit.scratch.nn.module import Module
from nnkit.scratch.recording import record
from nnkit.scratch.tensors import Tensor

__all__ = ["Upsample", "interpolate", "pad"]


def _repeat(input: Tensor, indices: dict[int, Array]) -> Tensor:
    """Pick pixels along axes, each by an index of its own that never decreases or has any order."""
    lengths, value = {}, input.array
    for axis, index in indices.items():
        lengths[axis] = value.shape[axis]
        value = value.take(index, axis)

    def collect(g: Array) -> Array:
        for axis, index in indices.items():
            order = np.argsort(index, kind="stable")
            hit, starts = np.unique(index[order], return_index=True)
            whole = np.zeros((*g.shape[:axis], lengths[axis], *g.shape[axis + 1 :]), g.dtype)
            sums = np.add.reduceat(g.take(order, axis), starts, axis)
            whole[(slice(None),) * axis + (hit,)] = sums
            g = whole
        return g

    return record(value, (input, collect))


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
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> F.interpolate(torch.tensor([[[1.0, 2.0]]]), scale_factor=2)
    tensor([[[1., 1., 2., 2.]]])
    """
    if mode != "nearest":
        raise NotImplementedError(f"interpolate: expected mode 'nearest', got {mode!r}")
    if (size is None) == (scale_factor is None):
        raise ValueError(
            f"interpolate: expected either size or scale_factor, got {size} and {scale_factor}"
        )
    shape, indices = input.array.shape, {}
    given: Any = scale_factor if size is None else size
    each = given if isinstance(given, Sequence) else (given,) * (len(shape) - 2)
    for axis, (n, wanted) in enumerate(zip(shape[2:], each, strict=True), 2):
        length = math.floor(n * wanted) if size is None else wanted
        step = np.float32(1 / wanted if size is None else n / wanted)
        places = np.floor(np.arange(length, dtype=np.float32) * step).astype(np.int64)
        indices[axis] = np.minimum(places, n - 1)
    return _repeat(input, indices)


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
        What is added: "constant" a number, "reflect" the elements mirrored at the last, "replicate"
        the last, "circular" those of the other end.
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
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> F.pad(torch.tensor([1.0, 2.0]), (1, 2))
    tensor([0., 1., 2., 0., 0.])
    """
    x = input.array
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise RuntimeError(
            f"pad: expected an even number of at most {2 * x.ndim} lengths, got {tuple(pad)}"
        )
    ends = {x.ndim - 1 - i: (pad[2 * i], pad[2 * i + 1]) for i in range(len(pad) // 2)}
    if mode == "constant":
        shape = tuple(n + sum(ends.get(axis, (0, 0))) for axis, n in enumerate(x.shape))
        inner, outer = [slice(None)] * x.ndim, [slice(None)] * x.ndim
        for axis, (before, after) in ends.items():
            n = x.shape[axis]
            inner[axis] = slice(max(-before, 0), n - max(-after, 0))
            outer[axis] = slice(max(before, 0), shape[axis] - max(after, 0))
        source, target, form, kind = tuple(inner), tuple(outer), x.shape, x.dtype
        out = np.full_like(x, 0 if value is None else value, shape=shape)
        out[target] = x[source]

        def within(g: Array) -> Array:
            whole = np.zeros(form, kind)
            whole[source] = g[target]
            return whole

        return record(out, (input, within))
    if mode not in _BORDERS:
        raise NotImplementedError(
            f"pad: expected mode 'constant', 'reflect', 'replicate' or 'circular', got {mode!r}"
        )
    return _repeat(
        input,
        {
            axis: np.pad(np.arange(x.shape[axis]), both, _BORDERS[mode])  # type: ignore[call-overload]
            for axis, both in ends.items()
        },
    )


_BORDERS = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}  # NumPy's names


class Upsample(Module):
    """Images made larger by repeating their pixels, (N, C, ...) to the same: see `interpolate`.

    Parameters
    ----------
    size : int or sequence of int, optional
        Size of the result.
    scale_factor : float or sequence of float, optional
        How many times larger than the image it is, in the place of `size`.
    mode : str, default "nearest"
        "nearest": there is no other.
    """

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: str = "nearest",
    ) -> None:
        super().__init__()
        self.size, self.mode = size, mode
        factors = scale_factor
        if isinstance(factors, Sequence):
            self.scale_factor: Any = tuple(map(float, factors))
        else:
            self.scale_factor = factors and float(factors)

    def forward(self, input: Tensor) -> Tensor:
        return interpolate(input, self.size, self.scale_factor, self.mode)

    def extra_repr(self) -> str:
        if self.scale_factor is not None:
            return f"scale_factor={self.scale_factor}, mode={self.mode!r}"
        return f"size={self.size}, mode={self.mode!r}"
