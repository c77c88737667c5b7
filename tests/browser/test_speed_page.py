"""The page on the engine's speed says what was measured, and what was measured is all there is."""

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from nnkit.book.speed import MARKS, RESULTS, number

Parse = Callable[[str], BeautifulSoup]
STORED = json.loads(RESULTS.read_text(encoding="utf-8"))
THREADS = ["one thread", "default threads"]


def rows(page: BeautifulSoup, place: int) -> list[list[str]]:
    """The cells of a page's table, as text."""
    table = page.select("table")[place]
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("td")]
        for row in table.select("tbody tr")
    ]


@pytest.mark.parametrize("place", [0, 1])
def test_table_is_what_was_measured(parse: Parse, place: int) -> None:
    workloads = STORED[THREADS[place]]["workloads"]
    expected = []
    for name, work in workloads.items():
        spreads = [work["ratios"].get(who) for who in MARKS]
        cells = ["{} {} – {}".format(*map(number, spread)) if spread else "" for spread in spreads]
        expected.append([name, f"{number(work['ms']['PyTorch'])}\N{NO-BREAK SPACE}ms", *cells])
    assert rows(parse("speed.html"), place) == expected


def test_causes_are_what_the_profiler_saw(parse: Parse) -> None:
    shown = {name: (int(calls), faults) for name, calls, faults, _ in rows(parse("speed.html"), 2)}
    assert shown == {
        name: (work["calls"], f"{work['page faults']['engine']} / {work['page faults']['PyTorch']}")
        for name, work in STORED["profile"].items()
    }


def test_figure_says_the_ratios_in_words(parse: Parse) -> None:
    words = str(parse("speed.html").select_one("svg[role=img]")["aria-label"])
    for name, work in STORED["one thread"]["workloads"].items():
        assert f"{name}: engine {number(work['ratios']['engine'][0])}, MyGrad" in words


def test_all_workloads_have_been_measured() -> None:
    """Those of the script, whatever peers it needs: it is read, not imported."""
    script = ast.parse(RESULTS.with_suffix(".py").read_text(encoding="utf-8"))
    (workloads,) = (
        statement.value
        for statement in script.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "WORKLOADS"
    )
    names = [key.value for key in workloads.keys]
    assert len(names) >= 8
    for threads in THREADS:
        assert list(STORED[threads]["workloads"]) == names
        for work in STORED[threads]["workloads"].values():
            assert work["ratios"].keys() >= {"engine", "MyGrad", "autograd"}
    assert list(STORED["profile"]) == names


def test_no_figure_is_typed_in_by_hand() -> None:
    """Digits in the page's own text belong to names and to what does not depend on the machine."""
    text = Path(RESULTS.parents[1], "speed.md").read_text(encoding="utf-8")
    typed = re.findall(r"\d[\d.,×]*", re.sub(r"\{\{.*?\}\}", "", text, flags=re.DOTALL))
    # the line at 1, percentiles twice, float32, a batch of 64 twice, 28 × 28, kernels of 3 × 3
    assert sorted(typed) == sorted(
        ["1", "5", "95", "5", "95", "32", "64", "64", "28", "28", "3", "3"]
    )
