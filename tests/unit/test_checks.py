"""Every exercise takes its solution, names each mistake and says plainly what else is wrong."""

import importlib
import pkgutil
import re
from collections.abc import Callable
from copy import deepcopy
from itertools import chain
from typing import Any

import numpy as np
import pytest

import nnkit.checks
from nnkit.book.frame import EMPTY
from nnkit.checks import Exercise, checker

MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.iter_modules(nnkit.checks.__path__, "nnkit.checks.")
    if not found.ispkg
]
EXERCISES: list[Exercise] = list(chain.from_iterable(module.EXERCISES for module in MODULES))
each_exercise = pytest.mark.parametrize(
    "exercise", EXERCISES, ids=lambda exercise: exercise.solution.__name__
)
each_mistake = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [(exercise, mistake) for exercise in EXERCISES for mistake in exercise.wrong],
    ids=lambda value: getattr(value, "__name__", ""),
)


def hint(mistake: Callable[..., Any]) -> str:
    return " ".join(str(mistake.__doc__).split())


def test_every_module_has_exercises_and_a_check() -> None:
    assert MODULES
    for module in MODULES:
        assert len(module.EXERCISES) >= 4 or EMPTY in str(module.__doc__)
        assert callable(module.check)


# Every exercise


@each_exercise
def test_solution_is_right(exercise: Exercise) -> None:
    assert exercise.verdict(exercise.solution) == f"Right: {exercise.lesson}"


@each_mistake
def test_mistake_gets_its_own_hint(exercise: Exercise, mistake: Callable[..., Any]) -> None:
    assert exercise.verdict(mistake) == f"Not yet: {hint(mistake)}"


@each_exercise
def test_exercise_knows_three_mistakes_and_a_hint_for_each(exercise: Exercise) -> None:
    assert len(exercise.wrong) >= 3
    assert len({hint(mistake) for mistake in exercise.wrong}) == len(exercise.wrong)
    assert all(len(hint(mistake)) > 20 for mistake in exercise.wrong)


@each_exercise
def test_lesson_is_one_sentence(exercise: Exercise) -> None:
    assert re.fullmatch(r"[A-Z][^.]+\.", exercise.lesson)


@each_exercise
@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (None, "must be a function, got None"),
        (3, "must be a function, got 3"),
        (lambda *_: None, "returned nothing (None)"),
        (lambda *_: ..., "returned the dots (...) that stand where your code should"),
        (lambda *_: 1 / 0, "raised ZeroDivisionError: division by zero"),
        (lambda: 0, "raised TypeError: "),
    ],
    ids=["None", "a number", "returns None", "returns ...", "raises", "takes no arguments"],
)
def test_no_answer_is_told_apart(exercise: Exercise, answer: object, complaint: str) -> None:
    verdict = exercise.verdict(answer)
    assert verdict.startswith(f"Not yet: {exercise.solution.__name__} {complaint}")


@each_exercise
def test_cases_survive_an_answer_that_writes_into_its_arguments(exercise: Exercise) -> None:
    def vandal(*arguments: Any) -> Any:
        result = exercise.solution(*deepcopy(arguments))
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument[:] = 0
        return result

    before = deepcopy(exercise.cases)
    assert exercise.verdict(vandal).startswith("Right: ")
    for case, kept in zip(exercise.cases, before, strict=True):
        for argument, original in zip(case, kept, strict=True):
            np.testing.assert_array_equal(argument, original)


# What is said


def double(x: Any) -> Any:
    return 2 * x


def _square(x: Any) -> Any:
    """That multiplies x by itself;
    add it to itself.
    """
    return x * x


DOUBLE = Exercise(
    double, [(np.array([1.0, 2.0]),), (np.array([3.0]),)], "It is twice x.", (_square,)
)


def pair(x: float) -> tuple[Any, float]:
    return np.array([x, x]), x


PAIR = Exercise(pair, [(1.0,)], "Two of a kind.", ())


