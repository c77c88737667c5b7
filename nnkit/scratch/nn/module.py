"""The module: what a layer or a model is called with, saves and is told.

Left out are devices, hooks other than the forward hook, and what serves compilation.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from inspect import get_annotations
from itertools import chain
from typing import Any, NamedTuple, Self, dataclass_transform

import numpy as np

from nnkit.scratch.core.dtypes import Array, dtype, float32, float64
from nnkit.scratch.core.memory import touch
from nnkit.scratch.core.recording import RemovableHandle, record
from nnkit.scratch.nn.members import Members, Parameter, joined
from nnkit.scratch.ops.conversion import tensor
from nnkit.scratch.tensors import Tensor


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` returns: the names that found no partner.

    Parameters
    ----------
    missing_keys, unexpected_keys : list of str
        Those of the module alone, and those of the loaded state alone.
    """

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module(Members):
    """Base class of layers and models: assign parameters and modules, and define `forward`.

    Attributes
    ----------
    training : bool
        Whether dropout drops and batch norm looks at the batch: see `train` and `eval`.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> class Scale(engine.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = engine.nn.Parameter(engine.ones(1))
    ...
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> [name for name, parameter in Scale().named_parameters()]
    ['factor']
    """

    def __init__(self) -> None:
        super().__init__()
        self.training = True
        self._forward_hooks: list[Callable[..., Any]] = []

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output: what every module defines for itself, and what a call of it does.

        Parameters
        ----------
        *args, **kwargs : object
            The inputs.

        Raises
        ------
        NotImplementedError
            If the module does not define it.
        """
        raise NotImplementedError(f"{type(self).__name__}: expected forward to be defined")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        out = self.forward(*args, **kwargs)
        for hook in self._forward_hooks:
            answer = hook(self, args, out)
            out = out if answer is None else answer
        return out

    def register_forward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call a function after each forward pass.

        Parameters
        ----------
        hook : callable
            Takes the module, the tuple of its inputs and its output; what it returns, unless
            None, takes the place of the output.

        Returns
        -------
        RemovableHandle
            Its method `remove` takes the hook away again.
        """
        return RemovableHandle(self._forward_hooks, hook)

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> OrderedDict[str, Tensor]:
        """Return the parameters and persistent buffers by their names.

        Parameters
        ----------
        prefix : str, default ""
            Stands before every name, as it is.
        keep_vars : bool, default False
            Return the parameters themselves, not their detached values.

        Returns
        -------
        OrderedDict
            From names such as "encoder.0.weight" to tensors that share the memory of the state.
        """
        state: OrderedDict[str, Tensor] = OrderedDict()
        for path, module in self.named_modules(remove_duplicate=False):
            for name, value in chain(module._own(Parameter), module._own_buffers((True,))):
                state[prefix + joined(path, name)] = value if keep_vars else value.detach()
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> Any:
        """Copy values into the parameters and persistent buffers.

        Parameters
        ----------
        state_dict : mapping
            From names to tensors of either engine, or arrays.
        strict : bool, default True
            Whether the names must be exactly those of `state_dict()`.

        Returns
        -------
        IncompatibleKeys
            With `missing_keys` and `unexpected_keys`, which a strict load leaves empty.

        Raises
        ------
        RuntimeError
            If a shape differs; or, in a strict load, a name is missing or unknown.
        """
        state, given = self.state_dict(), {key: values(x) for key, x in state_dict.items()}
        missing = [key for key in state if key not in given]
        unknown = [key for key in given if key not in state]
        faults = [f"unknown keys {unknown}"] * bool(strict and unknown)
        faults += [f"missing keys {missing}"] * bool(strict and missing)
        both = {key: (x.array, given[key]) for key, x in state.items() if key in given}
        for key, (own, new) in both.items():
            if own.shape != new.shape:
                faults.append(f"shape {new.shape} for {key!r}, which has {own.shape}")
        if faults:
            name, got = type(self).__name__, "; ".join(faults)
            raise RuntimeError(f"load_state_dict: expected the state of {name}, got {got}")
        for own, new in both.values():
            own[...] = new
            touch(own)
        return IncompatibleKeys(missing, unknown)

    def train(self, mode: bool = True) -> Self:
        """Set `training` in this module and all modules in it.

        Parameters
        ----------
        mode : bool, default True
            Its value.

        Returns
        -------
        Module
            The module itself.
        """
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Unset `training` in this module and all modules in it.

        Returns
        -------
        Module
            The module itself.
        """
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Say whether gradients of the parameters are wanted.

        Parameters
        ----------
        requires_grad : bool, default True
            Whether they are.

        Returns
        -------
        Module
            The module itself.
        """
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of the parameters.

        Parameters
        ----------
        set_to_none : bool, default True
            Leave None in the place of each gradient; if not, zeros.
        """
        clear_gradients(self.parameters(), set_to_none)

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call a function with each module in this one, then with this one.

        Parameters
        ----------
        fn : callable
            Takes a module; what it returns is ignored.

        Returns
        -------
        Module
            The module itself.
        """
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def to(self, *args: Any, dtype: dtype | None = None, **ignored: Any) -> Self:
        """Change the type of all floating parameters and buffers.

        Parameters
        ----------
        *args : dtype, Tensor or str
            The type, or a tensor that has it; a device is accepted and has no effect.
        dtype : dtype, optional
            The type.
        **ignored : object
            What PyTorch says about devices and memory.

        Returns
        -------
        Module
            The module itself, and in it the same parameters.

        Raises
        ------
        TypeError
            If the type is not floating.
        """
        if not (kind := tensor(0.0).to(*args, dtype=dtype).dtype).is_floating_point:
            raise TypeError(f"to: expected a floating dtype, got {kind}")
        for state in (*self.parameters(), *self.buffers()):
            for held in (state, state.grad):
                if held is not None and held.is_floating_point():
                    held.array = held.to(*args, dtype=dtype).array
        return self

    def float(self) -> Self:
        """Change all floating parameters and buffers to float32.

        Returns
        -------
        Module
            The module itself.
        """
        return self.to(float32)

    def double(self) -> Self:
        """Change all floating parameters and buffers to float64.

        Returns
        -------
        Module
            The module itself.
        """
        return self.to(float64)

    def cpu(self) -> Self:
        """Return the module itself, which is on the processor already.

        Returns
        -------
        Module
            The module itself.
        """
        return self

    def extra_repr(self) -> str:
        """Return what stands between the brackets when the module is printed.

        Returns
        -------
        str
            Usually its options; nothing in the base class.
        """
        return ""

    def _lines(self) -> list[str]:
        """Return a line or more for each submodule."""
        return [_line(name, str(module)) for name, module in self._own(Module)]

    def __repr__(self) -> str:
        extra, lines = self.extra_repr(), self._lines()
        if not lines:
            return f"{type(self).__name__}({extra})"
        return "\n  ".join([f"{type(self).__name__}(", *extra.splitlines(), *lines]) + "\n)"


