"""The perceptron's points are moved, flipped, added and taken away, and answered move by move."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from drawings import assert_shows_pythons_answer
from explorable import HOME, REMEMBER, figure_of, shown, spread_out, wake
from playwright.sync_api import Locator, Page, expect

from nnkit.book import serve
from nnkit.explore import Answer
from nnkit.explore.kit.explorable import load
from nnkit.explore.perceptron import STEP, Perceptron


def drawn(figure: Locator) -> Answer:
    """Python's answer, which the drawing is compared with."""
    return assert_shows_pythons_answer("perceptron", figure).answer


def centre(handle: Locator) -> tuple[float, float]:
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_each_mistake_is_shown(new_page: Callable[..., Page]) -> None:
    page = new_page()
    figure = wake(page, "perceptron", "data=logical+and")
    slider = figure.get_by_role("slider", name="Mistake")
    slider.focus()
    page.keyboard.press("Home")
    for time in range(19):
        assert shown(figure).time == time
        assert slider.get_attribute("aria-valuetext") == f"{time} of 18"
        answer = drawn(figure)
        mark = figure.locator("circle.mistake")
        if time == 0:
            assert mark.get_attribute("visibility") == "hidden"
        else:
            x1, x2 = answer["x"][int(answer["mistakes"][time - 1])]
            assert float(mark.get_attribute("cx")) == pytest.approx(100 * (x1 + 2))
            assert float(mark.get_attribute("cy")) == pytest.approx(100 * (2 - x2))
        made = float(figure.locator(".made").get_attribute("width"))
        assert made == pytest.approx(400 * time / 51)
        page.keyboard.press("ArrowRight")


def test_point_is_moved_by_the_mouse(new_page: Callable[..., Page], faults: list[str]) -> None:
    page = new_page()
    figure = wake(page, "perceptron")
    page.mouse.move(*centre(figure.locator(".handle").nth(3)))
    page.mouse.down()
    box = figure.locator("svg").first.bounding_box()
    for x1 in (-0.5, 0.0, 0.5, 1.0):
        unit = box["width"] / 4
        page.mouse.move(box["x"] + (x1 + 2) * unit, box["y"] + (2 - 0.75) * unit)
        answer = drawn(figure)
        assert answer["x"][3] == pytest.approx([x1, 0.75], abs=2 * STEP)
    page.mouse.up()
    assert faults == []


def test_point_is_moved_by_touch(new_page: Callable[..., Page]) -> None:
    page = new_page(width=390, has_touch=True)
    figure = wake(page, "perceptron")
    before = drawn(figure)["x"][3]
    handle = figure.locator(".handle").nth(3)
    x, y = centre(handle)
    scrolled = page.evaluate("scrollY")
    touch = page.context.new_cdp_session(page)
    for kind, dx in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40), ("touchEnd", None)):
        touches = [] if dx is None else [{"x": x + dx, "y": y - dx}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    moved = drawn(figure)["x"][3] - before
    scale = 4 / figure.locator("svg").first.bounding_box()["width"]
    assert moved == pytest.approx([40 * scale, 40 * scale], abs=2 * STEP)
    assert page.evaluate("scrollY") == scrolled


def test_point_is_flipped_by_a_click_and_added_beside(new_page: Callable[..., Page]) -> None:
    page = new_page()
    figure = wake(page, "perceptron")
    before = drawn(figure)["y"]
    page.mouse.click(*centre(figure.locator(".handle").nth(0)))
    assert drawn(figure)["y"][0] == -before[0]
    box = figure.locator("svg").first.bounding_box()
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.05 * box["height"])
    answer = drawn(figure)
    assert len(answer["y"]) == len(before) + 1
    assert answer["y"][-1] == 1


def test_point_is_taken_away_by_dropping_it_outside(new_page: Callable[..., Page]) -> None:
    page = new_page()
    figure = wake(page, "perceptron")
    page.mouse.move(*centre(figure.locator(".handle").nth(0)))
    page.mouse.down()
    page.mouse.move(5, 400, steps=3)
    page.mouse.up()
    assert len(drawn(figure)["y"]) == 15


