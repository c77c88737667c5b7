"""The page and its figures are light or dark as the reader wishes, from the first paint on."""

from collections.abc import Callable

from playwright.sync_api import Page
from visits import rgb

from nnkit.palette import PALETTE

# Writes down the theme at the moment the body appears, before any of it is drawn.
FIRST_THEME = """
new MutationObserver((_, observer) => {
  if (!document.body) return;
  window.firstTheme = document.documentElement.dataset.theme;
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });
"""


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_theme_is_switched_by_keyboard_and_remembered(new_page: Callable[..., Page]) -> None:
    page = new_page(theme="light")
    page.add_init_script(FIRST_THEME)
    page.goto("notation.html")
    page.get_by_role("button", name="light/dark").focus()
    page.keyboard.press("Enter")
    assert background(page) == rgb(PALETTE["paper"].dark)

    page.reload()
    assert page.evaluate("firstTheme") == "dark"
    page.goto("index.html")
    assert page.evaluate("firstTheme") == "dark"
    assert background(page) == rgb(PALETTE["paper"].dark)