def test_first_case_that_differs_is_shown() -> None:
    assert DOUBLE.verdict(lambda x: 2 * x if len(x) > 1 else x) == (
        "Not yet: double returned other numbers\n"
        "x = [3]\n"
        "expected: [6], shape (1,)\n"
        "got:      [3], shape (1,)"
    )


def test_wrong_shape_is_shown() -> None:
    assert DOUBLE.verdict(lambda x: 2 * x[:, None]) == (
        "Not yet: double returned the wrong shape\n"
        "x = [1, 2]\n"
        "expected: [2, 4], shape (2,)\n"
        "got:      [[2], [4]], shape (2, 1)"
    )


def test_error_is_shown_with_the_case_and_what_was_expected() -> None:
    def broken(x: Any) -> Any:
        raise ValueError(f"{object()} is no number")

    assert DOUBLE.verdict(broken) == (
        "Not yet: double raised ValueError: <object object> is no number\n"
        "x = [1, 2]\n"
        "expected: [2, 4], shape (2,)"
    )


@pytest.mark.parametrize(
    ("answer", "complaint", "shown"),
    [
        (lambda x: np.nan * x, "returned NaN, which is not a number", "[nan, nan], shape (2,)"),
        (lambda x: "four", "returned something other than numbers", "a value of type str"),
        (
            lambda x: [[1], [2, 3]],
            "returned something other than numbers",
            "[1], shape (1,); [2, 3]",
        ),
        (lambda x: 4, "returned the wrong shape", "4"),
        (lambda x: -0.0 * x, "returned other numbers", "[0, 0], shape (2,)"),
    ],
)
def test_unfit_values_are_named(answer: Any, complaint: str, shown: str) -> None:
    first, *_, last = DOUBLE.verdict(answer).splitlines()
    assert first == f"Not yet: double {complaint}"
    assert last.startswith(f"got:      {shown}")


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (lambda x: np.array([x, x]), "must return 2 values"),
        (lambda x: (np.array([x, x]), x, x), "must return 2 values"),
        (lambda x: None, "returned nothing (None)"),
        (lambda x: (np.array([x, x]), None), "returned nothing (None) as value 2 of 2"),
        (lambda x: (np.array([x]), x), "returned the wrong shape as value 1 of 2"),
        (lambda x: (np.array([x, 0]), x), "returned other numbers as value 1 of 2"),
    ],
)
def test_values_of_a_tuple_are_judged_one_by_one(answer: Any, complaint: str) -> None:
    assert PAIR.verdict(answer).splitlines()[0] == f"Not yet: pair {complaint}"


def test_close_is_close_enough() -> None:
    assert DOUBLE.verdict(lambda x: 2 * x.astype(np.float32) + 1e-7).startswith("Right: ")
    assert DOUBLE.verdict(lambda x: 2 * x + 1e-4).startswith("Not yet: ")


def test_lists_count_as_arrays() -> None:
    assert DOUBLE.verdict(lambda x: (2 * x).tolist()) == "Right: It is twice x."
    assert PAIR.verdict(lambda x: [[x, x], x]) == "Right: Two of a kind."


def test_hint_is_one_line() -> None:
    assert DOUBLE.verdict(_square) == "Not yet: That multiplies x by itself; add it to itself."


def test_check_prints_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    checker(DOUBLE, PAIR)("double", double)
    assert capsys.readouterr().out == "Right: It is twice x.\n"


def test_long_line_of_a_verdict_is_folded_between_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def negative(x: Any) -> Any:
        return -x

    row = Exercise(negative, [(np.arange(40),)], "It points the other way.", ())
    checker(row)("negative", lambda x: x)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 88
    first = next(i for i, line in enumerate(lines) if line.startswith("expected:"))
    shown = re.findall(r"-?\d+", " ".join(lines[first:]).partition(", shape")[0])
    assert [int(number) for number in shown] == [-i for i in range(40)]


def test_check_lists_its_exercises_for_an_unknown_name() -> None:
    with pytest.raises(ValueError, match=r"no exercise 'treble'; there are double, pair$"):
        checker(DOUBLE, PAIR)("treble", double)
