"""Decks of cards, read from `chapters/cards/<deck>.yml`.

A deck is a list of cards in the order in which they are asked; `schema.json` says what each kind of
card holds. It bears the name of the chapter that teaches it; a card that another page teaches names
that page, and one that no page teaches yet names no section. Text is one paragraph of Markdown with
formulas between dollars. Nothing is judged here that a machine cannot judge: an answer in words of
one's own is for the reader to compare.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

DECKS = Path(__file__).parents[1].joinpath("decks").resolve()
OUTPUTS = "outputs.json"  # beside the decks: for each `page#cell` of a card, what the cell prints
GAP = re.compile(r"\[\[(.+?)\]\]")
NUMBER = re.compile(r"<(\w+)>")
DECIMAL = re.compile(r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(?=[.e]|$)", re.IGNORECASE)
ARTICLE = re.compile(r"^(an?|the) ")
FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,})[^`\n]*\n.*?^ {0,3}\1", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Reply:
    """What is said to an answer.

    Attributes
    ----------
    answers : tuple of str or float
        The answers that get this reply, first the one to be shown; none if the reader is the judge.
    feedback : str
        The reply.
    """

    answers: tuple[str | float, ...]
    feedback: str


def shown(answer: str | float) -> str:
    """Write an answer.

    Parameters
    ----------
    answer : str or float
        Words or a number.

    Returns
    -------
    str
        The words as they are, the number to four digits or, if it has more, to the unit.
    """
    if isinstance(answer, str):
        return answer
    return f"{answer:.0f}" if abs(answer) >= 1000 else f"{answer:.4g}"


def number(text: str) -> float:
    """Read a number; `number` in answer.js reads alike.

    Parameters
    ----------
    text : str
        Decimal digits, with a sign and an exponent where they are needed. Commas before groups of
        three digits mark thousands, any other comma the decimals.

    Returns
    -------
    float
        The number; NaN if the text is none.
    """
    plain = text.strip().replace("−", "-")
    if thousands := THOUSANDS.match(plain):
        plain = thousands[0].replace(",", "") + plain[thousands.end() :]
    return float(plain.replace(",", ".")) if DECIMAL.fullmatch(plain) else math.nan


def _words(text: str) -> str:
    """Leave out what does not count: case, spaces, a full stop at the end, an article before."""
    plain = " ".join(text.lower().split()).removesuffix(".").rstrip()
    return ARTICLE.sub("", plain)


@dataclass(frozen=True)
class Variant:
    """A question with its numbers filled in, and the replies to its answers.

    Attributes
    ----------
    front : str
        The question; the gap of a cloze is an ellipsis in brackets.
    right : Reply
        To the right answer.
    wrong : tuple of Reply
        To each of the mistakes that are expected.
    """

    front: str
    right: Reply
    wrong: tuple[Reply, ...]


@dataclass(frozen=True)
class Card:
    """A question and all that there is to say about its answers.

    Attributes
    ----------
    deck : Path
        Absolute path of its deck.
    line : int
        Line of the deck on which the card begins, counted from 1.
    id : str
        Permanent name, `deck.slug`.
    kind : str
        One of qa, cloze, choice, numeric, predict, typed.
    front : str
        The question. A number of a variant stands as `<name>`, the gap of a cloze as `[[words]]`.
    page : str
        The page that teaches it, as `_toc.yml` names it.
    section : str
        Title of the section of that page; empty if the book has no such page yet.
    back : str
        The answer (qa) or why it is right; empty for a cloze.
    answer : str
        The right option (choice) or words (typed), or the function that computes the right number.
    accept : list of str
        Other words that are right (typed).
    wrong : mapping of str to str
        What to say to each expected mistake: an option, words, or a function that makes it.
    hint : str
        What to say to any other answer (typed, numeric).
    tolerance : float
        Largest accepted distance from the right number, > 0 (numeric).
    parameters : list of mapping of str to float
        For each variant, the arguments of its functions by name (numeric).
    cell : str
        Id of the chapter's cell whose output is to be predicted (predict).
    tags : list of str
        Names under which cards are asked for together.
    requires : list of str
        Ids of the cards that it builds on.
    """

    deck: Path
    line: int
    id: str
    kind: str
    front: str
    page: str = ""
    section: str = ""
    back: str = ""
    answer: str = ""
    accept: list[str] = field(default_factory=list)
    wrong: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    tolerance: float = 0.0
    parameters: list[dict[str, float]] = field(default_factory=list)
    cell: str = ""
    tags: list[str] = field(default_factory=list)
    requires: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Fill in the page: the chapter of the deck's name."""
        object.__setattr__(self, "page", self.page or f"chapters/{self.deck.stem}")

    @property
    def notebook(self) -> Path:
        """Its page as a notebook; not there if it is none, or the book is not installed."""
        return self.deck.parents[2] / f"{self.page}.ipynb"

    def variants(self) -> list[Variant]:
        """Fill in the numbers and work out the answers.

        Returns
        -------
        list of Variant
            One for each row of `parameters`; one alone for a card without. A question for a number
            of which one decimal is too few says that two will do, unless it names decimals itself.

        Raises
        ------
        AttributeError
            If a function that the card names is not in the chapter's module of `nnkit.cards`.
        """
        if self.kind == "numeric":
            computed = [self._computed(row) for row in self.parameters]
            answers = [variant.right.answers[0] for variant in computed]
            one_will_do = all(self.matches(f"{n:.1f}", n) for n in answers)
            if one_will_do or " decimals" in self.front:
                return computed
            return [replace(v, front=f"{v.front} Two decimals will do.") for v in computed]
        if self.kind == "cloze":
            return [
                Variant(GAP.sub("[…]", self.front), Reply((), GAP.sub(r"**\1**", self.front)), ())
            ]
        right = Reply((self.answer, *self.accept) if self.answer else (), self.back)
        wrong = tuple(Reply((answer,), feedback) for answer, feedback in self.wrong.items())
        return [Variant(self.front, right, wrong)]

    def _computed(self, row: Mapping[str, float]) -> Variant:
        functions = import_module(f"nnkit.cards.{self.deck.stem}")

        def reply(function: str, feedback: str) -> Reply:
            return Reply((float(getattr(functions, function)(**row)),), fill(feedback))

        def fill(text: str) -> str:
            return NUMBER.sub(lambda name: str(row.get(name[1], name[0])), text)

        wrong = tuple(reply(function, feedback) for function, feedback in self.wrong.items())
        return Variant(fill(self.front), reply(self.answer, self.back), wrong)

    def options(self) -> list[str]:
        """Return the options of a choice in an order that is always the same and gives no hint.

        Returns
        -------
        list of str
            The right one and the wrong ones, by a digest of their texts.
        """
        return sorted(
            [self.answer, *self.wrong],
            key=lambda text: hashlib.sha256(f"{self.id} {text}".encode()).digest(),
        )

    def output(self) -> str:
        """Return what the card's cell prints, as the chapter is stored.

        Returns
        -------
        str
            All its text, without the last line's end; empty if there is none. Where the chapter is
            not at hand, what is kept beside the decks.
        """
        if not self.notebook.is_file():
            return self.kept_output()
        cells = json.loads(self.notebook.read_text(encoding="utf-8"))["cells"]
        outputs = [
            out for cell in cells if cell.get("id") == self.cell for out in cell.get("outputs", [])
        ]
        texts = (out.get("text") or out.get("data", {}).get("text/plain", "") for out in outputs)
        return "".join("".join(text) for text in texts).rstrip("\n")

    def kept_output(self) -> str:
        """Return what is kept beside the decks of the output of the card's cell.

        Returns
        -------
        str
            The text; empty if none is kept.
        """
        file = self.deck.with_name(OUTPUTS)
        kept = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        return str(kept.get(f"{self.page}#{self.cell}", ""))

    def matches(self, given: object, answer: str | float) -> bool:
        """Say whether an answer is one that the card knows; `same` in answer.js judges alike.

        Parameters
        ----------
        given : object
            What the reader answers.
        answer : str or float
            One of a reply's `answers`.

        Returns
        -------
        bool
            For numbers, whether they are at most `tolerance` apart; for words, whether they are the
            same but for case, spaces, a full stop at the end and an article at the beginning, or
            say the same number.

        Raises
        ------
        ValueError
            If a number is expected and none is given.
        """
        if isinstance(answer, str):
            said, known = _words(str(given)), _words(answer)
            return said == known or number(said) == number(known)
        try:
            value = number(given) if isinstance(given, str) else float(given)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            value = math.nan
        if math.isnan(value):
            raise ValueError(f"{self.id}: expected a number, got {given!r}")
        return abs(value - answer) <= self.tolerance

    def question(self, variant: int = 0) -> str:
        """Return the question as plain text.

        Parameters
        ----------
        variant : int
            Which set of numbers to ask with, counted from 0 and from the first again.

        Returns
        -------
        str
            The id, the question, and the options of a choice, each with its letter.
        """
        variants = self.variants()
        lines = [self.id, variants[variant % len(variants)].front]
        if self.kind == "choice":
            lines += [f"{chr(ord('a') + i)}) {option}" for i, option in enumerate(self.options())]
        return "\n".join(textwrap.fill(line, 88) for line in lines)

    def verdict(self, given: object, variant: int = 0) -> str:
        """Return what there is to say to an answer, as plain text.

        Parameters
        ----------
        given : object
            A number (numeric), words (typed), an option or its letter (choice); of the other kinds
            the reader is the judge, and it is not looked at.
        variant : int
            The variant of the question.

        Returns
        -------
        str
            "Right: ...", or "Not yet: ..." and what to read again, or "Compare: ...".

        Raises
        ------
        ValueError
            If a number, an option or words are expected and something else is given.
        """
        variants = self.variants()
        asked = variants[variant % len(variants)]
        if self.kind == "choice":
            letters = {chr(ord("a") + i): option for i, option in enumerate(self.options())}
            given = letters.get(str(given).lower(), given)
            if given not in self.options():
                raise ValueError(f"{self.id}: expected one of {', '.join(letters)}, got {given!r}")
        if self.kind == "typed" and given is None:
            raise ValueError(f"{self.id}: expected words, got none")
        if not asked.right.answers:
            return "\n".join(filter(None, [self.output(), f"Compare: {asked.right.feedback}"]))
        if any(self.matches(given, answer) for answer in asked.right.answers):
            return f"Right: {asked.right.feedback}"
        known = (reply.feedback for reply in asked.wrong if self.matches(given, reply.answers[0]))
        again = [f"Builds on: {', '.join(self.requires)}"] if self.requires else []
        again += [f"Read again: {self.section}"] if self.section else []
        return "\n".join([f"Not yet: {next(known, self.hint)}", *again])


