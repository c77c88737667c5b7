"""What trains: remedies for sick gradients at depth 30, and a map over depth and rate.

Trains on the digits, with the engine, and writes `nnkit/data/gradients.json`, which the chapter on
gradients shows and re-checks in part. Rates are chosen on other seeds than those that
are reported. All is computed in float64, in which the rounding of another processor takes longest
to show. Run it as `python benchmarks/gradients.py`; it takes some minutes.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import nnkit.scratch as engine
from nnkit.data import digits, split
from nnkit.models.deep import DeepConfig, deep

OUT = Path(__file__).parent.parent / "nnkit/data/gradients.json"
STEPS, BATCH = 400, 64
RATES = [0.1, 0.03, 0.01, 0.003, 0.001]
CHOOSE, REPORT = range(100, 102), range(5)
REMEDIES: dict[str, dict[str, Any]] = {
    "sigmoid, Glorot": {"activation": "Sigmoid", "init": "Glorot"},
    "tanh, Glorot": {"activation": "Tanh", "init": "Glorot"},
    "ReLU, Glorot": {"activation": "ReLU", "init": "Glorot"},
    "ReLU, He": {"activation": "ReLU", "init": "He"},
    "SELU, LeCun": {"activation": "SELU", "init": "LeCun"},
    "ReLU, He, clipped": {"activation": "ReLU", "init": "He", "clip": 1.0},
    "ReLU, He, layer norm": {"activation": "ReLU", "init": "He", "norm": "LayerNorm"},
    "ReLU, He, batch norm": {"activation": "ReLU", "init": "He", "norm": "BatchNorm1d"},
    "sigmoid, Glorot, layer norm": {
        "activation": "Sigmoid", "init": "Glorot", "norm": "LayerNorm",
    },
    "sigmoid, Glorot, batch norm": {
        "activation": "Sigmoid", "init": "Glorot", "norm": "BatchNorm1d",
    },
    "sigmoid, Glorot, residual": {
        "activation": "Sigmoid", "init": "Glorot", "residual": True,
    },
    "ReLU, small, residual": {"activation": "ReLU", "init": "small", "residual": True},
    "ReLU, He, residual": {"activation": "ReLU", "init": "He", "residual": True},
    "ReLU, He, layer norm, residual": {
        "activation": "ReLU", "init": "He", "norm": "LayerNorm", "residual": True,
    },
    "ReLU, He, batch norm, residual": {
        "activation": "ReLU", "init": "He", "norm": "BatchNorm1d", "residual": True,
    },
}  # fmt: skip
MAPPED = {
    "tanh, Glorot": {"activation": "Tanh", "init": "Glorot"},
    "ReLU, He": {"activation": "ReLU", "init": "He"},
    "ReLU, small, residual": {"activation": "ReLU", "init": "small", "residual": True},
}
MAP_DEPTHS = [2, 4, 8, 16, 32, 64]
MAP_RATES = [0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003]
MAP_SEEDS, MAP_STEPS = range(5), 200
STARTS = {"N(0, 1)": {"init": "N(0, 1)"}, "1.3 times He": {"scale": 1.3}, "He": {}}
REGULARISED: dict[str, dict[str, float]] = {
    "nothing": {},
    **{f"weight decay {decay}": {"decay": decay} for decay in (0.001, 0.01, 0.1, 1.0)},
    **{f"dropout {share}": {"dropout": share} for share in (0.1, 0.3, 0.5)},
    "clipping at 1": {"clip": 1.0},
}


def accuracy(
    config: DeepConfig,
    rate: float,
    seed: int,
    *,
    clip: float = np.inf,
    decay: float = 0.0,
    steps: int = STEPS,
) -> float:
    """Train one network by momentum, and return its accuracy on the 40 % held out."""
    engine.manual_seed(seed)
    model = deep(engine, config)
    images, labels = digits()
    x = images.reshape(-1, 64).astype(np.float64)
    x = (x - x.mean()) / x.std()
    x_train, x_test, y_train, y_test = map(engine.tensor, split(x, labels, test=0.4, seed=seed))
    optimizer = engine.optim.SGD(model.parameters(), rate, 0.9, weight_decay=decay)
    for _ in range(steps):
        batch = engine.randint(0, len(x_train), (BATCH,))
        loss = engine.nn.functional.cross_entropy(model(x_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        engine.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
    model.eval()
    with engine.no_grad():
        right = model(x_test).argmax(1) == y_test
    return float(right.float().mean().item())


def remedies() -> dict[str, dict[str, Any]]:
    """Choose a rate for each remedy, then measure accuracy and time at it."""
    results: dict[str, dict[str, Any]] = {}
    for name, options in REMEDIES.items():
        options = dict(options)
        clip = options.pop("clip", np.inf)
        config = DeepConfig(depth=30, **options)
        trials = {
            rate: np.mean([accuracy(config, rate, seed, clip=clip) for seed in CHOOSE])
            for rate in RATES
        }
        rate = max(trials, key=lambda rate: trials[rate])
        start = time.process_time()
        runs = [round(accuracy(config, rate, seed, clip=clip), 4) for seed in REPORT]
        seconds = time.process_time() - start
        results[name] = {"rate": rate, "accuracies": runs, "time": seconds}
        print(
            f"{name:32} rate {rate:<6} {np.mean(runs):.3f} ± {np.std(runs, ddof=1):.3f}", flush=True
        )
    plain = results["sigmoid, Glorot"]["time"]
    for result in results.values():
        result["time"] = round(result["time"] / plain, 1)
    return results


def maps() -> dict[str, list[list[list[float]]]]:
    """Measure the accuracy for each depth (row), rate (column) and seed."""
    found: dict[str, list[list[list[float]]]] = {}
    for name, options in MAPPED.items():
        found[name] = []
        for depth in MAP_DEPTHS:
            config = DeepConfig(depth=depth, **options)
            runs = [
                [accuracy(config, rate, seed, steps=MAP_STEPS) for seed in MAP_SEEDS]
                for rate in MAP_RATES
            ]
            found[name].append(np.round(runs, 3).tolist())
        print(name, found[name], flush=True)
    return found


def regularised() -> dict[str, dict[str, list[float]]]:
    """Measure, from weights that are too large, what regularisation does beside clipping."""
    found: dict[str, dict[str, list[float]]] = {}
    for start, beginning in STARTS.items():
        found[start] = {}
        for name, remedy in REGULARISED.items():
            options = dict(remedy)
            config = DeepConfig(depth=10, dropout=options.pop("dropout", 0.0), **beginning)
            runs = [accuracy(config, 0.01, seed, steps=MAP_STEPS, **options) for seed in REPORT]
            found[start][name] = np.round(runs, 4).tolist()
            print(
                f"{start:14} {name:18} {np.mean(runs):.3f} ± {np.std(runs, ddof=1):.3f}", flush=True
            )
    return found


def main() -> None:
    """Measure all and write it."""
    engine.set_default_dtype(engine.float64)
    with np.errstate(all="ignore"):
        found = {
            "command": "python benchmarks/gradients.py",
            "versions": {"python": sys.version.split()[0], "numpy": np.__version__},
            "depth": 30,
            "steps": STEPS,
            "seeds": list(REPORT),
            "regularised": regularised(),
            "remedies": remedies(),
            "map": {
                "depths": MAP_DEPTHS,
                "rates": MAP_RATES,
                "seeds": list(MAP_SEEDS),
                "steps": MAP_STEPS,
                "accuracies": maps(),
            },
        }
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in found.items())
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
