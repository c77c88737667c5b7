"""Take a chapter as it is stored, or execute it in the build if that is not current.

A notebook's fingerprint says whether anything that its outputs rest on has changed: its code, the
modules of nnkit that it imports, their data, the pinned requirements.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.errors import SphinxError
from sphinx.util import logging

from nnkit.book import notebooks

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from sphinx.application import Sphinx
    from sphinx.config import Config

log = logging.getLogger(__name__)


def read(text: str) -> NotebookNode:
    """Read a notebook and ready it for the page.

    Parameters
    ----------
    text : str
        The notebook as JSON.

    Returns
    -------
    NotebookNode
        The notebook, to be executed if it is not current. Cells tagged `setup` are marked to be
        left out, those tagged `solution` to be folded under that word.

    Raises
    ------
    ValueError
        If the text is no notebook.
    """
    notebook = notebooks.parse_notebook(text)
    current = notebooks.is_current(notebook)
    notebook.metadata["mystnb"] = {"execution_mode": "off" if current else "force"}
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if "setup" in tags:
            tags.append("remove-cell")
        if "solution" in tags:
            prompt = {"code_prompt_show": "Solution", "code_prompt_hide": "Solution"}
            cell.metadata.setdefault("mystnb", {}).update(prompt)
    return notebook


def configure(app: Sphinx, config: Config) -> None:
    """Let MyST-NB read notebooks through `read`."""
    config.nb_custom_formats = {".ipynb": "nnkit.book.execution.read"}


def note_dependencies(app: Sphinx, docname: str, source: list[str]) -> None:
    """Tell Sphinx the files that a chapter depends on, so that it reads the chapter again.

    Raises
    ------
    SphinxError
        If the file is no notebook: names it and the reason.
    """
    path = app.env.doc2path(docname)
    if path.endswith(".ipynb"):
        try:
            notebook = notebooks.read(Path(path))
        except ValueError as error:
            raise SphinxError(str(error)) from None
        if not notebooks.is_current(notebook):
            log.info("%s is not current and is executed; `make notebooks` stores it", path)
        for file in [*notebooks.dependencies(notebook), notebooks.REQUIREMENTS]:
            app.env.note_dependency(str(file))


def setup(app: Sphinx) -> None:
    """Connect this step."""
    app.connect("config-inited", configure, priority=100)
    app.connect("source-read", note_dependencies)