@cache
def load(folder: Path) -> tuple[Card, ...]:
    """Read every deck of a folder.

    Parameters
    ----------
    folder : Path
        Absolute path; its decks are the files that end in `.yml`.

    Returns
    -------
    tuple of Card
        By name of the deck, then as they stand in it.
    """
    return tuple(card for deck in sorted(folder.glob("*.yml")) for card in read(deck))


def keep_outputs(folder: Path) -> None:
    """Keep what the cells that cards ask about print, for where no chapter is at hand.

    Parameters
    ----------
    folder : Path
        Absolute path of the decks, beside which it is kept.
    """
    asking = [card for card in load(folder) if card.kind == "predict"]
    outputs = {f"{card.page}#{card.cell}": card.output() for card in asking}
    text = json.dumps(outputs, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / OUTPUTS).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def entries(deck: Path) -> list[tuple[int, Any]]:
    """Read what stands in a deck, card or not.

    Parameters
    ----------
    deck : Path
        The file.

    Returns
    -------
    list of tuple of int and object
        Each entry with the line on which it begins, counted from 1.

    Raises
    ------
    ValueError
        If the file is not a list.
    yaml.YAMLError
        If it is not YAML.
    """
    text = deck.read_text(encoding="utf-8")
    root = yaml.compose(text)
    if not isinstance(root, yaml.SequenceNode):
        raise ValueError(f"{deck}: expected a list of cards")
    lines = (node.start_mark.line + 1 for node in root.value)
    return list(zip(lines, yaml.safe_load(text), strict=True))


