"""Losses: the same values and gradients as PyTorch's, for every option and at the extremes."""

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

REDUCTIONS = ["mean", "sum", "none"]
X, T = normal(5, 4), normal(5, 4, seed=1)
SHARES = np.exp(T) / np.exp(T).sum(1, keepdims=True)
CHANCE = 1 / (1 + np.exp(-X))
LABELS = np.array([0, 3, 1, 3, 2])
WEIGHT = np.array([0.5, 1.0, 2.0, 3.0])
LOGITS = np.array([[1e4, -1e4, 0.0, 1.0], [0.0] * 4, [-1e4] * 4, [1e4] * 4, [30.0, 0, 0, -30]])
# A row whose right class has probability 0: its loss is infinite.
HOPELESS = np.where(np.eye(5, 4, dtype=bool), -np.inf, X)


def functional(engine: Any) -> Any:
    return torch.nn.functional if engine is torch else nn.functional


def call(name: str, **options: Any) -> Callable[..., Any]:
    return lambda engine, *tensors: getattr(functional(engine), name)(*tensors, **options)


ELEMENTWISE: dict[str, tuple[str, dict[str, Any], tuple[Array, ...]]] = {
    "mse": ("mse_loss", {}, (X, T)),
    "l1": ("l1_loss", {}, (X, T)),
    "l1, equal": ("l1_loss", {}, (X, X)),
    "smooth l1": ("smooth_l1_loss", {}, (X, T)),
    "smooth l1, beta": ("smooth_l1_loss", {"beta": 0.3}, (X, T)),
    "smooth l1, beta 0": ("smooth_l1_loss", {"beta": 0.0}, (X, T)),
    "huber": ("huber_loss", {}, (X, T)),
    "huber, delta": ("huber_loss", {"delta": 0.4}, (X, T)),
    "huber, far": ("huber_loss", {}, (X * 1e4, T)),
    "binary": ("binary_cross_entropy", {}, (CHANCE, SHARES)),
    "binary, weight": ("binary_cross_entropy", {}, (CHANCE, SHARES, np.float32(WEIGHT))),
    "binary, certain": ("binary_cross_entropy", {}, (np.eye(3), np.eye(3))),
    "logits": ("binary_cross_entropy_with_logits", {}, (X, SHARES)),
    "logits, large": ("binary_cross_entropy_with_logits", {}, (LOGITS, SHARES)),
    "logits, infinite": ("binary_cross_entropy_with_logits", {}, (HOPELESS, SHARES)),
    "kl": ("kl_div", {}, (X, SHARES)),
    "kl, log target": ("kl_div", {"log_target": True}, (X, T)),
    "gaussian": ("gaussian_nll_loss", {}, (X, T, SHARES)),
    "gaussian, full": ("gaussian_nll_loss", {"full": True}, (X, T, SHARES)),
    "gaussian, floor": ("gaussian_nll_loss", {"eps": 0.2}, (X, T, SHARES)),
    "gaussian, one variance a row": ("gaussian_nll_loss", {}, (X, T, SHARES[:, 0])),
    "gaussian, one variance a column": ("gaussian_nll_loss", {}, (X, T, SHARES[:1])),
    "gaussian, kept axis": ("gaussian_nll_loss", {}, (X, T, SHARES[:, :1])),
    "gaussian, number": ("gaussian_nll_loss", {"var": 0.7}, (X, T)),
}


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_loss_of_each_element(name: str, reduction: str) -> None:
    function, options, arrays = ELEMENTWISE[name]
    check(call(function, reduction=reduction, **options), *arrays)


@pytest.mark.parametrize("log_target", [False, True])
def test_kl_divergence_averaged_over_the_batch(log_target: bool) -> None:
    target = np.log(SHARES) if log_target else SHARES
    check(call("kl_div", reduction="batchmean", log_target=log_target), X, target)


def test_kl_divergence_of_impossible_classes_is_finite() -> None:
    theirs, ours = (
        functional(engine).kl_div(engine.tensor(X), engine.tensor(np.eye(5, 4)), reduction="sum")
        for engine in (torch, scratch)
    )
    assert np.isfinite(ours.item())
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), 1e-12)


