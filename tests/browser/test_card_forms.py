"""Cards answer on the page: by keyboard, aloud, and without scripts."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Locator, Page, expect

CHAPTER = "chapters/perceptron.html"
LIMIT = 6_000  # bytes of script, compressed


@pytest.fixture
def card(new_page: Callable[..., Page]) -> Callable[..., Locator]:
    """Open the chapter and find one of its cards: `card("bound-value", width=390)`."""

    def card(slug: str, **options: object) -> Locator:
        page = new_page(**options)
        page.goto(CHAPTER)
        return page.locator(f'[data-card="perceptron.{slug}"]')

    return card


def test_choice_is_answered_by_keyboard_and_the_reply_announced(
    card: Callable[..., Locator], faults: list[str]
) -> None:
    choice = card("bias-shifts")
    keys = choice.page.keyboard
    options = choice.get_by_role("radio")
    options.first.focus()
    keys.press("Space")
    for _ in range(options.count()):
        if choice.get_by_label("It turns about the origin").is_checked():
            break
        keys.press("ArrowDown")
    keys.press("Tab")
    expect(choice.get_by_role("button", name="Check")).to_be_focused()
    keys.press("Enter")
    status = choice.get_by_role("status")
    expect(status).to_contain_text("Not yet: Turning is up to the weights")
    expect(status.get_by_role("link", name="normal")).to_have_attribute(
        "href", "#card-perceptron-normal"
    )
    expect(status.get_by_role("link", name="One neuron")).to_be_visible()
    choice.get_by_label("It shifts, parallel to itself").check()
    choice.get_by_role("button").press("Enter")
    expect(status).to_contain_text("Right: The weights are its normal")
    expect(status.get_by_role("link")).to_have_count(0)
    assert faults == []


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        ("16", "Right: It is"),
        ("16,05", "Right: It is"),
        ("4", "Not yet: That is"),
        ("8", "Not yet: Square"),
        ("−1e3", "Not yet: Only the ratio of the two lengths counts"),
        ("four", "A number is asked for"),
    ],
)
def test_number_is_answered_by_keyboard_and_gets_its_own_reply(
    card: Callable[..., Locator], answer: str, reply: str
) -> None:
    numeric = card("bound-value", width=390)
    numeric.get_by_label("Your answer").focus()
    numeric.page.keyboard.type(answer)
    numeric.page.keyboard.press("Enter")
    expect(numeric.get_by_role("status")).to_contain_text(reply)


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (" Half-Plane ", "Right: It is all that lies on one side"),
        ("a line", "Not yet: On the line"),
        ("a circle", "Not yet: What does a straight line leave"),
    ],
)
def test_words_get_their_own_reply(card: Callable[..., Locator], answer: str, reply: str) -> None:
    typed = card("half-plane")
    typed.get_by_label("Your answer").fill(answer)
    typed.get_by_label("Your answer").press("Enter")
    expect(typed.get_by_role("status")).to_contain_text(reply)


def test_prediction_is_compared_with_what_was_printed(card: Callable[..., Locator]) -> None:
    predict = card("more-samples")
    predict.get_by_label("Your prediction").fill("ten times as many")
    predict.get_by_role("button", name="Compare").press("Enter")
    expect(predict.get_by_role("status")).to_contain_text("1000 samples:")


def test_empty_answer_is_not_judged(card: Callable[..., Locator]) -> None:
    numeric = card("bound-value")
    numeric.get_by_role("button", name="Check").press("Enter")
    expect(numeric.get_by_role("status")).to_be_empty()
    expect(numeric.get_by_label("Your answer")).to_be_focused()


def test_question_names_its_group(card: Callable[..., Locator]) -> None:
    question = "The bias of a neuron changes, its weights do not. What does the boundary do?"
    group = card("bias-shifts").page.get_by_role("group", name=question, exact=True)
    expect(group.get_by_role("radio")).to_have_count(3)


def test_without_scripts_answers_unfold_and_enter_stays_on_the_page(
    card: Callable[..., Locator],
) -> None:
    numeric = card("bound-value", java_script_enabled=False)
    page = numeric.page
    expect(numeric.get_by_role("button")).to_have_count(0)
    numeric.get_by_label("Your answer").fill("16")
    numeric.get_by_label("Your answer").press("Enter")
    assert page.url.endswith(CHAPTER)
    answer = numeric.locator("details").last
    expect(answer.get_by_text("16", exact=True)).to_be_hidden()
    answer.locator("summary").click()
    expect(answer.get_by_text("16", exact=True)).to_be_visible()
    expect(answer.get_by_role("definition")).to_have_count(2)


def test_print_shows_answers_and_no_buttons(card: Callable[..., Locator]) -> None:
    choice = card("bias-shifts")
    choice.page.emulate_media(media="print")
    expect(choice.get_by_role("button")).to_be_hidden()
    expect(choice.locator("[data-reply=right]")).to_be_visible()


def test_card_keeps_to_the_width_of_the_phone(card: Callable[..., Locator]) -> None:
    page = card("bound-value", width=390, unfolded=True).page
    wide = (
        "[...document.querySelectorAll('[data-card]')].filter(c => c.scrollWidth > c.clientWidth)"
    )
    assert page.evaluate(f"{wide}.map(c => c.dataset.card)") == []


@pytest.mark.parametrize("word", ["overlapping", "parallel", "diagonals"])
def test_search_finds_the_words_of_a_question_an_option_and_a_reply(
    new_page: Callable[..., Page], word: str
) -> None:
    page = new_page()
    page.goto(f"search.html?q={word}")
    results = page.locator("#search-results")
    expect(results.get_by_role("link", name="The perceptron", exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")  # excerpts are fetched; leaving would cut that short


def test_script_is_small_and_on_pages_with_cards_alone(
    book: Path, parse: Callable[[str], BeautifulSoup], path: str
) -> None:
    page = parse(path)
    scripts = {str(tag["src"]).partition("?")[0] for tag in page.select("script[src*='/cards/']")}
    decks, cards = page.select("[data-deck]"), page.select("[data-card]")
    wanted = "review.js" if decks else "cards.js" if cards else None
    assert {Path(script).name for script in scripts} == ({wanted} if wanted else set())
    shared = list(book.glob("_static/cards/kit-*.js"))
    sizes = [len(gzip.compress(f.read_bytes())) for f in [*shared, book / "_static/cards/cards.js"]]
    assert sum(sizes) <= LIMIT
