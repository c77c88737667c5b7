"""Sines, cosines and tangents, circular and hyperbolic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnkit.scratch.recording import quiet, real, record

if TYPE_CHECKING:
    from nnkit.scratch.tensors import Tensor


@quiet
def sin(input: Tensor) -> Tensor:
    """Return the sine of x in radians.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.sin(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8415])
    """
    x = real(input)
    return record(np.sin(x), (input, lambda g: g * np.cos(x)))


@quiet
def cos(input: Tensor) -> Tensor:
    """Return the cosine of x in radians.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.cos(torch.tensor([0.0, 1.0]))
    tensor([1.0000, 0.5403])
    """
    x = real(input)
    return record(np.cos(x), (input, lambda g: -g * np.sin(x)))


@quiet
def tan(input: Tensor) -> Tensor:
    """Return the tangent of x in radians.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.tan(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 1.5574])
    """
    out = np.tan(real(input))
    return record(out, (input, lambda g: g * (1 + out * out)))


@quiet
def atan(input: Tensor) -> Tensor:
    """Return the angle in radians whose tangent is x.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.atan(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7854])
    """
    x = real(input)
    return record(np.arctan(x), (input, lambda g: g / (1 + x * x)))


@quiet
def sinh(input: Tensor) -> Tensor:
    """Return (eˣ − e⁻ˣ) / 2.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.sinh(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 1.1752])
    """
    x = real(input)
    return record(np.sinh(x), (input, lambda g: g * np.cosh(x)))


@quiet
def cosh(input: Tensor) -> Tensor:
    """Return (eˣ + e⁻ˣ) / 2.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Floating, of the same shape.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.cosh(torch.tensor([0.0, 1.0]))
    tensor([1.0000, 1.5431])
    """
    x = real(input)
    return record(np.cosh(x), (input, lambda g: g * np.sinh(x)))
