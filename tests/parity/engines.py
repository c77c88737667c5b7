"""One function, two engines: what parity tests are written with."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nnkit import scratch

RTOL = 1e-9
Array = NDArray[Any]


def both(function: Callable[..., Any], *arrays: Array) -> list[tuple[list[Array], list[Any]]]:
    """Return, for either engine, the function's results and the gradient of each float64 array.

    Each floating result is weighted by numbers of its own before the gradients are taken, so that
    no two elements can stand in for each other.
    """
    answers = []
    for engine in (torch, scratch):
        leaves = [engine.tensor(array, requires_grad=array.dtype == np.float64) for array in arrays]
        results = function(engine, *leaves)
        results = results if isinstance(results, list | tuple) else [results]
        weights = np.random.default_rng(1)
        total = 0.0
        for result in results:
            if result.requires_grad:
                weight = engine.tensor(weights.uniform(0.5, 1.5, tuple(result.shape)))
                total = total + (result * weight).sum()
        if not isinstance(total, float):
            total.backward()
        values = [result.detach().numpy() for result in results]
        answers.append((values, [None if x.grad is None else x.grad.numpy() for x in leaves]))
    return answers


def check(function: Callable[..., Any], *arrays: Array, atol: float = 1e-12) -> None:
    """Hold both engines to the same values, shapes, types and gradients."""
    (values, gradients), (our_values, our_gradients) = both(function, *arrays)
    assert len(values) == len(our_values)
    for value, ours in zip(values, our_values, strict=True):
        assert value.shape == ours.shape
        assert value.dtype == ours.dtype
        np.testing.assert_allclose(ours, value, RTOL, atol)
    for gradient, ours in zip(gradients, our_gradients, strict=True):
        assert (gradient is None) == (ours is None)
        if gradient is not None:
            assert gradient.shape == ours.shape
            np.testing.assert_allclose(ours, gradient, RTOL, atol)


def normal(*shape: int, seed: int = 0) -> Array:
    """Return float64 numbers that are distinct and not near 0 by accident of rounding."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape)
