"""Figures show what they are given, in the colours of the book and in no others."""

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import same_color

from nnkit import plot
from nnkit.palette import PALETTE


@pytest.fixture
def ax() -> Iterator[Axes]:
    with matplotlib.rc_context():
        plot.setup()
        figure, ax = plt.subplots()
        yield ax
        plt.close(figure)


def drawn(ax: Axes) -> str:
    """The figure of the axes as SVG."""
    file = StringIO()
    ax.figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def draw_everything(ax: Axes) -> Axes:
    plot.points(ax, [[0, 0], [1, 2]], [-1, 1])
    plot.boundary(ax, [1.0, 2.0], 0.5, normal=True, alpha=0.3)
    plot.arrow(ax, [0, 0], [1, 1], colour="gradient")
    plot.spread(ax, [1, 2, 3], [[1, 2, 3], [2, 3, 5]], label="runs")
    plot.scores(ax, {"one": [0.5, 0.6], "two": [0.7, 0.9]})
    plot.squares(ax.inset_axes((0, 0, 0.2, 0.2)), np.array([[1.0, -0.5], [0.2, 0.0]]))
    ax.set(title="A finding", xlabel="$x_1$", ylabel=r"$\gamma$")
    return ax


def test_every_colour_is_a_light_one_of_the_palette(ax: Axes) -> None:
    colours = set(re.findall(r"#[0-9a-f]{6}\b", drawn(draw_everything(ax))))
    assert colours <= {colour.light for colour in PALETTE.values()}
    assert {PALETTE[name].light for name in ("data", "model", "gradient", "validation")} <= colours


def test_drawing_is_the_same_every_time(ax: Axes) -> None:
    first = drawn(draw_everything(ax))
    ax.figure.clear()
    again = drawn(draw_everything(ax.figure.subplots()))
    assert first == again


def test_letters_are_shapes_so_that_no_font_is_needed(ax: Axes) -> None:
    assert "<text" not in drawn(draw_everything(ax))


def test_figures_fit_the_column_of_the_page(ax: Axes) -> None:
    assert ax.figure.get_figwidth() * 96 <= 700


def test_every_function_returns_its_axes(ax: Axes) -> None:
    assert plot.points(ax, [[0, 0]], [1]) is ax
    assert plot.boundary(ax, [1, 0], 0) is plot.boundary(ax, [1, 0], 0, normal=True) is ax
    assert plot.arrow(ax, [0, 0], [1, 1]) is ax
    assert plot.spread(ax, [0, 1], [[0, 1], [1, 2]], label="") is ax
    assert plot.scores(ax, {"one": [0.5]}) is ax
    assert plot.squares(ax, [[1]]) is ax


def test_points_are_discs_for_plus_and_rings_for_minus(ax: Axes) -> None:
    plot.points(ax, [[0, 1, 9], [2, 3, 9], [4, 5, 9]], [1, -1, 1])
    discs, rings = ax.collections
    np.testing.assert_array_equal(discs.get_offsets(), [[0, 1], [4, 5]])
    np.testing.assert_array_equal(rings.get_offsets(), [[2, 3]])
    assert same_color(discs.get_facecolor(), PALETTE["data"].light)
    assert same_color(rings.get_facecolor(), PALETTE["paper"].light)
    assert ax.get_aspect() == 1


@pytest.mark.parametrize(("w", "b"), [([3.0, 4.0], -5.0), ([0.0, 2.0], 1.0), ([-1.0, 0.0], 0.0)])
def test_boundary_is_where_z_is_zero(ax: Axes, w: list[float], b: float) -> None:
    plot.boundary(ax, w, b)
    line: Any = ax.lines[0]
    ends = np.array([line.get_xy1(), line.get_xy2()])
    np.testing.assert_allclose(ends @ w + b, 0, atol=1e-12)
    assert np.ptp(ends, axis=0).any()


def test_normal_leaves_the_boundary_along_w(ax: Axes) -> None:
    plot.boundary(ax, [3.0, 4.0], -5.0, normal=True)
    arrow: Any = ax.texts[0]
    np.testing.assert_allclose(arrow.xyann, [0.6, 0.8])
    np.testing.assert_allclose(arrow.xy, [3.6, 4.8])


def test_spread_is_the_mean_and_one_standard_deviation(ax: Axes) -> None:
    plot.spread(ax, [0, 1], [[1, 5], [3, 5], [5, 5]], label="loss")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [3, 5])
    band = ax.collections[0].get_paths()[0].vertices
    at_start = band[band[:, 0] == 0][:, 1]
    assert (at_start.min(), at_start.max()) == (1, 5)
    assert ax.texts[0].get_text().strip() == "loss"


def test_scores_show_every_run_and_the_mean_from_top_to_bottom(ax: Axes) -> None:
    plot.scores(ax, {"one": [0.5, 0.7], "two": [0.9]})
    np.testing.assert_allclose(ax.collections[0].get_offsets(), [[0.5, 0], [0.7, 0]])
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [0.6, 0.6])
    bottom, top = ax.get_ylim()
    assert bottom > 1 > 0 > top


def test_zeros_have_no_squares(ax: Axes) -> None:
    assert list(plot.squares(ax, [[0, 0]]).patches) == []


def test_squares_have_areas_like_the_values(ax: Axes) -> None:
    plot.squares(ax, [[2, 0], [-0.5, 1]], colour="model")
    areas = [square.get_width() * square.get_height() for square in ax.patches]
    np.testing.assert_allclose(areas, [1, 0.25, 0.5])
    assert [square.get_facecolor()[3] for square in ax.patches] == [1, 0, 1]
    centre = np.add(ax.patches[1].get_xy(), ax.patches[1].get_width() / 2)
    np.testing.assert_allclose(centre, [0, 1])


def test_svg_without_a_date_is_asked_of_ipython_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, None]]] = []
    monkeypatch.setattr(
        "matplotlib_inline.backend_inline.set_matplotlib_formats",
        lambda name, metadata: asked.append((name, metadata)),
    )
    with matplotlib.rc_context():
        plot.setup()
        assert asked == []
        monkeypatch.setattr("builtins.get_ipython", lambda: None, raising=False)
        plot.setup()
    assert asked == [("svg", {"Date": None})]
