"""The numbers in the answers of the backpropagation deck, and those to which mistakes lead.

Each function takes the numbers of a variant by name. A mistake's name says what went wrong. Slopes
come from the engine.
"""

import math

import nnkit.scratch as engine

__all__: list[str] = []  # The deck names what it needs.


def _leaf(value: float) -> engine.Tensor:
    return engine.tensor(value, dtype=engine.float64, requires_grad=True)


# A central difference of w³


def central(w: float, h: float) -> float:
    return ((w + h) ** 3 - (w - h) ** 3) / (2 * h)


def one_sided(w: float, h: float) -> float:
    return ((w + h) ** 3 - w**3) / h


def not_halved(w: float, h: float) -> float:
    return 2 * central(w, h)


def exact_slope(w: float, h: float) -> float:
    return 3 * w**2


# Passes for all weights


def passes(weights: int) -> float:
    return 2 * weights


def passes_one_sided(weights: int) -> float:
    return weights + 1


def passes_of_backward(weights: int) -> float:
    return 3


# dL/dw of L = (w x + b - t)²


def neuron_slope(w: float, x: float, b: float, t: float) -> float:
    weight = _leaf(w)
    ((weight * x + b - t) ** 2).backward()
    assert weight.grad is not None
    return float(weight.grad.item())


def neuron_slope_without_input(w: float, x: float, b: float, t: float) -> float:
    return 2 * (w * x + b - t)


def neuron_slope_without_two(w: float, x: float, b: float, t: float) -> float:
    return (w * x + b - t) * x


def neuron_loss(w: float, x: float, b: float, t: float) -> float:
    return (w * x + b - t) ** 2


# A number that is used twice: y = x² + a x


def twice(x: float, a: float) -> float:
    at = _leaf(x)
    (at * at + a * at).backward()
    assert at.grad is not None
    return float(at.grad.item())


def twice_last_use(x: float, a: float) -> float:
    return a


def twice_first_use(x: float, a: float) -> float:
    return 2 * x


def twice_multiplied(x: float, a: float) -> float:
    return 2 * x * a


# p - [k = t] for two classes


def logit_slope(z1: float, z2: float) -> float:
    logits = engine.tensor([[z1, z2]], dtype=engine.float64, requires_grad=True)
    engine.nn.functional.cross_entropy(logits, engine.tensor([0])).backward()
    assert logits.grad is not None
    return float(logits.grad[0, 0].item())


def logit_probability(z1: float, z2: float) -> float:
    return 1 / (1 + math.exp(z2 - z1))


def logit_slope_of_other(z1: float, z2: float) -> float:
    return 1 - logit_probability(z1, z2)


# The gradient of a bias over a batch


def bias_slope(g1: float, g2: float, g3: float) -> float:
    layer = engine.nn.Linear(1, 1).double()
    g = engine.tensor([[g1], [g2], [g3]], dtype=engine.float64)
    layer(engine.zeros(3, 1, dtype=engine.float64)).backward(g)
    assert layer.bias is not None
    assert layer.bias.grad is not None
    return float(layer.bias.grad.item())


def bias_slope_as_mean(g1: float, g2: float, g3: float) -> float:
    return (g1 + g2 + g3) / 3


def bias_slope_of_last(g1: float, g2: float, g3: float) -> float:
    return g3


# What two backward passes leave without clearing


def accumulated(x1: float, x2: float) -> float:
    weight = _leaf(1.0)
    for x in (x1, x2):
        (weight * x).backward()
    assert weight.grad is not None
    return float(weight.grad.item())


def accumulated_last(x1: float, x2: float) -> float:
    return x2


def accumulated_mean(x1: float, x2: float) -> float:
    return (x1 + x2) / 2
