"""Three ReLU units: move their kinks and slopes, see the pieces add up, and fold the sum again.

Stands in the gallery. One input, so that the whole function is seen; the second layer is given and
not learned, for what counts here is how many pieces it makes. Left out: training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import nnkit.scratch as engine
from nnkit.explore import Answer, Choice, Control, Explorable, Handles, Switch
from nnkit.models.mlp import mlp
from nnkit.palette import themed

Floats = NDArray[np.float64]

LOW, HIGH = -3.0, 3.0
STEP = 0.1
UNITS = 3
TOLERANCE = 1e-9

# For each unit its weight, bias and output weight; then the output's bias.
PRESETS: dict[str, list[float]] = {
    "a bump": [1, 1, 1.5, 1, 0, -3, 1, -1, 1.5, 0],
    "the absolute value": [1, 0, 1, -1, 0, 1, 1, -2, 0, 0],
    "a straight line": [1, 0, 0.8, -1, 0, -0.8, 1, -2, 0, 0],
    "a zigzag": [-1, 1, -3, 1, 2, -6, 1, 1, 4.5, 10.5],
}
# The second layer: up to 1 at y = -1, down to 0 at y = 0, up to 1 at y = 1, and down again.
FOLD: list[float] = [-1, 1, -2, 1, 1, -3, 1, 0, 2, 5]

NAMES = [
    f"{name} of unit {unit}" for unit in (1, 2, 3) for name in ("Weight", "Bias", "Output weight")
]
HANDLES = Handles(
    names=(*NAMES, "Bias of the output"), ends=(*(3, 3, 6) * UNITS, 12), step=STEP, resets="preset"
)


def network(parameters: Sequence[float] | Floats) -> Any:
    """Make a network of one input, three ReLU units and one output.

    Parameters
    ----------
    parameters : sequence of float or ndarray of float64, shape (10,)
        For each unit its weight, bias and output weight; then the output's bias.

    Returns
    -------
    Module
        From an array of shape (n, 1) to one of shape (n, 1), in float64.
    """
    *units, bias = engine.tensor(np.array(parameters, np.float64))
    weight, shift, output = engine.stack(units).reshape(UNITS, 3).T
    model = mlp(engine, [1, UNITS, 1]).double()
    model.load_state_dict(
        {
            "0.weight": weight[:, None],
            "0.bias": shift,
            "2.weight": output[None],
            "2.bias": bias[None],
        }
    )
    return model


def breakpoints(layers: Sequence[Any], low: float, high: float) -> Floats:
    """Find where a unit of a network of one input switches on or off.

    Between two places where a unit of an earlier layer switches, the pre-activations of the next
    layer are straight, so that their zeros are found exactly; layer by layer.

    Parameters
    ----------
    layers : sequence of Module
        Dense layers and ReLU, in their order; the first has one input.
    low, high : float
        Ends of the interval that is looked at, low < high.

    Returns
    -------
    ndarray of float64, shape (k,)
        The places in ascending order, `low` and `high` among them. Of places that are closer than
        1e-9 together one is left.
    """
    x = np.array([low, high], np.float64)
    for depth, layer in enumerate(layers):
        if isinstance(layer, engine.nn.ReLU):
            z = engine.nn.Sequential(*layers[:depth])(engine.tensor(x[:, None])).detach().numpy()
            left, right = z[:-1], z[1:]
            gap, unit = np.nonzero(left * right < 0)
            a, b = left[gap, unit], right[gap, unit]
            x = np.sort(np.append(x, x[gap] - a * (x[gap + 1] - x[gap]) / (b - a)))
            x = x[np.diff(x, prepend=-np.inf) > TOLERANCE]
    return x


def bends(layers: Sequence[Any], x: Floats) -> NDArray[np.bool_]:
    """Tell at which of its breakpoints a network's output changes its slope.

    A unit that switches bends the output unless its weight onwards is zero, or another unit
    switches at the same place and makes up for it.

    Parameters
    ----------
    layers : sequence of Module
        As in `breakpoints`.
    x : ndarray of float64, shape (k,)
        What `breakpoints` has found.

    Returns
    -------
    ndarray of bool, shape (k,)
        Whether there is a bend; never at the two ends. The straight pieces are one more than
        the bends.
    """
    middle: Any = engine.tensor((x[:-1, None] + x[1:, None]) / 2, requires_grad=True)
    engine.nn.Sequential(*layers)(middle).sum().backward()
    slopes = middle.grad.numpy()[:, 0]
    return np.pad(np.abs(np.diff(slopes)) > TOLERANCE, 1)


def _pixels(x: Floats, y: Floats, box: tuple[float, float, float, float], top: float) -> str:
    """Return a path through points, from -3 to 3 and -top to top, in a box: x, y, width, height."""
    left, up, width, height = box
    px = left + width * (x - LOW) / (HIGH - LOW)
    py = up + height * (top - y) / (2 * top)
    return "M" + "L".join(f"{a:.1f},{b:.1f}" for a, b in zip(px, py, strict=True))


class ReluParts(Explorable):
    """Three ReLU units of one input, their sum, and a second layer that folds it.

    Examples
    --------
    >>> from nnkit.explore.relu import ReluParts
    >>> ReluParts()
    ReluParts explorable
    """

    controls: ClassVar[dict[str, Control]] = {
        "preset": Choice("Begin with", tuple(PRESETS)),
        "fold": Switch("A second layer that folds"),
        "parameters": HANDLES,
    }
    answer_bytes = 5_000
    piece = 8
    size = (400, 490)

    @staticmethod
    def compute(*, preset: str, fold: bool, parameters: list[float] | None) -> Answer:
        r"""Evaluate the network wherever one of its units switches, and find where it bends.

        In one dimension layers of :math:`n_1, \dots, n_L` units make at most :math:`\prod_\ell
        (n_\ell + 1)` pieces, and some networks make as many (Serra, Tjandraatmadja and
        Ramalingam, "Bounding and counting linear regions of deep neural networks", ICML 2018):
        here 4 or, with the second layer, 16. The construction of Montúfar, Pascanu, Cho and Bengio
        ("On the number of linear regions of deep neural networks", NeurIPS 2014), which folds the
        input onto itself, promises :math:`3 \cdot 4 = 12`.

        Parameters
        ----------
        preset : str
            Name of a set of parameters.
        fold : bool
            Whether the sum goes through the second layer.
        parameters : list of float, length 10, or None
            In place of the preset's: for each unit its weight and bias, from -3 to 3, and output
            weight, from -6 to 6; then the output's bias, from -12 to 12.

        Returns
        -------
        dict of str to ndarray
            `parameters`, float64 (10,). `kinks`, float64 (3,): where each unit switches, infinite
            or NaN if nowhere. `x`, float64 (k,): from -3 to 3, all places where a unit of either
            layer switches; all that follows is straight between them. `z` and `parts`, float64
            (3, k): each unit's pre-activation, and its activation times its output weight. `sum`
            and `out`, float64 (k,): the first layer's sum, and what the second makes of it, or
            the same if there is none. `sum_bends` and `bends`, bool (k,): where they change
            their slope. `fold`, bool (): as given.

        Raises
        ------
        ValueError
            If there are not 10 parameters, each in its range.
        """
        numbers = np.array(PRESETS[preset] if parameters is None else parameters, np.float64)
        ends = np.array(HANDLES.ends)
        if numbers.shape != ends.shape or not (np.abs(numbers) <= ends + TOLERANCE).all():
            raise ValueError(
                f"ReluParts: expected {len(ends)} parameters, none beyond {ends.tolist()}, "
                f"got {numbers.tolist()}"
            )
        first, second = list(network(numbers)), list(network(FOLD))
        layers = first + second if fold else first
        x = breakpoints(layers, LOW, HIGH)
        dense, relu, output = first
        z = dense(engine.tensor(x[:, None]))
        parts = relu(z) * output.weight
        total = output(relu(z))
        out = engine.nn.Sequential(*second)(total) if fold else total
        with np.errstate(divide="ignore", invalid="ignore"):
            kinks = -numbers[1:-1:3] / numbers[:-1:3]
        return {
            "parameters": numbers,
            "kinks": kinks,
            "x": x,
            "z": z.detach().numpy().T,
            "parts": parts.detach().numpy().T,
            "sum": total.detach().numpy()[:, 0],
            "out": out.detach().numpy()[:, 0],
            "sum_bends": bends(first, x),
            "bends": bends(layers, x),
            "fold": np.array(fold),
        }

    @staticmethod
    def describe(answer: Answer, time: int) -> str:
        """Say how many straight pieces there are, and how many there can be."""
        parts, pieces = int(answer["sum_bends"].sum()) + 1, int(answer["bends"].sum()) + 1
        straight = f"From −3 to 3 the sum has {parts} straight piece{'s' * (parts > 1)}"
        if not answer["fold"]:
            rest = ", as many as three units can make" if parts == 4 else "; three units can make 4"
            return f"{straight}{rest}."
        rest = "; 3 + 3 units can make 16 in two layers, and 7 in one"
        if pieces == 16:
            rest = ", as many as 3 + 3 units can make in two layers; in one they make 7"
        return f"{straight}. The second layer folds it at y = −1, 0 and 1, into {pieces}{rest}."

    @staticmethod
    def figure(answer: Answer) -> str:
        """Draw each unit's activation, and below them their sum and its bends."""
        x, out, at = answer["x"], answer["out"], answer["bends"]
        model, line = themed("model"), themed("line")
        stroke = f'fill="none" stroke="{model}"'
        marks = []
        for unit, z in enumerate(answer["z"]):
            left = 138 * unit
            activation = _pixels(x, np.maximum(z, 0), (0, 0, 124, 104), 4)
            marks.append(
                f'<svg x="{left}" width="124" height="104" role="none">'
                f'<path d="M0,52H124M62,0V104" stroke="{line}"/>'
                f'<path d="{activation}" {stroke} stroke-width="2"/></svg>'
            )
        box = (0, 0, 400, 240)
        marks.append(
            '<svg y="188" width="400" height="240" role="none">'
            f'<path d="M0,120H400M200,0V240" stroke="{line}"/>'
            + "".join(f'<path d="{_pixels(x, y, box, 2.4)}" {stroke}/>' for y in answer["parts"])
            + f'<path d="{_pixels(x, out, box, 2.4)}" {stroke} stroke-width="3"/>'
        )
        for a, b in zip(x[at], out[at], strict=True):
            px, py = _pixels(np.array([a]), np.array([b]), box, 2.4)[1:].split(",")
            marks.append(
                f'<circle cx="{px}" cy="{py}" r="4" fill="{themed("paper")}" '
                f'stroke="{model}" stroke-width="1.5"/>'
            )
        return "\n".join([*marks, "</svg>"])
