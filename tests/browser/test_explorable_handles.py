"""Numbers in a drawing are set by mouse, touch and keys, and it is drawn as Python computes it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from nnkit.book import explorables
from nnkit.explore import backprop, relu
from nnkit.explore.backprop import GRAPHS, INPUTS, BackpropGraph, number
from nnkit.explore.relu import PRESETS, ReluParts

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
VIOLATIONS = """async () => (await axe.run("figure")).violations.flatMap(({ id, nodes }) =>
  nodes.map(({ html, failureSummary }) => `${id}: ${html}\\n${failureSummary}`)
)"""

HOME = "chapters/perceptron.html"

# Milliseconds from a key on a handle to the next frame, with the link to the new numbers in place.
RESPONSES = """async () => {
  const times = [];
  const link = document.querySelector("figure .tools a");
  for (const handle of document.querySelectorAll("figure .handle")) {
    for (const key of ["ArrowLeft", "ArrowDown", "ArrowRight", "ArrowUp", "PageUp", "PageDown"]) {
      const before = link.href;
      const start = performance.now();
      handle.dispatchEvent(new KeyboardEvent("keydown", { key }));
      while (link.href === before) await new Promise(requestAnimationFrame);
      times.push(performance.now() - start);
    }
  }
  return times.sort((a, b) => a - b);
}"""


def wake(page: Page, name: str, link: str = "") -> Locator:
    """Open a page whose explorable is the one of this name, and wait until it answers."""

    def put_in(route: Route) -> None:
        figure = explorables.load(name)().html()
        page = route.fetch().text()
        body = re.sub(r'<figure class="explorable".*?</figure>', lambda _: figure, page, flags=re.S)
        route.fulfill(body=body, content_type="text/html; charset=utf-8")

    page.route(f"**/{HOME}", put_in)
    page.goto(HOME + link)
    figure = page.locator(f"figure[data-explorable={name}]")
    expect(figure).to_have_attribute("data-ready", "table")
    return figure


def query_of(figure: Locator) -> dict[str, str]:
    """What the link to the state says, where it differs from the start."""
    link = figure.get_by_role("link", name="Link").get_attribute("href")
    return {key: value for key, (value,) in parse_qs(link.partition("?")[2]).items()}


def numbers_in(text: str, step: float) -> list[float]:
    return [int(count) * step for count in text.split(",")]


def parts_setting(figure: Locator) -> dict[str, Any]:
    query = query_of(figure)
    moved = "parameters" in query
    return {
        "preset": query.get("preset", next(iter(PRESETS))),
        "fold": query.get("fold", "0") == "1",
        "parameters": numbers_in(query["parameters"], relu.STEP) if moved else None,
    }


def assert_parts_drawn_as_computed(figure: Locator) -> dict[str, Any]:
    """Compare words, curve and bends with the function's answer; return that."""
    answer = ReluParts.compute(**parts_setting(figure))
    assert figure.get_by_role("status").text_content() == ReluParts.describe(answer, 0)
    path = np.array(
        re.findall(r"(-?[\d.e-]+),(-?[\d.e-]+)", figure.locator(".out").get_attribute("d"))
    )
    px, py = path.astype(float).T
    np.testing.assert_allclose(px * 6 / 400 - 3, answer["x"], atol=1e-6)
    np.testing.assert_allclose(2.4 - py * 4.8 / 240, answer["out"], atol=1e-6)
    expect(figure.locator(".bend")).to_have_count(int(answer["bends"].sum()))
    values = [
        float(handle.get_attribute("aria-valuenow") or "nan")
        for handle in figure.get_by_role("slider").all()
    ]
    np.testing.assert_allclose(values, answer["parameters"], atol=1e-9)
    return answer


def assert_graph_drawn_as_computed(figure: Locator) -> dict[str, Any]:
    """Compare words, values, gradients and local derivatives with the function's; return that."""
    query = query_of(figure)
    name = query.get("graph", next(iter(GRAPHS)))
    moved = "inputs" in query
    inputs = numbers_in(query["inputs"], backprop.STEP) if moved else None
    answer = BackpropGraph.compute(graph=name, inputs=inputs)
    time = int(query.get("step", len(answer["gradients"]) - 1))
    assert figure.get_by_role("status").text_content() == BackpropGraph.describe(answer, time)

    operations = GRAPHS[name].operations
    expected = []
    for node, symbol in enumerate(GRAPHS[name].names()):
        made = node - len(INPUTS)
        value = f"{symbol} = {answer['values'][node]:.1f}".replace("-", "−")
        if made >= 0:
            value = operations[made].formula
            value += f" = {number(answer['values'][node])}" if made < time else ""
        gradient = answer["gradients"][time, node]
        expected.append(
            [symbol, value, "" if np.isnan(gradient) else f"∂L/∂{symbol} = {number(gradient)}"]
        )
    drawn = figure.locator(".node").evaluate_all(
        """nodes => nodes.map((node) =>
          [0, 2, 4].map((i) => node.querySelectorAll("text")[i].textContent))"""
    )
    assert drawn == expected
    gone = time - len(operations) - 1
    factors = [f"× {number(local)}" if k < gone else "" for k, local in enumerate(answer["local"])]
    assert figure.locator(".edge text").all_text_contents() == factors
    return answer


