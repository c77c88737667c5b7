"""The book takes a chapter as it is stored, and executes one that is not current."""

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
execute: {execute_notebooks: "off", raise_on_error: true}
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
    write(
        tmp_path / "other.ipynb",
        "import matplotlib.pyplot as plt\nfrom nnkit import plot\nplot.setup()\nplt.plot([1, 2]);",
    )
    return tmp_path


def run(book: Path, *command: object) -> str:
    """Run a command with the book's own package; return what it prints."""
    environment = os.environ | {"PYTHONPATH": str(book)}
    run = subprocess.run(command, cwd=book, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


def store(book: Path) -> None:
    """Store the book's chapters."""
    run(book, sys.executable, "-m", "nnkit.book.notebooks", *book.glob("*.ipynb"))


def executed(book: Path) -> set[str]:
    """Build the book and return the names of the chapters that were executed for it."""
    said = run(book, Path(sys.executable).with_name("jupyter-book"), "build", book)
    found = set(re.findall(r"(\w+)\.ipynb: Executing notebook", said))
    assert found == set(re.findall(r"(\w+)\.ipynb is not current and is executed", said))
    return found


def test_what_is_not_current_is_executed_and_nothing_else(book: Path) -> None:
    store(book)
    source = book / "nnkit/data/shipped.py"
    source.write_text(source.read_text().replace("y.astype(np.int64)", "y.astype(np.int64) + 1"))
    assert executed(book) == {"user"}
    assert "[1 2 3]" in (book / "_build/html/user.html").read_text()
    assert "<svg" in (book / "_build/html/other.html").read_text()

    store(book)
    notebook = nbformat.read(book / "other.ipynb", as_version=4)
    notebook.metadata.nnkit.fingerprint = "0" * 64
    nbformat.write(notebook, book / "other.ipynb")
    assert executed(book) == {"other"}
    assert "[1 2 3]" in (book / "_build/html/user.html").read_text()
