"""Where the windows of a kernel lie on images: the geometry of convolutions and of pooling."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np

from nnkit.scratch.core.dtypes import Array

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


class Windows:
    """The windows of a kernel on images of one size, which may have any axes before their own.

    Parameters
    ----------
    op : str
        Name of the operation, for its errors.
    size : tuple of int
        Lengths of the image's axes.
    kernel, stride : int or tuple of int
        Lengths of a window, and steps from one to the next.
    padding : int, tuple of int or str, default 0
        By how much windows reach beyond each side; "same" for as many windows as pixels, "valid"
        for 0.
    dilation : int or tuple of int, default 1
        Steps within a window.
    ceil_mode : bool, default False
        Let the last windows reach beyond the end.

    Attributes
    ----------
    out : tuple of int
        How many windows there are along each axis.
    full : tuple of int
        Lengths of the image with all that windows reach beyond it.
    inside : tuple
        Index of the image in one of these lengths.
    """

    def __init__(
        self, op: str, size: Lengths, kernel: Size, stride: Size, padding: Any = 0,
        dilation: Size = 1, ceil_mode: bool = False,
    ) -> None:  # fmt: skip
        rank = len(size)
        self.size, self.kernel = size, lengths(kernel, rank)
        self.stride, self.dilation = lengths(stride, rank), lengths(dilation, rank)
        reach = [d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel, strict=True)]
        if padding == "same":
            if max(self.stride) > 1:
                raise RuntimeError(f"{op}: expected stride 1 for padding 'same', got {stride}")
            before, both = tuple((r - 1) // 2 for r in reach), [r - 1 for r in reach]
        elif isinstance(padding, str) and padding != "valid":
            raise RuntimeError(f"{op}: expected padding 'same' or 'valid', got {padding!r}")
        else:
            before = lengths(0 if padding == "valid" else padding, rank)
            both = [2 * p for p in before]
        out, full = [], []
        for n, p, b, r, s in zip(size, before, both, reach, self.stride, strict=True):
            count = (n + b - r + (s - 1) * ceil_mode) // s + 1
            # The last window has to begin on the image or on the padding before it.
            count -= ceil_mode and (count - 1) * s >= n + p
            out.append(count)
            full.append(max(n + p, (count - 1) * s + r))
        if min(out) < 1:
            raise RuntimeError(
                f"{op}: expected images, with padding, no smaller than the window {tuple(reach)}, "
                f"got {tuple(n + b for n, b in zip(size, both, strict=True))}"
            )
        self.out, self.full = tuple(out), tuple(full)
        self.inside: Any = (..., *(slice(p, p + n) for p, n in zip(before, size, strict=True)))

    def padded(self, x: Array, fill: Any) -> Array:
        """Return images with all that the windows reach beyond them.

        Parameters
        ----------
        x : ndarray
            Images, shape (..., *size).
        fill : number
            What is beyond them.

        Returns
        -------
        ndarray
            Shape (..., *full), in the order of the axes in memory of x, or x itself.
        """
        if self.full == self.size:
            return x
        whole = np.full_like(x, fill, shape=(*x.shape[: -len(self.full)], *self.full))
        whole[self.inside] = x
        return whole

    def places(self, x: Array) -> Iterator[Array]:
        """Yield, for each place in a window, the elements that lie there, one for each window.

        Parameters
        ----------
        x : ndarray
            Padded images, shape (..., *full).

        Yields
        ------
        ndarray
            A view of x, shape (..., *out).
        """
        for place in itertools.product(*map(range, self.kernel)):
            index: Any = [
                slice(i * d, i * d + s * (n - 1) + 1, s)
                for i, s, d, n in zip(place, self.stride, self.dilation, self.out, strict=True)
            ]
            yield x[(..., *index)]

    def spread(self, whole: Array, shares: Iterable[Array]) -> Array:
        """Add up numbers where they come from.

        Parameters
        ----------
        whole : ndarray
            Padded images, shape (..., *full), which are changed.
        shares : iterable of ndarray
            For each place in a window what is added there, shape (..., *out).

        Returns
        -------
        ndarray
            The part of the images without the padding.
        """
        for place, share in zip(self.places(whole), shares, strict=False):
            place += share
        image: Array = whole[self.inside]
        return image

    def rows(self, x: Array, groups: int) -> Array:
        """Read each window of images into a row.

        Parameters
        ----------
        x : ndarray
            Images, shape (..., C, *size).
        groups : int
            Into how many parts the channels are divided.

        Returns
        -------
        ndarray
            Shape (groups, ... · windows, kernel · C / groups).
        """
        rank = len(self.size)
        lead, part = x.shape[: -rank - 1], x.shape[-rank - 1] // groups
        images = np.moveaxis(x, -rank - 1, -1)
        if self.full == self.size:
            whole = np.ascontiguousarray(images)
        else:
            whole = np.zeros((*lead, *self.full, images.shape[-1]), x.dtype)
            whole[(*self.inside, slice(None))] = images
        *first, last = whole.strides
        steps = first[len(lead) :]
        strides = (
            part * last,
            *first[: len(lead)],
            *(s * t for s, t in zip(self.stride, steps, strict=True)),
            *(d * t for d, t in zip(self.dilation, steps, strict=True)),
            last,
        )
        shape = (groups, *lead, *self.out, *self.kernel, part)
        windows = np.ndarray(shape, x.dtype, whole, strides=strides)
        return windows.reshape(groups, math.prod(lead + self.out), math.prod(self.kernel) * part)

    def image(self, rows: Array, lead: Lengths) -> Array:
        """Add rows, laid out as by `rows`, up to images: the transpose of that.

        Parameters
        ----------
        rows : ndarray
            Shape (groups, ... · windows, kernel · C / groups).
        lead : tuple of int
            The lengths that stand as "..." here.

        Returns
        -------
        ndarray
            Shape (..., C, *size).
        """
        rank, groups, n = len(self.size), len(rows), math.prod(lead)
        part = rows.shape[2] // math.prod(self.kernel)
        whole = np.zeros((n, *self.full, groups, part), rows.dtype)
        windows = rows.reshape(groups, n, *self.out, *self.kernel, part)
        # Behind the axes of the kernel, those of both: group, n, channel, then those of the image.
        source = windows.transpose(*range(rank + 2, 2 * rank + 2), 0, 1, -1, *range(2, rank + 2))
        target = whole.transpose(rank + 1, 0, rank + 2, *range(1, rank + 1))
        self.spread(target, (source[place] for place in np.ndindex(*self.kernel)))
        whole = whole.reshape(*lead, *self.full, groups * part)
        image: Array = np.moveaxis(whole, -1, -rank - 1)[self.inside]
        return image
