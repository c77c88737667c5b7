"""Operations on one tensor, element by element: a table of functions and their derivatives.

`by_input` gives the derivative from the input x, `by_result` from the result y; only what it takes
is kept until `backward`. Where neither stands, the function is made of steps and its slope is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import Gradient, Tensor, quiet, real, record

_DOC = """Return {} of each element.

Parameters
----------
input : Tensor
    Of any shape.

Returns
-------
Tensor
    Of the same shape{}.
"""


def _function(
    name: str,
    meaning: str,
    value: Callable[[Array], Any],
    by_input: Gradient | None = None,
    by_result: Gradient | None = None,
    whole: bool = False,
) -> Callable[[Tensor], Tensor]:
    """Make an operation; if `whole`, integers give integers, otherwise floating numbers."""
    slope = by_input or by_result

    @quiet
    def function(input: Tensor) -> Tensor:
        x = input.array if whole else real(input)
        y = value(x)
        known: Any = y if by_result else x if by_input else None

        def gradient(g: Array) -> Array:
            return np.zeros_like(g) if slope is None else g * slope(known)

        gradient.__qualname__ = name
        return record(y, (input, gradient))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = _DOC.format(meaning, " and type" if whole else ", floating")
    return function


def _sign(x: Array) -> Array:
    return np.where(x != x, 0, np.sign(x)).astype(x.dtype, copy=False)  # NaN has sign 0


def neg(input: Tensor) -> Tensor:
    """Return −x of each element.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of the same shape and type.
    """
    return record(-input.array, (input, lambda g: -g))


abs = _function("abs", "|x|, with slope 0 at 0,", np.abs, _sign, whole=True)
square = _function("square", "x²", np.square, lambda x: 2 * x, whole=True)
sign = _function("sign", "the sign −1, 0 or 1", _sign, whole=True)
floor = _function("floor", "x rounded down", np.floor, whole=True)
ceil = _function("ceil", "x rounded up", np.ceil, whole=True)
trunc = _function("trunc", "x rounded towards 0", np.trunc, whole=True)
round = _function("round", "x rounded to the nearest, halves to even,", np.round, whole=True)

exp = _function("exp", "eˣ", np.exp, by_result=lambda y: y)
expm1 = _function("expm1", "eˣ − 1, exact near 0,", np.expm1, by_result=lambda y: y + 1)
log = _function("log", "the natural logarithm", np.log, lambda x: 1 / x)
log2 = _function("log2", "the logarithm to base 2", np.log2, lambda x: 1 / (x * np.log(2.0)))
log10 = _function("log10", "the logarithm to base 10", np.log10, lambda x: 1 / (x * np.log(10.0)))
log1p = _function("log1p", "log(1 + x), exact near 0,", np.log1p, lambda x: 1 / (x + 1))
sqrt = _function("sqrt", "√x", np.sqrt, by_result=lambda y: 0.5 / y)
rsqrt = _function("rsqrt", "1/√x", lambda x: 1 / np.sqrt(x), by_result=lambda y: -0.5 * y**3)
reciprocal = _function("reciprocal", "1/x", lambda x: 1 / x, by_result=lambda y: -y * y)

sin = _function("sin", "the sine, in radians,", np.sin, np.cos)
cos = _function("cos", "the cosine, in radians,", np.cos, lambda x: -np.sin(x))
tan = _function("tan", "the tangent, in radians,", np.tan, by_result=lambda y: 1 + y * y)
atan = _function("atan", "the arc tangent, in radians,", np.arctan, lambda x: 1 / (1 + x * x))
sinh = _function("sinh", "(eˣ − e⁻ˣ)/2", np.sinh, np.cosh)
cosh = _function("cosh", "(eˣ + e⁻ˣ)/2", np.cosh, np.sinh)
