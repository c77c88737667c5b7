"""The types of a tensor's elements, and what comes of mixing them.

PyTorch's rules differ from NumPy's: an integer tensor met by a floating one becomes floating
without growing (int64 with float32 gives float32, not float64), and a tensor of no dimensions or
a Python number never widens a tensor that has dimensions. Complex types are left out.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Number: TypeAlias = bool | int | float


class dtype:  # noqa: N801 (PyTorch's name)
    """The type of a tensor's elements, such as `float32`.

    Parameters
    ----------
    name : str
        NumPy's name of the type.

    Attributes
    ----------
    numpy : numpy.dtype
        The same type in NumPy.
    is_floating_point : bool
        Whether the elements can carry a fraction, and so a gradient.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tensor([1, 2]).dtype, torch.float32.is_floating_point
    (torch.int64, True)
    """

    __slots__ = ("is_floating_point", "numpy")

    def __init__(self, name: str) -> None:
        self.numpy = np.dtype(name)
        self.is_floating_point = self.numpy.kind == "f"

    def __repr__(self) -> str:
        return f"torch.{self.numpy.name}"


float16, float32, float64 = dtype("float16"), dtype("float32"), dtype("float64")
uint8, int8, int16 = dtype("uint8"), dtype("int8"), dtype("int16")
int32, int64, boolean = dtype("int32"), dtype("int64"), dtype("bool")

OF_NUMPY = {
    kind.numpy: kind
    for kind in (float16, float32, float64, uint8, int8, int16, int32, int64, boolean)
}
DEFAULT = float32.numpy
_RANK = {"b": 0, "u": 1, "i": 1, "f": 2}


def _promote(a: np.dtype[Any] | None, b: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type that holds both, where a fraction counts for more than width."""
    if a is None or (b.kind == "f" and a.kind != "f"):
        return b
    return a if a.kind == "f" and b.kind != "f" else np.promote_types(a, b)


def result_type(*operands: Array | Number) -> np.dtype[Any]:
    """Return the type that an operation on these computes in.

    Parameters
    ----------
    *operands : ndarray or number
        Arrays with dimensions decide; those without, then Python numbers, only lift the
        result from boolean to integer to floating.

    Returns
    -------
    numpy.dtype
        The common type.

    Examples
    --------
    >>> import numpy as np
    >>> from nnkit.scratch.dtypes import result_type
    >>> result_type(np.zeros(2, np.int64), np.zeros((), np.float64), 1.5)
    dtype('float64')
    """
    levels: list[np.dtype[Any] | None] = [None, None, None]
    for operand in operands:
        if isinstance(operand, np.ndarray):
            level, kind = int(operand.ndim == 0), operand.dtype
        else:
            level = 2
            kind = DEFAULT if isinstance(operand, float) else np.dtype(type(operand))
        levels[level] = _promote(levels[level], kind)
    result: np.dtype[Any] | None = None
    for kind_or_none in levels:
        if kind_or_none is not None and (
            result is None or _RANK[kind_or_none.kind] > _RANK[result.kind]
        ):
            result = kind_or_none
    assert result is not None
    return result
