"""Several tensors made into one, one into several, and elements repeated or moved round."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import result_type
from nnkit.scratch.core.recording import Tensor, record
from nnkit.scratch.ops.indexing import getitem
from nnkit.scratch.ops.shaping import axis_of, expand, flatten, reshape, size_of, unsqueeze


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join tensors along an axis that they have.

    Parameters
    ----------
    tensors : sequence of Tensor
        At least one; of equal shapes except along `dim`.
    dim : int, default 0
        The axis.

    Returns
    -------
    Tensor
        As long along `dim` as all of them together.

    Raises
    ------
    RuntimeError
        If there is none, or their shapes do not fit.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.cat([engine.tensor([1, 2]), engine.tensor([3])])
    tensor([1, 2, 3])
    """
    arrays = [tensor.array for tensor in tensors]
    if not arrays:
        raise RuntimeError("cat: expected at least one tensor, got none")
    axis = axis_of("cat", dim, arrays[0].ndim)
    try:
        value = np.concatenate(arrays, axis, dtype=result_type(*arrays))
    except ValueError:
        raise RuntimeError(
            f"cat: expected shapes that agree except along dim {dim}, got "
            f"{[array.shape for array in arrays]}"
        ) from None
    parts = _parts(axis, [array.shape[axis] for array in arrays])
    return record(value, (tuple(tensors), lambda g: [g[part] for part in parts]))


def _parts(axis: int, sizes: Sequence[int]) -> list[tuple[slice, ...]]:
    """Return the indices of pieces of these lengths, one after the other along an axis."""
    ends = [*accumulate(sizes)]
    return [
        (slice(None),) * axis + (slice(end - n, end),) for n, end in zip(sizes, ends, strict=True)
    ]


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join tensors along a new axis.

    Parameters
    ----------
    tensors : sequence of Tensor
        At least one; of equal shapes.
    dim : int, default 0
        Where the new axis goes.

    Returns
    -------
    Tensor
        Of one axis more, as long as there are tensors.

    Raises
    ------
    RuntimeError
        If there is none, or their shapes differ.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.stack([engine.tensor([1, 2]), engine.tensor([3, 4])], dim=1)
    tensor([[1, 3],
            [2, 4]])
    """
    arrays = [tensor.array for tensor in tensors]
    if len({array.shape for array in arrays}) != 1:
        shapes = [array.shape for array in arrays]
        raise RuntimeError(f"stack: expected tensors of one shape, got {shapes}")
    axis = axis_of("stack", dim, arrays[0].ndim + 1)
    value = np.stack(arrays, axis, dtype=result_type(*arrays))
    return record(value, (tuple(tensors), lambda g: list(np.moveaxis(g, axis, 0))))


def split(
    tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0
) -> tuple[Tensor, ...]:
    """Cut a tensor into pieces along an axis.

    Parameters
    ----------
    tensor : Tensor
        Of any shape.
    split_size_or_sections : int or sequence of int
        The length of each piece (the last may be shorter), or their lengths one by one.
    dim : int, default 0
        The axis.

    Returns
    -------
    tuple of Tensor
        Views.

    Raises
    ------
    RuntimeError
        If the lengths do not add up to that of the axis.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.arange(5).split(2)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    axis = axis_of("split", dim, tensor.array.ndim)
    total, sizes = tensor.array.shape[axis], split_size_or_sections
    if isinstance(sizes, int):
        sizes = [min(sizes, total - i) for i in range(0, total, sizes)] or [0]
    if sum(sizes) != total:
        raise RuntimeError(f"split: expected lengths that add up to {total}, got {list(sizes)}")
    return tuple(getitem(tensor, part) for part in _parts(axis, sizes))


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Cut a tensor along an axis into a number of pieces, as equal as can be.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    chunks : int
        How many; there may be fewer if the axis is short.
    dim : int, default 0
        The axis.

    Returns
    -------
    tuple of Tensor
        Views, all of one length except the last.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.arange(5).chunk(2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    """
    total = input.array.shape[axis_of("chunk", dim, input.array.ndim)]
    return split(input, max(-(-total // chunks), 1), dim)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Take a tensor apart along an axis.

    Parameters
    ----------
    input : Tensor
        Of at least one axis.
    dim : int, default 0
        The axis.

    Returns
    -------
    tuple of Tensor
        Views without that axis, as many as it is long.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([[1, 2], [3, 4]]).unbind(1)
    (tensor([1, 3]), tensor([2, 4]))
    """
    axis = axis_of("unbind", dim, input.array.ndim)
    before = (slice(None),) * axis
    return tuple(getitem(input, (*before, i)) for i in range(input.array.shape[axis]))


def repeat(input: Tensor, *repeats: Any) -> Tensor:
    """Lay copies of a tensor side by side.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    *repeats : int, or one sequence of int
        How many along each axis; new axes may come in front.

    Returns
    -------
    Tensor
        A copy.

    Raises
    ------
    RuntimeError
        If there are fewer numbers than axes.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    times, shape = size_of("repeat", repeats), input.array.shape
    if len(times) < len(shape):
        raise RuntimeError(f"repeat: expected at least {len(shape)} numbers, got {times}")
    old = (1,) * (len(times) - len(shape)) + shape
    # An axis of length 1 before each axis is stretched, and then joined with it.
    apart = reshape(input, [m for n in old for m in (1, n)])
    wide = expand(apart, [m for pair in zip(times, old, strict=True) for m in pair])
    return reshape(wide, [k * n for k, n in zip(times, old, strict=True)])


def repeat_interleave(input: Tensor, repeats: int, dim: int | None = None) -> Tensor:
    """Repeat each element in its place.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    repeats : int
        How often.
    dim : int, optional
        Along which axis; the tensor is flattened if left out.

    Returns
    -------
    Tensor
        `repeats` times as long along `dim`.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([1, 2]).repeat_interleave(2)
    tensor([1, 1, 2, 2])
    """
    if dim is None:
        input, dim = flatten(input), 0
    axis = axis_of("repeat_interleave", dim, input.array.ndim)
    size = [-1] * (input.array.ndim + 1)
    size[axis + 1] = repeats
    return flatten(expand(unsqueeze(input, axis + 1), size), axis, axis + 1)


def flip(input: Tensor, dims: int | Sequence[int]) -> Tensor:
    """Reverse the order along axes.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dims : int or sequence of int
        The axes.

    Returns
    -------
    Tensor
        A copy.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.arange(3).flip(0)
    tensor([2, 1, 0])
    """
    axes = (dims,) if isinstance(dims, int) else tuple(dims)
    return record(np.flip(input.array, axes).copy(), (input, lambda g: np.flip(g, axes)))


def roll(input: Tensor, shifts: int, dims: int | None = None) -> Tensor:
    """Move elements along an axis; what leaves at one end enters at the other.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    shifts : int
        By how many places.
    dims : int, optional
        The axis; the tensor is rolled as if it were flat if left out.

    Returns
    -------
    Tensor
        A copy.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.arange(3).roll(1)
    tensor([2, 0, 1])
    """
    return record(np.roll(input.array, shifts, dims), (input, lambda g: np.roll(g, -shifts, dims)))
