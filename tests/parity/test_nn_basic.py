"""Modules, linear layers, activations and dropout: the same numbers as PyTorch's."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from engines import check, normal
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnkit import scratch
from nnkit.scratch import nn

HARD = np.array([0.0, -0.0, 1.0, -1.0, 1e4, -1e4, 1e-300, 30.0, -30.0, 0.5, np.nan])
SPREAD = np.linspace(-6, 6, 101).reshape(1, 101)
ENGINES = {torch: torch.nn, scratch: nn}


def run(engine: Any, module: Any, *inputs: Any) -> tuple[Any, ...]:
    """The output of a module, whose parameters are replaced by the last of the inputs."""
    own = list(module.double().parameters())
    given = inputs[len(inputs) - len(own) :]
    for parameter, value in zip(own, given, strict=True):
        parameter.data = value.data
    out = module(*inputs[: len(inputs) - len(own)])
    loss = (out * out.detach().cos()).sum()
    return out, *engine.autograd.grad(loss, own, retain_graph=True)


ACTIVATIONS: dict[str, tuple[Any, ...]] = {
    "ReLU()": (), "LeakyReLU()": (), "LeakyReLU(0.3)": (), "LeakyReLU(0.0)": (), "ELU()": (),
    "ELU(2.0)": (), "SELU()": (), "GELU()": (), "GELU('tanh')": (), "SiLU()": (), "Mish()": (),
    "Softplus()": (), "Softplus(2)": (), "Softplus(2, -100)": (), "Softplus(0.5, 3)": (),
    "Sigmoid()": (), "LogSigmoid()": (), "Tanh()": (), "Hardtanh()": (), "Hardtanh(-0.5, 2)": (),
    "Softmax(-1)": (), "LogSoftmax(-1)": (), "Softmax(0)": (), "Identity(3, p=1)": (),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation(name: str) -> None:
    module = {engine: eval(f"nn.{name}", {"nn": ENGINES[engine]}) for engine in ENGINES}
    assert repr(module[scratch]) == repr(module[torch])
    for x in (normal(2, 3, 4), SPREAD, HARD, np.zeros((0, 3)), np.array(0.7), np.array(-0.7)):
        check(lambda engine, x: module[engine](x), x)


@pytest.mark.parametrize("name", ["GELU()", "GELU('tanh')", "SiLU()", "Mish()", "ELU()", "SELU()"])
def test_activation_in_float32(name: str) -> None:
    x = np.linspace(-8, 8, 1001, dtype=np.float32)
    ours, theirs = (
        eval(f"nn.{name}", {"nn": ENGINES[engine]})(engine.tensor(x)).numpy()
        for engine in (scratch, torch)
    )
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, 1e-6, 1e-6)


def test_normal_distribution_is_exact_in_its_tail() -> None:
    x = -np.linspace(0, 37, 1000)
    cdf, _ = nn.smooth.normal_distribution(x)
    exact = [0.5 * math.erfc(-v / math.sqrt(2)) for v in x]
    np.testing.assert_allclose(cdf, exact, 1e-12)


IN_PLACE = [
    "relu(x, True)", "leaky_relu(x, 0.2, True)", "elu(x, 2.0, True)", "selu(x, True)",
    "silu(x, True)", "mish(x, True)", "hardtanh(x, -1, 0.5, True)",
]  # fmt: skip


@pytest.mark.parametrize("call", IN_PLACE)
def test_activation_in_place_changes_its_input(call: str) -> None:
    def both_of(engine: Any, w: Any) -> Any:
        x = w * 2
        functional = ENGINES[engine].functional
        return x, eval(f"F.{call}", {"F": functional, "x": x})

    check(both_of, normal(3, 4))


@pytest.mark.parametrize(("shape", "slopes"), [
    ((), 1), ((4,), 1), ((2, 3, 4), 1), ((2, 3, 4), 3), ((2, 3), 3), ((0, 3), 3), ((2, 3, 4, 5), 3),
])  # fmt: skip
def test_prelu(shape: tuple[int, ...], slopes: int) -> None:
    check(lambda engine, x, w: ENGINES[engine].functional.prelu(x, w), normal(*shape),
          normal(slopes))  # fmt: skip


SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, max_side=4, min_side=0)


@settings(max_examples=60)
@given(SHAPES, st.integers(1, 5), st.integers(1, 5), st.booleans())
def test_linear(lead: tuple[int, ...], inputs: int, outputs: int, bias: bool) -> None:
    check(
        lambda engine, *a: run(engine, ENGINES[engine].Linear(inputs, outputs, bias), *a),
        normal(*lead, inputs), normal(outputs, inputs), *([normal(outputs)] * bias),
    )  # fmt: skip
    check(
        lambda engine, *a: ENGINES[engine].functional.linear(*a),
        normal(*lead, inputs), normal(outputs, inputs), *([normal(outputs)] * bias),
    )  # fmt: skip


def test_linear_of_a_view() -> None:
    check(
        lambda engine, x, w: ENGINES[engine].functional.linear(x.transpose(0, 1), w),
        normal(3, 2, 4), normal(5, 4),
    )  # fmt: skip


@settings(max_examples=40)
@given(SHAPES, st.integers(1, 5), st.sampled_from([None, 0, 2, -1]))
def test_embedding(shape: tuple[int, ...], width: int, padding: int | None) -> None:
    index = np.random.default_rng(0).integers(0, 4, shape)
    check(
        lambda engine, i, w: ENGINES[engine].functional.embedding(i, w, padding),
        index, normal(4, width),
    )  # fmt: skip


@pytest.mark.parametrize(("shape", "classes"), [((2, 3), 5), ((4,), -1), ((), 4), ((0,), 3)])
def test_one_hot(shape: tuple[int, ...], classes: int) -> None:
    index = np.random.default_rng(0).integers(0, 4, shape)
    check(lambda engine, i: ENGINES[engine].functional.one_hot(i, classes), index)


@pytest.mark.parametrize("dims", [(1, -1), (0, -1), (2, 3), (-2, -1)])
def test_flatten(dims: tuple[int, int]) -> None:
    check(lambda engine, x: ENGINES[engine].Flatten(*dims)(x), normal(2, 3, 4, 5))


def test_sequential_with_shared_layer() -> None:
    def formula(engine: Any, x: Any, w: Any, b: Any) -> Any:
        layers = ENGINES[engine]
        shared = layers.Linear(3, 3).double()
        net = layers.Sequential(shared, layers.Tanh(), shared, layers.ReLU())
        assert len(list(net.parameters())) == 2
        return run(engine, net, x, w, b)

    check(formula, normal(4, 3), normal(3, 3), normal(3))


# Dropout draws other numbers than PyTorch's; what it does with them is held to its definition.


@pytest.mark.parametrize("p", [0.0, 0.25, 0.9, 1.0])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_dropout_scales_what_it_keeps(p: float, kind: str) -> None:
    scratch.manual_seed(0)
    x = scratch.ones(100, 200, dtype=getattr(scratch, kind), requires_grad=True)
    out = nn.Dropout(p)(x)
    out.sum().backward()
    dropped = out.detach().numpy() == 0
    assert abs(dropped.mean() - p) < 0.02
    assert out.dtype == x.dtype
    np.testing.assert_allclose(out.detach().numpy()[~dropped], 1 / (1 - p) if p < 1 else 0, 1e-6)
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), out.detach().numpy())


def test_dropout2d_drops_whole_channels() -> None:
    scratch.manual_seed(0)
    out = nn.Dropout2d(0.5)(scratch.ones(20, 30, 4, 5)).numpy()
    share = (out == 0).mean((2, 3))
    assert set(share.ravel().tolist()) == {0.0, 1.0}
    assert abs(share.mean() - 0.5) < 0.1


def test_dropout_rests_in_evaluation() -> None:
    x = scratch.ones(5)
    assert nn.Dropout(0.5).eval()(x) is x
    assert repr(nn.Dropout(0.5)) == repr(torch.nn.Dropout(0.5))


STATISTICS: dict[str, tuple[Callable[[Any], Any], tuple[int, ...]]] = {
    "xavier_uniform_": (lambda init: init.xavier_uniform_, (300, 200)),
    "xavier_normal_": (lambda init: init.xavier_normal_, (300, 200)),
    "kaiming_uniform_": (lambda init: init.kaiming_uniform_, (300, 50, 2, 2)),
    "kaiming_normal_": (lambda init: init.kaiming_normal_, (300, 50, 2, 2)),
    "kaiming_fan_out": (lambda init: lambda t: init.kaiming_normal_(t, 0.1, "fan_out"), (300, 200)),
    "kaiming_relu": (
        lambda init: lambda t: init.kaiming_uniform_(t, mode="fan_in", nonlinearity="relu"),
        (300, 200),
    ),
    "trunc_normal_": (lambda init: lambda t: init.trunc_normal_(t, 1, 2, -1, 2), (300, 200)),
    "normal_": (lambda init: lambda t: init.normal_(t, 1, 2), (300, 200)),
    "uniform_": (lambda init: lambda t: init.uniform_(t, 1, 2), (300, 200)),
    "orthogonal_": (lambda init: lambda t: init.orthogonal_(t, 2), (300, 200)),
}


@pytest.mark.parametrize("name", STATISTICS)
def test_initial_values_are_distributed_alike(name: str) -> None:
    fill, shape = STATISTICS[name]
    torch.manual_seed(0)
    scratch.manual_seed(0)
    theirs, ours = torch.empty(shape), scratch.zeros(shape)
    fill(torch.nn.init)(theirs)
    assert fill(nn.init)(ours) is ours
    quantiles = np.linspace(0.05, 0.95, 10)
    expected = np.quantile(theirs.numpy(), quantiles)
    scale = theirs.numpy().std()
    np.testing.assert_allclose(np.quantile(ours.numpy(), quantiles), expected, 0, 0.03 * scale)
    np.testing.assert_allclose(ours.numpy().std(), scale, 0.02)


@pytest.mark.parametrize("shape", [(4, 6), (6, 4), (4, 3, 2)])
def test_orthogonal_values_are_orthonormal(shape: tuple[int, ...]) -> None:
    w = nn.init.orthogonal_(scratch.zeros(*shape, dtype=scratch.float64), 3).numpy()
    w = w.reshape(len(w), -1)
    w = w if len(w) <= w.shape[1] else w.T
    np.testing.assert_allclose(w @ w.T, 9 * np.eye(len(w)), atol=1e-12)


@pytest.mark.parametrize("name", ["linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu",
                                  "selu"])  # fmt: skip
def test_gain(name: str) -> None:
    assert nn.init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name))
    assert nn.init.calculate_gain("leaky_relu", 0.3) == torch.nn.init.calculate_gain(
        "leaky_relu", 0.3
    )


@pytest.mark.parametrize("lecun", [nn.init.lecun_normal_, nn.init.lecun_uniform_])
def test_lecun_values_have_variance_one_over_fan_in(lecun: Callable[[Any], Any]) -> None:
    scratch.manual_seed(0)
    assert lecun(scratch.zeros(300, 200)).numpy().var() == pytest.approx(1 / 200, rel=0.02)


@pytest.mark.parametrize("layer", ["Linear(64, 500)", "Embedding(200, 300)"])
def test_layers_begin_alike(layer: str) -> None:
    scratch.manual_seed(0)
    ours, theirs = (eval(f"nn.{layer}", {"nn": layers}) for layers in (nn, torch.nn.modules))
    assert repr(ours) == repr(theirs)
    for (name, p), (same, q) in zip(
        ours.named_parameters(), theirs.named_parameters(), strict=True
    ):
        assert name == same
        assert p.shape == tuple(q.shape)
        assert p.detach().numpy().std() == pytest.approx(float(q.detach().std()), rel=0.1)
        bound = float(q.detach().abs().max())
        assert p.detach().abs().max().item() == pytest.approx(bound, rel=0.3)


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, math.inf])
@pytest.mark.parametrize("max_norm", [0.1, 100.0])
def test_gradients_are_clipped_by_norm(max_norm: float, norm_type: float) -> None:
    def formula(engine: Any, a: Any, b: Any) -> Any:
        ((a * a).sum() + (b**3).sum()).backward()
        clip = ENGINES[engine].utils.clip_grad_norm_
        norm = clip([a, b, engine.zeros(2)], max_norm, norm_type=norm_type)
        return norm, a.grad.clone(), b.grad.clone()

    check(formula, normal(3, 4), normal(5))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_gradients_that_are_not_finite_are_clipped_alike(bad: float) -> None:
    def formula(engine: Any, a: Any, b: Any) -> Any:
        (a * b).sum().backward()
        clip = ENGINES[engine].utils.clip_grad_norm_
        with pytest.raises(RuntimeError, match="finite"):
            clip([a], 1.0, error_if_nonfinite=True)
        return clip([a], 1.0), a.grad.clone()

    check(formula, normal(2), np.array([1.0, bad]))


def test_gradients_are_clipped_by_value() -> None:
    def formula(engine: Any, a: Any) -> Any:
        (a * a).sum().backward()
        ENGINES[engine].utils.clip_grad_value_(a, 0.5)
        return a.grad.clone()

    check(formula, normal(3, 4))


def test_parameters_become_a_vector_and_back() -> None:
    def formula(engine: Any, a: Any, b: Any) -> Any:
        utils = ENGINES[engine].utils
        vector = utils.parameters_to_vector([a, b])
        c, d = engine.zeros(2, 3, dtype=engine.float64), engine.zeros(4, dtype=engine.float64)
        utils.vector_to_parameters(vector.detach() * 2, [c, d])
        return vector, c, d

    check(formula, normal(2, 3), normal(4))


def nets(layers: Any) -> Any:
    return layers.Sequential(
        layers.Linear(4, 6), layers.PReLU(6), layers.Sequential(layers.Linear(6, 3, bias=False)),
        layers.ModuleDict({"a": layers.Embedding(3, 2), "b": layers.ModuleList([layers.GELU()])}),
    )  # fmt: skip


def test_state_travels_both_ways() -> None:
    ours, theirs = nets(nn), nets(torch.nn)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[name].numpy(), value.numpy())
    fresh = nets(nn).state_dict()
    theirs.load_state_dict({name: torch.from_numpy(x.numpy()) for name, x in fresh.items()})
    for name, value in theirs.state_dict().items():
        np.testing.assert_array_equal(fresh[name].numpy(), value.numpy())


def test_modules_print_alike() -> None:
    def deep(layers: Any) -> Any:
        many = layers.ModuleList(layers.Linear(2, 2) for _ in range(3))
        many.extend([layers.Tanh(), layers.Tanh(), layers.Sigmoid()])
        more = layers.Sequential(many, layers.ReLU(inplace=True), layers.Dropout2d(), nets(layers))
        return layers.ModuleList([more, layers.Sequential(), layers.ModuleDict(), layers.GELU()])

    assert repr(deep(nn)) == repr(deep(torch.nn))
    weight = scratch.tensor([[1.5, -2.0]])
    assert repr(nn.Parameter(weight)) == repr(torch.nn.Parameter(torch.tensor([[1.5, -2.0]])))


def test_names_are_alike() -> None:
    ours, theirs = nets(nn), nets(torch.nn)
    for walk in ("named_modules", "named_children", "named_parameters", "named_buffers"):
        names = [name for name, _ in getattr(ours, walk)()]
        assert names == [name for name, _ in getattr(theirs, walk)()]
    prefixed = [name for name, _ in ours.named_parameters("net", recurse=True)]
    assert prefixed == [name for name, _ in theirs.named_parameters("net", recurse=True)]
