"""The review page asks, listens, schedules and remembers, whatever befalls the storage."""

import gzip
import hashlib
import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe import violations
from bs4 import BeautifulSoup, Tag
from fsrs import Card, Rating, Scheduler
from playwright.sync_api import Locator, Page, expect

from conftest import BOOK
from nnkit.cards.kit.deck import DECKS, load

KEY = "nnkit.reviews"
LIMIT = 15_000  # bytes of script, compressed
CARDS = {card.id: card for card in load(DECKS)}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = (NOON - EPOCH).days
ALL = {"set": {"all": True, "newPerDay": 5}}

# The chapter whose cards most sittings are about; opened, it counts as met.
CHAPTER = "chapters/perceptron.html"
MET = ({"set": {"newPerDay": 5}}, {"met": "chapters/perceptron"})

Open = Callable[..., Page]


def log(*entries: dict[str, Any]) -> str:
    """A log as the page stores it: `log({"card": ..., "day": ..., "grade": ...})`."""
    kept = [{"id": f"{i:04}", "at": i} | entry for i, entry in enumerate(entries)]
    return json.dumps({"version": 1, "entries": kept})


def due(card: str) -> str:
    """A log with which this card alone is asked."""
    before = {"card": f"perceptron.{card}", "day": TODAY - 30, "grade": 3}
    return log({"set": {"newPerDay": 0}}, before)


@cache
def page_with(decks: frozenset[str]) -> str:
    """The page as it is built, with these decks alone."""
    page = BeautifulSoup((BOOK / "review.html").read_bytes(), "html.parser")
    for deck in page.select("[data-deck]"):
        if deck["data-deck"] not in decks:
            deck.decompose()
    return str(page)


@pytest.fixture
def review(new_page: Callable[..., Page], site: str, faults: list[str]) -> Iterator[Open]:
    """Open the review page at a noon: `review(stored=log(*MET), width=390)`.

    It has one deck, for the work that it makes grows with the cards; `decks` asks for others. Other
    pages have as many as ever, and nothing may go wrong on any.
    """

    def review(
        stored: str | None = None, decks: tuple[str, ...] = ("perceptron",), **options: object
    ) -> Page:
        kept = [] if stored is None else [{"name": KEY, "value": stored}]
        origin = {"origin": site.rstrip("/"), "localStorage": kept}
        page = new_page(timezone_id="UTC", storage_state={"origins": [origin]}, **options)
        page.clock.install(time=NOON)
        body = page_with(frozenset(decks))
        page.context.route("**/review.html", lambda route: route.fulfill(body=body))
        page.goto("review.html")
        return page

    yield review
    assert faults == []


def stored(page: Page) -> list[dict[str, Any]]:
    text = page.evaluate(f"localStorage.getItem('{KEY}')")
    entries: list[dict[str, Any]] = json.loads(text)["entries"] if text else []
    return sorted(entries, key=lambda entry: str(entry["id"]))


def grades(page: Page) -> list[int]:
    entries = sorted(stored(page), key=lambda entry: entry["at"])
    return [entry["grade"] for entry in entries if "card" in entry]


def asked(page: Page) -> Locator:
    return page.locator(".asked [data-card]")


def name(page: Page) -> str:
    return asked(page).get_attribute("data-card") or ""


def said(page: Page) -> Locator:
    return page.locator(".said")


def turn(page: Page) -> None:
    """Show the answer of whatever is asked."""
    button = asked(page).locator("form button")
    if asked(page).get_attribute("data-kind") in ("qa", "cloze"):
        button.click()
    else:
        asked(page).locator("summary", has_text="Answer").click()
    expect(page.get_by_role("group", name="How well did you know it?")).to_be_visible()


def answer(page: Page, grade: str = "Good") -> None:
    turn(page)
    page.get_by_role("button", name=grade).click()


def export(page: Page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name="Export it").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


# --- The page as it is built


def test_page_lists_every_card_of_every_deck_once(parse: Callable[[str], BeautifulSoup]) -> None:
    listed = parse("review.html").select("[data-deck] > [data-card]")
    assert sorted(str(card["data-card"]) for card in listed) == sorted(CARDS)
    assert {str(card["data-card"]): card["data-kind"] for card in listed} == {
        id_: card.kind for id_, card in CARDS.items()
    }


def test_every_card_leads_to_the_section_that_teaches_it(
    parse: Callable[[str], BeautifulSoup], book: Path
) -> None:
    @cache
    def places(page: str) -> dict[str, Tag]:
        return {str(element["id"]): element for element in parse(page).select("[id]")}

    for element in parse("review.html").select("[data-deck] > [data-card]"):
        card = CARDS[str(element["data-card"])]
        links = [str(link["href"]) for link in element.select("[data-reply=again] a")]
        if card.section:
            page, _, place = links.pop().partition("#")
            heading = places(page)[place].find(["h2", "h3"])
            assert heading.get_text().startswith(card.section.split("$")[0])
        led = [places("review.html")[link.removeprefix("#")]["data-card"] for link in links]
        assert led == card.requires


