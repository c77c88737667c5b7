"""Bring explorables alive on the page: bundle what draws them, and draw each once.

A cell's output holds the figure and says what it needs (`nnkit.explore`); on a page that is no
notebook, the directive `{explorable}` puts the same in. The scripts of a page that has one look its
answers up in a table (`nnkit.book.tables`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from nnkit.book import cache, notebooks, scripts
from nnkit.book.tables import EXPLORE, FOLDER, PALETTE, sources
from nnkit.explore.kit.explorable import load

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config


def bundle(views: list[Path], folder: Path) -> None:
    """Bundle the page's script and the views, what they share in a file of its own.

    Parameters
    ----------
    views : list of Path
        The views' modules.
    folder : Path
        Where the scripts and the style sheet are written.
    """
    scripts.bundle([EXPLORE / "kit/page.js", EXPLORE / "kit/kit.css", *views], folder)


def draw(name: str) -> str:
    """Draw an explorable's figure, unless it has been since its sources changed.

    Parameters
    ----------
    name : str
        Name of the explorable.

    Returns
    -------
    str
        What a notebook's cell puts out as HTML.
    """
    digest = notebooks.digest([*sources(name), PALETTE])[:16]
    return cache.made(f"{name}-{digest}.html", lambda: load(name)().html())


class Figure(SphinxDirective):
    """Stands for the explorable of the name that is its argument."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the figure that a notebook's cell would put out."""
        (name,) = self.arguments
        try:
            load(name)
        except ModuleNotFoundError as error:
            raise self.error(f"There is no explorable {name!r}: {error}") from None
        for file in [*sources(name), PALETTE]:
            self.env.note_dependency(str(file))
        return [nodes.raw("", draw(name), format="html")]


def configure(app: Sphinx, config: Config) -> None:
    """Have pages take the figure that an explorable puts out, not the notebook's widget."""
    widget = "application/vnd.jupyter.widget-view+json"
    config.nb_mime_priority_overrides = [("html", widget, None)]


def drop_widgets(app: Sphinx, doctree: nodes.document) -> None:
    """Leave the state of widgets, which MyST-NB has put aside for the page, out of it."""
    app.env.nb_metadata.get(app.env.docname, {}).pop("js_files", None)  # type: ignore[attr-defined]


def write(app: Sphinx) -> None:
    """Write the scripts into the book that is being built."""
    if app.builder.format == "html":
        bundle(sorted(EXPLORE.glob("*.js")), Path(app.outdir, "_static", FOLDER))


def add_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Have a page with an explorable load what brings it alive."""
    if "data-explorable=" in context.get("body", ""):
        app.add_js_file(f"{FOLDER}/page.js", type="module")
        app.add_css_file(f"{FOLDER}/kit.css", priority=950)


def setup(app: Sphinx) -> None:
    """Connect this step."""
    app.add_directive("explorable", Figure)
    app.connect("config-inited", configure, priority=100)
    app.connect("builder-inited", write)
    app.connect("doctree-read", drop_widgets)
    app.connect("html-page-context", add_scripts)
