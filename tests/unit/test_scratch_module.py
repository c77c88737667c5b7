"""Modules: what they find in themselves, what they refuse, and in which words."""

import copy
import dataclasses
import inspect
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nnkit.scratch as engine
from nnkit.scratch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.second = nn.Linear(4, 3, bias=False)
        self.scale = nn.Parameter(engine.ones(1))
        self.register_buffer("steps", engine.tensor(0))
        self.register_buffer("cache", engine.zeros(2), persistent=False)
        self.register_buffer("empty", None)
        self.register_parameter("nothing", None)
        self.layers = [nn.Linear(1, 1)]

    def forward(self, x: Any) -> Any:
        return self.second(self.first(x).relu()) * self.scale


def names(pairs: Any) -> list[str]:
    return [name for name, _ in pairs]


def test_module_finds_its_parameters_and_buffers() -> None:
    net = Net()
    expected = ["scale", "first.weight", "first.bias", "second.weight"]
    assert names(net.named_parameters()) == expected
    assert [p.shape for p in net.parameters()] == [(1,), (4, 3), (4,), (3, 4)]
    assert names(net.named_parameters(recurse=False)) == ["scale"]
    assert names(net.named_buffers()) == ["steps", "cache"]
    assert names(net.named_children()) == ["first", "second"]
    assert list(net.modules()) == [net, net.first, net.second]
    assert list(net.state_dict()) == ["scale", "steps", *expected[1:]]


def test_parameter_may_come_after_none() -> None:
    net = Net()
    net.nothing = nn.Parameter(engine.zeros(2))
    assert "nothing" in names(net.named_parameters())
    del net.nothing
    assert "nothing" not in names(net.named_parameters())


def test_shared_parameter_is_found_once_and_saved_twice() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    net[1].weight = net[0].weight
    assert names(net.named_parameters()) == ["0.weight", "0.bias", "1.bias"]
    assert "1.weight" in names(net.named_parameters(remove_duplicate=False))
    assert list(net.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]


def test_state_dict_shares_memory_and_needs_no_gradient() -> None:
    net = Net()
    state = net.state_dict()
    net.scale.data.fill_(3)
    assert state["scale"].item() == 3
    assert not state["scale"].requires_grad
    assert net.state_dict(keep_vars=True)["scale"] is net.scale
    assert "net.scale" in net.state_dict(prefix="net.")


def test_state_goes_through_a_file() -> None:
    net, other = Net(), Net()
    file = io.BytesIO()
    engine.save(net.state_dict(), file)
    file.seek(0)
    assert str(other.load_state_dict(engine.load(file))) == (
        "IncompatibleKeys(missing_keys=[], unexpected_keys=[])"
    )
    x = engine.randn(2, 3)
    assert engine.equal(net(x), other(x))


def test_loading_keeps_memory_and_counts_as_a_change() -> None:
    net = Net()
    weight, memory = net.first.weight, net.first.weight.array
    loss = (net(engine.ones(1, 3)) ** 2).sum()
    net.load_state_dict(Net().state_dict())
    assert net.first.weight is weight
    assert weight.array is memory
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_loading_what_does_not_fit_names_every_fault() -> None:
    net, state = Net(), Net().state_dict()
    before = net.second.weight.clone()
    state["first.weight"] = engine.zeros(4, 5)
    state["third"] = engine.zeros(1)
    del state["scale"]
    with pytest.raises(RuntimeError) as caught:
        net.load_state_dict(state)
    assert str(caught.value) == (
        "load_state_dict: expected the state of Net, got unknown keys ['third']; missing keys "
        "['scale']; shape (4, 5) for 'first.weight', which has (4, 3)"
    )
    assert engine.equal(net.second.weight, before)