@dataclass_transform(field_specifiers=(field,))
class Functional(Module):
    """A module that declares its options, and may be a mere function of its input and these.

    A subclass declares them as a dataclass does its fields: in the order of the constructor, with
    their defaults, and with `repr=False` where they are not printed. If it names a function that it
    `calls`, this gets the input and, by their names, all options; else it defines `forward`.

    Parameters
    ----------
    *args, **kwargs : object
        The options.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> class Power(Functional, calls=engine.pow):
    ...     exponent: float = 2.0
    >>> Power(3.0), Power()(engine.tensor([3.0]))
    (Power(exponent=3.0), tensor([9.]))
    """

    def __init_subclass__(cls, calls: Callable[..., Any] | None = None) -> None:
        dataclass(init=bool(get_annotations(cls)), eq=False, repr=False)(cls)
        if calls is not None:
            names = [option.name for option in fields(cls)]  # type: ignore[arg-type]

            def forward(self: Module, *args: Any, **kwargs: Any) -> Any:
                return calls(*args, **kwargs, **{name: getattr(self, name) for name in names})

            cls.forward = forward  # type: ignore[method-assign]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        module = super().__new__(cls)
        Module.__init__(module)  # before the constructor of the dataclass assigns the options
        return module

    def extra_repr(self) -> str:
        shown = [option.name for option in fields(self) if option.repr]  # type: ignore[arg-type]
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)


def _line(name: str, text: str) -> str:
    """Return the text of a submodule as a part of that of its parent."""
    return f"({name}): " + text.replace("\n", "\n  ")


def values(given: Any) -> Array:
    """Return the elements of a tensor of either engine.

    Parameters
    ----------
    given : Tensor, ndarray or torch.Tensor
        The tensor.

    Returns
    -------
    ndarray
        In the same memory where that is possible.
    """
    return given.array if isinstance(given, Tensor) else np.asarray(given)


def clear_gradients(parameters: Iterable[Tensor], set_to_none: bool) -> None:
    """Forget the gradients of parameters.

    Parameters
    ----------
    parameters : iterable of Tensor
        The parameters.
    set_to_none : bool
        Leave None in the place of each gradient; if not, zeros.
    """
    for parameter in parameters:
        if set_to_none:
            parameter.grad = None
        elif parameter.grad is not None:
            parameter.grad = record(np.zeros_like(parameter.array))
