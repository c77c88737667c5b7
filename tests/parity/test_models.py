"""The course's models are one file each, and the same on either engine."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

import nnkit.scratch
from nnkit.models.char_rnn import char_rnn
from nnkit.models.cnn import cnn
from nnkit.models.denoiser import denoiser
from nnkit.models.gpt import GPTConfig, gpt
from nnkit.models.mlp import mlp

Make = Callable[[ModuleType], Any]
Loss = Callable[[ModuleType, Any, int], Any]  # of an engine, a model and a seed
SYMBOLS = 11


def batch(shape: tuple[int, ...], classes: int, seed: int) -> tuple[Any, Any]:
    """Inputs (symbols where the shape is that of sequences) and labels."""
    rng = np.random.default_rng(seed)
    if classes == SYMBOLS:
        return rng.integers(SYMBOLS, size=shape), rng.integers(SYMBOLS, size=shape)
    return rng.normal(size=shape), rng.integers(classes, size=shape[0])


def classify(shape: tuple[int, ...], classes: int) -> Loss:
    """The loss on inputs of this shape."""

    def loss(engine: ModuleType, model: Any, seed: int) -> Any:
        x, y = batch(shape, classes, seed)
        logits = model(engine.tensor(x))
        if isinstance(logits, tuple):
            logits, _ = logits
        flat = logits.reshape(-1, logits.shape[-1])
        return engine.nn.functional.cross_entropy(flat, engine.tensor(y).reshape(-1))

    return loss


def denoise(engine: ModuleType, model: Any, seed: int) -> Any:
    """The loss on points, times and classes, some of which are not told."""
    rng = np.random.default_rng(seed)
    given = rng.normal(size=(8, 2)), rng.uniform(size=8), rng.integers(4, size=8)
    said = model(*(engine.tensor(array) for array in given))
    return engine.nn.functional.mse_loss(said, engine.tensor(rng.normal(size=(8, 2))))


MODELS: dict[str, tuple[Make, Loss]] = {
    "mlp": (lambda engine: mlp(engine, [20, 32, 16, 5]), classify((8, 20), 5)),
    "mlp of tanh": (lambda engine: mlp(engine, [20, 32, 16, 5], "Tanh"), classify((8, 20), 5)),
    "cnn": (lambda engine: cnn(engine, 8, 5, normalise=True), classify((8, 1, 8, 8), 5)),
    "char_rnn": (lambda engine: char_rnn(engine, SYMBOLS, width=16), classify((4, 12), SYMBOLS)),
    "gpt": (
        lambda engine: gpt(engine, GPTConfig(SYMBOLS, context=12, layers=2, heads=2, width=16)),
        classify((4, 12), SYMBOLS),
    ),
    "denoiser": (lambda engine: denoiser(engine, classes=3, width=16), denoise),
}


def twins(make: Make) -> list[tuple[ModuleType, Any]]:
    """The same model on both engines, in float64, with PyTorch's weights in both."""
    torch.manual_seed(0)
    theirs, ours = make(torch).double(), make(nnkit.scratch).double()
    weights = {name: value.numpy() for name, value in theirs.state_dict().items()}
    ours.load_state_dict({name: nnkit.scratch.tensor(value) for name, value in weights.items()})
    return [(torch, theirs), (nnkit.scratch, ours)]


@pytest.mark.parametrize("name", MODELS)
def test_model_has_the_same_loss_and_gradients_on_both_engines(name: str) -> None:
    make, loss_of = MODELS[name]
    (_, theirs), (_, ours) = pair = twins(make)
    losses = [loss_of(engine, model, 0) for engine, model in pair]
    for loss in losses:
        loss.backward()
    np.testing.assert_allclose(losses[1].item(), losses[0].item(), rtol=1e-9)
    for (their_name, their), (our_name, our) in zip(
        theirs.named_parameters(), ours.named_parameters(), strict=True
    ):
        assert our_name == their_name
        np.testing.assert_allclose(our.grad.numpy(), their.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_hundred_steps_of_training_stay_together(name: str) -> None:
    make, loss_of = MODELS[name]
    trained = []
    for engine, model in twins(make):
        optimizer = engine.optim.Adam(model.parameters(), lr=1e-3)
        for step in range(100):
            loss = loss_of(engine, model, step % 5)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        trained.append({name: value.numpy() for name, value in model.state_dict().items()})
    theirs, ours = trained
    assert ours.keys() == theirs.keys()
    for key in theirs:
        np.testing.assert_allclose(ours[key], theirs[key], rtol=0, atol=1e-8, err_msg=key)
