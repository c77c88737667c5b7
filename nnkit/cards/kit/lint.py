"""Hold the decks to the rules of a good question.

`python -m nnkit.cards.kit.lint`, at the head of the project, names every card that breaks one: its
file and line, its id, and what to do.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from nnkit.cards.kit.deck import GAP, NUMBER, OUTPUTS, Card, contents, entries, read, shown

VALIDATOR = Draft202012Validator(
    json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
)
WORDS_IN_FRONT, WORDS_BEHIND, OUTPUT_LINES = 40, 25, 12
FORMULA = re.compile(r"\$[^$]+\$")
ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|cf|vs|etc)\.", re.IGNORECASE)
VERB = (
    r"(?:(?:is|are|was|were|do|does|did|has|have|had|can|could|may|might|must|should|would|will)"
    r"(?:n['’]t)?|shall|(?:ca|wo|sha)n['’]t)\b"
)
YES_OR_NO = re.compile(rf"(?:^|,\s){VERB}", re.IGNORECASE)
ASKING = re.compile(
    rf"\b(?:what|which|who|whom|whose|why|how)\b|\b(?:when|where)\s{VERB}", re.IGNORECASE
)
FEW, MANY = (rf",\s+[^\s,;.]+(?:\s[^\s,;.]+){{0,{more}}}" for more in (3, 9))
END = r"(?=[,;.]|$)"
MORE_THAN_THREE = re.compile(
    rf"{FEW}{FEW}(?:{FEW}|,?\s+(?:and|or)\s)"  # one, two, three or four
    rf"|(?:{FEW}{MANY}|{MANY}{FEW}){FEW}{END}"  # one, two with many words, three, four
    r"|(?:\s(?:and|or)(?:\s(?!and\b|or\b)[^\s,;.]+){1,4}){3}"  # one and two and three and four
    r"|(?:;[^;]*){3}"  # one; two; three; four
    r"|(?:(?:^|\s)(?:[-*•]|\d+[.)])\s[\s\S]*?){4}"  # - one - two - three - four
)


@dataclass(frozen=True)
class Book:
    """What a card is judged against.

    Attributes
    ----------
    cards : mapping of str to Card
        The cards of all decks by id.
    sections : mapping of str to list of str
        For each page, in the order of the book, the titles of its sections.
    lock : mapping of str to str
        For each id that was ever given, the rest of its line: "retired", or nothing.
    """

    cards: dict[str, Card]
    sections: dict[str, list[str]]
    lock: dict[str, str]

    def place(self, card: Card) -> tuple[int, int, int] | None:
        """Return where a card stands: page, section, line; None if the book has no such place.

        Parameters
        ----------
        card : Card
            One of the cards.

        Returns
        -------
        tuple of int or None
            Places that can be compared: the smaller one comes first.
        """
        titles = self.sections.get(card.page, [])
        if card.section not in titles:
            return None
        return list(self.sections).index(card.page), titles.index(card.section), card.line

    def beneath(self, card: Card) -> set[str]:
        """Return what a card builds on, directly or through others.

        Parameters
        ----------
        card : Card
            One of the cards.

        Returns
        -------
        set of str
            Ids; the card's own is among them if cards require each other in a circle.
        """
        found: set[str] = set()
        ids = list(card.requires)
        while ids:
            if (id_ := ids.pop()) not in found and id_ in self.cards:
                found.add(id_)
                ids += self.cards[id_].requires
        return found


Rule = Callable[[Card, Book], Iterable[str]]
RULES: list[Rule] = []


def rule(check: Rule) -> Rule:
    """Take a function among the rules.

    Parameters
    ----------
    check : callable
        Yields, for a card and its book, what is to be done if the card breaks the rule.

    Returns
    -------
    callable
        The same function.
    """
    RULES.append(check)
    return check


def _words(text: str) -> int:
    """Count words; a formula counts as one."""
    return len(FORMULA.sub("formula", text).split())


def _terms(text: str) -> set[str]:
    """Return what a text says: its formulas, its numbers, and its words of four letters or more."""
    words = re.findall(r"[^\W\d_]{4,}", FORMULA.sub("", text.lower()))
    numbers = re.findall(r"-?\d+(?:\.\d+)?", text)
    return {*words, *numbers, *FORMULA.findall(text.lower())}


# --- What is asked


@rule
def _asks_one_question(card: Card, book: Book) -> Iterator[str]:
    if card.kind == "cloze":
        if "?" in card.front or len(GAP.findall(card.front)) != 1:
            yield "make the front one statement with one [[gap]]"
    elif card.front.count("?") != 1 or not card.front.endswith("?"):
        yield "end the front with its one question; a second one is another card"


@rule
def _asks_for_more_than_yes_or_no(card: Card, book: Book) -> Iterator[str]:
    question = re.split(r"[.:;]\s+", ABBREVIATION.sub("", card.front))[-1]
    asking, verb = ASKING.search(question), YES_OR_NO.search(question)
    guessed = not asking or (verb and verb.start() < asking.start())
    if (card.kind != "cloze" and guessed) or re.match(r"(yes|no)[,.;:]", card.back, re.IGNORECASE):
        yield "ask what, which, why or how: yes and no are guessed"


@rule
def _is_short(card: Card, book: Book) -> Iterator[str]:
    if (count := _words(card.front)) > WORDS_IN_FRONT:
        yield f"shorten the front from {count} to {WORDS_IN_FRONT} words"
    for text in (card.back, card.hint, *GAP.findall(card.front), *card.wrong.values()):
        if (count := _words(text)) > WORDS_BEHIND:
            yield f"shorten from {count} to {WORDS_BEHIND} words: {text!r}"


@rule
def _lists_three_at_most(card: Card, book: Book) -> Iterator[str]:
    options = card.wrong if card.kind in ("choice", "typed") else []
    said = (card.back, card.hint, card.answer, *card.accept, *options, *card.wrong.values())
    for text in (*said, *GAP.findall(card.front)):
        if MORE_THAN_THREE.search(FORMULA.sub("formula", text)):
            yield f"split the list of more than three over several cards: {text!r}"


@rule
def _keeps_the_answer_back(card: Card, book: Book) -> Iterator[str]:
    for variant in card.variants():
        answers = variant.right.answers or GAP.findall(card.front) or [card.back]
        for answer in map(shown, answers if card.kind != "predict" else []):
            if (_terms(answer) or {answer}) <= {*_terms(variant.front), variant.front}:
                yield f"ask without saying {answer!r}, which is the answer"


# --- What is said to mistakes


@rule
def _says_something_of_its_own_to_each_mistake(card: Card, book: Book) -> Iterator[str]:
    replies = [card.back, card.hint, *card.wrong.values()]
    for text in sorted({text for text in replies if text and replies.count(text) > 1}):
        yield f"say something of its own to each answer, not twice {text!r}"


@rule
def _has_a_right_option_that_is_not_the_longest(card: Card, book: Book) -> Iterator[str]:
    if card.kind == "choice" and len(card.answer) > max(map(len, card.wrong)):
        yield f"shorten {card.answer!r} or lengthen another option: the longest one is guessed"


@rule
def _has_a_right_option_that_is_not_mostly_the_shortest(card: Card, book: Book) -> Iterator[str]:
    choices = [c for c in book.cards.values() if c.kind == "choice" and c.deck == card.deck]
    shortest = [c for c in choices if len(c.answer) < min(map(len, c.wrong))]
    if card in shortest and 2 * len(shortest) > len(choices):
        yield (
            f"lengthen {card.answer!r} or shorten another option: in {len(shortest)} of the deck's "
            f"{len(choices)} choices the shortest is right, and half are enough"
        )


@rule
def _keeps_words_apart(card: Card, book: Book) -> Iterator[str]:
    """All of them from each other: else one gets another's reply."""
    words = [card.answer, *card.accept, *card.wrong] if card.kind in ("choice", "typed") else []
    for one, other in combinations(words, 2):
        if card.matches(one, other):
            yield f"{other!r} is judged like {one!r}: drop one of the two"