def centre(handle: Locator) -> tuple[float, float]:
    box = handle.locator("circle").last.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def scale(figure: Locator) -> float:
    """Pixels in a unit of the drawing."""
    return float(figure.locator("svg").first.evaluate("svg => svg.getScreenCTM().a"))


def test_kink_is_dragged_along_its_axis(new_page: Callable[..., Page], faults: list[str]) -> None:
    page = new_page()
    figure = wake(page, "relu")
    x, y = centre(figure.get_by_role("slider", name="Bias of unit 1"))
    page.mouse.move(x, y)
    page.mouse.down()
    for steps in (1, 2, 3):
        page.mouse.move(x + steps * scale(figure) * 124 / 6 / 2, y + 30)
        answer = assert_parts_drawn_as_computed(figure)
        assert answer["kinks"][0] == pytest.approx(-1 + steps / 2, abs=relu.STEP / 2 + 1e-9)
    page.mouse.up()
    assert answer["parameters"][1] == pytest.approx(-0.5)
    assert faults == []


def test_weights_are_dragged(new_page: Callable[..., Page]) -> None:
    page = new_page()
    figure = wake(page, "relu")
    for name, dx, dy, expected in (
        ("Weight of unit 3", 0, 13, 0.6),  # one unit down, 2.5 from the axis: less by 0.4
        ("Output weight of unit 2", 108 / 12, 0, -2),
        ("Bias of the output", -112 / 24, 0, -1),
    ):
        x, y = centre(figure.get_by_role("slider", name=name, exact=True))
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + dx * scale(figure), y + dy * scale(figure))
        page.mouse.up()
        value = figure.get_by_role("slider", name=name, exact=True).get_attribute("aria-valuenow")
        assert float(value) == pytest.approx(expected, abs=0.11)
        assert_parts_drawn_as_computed(figure)


