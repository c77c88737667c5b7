"""Put cards into the page, as forms and fold-outs that need no script.

`{card}` and `{cards}` name a card, a tag or a section. What stands inside the directive is for
readers of the notebook, who see it in place of the cards. Every reply is on the page, folded away;
where scripts run, `nnkit/cards/kit/cards.js` brings out the one that an answer calls for. `{decks}`
stands for all cards of the book; there `nnkit/cards/kit/review.js` asks each one when it is due.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from myst_parser.mdit_to_docutils.base import default_slugify
from nbformat.v4 import new_code_cell, new_notebook
from sphinx.util.docutils import SphinxDirective

from nnkit.book.notebooks import PACKAGE, dependencies
from nnkit.book.scripts import bundle
from nnkit.cards.kit.deck import Card, Reply, by_deck, load, select, shown

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


FOLDER = "chapters/cards"


class Tag(nodes.TextElement):
    """An element of HTML: `tag` is its name, `html` its attributes."""


def _tag(tag: str, /, *children: nodes.Node, **html: object) -> Tag:
    """Make an element; an attribute is named with underscores for its dashes."""
    attributes = {key.replace("_", "-"): value for key, value in html.items()}
    return Tag("", "", *children, tag=tag, html=attributes)


def _place(card: str) -> str:
    """Return the id of a card's element."""
    return nodes.make_id(f"card-{card}")


class Cards(SphinxDirective):
    """Stands for the cards of the name that is its argument."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the cards as elements of HTML."""
        cards = load(Path(self.env.srcdir, FOLDER).resolve())
        try:
            chosen = select(cards, self.arguments[0])
        except ValueError as error:
            raise self.error(str(error)) from None
        self._note_dependencies(chosen)
        return [self._card(card) for card in chosen]

    def _note_dependencies(self, cards: list[Card]) -> None:
        """Have the page made anew when a deck, a chapter or the code behind an answer changes."""
        modules = {f"import nnkit.cards.{card.deck.stem}" for card in cards}
        code = new_notebook(cells=[new_code_cell("\n".join(modules))])
        for file in {
            *dependencies(code),
            *(f for card in cards for f in (card.deck, card.notebook)),
        }:
            self.env.note_dependency(str(file))

    def _card(self, card: Card, variant: int = 0) -> Tag:
        """Return the elements of a card, in one of its variants."""
        asked = card.variants()[variant]
        parts = [self._text("legend", asked.front)]
        if card.kind not in ("qa", "cloze"):
            # Without scripts, Enter does nothing in a form of this method.
            parts.append(_tag("form", *self._inputs(card), method="dialog"))
        if card.hint:
            hint = self._text("p", card.hint, data_reply="hint")
            parts.append(_tag("details", self._text("summary", "Hint"), hint))
        answer = self._right(card, asked.right)
        if asked.wrong:
            mistakes = [part for reply in asked.wrong for part in self._wrong(reply)]
            answer += [self._text("p", "If you said"), _tag("dl", *mistakes)]
        answer.append(self._again(card))
        parts.append(_tag("details", self._text("summary", "Answer"), *answer))
        names = {"data_card": card.id, "data_kind": card.kind, "data_page": card.page}
        element = _tag("fieldset", *parts, **names)
        if variant == 0:
            element["ids"] = [_place(card.id)]
        return element

    def _again(self, card: Card) -> Tag:
        """Return where to go after a mistake: the cards that this one builds on, the section."""
        parts: list[nodes.Node] = []
        for id_ in card.requires:
            parts.append(nodes.Text(", " if parts else "Builds on: "))
            name = id_.split(".")[1].replace("-", " ")
            parts.append(_tag("a", nodes.Text(name), href=f"#{_place(id_)}"))
        if card.section:
            file = self.env.doc2path(card.page, base=False)
            link = f"[{card.section}](/{file}#{default_slugify(card.section)})"
            again = f"{'. ' if parts else ''}Read again: {link}"
            parts += self.parse_inline(again)[0]
        return _tag("p", *parts, data_reply="again")

    def _inputs(self, card: Card) -> list[Tag]:
        """Return what takes the answer."""
        if card.kind == "choice":
            return [
                _tag(
                    "label",
                    _tag("input", type="radio", name="answer", value=option, required=""),
                    self._text("span", option),
                )
                for option in card.options()
            ]
        field = _tag("input", type="text", name="answer", required="", autocomplete="off")
        if card.kind == "numeric":
            field["html"] |= {"inputmode": "decimal", "data-tolerance": card.tolerance}
        label = "Your prediction" if card.kind == "predict" else "Your answer"
        return [_tag("label", self._text("span", label), field)]

    def _right(self, card: Card, reply: Reply) -> list[Tag]:
        """Return the answer and its reply."""
        if card.kind == "predict":
            output = _tag("pre", nodes.Text(card.output()))
            return [_tag("div", output, self._text("p", reply.feedback), data_reply="compare")]
        if not reply.answers:
            return [self._text("p", reply.feedback, data_reply="compare")]
        answer = self._text("strong", shown(reply.answers[0]))
        return [_tag("p", answer), self._reply("p", "right", reply)]

    def _wrong(self, reply: Reply) -> list[Tag]:
        """Return a mistake and its reply."""
        return [self._text("dt", shown(reply.answers[0])), self._reply("dd", "wrong", reply)]

    def _reply(self, name: str, verdict: str, reply: Reply) -> Tag:
        answers = json.dumps(reply.answers, ensure_ascii=False)
        return self._text(name, reply.feedback, data_reply=verdict, data_answers=answers)

    def _text(self, tag: str, markdown: str, /, **html: object) -> Tag:
        """Make an element of a paragraph of Markdown."""
        return _tag(tag, *self.parse_inline(markdown)[0], **html)


