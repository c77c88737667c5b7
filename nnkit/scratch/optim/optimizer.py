"""What all optimizers share: groups of parameters, a state for each, and the loop over them.

An optimizer is the rule by which one parameter changes: a method `_update` on plain arrays, which
works in place. Left out are sparse gradients, the options `amsgrad`, `centered` and `maximize`,
and PyTorch's choices of how the loop is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.grad_mode import enable_grad
from nnkit.scratch.core.memory import touch
from nnkit.scratch.core.recording import quiet, record
from nnkit.scratch.nn.module import clear_gradients, values
from nnkit.scratch.tensors import Tensor

Params: TypeAlias = Iterable[Tensor] | Iterable[dict[str, Any]]
State: TypeAlias = dict[str, Any]

_NOT_NEGATIVE = {
    "lr", "momentum", "weight_decay", "eps", "alpha", "lr_decay", "initial_accumulator_value",
}  # fmt: skip


class Optimizer:
    """Base class of optimizers, which change parameters by their gradients.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        Parameters; or groups of them, each a dict with "params" and options of its own.
    defaults : dict
        The options of groups that do not name them.

    Attributes
    ----------
    param_groups : list of dict
        The groups: "params" and every option, such as "lr", which may be changed between steps.
    state : dict
        For each parameter, what the optimizer remembers of it.

    Raises
    ------
    ValueError
        If there are no parameters, one occurs twice or is no leaf, or an option is negative.
    TypeError
        If a parameter is no tensor, or one stands in the place of a list.
    """

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(f"{type(self).__name__}: expected an iterable of Tensor, got a Tensor")
        for option in _NOT_NEGATIVE & defaults.keys():
            if not defaults[option] >= 0:
                got = f"{option} >= 0, got {defaults[option]}"
                raise ValueError(f"{type(self).__name__}: expected {got}")
        self.defaults = defaults
        self.state: dict[Tensor, State] = {}
        self.param_groups: list[dict[str, Any]] = []
        given: list[Any] = list(params)
        if not given:
            raise ValueError(f"{type(self).__name__}: expected parameters, got none")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with options of their own.

        Parameters
        ----------
        param_group : dict
            "params", a tensor or an iterable of them, and options.

        Raises
        ------
        ValueError
            If one of them is optimized already or is no leaf.
        TypeError
            If one of them is no tensor.
        """
        name, params = type(self).__name__, param_group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        known = {id(p) for group in self.param_groups for p in group["params"]}
        for parameter in params:
            if not isinstance(parameter, Tensor):
                raise TypeError(f"{name}: expected Tensors, got {type(parameter).__name__}")
            if not parameter.is_leaf:
                raise ValueError(f"{name}: expected leaves, got the result of {parameter.grad_fn}")
            if id(parameter) in known:
                shape = parameter.array.shape
                raise ValueError(f"{name}: expected each parameter once, got {shape} twice")
            known.add(id(parameter))
        self.param_groups.append({**self.defaults, **param_group, "params": params})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of the parameters.

        Parameters
        ----------
        set_to_none : bool, default True
            Leave None in the place of each gradient; if not, zeros.
        """
        for group in self.param_groups:
            clear_gradients(group["params"], set_to_none)

    @quiet
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and its gradients before the step.

        Returns
        -------
        object
            What `closure` returned, else None.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                p, g = parameter.array, parameter.grad.array
                if group.get("weight_decay"):
                    g = self._decayed(p, g, group)
                self._update(p, g, self.state.setdefault(parameter, {}), group)
                touch(p)
        return loss

    def _decayed(self, p: Array, g: Array, group: dict[str, Any]) -> Array:
        """Return the gradient with that of λ p² / 2 added, λ being the weight decay."""
        out: Array = g + group["weight_decay"] * p
        return out

    def _update(self, p: Array, g: Array, state: State, group: dict[str, Any]) -> None:
        """Change an array in place, given its gradient and what is remembered of it."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Return what is remembered and the options, with numbers in the place of parameters.

        Returns
        -------
        dict
            "state", from the number of a parameter to its state, and "param_groups".
        """
        number: dict[Tensor, int] = {}
        groups = []
        for group in self.param_groups:
            numbers = [number.setdefault(parameter, len(number)) for parameter in group["params"]]
            groups.append({**group, "params": numbers})
        state = {number[parameter]: own for parameter, own in self.state.items() if own}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` returned, of either engine.

        Parameters
        ----------
        state_dict : mapping
            As returned by `state_dict`. It is copied.

        Raises
        ------
        ValueError
            If its groups are of other sizes.
        """
        groups = state_dict["param_groups"]
        sizes, given = ([len(group["params"]) for group in x] for x in (self.param_groups, groups))
        if sizes != given:
            raise ValueError(f"load_state_dict: expected groups of sizes {sizes}, got {given}")
        parameters: dict[int, Tensor] = {}
        for own, group in zip(self.param_groups, groups, strict=True):
            parameters.update(zip(group["params"], own["params"], strict=True))
            own.update({key: value for key, value in group.items() if key != "params"})
        self.state = {
            parameters[i]: {key: _copied(key, x, parameters[i]) for key, x in state.items()}
            for i, state in state_dict["state"].items()
        }

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])


def _copied(key: str, value: Any, parameter: Tensor) -> Any:
    """Return a copy of a part of the state of a parameter: a number of steps, or a tensor."""
    if key == "step" or value is None:
        return value if value is None else int(value)
    return record(values(value).astype(parameter.array.dtype))


def remembered(state: State, key: str, p: Array, value: float = 0.0) -> Array:
    """Return an array that the state of a parameter holds, which begins as one value.

    Parameters
    ----------
    state : dict
        The state.
    key : str
        Name of the array.
    p : ndarray
        The parameter, whose shape and type it has.
    value : float, default 0
        What it begins as.

    Returns
    -------
    ndarray
        The array itself, to be changed in place.
    """
    if state.get(key) is None:
        state[key] = record(np.full_like(p, value))
    array: Array = state[key].array
    return array
