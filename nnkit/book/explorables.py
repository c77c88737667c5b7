"""Bring explorables alive on the page: bundle what draws them, tabulate what they answer.

A cell's output holds the figure and says what it needs (`nnkit.explore`); on a page that is no
notebook, the directive `{explorable}` puts the same in. The scripts of a page that has one look its
answers up in a table, which is computed here and kept until something that it depends on has
changed.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from docutils import nodes
from sphinx.util.display import status_iterator
from sphinx.util.docutils import SphinxDirective

from nnkit.book import notebooks, scripts
from nnkit.explore import Explorable

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

EXPLORE = notebooks.PACKAGE / "explore"
PALETTE = notebooks.PACKAGE / "palette.py"
FOLDER = "explorables"
NAMED = re.compile(r'<figure class="explorable" data-explorable="(\w+)"')
SECONDS = "seconds"

_told: SimpleQueue[str | None]  # where a process that computes a table tells of its pieces


def load(name: str) -> type[Explorable]:
    """Return the explorable of a name, from the module of that name.

    Parameters
    ----------
    name : str
        Name of a module in `nnkit.explore`.

    Returns
    -------
    type
        The one subclass of `Explorable` that the module defines.
    """
    module = importlib.import_module(f"nnkit.explore.{name}")
    (found,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Explorable) and value.name() == name
    )
    return found


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


def bundle(views: list[Path], folder: Path) -> None:
    """Bundle the page's script and the views, what they share in a file of its own.

    Parameters
    ----------
    views : list of Path
        The views' modules.
    folder : Path
        Where the scripts and the style sheet are written.
    """
    scripts.bundle([EXPLORE / "kit/page.js", EXPLORE / "kit/kit.css", *views], folder)


def kept(name: str, files: list[Path], cache: Path) -> Path:
    """Say where in the cache stands what is made from some files for an explorable.

    Parameters
    ----------
    name : str
        Name of the explorable.
    files : list of Path
        What it depends on.
    cache : Path
        Folder in which tables and figures are kept.

    Returns
    -------
    Path
        A folder, which is there if it has been made since the files changed.
    """
    return cache / f"{name}-{notebooks.digest(files)[:16]}"


def _compute(name: str, folder: Path) -> None:
    """Write an explorable's table; tell of each piece, so that progress can be shown."""
    partial = folder.with_name(f"{name}-partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    start = time.process_time()
    for number, piece in enumerate(load(name).table()):
        text = json.dumps(piece, separators=(",", ":"))
        (partial / f"{number}.json").write_text(text, encoding="utf-8")
        _told.put(name)
    (partial / SECONDS).write_text(f"{time.process_time() - start:.3f}", encoding="utf-8")
    partial.rename(folder)


def _begin(told: SimpleQueue[str | None]) -> None:
    """Remember, in a process of its own, where to tell of pieces."""
    global _told
    _told = told


def _pieces(running: Iterable[Future[None]], told: SimpleQueue[str | None]) -> Iterator[str]:
    """Yield the table's name for each piece that is done, until no table is left to compute."""
    left = 0
    for future in running:
        left += 1
        future.add_done_callback(lambda _: told.put(None))
    while left:
        name = told.get()
        if name is None:
            left -= 1
        else:
            yield name


def tabulate(names: Iterable[str], cache: Path) -> dict[str, Path]:
    """Compute tables, those alone whose sources have changed, on all cores, and drop all others.

    Parameters
    ----------
    names : iterable of str
        Names of the explorables.
    cache : Path
        Folder in which tables and figures are kept.

    Returns
    -------
    dict of str to Path
        For each name the folder of its table's pieces, `0.json`, `1.json`, and so on, and of
        `SECONDS`: how much of a processor's time they took, from nothing.

    Raises
    ------
    RuntimeError
        If a table cannot be computed: names the explorable.
    """
    cache.mkdir(parents=True, exist_ok=True)
    folders = {name: kept(name, sources(name), cache) for name in names}
    missing = {name: folder for name, folder in folders.items() if not folder.exists()}
    if missing:
        # Not forked: what this process has trained for a figure would be missing in the seconds.
        spawn = get_context("spawn")
        told: SimpleQueue[str | None] = spawn.SimpleQueue()
        workers = min(len(missing), os.cpu_count() or 1)
        with ProcessPoolExecutor(workers, spawn, _begin, (told,)) as pool:
            running = {name: pool.submit(_compute, name, missing[name]) for name in missing}
            count = sum(-(-sum(1 for _ in e.grid()) // e.piece) for e in map(load, missing))
            pieces = _pieces(running.values(), told)
            for _ in status_iterator(pieces, "tabulating ... ", length=count):
                pass
        for name, future in running.items():
            if error := future.exception():
                raise RuntimeError(f"The table of {name} cannot be computed: {error}") from error
    figures = [kept(name, [*sources(name), PALETTE], cache) for name in folders]
    for old in {*cache.iterdir()} - {*folders.values(), *figures}:
        shutil.rmtree(old)
    return folders


def draw(name: str, cache: Path) -> str:
    """Draw an explorable's figure, unless it has been since its sources changed.

    Parameters
    ----------
    name : str
        Name of the explorable.
    cache : Path
        Folder in which tables and figures are kept.

    Returns
    -------
    str
        What a notebook's cell puts out as HTML.
    """
    file = kept(name, [*sources(name), PALETTE], cache) / "figure.html"
    if not file.exists():
        figure = load(name)().html()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(figure, encoding="utf-8")
    return file.read_text(encoding="utf-8")


def cache_of(app: Sphinx) -> Path:
    """Return the folder in which tables and figures are kept from one build to the next."""
    return Path(app.doctreedir).parent / ".explorables"


class Figure(SphinxDirective):
    """Stands for the explorable of the name that is its argument."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the figure that a notebook's cell would put out."""
        (name,) = self.arguments
        try:
            load(name)
        except ModuleNotFoundError as error:
            raise self.error(f"There is no explorable {name!r}: {error}") from None
        for file in [*sources(name), PALETTE]:
            self.env.note_dependency(str(file))
        return [nodes.raw("", draw(name, cache_of(self.env.app)), format="html")]


def configure(app: Sphinx, config: Config) -> None:
    """Have pages take the figure that an explorable puts out, not the notebook's widget."""
    widget = "application/vnd.jupyter.widget-view+json"
    config.nb_mime_priority_overrides = [("html", widget, None)]


def drop_widgets(app: Sphinx, doctree: nodes.document) -> None:
    """Leave the state of widgets, which MyST-NB has put aside for the page, out of it."""
    app.env.nb_metadata.get(app.env.docname, {}).pop("js_files", None)  # type: ignore[attr-defined]


def write(app: Sphinx) -> None:
    """Write the scripts into the book that is being built."""
    if app.builder.format == "html":
        bundle(sorted(EXPLORE.glob("*.js")), Path(app.outdir, "_static", FOLDER))


def write_tables(app: Sphinx, exception: Exception | None) -> None:
    """Write the tables of those explorables that pages of the book have."""
    if exception or app.builder.format != "html":
        return
    pages = (page.read_text(encoding="utf-8") for page in Path(app.outdir).rglob("*.html"))
    names = sorted({name for page in pages for name in NAMED.findall(page)})
    for name, folder in tabulate(names, cache_of(app)).items():
        shutil.copytree(
            folder,
            Path(app.outdir, "_static", FOLDER, name),
            ignore=shutil.ignore_patterns(SECONDS),
        )


def add_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Have a page with an explorable load what brings it alive."""
    if "data-explorable=" in context.get("body", ""):
        app.add_js_file(f"{FOLDER}/page.js", type="module")
        app.add_css_file(f"{FOLDER}/kit.css", priority=950)


def setup(app: Sphinx) -> None:
    """Connect this step."""
    app.add_directive("explorable", Figure)
    app.connect("config-inited", configure, priority=100)
    app.connect("builder-inited", write)
    app.connect("doctree-read", drop_widgets)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write_tables)
