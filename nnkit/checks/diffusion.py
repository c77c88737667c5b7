"""The exercises of the chapter on diffusion: each solution, then what learners take for it."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnkit.checks import Exercise, checker

Floats: TypeAlias = NDArray[np.float64]

__all__ = ["EXERCISES", "check"]

_rng = np.random.default_rng(0)

# Many steps of noise in one


def jump(x: Floats, noise: Floats, beta: Floats, t: int) -> Any:
    alpha_bar = np.prod(1 - beta[:t])
    return np.sqrt(alpha_bar) * x + np.sqrt(1 - alpha_bar) * noise


def _last_step_alone(x: Floats, noise: Floats, beta: Floats, t: int) -> Any:
    """That is step t alone: the noise of all the steps before it is missing."""
    return np.sqrt(1 - beta[t - 1]) * x + np.sqrt(beta[t - 1]) * noise


def _variances_as_factors(x: Floats, noise: Floats, beta: Floats, t: int) -> Any:
    """Shares of the variance are not factors: a variance of v wants a factor of √v."""
    alpha_bar = np.prod(1 - beta[:t])
    return alpha_bar * x + (1 - alpha_bar) * noise


def _one_step_too_many(x: Floats, noise: Floats, beta: Floats, t: int) -> Any:
    """You take one step too many: the first t variances are `beta[:t]`."""
    return jump(x, noise, beta, t + 1)


def _betas_multiplied(x: Floats, noise: Floats, beta: Floats, t: int) -> Any:
    """You multiply the variances; it is what each step leaves, 1 − β, that multiplies."""
    share = np.prod(beta[:t])
    return np.sqrt(1 - share) * x + np.sqrt(share) * noise


def _betas_added(x: Floats, noise: Floats, beta: Floats, t: int) -> Any:
    """Each step also shrinks the noise of those before, so the variances do not just add up."""
    total = beta[:t].sum()
    return np.sqrt(1 - total) * x + np.sqrt(total) * noise


JUMP = Exercise(
    jump,
    cases=[
        (np.array([1.0, -2.0]), np.array([0.5, 1.0]), np.array([0.1, 0.2, 0.3, 0.2]), 2),
        (_rng.normal(size=(2, 2)), _rng.normal(size=(2, 2)), np.full(10, 0.05), 7),
    ],
    lesson="What each step leaves multiplies, and one normal draw stands for all of them.",
    wrong=(
        _last_step_alone,
        _variances_as_factors,
        _one_step_too_many,
        _betas_multiplied,
        _betas_added,
    ),
)


# From velocity to noise


def noise_from_velocity(x: Floats, v: Floats, alpha_bar: float) -> Any:
    return np.sqrt(1 - alpha_bar) * x + np.sqrt(alpha_bar) * v


def _clean_instead(x: Floats, v: Floats, alpha_bar: float) -> Any:
    """That is the clean sample; the noise is the other one of the two."""
    return np.sqrt(alpha_bar) * x - np.sqrt(1 - alpha_bar) * v


def _roots_forgotten(x: Floats, v: Floats, alpha_bar: float) -> Any:
    """The roots are missing: a rotation has cosine √ᾱ and sine √(1 − ᾱ)."""
    return (1 - alpha_bar) * x + alpha_bar * v


def _factors_exchanged(x: Floats, v: Floats, alpha_bar: float) -> Any:
    """The two factors have changed places: at ᾱ = 1 the velocity is the noise."""
    return np.sqrt(alpha_bar) * x + np.sqrt(1 - alpha_bar) * v


def _minus(x: Floats, v: Floats, alpha_bar: float) -> Any:
    """The sign of the second term is wrong: it is the clean sample that has a minus."""
    return np.sqrt(1 - alpha_bar) * x - np.sqrt(alpha_bar) * v


NOISE_FROM_VELOCITY = Exercise(
    noise_from_velocity,
    cases=[
        (np.array([[1.0, 2.0]]), np.array([[0.5, -1.0]]), 0.36),
        (_rng.normal(size=(3, 2)), _rng.normal(size=(3, 2)), 0.9),
    ],
    lesson="A rotation is undone by its transpose.",
    wrong=(_clean_instead, _roots_forgotten, _factors_exchanged, _minus),
)


# A step back without randomness


def ddim(x: Floats, noise: Floats, alpha_bar: float, before: float) -> Any:
    guess = (x - np.sqrt(1 - alpha_bar) * noise) / np.sqrt(alpha_bar)
    return np.sqrt(before) * guess + np.sqrt(1 - before) * noise


def _stopped_at_the_guess(x: Floats, noise: Floats, alpha_bar: float, before: float) -> Any:
    """That is the guess of the clean sample; noise it again, to the level `before`."""
    return ddim(x, noise, alpha_bar, 1.0)


def _guess_left_clean(x: Floats, noise: Floats, alpha_bar: float, before: float) -> Any:
    """You shrink the guess and add no noise to it, so it is not at the level `before`."""
    return np.sqrt(before) * ddim(x, noise, alpha_bar, 1.0)


def _not_divided(x: Floats, noise: Floats, alpha_bar: float, before: float) -> Any:
    """Without the noise you have √ᾱ times the sample: divide by it."""
    guess = x - np.sqrt(1 - alpha_bar) * noise
    return np.sqrt(before) * guess + np.sqrt(1 - before) * noise


def _levels_exchanged(x: Floats, noise: Floats, alpha_bar: float, before: float) -> Any:
    """You go from `before` to `alpha_bar`; the way back goes from `alpha_bar` to `before`."""
    return ddim(x, noise, before, alpha_bar)


def _old_noise_level(x: Floats, noise: Floats, alpha_bar: float, before: float) -> Any:
    """You add as much noise as there was: at the lower level its share is 1 − `before`."""
    guess = ddim(x, noise, alpha_bar, 1.0)
    return np.sqrt(before) * guess + np.sqrt(1 - alpha_bar) * noise


DDIM = Exercise(
    ddim,
    cases=[
        (np.array([[3.0, 0.8]]), np.array([[0.0, 1.0]]), 0.36, 0.64),
        (_rng.normal(size=(3, 2)), _rng.normal(size=(3, 2)), 0.5, 0.75),
    ],
    lesson="Guess the sample, then put back as much of the same noise as the lower level holds.",
    wrong=(
        _stopped_at_the_guess,
        _guess_left_clean,
        _not_divided,
        _levels_exchanged,
        _old_noise_level,
    ),
)


# The best guess from a finite set


def best_guess(x: Floats, data: Floats, alpha_bar: float) -> Any:
    squares = ((x[:, None] - np.sqrt(alpha_bar) * data) ** 2).sum(axis=2)
    logits = -squares / (2 * (1 - alpha_bar))
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights @ data / weights.sum(axis=1, keepdims=True)


def _data_not_shrunk(x: Floats, data: Floats, alpha_bar: float) -> Any:
    """Noising shrinks the data by √ᾱ; compare x with the data after that."""
    return best_guess(x, data / np.sqrt(alpha_bar), alpha_bar) * np.sqrt(alpha_bar)


def _nearest_alone(x: Floats, data: Floats, alpha_bar: float) -> Any:
    """You return the nearest one; the mean goes over all of them, by how likely each is."""
    squares = ((x[:, None] - np.sqrt(alpha_bar) * data) ** 2).sum(axis=2)
    return data[squares.argmin(axis=1)]


def _normalised_over_points(x: Floats, data: Floats, alpha_bar: float) -> Any:
    """The weights of the data must add up to 1 for each point of x, not the other way round."""
    squares = ((x[:, None] - np.sqrt(alpha_bar) * data) ** 2).sum(axis=2)
    weights = np.exp(-squares / (2 * (1 - alpha_bar)))
    return weights / weights.sum(axis=0) @ data


def _half_forgotten(x: Floats, data: Floats, alpha_bar: float) -> Any:
    """In the exponent of the normal density stands half the square over the variance."""
    squares = ((x[:, None] - np.sqrt(alpha_bar) * data) ** 2).sum(axis=2)
    weights = np.exp(-squares / (1 - alpha_bar))
    return weights @ data / weights.sum(axis=1, keepdims=True)


def _plain_mean(x: Floats, data: Floats, alpha_bar: float) -> Any:
    """That is the mean of the data, whatever x is: what x says is not used."""
    return np.broadcast_to(data.mean(axis=0), x.shape)


BEST_GUESS = Exercise(
    best_guess,
    cases=[
        (np.array([[0.2, 0.1]]), np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, -1.0]]), 0.5),
        (_rng.normal(size=(3, 2)), _rng.normal(size=(5, 2)), 0.3),
    ],
    lesson="It is a softmax over the data, and with little noise all its weight is on one of them.",
    wrong=(_data_not_shrunk, _nearest_alone, _normalised_over_points, _half_forgotten, _plain_mean),
)


# Guidance


def guided(free: Floats, asked: Floats, scale: float) -> Any:
    return free + scale * (asked - free)


def _mixed(free: Floats, asked: Floats, scale: float) -> Any:
    """That starts at the class and goes the other way: 0 is to give the answer without a class."""
    return asked + scale * (free - asked)


def _added(free: Floats, asked: Floats, scale: float) -> Any:
    """You add the answer for the class; it is the difference of the two that is scaled."""
    return free + scale * asked


def _one_too_far(free: Floats, asked: Floats, scale: float) -> Any:
    """Your scale starts one too far: 1 is to give the answer for the class as it is."""
    return asked + scale * (asked - free)


def _cut_off(free: Floats, asked: Floats, scale: float) -> Any:
    """You stop at the answer for the class; a scale above 1 goes beyond it."""
    return free + min(scale, 1.0) * (asked - free)


GUIDED = Exercise(
    guided,
    cases=[
        (np.array([1.0, 2.0]), np.array([2.0, 0.0]), 2.0),
        (np.array([1.0, 2.0]), np.array([2.0, 0.0]), 0.5),
        (_rng.normal(size=(2, 2)), _rng.normal(size=(2, 2)), 0.0),
    ],
    lesson="A line through the two answers, walked beyond the second one.",
    wrong=(_mixed, _added, _one_too_far, _cut_off),
)

EXERCISES = (JUMP, NOISE_FROM_VELOCITY, DDIM, BEST_GUESS, GUIDED)
check = checker(*EXERCISES)
