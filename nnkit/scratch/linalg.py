"""Products of matrices and sums of products, and norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnkit.scratch.recording import quiet, record

if TYPE_CHECKING:
    from nnkit.scratch.tensors import Tensor


@quiet
def matmul(input: Tensor, other: Tensor) -> Tensor:
    """Return the matrix product; leading axes are batches and broadcast.

    Parameters
    ----------
    input : Tensor
        Shape (..., n, k), or a vector of shape (k,).
    other : Tensor
        Shape (..., k, m), or a vector of shape (k,).

    Returns
    -------
    Tensor
        Shape (..., n, m), without n or m where an operand is a vector.

    Raises
    ------
    RuntimeError
        If the inner lengths differ, or an operand has no axes.

    Notes
    -----
    For C = A B and the gradient G of C, the gradient of A is G Bᵀ and that of B is Aᵀ G.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tensor([[1.0, 2.0]]) @ torch.tensor([[3.0], [4.0]])
    tensor([[11.]])
    """
    a, b = input.array, other.array
    try:
        value = np.matmul(a, b)
    except ValueError:
        raise RuntimeError(
            f"matmul: expected shapes (..., n, k) and (..., k, m), got {a.shape} and {b.shape}"
        ) from None
    if a.dtype is not b.dtype:
        raise RuntimeError(
            f"matmul: expected operands of one dtype, got {input.dtype} and {other.dtype}"
        )
    if a.ndim == 1 == b.ndim:
        return record(value, (input, lambda g: g * b), (other, lambda g: g * a))
    if b.ndim == 1:
        return record(
            value,
            (input, lambda g: g[..., None] * b),
            (other, lambda g: np.tensordot(g, a, g.ndim)),
        )
    if a.ndim == 1:
        return record(
            value,
            (input, lambda g: np.matmul(b, g[..., None])[..., 0]),
            (other, lambda g: a[:, None] * g[..., None, :]),
        )
    if b.ndim == 2 and a.ndim > 2:
        return record(
            value,
            (input, lambda g: np.matmul(g, b.T)),
            (other, lambda g: a.reshape(-1, a.shape[-1]).T @ g.reshape(-1, g.shape[-1])),
        )
    return record(
        value,
        (input, lambda g: np.matmul(g, b.swapaxes(-1, -2))),
        (other, lambda g: np.matmul(a.swapaxes(-1, -2), g)),
    )
