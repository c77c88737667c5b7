"""How gradients are carried back: `Tensor.backward` and `torch.autograd.grad`.

The walk visits the nodes of a graph from the youngest to the oldest. A node is younger than all it
was made from, so by the time it is visited all of its gradient has arrived: age alone is the
topological order, and no recursion is needed. The walk alone sums over broadcast axes, casts and
adds up; the gradient functions of operations are pure.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any, TypeAlias

import numpy as np

from nnkit.scratch.core import memory
from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import (
    Hook,
    Node,
    RemovableHandle,
    Tensor,
    quiet,
    record,
    target_of,
)

Tensors: TypeAlias = "Tensor | Sequence[Tensor]"


def check_unchanged(node: Node) -> None:
    """Refuse to use values that have changed since they were recorded.

    Parameters
    ----------
    node : Node
        What is about to be walked through.

    Raises
    ------
    RuntimeError
        If one of its gradient functions remembers an array that has been changed in place.
    """
    for _, gradient in node.edges or ():
        changed = memory.changed_since(node.age, gradient)
        if changed is not None:
            raise RuntimeError(
                f"backward: expected the values that {node} was given, got an array of shape "
                f"{changed.shape} that has since been changed in place"
            )


@quiet
def walk(
    start: Node, retain_graph: bool, wanted: dict[Any, Array]
) -> tuple[dict[Any, Array], set[Any]]:
    """Carry gradients from a node back to the leaves.

    Parameters
    ----------
    start : Node
        Stands for the outputs: its edges lead to them.
    retain_graph : bool
        Whether the nodes keep what they need for another walk.
    wanted : dict
        Takes the gradient of each node that is a key.

    Returns
    -------
    gradients : dict
        The gradient of each leaf that was reached.
    fresh : set
        Leaves whose gradient no one else holds: it may be taken over without a copy.

    Raises
    ------
    RuntimeError
        If part of the graph has been freed, or a value that it needs has been changed in place.
    """
    pending: dict[Any, Any] = {start: None}
    fresh: set[Any] = set()
    queue = [(-start.age, start)]
    while queue:
        node = heappop(queue)[1]
        g = pending.pop(node)
        if node.hooks is not None:
            g = call_hooks(node.hooks, g)
        if node.retained is not None and (tensor := node.retained()) is not None:
            tensor.grad = record(np.array(g))
        if node in wanted:
            wanted[node] = g
        edges = node.edges
        if edges is None:
            raise RuntimeError(
                f"backward: expected a graph, got one that an earlier backward has freed, at "
                f"{node} of shape {node.shape}; pass retain_graph=True to the earlier one"
            )
        if node.age < memory.last_change:
            check_unchanged(node)
        if not retain_graph:
            node.edges = None
        for targets, gradient in edges:
            shares = gradient(g)
            if type(targets) is not tuple:
                targets, shares = (targets,), (shares,)
            for target, share in zip(targets, shares, strict=True):
                if type(target) is Node:
                    shape, dtype = target.shape, target.dtype
                elif target is not None:
                    shape, dtype = target.array.shape, target.array.dtype
                else:
                    continue
                if share.shape != shape:
                    share = _unbroadcast(share, shape)
                if share.dtype is not dtype:
                    share = share.astype(dtype, copy=False)
                if target not in pending:
                    pending[target] = share
                    # A gradient function returns what it was given, a view, or a fresh array.
                    if share is not g and share.base is None:
                        fresh.add(target)
                    if type(target) is Node:
                        heappush(queue, (-target.age, target))
                elif target in fresh:
                    pending[target] += share
                else:
                    pending[target] = pending[target] + share
                    fresh.add(target)
    return pending, fresh


def _unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Sum a gradient over the axes along which the input was broadcast."""
    extra = gradient.ndim - len(shape)
    stretched = (
        i + extra for i, n in enumerate(shape) if n == 1 and gradient.shape[i + extra] != 1
    )
    axes = (*range(extra), *stretched)
    if axes:
        gradient = np.add.reduce(gradient, axes)
    return gradient if gradient.shape == shape else gradient.reshape(shape)


def call_hooks(hooks: list[Hook], gradient: Array) -> Array:
    """Show a gradient to each hook in turn, and go on with what it returns, if anything.

    Parameters
    ----------
    hooks : list of callable
        The hooks, in the order in which they were registered.
    gradient : ndarray
        The gradient.

    Returns
    -------
    ndarray
        What the last of them leaves.
    """
    for hook in hooks:
        answer = hook(record(np.asarray(gradient)))
        if answer is not None:
            gradient = answer.array[...]
    return gradient


def _start(op: str, tensors: Sequence[Tensor], gradients: Sequence[Tensor | None]) -> Node:
    """Return a node whose edges lead to the outputs and bring each its gradient."""
    edges = []
    for tensor, gradient in zip(tensors, gradients, strict=True):
        target, array = target_of(tensor), tensor.array
        given = np.ones_like(array) if gradient is None else gradient.array[...]
        if target is None:
            raise RuntimeError(
                f"{op}: expected a tensor that requires grad, got one of shape {array.shape} "
                "that was not made from any"
            )
        if gradient is None and array.size != 1:
            raise RuntimeError(
                f"{op}: expected a scalar, or its gradient, got shape {array.shape} alone"
            )
        if given.shape != array.shape:
            raise RuntimeError(
                f"{op}: expected a gradient of shape {array.shape}, got {given.shape}"
            )
        edges.append((target, lambda _, given=given: given))
    return Node(edges, np.empty(()))


