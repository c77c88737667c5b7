"""Losses: how far a prediction is from its target.

Those that compare probabilities take logits and never form a probability whose logarithm is then
taken. Left out are the deprecated arguments `size_average` and `reduce`; what comes after them is
given by keyword, so that no call can mistake the places they held.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from nnkit.scratch.activations import logistic
from nnkit.scratch.dtypes import Array
from nnkit.scratch.nn.module import Module
from nnkit.scratch.recording import operands, quiet, real, record
from nnkit.scratch.reductions import add_reduce, max_reduce
from nnkit.scratch.tensors import Tensor

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "NLLLoss",
    "SmoothL1Loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "gaussian_nll_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "nll_loss",
    "smooth_l1_loss",
]


def _reduced(op: str, losses: Array, reduction: str, count: Any = None) -> tuple[Array, Any]:
    """Return the losses reduced, and what the gradient of each is to be multiplied by.

    The mean divides by `count`: the number of losses, or what stands for it.
    """
    if reduction == "mean":
        count = losses.size if count is None else count
        return add_reduce(losses, None) / count, 1 / (count or 1)
    if reduction == "sum":
        return add_reduce(losses, None), 1
    if reduction == "none":
        return losses, 1
    raise ValueError(f"{op}: expected reduction 'mean', 'sum' or 'none', got {reduction!r}")


def _compared(op: str, input: Tensor, target: Tensor) -> tuple[Array, Array]:
    """Return the arrays of a prediction and its target, with a warning if one is stretched."""
    if input.array.shape != target.array.shape:
        warnings.warn(
            f"{op}: expected input and target of one shape, got {input.array.shape} and "
            f"{target.array.shape}, which are broadcast",
            stacklevel=3,
        )
    a, b = operands(op, input, target)
    return a, b


@quiet
def mse_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """Return the mean squared error, (x − t)² averaged.

    Parameters
    ----------
    input : Tensor
        Prediction x, of any shape.
    target : Tensor
        Target t, of the same shape.
    reduction : str, default "mean"
        "mean", "sum", or "none" for the loss of each element.

    Returns
    -------
    Tensor
        One number, or the shape of `input`.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> F.mse_loss(torch.tensor([1.0, 3.0]), torch.tensor([1.0, 1.0]))
    tensor(2.)
    """
    x, t = _compared("mse_loss", input, target)
    d = x - t
    value, scale = _reduced("mse_loss", d * d, reduction)
    return record(
        value, (input, lambda g: g * (2 * scale) * d), (target, lambda g: g * (-2 * scale) * d)
    )


@quiet
def l1_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """Return the mean absolute error, \\|x − t\\| averaged.

    Parameters
    ----------
    input : Tensor
        Prediction x, of any shape.
    target : Tensor
        Target t, of the same shape.
    reduction : str, default "mean"
        "mean", "sum", or "none" for the loss of each element.

    Returns
    -------
    Tensor
        One number, or the shape of `input`.
    """
    x, t = _compared("l1_loss", input, target)
    d = x - t
    value, scale = _reduced("l1_loss", np.abs(d), reduction)
    return record(
        value,
        (input, lambda g: g * scale * np.sign(d)),
        (target, lambda g: g * -scale * np.sign(d)),
    )


@quiet
def smooth_l1_loss(
    input: Tensor, target: Tensor, *, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    """Return d² / 2β where the error d is below β, and \\|d\\| − β/2 elsewhere, averaged.

    Parameters
    ----------
    input : Tensor
        Prediction, of any shape.
    target : Tensor
        Target, of the same shape.
    reduction : str, default "mean"
        "mean", "sum", or "none" for the loss of each element.
    beta : float, default 1.0
        Error up to which the loss is quadratic, >= 0; for 0 it is `l1_loss`.

    Returns
    -------
    Tensor
        One number, or the shape of `input`.

    Raises
    ------
    RuntimeError
        If `beta` is negative.

    Notes
    -----
    The slope is s = d/β, cut off at ±1, and with it both cases read s (d − s β/2).
    """
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss: expected beta >= 0, got {beta}")
    x, t = _compared("smooth_l1_loss", input, target)
    d = x - t
    s = np.clip(d / beta, -1, 1) if beta else np.sign(d)
    value, scale = _reduced("smooth_l1_loss", s * (d - beta / 2 * s), reduction)
    return record(value, (input, lambda g: g * scale * s), (target, lambda g: g * -scale * s))


@quiet
def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0
) -> Tensor:
    """Return d² / 2 where the error d is at most δ, and δ (\\|d\\| − δ/2) elsewhere, averaged.

    Parameters
    ----------
    input : Tensor
        Prediction, of any shape.
    target : Tensor
        Target, of the same shape.
    reduction : str, default "mean"
        "mean", "sum", or "none" for the loss of each element.
    delta : float, default 1.0
        Error up to which the loss is quadratic, > 0.

    Returns
    -------
    Tensor
        One number, or the shape of `input`.

    Raises
    ------
    RuntimeError
        If `delta` is not positive.

    Notes
    -----
    The slope is s = d, cut off at ±δ, and with it both cases read s (d − s/2).
    """
    if delta <= 0:
        raise RuntimeError(f"huber_loss: expected delta > 0, got {delta}")
    x, t = _compared("huber_loss", input, target)
    d = x - t
    s = np.clip(d, -delta, delta)
    value, scale = _reduced("huber_loss", s * (d - s / 2), reduction)
    return record(value, (input, lambda g: g * scale * s), (target, lambda g: g * -scale * s))


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
) -> tuple[Array, Any, Any, Array | None]:
    """Return the samples' labels, their weights, the sum of these, and which are ignored, if any.

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
    classes, ignored = x.shape[min(1, x.ndim - 1)], None
    # Seen as unsigned, a negative label is a large one.
    largest = max_reduce(y.view(np.uint64), 0, None, None, False, 0)
    if largest >= classes or 0 <= ignore_index < classes:
        ignored = y == ignore_index
        y = np.where(ignored, 0, y)
        wrong = y[(y < 0) | (y >= classes)]
        if wrong.size:
            raise IndexError(f"{op}: expected labels in [0, {classes - 1}], got {wrong[0]}")
    if weight is None and ignored is None:
        return y, 1.0, len(y), None
    w = np.ones(classes, x.dtype) if weight is None else weight.array.astype(x.dtype, copy=False)
    if w.shape != (classes,):
        raise RuntimeError(f"{op}: expected weight of shape ({classes},), got {w.shape}")
    w = w[y] if ignored is None else w[y] * ~ignored
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
    rows, shape = _rows(x), x.shape
    y, w, count, ignored = _labels("nll_loss", x, target, weight, ignore_index)
    samples, form, dtype = np.arange(len(y)), rows.shape, x.dtype
    losses = rows[samples, y] * -w
    if ignored is not None:
        losses[ignored] = 0
    value, scale = _reduced("nll_loss", losses.reshape(target.array.shape), reduction, count)

    def gradient(g: Array) -> Array:
        slope = np.zeros(form, dtype)
        slope[samples, y] = g.reshape(-1) * (-scale * w)
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
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> F.cross_entropy(torch.tensor([[2.0, 0.0]]), torch.tensor([0]))
    tensor(0.1269)
    """
    x = real(input)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(
            f"cross_entropy: expected label_smoothing in [0, 1], got {label_smoothing}"
        )
    shape, rows = x.shape, _rows(x)
    classes, each = rows.shape[1], shape[:1] + shape[2:] if x.ndim > 1 else ()
    z = rows - max_reduce(rows, 1, None, None, True, -np.inf)
    if target.array.shape == shape:
        w: Any = 1.0 if weight is None else weight.array
        q = w * ((1 - label_smoothing) * _rows(real(target)) + label_smoothing / classes)
        count, ignored = len(q), None
    else:
        y, w, count, ignored = _labels("cross_entropy", x, target, weight, ignore_index)
        samples = np.arange(len(y))
        if label_smoothing == 0:
            right = z[samples, y]
            e = np.exp(z, z)
            total = add_reduce(e, 1)
            losses = (np.log(total) - right) * w
            if ignored is not None:
                losses[ignored] = 0
            value, scale = _reduced("cross_entropy", losses.reshape(each), reduction, count)

            def of_labels(g: Array) -> Array:
                s = g.reshape(-1) * (scale * w)
                slope = e * (s / total)[:, None]
                slope[samples, y] -= s
                return _unrows(slope, shape)

            return record(value, (input, of_labels))
        q = np.full_like(z, label_smoothing / classes)
        if weight is not None:
            q *= weight.array
        q[samples, y] += (1 - label_smoothing) * w
        if ignored is not None:
            q[ignored] = 0
    log_p = z - np.log(add_reduce(np.exp(z), 1, None, None, True))
    losses = -add_reduce(q * log_p, 1)
    if ignored is not None:
        losses[ignored] = 0
    value, scale = _reduced("cross_entropy", losses.reshape(each), reduction, count)

    def of_shares(g: Array) -> Array:
        s = g.reshape(-1, 1) * scale
        return _unrows(s * (np.exp(log_p) * add_reduce(q, 1, None, None, True) - q), shape)

    def of_target(g: Array) -> Array:
        return _unrows(g.reshape(-1, 1) * ((label_smoothing - 1) * scale) * (w * log_p), shape)

    return record(value, (input, of_shares), (target, of_target))


@quiet
def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean"
) -> Tensor:
    """Return −t log p − (1 − t) log(1 − p), averaged; no logarithm is taken below −100.

    Parameters
    ----------
    input : Tensor
        Probabilities p in [0, 1], of any shape.
    target : Tensor
        Target t in [0, 1], of the same shape.
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
    p, t = input.array, target.array
    if p.shape != t.shape:
        raise ValueError(
            f"binary_cross_entropy: expected a target of shape {p.shape}, got {t.shape}"
        )
    if p.size and not (p.min() >= 0 and p.max() <= 1):
        raise RuntimeError(
            f"binary_cross_entropy: expected input in [0, 1], got [{p.min()}, {p.max()}]"
        )
    log_p, log_q = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)
    w = 1.0 if weight is None else weight.array
    losses = ((t - 1) * log_q - t * log_p) * w
    value, scale = _reduced("binary_cross_entropy", losses, reduction)
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
    input : Tensor
        Logits x, of any shape.
    target : Tensor
        Target t in [0, 1], of the same shape.
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
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> F.binary_cross_entropy_with_logits(torch.tensor([0.0, 1e4]), torch.tensor([1.0, 1.0]))
    tensor(0.3466)
    """
    x, t = real(input), target.array
    if x.shape != t.shape:
        raise ValueError(
            f"binary_cross_entropy_with_logits: expected a target of shape {x.shape}, got {t.shape}"
        )
    w = 1.0 if weight is None else weight.array
    r = 1.0 if pos_weight is None else pos_weight.array
    s = np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)
    rest = 1 - t
    losses = w * (rest * x + (rest + r * t) * s)
    value, scale = _reduced("binary_cross_entropy_with_logits", losses, reduction)
    return record(
        value,
        (input, lambda g: g * scale * w * ((rest + r * t) * logistic(x) - r * t)),
        (target, lambda g: g * scale * w * ((0 if pos_weight is None else (r - 1) * s) - x)),
    )


@quiet
def kl_div(
    input: Tensor, target: Tensor, *, reduction: str = "mean", log_target: bool = False
) -> Tensor:
    """Return the divergence of q from p, p (log p − log q), averaged over all elements.

    Parameters
    ----------
    input : Tensor
        Logarithms log q, of any shape.
    target : Tensor
        Probabilities p, of the same shape; log p if `log_target`.
    reduction : str, default "mean"
        "batchmean" sums and divides by the length of the first axis, as the definition has it;
        "mean", "sum", or "none" for the part of each element.
    log_target : bool, default False
        Whether `target` holds logarithms.

    Returns
    -------
    Tensor
        One number, or the shape of `input`.
    """
    log_q, t = operands("kl_div", input, target)
    p = np.exp(t) if log_target else t
    log_p = t if log_target else np.log(np.where(t == 0, 1, t))
    count = len(log_q) if reduction == "batchmean" and log_q.ndim else None
    losses = p * (log_p - log_q)
    value, scale = _reduced("kl_div", losses, reduction.removeprefix("batch"), count)
    slope = p if log_target else 1
    return record(
        value,
        (input, lambda g: g * -scale * p),
        (target, lambda g: g * scale * slope * (log_p - log_q + 1)),
    )


@quiet
def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """Return −log of a normal density, ½ (log v + (x − t)² / v), averaged.

    Parameters
    ----------
    input : Tensor
        Means x, of any shape.
    target : Tensor
        Samples t, of the same shape or one that broadcasts.
    var : Tensor or float
        Variances v >= 0, of the same shape, with length 1 along some axes, or without the last.
    full : bool, default False
        Add the constant ½ log 2π.
    eps : float, default 1e-6
        Smallest variance that is used, > 0. The gradient passes as if none had been raised.
    reduction : str, default "mean"
        "mean", "sum", or "none" for the loss of each element.

    Returns
    -------
    Tensor
        One number, or the shape of `input`.

    Raises
    ------
    ValueError
        If a variance is negative, or its shape is none of these.

    Notes
    -----
    With d = x − t, the slope by x is d / v, and that by v is ½ (1 − d² / v) / v.
    """
    x, t = operands("gaussian_nll_loss", input, target)
    v = var.array if isinstance(var, Tensor) else np.full(x.shape, var, x.dtype)
    form = v.shape
    if form == x.shape[:-1] and form != x.shape:
        v = v[..., None]
    if v.ndim != x.ndim or any(m not in (1, n) for m, n in zip(v.shape, x.shape, strict=True)):
        raise ValueError(
            f"gaussian_nll_loss: expected var of shape {x.shape}, with lengths of 1, or without "
            f"the last axis, got {form}"
        )
    if v.size and v.min() < 0:
        raise ValueError(f"gaussian_nll_loss: expected var >= 0, got {v.min()}")
    v, d = np.maximum(v, eps), x - t
    losses = (np.log(v) + d * d / v) / 2
    if full:
        losses += math.log(2 * math.pi) / 2
    value, scale = _reduced("gaussian_nll_loss", losses, reduction)

    def of_variance(g: Array) -> Array:
        slope: Array = g * (scale / 2) * ((1 - d * d / v) / v)
        return slope.sum(-1) if len(form) < x.ndim else slope

    return record(
        value,
        (input, lambda g: g * scale * (d / v)),
        (target, lambda g: g * -scale * (d / v)),
        (var, of_variance),
    )


class _Loss(Module):
    """A loss whose one option is its reduction.

    Parameters
    ----------
    reduction : str, default "mean"
        "mean", "sum" or "none".
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction


