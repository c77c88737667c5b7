"""Notebooks are executed, stored whole, and traced to the code that they stand on."""

import json
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nnkit.book import notebooks
from nnkit.book.figures import shrink
from nnkit.book.notebooks import dependencies, dumps, execute, fingerprint, is_current, parse, tidy

FIGURE = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 640x480 with 1 Axes>"}
DRAWN = """<?xml version="1.0"?>
<svg viewBox="0 0 9 9" xmlns="http://www.w3.org/2000/svg">
 <metadata>2026-12-01</metadata>
 <path d="M 0.123 4.567
L 1 2"/>
</svg>
"""
WIDGET = "application/vnd.jupyter.widget-view+json"


def with_outputs(*outputs: NotebookNode) -> NotebookNode:
    return new_notebook(cells=[new_code_cell("1", execution_count=1, outputs=list(outputs))])


def importing(*sources: str) -> NotebookNode:
    return new_notebook(cells=[new_code_cell(source) for source in sources])


# --- tidy


def test_tidy_keeps_text_and_execution_count() -> None:
    data = {"text/plain": "0.25", "text/html": "<b>0.25</b>"}
    notebook = with_outputs(
        new_output("stream", name="stdout", text="loss 0.3\n"),
        new_output("execute_result", data=data, execution_count=1),
    )
    (cell,) = tidy(notebook).cells
    assert cell.execution_count == 1
    assert cell.outputs[0].text == "loss 0.3\n"
    assert cell.outputs[1].data == data


def test_tidy_drops_a_widget_and_keeps_its_text() -> None:
    data = {WIDGET: {"model_id": "1f"}, "text/plain": "a widget"}
    notebook = with_outputs(new_output("display_data", data=data))
    assert tidy(notebook).cells[0].outputs[0].data == {"text/plain": "a widget"}


def test_tidy_shrinks_a_figure() -> None:
    figure = {"image/svg+xml": DRAWN, "text/plain": "<Figure>"}
    notebook = with_outputs(new_output("display_data", data=figure))
    data = tidy(notebook).cells[0].outputs[0].data
    assert data == {"image/svg+xml": shrink(DRAWN), "text/plain": "<Figure>"}
    assert "2026" not in str(data)


def test_tidy_drops_an_output_of_which_nothing_is_left() -> None:
    notebook = with_outputs(new_output("display_data", data={WIDGET: {"model_id": "1f"}}))
    assert tidy(notebook).cells[0].outputs == []


def test_tidy_joins_pieces_of_one_stream() -> None:
    pieces = [("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", "d")]
    notebook = with_outputs(*(new_output("stream", name=name, text=text) for name, text in pieces))
    joined = [(output.name, output.text) for output in tidy(notebook).cells[0].outputs]
    assert joined == [("stdout", "ab"), ("stderr", "c"), ("stdout", "d")]


def test_tidy_keeps_the_metadata_that_the_book_reads_and_no_other() -> None:
    cell = new_code_cell("1", id="the-cell")
    kept = {"tags": ["solution"], "mystnb": {"image": {"alt": "…"}}}
    cell.metadata = {
        **kept,
        "jupyter": {"source_hidden": True, "outputs_hidden": False},
        "execution": {"iopub.execute_input": "2026-01-01T00:00:00Z"},
        "collapsed": False,
    }
    notebook = new_notebook(cells=[cell, new_markdown_cell("text", metadata={"editable": True})])
    notebook.metadata = {
        "widgets": {"state": {}},
        "kernelspec": {"name": "mine", "display_name": "Mine", "language": "python"},
        "language_info": {"name": "python", "version": "3.11.9"},
    }
    tidied = tidy(notebook)
    assert tidied.cells[0].metadata == {**kept, "jupyter": {"source_hidden": True}}
    assert tidied.cells[0].id == "the-cell"
    assert tidied.cells[1].metadata == {}
    assert tidied.metadata == {
        "kernelspec": {
            "name": "python3",
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
        },
        "language_info": {"name": "python"},
    }


def test_tidy_clears_the_metadata_of_outputs() -> None:
    notebook = with_outputs(
        new_output("display_data", data=FIGURE, metadata={"image/png": {"width": 640}})
    )
    assert tidy(notebook).cells[0].outputs[0].metadata == {}


def test_tidy_leaves_its_argument_as_it_is() -> None:
    notebook = with_outputs(new_output("display_data", data=dict(FIGURE)))
    tidy(notebook)
    assert notebook.cells[0].outputs[0].data == FIGURE


def test_a_stored_notebook_is_stored_the_same_again() -> None:
    notebook = with_outputs(
        new_output("stream", name="stdout", text="γ = "),
        new_output("display_data", data={"image/svg+xml": DRAWN}),
        new_output("display_data", data={WIDGET: {"model_id": "1f"}}),
        new_output("stream", name="stdout", text="0.5\n"),
    )
    stored = dumps(notebook)
    assert dumps(nbformat.reads(stored, as_version=4)) == stored
    assert stored.startswith('{\n "cells": [')
    assert stored.endswith("}\n")