class Decks(Cards):
    """Stands for all cards, a fold-out for each deck, in the order of the book."""

    required_arguments = 0

    def run(self) -> list[nodes.Node]:
        """Return the decks as elements of HTML."""
        cards = load(Path(self.env.srcdir, FOLDER).resolve())
        toc = Path(self.env.srcdir, "_toc.yml")
        self._note_dependencies(list(cards))
        self.env.note_dependency(str(toc))
        return [self._deck(title, deck) for title, deck in by_deck(cards, toc).items()]

    def _deck(self, title: str, cards: list[Card]) -> Tag:
        parts = [_tag("summary", nodes.Text(f"{title} ({len(cards)} cards)"))]
        if (page := f"chapters/{cards[0].deck.stem}") in self.env.found_docs:
            chapter = f"[{title}](/{self.env.doc2path(page, base=False)})"
            parts.append(self._text("p", f"The chapter: {chapter}"))
        for card in cards:
            parts.append(self._card(card))
            others = [self._card(card, variant) for variant in range(1, len(card.parameters))]
            if others:
                parts[-1].append(_tag("template", *others))
        return _tag("details", *parts, data_deck=cards[0].deck.stem, data_title=title)


def _open(writer: HTML5Translator, tag: Tag) -> None:
    writer.body.append(writer.starttag(tag, tag["tag"], "", **tag["html"]))


def _close(writer: HTML5Translator, tag: Tag) -> None:
    if tag["tag"] != "input":
        writer.body.append(f"</{tag['tag']}>")


def add_script(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give its script to a page that has cards."""
    body = context.get("body", "")
    if "data-deck=" in body:
        app.add_js_file("cards/review.js", type="module")
    elif "data-card=" in body:
        attributes: dict[str, Any] = {"type": "module", "data-page": page}
        app.add_js_file("cards/cards.js", **attributes)


def write(app: Sphinx) -> None:
    """Bundle the scripts into the book that is being built."""
    if app.builder.format == "html":
        scripts = [PACKAGE / "cards/kit" / name for name in ("cards.js", "review.js")]
        bundle(scripts, Path(app.outdir, "_static/cards"))


def link(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Lead from a card to those that it builds on: on its own page, or in the list of all."""
    tags = list(doctree.findall(Tag))
    here = {f"#{id_}" for tag in tags for id_ in tag["ids"]}
    for tag in tags:
        if tag["tag"] == "a" and tag["html"]["href"] not in here:
            tag["html"]["href"] = app.builder.get_relative_uri(page, "review") + tag["html"]["href"]


def setup(app: Sphinx) -> None:
    """Connect this step."""
    app.add_node(Tag, html=(_open, _close))
    app.add_directive("card", Cards)
    app.add_directive("cards", Cards)
    app.add_directive("decks", Decks)
    app.connect("builder-inited", write)
    app.connect("doctree-resolved", link)
    app.connect("html-page-context", add_script)
