"""The perceptron on NumPy, on PyTorch and as PyTorch's own SGD: the same updates, bit for bit.

Samples are multiples of 1/8, so that every sum on the way is exact and no rounding decides a sign.
"""

from typing import Any

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnkit.models import perceptron

EPOCHS = 5


@st.composite
def labelled(draw: st.DrawFn) -> tuple[Any, Any]:
    """Draw augmented samples in float32, shape (n, d + 1), and their labels."""
    n, d = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    eighths = draw(arrays(np.int64, (n, d), elements=st.integers(-80, 80)))
    y = draw(arrays(np.int64, n, elements=st.sampled_from([-1, 1])))
    return perceptron.augment(np, (eighths / 8).astype(np.float32)), y


def train_by_autograd(x: Any, y: Any) -> tuple[list[int], list[Any]]:
    """Minimise the perceptron loss by SGD, a sample a step; return mistakes and weights after."""
    neuron = torch.nn.Linear(x.shape[1] - 1, 1)
    for parameter in neuron.parameters():
        torch.nn.init.zeros_(parameter)
    sgd = torch.optim.SGD(neuron.parameters(), lr=1)
    mistakes, weights = [], []
    for _ in range(EPOCHS):
        before = len(mistakes)
        for i, (x_i, y_i) in enumerate(zip(torch.tensor(x[:, :-1]), y, strict=True)):
            z = neuron(x_i)
            sgd.zero_grad()
            torch.clamp(-int(y_i) * z, min=0).backward()
            sgd.step()
            if y_i * z.item() <= 0:
                mistakes.append(i)
                weights.append(torch.cat([neuron.weight[0], neuron.bias]).detach().numpy())
        if len(mistakes) == before:
            break
    return mistakes, weights


@given(labelled())
def test_both_engines_make_the_same_updates(data: tuple[Any, Any]) -> None:
    x, y = data
    run = perceptron.train(np, x, y, epochs=EPOCHS)
    twin = perceptron.train(torch, torch.tensor(x), torch.tensor(y), epochs=EPOCHS)
    assert (twin.mistakes, twin.lifetimes, twin.converged) == (
        run.mistakes,
        run.lifetimes,
        run.converged,
    )
    for w, w_twin in zip(run.weights, twin.weights, strict=True):
        np.testing.assert_array_equal(w_twin.numpy(), w, strict=True)


@given(labelled())
def test_sgd_on_the_perceptron_loss_makes_the_same_updates(data: tuple[Any, Any]) -> None:
    x, y = data
    run = perceptron.train(np, x, y, epochs=EPOCHS)
    mistakes, weights = train_by_autograd(x, y)
    assert mistakes == run.mistakes
    for w, w_sgd in zip(run.weights[1:], weights, strict=True):
        np.testing.assert_array_equal(w_sgd, w, strict=True)


@given(labelled())
def test_both_engines_say_the_same_about_a_run(data: tuple[Any, Any]) -> None:
    x, y = data
    x_t, y_t = torch.tensor(x), torch.tensor(y)
    run = perceptron.train(np, x, y, epochs=EPOCHS)
    twin = perceptron.train(torch, x_t, y_t, epochs=EPOCHS)
    w, w_t = run.weights[-1], twin.weights[-1]
    np.testing.assert_array_equal(perceptron.predict(w_t, x_t), perceptron.predict(w, x))
    np.testing.assert_array_equal(perceptron.average(twin), perceptron.average(run))
    assert perceptron.radius(x_t) == perceptron.radius(x)
    if w.any():
        assert perceptron.margin(w_t, x_t, y_t) == perceptron.margin(w, x, y)


def test_relu_would_never_leave_the_start() -> None:
    """The chapter's reason for `clamp`: at 0 the slope of relu is 0, that of clamp is 1."""
    slopes = []
    for way in (torch.relu, lambda t: torch.clamp(t, min=0)):
        t = torch.zeros(1, requires_grad=True)
        way(t).backward()
        slopes.append(t.grad.item())
    assert slopes == [0, 1]
