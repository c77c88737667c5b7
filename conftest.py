"""What every test keeps to: one thread, the same examples in each run, measurements as such."""

import os

# Before NumPy and PyTorch are loaded: tests run side by side, one to a core.
for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import pytest
from hypothesis import settings
from machines import MACHINES
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile

from nnkit.book.comparison import MEASURED, PLACE, reconcile

# A first call may have to load PyTorch: how long one example takes says nothing. And a run that has
# failed has to fail again when it is repeated.
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")


compare_outputs, start = IPyNbCell.compare_outputs, IPyNbFile.setup


def compare_as_measured(
    cell: IPyNbCell, test: list[NotebookNode], ref: list[NotebookNode], skip_compare: object = None
) -> bool:
    """Say whether what a cell puts out is what it has stored, a measurement as a measurement."""
    measured = "measured" in cell.cell.metadata.get("tags", [])
    reconcile(ref, test, MEASURED if measured else PLACE)
    return bool(compare_outputs(cell, test, ref, skip_compare))


def start_on_another_machine(notebook: IPyNbFile) -> None:
    """Start a notebook's kernel with other kernels of BLAS and NumPy than it was stored with."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in MACHINES[os.environ.get("NNKIT_MACHINE", "oldest")].items():
            patch.setenv(name, value)
        start(notebook)


IPyNbCell.compare_outputs = compare_as_measured
IPyNbFile.setup = start_on_another_machine


# What takes longest begins first, so that all cores are busy to the end.
LONGEST = [
    "test_pages.py",
    "test_explorables.py",
    "test_review.py",
    "diffusion.ipynb",
    "gradients.ipynb",
    "perceptron.ipynb",
    "test_explore.py",
    "test_jupyterlab.py",
    "test_execution.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, in the order above; all others keep theirs."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))
