"""Diffusion's arithmetic is that of its papers, on arrays and on tensors."""

import numpy as np
import pytest

import nnkit.scratch as engine
from nnkit.models.diffusion import (
    clean,
    diffuse,
    guide,
    levels,
    linear_schedule,
    reverse_step,
    sample,
    told_apart,
)

CHAIN = 40
BETAS, ALPHA_BARS = linear_schedule(CHAIN, first=0.01, last=0.2)


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def test_noising_step_by_step_is_noising_in_one_go() -> None:
    """The noise of each step has a direction of its own, so that its share can be read off."""
    axes = np.eye(CHAIN + 1)
    x = axes[0]
    for t in range(1, CHAIN + 1):
        x = diffuse(x, axes[t], 1 - BETAS[t])
        np.testing.assert_allclose(x[0], ALPHA_BARS[t] ** 0.5, rtol=1e-12)
        np.testing.assert_allclose((x[1:] ** 2).sum(), 1 - ALPHA_BARS[t], rtol=1e-12)


def test_schedule_of_ho_leaves_next_to_nothing_of_the_data() -> None:
    _, alpha_bars = linear_schedule(1000, first=0.0001, last=0.02)
    assert alpha_bars[-1] == pytest.approx(4.04e-5, rel=0.01)
    assert (np.diff(alpha_bars) < 0).all()


@pytest.mark.parametrize("t", [2, 17, CHAIN])
def test_step_with_all_fresh_noise_is_that_of_ho(t: int) -> None:
    """Equation 11 for the mean, equation 7 for the variance."""
    x, noise, fresh = (normal(5, 2, seed=seed) for seed in range(3))
    beta, alpha_bar, before = BETAS[t], ALPHA_BARS[t], ALPHA_BARS[t - 1]
    mean = (x - beta / (1 - alpha_bar) ** 0.5 * noise) / (1 - beta) ** 0.5
    variance = (1 - before) / (1 - alpha_bar) * beta
    step = reverse_step(x, noise, fresh, alpha_bar=alpha_bar, before=before, eta=1)
    np.testing.assert_allclose(step, mean + variance**0.5 * fresh, rtol=1e-9)


def test_last_step_adds_no_noise() -> None:
    x, noise, fresh = (normal(5, 2, seed=seed) for seed in range(3))
    step = reverse_step(x, noise, fresh, alpha_bar=ALPHA_BARS[1], before=1.0, eta=1)
    np.testing.assert_allclose(step, clean(x, noise, ALPHA_BARS[1]), rtol=1e-12)


@pytest.mark.parametrize("eta", [0, 0.5, 1])
def test_step_with_the_true_noise_has_the_spread_of_the_lower_level(eta: float) -> None:
    data, noise, fresh = (normal(200_000, 1, seed=seed) for seed in range(3))
    x = diffuse(data, noise, ALPHA_BARS[30])
    step = reverse_step(x, noise, fresh, alpha_bar=ALPHA_BARS[30], before=ALPHA_BARS[10], eta=eta)
    rest = step - ALPHA_BARS[10] ** 0.5 * data
    assert rest.var() == pytest.approx(1 - ALPHA_BARS[10], rel=0.01)


def test_ddim_draws_nothing_at_random_and_ddpm_does() -> None:
    x = normal(5, 2)
    ends = [
        sample(
            lambda x, t: 0.5 * x,
            x,
            lambda seed=seed: normal(5, 2, seed=seed),
            alpha_bars=ALPHA_BARS,
            steps=8,
            eta=eta,
        )[-1]
        for eta in (0, 1)
        for seed in (1, 2)
    ]
    np.testing.assert_array_equal(ends[0], ends[1])
    assert np.abs(ends[2] - ends[3]).max() > 0.1


@pytest.mark.parametrize("steps", [1, 3, CHAIN])
@pytest.mark.parametrize("eta", [0, 1])
def test_who_knows_the_noise_of_a_single_point_gets_there_in_any_number_of_steps(
    steps: int, eta: float
) -> None:
    def predict(x: np.ndarray, t: int) -> np.ndarray:
        return (x - ALPHA_BARS[t] ** 0.5 * 3) / (1 - ALPHA_BARS[t]) ** 0.5

    path = sample(
        predict, normal(6, 2), lambda: normal(6, 2), alpha_bars=ALPHA_BARS, steps=steps, eta=eta
    )
    assert len(path) == steps + 1
    np.testing.assert_allclose(path[-1], 3, rtol=1e-9)


def test_levels_fall_by_one_to_the_data_if_there_are_as_many_as_the_chain_has() -> None:
    assert levels(CHAIN, CHAIN) == list(range(CHAIN, -1, -1))
    assert levels(CHAIN, 1) == [CHAIN, 0]
    for steps in range(1, CHAIN + 1):
        assert (np.diff(levels(CHAIN, steps)) < 0).all()


def test_guidance_is_none_at_0_the_class_at_1_and_more_beyond() -> None:
    free, asked = normal(5, 2, seed=0), normal(5, 2, seed=1)
    np.testing.assert_array_equal(guide(free, asked, 0), free)
    np.testing.assert_allclose(guide(free, asked, 1), asked, rtol=1e-12)
    w = 2.5  # as Ho and Salimans count it
    np.testing.assert_allclose(guide(free, asked, 1 + w), (1 + w) * asked - w * free, rtol=1e-9)


def test_tensors_take_the_same_steps_as_arrays() -> None:
    x, noise, fresh = (normal(5, 2, seed=seed) for seed in range(3))
    tensors = (engine.tensor(array) for array in (x, noise, fresh))
    step = reverse_step(*tensors, alpha_bar=0.3, before=0.6, eta=0.5)
    expected = reverse_step(x, noise, fresh, alpha_bar=0.3, before=0.6, eta=0.5)
    np.testing.assert_allclose(step.numpy(), expected, rtol=1e-12)
    shares = ALPHA_BARS[[1, 5, 9, 20, 40], None]
    noised = diffuse(engine.tensor(x), engine.tensor(noise), engine.tensor(shares))
    np.testing.assert_allclose(noised.numpy(), diffuse(x, noise, shares), rtol=1e-12)


def test_draws_of_one_distribution_are_told_apart_by_chance_alone() -> None:
    shares = [
        told_apart(normal(300, 2, seed=seed), normal(300, 2, seed=99 - seed)) for seed in range(9)
    ]
    assert 0.47 < np.mean(shares) < 0.53
    assert told_apart(normal(300, 2), 0.1 * normal(300, 2, seed=1)) > 0.8
    assert told_apart(normal(300, 2), 1 + normal(300, 2, seed=1)) > 0.6


def test_told_apart_rejects_clouds_of_unequal_size() -> None:
    with pytest.raises(ValueError, match=r"as many points, got \(3, 2\) and \(4, 2\)"):
        told_apart(normal(3, 2), normal(4, 2))


def test_schedule_rejects_a_variance_of_1() -> None:
    with pytest.raises(ValueError, match=r"between 0 and 1, got 0.1 and 1"):
        linear_schedule(10, first=0.1, last=1)
    with pytest.raises(ValueError, match="steps must be >= 1, got 0"):
        linear_schedule(0, first=0.1, last=0.2)


def test_way_back_rejects_more_steps_than_the_chain_has() -> None:
    with pytest.raises(ValueError, match="between 1 and 40, got 41"):
        levels(CHAIN, 41)
