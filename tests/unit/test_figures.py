"""matplotlib's drawings become a part of the page: its colours, its size, its words."""

import io
import re
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from nnkit.book.figures import inline, shrink
from nnkit.palette import PALETTE


@pytest.fixture(scope="module")
def drawing() -> str:
    """A figure in every colour of the palette and one of its own, with text, marks and clipping."""
    file = io.StringIO()
    with mpl.rc_context({**mpl.rcParamsDefault, "svg.hashsalt": "nnkit"}):
        figure = Figure(figsize=(4, 3))
        axes = figure.subplots()
        for name, colour in PALETTE.items():
            axes.plot([0, 1], [0, 1], color=colour.light, label=name)
        axes.scatter([0.1, 0.2, 0.3], [0.3, 0.1, 0.2], color="#123456")
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def ids(svg: str) -> list[str]:
    return re.findall(r'\bid="([^"]*)"', svg)


def test_palette_colours_follow_the_page_and_others_stay(drawing: str) -> None:
    svg = inline(drawing, "Lines", "f0-")
    for name, colour in PALETTE.items():
        assert colour.light in drawing
        assert colour.light not in svg
        assert f"stroke: var(--{name})" in svg
    assert "#123456" in svg


def test_ids_of_two_drawings_differ_and_lead_to_what_they_name(drawing: str) -> None:
    one, other = (inline(drawing, "Lines", prefix) for prefix in ("f0-", "f1-"))
    assert not set(ids(one)) & set(ids(other))
    for svg in (one, other):
        assert len(ids(svg)) == len(set(ids(svg)))
        used = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg)
        assert used
        assert {href or url for href, url in used} == set(ids(svg))


def test_words_for_what_is_seen_are_kept_whatever_they_hold(drawing: str) -> None:
    alt = r'Points with "x" < 1 & y > 2, \1 LABEL'
    svg = ElementTree.fromstring(inline(drawing, alt, "f0-"))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == alt


def test_page_and_not_the_drawing_sets_the_size(drawing: str) -> None:
    svg = ElementTree.fromstring(inline(drawing, "Lines", "f0-"))
    assert svg.get("width") is None
    assert svg.get("height") is None
    assert svg.get("viewBox") == "0 0 288 216"
    assert svg.get("style") == "max-width: 384px"  # 4 inches


def test_drawing_does_not_style_the_page_around_it(drawing: str) -> None:
    svg = inline(drawing, "Lines", "f0-")
    assert "*{stroke-linejoin: round; stroke-linecap: butt}" in drawing
    assert "<style" not in svg
    assert ElementTree.fromstring(svg).get("stroke-linejoin") == "round"
    assert ElementTree.fromstring(svg).get("stroke-linecap") == "butt"


def test_drawing_is_all_that_is_left(drawing: str) -> None:
    svg = inline(drawing, "Lines", "f0-")
    assert svg.startswith("<svg ")
    assert "<metadata" in drawing
    assert not re.search(r"<\?xml|<!|<metadata|xlink", svg)
    assert len(svg) < len(drawing)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("scale(0.015625)", "scale(0.0156)"),
        ("scale(0.1234567 -0.1234567)", "scale(0.1235 -0.1235)"),
        ("scale(0.1)", "scale(0.1)"),
        ("translate(123.456789 -7.123456)", "translate(123.5 -7.1)"),
        ("translate(28.000000 -0.00000001)", "translate(28 0)"),
    ],
)
def test_coordinates_keep_a_tenth_and_small_scales_four_digits(written: str, kept: str) -> None:
    svg = shrink(f'<svg viewBox="0 0 9 9"><g transform="{written}"/></svg>')
    assert f'transform="{kept}"' in svg


def test_shrunk_drawing_stands_alone_and_shrinks_no_further(drawing: str) -> None:
    svg = shrink(drawing)
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert len(svg) < 0.9 * len(drawing)
    assert shrink(svg) == svg
    assert inline(svg, "Lines", "f0-") == inline(drawing, "Lines", "f0-")
