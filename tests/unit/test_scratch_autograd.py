"""How gradients travel: through any graph, once, exactly, and with PyTorch's manners."""

import gc
import weakref

import numpy as np
import pytest

import nnkit.scratch as engine
from nnkit.scratch.core.recording import record


def leaf(*values: float) -> engine.Tensor:
    return engine.tensor(values, dtype=engine.float64, requires_grad=True)


def test_gradients_of_all_uses_add_up() -> None:
    x = leaf(2.0)
    y = x * x
    (y + y * x + x).sum().backward()
    assert x.grad.tolist() == [2 * 2 + 3 * 4 + 1]


def test_second_backward_adds_to_grad() -> None:
    x = leaf(2.0)
    for _ in range(2):
        (3 * x).sum().backward()
    assert x.grad.tolist() == [6]


def test_chain_of_ten_thousand_operations() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(10_000):
        y = y + x
    y.sum().backward()
    assert x.grad.tolist() == [10_001]


def test_long_chain_is_freed_without_backward() -> None:
    y = leaf(1.0)
    for _ in range(100_000):
        y = y * 1.0
    node = y.grad_fn
    del y, node
    gc.collect()


def test_age_orders_what_depth_does_not() -> None:
    x = leaf(3.0)
    short = x * 2
    long = ((x + 1) * short).exp().log()
    (long * short).sum().backward()
    # (x + 1) (2x)² = 4x³ + 4x²
    np.testing.assert_allclose(x.grad.numpy(), [12 * 9 + 8 * 3])


def test_graph_is_freed_by_backward() -> None:
    x = leaf(1.0, 2.0)
    loss = (x * x).sum()
    loss.backward()
    with pytest.raises(RuntimeError, match=r"freed, at <SumBackward>.*retain_graph=True"):
        loss.backward()


def test_retained_graph_can_be_walked_again() -> None:
    x = leaf(1.0, 2.0)
    loss = (x * x).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    assert x.grad.tolist() == [4, 8]


def test_grads_share_no_memory() -> None:
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    gradient = engine.tensor([1.0, 1.0], dtype=engine.float64)
    (x + y).backward(gradient)
    for one, other in [(x.grad, y.grad), (x.grad, gradient), (y.grad, gradient)]:
        assert not np.shares_memory(one.array, other.array)


def test_gradient_given_to_a_leaf_is_copied() -> None:
    x, gradient = leaf(1.0), engine.tensor([2.0], dtype=engine.float64)
    x.backward(gradient)
    gradient.zero_()
    assert x.grad.tolist() == [2]


def test_retained_gradient_function_results_are_not_shared_between_walks() -> None:
    x = leaf(1.0)
    a = x.array
    y = record(a * a, ((x, None), lambda g: (2 * a * g, None)))
    gradient = engine.tensor([1.0], dtype=engine.float64)
    y.backward(gradient, retain_graph=True)
    y.backward(gradient)
    assert x.grad.tolist() == [4]


