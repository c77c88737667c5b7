"""Anki itself takes in the package of cards, and an edited one without losing intervals."""

import html
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
from anki import import_export_pb2
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.notes import Note

from nnkit.book.package import revision
from nnkit.cards.kit.anki import MODEL, NAMES, package
from nnkit.cards.kit.deck import DECKS, Card, by_deck, load

BOOK = "A book"
CARDS = load(DECKS)
TOC = DECKS.parents[1] / "_toc.yml"
LINKS = {card.id: f"https://example.org/page.html#{card.id}" for card in CARDS}
REVISION = 1_700_000_000
Take = Callable[..., tuple[int, int]]


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    collection = Collection(str(tmp_path / "collection.anki2"))
    yield collection
    collection.close()


@pytest.fixture
def take(collection: Collection, tmp_path: Path) -> Take:
    """Import decks as a reader does: returns the numbers of new and of updated notes."""

    def take(
        cards: Sequence[Card],
        revision: int = REVISION,
        links: dict[str, str] = LINKS,
        update: str = "IF_NEWER",
    ) -> tuple[int, int]:
        file = tmp_path / "cards.apkg"
        file.write_bytes(package(BOOK, cards, links, revision))
        condition = getattr(import_export_pb2, f"IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_{update}")
        options = ImportAnkiPackageOptions(update_notes=condition)
        request = ImportAnkiPackageRequest(package_path=str(file), options=options)
        log = collection.import_anki_package(request).log
        return len(log.new), len(log.updated)

    return take


def note_of(collection: Collection, card: str) -> Note:
    (id_,) = collection.find_notes(f'Id:"{card}"')
    return collection.get_note(id_)


def edited() -> list[Card]:
    """The cards after all of one has changed that may change, and the order of its deck."""
    (card,) = (card for card in CARDS if card.id == "perceptron.pre-activation")
    front = card.front.replace("A neuron", "One neuron")
    changed = replace(
        card, front=front, back="It is rewritten.", tags=["moved"], section="Learning from mistakes"
    )
    assert front != card.front
    return [changed if c is card else c for c in reversed(CARDS)]


def answer_five(collection: Collection) -> list[object]:
    """Answer cards of the perceptron's deck, and tell what Anki keeps of that."""
    collection.decks.select(collection.decks.id_for_name(f"{BOOK}::{NAMES['perceptron']}"))
    for _ in range(5):
        card = collection.sched.getCard()
        card.start_timer()
        collection.sched.answerCard(card, 4)
    return kept(collection)


def kept(collection: Collection) -> list[object]:
    """What Anki keeps of the cards that have been answered."""
    wanted = "SELECT nid, did, ivl, due, reps, factor FROM cards WHERE reps > 0 ORDER BY nid"
    rows: list[object] = collection.db.all(wanted)
    return rows


def test_anki_finds_every_card_in_the_deck_of_its_chapter(
    collection: Collection, take: Take
) -> None:
    assert take(CARDS) == (len(LINKS), 0)
    assert collection.note_count() == collection.card_count() == len(LINKS)
    for deck, cards in groupby(CARDS, lambda card: card.deck.stem):
        found = collection.find_notes(f'deck:"{BOOK}::{NAMES[deck]}"')
        ids = [collection.get_note(id_)["Id"] for id_ in found]
        assert sorted(ids) == sorted(card.id for card in cards)


def test_anki_lists_the_decks_in_the_order_of_the_book(collection: Collection, take: Take) -> None:
    take(CARDS)
    (book,) = (deck for deck in collection.sched.deck_due_tree().children if deck.name == BOOK)
    in_order = [cards[0].deck.stem for cards in by_deck(CARDS, TOC).values()]
    assert [deck.name for deck in book.children] == [NAMES[deck] for deck in in_order]


