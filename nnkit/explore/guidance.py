"""Guidance on the digits: what a denoiser draws when the digit asked for is exaggerated.

Belongs to the chapter on diffusion. The denoiser is smaller than that of the chapter, and
`benchmarks/denoisers.py` keeps its weights, lest a reader wait. Left out: schedules of the scale
along the way.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import nnkit.scratch as engine
from nnkit.data import digits, split
from nnkit.explore import Answer, Control, Explorable, Seed, Slider
from nnkit.models.denoiser import restore, train
from nnkit.models.diffusion import guide, linear_schedule, sample
from nnkit.palette import themed

Floats = NDArray[np.float64]

CHAIN = 128
ALPHA_BARS = linear_schedule(CHAIN, first=0.001, last=0.1)[1]
DIGITS = 10
MEASURED, SHOWN = 20, 6  # images of each digit
ASKED = np.repeat(np.arange(DIGITS), MEASURED)
LEVELS = 8  # of grey, beside white
CELL = 4.5
PITCH = 40.0


@cache
def images() -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Split the digits into those to learn from and those to compare with.

    Returns
    -------
    seen, held_out : ndarray of float64, shape (m, 64)
        Images, white -1 and black 1.
    of_seen, of_held_out : ndarray of int64, shape (m,)
        Which digits they are.
    """
    pixels, labels = digits()
    x = 2 * pixels.reshape(-1, 64).astype(np.float64) - 1
    seen, held_out, of_seen, of_held_out = split(x, labels, test=0.4, seed=0)
    return seen, held_out, of_seen, of_held_out


def learn() -> Any:
    """Train the denoiser.

    Returns
    -------
    Module
        See `nnkit.models.denoiser`; of float64. It has learned to tell the velocity of noised
        digits, told which digit it is in four cases of five.
    """
    seen, _, of_seen, _ = images()
    return train(
        engine, seen, of_seen, ALPHA_BARS,
        seed=0, target="velocity", width=128, updates=2000, rate=4e-3, dropped=0.2,
    )  # fmt: skip


@cache
def trained() -> Any:
    """Return the denoiser with the weights that `learn` has found.

    Returns
    -------
    Module
        See `nnkit.models.denoiser`.
    """
    return restore(engine, Path(__file__).with_suffix(".npz"), "digits")


def spread(x: Floats, labels: NDArray[np.int64]) -> float:
    """Return how far apart two images of one digit are.

    Parameters
    ----------
    x : ndarray of float64, shape (n, 64)
        Images.
    labels : ndarray of int64, shape (n,)
        Which digits they are; each at least twice.

    Returns
    -------
    float
        The mean over the digits of the mean distance of two different images.
    """
    means = []
    for digit in range(DIGITS):
        own = x[labels == digit]
        apart = np.sqrt(((own[:, None] - own) ** 2).sum(axis=2))
        means.append(apart.sum() / (len(own) * (len(own) - 1)))
    return float(np.mean(means))


def draw(scale: float, steps: int, seed: int) -> Floats:
    """Draw `MEASURED` images of each digit by DDIM.

    Parameters
    ----------
    scale : float
        Of guidance; see `guide`.
    steps : int
        Number of steps, 1 to `CHAIN`.
    seed : int
        Of the noise that they begin with.

    Returns
    -------
    ndarray of float64, shape (200, 64)
        Images of the digits `ASKED`, not cut off at white and black.
    """
    model = trained()

    def said(x: Floats, t: int, label: NDArray[np.int64]) -> Floats:
        time = engine.full((len(x),), t / CHAIN, dtype=engine.float64)
        with engine.no_grad():
            velocity: Floats = model(engine.tensor(x), time, engine.tensor(label)).numpy()
        return velocity

    def predict(x: Floats, t: int) -> Floats:
        asked = said(x, t, ASKED)
        untold = np.full(len(x), DIGITS)
        velocity = asked if scale == 1 else guide(said(x, t, untold), asked, scale)
        noise: Floats = (1 - ALPHA_BARS[t]) ** 0.5 * x + ALPHA_BARS[t] ** 0.5 * velocity
        return noise

    noise = np.random.default_rng(seed).standard_normal((len(ASKED), 64))
    path = sample(predict, noise, lambda: 0.0, alpha_bars=ALPHA_BARS, steps=steps, eta=0)
    drawn: Floats = path[-1]
    return drawn


def greys(x: Floats) -> NDArray[np.uint8]:
    """Return images as they are shown: cut off at white and black, in a few greys.

    Parameters
    ----------
    x : ndarray of float64, shape (..., 64)
        Images, white -1 and black 1.

    Returns
    -------
    ndarray of uint8, shape (..., 8, 8)
        From 0, white, to `LEVELS`, black.
    """
    levels = np.rint((np.clip(x, -1, 1) + 1) / 2 * LEVELS).astype(np.uint8)
    return levels.reshape(*x.shape[:-1], 8, 8)


