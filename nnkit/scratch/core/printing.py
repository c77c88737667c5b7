"""How a tensor is written out: in PyTorch's form, with four digits and long axes cut short."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Array, numpy_type
from nnkit.scratch.core.recording import Tensor

DIGITS, EDGE, MOST, WIDTH = 4, 3, 1000, 80


def to_text(tensor: Tensor) -> str:
    """Return a tensor as text.

    Parameters
    ----------
    tensor : Tensor
        Of any shape.

    Returns
    -------
    str
        What PyTorch prints.
    """
    array, prefix = tensor.array, "tensor("
    cut = array.size > MOST
    write = _formatter(_shown(array) if cut else array)
    text = prefix + (_block(array, len(prefix), cut, write) if array.size else "[]")
    notes = []
    if array.size == 0 and array.ndim != 1:
        notes.append(f"size={tuple(array.shape)}")
    plain = (numpy_type(None), np.int64, np.bool_) if array.size else (numpy_type(None),)
    if array.dtype not in plain:
        notes.append(f"dtype={tensor.dtype}")
    if tensor.grad_fn is not None:
        notes.append(f"grad_fn={tensor.grad_fn}")
    elif tensor.requires_grad:
        notes.append("requires_grad=True")
    for note in notes:
        fits = len(text) - text.rfind("\n") + len(note) + 1 < WIDTH
        text += f", {note}" if fits else f",\n{' ' * len(prefix)}{note}"
    return text + ")"


def _shown(array: Array) -> Array:
    """Return the elements that remain when long axes are cut short."""
    for axis, n in enumerate(array.shape):
        if n > 2 * EDGE:
            array = np.take(array, [*range(EDGE), *range(n - EDGE, n)], axis)
    return array


def _formatter(array: Array) -> Callable[[Any], str]:
    """Return a function that writes each of these elements in the same width."""
    if array.dtype.kind != "f":
        width = max((len(str(x)) for x in array.flat), default=0)
        return lambda x: f"{x!s:>{width}}"
    numbers = array[np.isfinite(array) & (array != 0)].astype(np.float64)
    if numbers.size == 0:
        return lambda x: f"{x:.0f}." if np.isfinite(x) else str(x)
    high, low = np.abs(numbers).max(), np.abs(numbers).min()
    whole = bool((numbers == np.ceil(numbers)).all())
    if high / low > 1000 or high > 1e8 or (low < 1e-4 and not whole):
        style, dot = f".{DIGITS}e", ""
    else:
        style, dot = (".0f", ".") if whole else (f".{DIGITS}f", "")
    width = max(len(f"{x:{style}}{dot}") for x in numbers)
    return lambda x: f"{f'{x:{style}}' + (dot if np.isfinite(x) else ''):>{width}}"


def _block(array: Array, indent: int, cut: bool, write: Callable[[Any], str]) -> str:
    """Return nested brackets around the elements; each level indents by one."""
    if array.ndim == 0:
        return write(array[()])
    hidden = cut and len(array) > 2 * EDGE
    shown = [*array[:EDGE], *array[-EDGE:]] if hidden else array
    parts = [_block(part, indent + 1, cut, write) for part in shown]
    if array.ndim == 1:
        per_line = max(1, (WIDTH - indent) // (max(map(len, parts), default=0) + 2))
    if hidden:
        parts.insert(EDGE, "..." if array.ndim > 1 else " ...")
    if array.ndim == 1:
        parts = [", ".join(parts[i : i + per_line]) for i in range(0, len(parts), per_line)]
    return "[" + ("," + "\n" * max(array.ndim - 1, 1) + " " * (indent + 1)).join(parts) + "]"
