"""Every explorable of the gallery answers as Python does, to mouse, touch and keys."""

import base64
import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from axe import violations
from bs4 import BeautifulSoup
from drawings import assert_shows_pythons_answer, check_neuron
from explorable import (
    DRAWN,
    HOME,
    OPERABLE,
    REMEMBER,
    by_keyboard,
    controls_of,
    figure_of,
    settle,
    shown,
    spread_out,
    wake,
)
from playwright.sync_api import Locator, Page, Response, Route, expect

from conftest import PARAMETERS
from nnkit import explore
from nnkit.book.frame import EMPTY
from nnkit.explore import Slider, Time, positions
from nnkit.explore.kit.explorable import load
from nnkit.explore.kit.widget import Widget, style
from nnkit.palette import PALETTE

# How many frames a change of a control takes until its answer, which is there, is drawn.
FRAMES = """async (figure, operable) => {
  const control = figure.querySelector(operable);
  let frames = 0;
  let answered = false;
  figure.addEventListener("answered", () => (answered = true), { once: true });
  const { type, selectedIndex, length } = control;
  if (type === "select-one") control.selectedIndex = (selectedIndex + 1) % length;
  else if (type === "checkbox") control.checked = !control.checked;
  else control.value = control.value === control.max ? control.min : control.max;
  for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
  for (; !answered && frames < 100; frames++) await new Promise(requestAnimationFrame);
  return frames;
}"""

# Letters that are too small on the screen, and their sizes in pixels; an index may be smaller.
SMALL = """(figure) => [...figure.querySelectorAll("svg :is(text, tspan)")].flatMap((text) => {
  const size = parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a;
  return size < (text.tagName === "text" ? 11 : 8.5) ? [[text.textContent, size]] : [];
})"""
# What a notebook does with a widget's script: a model that passes messages to the kernel.
NOTEBOOK = """async ([script, spec]) => {
  const module = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  const model = {
    get: (name) => ({ spec })[name],
    on: (event, answer) => (model.answer = answer),
    send: async (question) => {
      const { content, buffers } = await askKernel(question);
      model.answer(content, buffers.map((bytes) => new DataView(Uint8Array.from(bytes).buffer)));
    },
  };
  const main = document.createElement("main");
  document.body.replaceChildren(main);
  await module.default.render({ model, el: main });
}"""


def by_mouse(control: Locator, page: Page) -> Iterator[None]:
    """Operate a control with the mouse, one step for each `yield`."""
    control.scroll_into_view_if_needed()
    box = control.bounding_box()
    assert box
    match control.evaluate("({ type }) => type"):
        case "select-one":  # the browser draws its list outside of the page
            for option in control.locator("option").all()[1:]:
                control.select_option(option.get_attribute("value"))
                yield
        case "checkbox":
            control.click()
            yield
            control.click()
            yield
        case "number":
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.mouse.click(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2 - 4)
            control.blur()
            yield
        case "range":
            for part in (0.2, 0.85, 0.5):
                page.mouse.click(box["x"] + part * box["width"], box["y"] + box["height"] / 2)
                yield
        case _:
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            page.mouse.move(x, y)
            page.mouse.down()
            for far in (1, 2):
                page.mouse.move(x + 16 * far, y - 12 * far)
                yield
            page.mouse.up()
            yield


def by_touch(control: Locator, page: Page) -> Iterator[None]:
    """Operate a control with a finger."""
    control.scroll_into_view_if_needed()
    box = control.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    match control.evaluate("({ type }) => type"):
        case "select-one":
            yield from by_mouse(control, page)
        case "checkbox":
            control.tap()
            yield
        case "number":
            control.tap()
            control.fill("1")  # the keyboard on the screen
            control.blur()
            yield
        case "range":
            for part in (0.2, 0.85, 0.5):
                page.touchscreen.tap(box["x"] + part * box["width"], middle)
                yield
        case _:
            touch = page.context.new_cdp_session(page)
            x = box["x"] + box["width"] / 2
            for kind, far in (("touchStart", 0), ("touchMove", 1), ("touchMove", 2)):
                at = [{"x": x + 16 * far, "y": middle - 12 * far}]
                touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})
                yield
            touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            yield


