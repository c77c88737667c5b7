"""The numbers in the answers of the gradients deck, and those to which mistakes lead.

Each function takes the numbers of a variant by name. A mistake's name says what went wrong.
"""

import math

import numpy as np

import nnkit.scratch as engine

__all__: list[str] = []  # The deck names what it needs.


# What is left of a gradient, as an exponent of ten


def orders(factor: float, layers: int) -> float:
    return layers * math.log10(factor)


def orders_natural(factor: float, layers: int) -> float:
    return layers * math.log(factor)


def orders_of_one_layer(factor: float, layers: int) -> float:
    return math.log10(factor)


# The most that sigmoids let through, 1 / 4 each


def through_sigmoids(layers: int) -> float:
    z = engine.zeros(1, dtype=engine.float64, requires_grad=True)
    engine.sigmoid(z).sum().backward()
    assert z.grad is not None
    return -layers * math.log10(z.grad.item())


def through_sigmoids_of_half(layers: int) -> float:
    return layers * math.log10(2)


def through_sigmoids_added(layers: int) -> float:
    return math.log10(4 * layers)


# The variance of a pre-activation


def variance(n: int, s: float, square: float) -> float:
    return n * s**2 * square


def variance_from_scale(n: int, s: float, square: float) -> float:
    return n * s * square


def variance_of_one(n: int, s: float, square: float) -> float:
    return s**2 * square


# The standard deviations of He, LeCun and Glorot


def he(n: int) -> float:
    return engine.nn.init.calculate_gain("relu") / math.sqrt(n)


def he_variance(n: int) -> float:
    return 2 / n


def he_without_two(n: int) -> float:
    return math.sqrt(1 / n)


def glorot(n: int, m: int) -> float:
    return math.sqrt(2 / (n + m))


def glorot_of_inputs(n: int, m: int) -> float:
    return math.sqrt(1 / n)


def glorot_without_two(n: int, m: int) -> float:
    return math.sqrt(1 / (n + m))


def glorot_variance(n: int, m: int) -> float:
    return 2 / (n + m)


# Clipping (g1, g2) to the norm c: the first number


def clipped(g1: float, g2: float, c: float) -> float:
    parameter = engine.zeros(2, dtype=engine.float64, requires_grad=True)
    parameter.grad = engine.tensor([g1, g2], dtype=engine.float64)
    engine.nn.utils.clip_grad_norm_([parameter], c)
    return float(parameter.grad[0].item())


def clipped_by_value(g1: float, g2: float, c: float) -> float:
    return float(np.clip(g1, -c, c))


def clipped_by_sum(g1: float, g2: float, c: float) -> float:
    return g1 * c / (abs(g1) + abs(g2))


def not_clipped(g1: float, g2: float, c: float) -> float:
    return g1


# A power of the spectral radius


def after_steps(radius: float, steps: int) -> float:
    return float(radius**steps)


def after_steps_linear(radius: float, steps: int) -> float:
    return radius * steps


def after_one_step(radius: float, steps: int) -> float:
    return radius


# One number of a batch, normalised


def normalised(z: float, m: float, v: float) -> float:
    at, mean, var = (engine.tensor([value], dtype=engine.float64) for value in (z, m, v))
    out = engine.nn.functional.batch_norm(at.reshape(1, 1), mean, var, eps=0.0)
    return float(out.item())


def centred(z: float, m: float, v: float) -> float:
    return z - m


def not_centred(z: float, m: float, v: float) -> float:
    return z / math.sqrt(v)


def normalised_by_variance(z: float, m: float, v: float) -> float:
    return (z - m) / v


# The update ratio


def update_ratio(rate: float, slope: float, weight: float) -> float:
    return 1000 * rate * slope / weight


def update_ratio_without_rate(rate: float, slope: float, weight: float) -> float:
    return 1000 * slope / weight


def update_alone(rate: float, slope: float, weight: float) -> float:
    return 1000 * rate * slope


# The Jacobian of a residual layer of one unit, 1 + φ' w


def residual_factor(slope: float, w: float) -> float:
    return 1 + slope * w


def residual_factor_without_path(slope: float, w: float) -> float:
    return slope * w


def residual_factor_of_weight(slope: float, w: float) -> float:
    return 1 + w
