"""Questions about elements, answered by booleans; none has a gradient.

`== != < <= > >= & | ^ ~` are these functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnkit.scratch.recording import operands, quiet, record

if TYPE_CHECKING:
    from nnkit.scratch.arithmetic import Operand
    from nnkit.scratch.tensors import Tensor


def eq(input: Operand, other: Operand) -> Tensor:
    """Return where input = other.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Boolean, of the broadcast shape.
    """
    a, b = operands("eq", input, other)
    return record(a == b)


def ne(input: Operand, other: Operand) -> Tensor:
    """Return where input ≠ other.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Boolean, of the broadcast shape.
    """
    a, b = operands("ne", input, other)
    return record(a != b)


def lt(input: Operand, other: Operand) -> Tensor:
    """Return where input < other.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Boolean, of the broadcast shape.
    """
    a, b = operands("lt", input, other)
    return record(a < b)


def le(input: Operand, other: Operand) -> Tensor:
    """Return where input ≤ other.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Boolean, of the broadcast shape.
    """
    a, b = operands("le", input, other)
    return record(a <= b)


def gt(input: Operand, other: Operand) -> Tensor:
    """Return where input > other.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Boolean, of the broadcast shape.
    """
    a, b = operands("gt", input, other)
    return record(a > b)


def ge(input: Operand, other: Operand) -> Tensor:
    """Return where input ≥ other.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Boolean, of the broadcast shape.
    """
    a, b = operands("ge", input, other)
    return record(a >= b)


def logical_and(input: Operand, other: Operand) -> Tensor:
    """Return where both are true, that is, not zero.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Boolean, of the broadcast shape.
    """
    return record(np.logical_and(*operands("logical_and", input, other)))


def logical_or(input: Operand, other: Operand) -> Tensor:
    """Return where at least one is true, that is, not zero.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Boolean, of the broadcast shape.
    """
    return record(np.logical_or(*operands("logical_or", input, other)))


def logical_xor(input: Operand, other: Operand) -> Tensor:
    """Return where exactly one is true, that is, not zero.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.

    Returns
    -------
    Tensor
        Boolean, of the broadcast shape.
    """
    return record(np.logical_xor(*operands("logical_xor", input, other)))


def logical_not(input: Tensor) -> Tensor:
    """Return where x is zero or false.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Boolean, of the same shape.
    """
    return record(np.logical_not(input.array))


def bitwise_and(input: Operand, other: Operand) -> Tensor:
    """Return the and of the bits of two elements, or of two booleans.

    Parameters
    ----------
    input, other : Tensor or number
        Boolean or integer, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.
    """
    a, b = operands("bitwise_and", input, other)
    return record(a & b)


def bitwise_or(input: Operand, other: Operand) -> Tensor:
    """Return the or of the bits of two elements, or of two booleans.

    Parameters
    ----------
    input, other : Tensor or number
        Boolean or integer, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.
    """
    a, b = operands("bitwise_or", input, other)
    return record(a | b)


def bitwise_xor(input: Operand, other: Operand) -> Tensor:
    """Return the exclusive or of the bits of two elements, or of two booleans.

    Parameters
    ----------
    input, other : Tensor or number
        Boolean or integer, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.
    """
    a, b = operands("bitwise_xor", input, other)
    return record(a ^ b)


def bitwise_not(input: Tensor) -> Tensor:
    """Return each bit, or each boolean, the other way round.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Boolean or integer, of the same shape.
    """
    return record(~input.array)


def isnan(input: Tensor) -> Tensor:
    """Return where x is NaN.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Boolean, of the same shape.
    """
    return record(np.isnan(input.array))


def isinf(input: Tensor) -> Tensor:
    """Return where x is infinite.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Boolean, of the same shape.
    """
    return record(np.isinf(input.array))


def isfinite(input: Tensor) -> Tensor:
    """Return where x is neither infinite nor NaN.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Boolean, of the same shape.
    """
    return record(np.isfinite(input.array))


def equal(input: Tensor, other: Tensor) -> bool:
    """Return whether two tensors have the same shape and the same elements.

    Parameters
    ----------
    input, other : Tensor
        Of any shapes.

    Returns
    -------
    bool
        Whether they do.
    """
    return bool(np.array_equal(input.array, other.array))


@quiet
def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Return where |input − other| ≤ atol + rtol · |other|.

    Parameters
    ----------
    input, other : Tensor
        Shapes that broadcast.
    rtol, atol : float, default 1e-5 and 1e-8
        Relative and absolute tolerance.
    equal_nan : bool, default False
        Whether NaN is close to NaN.

    Returns
    -------
    Tensor
        Boolean, of the broadcast shape.
    """
    return record(np.isclose(*operands("isclose", input, other), rtol, atol, equal_nan))


def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Return whether |input − other| ≤ atol + rtol · |other| everywhere.

    Parameters
    ----------
    input, other : Tensor
        Shapes that broadcast.
    rtol, atol : float, default 1e-5 and 1e-8
        Relative and absolute tolerance.
    equal_nan : bool, default False
        Whether NaN is close to NaN.

    Returns
    -------
    bool
        Whether it is.
    """
    return bool(isclose(input, other, rtol, atol, equal_nan).array.all())
