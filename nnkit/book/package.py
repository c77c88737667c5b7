"""Pack the cards for Anki, into one file of the book that the review page links to."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from myst_parser.mdit_to_docutils.base import default_slugify

from nnkit.book.cards import FOLDER
from nnkit.cards import anki
from nnkit.cards.deck import Card, by_deck, load

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write all cards as a package for Anki into the book that has been built."""
    if exception is None and app.builder.format == "html":
        source = Path(app.srcdir)
        decks = by_deck(load(Path(source, FOLDER).resolve()), source / "_toc.yml")
        links = {card.id: _address(app, card) for cards in decks.values() for card in cards}
        package = anki.package(app.config.html_title, decks, links, _revision(source))
        Path(app.outdir, "neural-networks.apkg").write_bytes(package)


def _address(app: Sphinx, card: Card) -> str:
    """Return where on the published site a card's section stands."""
    if not (card.section and app.config.html_baseurl):
        return ""
    _, place, _ = app.env.metadata[card.page]["myst_slugs"][default_slugify(card.section)]
    return f"{app.config.html_baseurl}{app.builder.get_target_uri(card.page)}#{place}"


def _revision(source: Path) -> int:
    """Return when the source was committed or, outside of a repository, a deck last written."""
    git = ["git", "-C", str(source), "log", "-1", "--format=%ct", "--", FOLDER, "nnkit/cards"]
    try:
        return int(subprocess.run(git, capture_output=True, text=True, check=True).stdout)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return int(max(deck.stat().st_mtime for deck in (source / FOLDER).iterdir()))


def setup(app: Sphinx) -> None:
    """Connect this step."""
    app.connect("build-finished", write)
