"""Signals in a deep network before training: how large they are, layer by layer, both ways.

Opens the chapter on what keeps deep stacks trainable. Every number is measured in float32 passes
of real images, over several seeds. Left out: correlations between units and between images, and
all that training does next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import nnkit.scratch as engine
from nnkit.data import digits
from nnkit.explore import Answer, Choice, Control, Explorable, Slider, Switch
from nnkit.palette import themed
from nnkit.scratch import nn
from nnkit.scratch.nn import init

BATCH = 32
SEEDS = 5
STEP = 1 / 128
ZERO, OVERFLOW = -100, 100

ACTIVATIONS: dict[str, Callable[[], Any]] = {
    "ReLU": nn.ReLU,
    "GELU": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}
NORMS = ("none", "batch", "layer")
# How weights are drawn where `Linear` does not draw them itself; biases are then 0.
WEIGHTS: dict[str, Callable[[Any], Any]] = {
    "He": lambda weight: init.kaiming_normal_(weight, nonlinearity="relu"),
    "Xavier": init.xavier_normal_,
    "normal, 0.01": lambda weight: init.normal_(weight, std=0.01),
    "normal, 1": init.normal_,
}


@cache
def batch() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the images that all networks see: shifted and scaled to mean 0 and spread 1.

    Returns
    -------
    x : ndarray of float32, shape (BATCH, 64)
        Digits, one a row.
    labels : ndarray of int64, shape (BATCH,)
        Which digits they are.
    """
    images, labels = digits()
    x = images[:BATCH].reshape(BATCH, -1)
    return (x - x.mean()) / x.std(), labels[:BATCH]


def linear(inputs: int, outputs: int, initialisation: str) -> Any:
    """Make a dense layer whose weights are drawn as asked.

    Parameters
    ----------
    inputs, outputs : int
        Number of features.
    initialisation : str
        A key of `WEIGHTS`, or "PyTorch's", which leaves the layer as `Linear` makes it: weights and
        biases uniform between -1 and 1 over the root of `inputs`.

    Returns
    -------
    Linear
        The layer.
    """
    layer: Any = nn.Linear(inputs, outputs)
    if initialisation in WEIGHTS:
        WEIGHTS[initialisation](layer.weight)
        init.zeros_(layer.bias)
    return layer