MEANS = {
    "mouse": (by_mouse, {}),
    "keyboard": (by_keyboard, {}),
    "touch": (by_touch, {"width": 390, "has_touch": True}),
}


@pytest.mark.parametrize("means", MEANS)
def test_each_control_is_answered_as_python_does(
    new_page: Callable[..., Page], faults: list[str], explorable: str, means: str
) -> None:
    operate, options = MEANS[means]
    page = new_page(**options)
    figure = wake(page, explorable)
    before = assert_shows_pythons_answer(explorable, figure)
    changed = set()
    for control in controls_of(figure):
        label = control.get_attribute("aria-label") or control.evaluate("(c) => c.outerHTML")
        drawn = {figure.evaluate(DRAWN)}
        for _ in operate(control, page):
            after = assert_shows_pythons_answer(explorable, figure)
            drawn.add(figure.evaluate(DRAWN))
            changed |= {
                key for key in after.controls if after.controls[key] != before.controls[key]
            }
            if after.controls == before.controls and after.time != before.time:
                changed.add("time")
            before = after
        assert len(drawn) > 1, f"{label} changes nothing"
    controls = load(explorable).controls.items()
    asked = {key: c for key, c in controls if not getattr(c, "drawn", False)}
    assert changed == {"time" if isinstance(c, Time) else key for key, c in asked.items()}
    assert faults == []


def test_link_brings_the_state_back_and_reset_the_start(
    new_page: Callable[..., Page], faults: list[str], example: str
) -> None:
    page = new_page()
    figure = wake(page, example)
    start = figure.evaluate(DRAWN)
    # What is in the drawing is looked for last, for a choice may bring other points to move.
    for find in (figure.locator(".panel").locator(OPERABLE).all, lambda: controls_of(figure)[:1]):
        for control in find():
            next(by_keyboard(control, page), None)
            settle(figure)
    link = figure.get_by_role("link", name="Link").get_attribute("href")
    query = link.partition("?")[2]
    assert query
    again = wake(new_page(), example, query)
    assert_shows_pythons_answer(example, again)
    expect(again.get_by_role("link", name="Link")).to_have_attribute("href", link)
    assert again.evaluate(DRAWN) == figure.evaluate(DRAWN)
    again.get_by_role("button", name="Reset").press("Enter")
    assert assert_shows_pythons_answer(example, again).controls == load(example).start()
    assert again.evaluate(DRAWN) == start
    assert faults == []


def test_link_to_nonsense_shows_the_start(
    new_page: Callable[..., Page], faults: list[str], example: str
) -> None:
    page = new_page()
    for link in ("x=1", "%%%", "{key}=", "{key}=nonsense", "{key}=-1e9"):
        page.goto("about:blank")  # lest only what stands behind the # changes
        query = "&".join(link.format(key=key) for key in load(example).controls)
        figure = wake(page, example, query)
        shown = assert_shows_pythons_answer(example, figure)
        assert shown.controls == load(example).start(), link
    assert faults == []


def wake_and_stop_the_clock(page: Page, name: str, link: str = "") -> Locator:
    """Wake an explorable on a page where, from then on, time moves by the test's hand alone."""
    page.clock.install(time=0)
    figure = wake(page, name, link)
    page.clock.pause_at(3600)  # later than any waking
    return figure


