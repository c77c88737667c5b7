"""axe, which finds what is known to stand in the way of assistive technology."""

from pathlib import Path

from playwright.sync_api import Locator

SCRIPT = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text("utf-8")
RUN = """async (part, [only, without]) => {
  const runOnly = only.length ? { runOnly: only } : {};
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  const { violations } = await axe.run(part, { resultTypes: ["violations"], rules, ...runOnly });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\\n${failureSummary}`));
}"""


def violations(part: Locator, *only: str, without: tuple[str, ...] = ()) -> list[str]:
    """What axe finds in a part of a page: the rule, the element and what is wrong with it.

    All its rules are looked at unless some are named, or named as those to leave out.
    """
    part.page.evaluate(SCRIPT)
    found: list[str] = part.evaluate(RUN, [only, without])
    return found