@rule
def _keeps_right_and_wrong_numbers_apart(card: Card, book: Book) -> Iterator[str]:
    """All of them from each other: else a mistake could get another one's reply."""
    names = [card.answer, *card.wrong]
    for row, variant in zip(card.parameters, card.variants(), strict=False):
        numbers = [reply.answers[0] for reply in (variant.right, *variant.wrong)]
        for (one, x), (other, y) in combinations(zip(names, numbers, strict=True), 2):
            if not abs(float(x) - float(y)) > 2 * card.tolerance:
                yield (
                    f"{one} is {x} and {other} is {y} at {row}: choose numbers that keep them more "
                    f"than twice the tolerance apart"
                )


@rule
def _accepts_the_numbers_that_it_shows(card: Card, book: Book) -> Iterator[str]:
    for row, variant in zip(card.parameters, card.variants(), strict=False):
        for number in (reply.answers[0] for reply in (variant.right, *variant.wrong)):
            if not (math.isfinite(float(number)) and card.matches(shown(number), number)):
                yield (
                    f"at {row}, {number} is shown as {shown(number)}, which is not within the "
                    f"tolerance: widen it or choose other numbers"
                )


@rule
def _says_when_two_decimals_are_too_few(card: Card, book: Book) -> Iterator[str]:
    answers = [v.right.answers[0] for v in card.variants() if card.kind == "numeric"]
    if any(not card.matches(f"{n:.2f}", n) for n in answers) and " decimals" not in card.front:
        yield "say in the front how many decimals are needed, or widen the tolerance to take two"