def test_points_obey_keys(new_page: Callable[..., Page]) -> None:
    page = new_page()
    figure = wake(page, "perceptron")
    before = drawn(figure)
    (x1, x2), label = before["x"][2], before["y"][2]
    handle = figure.get_by_role("slider", name="Point 3")
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Enter")
    answer = drawn(figure)
    assert answer["x"][2].tolist() == [x1 + 8 * STEP, x2 + 9 * STEP]
    assert answer["y"][2] == -label
    assert handle.get_attribute("aria-valuetext").startswith("filled" if label < 0 else "hollow")
    page.keyboard.press("Delete")
    assert len(drawn(figure)["y"]) == 15
    figure.get_by_role("button", name="Add a point").press("Enter")
    answer = drawn(figure)
    assert answer["x"][-1].tolist() == [0, 0]
    expect(figure.get_by_role("slider", name="Point 16")).to_be_focused()


FULL = "24 points are the most."
POINTS = ";".join(f"{8 * i - 100},{40 - 3 * i},{1 if i % 2 else -1}" for i in range(23))


def test_no_more_points_are_added_than_can_be_and_the_reader_is_told(
    new_page: Callable[..., Page], faults: list[str]
) -> None:
    page = new_page()
    figure = wake(page, "perceptron", f"points={POINTS}")
    button = figure.get_by_role("button", name="Add a point")
    expect(figure.get_by_text(FULL)).to_have_count(0)
    button.press("Enter")
    expect(figure.get_by_role("slider", name="Point 24")).to_be_focused()
    expect(figure.get_by_text(FULL)).to_be_visible()
    expect(figure.locator("[aria-live=polite]", has_text=FULL)).to_have_count(1)
    expect(button).to_be_disabled()
    before = shown(figure).controls
    box = figure.locator("svg").first.bounding_box()
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.05 * box["height"])
    assert shown(figure).controls == before
    figure.get_by_role("slider", name="Point 24").press("Delete")
    assert len(drawn(figure)["y"]) == 23
    expect(figure.get_by_text(FULL)).to_have_count(0)
    expect(button).to_be_enabled()
    assert faults == []


# Python in the page that answers no question but the first until it is told to.
HELD = """window.explorablePython = async (name, controls) => {
  if (name !== "perceptron") return new Promise(() => {});
  if (window.go) await window.go;
  else window.go = new Promise((done) => (window.answer = done));
  return pythonNow(name, controls);
}"""


def test_keys_on_a_point_that_is_gone_but_still_drawn_do_nothing(
    new_page: Callable[..., Page], faults: list[str]
) -> None:
    page = new_page()
    page.expose_function("pythonNow", lambda name, controls: load(name).packed(**controls))
    page.add_init_script(HELD)
    figure = wake(page, "perceptron", f"points={POINTS}", runtime="browser")
    last = figure.get_by_role("slider", name="Point 23")
    for key in ("Delete", "Delete", "Enter", "ArrowRight"):
        last.press(key)
    button = figure.get_by_role("button", name="Add a point")
    for _ in range(3):  # two of them fit
        button.press("Enter")
    page.evaluate("answer()")
    answer = drawn(figure)
    assert answer["x"][22:].tolist() == [[0, 0], [0, 0]]
    expect(figure.get_by_role("slider", name="Point 24")).to_be_focused()
    assert faults == []


def test_points_say_how_they_are_moved(new_page: Callable[..., Page], width: int) -> None:
    figure = wake(new_page(width=width), "perceptron")
    handles = figure.locator(".handle")
    for way in ("drop it outside to remove it", "Enter flips it; Delete removes it"):
        expect(figure.get_by_text(way)).to_be_visible()
        expect(handles.nth(0)).to_have_accessible_description(re.compile(way))
        expect(handles.nth(15)).to_have_accessible_description(re.compile(way))


