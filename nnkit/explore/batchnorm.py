"""Batch normalisation's two modes: one image in many batches, by their statistics and the running.

Belongs to the chapter on gradients. Left out: the gradients, the learned scale and shift, and that
weights move while the averages run.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import nnkit.scratch as engine
from nnkit.data import digits
from nnkit.explore import Answer, Choice, Control, Explorable, Seed, Slider, Time
from nnkit.palette import themed
from nnkit.scratch import nn

BATCHES = 40
MARKED = 0
STEP = 0.01
EACH = ("z", "batch", "running", "training", "evaluation")  # arrays with a row for each batch
END = 3.5  # of the axis of pre-activations, both ways
TOP = 3.0  # and of that of outputs


@cache
def pre_activations() -> NDArray[np.float64]:
    """Return what one unit of a dense layer makes of every digit.

    Returns
    -------
    ndarray of float64, shape (1797,)
        The unit's pre-activations, of images that are shifted and scaled to mean 0 and spread 1.
    """
    x = digits()[0].reshape(-1, 64).astype(np.float64)
    engine.manual_seed(7)
    unit = nn.Linear(64, 1).double()
    nn.init.kaiming_normal_(unit.weight, nonlinearity="relu")
    with engine.no_grad():
        z: NDArray[np.float64] = unit(engine.tensor((x - x.mean()) / x.std())).numpy()[:, 0]
    return z


class BatchNormModes(Explorable):
    """One image in many batches: what batch norm makes of it in training and in evaluation.

    Examples
    --------
    >>> from nnkit.explore.batchnorm import BatchNormModes
    >>> BatchNormModes()
    BatchNormModes explorable
    """

    controls: ClassVar[dict[str, Control]] = {
        "size": Slider("Images in a batch", low=2, high=64, steps=6, start=2, log=True, whole=True),
        "momentum": Choice("Momentum", ("0.1", "0.01", "0.5", "1")),
        "seed": Seed("Draw of the batches", count=4),
        "batch": Time("Earlier batches", along="training"),
    }
    answer_bytes = 8000
    steps: ClassVar[Mapping[str, float]] = dict.fromkeys((*EACH, "exact"), STEP)
    piece = 8
    size = (400, 400)

    @staticmethod
    def compute(*, size: float, momentum: str, seed: int) -> Answer:
        """Show the layer batches that all hold the marked image, and ask it in both modes.

        Parameters
        ----------
        size : float
            Number of images in a batch, a whole number from 2 on.
        momentum : str
            Share of the newest batch in the running averages, a number.
        seed : int
            Of the draw of the other images.

        Returns
        -------
        dict of str to ndarray
            For each of `BATCHES` batches: `z`, float64 (40, size), pre-activations, the marked
            image's first; `batch`, float64 (40, 2), their mean and spread, and `running`, the
            same shape, the running mean and the root of the running variance after it;
            `training` and `evaluation`, float64 (40,), what the marked one becomes in either mode,
            the latter after the batch. `exact`, float64 (): what the marked one becomes by the
            mean and the variance of all images. All are rounded to `STEP`.
        """
        rng = np.random.default_rng(seed)
        all_z = pre_activations()
        layer: Any = nn.BatchNorm1d(1, momentum=float(momentum), affine=False).double()
        found: list[list[Any]] = []
        for _ in range(BATCHES):
            others = 1 + rng.choice(len(all_z) - 1, int(size) - 1, replace=False)
            z = all_z[[MARKED, *others]]
            training = layer.train()(engine.tensor(z[:, None]))[0].item()
            evaluation = layer.eval()(engine.tensor(z[:1, None])).item()
            running = [layer.running_mean.item(), layer.running_var.item() ** 0.5]
            found.append([z, [z.mean(), z.std()], running, training, evaluation])
        exact = (all_z[MARKED] - all_z.mean()) / np.sqrt(all_z.var() + layer.eps)
        answer = dict(zip(EACH, zip(*found, strict=True), strict=True)) | {"exact": exact}
        return {
            name: np.rint(np.array(value) / STEP) * STEP + 0.0 for name, value in answer.items()
        }

    @staticmethod
    def describe(answer: Answer, time: int) -> str:
        """Say what becomes of the marked image in both modes, and how far it strays in training.

        Parameters
        ----------
        answer : dict of str to ndarray
            Answer of `compute`.
        time : int
            Number of earlier batches.

        Returns
        -------
        str
            Two sentences.
        """
        now, low, high, running, exact = (
            f"{value:.2f}".replace("-", "−")
            for value in (
                answer["training"][time],
                answer["training"][: time + 1].min(),
                answer["training"][: time + 1].max(),
                answer["evaluation"][time],
                answer["exact"],
            )
        )
        return (
            f"After {time or 'no'} earlier {'batch' if time == 1 else 'batches'}: in training the "
            f"marked image becomes {now}, in evaluation {running}; by the mean and spread of all "
            f"images it would be {exact}. So far training has made of it anything from {low} to "
            f"{high}."
        )

    @staticmethod
    def figure(answer: Answer) -> str:
        """Draw the last batch on a line, and below what became of the marked image in each."""

        def across(z: float) -> float:
            return float(200 + 196 * z / END)

        def up(y: float) -> float:
            return float(260 - 110 * y / TOP)

        marks = [f'<path d="M4,62H396" stroke="{themed("line")}"/>']
        marked, *others = answer["z"][-1]
        for z, fill, stroke in [
            *((z, "paper", "data") for z in others),
            (marked, "model", "model"),
        ]:
            colours = f'fill="{themed(fill)}" stroke="{themed(stroke)}" stroke-width="1.5"'
            marks.append(f'<circle cx="{across(z):.1f}" cy="62" r="5" {colours}/>')
        x = 44 + 348 * np.arange(BATCHES) / (BATCHES - 1)
        for place, y in zip(x, answer["training"], strict=True):
            marks.append(
                f'<circle cx="{place:.1f}" cy="{up(y):.1f}" r="2.5" fill="{themed("model")}"/>'
            )
        curve = " ".join(
            f"{a:.1f},{up(y):.1f}" for a, y in zip(x, answer["evaluation"], strict=True)
        )
        height = up(float(answer["exact"]))
        text = f'font-size="14.5" fill="{themed("muted")}"'
        model, data = themed("model"), themed("data")
        marks += [
            f'<polyline points="{curve}" fill="none" stroke="{model}" stroke-width="2"/>',
            f'<path d="M44,{height:.1f}H392" stroke="{data}"/>',
            f'<text y="20" {text}><tspan fill="{data}">one batch</tspan>, before: '
            f'<tspan fill="{model}">the marked image</tspan> among others</text>',
            f'<text y="138" {text}>the marked image, after: '
            f'<tspan fill="{model}">● training, — evaluation</tspan></text>',
            f'<text x="36" y="{up(TOP) + 5:.0f}" text-anchor="end" {text}>{TOP:g}</text>',
            f'<text x="36" y="{up(-TOP) + 5:.0f}" text-anchor="end" {text}>−{TOP:g}</text>',
            f'<text x="44" y="396" {text}>1</text>',
            f'<text x="392" y="396" text-anchor="end" {text}>batch {BATCHES}</text>',
        ]
        return "\n".join(marks)
