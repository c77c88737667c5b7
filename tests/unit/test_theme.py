"""The book's style sheet is made of the palette, the fonts and the icons, and of nothing else."""

import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from nnkit.book import theme
from nnkit.palette import PALETTE


@pytest.fixture(scope="module")
def sheet() -> str:
    return theme.style_sheet()


@pytest.fixture
def config() -> Any:
    """What Sphinx hands to `configure`, as far as it is used."""
    options = {"repository_url": "https://github.com/one/book", "repository_branch": "main"}
    return SimpleNamespace(templates_path=[], html_theme_options=options)


@pytest.mark.parametrize(
    ("selector", "value"), [("html", "light"), ('html[data-theme="dark"]', "dark")]
)
def test_every_colour_of_the_palette_is_a_variable(sheet: str, selector: str, value: str) -> None:
    rule = re.search(rf"(?:^|{{){re.escape(selector)}{{([^}}]*)}}", sheet, flags=re.MULTILINE)
    assert rule
    variables = dict(re.findall(r"--([\w-]+):([^;]*);", rule[1]))
    assert variables == {name: getattr(colour, value) for name, colour in PALETTE.items()}


def test_style_has_no_colour_of_its_own() -> None:
    style = (theme.HERE / "style/book.css").read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\(", style)
    assert "var(--data)" in style


def test_every_font_is_there(sheet: str) -> None:
    faces = re.findall(r'font-family:"([^"]+)";font-style:(\w+);.*?url\("fonts/([^"]+)"', sheet)
    assert len(faces) == 3
    for family, style, name in faces:
        file = theme.NODE_MODULES / "@fontsource" / theme.FONTS[family, style]
        assert file.name == name
        assert file.read_bytes().startswith(b"wOF2")


@pytest.mark.parametrize("name", theme.ICONS)
def test_icon_is_a_drawing(sheet: str, name: str) -> None:
    address = re.search(rf'^\.{name}{{--icon:url\("data:image/svg\+xml,([^"]*)"\)}}$', sheet, re.M)
    assert address
    svg = ElementTree.fromstring(unquote(address[1]))
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(svg) > 0


def test_published_fork_leads_to_its_own_repository(
    config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "two/fork")
    monkeypatch.setenv("GITHUB_REF_NAME", "trunk")
    theme.configure(None, config)
    assert config.html_theme_options["repository_url"] == "https://github.example/two/fork"
    assert config.html_theme_options["repository_branch"] == "trunk"
    assert config.html_baseurl == "https://two.github.io/fork/"


def test_book_built_elsewhere_leads_to_the_repository_of_its_settings(
    config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    theme.configure(None, config)
    assert config.html_theme_options["repository_url"] == "https://github.com/one/book"
    assert config.html_theme_options["repository_branch"] == "main"