def test_play_runs_to_the_end_and_can_be_paused(
    new_page: Callable[..., Page], example: str
) -> None:
    page = new_page()
    figure = wake_and_stop_the_clock(page, example)
    if not any(isinstance(control, Time) for control in load(example).controls.values()):
        expect(figure.get_by_role("button", name="Play")).to_have_count(0)
        return
    last = shown(figure).time
    figure.get_by_role("button", name="Step back").click()
    assert shown(figure).time == last - 1
    figure.get_by_role("button", name="Step on").click()
    assert shown(figure).time == last
    status = figure.get_by_role("status")
    figure.get_by_role("button", name="Play").press("Enter")
    assert shown(figure).time == 0
    page.clock.run_for(1500)
    expect(status).to_have_attribute("aria-live", "off")
    figure.get_by_role("button", name="Pause").press("Space")
    expect(status).to_have_attribute("aria-live", "polite")
    paused = shown(figure).time
    assert 0 < paused < last
    page.clock.run_for(2000)
    assert assert_shows_pythons_answer(example, figure).time == paused
    figure.get_by_role("button", name="Play").click()
    expect(status).to_have_attribute("aria-live", "off")
    page.clock.run_for(15_000)
    expect(status).to_have_attribute("aria-live", "polite")
    assert assert_shows_pythons_answer(example, figure).time == last
    expect(figure.get_by_role("button", name="Play")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "link", "button"),
    [
        ("perceptron", "", "Step back"),
        ("diffusion", "", "Step back"),
        ("backprop", "step=10", "Step on"),
        ("relu", "", "A second layer that folds"),
    ],
)
def test_drawing_moves_gently_and_not_at_all_where_motion_is_unwelcome(
    new_page: Callable[..., Page], name: str, link: str, button: str
) -> None:
    def step(motion: str) -> list[str]:
        page = new_page(motion=motion)
        figure = wake_and_stop_the_clock(page, name, link)
        figure.get_by_role("switch" if name == "relu" else "button", name=button).click()
        settle(figure)
        drawn = []
        for _ in range(20):
            page.clock.run_for(50)
            drawn.append(figure.evaluate(DRAWN))
        return drawn

    still, moving = step("reduce"), step("no-preference")
    assert len(set(still)) == 1
    assert len(set(moving)) > 3
    assert still[-1] == moving[-1]


def test_no_timer_stands_between_a_control_and_its_answer(
    new_page: Callable[..., Page], example: str
) -> None:
    page = new_page()
    figure = wake_and_stop_the_clock(page, example)
    for control in controls_of(figure):
        drawn = {figure.evaluate(DRAWN)}
        for _ in by_keyboard(control, page):
            settle(figure)
            now = figure.evaluate(DRAWN)
            drawn.add(now)
            page.clock.run_for(1000)
            assert figure.evaluate(DRAWN) == now
        assert len(drawn) > 1


def test_first_answer_is_fetched_when_it_is_near_the_screen_and_not_before(
    new_page: Callable[..., Page], explorable: str
) -> None:
    page = new_page()
    page.route(f"**/{HOME}", spread_out)
    fetched: list[Response] = []
    page.on("response", lambda response: fetched.append(response))
    page.goto(HOME, wait_until="networkidle")
    assert not [response.url for response in fetched if response.url.endswith(".json")]
    figure = figure_of(page, explorable)
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("data-ready", "table")
    ours = [response for response in fetched if "/_static/explorables/" in response.url]
    weight = {
        kind: sum(len(gzip.compress(r.body())) for r in ours if r.url.endswith(kinds))
        for kind, kinds in (("scripts", (".js", ".css")), ("table", ".json"))
    }
    assert sum(response.url.endswith(".json") for response in ours) <= 2
    assert 0 < weight["scripts"] <= 60_000
    assert 0 < weight["table"] <= 150_000 - weight["scripts"]


def test_answer_that_is_there_is_drawn_within_two_frames(
    new_page: Callable[..., Page], explorable: str
) -> None:
    figure = wake(new_page(), explorable)
    first = f".panel :is({OPERABLE})"
    figure.evaluate(FRAMES, first)  # fetches the piece, if it is another one
    settle(figure)
    figure.evaluate(FRAMES, first)
    settle(figure)
    assert figure.evaluate(FRAMES, first) <= 2


