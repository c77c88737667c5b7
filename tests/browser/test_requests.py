"""A page asks no other host for anything, reports no error, and is light."""

import gzip
from collections.abc import Callable

from playwright.sync_api import Page, Response

LIMIT = 350_000  # bytes


def test_page_loads_from_here_alone_and_without_a_fault(
    new_page: Callable[..., Page], faults: list[str], path: str, width: int
) -> None:
    page = new_page(theme="light" if width > 1000 else "dark", width=width)
    page.goto(path)
    page.keyboard.press("End")
    page.wait_for_load_state("networkidle")
    assert faults == []


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


def test_first_load_of_a_page_is_light(new_page: Callable[..., Page], path: str) -> None:
    page = new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto(path, wait_until="networkidle")
    bodies = {response.url: response.body() for response in responses}
    # What is compressed already (a font, a photograph) does not become smaller.
    sizes = {url: min(len(body), len(gzip.compress(body))) for url, body in bodies.items()}
    total = sum(sizes.values())
    assert total <= LIMIT, f"{path} weighs {total / 1000:.0f} KB: {sizes}"
