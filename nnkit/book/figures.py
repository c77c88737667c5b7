"""Put matplotlib's drawings into the page, in the colours of the reader's theme.

A figure is drawn once, in the light colours of `nnkit.palette`. As part of the page each of them
becomes the CSS variable of its name, so that the figure turns dark with the page; as an image it
could not.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from nnkit.palette import PALETTE

if TYPE_CHECKING:
    from sphinx.application import Sphinx

JOINTS = 'stroke-linejoin="round" stroke-linecap="butt"'  # matplotlib says so in a style sheet
LETTER = re.compile(r'<path id="(STIX[^"]+)".*?/>', flags=re.DOTALL)


def _round(number: re.Match[str]) -> str:
    """Write a number to a tenth, and one below 1 (it may be a scale) to four digits."""
    value = float(number[0])
    return f"{round(value, 1 if abs(value) >= 1 else 4) + 0.0:g}"


def shrink(svg: str) -> str:
    """Reduce a drawing by matplotlib to what is seen, so that two runs give the same bytes.

    Parameters
    ----------
    svg : str
        The drawing, as matplotlib writes it or as it is stored.

    Returns
    -------
    str
        The `svg` element, which can stand alone: without metadata, comments and ids that nothing
        refers to, coordinates to a tenth of a point, one element a line.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>\s*</defs>|<g id=\"[^\"]*\"/>", "", svg)
    used = set(re.findall(r"#([\w.-]+)", svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: m[0] if m[1] in used else "", svg)
    svg = re.sub(r"-?\d+\.\d{2,}", _round, svg)
    svg = re.sub(r'(?<= d=")[^"]*', lambda path: " ".join(path[0].split()), svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg).replace("xlink:href", "href")
    svg = svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    return svg if JOINTS in svg else svg.replace("<svg", f"<svg {JOINTS}", 1)


def inline(svg: str, alt: str, prefix: str) -> str:
    """Make a drawing by matplotlib fit to stand in a page.

    Parameters
    ----------
    svg : str
        The drawing, as matplotlib writes it or as it is stored.
    alt : str
        What is seen, in words, for readers who cannot see it.
    prefix : str
        Put before every id, so that two drawings on a page do not share one; those of letters stay
        as they are, since a letter is the same in each.

    Returns
    -------
    str
        The `svg` element: sized by the page, coloured by its theme.
    """
    svg = shrink(svg)
    svg = re.sub(r' id="(?!STIX)([^"]+)"', rf' id="{prefix}\1"', svg)
    svg = re.sub(r'(href="|url\()#(?!STIX)', rf"\1#{prefix}", svg)
    for name, colour in PALETTE.items():
        svg = re.sub(rf"(?<=[:\s]){colour.light}\b", f"var(--{name})", svg, flags=re.IGNORECASE)
    width = re.search(r'width="([\d.]+)pt"', svg)
    size = f'style="max-width: {float(width[1]) / 72 * 96:.0f}px"' if width else ""
    label = f'role="img" aria-label="{html.escape(alt)}" {JOINTS}'
    opening = r'<svg[^>]*?(viewBox="[^"]+")[^>]*>'
    return re.sub(opening, lambda m: f"<svg {m[1]} {size} {label}>", svg, count=1)


class InlineFigures(SphinxPostTransform):
    """Replaces each SVG image that a notebook has drawn by the drawing itself.

    The outline of a letter is kept in the first drawing that has it; the others refer to it.
    """

    default_priority = 6
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Replace the images of the document at hand."""
        outlined: set[str] = set()

        def first(letter: re.Match[str]) -> str:
            repeated = letter[1] in outlined
            outlined.add(letter[1])
            return "" if repeated else letter[0]

        for number, image in enumerate(list(self.document.findall(nodes.image))):
            path = Path(self.app.srcdir, image["uri"].lstrip("/"))
            if path.suffix == ".svg" and "jupyter_execute" in path.parts:
                svg = inline(path.read_text(encoding="utf-8"), image.get("alt", ""), f"f{number}-")
                image.replace_self(nodes.raw("", LETTER.sub(first, svg), format="html"))


def setup(app: Sphinx) -> None:
    """Connect this step."""
    app.add_post_transform(InlineFigures)
