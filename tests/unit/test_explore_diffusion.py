"""Diffusion in the plane shows a real noising and a trained denoiser's way back."""

import json
from typing import Any

import numpy as np
import pytest
from in_page import words

import nnkit.scratch as engine
from nnkit.explore import Answer, pack
from nnkit.explore.diffusion import (
    ALPHA_BARS,
    APART,
    ASKED,
    CHAIN,
    CLOUD,
    FIELD_APART,
    LONGEST,
    NOT_TOLD,
    SETS,
    SHOWN,
    SIDE,
    Diffusion,
    held_out,
    learn,
    nearest_class,
    noising,
    points,
    predict,
    trained,
)
from nnkit.models.diffusion import guide, sample, told_apart

START = Diffusion.start()
GRID = list(Diffusion.grid())
TURN = CHAIN // APART + 1


def answers(**fixed: Any) -> list[tuple[dict[str, Any], Answer]]:
    """All answers of the table that have these values of the controls."""
    settings = [s for s in GRID if all(s[key] == value for key, value in fixed.items())]
    assert settings
    return [(setting, Diffusion.compute(**setting)) for setting in settings]


def test_page_and_python_use_the_same_words() -> None:
    some = [answer for _, answer in answers(data="moons", steps=8)]
    moments = [Diffusion.moments(answer) for answer in some]
    assert words("diffusion", some, moments) == [
        [Diffusion.describe(answer, time) for time in range(count)]
        for answer, count in zip(some, moments, strict=True)
    ]


def test_words_of_the_four_kinds_of_moments() -> None:
    answer = Diffusion.compute(**START | {"sampler": "DDPM", "guidance": 2.0})
    last = Diffusion.moments(answer) - 1
    assert Diffusion.describe(answer, 0).startswith("The data.")
    assert Diffusion.describe(answer, 4).startswith(
        "Forwards, t = 64 of 128: noise makes up 81\u00a0%"
    )
    assert Diffusion.describe(answer, TURN + 8).startswith(
        "Backwards by DDPM, step 16 of 32, t = 64:"
    )
    assert Diffusion.describe(answer, last).startswith("Sampled by DDPM in 32 steps:")
    assert "of the filled class" in Diffusion.describe(answer, last)


@pytest.mark.parametrize("data", SETS)
def test_sets_are_about_as_wide_as_the_noise_and_within_the_drawing(data: str) -> None:
    x, y = points(data, 2000, 0)
    assert np.abs(x.mean(0)).max() < 0.1
    assert 0.5 < x.std(0).min() < x.std(0).max() < 1.1
    assert np.abs(x).max() < SIDE
    assert y.mean() == 0.5


def test_points_on_the_way_there_are_noised_as_the_closed_form_says() -> None:
    path, noise, _ = noising("moons")
    for moment in (1, 4, 8):
        kept = ALPHA_BARS[APART * moment]
        added = (path[moment] - kept**0.5 * path[0]) / (1 - kept) ** 0.5
        assert np.abs(added.mean(0)).max() < 0.15
        np.testing.assert_allclose(np.cov(added.T), np.eye(2), atol=0.2)
        assert np.abs(np.corrcoef(added.T, path[0].T)[:2, 2:]).max() < 0.15
    np.testing.assert_allclose(added, noise, rtol=1e-12)


def test_way_back_begins_with_the_noise_of_the_way_there_and_without_the_data() -> None:
    answer = Diffusion.compute(**START)
    path, noise, _ = noising("moons")
    np.testing.assert_allclose(answer["points"][TURN], noise[:SHOWN], atol=1 / 512)
    np.testing.assert_allclose(answer["points"][:TURN], path[:, :SHOWN], atol=1 / 512)


def test_moments_are_those_of_the_steps_that_were_made() -> None:
    for steps, made in ((2, [0, 1, 2]), (32, range(0, 33, 2)), (45, None), (128, range(0, 129, 8))):
        answer = Diffusion.compute(**START | {"steps": float(steps)})
        assert answer["t"][:TURN].tolist() == list(range(0, CHAIN + 1, APART))
        assert answer["t"][[TURN, -1]].tolist() == [CHAIN, 0]
        assert (np.diff(answer["t"][TURN:]) < 0).all()
        assert answer["step"][-1] == steps
        if made is not None:
            assert answer["step"][TURN:].tolist() == list(made)
        assert len(answer["points"]) == len(answer["t"]) == len(answer["apart"])


