"""Layers that a matrix makes: the affine map, and the look-up of its rows; one-hot vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Array, dtype
from nnkit.scratch.core.recording import quiet, record
from nnkit.scratch.nn import init
from nnkit.scratch.nn.members import Parameter
from nnkit.scratch.nn.module import Functional, Module
from nnkit.scratch.ops import creation, shaping
from nnkit.scratch.tensors import Tensor


class Identity(Module):
    """Return the input.

    Parameters
    ----------
    *args, **kwargs : object
        Without effect.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        return input


class Flatten(Functional, calls=shaping.flatten):
    """Make one axis of neighbouring axes.

    Parameters
    ----------
    start_dim, end_dim : int, default 1 and -1
        The first of them and the last.
    """

    start_dim: int = 1
    end_dim: int = -1


@quiet
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return x Wᵀ + b.

    Parameters
    ----------
    input : Tensor
        Shape (..., in_features).
    weight : Tensor
        Shape (out_features, in_features), of the same type.
    bias : Tensor, optional
        Shape (out_features,).

    Returns
    -------
    Tensor
        Shape (..., out_features).

    Raises
    ------
    RuntimeError
        If the last axis is not `in_features` long, or the types differ.

    Notes
    -----
    With the gradient g of the result, that of x is g W, that of W is gᵀ x, and that of b is g, the
    last two summed over all rows.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> weight, bias = engine.tensor([[3.0, 4.0]]), engine.tensor([0.5])
    >>> F.linear(engine.tensor([[1.0, 2.0]]), weight, bias)
    tensor([[11.5000]])
    """
    x, w = input.array, weight.array
    shape = x.shape
    if not shape or shape[-1] != w.shape[1]:
        got = shape[-1] if shape else "none"
        raise RuntimeError(
            f"Linear: expected last axis {w.shape[1]} (in_features), got {got}; input shape {shape}"
        )
    if x.dtype != w.dtype:
        raise RuntimeError(
            f"Linear: expected input of the weight's dtype {weight.dtype}, got {input.dtype}"
        )
    if bias is not None and bias.array.shape != w.shape[:1]:
        got = bias.array.shape
        raise RuntimeError(f"Linear: expected bias of shape {w.shape[:1]}, got {got}")
    count, outputs = math.prod(shape[:-1]), len(w)
    rows = x if x.ndim == 2 else x.reshape(count, shape[-1])
    out = rows @ w.T
    if bias is not None:
        out += bias.array
    of_bias = (0 if bias is None else bias, lambda g: g)
    if x.ndim == 2:
        return record(out, (input, lambda g: g @ w), (weight, lambda g: g.T @ x), of_bias)
    return record(
        out.reshape(*shape[:-1], outputs),
        (input, lambda g: (g.reshape(count, outputs) @ w).reshape(shape)),
        (weight, lambda g: g.reshape(count, outputs).T @ rows),
        of_bias,
    )


class Affine(Module):
    """A layer of a weight and, on request, a bias, which begin uniform within ±1/√fan_in.

    Parameters
    ----------
    shape : tuple of int
        That of the weight; all lengths but the first multiply to fan_in.
    outputs : int
        Length of the bias.
    bias : bool
        Whether there is one.
    dtype : dtype or None
        Type of both; float32 if None.
    """

    def __init__(
        self, shape: tuple[int, ...], outputs: int, bias: bool, dtype: dtype | None
    ) -> None:
        super().__init__()
        self.weight = Parameter(creation.empty(shape, dtype=dtype))
        self.bias = Parameter(creation.empty(outputs, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        fan_in = math.prod(self.weight.shape[1:])
        bound = 1 / math.sqrt(fan_in) if fan_in else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)


class Linear(Affine):
    """Return x Wᵀ + b.

    Shapes: (..., in_features) to (..., out_features). Parameters: `weight`, of shape
    (out_features, in_features), and `bias`, of shape (out_features,), uniform within
    ±1/√in_features.

    Parameters
    ----------
    in_features : int
        Length of the last axis of the input.
    out_features : int
        Length of the last axis of the output.
    bias : bool, default True
        Whether b is added.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: object = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__((out_features, in_features), out_features, bias, dtype)
        self.in_features, self.out_features = in_features, out_features

    def forward(self, input: Tensor) -> Tensor:
        return linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        bias = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={bias}"


