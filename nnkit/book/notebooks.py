"""Chapters as notebooks: execute them, store them whole, know whether what is stored is current.

`python -m nnkit.book.notebooks` executes the chapters that are not current and stores each in place
with the text that it put out and the figures that it drew; those named are executed in any case. A
page is made from what is stored. Widgets and timings are left out, and of a figure what changes
from run to run. What cards ask about is then kept beside their decks.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import hashlib
import importlib.util
import json
import os
import re
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from glob import glob
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from nnkit.book.figures import shrink
from nnkit.cards.kit.deck import DECKS, keep_outputs

PACKAGE = Path(__file__).resolve().parents[1]
REQUIREMENTS = PACKAGE.parent / "requirements.txt"
PROJECT = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

SETUP = f"""\
# On Colab or in a browser's Python: fetch the course's package. Elsewhere this does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install -q "{PROJECT["name"]}[notebook] @ git+{PROJECT["urls"]["Repository"]}"
elif sys.platform == "emscripten":
    %pip install -q {PROJECT["name"]}"""

KERNEL = "python3"
OURS = "nnkit"  # our key in a notebook's metadata
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": KERNEL},
    "language_info": {"name": "python"},
}
LEFT_OUT = "application/vnd.jupyter.widget-"
CHAPTERS = PACKAGE.parent / "chapters"
# A sum over several threads is taken in another order, and differs in its last digits.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def read(path: Path) -> NotebookNode:
    """Read a notebook's file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    NotebookNode
        The notebook, in format 4.

    Raises
    ------
    ValueError
        If it holds no notebook: names the file and the reason, such as the line of a merge mark.
    """
    text = path.read_text(encoding="utf-8")
    try:
        return parse_notebook(text)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def parse_notebook(text: str) -> NotebookNode:
    """Read a notebook from what its file holds.

    Parameters
    ----------
    text : str
        The notebook as JSON.

    Returns
    -------
    NotebookNode
        The notebook, in format 4.

    Raises
    ------
    ValueError
        If it is none: says where a merge mark stands, or what is wrong with the JSON.
    """
    if mark := re.search(r"^(<<<<<<<|=======|>>>>>>>)( |$)", text, re.MULTILINE):
        line = text.count("\n", 0, mark.start()) + 1
        raise ValueError(f"expected a notebook, got a merge mark in line {line}: resolve the merge")
    try:
        notebook: NotebookNode = nbformat.reads(text, as_version=4)
    except Exception as error:  # of JSON, of its schema, or an old format's
        reason = str(error).partition("\n")[0]
        raise ValueError(f"expected a notebook, got something else: {reason}") from None
    return notebook


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Reduce a notebook to what is stored: cells, text, figures, counts and the fingerprint.

    Parameters
    ----------
    notebook : NotebookNode
        Notebook of format 4; it is left as it is.

    Returns
    -------
    NotebookNode
        Copy without widgets, timings and other incidental metadata, its figures shrunk. An output
        of which nothing is left is gone; pieces of one stream that follow each other are joined,
        since where a kernel cuts them is chance.
    """
    tidied = deepcopy(notebook)
    ours = {key: value for key, value in notebook.metadata.items() if key == OURS}
    tidied.metadata = METADATA | ours
    for cell in tidied.cells:
        kept = {key: cell.metadata[key] for key in ("tags", "mystnb") if cell.metadata.get(key)}
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            kept["jupyter"] = {"source_hidden": True}
        cell.metadata = kept
        if cell.cell_type == "code":
            cell.outputs = list(_tidy_outputs(cell.outputs))
    return tidied


def _tidy_outputs(outputs: list[NotebookNode]) -> Iterator[NotebookNode]:
    stream = None
    for output in outputs:
        if "data" in output:
            output.metadata = {}
            output.data = {
                mime: shrink(content) if mime == "image/svg+xml" else content
                for mime, content in output.data.items()
                if not mime.startswith(LEFT_OUT)
            }
            if not output.data:
                continue
        if stream and output.get("name") == stream.name:
            stream.text += output.text
        else:
            yield output
            stream = output if output.output_type == "stream" else None