def test_table_and_its_pieces_are_not_too_large(book: Path, explorable: str) -> None:
    pieces = [file.read_bytes() for file in (book / "_static/explorables" / explorable).iterdir()]
    assert 0 < sum(map(len, pieces)) <= 2_000_000
    assert max(len(gzip.compress(piece)) for piece in pieces) <= 100_000


def test_axe_finds_no_violation(
    new_page: Callable[..., Page], example: str, theme: str, width: int
) -> None:
    page = new_page(theme=theme, width=width)
    figure = wake(page, example)
    assert violations(figure) == []


def test_it_fits_a_phone(new_page: Callable[..., Page], explorable: str) -> None:
    page = new_page(width=390)
    figure = wake(page, explorable)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    article = page.locator("article").first.bounding_box()
    assert figure.locator("svg").first.bounding_box()["width"] > article["width"] - 40
    assert figure.evaluate(SMALL) == []


def test_saved_drawing_stands_alone(new_page: Callable[..., Page], example: str) -> None:
    page = new_page(theme="dark")
    figure = wake(page, example)
    count = figure.locator("svg").first.locator("*").count()
    with page.expect_download() as download:
        figure.get_by_role("button", name="Save").click()
    assert download.value.suggested_filename == f"{example}.svg"
    svg = Path(download.value.path()).read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    assert "var(" not in svg
    assert PALETTE["paper"].dark in ElementTree.fromstring(svg).get("style", "")
    page.goto("about:blank")
    image = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
    page.set_content(f'<img alt="" src="{image}">')
    assert page.locator("img").evaluate("(img) => img.decode().then(() => img.naturalWidth)") > 0
    page.set_content(svg)
    assert page.locator("svg").first.locator("*").count() == count


def test_figure_and_words_stand_without_scripts(
    new_page: Callable[..., Page], explorable: str
) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(HOME)
    figure = figure_of(page, explorable)
    example = load(explorable)
    answer = example.compute(**example.start())
    words = example.describe(answer, example.moments(answer) - 1)
    expect(figure.get_by_role("img", name=words, exact=True)).to_be_visible()
    expect(figure.get_by_text(words, exact=True)).to_be_visible()


def cut(piece: str) -> str:
    """A piece of a table whose long arrays have lost their second half."""
    return re.sub(
        r'"([\w+/=]{64,})"', lambda long: f'"{long[1][: len(long[1]) // 64 * 32]}"', piece
    )


@pytest.mark.parametrize(
    ("status", "damage", "reason"),
    [
        (404, lambda piece: "", "the table of its answers is missing"),
        (200, lambda piece: "<html>", "the table of its answers is damaged"),
        (200, lambda piece: "[]", "the table of its answers is damaged"),
        (200, lambda piece: piece.replace("A", "?"), "the table of its answers is damaged"),
        (200, cut, "the table of its answers is damaged"),
    ],
    ids=["missing", "no table", "empty", "garbled", "cut"],
)
def test_without_a_table_the_figure_stays_and_a_line_says_why(
    new_page: Callable[..., Page],
    example: str,
    status: int,
    damage: Callable[[str], str],
    reason: str,
) -> None:
    def answer(route: Route) -> None:
        route.fulfill(status=status, body=damage(route.fetch().text()))

    page = new_page()
    page.route(f"**/explorables/{example}/*.json", answer)
    page.goto(HOME)
    figure = figure_of(page, example)
    figure.scroll_into_view_if_needed()
    expect(figure.get_by_role("status")).to_contain_text(reason)
    assert figure.get_attribute("data-ready") is None
    expect(figure.get_by_role("img")).to_be_visible()


