"""axe, which finds what is known to stand in the way of assistive technology."""

from pathlib import Path

from playwright.sync_api import Locator

SCRIPT = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text("utf-8")
RUN = """async (part) => {
  const { violations } = await axe.run(part, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\\n${failureSummary}`));
}"""


def violations(part: Locator) -> list[str]:
    """What axe finds in a part of a page: the rule, the element and what is wrong with it."""
    part.page.evaluate(SCRIPT)
    found: list[str] = part.evaluate(RUN)
    return found
