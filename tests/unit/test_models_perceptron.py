"""The perceptron does what its theorem and its sources say."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnkit.data import blobs, blobs_separator, xor
from nnkit.models.perceptron import augment, average, margin, mistake_bound, predict, radius, train

AND = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
AND_LABELS = np.array([-1, -1, -1, 1])


def separable(n: int, gap: float, seed: int) -> tuple[Any, Any, Any]:
    """Augmented blobs, their labels and the separator they were drawn around."""
    x, y = blobs(n, margin=gap, seed=seed)
    return augment(np, x.astype(float)), 2 * y - 1, np.append(*blobs_separator(seed=seed))


def test_augment_appends_a_constant_in_the_dtype_of_the_samples() -> None:
    x = augment(np, np.array([[2, 3], [4, 5]], dtype=np.float32))
    np.testing.assert_array_equal(
        x, np.array([[2, 3, 1], [4, 5, 1]], dtype=np.float32), strict=True
    )


def test_updates_follow_the_rule_one_by_one() -> None:
    run = train(np, AND, AND_LABELS, epochs=100)
    w = np.zeros(3)
    for i, after in zip(run.mistakes, run.weights[1:], strict=True):
        assert AND_LABELS[i] * (AND[i] @ w) <= 0
        w = w + AND_LABELS[i] * AND[i]
        np.testing.assert_array_equal(after, w)


def test_samples_between_mistakes_are_right() -> None:
    run = train(np, AND, AND_LABELS, epochs=100)
    visits = iter(np.tile(np.arange(4), 100))
    for number, (w, lifetime) in enumerate(zip(run.weights, run.lifetimes, strict=True)):
        if number:
            assert next(visits) == run.mistakes[number - 1]
        for _ in range(lifetime - bool(number)):
            i = next(visits)
            assert AND_LABELS[i] * (AND[i] @ w) > 0


def test_training_ends_after_the_first_pass_without_a_mistake() -> None:
    run = train(np, AND, AND_LABELS, epochs=100)
    assert run.converged
    assert (predict(run.weights[-1], AND) == AND_LABELS).all()
    assert sum(run.lifetimes) % 4 == 0
    assert 4 < run.lifetimes[-1] <= 8  # from the last mistake to the end of the next pass


def test_first_sample_is_a_mistake_whatever_its_label() -> None:
    for label in (-1, 1):
        assert train(np, np.ones((1, 1)), np.array([label]), epochs=1).mistakes == [0]


def test_training_stops_after_the_epochs_it_was_given() -> None:
    x, y = xor(4, noise=0, seed=0)
    run = train(np, augment(np, x), 2 * y - 1, epochs=7)
    assert not run.converged
    assert sum(run.lifetimes) == 7 * 4


def test_order_is_the_order_of_visits() -> None:
    x, y, _ = separable(30, 0.3, seed=1)
    order = np.random.default_rng(0).permutation(30)
    run, sorted_run = (
        train(np, x, y, epochs=50, order=order),
        train(np, x[order], y[order], epochs=50),
    )
    assert run.mistakes == [order[i] for i in sorted_run.mistakes]
    np.testing.assert_array_equal(run.weights, sorted_run.weights)


@given(
    n=st.integers(3, 60),
    gap=st.floats(0.1, 3),
    seed=st.integers(0, 2**32),
    shuffle=st.randoms(use_true_random=False),
)
def test_mistakes_never_exceed_the_bound(n: int, gap: float, seed: int, shuffle: Any) -> None:
    x, y, w = separable(n, gap, seed)
    order = list(range(n))
    shuffle.shuffle(order)
    bound = mistake_bound(w, x, y)
    run = train(np, x, y, epochs=int(bound) + 1, order=order)
    assert run.converged
    assert len(run.mistakes) <= bound


@given(d=st.integers(1, 20), seed=st.integers(0, 2**32))
def test_samples_at_right_angles_meet_the_bound(d: int, seed: int) -> None:
    y = np.random.default_rng(seed).choice([-1, 1], size=d)
    assert len(train(np, np.eye(d), y, epochs=2).mistakes) == d
    assert mistake_bound(y, np.eye(d), y) == pytest.approx(d)


@given(seed=st.integers(0, 2**32), epochs=st.integers(1, 8))
def test_average_is_the_mean_over_all_visits(seed: int, epochs: int) -> None:
    x, y = xor(12, noise=0.3, seed=seed)
    x, y = augment(np, x.astype(float)), 2 * y - 1
    w, after_each_visit, clean = np.zeros(3), [], False
    for _ in range(epochs):
        if clean:
            break
        clean = True
        for x_i, y_i in zip(x, y, strict=True):
            if y_i * (x_i @ w) <= 0:
                w, clean = w + y_i * x_i, False
            after_each_visit.append(w)
    mean = np.mean(after_each_visit, axis=0)
    np.testing.assert_allclose(average(train(np, x, y, epochs=epochs)), mean, atol=1e-12)


def test_margin_is_a_distance_and_radius_a_length() -> None:
    x, y = np.array([[3.0, 4.0], [-1.0, 0.0]]), np.array([1, -1])
    assert radius(x) == 5
    assert margin(np.array([2.0, 0.0]), x, y) == margin(np.array([5.0, 0.0]), x, y) == 1
    assert margin(np.array([-2.0, 0.0]), x, y) == -3
    assert mistake_bound(np.array([2.0, 0.0]), x, y) == 25


def test_predict_gives_minus_one_on_the_boundary() -> None:
    x = np.array([[1.0], [0.0], [-1.0]])
    np.testing.assert_array_equal(predict(np.array([2.0]), x), [1, -1, -1])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": np.ones(4)}, r"x must have shape \(n, d\), got \(4,\)"),
        ({"y": np.ones(3)}, r"expected 4 labels, one for each row of x, got \(3,\)"),
        ({"y": np.array([0, 1, 1, 1])}, r"labels must be -1 or \+1, got \[0.0, 1.0\]"),
        ({"epochs": 0}, "epochs must be >= 1, got 0"),
        ({"order": [0, 1, 2, 2]}, "order must name each of the 4 rows once"),
    ],
)
def test_train_says_what_it_expected(changes: dict[str, Any], message: str) -> None:
    arguments = {"x": AND, "y": AND_LABELS, "epochs": 1} | changes
    with pytest.raises(ValueError, match=f"^train: {message}"):
        train(np, **arguments)


def test_mistake_bound_wants_a_separator() -> None:
    with pytest.raises(ValueError, match="w must separate the data, its margin is -1"):
        mistake_bound(np.array([0.0, 0.0, 1.0]), AND, AND_LABELS)
