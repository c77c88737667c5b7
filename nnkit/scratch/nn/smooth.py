"""Smooth nonlinearities: the softplus, and those that weigh x with a share between 0 and 1.

NumPy has no error function, so that GELU's normal distribution is computed here.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial.chebyshev import cheb2poly

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import quiet, real, record
from nnkit.scratch.nn.activation import InPlace, choose
from nnkit.scratch.nn.module import Functional
from nnkit.scratch.ops.activations import logistic
from nnkit.scratch.ops.inplace import in_place
from nnkit.scratch.tensors import Tensor

# Chebyshev coefficients of R(x) / (1 + y), where R is Mills' ratio (1 - Φ) / φ of the normal
# distribution, y = (4 - x) / (4 + x) and x >= 0: to 5e-15 in relative terms, the first ten to 4e-8.
_MILLS = (
    0.30407005356438005, 0.23553182182243534, 0.069619581137047595, 0.015201996518025515,
    0.0021700885179659042, 0.00010045265009120855, -3.150436685069569e-05, -5.9229649087814117e-06,
    3.1657364217696187e-07, 1.9255087307770813e-07, -1.0593699605666684e-09,
    -6.4816732115786143e-09, -3.5351626904175787e-11, 2.4358205332782307e-10,
    -3.1150206799746717e-12, -9.9466142266365524e-12, 5.7720122956309682e-13,
    4.113071362244456e-13, -5.4604407109485662e-14, -1.5394446108881563e-14, 4.031676356996102e-15,
)  # fmt: skip
_SINGLE, _DOUBLE = (cheb2poly(_MILLS[:n])[::-1].tolist() for n in (10, 21))


def normal_distribution(x: Array) -> tuple[Array, Array]:
    """Return the distribution function Φ and the density φ of the normal distribution.

    Parameters
    ----------
    x : ndarray
        Floating, of any shape.

    Returns
    -------
    cdf : ndarray
        The distribution function Φ, of the same shape and type. For x <= 0 it is φ R(−x), so that
        small values are exact too.
    density : ndarray
        The density φ, likewise.
    """
    size = np.abs(x)
    density = np.exp(-0.5 * size * size)
    density /= math.sqrt(2 * math.pi)
    y = 8 / (4 + size)
    y -= 1
    first, *rest = _DOUBLE if x.dtype == np.float64 else _SINGLE
    tail = np.full_like(x, first)
    for coefficient in rest:
        tail *= y
        tail += coefficient
    y += 1
    tail *= y
    tail *= density
    return choose(x > 0, 1 - tail, tail), density


@quiet
def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """Return x Φ(x), with Φ the distribution function of the normal distribution.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    approximate : str, default "none"
        With "tanh", Φ(x) is taken to be (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If `approximate` is neither.

    Notes
    -----
    The slope is Φ(x) + x φ(x). With t that hyperbolic tangent and u its argument, φ is
    (1 − t²) / 2 times the slope of u. Hendrycks and Gimpel (2016), "Gaussian error linear units
    (GELUs)", section 2.
    """
    x = real(input)
    if approximate == "tanh":
        square = x * x
        t = np.tanh(math.sqrt(2 / math.pi) * x * (1 + 0.044715 * square))
        share = 0.5 * (1 + t)
        density = (1 - t * t) * (math.sqrt(0.5 / math.pi) * (1 + 3 * 0.044715 * square))
    elif approximate == "none":
        share, density = normal_distribution(x)
    else:
        raise ValueError(f"gelu: expected approximate 'none' or 'tanh', got {approximate!r}")
    return record(x * share, (input, lambda g: g * (share + x * density)))


class GELU(Functional, calls=gelu):
    """Return x Φ(x), with Φ the distribution function of the normal distribution.

    Parameters
    ----------
    approximate : str, default "none"
        With "tanh", by a hyperbolic tangent; see `functional.gelu`.
    """

    approximate: str = "none"


@quiet
def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return x σ(x), with σ the sigmoid.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    inplace : bool, default False
        Whether the result is written over the input.

    Returns
    -------
    Tensor
        Of the same shape.

    Notes
    -----
    σ has the slope σ (1 − σ), so the product has σ (1 + x (1 − σ)).
    """
    if inplace:
        return in_place(silu)(input)
    x = real(input)
    share = logistic(x)
    return record(x * share, (input, lambda g: g * (share * (1 + x * (1 - share)))))


class SiLU(InPlace, calls=silu):
    """Return x σ(x), with σ the sigmoid.

    Parameters
    ----------
    inplace : bool, default False
        Whether the result is written over the input.
    """

    inplace: bool = False


@quiet
def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """Return x tanh(softplus(x)).

    Parameters
    ----------
    input : Tensor
        Of any shape.
    inplace : bool, default False
        Whether the result is written over the input.

    Returns
    -------
    Tensor
        Of the same shape.

    Notes
    -----
    With t the hyperbolic tangent, the slope is t + x (1 − t²) σ(x).
    """
    if inplace:
        return in_place(mish)(input)
    x = real(input)
    t = np.tanh(np.log1p(np.exp(x)))
    return record(x * t, (input, lambda g: g * (t + x * (1 - t * t) * logistic(x))))


class Mish(InPlace, calls=mish):
    """Return x tanh(softplus(x)).

    Parameters
    ----------
    inplace : bool, default False
        Whether the result is written over the input.
    """

    inplace: bool = False


@quiet
def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """Return log(1 + e^(β x)) / β, a smooth max(x, 0).

    Parameters
    ----------
    input : Tensor
        Of any shape.
    beta : float, default 1
        How sharp the bend is.
    threshold : float, default 20
        Where β x is larger, the result is x itself.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    x = real(input)
    z = beta * x
    straight, bent = z > threshold, np.log1p(np.exp(np.minimum(z, threshold))) / beta
    out = choose(straight, x, bent)
    return record(out, (input, lambda g: choose(straight, g, g * logistic(z))))


class Softplus(Functional, calls=softplus):
    """Return log(1 + e^(β x)) / β, a smooth max(x, 0).

    Parameters
    ----------
    beta, threshold : float
        As in `softplus`.
    """

    beta: float = 1.0
    threshold: float = 20.0


@quiet
def logsigmoid(input: Tensor) -> Tensor:
    """Return the logarithm of the sigmoid, −log(1 + e⁻ˣ), which never overflows.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    x = real(input)
    out = np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))
    return record(out, (input, lambda g: g * logistic(-x)))


class LogSigmoid(Functional, calls=logsigmoid):
    """Return the logarithm of the sigmoid, −log(1 + e⁻ˣ)."""
