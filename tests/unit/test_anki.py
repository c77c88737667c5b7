"""Anki itself takes in the package of cards, and an edited one without losing intervals."""

import html
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.notes import Note

from nnkit.book.package import revision
from nnkit.cards.anki import package
from nnkit.cards.deck import DECKS, Card, by_deck, load

BOOK = "A book"
CARDS = by_deck(load(DECKS), DECKS.parents[1] / "_toc.yml")
LINKS = {card.id: f"https://example.org/page.html#{card.id}" for card in load(DECKS)}
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
        decks: dict[str, list[Card]], revision: int = REVISION, links: dict[str, str] = LINKS
    ) -> tuple[int, int]:
        file = tmp_path / "cards.apkg"
        file.write_bytes(package(BOOK, decks, links, revision))
        request = ImportAnkiPackageRequest(
            package_path=str(file), options=ImportAnkiPackageOptions()
        )
        log = collection.import_anki_package(request).log
        return len(log.new), len(log.updated)

    return take


def note_of(collection: Collection, card: str) -> Note:
    (id_,) = collection.find_notes(f'Id:"{card}"')
    return collection.get_note(id_)


def edited() -> dict[str, list[Card]]:
    first, *rest = CARDS["The perceptron"]
    return CARDS | {"The perceptron": [replace(first, back="It is rewritten."), *rest]}


def test_anki_finds_every_card_in_the_deck_of_its_chapter(
    collection: Collection, take: Take
) -> None:
    assert take(CARDS) == (len(LINKS), 0)
    assert collection.note_count() == collection.card_count() == len(LINKS)
    decks = collection.decks.all_names_and_ids(skip_empty_default=True)
    assert {deck.name for deck in decks} == {BOOK, *(f"{BOOK}::{title}" for title in CARDS)}
    for title, cards in CARDS.items():
        found = collection.find_notes(f'deck:"{BOOK}::{title}"')
        ids = [collection.get_note(id_)["Id"] for id_ in found]
        assert sorted(ids) == sorted(card.id for card in cards)


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
    take({"Deck": [card]})
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
    collection.decks.select(collection.decks.id_for_name(f"{BOOK}::The perceptron"))
    for _ in range(5):
        card = collection.sched.getCard()
        card.start_timer()
        collection.sched.answerCard(card, 4)
    answered = "SELECT nid, ivl, due, reps, factor FROM cards WHERE reps > 0 ORDER BY nid"
    before = collection.db.all(answered)
    assert len(before) == 5
    assert take(edited(), REVISION + 1) == (0, len(LINKS))
    assert "It is rewritten." in note_of(collection, "perceptron.pre-activation")["Answer"]
    assert collection.db.all(answered) == before
    assert collection.card_count() == len(LINKS)


def test_same_decks_make_the_same_bytes() -> None:
    assert package(BOOK, CARDS, LINKS, REVISION) == package(BOOK, CARDS, LINKS, REVISION)
    assert package(BOOK, edited(), LINKS, REVISION) != package(BOOK, CARDS, LINKS, REVISION)


def test_card_without_a_section_has_no_link(collection: Collection, take: Take) -> None:
    card = replace(load(DECKS)[0], section="")
    take({"Ahead": [card]}, links={card.id: ""})
    (drawn,) = note_of(collection, card.id).cards()
    assert "<a" not in drawn.answer()


# --- When the source was changed

COMMITTED = 1_800_000_000


def commit(folder: Path, time: int) -> None:
    """Commit all that is in a folder, at a time."""
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
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
