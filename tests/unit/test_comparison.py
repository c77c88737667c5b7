"""A fresh drawing may show a measurement anew; anything else that it shows is as it is stored."""

import io
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from nbformat import NotebookNode
from nbformat.v4 import new_output

from nnkit.book.comparison import MEASURED, PLACE, difference, reconcile
from nnkit.book.figures import shrink

X = np.linspace(0, 1, 200)


def drawn(
    shift: float = 0,
    *,
    title: str = "It falls",
    colour: str = "#1f77b4",
    points: int = 5,
    more: Callable[[Axes], object] = lambda ax: None,
) -> str:
    """A drawing with a line, marks, a picture and words, moved up by a share of its height."""
    figure = Figure(figsize=(5, 4))
    with mpl.rc_context({"svg.hashsalt": "nnkit", "svg.fonttype": "path"}):
        ax = figure.subplots()
        ax.set(title=title, xlim=(0, 1), ylim=(0, 1))
        ax.plot(X, 0.3 + shift + 0.2 * np.sin(9 * X), color=colour)
        ax.scatter(X[:points], 0.5 + shift + X[:points])
        ax.imshow(np.eye(3) * 0.5 + shift, extent=(0.6, 0.9, 0.6, 0.9), vmin=0, vmax=1)
        more(ax)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return shrink(file.getvalue())


def test_the_same_drawing_shows_the_same() -> None:
    assert difference(drawn(), drawn(), PLACE) == ""


def test_what_another_processor_rounds_is_not_seen() -> None:
    assert drawn(1e-3) != drawn()
    assert difference(drawn(), drawn(1e-3), PLACE) == ""


@pytest.mark.parametrize(
    "fresh",
    [
        lambda: drawn(0.02),
        lambda: drawn(title="It fills"),
        lambda: drawn(colour="#ff0000"),
        lambda: drawn(points=4),
        lambda: drawn(more=lambda ax: ax.axhline(0.2)),
        lambda: drawn(more=lambda ax: ax.set_xlim(0, 2)),
        lambda: drawn(more=lambda ax: ax.invert_yaxis()),
    ],
    ids=["moved", "another word", "another colour", "a mark less", "a line more", "axis", "turned"],
)
def test_anything_that_is_seen_is_told(fresh: Callable[[], str]) -> None:
    assert " against " in difference(drawn(), fresh(), PLACE)


def test_vertices_that_a_line_can_do_without_do_not_count() -> None:
    one = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M 0 0 L 5 5 L 10 10"/></svg>'
    other = one.replace("L 5 5 ", "")
    assert difference(one, other, PLACE) == ""
    assert difference(one, other.replace("10 10", "10 13"), PLACE) != ""


def test_a_drawn_measurement_may_differ_as_measurements_do_and_no_more() -> None:
    assert difference(drawn(), drawn(0.05), PLACE) != ""
    assert difference(drawn(), drawn(0.05), MEASURED) == ""
    assert difference(drawn(), drawn(0.3), MEASURED) != ""
    assert difference(drawn(), drawn(title="It rises"), MEASURED) != ""


def stream(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text)


def shown(**data: str) -> NotebookNode:
    return new_output("display_data", data={kind.replace("_", "/"): data[kind] for kind in data})


def test_what_says_the_same_is_reconciled_and_what_does_not_is_left() -> None:
    figure = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M 0 0 L {} 5"/></svg>'
    html = f"<figure>{figure}<p>{{}}</p></figure>"
    stored = [
        stream("93.1 ± 2.5 %\n"),
        new_output("display_data", data={"image/svg+xml": shrink(figure.format(5))}),
        shown(text_html=html.format(5, "five")),
        shown(text_html=html.format(5, "five")),
        shown(text_plain="0.25"),
    ]
    fresh = [
        stream("92.7 ± 2.1 %\n"),
        new_output("display_data", data={"image/svg+xml": figure.format(5.4)}),
        shown(text_html=html.format(5.4, "five")),
        shown(text_html=html.format(5, "six")),
        shown(text_plain="0.26"),
    ]
    left = [output.copy() for output in fresh[3:]]
    reconcile(stored, fresh, PLACE)
    assert fresh == [*stored[:3], *left]


def test_a_drawing_that_differs_is_told_by_its_difference() -> None:
    stored = [new_output("display_data", data={"image/svg+xml": drawn()})]
    fresh = [new_output("display_data", data={"image/svg+xml": drawn(0.1)})]
    reconcile(stored, fresh, PLACE)
    assert fresh[0].data["image/svg+xml"] == difference(drawn(), drawn(0.1), PLACE)


def test_another_number_of_outputs_is_left_to_be_found() -> None:
    fresh = [stream("1\n"), shown(text_plain="2")]
    reconcile([stream("1\n")], fresh, PLACE)
    assert fresh == [stream("1\n"), shown(text_plain="2")]
