"""How an operation is recorded: the graph that gradients are carried back along.

An operation computes its value and hands it to `record` with one pair for each input: the input,
and a pure function from the gradient of the result to the gradient of that input. `record` makes
the result and, if any input needs a gradient, a `Node` that keeps these pairs. Nodes know each
other and the leaves, not the tensors between: an intermediate array that no gradient function
remembers is freed at once. The first chapters build this by hand; `autograd` walks it.

Left out: gradients of gradients (`create_graph`), for the functions in the pairs work on plain
arrays and are not recorded themselves.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from contextlib import ContextDecorator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nnkit.scratch.dtypes import DEFAULT, Array, Number, result_type
from nnkit.scratch.memory import owner, tick

if TYPE_CHECKING:
    from nnkit.scratch.tensors import Tensor  # tensors.py, which builds on all this, puts it here

Gradient: TypeAlias = Callable[[Array], Array]
Gradients: TypeAlias = Callable[[Array], Sequence[Array | None]]
Pair: TypeAlias = "tuple[Tensor | Number | Array, Gradient]"
Joint: TypeAlias = "tuple[tuple[Tensor | None, ...], Gradients]"
Hook: TypeAlias = "Callable[[Tensor], Tensor | None]"

# Overflow and 0/0 pass without a warning, as in PyTorch; a decorator for operations.
quiet = np.errstate(all="ignore")

_grad_enabled = True


class Node:
    """A recorded operation: where its result's gradient is to be carried, and how.

    Parameters
    ----------
    edges : list
        Pairs of a target and a gradient function. A target is the node that made an input, or
        the input itself where it is a leaf; for gradients that are computed together it is a
        tuple of these, with None for an input that needs no gradient.
    value : ndarray
        The result. Only its shape and type are kept.
    """

    __slots__ = ("age", "dtype", "edges", "hooks", "name", "retained", "shape")

    def __init__(self, edges: list[Any], value: Array) -> None:
        self.age = tick()
        self.edges: list[Any] | None = edges
        self.shape = value.shape
        self.dtype = value.dtype
        self.name = edges[0][1].__qualname__
        self.hooks: list[Hook] | None = None
        self.retained: weakref.ref[Tensor] | None = None

    def __repr__(self) -> str:
        operation = self.name.partition(".")[0]
        return f"<{operation.title().replace('_', '')}Backward>"


def record(value: Array, *pairs: Pair | Joint) -> Tensor:
    """Make the result of an operation, and remember how its gradient is carried to the inputs.

    Parameters
    ----------
    value : ndarray
        The result.
    *pairs : tuple
        For each input: the input, and a function from the gradient of the result (an array of
        its shape) to the gradient of the input. This may have any shape that the input's
        broadcasts to, and any floating type: the engine sums and casts. It must be the gradient
        that was given, a view of it, or a fresh array; never one that is kept. For gradients
        that share work: a tuple of inputs (None where there is none), and one function that
        returns a sequence of their gradients. Inputs that need no gradient, and plain numbers,
        are dropped together with their function and all that it holds.

    Returns
    -------
    Tensor
        Holds `value`, and requires a gradient if any input does and recording is on.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> from nnkit.scratch.autograd import record
    >>> x = torch.tensor([3.0], requires_grad=True)
    >>> a = x.array
    >>> record(a * a, (x, lambda g: 2 * a * g)).backward()
    >>> x.grad
    tensor([6.])
    """
    out = Tensor.__new__(Tensor)
    if type(value) is not np.ndarray:
        value = np.asarray(value)
    out.array = value
    out.grad = out.hooks = out.window = None
    if _grad_enabled:
        edges: list[Any] = []
        for input, gradient in pairs:
            if isinstance(input, Tensor):
                if input.window is not None:
                    refresh(input)
                if input.tracked:
                    edges.append((input.node or input, gradient))
            elif type(input) is tuple:
                targets = tuple(map(target_of, input))
                if any(target is not None for target in targets):
                    edges.append((targets, gradient))
        if edges:
            out.node = Node(edges, value)
            out.tracked = True
            return out
    out.node = None
    out.tracked = False
    return out


def target_of(tensor: Tensor | None) -> Tensor | Node | None:
    """Return where the gradient of a tensor is to go, if it needs one.

    Parameters
    ----------
    tensor : Tensor or None
        An input.

    Returns
    -------
    Tensor, Node or None
        The node that made it; the tensor itself if it is a leaf; None if it requires no grad.
    """
    if tensor is None:
        return None
    if tensor.window is not None:
        refresh(tensor)
    return (tensor.node or tensor) if tensor.tracked else None


def operands(
    op: str, input: Tensor | Number | Array, other: Tensor | Number | Array
) -> tuple[Any, Any]:
    """Return the values of two operands in the type that PyTorch computes in.

    Parameters
    ----------
    op : str
        Name of the operation, for its errors.
    input, other : Tensor, ndarray or number
        The operands.

    Returns
    -------
    tuple
        Two arrays, or an array and a Python number, of one type and of shapes that broadcast.

    Raises
    ------
    TypeError
        If an operand is something else.
    RuntimeError
        If the shapes do not broadcast.
    """
    a = input.array if isinstance(input, Tensor) else input
    b = other.array if isinstance(other, Tensor) else other
    if not (type(a) is type(b) is np.ndarray and a.dtype is b.dtype):
        a, b = _plain(op, a), _plain(op, b)
        kind = result_type(a, b)
        if isinstance(a, np.ndarray):
            a = a.astype(kind, copy=False)
        if isinstance(b, np.ndarray):
            b = b.astype(kind, copy=False)
            if not isinstance(a, np.ndarray):
                return a, b
        else:
            return a, b
    if a.shape != b.shape:
        for m, n in zip(reversed(a.shape), reversed(b.shape), strict=False):
            if m != n and m != 1 and n != 1:
                shapes = f"{a.shape} and {b.shape}"
                raise RuntimeError(f"{op}: expected shapes that broadcast, got {shapes}")
    return a, b


def _plain(op: str, x: object) -> Any:
    """Return an array or a Python number unchanged, a NumPy number as a Python number."""
    if isinstance(x, np.generic):
        return x.item()
    if isinstance(x, np.ndarray | bool | int | float):
        return x
    raise TypeError(f"{op}: expected a Tensor or a number, got {type(x).__name__}")


def real(input: Tensor) -> Array:
    """Return the array of a tensor, as floating numbers.

    Parameters
    ----------
    input : Tensor
        Of any type.

    Returns
    -------
    ndarray
        The array itself if it is floating already, otherwise a copy in float32.
    """
    array = input.array
    return array if array.dtype.kind == "f" else array.astype(DEFAULT)


_BITS = {size: np.dtype(f"i{size}") for size in (2, 4, 8)}


def keep(gradient: Array, mask: Array) -> Array:
    """Return a gradient where a mask is true, and 0 elsewhere, even where it is infinite or NaN.

    Parameters
    ----------
    gradient : ndarray
        Floating, of any shape.
    mask : ndarray
        Boolean, of a shape that broadcasts to it.

    Returns
    -------
    ndarray
        Of the same shape and type. Its bits are those of the gradient, taken as integers, times
        0 or 1: the same as `numpy.where`, and many times as fast where the mask is irregular.
    """
    bits: Array = gradient.view(_BITS[gradient.itemsize]) * mask.view(np.int8)
    return bits.view(gradient.dtype)


def record_view(input: Tensor, take: Callable[[Array], Array], gradient: Gradient) -> Tensor:
    """Record an operation whose result is a window onto the memory of its input.

    Parameters
    ----------
    input : Tensor
        What is looked at.
    take : callable
        From an array of the input's shape to the part of it that is the result.
    gradient : callable
        As in `record`.

    Returns
    -------
    Tensor
        The result, which sees later changes in place of the input, as the input sees its own.
    """
    array = input.array
    value = take(array)
    out = record(value, (input, gradient))
    if _grad_enabled and owner(value) is owner(array):
        if input.window is None:
            out.window = (input, take, input.node)
        else:
            root, inner, node = input.window
            out.window = (root, lambda a: take(inner(a)), node)
    return out


def refresh(tensor: Tensor) -> None:
    """Give a view that is older than a recorded change of its root its place in the new graph.

    Parameters
    ----------
    tensor : Tensor
        A view.
    """
    root, path, node = tensor.window
    if root.node is node:
        return
    shape, strides, dtype = root.array.shape, root.array.strides, root.array.dtype

    def view_of_changed(g: Array) -> Array:
        full = allocate(shape, strides, dtype)
        full[...] = 0
        path(full)[...] = g
        return full

    tensor.node = Node([(root.node, view_of_changed)], tensor.array) if root.tracked else None
    tensor.tracked = root.tracked
    tensor.window = (root, path, root.node)


def allocate(shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Return an array whose axes lie in memory in the order of the strides.

    Parameters
    ----------
    shape, strides : tuple of int
        Those of an array without gaps.
    dtype : numpy.dtype
        Type of the elements, which are left as they come.

    Returns
    -------
    ndarray
        The array.
    """
    order = sorted(range(len(shape)), key=lambda axis: -strides[axis])
    array: Array = np.empty([shape[axis] for axis in order], dtype)
    return array.transpose(np.argsort(order))


