"""Optimizers and schedules of learning rates: the same parameters as PyTorch's after 20 steps."""

import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from engines import normal

from nnkit import scratch
from nnkit.scratch import optim

ENGINES = {torch: torch.optim, scratch: optim}
STEPS = 20

OPTIMIZERS: dict[str, Callable[[Any, Any], Any]] = {
    "sgd": lambda optim, params: optim.SGD(params, lr=0.1),
    "sgd, default": lambda optim, params: optim.SGD(params),
    "sgd, momentum": lambda optim, params: optim.SGD(params, 0.1, 0.9),
    "sgd, dampening": lambda optim, params: optim.SGD(params, 0.1, 0.9, 0.3, 0.02),
    "sgd, nesterov": lambda optim, params: optim.SGD(
        params, 0.1, 0.9, weight_decay=0.02, nesterov=True
    ),
    "adagrad": lambda optim, params: optim.Adagrad(params),
    "adagrad, options": lambda optim, params: optim.Adagrad(params, 0.1, 0.05, 0.02, 0.3, 1e-3),
    "rmsprop": lambda optim, params: optim.RMSprop(params),
    "rmsprop, momentum": lambda optim, params: optim.RMSprop(params, 0.01, 0.9, 1e-6, 0.02, 0.8),
    "adam": lambda optim, params: optim.Adam(params),
    "adam, options": lambda optim, params: optim.Adam(params, 0.05, (0.8, 0.95), 1e-3, 0.1),
    "adamw": lambda optim, params: optim.AdamW(params),
    "adamw, options": lambda optim, params: optim.AdamW(params, 0.05, (0.8, 0.95), 1e-3, 0.1),
    "groups": lambda optim, params: optim.SGD(
        [{"params": params[:1], "lr": 0.05}, {"params": params[1], "momentum": 0.5}], lr=0.1
    ),
}  # fmt: skip


def leaves(engine: Any) -> list[Any]:
    return [
        engine.tensor(array, requires_grad=True)
        for array in (normal(3, 4), normal(4, seed=1), normal(2, seed=2))
    ]


def descend(engine: Any, params: list[Any], optimizer: Any, steps: int) -> list[Any]:
    """All parameters after each step; the third never gets a gradient."""
    x = engine.tensor(normal(5, 3, seed=3))
    path = []
    for _ in range(steps):
        optimizer.zero_grad()
        ((x @ params[0]).tanh() * params[1].sin()).sum().backward()
        optimizer.step()
        path.append([parameter.detach().numpy().copy() for parameter in params])
    return path


def assert_alike(ours: list[Any], theirs: list[Any]) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        for a, b in zip(mine, other, strict=True):
            np.testing.assert_allclose(a, b, 1e-9, 1e-13)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_takes_the_same_steps(name: str) -> None:
    paths = []
    for engine in (scratch, torch):
        params = leaves(engine)
        paths.append(descend(engine, params, OPTIMIZERS[name](ENGINES[engine], params), STEPS))
    assert_alike(*paths)


def tensors(state: dict[str, Any]) -> dict[str, Any]:
    """A state dict of this engine in PyTorch's tensors."""
    return {
        "state": {
            i: {
                key: value if key == "step" else torch.from_numpy(value.numpy().copy())
                for key, value in own.items()
            }
            for i, own in state["state"].items()
        },
        "param_groups": state["param_groups"],
    }


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_state_travels_both_ways(name: str) -> None:
    ours, theirs = leaves(scratch), leaves(torch)
    mine, other = OPTIMIZERS[name](optim, ours), OPTIMIZERS[name](torch.optim, theirs)
    descend(scratch, ours, mine, 3)
    descend(torch, theirs, other, 3)
    if not name.startswith("adagrad"):  # PyTorch's has a state for parameters without a gradient
        assert mine.state_dict()["state"].keys() == other.state_dict()["state"].keys()
    for i, own in mine.state_dict()["state"].items():
        theirs_own = other.state_dict()["state"][i]
        assert own.keys() == {k for k, v in theirs_own.items() if v is not None}
    fresh_mine, fresh_other = (
        OPTIMIZERS[name](ENGINES[engine], params) for engine, params in
        ((scratch, ours), (torch, theirs))
    )  # fmt: skip
    fresh_mine.load_state_dict(other.state_dict())
    fresh_other.load_state_dict(tensors(mine.state_dict()))
    assert_alike(
        descend(scratch, ours, fresh_mine, 3), descend(torch, theirs, fresh_other, 3)
    )  # fmt: skip


