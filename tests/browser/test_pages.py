"""Each page is opened once in each theme and width, and asked all that is asked of every page."""

import gzip
import statistics
from typing import Any

import pytest
from axe import violations
from playwright.sync_api import Page, expect
from visits import Visit, rgb

from nnkit.palette import PALETTE

LIMIT = 350_000  # bytes of a first load
# Where the Tab key itself is pressed: the pages that between them have whatever takes keys.
KEYBOARD = ("index.html", "gallery.html", "chapters/perceptron.html")

LINES = """() => {
  // Numbers of characters in the lines of plain paragraphs, without each one's last line
  const lines = [];
  const range = document.createRange();
  for (const paragraph of document.querySelectorAll(".bd-article section > p:not(.lead)")) {
    if (paragraph.querySelector(".math")) continue;
    const own = [];
    let bottom = -Infinity;
    const texts = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    while (texts.nextNode())
      for (let i = 0; i < texts.currentNode.length; i++) {
        range.setStart(texts.currentNode, i);
        range.setEnd(texts.currentNode, i + 1);
        const box = range.getBoundingClientRect();
        if (!box.width) continue;
        if (box.top > bottom) {
          own.push(0);
          bottom = box.bottom - 2;
        }
        own[own.length - 1]++;
      }
    lines.push(...own.slice(0, -1));
  }
  return lines;
}"""

FORMULAS = """() => [...document.querySelectorAll("span.math")].map((formula) => {
  // A formula's origin and unit on the screen, beside the text's own: a box without height or
  // width stands on the baseline. They share a box that cannot break.
  const drawing = formula.querySelector("svg");
  const scale = drawing.getScreenCTM().a * 1000;
  const line = document.createElement("span");
  line.style = "display: inline-block; white-space: nowrap";
  const foot = document.createElement("span");
  foot.style = "display: inline-block";
  const copy = drawing.cloneNode(true);
  line.append(foot, copy);
  formula.append(line);
  const origin = new DOMPoint(0, 0).matrixTransform(copy.getScreenCTM());
  const measured = {
    tex: formula.querySelector("math").textContent,
    offset: origin.y - foot.getBoundingClientRect().bottom,
    size: scale / parseFloat(getComputedStyle(formula).fontSize),
  };
  line.remove();
  return measured;
})"""

# Inline formulas whose punctuation stands on another line than they do.
TORN = r"""() => [...document.querySelectorAll("article span.math")].flatMap((formula) => {
  const drawing = formula.querySelector("svg").getBoundingClientRect();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const torn = (walk, at, marks) => {
    texts.currentNode = formula;
    while (texts[walk]() && formula.contains(texts.currentNode));
    const text = texts.currentNode;
    if (!marks.test(text.data.at(at))) return [];
    const letter = document.createRange();
    letter.setStart(text, at < 0 ? text.length - 1 : 0);
    letter.setEnd(text, at < 0 ? text.length : 1);
    const { top, bottom } = letter.getBoundingClientRect();
    return top < drawing.bottom && bottom > drawing.top ? [] : [text.data];
  };
  return [...torn("previousNode", -1, /[(\[“]/), ...torn("nextNode", 0, /[.,;:!?)\]”’]/)];
})"""

SIDEWAYS = """() => [...document.querySelectorAll("article *")]
  .filter((box) => box.scrollWidth > box.clientWidth + 1)
  .filter((box) => ["auto", "scroll"].includes(getComputedStyle(box).overflowX))
  .map((box) => box.textContent.trim().slice(0, 80))"""

LOADED = """async () => {
  await document.fonts.ready;
  return [...document.fonts].filter((font) => font.status === "loaded")
    .map((font) => `${font.family.replaceAll('"', "")}, ${font.style}`);
}"""

FIGURE_COLOURS = r"""() => (
  // What each palette name that is used in a figure comes out as
  [...document.querySelectorAll(".cell_output svg *")].flatMap((element) =>
    ["fill", "stroke"].flatMap((property) => {
      const set = element.style[property] || element.getAttribute(property);
      const name = set?.match(/^var\(--(\w+)/)?.[1];
      return name ? [[name, getComputedStyle(element)[property]]] : [];
    }))
)"""