def test_every_variant_of_a_numeric_card_is_on_the_page(
    parse: Callable[[str], BeautifulSoup],
) -> None:
    for element in parse("review.html").select("[data-deck] > [data-kind=numeric]"):
        card = CARDS[str(element["data-card"])]
        replies = element.find_all(attrs={"data-reply": "right"})  # select() leaves templates out
        known = [json.loads(str(reply["data-answers"])) for reply in replies]
        assert known == [list(variant.right.answers) for variant in card.variants()]


def test_package_for_anki_is_linked(parse: Callable[[str], BeautifulSoup], book: Path) -> None:
    (link,) = parse("review.html").select("a[href$='.apkg']")
    assert (book / str(link["href"])).stat().st_size > 1000


def test_scripts_of_the_review_are_light(book: Path) -> None:
    folder = book / "_static/cards"
    files = [folder / "review.js", *folder.glob("kit-*.js")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= LIMIT


def test_without_scripts_the_cards_can_be_read(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("review.html")
    card = page.locator('[data-card="perceptron.mistake"]')
    page.locator("[data-deck]").filter(has=card).locator("> summary").click()
    expect(card.locator("legend")).to_be_visible()
    card.locator("summary").click()
    expect(card.get_by_text("it lies on the wrong side")).to_be_visible()
    expect(page.locator("[data-review]")).to_be_empty()


# --- A sitting


def test_nothing_is_asked_before_a_chapter_is_opened(review: Open) -> None:
    page = review(decks=("foundations", "perceptron"))
    expect(page.locator(".count")).to_contain_text("Begin with Foundations")
    expect(asked(page)).to_have_count(0)
    page.goto(CHAPTER)
    page.wait_for_function(f"localStorage.getItem('{KEY}')")
    page.goto("review.html")
    expect(page.locator(".count")).to_have_text("10 to go: 10 new.")
    expect(asked(page)).to_have_attribute("data-card", "perceptron.pre-activation")


def test_cards_of_all_chapters_are_asked_at_the_readers_choice(review: Open) -> None:
    page = review()
    page.get_by_role("button", name="Ask from all chapters").click()
    expect(asked(page)).to_have_count(1)
    expect(page.get_by_label("Ask from chapters, too")).to_be_checked()


def test_new_cards_a_day_are_a_setting_that_is_kept(review: Open) -> None:
    page = review(log(*MET))
    expect(page.locator(".count")).to_have_text("5 to go: 5 new.")
    page.get_by_label("New cards a day").fill("2")
    page.get_by_label("New cards a day").press("Enter")
    expect(page.locator(".count")).to_have_text("2 to go: 2 new.")
    page.reload()
    expect(page.locator(".count")).to_have_text("2 to go: 2 new.")


def test_whole_sitting_needs_the_keyboard_alone(review: Open) -> None:
    predict = {"card": "perceptron.xor-run", "day": TODAY - 40, "grade": 3}
    qa = {"card": "perceptron.mistake", "day": TODAY - 30, "grade": 3}
    page = review(log(*MET, predict, qa))
    keys = page.keyboard
    names, kinds = [], []
    keys.press("Space")  # from the page itself to what the card asks for
    for _ in range(14):
        kind = asked(page).get_attribute("data-kind")
        names.append(name(page))
        kinds.append(kind)
        expect(asked(page).locator(":focus")).to_have_count(1)
        if kind == "choice":
            keys.press("Space")
            keys.press("Tab")
            expect(asked(page).get_by_role("button", name="Check")).to_be_focused()
        elif kind not in ("qa", "cloze"):
            # The digit that graded the card before is not taken for an answer to this one.
            expect(asked(page).get_by_role("textbox")).to_have_value("")
            keys.type("3")
        keys.press("Space" if kind in ("qa", "cloze") else "Enter")
        expect(page.locator(".grades :focus")).to_have_count(1)
        keys.press({1: "1", 2: "2", 3: "u", 4: "4"}.get(len(kinds), "3"))
        if not asked(page).count():
            break
    expect(page.locator(".count")).to_contain_text("Nothing more today")
    expect(page.locator(".count")).to_be_focused()
    assert grades(page) == [3, 3, 1, 2, 4, 3, 3, 3, 3, 3, 3]
    assert sum("undoes" in entry for entry in stored(page)) == 1
    assert names[3] == names[1]
    assert names[4] == names[2]
    assert set(kinds) == {"qa", "cloze", "choice", "numeric", "typed", "predict"}


def test_enter_on_the_suggested_grade_grades_once(review: Open) -> None:
    page = review(log(*MET))
    first = name(page)
    asked(page).get_by_label("Your answer").fill("10")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Good")).to_be_focused()
    page.keyboard.press("Enter")
    expect(said(page)).to_have_text("Good: it comes back in 2 days.")
    assert name(page) != first
    assert grades(page) == [3]


@pytest.mark.parametrize(
    ("given", "reply", "grade"),
    [
        ("10", "Right: It is", "Good"),
        ("7", "Not yet: That is", "Again"),
        ("1000", "Not yet: Multiply each input by its weight", "Again"),
    ],
)
def test_right_wrong_and_other_answers_get_their_own_reply(
    review: Open, given: str, reply: str, grade: str
) -> None:
    page = review(log(*MET))
    asked(page).get_by_label("Your answer").fill(given)
    page.keyboard.press("Enter")
    expect(asked(page).get_by_role("status")).to_contain_text(reply)
    expect(page.get_by_role("button", name=grade)).to_be_focused()


def test_right_answer_after_a_hint_is_hard(review: Open) -> None:
    page = review(log(*MET))
    asked(page).locator("summary", has_text="Hint").click()
    asked(page).get_by_label("Your answer").fill("10")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Hard")).to_be_focused()


def test_failed_card_links_to_its_section_and_to_what_it_builds_on(review: Open) -> None:
    page = review(due("bias-shifts"))
    answer(page, "Again")
    expect(said(page)).to_contain_text("Again: it comes back in this sitting.")
    section = said(page).get_by_role("link", name="One neuron")
    expect(section).to_have_attribute("href", "chapters/perceptron.html#one-neuron")
    said(page).get_by_role("link", name="normal").click()
    listed = page.locator('[data-deck] > [data-card="perceptron.normal"]')
    expect(listed).to_be_in_viewport()


def test_failed_card_is_asked_until_it_is_right(review: Open) -> None:
    page = review(due("mistake"))
    for _ in range(3):
        answer(page, "Again")
        assert name(page) == "perceptron.mistake"
    expect(page.locator(".count")).to_have_text("1 to go: 1 to try again.")
    answer(page, "Hard")
    expect(page.locator(".count")).to_contain_text("Nothing more today")


def test_numeric_card_comes_back_with_other_numbers(review: Open) -> None:
    page = review(due("bound-value"))
    questions = []
    for _ in range(5):
        questions.append(asked(page).locator("legend").inner_text())
        answer(page, "Again")
    assert len(set(questions)) == 5


def test_grades_say_when_the_card_will_come_back(review: Open) -> None:
    page = review(log(*MET))
    turn(page)
    names = [button.inner_text() for button in page.locator(".grades button").all()]
    assert names == ["1 Again today", "2 Hard 1 day", "3 Good 2 days", "4 Easy 8 days"]


def test_undo_takes_back_grades_one_by_one_and_after_a_reload(review: Open) -> None:
    page = review(log(*MET))
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    cards = []
    for _ in range(2):
        cards.append(name(page))
        answer(page, "Easy")
    page.reload()
    before = stored(page)
    page.get_by_role("button", name="Undo").click()
    expect(asked(page)).to_have_attribute("data-card", cards[1])
    page.locator(".count").click()
    page.keyboard.press("u")
    expect(asked(page)).to_have_attribute("data-card", cards[0])
    expect(page.locator(".count")).to_have_text("5 to go: 5 new.")
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    after = stored(page)
    assert [entry for entry in after if entry in before] == before
    undone = [entry["undoes"] for entry in after if entry not in before]
    assert undone == [entry["id"] for entry in reversed(before) if "card" in entry]


def test_letters_and_digits_in_an_answer_are_no_commands(review: Open) -> None:
    page = review(due("half-plane"))
    answer(page, "Again")
    turn(page)
    asked(page).get_by_label("Your answer").press_sequentially("u 1 2 space")
    expect(asked(page).get_by_label("Your answer")).to_have_value("u 1 2 space")
    assert grades(page) == [3, 1]


def test_keys_are_commands_in_the_sitting_alone(review: Open) -> None:
    page = review(due("mistake"))
    answer(page, "Again")
    turn(page)
    for elsewhere in (page.get_by_label("Ask from chapters, too"), page.locator("summary").last):
        elsewhere.focus()
        for key in "u1234":
            page.keyboard.press(key)
    assert grades(page) == [3, 1]
    page.get_by_role("button", name="Good").focus()
    page.keyboard.press("2")
    assert grades(page) == [3, 1, 2]


def test_keys_are_commands_after_a_click_on_the_text_of_a_card(review: Open) -> None:
    page = review(due("mistake"))
    asked(page).locator("legend").click()
    page.keyboard.press("Shift+Space")  # scrolls up
    expect(page.locator(".grades")).to_be_hidden()
    page.keyboard.press("Space")
    expect(page.locator(".grades :focus")).to_have_count(1)
    asked(page).locator("legend").click()
    page.keyboard.press("2")
    expect(said(page)).to_contain_text("Hard: it comes back")
    said(page).click()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none"
    page.keyboard.press("u")
    expect(asked(page)).to_have_attribute("data-card", "perceptron.mistake")


def test_reload_keeps_the_state(review: Open) -> None:
    page = review(log(*MET))
    answer(page, "Again")
    answer(page)
    before = name(page), page.locator(".count").inner_text()
    page.reload()
    assert (name(page), page.locator(".count").inner_text()) == before


# --- Data


def test_export_and_import_bring_the_same_state_back_and_twice_is_once(
    review: Open, tmp_path: Path
) -> None:
    page = review(log(*MET))
    for grade in ("Again", "Good", "Easy"):
        answer(page, grade)
    before = stored(page), name(page), page.locator(".pictures").inner_html()
    file = export(page, tmp_path)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Clear it").click()
    expect(said(page)).to_have_text("Your progress is cleared.")
    assert page.evaluate(f"localStorage.getItem('{KEY}')") is None
    expect(asked(page)).to_have_count(0)
    for added in (len(before[0]), 0):
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Import it").click()
        chooser.value.set_files(file)
        expect(said(page)).to_contain_text(f"{added} of the {len(before[0])} entries")
        expect(asked(page)).to_have_count(1)
        assert (stored(page), name(page), page.locator(".pictures").inner_html()) == before


def test_import_is_a_union(review: Open, tmp_path: Path) -> None:
    page = review(due("mistake"))
    other = log(
        *[
            {"id": f"other{i}", "card": "perceptron.bound", "day": 20000 + i, "grade": 3}
            for i in range(3)
        ]
    )
    (tmp_path / "other.json").write_text(other)
    page.locator("input[type=file]").set_input_files(tmp_path / "other.json")
    expect(said(page)).to_contain_text("3 of the 3 entries in other.json were new")
    assert len(stored(page)) == 5
    expect(page.locator(".count")).to_have_text("2 to go: 2 due.")


def test_entry_that_is_known_stays_as_it_is_when_another_is_imported(
    review: Open, tmp_path: Path
) -> None:
    page = review(due("mistake"))
    known = stored(page)
    (tmp_path / "other.json").write_text(log(*[entry | {"at": 5} for entry in known]))
    page.locator("input[type=file]").set_input_files(tmp_path / "other.json")
    expect(said(page)).to_contain_text("0 of the 2 entries in other.json were new")
    assert stored(page) == known
    exported = json.loads(export(page, tmp_path).read_text())["entries"]
    assert sorted(exported, key=lambda entry: str(entry["id"])) == known


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("no json", "holds no progress that can be read. Nothing was taken from it."),
        ('{"a": 1}', "holds no progress that can be read. Nothing was taken from it."),
        ('{"version": 2, "entries": []}', "from a newer version of this page. Nothing was taken"),
        (
            '{"version": 1, "entries": [{"id": "x", "at": 1, "met": "y"}, {"id": 3}]}',
            "1 of the 1 entry in log.json were new",
        ),
        (
            '{"version": 1, "entries": [{"id": "x", "at": 1, "set": {"newPerDay": "abc"}}]}',
            "holds no progress that can be read. Nothing was taken from it.",
        ),
    ],
)
def test_file_that_is_no_log_is_refused_in_words(
    review: Open, tmp_path: Path, content: str, words: str
) -> None:
    page = review(due("mistake"))
    (tmp_path / "log.json").write_text(content)
    page.locator("input[type=file]").set_input_files(tmp_path / "log.json")
    expect(said(page)).to_contain_text(words)
    expect(asked(page)).to_have_attribute("data-card", "perceptron.mistake")


