"""The exercises of the chapter on architectures: each solution, then what learners take for it."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnkit.checks import Exercise, checker

Floats: TypeAlias = NDArray[np.float64]

__all__ = ["EXERCISES", "check"]

_rng = np.random.default_rng(0)


# How many places a kernel has


def places(n: int, k: int, stride: int, padding: int) -> int:
    return (n + 2 * padding - k) // stride + 1


def _fence_without_last_post(n: int, k: int, stride: int, padding: int) -> int:
    """One place is missing: from 0 to 3 there are four places, not three."""
    return (n + 2 * padding - k) // stride


def _padded_on_one_side(n: int, k: int, stride: int, padding: int) -> int:
    """Zeros are added at both ends, and you counted those of one."""
    return (n + padding - k) // stride + 1


def _kernel_of_one(n: int, k: int, stride: int, padding: int) -> int:
    """The kernel must fit in whole, so its size is to be taken off before dividing."""
    return (n + 2 * padding - 1) // stride + 1


def _rounded_up(n: int, k: int, stride: int, padding: int) -> int:
    """Round down: a last place on which the kernel would stand over the edge does not count."""
    return -(-(n + 2 * padding - k) // stride) + 1


def _without_stride(n: int, k: int, stride: int, padding: int) -> int:
    """With a stride, only every `stride`-th place counts."""
    return n + 2 * padding - k + 1


PLACES = Exercise(
    places,
    cases=[(8, 3, 1, 0), (28, 5, 2, 2), (7, 3, 2, 0), (10, 4, 3, 1), (6, 3, 2, 1)],
    lesson="With k = 3, p = 1 and s = 1 an image keeps its size, which many layers use.",
    wrong=(
        _fence_without_last_post,
        _padded_on_one_side,
        _kernel_of_one,
        _rounded_up,
        _without_stride,
    ),
)


# What a recurrent network makes of a sequence


def read(W: Floats, U: Floats, b: Floats, x: Floats) -> Any:
    h = np.zeros(len(b))
    for step in x:
        h = np.tanh(W @ step + U @ h + b)
    return h


def _without_state(W: Floats, U: Floats, b: Floats, x: Floats) -> Any:
    """The state before is missing: only the last step counts for you."""
    return np.tanh(W @ x[-1] + b)


def _first_step_only(W: Floats, U: Floats, b: Floats, x: Floats) -> Any:
    """You stop after the first step: the loop must go on to the last."""
    return read(W, U, b, x[:1])


def _backwards(W: Floats, U: Floats, b: Floats, x: Floats) -> Any:
    """You read from the end to the beginning."""
    return read(W, U, b, x[::-1])


def _linear(W: Floats, U: Floats, b: Floats, x: Floats) -> Any:
    """The tanh is missing: every state is to be squashed before it is handed on."""
    h = np.zeros(len(b))
    for step in x:
        h = W @ step + U @ h + b
    return h


def _matrices_swapped(W: Floats, U: Floats, b: Floats, x: Floats) -> Any:
    """W and U have changed places: W is for the input, U for the state."""
    return read(U, W, b, x)


def _added(W: Floats, U: Floats, b: Floats, x: Floats) -> Any:
    """You add the steps up; each state replaces the one before."""
    h = np.zeros(len(b))
    for step in x:
        h = h + np.tanh(W @ step + U @ h + b)
    return h


READ = Exercise(
    read,
    cases=[
        (
            _rng.normal(size=(3, 3)),
            _rng.normal(size=(3, 3)),
            _rng.normal(size=3),
            _rng.normal(size=(4, 3)),
        ),
        (
            _rng.normal(size=(2, 2)),
            _rng.normal(size=(2, 2)),
            _rng.normal(size=2),
            _rng.normal(size=(6, 2)),
        ),
    ],
    lesson="One step, the same for all times, and a state that is handed on.",
    wrong=(_without_state, _first_step_only, _backwards, _linear, _matrices_swapped, _added),
)


# The sample in a mixture


def unmix(x: Floats, level: float, noise: Floats) -> Any:
    return (x - np.sqrt(1 - level) * noise) / np.sqrt(level)


def _not_divided(x: Floats, level: float, noise: Floats) -> Any:
    """The noise is gone, but the sample is still made smaller: divide by its share's root."""
    return x - np.sqrt(1 - level) * noise


def _without_roots(x: Floats, level: float, noise: Floats) -> Any:
    """The shares are variances, and what multiplies sample and noise are their roots."""
    return (x - (1 - level) * noise) / level


def _whole_noise(x: Floats, level: float, noise: Floats) -> Any:
    """You took all of the noise away; the mixture holds only a share of it."""
    return (x - noise) / np.sqrt(level)


def _shares_swapped(x: Floats, level: float, noise: Floats) -> Any:
    """The two shares have changed places: the level is the sample's."""
    return (x - np.sqrt(level) * noise) / np.sqrt(1 - level)


def _mixed_again(x: Floats, level: float, noise: Floats) -> Any:
    """That adds the noise once more; solve the mixture for the sample."""
    return np.sqrt(level) * x + np.sqrt(1 - level) * noise


UNMIX = Exercise(
    unmix,
    cases=[(_rng.normal(size=4), level, _rng.normal(size=4)) for level in (0.9, 0.3, 0.64)],
    lesson="To know the noise is to know the sample: the two are linear in each other.",
    wrong=(_not_divided, _without_roots, _whole_noise, _shares_swapped, _mixed_again),
)


# Causal attention weights


def weights(scores: Floats) -> Any:
    later = np.triu(np.ones(scores.shape, bool), 1)
    e = np.exp(np.where(later, -np.inf, scores - scores.max(axis=1, keepdims=True)))
    return e / e.sum(axis=1, keepdims=True)


def _softmax(scores: Floats, axis: int = 1) -> Any:
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _without_mask(scores: Floats) -> Any:
    """Later places have weights too: the mask is missing."""
    return _softmax(scores)


def _masked_too_late(scores: Floats) -> Any:
    """You masked after the softmax, so the weights of a row no longer add up to 1."""
    return np.tril(_softmax(scores))


def _masked_with_zero(scores: Floats) -> Any:
    """A score of 0 is a weight of e⁰ = 1 before dividing: later scores must become -inf."""
    return _softmax(np.tril(scores))


def _looking_ahead(scores: Floats) -> Any:
    """The mask is upside down: you look at later places and not at earlier ones."""
    return weights(scores[::-1, ::-1])[::-1, ::-1]


def _down_the_columns(scores: Floats) -> Any:
    """The softmax runs along the wrong axis: each row, the place that looks, adds up to 1."""
    later = np.triu(np.ones(scores.shape, bool), 1)
    e = np.exp(np.where(later, -np.inf, scores))
    return e / e.sum(axis=0, keepdims=True)


WEIGHTS = Exercise(
    weights,
    cases=[(_rng.normal(size=(3, 3)),), (2 * _rng.normal(size=(5, 5)),)],
    lesson="The first place can look only at itself, so its weight there is 1.",
    wrong=(_without_mask, _masked_too_late, _masked_with_zero, _looking_ahead, _down_the_columns),
)

EXERCISES = (PLACES, READ, UNMIX, WEIGHTS)
check = checker(*EXERCISES)
