"""Write the frame of a chapter, and tell which chapter of the book is still a frame.

`python -m nnkit.book.frame rnn` writes a notebook, a deck, exercises, an explorable and its test.
All of them run, and each says that it is empty; `python -m nnkit.book.frame --check` names those of
chapters that `_toc.yml` lists.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from keyword import iskeyword
from pathlib import Path
from string import Template

import nbformat
from nbformat import NotebookNode

from nnkit.book.notebooks import SETUP, dumps
from nnkit.cards.kit.deck import contents

EMPTY = "Nothing is here yet but the frame."
TEMPLATES = Path(__file__).with_name("templates") / "chapter"
# Where each part of a chapter lies, by the name of its template.
PARTS = {
    "explorable.py.txt": "nnkit/explore/{}.py",
    "explorable.js.txt": "nnkit/explore/{}.js",
    "checks.py.txt": "nnkit/checks/{}.py",
    "deck.yml.txt": "chapters/cards/{}.yml",
    "test.py.txt": "tests/unit/test_explore_{}.py",
}
NOTEBOOK = "chapters/{}.ipynb"


def notebook(name: str) -> NotebookNode:
    """Make a chapter's notebook: a problem, an explorable, and the sections that every chapter has.

    Parameters
    ----------
    name : str
        Name of the chapter, a name of Python's in lower case.

    Returns
    -------
    NotebookNode
        Not executed yet.
    """
    shown = f"from nnkit.explore.{name} import {class_name(name)}\n\n{class_name(name)}()"
    lead = f"# {name.capitalize()}\n\n{EMPTY} A problem comes here, which the end solves."
    sections = {
        "A guess": "A section asks for a guess, runs, and shows its finding.",
        "From the paper": "The paper's number comes here, and ours beside it.",
        "Exercises": "Compute, derive, find the bug, flip the conclusion.",
        "Summary": "The problem of the beginning, solved.",
    }
    made: NotebookNode = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(SETUP, metadata={"tags": ["setup", "hide-input"]}),
            nbformat.v4.new_markdown_cell(lead),
            nbformat.v4.new_code_cell(shown, metadata={"tags": ["remove-input"]}),
            *(nbformat.v4.new_markdown_cell(f"## {a}\n\n{b}") for a, b in sections.items()),
        ]
    )
    return made


def class_name(name: str) -> str:
    """Return the name of the class of a chapter's explorable.

    Parameters
    ----------
    name : str
        Name of the chapter.

    Returns
    -------
    str
        Its words, each with a capital.
    """
    return "".join(word.capitalize() for word in name.split("_"))


def write(root: Path, name: str) -> list[Path]:
    """Write the frame of a chapter.

    Parameters
    ----------
    root : Path
        Head of the project.
    name : str
        Name of the chapter, a name of Python's in lower case.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ValueError
        If it is no such name.
    FileExistsError
        If one of the files is there; nothing is written then.
    """
    if not (name.isidentifier() and name.islower() and name.isascii()) or iskeyword(name):
        raise ValueError(f"A chapter's name is a name of Python's in lower case, not {name!r}")
    files = {root / at.format(name): TEMPLATES / template for template, at in PARTS.items()}
    home = root / NOTEBOOK.format(name)
    if there := [str(file.relative_to(root)) for file in (home, *files) if file.exists()]:
        raise FileExistsError(f"{', '.join(there)}: there already, so nothing is written")
    names = {"name": name, "Class": class_name(name), "empty": EMPTY}
    for file, template in files.items():
        file.write_text(Template(template.read_text("utf-8")).substitute(names), encoding="utf-8")
    home.write_text(dumps(notebook(name)), encoding="utf-8")
    return [home, *files]


def empty(root: Path) -> Iterator[Path]:
    """Find what is still a frame in a chapter of the book.

    Parameters
    ----------
    root : Path
        Head of the project.

    Yields
    ------
    Path
        Each file of a chapter in `_toc.yml` that says that it is empty.
    """
    for page in contents(root / "_toc.yml"):
        for at in (NOTEBOOK, *PARTS.values()):
            file = root / at.format(Path(page).name)
            if file.is_file() and EMPTY in file.read_text(encoding="utf-8"):
                yield file


def main() -> int:
    """Write a frame, or name the frames that the book lists.

    Returns
    -------
    int
        Exit status: 1 if nothing could be written, or the book lists a frame.
    """
    parser = argparse.ArgumentParser(description="Write the frame of a chapter.")
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("name", nargs="?", help="of the chapter, such as rnn")
    chosen.add_argument("--check", action="store_true", help="name the frames that the book lists")
    options = parser.parse_args()
    if options.check:
        frames = list(empty(Path()))
        for file in frames:
            print(f"{file}: _toc.yml lists its chapter, and it is still a frame")
        return 1 if frames else 0
    try:
        for file in write(Path(), options.name):
            print(f"wrote {file}")
    except (ValueError, FileExistsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
