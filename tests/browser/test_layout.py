"""Text is set as in a book: its measure, its fonts, and formulas that are part of the line."""

import statistics
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

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


def test_phone_does_not_scroll_sideways_and_on_a_wide_screen_nothing_does(
    new_page: Callable[..., Page], path: str
) -> None:
    page = new_page(width=390, unfolded=True)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1400, "height": 850})
    assert page.evaluate(SIDEWAYS) == []


def test_formula_and_its_punctuation_stand_on_one_line(
    new_page: Callable[..., Page], chapter: str, width: int
) -> None:
    page = new_page(width=width, unfolded=True)
    page.goto(chapter)
    assert page.evaluate(TORN) == []


def test_lines_have_the_length_of_a_books(new_page: Callable[..., Page], chapter: str) -> None:
    page = new_page(unfolded=True)
    lines = []
    for path in ("index.html", chapter):
        page.goto(path)
        lines += page.evaluate(LINES)
    assert len(lines) >= 5
    assert 60 <= statistics.median(lines) <= 75, lines


def test_formulas_stand_on_the_line_in_the_size_of_the_text(
    new_page: Callable[..., Page], chapter: str, width: int
) -> None:
    page = new_page(width=width, unfolded=True)
    for path in (chapter, "notation.html"):
        page.goto(path)
        formulas = page.evaluate(FORMULAS)
        assert len(formulas) >= 5
        for formula in formulas:
            assert formula["offset"] == pytest.approx(0, abs=0.5), formula
            assert formula["size"] == pytest.approx(1, abs=0.05), formula


def test_text_formulas_and_code_are_set_in_the_books_own_fonts(
    new_page: Callable[..., Page], chapter: str
) -> None:
    page = new_page()
    page.goto(chapter)
    assert sorted(page.evaluate(LOADED)) == [
        "STIX Two Text, italic",
        "STIX Two Text, normal",
        "Source Code Pro, normal",
    ]


def test_fonts_are_light(book: Path) -> None:
    sizes = {font.name: font.stat().st_size for font in book.glob("_static/fonts/*")}
    assert len(sizes) == 3
    assert sum(sizes.values()) <= 60_000, sizes
