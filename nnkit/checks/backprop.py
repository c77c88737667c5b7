"""The exercises of the backpropagation chapter: each solution, then what learners take for it."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnkit.checks import Exercise, checker

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]

__all__ = ["EXERCISES", "check"]

_rng = np.random.default_rng(0)


# The cross-entropy of logits


def _softmax(z: Floats) -> Any:
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def _right(z: Floats, y: Labels) -> Any:
    return np.eye(z.shape[1])[y]


def cross_entropy_backward(z: Floats, y: Labels) -> Any:
    return (_softmax(z) - _right(z, y)) / len(y)


def _not_averaged(z: Floats, y: Labels) -> Any:
    """That is the gradient of the sum; the cost is the mean, so divide by n."""
    return _softmax(z) - _right(z, y)


def _probabilities_alone(z: Floats, y: Labels) -> Any:
    """At the right class, 1 is still to be subtracted."""
    return _softmax(z) / len(y)


def _signs_reversed(z: Floats, y: Labels) -> Any:
    """The sign is reversed: a larger logit of a wrong class costs more."""
    return (_right(z, y) - _softmax(z)) / len(y)


def _logits_for_probabilities(z: Floats, y: Labels) -> Any:
    """You took the logits for probabilities: the softmax is missing."""
    return (z - _right(z, y)) / len(y)


def _softmax_down_the_batch(z: Floats, y: Labels) -> Any:
    """The softmax runs over the classes of a sample, not over the batch."""
    return (_softmax(z.T).T - _right(z, y)) / len(y)


CROSS_ENTROPY = Exercise(
    cross_entropy_backward,
    cases=[
        (np.array([[1.0, 2.0, -1.0], [0.0, 0.0, 0.5]]), np.array([0, 2])),
        (np.array([[1000.0, -1000.0, 999.0], [3.0, 1.0, 2.0]]), np.array([1, 0])),
        (_rng.normal(size=(5, 4)), np.array([3, 1, 1, 0, 2])),
    ],
    lesson="Each row adds up to 0: what the right class gains, the others lose.",
    wrong=(
        _not_averaged,
        _probabilities_alone,
        _signs_reversed,
        _logits_for_probabilities,
        _softmax_down_the_batch,
    ),
)


# A batch of matrix products


def matmul_backward(a: Floats, b: Floats, g: Floats) -> Any:
    return g @ b.swapaxes(1, 2), a.swapaxes(1, 2) @ g


def _not_transposed(a: Floats, b: Floats, g: Floats) -> Any:
    """Each factor enters transposed: shapes that happen to fit are not enough."""
    return g @ b, a @ g


def _exchanged(a: Floats, b: Floats, g: Floats) -> Any:
    """The two gradients have changed places: that of `a` needs `b`."""
    of_a, of_b = matmul_backward(a, b, g)
    return of_b, of_a


def _reversed_order(a: Floats, b: Floats, g: Floats) -> Any:
    """The order within a product is reversed: g stands where the result stood."""
    return b.swapaxes(1, 2) @ g, g @ a.swapaxes(1, 2)


def _summed_over_batch(a: Floats, b: Floats, g: Floats) -> Any:
    """You summed over the batch; each pair of matrices has gradients of its own."""
    of_a, of_b = matmul_backward(a, b, g)
    return of_a.sum(axis=0), of_b.sum(axis=0)


def _elementwise(a: Floats, b: Floats, g: Floats) -> Any:
    """That is the rule for products of numbers, element by element."""
    return g * b, g * a


MATMUL = Exercise(
    matmul_backward,
    cases=[tuple(_rng.normal(size=(2, 3, 3)) for _ in range(3)) for _ in range(2)],
    lesson="With other lengths than these, the shapes alone would leave one way to multiply.",
    wrong=(_not_transposed, _exchanged, _reversed_order, _summed_over_batch, _elementwise),
)


# A weight that is used twice


def shared_backward(W: Floats, x: Floats, g: Floats) -> Any:
    a = np.tanh(W @ x)
    return np.outer(g, a) + np.outer((1 - a**2) * (W.T @ g), x)


def _last_use_only(W: Floats, x: Floats, g: Floats) -> Any:
    """That is what the second use gives; the first one gives a share too."""
    return np.outer(g, np.tanh(W @ x))


def _first_use_only(W: Floats, x: Floats, g: Floats) -> Any:
    """That is what the first use gives; the second one gives a share too."""
    return shared_backward(W, x, g) - _last_use_only(W, x, g)


def _without_slope(W: Floats, x: Floats, g: Floats) -> Any:
    """On the way to the first use, the slope of tanh is missing."""
    return np.outer(g, np.tanh(W @ x)) + np.outer(W.T @ g, x)


def _not_handed_back(W: Floats, x: Floats, g: Floats) -> Any:
    """On the way to the first use, the gradient has to pass through W."""
    a = np.tanh(W @ x)
    return np.outer(g, a) + np.outer((1 - a**2) * g, x)


def _averaged(W: Floats, x: Floats, g: Floats) -> Any:
    """The shares of the two uses are added; nothing divides by their number."""
    return shared_backward(W, x, g) / 2


def _outer_transposed(W: Floats, x: Floats, g: Floats) -> Any:
    """Rows and columns are exchanged: a row of W belongs to an output."""
    return shared_backward(W, x, g).T


SHARED = Exercise(
    shared_backward,
    cases=[(_rng.normal(size=(d, d)), _rng.normal(size=d), _rng.normal(size=d)) for d in (2, 3, 4)],
    lesson="Uses add up, and a recurrent network is this with one use for each step.",
    wrong=(
        _last_use_only,
        _first_use_only,
        _without_slope,
        _not_handed_back,
        _averaged,
        _outer_transposed,
    ),
)


# Layer norm


def _normal(x: Floats) -> tuple[Any, Any]:
    root = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    return (x - x.mean(axis=-1, keepdims=True)) / root, root


def _mean(x: Floats) -> Any:
    return x.mean(axis=-1, keepdims=True)


def layer_norm_backward(x: Floats, g: Floats) -> Any:
    y, root = _normal(x)
    return (g - _mean(g) - y * _mean(g * y)) / root


def _as_planted(x: Floats, g: Floats) -> Any:
    """That is the suspect as it was. For a g that is 1 everywhere the answer is 0, and only its
    last term is left: of what should that mean be?
    """
    y, root = _normal(x)
    return (g - _mean(g) - y * _mean(g)) / root


def _without_the_last_term(x: Floats, g: Floats) -> Any:
    """The path through the variance is missing: the mean is not all that every x acts on."""
    _, root = _normal(x)
    return (g - _mean(g)) / root


def _without_the_mean(x: Floats, g: Floats) -> Any:
    """The path through the mean is missing, the term -mean(g)."""
    y, root = _normal(x)
    return (g - y * _mean(g * y)) / root


def _along_x(x: Floats, g: Floats) -> Any:
    """The last term wants the normalised y in both places, not x."""
    _, root = _normal(x)
    return (g - _mean(g) - x * _mean(g * x)) / root


def _not_divided(x: Floats, g: Floats) -> Any:
    """The division by the root is missing: what x was divided by, its gradient is, too."""
    y, _ = _normal(x)
    return g - _mean(g) - y * _mean(g * y)


LAYER_NORM = Exercise(
    layer_norm_backward,
    cases=[(_rng.normal(size=(n, d)), _rng.normal(size=(n, d))) for n, d in ((2, 3), (4, 5))],
    lesson="What comes out has hardly a part along y; the suspect's has, which betrays the bug.",
    wrong=(_as_planted, _without_the_last_term, _without_the_mean, _along_x, _not_divided),
)

EXERCISES = (CROSS_ENTROPY, MATMUL, SHARED, LAYER_NORM)
check = checker(*EXERCISES)
