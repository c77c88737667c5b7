"""Figures: functions that draw on the axes they are given, and give them back.

Colours come from `nnkit.palette` and mean the same in every chapter: `data` for samples, class +1
filled and class -1 hollow; `model` for all that a model says; `validation` for accuracy on data
held out. A chapter calls `setup` once. Titles, axis labels and words beside a line are left to it.
"""

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from nnkit.palette import PALETTE

COLOUR: dict[str, str] = {name: colour.light for name, colour in PALETTE.items()}
"""The palette's light values, by name."""


def setup() -> None:
    """Make matplotlib draw in the book's type, measure and colours.

    In a notebook, figures appear as SVG, the same bytes for the same drawing.

    Examples
    --------
    >>> from nnkit import plot
    >>> plot.setup()
    """
    ink, muted, line, paper = (COLOUR[name] for name in ("ink", "muted", "line", "paper"))
    matplotlib.rcParams.update(
        {
            "figure.figsize": (7.2, 3.6),  # 691 of the page's pixels, which are 1/96 inch
            "figure.constrained_layout.use": True,
            "figure.facecolor": paper,
            "savefig.facecolor": paper,
            "font.family": "STIXGeneral",
            "mathtext.fontset": "stix",
            "font.size": 12,
            "text.color": ink,
            "axes.facecolor": paper,
            "axes.edgecolor": muted,
            "axes.labelcolor": ink,
            "axes.titlesize": 13,
            "axes.titlelocation": "left",
            "axes.titlepad": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.linewidth": 0.8,
            "grid.color": line,
            "grid.linewidth": 0.6,
            "xtick.color": muted,
            "ytick.color": muted,
            "xtick.major.size": 0,
            "ytick.major.size": 0,
            "xtick.minor.size": 0,
            "ytick.minor.size": 0,
            "lines.linewidth": 1.8,
            "svg.fonttype": "path",
            "svg.hashsalt": "nnkit",
        }
    )
    if hasattr(builtins, "get_ipython"):  # put there by IPython
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None})  # type: ignore[no-untyped-call]


def points(ax: Axes, x: ArrayLike, y: ArrayLike) -> Axes:
    """Draw samples of the plane, to the same scale along both axes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    x : array_like, shape (n, 2)
        Samples, one a row; further columns are not looked at.
    y : array_like, shape (n,)
        Labels: a disc where > 0, a ring elsewhere.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from nnkit import plot
    >>> ax = plot.points(plt.figure().subplots(), [[0, 0], [1, 1]], [-1, 1])
    >>> len(ax.collections)
    2
    """
    x, y = np.asarray(x), np.asarray(y)
    for member, face in ((y > 0, COLOUR["data"]), (y <= 0, COLOUR["paper"])):
        ax.scatter(
            x[member, 0], x[member, 1], 26, facecolor=face, edgecolor=COLOUR["data"], linewidth=1.2
        )
    ax.set_aspect("equal")
    return ax


def boundary(
    ax: Axes, w: ArrayLike, b: float, *, normal: bool = False, colour: str = "model", **style: Any
) -> Axes:
    """Draw the line where z = w · x + b is 0, from edge to edge.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    w : array_like, shape (2,)
        Weights, not both 0.
    b : float
        Bias.
    normal : bool, default False
        Whether to draw w too, as an arrow from the line's point nearest to the origin.
    colour : str, default "model"
        A name of the palette.
    **style
        How else to draw the line, as `Axes.axline` takes it.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from nnkit import plot
    >>> ax = plot.boundary(plt.figure().subplots(), [3.0, 4.0], -5.0)
    >>> ax.lines[0].get_xy1()
    [0.6, 0.8]
    """
    w = np.asarray(w, dtype=float)
    foot, along = -b * w / (w @ w), np.array([-w[1], w[0]])
    ax.axline(foot.tolist(), (foot + along).tolist(), color=COLOUR[colour], **style)
    return arrow(ax, foot, w, colour=colour) if normal else ax


