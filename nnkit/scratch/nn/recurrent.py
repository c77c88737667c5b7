"""Recurrent layers: one state, carried from step to step by the same weights.

A layer runs over a whole sequence in one operation, see `nnkit.scratch.nn.recurrence`; a cell is
a sequence of one step. Left out are packed sequences and the projections of LSTM's states.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from math import sqrt
from typing import Any

from nnkit.scratch import creation
from nnkit.scratch.dtypes import dtype
from nnkit.scratch.joining import cat, flip
from nnkit.scratch.nn import init
from nnkit.scratch.nn.dropout import dropout
from nnkit.scratch.nn.module import Module, Parameter
from nnkit.scratch.nn.recurrence import gru, lstm, rnn
from nnkit.scratch.shaping import reshape, squeeze, transpose, unsqueeze
from nnkit.scratch.tensors import Tensor

# How many gates each mode has, and its recurrence.
MODES: dict[str, tuple[int, Callable[..., Tensor]]] = {
    "RNN_TANH": (1, partial(rnn, False)),
    "RNN_RELU": (1, partial(rnn, True)),
    "LSTM": (4, lstm),
    "GRU": (3, gru),
}
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Recurrent(Module):
    """What layers and cells share: their parameters, and the look at what they are given.

    Parameters
    ----------
    input_size : int
        Features of the input.
    hidden_size : int
        Features of the state.
    bias : bool
        Whether there are biases.
    """

    mode = "RNN_TANH"

    def __init__(self, input_size: int, hidden_size: int, bias: bool) -> None:
        super().__init__()
        for name, size in {"input_size": input_size, "hidden_size": hidden_size}.items():
            if size <= 0:
                raise ValueError(f"{type(self).__name__}: expected {name} > 0, got {size}")
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias

    def _add_weights(self, columns: int, end: str, dtype: dtype | None) -> None:
        """Make the parameters of one layer and direction, whose names have this end."""
        rows = MODES[self.mode][0] * self.hidden_size
        shapes = [(rows, columns), (rows, self.hidden_size), (rows,), (rows,)]
        for name, shape in zip(NAMES, shapes, strict=True):
            if len(shape) == 2 or self.bias:
                setattr(self, name + end, Parameter(creation.empty(*shape, dtype=dtype)))
            else:
                setattr(self, name + end, None)

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1 / sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _run(self, end: str, input: Tensor, states: list[Any]) -> Tensor:
        weights = [getattr(self, name + end) for name in NAMES]
        return MODES[self.mode][1](input, states, weights)

    def _given(self, input: Tensor, hx: Any, ranks: tuple[int, int]) -> list[Any]:
        """Check the input, and return the states before it, None for zeros."""
        name, shape, lstm = type(self).__name__, input.array.shape, self.mode == "LSTM"
        if len(shape) not in ranks:
            raise ValueError(f"{name}: expected input of {ranks} axes, got shape {shape}")
        if shape[-1] != self.input_size:
            raise RuntimeError(
                f"{name}: expected last axis {self.input_size} (input_size), got {shape[-1]}; "
                f"input shape {shape}"
            )
        weight = next(self.parameters())
        if input.dtype != weight.dtype:
            raise ValueError(
                f"{name}: expected input of the weights' dtype {weight.dtype}, got {input.dtype}"
            )
        return [None] * (1 + lstm) if hx is None else list(hx) if lstm else [hx]

    def _check_states(self, states: list[Any], *expected: int) -> None:
        for state in states:
            if state is not None and state.array.shape != expected:
                raise RuntimeError(
                    f"{type(self).__name__}: expected states of shape {expected}, "
                    f"got {state.array.shape}"
                )


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

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: object = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias)
        name = type(self).__name__
        if num_layers <= 0:
            raise ValueError(f"{name}: expected num_layers > 0, got {num_layers}")
        if proj_size:
            raise NotImplementedError(f"{name}: expected proj_size 0, got {proj_size}")
        if not 0 <= dropout <= 1:
            raise ValueError(f"{name}: expected dropout in [0, 1], got {dropout}")
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                f"{name}: dropout spares the last layer, and num_layers is 1", stacklevel=2
            )
        self.num_layers, self.batch_first = num_layers, batch_first
        self.dropout, self.bidirectional = float(dropout), bidirectional
        directions = ("", "_reverse") if bidirectional else ("",)
        self._ends = [f"_l{layer}{end}" for layer in range(num_layers) for end in directions]
        for k, end in enumerate(self._ends):
            below = hidden_size * len(directions) if k >= len(directions) else input_size
            self._add_weights(below, end, dtype)
        self.reset_parameters()

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Any]:
        states = self._given(input, hx, (2, 3))
        batched = input.array.ndim == 3
        if not batched:
            input = unsqueeze(input, 1)
            states = [state if state is None else unsqueeze(state, 1) for state in states]
        elif self.batch_first:
            input = transpose(input, 0, 1)
        steps, batch, _ = input.array.shape
        if steps == 0:
            raise RuntimeError(f"{type(self).__name__}: expected at least one step, got none")
        self._check_states(states, len(self._ends), batch, self.hidden_size)
        directions = 2 if self.bidirectional else 1
        finals: list[list[Tensor]] = [[] for _ in states]
        outputs: list[Tensor] = []
        for k, end in enumerate(self._ends):
            backwards = k % directions == 1
            first = [state if state is None else state[k] for state in states]
            result = self._run(end, flip(input, 0) if backwards else input, first)
            for i, final in enumerate(finals):
                final.append(result[steps - 1 + i : steps + i])
            output = result if len(states) == 1 else result[:steps]
            outputs.append(flip(output, 0) if backwards else output)
            if len(outputs) == directions:
                input = outputs[0] if directions == 1 else cat(outputs, 2)
                outputs = []
                if self.dropout and k + 1 < len(self._ends):
                    input = dropout(input, self.dropout, self.training)
        last = [cat(final) for final in finals]
        if not batched:
            input, last = squeeze(input, 1), [squeeze(state, 1) for state in last]
        elif self.batch_first:
            input = transpose(input, 0, 1)
        return input, tuple(last) if len(last) == 2 else last[0]

    def extra_repr(self) -> str:
        defaults = {
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0.0,
            "bidirectional": False,
        }
        options = [
            f", {name}={getattr(self, name)}"
            for name, default in defaults.items()
            if getattr(self, name) != default
        ]
        return f"{self.input_size}, {self.hidden_size}{''.join(options)}"


def _rnn_mode(nonlinearity: str) -> str:
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"RNN: expected nonlinearity 'tanh' or 'relu', got {nonlinearity!r}")
    return f"RNN_{nonlinearity.upper()}"


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
    >>> import nnkit.scratch as torch
    >>> from nnkit.scratch import nn
    >>> output, h = nn.RNN(3, 8)(torch.ones(5, 2, 3))
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
        super().__init__(input_size, hidden_size, num_layers, *args, **options)
        self.mode, self.nonlinearity = _rnn_mode(nonlinearity), nonlinearity


class LSTM(RNNBase):
    """Carry a state h and a memory c, behind gates, through a sequence.

    i, f, g, o = σ, σ, tanh, σ of W xₜ + bₓ + U hₜ₋₁ + bₕ; cₜ = f cₜ₋₁ + i g; hₜ = o tanh cₜ.
    Shapes, options, and parameters with the rows of the gates in that order: see `RNNBase`. Called
    with the input and, if they are not zero, the pair (h, c) before it; returns h at all steps and
    the last (h, c).

    References
    ----------
    .. [1] S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997);
       the gate f is that of F. Gers, J. Schmidhuber and F. Cummins, "Learning to forget", Neural
       Computation 12 (2000).

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> from nnkit.scratch import nn
    >>> output, (h, c) = nn.LSTM(3, 8, batch_first=True)(torch.ones(2, 5, 3))
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

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: object = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias)
        self._add_weights(input_size, "", dtype)
        self.reset_parameters()

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        states = self._given(input, hx, (1, 2))
        outer = input.array.shape[:-1]
        self._check_states(states, *outer, self.hidden_size)
        batch = outer[0] if outer else 1
        states = [s if s is None else reshape(s, batch, self.hidden_size) for s in states]
        result = self._run("", reshape(input, 1, batch, self.input_size), states)
        last = [reshape(result[i], *outer, self.hidden_size) for i in range(len(states))]
        return tuple(last) if len(last) == 2 else last[0]

    def extra_repr(self) -> str:
        bias = "" if self.bias else ", bias=False"
        kind = getattr(self, "nonlinearity", "tanh")
        nonlinearity = "" if kind == "tanh" else f", nonlinearity={kind}"
        return f"{self.input_size}, {self.hidden_size}{bias}{nonlinearity}"


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

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: object = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.mode, self.nonlinearity = _rnn_mode(nonlinearity), nonlinearity


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