def test_optimizer_goes_on_from_a_file() -> None:
    params = leaves(scratch)
    adam = optim.Adam(params, 0.1)
    descend(scratch, params, adam, 3)
    file = io.BytesIO()
    scratch.save({"optimizer": adam.state_dict(), "params": params}, file)
    expected = descend(scratch, params, adam, 3)
    file.seek(0)
    saved = scratch.load(file)
    again = optim.Adam(saved["params"])
    again.load_state_dict(saved["optimizer"])
    for a, b in zip(descend(scratch, saved["params"], again, 3)[-1], expected[-1], strict=True):
        np.testing.assert_array_equal(a, b)


def test_closure_is_called_with_gradients_on() -> None:
    w = scratch.tensor([1.0], requires_grad=True)
    sgd = optim.SGD([w], lr=0.5)

    def closure() -> Any:
        sgd.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with scratch.no_grad():
        assert sgd.step(closure).item() == 1.0
    assert w.item() == 0.0


def test_parameters_keep_their_memory_and_type() -> None:
    w = scratch.ones(3, requires_grad=True)
    memory = w.array
    for make in (optim.SGD, optim.Adagrad, optim.RMSprop, optim.Adam, optim.AdamW):
        optimizer = make([w], np.float64(0.1))
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
    assert w.array is memory
    assert w.dtype is scratch.float32


def test_stale_values_are_found_out_after_a_step() -> None:
    w = scratch.ones(3, requires_grad=True)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    optim.SGD([w], 0.1).step()
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_optimizers_print_their_groups() -> None:
    w = [scratch.ones(1, requires_grad=True) for _ in range(2)]
    text = repr(optim.SGD([{"params": w[0]}, {"params": [w[1]], "lr": 2.0}], lr=1.0))
    assert text.splitlines()[:5] == [
        "SGD (", "Parameter Group 0", "    dampening: 0", "    lr: 1.0", "    momentum: 0",
    ]  # fmt: skip
    assert "    lr: 2.0" in text.splitlines()


W = scratch.ones(2, requires_grad=True)