def test_loading_in_part_tells_what_is_left() -> None:
    net, weight = Net(), engine.ones(4, 3)
    result = net.load_state_dict({"first.weight": weight, "other": weight}, strict=False)
    assert result.unexpected_keys == ["other"]
    assert result.missing_keys == ["scale", "steps", "first.bias", "second.weight"]
    assert engine.equal(net.first.weight, weight)
    with pytest.raises(RuntimeError, match=r"got shape \(1,\) for 'first.weight'"):
        net.load_state_dict({"first.weight": engine.ones(1)}, strict=False)


def test_training_mode_reaches_every_module() -> None:
    net = nn.Sequential(Net(), nn.ModuleList([nn.Dropout()]))
    assert not any(module.training for module in net.eval().modules())
    assert all(module.training for module in net.train().modules())


def test_gradients_are_forgotten() -> None:
    net = Net()
    net(engine.ones(2, 3)).sum().backward()
    assert net.scale.grad is not None
    net.zero_grad(set_to_none=False)
    assert net.scale.grad.tolist() == [0.0]
    net.zero_grad()
    assert net.scale.grad is None


def test_gradients_can_be_switched_off() -> None:
    net = Net().requires_grad_(False)
    assert not net(engine.ones(2, 3)).requires_grad
    assert all(parameter.requires_grad for parameter in net.requires_grad_().parameters())


@pytest.mark.parametrize("change", [
    lambda net: net.double(), lambda net: net.to(engine.float64),
    lambda net: net.to("cpu").double(), lambda net: net.to(dtype=engine.float64),
    lambda net: net.to(engine.ones(1).double()),
])  # fmt: skip
def test_type_changes_in_place(change: Callable[[Any], Any]) -> None:
    net = Net()
    net(engine.ones(2, 3)).sum().backward()
    scale = net.scale
    assert change(net) is net
    assert net.scale is scale
    assert scale.dtype is engine.float64
    assert scale.grad is not None
    assert scale.grad.dtype is engine.float64
    assert net.cache.dtype is engine.float64
    assert net.steps.dtype is engine.int64
    assert net(engine.ones(2, 3).double()).dtype is engine.float64
    assert net.to("cpu").cpu().scale.dtype is engine.float64
    assert net.float().scale.dtype is engine.float32


def test_function_is_applied_from_the_leaves_up() -> None:
    net, seen = Net(), []
    assert net.apply(seen.append) is net
    assert seen == [net.first, net.second, net]


def test_forward_hook_sees_and_replaces_the_output() -> None:
    layer, seen = nn.Identity(), []
    handle = layer.register_forward_hook(lambda module, args, out: seen.append((module, args, out)))
    double = layer.register_forward_hook(lambda module, args, out: 2 * out)
    x = engine.ones(1)
    assert layer(x).item() == 2
    assert seen == [(layer, (x,), x)]
    handle.remove()
    double.remove()
    assert layer(x) is x
    assert len(seen) == 1


def test_copy_is_independent() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    net[1].weight = net[0].weight
    other = copy.deepcopy(net)
    assert other[1].weight is other[0].weight
    other[0].weight.data.fill_(7)
    assert not engine.equal(net[0].weight, other[0].weight)
    other(engine.ones(1, 2)).sum().backward()
    assert net[0].weight.grad is None
    assert isinstance(other[0].weight, nn.Parameter)


class Shift(
    nn.module.Functional, calls=lambda x, by, down, stretch: x + stretch * by * (-1) ** down
):
    by: float
    down: bool = False
    stretch: float = dataclasses.field(default=1.0, repr=False)


def test_options_are_the_constructor_and_are_passed_on_as_they_stand() -> None:
    assert [*inspect.signature(Shift).parameters] == ["by", "down", "stretch"]
    assert Shift(3.0)(1.0) == 4.0
    shift = Shift(3.0, down=True)
    assert repr(shift) == "Shift(by=3.0, down=True)"
    assert shift(x=1.0) == -2.0
    shift.by = 5.0
    assert copy.deepcopy(shift)(1.0) == -4.0
    assert shift != Shift(5.0, down=True)
    with pytest.raises(TypeError, match="'by'"):
        Shift()  # type: ignore[call-arg]


