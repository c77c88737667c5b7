"""Every link of the book leads somewhere, and where it says."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup

Parse = Callable[[str], BeautifulSoup]

# Where the book's references and buttons may lead.
HOSTS = {
    "apps.ankiweb.net",
    "arxiv.org",
    "colab.research.google.com",
    "creativecommons.org",
    "doi.org",
    "github.com",
    "jmlr.org",
    "mybinder.org",
    "nnkit-course.github.io",
}

CHAPTERS = [
    "Tensors",
    "The perceptron",
    "Networks of neurons",
    "Backpropagation",
    "Activations",
    "Losses and optimizers",
    "Vanishing and exploding gradients",
    "Regularisation",
    "Convolutional networks",
    "Recurrent networks",
    "Autoencoders",
    "Adversarial networks",
    "Diffusion",
    "A small GPT",
    "PyTorch in practice",
]


def addresses(page: BeautifulSoup) -> list[str]:
    """What a page links to, loads or shows, but for pictures that stand in it themselves."""
    found = [str(tag[name]) for name in ("href", "src") for tag in page.find_all(**{name: True})]
    return [address for address in found if not address.startswith("data:image/")]


def is_external(address: str) -> bool:
    return bool(urlsplit(address).scheme or urlsplit(address).netloc)


def test_internal_links_lead_to_a_file_and_a_place_in_it(
    parse: Parse, book: Path, path: str
) -> None:
    links = {address for address in addresses(parse(path)) if not is_external(address)}
    assert links
    places: dict[str, set[str]] = {}
    dead = []
    for link in links:
        target = urlsplit(urljoin(path, link))
        file, place = unquote(target.path), unquote(target.fragment)
        if not (book / file).is_file():
            dead.append(link)
        elif place:
            if file not in places:
                places[file] = {str(tag["id"]) for tag in parse(file).find_all(id=True)}
            if place not in places[file]:
                dead.append(link)
    assert dead == []


def test_external_links_are_well_formed_and_lead_to_known_hosts(parse: Parse, path: str) -> None:
    for address in filter(is_external, addresses(parse(path))):
        assert re.fullmatch(r"https://[\w.-]+/[^\s<>\"]*", address)
        assert urlsplit(address).hostname in HOSTS


def test_anki_package_leads_to_sections_of_the_published_book(parse: Parse, book: Path) -> None:
    site = str(parse("index.html").select_one("link[rel=canonical]")["href"])
    site = site.removesuffix("index.html")
    with zipfile.ZipFile(book / "neural-networks.apkg") as package:
        database = package.read("collection.anki2")
    links = set(re.findall(rb'href="([^"]+)"', database))
    assert links
    for link in links:
        page, _, place = link.decode().removeprefix(site).partition("#")
        assert parse(page).find(id=place).find(["h2", "h3"])


def test_nothing_is_loaded_from_elsewhere(parse: Parse, path: str) -> None:
    loads = parse(path).select("[src], link:not([rel=canonical])")
    assert len(loads) > 10
    for tag in loads:
        assert not is_external(str(tag.get("src") or tag["href"])), tag


def test_landing_page_names_all_chapters_and_links_those_there_are(
    parse: Parse, book: Path
) -> None:
    rows = parse("index.html").select("#the-chapters table tbody tr")
    titles = [row.select("td")[1].get_text(strip=True) for row in rows]
    assert titles == ["Foundations", *CHAPTERS]
    linked = [str(link["href"]) for row in rows for link in row.select("a[href]")]
    contents = yaml.safe_load((book.parents[1] / "_toc.yml").read_text(encoding="utf-8"))
    entries = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    chapters = [entry for entry in entries if entry.startswith("chapters/")]
    maps = {"chapters/architectures", "chapters/engine"}  # named below the table
    assert linked == [f"{entry}.html" for entry in chapters if entry not in maps]


def test_chapter_opens_on_colab_and_binder(parse: Parse, chapter: str) -> None:
    buttons = {str(link["href"]) for link in parse(chapter).select(".dropdown-launch-buttons a")}
    notebook = chapter.replace(".html", ".ipynb")
    colab = r"https://colab\.research\.google\.com/github/([\w.-]+/[\w.-]+)/blob/(.+)/chapters/"
    repository, branch = next(
        match.groups() for link in buttons if (match := re.match(colab, link))
    )
    assert buttons == {
        f"https://colab.research.google.com/github/{repository}/blob/{branch}/{notebook}",
        f"https://mybinder.org/v2/gh/{repository}/{branch}?urlpath=lab/tree/{notebook}",
    }
