"""The exercises of the foundations chapter: each solution, then what learners take for it."""

from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnkit.checks import Exercise, checker

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]

__all__ = ["EXERCISES", "check"]

_rng = np.random.default_rng(0)


def _sigmoid(z: Floats) -> Floats:
    return 0.5 + 0.5 * np.tanh(0.5 * z)


# How many parameters


def parameters(sizes: list[int]) -> int:
    return sum(m * n + m for n, m in pairwise(sizes))


def _weights_only(sizes: list[int]) -> int:
    """The biases are missing: every neuron that is no input has one."""
    return sum(m * n for n, m in pairwise(sizes))


def _bias_for_each_input(sizes: list[int]) -> int:
    """Biases belong to what a layer puts out, and you gave them to what it takes in."""
    return sum(m * n + n for n, m in pairwise(sizes))


def _one_bias_for_each_layer(sizes: list[int]) -> int:
    """You gave each layer one bias; each of its neurons has one."""
    return sum(m * n + 1 for n, m in pairwise(sizes))


def _neurons(sizes: list[int]) -> int:
    """These are the neurons; the parameters are their weights and biases."""
    return sum(sizes[1:])


def _ends_only(sizes: list[int]) -> int:
    """You joined the inputs to the outputs directly; what lies between has parameters too."""
    return sizes[-1] * sizes[0] + sizes[-1]


PARAMETERS = Exercise(
    parameters,
    cases=[([64, 32, 10],), ([2, 3, 1],), ([5, 4, 3, 2],), ([7, 2],)],
    lesson="A layer's parameters grow with the product of its two widths.",
    wrong=(_weights_only, _bias_for_each_input, _one_bias_for_each_layer, _neurons, _ends_only),
)


# The mean of the logistic loss


def cost(z: Floats, t: Labels) -> float:
    return float(np.logaddexp(0, np.where(t == 1, -z, z)).mean())


def _of_the_other_class(z: Floats, t: Labels) -> float:
    """The two classes are swapped: with t = 1, the loss falls as z grows."""
    return cost(-z, t)


def _summed(z: Floats, t: Labels) -> float:
    """That is the sum; the cost is the mean."""
    return cost(z, t) * len(z)


def _gain(z: Floats, t: Labels) -> float:
    """The sign is wrong: the logarithm of a probability is negative, and a loss is not."""
    return -cost(z, t)


def _squared(z: Floats, t: Labels) -> float:
    """That is the squared error; the loss is minus the logarithm of the right class's share."""
    return float(((_sigmoid(z) - t) ** 2).mean())


def _of_one_class(z: Floats, t: Labels) -> float:
    """You took every target for 1: where t = 0, the share of the truth is 1 - σ(z)."""
    return cost(z, np.ones_like(t))


def _overflowing(z: Floats, t: Labels) -> float:
    """Large pre-activations make it infinite or NaN: take the logarithm before the exponential."""
    with np.errstate(all="ignore"):
        a = 1 / (1 + np.exp(-z))
        return float(-np.log(np.where(t == 1, a, 1 - a)).mean())


COST = Exercise(
    cost,
    cases=[
        (np.array([2.0, -1.0, 0.0]), np.array([1, 1, 0])),
        (np.array([-1000.0, 3.0]), np.array([1, 0])),
        (_rng.normal(size=5), np.array([0, 1, 1, 0, 1])),
    ],
    lesson="From z, the loss of certainty in the wrong place is practically |z|, and finite.",
    wrong=(_of_the_other_class, _summed, _gain, _squared, _of_one_class, _overflowing),
)


# The slope of the sigmoid


def sigmoid_slope(z: Floats) -> Floats:
    return _sigmoid(z) * (1 - _sigmoid(z))


def _the_sigmoid_itself(z: Floats) -> Floats:
    """That is σ(z), the value; the slope is one more factor away."""
    return _sigmoid(z)


def _slope_of_an_output(z: Floats) -> Floats:
    """You took z for the output: a (1 - a) wants a = σ(z), not z."""
    return z * (1 - z)


def _one_factor(z: Floats) -> Floats:
    """1 - σ(z) is one of two factors; the other is σ(z)."""
    return 1 - _sigmoid(z)


def _negative(z: Floats) -> Floats:
    """The sign is wrong: the sigmoid rises everywhere, so its slope is positive."""
    return -_sigmoid(z) * (1 - _sigmoid(z))


def _slope_of_tanh(z: Floats) -> Floats:
    """1 - a² is the slope of tanh; the sigmoid's is a (1 - a)."""
    return 1 - _sigmoid(z) ** 2


SIGMOID_SLOPE = Exercise(
    sigmoid_slope,
    cases=[(np.array([-2.0, 0.0, 0.5, 3.0]),), (_rng.normal(size=(3, 2)),)],
    lesson="The slope can be had from the output alone, so the backward pass need not keep z.",
    wrong=(_the_sigmoid_itself, _slope_of_an_output, _one_factor, _negative, _slope_of_tanh),
)


# One step of gradient descent


def descend(w: Floats, x: Floats, t: Floats, rate: float) -> Floats:
    return w - rate * 2 * x.T @ (x @ w - t) / len(x)


def _climb(w: Floats, x: Floats, t: Floats, rate: float) -> Floats:
    """You step with the slope, and the cost grows: subtract it."""
    return w + rate * 2 * x.T @ (x @ w - t) / len(x)


def _without_two(w: Floats, x: Floats, t: Floats, rate: float) -> Floats:
    """The slope of a square brings a factor 2, which is missing."""
    return w - rate * x.T @ (x @ w - t) / len(x)


def _sum_not_mean(w: Floats, x: Floats, t: Floats, rate: float) -> Floats:
    """You follow the sum of the losses; the cost is their mean, so divide by n."""
    return w - rate * 2 * x.T @ (x @ w - t)


def _without_rate(w: Floats, x: Floats, t: Floats, rate: float) -> Floats:
    """The step is to be `rate` times the slope, and you take the whole slope."""
    return w - 2 * x.T @ (x @ w - t) / len(x)


def _slope_alone(w: Floats, x: Floats, t: Floats, rate: float) -> Floats:
    """That is the slope; return the weights after the step."""
    return 2 * x.T @ (x @ w - t) / len(x)


def _without_inner(w: Floats, x: Floats, t: Floats, rate: float) -> Floats:
    """The chain stops too early: the slope by z is still to be multiplied by that of z by w, x."""
    return w - rate * 2 * np.mean(x @ w - t)


DESCEND = Exercise(
    descend,
    cases=[
        (_rng.normal(size=d), _rng.normal(size=(n, d)), _rng.normal(size=n), rate)
        for n, d, rate in ((4, 2, 0.1), (7, 3, 0.05), (1, 2, 0.3))
    ],
    lesson="Only the loss and its slope have changed; the four steps are the same.",
    wrong=(_climb, _without_two, _sum_not_mean, _without_rate, _slope_alone, _without_inner),
)


EXERCISES = (PARAMETERS, COST, SIGMOID_SLOPE, DESCEND)

check = checker(*EXERCISES)
