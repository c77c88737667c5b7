"""The perceptron's points, boundary and words are those of its Python function, move by move."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from nnkit.book import serve
from nnkit.explore import positions
from nnkit.explore.perceptron import STEP, Perceptron

HOME = "chapters/perceptron.html"


def wake(page: Page, link: str = "") -> Locator:
    """Open the page and wait until the explorable answers."""
    page.goto(HOME + link)
    figure = page.locator("figure[data-explorable=perceptron]")
    expect(figure).to_have_attribute("data-ready", "table")
    return figure


def state_of(figure: Locator) -> tuple[dict[str, Any], int]:
    """The setting of the controls and the time, as the link to them says."""
    query = parse_qs(
        figure.get_by_role("link", name="Link").get_attribute("href").partition("?")[2]
    )
    points = None
    if "points" in query:
        triples = [point.split(",") for point in query["points"][0].split(";")]
        points = [[int(a) * STEP, int(b) * STEP, int(c)] for a, b, c in triples]
    setting = {
        "data": query.get("data", ["a wide gap"])[0],
        "bias": query.get("bias", ["1"])[0] == "1",
        "points": points,
    }
    last = len(Perceptron.compute(**setting)["mistakes"])
    return setting, int(query.get("mistake", [last])[0])


def assert_drawn_as_computed(figure: Locator) -> dict[str, Any]:
    """Compare words, points, boundary and weights with the function's answer; return that."""
    setting, time = state_of(figure)
    answer = Perceptron.compute(**setting)
    assert figure.get_by_role("status").text_content() == Perceptron.describe(answer, time)

    handles = figure.locator(".handle").evaluate_all(
        """handles => handles.map((handle) => [
          ...handle.getAttribute("transform").match(/-?[\\d.]+/g).map(Number),
          handle.lastChild.getAttribute("fill"),
        ])"""
    )
    places = [[px / 100 - 2, 2 - py / 100] for px, py, _ in handles]
    np.testing.assert_allclose(places, answer["x"], atol=1e-9)
    filled = [1 if fill == "var(--data)" else -1 for *_, fill in handles]
    assert filled == answer["y"].tolist()

    a, b, c = answer["weights"][time]
    length = np.hypot(a, b)
    line = figure.locator(".boundary")
    if length == 0 or abs(c) / length > 4:
        assert line.get_attribute("visibility") == "hidden"
        return answer
    ends = [float(line.get_attribute(key) or 0) for key in ("x1", "y1", "x2", "y2")]
    for px, py in (ends[:2], ends[2:]):
        distance = (a * (px / 100 - 2) + b * (2 - py / 100) + c) / length
        assert abs(distance) < 1e-6
    tip = re.findall(r"L(-?[\d.]+),(-?[\d.]+)", figure.locator(".weights").get_attribute("d"))[0]
    direction = np.array([float(tip[0]) - 200, 200 - float(tip[1])])
    np.testing.assert_allclose(direction / np.linalg.norm(direction), [a, b] / length, atol=1e-6)
    return answer


def centre(handle: Locator) -> tuple[float, float]:
    box = handle.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_choice_and_switch_are_answered(
    new_page: Callable[..., Page], faults: list[str], width: int
) -> None:
    figure = wake(new_page(width=width))
    for data in positions(Perceptron.controls["data"]):
        figure.get_by_label("Data").select_option(data)
        for _ in range(2):
            figure.get_by_label("Bias").click()
            assert_drawn_as_computed(figure)
    assert state_of(figure)[0] == {"data": "exclusive or", "bias": True, "points": None}
    assert faults == []


def test_each_mistake_is_shown(new_page: Callable[..., Page]) -> None:
    page = new_page()
    figure = wake(page, "#perceptron?data=logical+and")
    slider = figure.get_by_role("slider", name="Mistake")
    slider.focus()
    page.keyboard.press("Home")
    for time in range(19):
        assert state_of(figure)[1] == time
        assert slider.get_attribute("aria-valuetext") == f"{time} of 18"
        answer = assert_drawn_as_computed(figure)
        mark = figure.locator("circle.mistake")
        if time == 0:
            assert mark.get_attribute("visibility") == "hidden"
        else:
            x1, x2 = answer["x"][answer["mistakes"][time - 1]]
            assert float(mark.get_attribute("cx")) == pytest.approx(100 * (x1 + 2))
            assert float(mark.get_attribute("cy")) == pytest.approx(100 * (2 - x2))
        made = float(figure.locator(".made").get_attribute("width"))
        assert made == pytest.approx(400 * time / 51)
        page.keyboard.press("ArrowRight")


def test_point_is_moved_by_the_mouse(new_page: Callable[..., Page], faults: list[str]) -> None:
    page = new_page()
    figure = wake(page)
    page.mouse.move(*centre(figure.locator(".handle").nth(3)))
    page.mouse.down()
    box = figure.locator("svg").first.bounding_box()
    for x1 in (-0.5, 0.0, 0.5, 1.0):
        unit = box["width"] / 4
        page.mouse.move(box["x"] + (x1 + 2) * unit, box["y"] + (2 - 0.75) * unit)
        answer = assert_drawn_as_computed(figure)
        assert answer["x"][3] == pytest.approx([x1, 0.75], abs=2 * STEP)
    page.mouse.up()
    assert faults == []