def arrow(ax: Axes, start: ArrayLike, step: ArrayLike, *, colour: str = "model") -> Axes:
    """Draw a vector of the plane.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    start : array_like, shape (2,)
        Where the arrow begins.
    step : array_like, shape (2,)
        The vector: the arrow ends at `start` + `step`.
    colour : str, default "model"
        A name of the palette.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from nnkit import plot
    >>> ax = plot.arrow(plt.figure().subplots(), [0, 0], [1, 2])
    >>> ax.texts[0].xy
    (1.0, 2.0)
    """
    start, step = np.asarray(start, dtype=float), np.asarray(step, dtype=float)
    ax.annotate(
        "",
        xy=(start + step).tolist(),
        xytext=start.tolist(),
        arrowprops={
            "arrowstyle": "-|>,head_width=0.25,head_length=0.5",
            "color": COLOUR[colour],
            "linewidth": 1.6,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    return ax


def spread(
    ax: Axes,
    xs: ArrayLike,
    runs: ArrayLike,
    *,
    label: str,
    colour: str = "validation",
    **style: Any,
) -> Axes:
    """Draw the mean over runs as a line, and one standard deviation to either side as a band.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    xs : array_like, shape (n,)
        Where on the horizontal axis.
    runs : array_like, shape (runs, n)
        What was measured there, one run a row, at least 2.
    label : str
        Words for the line, written at its right end.
    colour : str, default "validation"
        A name of the palette.
    **style
        How else to draw the line, as `Axes.plot` takes it.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from nnkit import plot
    >>> ax = plot.spread(plt.figure().subplots(), [1, 2], [[0, 3], [2, 5]], label="loss")
    >>> ax.lines[0].get_ydata().tolist()
    [1.0, 4.0]
    """
    runs = np.asarray(runs, dtype=float)
    mean, deviation = runs.mean(axis=0), runs.std(axis=0, ddof=1)
    ax.plot(xs, mean, color=COLOUR[colour], **style)
    band = ax.fill_between(xs, mean - deviation, mean + deviation, color=COLOUR[colour], alpha=0.15)
    band.set_linewidth(0)
    end = (np.asarray(xs)[-1], mean[-1])
    ax.annotate(f"  {label}", end, color=COLOUR[colour], va="center", annotation_clip=False)
    return ax


def scores(ax: Axes, runs: Mapping[str, Sequence[float]]) -> Axes:
    """Draw every run's score as a dot and the mean as a bar, one row for each name.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    runs : mapping from str to sequence of float
        The scores of each model's runs, drawn from top to bottom in their order.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from nnkit import plot
    >>> ax = plot.scores(plt.figure().subplots(), {"one": [0.5, 0.7], "other": [0.9, 0.9]})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['one', 'other']
    """
    for row, values in enumerate(runs.values()):
        ax.scatter(values, [row] * len(values), s=20, color=COLOUR["validation"], alpha=0.5, lw=0)
        ax.plot([np.mean(values)] * 2, [row - 0.3, row + 0.3], color=COLOUR["validation"])
    ax.set_yticks(range(len(runs)), list(runs))
    ax.tick_params(axis="y", labelcolor=COLOUR["ink"])
    ax.grid(axis="y", visible=False)
    ax.set_ylim(len(runs) - 0.5, -0.5)
    return ax


def squares(ax: Axes, values: ArrayLike, *, colour: str = "data") -> Axes:
    """Draw a matrix as squares of that area: filled where positive, hollow where negative.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    values : array_like, shape (rows, columns)
        What to draw, the first row on top; the largest size of a value fills its place.
    colour : str, default "data"
        A name of the palette.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, without ticks and frame.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from nnkit import plot
    >>> ax = plot.squares(plt.figure().subplots(), [[1, 0], [-0.25, 0.5]])
    >>> [square.get_width() for square in ax.patches]
    [1.0, 0.5, 0.7071067811865476]
    """
    values = np.asarray(values, dtype=float)
    sides = np.sqrt(np.abs(values) / (np.abs(values).max() or 1))
    for row, column in np.argwhere(sides > 0):
        side = sides[row, column].item()
        corner = (column - side / 2, row - side / 2)
        filled = values[row, column] > 0
        face = COLOUR[colour] if filled else "none"
        ax.add_patch(Rectangle(corner, side, side, fc=face, ec=COLOUR[colour], lw=0.8))
    rows, columns = values.shape
    ax.set(
        xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6), aspect="equal", xticks=[], yticks=[]
    )
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    return ax
