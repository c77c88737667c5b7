"""Execute a chapter in the build when it, or anything it depends on, has changed.

MyST-NB's cache looks at a notebook's own cells. Here the digest of all else that its results
rest on (the modules of nnkit that it imports, their data, the pinned requirements) is written into
the metadata that the cache compares, so that an edit there executes just the chapters it touches.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import nbformat

from nnkit.book import notebooks

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config


def read(text: str) -> nbformat.NotebookNode:
    """Read a notebook and ready it for the page.

    Parameters
    ----------
    text : str
        The notebook as JSON.

    Returns
    -------
    NotebookNode
        The notebook. Its kernel's metadata have the new key `depends_on`; cells tagged `setup` are
        marked to be left out, those tagged `solution` to be folded under that word.
    """
    notebook: nbformat.NotebookNode = nbformat.reads(text, as_version=4)
    notebook.metadata.setdefault("kernelspec", {})["depends_on"] = notebooks.fingerprint(notebook)
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if "setup" in tags:
            tags.append("remove-cell")
        if "solution" in tags:
            prompt = {"code_prompt_show": "Solution", "code_prompt_hide": "Solution"}
            cell.metadata.setdefault("mystnb", {}).update(prompt)
    return notebook


def configure(app: Sphinx, config: Config) -> None:
    """Let MyST-NB read notebooks through `read`, and have their figures drawn as SVG."""
    config.nb_custom_formats = {".ipynb": "nnkit.book.execution.read"}
    os.environ["NNKIT_FIGURE_FORMAT"] = "svg"


def note_dependencies(app: Sphinx, docname: str, source: list[str]) -> None:
    """Tell Sphinx the files that a chapter depends on, so that it reads the chapter again."""
    if app.env.doc2path(docname).endswith(".ipynb"):
        notebook = nbformat.reads(source[0], as_version=4)
        for path in [*notebooks.dependencies(notebook), notebooks.REQUIREMENTS]:
            app.env.note_dependency(str(path))


def setup(app: Sphinx) -> None:
    """Connect this step."""
    app.connect("config-inited", configure, priority=100)
    app.connect("source-read", note_dependencies)
