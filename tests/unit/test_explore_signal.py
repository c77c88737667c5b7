"""Signal propagation measures real passes, and says on both sides what they show."""

from typing import Any

import numpy as np
import pytest
from in_page import words

import nnkit.scratch as engine
from nnkit.explore import Answer
from nnkit.explore.signal import (
    NORMS,
    OVERFLOW,
    STEP,
    WEIGHTS,
    ZERO,
    SignalPropagation,
    batch,
    linear,
    number,
    spreads,
)
from nnkit.scratch import nn


def spreads_of(*, initialisation: str, seed: int, **network: Any) -> np.ndarray:
    """The spreads in one network, shape (2, depth)."""
    (found,) = spreads([(initialisation, seed)], **network)
    return found


PLAIN: dict[str, Any] = {
    "depth": 64,
    "width": 24,
    "activation": "ReLU",
    "initialisation": "He",
    "normalisation": "none",
    "residual": False,
}


def answer_of(activations: list[float], gradients: list[float]) -> Answer:
    """An answer in which all seeds agree."""
    return {
        "activations": np.array([activations] * 3, float),
        "gradients": np.array([gradients] * 3, float),
    }


def factors(**changed: Any) -> tuple[float, float]:
    """By how much activations grow from the first layer to the last, and gradients back."""
    answer = SignalPropagation.compute(**PLAIN | changed)
    up, back = answer["activations"][1], answer["gradients"][1]
    return 10 ** (up[-1] - up[0]), 10 ** (back[0] - back[-1])


@pytest.mark.parametrize("normalisation", NORMS)
def test_networks_side_by_side_are_what_each_is_alone(normalisation: str) -> None:
    network = {**PLAIN, "depth": 5, "normalisation": normalisation}
    del network["initialisation"]
    networks = [("He", 1), ("Xavier", 0), ("PyTorch's", 1)]
    alone = [spreads([one], **network)[0] for one in networks]
    np.testing.assert_allclose(spreads(networks, **network), alone, rtol=1e-5)


def test_spreads_are_those_of_an_ordinary_network() -> None:
    engine.manual_seed(3)
    layers = [linear(64 if i == 0 else 16, 16, "Xavier") for i in range(5)]
    head = linear(16, 10, "Xavier")
    x, labels = batch()
    signals = [engine.tensor(x)]
    for layer in layers:
        signals.append(layer(signals[-1]).tanh())
        signals[-1].retain_grad()
    nn.functional.cross_entropy(head(signals[-1]), engine.tensor(labels)).backward()
    network = PLAIN | {"activation": "tanh", "initialisation": "Xavier"}
    measured = spreads_of(**network | {"depth": 5, "width": 16, "seed": 3})
    for signal, up, back in zip(signals[1:], *measured, strict=True):
        assert up == pytest.approx(signal.detach().numpy().std(), rel=1e-4)
        assert back == pytest.approx(signal.grad.numpy().std(), rel=1e-4)


def test_residual_connections_add_the_input_of_every_layer_but_the_first() -> None:
    one = {"depth": 1, "seed": 0, "residual": True}
    assert (spreads_of(**PLAIN | one) == spreads_of(**PLAIN | one | {"residual": False})).all()
    # Weights of 0.01 leave what is added, times 1 a layer.
    small = {"initialisation": "normal, 0.01", "residual": True}
    for factor in factors(**small):
        assert factor == pytest.approx(1, abs=0.5)


@pytest.mark.parametrize("normalisation", ["batch", "layer"])
def test_normalisation_gives_every_layer_the_same_spread(normalisation: str) -> None:
    for initialisation in ("normal, 0.01", "normal, 1"):
        up, _ = factors(normalisation=normalisation, initialisation=initialisation)
        assert up == pytest.approx(1, abs=0.2)


def test_wide_networks_keep_he_signals_and_lose_pytorchs_gradients() -> None:
    for factor in factors(width=72):
        assert 0.1 < factor < 10
    up, back = factors(width=72, initialisation="PyTorch's")
    assert 0.1 < up < 10
    assert back < 1e-20


