"""Nothing on any page is known to stand in the way of assistive technology."""

from collections.abc import Callable

from axe import violations
from playwright.sync_api import Page

# axe passes over an id that stands twice where nothing refers to it.
REPEATED_IDS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  return ids.filter((id, position) => ids.indexOf(id) !== position);
}"""


def test_page_has_no_violation_that_axe_finds(
    new_page: Callable[..., Page], path: str, width: int
) -> None:
    page = new_page(width=width, unfolded=True)
    page.goto(path)
    assert violations(page.locator("html")) == []
    assert page.evaluate(REPEATED_IDS) == []


def test_page_can_be_read_in_the_dark(new_page: Callable[..., Page], path: str, width: int) -> None:
    page = new_page(theme="dark", width=width, unfolded=True)
    page.goto(path)
    assert violations(page.locator("html"), "color-contrast", "link-in-text-block") == []
