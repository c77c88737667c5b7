"""The engine's API: every public name is described on a page, and leads to its definition."""

import inspect
import re
from collections.abc import Callable, Iterator
from pkgutil import resolve_name
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page, expect

from conftest import PAGES
from nnkit import scratch
from nnkit.book.api import public
from nnkit.scratch import training

Parse = Callable[[str], BeautifulSoup]

API = [page for page in PAGES if re.fullmatch(r"api/(?!index)\w+\.html", page)]


def names(namespace: object, dotted: str) -> Iterator[str]:
    """Yield the public names of a module, of the modules under its public names, and of Tensor."""
    for name in public(namespace):
        value = resolve_name(f"{dotted}.{name}")
        if not inspect.ismodule(value):
            yield f"{dotted}.{name}"
        if inspect.ismodule(value) or value is scratch.Tensor:
            yield from names(value, f"{dotted}.{name}")


NAMES = [*names(scratch, "nnkit.scratch"), *names(training, "nnkit.scratch.training")]


@pytest.fixture(scope="module")
def sources(parse: Parse) -> dict[str, str]:
    """Where the link to its source leads for each name that is described, or told in passing."""
    sources = {}
    for path in API:
        for signature in parse(path).select("dt.sig-object"):
            address = urljoin(path, str(signature.select_one("a.source")["href"]))
            sources[str(signature["id"])] = address
            for note in signature.find_next_sibling("dd").find_all("p", recursive=False):
                if match := re.fullmatch(r"Also ([\w.]+)\.", note.get_text()):
                    sources[f"nnkit.scratch.{match[1]}"] = address
    return sources


def test_names_are_those_of_the_whole_engine() -> None:
    assert {
        "nnkit.scratch.Tensor.backward",
        "nnkit.scratch.autograd.grad",
        "nnkit.scratch.cat",
        "nnkit.scratch.nn.Linear",
        "nnkit.scratch.nn.functional.relu",
        "nnkit.scratch.nn.init.zeros_",
        "nnkit.scratch.nn.utils.clip_grad_norm_",
        "nnkit.scratch.optim.Adam",
        "nnkit.scratch.optim.lr_scheduler.StepLR",
        "nnkit.scratch.training.fit",
        "nnkit.scratch.utils.data.DataLoader",
    } <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_name_is_described_and_leads_to_its_definition(
    parse: Parse, sources: dict[str, str], name: str
) -> None:
    file, line = sources[name].split("#line-")
    definition = "".join(parse(file).select_one(".source-page pre").strings).splitlines()
    begins = next(text for text in definition[int(line) - 1 :] if not text.lstrip().startswith("@"))
    value = resolve_name(name)
    value = getattr(value, "fget", value)
    # `exp_` is made from `exp`, `float` is another name for float32, and pi is Python's.
    others = (getattr(v, "__name__", str(v)) for v in (value, inspect.unwrap(value)))
    own = "|".join([*(re.escape(other.removeprefix("torch.")) for other in others), "pi|inf|nan"])
    assert re.search(rf"(def|class) ({own})\b|^(?=.* = |from math).*\b({own})\b", begins)


def test_page_has_a_table_of_its_names_at_its_head(parse: Parse) -> None:
    assert len(API) >= 7
    for path in API:
        page = parse(path)
        links = [str(link["href"]) for link in page.select_one("table").select("td + td a")]
        own = page.select("section > dl.py > dt[id]")
        assert links == [f"#{signature['id']}" for signature in own], path


def test_search_finds_a_name_of_the_engine(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto("search.html?q=clip_grad_norm_")
    page.locator("#search-results").get_by_role("link", name="clip_grad_norm_").first.click()
    expect(page).to_have_url(re.compile(r"/api/parameters\.html.*#nnkit.*clip_grad_norm_$"))