def test_point_is_flipped_added_and_taken_away_by_touch(
    new_page: Callable[..., Page], faults: list[str]
) -> None:
    page = new_page(width=390, has_touch=True)
    figure = wake(page, "perceptron")
    before = drawn(figure)["y"]
    x, y = centre(figure.locator(".handle").nth(0))
    page.touchscreen.tap(x, y)
    assert drawn(figure)["y"].tolist() == [-before[0], *before[1:]]

    box = figure.locator("svg").first.bounding_box()
    page.touchscreen.tap(box["x"] + 0.9 * box["width"], box["y"] + 0.05 * box["height"])
    answer = drawn(figure)
    assert answer["y"].tolist() == [-before[0], *before[1:], 1]
    assert answer["x"][-1] == pytest.approx([1.6, 1.78], abs=2 * STEP)

    touch = page.context.new_cdp_session(page)
    for kind, place in (("touchStart", (x, y)), ("touchMove", (2, y)), ("touchEnd", None)):
        touches = [{"x": place[0], "y": place[1]}] if place else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    after = drawn(figure)
    assert after["y"].tolist() == [*before[1:], 1]
    assert after["x"].tolist() == answer["x"][1:].tolist()
    assert faults == []


def test_new_data_bring_their_own_points_and_the_bias_does_not(
    new_page: Callable[..., Page],
) -> None:
    figure = wake(new_page(), "perceptron", "points=64,64,1;-64,-64,-1")
    figure.get_by_label("Bias").click()
    assert len(drawn(figure)["y"]) == 2
    figure.get_by_label("Data").select_option("logical and")
    expect(figure.locator(".handle")).to_have_count(4)
    assert shown(figure).controls["points"] is None
    drawn(figure)


def test_link_leads_to_the_explorable(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.route(f"**/{HOME}", spread_out)
    page.add_init_script(REMEMBER)
    page.goto(f"{HOME}#perceptron?mistake=2")
    figure = figure_of(page, "perceptron")
    expect(figure).to_have_attribute("data-ready", "table")
    expect(figure.locator("svg").first).to_be_in_viewport(ratio=0.9)
    assert shown(figure).time == 2


def test_link_that_is_followed_on_the_page_leads_to_the_explorable(
    new_page: Callable[..., Page],
) -> None:
    page = new_page()
    page.route(f"**/{HOME}", spread_out)
    page.add_init_script(REMEMBER)
    page.goto(HOME)
    figure = figure_of(page, "perceptron")
    page.evaluate("location.hash = '#perceptron?mistake=2'")
    expect(figure).to_have_attribute("data-ready", "table")
    expect(figure.locator("svg").first).to_be_in_viewport(ratio=0.9)
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("location.hash = '#perceptron?mistake=3'")
    expect(figure.locator("svg").first).to_be_in_viewport(ratio=0.9)
    assert shown(figure).time == 3
    page.evaluate("scrollBy(0, 40)")
    where = page.evaluate("scrollY")
    figure.get_by_label("Mistake").press("ArrowLeft")
    figure.get_by_role("link", name="Link").click()
    expect(page).to_have_url(re.compile(r"mistake=2$"))
    assert page.evaluate("scrollY") == where


@pytest.mark.parametrize(
    "query", ["points=1,2", "points=9999,0,1", "points=0,0,2", "mistake=-3", "mistake=1e9"]
)
def test_link_to_no_points_or_time_shows_the_start(
    new_page: Callable[..., Page], faults: list[str], query: str
) -> None:
    figure = wake(new_page(), "perceptron", query)
    seen = assert_shows_pythons_answer("perceptron", figure)
    assert (seen.controls, seen.time) == (Perceptron.start(), len(seen.answer["mistakes"]))
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
    page.add_init_script(REMEMBER)
    page.goto(below + HOME)
    figure = figure_of(page, "perceptron")
    expect(figure).to_have_attribute("data-ready", "table")
    drawn(figure)
