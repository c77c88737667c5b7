"""The frame of a chapter runs, each part of it, and the book refuses to list it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from nnkit.book import frame

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of its own, which has a frame for a chapter on Boltzmann machines."""
    root = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "nnkit", root / "nnkit", ignore=ignored)
    shutil.copytree(ROOT / "chapters/cards", root / "chapters/cards")
    (root / "tests/unit").mkdir(parents=True)
    shutil.copy(ROOT / "tests/unit/in_page.py", root / "tests/unit")
    for name in ("requirements.txt", "pyproject.toml", "_toc.yml"):
        shutil.copy(ROOT / name, root)
    for name in ("node_modules", "chapters/claims.yml", *map(str, chapters())):
        (root / name).symlink_to(ROOT / name)
    frame.write(root, "boltzmann_machines")
    return root


def chapters() -> list[Path]:
    return [file.relative_to(ROOT) for file in ROOT.glob("chapters/*.ipynb")]


def run(project: Path, module: str, *arguments: str, status: int = 0) -> str:
    """Run a module with the project's own package; return what it prints."""
    environment = os.environ | {"PYTHONPATH": str(project)}
    command = [sys.executable, "-m", module, *arguments]
    run = subprocess.run(command, cwd=project, capture_output=True, text=True, env=environment)
    assert run.returncode == status, run.stdout + run.stderr
    return run.stdout + run.stderr


def test_notebook_runs_and_shows_its_explorable(project: Path) -> None:
    file = project / "chapters/boltzmann_machines.ipynb"
    run(project, "nnkit.book.notebooks", str(file))
    outputs = [
        cell.outputs for cell in nbformat.read(file, as_version=4).cells if "outputs" in cell
    ]
    assert "The line goes from -0.50 to 0.50." in outputs[1][0].data["text/html"]


def test_deck_and_exercises_are_sound_and_empty(project: Path) -> None:
    assert run(project, "nnkit.cards.kit.lint") == ""
    program = "from nnkit.checks.boltzmann_machines import EXERCISES; print(len(EXERCISES))"
    found = subprocess.run([sys.executable, "-c", program], cwd=project, capture_output=True)
    assert found.stdout == b"0\n"


def test_test_of_the_explorable_passes_and_can_fail(project: Path) -> None:
    test = "tests/unit/test_explore_boltzmann_machines.py"
    assert "1 passed" in run(project, "pytest", "-n0", "-p", "no:cacheprovider", test)
    view = project / "nnkit/explore/boltzmann_machines.js"
    text = view.read_text()
    view.write_text(text.replace("The line", "A line"))
    assert "1 failed" in run(project, "pytest", "-n0", "-p", "no:cacheprovider", test, status=1)
    view.write_text(text)


def test_book_that_lists_a_frame_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    monkeypatch.setattr(sys, "argv", ["frame", "--check"])
    assert frame.main() == 0
    toc = project / "_toc.yml"
    text = toc.read_text()
    toc.write_text(text.replace("chapters/backprop", "chapters/boltzmann_machines"))
    assert frame.main() == 1
    toc.write_text(text)
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1 + len(frame.PARTS)
    assert said[0] == (
        "chapters/boltzmann_machines.ipynb: _toc.yml lists its chapter, and it is still a frame"
    )


@pytest.mark.parametrize("name", ["RNN", "a-b", "", "2nd", "été", "class"])
def test_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="a name of Python's in lower case"):
        frame.write(tmp_path, name)


def test_nothing_that_is_there_is_overwritten(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    monkeypatch.setattr(sys, "argv", ["frame", "perceptron"])
    assert frame.main() == 1
    said = capsys.readouterr().err
    assert said.startswith("chapters/perceptron.ipynb, nnkit/explore/perceptron.py, ")
    assert not (project / "tests/unit/test_explore_perceptron.py").exists()


def test_the_book_lists_no_frame() -> None:
    assert list(frame.empty(ROOT)) == []
