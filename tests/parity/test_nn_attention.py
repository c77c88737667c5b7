"""Attention, as a function and as a layer: PyTorch's numbers, gradients and state dicts."""

from typing import Any

import numpy as np
import pytest
import torch
from engines import RTOL, check, normal
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nnkit import scratch
from nnkit.scratch.gradcheck import gradcheck
from nnkit.scratch.nn import attention
from nnkit.scratch.nn.attention import MultiheadAttention

FUNCTION = {
    torch: torch.nn.functional.scaled_dot_product_attention,
    scratch: attention.scaled_dot_product_attention,
}
PLACES = st.integers(1, 4)


@settings(max_examples=80)
@given(st.data(), PLACES, PLACES, PLACES, PLACES)
def test_function_equals_pytorch(data: Any, queries: int, keys: int, width: int, deep: int) -> None:
    outer = data.draw(st.sampled_from([(), (2,), (2, 3), (0, 3)]))
    kind = data.draw(st.sampled_from(["none", "causal", "boolean", "added", "per row"]))
    # PyTorch gives the mask of an empty batch no gradient; here it gets one, of zeros.
    assume(0 not in outer or kind not in ("added", "per row"))
    scale = data.draw(st.sampled_from([None, 0.5]))
    arrays = [
        normal(*outer, n, d, seed=n) for n, d in [(queries, width), (keys, width), (keys, deep)]
    ]
    if kind == "boolean":
        arrays.append(normal(queries, keys) > 0)  # rows without any true among them
    elif kind == "added":
        arrays.append(normal(*outer, queries, keys))
    elif kind == "per row":
        arrays.append(normal(queries, 1))

    def attend(engine: Any, q: Any, k: Any, v: Any, mask: Any = None) -> Any:
        causal = kind == "causal"
        return FUNCTION[engine](q, k, v, mask, is_causal=causal, scale=scale)

    check(attend, *arrays)


@pytest.mark.parametrize("size", [1e4, -1e4, np.nan])
def test_extreme_scores_go_through_as_in_pytorch(size: float) -> None:
    q = normal(3, 4)
    q[1, 2] = size
    check(
        lambda engine, *qkv: FUNCTION[engine](*qkv), q, normal(3, 4, seed=1), normal(3, 4, seed=2)
    )


def test_query_that_may_look_nowhere_gets_zeros_and_no_gradient() -> None:
    q, k, v = (scratch.ones(2, 2, requires_grad=True) for _ in range(3))
    mask = scratch.tensor([[False, False], [True, True]])
    out = attention.scaled_dot_product_attention(q, k, v, mask)
    out.sum().backward()
    assert out[0].tolist() == [0, 0]
    assert q.grad is not None
    assert q.grad[0].tolist() == [0, 0]


def test_gradient_passes_through_dropout() -> None:
    def attend(q: Any, k: Any, v: Any) -> Any:
        scratch.manual_seed(0)
        return attention.scaled_dot_product_attention(q, k, v, dropout_p=0.4)

    assert gradcheck(
        attend, [scratch.tensor(normal(3, 2, seed=i), requires_grad=True) for i in range(3)]
    )


def test_dropout_keeps_the_mean() -> None:
    scratch.manual_seed(0)
    q, k = scratch.zeros(400, 2), scratch.zeros(300, 2)
    v = scratch.ones(300, 1)
    out = attention.scaled_dot_product_attention(q, k, v, dropout_p=0.25)
    assert abs(out.mean().item() - 1) < 5e-3
    assert out.std().item() > 0.01
    gone = attention.scaled_dot_product_attention(q, k, v, dropout_p=1.0)
    assert gone.abs().max().item() == 0


def test_wrong_shapes_types_and_masks_are_errors() -> None:
    q, k, v = (scratch.ones(2, 3) for _ in range(3))
    attend = attention.scaled_dot_product_attention
    with pytest.raises(RuntimeError, match=r"expected shapes .*got \(2, 3\), \(2, 4\), \(2, 3\)"):
        attend(q, scratch.ones(2, 4), v)
    with pytest.raises(RuntimeError, match=r"expected one dtype, got .*float32.*float64"):
        attend(q, k.double(), v)
    with pytest.raises(RuntimeError, match=r"expected no attn_mask with is_causal"):
        attend(q, k, v, scratch.ones(2, 2), is_causal=True)
    with pytest.raises(RuntimeError, match=r"attn_mask of dtype torch.bool or torch.float32, got"):
        attend(q, k, v, scratch.ones(2, 2, dtype=scratch.int64))


