"""Normalisation: the same values, gradients and running statistics as PyTorch's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from engines import Array, check, normal
from hypothesis import given, settings
from hypothesis import strategies as st

from nnkit import scratch
from nnkit.scratch import nn

LENGTH = st.integers(1, 4)


def functional(engine: Any) -> Any:
    return torch.nn.functional if engine is torch else nn.functional


def check_function(name: str, *arrays: Array, **options: Any) -> None:
    check(lambda engine, *tensors: getattr(functional(engine), name)(*tensors, **options), *arrays)


@settings(max_examples=40)
@given(st.lists(LENGTH, max_size=2), st.lists(LENGTH, min_size=1, max_size=2), LENGTH)
def test_normalisation_of_the_last_axes(rows: list[int], form: list[int], count: int) -> None:
    x, weight, bias = normal(*rows, *form), normal(*form, seed=1), normal(*form, seed=2)
    arrays = (x, weight, bias)[: min(count, 3)]
    check(lambda engine, x, *rest: functional(engine).layer_norm(x, form, *rest), *arrays)
    check(lambda engine, x, *rest: functional(engine).rms_norm(x, form, *rest), *arrays[:2])


@settings(max_examples=40)
@given(st.integers(2, 3), LENGTH, LENGTH, st.lists(LENGTH, max_size=2), st.integers(1, 3))
def test_normalisation_of_groups(
    n: int, groups: int, part: int, size: list[int], count: int
) -> None:
    c = groups * part
    arrays = (normal(n, c, *size), normal(c, seed=1), normal(c, seed=2))[:count]
    check(lambda engine, x, *rest: functional(engine).group_norm(x, groups, *rest), *arrays)


@settings(max_examples=40)
@given(st.integers(2, 4), LENGTH, st.lists(LENGTH, max_size=2), st.integers(1, 3), st.booleans())
def test_normalisation_of_a_batch(
    n: int, c: int, size: list[int], count: int, training: bool
) -> None:
    arrays = (normal(n, c, *size), normal(c, seed=1), normal(c, seed=2))[:count]

    def normalize(engine: Any, x: Any, *rest: Any) -> list[Any]:
        mean = engine.tensor(np.linspace(-1, 1, c))
        var = engine.tensor(np.linspace(0.5, 2, c))
        out = functional(engine).batch_norm(x, mean, var, *rest, training=training, momentum=0.3)
        return [out, mean, var]

    check(normalize, *arrays)


@pytest.mark.parametrize("value", [0.0, 1e4, 1e-8])
def test_equal_numbers_are_normalised_to_nought(value: float) -> None:
    check_function("layer_norm", np.full((3, 4), value), normalized_shape=(4,))
    check_function("rms_norm", np.full((3, 4), value), normalized_shape=(4,), eps=1e-5)


def test_nan_and_infinity_stay_in_their_row() -> None:
    x = normal(3, 4)
    x[0, 1], x[1, 2] = np.nan, np.inf
    check_function("layer_norm", x, normalized_shape=(4,))
    check_function("rms_norm", x, normalized_shape=(4,))


def test_epsilon_counts() -> None:
    x = normal(3, 4) * 1e-3
    check_function("layer_norm", x, normalized_shape=(4,), eps=1e-2)
    check_function("rms_norm", x, normalized_shape=(4,), eps=1e-2)
    check_function("group_norm", x, num_groups=2, eps=1e-2)


LAYERS: dict[str, tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = {
    "1d": ("BatchNorm1d", (4,), {}, (5, 4)),
    "1d, sequence": ("BatchNorm1d", (4, 1e-3, 0.4), {}, (5, 4, 3)),
    "2d": ("BatchNorm2d", (4,), {}, (2, 4, 3, 5)),
    "2d, average of all": ("BatchNorm2d", (4, 1e-5, None), {}, (2, 4, 3, 5)),
    "2d, plain": ("BatchNorm2d", (4,), {"affine": False}, (2, 4, 3, 5)),
    "2d, untracked": ("BatchNorm2d", (4,), {"track_running_stats": False}, (2, 4, 3, 5)),
    "2d, no bias": ("BatchNorm2d", (4,), {"bias": False}, (2, 4, 3, 5)),
    "layer": ("LayerNorm", (5,), {}, (2, 4, 5)),
    "layer, two axes": ("LayerNorm", ([4, 5], 1e-3), {"bias": False}, (2, 4, 5)),
    "layer, plain": ("LayerNorm", (5,), {"elementwise_affine": False}, (2, 4, 5)),
    "group": ("GroupNorm", (2, 4), {}, (3, 4, 5)),
    "group, plain": ("GroupNorm", (2, 4, 1e-3, False), {}, (3, 4)),
    "rms": ("RMSNorm", (5,), {}, (2, 4, 5)),
    "rms, plain": ("RMSNorm", ([4, 5], 1e-3, False), {}, (2, 4, 5)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layer_agrees_in_training_and_evaluation(name: str) -> None:
    kind, arguments, options, shape = LAYERS[name]
    theirs = getattr(torch.nn, kind)(*arguments, **options, dtype=torch.float64)
    ours = getattr(nn, kind)(*arguments, **options, dtype=scratch.float64)
    assert repr(ours) == repr(theirs)
    with torch.no_grad():
        for i, parameter in enumerate(theirs.parameters()):
            parameter.copy_(torch.tensor(normal(*parameter.shape, seed=i)))
    state = theirs.state_dict()
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict({key: scratch.tensor(value.numpy()) for key, value in state.items()})
    layers = {torch: theirs, scratch: ours}
    for seed in range(3):
        check(lambda engine, x: layers[engine](x), 2 * normal(*shape, seed=seed) + 1)
    for layer in layers.values():
        layer.eval()
    check(lambda engine, x: layers[engine](x), normal(*shape, seed=4))
    for (key, a), b in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), 1e-9, 1e-12, err_msg=key)
    for key, value in theirs.state_dict().items():
        mine = ours.state_dict()[key].numpy()
        assert mine.dtype == value.numpy().dtype
        np.testing.assert_allclose(mine, value.numpy(), 1e-9, 1e-12, err_msg=key)
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in ours.state_dict().items()})


def test_batch_norm_forgets() -> None:
    layer = nn.BatchNorm1d(4)
    fresh = {key: value.numpy().copy() for key, value in layer.state_dict().items()}
    layer(scratch.randn(5, 4))
    assert layer.num_batches_tracked.item() == 1
    layer.reset_parameters()
    for key, value in layer.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), fresh[key])


X = normal(1, 4)
ERRORS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "one value": (
        lambda f, t: f.batch_norm(t(X), None, None, training=True), r"more than 1 .*got \(1, 4\)",
    ),
    "channels": (
        lambda f, t: f.batch_norm(t(X), t(np.ones(3)), t(np.ones(3))), r"expected 3 .* got 4",
    ),
    "statistics": (lambda f, t: f.batch_norm(t(X), None, None), "running_mean and running_var"),
    "last axis": (lambda f, t: f.layer_norm(t(X), (3,)), r"last axes \(3,\).*got \(1, 4\)"),
    "last axis of rms": (lambda f, t: f.rms_norm(t(X), (3,)), r"last axes \(3,\).*got \(1, 4\)"),
    "groups": (lambda f, t: f.group_norm(t(normal(2, 4)), 3), "divisible by 3 .* got 4"),
    "channels of groups": (
        lambda f, t: f.group_norm(t(X), 2, t(np.ones(6))), "expected 6 .* got 4",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_error_is_of_pytorchs_class_and_says_what_came(name: str) -> None:
    attempt, words = ERRORS[name]
    with pytest.raises(Exception) as theirs:  # noqa: PT011 (whichever it is)
        attempt(torch.nn.functional, torch.tensor)
    with pytest.raises(theirs.type, match=words):
        attempt(nn.functional, scratch.tensor)


@pytest.mark.parametrize(("kind", "shape"), [("BatchNorm1d", (4,)), ("BatchNorm2d", (2, 4))])
def test_batch_norm_refuses_another_number_of_axes(kind: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=rf"{kind}: expected input of .* axes, got \({shape[0]},"):
        getattr(nn, kind)(4)(scratch.ones(*shape))


def test_group_norm_refuses_channels_that_do_not_divide() -> None:
    with pytest.raises(ValueError, match="divide 4 channels, got 3"):
        nn.GroupNorm(3, 4)
