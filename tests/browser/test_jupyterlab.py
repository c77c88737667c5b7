"""Explorables in JupyterLab, where the kernel answers what no table holds."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import nbformat
import numpy as np
import pytest
from explorable import REMEMBER, by_keyboard, controls_of, shown
from playwright.sync_api import Browser, Page, expect

from nnkit.book.notebooks import METADATA
from nnkit.explore import Handles, Points, Slider, positions
from nnkit.explore.kit.explorable import load

PATIENCE = 180  # seconds, after which something that hangs is given up

SETTINGS = [
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    "--port=0",
    "--IdentityProvider.token=",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
]
FOLDERS = {
    name: name.lower()
    for name in (
        "HOME",
        "IPYTHONDIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
    )
}


def address_in(home: Path) -> str | None:
    """Where a server listens on the port that it has chosen, once it is there and says so."""
    for file in (home / FOLDERS["JUPYTER_RUNTIME_DIR"]).glob("jpserver-*.json"):
        with suppress(OSError, ValueError):  # it may be half written
            address = f"http://localhost:{json.loads(file.read_text())['port']}/"
            with urlopen(f"{address}api", timeout=PATIENCE):
                return address
    return None


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the notebooks that JupyterLab shows."""
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, notebooks: Path) -> Iterator[str]:
    """Address of a JupyterLab with nobody's settings."""
    home = tmp_path_factory.mktemp("jupyter")
    command = [sys.executable, "-m", "jupyterlab", *SETTINGS, str(notebooks)]
    own = os.environ | {name: str(home / folder) for name, folder in FOLDERS.items()}
    log = home / "log"
    with (
        log.open("w") as output,
        subprocess.Popen(command, cwd=home, env=own, stdout=output, stderr=output) as server,
    ):
        try:
            end = time.monotonic() + PATIENCE
            while not (address := address_in(home)):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.1)
            yield address
        finally:
            server.terminate()


def run(page: Page) -> None:
    """Run the first cell, as soon as JupyterLab and its kernel are there to do it."""
    page.locator(".jp-CodeCell .cm-content").first.click()
    for _ in range(PATIENCE):
        page.keyboard.press("Control+Enter")
        with suppress(AssertionError):
            expect(page.locator(".jp-InputPrompt").first).not_to_have_text("[ ]:", timeout=1000)
            return


def test_kernel_answers_exactly_where_no_table_does(
    browser: Browser, lab: str, notebooks: Path, example: str
) -> None:
    known = load(example)
    grids = {
        key: positions(c)
        for key, c in known.controls.items()
        if isinstance(c, Points | Handles)
        or (isinstance(c, Slider) and not (c.whole and max(np.diff(positions(c))) == 1))
    }
    off_grid: set[str] = set()
    source = f"from {known.__module__} import {known.__name__}\n{known.__name__}()"
    cell = nbformat.v4.new_code_cell(source)
    file = notebooks / f"{example}.ipynb"

    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=METADATA), file)

    with browser.new_context(viewport={"width": 1400, "height": 1000}) as context:
        context.set_default_timeout(1000 * PATIENCE)
        context.add_init_script(REMEMBER)
        page = context.new_page()
        page.goto(f"{lab}lab/tree/{file.name}?reset")
        patient = {"timeout": 1000 * PATIENCE}
        run(page)
        figure = page.locator(f"figure[data-explorable={example}]")
        expect(figure).to_have_attribute("data-ready", "kernel", **patient)
        assert shown(figure).controls == known.start()

        for control in controls_of(figure):
            for _ in by_keyboard(control, page):
                seen = shown(figure)
                for key, array in known.compute(**seen.controls).items():
                    np.testing.assert_array_equal(seen.answer[key], array)
                off_grid |= {key for key in grids if seen.controls[key] not in grids[key]}
        page.close()
    assert off_grid == set(grids)