def dumps(notebook: NotebookNode) -> str:
    """Write a notebook as it is stored.

    Parameters
    ----------
    notebook : NotebookNode
        Notebook of format 4.

    Returns
    -------
    str
        The tidy notebook as JSON in the one layout that Jupyter writes too, ending in a newline.
    """
    return f"{nbformat.writes(tidy(notebook))}\n"


def execute(path: Path) -> NotebookNode:
    """Execute a notebook in its folder, each of its computations on one thread.

    Parameters
    ----------
    path : Path
        Notebook file; it is left as it is.

    Returns
    -------
    NotebookNode
        The notebook with the outputs of this execution, images and all.

    Raises
    ------
    RuntimeError
        If a cell raises an error or the kernel dies: names the notebook and the cell, and holds
        the traceback.
    """
    notebook = read(path)
    client = NotebookClient(
        notebook,
        kernel_name=KERNEL,
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=ERROR"],
    )
    try:
        asyncio.run(client.async_execute(env=os.environ | ONE_THREAD))
    except (CellExecutionError, DeadKernelError) as error:
        report = re.sub(r"\x1b\[[\d;]*m", "", str(error))
        raise RuntimeError(f"{path}, code cell {client.code_cells_executed}: {report}") from None
    return notebook


def parse(source: str) -> ast.Module:
    """Parse a code cell.

    Parameters
    ----------
    source : str
        Python with IPython's extensions.

    Returns
    -------
    ast.Module
        The cell's syntax tree, line magics turned into calls. Code under `%%time`, `%%timeit` or
        `%%capture` is Python like any other; under another cell magic it is a string.
    """
    if re.match(r"%%(time|timeit|capture)\b", source):
        source = source.partition("\n")[2]
    return ast.parse(TransformerManager().transform_cell(source))


def imports(tree: ast.AST, package: str) -> Iterator[str]:
    """Find what code imports, wherever in it an import stands.

    Parameters
    ----------
    tree : ast.AST
        Syntax tree of the code.
    package : str
        Dotted name of the package that the code is in, for relative imports; empty for none.

    Yields
    ------
    str
        Absolute dotted name of what is imported: a module, or a name in one. `*` stands for any
        name, and for what an f-string given to `import_module` leaves open.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            name = node.args[0]
            pieces = name.values if isinstance(name, ast.JoinedStr) else [name]
            known = (str(p.value) if isinstance(p, ast.Constant) else "*" for p in pieces)
            yield importlib.util.resolve_name("".join(known), package)


def _files(name: str, package: Path) -> Iterator[Path]:
    """Yield the files of `package` that importing a dotted name runs."""
    parts = name.split(".")
    if parts[0] == package.name:
        for end in range(1, len(parts) + 1):
            stem = "/".join(parts[:end])
            yield from package.parent.glob(f"{stem}/__init__.py")
            yield from package.parent.glob(f"{stem}.py")


def dependencies(notebook: NotebookNode, package: Path = PACKAGE) -> list[Path]:
    """Find the files of a package that a notebook's results depend on.

    Parameters
    ----------
    notebook : NotebookNode
        Notebook of format 4.
    package : Path
        Folder of the package.

    Returns
    -------
    list of Path
        The modules that the notebook imports, those that they import, and so on, wherever in
        the code an import stands; and what else lies in their folders, which they may read.
        Absolute if `package` is, sorted.
    """
    modules: set[Path] = set()
    names = [
        name
        for cell in notebook.cells
        if cell.cell_type == "code"
        for name in imports(parse(cell.source), package="")
    ]
    while names:
        for file in _files(names.pop(), package):
            if file not in modules:
                modules.add(file)
                home = ".".join(file.parent.relative_to(package.parent).parts)
                names.extend(imports(ast.parse(file.read_bytes()), home))
    others = (package / name for name in glob("**", root_dir=package, recursive=True))
    data = {
        file
        for file in others
        if file.is_file()
        and file.suffix not in {".py", ".pyc"}
        and next(p for p in (f / "__init__.py" for f in file.parents) if p.exists()) in modules
    }
    return sorted(modules | data)


def fingerprint(notebook: NotebookNode, package: Path = PACKAGE) -> str:
    """Digest all that a notebook's outputs depend on.

    Parameters
    ----------
    notebook : NotebookNode
        Notebook of format 4.
    package : Path
        Folder of the package; `requirements.txt` lies beside it.

    Returns
    -------
    str
        SHA-256 of the sources of its code cells, of the names and contents of `dependencies`, and
        of the requirements, in hexadecimal.
    """
    root = package.parent
    rest = digest([*dependencies(notebook, package), root / REQUIREMENTS.name], root)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256(json.dumps([sources, rest]).encode()).hexdigest()


def is_current(notebook: NotebookNode, package: Path = PACKAGE) -> bool:
    """Say whether a notebook's stored outputs are those that its code would put out.

    Parameters
    ----------
    notebook : NotebookNode
        Notebook of format 4.
    package : Path
        Folder of the package.

    Returns
    -------
    bool
        Whether every code cell has been executed, and nothing that the outputs depend on has
        changed since.
    """
    executed = all(c.execution_count for c in notebook.cells if c.cell_type == "code")
    stored = notebook.metadata.get(OURS, {}).get("fingerprint")
    return executed and stored == fingerprint(notebook, package)


def digest(files: Iterable[Path], root: Path = PACKAGE.parent) -> str:
    """Digest files by name and content.

    Parameters
    ----------
    files : iterable of Path
        Their order counts.
    root : Path
        Folder that the names are relative to.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    whole = hashlib.sha256()
    for file in files:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        name = Path(os.path.relpath(file, root)).as_posix()
        whole.update(f"{content} {name}\n".encode())
    return whole.hexdigest()


