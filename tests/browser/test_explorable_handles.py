"""Numbers in a drawing are set by mouse, touch and keys, and it is drawn as Python computes it."""

from collections.abc import Callable

import numpy as np
import pytest
from drawings import assert_shows_pythons_answer
from explorable import settle, shown, wake
from playwright.sync_api import Locator, Page, expect

from nnkit.explore import backprop, perceptron, relu
from nnkit.explore.backprop import GRAPHS
from nnkit.explore.kit.explorable import load
from nnkit.explore.relu import PRESETS, ReluParts


def centre(handle: Locator) -> tuple[float, float]:
    handle.scroll_into_view_if_needed()
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
        answer = assert_shows_pythons_answer("relu", figure).answer
        assert answer["kinks"][0] == pytest.approx(-1 + steps / 2, abs=relu.STEP / 2 + 1e-9)
    page.mouse.up()
    assert answer["parameters"][1] == pytest.approx(-0.5)
    assert faults == []


# Python in the page that takes its time.
SLOW = """window.explorablePython = async (name, controls) => {
  if (window.asked) await new Promise((done) => setTimeout(done, 300));
  window.asked = controls;
  return pythonNow(name, controls);
}"""


@pytest.mark.parametrize(
    ("name", "step"),
    [("relu", relu.STEP), ("backprop", backprop.STEP), ("perceptron", 8 * perceptron.STEP)],
)
def test_no_move_is_lost_while_an_answer_is_awaited(
    new_page: Callable[..., Page], name: str, step: float
) -> None:
    page = new_page()
    page.expose_function("pythonNow", lambda name, controls: load(name).packed(**controls))
    page.add_init_script(SLOW)
    figure = wake(page, name, runtime="browser")
    handles = [figure.locator("svg [role=slider]").nth(i) for i in (0, 1)]
    before = [float(handle.get_attribute("aria-valuenow") or 0) for handle in handles]
    for handle in handles:  # faster than it is answered
        for _ in range(3):
            handle.press("ArrowRight")
    settle(figure)
    after = [float(handle.get_attribute("aria-valuenow") or 0) for handle in handles]
    assert np.subtract(after, before) == pytest.approx([3 * step, 3 * step])
    assert_shows_pythons_answer(name, figure)


@pytest.mark.parametrize("name", ["relu", "perceptron"])
def test_other_buttons_of_the_mouse_move_nothing(new_page: Callable[..., Page], name: str) -> None:
    page = new_page()
    figure = wake(page, name)
    before = shown(figure).controls
    x, y = centre(figure.locator("svg [role=slider]").first)
    page.mouse.move(x, y)
    page.mouse.down(button="right")
    page.mouse.move(x + 40, y + 40)
    page.mouse.up(button="right")
    settle(figure)
    assert shown(figure).controls == before


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
        assert_shows_pythons_answer("relu", figure)


def test_kink_is_moved_by_touch(new_page: Callable[..., Page]) -> None:
    page = new_page(width=390, has_touch=True)
    figure = wake(page, "relu")
    handle = figure.get_by_role("slider", name="Bias of unit 2")
    x, y = centre(handle)
    scrolled = page.evaluate("scrollY")
    touch = page.context.new_cdp_session(page)
    for kind, dx in (("touchStart", 0), ("touchMove", 10), ("touchMove", 30), ("touchEnd", None)):
        touches = [] if dx is None else [{"x": x + dx, "y": y - dx}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    answer = assert_shows_pythons_answer("relu", figure).answer
    assert answer["kinks"][1] == pytest.approx(30 / (scale(figure) * 124 / 6), abs=0.06)
    assert page.evaluate("scrollY") == scrolled


def test_handles_obey_keys(new_page: Callable[..., Page], faults: list[str]) -> None:
    page = new_page()
    figure = wake(page, "relu", "preset=a+zigzag&fold=1")
    before = assert_shows_pythons_answer("relu", figure).answer["parameters"]
    for i, (name, end) in enumerate(zip(relu.HANDLES.names, relu.HANDLES.ends, strict=True)):
        handle = figure.get_by_role("slider", name=name, exact=True)
        handle.focus()
        for key, change in (("ArrowRight", 0.1), ("ArrowDown", -0.1), ("PageDown", -1)):
            page.keyboard.press(key)
            before[i] = np.clip(before[i] + change, -end, end)
            after = assert_shows_pythons_answer("relu", figure).answer["parameters"]
            np.testing.assert_allclose(after, before, atol=1e-9)
        page.keyboard.press("End")
        assert assert_shows_pythons_answer("relu", figure).answer["parameters"][i] == pytest.approx(
            end
        )
        page.keyboard.press("Home")
        before[i] = assert_shows_pythons_answer("relu", figure).answer["parameters"][i]
        assert before[i] == pytest.approx(-end)
    assert faults == []


def test_preset_brings_its_parameters_and_the_fold_does_not(new_page: Callable[..., Page]) -> None:
    figure = wake(new_page(), "relu", "parameters=10,0,10,10,10,10,10,-10,10,0")
    figure.get_by_role("switch").click()
    answer = assert_shows_pythons_answer("relu", figure).answer
    np.testing.assert_allclose(answer["parameters"], [1, 0, 1, 1, 1, 1, 1, -1, 1, 0])
    figure.get_by_label("Begin with").select_option("a zigzag")
    expect(figure.get_by_role("status")).to_contain_text("into 16")  # once the table is there
    answer = assert_shows_pythons_answer("relu", figure).answer
    np.testing.assert_allclose(answer["parameters"], PRESETS["a zigzag"])
    assert answer["bends"].sum() + 1 == 16


@pytest.mark.parametrize(
    "query", ["parameters=1,2", "parameters=31,0,0,0,0,0,0,0,0,0", "parameters=a,0,0,0,0,0,0,0,0,0"]
)
def test_link_to_no_numbers_shows_the_start(
    new_page: Callable[..., Page], faults: list[str], query: str
) -> None:
    figure = wake(new_page(), "relu", query)
    assert assert_shows_pythons_answer("relu", figure).controls == ReluParts.start()
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
    for time in range(len(assert_shows_pythons_answer("backprop", figure).answer["gradients"])):
        assert assert_shows_pythons_answer("backprop", figure).time == time
        page.keyboard.press("ArrowRight")
    assert faults == []


def test_all_of_a_graph_changes_with_an_input(new_page: Callable[..., Page], width: int) -> None:
    page = new_page(width=width)
    figure = wake(page, "backprop")
    for graph in GRAPHS:
        figure.get_by_label("Graph").select_option(graph)
        for name in backprop.HANDLES.names:
            handle = figure.get_by_role("slider", name=name)
            handle.press("ArrowLeft")
            assert_shows_pythons_answer("backprop", figure)
            x, y = centre(handle)
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x - 20 * scale(figure), y)
            page.mouse.up()
            value = float(handle.get_attribute("aria-valuenow") or "nan")
            assert_shows_pythons_answer("backprop", figure)
            assert handle.get_attribute("aria-valuetext") == f"{value:.1f}".replace("-", "−")
    moved = assert_shows_pythons_answer("backprop", figure).controls["inputs"]
    assert all(after < before for after, before in zip(moved, backprop.START, strict=True))
