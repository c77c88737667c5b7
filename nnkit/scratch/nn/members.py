"""What a module is made of: parameters, buffers and submodules, each under a name.

A module's attributes are its state. Those that are a `Parameter` are its parameters, those that are
a `Module` its submodules, in the order in which they were first assigned; buffers are tensors that
`register_buffer` has named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from nnkit.scratch.ops.conversion import tensor
from nnkit.scratch.tensors import Tensor


class Parameter(Tensor):
    """A tensor that a module learns: assigned to an attribute, it is found by `parameters`.

    Parameters
    ----------
    data : Tensor, optional
        Its values, in the same memory; nothing, if left out.
    requires_grad : bool, default True
        Whether gradients are accumulated for it.
    """

    __slots__ = ()

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        super().__init__((tensor([]) if data is None else data).array)
        self.requires_grad_(requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class Members:
    """The part of a module that keeps what is assigned to it, and finds it again by its kind."""

    _buffers: dict[str, bool]  # by name, whether the buffer is part of the state dict

    def __init__(self) -> None:
        self.__dict__["_buffers"] = {}  # past __setattr__

    def __setattr__(self, name: str, value: Any) -> None:
        state, owner = self.__dict__, type(self).__name__
        if "_buffers" not in state:
            raise AttributeError(
                f"{owner}: expected super().__init__() before {name!r} is assigned"
            )
        fixed = isinstance(state.get(name), Parameter)
        required: type = Parameter if fixed else Tensor if name in state["_buffers"] else object
        if value is not None and not isinstance(value, required):
            got = f"a {required.__name__}, got {type(value).__name__}"
            raise TypeError(f"{owner}.{name}: expected {got}")
        state[name] = value

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Assign a parameter, or None where there is none, to an attribute.

        Parameters
        ----------
        name, param : str, Parameter or None
            Name of the attribute, and the parameter.
        """
        setattr(self, name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Assign a tensor that is part of the state but is not learned.

        Parameters
        ----------
        name, tensor : str, Tensor or None
            Name of the attribute, and the buffer.
        persistent : bool, default True
            Whether the state dict holds it.
        """
        self._buffers[name] = persistent
        setattr(self, name, tensor)

    def add_module(self, name: str, module: Any) -> None:
        """Assign a submodule, or None where there is none, to an attribute.

        Parameters
        ----------
        name, module : str, Module or None
            Name of the attribute, free and without a dot; and the submodule.

        Raises
        ------
        KeyError, TypeError
            If the name is not such, or `module` is something else.
        """
        taken = hasattr(self, name) and name not in dict(self._own(Members))
        if taken or not name or "." in name:
            raise KeyError(f"add_module: expected a free name without dots, got {name!r}")
        if not isinstance(module, Members | None):
            raise TypeError(f"add_module: expected a Module, got {type(module).__name__}")
        setattr(self, name, module)

    def _own(self, kind: Any) -> Iterator[tuple[str, Any]]:
        """Yield the attributes of a type, with their names."""
        return ((name, value) for name, value in self.__dict__.items() if isinstance(value, kind))

    def _own_buffers(self, saved: tuple[bool, ...] = (True, False)) -> Iterator[tuple[str, Any]]:
        return ((n, x) for n, x in self._own(Tensor) if self._buffers.get(n) in saved)

    def named_modules(
        self, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """Return this module and all modules in it, each before those in it.

        Parameters
        ----------
        prefix : str, default ""
            Stands before every name, with a dot.
        remove_duplicate : bool, default True
            Whether a module that occurs twice is returned once only.

        Returns
        -------
        iterator of tuple
            Names, such as "encoder.0", and modules.
        """
        own = self._own(Members)
        inner = (child.named_modules(joined(prefix, name), False) for name, child in own)
        named = chain([(prefix, self)], chain.from_iterable(inner))
        return _once(named) if remove_duplicate else named

    def modules(self) -> Iterator[Any]:
        """Return this module and all modules in it, each once.

        Returns
        -------
        iterator of Module
            Those of `named_modules`.
        """
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """Return the modules that are attributes of this one, each once.

        Returns
        -------
        iterator of tuple
            Names and modules.
        """
        return _once(self._own(Members))

    def children(self) -> Iterator[Any]:
        """Return the modules that are attributes of this one, each once.

        Returns
        -------
        iterator of Module
            Those of `named_children`.
        """
        return (module for _, module in self.named_children())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Return the parameters of this module, then of those in it.

        Parameters
        ----------
        prefix : str, default ""
            Stands before every name, with a dot.
        recurse : bool, default True
            Whether those of submodules are returned too.
        remove_duplicate : bool, default True
            Whether a parameter that occurs twice is returned once only.

        Returns
        -------
        iterator of tuple
            Names, such as "encoder.0.weight", and parameters.
        """
        named = self._named(lambda module: module._own(Parameter), prefix, recurse)
        return _once(named) if remove_duplicate else named

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Return the parameters of this module, then of those in it, each once.

        Parameters
        ----------
        recurse : bool, default True
            Whether those of submodules are returned too.

        Returns
        -------
        iterator of Parameter
            Those of `named_parameters`.
        """
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """Return the buffers of this module, then of those in it, each once.

        Parameters
        ----------
        prefix, recurse : str, bool
            As in `named_parameters`.

        Returns
        -------
        iterator of tuple
            Names, such as "norm.running_mean", and buffers.
        """
        return _once(self._named(lambda module: module._own_buffers(), prefix, recurse))

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Return the buffers of this module, then of those in it, each once.

        Parameters
        ----------
        recurse : bool, default True
            Whether those of submodules are returned too.

        Returns
        -------
        iterator of Tensor
            Those of `named_buffers`.
        """
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(
        self, members: Callable[[Any], Iterator[tuple[str, Any]]], prefix: str, recurse: bool
    ) -> Iterator[tuple[str, Any]]:
        modules = self.named_modules(prefix, False) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, value in members(module):
                yield joined(path, name), value


def joined(path: str, name: str) -> str:
    """Return the name of what stands under a name in the module at a path.

    Parameters
    ----------
    path, name : str
        Such as "encoder.0" and "weight"; the path may be empty.

    Returns
    -------
    str
        Such as "encoder.0.weight".
    """
    return f"{path}.{name}" if path else name


def _once(named: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield pairs of a name and an object without those whose object has been before."""
    seen = set()
    for name, value in named:
        if id(value) not in seen:
            seen.add(id(value))
            yield name, value
