"""The Sphinx extension that turns the chapters into the book.

Each module is one step from notebook to page:

- `notebooks` executes chapters, stores them whole and knows whether what is stored is current;
- `comparison` holds what a chapter puts out to what it has stored;
- `execution` takes a chapter as it is stored, or executes it in the build;
- `formulas` sets mathematics with MathJax while the book is built, so that no page has to;
- `cards` puts questions into the page, as forms and fold-outs;
- `package` packs the cards for Anki;
- `figures` puts matplotlib's drawings into the page, in the colours of the reader's theme;
- `explorables` bundles the scripts of explorables and tabulates their answers;
- `api` describes the engine from its docstrings, and shows its source;
- `speed` writes the page on the engine's speed from what was measured;
- `scripts` bundles what a page loads;
- `theme` gives the pages their look and keeps them light;
- `serve` shows the built book on this machine.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Connect every step to Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application that builds the book.

    Returns
    -------
    ExtensionMetadata
        The extension's version, a digest of its own files: pages are made anew when it changes.
    """
    # Here and not above: nnkit.book.notebooks is also a command, and nnkit.book.serve runs alone.
    from nnkit.book import (
        api,
        cards,
        execution,
        explorables,
        figures,
        formulas,
        package,
        speed,
        theme,
    )

    for step in (execution, formulas, figures, cards, package, explorables, api, speed, theme):
        step.setup(app)
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.read_bytes())
    return {
        "version": digest.hexdigest()[:8],
        "env_version": int(digest.hexdigest()[:8], 16),
        "parallel_read_safe": False,
        "parallel_write_safe": False,
    }
