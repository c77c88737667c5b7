"""Every chapter keeps every rule."""

from pathlib import Path

import pytest
import yaml
from rules import RULES, Chapter, Rule

from nnkit.book.notebooks import PACKAGE

CHAPTERS = PACKAGE.parent / "chapters"
CLAIMS = set(yaml.safe_load((CHAPTERS / "claims.yml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", sorted(CHAPTERS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_chapter(path: Path, rule: Rule) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        chapter = Chapter(path.stem, file.read(), CLAIMS)
    assert list(rule(chapter)) == []