class RemovableHandle:
    """What `register_hook` returns: it can take its hook away again.

    Parameters
    ----------
    hooks : list
        Where the hook is put.
    hook : callable
        The hook.
    """

    def __init__(self, hooks: list[Hook], hook: Hook) -> None:
        self._hooks, self._hook = hooks, hook
        hooks.append(hook)

    def remove(self) -> None:
        """Take the hook away."""
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)


class _GradMode(ContextDecorator):
    """Record or do not, until the end of a `with` block or of a decorated function."""

    mode: bool

    def __enter__(self) -> None:
        self.__dict__.setdefault("_outer", []).append(_grad_enabled)
        _switch(self.mode)

    def __exit__(self, *error: object) -> None:
        _switch(self.__dict__["_outer"].pop())


class no_grad(_GradMode):  # noqa: N801 (PyTorch's name)
    """Compute without recording, in a `with` block or a decorated function.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.no_grad():
    ...     print((2 * w).requires_grad)
    False
    """

    mode = False


class enable_grad(_GradMode):  # noqa: N801 (PyTorch's name)
    """Record again within `no_grad`.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.no_grad(), torch.enable_grad():
    ...     print((2 * w).requires_grad)
    True
    """

    mode = True


class set_grad_enabled(_GradMode):  # noqa: N801 (PyTorch's name)
    """Record from now on or do not; in a `with` statement, until the end of its block.

    Parameters
    ----------
    mode : bool
        Whether operations are recorded.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.set_grad_enabled(False):
    ...     print((2 * w).requires_grad)
    False
    """

    def __init__(self, mode: bool) -> None:
        self.mode = mode
        self._outer = [_grad_enabled]
        _switch(mode)

    def __enter__(self) -> None:
        _switch(self.mode)


def _switch(mode: bool) -> None:
    global _grad_enabled
    _grad_enabled = mode


def is_grad_enabled() -> bool:
    """Return whether operations are recorded.

    Returns
    -------
    bool
        False under `no_grad`.
    """
    return _grad_enabled
