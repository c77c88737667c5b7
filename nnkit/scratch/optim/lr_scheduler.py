"""How the learning rate changes from epoch to epoch: call `step` once after each.

A schedule is a closed formula for the rates of an epoch. As in PyTorch it multiplies the rates that
it finds (by the ratio of its rates at this epoch and the one before), so that several can act on
one optimizer. The rate a group begins with is kept in it as "initial_lr".
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import get_annotations
from typing import Any, dataclass_transform

from nnkit.scratch.optim.optimizer import Optimizer


@dataclass_transform()
class LRScheduler:
    """Base class of schedules: define `rates`, or `get_lr` if there is no closed formula.

    The arguments of a schedule may be declared as a dataclass declares its fields.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are changed.
    last_epoch : int, default -1
        Number of epochs that have been, less one, in the case that training goes on: then the
        rates stay as they are until the first step.

    Raises
    ------
    KeyError
        If training goes on, and a group does not know its initial rate.
    """

    def __init_subclass__(cls) -> None:
        dataclass(init=bool(get_annotations(cls)), eq=False, repr=False)(cls)

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer, self.last_epoch = optimizer, last_epoch
        self.__post_init__()

    def __post_init__(self) -> None:
        optimizer, last_epoch = self.optimizer, self.last_epoch
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: expected 'initial_lr' in group {i} as last_epoch is "
                    f"{last_epoch}, got {[key for key in group if key != 'params']}"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch + 1
        self._set(self.get_lr() if last_epoch == -1 else self._current())

    def rates(self, epoch: int) -> list[float]:
        """Return the rates of an epoch, as they are if no other schedule is at work.

        Parameters
        ----------
        epoch : int
            The epoch, from 0.

        Returns
        -------
        list of float
            One for each group.
        """
        raise NotImplementedError(f"{type(self).__name__}: expected rates to be defined")

    def get_lr(self) -> list[float]:
        """Return the rates of the epoch `last_epoch`, from those that the groups have.

        Returns
        -------
        list of float
            One for each group.
        """
        epoch = self.last_epoch
        before = self.rates(epoch - 1) if epoch else self.base_lrs
        changes = zip(self._current(), before, self.rates(epoch), strict=True)
        return [lr * new / old if old else new for lr, old, new in changes]

    def get_last_lr(self) -> list[float]:
        """Return the rates that were set last.

        Returns
        -------
        list of float
            One for each group.
        """
        return self._last_lr

    def step(self) -> None:
        """Set the rates of the next epoch."""
        self.last_epoch += 1
        self._set(self.get_lr())

    def _current(self) -> list[float]:
        return [group["lr"] for group in self.optimizer.param_groups]

    def _set(self, rates: Sequence[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr = self._current()

    def state_dict(self) -> dict[str, Any]:
        """Return all that changes, and the options.

        Returns
        -------
        dict
            All attributes but the optimizer, functions and other schedules.
        """
        left_out = ("optimizer", "lr_lambda", "schedulers")
        return {key: value for key, value in vars(self).items() if key not in left_out}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` returned.

        Parameters
        ----------
        state_dict : mapping
            As returned by `state_dict`.
        """
        vars(self).update(state_dict)


class LambdaLR(LRScheduler):
    """The initial rate times a function of the epoch, whatever other schedules do.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are changed.
    lr_lambda : callable, or list of them
        From the epoch to the factor; one for all groups, or one for each.
    last_epoch : int, default -1
        Number of epochs that have been, less one.
    """

    optimizer: Optimizer
    lr_lambda: Callable[[int], float] | list[Callable[[int], float]]
    last_epoch: int = -1

    def rates(self, epoch: int) -> list[float]:
        given, n = self.lr_lambda, len(self.base_lrs)
        functions = given if isinstance(given, list) else [given] * n
        if len(functions) != n:
            raise ValueError(f"LambdaLR: expected {n} functions, got {len(functions)}")
        pairs = zip(self.base_lrs, functions, strict=True)
        return [base * function(epoch) for base, function in pairs]

    def get_lr(self) -> list[float]:
        return self.rates(self.last_epoch)


