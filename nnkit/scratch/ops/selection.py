"""Elements chosen by a condition: where, clamp, masks and triangles."""

from __future__ import annotations

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import Operand, Tensor, keep, operands, quiet, record
from nnkit.scratch.ops.indexing import getitem


@quiet
def where(condition: Tensor, input: Operand, other: Operand) -> Tensor:
    """Return the element of input where a condition holds, elsewhere that of other.

    Parameters
    ----------
    condition : Tensor
        Boolean.
    input, other : Tensor or number
        Shapes that broadcast with it.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> x = engine.tensor([1.0, -2.0])
    >>> engine.where(x > 0, x, 0)
    tensor([1., 0.])
    """
    holds = condition.array
    if holds.dtype != np.bool_:
        raise RuntimeError(f"where: expected a boolean condition, got {condition.dtype}")
    a, b = operands("where", input, other)
    return record(
        np.where(holds, a, b), (input, lambda g: keep(g, holds)), (other, lambda g: keep(g, ~holds))
    )


@quiet
def clamp(input: Tensor, min: Operand | None = None, max: Operand | None = None) -> Tensor:
    """Return x where it lies between two bounds, elsewhere the nearer bound.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    min, max : Tensor or number, optional
        The bounds; at least one of them.

    Returns
    -------
    Tensor
        Of the same shape. The gradient passes where x is not beyond a bound.

    Raises
    ------
    ValueError
        If there is no bound.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([-1.0, 0.5, 2.0]).clamp(0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    if min is None and max is None:
        raise ValueError("clamp: expected min, max or both, got neither")
    x = out = input.array
    inside: Array = np.ones((), bool)
    if min is not None:
        out, low = operands("clamp", record(out), min)
        out, inside = np.maximum(out, low), x >= low
    if max is not None:
        out, high = operands("clamp", record(out), max)
        out, inside = np.minimum(out, high), inside & (x <= high)
    return record(out, (input, lambda g: keep(g, inside)))


def masked_fill(input: Tensor, mask: Tensor, value: Operand) -> Tensor:
    """Return a copy with one value where a mask is true.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    mask : Tensor
        Boolean, of a shape that broadcasts.
    value : number or Tensor
        The value.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Raises
    ------
    RuntimeError
        If the mask is not boolean.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.zeros(2).masked_fill(engine.tensor([True, False]), -engine.inf)
    tensor([-inf, 0.])
    """
    hidden, filling = mask.array, value.array if isinstance(value, Tensor) else value
    if hidden.dtype != np.bool_:
        raise RuntimeError(f"masked_fill: expected a boolean mask, got {mask.dtype}")
    kind = input.array.dtype
    return record(
        np.where(hidden, np.asarray(filling, kind), input.array),
        (input, lambda g: keep(g, ~hidden)),
        (value, lambda g: keep(g, hidden)),
    )


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """Return the lower triangle of matrices, with zeros above.

    Parameters
    ----------
    input : Tensor
        Shape (..., n, m).
    diagonal : int, default 0
        The last diagonal that is kept; positive ones lie above the main one.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.ones(2, 2).tril()
    tensor([[1., 0.],
            [1., 1.]])
    """
    return record(np.tril(input.array, diagonal), (input, lambda g: np.tril(g, diagonal)))


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """Return the upper triangle of matrices, with zeros below.

    Parameters
    ----------
    input : Tensor
        Shape (..., n, m).
    diagonal : int, default 0
        The first diagonal that is kept; positive ones lie above the main one.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.ones(2, 2).triu(1)
    tensor([[0., 1.],
            [0., 0.]])
    """
    return record(np.triu(input.array, diagonal), (input, lambda g: np.triu(g, diagonal)))


def diag(input: Tensor) -> Tensor:
    """Return a matrix with a vector on its diagonal, or the diagonal of a matrix.

    Parameters
    ----------
    input : Tensor
        Shape (n,) or (n, m).

    Returns
    -------
    Tensor
        Shape (n, n) or (min(n, m),).

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.diag(engine.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    if input.array.ndim == 2:
        place = record(np.arange(min(input.array.shape)))
        return getitem(input, (place, place))
    return record(np.diag(input.array), (input, lambda g: np.diagonal(g)))