class _WeightedLoss(_Loss):
    """A loss with weights, which are a buffer."""

    weight: Tensor | None

    def __init__(self, weight: Tensor | None, reduction: str) -> None:
        super().__init__(reduction=reduction)
        self.register_buffer("weight", weight)


class MSELoss(_Loss):
    """Mean squared error: see `mse_loss`."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    """Mean absolute error: see `l1_loss`."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """Quadratic up to an error of β, linear beyond: see `smooth_l1_loss`.

    Parameters
    ----------
    reduction : str, default "mean"
        "mean", "sum" or "none".
    beta : float, default 1.0
        Error up to which the loss is quadratic, >= 0.
    """

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    """Quadratic up to an error of δ, linear beyond: see `huber_loss`.

    Parameters
    ----------
    reduction : str, default "mean"
        "mean", "sum" or "none".
    delta : float, default 1.0
        Error up to which the loss is quadratic, > 0.
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return huber_loss(input, target, self.reduction, self.delta)


class CrossEntropyLoss(_WeightedLoss):
    """−Σ q log p, for p the softmax of logits: see `cross_entropy`.

    Parameters
    ----------
    weight : Tensor, optional
        Weight of each class, shape (C,).
    ignore_index : int, default -100
        Label of samples that count for nothing.
    reduction : str, default "mean"
        "mean", "sum" or "none".
    label_smoothing : float, default 0.0
        Share of q that is spread evenly over the classes, in [0, 1].
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(_WeightedLoss):
    """−log p of the right class, from log p: see `nll_loss`.

    Parameters
    ----------
    weight : Tensor, optional
        Weight of each class, shape (C,).
    ignore_index : int, default -100
        Label of samples that count for nothing.
    reduction : str, default "mean"
        "mean", "sum" or "none".
    """

    def __init__(
        self, weight: Tensor | None = None, *, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(weight, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return nll_loss(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction
        )


class BCELoss(_WeightedLoss):
    """Cross-entropy of two classes, from a probability: see `binary_cross_entropy`.

    Parameters
    ----------
    weight : Tensor, optional
        Weight of each element, of a shape that broadcasts to it.
    reduction : str, default "mean"
        "mean", "sum" or "none".
    """

    def __init__(self, weight: Tensor | None = None, *, reduction: str = "mean") -> None:
        super().__init__(weight, reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_WeightedLoss):
    """Cross-entropy of two classes, from a logit: see `binary_cross_entropy_with_logits`.

    Parameters
    ----------
    weight : Tensor, optional
        Weight of each element, of a shape that broadcasts to it.
    reduction : str, default "mean"
        "mean", "sum" or "none".
    pos_weight : Tensor, optional
        Weight of the positive, of a shape that broadcasts to it.
    """

    pos_weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(weight, reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class KLDivLoss(_Loss):
    """Divergence of one distribution from another: see `kl_div`.

    Parameters
    ----------
    reduction : str, default "mean"
        "batchmean", "mean", "sum" or "none".
    log_target : bool, default False
        Whether the target holds logarithms.
    """

    def __init__(self, *, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction=reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class GaussianNLLLoss(_Loss):
    """−log of a normal density with its own variance at each element: see `gaussian_nll_loss`.

    Parameters
    ----------
    full : bool, default False
        Add the constant ½ log 2π.
    eps : float, default 1e-6
        Smallest variance that is used, > 0.
    reduction : str, default "mean"
        "mean", "sum" or "none".
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full, self.eps = full, eps

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        return gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)
