"""Diffusion over five seeds: samplers and schedules; targets and guidance on the digits.

Trains with the engine and writes `nnkit/data/diffusion.json`, which the chapter on diffusion shows
and re-checks in part. The digits are split anew for each seed: 60 % to learn from, 40 % to judge
by, and the classifier that judges has seen the latter only. Run it as
`python benchmarks/diffusion.py`; it takes some minutes.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nnkit.scratch as engine
from nnkit.data import digits, moons, split
from nnkit.models.denoiser import train
from nnkit.models.diffusion import energy_distance, guide, linear_schedule, sample
from nnkit.models.mlp import mlp

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OUT = Path(__file__).parent.parent / "nnkit/data/diffusion.json"
CHAIN, SEEDS = 128, range(5)
TRAINING = {"dropped": 0.2, "dtype": "float32"}
LINEAR = linear_schedule(CHAIN, first=0.001, last=0.1)[1]
COSINE = np.cos((np.arange(CHAIN + 1) / CHAIN + 0.008) / 1.008 * np.pi / 2) ** 2
COSINE = np.maximum(COSINE / COSINE[0], LINEAR[-1])  # never less of the data than the other leaves
SCHEDULES = {"linear": LINEAR, "cosine": COSINE}
SAMPLERS = {"DDIM": 0.0, "DDPM": 1.0}
STEPS = [1, 2, 4, 8, 16, 32, 64, 128]
TARGETS = ["noise", "clean", "velocity"]
SCALES = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0]
CLOUD = 1000
DIGITS = np.arange(500) % 10
FEW, NEIGHBOUR = 32, 3


def points(seed: int, count: int) -> tuple[Floats, Integers]:
    """Draw two moons, moved to the middle of the plane."""
    x, y = moons(count, noise=0.07, seed=seed)
    return 1.2 * (x.astype(np.float64) - [0.5, 0.25]), y


def generate(
    model: Any, label: Integers, alpha_bars: Floats, seed: int, *, target: str, **options: float
) -> Floats:
    """Draw a sample for each label; `options` has `scale`, `steps`, `eta` and `clip`."""
    rng = np.random.default_rng(1000 + seed)
    classes, dimensions = len(model.label.weight) - 1, model.point.in_features
    scale, steps, eta = options["scale"], int(options["steps"]), options["eta"]

    def said(x: Floats, t: int, label: Integers) -> Floats:
        time = np.full(len(x), t / CHAIN, dtype="f4")
        with engine.no_grad():
            out = model(*map(engine.tensor, (x.astype("f4"), time, label)))
        return np.asarray(out.numpy(), dtype=np.float64)

    def predict(x: Floats, t: int) -> Floats:
        free = said(x, t, np.full(len(x), classes)) if scale != 1 else 0.0
        out = guide(free, said(x, t, label), scale) if scale != 1 else said(x, t, label)
        keep, lose = alpha_bars[t] ** 0.5, (1 - alpha_bars[t]) ** 0.5
        if target == "noise":
            return out
        guess = out if target == "clean" else keep * x - lose * out
        if options["clip"]:
            guess = np.clip(guess, -1, 1)
        return (x - keep * guess) / lose

    def draw() -> Floats:
        return rng.normal(size=(len(label), dimensions))

    return sample(predict, draw(), draw, alpha_bars=alpha_bars, steps=steps, eta=eta)[-1]


def plane() -> dict[str, Any]:
    """Measure energy distances in the plane: a row for each seed, a column for each of `STEPS`."""
    found: dict[str, Any] = {
        "floor": [energy_distance(points(s, CLOUD)[0], points(500 + s, CLOUD)[0]) for s in SEEDS]
    }
    for name, alpha_bars in SCHEDULES.items():
        for sampler in SAMPLERS:
            found[f"{name}, {sampler}"] = []
        for seed in SEEDS:
            x, y = points(seed, 2000)
            held_out = points(500 + seed, CLOUD)[0]
            size = TRAINING | {"width": 64, "updates": 2000}
            model = train(engine, x, y, alpha_bars, seed=seed, rate=4e-3, **size)
            for sampler, eta in SAMPLERS.items():
                row = []
                for steps in STEPS:
                    free = np.full(CLOUD, 2)  # no class
                    options = {
                        "target": "noise",
                        "scale": 1.0,
                        "steps": steps,
                        "eta": eta,
                        "clip": False,
                    }
                    cloud = generate(model, free, alpha_bars, seed, **options)
                    row.append(round(energy_distance(cloud, held_out), 5))
                found[f"{name}, {sampler}"].append(row)
                print(name, sampler, seed, row, flush=True)
    return found


def distances(x: Floats, y: Floats) -> Floats:
    """Return the distance of each row of x, shape (n, d), to each of y, shape (m, d)."""
    squares = (x**2).sum(1)[:, None] + (y**2).sum(1) - 2 * x @ y.T
    return np.sqrt(np.maximum(squares, 0))


def nearest(images: Floats, known: Floats) -> float:
    """Return the mean distance of images from the known one that is nearest."""
    return float(distances(images, known).min(axis=1).mean())


def classifier(x: Floats, y: Integers, seed: int) -> Callable[[Floats], tuple[Integers, Floats]]:
    """Train a classifier that also gives its hidden features."""
    engine.manual_seed(seed)
    model = mlp(engine, [x.shape[1], 128, 10])
    inputs, labels = engine.tensor(x.astype("f4")), engine.tensor(y)
    optimizer = engine.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(800):
        batch = engine.randint(0, len(x), (64,))
        optimizer.zero_grad()
        engine.nn.functional.cross_entropy(model(inputs[batch]), labels[batch]).backward()
        optimizer.step()

    def judge(images: Floats) -> tuple[Integers, Floats]:
        hidden = model[:2](engine.tensor(images.astype("f4")))
        return model[2:](hidden).detach().numpy().argmax(1), hidden.detach().numpy().astype("f8")

    return judge


def spread(features: Floats, label: Integers) -> float:
    """Return the mean distance between two images of one class."""
    means = []
    for k in range(10):
        own = features[label == k]
        means.append(distances(own, own).sum() / (len(own) * (len(own) - 1)))
    return float(np.mean(means))


def covered(images: Floats, label: Integers, held_out: Floats, y: Integers) -> float:
    """Return the share of held-out images that an image of their class comes close to.

    Close is nearer than their third neighbour among the held-out images of the class.
    """
    hits = []
    for k in range(10):
        own = held_out[y == k]
        radius = np.sort(distances(own, own), axis=1)[:, NEIGHBOUR]
        hits.append((distances(own, images[label == k]).min(1) < radius).mean())
    return float(np.mean(hits))


def quality(
    images: Floats, seen: Floats, held_out: Floats, y: Integers, judge: Any
) -> dict[str, float]:
    """Measure images of `DIGITS`: of the right class, as diverse as real ones, and no copies."""
    said, features = judge(images)
    found = {
        "accuracy": np.mean(said == DIGITS),
        "spread": spread(features, DIGITS) / spread(judge(held_out)[1], y),
        "coverage": covered(images, DIGITS, held_out, y),
        "energy": energy_distance(images, held_out),
        "nearest": nearest(images, seen[: len(held_out)]) / nearest(images, held_out),
    }
    return {name: round(float(value), 4) for name, value in found.items()}


def digits_of(seed: int) -> dict[str, dict[str, float]]:
    """Measure targets, scales of guidance, numbers of steps and schedules, for one seed."""
    images, labels = digits()
    x = 2 * images.reshape(-1, 64).astype(np.float64) - 1
    seen, held_out, y, y_held_out = split(x, labels, test=0.4, seed=seed)
    judge = classifier(held_out, y_held_out, seed)
    found = {}

    def note(name: str, images: Floats) -> None:
        found[name] = quality(images, seen, held_out, y_held_out, judge)
        print(f"{seed} {name:32}", found[name], flush=True)

    def measure(name: str, schedule: str, target: str, **options: float) -> None:
        options = {"scale": 1.0, "steps": FEW, "eta": 0.0, "clip": False} | options
        model, alpha_bars = models[schedule, target], SCHEDULES[schedule]
        note(name, generate(model, DIGITS, alpha_bars, seed, target=target, **options))

    rows = [np.flatnonzero(y == k)[:50] for k in range(10)]
    note("training images", seen[np.stack(rows, axis=1).ravel()])
    size = TRAINING | {"width": 256, "updates": 3000}
    models = {
        (schedule, target): train(
            engine, seen, y, SCHEDULES[schedule], seed=seed, target=target, rate=2e-3, **size
        )
        for schedule, target in [*(("linear", target) for target in TARGETS), ("cosine", "clean")]
    }
    for target in TARGETS:
        measure(f"target {target}", "linear", target)
    for target in ("clean", "velocity"):
        for clip in (False, True):
            for scale in SCALES:
                name = f"{target}, {'cut' if clip else 'free'}, {scale}"
                measure(name, "linear", target, scale=scale, clip=clip)
    for schedule in SCHEDULES:
        for sampler, eta in SAMPLERS.items():
            for steps in STEPS:
                name = f"{schedule}, {sampler}, {steps}"
                measure(name, schedule, "clean", steps=steps, eta=eta)
    return found


def main() -> None:
    """Measure all and write it."""
    found = {
        "command": "python benchmarks/diffusion.py",
        "versions": {"python": sys.version.split()[0], "numpy": np.__version__},
        "seeds": list(SEEDS),
        "steps": STEPS,
        "scales": SCALES,
        "plane": plane(),
        "digits": [digits_of(seed) for seed in SEEDS],
    }
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in found.items())
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
