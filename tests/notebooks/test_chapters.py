"""Every chapter keeps every rule."""

from pathlib import Path

import nbformat
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


def test_one_program_runs_on_both_engines_but_for_its_import() -> None:
    cells = nbformat.read(CHAPTERS / "engine.ipynb", as_version=4).cells
    ours, theirs = (cell.source for cell in cells if cell.id in ("on-scratch", "on-pytorch"))
    assert ours.removeprefix("import nnkit.scratch as torch\n") == theirs.removeprefix(
        "import torch\n"
    )
    assert ours.startswith("import nnkit.scratch as torch\n")
    assert theirs.startswith("import torch\n")
