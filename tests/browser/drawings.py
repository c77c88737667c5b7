"""What an explorable draws and says, compared with what its Python function computes."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from explorable import Shown, shown
from numpy.typing import NDArray
from playwright.sync_api import Locator, expect

import nnkit.scratch as torch
from nnkit.book.explorables import load
from nnkit.explore import (
    Answer,
    Explorable,
    Slider,
    backprop,
    batchnorm,
    diffusion,
    playground,
    positions,
)
from nnkit.explore.signal import OVERFLOW, ZERO

Floats = NDArray[np.float64]

FILLS = "(all) => all.map((mark) => mark.getAttribute('fill') !== 'var(--paper)')"
HANDLES = """(handles) => handles.map((handle) => [
  ...handle.getAttribute("transform").match(/-?[\\d.]+/g).map(Number),
  handle.lastChild.getAttribute("fill") === "var(--data)" ? 1 : -1,
])"""
NODES = """(nodes) => nodes.map((node) =>
  [0, 2, 4].map((i) => node.querySelectorAll("text")[i].textContent))"""
INSIDE = "(path, points) => points.map(([x, y]) => path.isPointInFill(new DOMPoint(x, y)))"


def through(drawn: Locator, attribute: str = "d") -> Floats:
    """The points that a path goes through."""
    pairs = re.findall(
        r"(-?[\d.]+(?:e-?\d+)?),(-?[\d.]+(?:e-?\d+)?)", drawn.get_attribute(attribute)
    )
    return np.array(pairs, float).reshape(-1, 2)


def numbers(marks: Locator, *names: str) -> Floats:
    """Some attributes of each mark."""
    read = "(all, names) => all.map((mark) => names.map((name) => Number(mark.getAttribute(name))))"
    return np.array(marks.evaluate_all(read, list(names)), float).reshape(-1, len(names))


def check_neuron(figure: Locator, seen: Shown) -> None:
    """The curve is that of the activations."""
    expected = np.column_stack([np.linspace(0, 400, 81), 280 - 260 * seen.answer["a"]])
    np.testing.assert_allclose(through(figure.locator("polyline"), "points"), expected, atol=1e-3)


def check_perceptron(figure: Locator, seen: Shown) -> None:
    """Points are where they are, and the boundary and its normal are those of the weights."""
    answer = seen.answer
    handles = np.array(figure.locator(".handle").evaluate_all(HANDLES))
    np.testing.assert_allclose(handles[:, :2] / 100 - 2, answer["x"] * [1, -1], atol=1e-9)
    np.testing.assert_array_equal(handles[:, 2], answer["y"])

    a, b, c = answer["weights"][seen.time]
    length = np.hypot(a, b)
    line = figure.locator(".boundary")
    if length == 0 or abs(c) / length > 4:
        assert line.get_attribute("visibility") == "hidden"
        return
    ends = numbers(line, "x1", "y1", "x2", "y2").reshape(2, 2) / 100 - 2
    np.testing.assert_allclose((ends @ [a, -b] + c) / length, 0, atol=1e-6)
    tip = through(figure.locator(".weights"))[1] - 200
    np.testing.assert_allclose(tip / np.hypot(*tip), np.array([a, -b]) / length, atol=1e-6)


def check_relu(figure: Locator, seen: Shown) -> None:
    """The curve, its bends and the handles are those of the parameters."""
    answer = seen.answer
    expected = np.column_stack([answer["x"] + 3, 2.4 - answer["out"]]) * [400 / 6, 50]
    np.testing.assert_allclose(through(figure.locator(".out")), expected, atol=1e-4)
    expect(figure.locator(".bend")).to_have_count(int(answer["bends"].sum()))
    values = numbers(figure.get_by_role("slider"), "aria-valuenow").ravel()
    np.testing.assert_allclose(values, answer["parameters"], atol=1e-9)


def check_backprop(figure: Locator, seen: Shown) -> None:
    """At nodes stand values and gradients, at edges local derivatives, as far as they are known."""
    answer, number = seen.answer, backprop.number
    graph = list(backprop.GRAPHS.values())[int(answer["graph"])]
    known = seen.time - len(graph.operations) - 1
    expected = []
    for node, symbol in enumerate(graph.names()):
        made = node - len(backprop.INPUTS)
        value = f"{symbol} = {answer['values'][node]:.1f}".replace("-", "−")
        if made >= 0:
            value = graph.operations[made].formula
            value += f" = {number(answer['values'][node])}" * (made < seen.time)
        gradient = answer["gradients"][seen.time, node]
        known_gradient = "" if np.isnan(gradient) else f"∂L/∂{symbol} = {number(gradient)}"
        expected.append([symbol, value, known_gradient])
    assert figure.locator(".node").evaluate_all(NODES) == expected
    factors = [f"× {number(local)}" * (k < known) for k, local in enumerate(answer["local"])]
    assert figure.locator(".edge text").all_text_contents() == factors


def check_signal(figure: Locator, seen: Shown) -> None:
    """The lines are the medians on a logarithmic axis, beside strips for what float32 has not."""
    logs = np.stack([seen.answer[name] for name in ("activations", "gradients")])
    within = logs[np.abs(logs) < OVERFLOW]
    low, high = np.floor(min(-3, *within)), np.ceil(max(1, *within))
    bottom, top = 340 - 26 * (logs == ZERO).any(), 26 * (logs == OVERFLOW).any()
    for name, median in zip(("activations", "gradients"), logs[:, 1], strict=True):
        inside = np.abs(median) < OVERFLOW
        x = 350 * np.flatnonzero(inside) / (len(median) - 1)
        y = bottom + (top - bottom) * (median[inside] - low) / (high - low)
        drawn = through(figure.locator(f".{name}.median"))
        np.testing.assert_allclose(drawn, np.column_stack([x, y]), atol=0.051)


def check_playground(figure: Locator, seen: Shown) -> None:
    """Points, losses and the side on which the network puts a place are the recorded ones."""
    answer = seen.answer | {"sizes": seen.answer["sizes"].astype(int)}
    half = playground.POINTS // 2
    discs, diamonds = (figure.locator(f".points {tag}") for tag in ("circle", "path"))
    drawn = [*numbers(discs, "cx", "cy"), *(through(mark)[0] + [5, 0] for mark in diamonds.all())]
    np.testing.assert_allclose(drawn, 200 + answer["x"] * [200, -200] / playground.SIDE, atol=1e-4)
    assert discs.evaluate_all(FILLS) + diamonds.evaluate_all(FILLS) == answer["y"].tolist()
    assert discs.count() == half

    most = min(2, max(0.8, answer["loss"].max()))
    for name, losses in zip(("training", "test"), answer["loss"].T, strict=True):
        expected = np.column_stack([np.linspace(0, 346, len(losses)), 72 - 72 * losses / most])
        np.testing.assert_allclose(through(figure.locator(f".loss.{name}")), expected, atol=0.051)

    # Beside the boundary by more than a cell of the map, which is drawn from 48 in a row.
    places = np.random.default_rng(0).uniform(-playground.SIDE, playground.SIDE, (60, 1, 2))
    around = np.mgrid[-1:2, -1:2].reshape(2, -1).T * 2 * playground.SIDE / 48
    near = (places + around).reshape(-1, 2).astype(np.float32)
    model = playground.restore(answer, seen.time)
    with torch.no_grad():
        given = torch.tensor(playground.inputs(near, answer["sizes"][0]))
        logits = model(given).numpy().reshape(len(places), -1)
    clear = (np.abs(logits).min(1) > 0.3) & (np.abs(np.sign(logits).sum(1)) == len(around))
    pixels = 200 + places[clear, 0] * [200, -200] / playground.SIDE
    inside = figure.locator(".surface path").first.evaluate(INSIDE, pixels.tolist())
    np.testing.assert_array_equal(inside, logits[clear, 0] > 0)


def check_diffusion(figure: Locator, seen: Shown) -> None:
    """Points are where they are at the moment, and the curves are those of both ways."""
    answer, turn = seen.answer, diffusion.CHAIN // diffusion.APART + 1
    marks = figure.locator(".points circle")
    expected = 200 + answer["points"][seen.time] * [200, -200] / diffusion.SIDE
    np.testing.assert_allclose(numbers(marks, "cx", "cy"), expected, atol=0.0051)
    assert marks.evaluate_all(FILLS) == answer["labels"][int(seen.time >= turn)].tolist()

    across = np.cumsum(np.abs(np.diff(answer["t"], prepend=0))) * 348 / (2 * diffusion.CHAIN)
    curve = np.column_stack([across, 90 - 90 * (answer["apart"] - 40) / 60])
    for name, part in (("there", curve[:turn]), ("back", curve[turn:])):
        np.testing.assert_allclose(through(figure.locator(f".apart.{name}")), part, atol=0.051)


def check_batchnorm(figure: Locator, seen: Shown) -> None:
    """Dots are the batch, bars its statistics and the running ones, curves what came of one."""
    answer, time = seen.answer, seen.time
    across = 200 + 196 * answer["z"][time] / batchnorm.END
    dots = numbers(figure.locator("circle[cy='62']"), "cx")[:, 0]
    np.testing.assert_allclose(dots, across[::-1], atol=1e-6)
    for name, colour in (("batch", "data"), ("running", "model")):
        mean, spread = answer[name][time]
        ends = 200 + 196 * np.array([mean - spread, mean + spread, mean]) / batchnorm.END
        path = figure.locator(f".bar.{colour}").get_attribute("d") or ""
        drawn = re.fullmatch(r"M(.+),0H(.+)M(.+),-4v8", path)
        assert drawn
        np.testing.assert_allclose([float(x) for x in drawn.groups()], ends, atol=1e-6)

    x, up = 348 * np.arange(time + 1) / 39, 110 * (1 - np.arange(2) / batchnorm.TOP)
    heights = {name: up[0] + (up[1] - up[0]) * answer[name] for name in ("training", "evaluation")}
    spots = numbers(figure.locator("circle[r='2.5']"), "cx", "cy")
    expected = np.column_stack([x, heights["training"][: time + 1]])
    np.testing.assert_allclose(spots, expected, atol=1e-6)
    expected = np.column_stack([x, heights["evaluation"][: time + 1]])
    np.testing.assert_allclose(through(figure.locator(".evaluation")), expected, atol=0.06)


def check_guidance(figure: Locator, seen: Shown) -> None:
    """Every cell has its grey, and the wrong images are underlined."""
    for name, top in (("real", 28), ("drawn", 84)):
        rows = seen.answer[name].reshape(-1, 10, 8, 8)
        for level, path in enumerate(figure.locator(f".{name} path").all(), 1):
            row, digit, down, right = np.argwhere(rows == level).T
            x, y = 2 + 40 * digit + 4.5 * right, top + 40 * row + 4.5 * down
            np.testing.assert_allclose(through(path), np.column_stack([x, y]))
    row, digit = np.argwhere(seen.answer["wrong"]).T
    lines = np.column_stack([2 + 40 * digit, 84 + 40 * row + 37])
    np.testing.assert_allclose(through(figure.locator(".wrong")), lines)


CHECKS: dict[str, Callable[[Locator, Shown], None]] = {
    "neuron": check_neuron,
    "perceptron": check_perceptron,
    "relu": check_relu,
    "backprop": check_backprop,
    "signal": check_signal,
    "playground": check_playground,
    "diffusion": check_diffusion,
    "batchnorm": check_batchnorm,
    "guidance": check_guidance,
}


@cache
def computed(name: str, controls: str) -> Answer:
    """Python's answer to controls that are given as JSON."""
    return load(name).compute(**json.loads(controls))


def is_between(explorable: type[Explorable], controls: dict[str, Any]) -> bool:
    """Whether a slider stands where the table has no answer."""
    return any(
        isinstance(control, Slider) and controls[key] not in positions(control)
        for key, control in explorable.controls.items()
    )


def assert_shows_pythons_answer(name: str, figure: Locator) -> Shown:
    """Compare what is drawn and said with Python's answer to the same controls; return it."""
    seen = shown(figure)
    explorable = load(name)
    expected = computed(name, json.dumps(seen.controls))
    assert list(seen.answer) == list(expected)
    for key, array in expected.items():
        error = explorable.steps.get(key, 0) / 2
        if is_between(explorable, seen.controls):
            error += explorable.tolerance.get(key, 0)
        np.testing.assert_allclose(
            seen.answer[key], array, rtol=1e-9, atol=error + 1e-9, err_msg=f"{key}: {seen.controls}"
        )
    answer = {key: seen.answer[key].astype(array.dtype) for key, array in expected.items()}
    words = explorable.describe(answer, seen.time)
    assert figure.get_by_role("status").text_content() == words
    CHECKS[name](figure, seen)
    return seen
