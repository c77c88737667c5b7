"""How the learning rate changes from epoch to epoch: call `step` once after each.

As in PyTorch a schedule multiplies the rate that it finds, so that several can act on one
optimizer. The rate a group begins with is kept in it as "initial_lr".
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nnkit.scratch.optim.optimizer import Optimizer


class LRScheduler:
    """Base class of schedules: define `get_lr`.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are changed.
    last_epoch : int, default -1
        Number of epochs that have been, less one, in the case that training goes on.

    Raises
    ------
    KeyError
        If training goes on, and a group does not know its initial rate.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: expected 'initial_lr' in group {i} as last_epoch is "
                    f"{last_epoch}, got {[key for key in group if key != 'params']}"
                )
        self.optimizer = optimizer
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def _initial_step(self) -> None:
        self._is_initial, self._step_count = True, 0
        self.step()
        self._is_initial = False

    def get_lr(self) -> list[float]:
        """Return the rates of the epoch `last_epoch`, from those of the epoch before.

        Returns
        -------
        list of float
            One for each group.
        """
        raise NotImplementedError

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
        self._step_count += 1
        self.last_epoch += 1
        self._set(self.get_lr())

    def _current(self) -> list[float]:
        return [group["lr"] for group in self.optimizer.param_groups]

    def _set(self, rates: Sequence[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr = self._current()

    def _restart(self) -> None:
        """Set the rates of epoch 0, as if no other schedule had been before."""
        self.last_epoch = 0
        self._set(self.base_lrs)

    def state_dict(self) -> dict[str, Any]:
        """Return all that changes, and the options.

        Returns
        -------
        dict
            All attributes but the optimizer.
        """
        return {key: value for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` returned.

        Parameters
        ----------
        state_dict : mapping
            As returned by `state_dict`.
        """
        vars(self).update(state_dict)


class LambdaLR(LRScheduler):
    """The initial rate times a function of the epoch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are changed.
    lr_lambda : callable, or list of them
        From the epoch to the factor; one for all groups, or one for each.
    last_epoch : int, default -1
        Number of epochs that have been, less one.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | list[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        n = len(optimizer.param_groups)
        self.lr_lambdas = lr_lambda if isinstance(lr_lambda, list) else [lr_lambda] * n
        if len(self.lr_lambdas) != n:
            raise ValueError(f"LambdaLR: expected {n} functions, got {len(self.lr_lambdas)}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        return [base * function(self.last_epoch) for base, function in pairs]

    def _restart(self) -> None:
        self.last_epoch = 0
        self._set(self.get_lr())

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "lr_lambdas": [None] * len(self.lr_lambdas)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        super().load_state_dict({**state_dict, "lr_lambdas": self.lr_lambdas})


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

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        turn = self.last_epoch != 0 and self.last_epoch % self.step_size == 0
        return [lr * self.gamma if turn else lr for lr in self._current()]


class MultiStepLR(LRScheduler):
    """Times γ at each of the given epochs.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are changed.
    milestones : iterable of int
        The epochs.
    gamma : float, default 0.1
        The factor γ.
    last_epoch : int, default -1
        Number of epochs that have been, less one.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        factor = self.gamma ** self.milestones.get(self.last_epoch, 0)
        return [lr * factor for lr in self._current()]


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

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        return [lr if self._is_initial else lr * self.gamma for lr in self._current()]


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

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(f"LinearLR: expected start_factor in (0, 1], got {start_factor}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: expected end_factor in [0, 1], got {end_factor}")
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self.last_epoch == 0:
            factor = self.start_factor
        elif self._is_initial or self.last_epoch > self.total_iters:
            factor = 1.0
        else:
            rise = self.end_factor - self.start_factor
            factor = 1 + rise / (
                self.total_iters * self.start_factor + (self.last_epoch - 1) * rise
            )
        return [lr * factor for lr in self._current()]

    def _restart(self) -> None:
        self.last_epoch = 0
        self._set([lr * self.start_factor for lr in self.base_lrs])


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

    def __init__(
        self,
        optimizer: Optimizer,
        T_max: int,  # noqa: N803 (PyTorch's name)
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self._is_initial:
            return self._current()
        epoch, angle, least = self.last_epoch, math.pi / self.T_max, self.eta_min
        pairs = list(zip(self._current(), self.base_lrs, strict=True))
        if self._step_count == 1 and epoch > 0:
            return [least + (b - least) * (1 + math.cos(epoch * angle)) / 2 for _, b in pairs]
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            return [lr + (base - least) * (1 - math.cos(angle)) / 2 for lr, base in pairs]
        ratio = (1 + math.cos(angle * epoch)) / (1 + math.cos(angle * (epoch - 1)))
        return [ratio * (lr - least) + least for lr, _ in pairs]


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

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: list[LRScheduler],
        milestones: list[int],
        last_epoch: int = -1,
    ) -> None:
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"SequentialLR: expected a milestone less than schedulers, got {len(milestones)} "
                f"and {len(schedulers)}"
            )
        for scheduler in schedulers:
            if isinstance(scheduler, ReduceLROnPlateau) or scheduler.optimizer is not optimizer:
                name = type(scheduler).__name__
                raise ValueError(
                    f"SequentialLR: expected schedulers of this optimizer whose step takes no "
                    f"metrics, got {name}"
                )
        self._schedulers, self._milestones = schedulers, milestones
        self.optimizer, self.last_epoch = optimizer, last_epoch + 1
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        self._take_back()
        first = schedulers[bisect_right(milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def _take_back(self) -> None:
        """Undo the first step, which every schedule takes when it is made."""
        for scheduler in self._schedulers:
            if isinstance(scheduler, SequentialLR):
                scheduler._take_back()
            else:
                scheduler.last_epoch -= 1

    def step(self) -> None:
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[i]
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            scheduler._restart()
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        inner = [scheduler.state_dict() for scheduler in self._schedulers]
        return {**super().state_dict(), "_schedulers": inner}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(state)
        super().load_state_dict({**state_dict, "_schedulers": self._schedulers})


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

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: list[float] | float = 0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1:
            raise ValueError(f"ReduceLROnPlateau: expected factor < 1, got {factor}")
        if mode not in ("min", "max"):
            raise ValueError(f"ReduceLROnPlateau: expected mode 'min' or 'max', got {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"ReduceLROnPlateau: expected threshold_mode 'rel' or 'abs', got {threshold_mode!r}"
            )
        n = len(optimizer.param_groups)
        self.min_lrs = list(min_lr) if isinstance(min_lr, list | tuple) else [min_lr] * n
        if len(self.min_lrs) != n:
            raise ValueError(f"ReduceLROnPlateau: expected {n} min_lr, got {len(self.min_lrs)}")
        self.optimizer, self.mode, self.factor, self.eps = optimizer, mode, factor, eps
        self.patience, self.cooldown = patience, cooldown
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.best = math.inf if mode == "min" else -math.inf
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
        current = float(metrics)
        if self._is_better(current):
            self.best, self.num_bad_epochs = current, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            pairs = zip(self._current(), self.min_lrs, strict=True)
            reduced = [(lr, max(lr * self.factor, least)) for lr, least in pairs]
            self._set([new if lr - new > self.eps else lr for lr, new in reduced])
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = self._current()

    def _is_better(self, current: float) -> bool:
        sign = 1 if self.mode == "min" else -1
        if self.threshold_mode == "rel":
            return sign * current < sign * self.best * (1 - sign * self.threshold)
        return sign * current < sign * self.best - self.threshold
