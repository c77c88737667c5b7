"""The playground records real training, and the page draws what the recorded networks say."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from in_page import evaluate, passed, words

import nnkit.scratch as engine
from nnkit.explore import pack
from nnkit.explore.playground import (
    DECAY,
    FEATURES,
    MOMENTS,
    POINTS,
    SEED,
    SETS,
    SIDE,
    STEP,
    Playground,
    inputs,
    points,
    restore,
    sizes,
)
from nnkit.models.mlp import mlp
from nnkit.scratch import nn, optim

START = Playground.start()
GRID = list(Playground.grid())

LAYERS = """({ forward }, questions) => questions.map(({ answer, times, plane }) => {
  for (const array of Object.values(answer)) array.data = Float64Array.from(array.data);
  return times.map((time) =>
    forward(answer, time, Float64Array.from(plane)).map((layer) => [...layer]));
})"""


def some_settings(count: int) -> list[dict[str, Any]]:
    chosen = np.random.default_rng(0).choice(len(GRID), count, replace=False)
    return [GRID[i] for i in chosen]


def outputs(model: Any, given: np.ndarray) -> list[np.ndarray]:
    """What each dense layer of a network puts out, after its activation where it has one."""
    signals = []
    signal = engine.tensor(given)
    with engine.no_grad():
        for module in model:
            signal = module(signal)
            if isinstance(module, nn.Linear):
                signals.append(signal)
            else:
                signals[-1] = signal
    return [signal.numpy() for signal in signals]


def test_page_and_engine_compute_the_same_at_random() -> None:
    rng = np.random.default_rng(0)
    questions = []
    for number in range(24):
        shape = sizes(FEATURES[number % 2], number % 3)
        weights = sum((before + 1) * units for before, units in pairwise(shape))
        answer = {
            "sizes": np.array(shape),
            "relu": np.array(number % 4 < 2),
            "weights": rng.normal(0, 2, (3, weights)).astype(np.float32),
        }
        questions.append((answer, [0, 2], rng.uniform(-SIDE, SIDE, (30, 2)).astype(np.float32)))
    given = [
        {"answer": passed(answer), "times": times, "plane": plane.ravel().tolist()}
        for answer, times, plane in questions
    ]
    results = evaluate(LAYERS, "playground.js", given)
    for (answer, times, plane), moments in zip(questions, results, strict=True):
        for time, layers in zip(times, moments, strict=True):
            truth = outputs(restore(answer, time), inputs(plane, answer["sizes"][0]))
            for there, layer in zip(layers, truth, strict=True):
                np.testing.assert_allclose(there, layer.ravel(), rtol=1e-4, atol=1e-4)


def test_page_and_python_use_the_same_words() -> None:
    times = range(len(MOMENTS))
    answers = [Playground.compute(**setting) for setting in some_settings(12)]
    said = words("playground", answers, [len(times)] * len(answers))
    assert said == [[Playground.describe(answer, time) for time in times] for answer in answers]


def test_words_say_when_test_points_are_left_behind() -> None:
    noisy = START | {"noise": "much", "data": "rings"}
    answer = Playground.compute(**noisy)
    best = int(answer["loss"][:, 1].argmin())
    assert f"Since step {MOMENTS[best]} the test loss has risen" in Playground.describe(answer, 20)
    assert "Since" not in Playground.describe(answer, best)
    assert "Since" not in Playground.describe(Playground.compute(**noisy | {"decay": True}), 20)


def test_networks_side_by_side_are_what_each_is_alone() -> None:
    several = [START, START | {"data": "moons"}, START | {"rate": 0.003, "decay": True}]
    several += [START | {"layers": 0}, START | {"activation": "ReLU"}]
    for setting, answer in zip(several, Playground.answers(several), strict=True):
        alone = Playground.compute(**setting)
        assert answer.keys() == alone.keys()
        for name, array in alone.items():
            np.testing.assert_allclose(answer[name], array, rtol=1e-4, atol=1e-4, err_msg=name)


def test_weights_are_those_of_an_ordinary_training_run() -> None:
    answer = Playground.compute(**START | {"decay": True, "rate": 0.05})
    x, y = (engine.tensor(array[: POINTS // 2]) for array in points("spirals", "little"))
    engine.manual_seed(SEED)
    model = mlp(engine, [2, 6, 6, 1], "Tanh")
    optimizer = optim.Adam(model.parameters(), lr=0.05, weight_decay=DECAY)
    for step in range(17):
        if step in MOMENTS:
            flat = nn.utils.parameters_to_vector(model.parameters()).detach().numpy()
            moment = answer["weights"][MOMENTS.index(step)]
            np.testing.assert_allclose(moment, flat, rtol=1e-4, atol=1e-6)
        optimizer.zero_grad()
        nn.BCEWithLogitsLoss()(model(x).flatten(), y).backward()
        optimizer.step()


def test_losses_and_mistakes_are_those_of_the_recorded_networks() -> None:
    for setting in some_settings(6):
        answer = Playground.compute(**setting)
        x, y = points(setting["data"], setting["noise"])
        for time in (0, 7, 20):
            *_, logits = outputs(restore(answer, time), inputs(x, answer["sizes"][0]))
            halves = np.split(logits.ravel().astype(float), 2), np.split(y, 2)
            for i, (z, label) in enumerate(zip(*halves, strict=True)):
                loss = np.logaddexp(0, np.where(label == 1, -z, z)).mean()
                assert answer["loss"][time, i] == pytest.approx(loss, abs=0.00051)
                assert answer["wrong"][time, i] == ((z > 0) != label).sum()


@pytest.mark.parametrize("data", SETS)
@pytest.mark.parametrize("noise", ["little", "much"])
def test_points_fill_the_plane_and_every_half_has_both_classes(data: str, noise: str) -> None:
    x, y = points(data, noise)
    assert x.shape == (POINTS, 2)
    assert 0.75 < np.abs(x).max() < SIDE
    np.testing.assert_allclose(x / STEP, np.rint(x / STEP), atol=1e-4)
    assert [half.mean() for half in np.split(y, 2)] == [0.5, 0.5]
    seen, held_out = ({tuple(point) for point in half} for half in np.split(x, 2))
    assert len(seen & held_out) <= 2


def test_start_solves_the_spirals() -> None:
    answer = Playground.compute(**START)
    assert answer["wrong"][-1, 0] == 0
    assert answer["wrong"][-1, 1] <= 4


def test_squares_stand_in_for_a_hidden_layer_on_rings() -> None:
    rings = START | {"data": "rings", "layers": 0.0}
    line = Playground.compute(**rings)
    circle = Playground.compute(**rings | {"features": FEATURES[1]})
    assert line["wrong"][-1].min() > 20
    assert circle["wrong"][-1].tolist() == [0, 0]


def test_surfaces_of_the_table_are_those_of_the_trained_networks() -> None:
    """Weights are rounded for the table: what is drawn must not show it."""
    at = np.linspace(-SIDE, SIDE, 41, dtype=np.float32)
    plane = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2)
    for setting in some_settings(40):
        answer = Playground.compute(**setting)
        step = Playground.steps["weights"]
        rounded = answer | {"weights": np.rint(answer["weights"] / step) * step}
        given = inputs(plane, answer["sizes"][0])
        exact, drawn = (
            outputs(restore(of, -1), given)[-1].astype(float) for of in (answer, rounded)
        )
        error = np.abs(np.tanh(exact / 2) - np.tanh(drawn / 2)) / 2  # of the probability
        assert error.max() < 0.03, setting
        assert error.mean() < 0.002, setting


def test_every_answer_keeps_within_its_bound() -> None:
    for setting in [START, *some_settings(30)]:
        packed = pack(Playground.compute(**setting), Playground.steps)
        assert len(json.dumps(packed)) <= Playground.bound(setting)
