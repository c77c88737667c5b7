"""The data are what their docstrings say: shapes, ranges, known truth, kept shares."""

import hashlib
import re
from collections.abc import Callable
from importlib import resources
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.svm import SVC

from nnkit import data

SEEDS = st.integers(0, 2**32)

DRAWN: dict[str, Callable[[int, int], Any]] = {
    "blobs": lambda n, seed: data.blobs(n, margin=0.5, seed=seed),
    "xor": lambda n, seed: data.xor(n, noise=0.1, seed=seed),
    "moons": lambda n, seed: data.moons(n, noise=0.1, seed=seed),
    "spirals": lambda n, seed: data.spirals(n, noise=0.1, seed=seed),
    "rings": lambda n, seed: data.rings(n, noise=0.1, seed=seed),
}
each_drawn_set = pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
each_noisy_set = pytest.mark.parametrize("name", ["xor", "moons", "spirals", "rings"])


def shipped(filename: str) -> bytes:
    return resources.files("nnkit.data").joinpath(filename).read_bytes()


# Real sets


def test_digits_are_images_of_ink_from_0_to_1() -> None:
    x, y = data.digits()
    assert (x.shape, x.dtype.name) == ((1797, 8, 8), "float32")
    assert (y.shape, y.dtype.name) == ((1797,), "int64")
    np.testing.assert_array_equal(np.unique(x), np.arange(17) / 16)


def test_digits_equal_scikit_learns_copy() -> None:
    x, y = data.digits()
    copy = load_digits()
    np.testing.assert_array_equal(16 * x, copy.images)
    np.testing.assert_array_equal(y, copy.target)


def test_breast_cancer_is_a_table_of_named_columns() -> None:
    x, y = data.breast_cancer()
    assert (x.shape, x.dtype.name) == ((569, 30), "float32")
    assert (y.shape, y.dtype.name) == ((569,), "int64")
    assert list(load_breast_cancer().feature_names) == list(data.BREAST_CANCER_FEATURES)


def test_breast_cancer_keeps_every_decimal_of_the_source() -> None:
    x, _ = data.breast_cancer()
    decimals = [float(str(value)) for value in x.ravel()]
    assert decimals == load_breast_cancer().data.ravel().tolist()


def test_a_plane_separates_the_tumours() -> None:
    x, y = data.breast_cancer()
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    assert SVC(C=1e6, kernel="linear").fit(x, y).score(x, y) == 1


def test_breast_cancer_calls_malignant_1() -> None:
    _, y = data.breast_cancer()
    copy = load_breast_cancer()
    np.testing.assert_array_equal(y == 1, copy.target_names[copy.target] == "malignant")


@pytest.mark.parametrize("load", [data.digits, data.breast_cancer])
def test_loading_again_gives_arrays_of_ones_own(load: Callable[[], Any]) -> None:
    x, y = load()
    x[:], y[:] = -1, -1
    again_x, again_y = load()
    assert again_x.min() >= 0
    assert again_y.min() >= 0


@pytest.mark.parametrize("filename", ["digits.npz", "breast_cancer.npz"])
def test_shipped_file_is_small_and_its_sum_is_on_record(filename: str) -> None:
    content = shipped(filename)
    section = shipped("SOURCES.md").decode().split(f"## `{filename}`")[1].split("\n## ")[0]
    assert len(content) <= 100_000
    assert hashlib.sha256(content).hexdigest() in section


# Drawn sets


@each_drawn_set
def test_drawn_set_is_balanced_in_any_first_rows(draw: Callable[[int, int], Any]) -> None:
    x, y = draw(101, 0)
    assert (x.shape, x.dtype.name) == ((101, 2), "float32")
    assert (y.shape, y.dtype.name) == ((101,), "int64")
    ones = np.cumsum(y)
    zeros = np.arange(1, 102) - ones
    assert np.abs(ones - zeros).max() == 1


@each_drawn_set
def test_drawn_set_repeats_with_its_seed_alone(draw: Callable[[int, int], Any]) -> None:
    x, _ = draw(100, 0)
    np.testing.assert_array_equal(x, draw(100, 0)[0])
    assert not np.isclose(x, draw(100, 1)[0]).all(axis=1).any()


@each_noisy_set
def test_noise_is_the_standard_deviation_along_each_axis(name: str) -> None:
    draw = getattr(data, name)
    moved = draw(20_000, noise=0.3, seed=0)[0] - draw(20_000, noise=0, seed=0)[0]
    np.testing.assert_allclose(moved.mean(axis=0), 0, atol=0.01)
    np.testing.assert_allclose(moved.std(axis=0), 0.3, rtol=0.02)


@given(st.integers(3, 60), st.floats(0.01, 10), SEEDS)
def test_blobs_come_to_the_margin_on_each_side_and_no_nearer(
    n: int, margin: float, seed: int
) -> None:
    x, y = data.blobs(n, margin=margin, seed=seed)
    w, b = data.blobs_separator(seed=seed)
    distance = (2 * y - 1) * (x @ w + b)
    assert np.hypot(*w) == pytest.approx(1, abs=1e-15)
    assert distance[y == 0].min() == pytest.approx(margin, abs=2e-6)
    assert distance[y == 1].min() == pytest.approx(margin, abs=2e-6)