@pytest.mark.parametrize(("make", "error", "message"), [
    (lambda: optim.SGD([]), ValueError, "SGD: expected parameters, got none"),
    (lambda: optim.SGD(W), TypeError, "SGD: expected an iterable of Tensor, got a Tensor"),
    (lambda: optim.SGD([1]), TypeError, "SGD: expected Tensors, got int"),
    (lambda: optim.SGD([W * 2]), ValueError, "SGD: expected leaves, got the result of <MulB"),
    (lambda: optim.SGD([W, W]), ValueError, r"SGD: expected each parameter once, got \(2,\) twice"),
    (lambda: optim.SGD([{"params": W}, {"params": [W]}]), ValueError, "expected each parameter on"),
    (lambda: optim.SGD([W], lr=-1), ValueError, "SGD: expected lr >= 0, got -1"),
    (lambda: optim.SGD([W], nesterov=True), ValueError, "SGD: expected momentum > 0 and dampening"),
    (lambda: optim.Adam([W], betas=(0.9, 1)), ValueError, r"Adam: expected betas in \[0, 1\), got"),
    (lambda: optim.AdamW([W], eps=-1e-8), ValueError, "AdamW: expected eps >= 0, got -1e-08"),
    (lambda: optim.RMSprop([W], alpha=-1), ValueError, "RMSprop: expected alpha >= 0, got -1"),
    (lambda: optim.Adagrad([W], lr_decay=-1), ValueError, "Adagrad: expected lr_decay >= 0, got"),
    (lambda: optim.SGD([W]).load_state_dict({"state": {}, "param_groups": [{"params": [0, 1]}]}),
     ValueError, r"load_state_dict: expected groups of sizes \[1\], got \[2\]"),
])  # fmt: skip
def test_bad_option_is_named(make: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


SCHEDULES: dict[str, Callable[[Any, Any], Any]] = {
    "step": lambda s, o: s.StepLR(o, 3, 0.5),
    "multistep": lambda s, o: s.MultiStepLR(o, [2, 5, 5, 9]),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.9),
    "linear": lambda s, o: s.LinearLR(o),
    "linear, down": lambda s, o: s.LinearLR(o, 1.0, 0.0, 7),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, 6),
    "cosine, least": lambda s, o: s.CosineAnnealingLR(o, 7, 0.01),
    "lambda": lambda s, o: s.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
    "lambdas": lambda s, o: s.LambdaLR(o, [lambda e: 0.9**e, lambda e: math.cos(e)]),
    "warm-up, cosine": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=4), s.CosineAnnealingLR(o, 8, 0.01)], [4]
    ),
    "three": lambda s, o: s.SequentialLR(
        o, [s.StepLR(o, 2), s.ExponentialLR(o, 0.8), s.LinearLR(o, 0.5)], [3, 9]
    ),
    "lambda second": lambda s, o: s.SequentialLR(
        o, [s.MultiStepLR(o, [2]), s.LambdaLR(o, lambda e: 1 / (2 + e))], [5]
    ),
}


@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step")
@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule_sets_the_same_rates(name: str) -> None:
    rates: dict[Any, list[Any]] = {}
    for engine, optimizers in ENGINES.items():
        a, b, _ = leaves(engine)
        sgd = optimizers.SGD([{"params": [a]}, {"params": [b], "lr": 0.02}], lr=0.5)
        schedule = SCHEDULES[name](optimizers.lr_scheduler, sgd)
        rates[engine] = [schedule.get_last_lr()]
        for epoch in range(STEPS):
            if epoch == 6:
                state = schedule.state_dict()
                schedule = SCHEDULES[name](optimizers.lr_scheduler, sgd)
                schedule.load_state_dict(state)
                for group, lr in zip(sgd.param_groups, rates[engine][-1], strict=True):
                    group["lr"] = lr
            sgd.step()
            schedule.step()
            rates[engine].append([group["lr"] for group in sgd.param_groups])
            assert schedule.get_last_lr() == rates[engine][-1]
    np.testing.assert_allclose(rates[scratch], rates[torch], 1e-12, 1e-15)


@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step")
def test_two_schedules_act_on_one_optimizer() -> None:
    rates: dict[Any, list[float]] = {}
    for engine, optimizers in ENGINES.items():
        sgd = optimizers.SGD(leaves(engine), lr=0.5)
        schedules = [
            SCHEDULES[name](optimizers.lr_scheduler, sgd) for name in ("linear", "exponential")
        ]
        rates[engine] = []
        for _ in range(STEPS):
            for schedule in schedules:
                schedule.step()
            rates[engine].append(sgd.param_groups[0]["lr"])
    np.testing.assert_allclose(rates[scratch], rates[torch], 1e-12)