def test_clearing_is_asked_about_first(review: Open) -> None:
    page = review(due("mistake"))
    page.on("dialog", lambda dialog: dialog.dismiss())
    before = stored(page)
    page.get_by_role("button", name="Clear it").click()
    assert stored(page) == before


# --- Two tabs

DEAF = "addEventListener('storage', (event) => event.stopImmediatePropagation())"


def test_each_of_two_tabs_goes_on_from_what_the_other_has_done(review: Open) -> None:
    one = review(log(*MET))
    two = one.context.new_page()
    two.goto("review.html")
    for left, page, other in ((4, one, two), (3, two, one), (2, two, one), (1, one, two)):
        answer(page)
        expect(other.locator(".count")).to_have_text(f"{left} to go: {left} new.")
    assert len({entry["card"] for entry in stored(one) if "card" in entry}) == 4


def test_answer_that_another_tab_has_overwritten_is_written_again(review: Open) -> None:
    one = review(log(*MET))
    before = one.evaluate(f"localStorage.getItem('{KEY}')")
    two = one.context.new_page()
    two.goto("notation.html")
    answer(one)
    mine = stored(one)
    two.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, before])
    two.wait_for_function(
        "([key, size]) => JSON.parse(localStorage.getItem(key)).entries.length === size",
        arg=[KEY, len(mine)],
    )
    assert stored(two) == mine


