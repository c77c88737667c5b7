"""Time the perceptron rule against its peers: ten passes over real data, all in one process.

Each trial runs every contender once, in turn, and takes its time as a multiple of the
course's NumPy version in the same trial, so that a slow moment of the machine hits all alike.
"""

import time
from collections.abc import Callable

import numpy as np
import torch
from sklearn.linear_model import Perceptron

from nnkit import data
from nnkit.models import perceptron

TRIALS = 15
EPOCHS = 10


def contenders() -> dict[str, Callable[[], object]]:
    """Return what is timed: a name and a function that makes all the passes."""
    x, y = data.breast_cancer()
    x = perceptron.augment(np, (x - x.mean(0)) / x.std(0))
    y = 2 * y - 1
    x_torch, y_torch = torch.from_numpy(x), torch.from_numpy(y)

    def autograd() -> None:
        w = torch.zeros(x.shape[1], requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=1.0)
        for _ in range(EPOCHS):
            for sample, label in zip(x_torch, y_torch, strict=True):
                loss = -label * (sample @ w)
                if loss >= 0:
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()

    library = Perceptron(max_iter=EPOCHS, tol=None, shuffle=False, fit_intercept=False)
    return {
        "course, NumPy": lambda: perceptron.train(np, x, y, epochs=EPOCHS),
        "course, PyTorch": lambda: perceptron.train(torch, x_torch, y_torch, epochs=EPOCHS),
        "PyTorch, autograd and SGD": autograd,
        "scikit-learn (C)": lambda: library.fit(x, y),
    }


def main() -> None:
    """Print each contender's time relative to the first, median and range over the trials."""
    runs = contenders()
    seconds = {name: np.empty(TRIALS) for name in runs}
    for trial in range(-1, TRIALS):  # trial -1 warms up; its times are overwritten by the last
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            seconds[name][trial] = time.perf_counter() - start
    first, *_ = seconds.values()
    print(f"{EPOCHS} passes of the perceptron rule over 569 samples of 31 features, relative time")
    for name, times in seconds.items():
        low, median, high = np.percentile(times / first, [5, 50, 95])
        print(f"  {name:27} {median:6.2f}  ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main()
