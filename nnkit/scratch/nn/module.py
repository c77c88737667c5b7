"""The module: parameters, buffers and submodules under one name, and what is done with all of them.

A module's attributes are its state. Those that are a `Parameter` are its parameters, those that are
a `Module` its submodules, in the order in which they were first assigned; buffers are tensors that
`register_buffer` has named. Left out are devices, hooks other than the forward hook, and what
serves compilation.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from inspect import get_annotations
from typing import Any, NamedTuple, Self, dataclass_transform

import numpy as np

from nnkit.scratch.conversion import tensor
from nnkit.scratch.dtypes import Array, dtype, float16, float32, float64
from nnkit.scratch.memory import touch
from nnkit.scratch.recording import RemovableHandle, record
from nnkit.scratch.tensors import Tensor


class Parameter(Tensor):
    """A tensor that a module learns: assigned to an attribute, it is found by `parameters`.

    Parameters
    ----------
    data : Tensor, optional
        Its values, in the same memory; nothing, if left out.
    requires_grad : bool, default True
        Whether gradients are accumulated for it.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> from nnkit.scratch import nn
    >>> nn.Parameter(torch.zeros(2))
    Parameter containing:
    tensor([0., 0.], requires_grad=True)
    """

    __slots__ = ()

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        super().__init__((tensor([]) if data is None else data).array)
        self.requires_grad_(requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` returns: the names that found no partner.

    Parameters
    ----------
    missing_keys, unexpected_keys : list of str
        Those of the module alone, and those of the loaded state alone.
    """

    missing_keys: list[str]
    unexpected_keys: list[str]


def _forward_is_missing(self: Module, *args: Any, **kwargs: Any) -> Any:
    """Compute the output: what every module defines for itself.

    Parameters
    ----------
    *args, **kwargs : object
        The inputs.

    Returns
    -------
    object
        The output.

    Raises
    ------
    NotImplementedError
        If the module does not define it.
    """
    raise NotImplementedError(f"{type(self).__name__}: expected forward to be defined")