def weighted(engine: Any, name: str, **options: Any) -> Callable[..., Any]:
    options = {
        key: engine.tensor(value) if isinstance(value, np.ndarray) else value
        for key, value in options.items()
    }
    return lambda *tensors: getattr(functional(engine), name)(*tensors, **options)


def check_loss(name: str, *arrays: Array, **options: Any) -> None:
    """Hold a loss that takes weights, which need no gradient, to PyTorch's."""
    check(lambda engine, *tensors: weighted(engine, name, **options)(*tensors), *arrays)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_weights_of_logits(reduction: str) -> None:
    check_loss(
        "binary_cross_entropy_with_logits", X, SHARES,
        weight=WEIGHT, pos_weight=WEIGHT[::-1].copy(), reduction=reduction,
    )  # fmt: skip


CASES: dict[str, tuple[Array, Array]] = {
    "matrix": (X, LABELS),
    "one sample": (X[0], np.array(2)),
    "no samples": (np.zeros((0, 4)), np.zeros(0, np.int64)),
    "large logits": (LOGITS, LABELS),
    "infinite loss": (HOPELESS, LABELS),
    "NaN": (np.where(X > 1, np.nan, X), LABELS),
    "pixels": (normal(2, 4, 3, 2), np.arange(12).reshape(2, 3, 2) % 4),
    "sequence": (normal(2, 4, 3), np.arange(6).reshape(2, 3) % 4),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "weight": {"weight": WEIGHT},
    "ignored": {"ignore_index": 3},
    "ignored, weight": {"ignore_index": 0, "weight": WEIGHT},
}


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("case", CASES)
def test_cross_entropy_of_labels(case: str, options: str, smoothing: float, reduction: str) -> None:
    check_loss(
        "cross_entropy", *CASES[case],
        **OPTIONS[options], label_smoothing=smoothing, reduction=reduction,
    )  # fmt: skip


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("case", CASES)
def test_likelihood_of_labels(case: str, options: str, reduction: str) -> None:
    check_loss("nll_loss", *CASES[case], **OPTIONS[options], reduction=reduction)


@settings(max_examples=40)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.booleans(), st.sampled_from([0.0, 0.2]), st.sampled_from(REDUCTIONS),
)  # fmt: skip
def test_cross_entropy_of_probabilities(
    shape: list[int], has_weight: bool, smoothing: float, reduction: str
) -> None:
    target = np.abs(normal(*shape, seed=1))
    classes = shape[min(1, len(shape) - 1)]
    options = {"weight": WEIGHT[:classes]} if has_weight else {}
    check_loss(
        "cross_entropy", normal(*shape), target,
        label_smoothing=smoothing, reduction=reduction, **options,
    )  # fmt: skip


def test_label_that_is_ignored_by_default() -> None:
    check_loss("cross_entropy", X, np.array([-100, 3, 1, -100, 2]))
    check_loss("cross_entropy", X, np.full(5, -100))
    check_loss("cross_entropy", X, np.full(5, -100), label_smoothing=0.1)
    check_loss("nll_loss", X, np.array([-100, 3, 1, -100, 2]), weight=WEIGHT)


def test_a_graph_that_is_kept_gives_the_same_gradient_twice() -> None:
    x = scratch.tensor(X, requires_grad=True)
    value = nn.functional.cross_entropy(x, scratch.tensor(LABELS))
    value.backward(retain_graph=True)
    once = x.grad.numpy().copy()
    value.backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * once, 1e-12)