def test_two_tabs_at_once_lose_nothing_though_neither_hears_of_the_other(review: Open) -> None:
    one = review(log(*MET))
    two = one.context.new_page()
    for page in (one, two):
        page.add_init_script(DEAF)
        page.goto("review.html")
    for page in (one, two, two, one):
        answer(page)
    assert len(grades(one)) == len(grades(two)) == 4


def test_chapter_opened_in_another_tab_is_met_at_once(review: Open) -> None:
    one = review()
    two = one.context.new_page()
    two.goto(CHAPTER)
    expect(one.locator(".count")).to_have_text("10 to go: 10 new.")


def test_page_to_which_the_reader_comes_back_knows_what_was_done_elsewhere(review: Open) -> None:
    page = review()
    expect(page.locator(".count")).to_contain_text("Begin with")
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, log(*MET)])
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.locator(".count")).to_have_text("5 to go: 5 new.")


def test_grade_given_after_a_night_with_the_page_open_counts_for_the_new_day(review: Open) -> None:
    page = review(log(*MET))
    answer(page)
    turn(page)
    page.clock.set_fixed_time(NOON + timedelta(days=1))
    page.get_by_role("button", name="Good").click()
    assert [entry["day"] for entry in stored(page) if "card" in entry] == [TODAY, TODAY + 1]


