"""Losses of classes: cross-entropies, of many classes and of two.

Those that take logits never form a probability whose logarithm is then taken.
"""

from __future__ import annotations

import math
from dataclasses import field
from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import quiet, real, record
from nnkit.scratch.nn.loss import WeightedLoss, reduced
from nnkit.scratch.ops.activations import logistic
from nnkit.scratch.ops.reductions import add_reduce, max_reduce
from nnkit.scratch.tensors import Tensor


def _rows(x: Array) -> Array:
    """Return scores of shape (N, C, ...) or (C,) as a matrix, with one row of C for each sample."""
    if x.ndim == 2:
        return x
    x = np.moveaxis(x, min(1, x.ndim - 1), -1)
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


def _unrows(rows: Array, shape: tuple[int, ...]) -> Array:
    """Undo `_rows`."""
    if len(shape) <= 2:
        return rows.reshape(shape)
    return np.moveaxis(rows.reshape(shape[0], *shape[2:], shape[1]), -1, 1)


def _labels(
    op: str, x: Array, target: Tensor, weight: Tensor | None, ignore_index: int
) -> tuple[Array, Any, Any, Any]:
    """Return the samples' labels, their weights, the sum of these, and an index of those ignored.

    The label of an ignored sample becomes 0, and so does its weight.
    """
    labels = target.array
    expected = x.shape[:1] + x.shape[2:] if x.ndim > 1 else ()
    if labels.shape != expected:
        error = ValueError if labels.shape[:1] != expected[:1] else RuntimeError
        raise error(
            f"{op}: expected a target of shape {expected} for input of shape {x.shape}, "
            f"got {labels.shape}"
        )
    if labels.dtype.kind not in "iu":
        raise RuntimeError(f"{op}: expected class indices of dtype torch.int64, got {target.dtype}")
    y = labels.reshape(-1).astype(np.int64, copy=False)
    classes, ignored = x.shape[min(1, x.ndim - 1)], slice(0)
    # Seen as unsigned, a negative label is a large one.
    largest = max_reduce(y.view(np.uint64), 0, None, None, False, 0)
    if largest >= classes or 0 <= ignore_index < classes:
        ignored = y == ignore_index
        y = np.where(ignored, 0, y)
        wrong = y[(y < 0) | (y >= classes)]
        if wrong.size:
            raise IndexError(f"{op}: expected labels in [0, {classes - 1}], got {wrong[0]}")
    elif weight is None:
        return y, 1.0, len(y), ignored
    w = np.ones(classes, x.dtype) if weight is None else weight.array.astype(x.dtype, copy=False)
    if w.shape != (classes,):
        raise RuntimeError(f"{op}: expected weight of shape ({classes},), got {w.shape}")
    w = w[y]
    w[ignored] = 0
    return y, w, add_reduce(w), ignored


@quiet
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """Return the negative log-likelihood, −log p of the right class, averaged.

    Parameters
    ----------
    input : Tensor
        Logarithms of probabilities, shape (N, C), (C,) or (N, C, d₁, d₂, ...).
    target : Tensor
        Right classes in [0, C), int64, shape (N,), () or (N, d₁, d₂, ...).
    weight : Tensor, optional
        Weight of each class, shape (C,); the mean divides by the sum of the samples' weights.
    ignore_index : int, default -100
        Label of samples that count for nothing.
    reduction : str, default "mean"
        "mean", "sum", or "none" for the loss of each sample.

    Returns
    -------
    Tensor
        One number, or the shape of `target`.

    Raises
    ------
    ValueError
        If the numbers of samples differ.
    IndexError
        If a label is none of the classes.
    RuntimeError
        If the shapes do not belong together, or the labels are not integers.
    """
    x = real(input)
    rows, shape, dtype = _rows(x), x.shape, x.dtype
    y, w, count, ignored = _labels("nll_loss", x, target, weight, ignore_index)
    form, right = rows.shape, (np.arange(len(y)), y)
    losses = rows[right] * -w
    losses[ignored] = 0
    value, scale = reduced("nll_loss", losses.reshape(target.array.shape), reduction, count)

    def gradient(g: Array) -> Array:
        slope = np.zeros(form, dtype)
        slope[right] = g.reshape(-1) * (-scale * w)
        return _unrows(slope, shape)

    return record(value, (input, gradient))


