"""Explorables: one pure function from controls to arrays, that a reader can play with.

`name.py` here says which controls there are and computes; `name.js` beside it draws. In a notebook
each change of a control is answered by the function itself. On a page without a kernel the same
drawing is fed from a table of the function's answers that was computed when the page was built.
"""

from __future__ import annotations

import base64
import html
import itertools
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

Answer: TypeAlias = dict[str, NDArray[Any]]

TABLE_BYTES = 2_000_000
CODES = {
    "float64": "f8",
    "float32": "f4",
    "int32": "i4",
    "int16": "i2",
    "int8": "i1",
    "uint8": "u1",
}


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


class Explorable(ABC):
    """Something to play with: its controls, what it computes from them, and what is said of that.

    A subclass sets the class variables and writes `compute`, `describe` and `figure`; a view that
    draws the answers lies beside it in JavaScript. It is a value to be displayed: the last line of
    a notebook's cell. `table_bytes` is known, and refused if too large, when the class is defined.

    Attributes
    ----------
    controls : dict of str to control
        What the reader can set, under the names of `compute`'s parameters, and at most one `Time`
        and any number of switches that are `drawn`.
    compute : function
        From a setting of the controls to named arrays, always the same ones.
    answer_bytes : int
        Bound on the bytes of any one packed answer; not needed where `bound` is overridden.
    steps : mapping of str to float
        Arrays that the table holds as multiples of the given step (see `pack`).
    tolerance : mapping of str to float
        By how much at most an array may be off where the page interpolates; 0 for one not named.
        A test tries random settings.
    piece : int
        How many answers of the table the page fetches at once.
    size : tuple of int
        Width and height of the drawing, in units of its own.
    """

    controls: ClassVar[dict[str, Control]]
    compute: ClassVar[Callable[..., Answer]]
    answer_bytes: ClassVar[int]
    steps: ClassVar[Mapping[str, float]] = {}
    tolerance: ClassVar[Mapping[str, float]] = {}
    piece: ClassVar[int]
    size: ClassVar[tuple[int, int]]

    def __init_subclass__(cls) -> None:
        """Refuse a table that would be too large."""
        if cls.table_bytes() > TABLE_BYTES:
            raise ValueError(
                f"{cls.__name__}: its table must be at most {TABLE_BYTES} bytes, "
                f"got up to {cls.table_bytes()}"
            )

    @classmethod
    def name(cls) -> str:
        """Return the name of the explorable, which is that of its module."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def grid(cls) -> Iterator[dict[str, Any]]:
        """Yield each setting of the controls that the table answers; the last varies fastest."""
        axes = {key: positions(c) for key, c in cls.controls.items() if asked(c)}
        for values in itertools.product(*axes.values()):
            yield dict(zip(axes, values, strict=True))

    @classmethod
    def bound(cls, setting: Mapping[str, Any]) -> int:
        """Return the bound on the bytes of the packed answer to a setting.

        Parameters
        ----------
        setting : mapping of str to object
            One of `grid`.

        Returns
        -------
        int
            `answer_bytes`, unless a subclass knows better.
        """
        return cls.answer_bytes

    @classmethod
    def table_bytes(cls) -> int:
        """Return the bound on the bytes of the whole table."""
        return sum(cls.bound(setting) for setting in cls.grid())

    @classmethod
    def start(cls) -> dict[str, Any]:
        """Return the setting at first of those controls that the function gets."""
        return {
            key: positions(control)[control.start]
            for key, control in cls.controls.items()
            if asked(control)
        }

    @classmethod
    def table(cls) -> Iterator[list[dict[str, list[Any]]]]:
        """Compute the table, piece by piece.

        Yields
        ------
        list of dict
            The packed answers to the next `piece` settings of `grid`.

        Raises
        ------
        ValueError
            If an answer is larger than its `bound`.
        """
        grid = cls.grid()
        while settings := list(itertools.islice(grid, cls.piece)):
            answers = []
            for setting in settings:
                answer = pack(cls.compute(**setting), cls.steps)
                size, bound = len(json.dumps(answer)), cls.bound(setting)
                if size > bound:
                    raise ValueError(
                        f"{cls.__name__}: the answer to {setting} must be at most {bound} bytes, "
                        f"got {size}"
                    )
                answers.append(answer)
            yield answers

    @classmethod
    def packed(cls, **controls: Any) -> str:
        """Compute an answer and write it as text, for Python that runs in the page.

        Parameters
        ----------
        **controls
            A setting of the controls, on the grid or off it.

        Returns
        -------
        str
            The answer as `pack` writes it, without steps, as JSON.
        """
        return json.dumps(pack(cls.compute(**controls), {}))

    @classmethod
    def spec(cls) -> dict[str, Any]:
        """Return what the page has to know to build the controls and to find answers."""
        controls = {}
        for key, control in cls.controls.items():
            controls[key] = {"kind": type(control).__name__.lower(), **asdict(control)}
            if not isinstance(control, Time):
                controls[key] |= {"grid": positions(control), "start": control.start}
        return {"name": cls.name(), "piece": cls.piece, "controls": controls}

    @classmethod
    def moments(cls, answer: Answer) -> int:
        """Return how many moments an answer has: the length that a `Time` runs along, or 1.

        Parameters
        ----------
        answer : dict of str to ndarray
            Answer of `compute`.

        Returns
        -------
        int
            At least 1.
        """
        along = (c.along for c in cls.controls.values() if isinstance(c, Time))
        return max((len(answer[name]) for name in along), default=1)

    @staticmethod
    @abstractmethod
    def describe(answer: Answer, time: int) -> str:
        """Say in words what is seen at a moment of an answer.

        Parameters
        ----------
        answer : dict of str to ndarray
            Answer of `compute`.
        time : int
            Number of the moment; 0 if nothing plays.

        Returns
        -------
        str
            Sentences.
        """

    @staticmethod
    @abstractmethod
    def figure(answer: Answer) -> str:
        """Draw the last moment of an answer, for readers without scripts.

        Parameters
        ----------
        answer : dict of str to ndarray
            Answer of `compute`.

        Returns
        -------
        str
            The inside of an `svg` element of this `size`.
        """

    def html(self) -> str:
        """Return the figure as it stands where no script runs; on the page scripts bring it alive.

        Returns
        -------
        str
            A `figure` element with the drawing, its words, and `spec` for the scripts.
        """
        answer = self.compute(**self.start())
        words = html.escape(self.describe(answer, self.moments(answer) - 1))
        spec = html.escape(json.dumps(self.spec()))
        return (
            f'<figure class="explorable" data-explorable="{self.name()}" data-spec="{spec}">\n'
            f'<svg viewBox="0 0 {self.size[0]} {self.size[1]}" role="img" aria-label="{words}">\n'
            f"{self.figure(answer)}\n</svg>\n<figcaption>{words}</figcaption>\n</figure>"
        )

    def __repr__(self) -> str:
        """Return the same words wherever it is shown: no address, no number."""
        return f"{type(self).__name__} explorable"

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show a widget that the kernel answers, or where there can be none, the figure."""
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self.html()}
        try:
            from nnkit.explore.widget import Widget
        except ModuleNotFoundError:
            return bundle, {}
        data, metadata = Widget(self).view()
        return bundle | data, metadata
