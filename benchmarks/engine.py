"""Time one training step of the engine against PyTorch and its peers, all in one process.

A step is the forward pass, the loss, the backward pass and Adam. Each trial runs every contender
once, in an order drawn by lot, and takes its time as a multiple of PyTorch's in the same trial, so
that a slow moment of the machine hits all alike. All start from the same weights, and their first
losses are compared. Everything is measured twice, in a process of one thread and in one of as many
as the libraries choose. The peers' programs use the best that each offers.

Measured besides: where the engine's time goes, the memory of a process that trains, the time an
import takes. All of it is printed and written to `engine.json`, from which the book's page draws.
"""

import cProfile
import json
import os
import platform
import pstats
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from math import pi, sqrt
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import autograd
import autograd.numpy
import mygrad
import numpy as np
import torch
from autograd.scipy.special import erf, logsumexp
from micrograd.nn import MLP
from mygrad.nnet.activations import relu, softmax
from mygrad.nnet.layers import conv_nd, max_pool
from mygrad.nnet.losses import softmax_crossentropy

from nnkit import scratch
from nnkit.models.char_rnn import char_rnn
from nnkit.models.cnn import cnn
from nnkit.models.gpt import GPTConfig, gpt
from nnkit.models.mlp import mlp

TRIALS = 200  # at most, and no more than fit into
SECONDS = 15
SYMBOLS = 64
RESULTS = Path(__file__).with_suffix(".json")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
LIBRARIES = ("numpy", "torch", "mygrad", "autograd", "micrograd")

Step = Callable[[], float]  # returns the loss
Array = np.ndarray[Any, Any]


class Workload(NamedTuple):
    """A model on an engine, the shapes of its input and target, and what these hold."""

    model: Callable[[ModuleType], Any]
    x: tuple[int, ...]
    y: tuple[int, ...]
    kind: str = "dense"
    squared: bool = False  # the loss, and numbers for targets in the place of labels


WORKLOADS = {
    "MLP 64-128-10, one sample": Workload(
        lambda t: mlp(t, [64, 128, 10]), (1, 64), (1, 10), squared=True
    ),
    "MLP 64-128-10, batch 64": Workload(lambda t: mlp(t, [64, 128, 10]), (64, 64), (64,)),
    "MLP 784-256-10, batch 256": Workload(lambda t: mlp(t, [784, 256, 10]), (256, 784), (256,)),
    "MLP 3-128-128-2, batch 256": Workload(
        lambda t: mlp(t, [3, 128, 128, 2]), (256, 3), (256, 2), squared=True
    ),
    "CNN 16-32 on 8×8, batch 64": Workload(lambda t: cnn(t, 8, 10), (64, 1, 8, 8), (64,), "CNN"),
    "CNN 16-32 on 28×28, batch 64": Workload(
        lambda t: cnn(t, 28, 10), (64, 1, 28, 28), (64,), "CNN"
    ),
    "LSTM 64, 32 steps, batch 32": Workload(
        lambda t: char_rnn(t, SYMBOLS), (32, 32), (32, 32), "LSTM"
    ),
    "GPT 4×64, context 32, batch 16": Workload(
        lambda t: gpt(t, GPTConfig(SYMBOLS)), (16, 32), (16, 32), "GPT"
    ),
}


def batch(work: Workload) -> tuple[Array, Array]:
    """Return input and target of a workload."""
    rng = np.random.default_rng(0)
    symbols = work.kind in ("LSTM", "GPT")
    x = rng.integers(SYMBOLS, size=work.x) if symbols else rng.normal(size=work.x)
    y = rng.normal(size=work.y) if work.squared else rng.integers(10, size=work.y)
    return tuple(a.astype(np.float32) if a.dtype.kind == "f" else a for a in (x, y))  # type: ignore[return-value]


def weights(work: Workload) -> dict[str, Array]:
    """Return the weights that all contenders start from, by name."""
    torch.manual_seed(0)
    return {key: value.numpy().copy() for key, value in work.model(torch).state_dict().items()}


def engine_step(engine: ModuleType, work: Workload) -> Step:
    """Return a step in PyTorch's words, on either engine."""
    model = work.model(engine)
    model.load_state_dict({key: engine.tensor(value) for key, value in weights(work).items()})
    x, y = map(engine.tensor, batch(work))
    optimizer = engine.optim.Adam(model.parameters(), lr=1e-3)

    def step() -> float:
        out = model(x)
        if isinstance(out, tuple):
            out, _ = out
        if work.squared:
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