# axe passes over an id that stands twice where nothing refers to it.
REPEATED_IDS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  return ids.filter((id, position) => ids.indexOf(id) !== position);
}"""

# Numbers what can be operated and is shown, in the order of the document; from then on writes down
# what comes into focus and whether it shows that it does. Radio buttons of one name are one stop,
# and a block of code is one where it has to be scrolled.
WATCH = """() => {
  const operated = "a[href], button, input, select, summary, [tabindex='0'], pre";
  window.shown = [...document.querySelectorAll(operated)].filter((element) =>
    element.checkVisibility({ visibilityProperty: true })
    && (element.type !== "radio" || element === element.form.elements[element.name][0])
    && (element.tagName !== "PRE" || element.scrollWidth > element.clientWidth));
  window.focused = [];
  document.addEventListener("focusin", ({ target }) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(target);
    const box = target.getBoundingClientRect();
    focused.push({
      number: shown.indexOf(target),
      element: target.outerHTML.slice(0, 200),
      outlined: outlineStyle === "solid" && parseFloat(outlineWidth) >= 2,
      opaque: target.checkVisibility({ opacityProperty: true, visibilityProperty: true }),
      on_screen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    });
  });
  return shown.map((element) => element.outerHTML.slice(0, 200));
}"""


# The order is that of a visit: what it loads, how it looks, then what changes the page.


@pytest.mark.visits(theme="light", width=1400)
def test_first_load_of_a_page_is_light(visit: Visit) -> None:
    bodies = {response.url: response.body() for response in visit.loaded}
    # What is compressed already (a font, a photograph) does not become smaller.
    sizes = {url: min(len(body), len(gzip.compress(body))) for url, body in bodies.items()}
    total = sum(sizes.values())
    assert total <= LIMIT, f"{visit.path} weighs {total / 1000:.0f} KB: {sizes}"


def wake_all(page: Page) -> None:
    """Bring all explorables to the screen, and wait until they have their controls."""
    for explorable in page.locator(".explorable").all():
        explorable.scroll_into_view_if_needed()
        expect(explorable).to_have_attribute("data-ready", "table")


def test_theme_is_known_before_the_page_is_drawn(visit: Visit) -> None:
    assert visit.page.evaluate("firstTheme") == visit.theme
    assert visit.background() == rgb(getattr(PALETTE["paper"], visit.theme))


def test_page_loads_from_here_alone_and_without_a_fault(visit: Visit) -> None:
    wake_all(visit.page)
    assert visit.faults == []


@pytest.mark.visits(width=390)
def test_phone_does_not_scroll_sideways(visit: Visit) -> None:
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.visits(theme="light", width=1400)
def test_nothing_scrolls_sideways_on_a_wide_screen(visit: Visit) -> None:
    assert visit.page.evaluate(SIDEWAYS) == []


@pytest.mark.visits(theme="light", chapters=True)
def test_formula_and_its_punctuation_stand_on_one_line(visit: Visit) -> None:
    assert visit.page.evaluate(TORN) == []


@pytest.mark.visits(theme="light", width=1400, chapters=True)
def test_lines_have_the_length_of_a_books(visit: Visit) -> None:
    lines = visit.page.evaluate(LINES)
    assert len(lines) >= 5
    assert 60 <= statistics.median(lines) <= 75, lines


@pytest.mark.visits(theme="light", chapters=True)
def test_formulas_stand_on_the_line_in_the_size_of_the_text(visit: Visit) -> None:
    formulas = visit.page.evaluate(FORMULAS)
    assert len(formulas) >= 5
    for formula in formulas:
        assert formula["offset"] == pytest.approx(0, abs=0.5), formula
        assert formula["size"] == pytest.approx(1, abs=0.05), formula


@pytest.mark.visits(theme="light", width=1400, chapters=True)
def test_text_formulas_and_code_are_set_in_the_books_own_fonts(visit: Visit) -> None:
    assert sorted(visit.page.evaluate(LOADED)) == [
        "STIX Two Text, italic",
        "STIX Two Text, normal",
        "Source Code Pro, normal",
    ]


@pytest.mark.visits(width=1400, chapters=True)
def test_figures_take_the_colours_of_the_theme(visit: Visit) -> None:
    drawn = visit.page.evaluate(FIGURE_COLOURS)
    if visit.page.locator(".cell_output svg[role=img]").count():
        assert {name for name, _ in drawn} & {"data", "model", "gradient", "validation"}
    wrong = [
        (name, colour)
        for name, colour in drawn
        if colour != rgb(getattr(PALETTE[name], visit.theme))
    ]
    assert wrong == []


CONTRAST = ("color-contrast", "link-in-text-block")

# Contrast is asked of each element, which takes the longest by far. So of the words of code in one
# colour some are kept, of two letters or more, for axe passes over single ones and over what a page
# has to be scrolled for; drawings and what is only spoken are left out.
THIN = """() => {
  const colours = {};
  for (const word of document.querySelectorAll("pre span:not(:has(*))")) {
    const longer = word.textContent.length > 1;
    if (longer) colours[word.className] = (colours[word.className] ?? 0) + 1;
    if (!longer || colours[word.className] > 20) word.replaceWith(word.textContent);
  }
  const drawn = "svg[aria-hidden], math, .cell_output svg:not(.explorable svg)";
  for (const drawing of document.querySelectorAll(drawn)) drawing.replaceChildren();
}"""


@pytest.mark.visits(theme="light")
def test_page_has_no_violation_that_axe_finds(visit: Visit) -> None:
    assert violations(visit.page.locator("html"), without=CONTRAST) == []
    assert visit.page.evaluate(REPEATED_IDS) == []


@pytest.mark.visits(width=390)
def test_words_stand_out_from_their_ground(visit: Visit) -> None:
    visit.page.evaluate(THIN)
    assert violations(visit.page.locator("html"), *CONTRAST) == []


def watch(visit: Visit) -> list[str]:
    """Have a page, as it is when it is opened, write down what is focused; return what can be."""
    page = visit.page
    page.goto("about:blank")  # a page that is opened again keeps its place, and this one should not
    page.goto(visit.path)
    wake_all(page)
    elements: list[str] = page.evaluate(WATCH)
    return elements


def assert_seen(focused: list[dict[str, Any]]) -> None:
    unseen = [
        stop["element"]
        for stop in focused
        if not (stop["outlined"] and stop["opaque"] and stop["on_screen"])
    ]
    assert unseen == []


@pytest.mark.visits(theme="light")
def test_focus_is_seen_on_everything_and_goes_in_the_order_of_the_page(visit: Visit) -> None:
    elements = watch(visit)
    visit.page.evaluate("shown.forEach((element) => element.focus({ focusVisible: true }))")
    focused = visit.page.evaluate("focused")
    assert [stop["number"] for stop in focused] == list(range(len(elements)))
    assert_seen(focused)
    assert visit.page.locator("[tabindex]:not([tabindex='0'], [tabindex='-1'])").count() == 0


@pytest.mark.visits(theme="light", of=KEYBOARD)
def test_tab_reaches_everything_visibly_and_comes_round(visit: Visit) -> None:
    elements = watch(visit)
    page = visit.page
    for _ in range(len(elements) + 2):  # once round; at the end the browser's own controls come
        page.keyboard.press("Tab")
    focused = page.evaluate("focused")
    assert_seen(focused)
    assert [stop["element"] for stop in focused if stop["number"] < 0] == []
    numbers = [stop["number"] for stop in focused]
    assert sorted(set(numbers)) == list(range(len(elements)))
    assert numbers[len(elements)] == numbers[0]
    assert "Skip to main content" in elements[numbers[0]]


@pytest.mark.visits(theme="light", width=1400)
def test_paper_shows_the_text_and_no_navigation(visit: Visit) -> None:
    page = visit.page
    page.emulate_media(media="print")
    around = page.locator("nav, button, footer, .skip-link, a.headerlink, [class*=sidebar]")
    assert around.count() > 5
    expect(around.filter(visible=True)).to_have_count(0)
    expect(page.get_by_role("heading", level=1).filter(visible=True)).to_have_count(1)
