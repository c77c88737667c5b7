"""The built book: each of its pages, read from disk and opened in a browser of its own."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from threading import Thread

import pytest
from bs4 import BeautifulSoup
from chromium import find
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    WebError,
    expect,
    sync_playwright,
)
from visits import Visit

from nnkit.book import serve

BOOK = Path(__file__).parents[2] / "_build/html"
# These differ in length alone, so the longest stands for them all.
SOURCES = sorted(BOOK.glob("api/source/**/*.html"), key=lambda file: file.stat().st_size)
PAGES = sorted(
    file.relative_to(BOOK).as_posix()
    for file in BOOK.rglob("*.html")
    if file.relative_to(BOOK).parts[0] != "_static" and file not in SOURCES[:-1]
)
# The pages of the engine's reference differ in their entries alone: the first and one of middle
# length stand for the others in a browser.
REFERENCE = sorted(BOOK.glob("api/*.html"), key=lambda file: file.stat().st_size)
STAND = {"api/index.html", *(f"api/{file.name}" for file in REFERENCE[len(REFERENCE) // 2 :][:1])}
OPENED = [page for page in PAGES if page in STAND or BOOK / page not in REFERENCE]
GALLERY = BOOK / "gallery.html"
SPECS = {
    spec["name"]: spec
    for figure in BeautifulSoup(
        GALLERY.read_bytes() if GALLERY.exists() else b"", "html.parser"
    ).select("[data-explorable]")
    for spec in [json.loads(str(figure["data-spec"]))]
}


def kinds(name: str) -> set[tuple[str, bool]]:
    """The kinds of control that an explorable has, and whether the page interpolates along it."""
    controls = SPECS[name]["controls"].values()
    return {(control["kind"], control.get("smooth", False)) for control in controls}


def examples() -> list[str]:
    """A few explorables that have every kind of control between them.

    What all get from the kit is tested on these.
    """
    chosen: list[str] = []
    left = set().union(*map(kinds, SPECS))
    while left:
        most = max(sorted(SPECS), key=lambda name: len(kinds(name) & left))
        chosen.append(most)
        left -= kinds(most)
    return chosen


# What a test goes through when it asks for a fixture of this name.
PARAMETERS = {
    "path": PAGES,
    "chapter": [page for page in PAGES if page.startswith("chapters/")],
    "theme": ["light", "dark"],
    "width": [1400, 390],
    "explorable": sorted(SPECS),
    "example": examples(),
}

PATIENCE = 120_000  # milliseconds, after which what hangs is given up
expect.set_options(timeout=PATIENCE)

UNFOLD = """
addEventListener("DOMContentLoaded", () => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
});
"""


FIRST_THEME = """
new MutationObserver((_, observer) => {
  if (!document.body) return;
  window.firstTheme = document.documentElement.dataset.theme;
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });
"""


VISITS = list(product(OPENED, ("light", "dark"), (1400, 390)))


def wanted(
    visit: tuple[str, str, int],
    theme: str = "",
    width: int = 0,
    chapters: bool = False,
    of: tuple[str, ...] = (),
) -> bool:
    """Whether a test asks of a visit, given the arguments of its mark `visits`."""
    at, its_theme, its_width = visit
    return (
        theme in ("", its_theme)
        and width in (0, its_width)
        and (not chapters or at.startswith("chapters/"))
        and (not of or at in of)
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "visit" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("visits")
        chosen = [visit for visit in VISITS if wanted(visit, **(mark.kwargs if mark else {}))]
        ids = ["-".join(map(str, visit)) for visit in chosen]
        metafunc.parametrize("visit", chosen, ids=ids, indirect=True, scope="module")
    for name, values in PARAMETERS.items():
        if name in metafunc.fixturenames:
            if not values:
                raise pytest.UsageError(f"There are no pages in {BOOK}: run make site first")
            metafunc.parametrize(name, values)


@pytest.fixture(scope="session")
def book() -> Path:
    """The folder that the book is built into."""
    return BOOK


@cache
def _parse(path: str) -> BeautifulSoup:
    return BeautifulSoup((BOOK / path).read_bytes(), "html.parser")


@pytest.fixture(scope="session")
def parse() -> Callable[[str], BeautifulSoup]:
    """Parse a page as it is on disk, before any script runs."""
    return _parse


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Address of the book while a server of this machine shows it."""
    with serve.listen(BOOK, 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser that finds no host but this machine.

    A module's own, for while it runs no test of that process can run an event loop.
    """
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
    ]
    executable = find()
    assert executable, "no Chromium: run tests/browser/chromium.py"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


def _watch(context: BrowserContext, site: str, faults: list[str]) -> None:
    """Write down whatever goes wrong in the pages of a context."""

    def on_request(request: Request) -> None:
        if not request.url.startswith((site, "data:", "blob:")):
            faults.append(f"asked {request.url}")

    def on_response(response: Response) -> None:
        if response.status >= 400:
            faults.append(f"{response.status}: {response.url}")

    def on_failure(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left before it came
            faults.append(f"{request.failure}: {request.url}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            faults.append(f"{message.type}: {message.text}")

    def on_exception(exception: WebError) -> None:
        faults.append(f"uncaught: {exception.error.message}")

    context.set_default_timeout(PATIENCE)
    context.on("request", on_request)
    context.on("response", on_response)
    context.on("requestfailed", on_failure)
    context.on("console", on_console)
    context.on("weberror", on_exception)


@pytest.fixture(scope="module")
def visit(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Visit]:
    """A page, opened once for all that is asked of it in one theme and one width."""
    path, theme, width = request.param
    context = browser.new_context(
        base_url=site,
        color_scheme=theme,
        viewport={"width": width, "height": 850},
        reduced_motion="reduce",
    )
    faults: list[str] = []
    _watch(context, site, faults)
    context.add_init_script(UNFOLD)
    context.add_init_script(FIRST_THEME)
    page = context.new_page()
    loaded: list[Response] = []
    page.on("response", lambda response: loaded.append(response))
    weighed = (theme, width) == ("light", 1400)
    page.goto(path, wait_until="networkidle" if weighed else "load")
    yield Visit(page, path, theme, width, [*loaded], faults)
    context.close()


@pytest.fixture
def faults() -> list[str]:
    """What has gone wrong in the test's pages: other hosts asked, failed requests, errors."""
    return []


@pytest.fixture
def new_page(browser: Browser, site: str, faults: list[str]) -> Iterator[Callable[..., Page]]:
    """Make an empty page: `new_page(theme="dark", width=390, unfolded=True)`.

    What the system prefers, the width in pixels, whether fold-outs are opened; anything else goes
    to Playwright's `new_context`. Nothing is cached or remembered from another page. Nothing moves
    of itself, so that no test has to wait, unless `motion="no-preference"`.
    """
    contexts: list[BrowserContext] = []

    def new_page(
        theme: str = "light",
        width: int = 1400,
        unfolded: bool = False,
        motion: str = "reduce",
        **options: object,
    ) -> Page:
        context = browser.new_context(
            base_url=site,
            color_scheme=theme,
            viewport={"width": width, "height": 850},
            reduced_motion=motion,
            **options,
        )
        contexts.append(context)
        _watch(context, site, faults)
        if unfolded:
            context.add_init_script(UNFOLD)
        return context.new_page()

    yield new_page
    for context in contexts:
        context.close()
