"""Initial values for parameters, written over them in place.

What keeps the size of signals from layer to layer: Glorot and Bengio (2010), "Understanding the
difficulty of training deep feedforward neural networks" (xavier); He et al. (2015), "Delving deep
into rectifiers: surpassing human-level performance on ImageNet classification" (kaiming); LeCun et
al. (1998), "Efficient BackProp" (lecun, which PyTorch lacks); Saxe et al. (2014), "Exact solutions
to the nonlinear dynamics of learning in deep linear neural networks" (orthogonal).
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.memory import touch
from nnkit.scratch.ops.random import Generator, source
from nnkit.scratch.tensors import Tensor


def zeros_(tensor: Tensor) -> Tensor:
    """Write 0 everywhere.

    Parameters
    ----------
    tensor : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    return constant_(tensor, 0)


def ones_(tensor: Tensor) -> Tensor:
    """Write 1 everywhere.

    Parameters
    ----------
    tensor : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    return constant_(tensor, 1)


def constant_(tensor: Tensor, val: Array | float) -> Tensor:
    """Write one value everywhere.

    Parameters
    ----------
    tensor : Tensor
        Of any shape.
    val : float
        The value; or an array of the tensor's shape.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    tensor.array[...] = val
    touch(tensor.array)
    return tensor


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Write uniform numbers.

    Parameters
    ----------
    tensor : Tensor
        Of any shape.
    a, b : float, default 0 and 1
        Bounds: the numbers lie in [a, b).
    generator : Generator, optional
        Where they come from.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    return constant_(tensor, source(generator).uniform(a, b, tensor.array.shape))


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Write normal numbers.

    Parameters
    ----------
    tensor : Tensor
        Of any shape.
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
    return constant_(tensor, source(generator).normal(mean, std, tensor.array.shape))


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Write normal numbers of which those out of bounds have been drawn anew.

    Parameters
    ----------
    tensor : Tensor
        Of any shape.
    mean : float, default 0
        Mean before the bounds.
    std : float, default 1
        Standard deviation before the bounds, > 0.
    a, b : float, default -2 and 2
        The bounds.
    generator : Generator, optional
        Where the numbers come from.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    draw = source(generator)
    values = draw.normal(mean, std, tensor.array.shape)
    low, high = (NormalDist().cdf((bound - mean) / std) for bound in (a, b))
    if high - low < 0.01:
        raise ValueError(f"trunc_normal_: expected bounds near the mean {mean}, got {a} and {b}")
    while (out := (values < a) | (values > b)).any():
        values[out] = draw.normal(mean, std, int(out.sum()))
    return constant_(tensor, values)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return by how much a nonlinearity shrinks signals, to be made good by its layer's weights.

    Parameters
    ----------
    nonlinearity : str
        "linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu", "conv1d", "conv2d" or
        "conv_transpose2d".
    param : float, optional
        Slope of the leaky ReLU below 0; 0.01 if left out.

    Returns
    -------
    float
        The factor for the standard deviation of the weights.

    Raises
    ------
    ValueError
        If the nonlinearity is another.
    """
    slope = 0.01 if param is None else param
    gains = dict.fromkeys(("linear", "conv1d", "conv2d", "conv_transpose2d", "sigmoid"), 1.0)
    gains |= {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    gains["leaky_relu"] = math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in gains:
        raise ValueError(f"calculate_gain: expected one of {list(gains)}, got {nonlinearity!r}")
    return gains[nonlinearity]


def _fans(op: str, tensor: Tensor) -> tuple[int, int]:
    """Return how many inputs and outputs a unit of the layer has."""
    shape = tensor.array.shape
    if len(shape) < 2:
        raise ValueError(f"{op}: expected 2 axes or more, got shape {shape}")
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def _he(op: str, tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    """Return He's standard deviation, gain / √fan."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{op}: expected mode 'fan_in' or 'fan_out', got {mode!r}")
    fan = _fans(op, tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Write uniform numbers of variance 2 gain² / (fan_in + fan_out).

    Parameters
    ----------
    tensor : Tensor
        Weights, shape (out, in, ...).
    gain : float, default 1
        See `calculate_gain`.
    generator : Generator, optional
        Where the numbers come from.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    bound = gain * math.sqrt(6 / sum(_fans("xavier_uniform_", tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Write normal numbers of variance 2 gain² / (fan_in + fan_out).

    Parameters
    ----------
    tensor : Tensor
        Weights, shape (out, in, ...).
    gain : float, default 1
        See `calculate_gain`.
    generator : Generator, optional
        Where the numbers come from.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    std = gain * math.sqrt(2 / sum(_fans("xavier_normal_", tensor)))
    return normal_(tensor, 0, std, generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Write uniform numbers of variance gain² / fan.

    Parameters
    ----------
    tensor : Tensor
        Weights, shape (out, in, ...).
    a : float, default 0
        Slope of the leaky ReLU below 0.
    mode : str, default "fan_in"
        What is kept: "fan_in" the size of signals, "fan_out" that of gradients.
    nonlinearity : str, default "leaky_relu"
        See `calculate_gain`.
    generator : Generator, optional
        Where the numbers come from.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    bound = math.sqrt(3) * _he("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Write normal numbers of variance gain² / fan.

    Parameters
    ----------
    tensor : Tensor
        Weights, shape (out, in, ...).
    a : float, default 0
        Slope of the leaky ReLU below 0.
    mode : str, default "fan_in"
        What is kept: "fan_in" the size of signals, "fan_out" that of gradients.
    nonlinearity : str, default "leaky_relu"
        See `calculate_gain`.
    generator : Generator, optional
        Where the numbers come from.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    std = _he("kaiming_normal_", tensor, a, mode, nonlinearity)
    return normal_(tensor, 0, std, generator)


def lecun_uniform_(tensor: Tensor, generator: Generator | None = None) -> Tensor:
    """Write uniform numbers of variance 1 / fan_in.

    Parameters
    ----------
    tensor : Tensor
        Weights, shape (out, in, ...).
    generator : Generator, optional
        Where the numbers come from.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    return kaiming_uniform_(tensor, nonlinearity="linear", generator=generator)


def lecun_normal_(tensor: Tensor, generator: Generator | None = None) -> Tensor:
    """Write normal numbers of variance 1 / fan_in.

    Parameters
    ----------
    tensor : Tensor
        Weights, shape (out, in, ...).
    generator : Generator, optional
        Where the numbers come from.

    Returns
    -------
    Tensor
        The tensor itself.
    """
    return kaiming_normal_(tensor, nonlinearity="linear", generator=generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """Write a random matrix whose rows, or columns if these are fewer, are orthonormal.

    Parameters
    ----------
    tensor : Tensor
        Weights, shape (out, in, ...); all axes but the first count as one.
    gain : float, default 1
        Factor of the matrix.
    generator : Generator, optional
        Where the numbers come from.

    Returns
    -------
    Tensor
        The tensor itself.

    Notes
    -----
    Q of the QR decomposition of a normal matrix, with the signs of R's diagonal: so every
    orthogonal matrix is as likely as any other.
    """
    _fans("orthogonal_", tensor)
    shape = tensor.array.shape
    rows, columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(source(generator).normal(size=sorted((rows, columns), reverse=True)))
    q *= gain * np.sign(np.diagonal(r))
    return constant_(tensor, (q if rows >= columns else q.T).reshape(shape))