def test_kernel_answers_a_widget_exactly(
    new_page: Callable[..., Page], faults: list[str], example: str
) -> None:
    asked = []
    known = load(example)
    widget = Widget(example, known.spec(), known.compute)

    def ask(question: dict[str, Any]) -> dict[str, Any]:
        asked.append(question["controls"])
        replies = []
        widget.send = lambda content, buffers: replies.append([content, buffers])
        widget.answer(widget, question, [])
        ((content, buffers),) = replies
        return {"content": content, "buffers": [list(buffer) for buffer in buffers]}

    page = new_page()
    page.expose_function("askKernel", ask)
    page.add_init_script(REMEMBER)
    page.goto("index.html")
    page.evaluate(NOTEBOOK, [widget._esm, load(example).spec()])
    figure = page.locator("main > figure")
    expect(figure).to_have_attribute("data-ready", "kernel")
    assert asked == [load(example).start()]
    for control in controls_of(figure)[:4]:
        for _ in by_keyboard(control, page):
            seen = shown(figure)
            assert seen.controls == asked[-1]
            for key, array in load(example).compute(**seen.controls).items():
                np.testing.assert_array_equal(seen.answer[key], array)
    assert faults == []


# Python in the page that answers one explorable: others that are near would keep it busy.
ONE_ALONE = """window.explorablePython = (name, controls) =>
  name === "%s" ? pythonNow(name, controls) : new Promise(() => {});"""


def test_python_in_the_page_answers_exactly_where_a_page_offers_it(
    new_page: Callable[..., Page], example: str
) -> None:
    page = new_page()
    page.expose_function("pythonNow", lambda name, controls: load(name).packed(**controls))
    page.add_init_script(ONE_ALONE % example)
    figure = wake(page, example, runtime="browser")
    controls = load(example).controls
    for key, control in controls.items():
        if isinstance(control, Slider):
            slider = figure.get_by_label(control.label).first
            slider.press("Home")
            slider.press("ArrowRight")
            seen = shown(figure)
            whole_steps = control.whole and np.diff(positions(control)).max() == 1
            assert whole_steps or seen.controls[key] not in positions(control)
    seen = shown(figure)
    for key, array in load(example).compute(**seen.controls).items():
        np.testing.assert_array_equal(seen.answer[key], array)


def test_seed_is_a_number_of_those_there_are(new_page: Callable[..., Page]) -> None:
    def put_in(route: Route) -> None:
        spec = load("neuron").spec()
        spec["controls"]["b"] = {"kind": "seed", "label": "Seed", "grid": [*range(17)], "start": 8}
        page = BeautifulSoup(route.fetch().text(), "html.parser")
        page.select_one("[data-explorable=neuron]")["data-spec"] = json.dumps(spec)
        route.fulfill(body=str(page), content_type="text/html; charset=utf-8")

    page = new_page()
    page.route(f"**/{HOME}", put_in)
    figure = wake(page, "neuron")
    seed = figure.get_by_label("Seed (0 to 16)", exact=True)
    for text, expected in (("3", 3), ("", 3), ("17", 3), ("2.5", 3), ("0", 0)):
        seed.fill(text)
        seed.blur()
        expect(seed).to_have_value(str(expected))
        seen = shown(figure)
        assert seen.controls["b"] == expected
        answer = load("neuron").compute(
            w=seen.controls["w"], b=positions(load("neuron").controls["b"])[expected]
        )
        np.testing.assert_allclose(seen.answer["a"], answer["a"], atol=1e-9)


@pytest.mark.parametrize(
    ("around", "theme_there"),
    [
        ("<body>", "light"),
        ('<body data-jp-theme-light="true">', "light"),
        ('<body data-jp-theme-light="false">', "dark"),
        ('<html theme="dark"><body>', "dark"),
        ('<body class="vscode-dark">', "dark"),
        ('<body class="vscode-high-contrast">', "dark"),
        ('<body class="vscode-high-contrast vscode-high-contrast-light">', "light"),
    ],
)
def test_widget_is_dark_where_the_notebook_is(
    new_page: Callable[..., Page], around: str, theme_there: str
) -> None:
    page = new_page()
    page.set_content(f'<!doctype html>{around}<style>{style()}</style><p class="explorable">Words')
    paper = page.locator("p").evaluate("(p) => getComputedStyle(p).getPropertyValue('--paper')")
    assert paper == getattr(PALETTE["paper"], theme_there)