class StepLR(LRScheduler):
    """Times γ every `step_size` epochs.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are changed.
    step_size : int
        Number of epochs, > 0.
    gamma : float, default 0.1
        The factor γ.
    last_epoch : int, default -1
        Number of epochs that have been, less one.
    """

    optimizer: Optimizer
    step_size: int
    gamma: float = 0.1
    last_epoch: int = -1

    def rates(self, epoch: int) -> list[float]:
        return [base * self.gamma ** (epoch // self.step_size) for base in self.base_lrs]


class MultiStepLR(LRScheduler):
    """Times γ at each of the given epochs.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are changed.
    milestones : sequence of int
        The epochs.
    gamma : float, default 0.1
        The factor γ.
    last_epoch : int, default -1
        Number of epochs that have been, less one.
    """

    optimizer: Optimizer
    milestones: Sequence[int]
    gamma: float = 0.1
    last_epoch: int = -1

    def rates(self, epoch: int) -> list[float]:
        passed = sum(milestone <= epoch for milestone in self.milestones)
        return [base * self.gamma**passed for base in self.base_lrs]


class ExponentialLR(LRScheduler):
    """Times γ every epoch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are changed.
    gamma : float
        The factor γ.
    last_epoch : int, default -1
        Number of epochs that have been, less one.
    """

    optimizer: Optimizer
    gamma: float
    last_epoch: int = -1

    def rates(self, epoch: int) -> list[float]:
        return [base * self.gamma**epoch for base in self.base_lrs]


class LinearLR(LRScheduler):
    """The initial rate times a factor that grows or falls along a line, then stays.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are changed.
    start_factor : float, default 1/3
        The factor of epoch 0, in (0, 1].
    end_factor : float, default 1
        The factor of the end, in [0, 1].
    total_iters : int, default 5
        The epoch that the line ends at.
    last_epoch : int, default -1
        Number of epochs that have been, less one.
    """

    optimizer: Optimizer
    start_factor: float = 1.0 / 3
    end_factor: float = 1.0
    total_iters: int = 5
    last_epoch: int = -1

    def __post_init__(self) -> None:
        if not (0 < self.start_factor <= 1 and 0 <= self.end_factor <= 1):
            raise ValueError(
                "LinearLR: expected start_factor in (0, 1] and end_factor in [0, 1], got "
                f"{self.start_factor} and {self.end_factor}"
            )
        super().__post_init__()

    def rates(self, epoch: int) -> list[float]:
        share = min(epoch, self.total_iters) / (self.total_iters or 1)
        factor = self.start_factor + (self.end_factor - self.start_factor) * share
        return [base * factor for base in self.base_lrs]


class CosineAnnealingLR(LRScheduler):
    """From the initial rate to η_min along half a wave of the cosine.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are changed.
    T_max : int
        Number of epochs of the half wave; after them the rate rises again.
    eta_min : float, default 0
        The least rate.
    last_epoch : int, default -1
        Number of epochs that have been, less one.

    References
    ----------
    .. [1] Loshchilov and Hutter (2017), "SGDR: stochastic gradient descent with warm restarts",
       eq. 5, without the restarts.
    """

    optimizer: Optimizer
    T_max: int
    eta_min: float = 0.0
    last_epoch: int = -1

    def rates(self, epoch: int) -> list[float]:
        share = (1 + math.cos(math.pi * epoch / self.T_max)) / 2
        return [self.eta_min + (base - self.eta_min) * share for base in self.base_lrs]


class SequentialLR(LRScheduler):
    """One schedule after the other.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are changed.
    schedulers : list of LRScheduler
        The schedules, made for this optimizer.
    milestones : list of int
        The epoch at which each but the first begins.
    last_epoch : int, default -1
        Number of epochs that have been, less one.
    """

    optimizer: Optimizer
    schedulers: list[LRScheduler]
    milestones: list[int]
    last_epoch: int = -1

    def __post_init__(self) -> None:
        if len(self.milestones) != len(self.schedulers) - 1:
            got = f"{len(self.milestones)} and {len(self.schedulers)}"
            raise ValueError(f"SequentialLR: expected a milestone less than schedulers, got {got}")
        for inner in self.schedulers:
            if isinstance(inner, ReduceLROnPlateau) or inner.optimizer is not self.optimizer:
                raise ValueError(
                    "SequentialLR: expected schedulers of this optimizer whose step takes no "
                    f"metrics, got {type(inner).__name__}"
                )
        for group in self.optimizer.param_groups:  # undo what the others did when they were made
            group["lr"] = group["initial_lr"]
        super().__post_init__()

    def rates(self, epoch: int) -> list[float]:
        i = bisect_right(self.milestones, epoch)
        return self.schedulers[i].rates(epoch - (self.milestones[i - 1] if i else 0))


class ReduceLROnPlateau(LRScheduler):
    """Times a factor whenever a measure has not become better for some epochs.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are changed.
    mode : str, default "min"
        Whether "min" or "max" of the measure is sought.
    factor : float, default 0.1
        The factor, < 1.
    patience : int, default 10
        Number of epochs without progress that are borne.
    threshold : float, default 1e-4
        How much better counts as progress.
    threshold_mode : str, default "rel"
        Whether that is a share of the best ("rel") or a difference ("abs").
    cooldown : int, default 0
        Number of epochs after a reduction that do not count.
    min_lr : float or list of float, default 0
        The least rate, of all groups or of each.
    eps : float, default 1e-8
        A reduction by this much or less is left out.
    """

    optimizer: Optimizer
    mode: str = "min"
    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    threshold_mode: str = "rel"
    cooldown: int = 0
    min_lr: list[float] | float = 0
    eps: float = 1e-8

    def __post_init__(self) -> None:
        if self.factor >= 1:
            raise ValueError(f"ReduceLROnPlateau: expected factor < 1, got {self.factor}")
        if self.mode not in ("min", "max") or self.threshold_mode not in ("rel", "abs"):
            raise ValueError(
                "ReduceLROnPlateau: expected mode 'min' or 'max' and threshold_mode 'rel' or "
                f"'abs', got {self.mode!r} and {self.threshold_mode!r}"
            )
        n, least = len(self.optimizer.param_groups), self.min_lr
        self.min_lrs = list(least) if isinstance(least, list | tuple) else [least] * n
        if len(self.min_lrs) != n:
            raise ValueError(f"ReduceLROnPlateau: expected {n} min_lr, got {len(self.min_lrs)}")
        self.best = math.inf if self.mode == "min" else -math.inf
        self.last_epoch = self.cooldown_counter = self.num_bad_epochs = 0
        self._last_lr = self._current()

    def step(self, metrics: Any) -> None:  # type: ignore[override]
        """Set the rates of the next epoch.

        Parameters
        ----------
        metrics : float or Tensor
            The measure of the epoch that has been.
        """
        self.last_epoch += 1
        self.num_bad_epochs += 1
        if self._is_better(float(metrics)):
            self.best, self.num_bad_epochs = float(metrics), 0
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
                reduced = max(group["lr"] * self.factor, least)
                if group["lr"] - reduced > self.eps:
                    group["lr"] = reduced
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = self._current()

    def _is_better(self, current: float) -> bool:
        sign = 1 if self.mode == "min" else -1
        if self.threshold_mode == "rel":
            return sign * current < sign * self.best * (1 - sign * self.threshold)
        return sign * current < sign * self.best - self.threshold