@pytest.mark.parametrize("margin", [0.1, 0.5, 2.0])
@pytest.mark.parametrize(("n", "seed"), [(3, 0), (4, 1), (60, 2), (200, 3)])
def test_no_line_separates_blobs_by_more_than_the_margin(n: int, margin: float, seed: int) -> None:
    x, y = data.blobs(n, margin=margin, seed=seed)
    w, b = data.blobs_separator(seed=seed)
    widest = SVC(kernel="linear", C=1e10, tol=1e-8, max_iter=100_000).fit(x.astype(np.float64), y)
    norm = np.linalg.norm(widest.coef_[0])
    assert 1 / norm == pytest.approx(margin, abs=1e-4)
    np.testing.assert_allclose(widest.coef_[0] / norm, w, atol=1e-4)
    assert widest.intercept_[0] / norm == pytest.approx(b, abs=1e-4)


def test_blobs_lie_around_a_line_that_is_new_for_each_seed() -> None:
    lines = [data.blobs_separator(seed=seed) for seed in range(200)]
    quadrants = {(w[0] > 0, w[1] > 0) for w, _ in lines}
    biases = [b for _, b in lines]
    assert len(quadrants) == 4
    assert -1 <= min(biases) < -0.9
    assert 0.9 < max(biases) <= 1


def test_xor_of_four_points_is_the_truth_table() -> None:
    x, y = data.xor(4, noise=0, seed=0)
    np.testing.assert_array_equal(x, [[0, 0], [0, 1], [1, 0], [1, 1]])
    np.testing.assert_array_equal(y, [0, 1, 1, 0])


def test_xor_clouds_share_the_points_equally() -> None:
    x, y = data.xor(100, noise=0.05, seed=0)
    _, counts = np.unique(np.rint(x), axis=0, return_counts=True)
    assert counts.tolist() == [25, 25, 25, 25]
    np.testing.assert_array_equal(y, np.rint(x)[:, 0] != np.rint(x)[:, 1])


