"""The book executes a chapter again when something it depends on has changed, and no other one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
CONFIG = """\
title: Two chapters
only_build_toc_files: true
latex: {use_jupyterbook_latex: false}
html: {use_multitoc_numbering: false}
execute: {execute_notebooks: cache, raise_on_error: true}
sphinx:
  config:
    extensions: [sphinx_external_toc, myst_nb, sphinx_book_theme, nnkit.book]
"""


def write(path: Path, code: str) -> None:
    cells = [nbformat.v4.new_markdown_cell(f"# {path.stem}"), nbformat.v4.new_code_cell(code)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of two chapters, of which one uses the package, beside a package of its own."""
    shutil.copytree(ROOT / "nnkit", tmp_path / "nnkit", ignore=shutil.ignore_patterns("*.pyc"))
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    shutil.copytree(ROOT / "chapters/cards", tmp_path / "chapters/cards")
    for name in ("pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "_config.yml").write_text(CONFIG)
    (tmp_path / "_toc.yml").write_text("{format: jb-book, root: user, chapters: [{file: other}]}")
    write(tmp_path / "user.ipynb", "from nnkit import data\nprint(data.digits()[1][:3])")
    write(tmp_path / "other.ipynb", "print(1 + 1)")
    return tmp_path


def executed(book: Path) -> set[str]:
    """Build the book and return the names of the chapters that were executed for it."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", book]
    run = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(book)}
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return set(re.findall(r"(\w+)\.ipynb: Executing notebook", run.stdout + run.stderr))


def test_what_changed_is_executed_again_and_nothing_else(book: Path) -> None:
    assert executed(book) == {"user", "other"}
    assert executed(book) == set()

    write(book / "other.ipynb", "print(2 + 2)")
    assert executed(book) == {"other"}

    source = book / "nnkit/data/shipped.py"
    source.write_text(source.read_text().replace("y.astype(np.int64)", "y.astype(np.int64) + 1"))
    assert executed(book) == {"user"}
    assert "[1 2 3]" in (book / "_build/html/user.html").read_text()

    (book / "requirements.txt").write_text("")
    assert executed(book) == {"user", "other"}
