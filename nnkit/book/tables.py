"""Tables of explorables' answers: computed where they are wanted, and kept.

`python -m nnkit.book.tables _build/html` writes the tables of all explorables that pages of the
book have. The server of `make book` computes a piece when a page asks for it. Both compute in
processes of their own, on all cores, and keep each piece by the digest of what it depends on.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from threading import Lock

import nbformat

from nnkit.book import cache as keeping
from nnkit.book import notebooks
from nnkit.explore.kit.explorable import load, texts

EXPLORE = notebooks.PACKAGE / "explore"
PALETTE = notebooks.PACKAGE / "palette.py"
FOLDER = "explorables"  # in the folder of static files
NAMED = re.compile(r'<figure class="explorable" data-explorable="(\w+)"')


def sources(name: str) -> list[Path]:
    """List the Python and the data that an explorable's answers depend on.

    Parameters
    ----------
    name : str
        Name of a module in `nnkit.explore`.

    Returns
    -------
    list of Path
        The files. What only draws is left out, the widget, and what long runs of chapters have
        stored, which no explorable reads.
    """
    cell = nbformat.v4.new_code_cell(f"import nnkit.explore.{name}")
    files = notebooks.dependencies(nbformat.v4.new_notebook(cells=[cell]))
    idle = {PALETTE, EXPLORE / "kit/widget.py"}
    computing = [file for file in files if file.suffix in {".py", ".npz"} and file not in idle]
    return [*computing, notebooks.REQUIREMENTS]


@cache
def _digest(name: str) -> str:
    return notebooks.digest(sources(name))[:16]


def key(name: str, number: int) -> str:
    """Return the key under which a piece of a table is kept.

    Parameters
    ----------
    name : str
        Name of the explorable.
    number : int
        Number of the piece.

    Returns
    -------
    str
        It holds the digest of `sources`, as they were when this process first asked.
    """
    return f"{name}-{_digest(name)}-{number}.json"


def names() -> set[str]:
    """Return the names of all explorables.

    Returns
    -------
    set of str
        Those that have a view beside their module.
    """
    return {view.stem for view in EXPLORE.glob("*.js")}


class Tables:
    """Answers for pieces of tables, each computed once, however often it is asked for at a time.

    Parameters
    ----------
    workers : int, optional
        How many processes compute; as many as there are cores if not given. They are started when
        they are first needed.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.pool = ProcessPoolExecutor(workers or os.cpu_count(), get_context("spawn"))
        self.running: dict[str, Future[list[str]]] = {}
        self.lock = Lock()

    def piece(self, name: str, number: int) -> str:
        """Return a piece of a table, from the cache or computed.

        Parameters
        ----------
        name : str
            Name of an explorable.
        number : int
            Number of the piece.

        Returns
        -------
        str
            The piece as JSON.

        Raises
        ------
        LookupError
            If there is no such explorable, or no such piece: the message says what there is.
        Exception
            Whatever goes wrong when it is computed.
        """
        if name not in names():
            raise LookupError(f"There is no explorable {name!r}, only {', '.join(sorted(names()))}")
        count = load(name).pieces()
        if not 0 <= number < count:
            raise LookupError(f"The table of {name} has pieces 0 to {count - 1}, not {number}")
        with self.lock:  # what is computed is kept before it is no longer running
            kept = keeping.find(key(name, number))
            if kept is not None:
                return kept
            future = self.running.get(key(name, number))
            if future is None:
                future = self.pool.submit(texts, name, [number])
                self.running[key(name, number)] = future
        try:
            (text,) = future.result()
            keeping.keep(key(name, number), text)
        finally:
            with self.lock:
                self.running.pop(key(name, number), None)
        return text

    def close(self) -> None:
        """Stop the processes; what they compute is lost."""
        self.pool.shutdown(wait=False, cancel_futures=True)


def tabulate(chosen: set[str]) -> Iterator[tuple[str, int, str]]:
    """Compute whole tables, on all cores, but for the pieces that are kept.

    Parameters
    ----------
    chosen : set of str
        Names of explorables.

    Yields
    ------
    tuple
        Name, number and text of each piece, as they come.

    Raises
    ------
    RuntimeError
        If a table cannot be computed: names the explorable.
    """
    missing: dict[str, list[int]] = {}
    for name in sorted(chosen):
        for number in range(load(name).pieces()):
            kept = keeping.find(key(name, number))
            if kept is None:
                missing.setdefault(name, []).append(number)
            else:
                yield name, number, kept
    if not missing:
        return
    with ProcessPoolExecutor(min(len(missing), os.cpu_count() or 1), get_context("spawn")) as pool:
        running = {pool.submit(texts, name, numbers): name for name, numbers in missing.items()}
        for future in as_completed(running):
            name = running[future]
            if error := future.exception():
                raise RuntimeError(f"The table of {name} cannot be computed: {error}") from error
            for number, text in zip(missing[name], future.result(), strict=True):
                keeping.keep(key(name, number), text)
                yield name, number, text


def main() -> int:
    """Write all tables into a built book; tell of each that is done.

    Returns
    -------
    int
        Exit status: 1 if a table cannot be computed.
    """
    html = Path(sys.argv[1])
    pages = (page.read_text(encoding="utf-8") for page in html.rglob("*.html"))
    chosen = {name for page in pages for name in NAMED.findall(page)}
    left = {name: load(name).pieces() for name in chosen}
    try:
        for name, number, text in tabulate(chosen):
            file = html / "_static" / FOLDER / name / f"{number}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            left[name] -= 1
            if not left[name]:
                print(f"tabulated {name}", flush=True)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    keeping.drop_old()
    return 0


if __name__ == "__main__":
    sys.exit(main())