def twins(*sizes: int, **options: Any) -> tuple[Any, Any]:
    """Return the layer on both engines, in float64, with the same parameters, none zero."""
    theirs = torch.nn.MultiheadAttention(*sizes, **options, dtype=torch.float64)
    for i, parameter in enumerate(theirs.parameters()):
        parameter.data = torch.tensor(normal(*parameter.shape, seed=i))
    ours = MultiheadAttention(*sizes, **options, dtype=scratch.float64)
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


def compare(layers: tuple[Any, Any], *arrays: Any, **masks: Any) -> None:
    """Hold both layers to the same results and gradients; equal arrays are one tensor."""
    answers = []
    for engine, layer in zip((torch, scratch), layers, strict=True):
        leaves = {id(x): engine.tensor(x, requires_grad=True) for x in arrays}
        given = {k: engine.tensor(v) if isinstance(v, np.ndarray) else v for k, v in masks.items()}
        out, weights = layer(*(leaves[id(x)] for x in arrays), **given)
        seen = np.random.default_rng(1).uniform(0.5, 1.5, tuple(out.shape))
        total = (out * engine.tensor(seen)).sum()
        if weights is not None:
            seen = np.random.default_rng(2).uniform(0.5, 1.5, tuple(weights.shape))
            total = total + (weights * engine.tensor(seen)).sum()
        total.backward()
        values = [out] if weights is None else [out, weights]
        gradients = [x.grad for x in (*leaves.values(), *layer.parameters())]
        answers.append([x.detach().numpy() for x in (*values, *gradients)])
    assert len(answers[0]) == len(answers[1])
    for theirs, ours in zip(*answers, strict=True):
        assert theirs.shape == ours.shape
        np.testing.assert_allclose(ours, theirs, RTOL, 1e-11)


BOOLEANS = st.booleans()


@settings(max_examples=120)
@given(st.data(), BOOLEANS, BOOLEANS, BOOLEANS, BOOLEANS)
def test_layer_equals_pytorch(
    data: Any, batched: bool, batch_first: bool, need_weights: bool, average: bool
) -> None:
    heads, queries, keys, batch = (data.draw(PLACES) for _ in range(4))
    width = heads * data.draw(st.integers(1, 2))
    kind = data.draw(st.sampled_from(["self", "shared", "cross"]))
    options = {name: data.draw(BOOLEANS, name) for name in ("bias", "add_bias_kv", "add_zero_attn")}
    layers = twins(width, heads, batch_first=batch_first, **options)
    for layer in layers:
        layer.train(data.draw(BOOLEANS, "train"))

    def rows(count: int, width: int, seed: int) -> Any:
        if not batched:
            return normal(count, width, seed=seed)
        return normal(*((batch, count) if batch_first else (count, batch)), width, seed=seed)

    q = rows(queries, width, 0)
    if kind == "self":
        keys, inputs = queries, (q, q, q)
    elif kind == "shared":
        k = rows(keys, width, 1)
        inputs = (q, k, k)
    else:
        inputs = (q, rows(keys, width, 1), rows(keys, width, 2))
    masks: dict[str, Any] = {"need_weights": need_weights, "average_attn_weights": average}
    boolean = data.draw(BOOLEANS, "boolean masks")
    shapes = {
        "key_padding_mask": (batch, keys) if batched else (keys,),
        "attn_mask": data.draw(
            st.sampled_from([(queries, keys), ((batch if batched else 1) * heads, queries, keys)])
        ),
    }
    for name, shape in shapes.items():
        if data.draw(BOOLEANS, name):
            mask = normal(*shape, seed=3)
            masks[name] = mask
            if boolean:
                masks[name] = mask > 0.8
                masks[name][..., 0] = False  # some key is left to every query
    compare(layers, *inputs, **masks)


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("padded", [True, False])
def test_hint_of_a_causal_mask_changes_nothing(need_weights: bool, padded: bool) -> None:
    mask, x = np.triu(np.ones((4, 4), bool), 1), normal(2, 4, 6)
    masks = {"key_padding_mask": normal(2, 4) > 5} if padded else {}
    layers = twins(6, 2, batch_first=True)
    compare(layers, x, x, x, attn_mask=mask, is_causal=True, need_weights=need_weights, **masks)


