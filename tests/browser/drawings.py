"""What an explorable draws and says, compared with what its Python function computes."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from explorable import Shown, shown
from numpy.typing import NDArray
from playwright.sync_api import Locator

import nnkit.scratch as engine
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
from nnkit.explore.kit.explorable import load
from nnkit.explore.signal import OVERFLOW, ZERO

Floats = NDArray[np.float64]

FILLS = "(all) => all.map((mark) => mark.getAttribute('fill') !== 'var(--paper)')"
HANDLES = """(handles) => handles.map((handle) => [
  ...handle.getAttribute("transform").match(/-?[\\d.]+/g).map(Number),
  handle.lastChild.getAttribute("fill") === "var(--data)" ? 1 : -1,
])"""
NODES = """(nodes) => nodes.map((node) =>
  [0, 2, 4].map((i) => node.querySelectorAll("text")[i].textContent))"""
INSIDE = """(paths, points) => paths.map((path) =>
  points.map(([x, y]) => path.isPointInFill(new DOMPoint(x, y))))"""
PLACES = """(all) => all.map((mark) =>
  mark.getAttribute("transform").match(/-?[\\d.]+(?:e-?\\d+)?/g).map(Number))"""


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


def inside(paths: Locator, points: Floats) -> NDArray[np.bool_]:
    """Whether each path is filled at each of the points."""
    filled = paths.evaluate_all(INSIDE, points.tolist())
    return np.array(filled, bool).reshape(len(filled), len(points))


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

    mistakes, limit = len(answer["mistakes"]), None
    if np.isfinite(answer["bound"]):
        limit = int(answer["bound"] + 1e-6)
    bars = [numbers(figure.locator(f".{name}"), "width")[0, 0] for name in ("all", "made")]
    expected = np.array([mistakes, seen.time]) * 400 / (mistakes if limit is None else limit)
    np.testing.assert_allclose(bars, expected)
    said = figure.locator(".most").text_content()
    assert said == ("no bound" if limit is None else f"at most {limit}")

    a, b, c = answer["weights"][seen.time]
    length = np.hypot(a, b)
    places = np.random.default_rng(0).uniform(-2, 2, (60, 2))
    sides = places @ [a, b] + c
    clear = np.abs(sides) > 0.01 * length
    filled = inside(figure.locator(".half"), 200 + 100 * places[clear] * [1, -1])[0]
    np.testing.assert_array_equal(filled, sides[clear] > 0)
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
    bends = numbers(figure.locator(".bend"), "cx", "cy")
    np.testing.assert_allclose(bends, expected[answer["bends"].astype(bool)], atol=1e-4)
    terms = [*answer["parts"], answer["sum"]]
    for path, y in zip(figure.locator(".part, .sum").all(), terms, strict=True):
        expected = np.column_stack([answer["x"] + 3, 2.4 - y]) * [400 / 6, 50]
        np.testing.assert_allclose(through(path), expected, atol=1e-4)
        hidden = bool(answer["fold"]) == ("part" in path.get_attribute("class"))
        assert path.get_attribute("visibility") == ("hidden" if hidden else "visible")
    for path, z in zip(figure.locator(".activation").all(), answer["z"], strict=True):
        expected = np.column_stack([answer["x"] + 3, 4 - np.maximum(z, 0)]) * [124 / 6, 13]
        np.testing.assert_allclose(through(path), expected, atol=1e-4)

    handles = figure.get_by_role("slider")
    values = numbers(handles, "aria-valuenow").ravel()
    np.testing.assert_allclose(values, answer["parameters"], atol=1e-9)
    places = np.array(handles.evaluate_all(PLACES))
    weights, biases, rails = places[:9].reshape(3, 3, 2).swapaxes(0, 1)
    left = 138 * np.arange(3)
    w, b, v = values[:9].reshape(3, 3).T
    on_line = w * ((weights[:, 0] - left) * 6 / 124 - 3) + b
    np.testing.assert_allclose(4 - weights[:, 1] / 13, on_line, atol=1e-6)
    kinks = np.clip(np.nan_to_num(answer["kinks"]), -3, 3)
    expected = np.column_stack([left + (kinks + 3) * 124 / 6, [52] * 3])
    np.testing.assert_allclose(biases, expected, atol=1e-6)
    expected = np.column_stack([left + 8 + 9 * (v + 6), [143] * 3])
    np.testing.assert_allclose(rails, expected, atol=1e-6)
    np.testing.assert_allclose(places[9], [280 + 112 * (values[9] + 12) / 24, 450], atol=1e-6)


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
    x = np.linspace(0, 350, logs.shape[2])
    heights = bottom + (top - bottom) * (logs - low) / (high - low)
    for name, log, y in zip(("activations", "gradients"), logs, heights, strict=True):
        finite = np.abs(log[1]) < OVERFLOW
        drawn = through(figure.locator(f".{name}.median"))
        np.testing.assert_allclose(drawn, np.column_stack([x, y[1]])[finite], atol=0.051)
        around = [np.column_stack([x, y[2]]), np.column_stack([x, y[0]])[::-1]]
        drawn = through(figure.locator(f".{name}.range"))
        np.testing.assert_allclose(drawn, np.concatenate(around), atol=0.051)
        for end, mark, at in ((ZERO, "zero", 338), (OVERFLOW, "overflow", 2)):
            there = np.column_stack([x - 2, np.full_like(x, at)])[log[1] == end]
            np.testing.assert_allclose(through(figure.locator(f".{name}.{mark}")), there)
    for end, words in ((ZERO, "exactly 0"), (OVERFLOW, "beyond float32")):
        note = figure.locator("svg text").filter(has_text=words)
        assert note.get_attribute("visibility") == ("visible" if end in logs else "hidden")


def around(places: Floats, cells: int) -> Floats:
    """Each place and those about it that are a cell away, in a map of so many cells in a row."""
    steps = np.mgrid[-1:2, -1:2].reshape(2, -1).T * 2 * playground.SIDE / cells
    return places[:, None] + steps


def outputs(model: Any, places: Floats, features: int) -> list[Floats]:
    """What each unit answers to places of shape (n, 9, 2), layer by layer: (units, n, 9)."""
    near = places.reshape(-1, 2).astype(np.float32)
    with engine.no_grad():
        a = engine.tensor(playground.inputs(near, features))
        layers = [a := module(a) for module in model]
    told = [*layers[1::2], layers[-1]]
    return [a.numpy().T.reshape(-1, *places.shape[:2]) for a in told]


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

    # Beside the boundaries by more than a cell of the maps, drawn from 48 and from 16 in a row.
    places = np.random.default_rng(0).uniform(-playground.SIDE, playground.SIDE, (60, 2))
    model = playground.restore(answer, seen.time)
    told = [outputs(model, around(places, cells), answer["sizes"][0]) for cells in (48, 16)]
    for kind, values, margin, size in (
        ("surface", told[0][-1], 0.3, 400),
        ("unit", np.concatenate([*told[1][:-1], np.zeros((0, 60, 9))]), 0.05, 44),
    ):
        pixels = size * (0.5 + places * [0.5, -0.5] / playground.SIDE)
        filled = inside(figure.locator(f".{kind} > path:first-child"), pixels)
        clear = (values.min(2) > margin) | (values.max(2) <= min(0, 0.1 - margin))
        np.testing.assert_array_equal(filled[clear], values[clear][:, 0] > 0)

    weights = [p.detach().numpy() for p in model.parameters() if p.ndim == 2]
    ends = [400 * (np.arange(n) + 0.5) / n for n in answer["sizes"]]
    lines = figure.locator("svg line")
    drawn = numbers(lines, "x1", "x2", "stroke-width")
    expected = [
        (x1, x2, min(4, 0.7 * abs(w[j, i])))
        for w, below, above in zip(weights, ends, ends[1:], strict=False)
        for j, x2 in enumerate(above)
        for i, x1 in enumerate(below)
    ]
    np.testing.assert_allclose(drawn, expected, atol=0.0051)
    strokes = lines.evaluate_all("(all) => all.map((line) => line.getAttribute('stroke'))")
    signs = np.concatenate([w.ravel() for w in weights]) > 0
    assert strokes == np.where(signs, "var(--model)", "var(--muted)").tolist()


def check_diffusion(figure: Locator, seen: Shown) -> None:
    """Points are where they are at the moment, and the curves are those of both ways."""
    answer, turn = seen.answer, diffusion.CHAIN // diffusion.APART + 1
    marks = figure.locator(".points circle")
    places = 200 + answer["points"] * [200, -200] / diffusion.SIDE
    np.testing.assert_allclose(numbers(marks, "cx", "cy"), places[seen.time], atol=0.0051)
    assert marks.evaluate_all(FILLS) == answer["labels"][int(seen.time >= turn)].tolist()
    ghosts = figure.locator("g.data circle")
    np.testing.assert_allclose(numbers(ghosts, "cx", "cy"), places[0], atol=0.0051)
    assert ghosts.evaluate_all(FILLS) == answer["labels"][0].tolist()
    seen_ghosts = figure.locator("g.data").get_attribute("visibility")
    assert seen_ghosts == ("visible" if seen.time > 0 else "hidden")

    begin = turn if seen.time >= turn else 0
    routes = places[begin : seen.time + 1, ::5].swapaxes(0, 1).reshape(-1, 2)
    if not figure.get_by_label("Trajectories").is_checked():
        routes = routes[:0]
    np.testing.assert_allclose(through(figure.locator(".paths")), routes, atol=0.051)
    drawn = through(figure.locator(".field")).reshape(-1, 5, 2)[:, :2]
    if figure.get_by_label("Where the denoiser leads").is_checked():
        level = int(answer["t"][seen.time] / diffusion.FIELD_APART + 0.5)
        grid = np.stack(np.meshgrid(answer["grid"], answer["grid"]), -1).reshape(-1, 2)
        starts = 200 + grid * [200, -200] / diffusion.SIDE
        tips = starts + answer["field"][level] * [12, -12]
        np.testing.assert_allclose(drawn, np.stack([starts, tips], 1), atol=0.051)
    else:
        assert drawn.size == 0
    low, high = 90 - 90 * (answer["floor"].astype(float) - 40) / 60
    band = [[0, high], [348, high], [348, low], [0, low]]
    np.testing.assert_allclose(through(figure.locator(".floor")), band, atol=0.051)

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
    exact = up[0] + (up[1] - up[0]) * answer["exact"]
    expected = [[0, exact], [348, exact]]
    np.testing.assert_allclose(through(figure.locator(".exact")), expected, atol=0.06)


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
