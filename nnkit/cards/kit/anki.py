"""Write the decks as one package for Anki, which a reader imports again when they have changed.

A note's guid comes from its card's id, so that an import updates its text and leaves its intervals.
The same cards make the same bytes. A package cannot draw new numbers: a numeric card has its first.
"""

from __future__ import annotations

import hashlib
import html
import io
import itertools
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import genanki
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from nnkit.cards.kit.deck import Card, shown

# The decks in the order of the book, as Anki lists them by the alphabet. For good: to Anki, a deck
# of another name is another deck, and a reader's cards stay in the old one. So a name outlasts the
# title of its chapter, and the tens leave room for chapters to come between.
NAMES = {
    "foundations": "10 Foundations",
    "perceptron": "20 The perceptron",
    "backprop": "30 Backpropagation",
    "gradients": "40 Vanishing and exploding gradients",
    "architectures": "50 Seven architectures",
    "diffusion": "60 Diffusion",
}

MODEL = genanki.Model(
    1_763_719_200,  # for good: Anki takes another id for another kind of note
    "Question of the course on neural networks",
    fields=[{"name": name} for name in ("Id", "Question", "Answer", "Section")],
    templates=[
        {
            "name": "Card",
            "qfmt": "{{Question}}",
            "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}<p>{{Section}}</p>",
        }
    ],
    css=(
        ".card { font: 1.2em/1.5 serif; max-width: 34rem; margin: 1rem auto; }\n"
        "pre { white-space: pre-wrap; }"
    ),
)


def _markdown() -> MarkdownIt:
    """Return what turns a card's text into HTML, with formulas as Anki's MathJax takes them."""

    def formula(self: Any, tokens: Sequence[Any], index: int, options: Any, env: Any) -> str:
        return rf"\({html.escape(tokens[index].content)}\)"

    markdown = MarkdownIt("commonmark").use(dollarmath_plugin)
    markdown.add_render_rule("math_inline", formula)
    return markdown


MARKDOWN = _markdown()


def _question(card: Card) -> str:
    """Return the front of a note as HTML."""
    front: str = MARKDOWN.renderInline(card.variants()[0].front)
    options = card.options() if card.kind == "choice" else []
    items = "".join(f"<li>{MARKDOWN.renderInline(option)}</li>" for option in options)
    return front + (f'<ol type="a">{items}</ol>' if items else "")


def _answer(card: Card) -> str:
    """Return the back of a note as HTML."""
    right = card.variants()[0].right
    parts = [f"<pre>{html.escape(card.output())}</pre>"] if card.kind == "predict" else []
    parts += [
        f"<p><b>{MARKDOWN.renderInline(shown(answer))}</b></p>" for answer in right.answers[:1]
    ]
    return "".join([*parts, f"<p>{MARKDOWN.renderInline(right.feedback)}</p>"])


def _number(name: str) -> int:
    """Return a number for a name, of the size that Anki's ids have."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) + 2**32


def package(book: str, cards: Iterable[Card], links: Mapping[str, str], revision: int) -> bytes:
    r"""Make the package.

    Parameters
    ----------
    book : str
        Title under which Anki lists the decks.
    cards : iterable of Card
        Cards, those of one deck in its order; each of their decks has a name in `NAMES`.
    links : mapping of str to str
        For each card's id, the address of the section that teaches it; empty if there is none.
    revision : int
        When the cards were last changed, in seconds since 1970-01-01. Unless the reader asks for
        all, an import takes over the text of notes that were changed before that.

    Returns
    -------
    bytes
        The content of an `.apkg` file, formulas between `\(` and `\)`.

    Raises
    ------
    ValueError
        If a deck has no name in `NAMES`.
    """
    decks: dict[str, list[Card]] = {}
    for card in cards:
        decks.setdefault(card.deck.stem, []).append(card)
    if nameless := sorted(decks.keys() - NAMES):
        raise ValueError(f"package: expected a name for Anki in NAMES, got none of {nameless}")
    packed = genanki.Package([_deck(f"{book}::{NAMES[d]}", d, decks[d], links) for d in decks])
    collection = sqlite3.connect(":memory:")
    packed.write_to_db(collection.cursor(), revision, itertools.count(revision * 1000))
    collection.commit()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("collection.anki2", collection.serialize()), ("media", b"{}")):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    collection.close()
    return file.getvalue()


def _deck(title: str, name: str, cards: Iterable[Card], links: Mapping[str, str]) -> genanki.Deck:
    deck = genanki.Deck(_number(name), title)
    for card in cards:
        link = f'<a href="{html.escape(links[card.id])}">{html.escape(card.section)}</a>'
        fields = [card.id, _question(card), _answer(card), link if links[card.id] else ""]
        tags = [name, card.kind, *card.tags]
        deck.add_note(genanki.Note(MODEL, fields, tags=tags, guid=genanki.guid_for(card.id)))
    return deck
