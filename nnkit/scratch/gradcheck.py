"""Gradients against differences: is what `backward` says what the function does?

Every input is moved up and down by a little, and the change of every output is compared with the
gradient. It takes two calls of the function for each element of the inputs, in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nnkit.scratch.autograd import grad
from nnkit.scratch.dtypes import Array
from nnkit.scratch.recording import no_grad, record

if TYPE_CHECKING:
    from nnkit.scratch.tensors import Tensor


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
    >>> import nnkit.scratch as torch
    >>> x = torch.tensor([0.5, -1.0], dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradcheck(torch.tanh, x)
    True
    """
    inputs = tuple(_listed(inputs))
    checked = [i for i, x in enumerate(inputs) if getattr(x, "requires_grad", False)]
    kinds = [inputs[i].dtype for i in checked]
    if not checked or any(inputs[i].array.dtype != np.float64 for i in checked):
        raise ValueError(
            f"gradcheck: expected inputs of float64 that require grad, got {kinds or 'none'}"
        )
    outputs = [out for out in _listed(func(*inputs)) if out.requires_grad]
    if not outputs:
        raise ValueError("gradcheck: expected an output that requires grad, got none")
    sources = [inputs[i] for i in checked]
    for o, out in enumerate(outputs):
        rows = [_row(out, sources, place) for place in range(out.array.size)]
        for k, i in enumerate(checked):
            shape = (out.array.size, inputs[i].array.size)
            analytical = np.array([row[k] for row in rows]).reshape(shape)
            numerical = _differences(func, inputs, i, o, eps).reshape(shape)
            wrong = ~np.isclose(analytical, numerical, rtol, atol)
            if wrong.any():
                if not raise_exception:
                    return False
                at, by = np.argwhere(wrong)[0]
                raise GradcheckError(
                    f"gradcheck: expected the slope {numerical[at, by]:.6g} of output {o} "
                    f"(element {at}) in input {i} (element {by}), got {analytical[at, by]:.6g}; "
                    f"{wrong.sum()} of {wrong.size} slopes differ"
                )
    return True


def _listed(outputs: Any) -> Sequence[Any]:
    return outputs if isinstance(outputs, list | tuple) else [outputs]


def _row(out: Tensor, sources: list[Tensor], place: int) -> list[Array]:
    """Return the gradient of one element of an output with respect to each source."""
    one = np.zeros(out.array.shape, out.array.dtype)
    one.flat[place] = 1
    found = grad(out, sources, record(one), retain_graph=True, allow_unused=True)
    return [
        np.zeros(x.array.size) if g is None else g.array.ravel()
        for x, g in zip(sources, found, strict=True)
    ]


@no_grad()
def _differences(func: Any, inputs: Sequence[Any], i: int, o: int, eps: float) -> Array:
    """Return the difference quotients of output o in each element of input i, as columns."""
    columns = []
    for place in range(inputs[i].array.size):
        ends = []
        for step in (eps, -eps):
            moved = inputs[i].array.copy()
            moved.flat[place] += step
            given = [*inputs[:i], record(moved), *inputs[i + 1 :]]
            ends.append(_listed(func(*given))[o].array.ravel().astype(np.float64))
        columns.append((ends[0] - ends[1]) / (2 * eps))
    return np.array(columns).T
