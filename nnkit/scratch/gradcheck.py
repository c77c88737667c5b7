"""Gradients against differences: is what `backward` says what the function does?

Every input is moved up and down by a little, and the change of every output is compared with the
gradient. It takes two calls of the function for each element of the inputs, in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.grad_mode import no_grad
from nnkit.scratch.core.recording import Tensor, record
from nnkit.scratch.core.walk import grad


class GradcheckError(RuntimeError):
    """A gradient that differs from the difference quotient."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Compare the gradients of a function with central differences.

    Parameters
    ----------
    func : callable
        Takes the inputs, and returns a tensor or several. It must be deterministic.
    inputs : Tensor or sequence
        Its inputs. Those that require grad, in float64, are checked.
    eps : float, default 1e-6
        How far an element is moved: (f(x + ε) − f(x − ε)) / 2ε is compared with the gradient.
    atol : float, default 1e-5
        Difference that is allowed, whatever the gradient.
    rtol : float, default 1e-3
        Difference that is allowed for each unit of the gradient.
    raise_exception : bool, default True
        Raise an error if they differ, instead of returning False.

    Returns
    -------
    bool
        True if all agree.

    Raises
    ------
    GradcheckError
        If a gradient differs, with the first element that does.
    ValueError
        If no input is a float64 tensor that requires grad.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> x = engine.tensor([0.5, -1.0], dtype=engine.float64, requires_grad=True)
    >>> engine.autograd.gradcheck(engine.tanh, x)
    True
    """
    inputs = tuple(_listed(inputs))
    checked = [i for i, x in enumerate(inputs) if getattr(x, "requires_grad", False)]
    kinds = [inputs[i].dtype for i in checked]
    if not checked or any(inputs[i].array.dtype != np.float64 for i in checked):
        raise ValueError(
            f"gradcheck: expected inputs of float64 that require grad, got {kinds or 'none'}"
        )
    outputs = {o: out for o, out in enumerate(_listed(func(*inputs))) if out.requires_grad}
    if not outputs:
        raise ValueError("gradcheck: expected an output that requires grad, got none")
    for i in checked:
        for o, out in outputs.items():
            got = _gradients(out, inputs[i])
            expected = _differences(func, inputs, i, o, eps).reshape(got.shape)
            wrong = ~np.isclose(got, expected, rtol, atol)
            if wrong.any() and not raise_exception:
                return False
            if wrong.any():
                by, at = np.argwhere(wrong)[0]
                raise GradcheckError(
                    f"gradcheck: expected the slope {expected[by, at]:.6g} of output {o} "
                    f"(element {at}) in input {i} (element {by}), got {got[by, at]:.6g}; "
                    f"{wrong.sum()} of {wrong.size} slopes differ"
                )
    return True


def _listed(outputs: Any) -> Sequence[Any]:
    return outputs if isinstance(outputs, list | tuple) else [outputs]


def _gradients(out: Tensor, source: Tensor) -> Array:
    """Return the gradient of each element of an output, as columns."""
    slopes = np.zeros((out.array.size, source.array.size))
    for place, row in enumerate(slopes):
        one = np.zeros_like(out.array)
        one.flat[place] = 1
        (found,) = grad(out, [source], record(one), retain_graph=True, allow_unused=True)
        row[:] = 0 if found is None else found.array.ravel()
    return slopes.T


@no_grad()
def _differences(func: Any, inputs: Sequence[Any], i: int, o: int, eps: float) -> Array:
    """Return the difference quotients of output o in each element of input i, as rows."""

    def output(place: int, step: float) -> Array:
        moved = inputs[i].array.copy()
        moved.flat[place] += step
        array: Array = _listed(func(*inputs[:i], record(moved), *inputs[i + 1 :]))[o].array
        return array.ravel().astype(np.float64)

    places = range(inputs[i].array.size)
    return np.array([(output(place, eps) - output(place, -eps)) / (2 * eps) for place in places])
