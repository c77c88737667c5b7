"""What a tensor is, and how an operation on tensors is recorded.

An operation computes its value and hands it to `record` with one pair for each input: the input,
and a pure function from the gradient of the result to the gradient of that input. `record` makes
the result and, if any input needs a gradient, a `Node` that keeps these pairs. Nodes know each
other and the leaves, not the tensors between: an intermediate array that no gradient function
remembers is freed at once. The first chapters build this by hand; `autograd` walks it.

Left out: gradients of gradients, for the functions in the pairs work on plain arrays.
"""

# ruff: noqa: I001
from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from operator import index
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nnkit.scratch.core import grad_mode
from nnkit.scratch.core.dtypes import OF_NUMPY, Array, Number, Size, device, dtype
from nnkit.scratch.core.dtypes import numpy_type, result_type
from nnkit.scratch.core.memory import owner, tick

Gradient: TypeAlias = Callable[[Array], Array]
Gradients: TypeAlias = Callable[[Array], Sequence[Array | None]]
Pair: TypeAlias = "tuple[Tensor | Number | Array, Gradient]"
Joint: TypeAlias = "tuple[tuple[Tensor | None, ...], Gradients]"
Hook: TypeAlias = "Callable[[Tensor], Tensor | None]"
Operand: TypeAlias = "Tensor | Number"

# Overflow and 0/0 pass without a warning, as in PyTorch; a decorator for operations.
quiet = np.errstate(all="ignore")


class Tensor:
    """An array with, if asked for, its gradient.

    Made by `tensor` and its like, and by operations. Its methods are bound in `tensors`.

    Parameters
    ----------
    array : ndarray or nested sequence
        What it holds, as it is; numbers that are no array become the default type.

    Attributes
    ----------
    array : ndarray
        The elements.
    grad : Tensor or None
        What `backward` has accumulated.
    node : Node or None
        The operation that made it, if it was recorded.
    tracked : bool
        Whether it requires a gradient.
    hooks : list or None
        Functions called with the gradient of a leaf.
    window : tuple or None
        For a view: the tensor whose memory it shows, how, and by which node that was made.
    """

    __slots__ = ("__weakref__", "array", "grad", "hooks", "node", "tracked", "window")
    __array_priority__ = 1000  # ndarray + Tensor is Tensor.__radd__

    array: Array
    grad: Tensor | None
    node: Node | None
    tracked: bool
    hooks: list[Hook] | None
    window: Any

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...
        def _operator(self, other: Any) -> Tensor: ...

        __add__ = __sub__ = __mul__ = __truediv__ = __pow__ = __matmul__ = __mod__ = _operator
        __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rpow__ = __and__ = __or__ = _operator
        __lt__ = __le__ = __gt__ = __ge__ = __getitem__ = _operator
        __eq__ = __ne__ = _operator  # type: ignore[assignment]

    def __init__(self, array: Any) -> None:
        self.array = array if isinstance(array, np.ndarray) else np.asarray(array, numpy_type(None))
        self.grad = self.hooks = self.node = self.window = None
        self.tracked = False

    @property
    def shape(self) -> Size:
        """The lengths of the axes."""
        return Size(self.array.shape)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.array.ndim

    @property
    def dtype(self) -> dtype:
        """The type of the elements."""
        return OF_NUMPY[self.array.dtype]

    @property
    def device(self) -> device:
        """Where the elements are: the processor."""
        return device("cpu")

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient is wanted: of a leaf because it was said, else because of an input."""
        return target_of(self) is not None

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if wanted and self.array.dtype.kind != "f":
            raise RuntimeError(f"requires_grad: expected floating elements, got {self.dtype}")
        if not wanted and self.node is not None:
            raise RuntimeError(
                f"requires_grad: expected a leaf, got the result of {self.node}; use detach()"
            )
        self.tracked = wanted

    @property
    def grad_fn(self) -> Node | None:
        """The operation that made it, or None for a leaf."""
        target_of(self)
        return self.node

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made it."""
        return self.grad_fn is None

    @property
    def data(self) -> Tensor:
        """The same elements without their history; assigning replaces them."""
        return record(self.array)

    @data.setter
    def data(self, other: Tensor) -> None:
        self.array = other.array

    @property
    def T(self) -> Any:  # noqa: N802 (PyTorch's name)
        """The transpose of a matrix."""
        return self.t()

    @property
    def mT(self) -> Any:  # noqa: N802 (PyTorch's name)
        """The transposes of a batch of matrices."""
        return self.transpose(-2, -1)

    def __len__(self) -> int:
        if self.array.ndim == 0:
            raise TypeError("len: expected a tensor with axes, got one of shape ()")
        return len(self.array)

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self.unbind())

    def __bool__(self) -> bool:
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        return index(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item() if self.array.ndim == 0 else repr(self), spec)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self.numpy(), dtype)


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
    """
    out = Tensor.__new__(Tensor)
    if type(value) is not np.ndarray:
        value = np.asarray(value)
    out.array = value
    out.grad = out.hooks = out.window = out.node = None
    out.tracked = False
    if grad_mode.enabled:
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


def operands(op: str, input: Operand | Array, other: Operand | Array) -> tuple[Any, Any]:
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
    TypeError, RuntimeError
        If an operand is something else, or the shapes do not broadcast.
    """
    a: Any = input.array if isinstance(input, Tensor) else input
    b: Any = other.array if isinstance(other, Tensor) else other
    if not (type(a) is type(b) is np.ndarray and a.dtype is b.dtype):
        number, array = (b, a) if type(a) is np.ndarray else (a, b)
        if type(number) in (int, float) and getattr(array, "dtype", np.dtype(int)).kind == "f":
            return a, b  # NumPy keeps the type of the array, too
        a, b = (x.item() if isinstance(x, np.generic) else x for x in (a, b))
        for x in (a, b):
            if not isinstance(x, np.ndarray | bool | int | float):
                raise TypeError(f"{op}: expected a Tensor or a number, got {type(x).__name__}")
        kind = result_type(a, b)
        a, b = (x.astype(kind, copy=False) if isinstance(x, np.ndarray) else x for x in (a, b))
        if type(a) is not np.ndarray or type(b) is not np.ndarray:
            return a, b
    try:
        if a.shape != b.shape:
            np.broadcast(a, b)
    except ValueError:
        shapes = f"{a.shape} and {b.shape}"
        raise RuntimeError(f"{op}: expected shapes that broadcast, got {shapes}") from None
    return a, b


def real(input: Tensor) -> Array:
    """Return the array of a tensor, as floating numbers.

    Parameters
    ----------
    input : Tensor
        Of any type.

    Returns
    -------
    ndarray
        The array itself if it is floating already, otherwise a copy in the default type.
    """
    array = input.array
    return array if array.dtype.kind == "f" else array.astype(numpy_type(None))


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
        Of the same shape and type: the bits of the gradient, as integers, times 0 or 1. So it is
        many times as fast as `numpy.where` where the mask is irregular.
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
    if grad_mode.enabled and owner(value) is owner(array):
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
        whole = allocate(shape, strides, dtype)
        whole[...] = 0
        path(whole)[...] = g
        return whole

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

    def __init__(self, hooks: list[Any], hook: Any) -> None:
        self._hooks, self._hook = hooks, hook
        hooks.append(hook)

    def remove(self) -> None:
        """Take the hook away."""
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)
