"""The graph's values and gradients are those of the engine, of PyTorch and of the page."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from in_page import answers, evaluate

from nnkit import scratch
from nnkit.explore.backprop import GRAPHS, INPUTS, STEP, BackpropGraph, number


def neuron(torch: Any, w: Any, x: Any, b: Any, t: Any) -> list[Any]:
    u = w * x
    z = u + b
    a = torch.tanh(z)
    e = a - t
    return [u, z, a, e, e**2]


def skip_connection(torch: Any, w: Any, x: Any, b: Any, t: Any) -> list[Any]:
    z = w * x + b
    h = torch.tanh(z)
    y = x + h
    e = y - t
    return [z, h, y, e, e**2]


def shared_weight(torch: Any, w: Any, x: Any, b: Any, t: Any) -> list[Any]:
    z1 = w * x + b
    h1 = torch.tanh(z1)
    z2 = w * h1 + b
    h2 = torch.tanh(z2)
    e = h2 - t
    return [z1, h1, z2, h2, e, e**2]


PROGRAMS: dict[str, Callable[..., list[Any]]] = {
    "a neuron": neuron,
    "a skip connection": skip_connection,
    "a shared weight": shared_weight,
}


def random_settings(count: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    return [
        {
            "graph": list(GRAPHS)[number % len(GRAPHS)],
            "inputs": (rng.integers(-20, 21, len(INPUTS)) * STEP).tolist(),
        }
        for number in range(count)
    ]


@pytest.mark.parametrize("engine", [scratch, torch], ids=["engine", "pytorch"])
def test_every_value_and_gradient_is_the_engines(engine: ModuleType) -> None:
    for setting in random_settings(60):
        answer = BackpropGraph.compute(**setting)
        inputs = np.array(setting["inputs"])
        leaves = [engine.tensor(value, requires_grad=True) for value in inputs]
        made = PROGRAMS[setting["graph"]](engine, *leaves)
        for node in made:
            node.retain_grad()
        made[-1].backward()
        values = [node.item() for node in (*leaves, *made)]
        gradients = [node.grad.item() for node in (*leaves, *made)]
        np.testing.assert_allclose(answer["values"], values, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(answer["gradients"][-1], gradients, rtol=1e-12, atol=1e-15)


def test_page_and_python_compute_and_say_the_same_for_random_inputs() -> None:
    settings = random_settings(120)
    twins = answers("backprop", settings, along="gradients")
    for setting, (there, words) in zip(settings, twins, strict=True):
        here = BackpropGraph.compute(**setting)
        assert list(there) == list(here)
        for key, array in here.items():
            np.testing.assert_allclose(there[key], array, rtol=1e-12, atol=1e-14, err_msg=key)
        assert words == [
            BackpropGraph.describe(here, time) for time in range(len(here["gradients"]))
        ]


@pytest.mark.parametrize("graph", GRAPHS)
def test_local_derivative_is_that_of_one_operation(graph: str) -> None:
    answer = BackpropGraph.compute(graph=graph, inputs=None)
    names = GRAPHS[graph].names()
    made = {operation.name: operation for operation in GRAPHS[graph].operations}
    for (i, j), derivative in zip(answer["edges"], answer["local"], strict=True):
        operation = made[names[j]]
        change = []
        for shift in (-1e-6, 1e-6):
            values = [answer["values"][names.index(name)] for name in operation.inputs]
            values[operation.inputs.index(names[i])] += shift
            change.append(operation.function(*map(scratch.tensor, np.array(values))).item())
        assert (change[1] - change[0]) / 2e-6 == pytest.approx(derivative, abs=1e-8)


@pytest.mark.parametrize("graph", GRAPHS)
def test_each_step_back_adds_one_share_to_one_gradient(graph: str) -> None:
    answer = BackpropGraph.compute(graph=graph, inputs=None)
    steps = len(GRAPHS[graph].operations)
    gradients = np.nan_to_num(answer["gradients"])
    assert np.isnan(answer["gradients"][: steps + 1]).all()
    for edge, (i, j) in enumerate(answer["edges"]):
        before, after = gradients[steps + 1 + edge], gradients[steps + 2 + edge]
        assert np.flatnonzero(after != before).tolist() == [i]
        assert after[i] - before[i] == pytest.approx(answer["shares"][edge])
        assert answer["shares"][edge] == before[j] * answer["local"][edge]


@pytest.mark.parametrize("graph", GRAPHS)
def test_gradient_is_complete_before_it_is_carried_on(graph: str) -> None:
    answer = BackpropGraph.compute(graph=graph, inputs=None)
    for edge, (_, j) in enumerate(answer["edges"]):
        assert j not in answer["edges"][edge:, 0]


def test_paths_through_a_node_that_is_used_twice_add_up() -> None:
    answer = BackpropGraph.compute(graph="a skip connection", inputs=[0.8, 1.0, -0.3, -0.5])
    x = INPUTS.index("x")
    shares = answer["shares"][answer["edges"][:, 0] == x]
    assert len(shares) == 2
    assert answer["gradients"][-1, x] == shares.sum()
    h = np.tanh(0.5)
    assert answer["gradients"][-1, x] == pytest.approx(2 * (1 + h + 0.5) * (1 + 0.8 * (1 - h**2)))


def test_words_follow_a_pass_forward_and_back() -> None:
    answer = BackpropGraph.compute(graph="a skip connection", inputs=None)
    words = [BackpropGraph.describe(answer, time) for time in range(len(answer["gradients"]))]
    assert words[0] == "Known are w, x, b and t. Nothing is computed yet."
    assert words[1] == "Forward 1 of 5: z = w x + b = 0.500."
    assert words[6] == "Forward is done: L = 3.850. The way back begins with ∂L/∂L = 1."
    assert words[10].endswith("It is the first of 2 shares of ∂L/∂x.")
    assert words[14].endswith("The shares of ∂L/∂x add up to 6.393.")
    assert words[15].endswith("Of the inputs, x moves L most: ∂L/∂x = 6.393.")


def test_words_say_when_nothing_moves_the_loss() -> None:
    setting = {"graph": "a neuron", "inputs": [0.0, 1.0, 0.0, 0.0]}
    answer = BackpropGraph.compute(**setting)
    ((_, words),) = answers("backprop", [setting], along="gradients")
    assert words[-1] == BackpropGraph.describe(answer, BackpropGraph.moments(answer) - 1)
    assert words[-1].endswith("No input moves L, for it is 0.")


def test_numbers_are_rounded_as_in_the_page() -> None:
    values = [0.0005, 0.0625, -0.0625, 0.1875, -0.0004, 0.0, 12.3456, -1e-9, 0.9995, 2.0]
    script = "({ decimal }, values) => values.map((value) => decimal(value, 3))"
    assert evaluate(script, "kit/formula.js", values) == [number(value) for value in values]
    assert [number(value) for value in values[1:6]] == [
        "0.063",
        "−0.063",
        "0.188",
        "0.000",
        "0.000",
    ]


@pytest.mark.parametrize("inputs", [[0.0] * 3, [0.0, 0.0, 0.0, 2.01], [np.nan] * 4])
def test_inputs_beyond_their_ranges_are_refused(inputs: list[float]) -> None:
    with pytest.raises(ValueError, match="expected 4 inputs from -2 to 2, got"):
        BackpropGraph.compute(graph="a neuron", inputs=inputs)
