"""Recurrent layers and cells: PyTorch's numbers, gradients, shapes and state dicts."""

from typing import Any

import numpy as np
import pytest
import torch
from engines import RTOL, Array, normal
from hypothesis import given, settings
from hypothesis import strategies as st

from nnkit import scratch
from nnkit.scratch.nn import recurrent

LAYERS = ["RNN", "LSTM", "GRU"]
CELLS = ["RNNCell", "LSTMCell", "GRUCell"]


def twins(name: str, *sizes: int, **options: Any) -> tuple[Any, Any]:
    """Return the layer on both engines, in float64, with the same parameters."""
    theirs = getattr(torch.nn, name)(*sizes, **options, dtype=torch.float64)
    ours = getattr(recurrent, name)(*sizes, **options, dtype=scratch.float64)
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


def flat(results: Any) -> list[Any]:
    """Return nested tuples of tensors as one list."""
    if not isinstance(results, tuple):
        return [results]
    return [leaf for result in results for leaf in flat(result)]


def passed(engine: Any, layer: Any, x: Array, states: list[Array]) -> tuple[list[Any], list[Any]]:
    """Return the results, and the gradients of input, states and parameters."""
    leaves = [engine.tensor(array, requires_grad=True) for array in (x, *states)]
    hx = leaves[1] if len(leaves) == 2 else tuple(leaves[1:]) or None
    results = flat(layer(leaves[0], hx))
    weights = np.random.default_rng(1)
    total = sum(
        (y * engine.tensor(weights.uniform(0.5, 1.5, tuple(y.shape)))).sum() for y in results
    )
    total.backward()
    gradients = [leaf.grad.numpy() for leaf in (*leaves, *layer.parameters())]
    return [y.detach().numpy() for y in results], gradients


def check(theirs: Any, ours: Any, x: Array, states: list[Array]) -> None:
    for expected, got in zip(
        passed(torch, theirs, x, states), passed(scratch, ours, x, states), strict=True
    ):
        assert len(expected) == len(got)
        for a, b in zip(expected, got, strict=True):
            assert a.shape == b.shape
            assert a.dtype == b.dtype
            np.testing.assert_allclose(b, a, RTOL, 1e-12)


@settings(max_examples=80)
@given(st.data(), st.sampled_from(LAYERS))
def test_layer_equals_pytorch(data: Any, name: str) -> None:
    steps, batch, features, width, layers = (
        data.draw(st.integers(least, most))
        for least, most in [(1, 4), (0, 3), (1, 4), (1, 4), (1, 3)]
    )
    options = {
        key: data.draw(st.booleans(), key) for key in ("bias", "batch_first", "bidirectional")
    }
    if name == "RNN":
        options["nonlinearity"] = data.draw(st.sampled_from(["tanh", "relu"]))
    batched = data.draw(st.booleans(), "batched")
    theirs, ours = twins(name, features, width, layers, **options)
    outer = (batch, steps) if options["batch_first"] else (steps, batch)
    x = normal(*(outer if batched else (steps,)), features)
    before = (layers * (1 + options["bidirectional"]), *((batch,) if batched else ()), width)
    count = (1 + (name == "LSTM")) * data.draw(st.booleans(), "states")
    check(theirs, ours, x, [normal(*before, seed=i) for i in range(count)])


@settings(max_examples=40)
@given(st.data(), st.sampled_from(CELLS))
def test_cell_equals_pytorch(data: Any, name: str) -> None:
    batch, features, width = (data.draw(st.integers(least, 4)) for least in (0, 1, 1))
    options: dict[str, Any] = {"bias": data.draw(st.booleans())}
    if name == "RNNCell":
        options["nonlinearity"] = data.draw(st.sampled_from(["tanh", "relu"]))
    outer = (batch,) if data.draw(st.booleans(), "batched") else ()
    theirs, ours = twins(name, features, width, **options)
    count = (1 + (name == "LSTMCell")) * data.draw(st.booleans(), "states")
    check(
        theirs,
        ours,
        normal(*outer, features),
        [normal(*outer, width, seed=i) for i in range(count)],
    )


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("size", [1e4, -1e4, np.nan, np.inf])
def test_extreme_input_goes_through_as_in_pytorch(name: str, size: float) -> None:
    theirs, ours = twins(name, 2, 3)
    x = normal(3, 2, 2)
    x[1, 0, 1] = size
    check(theirs, ours, x, [])


@pytest.mark.parametrize("name", LAYERS)
def test_part_of_the_results_alone_can_be_differentiated(name: str) -> None:
    theirs, ours = twins(name, 2, 3, bidirectional=True)
    for last in (lambda result: result[0][-1], lambda result: flat(result[1])[-1]):
        for engine, layer in ((torch, theirs), (scratch, ours)):
            layer.zero_grad()
            last(layer(engine.tensor(normal(4, 2, 2)))).sum().backward()
        for a, b in zip(theirs.parameters(), ours.parameters(), strict=True):
            np.testing.assert_allclose(b.grad.numpy(), a.grad.numpy(), RTOL, 1e-12)


