"""The rules that every chapter keeps, each a function that yields what breaks it.

nbval compares what a chapter puts out with what is stored; these see to it that there is something
to compare, and that a chapter looks and works like its neighbours.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import nbformat
from nbformat import NotebookNode

from nnkit.book import notebooks
from nnkit.book.notebooks import SETUP, dumps, parse
from nnkit.measurement import WRITTEN, agree

TAGS = {"setup", "exercise", "solution", "hide-input", "hide-cell", "remove-input", "measured"}
LINES, LINES_DRAWING = 15, 25
LETTERS = 90  # as many as stand side by side in the column of a page
ALT_TEXT = 20
KILOBYTES = 1000


@dataclass(frozen=True)
class Chapter:
    """A stored notebook.

    Attributes
    ----------
    name : str
        Name of its file, without the suffix.
    stored : str
        Its file's content.
    claims : set of str
        Ids of all claims that the course makes, this chapter's and others'.
    """

    name: str
    stored: str
    claims: set[str]

    @cached_property
    def cells(self) -> list[NotebookNode]:
        return nbformat.reads(self.stored, as_version=4).cells

    @property
    def code(self) -> Iterator[tuple[str, NotebookNode]]:
        """Code cells, each with the name by which a message can point to it."""
        cells = (cell for cell in self.cells if cell.cell_type == "code")
        return ((f"code cell {number}", cell) for number, cell in enumerate(cells, 1))

    @property
    def outputs(self) -> Iterator[tuple[str, NotebookNode]]:
        return ((where, output) for where, cell in self.code for output in cell.outputs)


Rule = Callable[[Chapter], Iterable[str]]
RULES: list[Rule] = []


def rule(check: Rule) -> Rule:
    RULES.append(check)
    return check


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def is_figure(output: NotebookNode) -> bool:
    return output.get("data", {}).get("text/plain", "").startswith("<Figure")


def draws(cell: NotebookNode) -> bool:
    return any(is_figure(output) for output in cell.outputs)


# --- What is stored can be compared


@rule
def is_stored_tidy(chapter: Chapter) -> Iterator[str]:
    if chapter.stored != dumps(nbformat.reads(chapter.stored, as_version=4)):
        yield "storing it changes the file: run `make notebooks`"


@rule
def is_current(chapter: Chapter) -> Iterator[str]:
    if not notebooks.is_current(nbformat.reads(chapter.stored, as_version=4)):
        yield "what it puts out may have changed: run `make notebooks`"


@rule
def is_executed_in_order(chapter: Chapter) -> Iterator[str]:
    for expected, (where, cell) in enumerate(chapter.code, 1):
        if cell.execution_count != expected:
            yield f"{where}: execution count {cell.execution_count}, expected {expected}"


@rule
def has_no_errors(chapter: Chapter) -> Iterator[str]:
    for where, output in chapter.outputs:
        if output.output_type == "error":
            yield f"{where}: {output.ename}: {output.evalue}"


@rule
def has_nothing_on_stderr(chapter: Chapter) -> Iterator[str]:
    for where, output in chapter.outputs:
        if output.get("name") == "stderr":
            yield f"{where}: {output.text}"


@rule
def shows_no_address(chapter: Chapter) -> Iterator[str]:
    for where, output in chapter.outputs:
        for address in re.findall(r"\b0x[0-9a-f]+", str(output), re.IGNORECASE):
            yield f"{where}: {address} is another one in each run"


@rule
def is_small(chapter: Chapter) -> Iterator[str]:
    if (size := len(chapter.stored.encode())) > KILOBYTES * 1000:
        yield f"{size / 1000:.0f} KB, expected at most {KILOBYTES}"


# --- It runs everywhere


@rule
def starts_with_setup(chapter: Chapter) -> Iterator[str]:
    first = chapter.cells[0]
    if first.cell_type != "code" or first.source != SETUP or "setup" not in tags(first):
        yield "its first cell is not nnkit.book.notebooks.SETUP as code, tagged setup"


@rule
def installs_no_other_nnkit(chapter: Chapter) -> Iterator[str]:
    """On the package index, the name nnkit alone is someone else's project."""
    for cell in chapter.cells:
        yield from re.findall(r"pip3? install\b[^`\n]*?[\s\"']nnkit(?![\w-]).*", cell.source)


@rule
def uses_no_interact(chapter: Chapter) -> Iterator[str]:
    """On a page without a kernel its controls move and nothing answers."""
    for where, cell in chapter.code:
        for node in ast.walk(parse(cell.source)):
            name = getattr(node, "id", getattr(node, "attr", getattr(node, "name", None)))
            if isinstance(name, str) and re.match(r"interact(_manual|ive(_output)?)?$", name):
                yield f"{where}: {name}"


