"""The training loop that chapters write out once and then import.

`fit` goes through the data epoch by epoch, and remembers what a run needs besides: its history, the
best state so far, a checkpoint to go on from. Left out are gradient accumulation and mixed
precision; a program that needs them writes its own loop.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sized
from pathlib import Path
from typing import Any, TypeAlias

from nnkit.scratch.core.grad_mode import no_grad
from nnkit.scratch.nn.module import Module
from nnkit.scratch.ops.random import default_generator
from nnkit.scratch.optim import Optimizer
from nnkit.scratch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from nnkit.scratch.serialization import load, save

Batches: TypeAlias = Iterable[Any]
Measure: TypeAlias = Callable[[Any, Any], Any]


def fit(
    model: Module,
    loss_fn: Measure,
    optimizer: Optimizer,
    train: Batches,
    validation: Batches | None = None,
    *,
    epochs: int,
    scheduler: LRScheduler | None = None,
    metrics: Mapping[str, Measure] | None = None,
    patience: int | None = None,
    checkpoint: str | Path | None = None,
) -> dict[str, list[float]]:
    """Train a model, and return what was measured on the way.

    Parameters
    ----------
    model : Module
        Called with all of a batch but its last tensor.
    loss_fn : callable
        Takes the model's output and the last tensor of a batch, the target; returns a mean loss.
    optimizer : Optimizer
        Of the model's parameters.
    train : iterable
        Batches, tuples of tensors, anew at each pass: a `DataLoader` or a list.
    validation : iterable, optional
        Batches on which the model is measured after each epoch.
    epochs : int
        Passes over the data in all, those before a resumption included.
    scheduler : LRScheduler, optional
        Takes a step after each epoch.
    metrics : mapping, optional
        Further measures of output and target on the validation set, by name.
    patience : int, optional
        Stop after so many epochs without a lower validation loss (training loss, if there is no
        validation), and go back to the best state; if left out, do neither.
    checkpoint : str or Path, optional
        A file that is written after each epoch. If it exists, the run goes on from it: after an
        interruption, to the same end as without, if all that is random is drawn from the default
        generator.

    Returns
    -------
    dict
        From "train_loss", and with validation "validation_loss" and the names of the metrics, to
        one number for each epoch.

    Raises
    ------
    ValueError
        If there is no batch, or metrics are given without validation.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.scratch import nn, optim
    >>> from nnkit.scratch.training import fit
    >>> x = engine.tensor([[0.0], [1.0]])
    >>> model = nn.Linear(1, 1)
    >>> sgd = optim.SGD(model.parameters(), lr=0.4)
    >>> history = fit(model, nn.MSELoss(), sgd, [(x, 2 * x + 1)], epochs=100)
    >>> model.weight
    Parameter containing:
    tensor([[2.0000]], requires_grad=True)
    """
    if metrics and validation is None:
        raise ValueError(f"fit: expected validation for the metrics {list(metrics)}, got none")
    history: dict[str, list[float]] = {}
    best: dict[str, Any] = {"loss": float("inf"), "epoch": 0, "state": None}
    stateful: dict[str, Any] = {"model": model, "optimizer": optimizer, "scheduler": scheduler}
    if checkpoint is not None and os.path.exists(checkpoint):
        saved = load(checkpoint)
        history, best = saved["history"], saved["best"]
        for name, part in stateful.items():
            if part is not None:
                part.load_state_dict(saved[name])
        default_generator.set_state(saved["random"])
    first = len(history.get("train_loss", ()))
    for epoch in range(first + 1, epochs + 1):
        if patience is not None and epoch - 1 - best["epoch"] >= patience:
            break
        model.train()
        label = f"epoch {epoch}/{epochs}"
        measured = _means(model, {"train_loss": loss_fn}, train, optimizer, label)
        if validation is not None:
            measures = {"validation_loss": loss_fn, **(metrics or {})}
            measured |= evaluate(model, measures, validation)
        for name, mean in measured.items():
            history.setdefault(name, []).append(mean)
        judged = measured.get("validation_loss", measured["train_loss"])
        if scheduler is not None:
            scheduler.step(*([judged] if isinstance(scheduler, ReduceLROnPlateau) else []))
        if patience is not None and judged < best["loss"]:
            state = {name: value.clone() for name, value in model.state_dict().items()}
            best = {"loss": judged, "epoch": epoch, "state": state}
        if checkpoint is not None:
            run = {name: part and part.state_dict() for name, part in stateful.items()}
            run |= {"history": history, "best": best, "random": default_generator.get_state()}
            unfinished = f"{checkpoint}.unfinished"
            save(run, unfinished)
            os.replace(unfinished, checkpoint)  # at no moment is there half a checkpoint
    if best["state"] is not None:
        model.load_state_dict(best["state"])
    return history


def evaluate(model: Module, measures: Mapping[str, Measure], batches: Batches) -> dict[str, float]:
    """Return means over a set, with the model in evaluation and nothing recorded.

    Parameters
    ----------
    model : Module
        Called with all of a batch but its last tensor.
    measures : mapping
        By name, functions of output and target that return a mean over the batch.
    batches : iterable
        Tuples of tensors, the target last.

    Returns
    -------
    dict
        The mean of each measure; every example counts alike, whatever the size of its batch.

    Raises
    ------
    ValueError
        If there is no batch.
    """
    training = model.training
    model.eval()
    with no_grad():
        means = _means(model, measures, batches)
    model.train(training)
    return means


def _means(
    model: Module,
    measures: Mapping[str, Measure],
    batches: Batches,
    optimizer: Optimizer | None = None,
    label: str = "",
) -> dict[str, float]:
    """Return the mean of each measure over all examples; an optimizer makes them smaller."""
    totals, count = dict.fromkeys(measures, 0.0), 0
    steps = len(batches) if isinstance(batches, Sized) else 0
    for step, (*inputs, target) in enumerate(batches, 1):
        output = model(*inputs)
        count += len(target)
        for name, measure in measures.items():
            value = measure(output, target)
            totals[name] += float(value) * len(target)
            if optimizer is not None:
                optimizer.zero_grad()
                value.backward()
                optimizer.step()
                if sys.stderr.isatty():
                    bar = "━" * (20 * step // steps) if steps else ""
                    mean = f"{step}/{steps or '?'}  loss {totals[name] / count:.4f}"
                    end = "" if step < steps else "\n"
                    print(f"\r{label} {bar:20} {mean}", end=end, file=sys.stderr, flush=True)
    if not count:
        name = "evaluate" if optimizer is None else "fit"
        raise ValueError(f"{name}: expected at least one batch, got none")
    return {name: total / count for name, total in totals.items()}
