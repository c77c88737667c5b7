"""Questions about elements, answered by booleans, and operations on bits; none has a gradient.

`== != < <= > >= & | ^ ~` are these functions.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnkit.scratch.core.recording import Operand, Tensor, operands, quiet, record

_DOC = """Return where {0}.

Parameters
----------
{1}

Returns
-------
Tensor
    Of that shape; boolean, but for bits of integers.
"""


def _of_two(name: str, holds: str, ufunc: np.ufunc) -> Callable[[Operand, Operand], Tensor]:
    def function(input: Operand, other: Operand) -> Tensor:
        return record(ufunc(*operands(name, input, other)))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = _DOC.format(
        holds, "input, other : Tensor or number\n    Of shapes that broadcast to one."
    )
    return function


def _of_one(name: str, holds: str, ufunc: np.ufunc) -> Callable[[Tensor], Tensor]:
    def function(input: Tensor) -> Tensor:
        return record(ufunc(input.array))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = _DOC.format(holds, "input : Tensor\n    Of any shape.")
    return function


eq = _of_two("eq", "input = other", np.equal)
ne = _of_two("ne", "input ≠ other", np.not_equal)
lt = _of_two("lt", "input < other", np.less)
le = _of_two("le", "input ≤ other", np.less_equal)
gt = _of_two("gt", "input > other", np.greater)
ge = _of_two("ge", "input ≥ other", np.greater_equal)
logical_and = _of_two("logical_and", "both are true, that is, not 0", np.logical_and)
logical_or = _of_two("logical_or", "at least one is true, that is, not 0", np.logical_or)
logical_xor = _of_two("logical_xor", "exactly one is true, that is, not 0", np.logical_xor)
bitwise_and = _of_two("bitwise_and", "both bits are 1, or booleans true", np.bitwise_and)
bitwise_or = _of_two("bitwise_or", "at least one bit is 1, or boolean true", np.bitwise_or)
bitwise_xor = _of_two("bitwise_xor", "exactly one bit is 1, or boolean true", np.bitwise_xor)
logical_not = _of_one("logical_not", "x is 0 or false", np.logical_not)
bitwise_not = _of_one("bitwise_not", "a bit is 0, or a boolean false", np.bitwise_not)
isnan = _of_one("isnan", "x is NaN", np.isnan)
isinf = _of_one("isinf", "x is infinite", np.isinf)
isfinite = _of_one("isfinite", "x is neither infinite nor NaN", np.isfinite)


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
