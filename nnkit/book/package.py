"""Pack the cards for Anki, into one file of the book that the review page links to."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from myst_parser.mdit_to_docutils.base import default_slugify

from nnkit.book.cards import FOLDER
from nnkit.cards.kit import anki
from nnkit.cards.kit.deck import Card, load

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# What the text of a card and its links are made from.
SOURCES = ("chapters", "nnkit", "_toc.yml", "_config.yml")


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write all cards as a package for Anki into the book that has been built."""
    if exception is None and app.builder.format == "html":
        source = Path(app.srcdir)
        cards = load(Path(source, FOLDER).resolve())
        links = {card.id: _address(app, card) for card in cards}
        package = anki.package(app.config.html_title, cards, links, revision(source))
        Path(app.outdir, "neural-networks.apkg").write_bytes(package)


def _address(app: Sphinx, card: Card) -> str:
    """Return where on the published site a card's section stands."""
    if not (card.section and app.config.html_baseurl):
        return ""
    _, place, _ = app.env.metadata[card.page]["myst_slugs"][default_slugify(card.section)]
    return f"{app.config.html_baseurl}{app.builder.get_target_uri(card.page)}#{place}"


def revision(source: Path) -> int:
    """Tell when the book's source was changed last.

    Parameters
    ----------
    source : Path
        Folder of the source.

    Returns
    -------
    int
        Seconds since 1970-01-01: when it was committed or, where something in it is not committed
        or it is in no repository, when it was last written to.
    """

    def git(*command: str) -> str:
        run = ["git", "-C", str(source), *command]
        return subprocess.run(run, capture_output=True, text=True, check=True).stdout

    with suppress(OSError, subprocess.CalledProcessError):
        if not git("status", "--porcelain", "--", *SOURCES):
            return int(git("log", "-1", "--format=%ct"))
    files = (file for name in SOURCES for file in [source / name, *(source / name).rglob("*")])
    return int(max(f.stat().st_mtime for f in files if f.is_file() and f.suffix != ".pyc"))


def setup(app: Sphinx) -> None:
    """Connect this step."""
    app.connect("build-finished", write)
