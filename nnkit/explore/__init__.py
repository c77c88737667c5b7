"""Explorables: one pure function from controls to arrays, that a reader can play with.

`name.py` here says which controls there are and computes; `name.js` beside it draws. In a notebook
each change of a control is answered by the function itself. On a page without a kernel the same
drawing is fed from a table of the function's answers that was computed when the page was built.
"""

from nnkit.explore.kit.controls import (
    Choice,
    Control,
    Handles,
    Points,
    Seed,
    Slider,
    Switch,
    Time,
    asked,
    positions,
)
from nnkit.explore.kit.explorable import TABLE_BYTES, Explorable
from nnkit.explore.kit.packing import CODES, Answer, encode, pack

__all__ = [
    "CODES",
    "TABLE_BYTES",
    "Answer",
    "Choice",
    "Control",
    "Explorable",
    "Handles",
    "Points",
    "Seed",
    "Slider",
    "Switch",
    "Time",
    "asked",
    "encode",
    "pack",
    "positions",
]
