"""nbval passes a chapter as it is, and fails it for one digit or for a change in nnkit."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from nnkit.book.notebooks import PACKAGE, dumps, imports, parse

CHAPTER = PACKAGE.parent / "chapters" / "perceptron.ipynb"
NUMBER = re.compile(r"\d+\.\d+")


def printed(cell: NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def first_computed(cells: list[NotebookNode]) -> int:
    """Index of the first code cell that prints a number computed from data that nnkit draws."""
    drawn: set[str] = set()  # names that such data, or what is computed from them, may go by
    for index, cell in enumerate(cells):
        if cell.cell_type != "code":
            continue
        tree = parse(cell.source)
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        if any(name.id in drawn for name in names):
            if NUMBER.search(printed(cell)):
                return index
            drawn |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
        imported = (name for name in imports(tree, package="") if name.startswith("nnkit.data"))
        drawn |= {name.rpartition(".")[2] for name in imported}
    raise AssertionError(
        f"{CHAPTER.name}: no cell prints a decimal number computed from nnkit.data"
    )


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    """The chapter's beginning beside a copy of nnkit; its last cell shows which nnkit it uses."""
    copy = shutil.copytree(PACKAGE, tmp_path / "nnkit")
    for part in ("conftest.py", "tests/machines.py", "pyproject.toml", "requirements.txt"):
        shutil.copy(PACKAGE.parent / part, tmp_path)
    notebook = nbformat.read(CHAPTER, as_version=4)
    del notebook.cells[first_computed(notebook.cells) + 1 :]
    origin = new_output("stream", name="stdout", text=f"{copy / '__init__.py'}\n")
    notebook.cells.append(
        new_code_cell("import nnkit\nprint(nnkit.__file__)", execution_count=99, outputs=[origin])
    )
    return store(tmp_path / "chapter.ipynb", notebook)


def store(path: Path, notebook: NotebookNode) -> Path:
    path.write_text(dumps(notebook), encoding="utf-8")
    return path


def validate(path: Path) -> tuple[int, str]:
    """Run nbval on a notebook, with the nnkit beside it; return its exit status and report."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "--color=no", path],
        cwd=path.parent,
        env=os.environ | {"PYTHONPATH": str(path.parent)},
        capture_output=True,
        text=True,
    )
    return run.returncode, run.stdout


def draw_other_data(package: Path) -> None:
    """Change the package so that every set that it draws from a seed is another one."""
    seeding = package / "data" / "seeding.py"
    source = seeding.read_text(encoding="utf-8")
    assert source.count("default_rng(seed)") == 1
    seeding.write_text(source.replace("default_rng(seed)", "default_rng(seed + 1)"))


def test_chapter_passes_as_it_is(chapter: Path) -> None:
    status, report = validate(chapter)
    assert status == 0, report


def test_altered_digit_fails(chapter: Path) -> None:
    notebook = nbformat.read(chapter, as_version=4)
    output = next(o for o in notebook.cells[-2].outputs if NUMBER.search(o.get("text", "")))
    end = NUMBER.search(output.text).end()
    digit = (int(output.text[end - 1]) + 1) % 10
    output.text = f"{output.text[: end - 1]}{digit}{output.text[end:]}"
    status, report = validate(store(chapter, notebook))
    assert status == 1, report
    assert "Cell outputs differ" in report
    assert "1 failed" in report


def test_change_in_nnkit_fails(chapter: Path) -> None:
    draw_other_data(chapter.parent / "nnkit")
    status, report = validate(chapter)
    assert status == 1, report
    assert "Cell outputs differ" in report


def test_without_execution_counts_nothing_fails(chapter: Path) -> None:
    """The trap for which `rules.is_executed_in_order` exists."""
    notebook = nbformat.read(chapter, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
    draw_other_data(chapter.parent / "nnkit")
    status, report = validate(store(chapter, notebook))
    assert status == 0, report
