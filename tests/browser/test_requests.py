"""A page asks no other host for anything, reports no error, and is light."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page


def test_a_request_elsewhere_an_error_and_a_missing_file_are_noticed(
    new_page: Callable[..., Page], faults: list[str], site: str
) -> None:
    page = new_page()
    page.goto("index.html")
    page.evaluate("""() => {
        const image = (source) => document.body.append(Object.assign(new Image(), { src: source }));
        image("https://example.com/dot.png");
        image("missing.png");
        console.warn("careful");
        setTimeout(() => { throw Error("oops") });
    }""")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(100)
    assert set(faults) >= {
        "asked https://example.com/dot.png",
        "net::ERR_NAME_NOT_RESOLVED: https://example.com/dot.png",
        f"404: {site}missing.png",
        "warning: careful",
        "uncaught: oops",
    }


def test_fonts_are_light(book: Path) -> None:
    sizes = {font.name: font.stat().st_size for font in book.glob("_static/fonts/*")}
    assert len(sizes) == 3
    assert sum(sizes.values()) <= 60_000, sizes
