"""Find a Chromium for the browser tests, and fetch one where there is none.

    python tests/browser/chromium.py

fetches it if need be and ends with an error that says what to install where it cannot be had.
"""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> Path | None:
    """Return the browser to test in, or None where there is none.

    The one that the environment variable CHROMIUM names comes first, then Playwright's own, then
    one that the system has.
    """
    if "CHROMIUM" in os.environ:
        return Path(os.environ["CHROMIUM"])
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    if own.exists():
        return own
    return next((Path(path) for name in NAMES if (path := shutil.which(name))), None)


def fetch() -> None:
    """Try Playwright's download, then Debian's package; quietly, for `find` tells the outcome."""
    attempts = [[[sys.executable, "-m", "playwright", "install", "chromium"]]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts.append(
            [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]]
        )
    for commands in attempts:
        for command in commands:
            with suppress(subprocess.TimeoutExpired):
                subprocess.run(command, capture_output=True, timeout=600)
        if find():
            return


if __name__ == "__main__":
    if find() is None:
        print("Fetching a browser for the tests ...", flush=True)
        fetch()
    if find() is None:
        sys.exit(
            "The browser tests need Chromium, and it could not be fetched. Install it "
            "(Debian, Ubuntu: apt-get install chromium), or name one: CHROMIUM=/path/to/chromium"
        )
