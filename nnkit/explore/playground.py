"""A network at work in the plane: train it on points, and run its training back and forth.

Opens the book. The engine trains each network and writes its weights down at 21 moments; the page
computes from them, by a forward pass of its own, what is drawn. Left out: batches, for every step
sees all points, and more than one start from random weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import nnkit.scratch as engine
from nnkit.data import moons, rings, spirals, split, xor
from nnkit.explore import Answer, Choice, Control, Explorable, Slider, Switch, Time
from nnkit.models.mlp import mlp
from nnkit.palette import themed
from nnkit.scratch import nn, optim

Floats = NDArray[np.float32]

POINTS = 160
UNITS = 6
MOMENTS = [t**2 for t in range(21)]
DECAY = 0.003
SIDE = 1.2
STEP = 0.01
WEIGHT_STEP = 1 / 512
OTHER_BYTES = 1_150
DATA_SEED = 0
# One of the few among eight with which tanh solves the spirals from x1 and x2 alone.
SEED = 5

# Scale and centre of each set, so that it fills the plane, and its two noises, in units of its own.
SETS: dict[str, tuple[Callable[..., Any], float, tuple[float, float], dict[str, float]]] = {
    "spirals": (spirals, 1, (0, 0), {"little": 0.025, "much": 0.08}),
    "moons": (moons, 0.55, (0.5, 0.25), {"little": 0.1, "much": 0.25}),
    "rings": (rings, 0.8, (0, 0), {"little": 0.06, "much": 0.17}),
    "exclusive or": (xor, 0.9, (0.5, 0.5), {"little": 0.12, "much": 0.24}),
}
FEATURES = ("coordinates", "squares and product too")
ACTIVATIONS = {"tanh": "Tanh", "ReLU": "ReLU"}


def points(data: str, noise: str) -> tuple[Floats, Floats]:
    """Return the points of a set, those to train on in the first half of the rows.

    Parameters
    ----------
    data : str
        A key of `SETS`.
    noise : str
        "little" or "much".

    Returns
    -------
    x : ndarray of float32, shape (POINTS, 2)
        Multiples of `STEP` between -`SIDE` and `SIDE`.
    y : ndarray of float32, shape (POINTS,)
        Classes, 0 or 1.
    """
    draw, scale, centre, noises = SETS[data]
    x, y = draw(POINTS, noise=noises[noise], seed=DATA_SEED)
    x_train, x_test, y_train, y_test = split(x, y, test=0.5, seed=0)
    x = scale * (np.concatenate([x_train, x_test]) - np.array(centre, np.float32))
    x = np.rint(x / STEP) * STEP
    return x.astype(np.float32), np.concatenate([y_train, y_test]).astype(np.float32)


def inputs(x: Floats, count: int) -> Floats:
    """Return what the network is given of each point.

    Parameters
    ----------
    x : ndarray of float32, shape (n, 2)
        Points.
    count : int
        How many numbers, 2 or 5.

    Returns
    -------
    ndarray of float32, shape (n, count)
        The coordinates x1 and x2, and if 5 are asked for x1², x2² and x1 x2.
    """
    if count == 2:
        return x
    return np.concatenate([x, x**2, x[:, :1] * x[:, 1:]], axis=1)


def sizes(features: str, layers: float) -> list[int]:
    """Return the number of inputs, of units in each hidden layer, and of outputs.

    Parameters
    ----------
    features : str
        One of `FEATURES`.
    layers : float
        Number of hidden layers, a whole number.

    Returns
    -------
    list of int
        As `mlp` takes them; the one output is the logit of class 1.
    """
    return [2 if features == FEATURES[0] else 5, *[UNITS] * int(layers), 1]


def restore(answer: Answer, time: int) -> Any:
    """Make the network as it was at a moment.

    Parameters
    ----------
    answer : dict of str to ndarray
        Answer of `Playground.compute`.
    time : int
        Number of the moment, 0 to 20.

    Returns
    -------
    Sequential
        From what `inputs` returns to logits, shape (n, 1).
    """
    activation = "ReLU" if answer["relu"] else "Tanh"
    model = mlp(engine, answer["sizes"].tolist(), activation)
    vector = engine.tensor(answer["weights"][time].astype(np.float32))
    nn.utils.vector_to_parameters(vector, model.parameters())
    return model


def train(settings: Sequence[Mapping[str, Any]], shape: list[int], activation: str) -> list[Answer]:
    """Train networks of one shape at once: their weights are stacked, and all products with them.

    Each network has its own points, rate and decay. Adam moves every weight by the rate times a
    step that does not depend on it, so the step is made at a rate of 1 and scaled. In float64, for
    at the largest rate what one processor rounds otherwise would grow until it is seen.

    Parameters
    ----------
    settings : sequence of mapping
        See `Playground.compute`; what follows is of all of them.
    shape : list of int
        See `sizes`.
    activation : str
        A key of `ACTIVATIONS`.

    Returns
    -------
    list of dict
        See `Playground.compute`.
    """
    drawn = [points(setting["data"], setting["noise"]) for setting in settings]
    seen = engine.tensor(np.stack([inputs(x, shape[0]) for x, _ in drawn])).double()
    target = engine.tensor(np.stack([y[:, None] for _, y in drawn])).double()
    rates, decays = (
        engine.tensor(np.array([float(setting[name]) for setting in settings]))[:, None, None]
        for name in ("rate", "decay")
    )
    engine.manual_seed(SEED)
    start = mlp(engine, shape, ACTIVATIONS[activation])
    stacked = []
    for each in start.parameters():  # weights (S, out, in), biases (S, 1, out)
        array = np.atleast_2d(each.detach().double().numpy())
        copies = np.repeat(array[None], len(settings), axis=0)
        stacked.append(engine.tensor(copies, requires_grad=True))
    optimizer = optim.Adam(stacked, lr=1)
    curve = engine.relu if activation == "ReLU" else engine.tanh
    half = POINTS // 2

    def logits(x: Any) -> Any:
        for weight, bias in zip(stacked[::2], stacked[1::2], strict=True):
            x = x @ weight.transpose(1, 2) + bias
            x = x if weight is stacked[-2] else curve(x)
        return x

    def losses(z: Any, y: Any) -> Any:
        each = nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none")
        return each.mean(dim=(1, 2))

    weights, loss, wrong = [], [], []
    for step in range(MOMENTS[-1] + 1):
        if step in MOMENTS:
            with engine.no_grad():
                z = logits(seen)
                sides = [(z[:, :half], target[:, :half]), (z[:, half:], target[:, half:])]
                loss.append([losses(*side).numpy().astype(float) for side in sides])
                wrong.append([((z > 0) != (y > 0)).sum(dim=(1, 2)).numpy() for z, y in sides])
            arrays = [each.detach().numpy().reshape(len(settings), -1) for each in stacked]
            weights.append(np.concatenate(arrays, axis=1))
        optimizer.zero_grad()
        losses(logits(seen[:, :half]), target[:, :half]).sum().backward()
        with engine.no_grad():
            for each in stacked:
                each.grad += DECAY * decays * each
            before = [each.clone() for each in stacked]
            optimizer.step()
            for each, was in zip(stacked, before, strict=True):
                each.copy_(was + rates * (each - was))
    return [
        {
            "x": drawn[i][0],
            "y": drawn[i][1].astype(np.uint8),
            "sizes": np.array(shape),
            "relu": np.array(activation == "ReLU"),
            "weights": np.array(weights)[:, i].astype(np.float32),
            "loss": np.round(np.array(loss)[:, :, i], 3),
            "wrong": np.array(wrong)[:, :, i].astype(np.uint8),
        }
        for i in range(len(settings))
    ]


def _runs(inside: NDArray[np.bool_], cell: float) -> str:
    """Return the path around all cells of a square, row by row, that are inside."""
    path = []
    for row, line in enumerate(inside):
        ends = np.flatnonzero(np.diff(line, prepend=False, append=False))
        for start, stop in ends.reshape(-1, 2):
            wide = (stop - start) * cell
            path.append(f"M{start * cell:g},{row * cell:g}h{wide:g}v{cell:g}h-{wide:g}z")
    return "".join(path)


class Playground(Explorable):
    """A network that learns to tell two classes of points of the plane apart.

    Examples
    --------
    >>> from nnkit.explore.playground import Playground
    >>> Playground()
    Playground explorable
    """

    controls: ClassVar[dict[str, Control]] = {
        "data": Choice("Data", tuple(SETS)),
        "noise": Choice("Noise", ("little", "much")),
        "features": Choice("Inputs", FEATURES),
        "layers": Slider("Hidden layers", low=0, high=2, steps=3, start=2, whole=True),
        "activation": Choice("Activation", tuple(ACTIVATIONS)),
        "rate": Slider("Learning rate", low=0.003, high=0.3, steps=3, start=1, log=True),
        "decay": Switch("Weight decay"),
        "moment": Time("Moment", along="weights"),
    }
    steps: ClassVar[Mapping[str, float]] = {"x": STEP, "weights": WEIGHT_STEP, "loss": 0.001}
    piece = 12
    size = (400, 556)

    @classmethod
    def bound(cls, setting: Mapping[str, Any]) -> int:
        """Return the bound on the bytes of an answer: smaller networks have fewer weights."""
        shape = sizes(setting["features"], setting["layers"])
        weights = sum((inputs + 1) * outputs for inputs, outputs in pairwise(shape))
        return OTHER_BYTES + 8 * len(MOMENTS) * weights // 3

    @staticmethod
    def compute(
        *,
        data: str,
        noise: str,
        features: str,
        layers: float,
        activation: str,
        rate: float,
        decay: bool,
    ) -> Answer:
        """Train a network by Adam, on all training points at each step.

        Parameters
        ----------
        data : str
            A key of `SETS`.
        noise : str
            "little" or "much".
        features : str
            One of `FEATURES`.
        layers : float
            Number of hidden layers, a whole number.
        activation : str
            A key of `ACTIVATIONS`.
        rate : float
            Learning rate, > 0.
        decay : bool
            Whether `DECAY` times each weight is added to its gradient.

        Returns
        -------
        dict of str to ndarray
            `x`, float32 (POINTS, 2), and `y`, uint8 (POINTS,): the points and their classes, 0 or
            1, the first half to train on. `sizes`, int64 (layers + 2,): see `sizes`. `relu`, bool
            (): whether the activation is ReLU. At each of `MOMENTS`, steps from 0 to 400:
            `weights`, float32 (21, P), all weights and biases in the order of `state_dict`;
            `loss`, float64 (21, 2), on training and on test points, rounded to 0.001; `wrong`,
            uint8 (21, 2), how many of them are on the wrong side.
        """
        setting = {"data": data, "noise": noise, "features": features, "layers": layers}
        setting |= {"activation": activation, "rate": rate, "decay": decay}
        (answer,) = Playground.answers([setting])
        return answer

    @classmethod
    def answers(cls, settings: Sequence[Mapping[str, Any]]) -> Iterator[Answer]:
        """Train networks of one shape side by side.

        Parameters
        ----------
        settings : sequence of mapping
            See `compute`.

        Yields
        ------
        dict of str to ndarray
            What `compute` returns for each.
        """
        alike: dict[tuple[Any, ...], list[int]] = {}
        for number, setting in enumerate(settings):
            shape = tuple(sizes(setting["features"], setting["layers"]))
            alike.setdefault((shape, setting["activation"]), []).append(number)
        found: dict[int, Answer] = {}
        for (shape, activation), numbers in alike.items():
            runs = train([settings[number] for number in numbers], list(shape), activation)
            found.update(zip(numbers, runs, strict=True))
        for number in range(len(settings)):
            yield found[number]

    @staticmethod
    def describe(answer: Answer, time: int) -> str:
        """Say how far training is, what is right, and whether the test points are left behind.

        Parameters
        ----------
        answer : dict of str to ndarray
            Answer of `Playground.compute`.
        time : int
            Number of the moment, 0 to 20.

        Returns
        -------
        str
            Two or three sentences.
        """
        loss, half = np.rint(1000 * answer["loss"]), POINTS // 2
        right = half - answer["wrong"][time].astype(int)
        words = (
            f"Step {MOMENTS[time]} of {MOMENTS[-1]}: the loss is {loss[time, 0] / 1000:.3f} on the "
            f"training points and {loss[time, 1] / 1000:.3f} on the test points. "
            f"Right are {right[0]} of {half} training points and {right[1]} of {half} test points."
        )
        best = int(loss[: time + 1, 1].argmin())
        if loss[time, 1] > loss[best, 1] + 50 and loss[time, 0] < loss[best, 0]:
            words += (
                f" Since step {MOMENTS[best]} the test loss has risen while the training loss fell."
            )
        return words

    @staticmethod
    def figure(answer: Answer) -> str:
        """Draw the points over what the trained network says of the plane, and the loss below."""
        cells = 50
        at = SIDE * (2 * (np.arange(cells) + 0.5) / cells - 1)
        plane = np.stack(np.meshgrid(at, -at), axis=-1).reshape(-1, 2).astype(np.float32)
        given = inputs(plane, int(answer["sizes"][0]))
        with engine.no_grad():
            logits = restore(answer, -1)(engine.tensor(given)).numpy()
        marks = []
        for name, sign in (("model", 1), ("muted", -1)):
            for level in (0, 1.4, 3.5):
                path = _runs(sign * logits.reshape(cells, cells) > level, 400 / cells)
                marks.append(f'<path d="{path}" fill="{themed(name)}" fill-opacity="0.12"/>')
        for i, ((x, y), label) in enumerate(zip(answer["x"], answer["y"], strict=True)):
            left, top = 200 * (1 + x / SIDE), 200 * (1 - y / SIDE)
            colour = themed("data" if i < POINTS // 2 else "validation")
            paint = f'fill="{colour if label else themed("paper")}" stroke="{colour}"'
            shape = f'circle cx="{left:.1f}" cy="{top:.1f}" r="4"'
            if i >= POINTS // 2:
                shape = f'path d="M{left - 5:.1f},{top:.1f}l5,-5l5,5l-5,5z"'
            marks.append(f'<{shape} {paint} stroke-width="1.5"/>')
        x = np.linspace(38, 384, len(MOMENTS))
        for losses, name in zip(answer["loss"].T, ("data", "validation"), strict=True):
            y = 530 - 80 * np.minimum(losses, 0.8) / 0.8
            curve = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
            stroke = f'stroke="{themed(name)}" stroke-width="2"'
            marks.append(f'<polyline points="{curve}" fill="none" {stroke}/>')
        muted = f'font-size="14.5" fill="{themed("muted")}"'
        marks += [
            f'<path d="M38,450H384M38,530H384" stroke="{themed("line")}"/>',
            f'<text y="433" {muted}>loss on '
            f'<tspan fill="{themed("data")}">training points ● ○</tspan> and on '
            f'<tspan fill="{themed("validation")}">test points ◆ ◇</tspan></text>',
            f'<text x="30" y="454" text-anchor="end" {muted}>0.8</text>',
            f'<text x="30" y="534" text-anchor="end" {muted}>0</text>',
            f'<text x="38" y="549" {muted}>step 0</text>',
            f'<text x="384" y="549" text-anchor="end" {muted}>{MOMENTS[-1]}</text>',
        ]
        return "\n".join(marks)
