"""All parameters as one vector: how long their gradient is, and what is done about that."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from nnkit.scratch.core.memory import touch
from nnkit.scratch.core.recording import quiet, record
from nnkit.scratch.ops.joining import cat
from nnkit.scratch.ops.shaping import reshape
from nnkit.scratch.tensors import Tensor


def _gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    listed = [parameters] if isinstance(parameters, Tensor) else parameters
    return [parameter.grad for parameter in listed if parameter.grad is not None]


@quiet
def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Shorten the gradients, taken as one vector, to a given length if they are longer.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Whose gradients are changed in place.
    max_norm : float
        The length, > 0.
    norm_type : float, default 2
        Exponent p of the norm; infinite for the largest element.
    error_if_nonfinite : bool, default False
        Whether a length that is infinite or NaN is an error.

    Returns
    -------
    Tensor
        The length before.

    Raises
    ------
    RuntimeError
        If the length is not finite and this is an error.
    """
    arrays = [gradient.array for gradient in _gradients(parameters)]
    norms = [np.linalg.norm(array.ravel(), norm_type) for array in arrays]
    total = np.linalg.norm(norms, norm_type) if norms else np.float32(0)
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(f"clip_grad_norm_: expected a finite norm, got {total}")
    factor = float(max_norm / (total + 1e-6))  # NaN stays, for it stands first in min
    for array in arrays:
        array *= min(factor, 1.0)
        touch(array)
    return record(np.asarray(total, arrays[0].dtype if arrays else np.float32))


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Hold every element of the gradients between two bounds.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Whose gradients are changed in place.
    clip_value : float
        The bounds are −clip_value and clip_value.
    """
    for gradient in _gradients(parameters):
        np.clip(gradient.array, -clip_value, clip_value, out=gradient.array)
        touch(gradient.array)


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """Return the elements of all parameters in one vector, which passes its gradient on.

    Parameters
    ----------
    parameters : iterable of Tensor
        The parameters.

    Returns
    -------
    Tensor
        Of one axis.
    """
    return cat([reshape(parameter, -1) for parameter in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Write the elements of a vector over the parameters, in place.

    Parameters
    ----------
    vec : Tensor
        Of one axis, as long as all parameters together.
    parameters : iterable of Tensor
        The parameters.

    Raises
    ------
    RuntimeError
        If the vector is of another length.
    """
    arrays = [parameter.array for parameter in parameters]
    total = sum(array.size for array in arrays)
    if vec.array.shape != (total,):
        raise RuntimeError(
            f"vector_to_parameters: expected shape ({total},), got {vec.array.shape}"
        )
    start = 0
    for array in arrays:
        array[...] = vec.array[start : start + array.size].reshape(array.shape)
        touch(array)
        start += array.size
