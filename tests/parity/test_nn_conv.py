"""Convolutions, pooling and resizing: the same values, gradients and layouts as PyTorch's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from engines import Array, check, normal
from hypothesis import given, settings
from hypothesis import strategies as st

from nnkit import scratch
from nnkit.scratch.nn import conv, pooling, upsampling

STEP = st.integers(1, 3)


def functional(engine: Any, ours: Any) -> Any:
    return torch.nn.functional if engine is torch else ours


@given(st.data(), st.sampled_from([1, 2]), st.booleans())
def test_convolution(data: Any, rank: int, with_bias: bool) -> None:
    groups, kernel = data.draw(STEP), data.draw(st.tuples(*[STEP] * rank))
    options = {
        "stride": data.draw(STEP | st.tuples(*[STEP] * rank)),
        "padding": data.draw(st.integers(0, 2) | st.tuples(*[st.integers(0, 2)] * rank)),
        "dilation": data.draw(STEP),
        "groups": groups,
    }
    size = [options["dilation"] * (k - 1) + data.draw(STEP) for k in kernel]
    batch = data.draw(st.sampled_from([(), (1,), (3,), (0,)]))
    parts = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    arrays = [
        normal(*batch, groups * parts[0], *size),
        normal(groups * parts[1], parts[0], *kernel, seed=1),
        *([normal(groups * parts[1], seed=2)] if with_bias else []),
    ]
    check(
        lambda engine, *tensors: getattr(functional(engine, conv), f"conv{rank}d")(
            *tensors, **options
        ),
        *arrays,
    )


@settings(max_examples=60)
@given(st.data(), st.booleans())
def test_transposed_convolution(data: Any, with_bias: bool) -> None:
    groups, kernel = data.draw(st.integers(1, 2)), data.draw(st.tuples(STEP, STEP))
    stride, dilation = data.draw(STEP), data.draw(st.integers(1, 2))
    options = {
        "stride": stride,
        "padding": data.draw(st.integers(0, 1)),
        "output_padding": data.draw(st.integers(0, max(stride, dilation) - 1)),
        "dilation": dilation,
        "groups": groups,
    }
    batch = data.draw(st.sampled_from([(), (1,), (2,)]))
    arrays = [
        normal(*batch, groups * 2, data.draw(st.integers(3, 4)), data.draw(st.integers(3, 5))),
        normal(groups * 2, data.draw(STEP), *kernel, seed=1),
    ]
    if with_bias:
        arrays.append(normal(groups * arrays[1].shape[1], seed=2))
    check(
        lambda engine, *tensors: functional(engine, conv).conv_transpose2d(*tensors, **options),
        *arrays,
    )


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel", [(3, 3), (2, 4)])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_padding_by_name(padding: str, dilation: int, kernel: tuple[int, int]) -> None:
    check(
        lambda engine, *given: functional(engine, conv).conv2d(
            *given, padding=padding, dilation=dilation
        ),
        normal(2, 3, 8, 9), normal(4, 3, *kernel),
    )  # fmt: skip


@settings(max_examples=30)
@given(st.tuples(STEP, STEP), STEP, st.integers(1, 2), st.integers(0, 1))
def test_unfolding(kernel: tuple[int, int], stride: int, dilation: int, padding: int) -> None:
    check(
        lambda engine, x: functional(engine, conv).unfold(x, kernel, dilation, padding, stride),
        normal(2, 3, 6, 5),
    )


def test_chain_of_convolutions_keeps_the_gradient() -> None:
    def network(engine: Any, x: Any, w: Any, v: Any) -> Any:
        f = functional(engine, conv)
        hidden = f.conv2d(x, w, padding=1).relu()
        return f.conv2d(hidden * 2 + hidden.sin(), v, stride=2).flatten(1)

    check(network, normal(2, 3, 6, 5), normal(4, 3, 3, 3), normal(2, 4, 3, 3))


@st.composite
def pools(draw: Any, dilated: bool) -> tuple[int, Array, dict[str, Any]]:
    """A rank, images and the options of a pooling that fits them, some of them equal."""
    rank = draw(st.sampled_from([1, 2]))
    kernel = draw(st.tuples(*[STEP] * rank))
    options: dict[str, Any] = {
        "kernel_size": kernel,
        "padding": draw(st.integers(0, min(kernel) // 2)),
        "ceil_mode": draw(st.booleans()),
    }
    if draw(st.booleans()):
        options["stride"] = draw(STEP)
    if dilated:
        options["dilation"] = draw(st.integers(1, 2))
    size = [options.get("dilation", 1) * (k - 1) + draw(STEP) for k in kernel]
    batch = draw(st.sampled_from([(), (1,), (2,), (0,)]))
    return rank, np.round(normal(*batch, 2, *size), draw(st.integers(0, 3))), options


@given(pools(dilated=True))
def test_max_pooling(case: tuple[int, Array, dict[str, Any]]) -> None:
    rank, images, options = case
    check(
        lambda engine, x: getattr(functional(engine, pooling), f"max_pool{rank}d")(
            x, **options, return_indices=True
        ),
        images,
    )


@given(pools(dilated=True), st.lists(st.sampled_from([-np.inf, np.nan, 0.0]), min_size=2))
def test_max_pooling_of_windows_without_a_largest_number(
    case: tuple[int, Array, dict[str, Any]], values: list[float]
) -> None:
    rank, images, options = case
    check(
        lambda engine, x: getattr(functional(engine, pooling), f"max_pool{rank}d")(
            x, **options, return_indices=True
        ),
        np.resize(values, images.shape),
    )


@given(pools(dilated=False), st.booleans(), st.sampled_from([None, 3]))
def test_average_pooling(
    case: tuple[int, Array, dict[str, Any]], counted: bool, divisor: int | None
) -> None:
    rank, images, options = case
    if rank == 2:
        options["divisor_override"] = divisor
    check(
        lambda engine, x: getattr(functional(engine, pooling), f"avg_pool{rank}d")(
            x, **options, count_include_pad=counted
        ),
        images,
    )


@pytest.mark.parametrize("size", [1, (2, 3), (None, 4), 7, (5, None)])
def test_adaptive_pooling(size: Any) -> None:
    def pool(engine: Any, x: Any) -> Any:
        return functional(engine, pooling).adaptive_avg_pool2d(x, size)

    check(pool, normal(2, 3, 5, 7))
    check(pool, normal(3, 5, 7))


def test_pooling_lets_nan_and_infinity_through() -> None:
    x = normal(2, 3, 4, 4)
    x[0, 0, 0, 0], x[1, 2, 3, 1], x[1, 1, 2, 2] = np.nan, np.inf, -np.inf
    check(lambda engine, x: functional(engine, pooling).max_pool2d(x, 2), x)
    check(lambda engine, x: functional(engine, pooling).avg_pool2d(x, 2), x)
    check(lambda engine, x: functional(engine, pooling).adaptive_avg_pool2d(x, 2), x)


def test_pooling_of_the_result_of_a_convolution() -> None:
    def network(engine: Any, x: Any, w: Any) -> Any:
        y = functional(engine, conv).conv2d(x, w, padding=1).relu()
        return functional(engine, pooling).max_pool2d(y, 2)

    check(network, normal(2, 3, 6, 6), normal(4, 3, 3, 3))


RESIZED: dict[str, tuple[Callable[[Any, Any], Any], tuple[int, ...]]] = {
    "twice": (lambda f, x: f.interpolate(x, scale_factor=2), (2, 3, 4, 5)),
    "by a fraction": (lambda f, x: f.interpolate(x, scale_factor=1.7), (2, 3, 4, 5)),
    "smaller": (lambda f, x: f.interpolate(x, scale_factor=(0.5, 0.4)), (2, 3, 6, 5)),
    "sequence": (lambda f, x: f.interpolate(x, size=7), (2, 3, 4)),
    "size": (lambda f, x: f.interpolate(x, size=(3, 11)), (2, 3, 4, 5)),
    "border": (lambda f, x: f.pad(x, (1, 2)), (2, 3)),
    "border of a number": (lambda f, x: f.pad(x, (1, 2, 0, 1), value=2.5), (2, 3, 4)),
    "border of every axis": (lambda f, x: f.pad(x, (1, 0, 2, 1, 0, 1)), (2, 3, 4)),
    "cut off": (lambda f, x: f.pad(x, (-1, 2, 1, -2)), (2, 3, 4)),
}


@pytest.mark.parametrize("name", RESIZED)
def test_resizing(name: str) -> None:
    function, shape = RESIZED[name]
    check(lambda engine, x: function(functional(engine, upsampling), x), normal(*shape))


POOLS: dict[str, tuple[Any, ...]] = {
    "MaxPool1d": (3, 2, 1, 1, False, True),
    "MaxPool2d": (2,),
    "AvgPool1d": (3, 2, 1),
    "AvgPool2d": ((2, 3), (2, 1), (1, 0), True, False, 5),
    "AdaptiveAvgPool2d": ((3, None),),
    "Upsample": (None, 2),
}


@pytest.mark.parametrize("name", POOLS)
def test_pool_hands_on_its_options(name: str) -> None:
    theirs = getattr(torch.nn, name)(*POOLS[name])
    ours = getattr(upsampling if name == "Upsample" else pooling, name)(*POOLS[name])
    assert repr(ours) == repr(theirs)
    layers = {torch: theirs, scratch: ours}
    shape = (2, 3, 8) if name.endswith("1d") else (2, 3, 8, 7)
    check(lambda engine, x: layers[engine](x), normal(*shape))


def test_upsample_of_a_size() -> None:
    assert repr(upsampling.Upsample((4, 5))) == repr(torch.nn.Upsample((4, 5)))


LAYERS: dict[str, tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = {
    "1d": ("Conv1d", (4, 6, 3), {"stride": 2, "padding": 1, "groups": 2}, (2, 4, 9)),
    "1d, same": ("Conv1d", (4, 6, 3), {"padding": "same"}, (2, 4, 9)),
    "2d": ("Conv2d", (4, 6, (3, 2)), {"dilation": 2, "bias": False}, (2, 4, 7, 6)),
    "2d, all": ("Conv2d", (4, 6, 3, 2, (1, 0), 1, 2), {}, (2, 4, 7, 6)),
    "transposed": (
        "ConvTranspose2d", (4, 6, 3, 2, 1, 1, 2, True, 2), {}, (2, 4, 4, 5),
    ),
    "transposed, plain": ("ConvTranspose2d", (4, 6, 3), {"bias": False}, (2, 4, 4, 5)),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_layer_takes_pytorchs_state(name: str) -> None:
    kind, arguments, options, shape = LAYERS[name]
    theirs = getattr(torch.nn, kind)(*arguments, **options, dtype=torch.float64)
    ours = getattr(conv, kind)(*arguments, **options, dtype=scratch.float64)
    assert repr(ours) == repr(theirs)
    state = {key: value.numpy() for key, value in theirs.state_dict().items()}
    assert {key: value.shape for key, value in ours.state_dict().items()} == {
        key: value.shape for key, value in state.items()
    }
    ours.load_state_dict({key: scratch.tensor(value) for key, value in state.items()})
    layers = {torch: theirs, scratch: ours}
    check(lambda engine, x: layers[engine](x), normal(*shape))
    for (key, a), (_, b) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), 1e-9, 1e-12, err_msg=key)
    back = {key: torch.tensor(value.numpy()) for key, value in ours.state_dict().items()}
    theirs.load_state_dict(back)


@pytest.mark.parametrize("kind", ["Conv1d", "Conv2d", "ConvTranspose2d"])
def test_initial_values_have_pytorchs_range(kind: str) -> None:
    scratch.manual_seed(0)
    layer = getattr(conv, kind)(64, 32, 3)
    bound = 1 / np.sqrt(layer.weight.array[0].size)
    for values in (layer.weight.array, layer.bias.array):
        assert values.dtype == np.float32
        assert 0.9 * bound < np.abs(values).max() <= bound


class Everything:
    """The functions of this file's modules, under one name."""

    conv1d, conv2d, conv_transpose2d = conv.conv1d, conv.conv2d, conv.conv_transpose2d
    max_pool2d, pad, interpolate = pooling.max_pool2d, upsampling.pad, upsampling.interpolate


