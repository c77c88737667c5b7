"""What every explorable is: its controls, its answers, its table, and how it is shown."""

from __future__ import annotations

import html
import importlib
import itertools
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from nnkit.explore.kit.controls import Control, Time, asked, positions
from nnkit.explore.kit.packing import Answer, pack

TABLE_BYTES = 2_000_000


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
    def answers(cls, settings: Sequence[Mapping[str, Any]]) -> Iterator[Answer]:
        """Compute several answers; a subclass that can do so at once, for less, overrides this.

        Parameters
        ----------
        settings : sequence of mapping
            Settings of the controls.

        Yields
        ------
        dict of str to ndarray
            What `compute` returns for each, but for rounding.
        """
        for setting in settings:
            yield cls.compute(**setting)

    @classmethod
    def pieces(cls) -> int:
        """Return the number of pieces of the table."""
        return -(-sum(1 for _ in cls.grid()) // cls.piece)

    @classmethod
    def table(cls, numbers: Sequence[int] | None = None) -> Iterator[list[dict[str, list[Any]]]]:
        """Compute the table, or some of its pieces.

        Parameters
        ----------
        numbers : sequence of int, optional
            Which pieces, each from 0 to `pieces` - 1; all if not given.

        Yields
        ------
        list of dict
            For each piece the packed answers to its `piece` settings of `grid`.

        Raises
        ------
        ValueError
            If an answer is larger than its `bound`.
        """
        grid = list(cls.grid())
        wanted = range(cls.pieces()) if numbers is None else numbers
        parts = [grid[number * cls.piece : (number + 1) * cls.piece] for number in wanted]
        found = cls.answers(list(itertools.chain(*parts)))
        for settings in parts:
            yield [cls._checked(setting, next(found)) for setting in settings]

    @classmethod
    def _checked(cls, setting: Mapping[str, Any], answer: Answer) -> dict[str, list[Any]]:
        """Pack an answer, unless it is larger than its bound."""
        packed = pack(answer, cls.steps)
        size, bound = len(json.dumps(packed)), cls.bound(setting)
        if size > bound:
            raise ValueError(
                f"{cls.__name__}: the answer to {setting} must be at most {bound} bytes, got {size}"
            )
        return packed

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
            from nnkit.explore.kit.widget import Widget
        except ModuleNotFoundError:
            return bundle, {}
        data, metadata = Widget(self.name(), self.spec(), self.compute).view()
        return bundle | data, metadata


def load(name: str) -> type[Explorable]:
    """Return the explorable of a name, from the module of that name.

    Parameters
    ----------
    name : str
        Name of a module in `nnkit.explore`.

    Returns
    -------
    type
        The one subclass of `Explorable` that the module defines.

    Raises
    ------
    ModuleNotFoundError
        If there is no such module.
    """
    module = importlib.import_module(f"nnkit.explore.{name}")
    (found,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Explorable) and value.name() == name
    )
    return found


def texts(name: str, numbers: Sequence[int]) -> list[str]:
    """Compute pieces of an explorable's table and write them as the page reads them.

    Parameters
    ----------
    name : str
        Name of the explorable.
    numbers : sequence of int
        Which pieces.

    Returns
    -------
    list of str
        Each piece as JSON.
    """
    return [json.dumps(piece, separators=(",", ":")) for piece in load(name).table(numbers)]
