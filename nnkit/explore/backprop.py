"""A computational graph at work: values forward, then gradients backward, an edge at a time.

Belongs to the chapter on backpropagation. The local derivative of each edge is the engine's own;
what is done with them here, products along paths and sums over them, is what `loss.backward()`
does. Every number is a scalar. Left out: which edges need no gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

import nnkit.scratch as engine
from nnkit.explore import Answer, Choice, Control, Explorable, Handles, Time
from nnkit.palette import themed

STEP = 0.1
TOLERANCE = 1e-9
INPUTS = ("w", "x", "b", "t")
START = (0.8, 1.0, -0.3, -0.5)
HANDLES = Handles(
    names=("Weight w", "Input x", "Bias b", "Target t"), ends=(2,) * len(INPUTS), step=STEP
)


@dataclass(frozen=True)
class Operation:
    """A node that is computed.

    Parameters
    ----------
    name : str
        Its symbol.
    formula : str
        How it is made from its inputs, as the reader sees it.
    inputs : tuple of str
        Symbols of the nodes that it is made from.
    function : callable
        From their tensors to its own.
    place : tuple of int
        Where it is drawn, in units of the drawing, and on which side its text is: -1 left, 1 right.
    """

    name: str
    formula: str
    inputs: tuple[str, ...]
    function: Callable[..., Any]
    place: tuple[int, int, int]


@dataclass(frozen=True)
class Graph:
    """A way from the inputs w, x, b and t to a loss.

    Parameters
    ----------
    places : tuple of tuple of int
        Where each input is drawn, as for an operation.
    operations : tuple of Operation
        The other nodes, each after those that it is made from; the last is the loss.
    """

    places: tuple[tuple[int, int, int], ...]
    operations: tuple[Operation, ...]

    def names(self) -> list[str]:
        """Return the symbols of all nodes.

        Returns
        -------
        list of str
            The inputs, then the operations.
        """
        return [*INPUTS, *(operation.name for operation in self.operations)]


def _affine(w: Any, x: Any, b: Any) -> Any:
    return w * x + b


def _square(e: Any) -> Any:
    return e**2


def _minus(a: Any, t: Any) -> Any:
    return a - t


GRAPHS = {
    "a neuron": Graph(
        ((18, 44, 1), (152, 44, 1), (286, 44, 1), (286, 290, 1)),
        (
            Operation("u", "w x", ("w", "x"), lambda w, x: w * x, (85, 126, 1)),
            Operation("z", "u + b", ("u", "b"), lambda u, b: u + b, (150, 208, 1)),
            Operation("a", "tanh z", ("z",), engine.tanh, (150, 290, 1)),
            Operation("e", "a − t", ("a", "t"), _minus, (206, 372, 1)),
            Operation("L", "e²", ("e",), _square, (206, 454, 1)),
        ),
    ),
    "a skip connection": Graph(
        ((18, 44, 1), (286, 44, 1), (152, 44, 1), (286, 290, 1)),
        (
            Operation("z", "w x + b", ("w", "x", "b"), _affine, (130, 126, -1)),
            Operation("h", "tanh z", ("z",), engine.tanh, (130, 208, -1)),
            Operation("y", "x + h", ("x", "h"), lambda x, h: x + h, (170, 290, -1)),
            Operation("e", "y − t", ("y", "t"), _minus, (236, 372, 1)),
            Operation("L", "e²", ("e",), _square, (236, 454, 1)),
        ),
    ),
    "a shared weight": Graph(
        ((152, 44, 1), (18, 44, 1), (286, 44, 1), (286, 372, 1)),
        (
            Operation("z1", "w x + b", ("w", "x", "b"), _affine, (130, 126, -1)),
            Operation("h1", "tanh z1", ("z1",), engine.tanh, (130, 208, -1)),
            Operation("z2", "w h1 + b", ("w", "h1", "b"), _affine, (206, 290, 1)),
            Operation("h2", "tanh z2", ("z2",), engine.tanh, (180, 372, -1)),
            Operation("e", "h2 − t", ("h2", "t"), _minus, (236, 454, 1)),
            Operation("L", "e²", ("e",), _square, (236, 536, 1)),
        ),
    ),
}


def number(value: float) -> str:
    """Write a number with three decimals, halves away from zero, as the page does.

    Parameters
    ----------
    value : float
        Any finite number.

    Returns
    -------
    str
        Such as `−0.125`, with a minus sign that is as long as a plus.
    """
    thousandths = math.floor(abs(value) * 1000 + 0.5)
    sign = "−" if value < 0 and thousandths > 0 else ""
    return f"{sign}{thousandths // 1000}.{thousandths % 1000:03d}"


class BackpropGraph(Explorable):
    """Three small graphs of scalars, run forward and backward step by step.

    Examples
    --------
    >>> from nnkit.explore.backprop import BackpropGraph
    >>> BackpropGraph()
    BackpropGraph explorable
    """

    controls: ClassVar[dict[str, Control]] = {
        "graph": Choice("Graph", tuple(GRAPHS)),
        "inputs": HANDLES,
        "step": Time("Step", along="gradients"),
    }
    answer_bytes = 10_000
    piece = 3
    size = (400, 494)

    @staticmethod
    def compute(*, graph: str, inputs: list[float] | None) -> Answer:
        r"""Run a graph forward, and back by the chain rule with the engine's local derivatives.

        The share that an edge from node :math:`i` to node :math:`j` brings is
        :math:`\frac{\partial L}{\partial v_j} \frac{\partial v_j}{\partial v_i}`, and the gradient
        at :math:`i` is the sum of its shares (Rumelhart, Hinton and Williams, "Learning
        representations by back-propagating errors", Nature 323, 1986, equations 4 to 7).

        Parameters
        ----------
        graph : str
            Name of the graph.
        inputs : list of float, length 4, or None
            Values of w, x, b and t, from -2 to 2; None for those at first.

        Returns
        -------
        dict of str to ndarray
            For n nodes, of which k are computed, and m edges: `graph`, int64 (): which it is.
            `places`, int64 (n, 3): where nodes are drawn, and the side that their text is on.
            `values`, float64 (n,): of w, x, b and t, then of the operations in their order.
            `edges`, int64 (m, 2): from which node to which, in the order in which they are gone
            back. `local`, float64 (m,): derivative of the one by the other. `shares`, float64
            (m,): what the edge brings back. `gradients`, float64 (k + m + 2, n): of the loss, as
            far as they are known at the start and after each of k steps forward, one to the loss
            itself, and m backward; NaN where nothing is.

        Raises
        ------
        ValueError
            If there are not 4 inputs, each from -2 to 2.
        """
        start = np.array(START if inputs is None else inputs, np.float64)
        if (
            start.shape != (len(INPUTS),)
            or not (np.abs(start) <= HANDLES.ends[0] + TOLERANCE).all()
        ):
            raise ValueError(
                f"BackpropGraph: expected {len(INPUTS)} inputs from -2 to 2, got {start.tolist()}"
            )
        chosen = GRAPHS[graph]
        names = chosen.names()
        values = dict(zip(INPUTS, engine.tensor(start), strict=True))
        local: dict[str, Any] = {}
        for made in chosen.operations:
            known = [values[name].detach().requires_grad_() for name in made.inputs]
            out = made.function(*known)
            local[made.name] = engine.autograd.grad(out, known)
            values[made.name] = out.detach()

        gradients = np.full((len(chosen.operations) + 2, len(names)), np.nan)
        gradients[-1, -1] = 1
        edges, derivatives, shares = [], [], []
        for made in reversed(chosen.operations):
            j = names.index(made.name)
            for name, derivative in zip(made.inputs, local[made.name], strict=True):
                i = names.index(name)
                share = gradients[-1, j] * derivative.item()
                reached = gradients[-1].copy()
                reached[i] = np.nan_to_num(reached[i]) + share
                gradients = np.vstack([gradients, reached])
                edges.append((i, j))
                derivatives.append(derivative.item())
                shares.append(share)
        return {
            "graph": np.array(list(GRAPHS).index(graph)),
            "places": np.array([*chosen.places, *(made.place for made in chosen.operations)]),
            "values": np.array([values[name].item() for name in names]),
            "edges": np.array(edges),
            "local": np.array(derivatives),
            "shares": np.array(shares),
            "gradients": gradients,
        }

    @staticmethod
    def describe(answer: Answer, time: int) -> str:
        """Say in words what one step computes.

        Parameters
        ----------
        answer : dict of str to ndarray
            Answer of `BackpropGraph.compute`.
        time : int
            Number of steps taken, 0 to the last.

        Returns
        -------
        str
            One to three sentences.
        """
        graph = list(GRAPHS.values())[int(answer["graph"])]
        names, count = graph.names(), len(graph.operations)
        if time == 0:
            return f"Known are {', '.join(INPUTS[:-1])} and {INPUTS[-1]}. Nothing is computed yet."
        if time <= count:
            made = graph.operations[time - 1]
            value = number(answer["values"][len(INPUTS) + time - 1])
            return f"Forward {time} of {count}: {made.name} = {made.formula} = {value}."
        edge = time - count - 2
        if edge < 0:
            loss = number(answer["values"][-1])
            return f"Forward is done: L = {loss}. The way back begins with ∂L/∂L = 1."
        source, target = (names[node] for node in answer["edges"][edge])
        factors = [answer["gradients"][-1][answer["edges"][edge, 1]], answer["local"][edge]]
        words = (
            f"Backward {edge + 1} of {len(answer['edges'])}: ∂L/∂{target} × ∂{target}/∂{source} = "
            f"{number(factors[0])} × {number(factors[1])} = {number(answer['shares'][edge])}."
        )
        paths = answer["edges"][:, 0] == answer["edges"][edge, 0]
        so_far, all_paths = int(paths[: edge + 1].sum()), int(paths.sum())
        if so_far < all_paths:
            words += f" It is the first of {all_paths} shares of ∂L/∂{source}."
        elif all_paths > 1:
            total = number(answer["gradients"][time][answer["edges"][edge, 0]])
            words += f" The shares of ∂L/∂{source} add up to {total}."
        if edge == len(answer["edges"]) - 1:
            inputs = answer["gradients"][-1][: len(INPUTS)]
            most = int(np.abs(inputs).argmax())
            name, steepest = INPUTS[most], number(inputs[most])
            if inputs[most] == 0:
                words += " No input moves L, for it is 0."
            else:
                words += f" Of the inputs, {name} moves L most: ∂L/∂{name} = {steepest}."
        return words

    @staticmethod
    def figure(answer: Answer) -> str:
        """Draw the nodes with their values and gradients, and each edge's local derivative."""
        graph = list(GRAPHS.values())[int(answer["graph"])]
        ink, paper, line, green = (themed(name) for name in ("ink", "paper", "line", "gradient"))
        marks = []
        for (i, j), derivative in zip(answer["edges"], answer["local"], strict=True):
            (x1, y1), (x2, y2) = answer["places"][[i, j], :2]
            marks.append(f'<path d="M{x1},{y1}L{x2},{y2}" stroke="{line}"/>')
            marks.append(
                f'<text x="{(x1 + x2) / 2:g}" y="{(y1 + y2) / 2:g}" text-anchor="middle" '
                f'font-size="14.5" fill="{green}">× {number(derivative)}</text>'
            )
        for node, name in enumerate(graph.names()):
            x, y, side = answer["places"][node]
            beside = f'x="{x + 20 * side}" text-anchor="{"start" if side > 0 else "end"}" '
            value, gradient = answer["values"][node], answer["gradients"][-1, node]
            marks.append(
                f'<circle cx="{x}" cy="{y}" r="15" fill="{paper}" stroke="{ink}"/>'
                f'<text x="{x}" y="{y + 5}" text-anchor="middle" font-size="15" fill="{ink}">{name}'
                f'</text><text {beside} y="{y + 6}" font-size="14.5" fill="{ink}">'
                f'{number(value)}</text><text {beside} y="{y + 23}" font-size="14.5" '
                f'fill="{green}">{number(gradient)}</text>'
            )
        return "\n".join(marks)