def test_what_anki_knows_notes_and_decks_by_stays_for_good(
    collection: Collection, take: Take
) -> None:
    """Another id, name or field makes other notes, and a reader's intervals are gone."""
    take(CARDS)
    guids = {
        "foundations.deep": "mdJDrn0:kA",
        "perceptron.mistake": "Bq3(7,R8[U",
        "diffusion.simple-loss": "lH9AYU#t-p",
    }
    assert {card: note_of(collection, card).guid for card in guids} == guids
    assert MODEL.model_id == 1_763_719_200
    (fields,) = (
        [field["name"] for field in kind["flds"]]
        for kind in collection.models.all()
        if kind["id"] == MODEL.model_id
    )
    assert fields == ["Id", "Question", "Answer", "Section"]
    assert (
        NAMES
        | {
            "foundations": "10 Foundations",
            "perceptron": "20 The perceptron",
            "backprop": "30 Backpropagation",
            "gradients": "40 Vanishing and exploding gradients",
            "architectures": "50 Seven architectures",
            "diffusion": "60 Diffusion",
        }
        == NAMES
    )


def test_deck_without_a_name_is_told(tmp_path: Path) -> None:
    new = replace(CARDS[0], deck=tmp_path / "tensors.yml")
    with pytest.raises(ValueError, match=r"a name for Anki in NAMES, got none of \['tensors'\]$"):
        package(BOOK, [new], {new.id: ""}, 1)


def test_every_front_and_back_is_shown(collection: Collection, take: Take) -> None:
    take(CARDS)
    for card in load(DECKS):
        (drawn,) = note_of(collection, card.id).cards()
        back = drawn.answer().partition("<hr id=answer>")[2]
        assert len(re.sub("<.*?>", "", drawn.question())) > 10
        assert len(re.sub("<.*?>", "", back)) > 10
        assert f'href="{LINKS[card.id]}"' in back
        assert card.section in html.unescape(back)
        assert "$" not in drawn.answer()


@pytest.mark.parametrize(
    ("card", "front", "back"),
    [
        ("pre-activation", r"the weights \(\mathbf{w} = (2, -1)\)", "<b>10</b>"),
        ("bias-shifts", "<li>It shifts, parallel to itself</li>", "<b>It shifts, parallel to it"),
        ("normal", "stands […] to the boundary", "stands <strong>at right angles</strong> to"),
        ("xor-run", "visits the four samples", "<pre>"),
        ("half-plane", "two inputs", "<b>a half-plane</b>"),
        ("mistake", "count as a mistake?", r"When \(y z \le 0\); it lies"),
    ],
)
def test_card_of_each_kind_is_whole(
    collection: Collection, take: Take, card: str, front: str, back: str
) -> None:
    take(CARDS)
    (drawn,) = note_of(collection, f"perceptron.{card}").cards()
    assert front in drawn.question()
    assert back in drawn.answer()


def test_formula_is_safe_in_html(collection: Collection, take: Take) -> None:
    card = replace(load(DECKS)[0], kind="qa", front="What if $a <b$?", back="`c <d` and *then*.")
    take([card])
    note = note_of(collection, card.id)
    assert note["Question"] == r"What if \(a &lt;b\)?"
    assert "<code>c &lt;d</code> and <em>then</em>" in note["Answer"]


def test_cards_are_found_by_chapter_kind_and_tag(collection: Collection, take: Take) -> None:
    take(CARDS)
    own = [card for card in load(DECKS) if card.deck.stem == "perceptron"]
    assert len(collection.find_cards("tag:perceptron")) == len(own)
    choices = [card for card in load(DECKS) if card.kind == "choice"]
    assert len(collection.find_cards("tag:choice")) == len(choices)
    assert collection.find_cards("tag:perceptron-xor")


def test_second_import_adds_nothing(collection: Collection, take: Take) -> None:
    take(CARDS)
    assert take(CARDS) == (0, 0)
    assert collection.card_count() == len(LINKS)


def test_edited_package_brings_new_text_and_keeps_intervals(
    collection: Collection, take: Take
) -> None:
    take(CARDS)
    before = answer_five(collection)
    assert len(before) == 5
    assert take(edited(), REVISION + 1) == (0, len(LINKS))
    note = note_of(collection, "perceptron.pre-activation")
    assert note["Question"].startswith("One neuron")
    assert "It is rewritten." in note["Answer"]
    assert "Learning from mistakes" in note["Section"]
    assert "moved" in note.tags
    assert kept(collection) == before
    assert collection.card_count() == len(LINKS)