def test_samples_are_those_of_the_lessons_sampler() -> None:
    answer = Diffusion.compute(**START | {"guidance": 2.0, "steps": 8.0})
    _, noise, _ = noising("moons")
    path = sample(
        lambda x, t: predict("moons", x, t, 2),
        noise,
        lambda: 0 * noise,
        alpha_bars=ALPHA_BARS,
        steps=8,
        eta=0,
    )
    np.testing.assert_allclose(answer["points"][TURN:], np.array(path)[:, :SHOWN], atol=1 / 512)
    assert answer["apart"][-1] == round(
        100 * told_apart(path[-1], held_out("moons", 1, asked=True))
    )
    assert answer["filled"] == round(100 * nearest_class("moons", path[-1]).mean())


def test_weights_are_those_that_training_finds() -> None:
    for found, kept in zip(learn("moons").parameters(), trained("moons").parameters(), strict=True):
        np.testing.assert_allclose(kept.detach().numpy(), found.detach().numpy(), atol=1e-4)


def test_guidance_0_is_without_a_class_and_1_is_with_it() -> None:
    x = points("moons", 50, 7)[0]
    time = engine.full((50,), 40 / CHAIN, dtype=engine.float64)
    with engine.no_grad():
        free, asked = (
            trained("moons")(engine.tensor(x), time, engine.full((50,), label)).numpy()
            for label in (NOT_TOLD, ASKED)
        )
    np.testing.assert_array_equal(predict("moons", x, 40, 0), free)
    np.testing.assert_array_equal(predict("moons", x, 40, 1), asked)
    np.testing.assert_array_equal(predict("moons", x, 40, 2.5), guide(free, asked, 2.5))
    assert np.abs(free - asked).max() > 0.1


def test_field_points_against_the_predicted_noise() -> None:
    answer = Diffusion.compute(**START)
    at = answer["grid"]
    assert answer["field"].shape == (CHAIN // FIELD_APART + 1, len(at) ** 2, 2)
    for level, row, column in ((0, 4, 4), (5, 2, 7), (16, 8, 0)):
        place = np.array([[at[column], at[row]]])
        noise = predict("moons", place, max(1, FIELD_APART * level), 0)[0]
        arrow = answer["field"][level, len(at) * row + column]
        np.testing.assert_allclose(arrow, -noise * min(1, LONGEST / np.linalg.norm(noise)))


def test_trained_denoiser_beats_wrong_ones() -> None:
    """A denoiser for a Gaussian of the same mean and spread, and one of another set."""
    target = held_out("moons", 1, asked=False)
    _, noise, _ = noising("moons")
    spread = points("moons", 2000, 0)[0].var(0)

    def gaussian(x: np.ndarray, t: int) -> np.ndarray:
        kept = ALPHA_BARS[t]
        return x * (1 - kept) ** 0.5 / (kept * spread + 1 - kept)

    told = [
        told_apart(
            sample(said, noise, lambda: 0 * noise, alpha_bars=ALPHA_BARS, steps=32, eta=0)[-1],
            target,
        )
        for said in (
            lambda x, t: predict("moons", x, t, 0),
            gaussian,
            lambda x, t: predict("rings", x, t, 0),
        )
    ]
    assert told[0] < 0.6
    assert min(told[1:]) > 0.7


def test_more_steps_bring_samples_nearer_to_the_data() -> None:
    for sampler in ("DDIM", "DDPM"):
        few, some, many = (
            int(Diffusion.compute(**START | {"sampler": sampler, "steps": steps})["apart"][-1])
            for steps in (2.0, 8.0, 32.0)
        )
        assert few > some + 10
        assert some > many + 5
        assert many < 62


def test_guidance_gets_the_class_and_too_much_of_it_loses_the_data() -> None:
    free, asked, pushed = (answer for _, answer in answers(data="moons", sampler="DDIM", steps=128)
                           if answer["guidance"] != 2)  # fmt: skip
    assert 40 < free["filled"] < 60
    assert min(asked["filled"], pushed["filled"]) > 97
    assert asked["apart"][-1] <= asked["floor"][1] + 5
    assert pushed["apart"][-1] > asked["apart"][-1] + 10


@pytest.mark.parametrize("data", SETS)
def test_data_drawn_anew_are_told_apart_by_chance(data: str) -> None:
    low, high = Diffusion.compute(**START | {"data": data})["floor"].astype(int)
    assert 43 <= low <= 50 <= high <= 58


def test_every_answer_keeps_within_its_bound() -> None:
    for setting, answer in answers(data="moons", guidance=3):
        size = len(json.dumps(pack(answer, Diffusion.steps)))
        assert size <= Diffusion.bound(setting)
        assert np.abs(answer["points"]).max() < 128
    assert CLOUD >= SHOWN
