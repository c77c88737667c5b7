"""Decks are read and judged as they should be, and what the perceptron's deck says is so."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import yaml
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from nnkit import cards
from nnkit.cards.kit import deck, lint
from nnkit.models import perceptron

SECTIONS = ["A neuron", "Its rule"]
GOOD: dict[str, dict[str, Any]] = {
    "qa": {"front": "What does $b$ do?", "back": "It shifts the boundary.", "tags": ["bias"]},
    "cloze": {"front": "The rule adds [[$y x$]] to the weights.", "section": "Its rule"},
    "choice": {
        "front": "What turns the boundary?",
        "answer": "The weights",
        "back": "They are its *normal*.",
        "wrong": {"The label": "It is data.", "The bias alone": "It shifts the boundary."},
        "requires": ["perceptron.qa"],
    },
    "numeric": {
        "front": "How much is gained at $(<x1>, <x2>)$?",
        "parameters": [{"x1": 0.5, "x2": x2} for x2 in (2, 3, 4, 5, 6)],
        "answer": "gain",
        "tolerance": 0.1,
        "back": "The square of the length, and 1.",
        "wrong": {"gain_without_bias": "The bias is missing.", "gain_of_length": "No: $r^2$."},
        "hint": "Think of the bias.",
    },
    "predict": {"front": "What is printed?", "cell": "here", "back": "It is a sum."},
    "typed": {
        "front": "What is $w$ to the boundary?",
        "answer": "its normal",
        "accept": ["normal"],
        "back": "It is at right angles.",
        "wrong": {"a tangent": "It does not touch, it stands."},
        "hint": "What is the angle?",
    },
}
IDS = "".join(f"perceptron.{kind}\n" for kind in GOOD)
CODE = "```python\n# a comment\n```\n\n"
ASK = "```{cards} A neuron\nfor readers of the notebook\n```\n\n```{card} perceptron.cloze\n```\n"


def write_book(
    root: Path, more: str = "", lock: str | None = None, **changes: dict[str, Any]
) -> Path:
    """Write a book with one chapter and a deck; a card is changed by its kind, None drops a key."""
    cards = []
    for kind in GOOD:
        card = {"id": f"perceptron.{kind}", "kind": kind, "section": SECTIONS[0]} | GOOD[kind]
        card |= changes.get(kind, {})
        cards.append({key: value for key, value in card.items() if value is not None})
    folder = root / "chapters/cards"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "perceptron.yml").write_text(yaml.safe_dump(cards, sort_keys=False) + more)
    (folder / "ids.lock").write_text(IDS if lock is None else lock)
    (root / "_toc.yml").write_text("root: index\nchapters:\n- file: chapters/perceptron\n")
    text = "".join(f"## {title}\n\nText.\n\n{CODE}" for title in SECTIONS)
    printing = new_code_cell("...", id="here", execution_count=1)
    printing.outputs = [new_output("stream", text="1 + 1 = "), new_output("stream", text="2\n")]
    other = new_code_cell("...", id="there", execution_count=2)
    other.outputs = [new_output("stream", text="4\n")]
    long = new_code_cell("...", id="at-length", execution_count=3)
    long.outputs = [new_output("stream", text="1\n" * 13)]
    (folder / "outputs.json").write_text('{"chapters/perceptron#here": "1 + 1 = 2"}')
    text = new_markdown_cell(f"# P\n\n{text}", id="text")
    cells = [text, new_markdown_cell(ASK), printing, other, long]
    metadata = {"language_info": {"name": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), root / "chapters/perceptron.ipynb")
    return root


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """Write a book: `book(qa={"front": "..."})` has that front for its card of the kind qa."""
    return partial(write_book, tmp_path)


def faults(root: Path) -> list[str]:
    return list(lint.faults(root / "chapters/cards", root / "_toc.yml"))


# --- The linter


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"qa": {"front": "What is $z$? And what is $a$?"}}, "one question"),
    ({"qa": {"front": "Name the bias."}}, "one question"),
    ({"cloze": {"front": "There is no gap."}}, "one [[gap]]"),
    ({"cloze": {"front": "[[Two]] gaps are one too [[many]]."}}, "one [[gap]]"),
    ({"qa": {"front": "Is the bias a weight?"}}, "yes and no are guessed"),
    ({"qa": {"front": "At the start, does $b$ matter?"}}, "yes and no are guessed"),
    ({"qa": {"back": "Yes, it shifts."}}, "yes and no are guessed"),
    ({"qa": {"front": "Isn't the bias a weight?"}}, "yes and no are guessed"),
    ({"qa": {"front": "When $x$ is 0 does the rule move?"}}, "yes and no are guessed"),
    ({"qa": {"front": "Do the weights, e.g. $w$, change?"}}, "yes and no are guessed"),
    ({"qa": {"front": "If $x$ is 0, does what is learned change?"}}, "yes and no are guessed"),
    ({"qa": {"front": "What " + "very " * 40 + "long?"}}, "shorten the front from 42 to 40 words"),
    ({"qa": {"back": "long " * 26}}, "shorten from 26 to 25 words"),
    ({"typed": {"hint": "long " * 26}}, "shorten from 26 to 25 words"),
    ({"choice": {"wrong": {"The label": "long " * 26, "The bias alone": "No."}}}, "shorten from"),
    ({"qa": {"back": "It turns, shifts, scales and bends."}}, "list of more than three"),
    ({"qa": {"back": "Weights, the bias, the step, and a rule."}}, "list of more than three"),
    ({"qa": {"back": "Its weights; its bias; a step; a rule; data."}}, "list of more than three"),
    ({"qa": {"back": "- weights\n- bias\n- step\n- rule\n- data"}}, "list of more than three"),
    ({"cloze": {"front": "It has [[1. a 2. b 3. c 4. d]]."}}, "list of more than three"),
    ({"qa": {"back": "It has weights and bias and step and rule."}}, "list of more than three"),
    (
        {"qa": {"back": "Weights, the bias of the neuron itself here, step, rule."}},
        "list of more than three",
    ),
    ({"typed": {"answer": "weights, bias, step and rule"}}, "list of more than three"),
    ({"typed": {"accept": ["weights, bias, step, rule"]}}, "list of more than three"),
    ({"typed": {"hint": "Not weights, bias, step or rule."}}, "list of more than three"),
    (
        {"choice": {"wrong": {"Label, step, rule and data": "No.", "The bias": "Not it."}}},
        "list of more than three",
    ),
    (
        {"choice": {"wrong": {"The label": "Weights, bias, step, rule.", "The bias alone": "No."}}},
        "list of more than three",
    ),
    ({"typed": {"front": "What is a normal, its normal?"}}, "without saying 'its normal'"),
    ({"cloze": {"front": "It adds $y x$, that is [[$y x$]]."}}, "without saying '$y x$'"),
    ({"choice": {"front": "What do weights turn?"}}, "without saying 'The weights'"),
    (
        {"numeric": {"front": "How much, if not 5.25, is gained at $(<x1>, <x2>)$?"}},
        "without saying '5.25'",
    ),
    ({"choice": {"wrong": {"The label": "No.", "The bias alone": "No."}}}, "twice 'No.'"),
    ({"typed": {"wrong": {"a tangent": "What is the angle?"}}}, "twice 'What is the angle?'"),
    ({"choice": {"answer": "Only ever the weights"}}, "the longest one is guessed"),
    ({"choice": {"answer": "Weights"}}, "in 1 of the deck's 1 choices the shortest is right"),
    ({"typed": {"wrong": {"Its  Normal.": "No."}}}, "judged like 'its normal'"),
    ({"typed": {"accept": ["1/2", "0.5", "0,50"]}}, "'0,50' is judged like '0.5'"),
    ({"typed": {"wrong": {"a tangent": "It stands.", "Tangent": "No."}}}, "like 'a tangent'"),
    (
        {"numeric": {"parameters": [{"x1": 0, "x2": x} for x in (1, 2, 3, 4, 5)]}},
        "gain_without_bias is 1.0 and gain_of_length is 1.0 at {'x1': 0, 'x2': 1}",
    ),
    (
        {
            "numeric": {
                "parameters": [{"x1": 1, "x2": 1}, *({"x1": 0, "x2": x} for x in range(1, 5))]
            }
        },
        "gain_without_bias is 1.0 and gain_of_length is 1.0 at {'x1': 0, 'x2': 1}",
    ),
    ({"numeric": {"tolerance": 0.5}}, "gain is 5.25 and gain_without_bias is 4.25"),
    (
        {"numeric": {"tolerance": 4e-3, "parameters": [{"x1": 0.123, "x2": x} for x in range(5)]}},
        "say in the front how many decimals are needed",
    ),
    (
        {"numeric": {"tolerance": 1e-4, "parameters": [{"x1": 0.123, "x2": x} for x in range(5)]}},
        "5.015129 is shown as 5.015, which is not within the tolerance",
    ),
    ({"numeric": {"front": "How much is gained at $(0.5, <x2>)$?"}}, "numbers of each variant"),
    ({"numeric": {"answer": "loss"}}, "let nnkit/cards/perceptron.py have each function"),
    ({"numeric": {"parameters": [{"x": x} for x in range(5)]}}, "of just the card's numbers"),
    (
        {
            "numeric": {
                "front": "What is $<radius>$ over $<margin>$?",
                "parameters": [{"radius": r, "margin": 0} for r in range(5)],
                "answer": "bound_not_squared",
                "wrong": {"bound_with_only_radius_squared": "Why the square?"},
            }
        },
        "ZeroDivisionError",
    ),
    ({"predict": {"cell": "nowhere"}}, "'nowhere' prints 0"),
    ({"predict": {"cell": "text"}}, "'text' prints 0"),
    ({"predict": {"cell": "at-length"}}, "'at-length' prints 13"),
    ({"predict": {"cell": "there"}}, "outputs.json has another output of its cell: run python -m"),
    ({"qa": {"section": "A rule"}}, "no section is called 'A rule': choose one of A neuron; Its"),
    ({"qa": {"section": "a comment"}}, "no section is called 'a comment'"),
    ({"choice": {"requires": ["perceptron.none"]}}, "requires perceptron.none, which no deck has"),
    ({"qa": {"requires": ["perceptron.choice"]}, "choice": {"requires": []}}, "comes no earlier"),
    ({"qa": {"requires": ["perceptron.qa"]}}, "comes no earlier"),
    ({"choice": {"requires": ["perceptron.cloze"]}}, "comes no earlier"),
    # The schema
    ({"qa": {"back": None}}, "'back' is a required property"),
    ({"qa": {"kind": "essay"}}, "correct kind: 'essay' is not one of"),
    ({"qa": {"answer": "It shifts."}}, "'answer' was unexpected"),
    ({"qa": {"id": "Perceptron"}}, "correct id: 'Perceptron' does not match"),
    ({"numeric": {"parameters": [{"x1": 1, "x2": x} for x in range(4)]}}, "is too short"),
    ({"numeric": {"tolerance": 0}}, "correct tolerance: 0 is less than or equal to the minimum"),
    ({"choice": {"wrong": {"The label": "It is data."}}}, "does not have enough properties"),
    ({"choice": {"wrong": {"The label": "", "The bias alone": "No."}}}, "'' does not match"),
    ({"typed": {"answer": 3}}, "correct answer: 3 is not of type 'string'"),
]


# Near misses, each beside what is broken: these are as they should be.
WHOLE: list[dict[str, Any]] = [
    {"qa": {"front": "Why isn't the bias a weight?"}},
    {"qa": {"front": "When does the rule move?"}},
    {"qa": {"front": "When $x$ is 0, what does the rule move?"}},
    {"qa": {"front": "What do the weights, e.g. $w$, do?"}},
    {"qa": {"front": "If weights are many, what is the bias?"}},
    {"qa": {"front": "At which steps, then, does the rule move?"}},
    {"qa": {"back": "It has weights and bias and step."}},
    {"qa": {"back": "The sum of all, and the step and its rule."}},
    {"qa": {"back": "Weights, the bias of the neuron itself here, and a step."}},
    {"qa": {"back": "Weights, as the neuron has them, move, and so the boundary is turned."}},
    {"typed": {"answer": "weights, bias and step"}},
    {"typed": {"hint": "Not weights, bias or step."}},
    {"choice": {"wrong": {"Label, step and rule": "No.", "The bias": "Not it."}}},
    {"typed": {"accept": ["1/2", "0.5", "0.51"]}},
]


@pytest.mark.parametrize("changes", WHOLE)
def test_near_miss_is_no_fault(book: Callable[..., Path], changes: dict[str, Any]) -> None:
    assert faults(book(**changes)) == []


def test_good_deck_has_no_fault(book: Callable[..., Path]) -> None:
    assert faults(book()) == []


@pytest.mark.parametrize(("changes", "todo"), BROKEN, ids=[todo for _, todo in BROKEN])
def test_broken_rule_is_named(
    book: Callable[..., Path], changes: dict[str, Any], todo: str
) -> None:
    root = book(**changes)
    kind = next(iter(changes))
    id_ = changes[kind].get("id", f"perceptron.{kind}")
    lines = (root / "chapters/cards/perceptron.yml").read_text().splitlines()
    where = f"perceptron.yml:{lines.index(f'- id: {id_}') + 1}: {id_}: "
    found = faults(root)
    assert all(where in fault for fault in found)
    assert any(todo in fault for fault in found)


def test_every_rule_is_broken_by_some_card(
    book: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = set()

    def noting(rule: lint.Rule) -> lint.Rule:
        def check(card: deck.Card, book: lint.Book) -> list[str]:
            if todo := list(rule(card, book)):
                broken.add(rule)
            return todo

        return check

    rules = set(lint.RULES)
    monkeypatch.setattr(lint, "RULES", [noting(rule) for rule in lint.RULES])
    for changes in [*(changes for changes, _ in BROKEN), {"lock": ""}]:
        faults(book(**changes))
    assert broken == rules


def test_formula_counts_as_one_word(book: Callable[..., Path]) -> None:
    assert faults(book(qa={"back": "$a b c$ " * 25})) == []


def test_three_things_are_no_long_list(book: Callable[..., Path]) -> None:
    assert faults(book(qa={"back": "It turns, shifts, or scales."})) == []


def test_numbers_more_than_twice_the_tolerance_apart_pass(book: Callable[..., Path]) -> None:
    assert faults(book(numeric={"tolerance": 0.499})) == []


@pytest.mark.parametrize(
    ("lock", "fault"),
    [
        (IDS + "perceptron.gone\n", 'ids.lock:7: perceptron.gone: restore the card, or write "ret'),
        (IDS.replace("perceptron.qa\n", ""), "perceptron.yml:1: perceptron.qa: the id is new"),
        (
            IDS + "perceptron.qa retired\n",
            "ids.lock:7: perceptron.qa: drop this line, the id stands",
        ),
        (IDS.replace(".qa\n", ".qa retired\n"), "yml:1: perceptron.qa: the id belonged to a card"),
    ],
)
def test_lock_holds_ids_for_good(book: Callable[..., Path], lock: str, fault: str) -> None:
    (found,) = faults(book(lock=lock))
    assert fault in found


def test_lock_that_is_missing_lacks_every_id(book: Callable[..., Path]) -> None:
    root = book()
    (root / "chapters/cards/ids.lock").unlink()
    found = faults(root)
    assert len(found) == len(GOOD)
    assert all("the id is new: add it as a line to ids.lock" in fault for fault in found)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("  section: Its rule\n", "section"),
        ("  wrong: {a: 'No.', b: 'No!', a: 'Not.'}\n", "a"),
        ("  parameters: [{x1: 1, x1: 2}]\n", "x1"),
    ],
)
def test_key_stands_once_in_a_card(book: Callable[..., Path], more: str, key: str) -> None:
    card = "- id: perceptron.more\n  kind: choice\n  section: A neuron\n"
    found = faults(book(more=card + more))
    assert any(f"perceptron.more: give '{key}' once" in fault for fault in found)


def test_card_of_the_book_builds_on_no_deck_that_has_no_chapter_yet(
    book: Callable[..., Path],
) -> None:
    root = book(choice={"requires": ["ahead.one"]}, lock=IDS + "ahead.one\n")
    ahead = "- {id: ahead.one, kind: cloze, front: 'A [[gap]].'}\n"
    (root / "chapters/cards/ahead.yml").write_text(ahead)
    (found,) = faults(root)
    assert "perceptron.choice: it requires ahead.one, which no section of the book" in found


def test_retired_id_may_be_absent(book: Callable[..., Path]) -> None:
    assert faults(book(lock=IDS + "perceptron.gone retired\n")) == []


def test_id_is_used_once(book: Callable[..., Path]) -> None:
    copy = "- {id: perceptron.qa, kind: cloze, section: A neuron, front: 'A [[gap]].'}\n"
    (found,) = faults(book(more=copy))
    assert "perceptron.qa: the id is taken" in found


def test_id_begins_with_its_chapter(book: Callable[..., Path]) -> None:
    found = faults(book(qa={"id": "other.qa"}, choice={"requires": []}))
    assert any("other.qa: let the id begin with perceptron." in fault for fault in found)


def test_deck_with_sections_belongs_to_a_page_of_the_book(book: Callable[..., Path]) -> None:
    root = book()
    (root / "_toc.yml").write_text("root: index\n")
    found = faults(root)
    assert len(found) == len(GOOD)
    assert "add chapters/perceptron to _toc.yml" in found[0]


def test_card_may_be_taught_by_another_page(book: Callable[..., Path]) -> None:
    taught = {"page": "notation", "section": "Data"}
    root = book(typed=taught)
    assert "add notation to _toc.yml" in faults(root)[0]
    with (root / "_toc.yml").open("a") as toc:
        toc.write("- file: notation\n")
    (root / "notation.md").write_text("# Notation\n\n## Data\n")
    assert faults(root) == []


def test_deck_may_come_before_its_page(book: Callable[..., Path]) -> None:
    changes = {kind: {"section": None} for kind in GOOD if kind != "predict"}
    root = book(**changes, predict={"kind": "qa", "section": None, "cell": None})
    (root / "_toc.yml").write_text("root: index\n")
    assert faults(root) == []


def test_cards_without_a_page_keep_to_the_order_of_their_deck(book: Callable[..., Path]) -> None:
    root = book(qa={"requires": ["perceptron.typed"], "section": None}, typed={"section": None})
    (root / "_toc.yml").write_text("root: index\n")
    assert any(
        "qa: it requires perceptron.typed, which comes no earlier" in f for f in faults(root)
    )


def test_circle_over_two_decks_is_found(book: Callable[..., Path]) -> None:
    root = book(qa={"requires": ["ahead.one"]}, lock=IDS + "ahead.one\n")
    (root / "chapters/cards/ahead.yml").write_text(
        "- {id: ahead.one, kind: cloze, front: 'A [[gap]].', requires: [perceptron.qa]}\n"
    )
    circle = "it requires itself, directly or through others: break the circle"
    assert {f"{name}: {circle}" for name in ("ahead.one", "perceptron.qa")} <= {
        found.split(": ", 1)[1] for found in faults(root)
    }


@pytest.mark.parametrize("text", ["- {", "id: perceptron.qa"])
def test_what_is_no_deck_is_named(book: Callable[..., Path], text: str) -> None:
    root = book(lock="")
    (root / "chapters/cards/perceptron.yml").write_text(text)
    (found,) = faults(root)
    assert "perceptron.yml:1: the deck: make it YAML, a list of cards" in found


def test_command_fails_on_a_fault(
    book: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(book())
    assert (lint.main(), capsys.readouterr().out) == (0, "")
    monkeypatch.chdir(book(qa={"front": "Is it?"}))
    assert lint.main() == 1
    assert "yes and no are guessed" in capsys.readouterr().out


# --- In a notebook


@pytest.fixture
def read(book: Callable[..., Path]) -> Callable[[str], deck.Card]:
    by_kind = {card.kind: card for card in deck.read(book() / "chapters/cards/perceptron.yml")}
    return by_kind.__getitem__


@pytest.mark.parametrize(
    ("kind", "answer", "verdict"),
    [
        ("numeric", 5.25, "Right: The square of the length, and 1."),
        ("numeric", "5.3", "Right: The square of the length, and 1."),
        ("numeric", 4.25, "Not yet: The bias is missing.\nRead again: A neuron"),
        ("numeric", 100, "Not yet: Think of the bias.\nRead again: A neuron"),
        ("typed", " ITS  normal", "Right: It is at right angles."),
        ("typed", "normal", "Right: It is at right angles."),
        ("typed", "The normal.", "Right: It is at right angles."),
        ("typed", "A tangent", "Not yet: It does not touch, it stands.\nRead again: A neuron"),
        ("typed", "a friend", "Not yet: What is the angle?\nRead again: A neuron"),
        ("choice", "The weights", "Right: They are its *normal*."),
        (
            "choice",
            "The label",
            "Not yet: It is data.\nBuilds on: perceptron.qa\nRead again: A neuron",
        ),
        ("qa", None, "Compare: It shifts the boundary."),
        ("cloze", None, "Compare: The rule adds **$y x$** to the weights."),
        ("predict", "3", "1 + 1 = 2\nCompare: It is a sum."),
    ],
)
def test_answer_gets_its_own_reply(
    read: Callable[[str], deck.Card], kind: str, answer: object, verdict: str
) -> None:
    assert read(kind).verdict(answer) == verdict


NUMBERS = {
    "16.05": 16.05,
    " 16,05 ": 16.05,
    "0,125": 0.125,
    "−0.5": -0.5,
    "-,5": -0.5,
    "+3.": 3.0,
    "1e3": 1000.0,
    "2.5E−2": 0.025,
    "78,500": 78500.0,
    "1,234,567": 1234567.0,
    "−1,234.5": -1234.5,
    "1234,567": 1234.567,
    "1,234,56": None,
    "1.234.567": None,
    "": None,
    " ": None,
    ".": None,
    "0x10": None,
    "1_000": None,
    "1/2": None,
    "five": None,
    "5 apples": None,
    "٣": None,
    "Infinity": None,
    "inf": None,
    "nan": None,
}


# What a reader answers, what the card knows, and whether that is the same.
TWINS: dict[tuple[str, str | float], bool] = {
    ("0.50", "0.5"): True,
    (" ,5 ", "0.5"): True,
    ("0.5.", "0.5"): True,
    ("0.51", "0.5"): False,
    ("1/2", "0.5"): False,
    ("−2", "-2.0"): True,
    ("1,000", "1000"): True,
    ("three.", "three"): True,
    ("Three .", "three"): True,
    ("three..", "three"): False,
    ("the half-plane", "a half-plane"): True,
    ("AN  apple", "apple"): True,
    ("The", "the"): True,
    ("theorem", "orem"): False,
    ("another", "other"): False,
    ("the a", "a"): True,
    ("half", "halves"): False,
    ("words", "other words"): False,
    ("2.05", 2.0): True,
    ("2.2", 2.0): False,
    ("2.", 2.0): True,
    ("2.09", 2.0): True,
    ("2.11", 2.0): False,
}


def on_page(expression: str, data: object) -> Any:
    """Evaluate JavaScript beside the page's own; JSON has null for NaN."""
    script = f"""
        const {{ number, same }} = await import("{Path(deck.__file__).with_name("answer.js")}");
        const data = {json.dumps(data)};
        console.log(JSON.stringify({expression}));
    """
    node = ["node", "--input-type=module", "--eval", script]
    run = subprocess.run(node, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_number_is_read_alike_in_the_notebook_and_on_the_page() -> None:
    assert on_page("data.map(number)", list(NUMBERS)) == list(NUMBERS.values())
    read = {text: deck.number(text) for text in NUMBERS}
    assert {text: None if math.isnan(n) else n for text, n in read.items()} == NUMBERS


def test_answer_is_judged_alike_in_the_notebook_and_on_the_page() -> None:
    card = deck.Card(Path("deck.yml"), 1, "deck.card", "numeric", "", tolerance=0.1)
    found = on_page("data.map(([given, known]) => same(given, known, 0.1))", list(TWINS))
    assert dict(zip(TWINS, found, strict=True)) == TWINS
    assert {(given, known): card.matches(given, known) for given, known in TWINS} == TWINS


@pytest.mark.parametrize(
    ("card", "answers"),
    [
        ("architectures.gan-equal", ["0.50", "a half", "1/2", "½", "50 percent", "The half."]),
        ("foundations.first-cost", ["0.50", "0,5", "½", "50 percent", "one half.", "50%"]),
        ("perceptron.xor-best", ["three.", "3", "3.0"]),
        ("perceptron.half-plane", ["halfplane", "the half-plane", "half-planes", "A half space."]),
    ],
)
def test_right_answer_may_be_written_in_several_ways(card: str, answers: list[str]) -> None:
    (asked,) = (known for known in deck.load(deck.DECKS) if known.id == card)
    for answer in answers:
        assert asked.verdict(answer).startswith("Right: "), answer


def test_letter_stands_for_the_option_that_it_is_shown_with(
    read: Callable[[str], deck.Card],
) -> None:
    card = read("choice")
    shown = dict(re.findall(r"(\w)\) (.*)", card.question()))
    assert sorted(shown.values()) == ["The bias alone", "The label", "The weights"]
    for letter, option in shown.items():
        assert card.verdict(letter) == card.verdict(letter.upper()) == card.verdict(option)


def test_variants_ask_with_other_numbers_and_start_again(read: Callable[[str], deck.Card]) -> None:
    card = read("numeric")
    assert [variant.right.answers for variant in card.variants()] == [
        (5.25,),
        (10.25,),
        (17.25,),
        (26.25,),
        (37.25,),
    ]
    assert "$(0.5, 3)$" in card.question(1)
    assert card.question(6) == card.question(1)
    assert card.verdict(10.25, 1).startswith("Right")


@pytest.mark.parametrize(
    ("tolerance", "front", "said"),
    [
        (0.1, "How much is gained at $(<x1>, <x2>)$?", False),
        (0.02, "How much is gained at $(<x1>, <x2>)$?", True),
        (0.02, "To two decimals, how much is gained at $(<x1>, <x2>)$?", False),
    ],
)
def test_question_says_how_many_decimals_it_takes_where_one_is_too_few(
    book: Callable[..., Path], tolerance: float, front: str, said: bool
) -> None:
    root = book(numeric={"tolerance": tolerance, "front": front})
    cards = deck.read(root / "chapters/cards/perceptron.yml")
    asked = next(card for card in cards if card.kind == "numeric").variants()
    assert {variant.front.endswith("? Two decimals will do.") for variant in asked} == {said}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (23552, "23552"),
        (99999.7, "100000"),
        (-4321.2, "-4321"),
        (999.96, "1000"),
        (12.3456, "12.35"),
        (0.00012345, "0.0001234"),
        (5.0, "5"),
    ],
)
def test_number_is_shown_with_four_digits_or_to_the_unit(number: float, text: str) -> None:
    assert deck.shown(number) == text