@rule
def _asks_with_all_its_numbers(card: Card, book: Book) -> Iterator[str]:
    for row in card.parameters:
        if row.keys() != set(NUMBER.findall(card.front)):
            yield f"let the front name, as <name>, the numbers of each variant: {', '.join(row)}"


@rule
def _predicts_a_short_output(card: Card, book: Book) -> Iterator[str]:
    lines = len(card.output().splitlines())
    if card.kind == "predict" and not 1 <= lines <= OUTPUT_LINES:
        yield f"name a cell that prints 1 to {OUTPUT_LINES} lines; {card.cell!r} prints {lines}"


@rule
def _has_its_output_kept(card: Card, book: Book) -> Iterator[str]:
    if card.kind == "predict" and card.kept_output() != card.output():
        yield f"{OUTPUTS} has another output of its cell: run python -m nnkit.book.notebooks"


# --- Where it belongs


@rule
def _names_a_section_of_its_page(card: Card, book: Book) -> Iterator[str]:
    titles = book.sections.get(card.page)
    if titles and card.section not in titles:
        yield f"no section is called {card.section!r}: choose one of {'; '.join(titles)}"
    elif card.section and not titles:
        yield (
            f"add {card.page} to _toc.yml, name another page of the book that teaches this, or "
            f"leave the section out until there is one"
        )


@rule
def _builds_on_cards_before_it(card: Card, book: Book) -> Iterator[str]:
    """In the book's order or, where a page is still to come, in the deck's."""
    place = book.place(card)
    for id_ in card.requires:
        other = book.cards.get(id_)
        if other is None:
            yield f"it requires {id_}, which no deck has: correct the id"
        elif place and (before := book.place(other)):
            if before >= place:
                yield f"it requires {id_}, which comes no earlier in the book: change their order"
        elif place and other.deck != card.deck:
            yield f"it requires {id_}, which no section of the book teaches yet: drop that"
        elif other.deck == card.deck and other.line >= card.line:
            yield f"it requires {id_}, which comes no earlier in the deck: change their order"
    if card.id in book.beneath(card):
        yield "it requires itself, directly or through others: break the circle"


