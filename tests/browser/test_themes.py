"""The page and its figures are light or dark as the reader wishes, from the first paint on."""

from collections.abc import Callable

from playwright.sync_api import Page

from nnkit.palette import PALETTE

FIGURE_COLOURS = r"""() => (
  // What each palette name that is used in a figure comes out as
  [...document.querySelectorAll(".cell_output svg *")].flatMap((element) =>
    ["fill", "stroke"].flatMap((property) => {
      const set = element.style[property] || element.getAttribute(property);
      const name = set?.match(/^var\(--(\w+)/)?.[1];
      return name ? [[name, getComputedStyle(element)[property]]] : [];
    }))
)"""

# Writes down the theme at the moment the body appears, before any of it is drawn.
FIRST_THEME = """
new MutationObserver((_, observer) => {
  if (!document.body) return;
  window.firstTheme = document.documentElement.dataset.theme;
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });
"""


def rgb(colour: str) -> str:
    """A colour `#rrggbb` as browsers write it."""
    return f"rgb({', '.join(str(part) for part in bytes.fromhex(colour[1:]))})"


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_figures_take_the_colours_of_the_theme(
    new_page: Callable[..., Page], chapter: str, theme: str
) -> None:
    page = new_page(theme=theme, unfolded=True)
    page.goto(chapter)
    drawn = page.evaluate(FIGURE_COLOURS)
    if page.locator(".cell_output svg[role=img]").count():
        assert {name for name, _ in drawn} & {"data", "model", "gradient", "validation"}
    wrong = [
        (name, colour) for name, colour in drawn if colour != rgb(getattr(PALETTE[name], theme))
    ]
    assert wrong == []


def test_theme_is_known_before_the_page_is_drawn(
    new_page: Callable[..., Page], path: str, theme: str
) -> None:
    page = new_page(theme=theme)
    page.add_init_script(FIRST_THEME)
    page.goto(path)
    assert page.evaluate("firstTheme") == theme
    assert background(page) == rgb(getattr(PALETTE["paper"], theme))


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