# --- Storage that fails

REFUSE = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("refused", "SecurityError"); },
})"""
FILL = """() => {
  window.kept = Storage.prototype.setItem;
  Storage.prototype.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
}"""

# Room for a log, and none for a text that is to be kept aside.
FILL_ASIDE = """() => {
  window.kept = Storage.prototype.setItem;
  Storage.prototype.setItem = function (key, text) {
    if (key.includes(".aside")) throw new DOMException("full", "QuotaExceededError");
    window.kept.call(this, key, text);
  };
}"""


def warning(page: Page) -> Locator:
    return page.locator(".warning")


def test_refused_storage_is_said_and_the_review_goes_on(
    review: Open, tmp_path: Path, faults: list[str]
) -> None:
    page = review()
    page.add_init_script(REFUSE)
    page.reload()
    expect(warning(page)).to_contain_text("lets the page store nothing")
    page.get_by_role("button", name="Ask from all chapters").click()
    answer(page, "Again")
    answer(page)
    expect(page.locator(".count")).to_have_text("9 to go: 1 to try again, 8 new.")
    exported = json.loads(export(page, tmp_path).read_text())
    assert [entry.get("grade") for entry in exported["entries"]] == [None, 1, 3]
    assert "uncaught: refused" in faults  # the theme's own scripts ask the storage without care
    faults.clear()


def test_full_storage_is_said_and_the_review_goes_on(review: Open, tmp_path: Path) -> None:
    page = review(log(*MET))
    before = stored(page)
    page.evaluate(FILL)
    answer(page)
    expect(warning(page)).to_contain_text("storage is full")
    answer(page)
    expect(page.locator(".count")).to_have_text("3 to go: 3 new.")
    assert stored(page) == before
    assert len(json.loads(export(page, tmp_path).read_text())["entries"]) == len(before) + 2


def test_what_was_not_stored_is_stored_when_there_is_room_again(review: Open) -> None:
    page = review(log(*MET))
    page.evaluate(FILL)
    answer(page)
    page.evaluate("() => { Storage.prototype.setItem = window.kept; }")
    answer(page)
    expect(warning(page)).to_be_empty()
    assert len(grades(page)) == 2


def test_cleared_storage_is_said_and_can_be_exported(review: Open, tmp_path: Path) -> None:
    page = review(log(*MET))
    answer(page)
    known = len(stored(page))
    other = page.context.new_page()
    other.goto("notation.html")
    other.evaluate("localStorage.clear()")
    expect(warning(page)).to_contain_text("has been cleared")
    answer(page)
    assert len(stored(page)) == 1
    expect(warning(page)).to_contain_text("has been cleared")
    file = export(page, tmp_path)
    assert len(json.loads(file.read_text())["entries"]) == known + 1
    page.locator("input[type=file]").set_input_files(file)
    expect(said(page)).to_contain_text("entries")
    assert len(stored(page)) == known + 1
    expect(warning(page)).to_be_empty()


def test_storage_that_another_tab_has_cleared_and_begun_anew_is_said(review: Open) -> None:
    page = review(log(*MET))
    answer(page)
    other = page.context.new_page()
    other.goto("notation.html")
    anew = log({"id": "anew", "met": "chapters/perceptron"})
    other.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, anew])
    expect(warning(page)).to_contain_text("has been cleared")
    assert page.evaluate(f"localStorage.getItem('{KEY}')") == anew
    answer(page)
    assert len(stored(page)) == 2
    expect(warning(page)).to_contain_text("has been cleared")


@pytest.mark.parametrize("text", ["{", '"text"', '{"version": 1}', "null", '{"version": "1"}'])
def test_corrupt_log_is_kept_aside_and_said(review: Open, text: str) -> None:
    page = review(text)
    expect(warning(page)).to_contain_text("cannot be read")
    assert page.evaluate(f"localStorage.getItem('{KEY}')") == text
    page.get_by_role("button", name="Ask from all chapters").click()
    expect(warning(page)).to_contain_text("kept in the browser’s storage as nnkit.reviews.aside")
    answer(page)
    assert page.evaluate(f"localStorage.getItem('{KEY}.aside')") == text
    assert grades(page) == [3]


def test_what_can_be_read_of_a_corrupt_log_goes_on(review: Open) -> None:
    broken = json.loads(due("mistake"))
    broken["entries"].append({"id": "x", "at": 1, "card": "perceptron.bound", "grade": 9})
    page = review(json.dumps(broken))
    expect(asked(page)).to_have_attribute("data-card", "perceptron.mistake")
    answer(page)
    assert page.evaluate(f"localStorage.getItem('{KEY}.aside')") == json.dumps(broken)
    assert len(grades(page)) == 2


def test_second_corrupt_log_does_not_overwrite_the_first(review: Open) -> None:
    page = review("{")
    page.evaluate(f"localStorage.setItem('{KEY}.aside', 'the first')")
    page.get_by_role("button", name="Ask from all chapters").click()
    assert page.evaluate(f"localStorage.getItem('{KEY}.aside')") == "the first"
    assert page.evaluate(f"localStorage.getItem('{KEY}.aside.2')") == "{"


def test_corrupt_log_stays_where_there_is_no_room_aside(review: Open) -> None:
    page = review("{")
    page.evaluate(FILL)
    page.get_by_role("button", name="Ask from all chapters").click()
    expect(asked(page)).to_have_count(1)
    expect(warning(page)).not_to_be_empty()
    assert page.evaluate(f"localStorage.getItem('{KEY}')") == "{"


def test_corrupt_log_stays_until_it_is_kept_aside_however_much_is_answered(review: Open) -> None:
    page = review("{")
    page.evaluate(FILL_ASIDE)
    page.get_by_role("button", name="Ask from all chapters").click()
    for _ in range(2):
        answer(page)
    expect(warning(page)).to_contain_text("storage is full")
    assert page.evaluate(f"localStorage.getItem('{KEY}')") == "{"
    page.evaluate("() => { Storage.prototype.setItem = window.kept; }")
    answer(page)
    assert page.evaluate(f"localStorage.getItem('{KEY}.aside')") == "{"
    assert grades(page) == [3, 3, 3]


def test_log_of_a_newer_version_is_left_as_it_is(review: Open) -> None:
    newer = '{"version": 2, "entries": "in another form"}'
    page = review(newer)
    expect(warning(page)).to_contain_text("from a newer version")
    page.get_by_role("button", name="Ask from all chapters").click()
    answer(page)
    expect(page.locator(".count")).to_have_text("9 to go: 9 new.")
    page.goto(CHAPTER)
    assert page.evaluate(f"localStorage.getItem('{KEY}')") == newer


# --- A year

# One sitting: asks for a grade with each card that comes; returns cards and grades in order.
SITTING = """async ([grades, done]) => {
  document.dispatchEvent(new Event("visibilitychange"));
  const answered = [];
  for (;;) {
    const card = document.querySelector(".asked [data-card]");
    if (!card) return answered;
    const id = card.dataset.card;
    if (["qa", "cloze"].includes(card.dataset.kind)) card.querySelector("form").requestSubmit();
    else [...card.querySelectorAll("details")].at(-1).open = true;
    const panel = document.querySelector(".grades");
    for (let turns = 0; panel.hidden; turns++) {
      if (turns === 10_000) throw new Error(`the answer to ${id} is not shown`);
      await new Promise((next) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = next;
        port2.postMessage(0);
      });
    }
    done[id] = (done[id] ?? 0) + 1;
    const grade = grades[id][done[id] % grades[id].length];
    answered.push([id, grade]);
    panel.querySelector(`[data-grade="${grade}"]`).click();
  }
}"""


def test_year_of_sittings_follows_the_reference(review: Open) -> None:
    """Every day the page asks what the scheduler of the field would, and at most five new cards."""
    decks = ("perceptron", "backprop")
    page = review(log(ALL), decks)
    ids = [id_ for id_ in CARDS if id_.startswith(decks)]
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    digests = {id_: hashlib.sha256(id_.encode()).digest() for id_ in ids}
    pattern = {id_: [[3, 3, 4, 1, 3, 2, 3, 3][b % 8] for b in d] for id_, d in digests.items()}
    cards: dict[str, Card] = {}
    done: dict[str, int] = {}
    for day in range(365):
        time = EPOCH + timedelta(days=TODAY + day)
        page.clock.set_fixed_time(time + timedelta(hours=12))
        answered = page.evaluate(SITTING, [pattern, done])
        expected = {id_ for id_, card in cards.items() if card.due <= time}
        new = [id_ for id_, _ in answered if id_ not in cards]
        assert len(set(new)) == min(5, len(ids) - len(cards))
        assert {id_ for id_, _ in answered} == expected | set(new)
        for id_, grade in answered:
            done[id_] = done.get(id_, 0) + 1
            cards[id_], _ = scheduler.review_card(cards.get(id_, Card()), Rating(grade), time)
        last = dict(answered)
        assert 1 not in last.values()  # each is right in the end
    assert len(cards) == len(ids)
    assert len(grades(page)) == sum(done.values()) > 5 * len(ids)
    expect(page.get_by_role("img", name="% is aimed at")).to_be_visible()
    expect(page.get_by_role("img", name="Difficulty").first).to_be_visible()


# --- Pictures

PICTURED = [
    ("perceptron.mistake", -40, 3),
    ("perceptron.mistake", -20, 1),
    ("perceptron.mistake", -1, 3),
    ("perceptron.update", -1, 3),
    ("perceptron.normal", -5, 4),
    ("perceptron.bound", 0, 1),
]
REVIEWS = [{"card": card, "day": TODAY + day, "grade": grade} for card, day, grade in PICTURED]
NO_NEW = [{"met": "chapters/perceptron"}, {"set": {"newPerDay": 0}}]
# Words and bars that overlap, or stand so near side by side that they run into each other.
COLLIDING = """() => [...document.querySelectorAll(".pictures svg")].flatMap((svg) => {
  const boxes = [...svg.querySelectorAll("text, rect.new")].map((e) => e.getBoundingClientRect());
  return boxes.filter((a, i) => boxes.slice(i + 1).some((b) =>
    a.left < b.right + 16 && b.left < a.right + 16 && a.top < b.bottom && b.top < a.bottom));
}).length"""


def test_pictures_say_what_the_log_amounts_to(review: Open, theme: str, width: int) -> None:
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    cards: dict[str, Card] = {}
    for entry in REVIEWS:
        time = EPOCH + timedelta(days=entry["day"])
        card = cards.get(entry["card"], Card())
        cards[entry["card"]], _ = scheduler.review_card(card, Rating(entry["grade"]), time)
    cards["perceptron.bound"].due = NOON  # failed, so it comes back in this sitting
    days = [max(0, (card.due - EPOCH).days - TODAY) for card in cards.values()]
    within = sum(day < 14 for day in days)
    known = sum((card.stability or 0) >= 21 for card in cards.values())
    stars = math.ceil((cards["perceptron.mistake"].difficulty or 0) / 2)
    own = sum(card.startswith("perceptron.") for card in CARDS)

    page = review(log(*NO_NEW, *REVIEWS), theme=theme, width=width)

    expect(page.locator(".count")).to_have_text("1 to go: 1 to try again.")
    tally = f"The perceptron: {known} known, {4 - known} being learned, {own - 4} new."
    assert tally in (page.locator(".pictures svg").first.get_attribute("aria-label") or "")
    assert (days.count(0), days.count(1)) == (1, 1)
    forecast = f"1 card is due today, 1 tomorrow, {within} within 14 days."
    expect(page.get_by_role("img", name=forecast)).to_be_visible()
    retention = "50 % of the cards that came back in 8 weeks were known; 90 % is aimed at."
    expect(page.get_by_role("img", name=retention)).to_be_visible()
    hardest = page.locator(".pictures li").filter(has_text="mistake")
    expect(hardest.get_by_role("img", name=f"Difficulty {stars} of 5")).to_have_text(
        "★" * stars + "☆" * (5 - stars)
    )
    expect(hardest.get_by_role("link")).to_have_attribute("href", "#card-perceptron-mistake")
    assert page.evaluate(COLLIDING) == 0
    assert violations(page.locator("[data-review]")) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_card_that_no_deck_has_any_more_is_not_announced(review: Open) -> None:
    gone = {"card": "perceptron.gone", "day": TODAY, "grade": 2}
    kept = {"card": "perceptron.mistake", "day": TODAY, "grade": 3}
    page = review(log(*NO_NEW, gone, kept))
    expect(page.locator(".count")).to_have_text(
        "Nothing more today. The next card will be due in 2 days."
    )


def test_sitting_without_new_cards_says_so_though_a_chapter_is_opened(review: Open) -> None:
    page = review(log(*NO_NEW))
    expect(page.locator(".count")).to_have_text(
        "Nothing is due, and your settings ask for no new cards."
    )


# --- For everyone


@pytest.mark.parametrize("kind", ["qa", "cloze", "choice", "numeric", "typed", "predict"])
def test_card_in_the_sitting_is_accessible_and_keeps_to_the_phone(
    review: Open, kind: str, theme: str, width: int
) -> None:
    deck = (card for card in CARDS.values() if card.deck.stem == "perceptron")
    card = next(card for card in deck if card.kind == kind)
    page = review(due(card.id.split(".")[1]), theme=theme, width=width)
    turn(page)
    rules = ("color-contrast", "link-in-text-block") if theme == "dark" else ()
    assert violations(page.locator("[data-review]"), *rules) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# What a screen reader finds in a card, and what it says when an answer is given: all that a
# template names, in its order.
FIELD = """
  - textbox "Your answer"
  - button "Check"
  - status
  - group: Hint
  - group: Answer"""
AGAIN = """
    - link "normal"
    - text: ". Read again:"
    - link "One neuron\""""
