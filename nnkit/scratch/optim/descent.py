"""Rules by which a parameter changes: stochastic gradient descent, and those with adaptive rates.

Each method `_update` is the algorithm, line by line, in place; p is the parameter, g its gradient.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.optim.optimizer import Optimizer, Params, State, remembered


class SGD(Optimizer):
    """Stochastic gradient descent: p ← p − η v, with v ← μ v + (1 − dampening) g.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        Parameters, or groups of them.
    lr : float, default 0.001
        Learning rate η.
    momentum : float, default 0
        The factor μ; with 0, v is the gradient g itself.
    dampening : float, default 0
        Part of g that does not enter v after the first step.
    weight_decay : float, default 0
        This much of p is added to g.
    nesterov : bool, default False
        Step along g + μ v in the place of v.

    References
    ----------
    .. [1] Sutskever et al. (2013), "On the importance of initialization and momentum in deep
       learning", eq. 1-4, with η outside v and, for nesterov, p in the place of θ + μ v.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
    ) -> None:
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError(
                f"SGD: expected momentum > 0 and dampening 0 with nesterov, got {momentum} and "
                f"{dampening}"
            )
        options = {"lr": lr, "momentum": momentum, "dampening": dampening, "nesterov": nesterov}
        super().__init__(params, options | {"weight_decay": weight_decay})

    def _update(self, p: Array, g: Array, state: State, group: dict[str, Any]) -> None:
        if momentum := group["momentum"]:
            damping = 0 if state.get("momentum_buffer") is None else group["dampening"]
            v = remembered(state, "momentum_buffer", p)
            v *= momentum
            v += (1 - damping) * g if damping else g
            g = g + momentum * v if group["nesterov"] else v
        p -= group["lr"] * g


class Adagrad(Optimizer):
    """Divide the step by the root of the sum of all squared gradients.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        Parameters, or groups of them.
    lr : float, default 0.01
        Learning rate.
    lr_decay : float, default 0
        The learning rate of step t is divided by 1 + (t − 1) lr_decay.
    weight_decay : float, default 0
        This much of p is added to g.
    initial_accumulator_value : float, default 0
        What the sum begins as.
    eps : float, default 1e-10
        Added to the root.

    References
    ----------
    .. [1] Duchi, Hazan and Singer (2011), "Adaptive subgradient methods for online learning
       and stochastic optimization", section 1.1.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
    ) -> None:
        options = {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay}
        options["initial_accumulator_value"] = initial_accumulator_value
        super().__init__(params, options)

    def _update(self, p: Array, g: Array, state: State, group: dict[str, Any]) -> None:
        state["step"] = step = state.get("step", 0) + 1
        total = remembered(state, "sum", p, group["initial_accumulator_value"])
        total += g * g
        rate = group["lr"] / (1 + (step - 1) * group["lr_decay"])
        p -= rate * g / (np.sqrt(total) + group["eps"])


class RMSprop(Optimizer):
    """Divide the step by the root of a running mean of squared gradients.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        Parameters, or groups of them.
    lr : float, default 0.01
        Learning rate.
    alpha : float, default 0.99
        Share of the old in the running mean.
    eps : float, default 1e-8
        Added to the root.
    weight_decay : float, default 0
        This much of p is added to g.
    momentum : float, default 0
        Of the divided gradient.

    References
    ----------
    .. [1] Tieleman and Hinton (2012), "Neural networks for machine learning", lecture 6e.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
    ) -> None:
        options = {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps}
        super().__init__(params, options | {"weight_decay": weight_decay})

    def _update(self, p: Array, g: Array, state: State, group: dict[str, Any]) -> None:
        state["step"] = state.get("step", 0) + 1
        alpha, mean_square = group["alpha"], remembered(state, "square_avg", p)
        mean_square *= alpha
        mean_square += (1 - alpha) * (g * g)
        root = np.sqrt(mean_square)
        root += group["eps"]
        step = g / root
        if momentum := group["momentum"]:
            v = remembered(state, "momentum_buffer", p)
            v *= momentum
            v += step
            step = v
        p -= group["lr"] * step


class Adam(Optimizer):
    """Running means of the gradient and of its square, both corrected for having begun at 0.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        Parameters, or groups of them.
    lr : float, default 0.001
        Learning rate.
    betas : tuple of float, default (0.9, 0.999)
        Share of the old in either mean, each in [0, 1).
    eps : float, default 1e-8
        Added to the root of the second.
    weight_decay : float, default 0
        This much of p is added to g.

    References
    ----------
    .. [1] Kingma and Ba (2015), "Adam: a method for stochastic optimization", algorithm 1.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ) -> None:
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"{type(self).__name__}: expected betas in [0, 1), got {betas}")
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, options)

    def _update(self, p: Array, g: Array, state: State, group: dict[str, Any]) -> None:
        beta1, beta2 = group["betas"]
        state["step"] = step = state.get("step", 0) + 1
        mean, mean_square = remembered(state, "exp_avg", p), remembered(state, "exp_avg_sq", p)
        mean += (1 - beta1) * (g - mean)
        mean_square *= beta2
        mean_square += (1 - beta2) * (g * g)
        # m / (1 - β₁ᵗ) over √(v / (1 - β₂ᵗ)) + ε, with √(1 - β₂ᵗ) taken out of both
        correction = math.sqrt(1 - beta2**step)
        root = np.sqrt(mean_square)
        root += group["eps"] * correction
        p -= (group["lr"] * correction / (1 - beta1**step)) * mean / root


class AdamW(Adam):
    """Adam with a weight decay that does not pass through the means: p ← (1 − η λ) p first.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        Parameters, or groups of them.
    lr : float, default 0.001
        Learning rate η.
    betas : tuple of float, default (0.9, 0.999)
        Share of the old in either mean, each in [0, 1).
    eps : float, default 1e-8
        Added to the root of the second.
    weight_decay : float, default 0.01
        The decay λ.

    References
    ----------
    .. [1] Loshchilov and Hutter (2019), "Decoupled weight decay regularization", algorithm 2,
       with the decay multiplied by the rate too, as in PyTorch.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def _decayed(self, p: Array, g: Array, group: dict[str, Any]) -> Array:
        p *= 1 - group["lr"] * group["weight_decay"]
        return g
