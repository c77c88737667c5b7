"""The exercises of the chapter on gradients: each solution, then what learners take for it."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnkit.checks import Exercise, checker

Floats: TypeAlias = NDArray[np.float64]

__all__ = ["EXERCISES", "check"]

_rng = np.random.default_rng(0)

# How large a weight should be


def scale(n: int, left: float) -> float:
    return float(np.sqrt(2 / (n * (1 + left**2))))


def _variance(n: int, left: float) -> float:
    """That is the variance of the weights; the standard deviation is its root."""
    return 2 / (n * (1 + left**2))


def _lecun_for_all(n: int, left: float) -> float:
    """You keep the variance as if nothing were lost on the left, which holds for `left` = 1."""
    return float(np.sqrt(1 / n))


def _he_for_all(n: int, left: float) -> float:
    """That is right for a ReLU; with a slope on the left, more of the square comes through."""
    return float(np.sqrt(2 / n))


def _share_the_wrong_way(n: int, left: float) -> float:
    """The less the activation lets through, the larger the weights must be, not the smaller."""
    return float(np.sqrt((1 + left**2) / (2 * n)))


def _left_unsquared(n: int, left: float) -> float:
    """On the left, a² is left² z², not left z²."""
    return float(np.sqrt(2 / (n * (1 + left))))


SCALE = Exercise(
    scale,
    cases=[(100, 1.0), (100, 0.0), (50, 0.1), (7, 0.5)],
    lesson="One over the number of inputs, made up for what the activation cuts off.",
    wrong=(_variance, _lecun_for_all, _he_for_all, _share_the_wrong_way, _left_unsquared),
)


# Clipping by norm


def clip(g: Floats, h: Floats, c: float) -> Any:
    factor = min(1.0, c / float(np.sqrt((g**2).sum() + (h**2).sum())))
    return g * factor, h * factor


def _clip_each(g: Floats, h: Floats, c: float) -> Any:
    """You clip each array by itself, which turns the step: they are one vector together."""
    return clip(g, 0 * h, c)[0], clip(0 * g, h, c)[1]


def _clip_values(g: Floats, h: Floats, c: float) -> Any:
    """That is clipping by value: every number is cut off by itself."""
    return np.clip(g, -c, c), np.clip(h, -c, c)


def _always_rescaled(g: Floats, h: Floats, c: float) -> Any:
    """A gradient shorter than c is to stay as it is, and you stretch it to c."""
    norm = np.sqrt((g**2).sum() + (h**2).sum())
    return g * c / norm, h * c / norm


def _by_largest(g: Floats, h: Floats, c: float) -> Any:
    """You measure the largest number; the norm is the root of the sum of all squares."""
    factor = min(1.0, c / max(np.abs(g).max(), np.abs(h).max()))
    return g * factor, h * factor


def _by_square(g: Floats, h: Floats, c: float) -> Any:
    """You divide by the square of the norm: its root is missing."""
    factor = min(1.0, c / ((g**2).sum() + (h**2).sum()))
    return g * factor, h * factor


CLIP = Exercise(
    clip,
    cases=[
        (np.array([[3.0, 0.0]]), np.array([4.0]), 1.0),
        (np.array([[0.3, 0.0]]), np.array([0.4]), 1.0),
        (_rng.normal(size=(2, 3)), 3 * _rng.normal(size=2), 2.0),
    ],
    lesson="One factor for all, so the direction of the whole step stays.",
    wrong=(_clip_each, _clip_values, _always_rescaled, _by_largest, _by_square),
)


# Batch normalisation, backward


def batch_norm_backward(z: Floats, gamma: Floats, g: Floats, eps: float) -> Any:
    root = np.sqrt(z.var(axis=0) + eps)
    normal = (z - z.mean(axis=0)) / root
    h = gamma * g
    slope = (h - h.mean(axis=0) - normal * (h * normal).mean(axis=0)) / root
    return slope, (g * normal).sum(axis=0), g.sum(axis=0)


def _statistics_as_constants(z: Floats, gamma: Floats, g: Floats, eps: float) -> Any:
    """You took mean and variance for constants: each sample acts on the others through them."""
    root = np.sqrt(z.var(axis=0) + eps)
    return gamma * g / root, *batch_norm_backward(z, gamma, g, eps)[1:]


def _mean_alone(z: Floats, gamma: Floats, g: Floats, eps: float) -> Any:
    """The path through the variance is missing, the last term."""
    root, h = np.sqrt(z.var(axis=0) + eps), gamma * g
    return (h - h.mean(axis=0)) / root, *batch_norm_backward(z, gamma, g, eps)[1:]


def _without_gamma(z: Floats, gamma: Floats, g: Floats, eps: float) -> Any:
    """What arrives at the normalised numbers is γ times what arrives at the result."""
    return (
        batch_norm_backward(z, np.ones_like(gamma), g, eps)[0],
        *batch_norm_backward(z, gamma, g, eps)[1:],
    )


def _mean_not_sum(z: Floats, gamma: Floats, g: Floats, eps: float) -> Any:
    """γ and β act on every sample, so their gradients are sums, not means."""
    slope, of_gamma, of_beta = batch_norm_backward(z, gamma, g, eps)
    return slope, of_gamma / len(z), of_beta / len(z)


def _gamma_from_raw(z: Floats, gamma: Floats, g: Floats, eps: float) -> Any:
    """γ multiplies the normalised numbers, not z."""
    slope, _, of_beta = batch_norm_backward(z, gamma, g, eps)
    return slope, (g * z).sum(axis=0), of_beta


def _root_forgotten(z: Floats, gamma: Floats, g: Floats, eps: float) -> Any:
    """You divide by the variance; its root is what the numbers were divided by."""
    slope, *rest = batch_norm_backward(z, gamma, g, eps)
    return slope / np.sqrt(z.var(axis=0) + eps), *rest


BATCH_NORM_BACKWARD = Exercise(
    batch_norm_backward,
    cases=[
        (_rng.normal(1, 2, (m, d)), _rng.normal(size=d), _rng.normal(size=(m, d)), 1e-3)
        for m, d in ((4, 2), (7, 3), (2, 1))
    ],
    lesson="What comes out has no mean and no part along the normalised numbers.",
    wrong=(
        _statistics_as_constants,
        _mean_alone,
        _without_gamma,
        _mean_not_sum,
        _gamma_from_raw,
        _root_forgotten,
    ),
)


# How deep a gradient comes


def survives(factor: float, depth: int, smallest: float) -> int:
    return min(depth, int(np.floor(np.log(smallest) / np.log(factor) + 1e-9)))


def _rounded_up(factor: float, depth: int, smallest: float) -> int:
    """One layer too many: after it, the gradient is below the limit already."""
    return min(depth, int(np.ceil(np.log(smallest) / np.log(factor))))


def _bottomless(factor: float, depth: int, smallest: float) -> int:
    """There are no more than `depth` layers to come down."""
    return int(np.floor(np.log(smallest) / np.log(factor)))


def _linear(factor: float, depth: int, smallest: float) -> int:
    """Each layer takes its share of what is left, so the fall is a power, not a line."""
    return min(depth, int(np.floor((1 - smallest) / (1 - factor))))


def _upside_down(factor: float, depth: int, smallest: float) -> int:
    """The two logarithms have changed places."""
    return min(depth, int(np.floor(np.log(factor) / np.log(smallest))))


SURVIVES = Exercise(
    survives,
    cases=[(0.25, 50, 1e-7), (0.5, 50, 0.1), (0.9, 20, 1e-3), (0.8, 100, 1e-4)],
    lesson="At a quarter a layer, twelve layers leave less than float32 can tell beside 1.",
    wrong=(_rounded_up, _bottomless, _linear, _upside_down),
)

EXERCISES = (SCALE, CLIP, BATCH_NORM_BACKWARD, SURVIVES)
check = checker(*EXERCISES)
