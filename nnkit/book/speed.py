"""Write the page on the engine's speed from what `make bench` has measured and stored.

The page, `speed.md`, is a template: each of its numbers, its tables and its figure are made from
`benchmarks/engine.json` while the book is built.
"""

from __future__ import annotations

import io
import json
from statistics import geometric_mean
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from jinja2 import Environment, StrictUndefined
from matplotlib.figure import Figure

from nnkit import plot
from nnkit.book import figures, notebooks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

RESULTS = notebooks.PACKAGE.parent / "benchmarks/engine.json"
MARKS = {"engine": "o", "MyGrad": "s", "autograd": "^", "micrograd": "D"}


def number(value: float) -> str:
    """Write a number to three digits.

    Parameters
    ----------
    value : float
        The number, as 3437.2.

    Returns
    -------
    str
        The digits that count, as "3,440".
    """
    return f"{float(f'{value:.3g}'):,g}"


def table(header: dict[str, str], rows: Iterable[Iterable[str]]) -> str:
    """Lay out a table.

    Parameters
    ----------
    header : dict
        Names of the columns, and to which side each is set: ":--" or "--:".
    rows : iterable of iterable of str
        The cells.

    Returns
    -------
    str
        Markdown.
    """
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, header.values(), *rows])


def ratios(measured: dict[str, Any]) -> str:
    """Tabulate the times of a step, PyTorch's in milliseconds, the others' as multiples of it.

    Parameters
    ----------
    measured : dict
        What was measured with one number of threads.

    Returns
    -------
    str
        Markdown.
    """
    rows = []
    for name, work in measured["workloads"].items():
        cells = []
        for who in MARKS:
            spread = [number(ratio) for ratio in work["ratios"].get(who, [])]
            cells.append("{}<br><small>{} – {}</small>".format(*spread) if spread else "")
        rows.append([name, f"{number(work['ms']['PyTorch'])}\N{NO-BREAK SPACE}ms", *cells])
    return table({"A step of": ":--", "PyTorch": "--:", **dict.fromkeys(MARKS, "--:")}, rows)


def causes(profile: dict[str, Any]) -> str:
    """Tabulate where the engine's time goes.

    Parameters
    ----------
    profile : dict
        What the profiler saw.

    Returns
    -------
    str
        Markdown.
    """
    rows = []
    for name, work in profile.items():
        places = ", ".join(f"{place} {share:.0%}" for place, share in work["own time"].items())
        pages = work["page faults"]
        cells = [str(work["calls"]), f"{pages['engine']} / {pages['PyTorch']}", places]
        rows.append([name, *cells])
    return table({"A step of": ":--", "calls": "--:", "page faults": "--:", "time": ":--"}, rows)


def figure(measured: dict[str, Any]) -> str:
    """Draw the ratios with their spread, one row for each workload.

    Parameters
    ----------
    measured : dict
        What was measured with one number of threads.

    Returns
    -------
    str
        The drawing, ready to stand in the page.
    """
    works = measured["workloads"]
    file = io.StringIO()
    with mpl.rc_context():
        plot.setup()
        drawing = Figure(figsize=(7.2, 4.4))
        axes = drawing.subplots()
        for who, mark in MARKS.items():
            rows = [row for row, work in enumerate(works.values()) if who in work["ratios"]]
            middle, low, high = zip(
                *(work["ratios"][who] for work in works.values() if who in work["ratios"]),
                strict=True,
            )
            colour = plot.COLOUR["data" if who == "engine" else "muted"]
            face = colour if who == "engine" else plot.COLOUR["paper"]
            axes.hlines(rows, low, high, color=colour, linewidth=1.2)
            axes.plot(middle, rows, mark, color=colour, markerfacecolor=face, ms=7, label=who)
        axes.axvline(1, color=plot.COLOUR["ink"], linewidth=1)
        axes.set_yticks(range(len(works)), list(works))
        axes.tick_params(axis="y", labelcolor=plot.COLOUR["ink"])
        axes.set_ylim(len(works) - 0.5, -0.5)
        axes.grid(axis="y", visible=False)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:,g}")
        axes.set_xlabel("time of a step, as a multiple of PyTorch’s")
        axes.legend(loc="upper center", bbox_to_anchor=(0.3, 1.1), ncols=len(MARKS), frameon=False)
        drawing.savefig(file, format="svg", metadata={"Date": None})
    alt = "; ".join(
        f"{name}: "
        + ", ".join(f"{who} {number(spread[0])}" for who, spread in work["ratios"].items())
        for name, work in works.items()
    )
    svg = figures.inline(file.getvalue(), f"Time as a multiple of PyTorch’s. {alt}.", "speed-")
    return f'<div class="cell_output">\n{svg}\n</div>'


def compared(measured: dict[str, Any], verdict: str) -> str:
    """Name the workloads in which the engine is faster than PyTorch, slower, or neither.

    Parameters
    ----------
    measured : dict
        What was measured with one number of threads.
    verdict : str
        "faster" or "slower" in nine trials out of ten, or "level".

    Returns
    -------
    str
        Their names, or "none".
    """

    def judge(low: float, high: float) -> str:
        return "faster" if high < 1 else "slower" if low > 1 else "level"

    works = measured["workloads"].items()
    names = [name for name, work in works if judge(*work["ratios"]["engine"][1:]) == verdict]
    return "; ".join(names) or "none"


def mean(measured: dict[str, Any]) -> float:
    """Return the geometric mean of the engine's ratios.

    Parameters
    ----------
    measured : dict
        What was measured with one number of threads.

    Returns
    -------
    float
        The mean of the medians, over the workloads.
    """
    return geometric_mean(work["ratios"]["engine"][0] for work in measured["workloads"].values())


def render(template: str, results: dict[str, Any]) -> str:
    """Fill a page in.

    Parameters
    ----------
    template : str
        Markdown with expressions of Jinja.
    results : dict
        What was measured; its keys are what the expressions can name, spaces as underscores.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    jinja2.UndefinedError
        If the page asks for what was not measured.
    """
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)
    environment.globals |= {
        "causes": causes,
        "compared": compared,
        "figure": figure,
        "mean": mean,
        "ratios": ratios,
    }
    names = {key.replace(", ", "_").replace(" ", "_"): value for key, value in results.items()}
    return environment.from_string(template).render(names)


def fill_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Fill the page in when Sphinx reads it."""
    if docname == "speed":
        app.env.note_dependency(str(RESULTS))
        source[0] = render(source[0], json.loads(RESULTS.read_text(encoding="utf-8")))


def setup(app: Sphinx) -> None:
    """Connect this step."""
    app.connect("source-read", fill_in)