@quiet
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return −Σ q log p, for p the softmax of logits and q the distribution aimed at, averaged.

    Parameters
    ----------
    input : Tensor
        Logits, shape (N, C), (C,) or (N, C, d₁, d₂, ...).
    target : Tensor
        Right classes in [0, C), int64, shape (N,), () or (N, d₁, d₂, ...); or probabilities of the
        classes, in the shape of `input`.
    weight : Tensor, optional
        Weight of each class, shape (C,); for classes as targets, the mean divides by the sum of the
        samples' weights.
    ignore_index : int, default -100
        Label of samples that count for nothing.
    reduction : str, default "mean"
        "mean", "sum", or "none" for the loss of each sample.
    label_smoothing : float, default 0.0
        Share of q that is spread evenly over the classes, in [0, 1].

    Returns
    -------
    Tensor
        One number, or the shape of `input` without the axis of the classes.

    Raises
    ------
    ValueError
        If the numbers of samples differ.
    IndexError
        If a label is none of the classes.
    RuntimeError
        If the other lengths, the types or `label_smoothing` are not as above.

    Notes
    -----
    With log p = x − log Σ eˣ, the slope by x is p Σ q − q: for one right class, p − 1 there and p
    elsewhere. No probability is formed on the way to the loss, so logits of any size are safe.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.cross_entropy(engine.tensor([[2.0, 0.0]]), engine.tensor([0]))
    tensor(0.1269)
    """
    op, x = "cross_entropy", real(input)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"{op}: expected label_smoothing in [0, 1], got {label_smoothing}")
    shape, rows = x.shape, _rows(x)
    each, even = shape[:1] + shape[2:] if x.ndim > 1 else (), label_smoothing / rows.shape[1]
    z = rows - max_reduce(rows, 1, None, None, True, -np.inf)
    of_class: Any = 1.0 if weight is None else weight.array
    if target.array.shape == shape:
        q = of_class * ((1 - label_smoothing) * _rows(real(target)) + even)
        count, ignored = len(q), slice(0)
    else:
        y, w, count, ignored = _labels(op, x, target, weight, ignore_index)
        right = np.arange(len(y)), y
        if label_smoothing == 0:
            z_right = z[right]
            e = np.exp(z, z)
            total = add_reduce(e, 1)
            losses = (np.log(total) - z_right) * w
            losses[ignored] = 0
            value, scale = reduced(op, losses.reshape(each), reduction, count)

            def of_labels(g: Array) -> Array:
                s = g.reshape(-1) * (scale * w)
                slope = e * (s / total)[:, None]
                slope[right] -= s
                return _unrows(slope, shape)

            return record(value, (input, of_labels))
        q = np.full_like(z, even * of_class)
        q[right] += (1 - label_smoothing) * w
        q[ignored] = 0
    log_p = z - np.log(add_reduce(np.exp(z), 1, None, None, True))
    losses = -add_reduce(q * log_p, 1)
    losses[ignored] = 0
    value, scale = reduced(op, losses.reshape(each), reduction, count)

    def of_shares(g: Array) -> Array:
        slope = np.exp(log_p) * add_reduce(q, 1, None, None, True) - q
        return _unrows(g.reshape(-1, 1) * scale * slope, shape)

    def of_target(g: Array) -> Array:
        slope = (label_smoothing - 1) * of_class * log_p
        return _unrows(g.reshape(-1, 1) * scale * slope, shape)

    return record(value, (input, of_shares), (target, of_target))


@quiet
def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean"
) -> Tensor:
    """Return −t log p − (1 − t) log(1 − p), averaged; no logarithm is taken below −100.

    Parameters
    ----------
    input, target : Tensor
        Probabilities p and targets t in [0, 1], of one shape.
    weight : Tensor, optional
        Weight of each element, of a shape that broadcasts to it.
    reduction : str, default "mean"
        "mean", "sum", or "none" for the loss of each element.

    Returns
    -------
    Tensor
        One number, or the shape of `input`.

    Raises
    ------
    ValueError
        If the shapes differ.
    RuntimeError
        If an element of `input` is not in [0, 1].

    Notes
    -----
    The slope by p is (p − t) / p (1 − p), whose divisor is kept at 1e-12 or more.
    """
    op, p, t = "binary_cross_entropy", input.array, target.array
    if p.shape != t.shape:
        raise ValueError(f"{op}: expected a target of shape {p.shape}, got {t.shape}")
    if p.size and not (p.min() >= 0 and p.max() <= 1):
        raise RuntimeError(f"{op}: expected input in [0, 1], got [{p.min()}, {p.max()}]")
    log_p, log_q = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)
    w = 1.0 if weight is None else weight.array
    value, scale = reduced(op, ((t - 1) * log_q - t * log_p) * w, reduction)
    return record(
        value,
        (input, lambda g: g * scale * w * (p - t) / np.maximum(p * (1 - p), 1e-12)),
        (target, lambda g: g * scale * w * (np.log1p(-p) - np.log(p))),
    )


@quiet
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Return −r t log σ(x) − (1 − t) log(1 − σ(x)), averaged, for σ the sigmoid.

    Parameters
    ----------
    input, target : Tensor
        Logits x, and targets t in [0, 1], of one shape.
    weight : Tensor, optional
        Weight of each element, of a shape that broadcasts to it.
    reduction : str, default "mean"
        "mean", "sum", or "none" for the loss of each element.
    pos_weight : Tensor, optional
        Weight r of the positive, of a shape that broadcasts to it; 1 if left out.

    Returns
    -------
    Tensor
        One number, or the shape of `input`.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    With s = −log σ(x) = log(1 + e^−|x|) + max(−x, 0), which never overflows, and −log(1 − σ(x)) =
    x + s, the loss is (1 − t) x + (1 − t + r t) s. As s has the slope σ(x) − 1, the slope by x is
    (1 − t + r t) σ(x) − r t.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> logits, targets = engine.tensor([0.0, 1e4]), engine.tensor([1.0, 1.0])
    >>> F.binary_cross_entropy_with_logits(logits, targets)
    tensor(0.3466)
    """
    op, x, t = "binary_cross_entropy_with_logits", real(input), target.array
    if x.shape != t.shape:
        raise ValueError(f"{op}: expected a target of shape {x.shape}, got {t.shape}")
    w = 1.0 if weight is None else weight.array
    r = 1.0 if pos_weight is None else pos_weight.array
    s = np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)
    rest = 1 - t
    value, scale = reduced(op, w * (rest * x + (rest + r * t) * s), reduction)
    return record(
        value,
        (input, lambda g: g * scale * w * ((rest + r * t) * logistic(x) - r * t)),
        (target, lambda g: g * scale * w * ((0 if pos_weight is None else (r - 1) * s) - x)),
    )


class BCELoss(WeightedLoss, calls=binary_cross_entropy):
    """Cross-entropy of two classes, from a probability: see `binary_cross_entropy`."""


class BCEWithLogitsLoss(WeightedLoss, calls=binary_cross_entropy_with_logits):
    """Cross-entropy of two classes, from a logit.

    Parameters
    ----------
    weight, reduction, pos_weight : Tensor, str, Tensor
        As in `binary_cross_entropy_with_logits`.
    """

    pos_weight: Tensor | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.register_buffer("pos_weight", self.pos_weight)


class CrossEntropyLoss(WeightedLoss, calls=cross_entropy):
    """−Σ q log p, for p the softmax of logits.

    Parameters
    ----------
    weight, reduction, ignore_index, label_smoothing : Tensor, str, int, float
        As in `cross_entropy`.
    """

    ignore_index: int = field(default=-100, kw_only=True)
    label_smoothing: float = field(default=0.0, kw_only=True)


class NLLLoss(WeightedLoss, calls=nll_loss):
    """−log p of the right class, from log p.

    Parameters
    ----------
    weight, reduction, ignore_index : Tensor, str, int
        As in `nll_loss`.
    """

    ignore_index: int = field(default=-100, kw_only=True)
