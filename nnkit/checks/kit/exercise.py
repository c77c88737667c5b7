"""An exercise: its solution, the cases that it is tried on, and the mistakes that have a hint.

Mistakes are functions of their own; an answer that does what one of those does gets its hint.
Answers are compared by what they return; how they are written is left to the learner.
"""

import copy
import inspect
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Function = Callable[..., Any]

# A verdict's lines fit the column of a page; no number is broken at its minus sign.
FOLD = textwrap.TextWrapper(
    88, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
)


@dataclass(frozen=True)
class Exercise:
    """A function to write, and what can be told about an attempt.

    Two returned values are the same if they have the same shape and differ by at most 1e-6,
    absolutely or relatively; tuples and lists count as arrays where they can, and are compared item
    by item where not.

    Attributes
    ----------
    solution : callable
        The function as it should be; its parameters' names are used to show a case.
    cases : sequence of tuple
        Arguments of each call; nobody's function is handed the originals, only copies.
    lesson : str
        One sentence to follow "Right:", saying what the exercise shows.
    wrong : tuple of callable
        Functions that make a mistake of the kind that learners make; the docstring of each is the
        hint that names it.
    """

    solution: Function
    cases: Sequence[tuple[Any, ...]]
    lesson: str
    wrong: tuple[Function, ...]

    def verdict(self, answer: object) -> str:
        """Return what there is to say about an answer, in one sentence or a few lines.

        Parameters
        ----------
        answer : object
            The learner's function; whatever else it is, the verdict says so.

        Returns
        -------
        str
            "Right: ..." or "Not yet: ...", the same text for the same answer in every process.
        """
        name = self.solution.__name__
        if not callable(answer):
            return f"Not yet: {name} must be a function, got {_describe(answer)}."
        expected = self._results(self.solution)
        got = []
        for case, wanted in zip(self.cases, expected, strict=True):
            try:
                got.append(answer(*copy.deepcopy(case)))
            except Exception as error:
                message = re.sub(r" at 0x[0-9a-fA-F]+", "", str(error))
                return (
                    f"Not yet: {name} raised {type(error).__name__}: {message}\n"
                    f"{self._called_with(case)}\n"
                    f"expected: {_describe(wanted)}"
                )
        marks = list(map(_same, got, expected))
        if all(marks):
            return f"Right: {self.lesson}"
        for mistake in self.wrong:
            if all(map(_same, got, self._results(mistake))):
                return f"Not yet: {' '.join(str(mistake.__doc__).split())}"
        first = marks.index(False)
        return (
            f"Not yet: {name} {_complaint(got[first], expected[first])}\n"
            f"{self._called_with(self.cases[first])}\n"
            f"expected: {_describe(expected[first])}\n"
            f"got:      {_describe(got[first])}"
        )

    def _results(self, function: Function) -> list[Any]:
        return [function(*copy.deepcopy(case)) for case in self.cases]

    def _called_with(self, case: tuple[Any, ...]) -> str:
        names = inspect.signature(self.solution).parameters
        return "\n".join(
            f"{name} = {_show(value)}" for name, value in zip(names, case, strict=True)
        )


def checker(*exercises: Exercise) -> Callable[[str, object], None]:
    """Make a chapter's `check` from its exercises.

    Parameters
    ----------
    *exercises : Exercise
        The chapter's exercises, each known by the name of its solution.

    Returns
    -------
    callable
        `check(name, answer)` prints the verdict on an answer to the exercise of that name. It
        raises ValueError if there is no such exercise, and nothing else.

    Examples
    --------
    >>> from nnkit.checks import Exercise, checker
    >>> def double(x):
    ...     return 2 * x
    >>> def square(x):
    ...     "That multiplies x by itself; add it to itself."
    ...     return x * x
    >>> check = checker(Exercise(double, [(2,), (3,)], "Doubling is adding.", (square,)))
    >>> check("double", lambda x: x + x)
    Right: Doubling is adding.
    >>> check("double", lambda x: x**2)
    Not yet: That multiplies x by itself; add it to itself.
    """
    by_name = {exercise.solution.__name__: exercise for exercise in exercises}

    def check(name: str, answer: object) -> None:
        """Print whether an answer is right, and if not, what is wrong with it."""
        if name not in by_name:
            raise ValueError(f"check: no exercise {name!r}; there are {', '.join(by_name)}")
        for line in by_name[name].verdict(answer).splitlines():
            print("\n".join(FOLD.wrap(line)))

    return check


def _numbers(value: Any) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """Return a number or a rectangle of numbers as an array, anything else as None."""
    try:
        array = np.asarray(value)
    except Exception:
        return None
    return array.astype(float) if array.dtype.kind in "biuf" else None


def _same(got: Any, expected: Any) -> bool:
    one, other = _numbers(got), _numbers(expected)
    if other is None:
        return _as_many(got, expected) and all(map(_same, got, expected))
    return one is not None and one.shape == other.shape and np.allclose(one, other, 1e-6, 1e-6)


def _as_many(got: Any, expected: Any) -> bool:
    return isinstance(got, tuple | list) and len(got) == len(expected)


def _complaint(got: Any, expected: Any) -> str:
    """Say what is wrong with a value that is not the same as the expected one."""
    if got is None:
        return "returned nothing (None)"
    if got is Ellipsis:
        return "returned the dots (...) that stand where your code should"
    one, other = _numbers(got), _numbers(expected)
    if other is None and not _as_many(got, expected):
        return f"must return {len(expected)} values"
    if other is None:
        place = list(map(_same, got, expected)).index(False)
        return f"{_complaint(got[place], expected[place])} as value {place + 1} of {len(got)}"
    if one is None:
        return "returned something other than numbers"
    if one.shape != other.shape:
        return "returned the wrong shape"
    if np.isnan(one).any():
        return "returned NaN, which is not a number"
    return "returned other numbers"


def _describe(value: Any) -> str:
    """Show a value that is made of numbers with its shape, say what any other is."""
    array = None if isinstance(value, tuple) else _numbers(value)
    if array is not None:
        return f"{_show(value)}, shape {array.shape}" if array.ndim else _show(value)
    if value is None or value is Ellipsis:
        return "None" if value is None else "..."
    if isinstance(value, tuple | list):
        return "; ".join(map(_describe, value))
    return f"a value of type {type(value).__name__}"


def _show(value: Any) -> str:
    array = _numbers(value)
    if array is None:
        return f"[{', '.join(map(_show, value))}]"
    rows = np.array2string(
        array + 0.0,  # no negative zero
        separator=", ",
        threshold=60,
        formatter={"float_kind": lambda number: f"{number:.4g}"},
    )
    return " ".join(rows.split())