@pytest.mark.parametrize(("update", "rewritten"), [("IF_NEWER", False), ("ALWAYS", True)])
def test_note_that_was_touched_since_is_updated_where_the_reader_asks_for_it(
    collection: Collection, take: Take, update: str, rewritten: bool
) -> None:
    take(CARDS)
    before = answer_five(collection)
    note = note_of(collection, "perceptron.pre-activation")
    note.add_tag("leech")
    collection.update_note(note)
    new, updated = take(edited(), REVISION + 1, update=update)
    assert (new, updated) == (0, len(LINKS) - 1 + rewritten)
    note = note_of(collection, "perceptron.pre-activation")
    assert ("It is rewritten." in note["Answer"]) == rewritten
    assert kept(collection) == before
    assert collection.card_count() == len(LINKS)


def test_same_decks_make_the_same_bytes() -> None:
    assert package(BOOK, CARDS, LINKS, REVISION) == package(BOOK, CARDS, LINKS, REVISION)
    assert package(BOOK, edited(), LINKS, REVISION) != package(BOOK, CARDS, LINKS, REVISION)


def test_same_cards_make_the_same_bytes_in_any_process() -> None:
    script = (
        "import sys\n"
        "from nnkit.cards.kit.anki import package\n"
        "from nnkit.cards.kit.deck import DECKS, load\n"
        "links = {card.id: card.id for card in load(DECKS)}\n"
        "sys.stdout.buffer.write(package('A book', load(DECKS), links, 1_700_000_000))\n"
    )
    one, two = (
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    )
    assert one == two != b""


def test_long_line_of_an_output_is_wrapped(collection: Collection, take: Take) -> None:
    take(CARDS)
    (drawn,) = note_of(collection, "perceptron.xor-run").cards()
    assert "pre { white-space: pre-wrap; }" in drawn.render_output().css


def test_card_without_a_section_has_no_link(collection: Collection, take: Take) -> None:
    card = replace(load(DECKS)[0], section="")
    take([card], links={card.id: ""})
    (drawn,) = note_of(collection, card.id).cards()
    assert "<a" not in drawn.answer()


# --- When the source was changed

COMMITTED = 1_800_000_000


def commit(folder: Path, time: int) -> None:
    """Commit all that is in a folder, at a time."""
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "--quiet"], ["add", "."], [*who, "commit", "--quiet", "-m", "Change"]):
        dates = {"GIT_COMMITTER_DATE": f"{time} +0000", "GIT_AUTHOR_DATE": f"{time} +0000"}
        subprocess.run(["git", "-C", folder, *command], check=True, env=os.environ | dates)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A source that was written, then committed, then changed where no card depends on it."""
    source = tmp_path / "source"
    (source / "chapters/cards").mkdir(parents=True)
    for name in ("chapters/cards/perceptron.yml", "chapters/perceptron.ipynb", "_toc.yml"):
        (source / name).write_text("a text")
        os.utime(source / name, (COMMITTED - 10, COMMITTED - 10))
    commit(source, COMMITTED)
    (source / "README.md").write_text("not committed")
    return source


def test_revision_is_the_time_of_the_commit_in_a_shallow_clone_too(
    repository: Path, tmp_path: Path
) -> None:
    (repository / "README.md").write_text("another text")
    commit(repository, COMMITTED + 20)
    clone = tmp_path / "clone"
    origin = repository.as_uri()
    subprocess.run(["git", "clone", "--quiet", "--depth=1", origin, clone], check=True)
    assert revision(repository) == revision(clone) == COMMITTED + 20


@pytest.mark.parametrize("name", ["chapters/cards/perceptron.yml", "chapters/perceptron.ipynb"])
def test_revision_is_later_after_an_edit_committed_or_not(repository: Path, name: str) -> None:
    assert revision(repository) == COMMITTED
    (repository / name).write_text("another text")
    os.utime(repository / name, (COMMITTED + 30, COMMITTED + 30))
    assert revision(repository) == COMMITTED + 30
    commit(repository, COMMITTED + 60)
    assert revision(repository) == COMMITTED + 60


def test_revision_outside_of_a_repository_is_when_a_file_was_last_written(repository: Path) -> None:
    (repository / ".git").rename(repository / "no-git")
    assert revision(repository) == COMMITTED - 10