def backward(input: Tensor, gradient: Tensor | None = None, retain_graph: bool = False) -> None:
    """Add to the `grad` of each leaf the gradient of this tensor with respect to it.

    Parameters
    ----------
    input : Tensor
        Usually a loss, a scalar.
    gradient : Tensor, optional
        Gradient of what is differentiated with respect to `input`, of its shape; 1 if left out,
        which only a tensor of one element allows.
    retain_graph : bool, default False
        Keep the graph, so that `backward` can pass through it again.

    Raises
    ------
    RuntimeError
        If `input` requires no grad, is not a scalar and has no `gradient`, if an earlier
        `backward` has freed the graph, or a value it needs has been changed in place.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> w = engine.tensor([1.0, 2.0], requires_grad=True)
    >>> (w ** 2).sum().backward()
    >>> w.grad
    tensor([2., 4.])
    """
    leaves, fresh = walk(_start("backward", [input], [gradient]), retain_graph, {})
    for leaf, total in leaves.items():
        share = call_hooks(leaf.hooks, total) if leaf.hooks is not None else total
        if leaf.grad is not None:
            leaf.grad.array += share
            memory.touch(leaf.grad.array)
        elif share is total and leaf in fresh:
            leaf.grad = record(share)
        else:
            leaf.grad = record(np.array(share))


def _listed(tensors: Any) -> Sequence[Tensor]:
    return tensors if isinstance(tensors, list | tuple) else [tensors]


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor | None, ...]:
    """Return the gradients of outputs with respect to inputs, and leave every `grad` alone.

    Parameters
    ----------
    outputs : Tensor or sequence of Tensor
        What is differentiated; their sum, if there are several.
    inputs : Tensor or sequence of Tensor
        With respect to what: leaves or intermediate tensors that require grad.
    grad_outputs : Tensor or sequence, optional
        Gradient of each output, of its shape; 1 for a scalar if left out.
    retain_graph : bool, default False
        Keep the graph for another pass.
    allow_unused : bool, default False
        Return None for an input that the outputs do not depend on, instead of an error.

    Returns
    -------
    tuple of Tensor
        One gradient for each input.

    Raises
    ------
    RuntimeError
        As for `Tensor.backward`; or if an input is unused or requires no grad.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> x = engine.tensor(3.0, requires_grad=True)
    >>> engine.autograd.grad(x ** 2, x)
    (tensor(6.),)
    """
    outputs, inputs = _listed(outputs), _listed(inputs)
    if not isinstance(grad_outputs, list | tuple):
        grad_outputs = [grad_outputs] * len(outputs)  # type: ignore[list-item]
    sources = [target_of(tensor) for tensor in inputs]
    wanted: dict[Any, Any] = {source: None for source in sources if isinstance(source, Node)}
    leaves, _ = walk(_start("grad", outputs, grad_outputs), retain_graph, wanted)
    found: list[Tensor | None] = []
    for tensor, source in zip(inputs, sources, strict=True):
        share = leaves.get(source) if wanted.get(source) is None else wanted[source]
        if share is not None:
            found.append(record(np.array(share)))
        elif allow_unused and source is not None:
            found.append(None)
        else:
            raise RuntimeError(
                "grad: expected inputs that require grad and that the outputs depend on, got one "
                f"of shape {tensor.array.shape} that does not; allow_unused=True gives None for it"
            )
    return tuple(found)


def retain_grad(input: Tensor) -> None:
    """Keep the gradient in `grad` although this is no leaf.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Raises
    ------
    RuntimeError
        If the tensor requires no grad.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> x = engine.ones(2, requires_grad=True)
    >>> y = 3 * x
    >>> y.retain_grad()
    >>> y.sum().backward()
    >>> y.grad
    tensor([1., 1.])
    """
    if not input.requires_grad:
        raise RuntimeError("retain_grad: expected a tensor that requires grad, got one without")
    if input.node is not None:
        input.node.retained = weakref.ref(input)


def register_hook(input: Tensor, hook: Hook) -> RemovableHandle:
    """Call a function with the gradient of this tensor as soon as it is known.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    hook : callable
        Takes the gradient; what it returns, unless None, takes its place.

    Returns
    -------
    RemovableHandle
        Its method `remove` takes the hook away again.

    Raises
    ------
    RuntimeError
        If the tensor requires no grad.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> x = engine.ones(2, requires_grad=True)
    >>> handle = x.register_hook(lambda grad: 2 * grad)
    >>> x.sum().backward()
    >>> x.grad
    tensor([2., 2.])
    """
    source = target_of(input)
    if source is None:
        raise RuntimeError("register_hook: expected a tensor that requires grad, got one without")
    if source.hooks is None:
        source.hooks = []
    return RemovableHandle(source.hooks, hook)


def detach(input: Tensor) -> Tensor:
    """Return the same elements, in the same memory, without their history.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        A leaf that requires no grad.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.ones(2, requires_grad=True).detach().requires_grad
    False
    """
    return record(input.array)


def requires_grad_(input: Tensor, requires_grad: bool = True) -> Tensor:
    """Say whether a gradient is wanted.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    requires_grad : bool, default True
        Whether it is.

    Returns
    -------
    Tensor
        The tensor itself.

    Raises
    ------
    RuntimeError
        If its elements are not floating, or if it is to stop and is no leaf.
    """
    input.requires_grad = requires_grad
    return input
