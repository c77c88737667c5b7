"""Whether operations are recorded: `no_grad` and its like."""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import Any, Self

enabled = True


class _GradMode(ContextDecorator):
    """Record or do not, until the end of a `with` block or of a decorated function."""

    mode: bool
    outer: list[bool]

    def __new__(cls, func: Any = None) -> Self:
        block: Any = super().__new__(cls)
        block.outer = []
        return block(func) if callable(func) else block  # type: ignore[no-any-return]

    def __enter__(self) -> None:
        self.outer.append(_switch(self.mode))

    def __exit__(self, *error: object) -> None:
        _switch(self.outer.pop())


def _switch(mode: bool) -> bool:
    """Set the mode, and return the one before."""
    global enabled
    before, enabled = enabled, mode
    return before


class no_grad(_GradMode):  # noqa: N801 (PyTorch's name)
    """Compute without recording, in a `with` block or a decorated function.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> w = engine.ones(2, requires_grad=True)
    >>> with engine.no_grad():
    ...     print((2 * w).requires_grad)
    False
    """

    mode = False


class enable_grad(_GradMode):  # noqa: N801 (PyTorch's name)
    """Record again within `no_grad`."""

    mode = True


class set_grad_enabled(_GradMode):  # noqa: N801 (PyTorch's name)
    """Record from now on or do not; in a `with` statement, until the end of its block.

    Parameters
    ----------
    mode : bool
        Whether operations are recorded.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> w = engine.ones(2, requires_grad=True)
    >>> with engine.set_grad_enabled(False):
    ...     print((2 * w).requires_grad)
    False
    """

    def __init__(self, mode: bool) -> None:
        self.mode = mode
        self.outer.append(_switch(mode))

    def __enter__(self) -> None:
        _switch(self.mode)


def is_grad_enabled() -> bool:
    """Return whether operations are recorded.

    Returns
    -------
    bool
        False under `no_grad`.
    """
    return enabled