@pytest.mark.parametrize("name", LAYERS)
def test_state_dict_travels_to_pytorch(name: str) -> None:
    ours = getattr(recurrent, name)(3, 4, 2, bidirectional=True)
    theirs = getattr(torch.nn, name)(3, 4, 2, bidirectional=True)
    state = {key: torch.tensor(value.numpy()) for key, value in ours.state_dict().items()}
    theirs.load_state_dict(state)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    x = normal(5, 2, 3).astype(np.float32)
    expected = theirs(torch.tensor(x))[0].detach().numpy()
    np.testing.assert_allclose(ours(scratch.tensor(x))[0].detach().numpy(), expected, 1e-4, 1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_outputs_are_dropped_between_layers_in_training_only(name: str) -> None:
    ours = getattr(recurrent, name)(3, 50, 2, dropout=1.0)
    x = scratch.ones(4, 2, 3)
    output = ours(x)[0]
    assert bool((ours(x)[0] == output).all())  # all is dropped, so nothing is left to chance
    below = getattr(recurrent, name)(50, 50)
    below.load_state_dict(
        {k.replace("l1", "l0"): v for k, v in ours.state_dict().items() if "l1" in k}
    )
    np.testing.assert_allclose(
        output.detach().numpy(), below(scratch.zeros(4, 2, 50))[0].detach().numpy()
    )
    assert not bool((ours.eval()(x)[0] == output).all())


@pytest.mark.parametrize("name", LAYERS + CELLS)
def test_parameters_begin_uniform_within_the_width(name: str) -> None:
    scratch.manual_seed(0)
    drawn = np.concatenate(
        [p.detach().numpy().ravel() for p in getattr(recurrent, name)(9, 100).parameters()]
    )
    assert np.abs(drawn).max() <= 0.1
    assert abs(drawn.std() - 0.1 / np.sqrt(3)) < 1e-3


REPRS: list[tuple[str, tuple[int, ...], dict[str, Any]]] = [
    ("LSTM", (2, 3), {}),
    ("GRU", (2, 3, 2), {"bias": False, "batch_first": True, "dropout": 0.5, "bidirectional": True}),
    ("RNN", (2, 3), {"nonlinearity": "relu"}),
    ("RNNCell", (2, 3), {"bias": False, "nonlinearity": "relu"}),
    ("LSTMCell", (2, 3), {}),
]


@pytest.mark.parametrize(("name", "sizes", "options"), REPRS)
def test_repr_is_that_of_pytorch(name: str, sizes: Any, options: Any) -> None:
    theirs, ours = twins(name, *sizes, **options)
    assert repr(ours) == repr(theirs)


ERRORS: list[tuple[str, tuple[Array, ...], type[Exception], str]] = [
    ("LSTM", (normal(5, 2, 4),), RuntimeError, r"LSTM: expected last axis 3 .*got 4; input shape"),
    ("GRU", (normal(3),), ValueError, r"GRU: expected input of \(2, 3\) axes, got shape \(3,\)"),
    ("RNN", (normal(0, 2, 3),), RuntimeError, "RNN: expected at least one step, got none"),
    ("RNN", (normal(5, 2, 3), normal(1, 3, 4)), RuntimeError, r"states of shape \(1, 2, 4\)"),
    ("GRU", (normal(5, 2, 3).astype(np.float32),), ValueError, "float64, got torch.float32"),
    ("GRUCell", (normal(2, 4),), RuntimeError, r"GRUCell: expected last axis 3 .*got 4"),
    ("RNNCell", (normal(2, 3), normal(3, 4)), RuntimeError, r"states of shape \(2, 4\)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arrays", "error", "message"), ERRORS)
def test_wrong_input_is_an_error_of_the_same_class(
    name: str, arrays: tuple[Array, ...], error: type[Exception], message: str
) -> None:
    theirs, ours = twins(name, 3, 4)
    with pytest.raises(error):
        theirs(*map(torch.tensor, arrays))
    with pytest.raises(error, match=message):
        ours(*map(scratch.tensor, arrays))


def test_wrong_options_are_errors_of_the_same_class() -> None:
    for options in ({"dropout": 1.5}, {"num_layers": 0}, {"nonlinearity": "sin"}):
        for nn in (torch.nn, recurrent):
            with pytest.raises(ValueError, match=next(iter(options))):
                nn.RNN(2, 3, **options)
    with pytest.raises(NotImplementedError, match="LSTM: expected proj_size 0, got 2"):
        recurrent.LSTM(2, 3, proj_size=2)
    with pytest.warns(UserWarning, match="num_layers is 1"):
        recurrent.GRU(2, 3, dropout=0.5)


def test_no_gradient_is_computed_for_an_input_that_needs_none() -> None:
    layer = recurrent.LSTM(2, 3)
    x = scratch.ones(4, 1, 2)
    layer(x)[0].sum().backward()
    assert x.grad is None
    assert layer.weight_ih_l0.grad is not None


def test_change_in_place_of_the_states_is_found() -> None:
    layer = recurrent.GRU(2, 3)
    output, _ = layer(scratch.ones(4, 1, 2))
    with scratch.no_grad():
        output[0] = 0
    with pytest.raises(RuntimeError, match="changed in place"):
        output.sum().backward()
