"""A mean over seeds is written in one form, and compared as a measurement and no more leniently."""

import numpy as np
import pytest

from nnkit.measurement import mean_and_spread, same

STORED = """\
tanh, Glorot      84.7 ± 16.0 %  of 5 seeds, 17 layers
ReLU, He          93.2 ±  2.4 %  of 5 seeds, 17 layers, times -0.25
"""


@pytest.mark.parametrize(
    ("runs", "options", "text"),
    [
        ([1, 2, 3], {}, "2.0 ± 1.0"),
        ([100, 120, 140], {}, "120 ± 20"),
        ([0.001, 0.002, 0.0034], {}, "0.0021 ± 0.0012"),
        ([7, 7, 7], {}, "7 ± 0"),
        ([0.5, 0.5, 0.5], {"decimals": 2}, "0.50 ± 0.00"),
        ([-0.04, 0, 0.04], {"decimals": 1}, "0.0 ± 0.0"),
        ([1, 2, 3], {"decimals": 1, "sign": True}, "+2.0 ± 1.0"),
    ],
)
def test_mean_and_spread_are_written(runs: list[float], options: dict[str, int], text: str) -> None:
    assert mean_and_spread(runs, **options) == text


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ([1, 2], r"expected a list of at least 3 runs, got shape \(2,\)"),
        (np.ones((3, 3)), r"expected a list of at least 3 runs, got shape \(3, 3\)"),
        ([1, 2, np.nan], r"expected finite numbers, got \[1.0, 2.0, nan\]"),
    ],
)
def test_what_is_no_measurement_is_refused(runs: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mean_and_spread(runs)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("93.2 ±  2.4", "93.2 ±  2.4"),
        ("93.2 ±  2.4", "90.1 ±  3.3"),
        ("93.2 ±  2.4", "98.0 ±  2.4"),
        ("84.7 ± 16.0", "100.1 ± 8.2"),
        ("93.2 ±  2.4", "93.2 ± 2.4"),
    ],
)
def test_another_measurement_of_the_same_says_the_same(old: str, new: str) -> None:
    assert same(STORED, STORED.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("93.2 ±  2.4", "100.4 ±  2.4"),  # the mean moved by three spreads
        ("93.2 ±  2.4", "86.0 ±  2.4"),
        ("93.2 ±  2.4", "93.2 ±  7.2"),  # the spread trebled
        ("93.2 ±  2.4", "93.2 ±  0.8"),
        ("93.2 ±  2.4", "-93.2 ±  2.4"),  # a sign
        ("93.2 ±  2.4", "93.2 ± nan"),
        ("5 seeds", "6 seeds"),  # a count
        ("17 layers", "18 layers"),
        ("times -0.25", "times -0.26"),  # a number that is no measurement
        ("times -0.25", "times 0.25"),
        ("Glorot", "He"),  # a word
        ("±  2.4 %", "±  2.4"),
        ("ReLU", "\nReLU"),
    ],
)
def test_anything_else_does_not(old: str, new: str) -> None:
    assert STORED.count(old) >= 1
    assert not same(STORED, STORED.replace(old, new, 1))


def test_rounding_may_fall_either_way() -> None:
    assert same("12.4 ± 0.0", "12.5 ± 0.1")
    assert not same("12.4 ± 0.0", "12.6 ± 0.0")


def test_spaces_count_where_nothing_is_measured() -> None:
    assert not same("a  b", "a b")
