"""Diffusion in the plane: noise a set of points, then walk back from noise by a trained denoiser.

Opens the chapter on diffusion. The engine has trained one denoiser for each set, in float64, so
that its weights are the same on every machine to more digits than are shown;
`benchmarks/denoisers.py` keeps them, lest a reader wait. Left out: other schedules of the noise,
and learned variances.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

import nnkit.scratch as engine
from nnkit.data import moons, rings, spirals
from nnkit.explore import Answer, Choice, Control, Explorable, Slider, Switch, Time
from nnkit.models.denoiser import restore, train
from nnkit.models.diffusion import diffuse, guide, levels, linear_schedule, sample, told_apart
from nnkit.palette import themed

Floats = NDArray[np.float64]

CHAIN = 128
BETAS, ALPHA_BARS = linear_schedule(CHAIN, first=0.001, last=0.1)
NOT_TOLD = 2  # stands for no class, beside 0, hollow, and 1, filled
ASKED = 1

TRAINING, UPDATES, RATE, DROPPED = 2000, 6000, 0.004, 0.3
CLOUD = 512  # points that are measured
SHOWN = 144  # of them are drawn
APART = 16  # noise levels between two moments of the way there
MOMENTS = 16  # at most, of the way back
REDRAWN = 10

SIDE = 2.6
GRID = np.linspace(-0.9 * SIDE, 0.9 * SIDE, 9)
FIELD_APART = 8
LONGEST = 3.0
STEP = 1 / 256
OTHER_BYTES = 4_950

# How each set is drawn, and what brings it to the plane's middle and to a spread of about 1.
SETS: dict[str, tuple[Callable[..., Any], float, float, tuple[float, float]]] = {
    "moons": (moons, 0.07, 1.2, (0.5, 0.25)),
    "rings": (rings, 0.04, 1.75, (0, 0)),
    "spirals": (spirals, 0.02, 1.9, (0, 0)),
}
ETAS = {"DDIM": 0.0, "DDPM": 1.0}


@cache
def points(data: str, count: int, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    """Draw a set.

    Parameters
    ----------
    data : str
        A key of `SETS`.
    count : int
        Number of points.
    seed : int
        Seed of the draw; 0 is what the denoiser learns from, 1 is held out.

    Returns
    -------
    x : ndarray of float64, shape (count, 2)
        Points.
    y : ndarray of int64, shape (count,)
        Classes, 0 and 1 in turn.
    """
    draw, noise, scale, centre = SETS[data]
    x, y = draw(count, noise=noise, seed=seed)
    return scale * (x.astype(np.float64) - centre), y


def held_out(data: str, seed: int, asked: bool) -> Floats:
    """Draw as many points as are measured, of all classes or of the one that is asked for.

    Parameters
    ----------
    data : str
        A key of `SETS`.
    seed : int
        Seed of the draw.
    asked : bool
        Whether a class is asked for.

    Returns
    -------
    ndarray of float64, shape (CLOUD, 2)
        Points.
    """
    x, y = points(data, 2 * CLOUD, seed)
    return x[y == ASKED] if asked else x[:CLOUD]


def _percent(shares: ArrayLike) -> NDArray[np.uint8]:
    """Return shares between 0 and 1 as whole percentages."""
    percentages: NDArray[np.uint8] = np.rint(100 * np.asarray(shares)).astype(np.uint8)
    return percentages


@cache
def floor(data: str, asked: bool) -> NDArray[np.uint8]:
    """Measure how well the data themselves, drawn anew, are told from the held-out points.

    Parameters
    ----------
    data : str
        A key of `SETS`.
    asked : bool
        Whether both are of the class that is asked for.

    Returns
    -------
    ndarray of uint8, shape (2,)
        The smallest and the largest percentage of `REDRAWN` draws.
    """
    target = held_out(data, 1, asked)
    again = [told_apart(held_out(data, 2 + i, asked), target) for i in range(REDRAWN)]
    return _percent([min(again), max(again)])


def learn(data: str) -> Any:
    """Train the denoiser of a set.

    Parameters
    ----------
    data : str
        A key of `SETS`.

    Returns
    -------
    Module
        See `nnkit.models.denoiser`; of float64. It has learned to tell the noise in points with a
        class and, in `DROPPED` of the cases, without one.
    """
    x, y = points(data, TRAINING, 0)
    return train(
        engine, x, y, ALPHA_BARS, seed=0, width=64, updates=UPDATES, rate=RATE, dropped=DROPPED
    )


@cache
def trained(data: str) -> Any:
    """Return the denoiser of a set with the weights that `learn` has found.

    Parameters
    ----------
    data : str
        A key of `SETS`.

    Returns
    -------
    Module
        See `nnkit.models.denoiser`.
    """
    return restore(engine, Path(__file__).with_suffix(".npz"), data)


def predict(data: str, x: Floats, t: int, guidance: float) -> Floats:
    """Tell the noise in points.

    Parameters
    ----------
    data : str
        A key of `SETS`.
    x : ndarray of float64, shape (n, 2)
        Noised points.
    t : int
        Their noise level, 1 to `CHAIN`.
    guidance : float
        How far to go towards the class that is asked for; see `guide`.

    Returns
    -------
    ndarray of float64, shape (n, 2)
        What the denoiser says.
    """
    model = trained(data)
    time = engine.full((len(x),), t / CHAIN, dtype=engine.float64)

    def said(label: int) -> Floats:
        with engine.no_grad():
            noise: Floats = model(engine.tensor(x), time, engine.full((len(x),), label)).numpy()
        return noise

    if guidance in (0, 1):
        return said(ASKED if guidance else NOT_TOLD)
    guided: Floats = guide(said(NOT_TOLD), said(ASKED), guidance)
    return guided


@cache
def noising(data: str) -> tuple[Floats, Floats, NDArray[np.uint8]]:
    """Noise the data step by step, and measure how well they are told from the data.

    Parameters
    ----------
    data : str
        A key of `SETS`.

    Returns
    -------
    path : ndarray of float64, shape (9, CLOUD, 2)
        The points at each moment, `APART` steps apart.
    noise : ndarray of float64, shape (CLOUD, 2)
        All the noise that was added, as one standard normal number for each coordinate.
    apart : ndarray of uint8, shape (9,)
        The percentage of these and of held-out points that `told_apart` tells rightly.
    """
    rng = np.random.default_rng(1)
    x = points(data, TRAINING, 0)[0][:CLOUD]
    path = [x]
    for beta in BETAS[1:]:
        path.append(diffuse(path[-1], rng.standard_normal(x.shape), 1 - beta))
    noise = (path[-1] - ALPHA_BARS[-1] ** 0.5 * x) / (1 - ALPHA_BARS[-1]) ** 0.5
    target = held_out(data, 1, False)
    apart = [told_apart(x, target) for x in path[::APART]]
    return np.array(path[::APART]), noise, _percent(apart)


@cache
def field(data: str, guidance: float) -> Floats:
    """Ask the denoiser, all over the plane and at many noise levels, which way it leads.

    Parameters
    ----------
    data : str
        A key of `SETS`.
    guidance : float
        See `predict`.

    Returns
    -------
    ndarray of float64, shape (17, 81, 2)
        The direction against the predicted noise, at noise levels `FIELD_APART` apart, 1 in place
        of 0, and at the points of `GRID` by `GRID`, row by row from below; none is longer than
        `LONGEST`.
    """
    plane = np.stack(np.meshgrid(GRID, GRID), axis=-1).reshape(-1, 2)
    visited = [max(1, t) for t in range(0, CHAIN + 1, FIELD_APART)]
    arrows = -np.array([predict(data, plane, t, guidance) for t in visited])
    lengths = np.linalg.norm(arrows, axis=-1, keepdims=True)
    shortened: Floats = arrows * np.minimum(1, LONGEST / lengths)
    return shortened


def nearest_class(data: str, x: Floats) -> NDArray[np.int64]:
    """Return the class of the nearest point that the denoiser has learned from.

    Parameters
    ----------
    data : str
        A key of `SETS`.
    x : ndarray of float64, shape (n, 2)
        Points.

    Returns
    -------
    ndarray of int64, shape (n,)
        Classes, 0 or 1.
    """
    known, y = points(data, TRAINING, 0)
    squares = (x[:, None, 0] - known[:, 0]) ** 2 + (x[:, None, 1] - known[:, 1]) ** 2
    nearest: NDArray[np.int64] = squares.argmin(1)
    return y[nearest]


class Diffusion(Explorable):
    """Points that are noised, and noise that is led back to where points were.

    Examples
    --------
    >>> from nnkit.explore.diffusion import Diffusion
    >>> Diffusion()
    Diffusion explorable
    """

    controls: ClassVar[dict[str, Control]] = {
        "data": Choice("Data", tuple(SETS)),
        "sampler": Choice("Way back", tuple(ETAS)),
        "steps": Slider("Steps back", low=2, high=CHAIN, steps=4, start=2, log=True, whole=True),
        "guidance": Slider("Guidance to the filled class", low=0, high=3, steps=4),
        "paths": Switch("Trajectories", start=1, drawn=True),
        "arrows": Switch("Where the denoiser leads", drawn=True),
        "moment": Time("Moment", along="points"),
    }
    steps: ClassVar[Mapping[str, float]] = {"points": STEP, "field": 1 / 32}
    piece = 2
    size = (400, 540)

    @classmethod
    def bound(cls, setting: Mapping[str, Any]) -> int:
        """Return the bound on the bytes of an answer: few steps make few moments."""
        moments = CHAIN // APART + 2 + min(int(setting["steps"]), MOMENTS)
        return OTHER_BYTES + 16 * SHOWN // 3 * moments

    @staticmethod
    def compute(*, data: str, sampler: str, steps: float, guidance: float) -> Answer:
        """Noise the data, and walk back from that noise alone, which knows nothing of them.

        Parameters
        ----------
        data : str
            A key of `SETS`.
        sampler : str
            A key of `ETAS`.
        steps : float
            Number of steps of the way back, a whole number from 1 to `CHAIN`.
        guidance : float
            0: no class is asked for; 1: the filled one is; above 1: more than that. See `guide`.

        Returns
        -------
        dict of str to ndarray
            At each of m moments, those of the way there and then those of the way back: `points`,
            float64 (m, SHOWN, 2), rounded to `STEP`; `t`, int16 (m,), their noise level; `kept`,
            uint8 (m,), the percentage of the variance that is the data's; `step`, int16 (m,), the
            number of steps made on this way; `apart`, uint8 (m,), how many percent `told_apart`
            tells rightly of `CLOUD` points and as many that were held out (on the way back, if a
            class is asked for, of that class). `floor`, uint8 (2,): see `floor`. `labels`, uint8
            (2, SHOWN): the class of each point of the data, and that of the training point next
            to each sample. `filled`, uint8 (): the percentage of samples of which it is 1. `field`,
            float64 (17, 81, 2), and `grid`, float64 (9,): see `field`. `random`, bool (): whether
            the way back is DDPM's. `guidance`, float64 (): as given.
        """
        rng = np.random.default_rng(2)
        steps = int(steps)
        there, noise, apart = noising(data)
        path = sample(
            lambda x, t: predict(data, x, t, guidance),
            noise,
            lambda: rng.standard_normal((CLOUD, 2)),
            alpha_bars=ALPHA_BARS,
            steps=steps,
            eta=ETAS[sampler],
        )
        made = np.rint(np.linspace(0, steps, min(steps, MOMENTS) + 1)).astype(int)
        back = np.array(path)[made]
        target = held_out(data, 1, guidance > 0)
        apart_back = _percent([told_apart(x, target) for x in back])
        t = np.concatenate([np.arange(0, CHAIN + 1, APART), np.array(levels(CHAIN, steps))[made]])
        near = nearest_class(data, path[-1])
        seen = np.concatenate([there, back])[:, :SHOWN]
        return {
            "points": np.rint(seen / STEP) * STEP,
            "t": t.astype(np.int16),
            "kept": _percent(ALPHA_BARS[t]),
            "step": np.concatenate([t[: len(there)], made]).astype(np.int16),
            "apart": np.concatenate([apart, apart_back]),
            "floor": floor(data, guidance > 0),
            "labels": np.stack([points(data, TRAINING, 0)[1][:SHOWN], near[:SHOWN]]).astype(
                np.uint8
            ),
            "filled": _percent(near.mean()),
            "field": field(data, guidance),
            "grid": GRID,
            "random": np.array(sampler == "DDPM"),
            "guidance": np.array(float(guidance)),
        }

    @staticmethod
    def describe(answer: Answer, time: int) -> str:
        """Say how far noising or sampling is, and how well its points are told from the data.

        Parameters
        ----------
        answer : dict of str to ndarray
            Answer of `Diffusion.compute`.
        time : int
            Number of the moment.

        Returns
        -------
        str
            Two or three sentences.
        """
        turn, last = CHAIN // APART + 1, len(answer["t"]) - 1
        t, apart, kept = (int(answer[name][time]) for name in ("t", "apart", "kept"))
        step, steps = answer["step"][[time, last]]
        low, high = answer["floor"]
        sampler = "DDPM" if answer["random"] else "DDIM"
        target = f"held-out points{' of the filled class' * bool(answer['guidance'] > 0)}"
        if time == 0:
            return (
                f"The data. By the nearest neighbour, {apart}\u00a0% can be told from held-out "
                "points; 50\u00a0% is chance."
            )
        if time < turn:
            return (
                f"Forwards, t = {t} of {CHAIN}: noise makes up {100 - kept}\u00a0% of the "
                f"variance. By the nearest neighbour, {apart}\u00a0% can be told from held-out "
                "points."
            )
        if time < last:
            return (
                f"Backwards by {sampler}, step {step} of {steps}, t = {t}: "
                f"by the nearest neighbour, {apart}\u00a0% can be told from {target}."
            )
        return (
            f"Sampled by {sampler} in {steps} steps: by the nearest neighbour, {apart}\u00a0% can "
            f"be told from {target}; of the data drawn anew, {low} to {high}\u00a0%. "
            f"{answer['filled']}\u00a0% lie nearest to a filled point."
        )

    @staticmethod
    def figure(answer: Answer) -> str:
        """Draw the samples over the data, and below how well both are told apart on the way."""
        marks = []
        for moment, name, radius, opacity in ((0, "data", 1.8, 0.45), (-1, "model", 3.2, 1)):
            colour = themed(name)
            marks.append(f'<g stroke="{colour}" stroke-width="1.5" opacity="{opacity}">')
            places = 200 + answer["points"][moment] * [200 / SIDE, -200 / SIDE]
            for (x, y), label in zip(places, answer["labels"][moment], strict=True):
                fill = colour if label else themed("paper")
                marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}"/>')
            marks.append("</g>")

        turn = CHAIN // APART
        x = 44 + 348 * np.cumsum(np.abs(np.diff(answer["t"], prepend=0))) / (2 * CHAIN)
        y = 520 - 90 * (answer["apart"] - 40.0) / 60
        curve = [f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True)]
        for name, part in (("data", curve[: turn + 1]), ("model", curve[turn + 1 :])):
            stroke = f'fill="none" stroke="{themed(name)}" stroke-width="2"'
            marks.append(f'<polyline points="{" ".join(part)}" {stroke}/>')
        muted = f'font-size="14.5" fill="{themed("muted")}"'
        marks += [
            f'<path d="M44,430H392M44,520H392" stroke="{themed("line")}"/>',
            f'<text y="420" {muted}>% that can be told from held-out points, '
            f'<tspan fill="{themed("data")}">there</tspan> and '
            f'<tspan fill="{themed("model")}">back</tspan></text>',
            f'<text x="36" y="434" text-anchor="end" {muted}>100</text>',
            f'<text x="36" y="524" text-anchor="end" {muted}>40</text>',
            f'<text x="44" y="537" {muted}>t = 0</text>',
            f'<text x="218" y="537" text-anchor="middle" {muted}>{CHAIN}</text>',
            f'<text x="392" y="537" text-anchor="end" {muted}>0</text>',
        ]
        return "\n".join(marks)