def test_options_are_inherited_by_a_module_with_a_constructor_of_its_own() -> None:
    class Up(Shift):
        def __init__(self) -> None:
            super().__init__(1.0)
            self.inner = nn.Linear(1, 1)

    assert Up()(1.0) == 2.0
    assert len(list(Up().parameters())) == 2


def test_sequential_is_a_list_of_modules() -> None:
    a, b, c = nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)
    net = nn.Sequential(a, b)
    assert net.append(c) is net
    assert [*net] == [a, b, c]
    assert (len(net), net[-1], net[0]) == (3, c, a)
    assert isinstance(net[1:], nn.Sequential)
    assert names(net[1:].named_children()) == ["1", "2"]
    net[1] = nn.Tanh()
    assert str(net[1]) == "Tanh()"
    named = nn.Sequential({"in": a, "out": b})
    assert named.out is named[1] is b
    with pytest.raises(IndexError, match="Sequential: expected an index below 3, got 3"):
        net[3]


def test_module_list_and_dict_hold_modules() -> None:
    a, b = nn.Linear(2, 2), nn.ReLU()
    several = nn.ModuleList([a]).extend([b, a])
    assert [*several[1:]] == [b, a]
    assert names(several[1:].named_children()) == ["0", "1"]
    assert list(several.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    table = nn.ModuleDict({"a": a})
    table["b"] = b
    assert [*table] == [*table.keys()] == ["a", "b"]
    assert [*table.values()] == [a, b]
    assert ("a" in table, "c" in table, len(table)) == (True, False, 2)
    assert dict(table.items())["b"] is table["b"] is b
    assert table.pop("a") is a
    del table["b"]
    assert len(table) == 0


def test_padding_row_of_an_embedding_stays_zero() -> None:
    layer = nn.Embedding(4, 3, padding_idx=-2)
    assert layer.weight[2].tolist() == [0.0, 0.0, 0.0]
    layer(engine.tensor([2, 3])).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.sum(1).tolist() == [0.0, 0.0, 0.0, 3.0]


def test_layers_take_a_type() -> None:
    for layer in (nn.Linear(2, 2, dtype=engine.float64), nn.Embedding(2, 2, dtype=engine.float64),
                  nn.PReLU(dtype=engine.float64)):  # fmt: skip
        assert layer.weight.dtype is engine.float64


def test_same_seed_gives_the_same_layers() -> None:
    first, second = (engine.manual_seed(5) and nn.Linear(3, 2) for _ in range(2))
    assert engine.equal(first.weight, second.weight)
    assert not engine.equal(first.weight, nn.Linear(3, 2).weight)


class Forgetful(nn.Module):
    def __init__(self) -> None:
        self.layer = nn.Linear(1, 1)


def assigned(name: str, value: Any) -> None:
    setattr(Net(), name, value)


ONES = engine.ones(2, 3)
BAD: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "no init": (Forgetful, AttributeError, r"Forgetful: expected super\(\).__init__\(\) before"),
    "tensor as parameter": (lambda: assigned("scale", engine.ones(1)), TypeError,
                            "Net.scale: expected a Parameter, got Tensor"),
    "number as buffer": (lambda: assigned("steps", 3), TypeError,
                         "Net.steps: expected a Tensor, got int"),
    "dot in a name": (lambda: nn.ModuleDict({"a.b": nn.ReLU()}), KeyError,
                      "add_module: expected a free name without dots, got 'a.b'"),
    "taken name": (lambda: nn.ModuleDict({"forward": nn.ReLU()}), KeyError, "got 'forward'"),
    "no module": (lambda: nn.Sequential(nn.ReLU(), engine.relu), TypeError,
                  "add_module: expected a Module, got function"),
    "integers as parameter": (lambda: nn.Parameter(engine.arange(2)), RuntimeError,
                              "requires_grad: expected floating elements, got torch.int64"),
    "no forward": (lambda: nn.Module()(ONES), NotImplementedError, "Module: expected forward to"),
    "last axis": (lambda: nn.Linear(64, 2)(engine.ones(8, 32)), RuntimeError,
                  r"Linear: expected last axis 64 \(in_features\), got 32; input shape \(8, 32\)"),
    "no axis": (lambda: nn.Linear(3, 2)(engine.tensor(1.0)), RuntimeError,
                r"Linear: expected last axis 3 \(in_features\), got none; input shape \(\)"),
    "type": (lambda: nn.Linear(3, 2)(ONES.double()), RuntimeError,
             "Linear: expected input of the weight's dtype torch.float32, got torch.float64"),
    "bias": (lambda: nn.functional.linear(ONES, ONES, engine.ones(3)), RuntimeError,
             r"Linear: expected bias of shape \(2,\), got \(3,\)"),
    "index": (lambda: nn.Embedding(3, 2)(engine.tensor([0, 3])), IndexError,
              r"Embedding: expected indices in \[0, 3\), got 0 to 3"),
    "negative index": (lambda: nn.Embedding(3, 2)(engine.tensor([-1, 0])), IndexError, "got -1 to"),
    "fractions": (lambda: nn.Embedding(3, 2)(engine.ones(1)), RuntimeError,
                  "Embedding: expected integer indices, got torch.float32"),
    "one-hot": (lambda: nn.functional.one_hot(engine.tensor([0, 3]), 3), RuntimeError,
                r"one_hot: expected indices in \[0, 3\), got 0 to 3"),
    "one-hot of nothing": (lambda: nn.functional.one_hot(engine.tensor([]).long()), RuntimeError,
                           "one_hot: expected num_classes, for there are no indices, got none"),
    "padding": (lambda: nn.Embedding(3, 2, 3), ValueError,
                "Embedding: expected padding_idx below 3, got 3"),
    "dropout": (lambda: nn.Dropout(1.5), ValueError, r"Dropout: expected p in \[0, 1\], got 1.5"),
    "dropout2d": (lambda: nn.functional.dropout2d(ONES, -1), ValueError, "dropout2d: expected p"),
    "gelu": (lambda: nn.functional.gelu(ONES, "x"), ValueError,
             "gelu: expected approximate 'none' or 'tanh', got 'x'"),
    "prelu": (lambda: nn.PReLU(4)(ONES), RuntimeError, "prelu: expected 1 or 3 slopes, got 4"),
    "fan": (lambda: nn.init.xavier_normal_(engine.ones(3)), ValueError,
            r"xavier_normal_: expected 2 axes or more, got shape \(3,\)"),
    "mode": (lambda: nn.init.kaiming_normal_(ONES, mode="in"), ValueError,
             "kaiming_normal_: expected mode 'fan_in' or 'fan_out', got 'in'"),
    "gain": (lambda: nn.init.calculate_gain("gelu"), ValueError, "calculate_gain: expected one of"),
    "bounds": (lambda: nn.init.trunc_normal_(ONES, 0, 1, 5, 6), ValueError,
               "trunc_normal_: expected bounds near the mean 0, got 5 and 6"),
    "vector": (lambda: nn.utils.vector_to_parameters(ONES[0], [engine.ones(2)]), RuntimeError,
               r"vector_to_parameters: expected shape \(2,\), got \(3,\)"),
    "integer type": (lambda: Net().to(engine.int64), TypeError,
                     "to: expected a floating dtype, got torch.int64"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_mistake_is_named(name: str) -> None:
    act, error, message = BAD[name]
    with pytest.raises(error, match=message):
        act()


def test_arrays_of_numpy_are_loaded_too() -> None:
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": np.array([[1.0, 2.0]]), "bias": np.array([3.0])})
    assert layer(engine.ones(1, 2)).item() == 6.0
