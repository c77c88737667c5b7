"""All of a page can be reached and used with the keyboard alone."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_first_tab_offers_to_skip_to_the_text(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto("index.html")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to main content")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)


def test_search_opens_by_keyboard_and_finds_the_chapter(
    new_page: Callable[..., Page], faults: list[str], width: int
) -> None:
    page = new_page(width=width)
    page.goto("index.html")
    page.get_by_role("button", name="Search").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("perceptron")
    page.keyboard.press("Enter")
    result = page.locator("#search-results").get_by_role("link", name="The perceptron", exact=True)
    expect(result).to_be_visible()
    page.wait_for_load_state("networkidle")  # excerpts are fetched; leaving would cut that short
    result.press("Enter")
    page.wait_for_url(re.compile("/chapters/perceptron.html"))
    assert faults == []


def test_a_search_can_be_changed_by_keyboard(
    new_page: Callable[..., Page], faults: list[str]
) -> None:
    page = new_page()
    page.goto("search.html?q=nowhere")
    page.keyboard.press("Control+k")
    field = page.locator("main").get_by_role("searchbox")
    expect(field).to_be_focused()
    field.fill("notation")
    page.keyboard.press("Enter")
    expect(page.locator("#search-results").get_by_role("link", name="Notation")).to_be_visible()
    assert faults == []


def test_folds_open_and_close_by_keyboard(new_page: Callable[..., Page], chapter: str) -> None:
    page = new_page()
    page.goto(chapter)
    kinds = ("details:not([class])", "details.hide")  # one written in the text, a solution
    folds = [page.locator(f"main {kind}").first for kind in kinds]
    there = [fold for fold in folds if fold.count()]
    assert there
    for fold in there:
        content = fold.locator("> :not(summary)").first
        expect(content).to_be_hidden()
        fold.locator("> summary").press("Enter")
        expect(content).to_be_visible()
        fold.locator("> summary").press("Space")
        expect(content).to_be_hidden()


def test_menus_open_and_close_by_keyboard(new_page: Callable[..., Page], chapter: str) -> None:
    page = new_page()
    page.goto(chapter)
    page.get_by_role("button", name="Launch interactive content").press("Enter")
    link = page.get_by_role("link", name="Colab")
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()


def test_phone_opens_the_contents_with_a_button(new_page: Callable[..., Page]) -> None:
    page = new_page(width=390)
    page.goto("index.html")
    contents = page.get_by_role("navigation", name="Main").get_by_role("link", name="Notation")
    expect(contents).to_be_hidden()
    button = page.get_by_role("button", name="Toggle primary sidebar")
    button.press("Enter")
    expect(contents).to_be_in_viewport()
    expect(page.locator(".bd-sidebar-primary :focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(contents).to_be_hidden()
    expect(button).to_be_focused()
