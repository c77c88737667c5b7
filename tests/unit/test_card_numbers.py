"""Numbers on cards that come from a formula are what the engine does, too."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from nnkit import scratch as torch
from nnkit.cards.deck import DECKS, load

CARDS = {card.id: card for card in load(DECKS)}
MEASURES: dict[str, Callable[..., float]] = {}


def measures(card: str) -> Callable[[Callable[..., float]], Callable[..., float]]:
    """Take a function as what measures the answer to a card."""
    return lambda measure: MEASURES.setdefault(card, measure)


def leaf(value: float) -> torch.Tensor:
    return torch.tensor([value], dtype=torch.float64, requires_grad=True)


def gradient(output: torch.Tensor, of: torch.Tensor) -> float:
    output.sum().backward()
    assert of.grad is not None
    return float(of.grad.item())


@measures("gradients.residual-factor")
def residual_factor(w: float, slope: float) -> float:
    """Choose a leaky ReLU that has this slope below 0, where a negative input gets to."""
    x = leaf(-math.copysign(1.0, w))
    return gradient(x + torch.nn.functional.leaky_relu(w * x, slope), x)


@measures("gradients.he")
def he(n: int) -> float:
    """Draw many weights; a uniform distribution ends at √3 times its standard deviation."""
    weight = torch.nn.init.kaiming_uniform_(torch.empty(20_000, n), nonlinearity="relu")
    return float(abs(weight).max().item()) / math.sqrt(3)


@measures("perceptron.pull")
def pull(yz: float) -> float:
    z = leaf(yz)
    target = torch.ones(1, dtype=torch.float64)
    return abs(gradient(torch.nn.functional.binary_cross_entropy_with_logits(z, target), z))


@measures("architectures.cnn-field")
def field(k: int, layers: int) -> float:
    """Count the pixels that the output in the middle has a gradient for."""
    row = torch.zeros(1, 1, 2 * k * layers + 1, requires_grad=True)
    out = row
    for _ in range(layers):
        convolution = torch.nn.Conv1d(1, 1, k, padding=k // 2)
        torch.nn.init.ones_(convolution.weight)
        out = convolution(out)
    out[0, 0, k * layers].backward()
    assert row.grad is not None
    return float((row.grad != 0).sum().item())


@measures("architectures.lstm-kept")
def kept(f: float, steps: int) -> float:
    """Set the gates by their biases: nothing comes in, and f stays."""
    cell = torch.nn.LSTMCell(1, 1)
    for parameter in cell.parameters():
        torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        cell.bias_ih[:] = torch.tensor([-50.0, math.log(f / (1 - f)), 0.0, 0.0])
    h, c = torch.zeros(1, 1), torch.ones(1, 1)
    for _ in range(steps):
        h, c = cell(torch.zeros(1, 1), (h, c))
    return 100 * float(c.item())


@measures("gradients.glorot")
def glorot(n: int, m: int) -> float:
    torch.manual_seed(0)
    draws = [torch.nn.init.xavier_normal_(torch.empty(m, n)).numpy() for _ in range(100)]
    return float(np.std(draws))


@measures("gradients.variance")
def variance(n: int, s: float, square: float) -> float:
    """Draw neurons with inputs of one sign, of which mean square and variance differ."""
    draw = np.random.default_rng(0)
    weights = draw.normal(0, s, (20_000, n))
    inputs = draw.uniform(0, math.sqrt(3 * square), (20_000, n))
    return float((weights * inputs).sum(axis=1).var())


@measures("architectures.gan-best")
def best_judgement(p: float, q: float) -> float:
    logit = leaf(0.0)
    optimizer = torch.optim.SGD([logit], lr=2.0)
    real, made = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    for _ in range(500):
        loss = torch.nn.functional.binary_cross_entropy_with_logits
        optimizer.zero_grad()
        (p * loss(logit, real) + q * loss(logit, made)).backward()
        optimizer.step()
    return float(torch.sigmoid(logit).item())


def distance_after(c: float, rate: float) -> float:
    """How far from the bottom of c/2 w² descent is after many steps from 1."""
    weight = leaf(1.0)
    optimizer = torch.optim.SGD([weight], lr=rate)
    for _ in range(500):
        optimizer.zero_grad()
        (c / 2 * weight**2).sum().backward()
        optimizer.step()
    return abs(float(weight.item()))


@measures("foundations.largest-rate")
def largest_rate(c: float) -> float:
    """Halve the interval between a rate that comes to rest and one that does not."""
    low, high = 0.0, 100.0
    while high - low > 1e-3 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if distance_after(c, middle) < 1 else (low, middle)
    return high


@pytest.mark.parametrize("card", MEASURES)
def test_answer_is_what_the_engine_does(card: str) -> None:
    for row, variant in zip(CARDS[card].parameters, CARDS[card].variants(), strict=True):
        (answer,) = variant.right.answers
        assert MEASURES[card](**row) == pytest.approx(answer, rel=0.03), row
