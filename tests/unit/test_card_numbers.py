"""Numbers on cards are what the engine does, what is stored of long runs, or what a sum gives."""

import math
import re
from collections.abc import Callable

import numpy as np
import pytest

import nnkit.scratch as engine
from nnkit.cards.kit.deck import DECKS, load
from nnkit.data import measured

CARDS = {card.id: card for card in load(DECKS)}
MEASURES: dict[str, Callable[..., float]] = {}


def measures(card: str) -> Callable[[Callable[..., float]], Callable[..., float]]:
    """Take a function as what measures the answer to a card."""
    return lambda measure: MEASURES.setdefault(card, measure)


def leaf(value: float) -> engine.Tensor:
    return engine.tensor([value], dtype=engine.float64, requires_grad=True)


def gradient(output: engine.Tensor, of: engine.Tensor) -> float:
    output.sum().backward()
    assert of.grad is not None
    return float(of.grad.item())


@measures("gradients.residual-factor")
def residual_factor(w: float, slope: float) -> float:
    """Choose a leaky ReLU that has this slope below 0, where a negative input gets to."""
    x = leaf(-math.copysign(1.0, w))
    return gradient(x + engine.nn.functional.leaky_relu(w * x, slope), x)


@measures("gradients.he")
def he(n: int) -> float:
    """Draw many weights; a uniform distribution ends at √3 times its standard deviation."""
    weight = engine.nn.init.kaiming_uniform_(engine.empty(20_000, n), nonlinearity="relu")
    return float(abs(weight).max().item()) / math.sqrt(3)


@measures("perceptron.pull")
def pull(yz: float) -> float:
    z = leaf(yz)
    target = engine.ones(1, dtype=engine.float64)
    return abs(gradient(engine.nn.functional.binary_cross_entropy_with_logits(z, target), z))


