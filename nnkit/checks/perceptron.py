"""The exercises of the perceptron chapter: each solution, then what learners take for it."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnkit.checks import Exercise, checker

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]

__all__ = ["EXERCISES", "check"]

_rng = np.random.default_rng(0)


# What a neuron says


def predict(w: Floats, b: float, x: Floats) -> Labels:
    return np.where(x @ w + b > 0, 1, -1)


def _without_bias(w: Floats, b: float, x: Floats) -> Labels:
    """The bias is missing: z is w · x + b, and you took w · x."""
    return np.where(x @ w > 0, 1, -1)


def _zeros_and_ones(w: Floats, b: float, x: Floats) -> Labels:
    """The labels are -1 and +1, and you return 0 and 1."""
    return np.where(x @ w + b > 0, 1, 0)


def _sides_swapped(w: Floats, b: float, x: Floats) -> Labels:
    """The two sides are swapped: +1 is where z > 0, the side that w points to."""
    return np.where(x @ w + b < 0, 1, -1)


def _without_step(w: Floats, b: float, x: Floats) -> Floats:
    """That is the pre-activation z; the step that turns it into -1 or +1 is missing."""
    return x @ w + b


def _three_labels(w: Floats, b: float, x: Floats) -> Floats:
    """Where z = 0, np.sign gives 0, which is no label: such a sample gets -1."""
    return np.sign(x @ w + b)


def _boundary_included(w: Floats, b: float, x: Floats) -> Labels:
    """A sample with z = 0 gets -1 here: +1 is where z > 0, not z >= 0."""
    return np.where(x @ w + b >= 0, 1, -1)


PREDICT = Exercise(
    predict,
    cases=[
        (np.array([1.0, -1.0]), 0.5, np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 0.5], [0.0, 2.0]])),
        *((_rng.normal(size=d), _rng.normal(), _rng.normal(size=(6, d))) for d in (1, 2, 5)),
    ],
    lesson="One product with w, one shift by b and one comparison are all that a neuron does.",
    wrong=(
        _without_bias,
        _zeros_and_ones,
        _sides_swapped,
        _without_step,
        _three_labels,
        _boundary_included,
    ),
)


# What it does about a mistake


def update(w: Floats, b: float, x: Floats, y: int) -> tuple[Floats, float]:
    return (w + y * x, b + y) if y * (w @ x + b) <= 0 else (w, b)


def _update_always(w: Floats, b: float, x: Floats, y: int) -> tuple[Floats, float]:
    """You update on every sample, and only a mistake, y z <= 0, is to change w and b."""
    return w + y * x, b + y


def _update_backwards(w: Floats, b: float, x: Floats, y: int) -> tuple[Floats, float]:
    """The sign is wrong: subtracting y x makes y z smaller still."""
    return (w - y * x, b - y) if y * (w @ x + b) <= 0 else (w, b)


def _update_on_correct(w: Floats, b: float, x: Floats, y: int) -> tuple[Floats, float]:
    """You update on the correct samples and leave the mistakes: the test is y z <= 0."""
    return (w + y * x, b + y) if y * (w @ x + b) > 0 else (w, b)


def _update_without_bias(w: Floats, b: float, x: Floats, y: int) -> tuple[Floats, float]:
    """The weights are right, but the bias learns too: it moves by y."""
    return (w + y * x, b) if y * (w @ x + b) <= 0 else (w, b)


def _update_without_label(w: Floats, b: float, x: Floats, y: int) -> tuple[Floats, float]:
    """The step lacks its y: a sample of class -1 must be subtracted."""
    return (w + x, b + 1) if y * (w @ x + b) <= 0 else (w, b)


def _update_off_boundary(w: Floats, b: float, x: Floats, y: int) -> tuple[Floats, float]:
    """On the boundary, z = 0, it is a mistake too: else nothing would leave w = 0, b = 0."""
    return (w + y * x, b + y) if y * (w @ x + b) < 0 else (w, b)


def _update_judged_without_bias(w: Floats, b: float, x: Floats, y: int) -> tuple[Floats, float]:
    """The mistake is judged without the bias: z is w · x + b."""
    return (w + y * x, b + y) if y * (w @ x) <= 0 else (w, b)


UPDATE = Exercise(
    update,
    cases=[
        (np.array([1.0, 2.0]), 0.5, np.array([3.0, 1.0]), 1),
        (np.array([1.0, 2.0]), 0.5, np.array([3.0, 1.0]), -1),
        (np.array([1.0, 2.0]), 0.5, np.array([-3.0, 1.0]), 1),
        (np.array([1.0, 2.0]), 0.5, np.array([-3.0, 1.0]), -1),
        (np.array([1.0, 2.0]), -6.0, np.array([3.0, 1.0]), 1),
        (np.zeros(3), 0.0, np.array([1.0, -1.0, 2.0]), -1),
    ],
    lesson="A mistake adds y x to the weights and y to the bias; a correct answer adds nothing.",
    wrong=(
        _update_always,
        _update_backwards,
        _update_on_correct,
        _update_without_bias,
        _update_without_label,
        _update_off_boundary,
        _update_judged_without_bias,
    ),
)


# How many mistakes there can be


def mistake_bound(w: Floats, x: Floats, y: Labels) -> float:
    radius = np.linalg.norm(x, axis=1).max()
    margin = (y * (x @ w)).min() / np.linalg.norm(w)
    return float((radius / margin) ** 2)


def _bound_not_squared(w: Floats, x: Floats, y: Labels) -> float:
    """That is R / γ: the bound is its square."""
    return float(np.sqrt(mistake_bound(w, x, y)))


def _bound_not_normalised(w: Floats, x: Floats, y: Labels) -> float:
    """Γ is a distance: divide y (w · x) by the length of w."""
    return float(mistake_bound(w, x, y) / (w @ w))


def _bound_without_labels(w: Floats, x: Floats, y: Labels) -> float:
    """The labels are missing: a distance from the boundary is y (w · x) / ‖w‖."""
    return mistake_bound(w, x, np.ones_like(y))


def _bound_by_furthest(w: Floats, x: Floats, y: Labels) -> float:
    """Γ belongs to the sample nearest to the boundary, and you took the furthest."""
    margin = (y * (x @ w)).max() / np.linalg.norm(w)
    return float((np.linalg.norm(x, axis=1).max() / margin) ** 2)


def _bound_by_mean_radius(w: Floats, x: Floats, y: Labels) -> float:
    """R is the length of the longest sample, and you took the mean length."""
    margin = (y * (x @ w)).min() / np.linalg.norm(w)
    return float((np.linalg.norm(x, axis=1).mean() / margin) ** 2)


def _separated(d: int, n: int) -> tuple[Floats, Floats, Labels]:
    """A separator that is not of length 1, and samples it keeps apart, the constant 1 included."""
    w, x = 3 * _rng.normal(size=d + 1), _rng.normal(size=(n, d))
    x = np.hstack([x, np.ones((n, 1))])
    return w, x, np.where(x @ w > 0, 1, -1)


MISTAKE_BOUND = Exercise(
    mistake_bound,
    cases=[
        (np.array([0.0, 2.0]), np.array([[3.0, 4.0], [0.0, -1.0]]), np.array([1, -1])),
        _separated(2, 8),
        _separated(5, 20),
    ],
    lesson="Only the longest sample and the nearest one count, not how many there are.",
    wrong=(
        _bound_not_squared,
        _bound_not_normalised,
        _bound_without_labels,
        _bound_by_furthest,
        _bound_by_mean_radius,
    ),
)


# What to keep of a run


def average(weights: Floats, lifetimes: Labels) -> Floats:
    mean: Floats = lifetimes @ weights / lifetimes.sum()
    return mean


def _average_unweighted(weights: Floats, lifetimes: Labels) -> Any:
    """Every w counts alike in your mean: count each as often as it survived."""
    return weights.mean(axis=0)


def _average_of_last(weights: Floats, lifetimes: Labels) -> Any:
    """Those are the last weights, which the last mistake has just moved."""
    return weights[-1]


def _average_undivided(weights: Floats, lifetimes: Labels) -> Any:
    """That is the sum; it points the right way, but divide by the number of visits."""
    return lifetimes @ weights


def _average_of_longest(weights: Floats, lifetimes: Labels) -> Any:
    """That is the one w that survived longest: take all of them into the mean."""
    return weights[lifetimes.argmax()]


def _average_of_weights_before(weights: Floats, lifetimes: Labels) -> Any:
    """Lifetimes and weights are out of step: lifetimes[j] belongs to weights[j]."""
    return lifetimes[1:] @ weights[:-1] / lifetimes.sum()


AVERAGE = Exercise(
    average,
    cases=[
        (np.array([[0.0, 0.0], [1.0, 2.0], [3.0, -1.0]]), np.array([0, 3, 1])),
        (_rng.normal(size=(6, 3)), np.array([2, 1, 7, 1, 4, 3])),
    ],
    lesson="Weights that survived many samples weigh much, and those of a last slip little.",
    wrong=(
        _average_unweighted,
        _average_of_last,
        _average_undivided,
        _average_of_longest,
        _average_of_weights_before,
    ),
)


# What several neurons can do together


def _triangle_sides(x: Floats) -> Floats:
    """Return what three neurons say: x1 > 0, x2 > 0 and x1 + x2 < 1, each as -1 or +1."""
    z = x @ np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]).T + np.array([0.0, 0.0, 1.0])
    return np.where(z > 0, 1.0, -1.0)


def triangle(x: Floats) -> Labels:
    return np.where(_triangle_sides(x).sum(axis=1) - 2 > 0, 1, -1)


def _triangle_two_of_three(x: Floats) -> Labels:
    """Your output neuron is content with two of three: its bias must be lower."""
    return np.where(_triangle_sides(x).sum(axis=1) > 0, 1, -1)


def _triangle_any(x: Floats) -> Labels:
    """Your output neuron takes an OR: inside means on the right side of all three lines."""
    return np.where(_triangle_sides(x).sum(axis=1) + 2 > 0, 1, -1)


def _triangle_open(x: Floats) -> Labels:
    """One side is open: x1 + x2 < 1 needs a neuron of its own."""
    return np.where(_triangle_sides(x)[:, :2].sum(axis=1) - 1 > 0, 1, -1)


def _triangle_beyond(x: Floats) -> Labels:
    """The third line is turned round: inside is where x1 + x2 < 1."""
    return np.where(_triangle_sides(x) @ np.array([1.0, 1.0, -1.0]) - 2 > 0, 1, -1)


def _triangle_outside(x: Floats) -> Labels:
    """That is +1 outside and -1 inside: turn the output round."""
    return -triangle(x)


def _triangle_zeros_and_ones(x: Floats) -> Labels:
    """The labels are -1 and +1, and you return 0 and 1."""
    return np.where(triangle(x) > 0, 1, 0)


TRIANGLE = Exercise(
    triangle,
    cases=[
        (np.array([[0.2, 0.2], [-0.2, 0.2], [0.2, -0.2], [0.8, 0.8], [-1.0, -1.0]]),),
        (_rng.uniform(-1, 2, size=(40, 2)),),
    ],
    lesson="An AND of half-planes is a convex region, which no neuron alone can draw.",
    wrong=(
        _triangle_two_of_three,
        _triangle_any,
        _triangle_open,
        _triangle_beyond,
        _triangle_outside,
        _triangle_zeros_and_ones,
    ),
)

EXERCISES = (PREDICT, UPDATE, MISTAKE_BOUND, AVERAGE, TRIANGLE)
check = checker(*EXERCISES)