LAYERS: dict[str, tuple[dict[str, Any], tuple[Array, ...]]] = {
    "MSELoss": ({"reduction": "sum"}, (X, T)),
    "L1Loss": ({"reduction": "sum"}, (X, T)),
    "SmoothL1Loss": ({"reduction": "sum", "beta": 0.5}, (X, T)),
    "HuberLoss": ({"reduction": "sum", "delta": 0.5}, (X, T)),
    "CrossEntropyLoss": (
        {"reduction": "sum", "weight": WEIGHT, "ignore_index": 3, "label_smoothing": 0.1},
        (X, LABELS),
    ),
    "NLLLoss": ({"reduction": "sum", "weight": WEIGHT, "ignore_index": 3}, (X, LABELS)),
    "BCELoss": ({"reduction": "sum", "weight": WEIGHT}, (CHANCE, SHARES)),
    "BCEWithLogitsLoss": (
        {"reduction": "sum", "weight": WEIGHT, "pos_weight": WEIGHT}, (X, SHARES),
    ),
    "KLDivLoss": ({"reduction": "batchmean", "log_target": True}, (X, T)),
    "GaussianNLLLoss": ({"reduction": "sum", "full": True, "eps": 0.1}, (X, T, SHARES)),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_layer_hands_on_its_options(name: str) -> None:
    options, arrays = LAYERS[name]
    built = []

    def apply(engine: Any, *tensors: Any) -> Any:
        given = {
            key: engine.tensor(value) if isinstance(value, np.ndarray) else value
            for key, value in options.items()
        }
        layer = getattr(torch.nn if engine is torch else nn, name)(**given)
        built.append(layer)
        return layer(*tensors)

    check(apply, *arrays)
    theirs, ours = built
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict({k: scratch.tensor(v.numpy()) for k, v in theirs.state_dict().items()})


ERRORS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "reduction": (lambda f, t: f.mse_loss(t(X), t(T), reduction="max"), "got 'max'"),
    "batch": (lambda f, t: f.cross_entropy(t(X), t(LABELS[:3])), r"shape \(5,\).*got \(3,\)"),
    "axes": (lambda f, t: f.nll_loss(t(X), t(LABELS[:, None])), r"shape \(5,\).*got \(5, 1\)"),
    "label": (lambda f, t: f.cross_entropy(t(X), t(LABELS + 1)), r"labels in \[0, 3\], got 4"),
    "negative label": (lambda f, t: f.nll_loss(t(X), t(LABELS - 1)), r"labels in \[0, 3\], got -1"),
    "type": (lambda f, t: f.cross_entropy(t(X), t(WEIGHT[[0, 1, 2, 3, 0]])), "torch.float64"),
    "weight": (lambda f, t: f.cross_entropy(t(X), t(LABELS), t(WEIGHT[:2])), r"got \(2,\)"),
    "smoothing": (lambda f, t: f.cross_entropy(t(X), t(LABELS), label_smoothing=2.0), "got 2.0"),
    "beta": (lambda f, t: f.smooth_l1_loss(t(X), t(T), beta=-1.0), "beta >= 0, got -1.0"),
    "delta": (lambda f, t: f.huber_loss(t(X), t(T), delta=0.0), "delta > 0, got 0.0"),
    "no probability": (lambda f, t: f.binary_cross_entropy(t(X * 9), t(X)), r"in \[0, 1\], got"),
    "shapes of p": (lambda f, t: f.binary_cross_entropy(t(CHANCE), t(LABELS)), r"got \(5,\)"),
    "shapes of logits": (
        lambda f, t: f.binary_cross_entropy_with_logits(t(X), t(WEIGHT)), r"got \(4,\)",
    ),
    "variance": (lambda f, t: f.gaussian_nll_loss(t(X), t(T), t(X)), "var >= 0, got -"),
    "shape of variance": (
        lambda f, t: f.gaussian_nll_loss(t(X), t(T), t(WEIGHT)), r"shape \(5, 4\).*got \(4,\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_error_is_of_pytorchs_class_and_says_what_came(name: str) -> None:
    attempt, words = ERRORS[name]
    with pytest.raises(Exception) as theirs:  # noqa: PT011 (whichever it is)
        attempt(torch.nn.functional, torch.tensor)
    with pytest.raises(theirs.type, match=words):
        attempt(nn.functional, scratch.tensor)


def test_shapes_that_differ_are_warned_of() -> None:
    with pytest.warns(UserWarning, match=r"mse_loss: .* \(5, 4\) and \(4,\)"):
        nn.MSELoss()(scratch.tensor(X), scratch.tensor(WEIGHT))
