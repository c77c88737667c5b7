"""What a tensor says of itself: its shape, its size, how it lies in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnkit.scratch.shaping import axis_of

if TYPE_CHECKING:
    from nnkit.scratch.tensors import Tensor


class Size(tuple[int, ...]):
    """A shape: a tuple that prints as PyTorch's does.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.zeros(2, 3).shape
    torch.Size([2, 3])
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def numel(self) -> int:
        """Return the number of elements.

        Returns
        -------
        int
            The product of the lengths.
        """
        return int(np.prod(self))


def size(input: Tensor, dim: int | None = None) -> Any:
    """Return the lengths of the axes, or of one.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int, optional
        The one.

    Returns
    -------
    Size or int
        All lengths, or that one.
    """
    if dim is None:
        return input.shape
    return input.array.shape[axis_of("size", dim, input.array.ndim)]


def dim(input: Tensor) -> int:
    """Return the number of axes.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    int
        The number.
    """
    return input.array.ndim


def numel(input: Tensor) -> int:
    """Return the number of elements.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    int
        The number.
    """
    return input.array.size


def element_size(input: Tensor) -> int:
    """Return the size of an element in bytes.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    int
        The size.
    """
    return input.array.itemsize


def is_floating_point(input: Tensor) -> bool:
    """Return whether the elements can carry a fraction.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    bool
        Whether they can.
    """
    return input.array.dtype.kind == "f"


def is_contiguous(input: Tensor) -> bool:
    """Return whether the elements lie in memory in row-major order.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    bool
        Whether they do.
    """
    return input.array.flags.c_contiguous


def cpu(input: Tensor) -> Tensor:
    """Return the tensor itself, which is on the processor already.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    return input