class Module:
    """Base class of layers and models: assign parameters and modules, and define `forward`.

    Attributes
    ----------
    training : bool
        Whether dropout drops and batch norm looks at the batch: see `train` and `eval`.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> from nnkit.scratch import nn
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = nn.Parameter(torch.ones(1))
    ...
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> [name for name, parameter in Scale().named_parameters()]
    ['factor']
    """

    training: bool
    forward: Callable[..., Any] = _forward_is_missing
    _buffers: dict[str, bool]
    _forward_hooks: list[Callable[..., Any]]

    def __init__(self) -> None:
        # Past the check of __setattr__. A buffer's name, and whether it is part of the state dict.
        self.__dict__.update(training=True, _buffers={}, _forward_hooks=[])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        out = self.forward(*args, **kwargs)
        for hook in self._forward_hooks:
            answer = hook(self, args, out)
            out = out if answer is None else answer
        return out

    def __setattr__(self, name: str, value: Any) -> None:
        state = self.__dict__
        if "_buffers" not in state:
            raise AttributeError(
                f"{type(self).__name__}: expected super().__init__() before {name!r} is assigned"
            )
        if name in state and value is not None:
            old, kind = state[name], type(value).__name__
            if isinstance(old, Parameter) and not isinstance(value, Parameter):
                raise TypeError(f"{type(self).__name__}.{name}: expected a Parameter, got {kind}")
            if name in state["_buffers"] and not isinstance(value, Tensor):
                raise TypeError(f"{type(self).__name__}.{name}: expected a Tensor, got {kind}")
        state[name] = value

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Assign a parameter, or None where there is none, to an attribute.

        Parameters
        ----------
        name : str
            Name of the attribute.
        param : Parameter or None
            The parameter.
        """
        setattr(self, name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Assign a tensor that is part of the state but is not learned.

        Parameters
        ----------
        name : str
            Name of the attribute.
        tensor : Tensor or None
            The buffer.
        persistent : bool, default True
            Whether the state dict holds it.
        """
        self._buffers[name] = persistent
        setattr(self, name, tensor)

    def add_module(self, name: str, module: Module | None) -> None:
        """Assign a submodule, or None where there is none, to an attribute.

        Parameters
        ----------
        name : str
            Name of the attribute: not empty, without a dot.
        module : Module or None
            The submodule.

        Raises
        ------
        KeyError
            If the name is empty or has a dot, or names something else already.
        TypeError
            If `module` is something else.
        """
        if not name or "." in name or (hasattr(self, name) and name not in dict(self._own(Module))):
            raise KeyError(f"add_module: expected a free name without dots, got {name!r}")
        if not isinstance(module, Module | None):
            raise TypeError(f"add_module: expected a Module, got {type(module).__name__}")
        setattr(self, name, module)

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

    def _own(self, kind: Any) -> Iterator[tuple[str, Any]]:
        """Yield the attributes of a type, with their names."""
        return ((name, value) for name, value in self.__dict__.items() if isinstance(value, kind))

    def _own_buffers(self, persistent: tuple[bool, ...]) -> Iterator[tuple[str, Tensor]]:
        for name, kept in self._buffers.items():
            if kept in persistent and self.__dict__.get(name) is not None:
                yield name, self.__dict__[name]

    def named_modules(
        self, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Yield this module and all modules in it, each before those in it.

        Parameters
        ----------
        prefix : str, default ""
            Stands before every name, with a dot.
        remove_duplicate : bool, default True
            Whether a module that occurs twice is yielded once only.

        Yields
        ------
        tuple
            The name, such as "encoder.0", and the module.
        """
        seen = set()
        stack: list[tuple[str, Module]] = [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if remove_duplicate and id(module) in seen:
                continue
            seen.add(id(module))
            yield path, module
            children = [(f"{path}.{name}" if path else name, m) for name, m in module._own(Module)]
            stack.extend(reversed(children))

    def modules(self) -> Iterator[Module]:
        """Yield this module and all modules in it, each once.

        Returns
        -------
        iterator of Module
            This, then those in it.
        """
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the modules that are attributes of this one, each once.

        Returns
        -------
        iterator of tuple
            The name and the module.
        """
        return _once(self._own(Module))

    def children(self) -> Iterator[Module]:
        """Yield the modules that are attributes of this one, each once.

        Returns
        -------
        iterator of Module
            The submodule.
        """
        return (module for _, module in self.named_children())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield the parameters of this module, then of those in it.

        Parameters
        ----------
        prefix : str, default ""
            Stands before every name, with a dot.
        recurse : bool, default True
            Whether those of submodules are yielded too.
        remove_duplicate : bool, default True
            Whether a parameter that occurs twice is yielded once only.

        Returns
        -------
        iterator of tuple
            The name, such as "encoder.0.weight", and the parameter.
        """
        named = self._named(lambda module: module._own(Parameter), prefix, recurse)
        return _once(named) if remove_duplicate else named

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters of this module, then of those in it, each once.

        Parameters
        ----------
        recurse : bool, default True
            Whether those of submodules are yielded too.

        Returns
        -------
        iterator of Parameter
            One after the other.
        """
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """Yield the buffers of this module, then of those in it, each once.

        Parameters
        ----------
        prefix : str, default ""
            Stands before every name, with a dot.
        recurse : bool, default True
            Whether those of submodules are yielded too.

        Returns
        -------
        iterator of tuple
            The name, such as "norm.running_mean", and the buffer.
        """
        both = (True, False)
        return _once(self._named(lambda module: module._own_buffers(both), prefix, recurse))

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers of this module, then of those in it, each once.

        Parameters
        ----------
        recurse : bool, default True
            Whether those of submodules are yielded too.

        Returns
        -------
        iterator of Tensor
            One after the other.
        """
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(
        self, members: Callable[[Module], Iterator[tuple[str, Any]]], prefix: str, recurse: bool
    ) -> Iterator[tuple[str, Any]]:
        modules = self.named_modules(prefix, False) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, value in members(module):
                yield f"{path}.{name}" if path else name, value

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
            for members in (module._own(Parameter), module._own_buffers((True,))):
                for name, value in members:
                    key = f"{path}.{name}" if path else name
                    state[prefix + key] = value if keep_vars else value.detach()
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
        state = self.state_dict()
        missing = [key for key in state if key not in state_dict]
        unknown = [key for key in state_dict if key not in state]
        faults = []
        if strict and unknown:
            faults.append(f"unknown keys {unknown}")
        if strict and missing:
            faults.append(f"missing keys {missing}")
        for key in state.keys() & state_dict.keys():
            shape, given = state[key].array.shape, tuple(np.shape(values(state_dict[key])))
            if shape != given:
                faults.append(f"shape {given} for {key!r}, which has {shape}")
        if faults:
            name, got = type(self).__name__, "; ".join(faults)
            raise RuntimeError(f"load_state_dict: expected the state of {name}, got {got}")
        for key in state.keys() & state_dict.keys():
            state[key].array[...] = values(state_dict[key])
            touch(state[key].array)
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

    def half(self) -> Self:
        """Change all floating parameters and buffers to float16.

        Returns
        -------
        Module
            The module itself.
        """
        return self.to(float16)

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
    """A module that holds options alone, and calls a function with its input and these.

    A subclass names the function, and declares the options as a dataclass does its fields: in the
    order of the constructor, with their defaults, and with `repr=False` where they are not printed.

    Parameters
    ----------
    *args, **kwargs : object
        The options.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> class Power(Functional, calls=torch.pow):
    ...     exponent: float = 2.0
    >>> Power(3.0), Power()(torch.tensor([3.0]))
    (Power(exponent=3.0), tensor([9.]))
    """

    def __init_subclass__(cls, calls: Callable[..., Any] | None = None) -> None:
        dataclass(init=bool(get_annotations(cls)), eq=False, repr=False)(cls)
        if calls is not None:
            names = [option.name for option in fields(cls)]  # type: ignore[arg-type]

            def forward(self: Functional, *args: Any, **kwargs: Any) -> Any:
                return calls(*args, **kwargs, **{name: getattr(self, name) for name in names})

            cls.forward = forward

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


def _once(named: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield pairs of a name and an object without those whose object has been before."""
    seen = set()
    for name, value in named:
        if id(value) not in seen:
            seen.add(id(value))
            yield name, value


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
