"""Losses: how far a prediction is from its target, element by element.

Those of classes are in `classification`. Left out are the deprecated arguments `size_average` and
`reduce`; what comes after them is given by keyword, so that no call can mistake their places.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import field
from typing import Any, TypeAlias

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import operands, quiet, record
from nnkit.scratch.nn.module import Functional
from nnkit.scratch.ops import shaping
from nnkit.scratch.ops.reductions import add_reduce
from nnkit.scratch.tensors import Tensor

Error: TypeAlias = Callable[[Array], Any]  # a function of the error


def reduced(op: str, losses: Array, reduction: str, count: Any = None) -> tuple[Array, Any]:
    """Return the sum or the mean of losses, or the losses themselves.

    Parameters
    ----------
    op : str
        Name of the loss, for its errors.
    losses : ndarray
        The loss of each element or sample.
    reduction : str
        "mean", "sum" or "none".
    count : number, optional
        What the sum is divided by for the mean; the number of losses if left out.

    Returns
    -------
    value : ndarray
        One number, or the losses.
    scale : number
        What a gradient of `value` is to be multiplied by, as one of each loss.
    """
    if reduction == "mean":
        count = losses.size if count is None else count
        return add_reduce(losses, None) / count, 1 / (count or 1)
    if reduction == "sum":
        return add_reduce(losses, None), 1
    if reduction == "none":
        return losses, 1
    raise ValueError(f"{op}: expected reduction 'mean', 'sum' or 'none', got {reduction!r}")


@quiet
def _distance(
    op: str, input: Tensor, target: Tensor, reduction: str, loss: Error, slope: Error
) -> Tensor:
    """Reduce a loss of the error d = x − t, which is given with its slope."""
    if input.array.shape != target.array.shape:
        warnings.warn(
            f"{op}: expected input and target of one shape, got {input.array.shape} and "
            f"{target.array.shape}, which are broadcast",
            stacklevel=4,
        )
    x, t = operands(op, input, target)
    d = x - t
    value, scale = reduced(op, loss(d), reduction)
    pairs = (input, lambda g: g * scale * slope(d)), (target, lambda g: g * -scale * slope(d))
    return record(value, *pairs)


def mse_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """Return the mean squared error, (x − t)² averaged.

    Parameters
    ----------
    input, target : Tensor
        Prediction x and target t, of one shape.
    reduction : str, default "mean"
        "mean", "sum", or "none" for the loss of each element.

    Returns
    -------
    Tensor
        One number, or the shape of `input`.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.mse_loss(engine.tensor([1.0, 3.0]), engine.tensor([1.0, 1.0]))
    tensor(2.)
    """
    return _distance("mse_loss", input, target, reduction, lambda d: d * d, lambda d: 2 * d)


def l1_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """Return the mean absolute error, \\|x − t\\| averaged.

    Parameters
    ----------
    input, target, reduction : Tensor, Tensor, str
        As in `mse_loss`.

    Returns
    -------
    Tensor
        One number, or the shape of `input`.
    """
    return _distance("l1_loss", input, target, reduction, np.abs, np.sign)


def smooth_l1_loss(
    input: Tensor, target: Tensor, *, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    """Return d² / 2β where the error d is below β, and \\|d\\| − β/2 elsewhere, averaged.

    Parameters
    ----------
    input, target, reduction : Tensor, Tensor, str
        As in `mse_loss`.
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

    def slope(d: Array) -> Any:
        return np.clip(d / beta, -1, 1) if beta else np.sign(d)

    def loss(d: Array) -> Any:
        return slope(d) * (d - beta / 2 * slope(d))

    return _distance("smooth_l1_loss", input, target, reduction, loss, slope)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0
) -> Tensor:
    """Return d² / 2 where the error d is at most δ, and δ (\\|d\\| − δ/2) elsewhere, averaged.

    Parameters
    ----------
    input, target, reduction : Tensor, Tensor, str
        As in `mse_loss`.
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

    def slope(d: Array) -> Any:
        return np.clip(d, -delta, delta)

    def loss(d: Array) -> Any:
        return slope(d) * (d - slope(d) / 2)

    return _distance("huber_loss", input, target, reduction, loss, slope)


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
    p, log_p = (np.exp(t), t) if log_target else (t, np.log(np.where(t == 0, 1, t)))
    slope = p if log_target else 1
    count = len(log_q) if reduction == "batchmean" and log_q.ndim else None
    losses = p * (log_p - log_q)
    value, scale = reduced("kl_div", losses, reduction.removeprefix("batch"), count)
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
    input, target : Tensor
        Means x and samples t, of one shape or of shapes that broadcast to that of x.
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
    op = "gaussian_nll_loss"
    x, t = operands(op, input, target)
    if isinstance(var, Tensor) and var.array.shape == x.shape[:-1] != x.shape:
        var = shaping.unsqueeze(var, -1)
    v = var.array if isinstance(var, Tensor) else np.full_like(x, var)
    if v.ndim != x.ndim or any(m not in (1, n) for m, n in zip(v.shape, x.shape, strict=True)):
        raise ValueError(
            f"{op}: expected var of shape {x.shape}, with lengths of 1, or without the last axis, "
            f"got {v.shape}"
        )
    if v.size and v.min() < 0:
        raise ValueError(f"{op}: expected var >= 0, got {v.min()}")
    v, d = np.maximum(v, eps), x - t
    losses = (np.log(v) + d * d / v + full * math.log(2 * math.pi)) / 2
    value, scale = reduced(op, losses, reduction)
    return record(
        value,
        (input, lambda g: g * scale * (d / v)),
        (target, lambda g: g * -scale * (d / v)),
        (var, lambda g: g * (scale / 2) * ((1 - d * d / v) / v)),
    )


class Loss(Functional):
    """A loss, whose options are not printed.

    Parameters
    ----------
    reduction : str, default "mean"
        "mean", "sum" or "none".
    """

    reduction: str = field(default="mean", kw_only=True)

    def extra_repr(self) -> str:
        return ""


class WeightedLoss(Loss):
    """A loss with weights, which are a buffer.

    Parameters
    ----------
    weight, reduction : Tensor, str
        As in the function.
    """

    weight: Tensor | None = None

    def __post_init__(self) -> None:
        self.register_buffer("weight", self.weight)


class MSELoss(Loss, calls=mse_loss):
    """Mean squared error: see `mse_loss`."""


class L1Loss(Loss, calls=l1_loss):
    """Mean absolute error: see `l1_loss`."""


class SmoothL1Loss(Loss, calls=smooth_l1_loss):
    """Quadratic up to an error of β, linear beyond.

    Parameters
    ----------
    reduction, beta : str, float
        As in `smooth_l1_loss`.
    """

    beta: float = field(default=1.0, kw_only=True)


class HuberLoss(Loss, calls=huber_loss):
    """Quadratic up to an error of δ, linear beyond.

    Parameters
    ----------
    reduction, delta : str, float
        As in `huber_loss`.
    """

    reduction: str = "mean"
    delta: float = 1.0


class KLDivLoss(Loss, calls=kl_div):
    """Divergence of one distribution from another.

    Parameters
    ----------
    reduction, log_target : str, bool
        As in `kl_div`.
    """

    log_target: bool = field(default=False, kw_only=True)


class GaussianNLLLoss(Loss, calls=gaussian_nll_loss):
    """−log of a normal density with its own variance at each element.

    Parameters
    ----------
    reduction, full, eps : str, bool, float
        As in `gaussian_nll_loss`.
    """

    full: bool = field(default=False, kw_only=True)
    eps: float = field(default=1e-6, kw_only=True)
