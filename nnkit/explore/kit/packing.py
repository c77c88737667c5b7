"""Arrays on their way to the page: in types that JavaScript has, as text."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Answer: TypeAlias = dict[str, NDArray[Any]]

CODES = {
    "float64": "f8",
    "float32": "f4",
    "int32": "i4",
    "int16": "i2",
    "int8": "i1",
    "uint8": "u1",
}


def pack(answer: Answer, steps: Mapping[str, float]) -> dict[str, list[Any]]:
    """Write arrays as text that the page can read.

    Parameters
    ----------
    answer : dict of str to ndarray
        Named arrays of float64, float32, int64 (between -2**31 and 2**31), int16, uint8 or bool.
    steps : mapping of str to float
        Arrays to be stored as multiples of the given step, in 8 bits if all values fit, else in
        16: the error is at most half a step, and none where the values are such multiples.

    Returns
    -------
    dict of str to list
        For each array its type, its shape, its bytes in base64, and the step (1 if there is none).

    Raises
    ------
    ValueError
        If an array has another type, or a value is too large for its step.
    """
    packed = {}
    for name, array in answer.items():
        step = steps.get(name, 1)
        stored = encode(name, array)
        if name in steps:
            stored = np.rint(array / step)
            largest = np.abs(stored).max(initial=0)
            if not largest < 2**15:
                found = np.abs(array).max()
                raise ValueError(f"pack: {name} must be within ±{2**15 * step:g}, got {found}")
            stored = stored.astype(np.int8 if largest < 2**7 else np.int16)
        text = base64.b64encode(stored.tobytes()).decode()
        packed[name] = [CODES[stored.dtype.name], list(stored.shape), text, step]
    return packed


def encode(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """Return the array in a type that JavaScript has too.

    Parameters
    ----------
    name : str
        The array's name, for the error.
    array : ndarray
        Of float64, float32, int64, int16, uint8 or bool.

    Returns
    -------
    ndarray
        The same values: int64 as int32, bool as uint8, the others as they are.

    Raises
    ------
    ValueError
        If the array has another type, or an integer does not fit.
    """
    if array.dtype == np.int64 and (array != array.astype(np.int32)).any():
        raise ValueError(f"{name}: the page knows integers of 32 bits, got {np.abs(array).max()}")
    narrowed = {"int64": np.int32, "bool": np.uint8}.get(array.dtype.name)
    encoded = np.ascontiguousarray(array if narrowed is None else array.astype(narrowed))
    if encoded.dtype.name not in CODES:
        raise ValueError(f"{name}: the page knows no arrays of {array.dtype}, only {list(CODES)}")
    return encoded.reshape(array.shape)
