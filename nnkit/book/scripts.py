"""Bundle the scripts that a page loads, with what they take from npm, by esbuild."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from nnkit.book.notebooks import PACKAGE

ESBUILD = PACKAGE.parent / "node_modules/.bin/esbuild"


def bundle(entries: Iterable[Path], folder: Path) -> None:
    """Bundle modules and style sheets, what they share in a file of its own.

    Parameters
    ----------
    entries : iterable of Path
        What a page loads.
    folder : Path
        Where it is written, under the names of the entries, in place of what was there.

    Raises
    ------
    RuntimeError
        If esbuild finds an error; the message is esbuild's.
    """
    shutil.rmtree(folder, ignore_errors=True)
    options = ["--bundle", "--splitting", "--format=esm", "--minify", "--chunk-names=kit-[hash]"]
    run = subprocess.run(
        [ESBUILD, *entries, *options, "--entry-names=[name]", f"--outdir={folder}"],
        capture_output=True,
        text=True,
    )
    if run.returncode != 0:
        raise RuntimeError(f"esbuild could not bundle the scripts: {run.stderr}")