def test_joint_gradients_reach_each_input() -> None:
    x, y = leaf(2.0), leaf(3.0)
    a, b = x.array, y.array
    calls = []

    def gradients(g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        calls.append(g)
        return g * b, g * a

    record(a * b, ((x, y), gradients)).backward()
    assert (x.grad.tolist(), y.grad.tolist(), len(calls)) == ([3], [2], 1)


def test_gradient_takes_the_type_and_shape_of_the_input() -> None:
    x = engine.ones(1, 3, requires_grad=True)
    (x * engine.ones(2, 4, 1, dtype=engine.float64)).sum().backward()
    assert (x.grad.dtype, x.grad.shape) == (engine.float32, (1, 3))
    assert x.grad.tolist() == [[8, 8, 8]]


def test_nothing_is_recorded_under_no_grad() -> None:
    x = leaf(1.0)
    with engine.no_grad():
        y = x * 2
        with engine.enable_grad():
            z = x * 2
    assert (y.requires_grad, z.requires_grad, (x * 2).requires_grad) == (False, True, True)


def test_no_grad_decorates_and_ends_with_an_error() -> None:
    @engine.no_grad()
    def fail(x: engine.Tensor) -> None:
        assert not (x * 2).requires_grad
        raise KeyError

    with pytest.raises(KeyError):
        fail(leaf(1.0))
    assert engine.is_grad_enabled()


def test_no_grad_decorates_without_parentheses() -> None:
    @engine.no_grad
    def double(x: engine.Tensor) -> engine.Tensor:
        return x * 2

    assert not double(leaf(1.0)).requires_grad
    assert engine.is_grad_enabled()
    assert engine.enable_grad(lambda: engine.is_grad_enabled())()


def test_set_grad_enabled_acts_at_once_and_in_a_block() -> None:
    engine.set_grad_enabled(False)
    off = engine.is_grad_enabled()
    engine.set_grad_enabled(True)
    with engine.set_grad_enabled(False):
        inside = engine.is_grad_enabled()
    assert (off, inside, engine.is_grad_enabled()) == (False, False, True)


def test_inputs_without_gradient_keep_nothing_alive() -> None:
    x, w = engine.ones(3), engine.ones(3, requires_grad=True)
    w_array = weakref.ref(w.array)
    loss = (x * w).sum()
    assert w_array() is not None
    w.data = engine.zeros(3)
    gc.collect()
    assert w_array() is None  # only the gradient of x would need it
    loss.backward()
    assert w.grad.tolist() == [1, 1, 1]


def test_intermediate_values_that_no_gradient_needs_are_freed() -> None:
    x = leaf(1.0, 2.0)
    between = x + 1
    array = weakref.ref(between.array)
    loss = (between + 1).sum()
    del between
    assert array() is None
    loss.backward()


def test_retained_and_hooked_gradients() -> None:
    x = leaf(1.0, 2.0)
    y = x * 3
    y.retain_grad()
    seen = []
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.register_hook(lambda g: g * 10)
    handle = x.register_hook(lambda g: g + 100)
    handle.remove()
    x.register_hook(lambda g: g + 1)
    (y * 2).sum().backward()
    assert seen == [[2, 2]]
    assert y.grad.tolist() == [20, 20]
    assert x.grad.tolist() == [61, 61]


def test_hook_on_a_leaf_sees_the_whole_gradient_once() -> None:
    x = leaf(1.0)
    seen = []
    x.register_hook(lambda g: seen.append(g.tolist()))
    (x * 2 + x * 3).sum().backward()
    assert seen == [[5]]


def test_autograd_grad_leaves_grad_alone() -> None:
    x = leaf(1.0, 2.0)
    y = x * x
    gx, gy = engine.autograd.grad((y * 3).sum(), [x, y], retain_graph=True)
    assert (gx.tolist(), gy.tolist(), x.grad) == ([6, 12], [3, 3], None)


def test_autograd_grad_of_several_outputs() -> None:
    x = leaf(1.0, 2.0)
    (gx,) = engine.autograd.grad([x * 2, x.sum()], x, [engine.ones(2, dtype=engine.float64), None])
    assert gx.tolist() == [3, 3]


def test_autograd_grad_of_an_unused_input() -> None:
    x, y = leaf(1.0), leaf(2.0)
    with pytest.raises(RuntimeError, match=r"grad: expected inputs .* depend on, got one of shape"):
        engine.autograd.grad((x * 2).sum(), y)
    assert engine.autograd.grad((x * 2).sum(), [x, y], allow_unused=True)[1] is None


def test_leaves_and_results_know_what_they_are() -> None:
    x = leaf(1.0)
    y = x * 2
    assert (x.is_leaf, y.is_leaf, y.detach().is_leaf) == (True, False, True)
    assert (repr(y.grad_fn), x.grad_fn) == ("<MulBackward>", None)
    assert repr(x.log_softmax(0).grad_fn) == "<LogSoftmaxBackward>"


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda x: x.detach().sum().backward(), "backward: expected a tensor that requires grad"),
        (lambda x: (x * 2).backward(), r"backward: expected a scalar.* got shape \(2,\)"),
        (lambda x: (x * 2).backward(engine.ones(3)), r"expected a gradient of shape \(2,\), got"),
        (lambda x: x.numpy(), r"numpy: expected .* requires no grad.*shape \(2,\)"),
        (lambda x: (x * 2).requires_grad_(False), "expected a leaf, got the result of <Mul"),
        (lambda x: x.detach().retain_grad(), "retain_grad: expected a tensor that requires"),
        (lambda x: x.detach().register_hook(print), "register_hook: expected a tensor that"),
        (lambda x: x.long().requires_grad_(), "expected floating elements, got torch.int64"),
        (lambda x: engine.tensor([1], requires_grad=True), "expected floating elements"),
    ],
)
def test_impossible_gradient_is_refused(act: object, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        act(leaf(1.0, 2.0))
