"""What a reader can set: the controls of an explorable, and the values that a table has of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, TypeGuard

import numpy as np


@dataclass(frozen=True)
class Slider:
    """A number between two ends; the table holds `steps` of its values, both ends among them.

    A kernel answers any value. A page that has the table alone offers its values and no others,
    with a mark at each; if `smooth`, it offers those between as well and interpolates.

    Parameters
    ----------
    label : str
        What the reader is told that it is.
    low, high : float
        The ends, low < high; both > 0 if `log`.
    steps : int
        Number of values in the table, >= 2: equal distances between them, or equal ratios if `log`.
    start : int
        Which of these values is set at first, counted from 0.
    log : bool
        Whether equal distances on the slider are equal ratios.
    whole : bool
        Whether only whole numbers can be set.
    smooth : bool
        Whether answers change so smoothly along it that the page may interpolate between those of
        the table: linearly in the slider's position, in every array of floats; an array of
        integers is that of the nearest position. By how much this may be off, the explorable's
        `tolerance` says.
    """

    label: str
    low: float
    high: float
    steps: int
    start: int = 0
    log: bool = False
    whole: bool = False
    smooth: bool = False


@dataclass(frozen=True)
class Choice:
    """One of several named options; the first is set at first.

    Parameters
    ----------
    label : str
        What the reader is told that it is.
    options : tuple of str
        The names, as the function gets them and the reader sees them.
    """

    label: str
    options: tuple[str, ...]
    start: ClassVar[int] = 0


@dataclass(frozen=True)
class Switch:
    """On or off.

    Parameters
    ----------
    label : str
        What the reader is told that it is.
    start : int
        1 if it is on at first, else 0.
    drawn : bool
        Whether it only shows or hides a part of the drawing, so that the function does not get it.
    """

    label: str
    start: int = 0
    drawn: bool = False


@dataclass(frozen=True)
class Seed:
    """The seed of whatever is drawn at random.

    Parameters
    ----------
    label : str
        What the reader is told that it is.
    count : int
        The seeds are 0 to count - 1.
    """

    label: str
    count: int
    start: ClassVar[int] = 0


@dataclass(frozen=True)
class Points:
    """Points of two classes in the plane that can be moved, added, flipped and taken away.

    The function gets None while they are as the other controls leave them, else one
    `[x1, x2, label]` for each, the label -1 or +1.

    Parameters
    ----------
    label : str
        What the reader is told that they are.
    low, high : float
        Ends of both axes.
    step : float
        Distance between the positions that a point can have, along each axis.
    most : int
        The largest number of points.
    resets : str
        Name of the control that brings its own points whenever it is set.
    """

    label: str
    low: float
    high: float
    step: float
    most: int
    resets: str
    start: ClassVar[int] = 0


@dataclass(frozen=True)
class Handles:
    """Numbers that are set by handles in the drawing.

    The function gets None while they are as the other controls leave them, else a list of them.

    Parameters
    ----------
    names : tuple of str
        What the reader is told that each is.
    ends : tuple of float
        How far each goes to both sides of 0, a multiple of `step`.
    step : float
        Distance between the values that a number can have.
    resets : str
        Name of the control that brings its own numbers whenever it is set, if there is one.
    """

    names: tuple[str, ...]
    ends: tuple[float, ...]
    step: float
    resets: str = ""
    start: ClassVar[int] = 0


@dataclass(frozen=True)
class Time:
    """A position along the first axis of one of the answer's arrays; the function does not get it.

    Parameters
    ----------
    label : str
        What the reader is told that one step is.
    along : str
        Name of the array.
    """

    label: str
    along: str


Control: TypeAlias = Slider | Choice | Switch | Seed | Points | Handles | Time


def asked(control: Control) -> TypeGuard[Slider | Choice | Switch | Seed | Points | Handles]:
    """Say whether the function gets the value of a control.

    Parameters
    ----------
    control : control
        Any.

    Returns
    -------
    bool
        False for a `Time` and for a `Switch` of the drawing alone, True for all others.
    """
    return not (isinstance(control, Time) or (isinstance(control, Switch) and control.drawn))


def positions(control: Control) -> list[Any]:
    """List the values of a control that a table holds answers to.

    Parameters
    ----------
    control : control
        Any but a `Time`, of which the function knows nothing.

    Returns
    -------
    list
        Floats from low to high for a slider, options for a choice, False and True for a switch,
        seeds, or None alone for points and handles.

    Raises
    ------
    ValueError
        If the control is a `Time`.

    Examples
    --------
    >>> from nnkit.explore import Slider, positions
    >>> positions(Slider("Noise", low=0, high=1, steps=5))
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    match control:
        case Slider():
            space = np.geomspace if control.log else np.linspace
            values = space(control.low, control.high, control.steps)
            return [float(value) for value in (np.rint(values) if control.whole else values)]
        case Choice():
            return list(control.options)
        case Switch():
            return [False, True]
        case Seed():
            return list(range(control.count))
        case Points() | Handles():
            return [None]
        case Time():
            raise ValueError(f"positions: {control.label} is a Time, which is in no table")
