"""Nothing on any page is known to stand in the way of assistive technology."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")

VIOLATIONS = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\\n${failureSummary}`));
}"""

REPEATED = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  return ids.filter((id, position) => ids.indexOf(id) !== position);
}"""


def test_page_has_no_violation_that_axe_finds(
    new_page: Callable[..., Page], path: str, theme: str, width: int
) -> None:
    page = new_page(theme=theme, width=width, unfolded=True)
    page.goto(path)
    page.evaluate(AXE)
    assert page.evaluate(VIOLATIONS) == []


def test_ids_are_unique(new_page: Callable[..., Page], path: str) -> None:
    page = new_page()
    page.goto(path)
    assert page.evaluate(REPEATED) == []
