"""Modules that hold modules: in a chain, in a list, under names."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from itertools import groupby
from typing import Any, Self

from nnkit.scratch.nn.module import Module, _line


class _Container(Module):
    def _held(self) -> dict[str, Any]:
        return dict(self._own(Module))

    def __len__(self) -> int:
        return len(self._held())


class _Numbered(_Container):
    """Submodules whose names, in order, are "0", "1", ..., or names that were given."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self._held().values())

    def _names(self, index: int | slice) -> Any:
        try:
            return [*self._held()][index]
        except IndexError:
            raise IndexError(
                f"{type(self).__name__}: expected an index below {len(self)}, got {index}"
            ) from None

    def __getitem__(self, index: int | slice) -> Any:
        names, held = self._names(index), self._held()
        return self._part({n: held[n] for n in names}) if isinstance(index, slice) else held[names]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._names(index), module)

    def _part(self, modules: dict[str, Any]) -> Module:
        return Sequential(modules)

    def append(self, module: Module) -> Self:
        """Put a module at the end.

        Parameters
        ----------
        module : Module
            The module.

        Returns
        -------
        Module
            The container itself.
        """
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Put modules at the end.

        Parameters
        ----------
        modules : iterable of Module
            The modules, in order.

        Returns
        -------
        Module
            The container itself.
        """
        for module in modules:
            self.append(module)
        return self


class Sequential(_Numbered):
    """Pass the input through modules, one after the other.

    Parameters
    ----------
    *args : Module, or one mapping of str to Module
        The modules, in order, under the names "0", "1", ... or their own.

    Examples
    --------
    >>> from nnkit.scratch import nn
    >>> nn.Sequential(nn.Identity(), nn.Flatten())
    Sequential(
      (0): Identity()
      (1): Flatten(start_dim=1, end_dim=-1)
    )
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = len(args) == 1 and isinstance(args[0], Mapping)
        for name, module in (args[0] if named else dict(enumerate(args))).items():
            self.add_module(str(name), module)

    def forward(self, input: Any) -> Any:
        for module in self:
            input = module(input)
        return input


class ModuleList(_Numbered):
    """Hold modules in a list, to be called as the owner likes.

    Parameters
    ----------
    modules : iterable of Module, default ()
        The modules, in order.

    Examples
    --------
    >>> from nnkit.scratch import nn
    >>> nn.ModuleList(nn.Identity() for _ in range(3))
    ModuleList(
      (0-2): 3 x Identity()
    )
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def _part(self, modules: dict[str, Any]) -> Module:
        return ModuleList(modules.values())

    def _lines(self) -> list[str]:
        lines, first = [], 0
        for text, same in groupby(map(str, self)):
            last = first + len(list(same)) - 1
            many = last > first
            count = f"{last - first + 1} x " if many else ""
            lines.append(_line(f"{first}-{last}" if many else str(first), count + text))
            first = last + 1
        return lines


class ModuleDict(_Container):
    """Hold modules under names, to be called as the owner likes.

    Parameters
    ----------
    modules : mapping of str to Module, default {}
        The modules, in order.

    Examples
    --------
    >>> from nnkit.scratch import nn
    >>> nn.ModuleDict({"first": nn.Identity()})
    ModuleDict(
      (first): Identity()
    )
    """

    def __init__(self, modules: Any = ()) -> None:
        super().__init__()
        self.update(modules)

    def update(self, modules: Any) -> None:
        """Assign modules to names, in place of those that have these names already.

        Parameters
        ----------
        modules : mapping of str to Module, or iterable of pairs
            The modules.
        """
        for name, module in dict(modules).items():
            self.add_module(name, module)

    def __getitem__(self, name: str) -> Any:
        return self._held()[name]

    def __setitem__(self, name: str, module: Module) -> None:
        self.add_module(name, module)

    def __delitem__(self, name: str) -> None:
        self.pop(name)

    def __contains__(self, name: str) -> bool:
        return name in self._held()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> KeysView[str]:
        """Return the names.

        Returns
        -------
        dict_keys
            In order.
        """
        return self._held().keys()

    def values(self) -> ValuesView[Any]:
        """Return the modules.

        Returns
        -------
        dict_values
            In order.
        """
        return self._held().values()

    def items(self) -> ItemsView[str, Any]:
        """Return pairs of a name and a module.

        Returns
        -------
        dict_items
            In order.
        """
        return self._held().items()

    def pop(self, name: str) -> Any:
        """Take a module out.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        Module
            The module.
        """
        module = self[name]
        delattr(self, name)
        return module