@rule
def _has_an_id_for_good(card: Card, book: Book) -> Iterator[str]:
    if not card.id.startswith(f"{card.deck.stem}."):
        yield f"let the id begin with {card.deck.stem}."
    if book.cards[card.id] is not card:
        yield "the id is taken by another card: choose a new one"
    if card.id not in book.lock:
        yield "the id is new: add it as a line to ids.lock"
    elif book.lock[card.id] == "retired":
        yield "the id belonged to a card that is retired: choose a new one"


# --- All decks together


def faults(folder: Path, toc: Path) -> Iterator[str]:
    """Find everything that is wrong with the decks of a folder.

    Parameters
    ----------
    folder : Path
        Holds the decks and `ids.lock`: on each line an id, and "retired" after it if its card is
        gone for good.
    toc : Path
        The book's `_toc.yml`; the pages that it names lie beside it.

    Yields
    ------
    str
        File and line, the card's id, and what to do.
    """
    decks = sorted(folder.glob("*.yml"))
    if breaches := [breach for deck in decks for breach in _breaches_of_schema(deck)]:
        yield from breaches
        return
    cards = [card for deck in decks for card in read(deck)]
    lock = folder / "ids.lock"
    lines = lock.read_text(encoding="utf-8").splitlines() if lock.is_file() else []
    ids = [(id_, rest.strip()) for id_, _, rest in (line.partition(" ") for line in lines)]
    book = Book(
        {card.id: card for card in reversed(cards)},
        {page: titles[1:] for page, titles in contents(toc).items()},
        dict(reversed(ids)),
    )
    for card in cards:
        where = f"{card.deck}:{card.line}: {card.id}"
        try:
            card.variants()
        except Exception as error:  # whatever a deck's own function may raise
            module = f"nnkit/cards/{card.deck.stem}.py"
            yield f"{where}: let {module} have each function, of just the card's numbers: {error!r}"
            continue
        yield from (f"{where}: {todo}" for check in RULES for todo in check(card, book))
    for number, (id_, rest) in enumerate(ids, 1):
        if id_ in dict(ids[: number - 1]):
            yield f"{lock}:{number}: {id_}: drop this line, the id stands on one before"
        elif id_ not in book.cards and rest != "retired":
            yield f'{lock}:{number}: {id_}: restore the card, or write "retired" after its id'


def _breaches_of_schema(deck: Path) -> Iterator[str]:
    """Yield what in a deck is not as the schema has it."""
    try:
        found = entries(deck)
        tree = yaml.compose(deck.read_text(encoding="utf-8"))
    except (ValueError, yaml.YAMLError) as error:
        yield f"{deck}:1: the deck: make it YAML, a list of cards: {error}"
        return
    assert isinstance(tree, yaml.SequenceNode)  # as `entries` has found
    for (line, entry), node in zip(found, tree.value, strict=True):
        id_ = entry.get("id", "no id") if isinstance(entry, dict) else entry
        yield from (f"{deck}:{line}: {id_}: give {key!r} once" for key in _repeated(node))
        for breach in VALIDATOR.iter_errors([entry]):
            key = ".".join(map(str, list(breach.absolute_path)[1:])) or "the card"
            yield f"{deck}:{line}: {id_}: correct {key}: {breach.message}"


def _repeated(node: yaml.Node) -> Iterator[str]:
    """Yield the keys that stand more than once in a mapping or in one within it."""
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        yield from sorted({key for key in keys if keys.count(key) > 1})
        for _, value in node.value:
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)


def main() -> int:
    """Lint the decks of the project in whose head this runs.

    Returns
    -------
    int
        Exit status: 1 if there is a fault, otherwise 0.
    """
    found = list(faults(Path("chapters/cards"), Path("_toc.yml")))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
