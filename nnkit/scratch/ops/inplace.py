"""Changes in place: `x[i] = v`, `x += y`, and the methods whose names end in an underscore.

The memory changes, so every view and every `detach` sees it. What had been computed from the old
values keeps its own record: if its gradient needs them, `backward` says so.
A change that has a gradient is recorded: a new node takes the place of the old one in the same
tensor, and, if that is a view, in the tensor that it looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import numpy as np

from nnkit.scratch.core import grad_mode
from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.memory import touch
from nnkit.scratch.core.recording import Operand, Tensor, allocate, record, target_of
from nnkit.scratch.ops.indexing import index_of
from nnkit.scratch.ops.random import Generator, source

P = ParamSpec("P")


def overwrite(op: str, tensor: Tensor, index: Any, value: Tensor) -> None:
    """Write a value over a part of a tensor, in its memory, and record that.

    Parameters
    ----------
    op : str
        Name of the operation, for its errors.
    tensor : Tensor
        What is changed.
    index : index
        NumPy's index of the part.
    value : Tensor
        Broadcasts to the part.

    Raises
    ------
    RuntimeError
        If `tensor` is a leaf that requires grad, or a view of one, and recording is on; or if
        `value` does not broadcast to the part.
    """
    root, path, _ = tensor.window or (tensor, lambda a: a, None)
    if grad_mode.enabled and root.tracked and root.node is None:
        raise RuntimeError(
            f"{op}: expected a tensor that may change in place, got a leaf that requires grad, "
            f"shape {root.array.shape}; change it under no_grad"
        )
    try:
        tensor.array[index] = value.array
    except ValueError:
        part = tensor.array[index].shape
        raise RuntimeError(
            f"{op}: expected a value that broadcasts to {part}, got shape {value.array.shape}"
        ) from None
    touch(tensor.array)
    if not grad_mode.enabled or not (value.tracked or root.tracked):
        return
    strides, dtype = root.array.strides, root.array.dtype

    def kept(g: Array) -> Array:
        rest = allocate(g.shape, strides, dtype)
        rest[...] = g
        path(rest)[index] = 0
        return rest

    pairs = [(value, lambda g: path(g)[index])]
    if index is not ... or root is not tensor:
        pairs.append((root, kept))
    changed = record(root.array, *pairs)
    root.node, root.tracked = changed.node, changed.tracked


def setitem(input: Tensor, key: Any, value: Operand) -> None:
    """Write a value over the part of a tensor that an index names.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    key : index
        As in `getitem`.
    value : Tensor or number
        Broadcasts to the part.

    Raises
    ------
    RuntimeError
        If `input` is a leaf that requires grad and recording is on.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> x = engine.zeros(3)
    >>> x[1:] = 2
    >>> x
    tensor([0., 2., 2.])
    """
    overwrite("setitem", input, index_of(key), _tensor(value))


def _tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else record(np.asarray(value))


def in_place(
    op: Callable[Concatenate[Tensor, P], Tensor],
) -> Callable[Concatenate[Tensor, P], Tensor]:
    """Return the form of an operation that writes its result over its first operand.

    Parameters
    ----------
    op : callable
        The operation.

    Returns
    -------
    callable
        Takes the same and returns the first operand.
    """
    name = f"{op.__name__}_"

    @wraps(op)
    def change(input: Tensor, /, *args: P.args, **kwargs: P.kwargs) -> Tensor:
        before = record(input.array)
        if grad_mode.enabled and target_of(input) is not None:
            # Its gradient may need the old values, which are about to be overwritten.
            before.array = input.array.copy()
            before.node, before.tracked = input.node, True
        result = op(before, *args, **kwargs)
        if result.array.dtype.kind == "f" and input.array.dtype.kind != "f":
            raise RuntimeError(
                f"{name}: expected a result of type {input.dtype}, got {result.dtype}"
            )
        overwrite(name, input, ..., result)
        return input

    change.__name__ = change.__qualname__ = name
    change.__doc__ = (op.__doc__ or "").replace("Return", "Write over the input, and return,", 1)
    return change


def copy_(input: Tensor, src: Tensor) -> Tensor:
    """Write the elements of another tensor over those of this one.

    Parameters
    ----------
    input : Tensor
        What is changed.
    src : Tensor
        Of a shape that broadcasts, and of any type.

    Returns
    -------
    Tensor
        The first of the two.
    """
    overwrite("copy_", input, ..., src)
    return input


def fill_(input: Tensor, value: Operand) -> Tensor:
    """Write one value everywhere.

    Parameters
    ----------
    input : Tensor
        What is changed.
    value : Tensor or number
        The value.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    overwrite("fill_", input, ..., _tensor(value))
    return input


def zero_(input: Tensor) -> Tensor:
    """Write 0 everywhere.

    Parameters
    ----------
    input : Tensor
        What is changed.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    return fill_(input, 0)


def normal_(
    input: Tensor, mean: float = 0, std: float = 1, *, generator: Generator | None = None
) -> Tensor:
    """Write normal random numbers everywhere.

    Parameters
    ----------
    input : Tensor
        What is changed.
    mean : float, default 0
        Their mean.
    std : float, default 1
        Their standard deviation, >= 0.
    generator : Generator, optional
        Where they come from.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    return copy_(input, record(source(generator).normal(mean, std, input.array.shape)))


def uniform_(
    input: Tensor, a: float = 0, b: float = 1, *, generator: Generator | None = None
) -> Tensor:
    """Write uniform random numbers everywhere.

    Parameters
    ----------
    input : Tensor
        What is changed.
    a, b : float, default 0 and 1
        Bounds: the numbers lie in [a, b).
    generator : Generator, optional
        Where they come from.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    return copy_(input, record(source(generator).uniform(a, b, input.array.shape)))


def bernoulli_(input: Tensor, p: float = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Write 1 with a probability and 0 otherwise, everywhere.

    Parameters
    ----------
    input : Tensor
        What is changed.
    p : float, default 0.5
        Probability of 1.
    generator : Generator, optional
        Where the draws come from.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    return copy_(input, record(source(generator).random(input.array.shape) < p))