@pytest.mark.parametrize("initialisation", ["PyTorch's", *WEIGHTS])
def test_weights_are_drawn_with_the_spread_that_the_name_promises(initialisation: str) -> None:
    engine.manual_seed(0)
    layer = linear(300, 100, initialisation)
    promised = {
        "PyTorch's": np.sqrt(1 / 300 / 3),
        "He": np.sqrt(2 / 300),
        "Xavier": np.sqrt(2 / 400),
        "normal, 0.01": 0.01,
        "normal, 1": 1,
    }
    weights, biases = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    assert weights.std() == pytest.approx(promised[initialisation], rel=0.02)
    assert biases.any() == (initialisation == "PyTorch's")


def test_what_float32_has_not_is_marked() -> None:
    faded = SignalPropagation.compute(
        **PLAIN | {"activation": "tanh", "initialisation": "normal, 0.01"}
    )
    burst = SignalPropagation.compute(**PLAIN | {"width": 72, "initialisation": "normal, 1"})
    assert faded["activations"][1, -1] == faded["gradients"][1, 0] == ZERO
    assert burst["activations"][1, -1] == burst["gradients"][1, 0] == OVERFLOW
    within = faded["activations"][np.abs(faded["activations"]) < OVERFLOW]
    assert np.log10(np.finfo(np.float32).smallest_subnormal) - 1.5 < within.min() < -40


def test_answers_are_multiples_of_a_step_below_what_the_eye_can_tell() -> None:
    answer = SignalPropagation.compute(**PLAIN | {"depth": 16})
    for logs in answer.values():
        assert (logs / STEP == np.rint(logs / STEP)).all()
    exact = np.log10([spreads_of(**PLAIN | {"depth": 16, "seed": seed}) for seed in range(5)])
    assert np.abs(answer["activations"][1] - np.median(exact[:, 0], axis=0)).max() <= STEP / 2
    assert np.abs(answer["gradients"] - np.sort(exact[:, 1], axis=0)[[0, 2, 4]]).max() <= STEP / 2


@pytest.mark.parametrize(
    ("log", "text"), [(0, "1"), (-3.1, "7.9e-4"), (2.99, "980"), (2.999, "1.0e3"), (-9, "1.0e-9")]
)
def test_number_has_two_digits(log: float, text: str) -> None:
    assert number(log) == text


@pytest.mark.parametrize(
    ("activations", "gradients", "said"),
    [
        ([0, -1, -2], [-9, -6, 0], "is 1 at layer 1 and 0.01 at layer 3: times 0.1 a layer."),
        ([0, -1, -2], [-9, -6, 0], "at layer 1 is 1.0e-9 times that at layer 3: times 3.16e-5"),
        ([0, ZERO, ZERO], [-1, -1, -1], "From layer 2 on, the spread of activations is exactly 0"),
        ([0, 0, 0], [ZERO, ZERO, 0], "gradients are exactly 0 from layer 2 down to 1"),
        ([0, 0, 0], [OVERFLOW, 30, 0], "gradients overflow at layer 1"),
        ([0, 38, OVERFLOW], [OVERFLOW] * 3, "Activations overflow at layer 3"),
    ],
)
def test_words_say_what_becomes_of_the_signals(
    activations: list[float], gradients: list[float], said: str
) -> None:
    assert said in SignalPropagation.describe(answer_of(activations, gradients), 0)


def test_page_and_python_use_the_same_words() -> None:
    rng = np.random.default_rng(0)
    answers = []
    for _ in range(300):
        logs = np.rint(rng.uniform(-45, 38, (2, 3, int(rng.integers(2, 9)))) / STEP) * STEP
        lost = rng.random((2, logs.shape[2])) < 0.15
        logs[np.broadcast_to(lost[:, None], logs.shape)] = rng.choice([ZERO, OVERFLOW])
        answers.append(dict(zip(("activations", "gradients"), np.sort(logs, axis=1), strict=True)))
    said = words("signal", answers, [1] * len(answers))
    assert said == [[SignalPropagation.describe(answer, 0)] for answer in answers]
