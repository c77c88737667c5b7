"""The recurrences of RNN, LSTM and GRU over a whole sequence, each with one joint gradient.

What the input adds at all steps is one product; the loop over the steps holds only what depends on
the state. One gradient walks the steps backwards; what it multiplies by at each step is computed
for all steps before it sets out.

Throughout, x is the input of shape (T, B, input_size): steps, batch, features; h the state, of
shape (B, H); W the matrix from x, and U that from h, to the pre-activations of the gates, which lie
side by side. σ(a) is computed as (1 + tanh(a/2))/2, which never overflows, by halving the rows of
W, U and b that lead to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import quiet, record
from nnkit.scratch.tensors import Tensor

Weights: TypeAlias = "Sequence[Tensor | None]"  # W, U and the biases of x and of h


def _arrays(tensors: Sequence[Tensor | None]) -> list[Any]:
    return [None if tensor is None else tensor.array for tensor in tensors]


def _affine(x: Array, weight: Array, bias: Array | None) -> Array:
    """Return x Wᵀ + b for all steps, of shape (T, B, gates · H)."""
    out = x.reshape(-1, x.shape[2]) @ weight.T
    if bias is not None:
        out += bias
    return out.reshape(*x.shape[:2], len(weight))


def _from(state: Array, count: int) -> Array:
    """Return room for a number of states one after the other, the first of them in place."""
    states = np.empty((count, *state.shape), state.dtype)
    states[0] = state
    return states


def _gates(rows: Array, count: int) -> Array:
    """Return pre-activations (B, count · H) as a view of shape (count, B, H)."""
    batch, width = rows.shape
    return rows.reshape(batch, count, width // count).swapaxes(0, 1)


def _shares(
    at_x: Array, at_h: Array, x: Array, before: Array, weight: Array, needs_x: bool
) -> list[Array | None]:
    """Return the gradients of x, W, U and both biases from those of the pre-activations.

    `at_x` and `at_h`, of shape (T, B, gates · H), are those at the sum W x + b and at the sum
    U h + b; `before` is h before each step.
    """
    rows_x, rows_h = (rows.reshape(-1, rows.shape[2]) for rows in (at_x, at_h))
    return [
        (rows_x @ weight).reshape(x.shape) if needs_x else None,
        rows_x.T @ x.reshape(-1, x.shape[2]),
        rows_h.T @ before.reshape(-1, before.shape[2]),
        rows_x.sum(0),
        rows_h.sum(0),
    ]


@quiet
def rnn(relu: bool, input: Tensor, states: Sequence[Tensor], weights: Weights) -> Tensor:
    """Return h at each step, where hₜ = f(W xₜ + U hₜ₋₁ + b).

    Parameters
    ----------
    relu : bool
        Whether f is the ReLU, not tanh.
    input : Tensor
        The x of shape (T, B, input_size).
    states : sequence of Tensor
        State before the first step, of shape (B, H).
    weights : sequence of Tensor
        W, U, and the biases of x and of h, or None for either.

    Returns
    -------
    Tensor
        Shape (T, B, H).

    Notes
    -----
    With δₜ the gradient at the pre-activation, that of hₜ is gₜ + Uᵀ δₜ₊₁, and δₜ is its product
    with the slope of f, 1 − hₜ² for tanh and [hₜ > 0] for the ReLU.
    """
    x, (h,) = np.ascontiguousarray(input.array), _arrays(states)
    w, u, b_x, b_h = _arrays(weights)
    total = _affine(x, w, b_x if b_h is None else b_x + b_h)
    steps = len(total)
    hs = _from(h, steps + 1)
    for t in range(steps):
        a = np.matmul(hs[t], u.T, out=hs[t + 1])
        a += total[t]
        np.maximum(a, 0, out=a) if relu else np.tanh(a, out=a)
    out, needs_x = hs[1:], input.requires_grad

    def back(g: Array) -> list[Array | None]:
        at = out > 0 if relu else 1 - out * out
        delta = np.empty_like(out)
        dh = np.zeros_like(out[0])
        for t in reversed(range(steps)):
            dh += g[t]
            dh = np.multiply(dh, at[t], out=delta[t]) @ u
        return [*_shares(delta, delta, x, hs[:-1], w, needs_x), dh]

    return record(out, ((input, *weights, *states), back))


@quiet
def lstm(input: Tensor, states: Sequence[Tensor], weights: Weights) -> Tensor:
    """Return h at each step and, last, c after them, where cₜ = f cₜ₋₁ + i g and hₜ = o tanh cₜ.

    Parameters
    ----------
    input : Tensor
        The x of shape (T, B, input_size).
    states : sequence of Tensor
        The h and c before the first step, each of shape (B, H).
    weights : sequence of Tensor
        W, U, and the biases of x and of h, or None for either.

    Returns
    -------
    Tensor
        Shape (T + 1, B, H).

    Notes
    -----
    The gates i, f, g, o are σ, σ, tanh, σ of W xₜ + U hₜ₋₁ + b. With dh and dc the gradients of hₜ
    and cₜ, where dc holds dh o (1 − tanh² cₜ) already, those at the pre-activations are

        i: dc g i (1 − i)    f: dc cₜ₋₁ f (1 − f)    g: dc i (1 − g²)    o: dh tanh cₜ o (1 − o)

    and those of the step before are dc f, and Uᵀ times all of these.
    """
    x, (h, c) = np.ascontiguousarray(input.array), _arrays(states)
    w, u, b_x, b_h = _arrays(weights)
    scale = np.array([0.5, 0.5, 1, 0.5], u.dtype)
    half = scale.repeat(len(u) // 4)
    total = _affine(x, w * half[:, None], None if b_h is None else (b_x + b_h) * half)
    to_gates = np.ascontiguousarray((u * half[:, None]).T)
    steps = len(total)
    hs, cs = _from(h, steps + 2), _from(c, steps + 1)
    gates = np.empty((steps, 4, *h.shape), u.dtype)
    squashed = np.empty((steps, *h.shape), u.dtype)  # tanh c
    to_sigmoid = scale.reshape(4, 1, 1)  # from tanh(a/2); tanh(a) stays as it is
    shift = 1 - to_sigmoid
    for t in range(steps):
        a = hs[t] @ to_gates
        a += total[t]
        now = np.tanh(_gates(a, 4), out=gates[t])
        now *= to_sigmoid
        now += shift
        i, f, g, o = now
        c = np.multiply(f, cs[t], out=cs[t + 1])
        c += i * g
        np.multiply(o, np.tanh(c, out=squashed[t]), out=hs[t + 1])
    hs[-1] = cs[-1]
    needs_x = input.requires_grad

    def back(grad: Array) -> list[Array | None]:
        i, f, g, o = gates.swapaxes(0, 1)
        slope = np.empty_like(gates)
        slope[:, 0] = g * i * (1 - i)
        slope[:, 1] = cs[:-1] * f * (1 - f)
        slope[:, 2] = i * (1 - g * g)
        slope[:, 3] = squashed * o * (1 - o)
        through = o * (1 - squashed * squashed)
        delta = np.empty_like(total)
        dh, dc = np.zeros_like(cs[0]), grad[-1].copy()
        for t in reversed(range(steps)):
            dh += grad[t]
            dc += dh * through[t]
            at = _gates(delta[t], 4)
            np.multiply(dc, slope[t, :3], out=at[:3])
            np.multiply(dh, slope[t, 3], out=at[3])
            dh = delta[t] @ u
            dc *= f[t]
        return [*_shares(delta, delta, x, hs[:-2], w, needs_x), dh, dc]

    return record(hs[1:], ((input, *weights, *states), back))


@quiet
def gru(input: Tensor, states: Sequence[Tensor], weights: Weights) -> Tensor:
    """Return h at each step, where hₜ = (1 − z) n + z hₜ₋₁.

    Parameters
    ----------
    input : Tensor
        The x of shape (T, B, input_size).
    states : sequence of Tensor
        State before the first step, of shape (B, H).
    weights : sequence of Tensor
        W, U, and the biases of x and of h, or None for either.

    Returns
    -------
    Tensor
        Shape (T, B, H).

    Notes
    -----
    With r, z = σ(W xₜ + U hₜ₋₁ + b), m = U hₜ₋₁ + b of the third gate's rows and
    n = tanh(W xₜ + b + r m): hₜ = n + z (hₜ₋₁ − n). With dh the gradient of hₜ and
    k = (1 − z)(1 − n²), those at the pre-activations are

        r: dh k m r (1 − r)    z: dh (hₜ₋₁ − n) z (1 − z)    n: dh k, and at m: dh k r

    and that of hₜ₋₁ is dh z, and Uᵀ times those at r, z and m.
    """
    x, (h,) = np.ascontiguousarray(input.array), _arrays(states)
    w, u, b_x, b_h = _arrays(weights)
    both = 2 * u.shape[1]
    half = np.array([0.5, 0.5, 1], u.dtype).repeat(u.shape[1])
    total = _affine(x, w * half[:, None], None if b_x is None else b_x * half)
    to_gates = np.ascontiguousarray((u * half[:, None]).T)
    steps = len(total)
    hs = _from(h, steps + 1)
    gates = np.empty((steps, 3, *h.shape), u.dtype)
    inner = np.empty((steps, *h.shape), u.dtype)  # m
    bias = 0 if b_h is None else b_h * half
    for t in range(steps):
        a = hs[t] @ to_gates
        a += bias
        inner[t] = a[:, both:]
        a[:, :both] += total[t, :, :both]
        sigmoids = np.tanh(_gates(a[:, :both], 2), out=gates[t, :2])
        sigmoids *= 0.5
        sigmoids += 0.5
        r, z, n = gates[t]
        np.multiply(r, inner[t], out=n)
        n += total[t, :, both:]
        np.tanh(n, out=n)
        h = np.subtract(hs[t], n, out=hs[t + 1])
        h *= z
        h += n
    needs_x = input.requires_grad

    def back(g: Array) -> list[Array | None]:
        r, z, n = gates.swapaxes(0, 1)
        k = (1 - z) * (1 - n * n)
        slope = np.empty_like(gates)
        slope[:, 2] = k * r
        slope[:, 0] = slope[:, 2] * inner * (1 - r)
        slope[:, 1] = (hs[:-1] - n) * z * (1 - z)
        at_h = np.empty_like(total)
        at_n = np.empty_like(inner)
        dh = np.zeros_like(inner[0])
        for t in reversed(range(steps)):
            dh += g[t]
            np.multiply(dh, slope[t], out=_gates(at_h[t], 3))
            np.multiply(dh, k[t], out=at_n[t])
            dh *= z[t]
            dh += at_h[t] @ u
        at_x = np.concatenate((at_h[:, :, :both], at_n), 2)
        return [*_shares(at_x, at_h, x, hs[:-1], w, needs_x), dh]

    return record(hs[1:], ((input, *weights, *states), back))