SPOKEN = {
    "mistake": (
        """- group "When does a sample with the label y = ± 1 count as a mistake?":
  - button "Show the answer\"""",
        """- status:
    - text: When
    - math: y z ≤ 0
    - text: ; it lies on the wrong side of the boundary, or on the boundary.""",
    ),
    "normal": (
        """- group /the weight vector w stands \\[…\\] to the boundary and points to the side of/:
  - button "Fill the gap\"""",
        """- status:
    - text: stands
    - strong: at right angles
    - text: to the boundary and points to the side of""",
    ),
    "bias-shifts": (
        """- group "The bias of a neuron changes, its weights do not. What does the boundary do?":
  - radio "It shifts, parallel to itself"
  - radio "It turns about the origin"
  - button "Check"
  - status
  - group: Answer""",
        '- status:\n    - text: "/Not yet: Turning is up to the weights.* Builds on:/"' + AGAIN,
    ),
    "distance": (
        """- group /A neuron has the weights w = .* How far is its boundary from the origin/:"""
        + FIELD,
        """- status:
    - text: "Not yet:"
    - math: z / ‖ w ‖""",
    ),
    "half-plane": (
        '- group "A neuron has two inputs. What is the region called in which it says + 1 ?":'
        + FIELD,
        '- status:\n    - text: "/Not yet: What does a straight line leave .* Builds on:/"' + AGAIN,
    ),
    "xor-run": (
        """- group /The rule visits the four samples of XOR for 10,000 passes. How many mistakes/:
  - textbox "Your prediction"
  - button "Compare"
  - status
  - group: Answer""",
        """- status:
    - text: /40000 mistakes in 10000 passes/
    - paragraph: /Each of the four samples is a mistake in every pass/""",
    ),
}


@pytest.mark.parametrize("card", SPOKEN)
def test_card_of_each_kind_makes_sense_when_spoken(review: Open, card: str) -> None:
    page = review(due(card))
    before, after = SPOKEN[card]
    expect(page.locator(".asked")).to_match_aria_snapshot(before)
    if "textbox" in before:
        asked(page).get_by_role("textbox").fill("99")
    if "radio" in before:
        asked(page).get_by_label("It turns about the origin").check()
    asked(page).locator("form button").click()
    expect(asked(page).get_by_role("status")).to_match_aria_snapshot(after)
    expect(page.locator(".grades")).to_match_aria_snapshot("""
      - group "How well did you know it?":
        - button /1 Again/
        - button /2 Hard/
        - button /3 Good/
        - button /4 Easy/
    """)
