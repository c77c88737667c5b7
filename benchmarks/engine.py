"""Time one training step of the engine against PyTorch and its peers, all in one process.

A step is the forward pass, the loss, the backward pass and Adam. Each trial runs every contender
once, in turn, and takes its time as a multiple of PyTorch's in the same trial, so that a slow
moment of the machine hits all alike; all start from the same weights, and their first losses are
compared. Everything is measured twice, in a process of one thread and
in one of as many as the libraries choose. The peers' programs use the best that each offers; a
model that a peer has no layers for is left out.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import autograd
import autograd.numpy
import mygrad
import numpy as np
import torch
from autograd.scipy.special import logsumexp
from mygrad.nnet.activations import relu as mygrad_relu
from mygrad.nnet.layers import conv_nd, max_pool
from mygrad.nnet.losses import softmax_crossentropy

from nnkit import scratch
from nnkit.models.char_rnn import char_rnn
from nnkit.models.cnn import cnn
from nnkit.models.gpt import GPTConfig, gpt
from nnkit.models.mlp import mlp

TRIALS = 60
SYMBOLS = 64
RESULTS = Path(__file__).with_suffix(".json")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

Step = Callable[[], float]  # returns the loss
Array = np.ndarray[Any, Any]

# Name, model on an engine, shapes of input and target (symbols and labels below SYMBOLS).
WORKLOADS: dict[str, tuple[Callable[[ModuleType], Any], tuple[int, ...], tuple[int, ...]]] = {
    "MLP 64-128-10, batch 64": (lambda t: mlp(t, [64, 128, 10]), (64, 64), (64,)),
    "MLP 784-256-10, batch 256": (lambda t: mlp(t, [784, 256, 10]), (256, 784), (256,)),
    "CNN 16-32 on 8×8, batch 64": (lambda t: cnn(t, 8, 10), (64, 1, 8, 8), (64,)),
    "CNN 16-32 on 28×28, batch 64": (lambda t: cnn(t, 28, 10), (64, 1, 28, 28), (64,)),
    "LSTM 64, 32 steps, batch 32": (lambda t: char_rnn(t, SYMBOLS), (32, 32), (32, 32)),
    "GPT 4×64, context 32, batch 16": (lambda t: gpt(t, GPTConfig(SYMBOLS)), (16, 32), (16, 32)),
    "denoiser 3-128-128-2, batch 256": (lambda t: mlp(t, [3, 128, 128, 2]), (256, 3), (256, 2)),
}


def batch(name: str) -> tuple[Array, Array]:
    """Return input and target of a workload."""
    _, shape, target = WORKLOADS[name]
    rng = np.random.default_rng(0)
    sequences = name.startswith(("LSTM", "GPT"))
    x = rng.integers(SYMBOLS, size=shape) if sequences else rng.normal(size=shape)
    y = rng.normal(size=target) if "denoiser" in name else rng.integers(10, size=target)
    return tuple(a.astype(np.float32) if a.dtype.kind == "f" else a for a in (x, y))  # type: ignore[return-value]


def weights(name: str) -> dict[str, Any]:
    """Return the weights that all contenders start from, by name."""
    torch.manual_seed(0)
    model = WORKLOADS[name][0](torch)
    return {key: value.numpy().copy() for key, value in model.state_dict().items()}


def engine_step(engine: ModuleType, name: str) -> Step:
    """Return a step in PyTorch's words, on either engine."""
    model = WORKLOADS[name][0](engine)
    model.load_state_dict({key: engine.tensor(value) for key, value in weights(name).items()})
    x, y = map(engine.tensor, batch(name))
    optimizer = engine.optim.Adam(model.parameters(), lr=1e-3)
    squared = "denoiser" in name

    def step() -> float:
        out = model(x)
        if isinstance(out, tuple):
            out, _ = out
        if squared:
            loss = engine.nn.functional.mse_loss(out, y)
        else:
            flat = out.reshape(-1, out.shape[-1])
            loss = engine.nn.functional.cross_entropy(flat, y.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step


def adam(parameters: Sequence[Array]) -> Callable[[Sequence[Array]], None]:
    """Return Adam for a peer that has none that works in place."""
    m, v = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    count = 0

    def update(gradients: Sequence[Array]) -> None:
        nonlocal count
        count += 1
        rate = 1e-3 * np.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        for p, g, mean, square in zip(parameters, gradients, m, v, strict=True):
            mean += 0.1 * (g - mean)
            square += 0.001 * (g * g - square)
            p -= (rate * mean / (np.sqrt(square) + 1e-8)).astype(p.dtype)

    return update


def perceptron_of(np_: Any, relu: Callable[[Any], Any], p: Sequence[Any], x: Any) -> Any:
    """Return the output of an MLP in the words of NumPy."""
    for weight, bias in zip(p[:-2:2], p[1:-2:2], strict=True):
        x = relu(np_.matmul(x, weight.T) + bias)
    return np_.matmul(x, p[-2].T) + p[-1]


def convolutions_of(p: Sequence[Any], x: Any) -> Any:
    """Return the output of the CNN in the words of MyGrad."""
    for weight, bias in ((p[0], p[1]), (p[2], p[3])):
        x = conv_nd(x, weight, stride=1, padding=1) + bias.reshape(1, -1, 1, 1)
        x = max_pool(mygrad_relu(x), (2, 2), 2)
    return mygrad.matmul(x.reshape(len(x), -1), p[4].T) + p[5]


def memory_of(np_: Any, p: Sequence[Any], x: Any) -> Any:
    """Return the logits of the character RNN in the words of NumPy."""
    embedding, w, u, b, c, head, head_bias = p
    width = u.shape[1]
    h = cell = np.zeros((len(x), width), np.float32)
    inner = np_.matmul(embedding[x], w.T) + b + c
    states = []
    for t in range(x.shape[1]):
        a = inner[:, t] + np_.matmul(h, u.T)
        i, f, g, o = (a[:, k * width : (k + 1) * width] for k in range(4))
        i, f, o = (0.5 + 0.5 * np_.tanh(0.5 * gate) for gate in (i, f, o))
        cell = f * cell + i * np_.tanh(g)
        h = o * np_.tanh(cell)
        states.append(h)
    hidden = np_.stack(states, 1).reshape(-1, width)
    return np_.matmul(hidden, head.T) + head_bias


def peer_output(np_: Any, relu: Callable[[Any], Any], name: str) -> Callable[..., Any] | None:
    """Return the forward pass of a workload for a peer, if it has the layers."""
    if name.startswith("CNN"):
        return convolutions_of if np_ is mygrad else None
    if name.startswith("LSTM"):
        return partial(memory_of, np_)
    return None if name.startswith("GPT") else partial(perceptron_of, np_, relu)


def mygrad_step(name: str) -> Step | None:
    """Return a step in MyGrad."""
    output = peer_output(mygrad, mygrad_relu, name)
    if output is None:
        return None
    x, y = batch(name)
    arrays = list(weights(name).values())
    parameters = [mygrad.tensor(array, copy=False) for array in arrays]
    update = adam(arrays)
    squared = "denoiser" in name

    def step() -> float:
        out = output(parameters, x)
        loss = ((out - y) ** 2).mean() if squared else softmax_crossentropy(out, y.ravel())
        loss.backward()
        update([p.grad for p in parameters])
        for p in parameters:
            p.null_grad()
        return float(loss)

    return step


def autograd_step(name: str) -> Step | None:
    """Return a step in autograd."""
    anp = autograd.numpy
    output = peer_output(anp, lambda a: anp.maximum(a, 0), name)
    if output is None:
        return None
    x, y = batch(name)
    parameters = list(weights(name).values())
    update = adam(parameters)
    squared = "denoiser" in name

    def loss(p: Sequence[Any]) -> Any:
        out = output(p, x)
        if squared:
            return anp.mean((out - y) ** 2)
        return anp.mean(logsumexp(out, axis=1) - out[np.arange(y.size), y.ravel()])

    loss_and_slopes = autograd.value_and_grad(loss)

    def step() -> float:
        value, slopes = loss_and_slopes(parameters)
        update(slopes)
        return float(value)

    return step


def measure() -> dict[str, dict[str, list[float]]]:
    """Return, for each workload and contender, median and 5th and 95th percentile of the ratio."""
    ratios: dict[str, dict[str, list[float]]] = {}
    for name in WORKLOADS:
        steps = {
            "PyTorch": engine_step(torch, name),
            "engine": engine_step(scratch, name),
            "MyGrad": mygrad_step(name),
            "autograd": autograd_step(name),
        }
        runs = {who: step for who, step in steps.items() if step is not None}
        first = {who: run() for who, run in runs.items()}
        for who, loss in first.items():
            assert abs(loss - first["PyTorch"]) < 1e-4 * loss, (name, who, first)
        seconds = {who: np.empty(TRIALS) for who in runs}
        for trial in range(-3, TRIALS):  # the first three warm up, and are overwritten
            for who, run in runs.items():
                start = time.perf_counter()
                run()
                seconds[who][trial] = time.perf_counter() - start
        ratios[name] = {"PyTorch, ms": [1e3 * float(np.median(seconds["PyTorch"]))]}
        for who, times in seconds.items():
            if who != "PyTorch":
                spread = np.percentile(times / seconds["PyTorch"], [50, 5, 95])
                ratios[name][who] = [round(float(ratio), 3) for ratio in spread]
    return ratios


def report(threads: str, ratios: dict[str, dict[str, list[float]]]) -> None:
    """Print the ratios to PyTorch's time, median and range, and their geometric means."""
    print(f"One training step, time relative to PyTorch's, {threads}: median (5 % to 95 %)")
    columns = ["engine", "MyGrad", "autograd"]
    print(" " * 33 + "PyTorch" + "".join(f"{who:>22}" for who in columns))
    for name, row in ratios.items():
        cells = [
            "{:6.2f} ({:5.2f} to {:5.2f})".format(*row[who]) if who in row else "-"
            for who in columns
        ]
        print(f"  {name:31}{row['PyTorch, ms'][0]:5.2f}ms" + "".join(f"{c:>22}" for c in cells))
    logs = [np.log(row["engine"][0]) for row in ratios.values()]
    print(f"  geometric mean of the engine's: {np.exp(np.mean(logs)):.2f}")


def main() -> None:
    """Measure in a process for each number of threads, print, and write the figures down."""
    if sys.argv[1:] == ["--measure"]:
        print(json.dumps(measure()))
        return
    results = {}
    for threads in ("one thread", "default threads"):
        env = {key: value for key, value in os.environ.items() if key not in THREADS}
        if threads == "one thread":
            env |= dict.fromkeys(THREADS, "1")
        command = [sys.executable, __file__, "--measure"]
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE)
        results[threads] = json.loads(done.stdout)
        report(threads, results[threads])
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