def test_kink_is_moved_by_touch(new_page: Callable[..., Page]) -> None:
    page = new_page(width=390, has_touch=True)
    figure = wake(page, "relu")
    handle = figure.get_by_role("slider", name="Bias of unit 2")
    handle.scroll_into_view_if_needed()
    x, y = centre(handle)
    scrolled = page.evaluate("scrollY")
    touch = page.context.new_cdp_session(page)
    for kind, dx in (("touchStart", 0), ("touchMove", 10), ("touchMove", 30), ("touchEnd", None)):
        touches = [] if dx is None else [{"x": x + dx, "y": y - dx}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    answer = assert_parts_drawn_as_computed(figure)
    assert answer["kinks"][1] == pytest.approx(30 / (scale(figure) * 124 / 6), abs=0.06)
    assert page.evaluate("scrollY") == scrolled


def test_handles_obey_keys(new_page: Callable[..., Page], faults: list[str]) -> None:
    page = new_page()
    figure = wake(page, "relu", "#relu?preset=a+zigzag&fold=1")
    before = assert_parts_drawn_as_computed(figure)["parameters"]
    for i, (name, end) in enumerate(zip(relu.HANDLES.names, relu.HANDLES.ends, strict=True)):
        handle = figure.get_by_role("slider", name=name, exact=True)
        handle.focus()
        for key, change in (("ArrowRight", 0.1), ("ArrowDown", -0.1), ("PageDown", -1)):
            page.keyboard.press(key)
            before[i] = np.clip(before[i] + change, -end, end)
            after = assert_parts_drawn_as_computed(figure)["parameters"]
            np.testing.assert_allclose(after, before, atol=1e-9)
        page.keyboard.press("End")
        assert assert_parts_drawn_as_computed(figure)["parameters"][i] == pytest.approx(end)
        page.keyboard.press("Home")
        before[i] = assert_parts_drawn_as_computed(figure)["parameters"][i]
        assert before[i] == pytest.approx(-end)
    assert faults == []


def test_preset_brings_its_parameters_and_the_fold_does_not(new_page: Callable[..., Page]) -> None:
    figure = wake(new_page(), "relu", "#relu?parameters=10,0,10,10,10,10,10,-10,10,0")
    figure.get_by_role("switch").click()
    answer = assert_parts_drawn_as_computed(figure)
    np.testing.assert_allclose(answer["parameters"], [1, 0, 1, 1, 1, 1, 1, -1, 1, 0])
    figure.get_by_label("Begin with").select_option("a zigzag")
    expect(figure.get_by_role("status")).to_contain_text("into 16")  # once the table is there
    answer = assert_parts_drawn_as_computed(figure)
    np.testing.assert_allclose(answer["parameters"], PRESETS["a zigzag"])
    assert answer["bends"].sum() + 1 == 16


@pytest.mark.parametrize(
    "query", ["parameters=1,2", "parameters=31,0,0,0,0,0,0,0,0,0", "parameters=a,0,0,0,0,0,0,0,0,0"]
)
def test_link_to_no_numbers_shows_the_start(
    new_page: Callable[..., Page], faults: list[str], query: str
) -> None:
    figure = wake(new_page(), "relu", f"#relu?{query}")
    assert_parts_drawn_as_computed(figure)
    assert parts_setting(figure) == ReluParts.start()
    assert faults == []


@pytest.mark.parametrize("graph", GRAPHS)
def test_each_step_of_a_pass_is_shown(
    new_page: Callable[..., Page], faults: list[str], graph: str
) -> None:
    page = new_page()
    figure = wake(page, "backprop")
    figure.get_by_label("Graph").select_option(graph)
    figure.get_by_role("slider", name="Step").focus()
    page.keyboard.press("Home")
    for _ in range(len(assert_graph_drawn_as_computed(figure)["gradients"])):
        assert_graph_drawn_as_computed(figure)
        page.keyboard.press("ArrowRight")
    assert "step" not in query_of(figure)
    assert faults == []


def test_all_of_a_graph_changes_with_an_input(new_page: Callable[..., Page], width: int) -> None:
    page = new_page(width=width)
    figure = wake(page, "backprop")
    for graph in GRAPHS:
        figure.get_by_label("Graph").select_option(graph)
        for name in backprop.HANDLES.names:
            handle = figure.get_by_role("slider", name=name)
            handle.press("ArrowLeft")
            assert_graph_drawn_as_computed(figure)
            handle.scroll_into_view_if_needed()
            x, y = centre(handle)
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x - 20 * scale(figure), y)
            page.mouse.up()
            value = float(handle.get_attribute("aria-valuenow") or "nan")
            assert_graph_drawn_as_computed(figure)
            assert handle.get_attribute("aria-valuetext") == f"{value:.1f}".replace("-", "−")
    start = [round(value / backprop.STEP) for value in backprop.START]
    moved = [int(count) for count in query_of(figure)["inputs"].split(",")]
    assert all(after < before for after, before in zip(moved, start, strict=True))


def test_pass_is_played(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.clock.install()
    figure = wake(page, "backprop")
    figure.get_by_role("button", name="Play").click()
    assert query_of(figure)["step"] == "0"
    page.clock.run_for(2500)
    assert 2 <= int(query_of(figure)["step"]) <= 4
    page.clock.run_for(12_000)
    assert "step" not in query_of(figure)
    assert_graph_drawn_as_computed(figure)


@pytest.mark.parametrize("name", ["relu", "backprop"])
def test_axe_finds_no_violation(
    new_page: Callable[..., Page], name: str, theme: str, width: int
) -> None:
    page = new_page(theme=theme, width=width)
    wake(page, name)
    page.evaluate(AXE)
    assert page.evaluate(VIOLATIONS) == []


@pytest.mark.parametrize("name", ["relu", "backprop"])
def test_words_in_a_drawing_are_legible_on_a_phone(
    new_page: Callable[..., Page], name: str
) -> None:
    page = new_page(width=390)
    figure = wake(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    sizes = figure.locator("svg text").evaluate_all(
        "texts => texts.map((text) => parseFloat(getComputedStyle(text).fontSize))"
    )
    assert min(sizes) * scale(figure) >= 11


@pytest.mark.parametrize("name", ["relu", "backprop"])
def test_answers_to_a_handle_come_within_50_ms(new_page: Callable[..., Page], name: str) -> None:
    page = new_page()
    wake(page, name)
    # Other work on the machine can slow a round; what is slow in itself is slow in every one.
    rounds = [page.evaluate(RESPONSES) for _ in range(5)]
    assert min(times[int(0.95 * len(times))] for times in rounds) <= 50, rounds