def marks(rows: NDArray[np.uint8], top: float, colour: str) -> list[str]:
    """Draw rows of images as one path for each grey.

    Parameters
    ----------
    rows : ndarray of uint8, shape (rows, 10, 8, 8)
        Greys.
    top : float
        Where the first row begins.
    colour : str
        Name of the darkest.

    Returns
    -------
    list of str
        SVG elements.
    """
    drawn = []
    for level in range(1, LEVELS + 1):
        places = np.argwhere(rows == level) @ [[0, PITCH], [PITCH, 0], [0, CELL], [CELL, 0]]
        path = "".join(
            f"M{x:g},{y:g}h{CELL}v{CELL}h-{CELL}z" for x, y in places + np.array([2, top])
        )
        drawn.append(f'<path d="{path}" fill="{colour}" fill-opacity="{level / LEVELS:g}"/>')
    return drawn


class Guidance(Explorable):
    """Digits that a denoiser draws, with the digit asked for taken as learned or exaggerated.

    Examples
    --------
    >>> from nnkit.explore.guidance import Guidance
    >>> Guidance()
    Guidance explorable
    """

    controls: ClassVar[dict[str, Control]] = {
        "scale": Slider("Scale of guidance", low=0, high=5, steps=6, start=1),
        "steps": Slider("Steps", low=2, high=32, steps=3, start=2, log=True, whole=True),
        "seed": Seed("Draw of the noise", count=3),
    }
    answer_bytes = 7000
    piece = 3
    size = (400, 330)

    @staticmethod
    def compute(*, scale: float, steps: float, seed: int) -> Answer:
        """Draw digits from noise, and measure them against images that were held out.

        Parameters
        ----------
        scale : float
            0: the digit is ignored; 1: it is as learned; above 1: exaggerated. See `guide`.
        steps : float
            Number of steps of DDIM, a whole number from 1 to `CHAIN`.
        seed : int
            Of the noise that the images begin with.

        Returns
        -------
        dict of str to ndarray
            `real`, uint8 (10, 8, 8): an image of each digit, held out. `drawn`, uint8 (6, 10, 8,
            8): the first drawn of each. `wrong`, bool (6, 10): whether the nearest held-out image
            of a drawn one is another digit than was asked for. Of `MEASURED` of each digit:
            `right`, int16 (): of how many percent it is that digit. `spread`, int16 (): the
            distance of two of one digit, in percent of that of two real ones. `far`, int16 ():
            their distance from the nearest held-out image, in percent of that of the images
            learned from.
        """
        seen, held_out, _, labels = images()
        x = draw(scale, int(steps), seed)
        squares = ((x[:, None] - held_out) ** 2).sum(axis=2)
        wrong = labels[squares.argmin(axis=1)] != ASKED
        known = np.sqrt(((seen[: len(x), None] - held_out) ** 2).sum(axis=2).min(axis=1)).mean()
        measured = {
            "right": 1 - wrong.mean(),
            "spread": spread(x, ASKED) / spread(held_out, labels),
            "far": np.sqrt(squares.min(axis=1)).mean() / known,
        }
        first = [int(np.flatnonzero(labels == digit)[0]) for digit in range(DIGITS)]
        each = (np.arange(DIGITS) * MEASURED + np.arange(SHOWN)[:, None]).astype(int)
        percent = {name: np.array(round(100 * value), np.int16) for name, value in measured.items()}
        return {
            "real": greys(held_out[first]),
            "drawn": greys(x[each]),
            "wrong": wrong[each],
        } | percent

    @staticmethod
    def describe(answer: Answer, time: int) -> str:
        """Say how many are right, how varied they are, and how far from real ones.

        Parameters
        ----------
        answer : dict of str to ndarray
            Answer of `compute`.
        time : int
            Not used: nothing plays.

        Returns
        -------
        str
            Three sentences.
        """
        return (
            f"By the nearest real image, {answer['right']} % of the drawn ones are the "
            f"digit asked for. Two of one digit are {answer['spread']} % as far apart as two "
            f"real ones. From the nearest real image they are {answer['far']} % as far as other "
            "real images are."
        )

    @staticmethod
    def figure(answer: Answer) -> str:
        """Draw a real image of each digit, and below what was drawn; a line marks the wrong."""
        text = f'font-size="14.5" fill="{themed("muted")}"'
        drawn = [
            f'<text y="16" {text}><tspan fill="{themed("data")}">real</tspan>, and below '
            f'<tspan fill="{themed("model")}">drawn</tspan> to order</text>',
            *marks(answer["real"][None], 28, themed("data")),
            *marks(answer["drawn"], 84, themed("model")),
        ]
        for row, digit in np.argwhere(answer["wrong"]):
            drawn.append(
                f'<path d="M{2 + PITCH * digit:g},{84 + PITCH * row + 37:g}h36" '
                f'stroke="{themed("validation")}" stroke-width="2"/>'
            )
        return "\n".join(drawn)