# --- It reads like its neighbours


@rule
def has_known_tags(chapter: Chapter) -> Iterator[str]:
    for cell in chapter.cells:
        for tag in set(tags(cell)) - TAGS:
            yield f"{tag} is none of {', '.join(sorted(TAGS))}"


@rule
def has_short_code(chapter: Chapter) -> Iterator[str]:
    for where, cell in chapter.code:
        lines, most = len(cell.source.splitlines()), LINES_DRAWING if draws(cell) else LINES
        if lines > most:
            yield f"{where}: {lines} lines, expected at most {most}"


@rule
def has_lines_that_fit_the_column(chapter: Chapter) -> Iterator[str]:
    for where, cell in list(chapter.code)[1:]:
        for text in [cell.source, *(output.get("text", "") for output in cell.outputs)]:
            for line in text.splitlines():
                if len(line) > LETTERS:
                    yield f"{where}: {line!r} has {len(line)} letters, expected {LETTERS} at most"


@rule
def describes_its_figures(chapter: Chapter) -> Iterator[str]:
    for where, cell in chapter.code:
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        if draws(cell) and len(alt) < ALT_TEXT:
            yield f"{where}: mystnb.image.alt is {alt!r}, expected {ALT_TEXT} characters or more"


@rule
def solves_its_exercises(chapter: Chapter) -> Iterator[str]:
    for cell, following in zip(chapter.cells, [*chapter.cells[1:], None], strict=True):
        if "exercise" in tags(cell) and not (following and "solution" in tags(following)):
            yield f"no solution follows the exercise {cell.source[:60]!r}"


@rule
def folds_its_solutions(chapter: Chapter) -> Iterator[str]:
    for cell in chapter.cells:
        hidden = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        if "solution" in tags(cell) and not (hidden and "hide-cell" in tags(cell)):
            yield f"hide-cell or jupyter.source_hidden is missing at {cell.source[:60]!r}"


# --- What it claims, it runs


def claims_in(cell: NotebookNode) -> list[str]:
    return re.findall(r"^\s*# claim:\s*(.*?)\s*$", cell.source, re.MULTILINE)


@rule
def makes_its_own_claims(chapter: Chapter) -> Iterator[str]:
    own = {claim for claim in chapter.claims if claim.startswith(f"{chapter.name}.")}
    made = {claim for cell in chapter.cells for claim in claims_in(cell)}
    yield from (f"{claim} is in claims.yml and not made" for claim in sorted(own - made))
    yield from (f"{claim} is none of this chapter's claims" for claim in sorted(made - own))


@rule
def asserts_its_claims(chapter: Chapter) -> Iterator[str]:
    for cell in chapter.cells:
        asserts = cell.cell_type == "code" and any(
            isinstance(node, ast.Assert) for node in ast.walk(parse(cell.source))
        )
        if claims_in(cell) and not asserts:
            yield f"{', '.join(claims_in(cell))}: there is no assert in the cell"


# --- What is measured is written as a measurement


@rule
def writes_measurements_by_the_library(chapter: Chapter) -> Iterator[str]:
    """nbval compares them as such, and `mean_and_spread` knows from how many runs they are."""
    for where, cell in chapter.code:
        strings = (node.value for node in ast.walk(parse(cell.source)) if is_text(node))
        if any("±" in text for text in strings):
            yield f"{where}: writes ± itself; nnkit.measurement.mean_and_spread does"


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@rule
def repeats_in_words_what_it_measured(chapter: Chapter) -> Iterator[str]:
    printed = [pair for _, output in chapter.outputs for pair in WRITTEN.findall(str(output))]
    for cell in chapter.cells:
        told = WRITTEN.findall(cell.source) if cell.cell_type == "markdown" else []
        for pair in told:
            if not any(agree(pair, measured) for measured in printed):
                yield f"{pair[0]} ± {pair[1]} is in a text, and no cell prints it"


# --- The engine is `engine`, and `torch` is PyTorch


@rule
def calls_the_engine_engine(chapter: Chapter) -> Iterator[str]:
    """A cell that is copied into another program must not bring another `torch` along."""
    for where, cell in chapter.code:
        aliases = re.findall(r"nnkit\.scratch as (\w+)|from nnkit import scratch\b", cell.source)
        if cell.id != "on-scratch" and set(aliases) - {"engine"}:
            yield f"{where}: imports nnkit.scratch under another name than engine"