class Peer(NamedTuple):
    """NumPy's functions as a peer differentiates them, and what it has beside them."""

    numpy: Any
    relu: Callable[[Any], Any]
    gelu: Callable[[Any], Any]
    softmax: Callable[[Any], Any]  # over the last axis
    convolve: Callable[[Any, Any], Any]  # kernels of 3 × 3, a border of zeros
    pool: Callable[[Any], Any]  # the largest of 2 × 2


def convolve_by_hand(x: Any, kernels: Any) -> Any:
    """Return a convolution in the words of NumPy: nine shifted images, and a product."""
    np_ = autograd.numpy
    n, _, height, width = x.shape
    x = np_.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), "constant")
    shifted = [x[:, :, i : i + height, j : j + width] for i in range(3) for j in range(3)]
    columns = np_.concatenate(shifted, 1).reshape(n, -1, height * width)
    rows = np_.transpose(kernels, (0, 2, 3, 1)).reshape(len(kernels), -1)
    return np_.matmul(rows, columns).reshape(n, -1, height, width)


def pool_by_hand(x: Any) -> Any:
    """Return the largest of each 2 × 2 in the words of NumPy."""
    n, c, height, width = x.shape
    return x.reshape(n, c, height // 2, 2, width // 2, 2).max(axis=(3, 5))


MYGRAD = Peer(
    mygrad,
    relu,
    # It has no error function, so this is the form with tanh; the others take the exact one.
    lambda x: 0.5 * x * (1 + mygrad.tanh(sqrt(2 / pi) * (x + 0.044715 * x * x * x))),
    softmax,
    lambda x, kernels: conv_nd(x, kernels, stride=1, padding=1),
    lambda x: max_pool(x, (2, 2), 2),
)
AUTOGRAD = Peer(
    autograd.numpy,
    lambda x: autograd.numpy.maximum(x, 0),
    lambda x: 0.5 * x * (1 + erf(x * np.float32(sqrt(0.5)))),
    lambda x: autograd.numpy.exp(x - logsumexp(x, axis=-1, keepdims=True)),
    convolve_by_hand,  # ten times as fast as its own autograd.scipy.signal.convolve
    pool_by_hand,
)


def dense(peer: Peer, p: Sequence[Any], x: Any) -> Any:
    """Return the output of an MLP in the words of NumPy."""
    matmul = peer.numpy.matmul
    for weight, bias in zip(p[:-2:2], p[1:-2:2], strict=True):
        x = peer.relu(matmul(x, weight.T) + bias)
    return matmul(x, p[-2].T) + p[-1]


def convolutional(peer: Peer, p: Sequence[Any], x: Any) -> Any:
    """Return the output of the CNN."""
    for weight, bias in ((p[0], p[1]), (p[2], p[3])):
        x = peer.pool(peer.relu(peer.convolve(x, weight) + bias.reshape(1, -1, 1, 1)))
    return peer.numpy.matmul(x.reshape(len(x), -1), p[4].T) + p[5]


def recurrent(peer: Peer, p: Sequence[Any], x: Any) -> Any:
    """Return the logits of the character RNN in the words of NumPy."""
    np_ = peer.numpy
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


def attentive(peer: Peer, p: Sequence[Any], x: Any) -> Any:
    """Return the logits of the GPT in the words of NumPy."""
    np_, config = peer.numpy, GPTConfig(SYMBOLS)
    n, steps, width, heads = *x.shape, config.width, config.heads
    later = np.triu(np.full((steps, steps), -1e9, np.float32), 1)
    left = iter(p)

    def linear(x: Any) -> Any:
        weight, bias = next(left), next(left)
        return np_.matmul(x, weight.T) + bias

    def norm(x: Any) -> Any:
        centred = x - np_.mean(x, axis=-1, keepdims=True)
        variance = np_.mean(centred * centred, axis=-1, keepdims=True)
        return centred / np_.sqrt(variance + np.float32(1e-5)) * next(left) + next(left)

    stream = next(left)[x] + next(left)
    for _ in range(config.layers):
        qkv = linear(norm(stream)).reshape(n, steps, 3, heads, width // heads)
        q, k, v = np_.transpose(qkv, (2, 0, 3, 1, 4))
        scores = np_.matmul(q, np_.swapaxes(k, -1, -2)) * np.float32(1 / sqrt(width // heads))
        seen = np_.matmul(peer.softmax(scores + later), v)
        stream = stream + linear(np_.swapaxes(seen, 1, 2).reshape(n, steps, width))
        stream = stream + linear(peer.gelu(linear(norm(stream))))
    return np_.matmul(norm(stream), next(left).T).reshape(-1, SYMBOLS)


FORWARD = {"dense": dense, "CNN": convolutional, "LSTM": recurrent, "GPT": attentive}


def mygrad_step(work: Workload) -> Step:
    """Return a step in MyGrad."""
    output = partial(FORWARD[work.kind], MYGRAD)
    x, y = batch(work)
    arrays = list(weights(work).values())
    parameters = [mygrad.tensor(array, copy=False) for array in arrays]
    update = adam(arrays)

    def step() -> float:
        out = output(parameters, x)
        loss = ((out - y) ** 2).mean() if work.squared else softmax_crossentropy(out, y.ravel())
        loss.backward()
        update([p.grad for p in parameters])
        for p in parameters:
            p.null_grad()
        return float(loss)

    return step


def autograd_step(work: Workload) -> Step:
    """Return a step in autograd."""
    output = partial(FORWARD[work.kind], AUTOGRAD)
    x, y = batch(work)
    parameters = list(weights(work).values())
    update = adam(parameters)

    def loss(p: Sequence[Any]) -> Any:
        out = output(p, x)
        if work.squared:
            return autograd.numpy.mean((out - y) ** 2)
        return autograd.numpy.mean(logsumexp(out, axis=1) - out[np.arange(y.size), y.ravel()])

    loss_and_slopes = autograd.value_and_grad(loss)

    def step() -> float:
        value, slopes = loss_and_slopes(parameters)
        update(slopes)
        return float(value)

    return step


def micrograd_step(work: Workload) -> Step:
    """Return a step in micrograd, whose values are single numbers: it has no other losses."""
    ((x,), (y,)) = batch(work)
    model = MLP(len(x), [128, len(y)])
    arrays = [weight.astype(float) for weight in weights(work).values()]
    neurons = [layer.neurons for layer in model.layers]
    # All weights of a layer, then all biases, as in the state dict.
    values = [
        part for n in neurons for part in ([v for one in n for v in one.w], [one.b for one in n])
    ]
    update = adam(arrays)

    def write() -> None:
        for array, part in zip(arrays, values, strict=True):
            for value, number in zip(part, array.ravel().tolist(), strict=True):
                value.data = number

    write()

    def step() -> float:
        out = model(x.tolist())
        loss = sum((o - t) ** 2 for o, t in zip(out, y.tolist(), strict=True)) / len(y)
        model.zero_grad()
        loss.backward()
        update(
            [
                np.reshape([value.grad for value in part], array.shape)
                for part, array in zip(values, arrays, strict=True)
            ]
        )
        write()
        return float(loss.data)

    return step


def contenders(work: Workload) -> dict[str, Step]:
    """Return a step of each that can take one."""
    steps = {
        "PyTorch": engine_step(torch, work),
        "engine": engine_step(scratch, work),
        "MyGrad": mygrad_step(work),
        "autograd": autograd_step(work),
    }
    if len(batch(work)[0]) == 1:  # a graph of single numbers grows with the batch
        steps["micrograd"] = micrograd_step(work)
    return steps


def measure(trials: int, seconds: float) -> dict[str, Any]:
    """Return for each workload the times, and the ratios: median, 5th and 95th percentile."""
    measured: dict[str, Any] = {}
    for name, work in WORKLOADS.items():
        steps = contenders(work)
        first = {who: step() for who, step in steps.items()}
        for who, loss in first.items():
            assert abs(loss - first["PyTorch"]) < 1e-4 * loss, (name, who, first)
        for _ in range(2):
            for step in steps.values():
                step()
        rows: list[list[float]] = []
        rng = np.random.default_rng(0)
        begin = time.perf_counter()
        while len(rows) < trials and time.perf_counter() - begin < seconds:
            row = dict.fromkeys(steps, 0.0)
            for who in rng.permutation(list(steps)):
                start = time.perf_counter()
                steps[who]()
                row[who] = time.perf_counter() - start
            rows.append(list(row.values()))
        times = np.array(rows)
        ratios = np.percentile(times / times[:, :1], [50, 5, 95], axis=0)
        measured[name] = {
            "trials": len(rows),
            "ms": {
                who: float(f"{1e3 * median:.3g}")
                for who, median in zip(steps, np.median(times, 0), strict=True)
            },
            "ratios": {
                who: [float(f"{ratio:.3g}") for ratio in spread]
                for who, spread in zip(steps, ratios.T, strict=True)
                if who != "PyTorch"
            },
        }
    return {"threads": torch.get_num_threads(), "workloads": measured}


def faults(step: Step, count: int = 10) -> int:
    """Return how many pages of memory a step is handed afresh by the system."""
    step()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(count):
        step()
    return round((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / count)


def profile(count: int = 20) -> dict[str, Any]:
    """Return for each workload in which files the engine's time goes, its calls and page faults."""
    profiles: dict[str, Any] = {}
    engine = Path(scratch.__path__[0])
    for name, work in WORKLOADS.items():
        steps = {"engine": engine_step(scratch, work), "PyTorch": engine_step(torch, work)}
        page_faults = {who: faults(step) for who, step in steps.items()}
        profiler = cProfile.Profile()
        with profiler:
            for _ in range(count):
                steps["engine"]()
        stats: Any = pstats.Stats(profiler)
        own: dict[str, float] = {}
        for (file, _, _), (_, _, seconds, _, _) in stats.stats.items():
            inside = engine in Path(file).parents
            place = Path(file).relative_to(engine).as_posix() if inside else "NumPy and Python"
            own[place] = own.get(place, 0) + seconds
        top = sorted(own.items(), key=lambda entry: -entry[1])
        profiles[name] = {
            "calls": stats.total_calls // count,
            "page faults": page_faults,
            "own time": {place: round(t / stats.total_tt, 3) for place, t in top[:3]},
        }
    return profiles


# Run in a process of its own, for the memory that it takes at most. Linux tells it.
MEMORY = """
import numpy as np
import {engine} as torch
from nnkit.models.cnn import cnn

def peak():
    # getrusage would begin with the memory of the parent process.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))

imported = peak()
rng = np.random.default_rng(0)
x = torch.tensor(rng.normal(size=(64, 1, 28, 28)).astype(np.float32))
y = torch.tensor(rng.integers(10, size=64))
model = cnn(torch, 28, 10)
optimizer = torch.optim.Adam(model.parameters())
for _ in range(5):
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
print(imported, peak())
"""
IMPORT = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"
ENGINES = {"engine": "nnkit.scratch", "PyTorch": "torch"}


def run(code: str, environment: dict[str, str]) -> list[float]:
    """Return the numbers that a program prints."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return [float(number) for number in done.stdout.split()]


def footprint(environment: dict[str, str]) -> dict[str, Any]:
    """Return what an engine costs before it computes: memory in MiB, time of the import in ms."""
    memory = {who: run(MEMORY.format(engine=name), environment) for who, name in ENGINES.items()}
    imports = {**ENGINES, "NumPy": "numpy"}
    seconds: dict[str, list[float]] = {who: [] for who in imports}
    for _ in range(5):
        for who, name in imports.items():
            seconds[who] += run(IMPORT.format(name), environment)
    return {
        "memory, MiB": {
            who: {"after the import": round(before), "at most": round(after)}
            for who, (before, after) in memory.items()
        },
        "import, ms": {who: round(1e3 * float(np.median(s))) for who, s in seconds.items()},
    }


def processor() -> str:
    """Return the processor's name, as well as the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def report(title: str, measured: dict[str, Any]) -> None:
    """Print the ratios to PyTorch's time, median and range, and their geometric means."""
    print(f"One training step, time relative to PyTorch's, {title}: median (5 % to 95 %)")
    columns = ["engine", "MyGrad", "autograd", "micrograd"]
    print(" " * 35 + "PyTorch" + "".join(f"{who:>27}" for who in columns))
    for name, row in measured["workloads"].items():
        cells = [
            "{:.3g} ({:.3g} to {:.3g})".format(*row["ratios"][who]) if who in row["ratios"] else "-"
            for who in columns
        ]
        print(f"  {name:31}{row['ms']['PyTorch']:7.2f}ms" + "".join(f"{c:>27}" for c in cells))
    logs = [np.log(row["ratios"]["engine"][0]) for row in measured["workloads"].values()]
    print(f"  geometric mean of the engine's: {np.exp(np.mean(logs)):.2f}")


def main() -> None:
    """Measure in a process for each number of threads, print, and write the figures down."""
    if sys.argv[1:] and sys.argv[1] == "--measure":
        print(json.dumps(measure(int(sys.argv[2]), float(sys.argv[3]))))
        return
    if sys.argv[1:] == ["--profile"]:
        print(json.dumps(profile()))
        return
    many = {key: value for key, value in os.environ.items() if key not in THREADS}
    one = many | dict.fromkeys(THREADS, "1")

    def part(*arguments: str, environment: dict[str, str] = one) -> Any:
        command = [sys.executable, __file__, *arguments]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    limits = (str(TRIALS), str(SECONDS))
    results = {
        "command": "make bench",
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {"Python": platform.python_version()} | {k: version(k) for k in LIBRARIES},
        "one thread": part("--measure", *limits),
        "default threads": part("--measure", *limits, environment=many),
        "profile": part("--profile"),
        **footprint(one),
    }
    for threads in ("one thread", "default threads"):
        report(f"{threads} ({results[threads]['threads']})", results[threads])
    print(f"Training the CNN on 28×28, memory in MiB: {results['memory, MiB']}")
    print(f"Import, ms: {results['import, ms']}")
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
