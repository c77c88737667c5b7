"""What is kept is whole or made anew, whoever writes beside it, and a failure loses nothing."""

import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nnkit.book import cache


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NNKIT_CACHE", str(tmp_path / "kept"))
    cache._warn.cache_clear()
    return tmp_path / "kept"


def test_folder_is_the_users_or_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    monkeypatch.setenv("HOME", "/home/reader")
    assert cache.folder() != Path("/caches/nnkit-course")
    monkeypatch.delenv("NNKIT_CACHE")
    assert cache.folder() == Path("/caches/nnkit-course")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.folder() == Path("/home/reader/.cache/nnkit-course")
    monkeypatch.setenv("NNKIT_CACHE", "off")
    assert cache.folder() is None


def test_what_is_made_is_kept() -> None:
    texts = iter(["one\ntwo", "never"])
    assert [cache.made("a", lambda: next(texts)) for _ in range(2)] == ["one\ntwo"] * 2
    assert cache.find("b") is None


def test_nothing_is_kept_where_that_is_switched_off(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNKIT_CACHE", "off")
    texts = iter(["one", "two"])
    assert [cache.made("a", lambda: next(texts)) for _ in range(2)] == ["one", "two"]
    cache.drop_old()
    assert not folder.exists()


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b[:40] + b"x" + b[41:], lambda b: b""]
)
def test_damaged_entry_is_made_anew(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    cache.keep("a", "a text")
    entry = folder / "a"
    entry.write_bytes(damage(entry.read_bytes()))
    assert cache.find("a") is None
    assert cache.made("a", lambda: "anew") == cache.find("a") == "anew"


def test_entry_that_is_no_text_is_made_anew(folder: Path) -> None:
    cache.keep("a", "a text")
    (folder / "a").write_bytes(b"\xff\xfe")
    assert cache.made("a", lambda: "anew") == "anew"


def _write(number: int) -> None:
    for _ in range(50):
        cache.keep("shared", f"{number}" * 100_000)
        found = cache.find("shared")
        assert found is not None
        assert len(set(found)) == 1


def test_two_builds_at_once_never_read_half_an_entry(folder: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_write, [1, 2])
    assert [entry.name for entry in folder.iterdir()] == ["shared"]


def test_folder_that_cannot_be_written_is_told_in_one_line_and_nothing_is_lost(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.write_text("a file where the folder should be")
    assert [cache.made("a", lambda: "made") for _ in range(3)] == ["made"] * 3
    told = capsys.readouterr().err
    assert told.startswith(f"Nothing can be kept in {folder} (")
    assert told.count("\n") == 1
    assert folder.read_text() == "a file where the folder should be"


def test_entries_that_nobody_asks_for_are_dropped(folder: Path) -> None:
    for key in ("old", "asked", "new"):
        cache.keep(key, key)
    long_ago = time.time() - (cache.DAYS + 1) * 86400
    for key in ("old", "asked"):
        os.utime(folder / key, (long_ago, long_ago))
    assert cache.find("asked") == "asked"
    cache.drop_old()
    assert {entry.name for entry in folder.iterdir()} == {"asked", "new"}
