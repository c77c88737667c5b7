"""Three ReLU units are summed, folded and counted alike by Python, by the page and by hand."""

from typing import Any

import numpy as np
import pytest
from in_page import answers

import nnkit.scratch as engine
from nnkit.explore.relu import HANDLES, PRESETS, ReluParts, bends, breakpoints
from nnkit.models.mlp import mlp


def random_settings(count: int) -> list[dict[str, Any]]:
    """Settings with random parameters on the grid of the handles; every second one folds."""
    rng = np.random.default_rng(0)
    most = np.rint(np.array(HANDLES.ends) / HANDLES.step).astype(int)
    return [
        {
            "preset": "a bump",
            "fold": bool(number % 2),
            "parameters": (rng.integers(-most, most + 1) * HANDLES.step).tolist(),
        }
        for number in range(count)
    ]


def by_hand(setting: dict[str, Any], x: np.ndarray) -> np.ndarray:
    """The function itself, written out."""
    *units, c = setting["parameters"]
    y = c + sum(v * np.maximum(0, w * x + b) for w, b, v in np.reshape(units, (3, 3)))
    if setting["fold"]:
        y = np.interp(y, [-999, -1, 0, 1, 999], [-1995, 1, 0, 1, -997])
    return y


def pieces_by_sampling(setting: dict[str, Any]) -> int:
    """The number of runs of equal slope between 30,001 points."""
    x = np.linspace(-3, 3, 30_001)
    slopes = np.diff(by_hand(setting, x)) / np.diff(x)
    changes = np.flatnonzero(np.abs(np.diff(slopes)) > 1e-6)
    # A bend inside a gap changes the slope twice: into the gap's mean, and out of it.
    return 1 + int((np.diff(changes, prepend=-9) > 1).sum())


def test_page_and_python_compute_the_same_from_random_parameters() -> None:
    settings = random_settings(300)
    for setting, (there, words) in zip(settings, answers("relu", settings), strict=True):
        here = ReluParts.compute(**setting)
        assert list(there) == list(here)
        for key, array in here.items():
            np.testing.assert_allclose(there[key], array, rtol=1e-9, atol=1e-9, err_msg=key)
        assert words == [ReluParts.describe(here, 0)]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("fold", [False, True])
def test_page_and_python_compute_the_same_where_kinks_meet(preset: str, fold: bool) -> None:
    setting = {"preset": preset, "fold": fold, "parameters": [float(p) for p in PRESETS[preset]]}
    ((there, words),) = answers("relu", [setting])
    here = ReluParts.compute(**setting)
    for key, array in here.items():
        np.testing.assert_allclose(there[key], array, rtol=1e-9, atol=1e-9, err_msg=key)
    assert words == [ReluParts.describe(here, 0)]


def test_output_is_straight_between_the_places_that_are_given() -> None:
    x = np.linspace(-3, 3, 2001)
    for setting in random_settings(100):
        answer = ReluParts.compute(**setting)
        between = np.interp(x, answer["x"], answer["out"])
        np.testing.assert_allclose(between, by_hand(setting, x), atol=1e-9)
        bent = answer["bends"].copy()
        bent[[0, -1]] = True
        fewer = np.interp(x, answer["x"][bent], answer["out"][bent])
        np.testing.assert_allclose(fewer, between, atol=1e-9)


def test_parts_add_up_to_the_sum() -> None:
    for setting in random_settings(20):
        answer = ReluParts.compute(**setting)
        total = answer["parts"].sum(0) + answer["parameters"][-1]
        np.testing.assert_allclose(total, answer["sum"], atol=1e-12)


def test_pieces_are_as_many_as_sampling_finds() -> None:
    found = set()
    for setting in random_settings(300):
        answer = ReluParts.compute(**setting)
        pieces = answer["bends"].sum() + 1
        if np.diff(answer["x"]).min() > 0.001:
            assert pieces_by_sampling(setting) == pieces
            found.add((setting["fold"], int(pieces)))
    assert len(found) > 8


def test_no_parameters_make_more_pieces_than_the_bound() -> None:
    for setting in random_settings(1000):
        answer = ReluParts.compute(**setting)
        assert answer["sum_bends"].sum() + 1 <= 4
        assert answer["bends"].sum() + 1 <= (16 if setting["fold"] else 4)


@pytest.mark.parametrize(
    ("preset", "fold", "pieces"),
    [
        ("a bump", False, 4),
        ("the absolute value", False, 2),
        ("a straight line", False, 1),
        ("a zigzag", False, 4),
        ("a zigzag", True, 16),
    ],
)
def test_presets_make_the_pieces_that_they_are_there_for(
    preset: str, fold: bool, pieces: int
) -> None:
    answer = ReluParts.compute(preset=preset, fold=fold, parameters=None)
    assert answer["bends"].sum() + 1 == pieces


def test_six_units_in_one_layer_make_seven_pieces_at_most() -> None:
    engine.manual_seed(0)
    most = 0
    for _ in range(200):
        layers = list(mlp(engine, [1, 6, 1]).double())
        most = max(most, int(bends(layers, breakpoints(layers, -30, 30)).sum()) + 1)
    assert most == 7


def test_unit_of_no_weight_has_no_kink() -> None:
    parameters = [0, 1, 1, 0, -1, 1, 0, 0, 1, 0]
    answer = ReluParts.compute(preset="a bump", fold=False, parameters=parameters)
    np.testing.assert_array_equal(answer["kinks"], [-np.inf, np.inf, np.nan])
    assert answer["bends"].sum() == 0


def test_words_say_what_is_counted() -> None:
    words = {
        (preset, fold): ReluParts.describe(
            ReluParts.compute(preset=preset, fold=fold, parameters=None), 0
        )
        for preset in ("a straight line", "a zigzag")
        for fold in (False, True)
    }
    assert "has 1 straight piece; three units can make 4." in words["a straight line", False]
    assert "into 4; 3 + 3 units can make 16" in words["a straight line", True]
    assert "has 4 straight pieces, as many as three units can make." in words["a zigzag", False]
    assert "into 16, as many as 3 + 3 units can make" in words["a zigzag", True]


@pytest.mark.parametrize(
    "parameters", [[1.0] * 9, [3.1, *[0.0] * 9], [np.nan] * 10, [*[0.0] * 9, -12.1]]
)
def test_parameters_beyond_their_ranges_are_refused(parameters: list[float]) -> None:
    with pytest.raises(ValueError, match="ReluParts: expected 10 parameters, none beyond"):
        ReluParts.compute(preset="a bump", fold=False, parameters=parameters)
