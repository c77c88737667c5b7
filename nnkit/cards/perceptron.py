"""The numbers in the answers of the perceptron's deck, and those to which mistakes lead.

Each function takes the numbers of a variant by name. A mistake's name says what went wrong.
"""

import math

import numpy as np

from nnkit.models import perceptron

__all__: list[str] = []  # The deck names what it needs.


# z = w · x + b


def pre_activation(w1: float, w2: float, b: float, x1: float, x2: float) -> float:
    return float(perceptron.augment(np, np.array([[x1, x2]]))[0] @ [w1, w2, b])


def pre_activation_without_bias(w1: float, w2: float, b: float, x1: float, x2: float) -> float:
    return w1 * x1 + w2 * x2


def pre_activation_with_bias_subtracted(
    w1: float, w2: float, b: float, x1: float, x2: float
) -> float:
    return w1 * x1 + w2 * x2 - b


def pre_activation_after_step(w1: float, w2: float, b: float, x1: float, x2: float) -> float:
    w, x = np.array([w1, w2, b]), np.array([[x1, x2, 1.0]])
    return float(perceptron.predict(w, x)[0])


# |b| / ‖w‖


def distance_from_origin(w1: float, w2: float, b: float) -> float:
    return abs(b) / math.hypot(w1, w2)


def distance_not_divided(w1: float, w2: float, b: float) -> float:
    return abs(b)


def distance_divided_by_square(w1: float, w2: float, b: float) -> float:
    return abs(b) / (w1**2 + w2**2)


# What an update adds to y z: x · x + 1


def gain(x1: float, x2: float) -> float:
    x, y = perceptron.augment(np, np.array([[x1, x2]])), np.array([1])
    w = perceptron.train(np, x, y, epochs=1).weights[-1]
    return float(y[0] * (x[0] @ w))


def gain_without_bias(x1: float, x2: float) -> float:
    return x1**2 + x2**2


def gain_of_length(x1: float, x2: float) -> float:
    return math.hypot(x1, x2)


# y w · x / ‖w‖


def margin(w1: float, w2: float, x1: float, x2: float) -> float:
    return perceptron.margin(np.array([w1, w2]), np.array([[x1, x2]]), np.array([1]))


def margin_not_divided(w1: float, w2: float, x1: float, x2: float) -> float:
    return w1 * x1 + w2 * x2


def margin_divided_by_sample(w1: float, w2: float, x1: float, x2: float) -> float:
    return (w1 * x1 + w2 * x2) / math.hypot(x1, x2)


# (R / γ)²


def bound(radius: float, margin: float) -> float:
    """Take one sample at each distance: the longest, and the nearest to the boundary."""
    x = np.array([[margin, math.sqrt(radius**2 - margin**2)], [-margin, 0.0]])
    return perceptron.mistake_bound(np.array([1.0, 0.0]), x, np.array([1, -1]))


def bound_not_squared(radius: float, margin: float) -> float:
    return radius / margin


def bound_with_only_radius_squared(radius: float, margin: float) -> float:
    return radius**2 / margin


# The average of weights over their lifetimes


def average(w1: float, c1: int, w2: float, c2: int) -> float:
    weights = [np.array([w1]), np.array([w2])]
    run = perceptron.Run([0], weights, [c1, c2], converged=False)
    return float(perceptron.average(run)[0])


def average_not_weighted(w1: float, c1: int, w2: float, c2: int) -> float:
    return (w1 + w2) / 2


def average_of_last(w1: float, c1: int, w2: float, c2: int) -> float:
    return w2


def average_not_divided(w1: float, c1: int, w2: float, c2: int) -> float:
    return w1 * c1 + w2 * c2


# σ(-y z), the size of the slope of the logistic loss in units of ‖x‖


def pull(yz: float) -> float:
    return 1 / (1 + math.exp(yz))


def pull_of_right_label(yz: float) -> float:
    return 1 / (1 + math.exp(-yz))


def pull_of_step(yz: float) -> float:
    return float(yz <= 0)
