"""The numbers in the answers of the architectures deck, and those to which mistakes lead.

Each function takes the numbers of a variant by name. A mistake's name says what went wrong. Counts
of parameters and places are read off the engine's own layers.
"""

import math

import nnkit.scratch as engine

__all__: list[str] = []  # The deck names what it needs.


def _count(module: engine.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


# Parameters of a convolution


def conv_parameters(channels: int, kernels: int, side: int) -> float:
    return _count(engine.nn.Conv2d(channels, kernels, side))


def conv_parameters_without_bias(channels: int, kernels: int, side: int) -> float:
    return channels * kernels * side**2


def conv_parameters_of_one_channel(channels: int, kernels: int, side: int) -> float:
    return kernels * (side**2 + 1)


def conv_parameters_of_one_kernel(channels: int, kernels: int, side: int) -> float:
    return channels * side**2 + 1


# Places of a kernel along one axis


def places(n: int, k: int, s: int, p: int) -> float:
    image = engine.zeros(1, 1, n)
    return float(engine.nn.Conv1d(1, 1, k, stride=s, padding=p)(image).shape[2])


def places_without_padding(n: int, k: int, s: int, p: int) -> float:
    return (n - k) // s + 1


def places_without_last(n: int, k: int, s: int, p: int) -> float:
    return (n + 2 * p - k) // s


def places_without_stride(n: int, k: int, s: int, p: int) -> float:
    return n + 2 * p - k + 1


# The receptive field of kernels in a row, without strides


def field(k: int, layers: int) -> float:
    return layers * (k - 1) + 1


def field_of_one_layer(k: int, layers: int) -> float:
    return k


def field_multiplied(k: int, layers: int) -> float:
    return k * layers


def field_as_power(k: int, layers: int) -> float:
    return float(k**layers)


# Parameters of a recurrent network and of an LSTM, with one bias for each unit


def rnn_parameters(d: int, h: int) -> float:
    return _count(engine.nn.RNN(d, h)) - h  # PyTorch has two biases where one would do


def rnn_parameters_without_state(d: int, h: int) -> float:
    return h * (d + 1)


def rnn_parameters_without_bias(d: int, h: int) -> float:
    return h * (d + h)


def rnn_parameters_of_state_alone(d: int, h: int) -> float:
    return h * (h + 1)


def lstm_parameters(d: int, h: int) -> float:
    return _count(engine.nn.LSTM(d, h)) - 4 * h


def lstm_parameters_of_one_gate(d: int, h: int) -> float:
    return rnn_parameters(d, h)


def lstm_parameters_of_three_gates(d: int, h: int) -> float:
    return 3 * rnn_parameters(d, h)


# What a cell keeps


def kept(f: float, steps: int) -> float:
    cell = 1.0
    for _ in range(steps):
        cell *= f
    return 100 * cell


def kept_by_subtraction(f: float, steps: int) -> float:
    return 100 * (1 - steps * (1 - f))


def kept_after_one_step(f: float, steps: int) -> float:
    return 100 * f


def lost(f: float, steps: int) -> float:
    return 100 - kept(f, steps)


# The discriminator's best answer, p / (p + q)


def best_judgement(p: float, q: float) -> float:
    return p / (p + q)


def judgement_of_fake(p: float, q: float) -> float:
    return q / (p + q)


def judgement_as_ratio(p: float, q: float) -> float:
    return p / q


# The noise in a mixture


def noise_factor(level: float) -> float:
    return math.sqrt(1 - level)


def noise_share(level: float) -> float:
    return 1 - level


def sample_factor(level: float) -> float:
    return math.sqrt(level)


# The level after some steps of one rate, (1 - β)^t


def level(rate: float, steps: int) -> float:
    product = 1.0
    for _ in range(steps):
        product *= 1 - rate
    return product


def level_by_subtraction(rate: float, steps: int) -> float:
    return 1 - rate * steps


def level_of_noise(rate: float, steps: int) -> float:
    return 1 - level(rate, steps)


# Pairs of places between which a causal mask lets attention pass


def causal_pairs(steps: int) -> float:
    return float(engine.tril(engine.ones(steps, steps)).sum().item())


def causal_pairs_without_itself(steps: int) -> float:
    return steps * (steps - 1) / 2


def causal_pairs_without_mask(steps: int) -> float:
    return steps**2


# The cross-entropy of a guess


def guess_loss(symbols: int) -> float:
    logits, target = engine.zeros(1, symbols).double(), engine.zeros(1).long()
    return float(engine.nn.functional.cross_entropy(logits, target).item())


def guess_loss_in_bits(symbols: int) -> float:
    return math.log2(symbols)


def guess_probability(symbols: int) -> float:
    return 1 / symbols
