"""The review page asks the right cards: when FSRS says so, and each deck in its turn."""

import json
import os
import random
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fsrs import Card, Rating, Scheduler

from nnkit.book.scripts import ESBUILD, PACKAGE

Run = Callable[..., Any]
DAY = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Evaluate JavaScript beside the page's own: `run("schedule.dayOf(data)", data)`."""
    folder = tmp_path_factory.mktemp("schedule")

    def run(expression: str, data: object, zone: str = "UTC") -> Any:
        (folder / "run.mjs").write_text(f"""
            import {{ readFileSync }} from "node:fs";
            import * as schedule from "{PACKAGE}/cards/kit/schedule.js";
            const data = JSON.parse(readFileSync(0, "utf-8"));
            process.stdout.write(JSON.stringify({expression}));
        """)
        options = ["--bundle", "--platform=node", "--format=cjs", "--log-level=error"]
        script = folder / "run.cjs"
        subprocess.run([ESBUILD, folder / "run.mjs", *options, f"--outfile={script}"], check=True)
        node = subprocess.run(
            ["node", script],
            input=json.dumps(data),
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"TZ": zone},
        )
        return json.loads(node.stdout)

    return run


def random_log(random: random.Random, card: str) -> list[dict[str, Any]]:
    """The reviews of a card: some on one day, some late by months."""
    day, entries = 20_000, []
    for number in range(random.randint(1, 20)):
        day += random.choice([0, 0, 1, 1, 2, 3, 5, 8, 13, 30, 90, 400])
        grade = random.choices([1, 2, 3, 4], weights=[2, 2, 5, 1])[0]
        at = day * DAY + number
        entries.append(
            {"id": f"{card}-{number:02}", "at": at, "card": card, "day": day, "grade": grade}
        )
    return entries


def asked(run: Run, cards: list[str], entries: list[dict[str, Any]], today: int) -> dict[str, Any]:
    """What the page asks on a day, by ids `deck.slug` of cards whose pages bear the deck's name."""
    data = {
        "cards": [
            {"id": card, "deck": card.split(".")[0], "page": card.split(".")[0]} for card in cards
        ],
        "entries": [{"id": f"{i:04}", "at": i} | entry for i, entry in enumerate(entries)],
        "today": today,
    }
    lists = run("schedule.agenda(data.cards, schedule.replay(data.entries), data.today)", data)
    return {name: [card["id"] for card in found] for name, found in lists.items()}


def review(card: str, day: int, grade: int) -> dict[str, Any]:
    return {"card": card, "day": day, "grade": grade}


# --- Memory


def test_memory_is_that_of_the_reference_after_thousands_of_logs(run: Run) -> None:
    generator = random.Random(0)
    logs = {f"deck.{i}": random_log(generator, f"deck.{i}") for i in range(3000)}
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    entries = [entry for log in logs.values() for entry in log]
    generator.shuffle(entries)
    found = run("Object.fromEntries(schedule.replay(data).cards)", entries)
    assert len(found) == len(logs)
    for name, log in logs.items():
        card = Card()
        for entry in log:
            time = EPOCH + timedelta(days=entry["day"])
            card, _ = scheduler.review_card(card, Rating(entry["grade"]), time)
        memory = found[name]
        # The page's library rounds to eight decimals.
        assert memory["stability"] == pytest.approx(card.stability, rel=1e-4, abs=1e-6)
        assert memory["difficulty"] == pytest.approx(card.difficulty, rel=1e-6)
        assert memory["due"] == (card.due - EPOCH).days


def test_recall_is_that_of_the_reference(run: Run) -> None:
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    found = run(
        "data.days.map((day) => schedule.recall(schedule.answered(undefined, 0, 3), day))",
        {"days": list(range(0, 400, 7))},
    )
    card, _ = scheduler.review_card(Card(), Rating.Good, EPOCH)
    expected = [
        scheduler.get_card_retrievability(card, EPOCH + timedelta(days=day))
        for day in range(0, 400, 7)
    ]
    assert found == pytest.approx(expected, abs=1e-6)


def test_undone_review_counts_for_nothing(run: Run) -> None:
    log = random_log(random.Random(1), "deck.a")
    slip = {"id": "slip", "at": log[-1]["at"] + 1, "card": "deck.a", "day": 30_000, "grade": 1}
    undo = {"id": "undo", "at": slip["at"] + 1, "undoes": "slip"}
    replayed = "Object.fromEntries(schedule.replay(data).cards)"
    assert run(replayed, [undo, slip, *log]) == run(replayed, log)
    assert run(replayed, [slip, *log]) != run(replayed, log)


# How often a replay looks at an entry that is in the order of the log.
LOOKS = """(() => {
  let looks = 0;
  const watched = data.map((entry) => new Proxy(entry, { get: (_, key) => (looks++, entry[key]) }));
  schedule.replay(watched);
  return looks;
})()"""


def test_each_review_is_looked_at_a_few_times_however_many_there_are(run: Run) -> None:
    generator = random.Random(0)
    entries = [entry for i in range(2000) for entry in random_log(generator, f"deck.{i}")][:20_000]
    assert len(entries) == 20_000
    entries.sort(key=lambda entry: entry["at"])
    assert run(LOOKS, entries) <= 30 * len(entries)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"])