ERRORS: dict[str, tuple[Callable[..., Any], tuple[Array, ...], str]] = {
    "channels": (lambda f, x, w: f.conv2d(x, w), (normal(2, 3, 5, 5), normal(4, 2, 3, 3)),
                 r"expected 2 channels .* got 3; input shape \(2, 3, 5, 5\)"),
    "axes": (lambda f, x, w: f.conv2d(x, w), (normal(5, 5), normal(4, 2, 3, 3)),
             r"4 axes.* got \(5, 5\)"),
    "small": (lambda f, x, w: f.conv1d(x, w), (normal(2, 3, 2), normal(4, 3, 3)),
              r"window \(3,\), got \(2,\)"),
    "types": (lambda f, x, w: f.conv1d(x, w),
              (normal(2, 3, 4), np.float32(normal(4, 3, 3))), "float32, got torch.float64"),
    "output padding": (lambda f, x, w: f.conv_transpose2d(x, w, output_padding=1),
                       (normal(2, 3, 4, 4), normal(3, 4, 2, 2)), r"got \(1, 1\)"),
    "stride of same": (lambda f, x, w: f.conv1d(x, w, stride=2, padding="same"),
                       (normal(2, 3, 4), normal(4, 3, 3)), "stride 1 .* got 2"),
    "padding of pools": (lambda f, x: f.max_pool2d(x, 2, padding=2), (normal(2, 3, 4, 4),),
                         "half the window, 1, got 2"),
    "axes of pools": (lambda f, x: f.max_pool2d(x, 2), (normal(4, 4),), r"got \(4, 4\)"),
    "small for pools": (lambda f, x: f.max_pool2d(x, 5), (normal(2, 3, 4, 4),), r"\(5, 5\)"),
    "odd border": (lambda f, x: f.pad(x, (1,)), (normal(2, 3),), r"got \(1,\)"),
    "no size": (lambda f, x: f.interpolate(x), (normal(2, 3, 4),), "got None and None"),
    "border": (lambda f, x: f.pad(x, (1, 1), mode="best"), (normal(2, 3, 4),), "got 'best'"),
    "mode": (lambda f, x: f.interpolate(x, 3, mode="best"), (normal(2, 3, 4),), "got 'best'"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_error_is_of_pytorchs_class_and_says_what_came(name: str) -> None:
    attempt, arrays, words = ERRORS[name]
    with pytest.raises(Exception) as theirs:  # noqa: PT011 (whichever it is)
        attempt(torch.nn.functional, *map(torch.tensor, arrays))
    with pytest.raises(theirs.type, match=words):
        attempt(Everything, *map(scratch.tensor, arrays))
