"""The numbers in the answers of the foundations deck, and those to which mistakes lead.

Each function takes the numbers of a variant by name. A mistake's name says what went wrong. Slopes
and parameters come from the engine, not from a formula that the card repeats.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import nnkit.scratch as engine

__all__: list[str] = []  # The deck names what it needs.


# a = σ(w x + b)


def activation(w: float, b: float, x: float) -> float:
    z = engine.tensor([w * x + b], dtype=engine.float64)
    return float(engine.sigmoid(z).item())


def activation_without_sigmoid(w: float, b: float, x: float) -> float:
    return w * x + b


def activation_without_bias(w: float, b: float, x: float) -> float:
    return activation(w, 0, x)


def activation_of_other_class(w: float, b: float, x: float) -> float:
    return 1 - activation(w, b, x)


# How many parameters


def _parameters(sizes: Sequence[int]) -> int:
    layers = engine.nn.Sequential(*(engine.nn.Linear(n, m) for n, m in pairwise(sizes)))
    return sum(parameter.numel() for parameter in layers.parameters())


def layer_parameters(inputs: int, outputs: int) -> float:
    return _parameters((inputs, outputs))


def layer_parameters_without_bias(inputs: int, outputs: int) -> float:
    return inputs * outputs


def layer_parameters_with_bias_per_input(inputs: int, outputs: int) -> float:
    return inputs * outputs + inputs


def layer_parameters_added(inputs: int, outputs: int) -> float:
    return inputs + outputs


def network_parameters(inputs: int, hidden: int, outputs: int) -> float:
    return _parameters((inputs, hidden, outputs))


def network_parameters_without_biases(inputs: int, hidden: int, outputs: int) -> float:
    return inputs * hidden + hidden * outputs


def network_parameters_as_one_layer(inputs: int, hidden: int, outputs: int) -> float:
    return inputs * outputs + outputs


# The mean of squared errors


def cost(p1: float, t1: float, p2: float, t2: float) -> float:
    predictions, targets = engine.tensor([p1, p2]), engine.tensor([t1, t2])
    return float(engine.nn.functional.mse_loss(predictions.double(), targets.double()).item())


def cost_as_sum(p1: float, t1: float, p2: float, t2: float) -> float:
    return (p1 - t1) ** 2 + (p2 - t2) ** 2


def cost_of_distances(p1: float, t1: float, p2: float, t2: float) -> float:
    return (abs(p1 - t1) + abs(p2 - t2)) / 2


# w - η g


def step(w: float, slope: float, rate: float) -> float:
    weight = engine.tensor([w], dtype=engine.float64, requires_grad=True)
    weight.grad = engine.tensor([slope], dtype=engine.float64)
    engine.optim.SGD([weight], lr=rate).step()
    return float(weight.item())


def step_uphill(w: float, slope: float, rate: float) -> float:
    return w + rate * slope


def step_without_rate(w: float, slope: float, rate: float) -> float:
    return w - slope


def step_by_rate_alone(w: float, slope: float, rate: float) -> float:
    return w - rate


# One step on J = c/2 w²


def parabola_step(c: float, w: float, rate: float) -> float:
    weight = engine.tensor([w], dtype=engine.float64, requires_grad=True)
    (weight**2).sum().mul(c / 2).backward()
    engine.optim.SGD([weight], lr=rate).step()
    return float(weight.item())


def parabola_step_without_curvature(c: float, w: float, rate: float) -> float:
    return w - rate * w


def parabola_step_by_height(c: float, w: float, rate: float) -> float:
    return w - rate * c / 2 * w**2


def parabola_step_with_two(c: float, w: float, rate: float) -> float:
    return w - 2 * rate * c * w


# The rate beyond which descent on J = c/2 w² diverges


def largest_rate(c: float) -> float:
    return 2 / c


def largest_rate_half(c: float) -> float:
    return 1 / c


def largest_rate_is_curvature(c: float) -> float:
    return c


# Updates in some passes


def updates(n: int, m: int, passes: int) -> float:
    batches = engine.utils.data.DataLoader(range(n), batch_size=m)
    return len(batches) * passes


def updates_without_last(n: int, m: int, passes: int) -> float:
    return n // m * passes


def updates_of_samples(n: int, m: int, passes: int) -> float:
    return n * passes


def updates_of_one_pass(n: int, m: int, passes: int) -> float:
    return math.ceil(n / m)


# The slope of (a x + b)²


def chained(a: float, b: float, x: float) -> float:
    at = engine.tensor(x, dtype=engine.float64, requires_grad=True)
    ((a * at + b) ** 2).backward()
    assert at.grad is not None
    return float(at.grad.item())


def chained_without_inner(a: float, b: float, x: float) -> float:
    return 2 * (a * x + b)


def chained_without_outer(a: float, b: float, x: float) -> float:
    return a


def chained_value(a: float, b: float, x: float) -> float:
    return (a * x + b) ** 2


# The slope of the sigmoid, from its output and from its input


def slope_from_output(a: float) -> float:
    return a * (1 - a)


def slope_is_output(a: float) -> float:
    return a


def slope_is_rest(a: float) -> float:
    return 1 - a


def slope_from_input(z: float) -> float:
    at = engine.tensor(z, dtype=engine.float64, requires_grad=True)
    engine.sigmoid(at).backward()
    assert at.grad is not None
    return float(at.grad.item())


def slope_is_sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def slope_of_input_times_rest(z: float) -> float:
    return z * (1 - z)


# a - t, the slope of the logistic loss by z


def logistic_pull(z: float, t: float) -> float:
    at = engine.tensor([z], dtype=engine.float64, requires_grad=True)
    target = engine.tensor([t], dtype=engine.float64)
    engine.nn.functional.binary_cross_entropy_with_logits(at, target).backward()
    assert at.grad is not None
    return float(at.grad.item())


def logistic_pull_reversed(z: float, t: float) -> float:
    return t - 1 / (1 + math.exp(-z))


def logistic_pull_of_raw(z: float, t: float) -> float:
    return z - t


def logistic_pull_of_square(z: float, t: float) -> float:
    a = 1 / (1 + math.exp(-z))
    return (a - t) * a * (1 - a)
