"""The numbers in the answers of the diffusion deck, and those to which mistakes lead.

Each function takes the numbers of a variant by name. A mistake's name says what went wrong.
"""

import math

import numpy as np

from nnkit.models.diffusion import clean, diffuse, energy_distance, guide, reverse_step

__all__: list[str] = []  # The deck names what it needs.


# The share of the variance that is left of the data after two steps


def left(b1: float, b2: float) -> float:
    return float(np.prod([1 - b1, 1 - b2]))


def left_added(b1: float, b2: float) -> float:
    return 1 - b1 - b2


def left_lost(b1: float, b2: float) -> float:
    return 1 - left(b1, b2)


def left_root(b1: float, b2: float) -> float:
    return math.sqrt(left(b1, b2))


# A noised point


def noised(x: float, noise: float, a: float) -> float:
    return float(diffuse(x, noise, a))


def noised_without_roots(x: float, noise: float, a: float) -> float:
    return a * x + (1 - a) * noise


def noised_exchanged(x: float, noise: float, a: float) -> float:
    return float(diffuse(noise, x, a))


# The guess of the clean sample


def guessed(x: float, noise: float, a: float) -> float:
    return float(clean(x, noise, a))


def guessed_not_divided(x: float, noise: float, a: float) -> float:
    return float(x - math.sqrt(1 - a) * noise)


def guessed_all_noise(x: float, noise: float, a: float) -> float:
    return float((x - noise) / math.sqrt(a))


# How much larger an error in the noise is in the sample


def magnified(a: float) -> float:
    return float(abs(clean(0.0, 1.0, a)))


def magnified_squared(a: float) -> float:
    return (1 - a) / a


def magnified_upside_down(a: float) -> float:
    return 1 / magnified(a)


# Velocity


def velocity(x: float, noise: float, a: float) -> float:
    return float(diffuse(noise, -x, a))


def velocity_added(x: float, noise: float, a: float) -> float:
    return float(diffuse(noise, x, a))


def velocity_backwards(x: float, noise: float, a: float) -> float:
    return -velocity(x, noise, a)


# A step of DDIM


def ddim(x: float, noise: float, a: float, before: float) -> float:
    return float(reverse_step(x, noise, 0.0, alpha_bar=a, before=before, eta=0))


def ddim_clean(x: float, noise: float, a: float, before: float) -> float:
    return guessed(x, noise, a)


def ddim_without_noise(x: float, noise: float, a: float, before: float) -> float:
    return math.sqrt(before) * guessed(x, noise, a)


# The energy distance of two pairs of points on a line


def energy(a: float, b: float) -> float:
    return energy_distance(np.array([[0.0], [a]]), np.array([[b], [b]]))


def energy_between(a: float, b: float) -> float:
    return 2 * (abs(b) + abs(b - a)) / 2


def energy_other_pairs(a: float, b: float) -> float:
    return energy_between(a, b) - abs(a)


# Guidance


def guided(free: float, asked: float, scale: float) -> float:
    return float(guide(free, asked, scale))


def guided_beyond(free: float, asked: float, scale: float) -> float:
    return float(guide(free, asked, scale + 1))


def guided_added(free: float, asked: float, scale: float) -> float:
    return free + scale * asked