def test_day_lasts_until_four_in_the_morning_of_the_readers_clock(run: Run, zone: str) -> None:
    days = run(
        "data.map((time) => schedule.dayOf(new Date(...time).getTime()))",
        [[2026, 2, 7, 22], [2026, 2, 8, 3, 59], [2026, 2, 8, 4, 0], [2026, 2, 8, 23, 59]],
        zone=zone,
    )
    assert days[0] == days[1] == (datetime(2026, 3, 7, tzinfo=UTC) - EPOCH).days
    assert days[2] == days[3] == days[0] + 1


# --- What is asked

BOOK = [*(f"a.{i}" for i in range(20)), *(f"b.{i}" for i in range(20))]
MET = [{"met": "a"}, {"met": "b"}]


def test_only_cards_of_opened_pages_are_asked(run: Run) -> None:
    assert asked(run, BOOK, [], 100)["order"] == []
    order = asked(run, BOOK, [{"met": "b"}], 100)["order"]
    assert {card[0] for card in order} == {"b"}


def test_all_cards_are_asked_where_the_reader_says_so(run: Run) -> None:
    order = asked(run, BOOK, [{"set": {"all": True, "newPerDay": 99}}], 100)["order"]
    assert sorted(order) == sorted(BOOK)


def test_so_many_new_cards_are_begun_a_day_and_no_more(run: Run) -> None:
    assert len(asked(run, BOOK, MET, 100)["order"]) == 10
    begun = [*MET, {"set": {"newPerDay": 3}}, review("a.0", 100, 3), review("a.1", 100, 3)]
    assert len(asked(run, BOOK, begun, 100)["fresh"]) == 1
    assert asked(run, BOOK, [*begun, review("b.0", 100, 3)], 100)["order"] == []
    assert len(asked(run, BOOK, [*begun, review("b.0", 100, 3)], 101)["fresh"]) == 3


def test_new_cards_come_from_the_decks_in_turns_and_in_the_order_of_each(run: Run) -> None:
    turns = [f"{deck}.{i}" for i in range(5) for deck in "ab"]
    assert asked(run, BOOK, MET, 100)["fresh"] == turns
    assert asked(run, BOOK, MET, 100)["order"] == turns
    begun = [*MET, review("a.0", 100, 3), review("b.0", 100, 3), review("a.1", 100, 3)]
    assert asked(run, BOOK, begun, 100)["order"] == turns[3:]


def test_one_new_card_a_day_comes_from_the_deck_of_which_least_is_known(run: Run) -> None:
    entries = [*MET, {"set": {"newPerDay": 1}}]
    fresh = []
    for day in range(100, 104):
        fresh += asked(run, BOOK, entries, day)["fresh"]
        entries.append(review(fresh[-1], day, 3))
    assert fresh == ["a.0", "b.0", "a.1", "b.1"]


def test_chapter_that_is_opened_later_shares_the_day(run: Run) -> None:
    seen = [review(f"a.{i}", 90, 3) for i in range(10)]
    fresh = asked(run, BOOK, [*MET, *seen], 91)["fresh"]
    assert [card[0] for card in fresh] == list("bababababa")


def test_card_is_due_when_its_interval_is_over_and_not_before(run: Run) -> None:
    entries = [*MET, {"set": {"newPerDay": 0}}, review("a.0", 100, 3)]  # back in two days
    assert asked(run, BOOK, entries, 101)["order"] == []
    assert asked(run, BOOK, entries, 102)["order"] == ["a.0"]
    assert asked(run, BOOK, entries, 150)["order"] == ["a.0"]


def test_failed_card_comes_back_after_three_others_until_it_is_right(run: Run) -> None:
    entries = [*MET, review("a.0", 100, 1)]
    places = []
    for other in range(1, 5):
        order = asked(run, BOOK, entries, 100)["order"]
        places.append(order.index("a.0"))
        entries.append(review(f"a.{other}", 100, 3))
    assert places == [9, 8, 7, 0]
    assert asked(run, BOOK, [*entries, review("a.0", 100, 2)], 100)["failed"] == []


def test_failed_card_comes_back_at_once_if_no_other_is_left(run: Run) -> None:
    entries = [*MET, {"set": {"newPerDay": 1}}, review("a.0", 100, 1)]
    assert asked(run, BOOK, entries, 100)["order"] == ["a.0"]


def test_decks_take_turns(run: Run) -> None:
    seen = [review(f"{deck}.{i}", 90, 1) for deck in "ab" for i in range(4)]
    entries = [*MET, {"set": {"newPerDay": 0}}, *seen]
    first = asked(run, BOOK, entries, 100)["order"]
    assert [card[0] for card in first] == list("abababab")
    second = asked(run, BOOK, [*entries, review(first[0], 100, 3)], 100)["order"]
    assert [card[0] for card in second[:3]] == list("bab")


def test_card_nearest_to_being_forgotten_comes_first(run: Run) -> None:
    entries = [{"set": {"newPerDay": 0}}, review("a.0", 90, 4), review("a.1", 90, 1)]
    entries.append(review("a.2", 90, 3))
    assert asked(run, BOOK, entries, 100)["order"] == ["a.1", "a.2", "a.0"]


def test_card_that_no_deck_has_any_more_is_not_asked(run: Run) -> None:
    assert asked(run, ["a.1"], [review("a.0", 90, 3)], 100)["order"] == []