def test_point_is_moved_by_touch(new_page: Callable[..., Page]) -> None:
    page = new_page(width=390, has_touch=True)
    figure = wake(page)
    before = Perceptron.compute(**state_of(figure)[0])["x"][3]
    handle = figure.locator(".handle").nth(3)
    handle.scroll_into_view_if_needed()
    x, y = centre(handle)
    scrolled = page.evaluate("scrollY")
    touch = page.context.new_cdp_session(page)
    for kind, dx in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40), ("touchEnd", None)):
        touches = [] if dx is None else [{"x": x + dx, "y": y - dx}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    moved = assert_drawn_as_computed(figure)["x"][3] - before
    scale = 4 / figure.locator("svg").first.bounding_box()["width"]
    assert moved == pytest.approx([40 * scale, 40 * scale], abs=2 * STEP)
    assert page.evaluate("scrollY") == scrolled


def test_point_is_flipped_by_a_click_and_added_beside(new_page: Callable[..., Page]) -> None:
    page = new_page()
    figure = wake(page)
    before = Perceptron.compute(**state_of(figure)[0])["y"]
    page.mouse.click(*centre(figure.locator(".handle").nth(0)))
    assert assert_drawn_as_computed(figure)["y"][0] == -before[0]
    box = figure.locator("svg").first.bounding_box()
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.05 * box["height"])
    answer = assert_drawn_as_computed(figure)
    assert len(answer["y"]) == len(before) + 1
    assert answer["y"][-1] == 1


def test_point_is_taken_away_by_dropping_it_outside(new_page: Callable[..., Page]) -> None:
    page = new_page()
    figure = wake(page)
    page.mouse.move(*centre(figure.locator(".handle").nth(0)))
    page.mouse.down()
    page.mouse.move(5, 400, steps=3)
    page.mouse.up()
    assert len(assert_drawn_as_computed(figure)["y"]) == 15


def test_points_obey_keys(new_page: Callable[..., Page]) -> None:
    page = new_page()
    figure = wake(page)
    before = Perceptron.compute(**state_of(figure)[0])
    (x1, x2), label = before["x"][2], before["y"][2]
    handle = figure.get_by_role("slider", name="Point 3")
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Enter")
    answer = assert_drawn_as_computed(figure)
    assert answer["x"][2].tolist() == [x1 + 8 * STEP, x2 + 9 * STEP]
    assert answer["y"][2] == -label
    assert handle.get_attribute("aria-valuetext").startswith("filled" if label < 0 else "hollow")
    page.keyboard.press("Delete")
    assert len(assert_drawn_as_computed(figure)["y"]) == 15
    figure.get_by_role("button", name="Add a point").press("Enter")
    answer = assert_drawn_as_computed(figure)
    assert answer["x"][-1].tolist() == [0, 0]
    expect(figure.get_by_role("slider", name="Point 16")).to_be_focused()


def test_new_data_bring_their_own_points_and_the_bias_does_not(
    new_page: Callable[..., Page],
) -> None:
    figure = wake(new_page(), "#perceptron?points=64,64,1;-64,-64,-1")
    figure.get_by_label("Bias").click()
    assert len(assert_drawn_as_computed(figure)["y"]) == 2
    figure.get_by_label("Data").select_option("logical and")
    expect(figure.locator(".handle")).to_have_count(4)
    assert state_of(figure)[0]["points"] is None
    assert_drawn_as_computed(figure)


def test_link_brings_the_state_back_and_reset_the_start(
    new_page: Callable[..., Page], faults: list[str]
) -> None:
    page = new_page()
    figure = wake(page)
    figure.get_by_label("Data").select_option("exclusive or")
    figure.get_by_role("button", name="Step back").click()
    page.mouse.click(*centre(figure.locator(".handle").nth(0)))
    words = figure.get_by_role("status").text_content()
    figure.get_by_role("link", name="Link").click()
    assert page.url.partition("#")[2].startswith("perceptron?data=exclusive+or&points=")
    again = wake(new_page(), "#" + page.url.partition("#")[2])
    assert again.get_by_role("status").text_content() == words
    assert_drawn_as_computed(again)
    again.get_by_role("button", name="Reset").click()
    expect(again.get_by_label("Data")).to_have_value("a wide gap")
    assert state_of(again)[0] == Perceptron.start()
    assert_drawn_as_computed(again)
    assert faults == []


def push_down(route: Route) -> None:
    """Serve a page with its explorables far below the first screen."""
    body = route.fetch().text().replace("<figure", '<p style="height: 5000px"></p><figure')
    route.fulfill(body=body, content_type="text/html")


def test_link_leads_to_the_explorable(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.route(f"**/{HOME}", push_down)
    figure = wake(page, "#perceptron?mistake=2")
    expect(figure.locator("svg").first).to_be_in_viewport(ratio=0.9)
    assert state_of(figure)[1] == 2


@pytest.mark.parametrize(
    "query",
    ["data=nonsense", "points=1,2", "points=9999,0,1", "mistake=-3", "mistake=1e9", "x=1", "%%%"],
)
def test_link_to_nonsense_shows_the_start(
    new_page: Callable[..., Page], faults: list[str], query: str
) -> None:
    figure = wake(new_page(), f"#perceptron?{query}")
    answer = assert_drawn_as_computed(figure)
    assert state_of(figure) == (Perceptron.start(), len(answer["mistakes"]))
    assert faults == []


@pytest.fixture
def below(book: Path) -> Iterator[str]:
    """Address of the book when it is served from a folder of a site."""
    with serve.listen(book.parent, 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://localhost:{server.server_port}/{book.name}/"
        server.shutdown()
        thread.join()


def test_it_works_below_the_root_of_a_site(new_page: Callable[..., Page], below: str) -> None:
    page = new_page()
    page.goto(below + HOME)
    figure = page.locator("figure[data-explorable=perceptron]")
    expect(figure).to_have_attribute("data-ready", "table")
    assert_drawn_as_computed(figure)
