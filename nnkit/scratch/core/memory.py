"""When memory changed in place: the clock by which stale values are found out.

A gradient function remembers arrays of the forward pass in its closure. If one of them has been
changed in place since, the gradient would be wrong without a sign. So nodes and changes in place
are dated by one clock, and `backward` compares the dates.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator

import numpy as np

from nnkit.scratch.core.dtypes import Array

tick = itertools.count(1).__next__

# When each piece of memory last changed in place: by the id of the array that owns it.
_changes: dict[int, tuple[weakref.ref[Array], int]] = {}
last_change = 0


def touch(array: Array) -> None:
    """Note that an array has been changed in place, so that stale values are never used.

    Parameters
    ----------
    array : ndarray
        The array, or any view of its memory.
    """
    global last_change
    memory = owner(array)
    key = id(memory)
    last_change = tick()
    _changes[key] = (weakref.ref(memory, lambda _: _changes.pop(key, None)), last_change)


def owner(array: Array) -> Array:
    """Return the array that owns the memory of a view.

    Parameters
    ----------
    array : ndarray
        A view, or an array that has memory of its own.

    Returns
    -------
    ndarray
        The owner, in the second case the array itself.
    """
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _captured(thing: object) -> Iterator[Array]:
    """Yield the arrays that a gradient function remembers: those in its closure."""
    if isinstance(thing, np.ndarray):
        yield thing
    cells = getattr(thing, "__closure__", None) or ()
    for item in thing if isinstance(thing, tuple | list) else (c.cell_contents for c in cells):
        yield from _captured(item)


def changed_since(age: int, remembered: object) -> Array | None:
    """Find a value that a gradient function remembers and that has changed since.

    Parameters
    ----------
    age : int
        When it was recorded, by the clock `tick`.
    remembered : object
        The gradient function.

    Returns
    -------
    ndarray or None
        The first array in its closure whose memory has been changed in place after that, if any.
    """
    for array in _captured(remembered):
        _, time = _changes.get(id(owner(array)), (None, 0))
        if time > age:
            return array
    return None