def test_slider_with_marks_rests_at_them_and_a_smooth_one_moves_freely(
    new_page: Callable[..., Page],
) -> None:
    figure = wake(new_page(), "neuron", "w=1.5")
    weight, bias = (figure.get_by_label(label) for label in ("Weight w", "Bias b"))
    assert weight.get_attribute("list") is None
    marks = bias.evaluate("({ list }) => Array.from(list.options, ({ value }) => Number(value))")
    assert marks == list(range(len(positions(load("neuron").controls["b"]))))
    assert (weight.get_attribute("step"), bias.get_attribute("step")) == ("any", "1")
    assert weight.get_attribute("aria-valuetext") == "1.5"
    expect(figure.locator(".value").first).to_have_text("1.5")
    weight.press("ArrowRight")
    assert positions(load("neuron").controls["w"])[19] < shown(figure).controls["w"] < 2
    assert weight.get_attribute("aria-valuetext") == "1.66, interpolated"
    expect(figure.locator(".value").first).to_have_text("≈ 1.66")


def test_value_between_two_of_the_table_is_interpolated(new_page: Callable[..., Page]) -> None:
    compute = load("neuron").compute
    figure = wake(new_page(), "neuron", "w=1.6&b=-3")
    expected = 0.8 * compute(w=1.5, b=-3)["a"] + 0.2 * compute(w=2, b=-3)["a"]
    assert np.abs(expected - compute(w=1.6, b=-3)["a"]).max() > 1e-4
    np.testing.assert_allclose(shown(figure).answer["a"], expected, atol=1e-6)
    check_neuron(figure, shown(figure))


def test_link_between_two_marks_leads_to_the_nearer(new_page: Callable[..., Page]) -> None:
    figure = wake(new_page(), "neuron", "w=1.6&b=-2.7")
    assert shown(figure).controls == {"w": 1.6, "b": -3}


def test_missing_piece_of_the_table_is_said_and_asked_for_again(
    new_page: Callable[..., Page],
) -> None:
    page = new_page()
    figure = wake(page, "neuron")
    drawn = figure.evaluate(DRAWN)
    page.route("**/neuron/0.json", lambda route: route.fulfill(status=404))
    figure.get_by_label("Weight w").press("Home")
    expect(figure.get_by_role("status")).to_have_text(
        "This could not be computed: the table of its answers is missing."
    )
    assert figure.evaluate(DRAWN) == drawn
    page.unroute("**/neuron/0.json")
    figure.get_by_label("Bias b").press("ArrowRight")
    assert assert_shows_pythons_answer("neuron", figure).controls == {"w": -8, "b": 1}


