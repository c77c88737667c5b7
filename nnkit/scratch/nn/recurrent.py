"""Recurrent layers: one state, carried from step to step by the same weights.

A layer runs over a whole sequence in one operation, see `nnkit.scratch.nn.recurrence`; a cell is
a sequence of one step. Left out are packed sequences and the projections of LSTM's states.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import InitVar, field, fields
from functools import partial
from math import sqrt
from typing import Any

import numpy as np

from nnkit.scratch.core import dtypes
from nnkit.scratch.core.recording import record
from nnkit.scratch.nn import init
from nnkit.scratch.nn.dropout import dropout
from nnkit.scratch.nn.members import Parameter
from nnkit.scratch.nn.module import Functional
from nnkit.scratch.nn.recurrence import gru, lstm, rnn
from nnkit.scratch.ops import creation
from nnkit.scratch.ops.joining import cat, flip
from nnkit.scratch.ops.shaping import reshape, squeeze, transpose, unsqueeze
from nnkit.scratch.tensors import Tensor

# Of each mode: the number of its gates, the number of its states, its recurrence.
MODES: dict[str, tuple[int, int, Callable[..., Tensor]]] = {
    "RNN_TANH": (1, 1, partial(rnn, False)),
    "RNN_RELU": (1, 1, partial(rnn, True)),
    "LSTM": (4, 2, lstm),
    "GRU": (3, 1, gru),
}
WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Recurrent(Functional):
    """What layers and cells share: their parameters, and the look at what they are given.

    Parameters
    ----------
    input_size : int
        Features of the input.
    hidden_size : int
        Features of the state.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.
    """

    mode = "RNN_TANH"

    input_size: int
    hidden_size: int
    device: InitVar[object] = field(default=None, kw_only=True)
    dtype: InitVar[dtypes.dtype | None] = field(default=None, kw_only=True)

    def _add_weights(self, columns: int, end: str, bias: bool, dtype: dtypes.dtype | None) -> None:
        """Make the parameters of one layer and direction, whose names have this end."""
        rows = MODES[self.mode][0] * self.hidden_size
        shapes: list[Any] = [(rows, columns), (rows, self.hidden_size), (rows,), (rows,)]
        for name, shape in zip(WEIGHTS, shapes[: 4 if bias else 2], strict=False):
            setattr(self, name + end, Parameter(creation.empty(*shape, dtype=dtype)))

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1 / sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _check(self, input: Tensor, ranks: tuple[int, int]) -> None:
        name, shape = type(self).__name__, input.array.shape
        if len(shape) not in ranks:
            raise ValueError(f"{name}: expected input of {ranks} axes, got shape {shape}")
        if shape[-1] != self.input_size:
            raise RuntimeError(
                f"{name}: expected last axis {self.input_size} (input_size), got {shape[-1]}; "
                f"input shape {shape}"
            )
        if input.dtype != (kind := next(self.parameters()).dtype):
            raise ValueError(
                f"{name}: expected input of the weights' dtype {kind}, got {input.dtype}"
            )

    def _before(self, input: Tensor, hx: Any, *shape: int) -> list[Tensor]:
        """Return the states before the input, zeros if none are given."""
        count = MODES[self.mode][1]
        if hx is None:
            return [record(np.zeros(shape, input.array.dtype))] * count
        states = [hx] if count == 1 else list(hx)
        for state in states:
            if state.array.shape != shape:
                raise RuntimeError(
                    f"{type(self).__name__}: expected states of shape {shape}, "
                    f"got {state.array.shape}"
                )
        return states

    def _run(self, end: str, input: Tensor, states: list[Tensor]) -> Tensor:
        weights = [getattr(self, name + end, None) for name in WEIGHTS]
        return MODES[self.mode][2](input, states, weights)

    def extra_repr(self) -> str:
        _, _, *options = fields(self)
        given = [(option.name, getattr(self, option.name), option.default) for option in options]
        shown = [f", {name}={value}" for name, value, default in given if value != default]
        return f"{self.input_size}, {self.hidden_size}{''.join(shown)}"


def _rnn_mode(nonlinearity: str) -> str:
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"RNN: expected nonlinearity 'tanh' or 'relu', got {nonlinearity!r}")
    return f"RNN_{nonlinearity.upper()}"


def _together(states: Sequence[Tensor]) -> Any:
    return states[0] if len(states) == 1 else tuple(states)


class RNNBase(Recurrent):
    """Several recurrent layers on top of each other, in one direction or both.

    Shapes: (T, B, input_size), or (B, T, input_size) with `batch_first`, or (T, input_size), to
    the same with D · hidden_size last, where D is 2 in both directions and 1 otherwise; states
    before and after are of shape (D · num_layers, B, hidden_size), without B where x is. Parameters
    of each layer k, with `_reverse` at the end for the second direction: `weight_ih_l{k}`,
    `weight_hh_l{k}`, `bias_ih_l{k}`, `bias_hh_l{k}`, uniform within ±1/√hidden_size.

    Parameters
    ----------
    input_size : int
        Features of the input.
    hidden_size : int
        Features of the state.
    num_layers : int, default 1
        Number of layers; each sees the states of the one below.
    bias : bool, default True
        Whether there are biases.
    batch_first : bool, default False
        Whether the batch is the first axis of input and output, not the second.
    dropout : float, default 0.0
        Probability of dropping an output of a layer other than the last, in training.
    bidirectional : bool, default False
        Whether a second set of layers reads the sequence backwards.
    proj_size : int, default 0
        Must be 0: states that are projected are left out.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.
    """

    num_layers: int = 1
    bias: bool = True
    batch_first: bool = False
    dropout: float = 0.0
    bidirectional: bool = False
    proj_size: int = 0

    def __post_init__(self, device: object, dtype: dtypes.dtype | None) -> None:
        name = type(self).__name__
        if self.num_layers <= 0:
            raise ValueError(f"{name}: expected num_layers > 0, got {self.num_layers}")
        if self.proj_size:
            raise NotImplementedError(f"{name}: expected proj_size 0, got {self.proj_size}")
        if not 0 <= self.dropout <= 1:
            raise ValueError(f"{name}: expected dropout in [0, 1], got {self.dropout}")
        if self.dropout > 0 and self.num_layers == 1:
            warnings.warn(
                f"{name}: dropout spares the last layer, and num_layers is 1", stacklevel=3
            )
        self._ends = ("", "_reverse") if self.bidirectional else ("",)
        for layer in range(self.num_layers):
            columns = self.hidden_size * len(self._ends) if layer else self.input_size
            for end in self._ends:
                self._add_weights(columns, f"_l{layer}{end}", self.bias, dtype)
        self.reset_parameters()

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Any]:
        self._check(input, (2, 3))
        batched = input.array.ndim == 3
        turned = batched and self.batch_first
        x = transpose(input, 0, 1) if turned else input if batched else unsqueeze(input, 1)
        steps, batch, _ = x.array.shape
        if steps == 0:
            raise RuntimeError(f"{type(self).__name__}: expected at least one step, got none")
        count = self.num_layers * len(self._ends)
        states = self._before(input, hx, count, *[batch] * batched, self.hidden_size)
        states = states if batched else [unsqueeze(state, 1) for state in states]
        after: list[list[Tensor]] = []
        for layer in range(self.num_layers):
            outputs = []
            for end in self._ends:
                first = [state[len(after)] for state in states]
                result = self._run(f"_l{layer}{end}", flip(x, 0) if end else x, first)
                after.append([result[steps - 1 + i : steps + i] for i in range(len(states))])
                output = result if len(states) == 1 else result[:steps]
                outputs.append(flip(output, 0) if end else output)
            x = cat(outputs, 2) if self.bidirectional else outputs[0]
            if layer + 1 < self.num_layers:
                x = dropout(x, self.dropout, self.training)
        last = [cat(states) for states in zip(*after, strict=True)]
        if not batched:
            x, last = squeeze(x, 1), [squeeze(state, 1) for state in last]
        return transpose(x, 0, 1) if turned else x, _together(last)


class RNN(RNNBase):
    """Carry hₜ = tanh(W xₜ + bₓ + U hₜ₋₁ + bₕ) through a sequence.

    Shapes, and parameters with W, U, bₓ and bₕ: see `RNNBase`. Called with the input and, if it is
    not zero, the state before it; returns the states at all steps and the last.

    Parameters
    ----------
    input_size : int
        Features of the input.
    hidden_size : int
        Features of the state.
    num_layers : int, default 1
        Number of layers.
    nonlinearity : str, default "tanh"
        "tanh", or "relu" in its place.
    *args, **options : object
        As in `RNNBase`: `bias`, `batch_first`, `dropout`, `bidirectional`, `device`, `dtype`.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.scratch import nn
    >>> output, h = nn.RNN(3, 8)(engine.ones(5, 2, 3))
    >>> output.shape, h.shape
    (torch.Size([5, 2, 8]), torch.Size([1, 2, 8]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        *args: Any,
        **options: Any,
    ) -> None:
        self.mode, self.nonlinearity = _rnn_mode(nonlinearity), nonlinearity
        super().__init__(input_size, hidden_size, num_layers, *args, **options)


class LSTM(RNNBase):
    """Carry a state h and a memory c, behind gates, through a sequence.

    i, f, g, o = σ, σ, tanh, σ of W xₜ + bₓ + U hₜ₋₁ + bₕ; cₜ = f cₜ₋₁ + i g; hₜ = o tanh cₜ.
    Shapes, options, and parameters with the rows of the gates in that order: see `RNNBase`. Called
    with the input and, if they are not zero, the pair (h, c) before it; returns h at all steps and
    the last (h, c).

    References
    ----------
    .. [1] S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997);
       the gate f is that of F. Gers, J. Schmidhuber and F. Cummins, "Learning to forget: continual
       prediction with LSTM", Neural Computation 12 (2000).

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.scratch import nn
    >>> output, (h, c) = nn.LSTM(3, 8, batch_first=True)(engine.ones(2, 5, 3))
    >>> output.shape, c.shape
    (torch.Size([2, 5, 8]), torch.Size([1, 2, 8]))
    """

    mode = "LSTM"


class GRU(RNNBase):
    """Carry a state that gates mix with its successor through a sequence.

    r, z = σ(W xₜ + bₓ + U hₜ₋₁ + bₕ); n = tanh(W xₜ + bₓ + r (U hₜ₋₁ + bₕ)), each with rows of
    its own; hₜ = (1 − z) n + z hₜ₋₁. Shapes, options, and parameters with the rows of r, z, n in
    that order: see `RNNBase`. Called with the input and, if it is not zero, the state before it;
    returns the states at all steps and the last.

    References
    ----------
    .. [1] K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
       machine translation", EMNLP 2014; with r outside the product with U.
    """

    mode = "GRU"


class RNNCellBase(Recurrent):
    """One step of a recurrent layer.

    Shapes: input (B, input_size) and states (B, hidden_size), or both without B. Parameters:
    `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`, uniform within ±1/√hidden_size.

    Parameters
    ----------
    input_size : int
        Features of the input.
    hidden_size : int
        Features of the state.
    bias : bool, default True
        Whether there are biases.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.
    """

    bias: bool = True

    def __post_init__(self, device: object, dtype: dtypes.dtype | None) -> None:
        self._add_weights(self.input_size, "", self.bias, dtype)
        self.reset_parameters()

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        self._check(input, (1, 2))
        outer = input.array.shape[:-1]
        rows = outer or (1,)
        states = self._before(input, hx, *outer, self.hidden_size)
        first = [reshape(state, *rows, self.hidden_size) for state in states]
        result = self._run("", reshape(input, 1, *rows, self.input_size), first)
        return _together([reshape(result[i], *outer, self.hidden_size) for i in range(len(states))])


class RNNCell(RNNCellBase):
    """Return tanh(W x + bₓ + U h + bₕ), the next state.

    Shapes and parameters: see `RNNCellBase`.

    Parameters
    ----------
    input_size : int
        Features of the input.
    hidden_size : int
        Features of the state.
    bias : bool, default True
        Whether bₓ and bₕ are added.
    nonlinearity : str, default "tanh"
        "tanh", or "relu" in its place.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.
    """

    nonlinearity: str = "tanh"

    def __post_init__(self, device: object, dtype: dtypes.dtype | None) -> None:
        self.mode = _rnn_mode(self.nonlinearity)
        super().__post_init__(device, dtype)


class LSTMCell(RNNCellBase):
    """Return the next pair (h, c): one step of `LSTM`.

    Shapes, options and parameters: see `RNNCellBase`.
    """

    mode = "LSTM"


class GRUCell(RNNCellBase):
    """Return the next state: one step of `GRU`.

    Shapes, options and parameters: see `RNNCellBase`.
    """

    mode = "GRU"
