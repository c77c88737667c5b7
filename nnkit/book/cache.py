"""What is costly to make, kept by the digest of what it depends on, in the user's cache folder.

The folder is `nnkit-course` in `XDG_CACHE_HOME`, or in `~/.cache`; `NNKIT_CACHE` names another, or
is `off` to keep nothing. Two builds may write at once: an entry is written aside and put in place
whole, and says by a digest of its own whether it is. `make clean` names the folder.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

DAYS = 30
"""How long an entry is kept that nobody asks for."""


def folder() -> Path | None:
    """Return the folder, which may not be there yet.

    Returns
    -------
    Path or None
        None if nothing is to be kept.
    """
    named = os.environ.get("NNKIT_CACHE", "")
    if named == "off":
        return None
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(named) if named else Path(home, "nnkit-course")


def find(key: str) -> str | None:
    """Return what is kept under a key.

    Parameters
    ----------
    key : str
        Name of the entry, fit for a file: what it is, and the digest of what it depends on.

    Returns
    -------
    str or None
        The text; None if there is none, or if it is damaged.
    """
    at = folder()
    if at is None:
        return None
    try:
        mark, _, text = (at / key).read_text(encoding="utf-8").partition("\n")
        os.utime(at / key)  # so that it is not dropped
    except (OSError, UnicodeDecodeError):
        return None
    return text if mark == _mark(text) else None


def keep(key: str, text: str) -> None:
    """Keep a text under a key; if that cannot be, say so once and go on.

    Parameters
    ----------
    key : str
        See `find`.
    text : str
        The text.
    """
    at = folder()
    if at is None:
        return
    try:
        at.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=at, prefix=".", encoding="utf-8", delete=False
        ) as file:
            file.write(f"{_mark(text)}\n{text}")
        os.replace(file.name, at / key)
    except OSError as error:
        _warn(at, error.strerror or type(error).__name__)


@cache
def _warn(at: Path, reason: str) -> None:
    print(f"Nothing can be kept in {at} ({reason}): it is made anew each time.", file=sys.stderr)


def made(key: str, make: Callable[[], str]) -> str:
    """Return what is kept under a key, and make and keep it if there is none.

    Parameters
    ----------
    key : str
        See `find`.
    make : callable
        Returns the text.

    Returns
    -------
    str
        The text.
    """
    text = find(key)
    if text is None:
        text = make()
        keep(key, text)
    return text


def drop_old() -> None:
    """Drop the entries that nobody has asked for in `DAYS` days."""
    at = folder()
    for entry in at.iterdir() if at and at.is_dir() else ():
        try:
            if entry.is_file() and time.time() - entry.stat().st_mtime > DAYS * 86400:
                entry.unlink()
        except OSError:
            pass  # another build has dropped it, or it is not ours to drop


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    print(folder() or "")
