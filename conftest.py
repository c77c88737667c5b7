"""What every test keeps to: one thread, the same examples in each run, a minute for a chapter."""

import os
from collections.abc import Generator

import psutil
import pytest
from hypothesis import settings

# Before NumPy and PyTorch are loaded: figures must not depend on how many cores there are.
for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

# A first call may have to load PyTorch: how long one example takes says nothing. And a run that has
# failed has to fail again when it is repeated.
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")

# A minute at rest, and half as much again for what other work on the machine does to a core.
CHAPTER_SECONDS = 90


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
