"""Operations on two tensors, element by element, with broadcasting.

Each is a formula and, for either operand, the gradient's way back; the engine sums that over the
axes along which an operand was broadcast. `+ - * / ** // %` are these functions.
"""

from __future__ import annotations

import numpy as np

from nnkit.scratch.core.dtypes import Array, numpy_type
from nnkit.scratch.core.recording import Operand, Tensor, operands, quiet, record


@quiet
def add(input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """Return input + alpha · other.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.
    alpha : float, default 1
        Factor of `other`.

    Returns
    -------
    Tensor
        Of the broadcast shape.
    """
    if alpha != 1:
        other = mul(other, alpha)
    a, b = operands("add", input, other)
    return record(a + b, (input, lambda g: g), (other, lambda g: g))


@quiet
def sub(input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """Return input − alpha · other.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.
    alpha : float, default 1
        Factor of `other`.

    Returns
    -------
    Tensor
        Of the broadcast shape.
    """
    if alpha != 1:
        other = mul(other, alpha)
    a, b = operands("sub", input, other)
    return record(a - b, (input, lambda g: g), (other, lambda g: -g))


@quiet
def mul(input: Operand, other: Operand) -> Tensor:
    """Return input · other.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.
    """
    a, b = operands("mul", input, other)
    return record(a * b, (input, lambda g: g * b), (other, lambda g: g * a))


@quiet
def div(input: Operand, other: Operand) -> Tensor:
    """Return input / other; 1/0 is infinite and 0/0 is NaN.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Floating, of the broadcast shape.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([1, 0]) / 2
    tensor([0.5000, 0.0000])
    """
    a, b = operands("div", input, other)
    if (a if isinstance(a, np.ndarray) else b).dtype.kind != "f":
        a, b = np.asarray(a, numpy_type(None)), np.asarray(b, numpy_type(None))
    # d(a/b)/db = -a/b² = -(a/b)/b
    return record(a / b, (input, lambda g: g / b), (other, lambda g: -g * ((a / b) / b)))


@quiet
def pow(input: Operand, exponent: Operand) -> Tensor:
    """Return input to the power of exponent.

    Parameters
    ----------
    input, exponent : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([2.0, 3.0]) ** 2
    tensor([4., 9.])
    """
    a, b = operands("pow", input, exponent)
    out = a**b

    def base(g: Array) -> Array:  # b a^(b-1), and 0 where b = 0
        if isinstance(b, np.ndarray):
            return g * np.where(b == 0, 0, b * a ** (b - 1))
        return g * (b * a ** (b - 1)) if b else np.zeros_like(g)

    def power(g: Array) -> Array:  # a^b log a, and 0 where a = 0 and b ≥ 0
        return g * np.where((np.asarray(a) == 0) & (b >= 0), 0, out * np.log(a))

    return record(out, (input, base), (exponent, power))


@quiet
def floor_divide(input: Operand, other: Operand) -> Tensor:
    """Return input / other, rounded down; without a gradient.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.
    """
    a, b = operands("floor_divide", input, other)
    return record(np.floor_divide(a, b))


@quiet
def remainder(input: Operand, other: Operand) -> Tensor:
    """Return what division leaves, with the sign of other.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.tensor([5, -1]) % 3
    tensor([2, 2])
    """
    a, b = operands("remainder", input, other)
    return record(
        np.remainder(a, b), (input, lambda g: g), (other, lambda g: -g * np.floor_divide(a, b))
    )


def maximum(input: Tensor, other: Tensor) -> Tensor:
    """Return the larger of two elements; equal ones share the gradient in halves.

    Parameters
    ----------
    input, other : Tensor
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape; NaN where either is.
    """
    return _extreme(np.maximum, np.greater, input, other)


def minimum(input: Tensor, other: Tensor) -> Tensor:
    """Return the smaller of two elements; equal ones share the gradient in halves.

    Parameters
    ----------
    input, other : Tensor
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape; NaN where either is.
    """
    return _extreme(np.minimum, np.less, input, other)


@quiet
def _extreme(choose: np.ufunc, beats: np.ufunc, input: Tensor, other: Tensor) -> Tensor:
    a, b = operands(choose.__name__, input, other)
    return record(
        choose(a, b),
        (input, lambda g: np.where(a == b, g / 2, np.where(beats(b, a), 0, g))),
        (other, lambda g: np.where(a == b, g / 2, np.where(beats(a, b), 0, g))),
    )