def read(deck: Path) -> list[Card]:
    """Read one deck.

    Parameters
    ----------
    deck : Path
        The file.

    Returns
    -------
    list of Card
        As they stand in it.

    Raises
    ------
    TypeError
        If an entry is not a card: the linter says what it lacks.
    """
    return [Card(deck, line, **entry) for line, entry in entries(deck)]


def contents(toc: Path) -> dict[str, list[str]]:
    """Read what the book contains.

    Parameters
    ----------
    toc : Path
        The book's `_toc.yml`; the pages that it names lie beside it.

    Returns
    -------
    dict of str to list of str
        For each page, in the order of the book, its title and those of its sections.
    """
    text = toc.read_text(encoding="utf-8")
    titles = {}
    for page in re.findall(r"^\s*(?:- file|root):\s*(\S+)", text, re.MULTILINE):
        for file in (toc.parent / f"{page}.ipynb", toc.parent / f"{page}.md"):
            if file.is_file():
                prose = FENCED.sub("", _markdown(file))
                titles[page] = re.findall(r"^#+ (.+?)\s*$", prose, re.MULTILINE)
    return titles


def by_deck(cards: Iterable[Card], toc: Path) -> dict[str, list[Card]]:
    """Sort cards by their decks.

    Parameters
    ----------
    cards : iterable of Card
        Cards, those of one deck in its order.
    toc : Path
        The book's `_toc.yml`.

    Returns
    -------
    dict of str to list of Card
        Cards by the title of their chapter or, where the book has none of the deck's name, by that
        name; in the order of the book, decks without a chapter last.
    """
    titles = contents(toc)
    decks: dict[str, list[Card]] = {}
    for card in cards:
        decks.setdefault(f"chapters/{card.deck.stem}", []).append(card)
    ordered = [page for page in titles if page in decks]
    ordered += [page for page in decks if page not in titles]
    names = {page: decks[page][0].deck.stem.replace("_", " ").capitalize() for page in decks}
    return {titles[page][0] if page in titles else names[page]: decks[page] for page in ordered}


def _markdown(page: Path) -> str:
    """Return the text of a page, without the code of a notebook."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".md":
        return text
    cells = json.loads(text)["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def select(cards: Iterable[Card], name: str) -> list[Card]:
    """Choose cards by one name.

    Parameters
    ----------
    cards : iterable of Card
        The cards to choose from.
    name : str
        A card's id, a tag, or the title of a section.

    Returns
    -------
    list of Card
        All that bear it, in their order.

    Raises
    ------
    ValueError
        If there is none.
    """
    chosen = [card for card in cards if name in (card.id, card.section, *card.tags)]
    if not chosen:
        raise ValueError(f"no card has the id, tag or section {name!r}")
    return chosen
