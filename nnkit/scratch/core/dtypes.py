"""The types of a tensor's elements, what comes of mixing them, its shape and its place.

PyTorch's rules differ from NumPy's: an integer tensor met by a floating one becomes floating
without growing (int64 with float32 gives float32, not float64), and a tensor of no dimensions or
a Python number never widens a tensor that has dimensions. Complex types are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
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
    >>> import nnkit.scratch as engine
    >>> engine.tensor([1, 2]).dtype, engine.float32.is_floating_point
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

ALL = (float16, float32, float64, uint8, int8, int16, int32, int64, boolean)
OF_NUMPY = {kind.numpy: kind for kind in ALL}
_default = float32
_RANK = {"b": 0, "u": 1, "i": 1, "f": 2}


def get_default_dtype() -> dtype:
    """Return the type of fractions for which no other is named.

    Returns
    -------
    dtype
        The type float32, unless `set_default_dtype` has changed it.
    """
    return _default


def set_default_dtype(d: dtype) -> None:
    """Choose the type of fractions for which no other is named.

    Parameters
    ----------
    d : dtype
        A floating type.

    Raises
    ------
    TypeError
        If it is not floating.
    """
    global _default
    if not (isinstance(d, dtype) and d.is_floating_point):
        raise TypeError(f"set_default_dtype: expected a floating dtype, got {d}")
    _default = d


def numpy_type(kind: dtype | None) -> np.dtype[Any]:
    """Return NumPy's type for one that was asked for, or the default.

    Parameters
    ----------
    kind : dtype or None
        What was asked for.

    Returns
    -------
    numpy.dtype
        The type; that of the default for None.
    """
    return (kind or _default).numpy


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
    >>> from nnkit.scratch.core.dtypes import result_type
    >>> result_type(np.zeros(2, np.int64), np.zeros((), np.float64), 1.5)
    dtype('float64')
    """
    ranked = []
    for operand in operands:
        if isinstance(operand, np.ndarray):
            kind, weight = operand.dtype, 2 if operand.ndim else 1
        else:
            kind = _default.numpy if isinstance(operand, float) else np.dtype(type(operand))
            weight = 0
        ranked.append((_RANK[kind.kind], weight, kind))
    first = max(entry[:2] for entry in ranked)
    return reduce(np.promote_types, (kind for *rank, kind in ranked if (*rank,) == first))


class Size(tuple[int, ...]):
    """A shape: a tuple that prints as PyTorch's does.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.zeros(2, 3).shape
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
        return math.prod(self)


@dataclass(frozen=True)
class device:  # noqa: N801 (PyTorch's name)
    """Where elements are: here always the processor.

    Parameters
    ----------
    type : str
        "cpu".

    Raises
    ------
    RuntimeError
        For any other.
    """

    type: str

    def __post_init__(self) -> None:
        if self.type != "cpu":
            raise RuntimeError(f"device: expected 'cpu', the only one here, got {self.type!r}")


class cuda:  # noqa: N801 (PyTorch's name)
    """What a script asks before it chooses a device."""

    @staticmethod
    def is_available() -> bool:
        """Return whether there is a graphics card to compute on.

        Returns
        -------
        bool
            False.
        """
        return False