@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step")
@pytest.mark.parametrize("name", ["step", "exponential", "linear", "cosine", "lambda"])
def test_schedule_goes_on_from_an_epoch(name: str) -> None:
    schedule = SCHEDULES[name]
    make = {"step": lambda s, o: s.StepLR(o, 3, 0.5, 6), "linear": lambda s, o: s.LinearLR(
        o, last_epoch=2), "exponential": lambda s, o: s.ExponentialLR(o, 0.9, 4),
        "cosine": lambda s, o: s.CosineAnnealingLR(o, 6, last_epoch=3),
        "lambda": lambda s, o: s.LambdaLR(o, lambda e: 1 / (1 + e), 3)}[name]  # fmt: skip
    rates: dict[Any, list[float]] = {}
    for engine, optimizers in ENGINES.items():
        sgd = optimizers.SGD(leaves(engine), lr=0.5)
        with pytest.raises(KeyError, match="initial_lr"):
            make(optimizers.lr_scheduler, sgd)
        schedule(optimizers.lr_scheduler, sgd)
        before = sgd.param_groups[0]["lr"]
        again = make(optimizers.lr_scheduler, sgd)
        if engine is scratch:
            assert sgd.param_groups[0]["lr"] == again.get_last_lr()[0] == before
        rates[engine] = []
        for _ in range(STEPS):
            again.step()
            rates[engine].append(sgd.param_groups[0]["lr"])
    np.testing.assert_allclose(rates[scratch], rates[torch], 1e-12)


PLATEAUS: dict[str, dict[str, Any]] = {
    "default": {"patience": 1},
    "absolute": {"patience": 1, "threshold": 0.05, "threshold_mode": "abs", "factor": 0.5},
    "max": {"mode": "max", "patience": 2, "threshold": 0.1, "factor": 0.5},
    "max, absolute": {"mode": "max", "patience": 0, "threshold_mode": "abs", "threshold": 0.2},
    "cooldown": {"patience": 0, "cooldown": 2, "factor": 0.7},
    "least": {"patience": 0, "min_lr": [0.05, 0.001], "factor": 0.5},
    "eps": {"patience": 0, "eps": 0.1, "factor": 0.5},
}


@pytest.mark.parametrize("name", PLATEAUS)
def test_plateau_reduces_the_same_rates(name: str) -> None:
    metrics = np.abs(normal(40)) + np.linspace(1, 0, 40)
    rates: dict[Any, list[Any]] = {}
    for engine, optimizers in ENGINES.items():
        a, b, _ = leaves(engine)
        sgd = optimizers.SGD([{"params": [a]}, {"params": [b], "lr": 0.2}], lr=0.5)
        schedule = optimizers.lr_scheduler.ReduceLROnPlateau(sgd, **PLATEAUS[name])
        rates[engine] = []
        for metric in [*metrics, float("nan")]:
            schedule.step(engine.tensor(metric))
            rates[engine].append(schedule.get_last_lr())
    np.testing.assert_allclose(rates[scratch], rates[torch], 1e-12)
    assert rates[scratch][0] != rates[scratch][-1]


S, G = optim.lr_scheduler, optim.SGD([W])


@pytest.mark.parametrize(("make", "message"), [
    (lambda: S.LinearLR(G, 0.0), r"LinearLR: expected start_factor in \(0, 1\] .*, got 0.0 and 1"),
    (lambda: S.LinearLR(G, 1.0, 2.0), r"LinearLR: .* end_factor in \[0, 1\], got 1.0 and 2.0"),
    (lambda: S.LambdaLR(G, []), "LambdaLR: expected 1 functions, got 0"),
    (lambda: S.SequentialLR(G, [S.StepLR(G, 1)], [1]), "SequentialLR: expected a milestone less"),
    (lambda: S.SequentialLR(optim.SGD([W]), [S.StepLR(G, 1)], []), "schedulers of this optimizer"),
    (lambda: S.ReduceLROnPlateau(G, factor=1), "ReduceLROnPlateau: expected factor < 1, got 1"),
    (lambda: S.ReduceLROnPlateau(G, "best"), "expected mode 'min' or 'max' .*, got 'best'"),
    (lambda: S.ReduceLROnPlateau(G, threshold_mode="x"), "'rel' or 'abs', got 'min' and 'x'"),
    (lambda: S.ReduceLROnPlateau(G, min_lr=[0, 1]), "expected 1 min_lr, got 2"),
])  # fmt: skip
def test_bad_schedule_is_named(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
