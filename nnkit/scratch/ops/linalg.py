"""Products of matrices and sums of products, and norms."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import Gradient, Tensor, quiet, record
from nnkit.scratch.ops.arithmetic import mul
from nnkit.scratch.ops.elementwise import abs
from nnkit.scratch.ops.extremes import amax
from nnkit.scratch.ops.reductions import Dims, add_reduce, axes_of, check_floating, without
from nnkit.scratch.ops.shaping import unsqueeze


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
    >>> import nnkit.scratch as engine
    >>> engine.tensor([[1.0, 2.0]]) @ engine.tensor([[3.0], [4.0]])
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
    if a.ndim == b.ndim == 2:
        return record(value, (input, lambda g: g @ b.T), (other, lambda g: a.T @ g))
    # A vector is a matrix of one row on the left, of one column on the right.
    left, right = a if a.ndim > 1 else a[None], b if b.ndim > 1 else b[:, None]

    def matrix(g: Array) -> Array:
        g = g if b.ndim > 1 else g[..., None]
        return g if a.ndim > 1 else g[..., None, :]

    def of_other(g: Array) -> Array:
        g = matrix(g)
        if right.ndim > 2:
            return np.asarray(np.matmul(left.swapaxes(-1, -2), g))
        rows = math.prod(g.shape[:-1])  # those of a whole batch are multiplied by one matrix
        share: Array = left.reshape(rows, left.shape[-1]).T @ g.reshape(rows, g.shape[-1])
        return share.reshape(b.shape)

    return record(
        value, (input, lambda g: np.matmul(matrix(g), right.swapaxes(-1, -2))), (other, of_other)
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
    >>> import nnkit.scratch as engine
    >>> engine.outer(engine.tensor([1, 2]), engine.tensor([3, 4]))
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
    the gradient of the result and the other operands, with the axes of that one. Along an axis
    that it alone has, the gradient is the same: ones are one more factor. Where a letter occurs
    in it twice, the gradient lies on the diagonal: the identity is.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.einsum("ij,j->i", engine.tensor([[1.0, 2.0]]), engine.tensor([3.0, 4.0]))
    tensor([11.])
    """
    arrays = [operand.array for operand in operands]
    try:
        terms, output = _letters(equation.replace(" ", ""), arrays)
        value = np.einsum(",".join(terms) + "->" + output, *arrays, optimize=True)
    except ValueError:
        raise RuntimeError(
            f"einsum: expected operands as in {equation!r}, got shapes "
            f"{[array.shape for array in arrays]}"
        ) from None

    def slope(i: int) -> Gradient:
        others, factors = terms[:i] + terms[i + 1 :], arrays[:i] + arrays[i + 1 :]
        axes = zip([output, *others], [value, *factors], strict=True)
        known = {axis for term, array in axes for axis in zip(term, array.shape, strict=True)}
        free = iter(set(string.ascii_letters).difference(*terms))
        found = ""
        for letter, n in zip(terms[i], arrays[i].shape, strict=True):
            if letter in found:
                first, letter = letter, next(free)
                others, factors = [*others, first + letter], [*factors, np.eye(n)]
            elif (letter, n) not in known:
                others, factors = [*others, letter], [*factors, np.ones(n)]
            found += letter
        call = ",".join([output, *others]) + "->" + found
        return lambda g: np.einsum(call, g, *factors, optimize=True)

    return record(value, *((operand, slope(i)) for i, operand in enumerate(operands)))


def _letters(equation: str, arrays: Sequence[Array]) -> tuple[list[str], str]:
    """Return the letters of the operands and of the result, with letters in the place of `...`."""
    left, arrow, output = equation.partition("->")
    if not arrow:
        once = (letter for letter in set(left) - set(",.") if left.count(letter) == 1)
        output = "..." * ("..." in left) + "".join(sorted(once))
    pairs = [*zip(left.split(","), arrays, strict=True)]
    leading = [array.ndim - len(term.replace("...", "")) for term, array in pairs]
    most = max(leading)
    free = sorted(set(string.ascii_letters) - set(equation))[: max(most, 0)]
    terms = [
        term.replace("...", "".join(free[most - n :]))
        for (term, _), n in zip(pairs, leading, strict=True)
    ]
    return terms, output.replace("...", "".join(free))


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
    >>> import nnkit.scratch as engine
    >>> engine.tensor([3.0, 4.0]).norm()
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

    return record(without(out, axes, keepdim), (input, slope))