@pytest.mark.parametrize("need_weights", [True, False])
def test_padding_of_a_whole_sequence_goes_through_as_in_pytorch(need_weights: bool) -> None:
    x, padding = normal(2, 3, 4), np.array([[True] * 3, [False] * 3])
    layers = twins(4, 2, batch_first=True)
    expected, got = (
        layer(*[engine.tensor(x)] * 3, engine.tensor(padding), need_weights)[0].detach().numpy()
        for engine, layer in zip((torch, scratch), layers, strict=True)
    )
    np.testing.assert_allclose(got, expected, RTOL, 1e-12)


@pytest.mark.parametrize("options", [{}, {"add_bias_kv": True}, {"bias": False}])
def test_state_dict_travels_to_pytorch(options: Any) -> None:
    ours = MultiheadAttention(8, 2, **options)
    theirs = torch.nn.MultiheadAttention(8, 2, **options)
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in ours.state_dict().items()})
    assert set(ours.state_dict()) == set(theirs.state_dict())


def test_parameters_begin_as_in_pytorch() -> None:
    scratch.manual_seed(0)
    torch.manual_seed(0)
    ours, theirs = (
        layer(60, 2, add_bias_kv=True)
        for layer in (MultiheadAttention, torch.nn.MultiheadAttention)
    )
    for name, parameter in ours.named_parameters():
        expected = dict(theirs.named_parameters())[name].detach().numpy()
        spread = 0.35 if parameter.numel() < 100 else 0.05
        np.testing.assert_allclose(parameter.detach().numpy().std(), expected.std(), spread)
        if "bias_" not in name and expected.any():
            np.testing.assert_allclose(parameter.abs().max().item(), abs(expected).max(), 0.02)


def test_weights_are_dropped_in_training_only() -> None:
    layer = MultiheadAttention(4, 2, dropout=1.0)
    x = scratch.ones(3, 4)
    for need_weights in (True, False):
        dropped, _ = layer.train()(x, x, x, need_weights=need_weights)
        assert dropped.abs().max().item() == 0
        kept, _ = layer.eval()(x, x, x, need_weights=need_weights)
        assert kept.abs().max().item() > 0


def test_wrong_input_is_an_error_of_the_same_class() -> None:
    x = normal(3, 2, 4)
    either = (AssertionError, RuntimeError)
    cases: list[tuple[Any, Any, Any, str]] = [
        (
            (x[..., :3], x, x),
            {},
            AssertionError,
            r"expected last axes of length 4 \(embed_dim\), got",
        ),
        ((x, x[0], x), {}, AssertionError, "of 2 or 3 axes, got"),
        ((x, x, x), {"attn_mask": normal(2, 2)}, RuntimeError, r"shape \(3, 3\), got \(2, 2\)"),
        ((x, x, x), {"attn_mask": normal(3, 3, 3)}, RuntimeError, r"shape \(4, 3, 3\), got"),
        ((x, x, x), {"key_padding_mask": normal(3, 2)}, either, r"shape \(2, 3\), got"),
        ((x, x, x), {"is_causal": True}, RuntimeError, "expected an attn_mask with is_causal"),
    ]
    for arrays, options, error, message in cases:
        for engine, layer in zip((torch, scratch), twins(4, 2), strict=True):
            given = {k: v if v is True else engine.tensor(v) for k, v in options.items()}
            with pytest.raises(error, match=message if engine is scratch else None):
                layer(*map(engine.tensor, arrays), **given)
    for options in ({"embed_dim": 5, "num_heads": 2}, {"embed_dim": 4, "num_heads": 0}):
        for layer in (torch.nn.MultiheadAttention, MultiheadAttention):
            with pytest.raises((ValueError, AssertionError)):
                layer(**options)


def test_repr_is_that_of_pytorch_but_for_the_name_of_the_output_layer() -> None:
    expected = repr(torch.nn.MultiheadAttention(4, 2)).replace("NonDynamicallyQuantizable", "")
    assert repr(MultiheadAttention(4, 2)) == expected
