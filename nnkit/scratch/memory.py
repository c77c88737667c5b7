"""When memory changed in place: the clock by which stale values are found out.

A gradient function remembers arrays of the forward pass in its closure. If one of them has been
changed in place since, the gradient would be wrong without a sign. So nodes and changes in place
are dated by one clock, and `backward` compares the dates.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from nnkit.scratch.dtypes import Array

if TYPE_CHECKING:
    from nnkit.scratch.recording import Node

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


def check_unchanged(node: Node) -> None:
    """Refuse to use values that have changed since they were recorded.

    Parameters
    ----------
    node : Node
        What is about to be walked through.

    Raises
    ------
    RuntimeError
        If one of its gradient functions remembers an array that has been changed in place.
    """
    for _, gradient in node.edges or ():
        for array in _captured(gradient):
            _, time = _changes.get(id(owner(array)), (None, 0))
            if time > node.age:
                raise RuntimeError(
                    f"backward: expected the values that {node} was given, got an array of shape "
                    f"{array.shape} that has since been changed in place"
                )
