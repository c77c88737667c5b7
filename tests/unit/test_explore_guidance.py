"""Guidance on the digits draws what the denoiser says, and measures it against held-out images."""

from pathlib import Path

import numpy as np
import pytest
from in_page import words

import nnkit.scratch as engine
from nnkit.explore import guidance
from nnkit.explore.guidance import (
    ASKED,
    LEVELS,
    Guidance,
    draw,
    greys,
    images,
    learn,
    spread,
    trained,
)
from nnkit.models.denoiser import restore


def measured(scale: float, steps: int = 32) -> dict[str, float]:
    """What is said of the drawn images, the mean of three seeds."""
    answers = [Guidance.compute(scale=scale, steps=steps, seed=seed) for seed in range(3)]
    return {name: np.mean([a[name] for a in answers]) for name in ("right", "spread", "far")}


def test_without_guidance_digits_come_by_chance_and_with_it_as_ordered() -> None:
    assert measured(0)["right"] < 20
    assert 80 < measured(1)["right"] <= measured(2)["right"]
    assert measured(2)["right"] > 95


def test_too_much_guidance_leaves_the_data() -> None:
    assert measured(5)["far"] > 1.3 * measured(2)["far"]


def test_one_digit_drawn_in_two_steps_varies_less_than_in_many() -> None:
    assert measured(1, steps=2)["spread"] < 0.8 * measured(1, steps=32)["spread"]


def test_scale_of_one_is_the_answer_with_the_class() -> None:
    exact = draw(1, 8, 0)
    np.testing.assert_allclose(draw(1 + 1e-12, 8, 0), exact, atol=1e-9)
    assert np.abs(draw(1.5, 8, 0) - exact).max() > 0.1


def test_wrong_are_those_whose_nearest_real_image_is_another_digit() -> None:
    _, held_out, _, labels = images()
    x = draw(1, 32, 1)
    nearest = [labels[((held_out - one) ** 2).sum(axis=1).argmin()] for one in x]
    answer = Guidance.compute(scale=1, steps=32, seed=1)
    right = np.equal(nearest, ASKED).reshape(10, 20)
    assert answer["right"] == round(100 * right.mean())
    np.testing.assert_array_equal(answer["wrong"], ~right[:, :6].T)
    np.testing.assert_array_equal(
        answer["drawn"], greys(x.reshape(10, 20, 64)[:, :6]).swapaxes(0, 1)
    )


def test_spread_is_the_mean_distance_of_two_images_of_a_digit() -> None:
    x = np.zeros((20, 64))
    x[::2, 0] = 3.0
    assert spread(x, np.repeat(np.arange(10), 2)) == pytest.approx(3)


def test_greys_cut_off_what_is_beyond_black_and_white() -> None:
    x = np.linspace(-2, 2, 64)
    shown = greys(x)
    assert shown.shape == (8, 8)
    assert (shown.min(), shown.max()) == (0, LEVELS)
    assert (np.diff(shown.ravel().astype(int)) >= 0).all()


def test_weights_are_those_that_training_finds() -> None:
    for found, kept in zip(learn().parameters(), trained().parameters(), strict=True):
        np.testing.assert_allclose(kept.detach().numpy(), found.detach().numpy(), atol=1e-4)


def test_unknown_denoiser_is_refused_with_the_names_there_are() -> None:
    file = Path(guidance.__file__).with_suffix(".npz")
    with pytest.raises(KeyError, match="has the denoisers digits, not letters"):
        restore(engine, file, "letters")


def test_denoiser_learns_from_no_image_that_it_is_judged_by() -> None:
    seen, held_out, _, _ = images()
    assert not {image.tobytes() for image in seen} & {image.tobytes() for image in held_out}
    assert trained() is trained()


def test_page_and_python_use_the_same_words() -> None:
    answers = [Guidance.compute(scale=scale, steps=8, seed=2) for scale in (0, 2, 4)]
    said = words("guidance", answers, [1] * len(answers))
    assert said == [[Guidance.describe(answer, 0)] for answer in answers]