@measures("architectures.cnn-field")
def field(k: int, layers: int) -> float:
    """Count the pixels that the output in the middle has a gradient for."""
    row = engine.zeros(1, 1, 2 * k * layers + 1, requires_grad=True)
    out = row
    for _ in range(layers):
        convolution = engine.nn.Conv1d(1, 1, k, padding=k // 2)
        engine.nn.init.ones_(convolution.weight)
        out = convolution(out)
    out[0, 0, k * layers].backward()
    assert row.grad is not None
    return float((row.grad != 0).sum().item())


@measures("architectures.lstm-kept")
def kept(f: float, steps: int) -> float:
    """Set the gates by their biases: nothing comes in, and f stays."""
    cell = engine.nn.LSTMCell(1, 1)
    for parameter in cell.parameters():
        engine.nn.init.zeros_(parameter)
    with engine.no_grad():
        cell.bias_ih[:] = engine.tensor([-50.0, math.log(f / (1 - f)), 0.0, 0.0])
    h, c = engine.zeros(1, 1), engine.ones(1, 1)
    for _ in range(steps):
        h, c = cell(engine.zeros(1, 1), (h, c))
    return 100 * float(c.item())


@measures("gradients.glorot")
def glorot(n: int, m: int) -> float:
    engine.manual_seed(0)
    draws = [engine.nn.init.xavier_normal_(engine.empty(m, n)).numpy() for _ in range(100)]
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
    optimizer = engine.optim.SGD([logit], lr=2.0)
    real, made = engine.ones(1, dtype=engine.float64), engine.zeros(1, dtype=engine.float64)
    for _ in range(500):
        loss = engine.nn.functional.binary_cross_entropy_with_logits
        optimizer.zero_grad()
        (p * loss(logit, real) + q * loss(logit, made)).backward()
        optimizer.step()
    return float(engine.sigmoid(logit).item())


def distance_after(c: float, rate: float) -> float:
    """How far from the bottom of c/2 w² descent is after many steps from 1."""
    weight = leaf(1.0)
    optimizer = engine.optim.SGD([weight], lr=rate)
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


# --- Numbers within a text

WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
Says = Callable[[], tuple[str, ...]]
SAID: dict[str, Says] = {}


def says(card: str) -> Callable[[Says], Says]:
    """Take a function as what works out words of a card, numbers included."""
    return lambda words: SAID.setdefault(card, words)


def orders(activation: str, std: float, depth: int) -> float:
    """By how many powers of ten a gradient changes from the last of the layers to the first.

    The layers are 100 wide, as in the chapter on gradients; `std` is relative to 1 / 10, which is
    the rule of Glorot there.
    """
    changes = []
    for seed in range(5):
        draw = np.random.default_rng(seed)
        a, layers = draw.normal(size=(50, 100)), []
        for _ in range(depth):
            weights = draw.normal(0, std / 10, (100, 100))
            z = a @ weights.T
            s = 0.5 + 0.5 * np.tanh(z / 2)
            a, slope = (s, s * (1 - s)) if activation == "sigmoid" else (z * (z > 0), z > 0)
            layers.append((weights, slope))
        last = g = draw.normal(size=a.shape)
        for weights, slope in reversed(layers[1:]):
            g = (slope * g) @ weights
        changes.append(np.log10((g**2).mean() / (last**2).mean()) / 2)
    return float(np.mean(changes))


@says("gradients.vanishing-remedy")
def vanishing_remedy() -> tuple[str, ...]:
    remedies = measured("gradients")["remedies"]
    without, with_them = (
        10 * np.array(remedies[f"sigmoid, Glorot{how}"]["accuracies"]) for how in ("", ", residual")
    )
    assert min(with_them) > 9
    glorot, he = (-orders("sigmoid", std, 50) for std in (1, math.sqrt(2)))
    return (
        "With them, more than nine in ten digits were taken for the right ones; "
        f"without, {WORDS[round(without.mean())]} in ten.",
        f"Over fifty sigmoid layers, {he:.0f} orders of magnitude are still lost, "
        f"instead of {glorot:.0f}.",
    )


@says("gradients.sigmoid-glorot")
def sigmoid_glorot() -> tuple[str, ...]:
    low, high = 1.0, 20.0
    while high - low > 0.1:
        middle = (low + high) / 2
        low, high = (middle, high) if orders("sigmoid", middle, 50) < 0 else (low, middle)
    assert orders("sigmoid", 4, 50) < -3
    return (f"About {WORDS[round(low)]} times as large would keep them; four times is not enough.",)


@says("gradients.residual-small")
def residual_small() -> tuple[str, ...]:
    lost = -orders("ReLU", 0.1, 5)
    return (f"five plain layers of 100 units, gradients already lose more than {WORDS[int(lost)]}",)


@says("gradients.exploding-cause")
def exploding_cause() -> tuple[str, ...]:
    return (f"A factor of 1.1 in each of fifty layers is {1.1**50:.0f} in all.",)


@says("foundations.three-ways")
def three_ways() -> tuple[str, ...]:
    printed = CARDS["foundations.three-ways"].output()
    shares = {name: float(share) for name, share in re.findall(r"(\S+) +([\d.]+) ±", printed)}
    assert min(shares, key=lambda name: shares[name]) == "self-supervised" == list(shares)[1]
    assert abs(shares["self-supervised"] - 100 / 3) < 2
    return ("In the second. A linear map can infer only a third of the lower half's variance",)


@says("diffusion.schedule-few")
def schedule_few() -> tuple[str, ...]:
    stored = measured("diffusion")
    cosine, line = (np.array(stored["plane"][f"{kind}, DDPM"]) for kind in ("cosine", "linear"))
    ratio = dict(zip(stored["steps"], (cosine / line).mean(axis=0), strict=True))
    return (
        f"At 8 steps DDPM's distance fell to {ratio[8]:.2f} of the line's, at 128 to "
        f"{ratio[128]:.2f}.",
    )


@says("diffusion.accuracy-alone")
def accuracy_alone() -> tuple[str, ...]:
    runs = [run["linear, DDIM, 1"] for run in measured("diffusion")["digits"]]
    assert {run["accuracy"] for run in runs} == {1.0}
    spread = np.mean([run["spread"] for run in runs])
    assert round(1 / spread) == 8
    return ("every digit is taken for the right class", "the spread was an eighth of that of real")


@says("backprop.smaller-h")
def smaller_h() -> tuple[str, ...]:
    """Differentiate the cost of the chapter on backpropagation."""

    def digits(h: float) -> str:
        at = np.random.default_rng(0).uniform(-2, 2, 200)
        up, down = (np.log(1 + np.exp(np.sin(3 * w))) for w in (at + h, at - h))
        slope = 3 * np.cos(3 * at) / (1 + np.exp(-np.sin(3 * at)))
        error = np.median(abs((up - down) / (2 * h * slope) - 1))
        return WORDS[round(-math.log10(error))]

    return (
        f"At $10^{{-5}}$ {digits(1e-5)} digits are right, at $10^{{-12}}$ about {digits(1e-12)}.",
    )


@pytest.mark.parametrize("card", SAID)
def test_number_within_a_text_is_what_is_stored_or_worked_out(card: str) -> None:
    text = "\n".join([CARDS[card].front, CARDS[card].back, *CARDS[card].wrong.values()])
    for words in SAID[card]():
        assert words in text
