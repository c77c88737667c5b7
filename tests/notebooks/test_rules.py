"""Every rule for chapters can fail, and a sound chapter keeps them all."""

from dataclasses import replace

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from rules import RULES, Chapter

from nnkit.book.notebooks import SETUP, dumps, fingerprint


def text(name: str, text: str) -> NotebookNode:
    return new_output("stream", name=name, text=text)


def code(source: str, *outputs: NotebookNode, **metadata: object) -> NotebookNode:
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


FIGURE = new_output("display_data", data={"text/plain": "<Figure size 640x480 with 1 Axes>"})
ALT = {"image": {"alt": "A line that rises and falls again."}}
FOLDED = {"tags": ["solution", "hide-cell"], "jupyter": {"source_hidden": True}}


def sound() -> NotebookNode:
    """A small chapter that keeps every rule."""
    return new_notebook(
        cells=[
            code(SETUP, tags=["setup"]),
            new_markdown_cell("# Parity\n\n`pip install nnkit-course` brings the package nnkit."),
            code("# claim: parity.even\nprint(2 % 2)\nassert 2 % 2 == 0", text("stdout", "0\n")),
            code("\n".join(["ax.plot(x)"] * 25), FIGURE, mystnb=ALT),
            code("def is_even(n): ...", tags=["exercise"]),
            code("def is_even(n):\n    return n % 2 == 0", **FOLDED),
        ]
    )


def chapter(notebook: NotebookNode) -> Chapter:
    """The chapter as it is stored after an execution."""
    for count, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), 1):
        cell.execution_count = count
    notebook.metadata.nnkit = {"fingerprint": fingerprint(notebook)}
    return Chapter("parity", dumps(notebook), claims={"parity.even", "mlp.heads"})


def broken(chapter: Chapter) -> set[str]:
    """Names of the rules that the chapter breaks."""
    return {rule.__name__ for rule in RULES if list(rule(chapter))}


OTHER = "nnkit"  # someone else's project on the package index

# Cells that, put at the end of a sound chapter, break one rule.
CELLS = [
    ("has_no_errors", code("1 / 0", new_output("error", ename="ZeroDivisionError", evalue=""))),
    ("has_nothing_on_stderr", code("warn()", text("stderr", "UserWarning: …"))),
    ("shows_no_address", code("f", new_output("display_data", data={"text/plain": "<f at 0x7f>"}))),
    ("is_small", code("1", text("stdout", "1\n" * 500_000))),
    ("installs_no_other_nnkit", new_markdown_cell(f"Never `pip install {OTHER}`.")),
    ("installs_no_other_nnkit", code(f'%pip install -q "{OTHER}[torch]"')),
    ("uses_no_interact", code("from ipywidgets import interact")),
    ("uses_no_interact", code("widgets.interactive(f, x=1)")),
    ("has_known_tags", code("1", tags=["remove-cell"])),
    ("has_known_tags", new_markdown_cell("1", metadata={"tags": ["Exercise"]})),
    ("has_short_code", code("\n".join(["x += 1"] * 16))),
    ("has_short_code", code("\n".join(["ax.plot(x)"] * 26), FIGURE, mystnb=ALT)),
    ("has_lines_that_fit_the_column", code("x = 1  # " + "a" * 82)),
    ("has_lines_that_fit_the_column", code("x", text("stdout", "a" * 91))),
    ("describes_its_figures", code("ax.plot(x)", FIGURE)),
    ("describes_its_figures", code("ax.plot(x)", FIGURE, mystnb={"image": {"alt": "A line."}})),
    ("solves_its_exercises", code("def is_odd(n): ...", tags=["exercise"])),
    ("folds_its_solutions", code("1", tags=["solution", "hide-cell"])),
    ("folds_its_solutions", code("1", tags=["solution"], jupyter={"source_hidden": True})),
    ("makes_its_own_claims", code("# claim: parity.odd\nassert True")),
    ("makes_its_own_claims", code("# claim: mlp.heads\nassert True")),
    ("asserts_its_claims", code("# claim: parity.even\nprint(2 % 2)")),
    ("writes_measurements_by_the_library", code('print(f"{mean} ± {spread}")')),
    ("repeats_in_words_what_it_measured", new_markdown_cell("On average 1.2 ± 0.3.")),
    ("calls_the_engine_engine", code("import nnkit.scratch as torch")),
    ("calls_the_engine_engine", code("from nnkit import scratch")),
    ("asserts_its_claims", new_markdown_cell("# claim: parity.even\nassert 2 % 2 == 0")),
]


def test_sound_chapter_keeps_every_rule() -> None:
    assert broken(chapter(sound())) == set()


@pytest.mark.parametrize(("rule", "cell"), CELLS, ids=[rule for rule, _ in CELLS])
def test_cell_breaks_a_rule(rule: str, cell: NotebookNode) -> None:
    notebook = sound()
    notebook.cells.append(cell)
    assert broken(chapter(notebook)) == {rule}


def test_solution_has_to_follow_at_once() -> None:
    notebook = sound()
    notebook.cells.insert(-1, new_markdown_cell("Take your time."))
    assert broken(chapter(notebook)) == {"solves_its_exercises"}


def test_claim_that_is_not_made_breaks_a_rule() -> None:
    notebook = sound()
    del notebook.cells[2]
    assert broken(chapter(notebook)) == {"makes_its_own_claims"}


@pytest.mark.parametrize(
    "first",
    [
        code(f"{SETUP}\n", tags=["setup"]),
        code(SETUP),
        new_markdown_cell(SETUP, metadata={"tags": ["setup"]}),
    ],
    ids=["another source", "no tag", "text"],
)
def test_another_first_cell_breaks_a_rule(first: NotebookNode) -> None:
    notebook = sound()
    notebook.cells[0] = first
    assert broken(chapter(notebook)) == {"starts_with_setup"}


@pytest.mark.parametrize("count", [None, 1, 7])
def test_cell_out_of_order_breaks_a_rule(count: int | None) -> None:
    stored = chapter(sound())
    last = nbformat.reads(stored.stored, as_version=4)
    last.cells[-1].execution_count = count
    out_of_order = {"is_executed_in_order"} | ({"is_current"} if count is None else set())
    assert broken(replace(stored, stored=dumps(last))) == out_of_order


def test_file_that_is_not_tidy_breaks_a_rule() -> None:
    stored = chapter(sound())
    assert broken(replace(stored, stored=stored.stored.rstrip())) == {"is_stored_tidy"}


def test_changed_code_breaks_a_rule() -> None:
    stored = chapter(sound())
    changed = stored.stored.replace("print(2 % 2)", "print(4 % 2)")
    assert broken(replace(stored, stored=changed)) == {"is_current"}


def test_every_rule_is_broken_above() -> None:
    rules = {rule.__name__ for rule in RULES}
    elsewhere = {"starts_with_setup", "is_executed_in_order", "is_stored_tidy", "is_current"}
    assert {rule for rule, _ in CELLS} | elsewhere == rules
