"""Find a Chromium for the browser tests, and fetch one where there is none.

    python tests/browser/chromium.py

fetches it if need be and ends with an error that says what to install where it cannot be had.
Its headless shell, which has no window to draw, opens a page in less than half the time.
"""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from itertools import chain
from pathlib import Path

from playwright.sync_api import sync_playwright

SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> Path | None:
    """Return the browser to test in, or None where there is none.

    The one that the environment variable CHROMIUM names comes first, then Playwright's own
    headless shell, then one that the system has, its headless shell before others.
    """
    if "CHROMIUM" in os.environ:
        return Path(os.environ["CHROMIUM"])
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path).parents[2]
    shells = own.glob("chromium_headless_shell-*/*/*headless*shell")
    system = (Path(path) for name in NAMES if (path := shutil.which(name)))
    return next(chain(shells, system), None)


def is_light(browser: Path | None) -> bool:
    """Whether it is a headless shell, or one that the reader has named."""
    return browser is not None and ("CHROMIUM" in os.environ or "shell" in browser.name)


def fetch() -> None:
    """Try Playwright's download, then Debian's package; quietly, for `find` tells the outcome."""
    attempts = [[[sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts.append([["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", SHELL]])
    for commands in attempts:
        for command in commands:
            with suppress(subprocess.TimeoutExpired):
                subprocess.run(command, capture_output=True, timeout=600)
        if is_light(find()):
            return


if __name__ == "__main__":
    if not is_light(find()):
        print("Fetching a browser for the tests ...", flush=True)
        fetch()
    if find() is None:
        sys.exit(
            "The browser tests need Chromium, and it could not be fetched. Install it "
            f"(Debian, Ubuntu: apt-get install {SHELL}), or name one: CHROMIUM=/path/to/chromium"
        )
