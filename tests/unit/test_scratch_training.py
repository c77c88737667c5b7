"""The training loop: what it measures, when it stops, and how it goes on."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnkit.scratch as engine
from nnkit.scratch import nn, optim
from nnkit.scratch.training import evaluate, fit

X = np.random.default_rng(0).standard_normal((20, 3)).astype(np.float32)
Y = X @ np.array([[1.0], [-2.0], [0.5]], np.float32) + 0.3


def batches(size: int = 8) -> list[Any]:
    places = range(0, len(X), size)
    return [(engine.tensor(X[i : i + size]), engine.tensor(Y[i : i + size])) for i in places]


def model_and_optimizer(dropout: float = 0.0) -> tuple[Any, Any]:
    engine.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Dropout(dropout), nn.Linear(16, 1))
    return model, optim.Adam(model.parameters(), lr=0.02)


def values(model: Any) -> list[Any]:
    return [p.detach().numpy().copy() for p in model.parameters()]


def distance(output: Any, target: Any) -> Any:
    return (output - target).abs().mean()


class Scripted:
    """A measure of the model that reports given losses, one an epoch."""

    def __init__(self, *losses: float) -> None:
        self.losses = iter(losses)

    def __call__(self, output: Any, target: Any) -> Any:
        if engine.is_grad_enabled():
            return (output - target).pow(2).mean()
        return engine.tensor(next(self.losses))


def test_history_holds_the_mean_over_examples() -> None:
    model, optimizer = model_and_optimizer()
    history = fit(
        model, nn.MSELoss(), optimizer, batches(), batches(), epochs=30, metrics={"off": distance}
    )
    assert {name: len(means) for name, means in history.items()} == {
        "train_loss": 30, "validation_loss": 30, "off": 30,
    }  # fmt: skip
    left = model(engine.tensor(X)) - engine.tensor(Y)
    assert history["validation_loss"][-1] == pytest.approx(left.pow(2).mean().item(), rel=1e-5)
    assert history["off"][-1] == pytest.approx(left.abs().mean().item(), rel=1e-5)
    assert history["train_loss"][-1] < 0.1 * history["train_loss"][0]


def test_training_and_evaluation_are_told_apart() -> None:
    model, optimizer = model_and_optimizer(dropout=0.5)
    seen = []
    model.register_forward_hook(lambda *_: seen.append((model.training, engine.is_grad_enabled())))
    fit(model, nn.MSELoss(), optimizer, batches(20), batches(20), epochs=2)
    assert seen == [(True, True), (False, False)] * 2
    assert model.training
    model.eval()
    evaluate(model, {"off": distance}, batches())
    assert not model.training


def test_run_stops_when_patience_ends_and_goes_back_to_the_best_state() -> None:
    model, optimizer = model_and_optimizer()
    kept = []
    loss = Scripted(3.0, 1.0, 2.0, 1.5, 0.1)
    optimizer.step = after(optimizer.step, lambda: kept.append(values(model)))
    history = fit(model, loss, optimizer, batches(20), batches(20), epochs=9, patience=2)
    assert history["validation_loss"] == [3.0, 1.0, 2.0, 1.5]
    for best, value, last in zip(kept[1], values(model), kept[3], strict=True):
        assert (best == value).all()
        assert (last != value).any()


def after(function: Any, then: Any) -> Any:
    def both() -> None:
        function()
        then()

    return both


def test_training_loss_decides_where_there_is_no_validation() -> None:
    model, optimizer = model_and_optimizer()
    optimizer.param_groups[0]["lr"] = 0.0
    history = fit(model, nn.MSELoss(), optimizer, batches(), epochs=9, patience=3)
    assert len(history["train_loss"]) == 4


@pytest.mark.parametrize("patience", [None, 50])
def test_interrupted_run_comes_to_the_same_end(tmp_path: Path, patience: int | None) -> None:
    def run(epochs: int, checkpoint: Path | None) -> tuple[Any, Any]:
        model, optimizer = model_and_optimizer(dropout=0.3)
        scheduler = optim.lr_scheduler.StepLR(optimizer, 2, 0.5)
        history = fit(
            model, nn.MSELoss(), optimizer, batches(), batches(), epochs=epochs,
            scheduler=scheduler, patience=patience, checkpoint=checkpoint,
        )  # fmt: skip
        return history, values(model)

    whole, expected = run(7, None)
    run(3, tmp_path / "run")
    resumed, got = run(7, tmp_path / "run")
    assert resumed == whole
    for a, b in zip(expected, got, strict=True):
        assert (a == b).all()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_stopped_run_stays_stopped_at_its_best(tmp_path: Path) -> None:
    ends = []
    for _ in range(2):
        model, optimizer = model_and_optimizer()
        history = fit(
            model, Scripted(1.0, 2.0, 3.0), optimizer, batches(20), batches(20), epochs=9,
            patience=2, checkpoint=tmp_path / "run",
        )  # fmt: skip
        assert history["validation_loss"] == [1.0, 2.0, 3.0]
        ends.append(values(model))
    for first, second in zip(*ends, strict=True):
        assert (first == second).all()


def test_scheduler_takes_a_step_each_epoch() -> None:
    model, optimizer = model_and_optimizer()
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    fit(model, nn.MSELoss(), optimizer, batches(), epochs=3, scheduler=scheduler)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.02 / 8)


def test_plateau_is_judged_by_the_validation_loss() -> None:
    model, optimizer = model_and_optimizer()
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=0)
    loss = Scripted(1.0, 2.0)
    fit(model, loss, optimizer, batches(20), batches(20), epochs=2, scheduler=scheduler)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.002)


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown_on_a_terminal_only(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, optimizer = model_and_optimizer()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    fit(model, nn.MSELoss(), optimizer, batches(), epochs=2)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.split("\n")
    assert len(lines) == (3 if terminal else 1)
    if terminal:
        assert lines[1].split("\r")[-1].startswith("epoch 2/2 ━━━━━━━━━━━━━━━━━━━━ 3/3  loss ")


def test_what_cannot_be_measured_is_an_error() -> None:
    model, optimizer = model_and_optimizer()
    with pytest.raises(ValueError, match="fit: expected at least one batch"):
        fit(model, nn.MSELoss(), optimizer, [], epochs=1)
    with pytest.raises(ValueError, match="evaluate: expected at least one batch"):
        fit(model, nn.MSELoss(), optimizer, batches(), [], epochs=1)
    with pytest.raises(ValueError, match=r"expected validation for the metrics \['off'\]"):
        fit(model, nn.MSELoss(), optimizer, batches(), epochs=1, metrics={"off": distance})