@cache
def weights(
    initialisation: str, depth: int, width: int, seed: int
) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Draw the weights and biases of one network.

    Parameters
    ----------
    initialisation : str
        See `linear`.
    depth : int
        Number of layers.
    width : int
        Number of units in each.
    seed : int
        Of the weights.

    Returns
    -------
    list of tuple of ndarray
        Weight, float32 (out, in), and bias, float32 (1, out), of each layer, and of the dense layer
        of ten outputs that follows the last.
    """
    engine.manual_seed(seed)
    sizes = [batch()[0].shape[1], *[width] * depth, 10]
    layers = [linear(inputs, outputs, initialisation) for inputs, outputs in pairwise(sizes)]
    return [(each.weight.detach().numpy(), each.bias.detach().numpy()[None]) for each in layers]


def normalised(z: Any, normalisation: str) -> Any:
    """Normalise the pre-activations of several networks, each network for itself.

    Parameters
    ----------
    z : Tensor, shape (networks, images, units)
        Pre-activations.
    normalisation : str
        "none", "batch" or "layer".

    Returns
    -------
    Tensor, shape (networks, images, units)
        As the module of that name leaves them before it is trained.
    """
    networks, images, units = z.shape
    if normalisation == "layer":
        return nn.functional.layer_norm(z, (units,))
    if normalisation == "batch":  # of which every unit of every network is a feature
        features = z.transpose(0, 1).reshape(images, networks * units)
        of_batch = nn.functional.batch_norm(features, None, None, training=True)
        return of_batch.reshape(images, networks, units).transpose(0, 1)
    return z


def spreads(
    networks: Sequence[tuple[str, int]],
    *,
    depth: int,
    width: int,
    activation: str,
    normalisation: str,
    residual: bool,
) -> NDArray[np.float64]:
    r"""Pass images through networks and their gradients back, and measure both at each layer.

    Layer l computes :math:`\mathbf{a}_l = \phi(N(W_l \mathbf{a}_{l-1} + \mathbf{b}_l))`, with
    :math:`\mathbf{a}_{l-1}` added to it, if there are residual connections and l > 1. A dense layer
    and the cross-entropy of the ten digits follow the last one. All networks run as one: their
    matrices are stacked, and a product of two stacks is the products of their matrices.

    Parameters
    ----------
    networks : sequence of tuple of str and int
        Of each network the initialisation, see `linear`, and the seed of the weights.
    depth : int
        Number of layers.
    width : int
        Number of units in each.
    activation : str
        :math:`\phi`, a key of `ACTIVATIONS`.
    normalisation : str
        N, one of `NORMS`.
    residual : bool
        Whether each layer but the first adds its input to its output.

    Returns
    -------
    ndarray of float64, shape (networks, 2, depth)
        At each layer the standard deviation, over images and units, of the activations and of the
        loss's gradients with respect to them.
    """
    x, labels = batch()
    drawn = [weights(initialisation, depth, width, seed) for initialisation, seed in networks]
    *layers, head = [
        [engine.tensor(np.stack(arrays)) for arrays in zip(*layer, strict=True)]
        for layer in zip(*drawn, strict=True)
    ]
    a = engine.tensor(np.stack([x] * len(networks)), requires_grad=True)  # (networks, images, 64)
    signals: list[Any] = []
    for weight, bias in layers:
        z = normalised(a @ weight.transpose(1, 2) + bias, normalisation)
        out = ACTIVATIONS[activation]()(z)
        a = a + out if residual and signals else out
        a.retain_grad()
        signals.append(a)
    logits = (a @ head[0].transpose(1, 2) + head[1]).reshape(-1, 10)
    target = engine.tensor(np.tile(labels, len(networks)))
    loss = nn.functional.cross_entropy(logits, target, reduction="sum") / BATCH  # a mean for each
    loss.backward()
    measured = [[a.detach().numpy() for a in signals], [a.grad.numpy() for a in signals]]
    with np.errstate(invalid="ignore", over="ignore"):
        spread: NDArray[np.float64] = np.std(measured, axis=(3, 4), dtype=np.float64)
    return np.moveaxis(spread, 2, 0)


def number(log: float, digits: int = 2) -> str:
    """Write a number in few digits, given its logarithm.

    Parameters
    ----------
    log : float
        To base 10.
    digits : int
        How many, 3 at most.

    Returns
    -------
    str
        As "0.71", or as "1.2e-9" below 0.001 and from 1000 on.
    """
    mantissa, _, exponent = f"{10**log:.{digits - 1}e}".partition("e")
    if -3 <= int(exponent) < 3:
        return f"{float(f'{mantissa}e{exponent}'):g}"
    return f"{mantissa}e{int(exponent)}"


class SignalPropagation(Explorable):
    """The spread of activations and of gradients, layer by layer, in networks before training.

    Examples
    --------
    >>> from nnkit.explore.signal import SignalPropagation
    >>> SignalPropagation()
    SignalPropagation explorable
    """

    controls: ClassVar[dict[str, Control]] = {
        "depth": Slider("Layers", low=4, high=64, steps=3, start=2, log=True, whole=True),
        "width": Slider("Units in each", low=8, high=72, steps=3, start=1, log=True, whole=True),
        "activation": Choice("Activation", tuple(ACTIVATIONS)),
        "initialisation": Choice("Initialisation", ("PyTorch's", *WEIGHTS)),
        "normalisation": Choice("Normalisation", NORMS),
        "residual": Switch("Residual connections"),
    }
    answer_bytes = 1200
    steps: ClassVar[Mapping[str, float]] = {"activations": STEP, "gradients": STEP}
    piece = 120
    size = (400, 400)

    @staticmethod
    def compute(*, depth: float, width: float, **network: Any) -> Answer:
        """Measure the spreads in `SEEDS` networks that differ in their seeds alone.

        Parameters
        ----------
        depth, width : float
            Whole numbers, and otherwise as `spreads` takes them.
        **network
            The other parameters of `spreads`.

        Returns
        -------
        dict of str to ndarray
            `activations` and `gradients`, float64 (3, depth): the lowest, the median and the
            highest over the seeds of the spread's logarithm to base 10, rounded to `STEP`. `ZERO`
            stands where the spread is 0, `OVERFLOW` where it is beyond float32 or not a number.
        """
        setting = {"depth": depth, "width": width, **network}
        (answer,) = SignalPropagation.answers([setting])
        return answer

    @classmethod
    def answers(cls, settings: Sequence[Mapping[str, Any]]) -> Iterator[Answer]:
        """Measure the spreads of settings that differ in their initialisation alone at once.

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
            rest = {**setting, "initialisation": None}
            alike.setdefault(tuple(rest.values()), []).append(number)
        found: dict[int, Answer] = {}
        for numbers in alike.values():
            network = {**settings[numbers[0]]}
            del network["initialisation"]
            network |= {"depth": int(network["depth"]), "width": int(network["width"])}
            starts = [settings[number]["initialisation"] for number in numbers]
            runs = spreads(list(product(starts, range(SEEDS))), **network)
            for number, own in zip(numbers, np.split(runs, len(starts)), strict=True):
                found[number] = cls._summary(own)
        for number in range(len(settings)):
            yield found[number]

    @staticmethod
    def _summary(runs: NDArray[np.float64]) -> Answer:
        """Return the lowest, the median and the highest logarithm of `SEEDS` runs' spreads."""
        with np.errstate(divide="ignore"):
            logs = np.nan_to_num(np.log10(runs), nan=OVERFLOW, posinf=OVERFLOW, neginf=ZERO)
        lowest, median, highest = np.sort(np.rint(logs / STEP) * STEP, axis=0)[[0, SEEDS // 2, -1]]
        activations, gradients = np.stack([lowest, median, highest], axis=1)
        return {"activations": activations, "gradients": gradients}

    @staticmethod
    def describe(answer: Answer, time: int) -> str:
        """Say by how much activations and gradients grow or shrink, and where float32 ends.

        Parameters
        ----------
        answer : dict of str to ndarray
            Answer of `SignalPropagation.compute`.
        time : int
            Not used: nothing plays.

        Returns
        -------
        str
            Two sentences, of medians over the seeds.
        """
        up, back = answer["activations"][1], answer["gradients"][1]
        depth = len(up)
        if (up == OVERFLOW).any():
            layer = int(np.argmax(up == OVERFLOW)) + 1
            return (
                f"Activations overflow at layer {layer}: float32 ends at 3.4e38. "
                "What comes after is not a number, and no gradient is."
            )
        if (up == ZERO).any():
            layer = int(np.argmax(up == ZERO)) + 1
            words = f"From layer {layer} on, the spread of activations is exactly 0. "
        else:
            words = (
                f"The spread of activations is {number(up[0])} at layer 1 and {number(up[-1])} at "
                f"layer {depth}: times {number((up[-1] - up[0]) / (depth - 1), 3)} a layer. "
            )
        if (back == OVERFLOW).any():
            layer = depth - int(np.argmax(back[::-1] == OVERFLOW))
            return words + f"On the way back, gradients overflow at layer {layer}."
        if (back == ZERO).any():
            layer = depth - int(np.argmax(back[::-1] == ZERO))
            return words + f"On the way back, gradients are exactly 0 from layer {layer} down to 1."
        fall = back[0] - back[-1]
        return words + (
            f"The gradient at layer 1 is {number(fall)} times that at layer {depth}: "
            f"times {number(fall / (depth - 1), 3)} a layer on the way back."
        )

    @staticmethod
    def figure(answer: Answer) -> str:
        """Draw the medians over the seeds as lines, with a value at either end of the axis."""
        depth = answer["activations"].shape[1]
        medians = {"model": answer["activations"][1], "gradient": answer["gradients"][1]}
        inside = {name: np.abs(logs) < OVERFLOW for name, logs in medians.items()}
        within = np.concatenate([logs[inside[name]] for name, logs in medians.items()])
        low, high = np.floor(min(-3, *within)), np.ceil(max(1, *within))
        marks = [f'<path d="M46,34H396M46,374H396" stroke="{themed("line")}"/>']
        for name, logs in medians.items():
            layers = np.flatnonzero(inside[name])
            x = 46 + 350 * layers / (depth - 1)
            y = 34 + 340 * (high - logs[layers]) / (high - low)
            points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
            stroke = f'fill="none" stroke="{themed(name)}" stroke-width="2"'
            marks.append(f'<polyline points="{points}" {stroke}/>')
        muted = f'font-size="14.5" fill="{themed("muted")}"'
        marks += [
            f'<text y="15" {muted}>standard deviation of '
            f'<tspan fill="{themed("model")}">activations</tspan> and '
            f'<tspan fill="{themed("gradient")}">gradients</tspan></text>',
            f'<text x="38" y="39" text-anchor="end" {muted}>{10**high:g}</text>',
            f'<text x="38" y="379" text-anchor="end" {muted}>{10**low:g}</text>',
            f'<text x="46" y="394" {muted}>1</text>',
            f'<text x="396" y="394" text-anchor="end" {muted}>layer {depth}</text>',
        ]
        return "\n".join(marks)