def test_figure_says_that_it_computes_until_the_answer_comes(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.clock.install(time=0)
    held: list[Route] = []
    page.route("**/neuron/*.json", lambda route: held.append(route))
    page.route(f"**/{HOME}", spread_out)
    page.goto(HOME)
    page.clock.pause_at(3600)
    figure = figure_of(page, "neuron")
    figure.scroll_into_view_if_needed()
    said = figure.get_by_role("status")
    expect(figure.get_by_role("img")).to_be_visible()
    while not held:
        page.wait_for_timeout(50)
    page.clock.run_for(250)
    expect(said).to_have_count(0)
    page.clock.run_for(100)
    expect(said).to_have_text("Computing …")
    held.pop().continue_()
    expect(figure).to_have_attribute("data-ready", "table")
    expect(said).not_to_have_text("Computing …")
    figure.get_by_label("Weight w").press("Home")
    while not held:
        page.wait_for_timeout(50)
    page.clock.run_for(400)
    expect(said).to_have_text("Computing …")
    held.pop().fulfill(status=500, body="Piece 0 of neuron failed: ValueError: no")
    expect(said).to_have_text("This could not be computed: its answers could not be computed.")


def test_piece_that_was_cut_on_its_way_is_asked_for_again(new_page: Callable[..., Page]) -> None:
    page = new_page()
    figure = wake(page, "neuron")
    page.route("**/neuron/0.json", lambda route: route.fulfill(body="[1, 2"))
    figure.get_by_label("Weight w").press("Home")
    expect(figure.get_by_role("status")).to_contain_text("the table of its answers is damaged")
    page.unroute("**/neuron/0.json")
    figure.get_by_label("Bias b").press("ArrowRight")
    assert assert_shows_pythons_answer("neuron", figure).controls == {"w": -8, "b": 1}


def test_play_ends_where_an_answer_cannot_be_had(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.clock.install()
    figure = wake(page, "playground")
    figure.get_by_role("button", name="Play").click()
    page.route("**/playground/*.json", lambda route: route.fulfill(status=404))
    figure.get_by_label("Data").select_option("moons")
    expect(figure.get_by_role("status")).to_contain_text("could not be computed")
    expect(figure.get_by_role("button", name="Play")).to_be_visible()
    expect(figure.get_by_role("status")).to_have_attribute("aria-live", "polite")


def test_link_to_the_start_leads_back_to_it(new_page: Callable[..., Page]) -> None:
    page = new_page()
    figure = wake(page, "neuron")
    start = shown(figure).controls
    link = figure.get_by_role("link", name="Link")
    link.click()
    figure.get_by_label("Weight w").press("Home")
    settle(figure)
    link.click()
    assert shown(figure).controls != start
    page.go_back()
    expect(link).to_have_attribute("href", "#neuron?")
    assert shown(figure).controls == start


def test_example_of_how_to_add_one_is_shown_whole_and_is_short(
    parse: Callable[[str], BeautifulSoup],
) -> None:
    blocks = parse("adding.html").select(".highlight-python pre, .highlight-javascript pre")
    code = [block.get_text() for block in blocks]
    folder = Path(explore.__file__).parent
    assert code == [(folder / name).read_text("utf-8") for name in ("neuron.py", "neuron.js")]
    assert sum(1 for line in "".join(code).splitlines() if line) <= 60


# Chapters that open with an explorable, and which one that is.
OPENED = {
    "chapters/perceptron.html": "perceptron",
    "chapters/backprop.html": "backprop",
    "chapters/gradients.html": "signal",
    "chapters/diffusion.html": "diffusion",
}


def test_landing_page_begins_with_a_network_that_learns(
    new_page: Callable[..., Page], width: int
) -> None:
    page = new_page(width=width)
    page.goto("index.html")
    beginning = page.locator("article h1 + p.lead + figure")
    expect(beginning).to_have_attribute("data-explorable", "playground")
    beginning.scroll_into_view_if_needed()
    expect(beginning).to_have_attribute("data-ready", "table")


def test_landing_page_shows_what_the_network_learned_on_the_first_screen(
    new_page: Callable[..., Page],
) -> None:
    page = new_page()
    page.goto("index.html")
    expect(page.locator("figure[data-ready=table] .surface")).to_be_in_viewport(ratio=0.75)
    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize(("chapter_page", "name"), OPENED.items())
def test_chapter_shows_its_explorable_before_its_first_section(
    parse: Callable[[str], BeautifulSoup], chapter_page: str, name: str
) -> None:
    met = parse(chapter_page).select_one("article h2, article figure[data-explorable]")
    assert met.get("data-explorable") == name


def test_gallery_holds_every_explorable_once() -> None:
    views = Path(explore.__file__).parent.glob("*.js")
    modules = [view.stem for view in views if EMPTY not in view.read_text(encoding="utf-8")]
    assert sorted(PARAMETERS["explorable"]) == sorted(modules)