@pytest.mark.parametrize(
    ("kind", "answer", "message"),
    [
        ("numeric", "five", "perceptron.numeric: expected a number, got 'five'"),
        ("numeric", " ", "perceptron.numeric: expected a number, got ' '"),
        ("numeric", None, "perceptron.numeric: expected a number, got None"),
        ("choice", "d", "perceptron.choice: expected one of a, b, c, got 'd'"),
        ("typed", None, "perceptron.typed: expected words, got none"),
    ],
)
def test_answer_of_another_sort_is_refused(
    read: Callable[[str], deck.Card], kind: str, answer: object, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read(kind).verdict(answer)


def test_cards_are_shown_by_id_tag_and_section(capsys: pytest.CaptureFixture[str]) -> None:
    cards.show("perceptron.bound")
    assert capsys.readouterr().out.count("perceptron.") == 1
    cards.show("perceptron-mistakes")
    by_tag = capsys.readouterr().out
    cards.show("How many mistakes?")
    assert capsys.readouterr().out == by_tag
    assert by_tag.count("\nperceptron.") + 1 == 6


def test_output_is_kept_for_where_no_chapter_is_at_hand(book: Callable[..., Path]) -> None:
    root = book()
    folder = root / "chapters/cards"
    (folder / "outputs.json").unlink()
    deck.keep_outputs(folder)
    assert faults(root) == []
    (root / "chapters/perceptron.ipynb").unlink()
    (predict,) = (card for card in deck.load(folder) if card.kind == "predict")
    assert predict.verdict("3") == "1 + 1 = 2\nCompare: It is a sum."


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it is installed from a wheel, away from the book."""
    source, site = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    root = deck.DECKS.parents[1]
    for name in ("nnkit", "chapters/cards"):
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(root / name, source / name, symlinks=True, ignore=left_out)
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"):
        shutil.copy(root / name, source)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--no-index", f"--wheel-dir={source}", source], check=True)
    (wheel,) = source.glob("*.whl")
    shutil.unpack_archive(wheel, site, "zip")
    return site


def test_installed_package_asks_and_answers_like_the_book(
    installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = "from nnkit import cards; cards.show('perceptron.xor-run'); "
    script += "cards.check('perceptron.xor-run', 40000); cards.check('perceptron.gain', 26); "
    script += "import nnkit; print(nnkit.__path__[0])"
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
    )
    cards.show("perceptron.xor-run")
    cards.check("perceptron.xor-run", 40000)
    cards.check("perceptron.gain", 26)
    assert run.stdout == f"{capsys.readouterr().out}{installed / 'nnkit'}\n"
    assert "40000 mistakes in 10000 passes" in run.stdout


@pytest.mark.parametrize("ask", [cards.show, cards.check])
def test_unknown_name_is_refused(ask: Callable[[str], None]) -> None:
    with pytest.raises(ValueError, match=r"'perceptron\.none'"):
        ask("perceptron.none")


# --- On the page


def build(root: Path, *pages: str) -> list[BeautifulSoup]:
    """Build a book, without a warning, and parse pages of it."""
    settings = {
        "extensions": ["myst_nb", "nnkit.book.cards"],
        "nb_execution_mode": "off",
        "myst_enable_extensions": ["dollarmath"],
        "myst_heading_anchors": 3,
        "nitpicky": True,
    }
    warnings = StringIO()
    with docutils_namespace():  # each build registers what it needs
        app = Sphinx(root, None, root / "html", root / "tree", "html", settings, None, warnings)
        app.build()
    assert warnings.getvalue() == ""
    return [
        BeautifulSoup((root / f"html/{page}.html").read_bytes(), "html.parser") for page in pages
    ]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> BeautifulSoup:
    """The built page of a chapter that names all cards."""
    root = write_book(tmp_path_factory.mktemp("book"))
    (root / "index.md").write_text("# Book\n\n```{toctree}\nchapters/perceptron\n```\n")
    return build(root, "chapters/perceptron")[0]


def test_page_has_the_cards_that_it_names(page: BeautifulSoup) -> None:
    assert {card["data-card"]: card["data-kind"] for card in page.select("[data-card]")} == {
        f"perceptron.{kind}": kind for kind in GOOD
    }
    assert "for readers of the notebook" not in page.get_text()
    assert page.select_one("script[src*='cards.js']")


def test_question_is_the_legend_of_its_group(page: BeautifulSoup) -> None:
    for card in page.select("[data-card]"):
        assert card.name == "fieldset"
        assert card.find(True).name == "legend"
    legend = page.select_one("[data-kind=qa] legend")
    assert legend.get_text().startswith("What does ")
    assert legend.select_one(".math")


def test_choice_has_a_labelled_radio_button_for_each_option(page: BeautifulSoup) -> None:
    labels = page.select("[data-kind=choice] form label")
    values = [label.select_one("input[type=radio][name=answer]")["value"] for label in labels]
    assert [label.get_text() for label in labels] == values
    assert sorted(values) == ["The bias alone", "The label", "The weights"]


@pytest.mark.parametrize("kind", ["numeric", "typed", "predict"])
def test_answer_is_written_into_a_labelled_field(page: BeautifulSoup, kind: str) -> None:
    label = page.select_one(f"[data-kind={kind}] form[method=dialog] label")
    assert label.select_one("input[type=text][name=answer]")
    assert label.get_text().startswith("Your ")


@pytest.mark.parametrize(
    ("kind", "replies"),
    [
        ("choice", {"The weights": "They are its normal.", "The label": "It is data."}),
        ("numeric", {5.25: "The square of the length, and 1.", 4.25: "The bias is missing."}),
        ("typed", {"normal": "It is at right angles.", "a tangent": "It does not touch, it"}),
    ],
)
def test_reply_to_each_answer_is_folded_into_the_page(
    page: BeautifulSoup, kind: str, replies: dict[object, str]
) -> None:
    found = page.select(f"[data-kind={kind}] details:not([open]) [data-answers]")
    texts = {a: tag.get_text() for tag in found for a in json.loads(tag["data-answers"])}
    for answer, text in replies.items():
        assert texts[answer].startswith(text)


def test_prediction_is_compared_with_what_the_cell_has_printed(page: BeautifulSoup) -> None:
    compare = page.select_one("[data-kind=predict] details [data-reply=compare]")
    assert compare.pre.get_text() == "1 + 1 = 2"
    assert compare.p.get_text() == "It is a sum."


def test_cloze_hides_its_gap_until_it_is_unfolded(page: BeautifulSoup) -> None:
    card = page.select_one("[data-kind=cloze]")
    assert card.legend.get_text() == "The rule adds […] to the weights."
    assert card.select_one("details strong .math")


def test_card_links_to_its_section_and_to_what_it_builds_on(page: BeautifulSoup) -> None:
    links = page.select("[data-kind=choice] [data-reply=again] a")
    places = [page.find(id=link["href"].removeprefix("#")) for link in links]
    assert places[0]["data-card"] == "perceptron.qa"
    assert places[1].find("h2").get_text().startswith("A neuron")


def test_page_of_all_decks_lists_them_in_the_order_of_the_book(tmp_path: Path) -> None:
    root = write_book(tmp_path)
    ahead = "- {id: ahead.one, kind: cloze, front: 'A [[gap]].', requires: [perceptron.qa]}\n"
    (root / "chapters/cards/ahead.yml").write_text(ahead)
    (root / "review.md").write_text("# Review\n\n```{decks}\n```\n")
    (root / "index.md").write_text("# B\n\n```{toctree}\nchapters/perceptron\nreview\n```\n")
    chapter, review = build(root, "chapters/perceptron", "review")
    assert [deck["data-title"] for deck in review.select("[data-deck]")] == ["P", "Ahead"]
    listed = [card["data-card"] for card in review.select("[data-deck] > [data-card]")]
    assert listed == [*(f"perceptron.{kind}" for kind in GOOD), "ahead.one"]
    assert (
        review.select_one("#card-ahead-one [data-reply=again] a")["href"] == "#card-perceptron-qa"
    )
    assert review.select_one("script[src*='cards/review.js']")
    assert chapter.select_one("script[src*='cards/cards.js']")["data-page"] == "chapters/perceptron"
    variants = review.select_one("[data-kind=numeric]").find("template").find_all("fieldset")
    assert len(variants) == len(GOOD["numeric"]["parameters"]) - 1
    assert not any(variant.has_attr("id") for variant in variants)


def test_card_leads_to_the_list_of_all_where_its_page_lacks_one(tmp_path: Path) -> None:
    root = write_book(tmp_path)
    (root / "review.md").write_text("# Review\n\n```{decks}\n```\n")
    (root / "notes.md").write_text("# Notes\n\n```{card} perceptron.choice\n```\n")
    pages = "chapters/perceptron\nreview\nnotes"
    (root / "index.md").write_text(f"# B\n\n```{{toctree}}\n{pages}\n```\n")
    (notes,) = build(root, "notes")
    again = notes.select_one("[data-reply=again] a")
    assert again["href"] == "review.html#card-perceptron-qa"


# For each widespread error that the course puts to the test, the options that stand for it: the
# card, and how the option begins.
MISCONCEPTIONS = {
    "perceptron.xor": {"perceptron.xor-forever": "Success in the end"},
    "perceptron.boundary-unique": {"perceptron.order": "The boundary at which"},
    "perceptron.bias-optional": {"perceptron.shifted": "A little"},
    "mlp.linear-stack": {"foundations.linear-stack": "Curves"},
    "mlp.deep-learning-is-unsupervised": {"foundations.says-nothing": "That it learns without"},
    "backprop.is-the-optimizer": {
        "backprop.not-optimizer": "It moves each against its slope",
        "foundations.optimizer": "Backpropagation",
    },
    "backprop.fd-smaller-is-better": {"backprop.smaller-h": "It shrinks"},
    "backprop.zero-init": {"backprop.zero": "It lets each find"},
    "gradients.small-weights-safe": {"gradients.small": "It learns best"},
    "gradients.clipping-fixes-vanishing": {
        "gradients.clipping-vanishing": "It brings them back",
        "gradients.vanishing-remedy": "Clipping by norm",
    },
    "autoencoder.sample": {"architectures.autoencoder-code": "So that its codes can be sampled"},
    "diffusion.predicts-one-step": {
        "diffusion.predicts": "The noise that the last step",
        "architectures.diffusion-target": "The noise that the last step",
    },
    "diffusion.must-be-random": {"diffusion.random": "From nowhere"},
}


def test_wrong_options_of_fifteen_choices_are_real_misconceptions() -> None:
    root = deck.DECKS.parents[1]
    claims = yaml.safe_load((root / "chapters/claims.yml").read_text(encoding="utf-8"))
    by_id = {card.id: card for card in deck.load(deck.DECKS)}
    for claim, options in MISCONCEPTIONS.items():
        assert claims[claim]["verdict"] == "wrong"
        for card, words in options.items():
            assert sum(option.startswith(words) for option in by_id[card].wrong) == 1, card
    assert len({card for options in MISCONCEPTIONS.values() for card in options}) >= 15


# --- What the decks say is so


POINTS = np.array(list(product([0.0, 1.0], repeat=2)))
XOR, AND = np.array([-1, 1, 1, -1]), np.array([-1, -1, -1, 1])


def test_decks_of_the_course_have_no_fault() -> None:
    root = Path(__file__).parents[2]
    assert faults(root) == []


def test_rate_changes_the_length_of_the_weights_alone() -> None:
    front = {card.id: card for card in deck.load(deck.DECKS)}["perceptron.rate"].front
    (number,) = re.findall(r"a rate of ([\d./]+) change", front)
    rate = float(Fraction(number))
    x, w = perceptron.augment(np, POINTS), np.zeros(3)
    run = perceptron.train(np, x, AND, epochs=100)
    mistakes = []
    for i in np.tile(np.arange(4), 100):
        if AND[i] * (w @ x[i]) <= 0:
            w = w + rate * AND[i] * x[i]
            mistakes.append(i)
    assert mistakes == run.mistakes
    np.testing.assert_array_equal(w, rate * run.weights[-1])


def test_corrected_sample_can_be_a_mistake_again() -> None:
    run = perceptron.train(np, perceptron.augment(np, POINTS), AND, epochs=100)
    assert len(set(run.mistakes)) < len(run.mistakes)


def test_correction_need_not_suffice() -> None:
    x = np.array([[3.0, 0.0], [1.0, 0.0]])
    run = perceptron.train(np, x, np.array([1, -1]), epochs=1)
    assert run.mistakes[-1] == 1
    assert x[1] @ run.weights[-1] > 0


def test_neuron_is_right_about_three_samples_of_xor_at_most() -> None:
    w = np.array(list(product(np.linspace(-2, 2, 17), repeat=3)))
    right = (np.sign(w @ perceptron.augment(np, POINTS).T - 1e-9) == XOR).sum(axis=1)
    assert right.max() == 3


def test_every_pass_over_xor_has_a_mistake() -> None:
    x = perceptron.augment(np, POINTS)
    counts = [len(perceptron.train(np, x, XOR, epochs=k).mistakes) for k in range(1, 101)]
    assert np.diff(counts).min() == np.diff(counts).max() == 4


def test_order_changes_mistakes_and_boundary() -> None:
    x = perceptron.augment(np, POINTS)
    runs = [perceptron.train(np, x, AND, epochs=100, order=o) for o in ([0, 1, 2, 3], [3, 2, 1, 0])]
    assert len(runs[0].mistakes) != len(runs[1].mistakes)
    assert not np.array_equal(*(run.weights[-1] for run in runs))
