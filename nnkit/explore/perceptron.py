"""The perceptron at work: move the points, and follow its mistakes one by one.

Opens the perceptron chapter. Positions are multiples of 1/64, so that every sum is exact and the
rule makes the same mistakes here and in the page, where points are dragged.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nnkit.data import blobs, xor
from nnkit.explore import Answer, Choice, Control, Explorable, Points, Switch, Time
from nnkit.models import perceptron
from nnkit.palette import themed

Floats = NDArray[np.float64]

STEP = 1 / 64
PASSES = 25
MOST = 24


def _data(name: str) -> tuple[Floats, NDArray[np.int64]]:
    """Return a named set of points, shape (n, 2), and their labels, -1 or +1."""
    if name == "logical and":
        x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 0, 0, 1])
    elif name == "exclusive or":
        x, y = xor(12, noise=0.12, seed=4)
        x = 1.2 * (2 * x - 1)
    else:
        x, y = blobs(16, margin=0.15 if name == "a narrow gap" else 0.6, seed=6)
        x = x / 2
        if name == "off centre":
            x += np.array([1.0, 0.8], np.float32)
    return np.rint(np.asarray(x, np.float64) / STEP) * STEP, 2 * y.astype(np.int64) - 1


def _pixels(point: Floats) -> Floats:
    """Return where a point of the plane, -2 to 2, is in a drawing of 400 by 400."""
    return np.array([200 + 100 * point[0], 200 - 100 * point[1]])


def largest_margin(z: Floats) -> Floats:
    r"""Find the direction of largest margin, by trying every one that can be.

    The largest margin is reached at equal distance from at most three of the
    :math:`\mathbf{z}_i = y_i \mathbf{x}_i`: along one of them, across the line through two, or
    across the plane through three.

    Parameters
    ----------
    z : ndarray of float64, shape (n, 3)
        The samples, each times its label.

    Returns
    -------
    ndarray of float64, shape (3,)
        A vector w whose margin, :math:`\min_i \mathbf{w} \cdot \mathbf{z}_i / \lVert \mathbf{w}
        \rVert`, is the largest; if it is not above 0, no w separates the samples.
    """
    rows = range(len(z))
    a, b = z[np.array([*itertools.combinations(rows, 2)], int).reshape(-1, 2).T]
    line = b - a
    foot = a * (line**2).sum(1, keepdims=True) - line * (a * line).sum(1, keepdims=True)
    a, b, c = z[np.array([*itertools.combinations(rows, 3)], int).reshape(-1, 3).T]
    normal = np.cross(b - a, c - a)
    candidates = np.concatenate([z, foot, normal, -normal])
    lengths = np.sqrt((candidates**2).sum(1))
    margins = (candidates @ z.T).min(1) / np.maximum(lengths, np.finfo(float).tiny)
    best: Floats = candidates[margins.argmax()]
    return best


class Perceptron(Explorable):
    """The perceptron's rule on points in the plane, mistake by mistake.

    Examples
    --------
    >>> from nnkit.explore.perceptron import Perceptron
    >>> Perceptron()
    Perceptron explorable
    """

    controls: ClassVar[dict[str, Control]] = {
        "data": Choice(
            "Data", ("a wide gap", "a narrow gap", "off centre", "logical and", "exclusive or")
        ),
        "bias": Switch("Bias", start=1),
        "points": Points("Point", low=-2, high=2, step=STEP, most=MOST, resets="data"),
        "mistake": Time("Mistake", along="weights"),
    }
    answer_bytes = 10_000
    steps: ClassVar[Mapping[str, float]] = {"x": STEP, "weights": STEP}
    piece = 10
    size = (400, 448)

    @staticmethod
    def compute(*, data: str, bias: bool, points: list[list[float]] | None) -> Answer:
        """Run the rule until a pass is without a mistake, or for `PASSES` passes.

        Parameters
        ----------
        data : str
            Name of a set of points.
        bias : bool
            Whether the neuron has a bias.
        points : list of [x1, x2, label], or None
            Points in place of the set's; coordinates are multiples of 1/64, labels -1 or +1.

        Returns
        -------
        dict of str to ndarray
            `x`, float64 (n, 2), and `y`, int64 (n,): the points. `mistakes`, int64 (k,): the row
            that caused each update. `weights`, float64 (k + 1, 3): at the start and after each
            update; the third is the bias, 0 if there is none. `wrong`, int64 (k + 1,): how many
            points each of these weights has wrong. `converged`, bool (): whether the rule ended.
            `bias`, bool (): as given. `bound`, float64 (): the bound on the number of updates,
            infinite if no line separates the points.

        Raises
        ------
        ValueError
            If there are not 1 to 24 points, each with a label of -1 or +1.
        """
        x, y = _data(data)
        if points is not None:
            if not 1 <= len(points) <= MOST:
                raise ValueError(f"Perceptron: there must be 1 to {MOST} points, got {len(points)}")
            table = np.array(points, np.float64).reshape(-1, 3)
            x, y = table[:, :2], table[:, 2].astype(np.int64)
        inputs = perceptron.augment(np, x)
        inputs[:, 2] *= bias
        run = perceptron.train(np, inputs, y, epochs=PASSES)
        weights = np.array(run.weights)
        z = y[:, None] * inputs
        best = largest_margin(z)
        separable = (z @ best).min() > 0
        bound = perceptron.mistake_bound(best, inputs, y) if separable else np.inf
        return {
            "x": x,
            "y": y,
            "mistakes": np.array(run.mistakes, np.int64),
            "weights": weights,
            "wrong": (weights @ z.T <= 0).sum(1),
            "converged": np.array(run.converged),
            "bias": np.array(bias),
            "bound": np.array(bound),
        }

    @staticmethod
    def describe(answer: Answer, time: int) -> str:
        """Say in words what one mistake did, and how the run goes on.

        Parameters
        ----------
        answer : dict of str to ndarray
            Answer of `Perceptron.compute`.
        time : int
            Number of mistakes made so far, 0 to k.

        Returns
        -------
        str
            One to three sentences.
        """
        n, k = len(answer["y"]), len(answer["mistakes"])
        if time == 0:
            return f"Before the first mistake: w is zero, and none of the {n} points is right."
        bound = math.floor(answer["bound"] + 1e-6) if np.isfinite(answer["bound"]) else None
        point = int(answer["mistakes"][time - 1])
        turn = "towards" if answer["y"][point] > 0 else "away from"
        left = int(answer["wrong"][time])
        wrong = "Every point is right"
        if left > 0:
            wrong = f"{left} of {n} points {'is' if left == 1 else 'are'} wrong"
        if answer["converged"]:
            of = f"{k}"
            rest = f", so it was the last; the bound allowed {bound}." if time == k else "."
        else:
            of = f"the first {k}"
            line = "straight line" if answer["bias"] else "line through the origin"
            rest = f". No {line} separates these points: the mistakes never end."
            if bound is not None:
                rest = f". It goes on, but not for ever: the bound allows {bound} mistakes."
        return f"Mistake {time} of {of}, on point {point + 1}: w turns {turn} it. {wrong}{rest}"

    @staticmethod
    def figure(answer: Answer) -> str:
        """Draw the points, the boundary after the last mistake, and its normal w."""
        a, b, c = answer["weights"][-1]
        length = math.hypot(a, b)
        marks = []
        if length > 0:
            foot, along = np.array([a, b]) * -c / length**2, np.array([-b, a]) * 6 / length
            (x1, y1), (x2, y2) = _pixels(foot + along), _pixels(foot - along)
            x3, y3 = _pixels(np.array([a, b]) / length)
            stroke = f'stroke="{themed("model")}" stroke-width="2"'
            marks += [
                f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {stroke}/>',
                f'<line x1="200" y1="200" x2="{x3:.1f}" y2="{y3:.1f}" {stroke}/>',
            ]
        for point, label in zip(answer["x"], answer["y"], strict=True):
            x, y = _pixels(point)
            fill = themed("data" if label > 0 else "paper")
            marks.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6.5" fill="{fill}" '
                f'stroke="{themed("data")}" stroke-width="2"/>'
            )
        axes = f'<path d="M0,200H400M200,0V400" stroke="{themed("line")}"/>'
        plane = "\n".join([axes, *marks])
        return f'<svg width="400" height="400" role="none">\n{plane}\n</svg>'
