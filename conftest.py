"""What every test keeps to: one thread, no deadline for an example, a minute for a chapter."""

import os
from collections.abc import Generator

import psutil
import pytest
from hypothesis import settings

# Before NumPy and PyTorch are loaded: figures must not depend on how many cores there are.
for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

# A first call may have to load PyTorch: how long one example takes says nothing.
settings.register_profile("course", deadline=None)
settings.load_profile("course")

CHAPTER_SECONDS = 60


def spent(cell: pytest.Item) -> float:
    """Seconds of its core that a chapter's kernel has had, whatever else the machine does."""
    kernel = psutil.Process(cell.parent.kernel.km.provisioner.pid).cpu_times()
    return float(kernel.user + kernel.system)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail the cell at which a chapter's time is up."""
    report = yield
    run = item.path.suffix == ".ipynb" and report.when == "call" and report.passed
    if run and spent(item) > CHAPTER_SECONDS:
        report.outcome = "failed"
        report.longrepr = f"{item.path.name} has taken more than {CHAPTER_SECONDS} s"
    return report
