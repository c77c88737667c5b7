"""Products of matrices and sums of products, and norms."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import numpy as np

from nnkit.scratch.arithmetic import mul
from nnkit.scratch.dtypes import Array
from nnkit.scratch.elementwise import abs
from nnkit.scratch.extremes import amax
from nnkit.scratch.recording import Gradient, quiet, record
from nnkit.scratch.reductions import Dims, add_reduce, axes_of, check_floating
from nnkit.scratch.shaping import unsqueeze

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


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """Return the sum of the products of two vectors.

    Parameters
    ----------
    input, tensor : Tensor
        Shape (n,) both.

    Returns
    -------
    Tensor
        One number.

    Raises
    ------
    RuntimeError
        If they are not vectors of one length.
    """
    if not input.array.ndim == 1 == tensor.array.ndim:
        shapes = f"{input.array.shape} and {tensor.array.shape}"
        raise RuntimeError(f"dot: expected two vectors, got shapes {shapes}")
    return matmul(input, tensor)


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Return the products of each element of a vector with each of another.

    Parameters
    ----------
    input : Tensor
        Shape (n,).
    vec2 : Tensor
        Shape (m,).

    Returns
    -------
    Tensor
        Shape (n, m).

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.outer(torch.tensor([1, 2]), torch.tensor([3, 4]))
    tensor([[3, 4],
            [6, 8]])
    """
    return mul(unsqueeze(input, 1), vec2)


@quiet
def einsum(equation: str, *operands: Tensor) -> Tensor:
    """Return the sums of products that an equation of axis letters describes.

    Parameters
    ----------
    equation : str
        A letter for each axis of each operand, and after `->` those of the result; the others
        are summed over. `...` stands for any leading axes.
    *operands : Tensor
        As many as the equation has.

    Returns
    -------
    Tensor
        With the axes named after `->`, or all letters that occur once, in alphabetical order.

    Raises
    ------
    RuntimeError
        If the operands do not fit the equation.

    Notes
    -----
    The result is linear in each operand, so the gradient of one is again a sum of products: of
    the gradient of the result and the other operands, with the axes of that one. An axis that
    occurs in it alone has been summed over, and its gradient is the same all along it.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.einsum("ij,j->i", torch.tensor([[1.0, 2.0]]), torch.tensor([3.0, 4.0]))
    tensor([11.])
    """
    arrays = [operand.array for operand in operands]
    inputs, output = _terms(equation.replace(" ", ""), arrays)
    sizes: dict[str, int] = {}
    for term, array in zip(inputs, arrays, strict=True):
        for letter, n in zip(term, array.shape, strict=True):
            known = sizes.setdefault(letter, n)
            if known != n and known != 1 and n != 1:
                raise RuntimeError(
                    f"einsum: expected one length for {letter!r} in {equation!r}, "
                    f"got {known} and {n}"
                )
            sizes[letter] = max(n, known)

    def slope(i: int) -> Gradient:
        others = [term for j, term in enumerate(inputs) if j != i]
        rest = [array for j, array in enumerate(arrays) if j != i]
        known = set(output).union(*others)
        term = "".join(dict.fromkeys(inputs[i]))
        found = "".join(letter for letter in term if letter in known)
        shape = tuple(sizes[letter] for letter in term)
        kept = tuple(sizes[letter] if letter in known else 1 for letter in term)
        call = ",".join([output, *others]) + "->" + found

        def gradient(g: Array) -> Array:
            share = np.einsum(call, g, *rest, optimize=True).reshape(kept)
            return _spread(np.broadcast_to(share, shape), term, inputs[i])

        return gradient

    value = np.einsum(",".join(inputs) + "->" + output, *arrays, optimize=True)
    return record(value, *((operand, slope(i)) for i, operand in enumerate(operands)))


def _spread(share: Array, term: str, letters: str) -> Array:
    """Lay a gradient on the diagonal of the axes whose letter occurs twice."""
    if len(term) == len(letters):
        return share
    whole = np.zeros([share.shape[term.index(letter)] for letter in letters], share.dtype)
    np.einsum(f"{letters}->{term}", whole)[...] = share
    return whole


def _terms(equation: str, arrays: list[Array]) -> tuple[list[str], str]:
    """Return the letters of the operands and the result, with letters in the place of `...`."""
    left, arrow, output = equation.partition("->")
    inputs = left.split(",")
    try:
        if len(inputs) != len(arrays):
            raise ValueError
        free = [c for c in string.ascii_letters if c not in equation]
        leading = [
            array.ndim - len(term.replace("...", ""))
            for term, array in zip(inputs, arrays, strict=True)
        ]
        ellipsis = "".join(free[: max(leading)])
        if not arrow:
            once = sorted(c for c in set(left) - set(",.") if left.count(c) == 1)
            output = ("..." if "..." in left else "") + "".join(once)
        inputs = [
            term.replace("...", ellipsis[len(ellipsis) - n :])
            for term, n in zip(inputs, leading, strict=True)
        ]
        if any(len(term) != array.ndim for term, array in zip(inputs, arrays, strict=True)):
            raise ValueError
    except ValueError:
        shapes = [array.shape for array in arrays]
        raise RuntimeError(
            f"einsum: expected operands as in {equation!r}, got shapes {shapes}"
        ) from None
    return inputs, output.replace("...", ellipsis)


@quiet
def norm(input: Tensor, p: float | str = 2, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return the p-norm, (Σ |x|ᵖ)^(1/p).

    Parameters
    ----------
    input : Tensor
        Floating, of any shape.
    p : float or "fro", default 2
        The exponent, > 0; infinite for the largest |x|; "fro" means 2.
    dim : int or sequence of int, optional
        Axes that are reduced; all, if left out.
    keepdim : bool, default False
        Keep these axes, with length 1.

    Returns
    -------
    Tensor
        Without the axes `dim`.

    Raises
    ------
    ValueError
        If `p` is not > 0.

    Notes
    -----
    Its slope is sign(x) (|x| / norm)^(p − 1), taken to be 0 where the norm is 0.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tensor([3.0, 4.0]).norm()
    tensor(5.)
    """
    power = 2.0 if p == "fro" else p
    if not isinstance(power, int | float) or not power > 0:
        raise ValueError(f"norm: expected p > 0, got {p!r}")
    if power == np.inf:
        return amax(abs(input), dim, keepdim)
    x = input.array
    check_floating("norm", x)
    axes = axes_of("norm", dim, x.ndim)
    size = np.abs(x)
    out = add_reduce(size**power, axes, None, None, True) ** (1 / power)

    def slope(g: Array) -> Array:
        share = np.where((out == 0) | (x == 0), 0, (size / out) ** (power - 1))
        return g.reshape(out.shape) * np.sign(x) * share

    return record(out if keepdim else out.squeeze(axes), (input, slope))