# --- parse, dependencies and fingerprint, on a small package


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package where each module but `unrelated` is reached by another kind of import."""
    files = {
        "requirements.txt": "numpy==2\n",
        "kit/__init__.py": "",
        "kit/data/__init__.py": "from .plane import blobs\nimport numpy",
        "kit/data/plane.py": "def blobs():\n    from kit import seeding",
        "kit/data/digits.npz": "1234",
        "kit/data/raw/notes.txt": "1234",
        "kit/data/__pycache__/plane.cpython-311.pyc": "1234",
        "kit/seeding.py": "",
        "kitchen/__init__.py": "",
        "kit/unrelated/__init__.py": "import kit.data",
        "kit/unrelated/table.npz": "1234",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path / "kit"


DATA = [
    "__init__.py",
    "data/__init__.py",
    "data/digits.npz",
    "data/plane.py",
    "data/raw/notes.txt",
    "seeding.py",
]


@pytest.mark.parametrize(
    "source",
    [
        "import kit.data",
        "import kit.data as torch",
        "from kit import data",
        "from kit.data import blobs",
        "from kit.data.plane import blobs",
        "%matplotlib inline\nfiles = !ls\nfrom kit import data",
        "%%time\nfrom kit import data",
        "from kit.data import *",
        "def later():\n    if True:\n        import kit.data",
        'import_module("kit.data.plane")',
        'importlib.import_module(f"kit.data.{part}")',
    ],
)
def test_dependencies_follow_every_kind_of_import(package: Path, source: str) -> None:
    found = dependencies(importing("1", source), package)
    assert [path.relative_to(package).as_posix() for path in found] == DATA


def test_dependencies_of_other_imports_are_none(package: Path) -> None:
    assert dependencies(importing("import numpy.linalg", "from kitchen import data"), package) == []


def test_dependencies_ignore_text_cells_and_other_languages(package: Path) -> None:
    notebook = importing("%%bash\nfrom kit import data")
    notebook.cells.append(new_markdown_cell("import kit"))
    assert dependencies(notebook, package) == []


def test_dependencies_of_the_course_reach_from_a_loader_to_its_file() -> None:
    found = dependencies(importing("from nnkit import data"))
    assert notebooks.PACKAGE / "data" / "digits.npz" in found
    assert notebooks.PACKAGE / "__init__.py" in found
    assert not any("book" in path.relative_to(notebooks.PACKAGE).parts for path in found)


def test_dependencies_reach_through_a_linked_folder(package: Path) -> None:
    (package.parent / "decks").mkdir()
    (package.parent / "decks" / "perceptron.yml").write_text("")
    (package / "data" / "decks").symlink_to("../../decks")
    found = dependencies(importing("from kit import data"), package)
    assert package / "data" / "decks" / "perceptron.yml" in found


def test_dependencies_follow_a_relative_computed_import(package: Path) -> None:
    (package / "data" / "plane.py").write_text('import_module(f"..{name}", __name__)')
    found = dependencies(importing("import kit.data"), package)
    assert package / "unrelated" / "__init__.py" in found


def test_parse_names_the_line_that_is_no_python() -> None:
    with pytest.raises(SyntaxError, match="line 2"):
        parse("x = 1\nx = = 2")


@pytest.mark.parametrize(
    "name", ["kit/seeding.py", "kit/data/digits.npz", "kit/__init__.py", "requirements.txt"]
)
def test_fingerprint_changes_with_a_dependency(package: Path, name: str) -> None:
    notebook = importing("from kit import data")
    before = fingerprint(notebook, package)
    (package.parent / name).write_text("# another")
    assert fingerprint(notebook, package) != before


def test_fingerprint_changes_when_a_dependency_is_renamed(package: Path) -> None:
    notebook = importing("from kit import data")
    before = fingerprint(notebook, package)
    (package / "data" / "digits.npz").rename(package / "data" / "figures.npz")
    assert fingerprint(notebook, package) != before


def test_fingerprint_keeps_when_anything_else_changes(package: Path) -> None:
    before = fingerprint(importing("from kit import data"), package)
    (package / "unrelated" / "__init__.py").write_text("# another")
    (package / "data" / "__pycache__" / "plane.cpython-311.pyc").write_text("5678")
    moved = shutil.copytree(package.parent, package.parent / "moved") / "kit"
    notebook = importing("from kit import data")
    notebook.cells.append(new_markdown_cell("Words."))
    assert fingerprint(notebook, moved) == before


def executed(package: Path) -> NotebookNode:
    notebook = importing("from kit import data")
    notebook.cells[0].execution_count = 1
    notebook.metadata["nnkit"] = {"fingerprint": fingerprint(notebook, package)}
    return notebook


def test_notebook_is_current_until_its_code_or_what_it_stands_on_changes(package: Path) -> None:
    assert is_current(executed(package), package)
    changed = executed(package)
    changed.cells[0].source += "\n1 + 1"
    assert not is_current(changed, package)
    stored = executed(package)
    (package / "seeding.py").write_text("# another")
    assert not is_current(stored, package)


def test_notebook_that_was_never_executed_is_not_current(package: Path) -> None:
    notebook = executed(package)
    notebook.cells[0].execution_count = None
    assert not is_current(notebook, package)
    notebook.cells[0].execution_count = 1
    del notebook.metadata["nnkit"]
    assert not is_current(notebook, package)


# --- read


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{\n<<<<<<< HEAD\n "cells": []', "got a merge mark in line 2: resolve the merge"),
        ("{", "got something else: Notebook does not appear to be JSON"),
        ('{"cells": 1}', "got something else: "),
        ("", "got something else: "),
    ],
)
def test_what_is_no_notebook_is_refused_in_one_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_text(text)
    with pytest.raises(ValueError, match="expected a notebook") as caught:
        notebooks.read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: expected a notebook, {reason}")
    assert "\n" not in message


# --- execute and the command


def write(path: Path, *sources: str) -> Path:
    path.write_text(nbformat.writes(importing(*sources)), encoding="utf-8")
    return path


def test_execute_runs_on_one_thread_in_the_notebooks_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    write(
        tmp_path / "where.ipynb",
        "import os\nfrom pathlib import Path\nprint(Path.cwd())",
        'print(os.environ["OMP_NUM_THREADS"])',
    )
    cells = execute(tmp_path / "where.ipynb").cells
    assert [cell.outputs[0].text for cell in cells] == [f"{tmp_path}\n", "1\n"]
    assert [cell.execution_count for cell in cells] == [1, 2]


def test_execute_names_notebook_cell_and_cause(tmp_path: Path) -> None:
    path = write(tmp_path / "broken.ipynb", "margin = 0", "1 / margin")
    with pytest.raises(RuntimeError) as caught:
        execute(path)
    message = str(caught.value)
    assert message.startswith(f"{path}, code cell 2: ")
    assert "----> 1 1 / margin" in message
    assert "ZeroDivisionError: division by zero" in message
    assert "\x1b" not in message


def test_execute_names_the_cell_that_kills_the_kernel(tmp_path: Path) -> None:
    path = write(tmp_path / "killed.ipynb", "import os\nos._exit(1)")
    with pytest.raises(RuntimeError, match=r"killed\.ipynb, code cell 1: Kernel died"):
        execute(path)


def test_command_stores_what_runs_and_leaves_what_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = write(tmp_path / "sound.ipynb", "print(6 * 7)")
    broken = write(tmp_path / "broken.ipynb", "print(6 * 7)", "1 / 0")
    before = broken.read_bytes()
    monkeypatch.setattr(sys, "argv", ["notebooks", str(sound), str(broken)])
    monkeypatch.setattr(notebooks, "DECKS", tmp_path)

    assert notebooks.main() == 1

    assert broken.read_bytes() == before
    stored = json.loads(sound.read_text(encoding="utf-8"))
    assert stored["cells"][0]["outputs"][0]["text"] == ["42\n"]
    assert sound.read_text(encoding="utf-8") == dumps(nbformat.read(sound, as_version=4))
    out, err = capsys.readouterr()
    assert out.startswith(f"{sound}: 1 cells, ")
    assert "ZeroDivisionError" in err


def test_command_tells_in_one_line_which_file_is_no_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sound, merging = tmp_path / "sound.ipynb", tmp_path / "merging.ipynb"
    write(sound, "1")
    merging.write_text(sound.read_text().replace("{", "{\n>>>>>>> theirs", 1))
    monkeypatch.setattr(notebooks, "CHAPTERS", tmp_path)
    monkeypatch.setattr(sys, "argv", ["notebooks", "--check"])
    assert notebooks.main() == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"{merging}: expected a notebook, got a merge mark in line 2")


def test_command_executes_the_chapters_that_are_not_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "one.ipynb", "print(1)")
    write(tmp_path / "other.ipynb", "print(2)")
    monkeypatch.setattr(notebooks, "CHAPTERS", tmp_path)
    monkeypatch.setattr(notebooks, "DECKS", tmp_path)
    monkeypatch.setattr(sys, "argv", ["notebooks"])
    ran: list[str] = []

    def run(path: Path) -> NotebookNode:
        ran.append(path.stem)
        notebook = notebooks.read(path)
        notebook.cells[0].execution_count = 1
        return notebook

    monkeypatch.setattr(notebooks, "execute", run)
    assert notebooks.main() == 0
    assert sorted(ran) == ["one", "other"]
    assert notebooks.main() == 0
    assert len(ran) == 2
    assert capsys.readouterr().out.endswith("All chapters are current.\n")


def test_command_succeeds_when_every_notebook_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "sound.ipynb", "1")
    monkeypatch.setattr(notebooks, "execute", lambda path: nbformat.read(path, as_version=4))
    monkeypatch.setattr(sys, "argv", ["notebooks", str(path)])
    monkeypatch.setattr(notebooks, "DECKS", tmp_path)
    assert notebooks.main() == 0
    assert json.loads((tmp_path / "outputs.json").read_text(encoding="utf-8")) == {}
