"""nbval passes a notebook as it is stored, and fails it for one digit or for a change in nnkit."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from nnkit.book.notebooks import PACKAGE, dumps, execute

CELLS = [
    "import matplotlib.pyplot as plt\nimport numpy as np\nfrom nnkit import data, plot\n"
    "from nnkit.measurement import mean_and_spread\nplot.setup()",
    "x, y = data.moons(60, noise=0.1, seed=3)\nprint(f'{len(x)} samples, mean {x.mean():.3f}')",
    "means = [data.moons(60, noise=0.1, seed=seed)[0].mean() for seed in range(9)]\n"
    "print('means of draws', mean_and_spread(np.array(means) * 1000, decimals=1))",
    "fig, ax = plt.subplots()\nax.set(xlim=(-2, 3), ylim=(-2, 2))\n_ = ax.plot(*x[:4].T)",
]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    path = tmp_path_factory.mktemp("stored") / "chapter.ipynb"
    cells = [new_code_cell(source) for source in CELLS]
    path.write_text(dumps(new_notebook(cells=cells)), encoding="utf-8")
    return execute(path)


def replaced(
    pattern: str, change: Callable[[re.Match[str]], str]
) -> Callable[[NotebookNode], None]:
    """Make what changes, in a notebook's outputs, the one place that a pattern finds."""

    def change_outputs(notebook: NotebookNode) -> None:
        found = 0
        for cell in notebook.cells:
            for output in cell.outputs:
                holder, key = (
                    (output, "text") if "text" in output else (output.data, "image/svg+xml")
                )
                holder[key], times = re.subn(pattern, change, holder[key], count=1)
                found += times
        assert found == 1

    return change_outputs


def measurement(mean: float, spread: float) -> Callable[[NotebookNode], None]:
    """Make what moves the mean by so many spreads, and multiplies the spread."""

    def moved(found: re.Match[str]) -> str:
        m, s = float(found[1]), float(found[2])
        return f"{m + mean * s:.1f} ± {spread * s:.1f}"

    return replaced(r"([\d.]+) ± ([\d.]+)", moved)


def forget_counts(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.execution_count, cell.outputs = None, []


# What is done to the stored notebook, and whether nbval must notice. Without counts it cannot:
# the trap for which `rules.is_executed_in_order` exists.
CHANGES: dict[str, tuple[Callable[[NotebookNode], None], bool]] = {
    "as_it_is": (lambda notebook: None, False),
    "another_digit": (replaced(r"(mean \d\.\d\d)(\d)", lambda m: f"{m[1]}{9 - int(m[2])}"), True),
    "another_count": (replaced("60 samples", lambda m: "61 samples"), True),
    "another_word": (replaced("means of", lambda m: "Means of"), True),
    "measured_again": (measurement(1, 1.5), False),
    "mean_moved": (measurement(3, 1), True),
    "spread_trebled": (measurement(0, 3), True),
    "sign": (replaced(r"[\d.]+ ±", lambda m: f"-{m[0]}"), True),
    "line_moved": (
        replaced(
            r'(?<=d="M )(\d+)(?=[\d.]* [\d.]+ L [\d.]+ [\d.]+ L [\d.]+ [\d.]+ L [\d.]+ [\d.]+")',
            lambda m: str(int(m[1]) + 9),
        ),
        True,
    ),
    "without_counts": (forget_counts, False),
}


def validate(folder: Path) -> dict[str, int]:
    """Run nbval on the notebooks of a folder, with the nnkit in it; count each one's failures."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "--color=no", "-rf", *folder.glob("*.ipynb")],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    assert " passed" in run.stdout, run.stdout + run.stderr
    failed = set(re.findall(r"^FAILED (\w+)\.ipynb::(.*)", run.stdout, re.MULTILINE))
    notebooks = [name for name, cell in failed]
    return {path.stem: notebooks.count(path.stem) for path in folder.glob("*.ipynb")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of nnkit and of what the project's tests keep to, for notebooks beside it."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(PACKAGE, folder / "nnkit", ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("conftest.py", "tests/machines.py", "pyproject.toml", "requirements.txt"):
        shutil.copy(PACKAGE.parent / part, folder)
    return folder


def test_what_changes_is_noticed_and_what_is_measured_again_is_not(
    folder: Path, stored: NotebookNode
) -> None:
    for name, (change, _) in CHANGES.items():
        notebook = nbformat.from_dict(nbformat.reads(dumps(stored), as_version=4))
        change(notebook)
        (folder / f"{name}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    noticed = validate(folder)
    assert noticed == {name: int(notice) for name, (_, notice) in CHANGES.items()}


def test_change_in_nnkit_fails(folder: Path, stored: NotebookNode) -> None:
    for notebook in folder.glob("*.ipynb"):
        notebook.unlink()
    (folder / "chapter.ipynb").write_text(dumps(stored), encoding="utf-8")
    seeding = folder / "nnkit/data/seeding.py"
    source = seeding.read_text(encoding="utf-8")
    assert source.count("default_rng(seed)") == 1
    seeding.write_text(source.replace("default_rng(seed)", "default_rng(seed + 1)"))
    assert validate(folder)["chapter"] >= 1
