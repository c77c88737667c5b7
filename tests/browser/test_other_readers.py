"""A page is whole on paper, and without scripts."""

from collections.abc import Callable

from bs4 import BeautifulSoup
from playwright.sync_api import Page

from nnkit.palette import PALETTE


def test_paper_shows_what_is_folded(new_page: Callable[..., Page], chapter: str) -> None:
    page = new_page()
    page.goto(chapter)
    folded = page.locator("main details > :not(summary)")
    shown = "(parts) => parts.map((part) => part.checkVisibility())"
    assert folded.count() >= 2
    assert not any(folded.evaluate_all(shown))
    page.emulate_media(media="print")
    assert all(folded.evaluate_all(shown))


def test_paper_is_light(new_page: Callable[..., Page]) -> None:
    page = new_page(theme="dark")
    page.goto("notation.html")
    page.emulate_media(media="print")
    ink = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink')")
    assert ink == PALETTE["ink"].light


def test_text_formulas_and_figures_need_no_scripts(
    new_page: Callable[..., Page], parse: Callable[[str], BeautifulSoup], chapter: str, width: int
) -> None:
    page = new_page(width=width, java_script_enabled=False)
    page.goto(chapter)
    figures = [".cell_output svg[role=img]"] if parse(chapter).select(".cell_output svg") else []
    for part in ("h1", "p", ".math svg", ".cell_input pre", *figures):
        boxes = (
            page.locator(f".bd-article {part}")
            .filter(visible=True)
            .evaluate_all(
                "(elements) => elements.map((element) => element.getBoundingClientRect().toJSON())"
            )
        )
        assert boxes
        assert all(box["width"] > 1 and box["height"] > 1 for box in boxes)