def _run(path: Path) -> tuple[NotebookNode | Exception, float]:
    """Execute a notebook; return it, or what went wrong, and the seconds that it took."""
    start = time.perf_counter()
    try:
        result: NotebookNode | Exception = execute(path)
    except (RuntimeError, ValueError) as error:
        result = error
    return result, time.perf_counter() - start


def _store(path: Path, notebook: NotebookNode) -> None:
    """Store an executed notebook in place: whole, or not at all."""
    notebook.metadata[OURS] = {"fingerprint": fingerprint(notebook)}
    replacement = path.with_suffix(".partial")
    replacement.write_text(dumps(notebook), encoding="utf-8", newline="\n")
    replacement.replace(path)


def _is_stale(path: Path) -> bool:
    """Say whether a notebook has to be executed; executing a broken one says what is wrong."""
    try:
        return not is_current(read(path))
    except (ValueError, SyntaxError):
        return True


def _check(chapters: Iterable[Path]) -> int:
    """Say of each file that is no notebook what is wrong with it; return 1 if there is one."""
    broken = 0
    for path in chapters:
        try:
            read(path)
        except ValueError as error:
            print(error, file=sys.stderr)
            broken = 1
    return broken


def main() -> int:
    """Execute notebooks on all cores and store them; with `--check` only see that each is one.

    Returns
    -------
    int
        Exit status: 1 if a notebook failed (its file stays as it was), otherwise 0.
    """
    parser = argparse.ArgumentParser(
        description="Execute notebooks and store them, in place: those named, current or not, else "
        "those chapters that are not current."
    )
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--check", action="store_true", help="only see that each can be read")
    options = parser.parse_args()
    chapters = sorted(CHAPTERS.glob("*.ipynb"), key=lambda path: -path.stat().st_size)
    if options.check:
        return _check(options.notebooks or chapters)
    chosen = options.notebooks or list(filter(_is_stale, chapters))
    failed = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:  # each waits for a kernel
        for path, (result, seconds) in zip(chosen, pool.map(_run, chosen), strict=True):
            if isinstance(result, Exception):
                print(result, file=sys.stderr)
                failed = 1
            else:
                _store(path, result)
                print(f"{path}: {len(result.cells)} cells, {seconds:.1f} s", flush=True)
    if not chosen:
        print("All chapters are current.")
    keep_outputs(DECKS)
    return failed


if __name__ == "__main__":
    sys.exit(main())
