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
    new_page: Callable[..., Page], path: str, theme: str, width: int
) -> None:
    page = new_page(theme=theme, width=width, unfolded=True)
    page.goto(path)
    assert violations(page.locator("html")) == []
    assert page.evaluate(REPEATED_IDS) == []