def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None) -> Tensor:
    """Return the rows of a matrix that indices name.

    Parameters
    ----------
    input : Tensor
        Indices, integers in [0, num_embeddings), of any shape.
    weight : Tensor
        Shape (num_embeddings, embedding_dim).
    padding_idx : int, optional
        A row that gets no gradient.

    Returns
    -------
    Tensor
        Shape (..., embedding_dim).

    Raises
    ------
    IndexError
        If an index is out of range.
    RuntimeError
        If the indices are no integers.

    Notes
    -----
    The gradient of a row is the sum of those of all places that show it.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.embedding(engine.tensor([1, 0]), engine.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor([[3., 4.],
            [1., 2.]])
    """
    index, w = input.array, weight.array
    n = len(w)
    if index.dtype.kind != "i":
        raise RuntimeError(f"Embedding: expected integer indices, got {input.dtype}")
    if index.size and (index.min() < 0 or index.max() >= n):
        raise IndexError(
            f"Embedding: expected indices in [0, {n}), got {index.min()} to {index.max()}"
        )

    def scatter(g: Array) -> Array:
        share = np.zeros((n, g.shape[-1]), g.dtype)
        if index.size:  # in the order of the indices, each row is one run, summed at once
            order = index.argsort(axis=None, kind="stable")
            rows = index.ravel()[order]
            starts = np.flatnonzero(np.diff(rows, prepend=-1))
            share[rows[starts]] = np.add.reduceat(g.reshape(len(rows), -1)[order], starts)
        if padding_idx is not None:
            share[padding_idx] = 0
        return share

    return record(w[index], (weight, scatter))


class Embedding(Module):
    """Return a learned row for each index.

    Shapes: (...) to (..., embedding_dim). Parameter: `weight`, of shape
    (num_embeddings, embedding_dim), normal with mean 0 and variance 1.

    Parameters
    ----------
    num_embeddings : int
        Number of rows.
    embedding_dim : int
        Length of a row.
    padding_idx : int, optional
        A row that begins as zeros and gets no gradient.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameter; float32 if left out.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        device: object = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__()
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(
                f"Embedding: expected padding_idx below {num_embeddings}, got {padding_idx}"
            )
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.weight = Parameter(creation.empty(num_embeddings, embedding_dim, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0

    def forward(self, input: Tensor) -> Tensor:
        return embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Return a vector for each index that is 1 at its place and 0 elsewhere.

    Parameters
    ----------
    tensor : Tensor
        Indices, integers in [0, num_classes), of any shape.
    num_classes : int, default -1
        Length of the vectors; if negative, the largest index plus 1.

    Returns
    -------
    Tensor
        Of int64 and of shape (..., num_classes).

    Raises
    ------
    RuntimeError
        If an index is out of range, or there is none to tell the number of classes.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> F.one_hot(engine.tensor([1, 0]), 3)
    tensor([[0, 1, 0],
            [1, 0, 0]])
    """
    index = tensor.array
    if num_classes < 0 and not index.size:
        raise RuntimeError("one_hot: expected num_classes, for there are no indices, got none")
    n = num_classes if num_classes >= 0 else int(index.max()) + 1
    if index.size and (index.min() < 0 or index.max() >= n):
        found = f"{index.min()} to {index.max()}"
        raise RuntimeError(f"one_hot: expected indices in [0, {n}), got {found}")
    return record((index[..., None] == np.arange(n)).astype(np.int64))
