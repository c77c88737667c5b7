"""Set every formula while the book is built, with MathJax, and ship the result.

MathJax itself weighs more than a whole page of this book. So it runs once, here, and a page gets
each formula twice: drawn, for the eye, and as MathML that is visually hidden, for screen readers
and for copying. The outlines of the letters stand once on each page, whatever the number of
formulas that use them.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


class Setter:
    """MathJax in a process of its own that sets one formula at a time."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.outlines: dict[str, str] = {}

    def set(self, tex: str, display: bool) -> str:
        """Set a formula.

        Parameters
        ----------
        tex : str
            The formula in LaTeX, without delimiters.
        display : bool
            Whether it stands on a line of its own.

        Returns
        -------
        str
            HTML: the drawing, which refers to `outlines` by id, and the hidden MathML.

        Raises
        ------
        ValueError
            MathJax cannot read the formula; the message is MathJax's.
        """
        if self.process is None:
            self.process = subprocess.Popen(
                [shutil.which("node") or "node", str(Path(__file__).with_name("formulas.mjs"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps({"tex": tex, "display": display}), file=self.process.stdin, flush=True)
        if not (line := self.process.stdout.readline()):
            status = self.process.wait()
            raise RuntimeError(f"formulas.mjs ended with status {status}: is node_modules there?")
        answer = json.loads(line)
        if "error" in answer:
            raise ValueError(f"{answer['error']} in the formula {tex}")
        return self._drawing(answer["svg"]) + self._mathml(answer["mathml"])

    def _drawing(self, svg: str) -> str:
        """Move the outlines out of the drawing and drop what only MathJax's menus need."""
        svg = re.sub(r'(id="|href="#)MJX-\d+-', r"\1", svg)
        for name, outline in re.findall(r'<path id="([^"]+)" d="([^"]*)"></path>', svg):
            self.outlines[name] = outline
        svg = re.sub(r"<defs>.*?</defs>", "", svg, flags=re.DOTALL)
        svg = re.sub(
            r' (?:data-[a-z-]+|role|xmlns(?::xlink)?|stroke|stroke-width)="[^"]*"', "", svg
        )
        svg = svg.replace("xlink:href", "href")
        return svg.replace("<svg ", '<svg aria-hidden="true" ')

    def _mathml(self, mathml: str) -> str:
        """Return MathML on one line, without MathJax's own attributes."""
        mathml = re.sub(r' data-[a-z-]+="[^"]*"', "", mathml)
        return re.sub(r"\s*\n\s*", "", mathml)

    def outlines_of(self, html: str) -> str:
        """Collect the outlines that a page's formulas refer to.

        Parameters
        ----------
        html : str
            The page, or any part of it.

        Returns
        -------
        str
            One hidden drawing with those outlines; empty if there are none.
        """
        names = sorted(set(re.findall(r'<use href="#([^"]+)"', html)) & self.outlines.keys())
        if not names:
            return ""
        paths = "".join(f'<path id="{name}" d="{self.outlines[name]}"/>' for name in names)
        return f'<svg class="outlines" aria-hidden="true"><defs>{paths}</defs></svg>'

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.communicate()
            self.process = None


class KeepPunctuation(SphinxPostTransform):
    """Keep what stands right before or after an inline formula on its line.

    To a browser a formula is a picture, beside which a line may always end.
    """

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Wrap each such formula and its punctuation into one element that is not broken."""
        for formula in list(self.document.findall(nodes.math)):
            parent, place = formula.parent, formula.parent.index(formula)
            pieces = [nodes.Text(""), formula, nodes.Text("")]
            if place > 0 and isinstance(before := parent[place - 1], nodes.Text):
                text = before.rstrip("([“−–-")
                pieces[0] = nodes.Text(before[len(text) :])
                parent[place - 1] = nodes.Text(text)
            if place + 1 < len(parent) and isinstance(after := parent[place + 1], nodes.Text):
                text = after.lstrip(".,;:!?)]”’…%–-")
                pieces[2] = nodes.Text(after[: len(after) - len(text)])
                parent[place + 1] = nodes.Text(text)
            if pieces[0] or pieces[2]:
                parent[place] = nodes.inline("", "", *pieces, classes=["kept"])


def _visit(setter: Setter, writer: HTML5Translator, node: nodes.Element, display: bool) -> None:
    """Write a formula in place of its node, or warn if it cannot be set."""
    tex = node.astext()
    if display and r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{split}}{tex}\end{{split}}"
    try:
        html = setter.set(tex, display)
    except ValueError as error:
        logger.warning(str(error), location=node)
        html = writer.encode(tex)
    tag = "div" if display else "span"
    writer.body.append(writer.starttag(node, tag, "", CLASS="math notranslate nohighlight"))
    writer.body.append(html)
    if node.get("number"):
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')  # type: ignore[arg-type]
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append(f"</{tag}>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Connect this step."""
    setter = Setter()

    def visit_inline(writer: HTML5Translator, node: nodes.math) -> None:
        _visit(setter, writer, node, display=False)

    def visit_display(writer: HTML5Translator, node: nodes.math_block) -> None:
        _visit(setter, writer, node, display=True)

    def add_outlines(
        app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document
    ) -> None:
        body = context.get("body", "")
        context["body"] = setter.outlines_of(body) + body

    def close(app: Sphinx, exception: Exception | None) -> None:
        setter.close()

    app.add_post_transform(KeepPunctuation)
    app.add_html_math_renderer("mathjax-at-build", (visit_inline, None), (visit_display, None))
    app.connect("html-page-context", add_outlines)
    app.connect("build-finished", close)
