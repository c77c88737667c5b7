"""What is drawn for the eye is also said: formulas, figures and icons in the pages' markup."""

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup

from nnkit.book.theme import ICONS

CHAPTERS = Path(__file__).parents[2] / "chapters"

Parse = Callable[[str], BeautifulSoup]


def test_formulas_are_drawn_for_the_eye_and_written_as_mathml(parse: Parse, chapter: str) -> None:
    formulas = parse(chapter).select(".math")
    assert len(formulas) >= 5
    for formula in formulas:
        drawing, mathml = formula.svg, formula.math
        assert drawing
        assert drawing["aria-hidden"] == "true"
        assert drawing.select("use[href], rect"), "an empty drawing"
        assert mathml
        assert mathml.get_text(strip=True)


def test_every_outline_that_is_used_is_there(parse: Parse, path: str) -> None:
    page = parse(path)
    ids = {tag["id"] for tag in page.find_all(id=True)}
    used = {str(tag["href"]).removeprefix("#") for tag in page.select("use[href]")}
    clips = set(re.findall(r"url\(#([^)]+)\)", str(page)))
    assert used | clips <= ids


def test_figures_say_what_is_seen(parse: Parse, chapter: str) -> None:
    notebook = nbformat.read(CHAPTERS / Path(chapter).with_suffix(".ipynb").name, as_version=4)
    drawing = [cell for cell in notebook.cells if "mystnb" in cell.metadata]
    figures = parse(chapter).select(".cell_output svg:not(svg svg), .cell_output img")
    assert len(figures) >= len(drawing)
    for figure in figures:
        assert len(str(figure.get("aria-label") or figure.get("alt") or "")) >= 20, figure


def test_every_icon_has_a_drawing(book: Path, path: str) -> None:
    # In the text, for the theme's scripts write buttons that the parser does not see.
    written = re.findall(r"<(?:i|span) class=\"([^\"]*\bfa-[^\"]*)\"", (book / path).read_text())
    assert written
    for classes in written:
        assert ICONS.keys() & set(classes.split()), classes