def test_moons_are_an_upper_and_a_lower_half_circle() -> None:
    x, y = data.moons(1000, noise=0, seed=0)
    upper, lower = x[y == 0], x[y == 1] - [1, 0.5]
    np.testing.assert_allclose(np.linalg.norm(upper, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(lower, axis=1), 1, atol=1e-6)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0
    assert np.ptp(upper[:, 0]) > 1.99
    assert np.ptp(lower[:, 0]) > 1.99


def test_spirals_are_one_arm_and_its_half_turn() -> None:
    x, y = data.spirals(1000, noise=0, seed=0)
    turned = np.where(y == 1, -1, 1)[:, None] * x
    radius = np.linalg.norm(x, axis=1)
    arm = radius[:, None] * np.column_stack(
        [np.cos(3 * np.pi * radius), np.sin(3 * np.pi * radius)]
    )
    np.testing.assert_allclose(turned, arm, atol=1e-5)
    assert 0.1 <= radius.min() < 0.13
    assert 0.99 < radius.max() <= 1


def test_rings_are_circles_of_radius_one_half_and_one() -> None:
    x, y = data.rings(1000, noise=0, seed=0)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), np.where(y == 0, 0.5, 1), atol=1e-6)
    assert np.ptp(x[y == 0], axis=0).min() > 0.99
    assert np.ptp(x[y == 1], axis=0).min() > 1.99


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.blobs(2, margin=0.5, seed=0), "blobs: n must be an integer >= 3, got 2"),
        (lambda: data.xor(3, noise=0, seed=0), "xor: n must be an integer >= 4, got 3"),
        (lambda: data.moons(1, noise=0, seed=0), "moons: n must be an integer >= 2, got 1"),
        (
            lambda: data.spirals(10.0, noise=0, seed=0),  # type: ignore[arg-type]
            "spirals: n must be an integer >= 2, got 10.0",
        ),
        (lambda: data.rings(0, noise=0, seed=0), "rings: n must be an integer >= 2, got 0"),
        (
            lambda: data.blobs(10, margin=-1.0, seed=0),
            "blobs: margin must be > 0 and finite, got -1.0",
        ),
        (
            lambda: data.blobs(10, margin=float("inf"), seed=0),
            "blobs: margin must be > 0 and finite, got inf",
        ),
        (
            lambda: data.xor(10, noise=float("nan"), seed=0),
            "xor: noise must be >= 0 and finite, got nan",
        ),
        (
            lambda: data.moons(10, noise=-0.1, seed=0),
            "moons: noise must be >= 0 and finite, got -0.1",
        ),
        (
            lambda: data.spirals(10, noise=float("inf"), seed=0),
            "spirals: noise must be >= 0 and finite, got inf",
        ),
        (lambda: data.rings(10, noise=-1, seed=0), "rings: noise must be >= 0 and finite, got -1"),
        (
            lambda: data.blobs(10, margin=1, seed=None),  # type: ignore[arg-type]
            "blobs: seed must be an integer >= 0, got None",
        ),
        (
            lambda: data.blobs_separator(seed=-1),
            "blobs_separator: seed must be an integer >= 0, got -1",
        ),
    ],
)
def test_drawn_set_says_what_it_expected(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


# Splits


@given(
    counts=st.lists(st.integers(2, 40), min_size=1, max_size=5),
    test=st.floats(0.01, 0.99),
    seed=SEEDS,
)
def test_split_keeps_class_shares(counts: list[int], test: float, seed: int) -> None:
    y = np.repeat(np.arange(len(counts)), counts)
    _, _, y_train, y_test = data.split(y, y, test=test, seed=seed)
    held_out = np.bincount(y_test, minlength=len(counts))
    assert np.abs(held_out - test * np.array(counts)).max() < 1
    assert held_out.min() >= 1
    assert np.bincount(y_train, minlength=len(counts)).min() >= 1


@given(
    counts=st.lists(st.integers(2, 40), min_size=1, max_size=5),
    test=st.floats(0.01, 0.99),
    seed=SEEDS,
)
def test_split_puts_every_row_with_its_label_on_one_side(
    counts: list[int], test: float, seed: int
) -> None:
    y = np.repeat(np.arange(len(counts)), counts)
    x = np.column_stack([np.arange(len(y)), y]).astype(np.float32)
    x_train, x_test, y_train, y_test = data.split(x, y, test=test, seed=seed)
    np.testing.assert_array_equal(np.sort(np.concatenate([x_train, x_test])[:, 0]), x[:, 0])
    np.testing.assert_array_equal(x_train[:, 1], y_train)
    np.testing.assert_array_equal(x_test[:, 1], y_test)


def test_split_keeps_the_dtype_and_shape_of_a_row() -> None:
    x, y = data.digits()
    x_train, x_test, y_train, y_test = data.split(x, y, test=0.4, seed=0)
    assert x_train.shape == (1078, 8, 8)
    assert x_test.shape == (719, 8, 8)
    assert x_train.dtype == x_test.dtype == np.float32
    assert y_train.dtype == y_test.dtype == np.int64


def test_split_shuffles_both_parts_until_neighbours_are_independent() -> None:
    y = np.repeat([0, 1], 100)
    parts = [data.split(y, y, test=0.5, seed=seed)[2:] for seed in range(200)]
    for labels in np.swapaxes(parts, 0, 1):
        first_two_agree = np.mean(labels[:, 0] == labels[:, 1])
        assert 0.35 < first_two_agree < 0.65


def test_split_repeats_with_its_seed_alone() -> None:
    x, y = data.breast_cancer()
    first, again, other = (data.split(x, y, test=0.4, seed=seed)[1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(np.sort(first[:, 0]), np.sort(other[:, 0]))


@pytest.mark.parametrize(
    ("x", "y", "test", "seed", "message"),
    [
        (
            np.zeros((4, 2)),
            np.array([0, 0, 1]),
            0.5,
            0,
            "split: expected one label for each row of x, got x (4, 2) and y (3,)",
        ),
        (
            np.zeros((4, 2)),
            np.eye(4),
            0.5,
            0,
            "split: expected one label for each row of x, got x (4, 2) and y (4, 4)",
        ),
        (
            np.zeros(4),
            np.array([0, 0, 1, 1]),
            0,
            0,
            "split: test must be a fraction in (0, 1), got 0",
        ),
        (
            np.zeros(4),
            np.array([0, 0, 1, 1]),
            1.0,
            0,
            "split: test must be a fraction in (0, 1), got 1.0",
        ),
        (
            np.zeros(4),
            np.array([0, 0, 0, 3]),
            0.5,
            0,
            "split: every class needs at least 2 rows, class 3 has 1",
        ),
        (
            np.zeros(4),
            np.array([0, 0, 1, 1]),
            0.5,
            0.5,
            "split: seed must be an integer >= 0, got 0.5",
        ),
    ],
)
def test_split_says_what_it_expected(x: Any, y: Any, test: Any, seed: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        data.split(x, y, test=test, seed=seed)


# Randomness


def test_numpys_global_random_state_is_neither_read_nor_moved() -> None:
    def draw_everything() -> list[Any]:
        x, y = data.digits()
        drawn = [draw(10, 0)[0] for draw in DRAWN.values()]
        return [*drawn, data.split(x, y, test=0.5, seed=0)[0]]

    np.random.seed(11)  # noqa: NPY002
    before = np.random.get_state(legacy=False)  # noqa: NPY002
    first = draw_everything()
    after = np.random.get_state(legacy=False)  # noqa: NPY002
    np.random.seed(12)  # noqa: NPY002
    second = draw_everything()

    np.testing.assert_equal(after, before)
    np.testing.assert_equal(second, first)
