"""Changes in place: seen through every view, recorded, and found out when they do harm."""

import gc

import numpy as np
import pytest

import nnkit.scratch as engine
from nnkit.scratch.core import memory

CHANGED = r"backward: expected the values that <{}Backward> was given, got .* \(2,\) that has since"


def leaf(*values: float) -> engine.Tensor:
    return engine.tensor(values, dtype=engine.float64, requires_grad=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda y: y.add_(1),
        lambda y: y.detach().zero_(),
        lambda y: y.data.fill_(0),
        lambda y: y[0].mul_(2),
        lambda y: y.__setitem__(0, 5.0),
        lambda y: y.view(2, 1).t().copy_(engine.zeros(1, 2)),
    ],
)
def test_change_of_a_value_that_backward_needs_is_found(change: object) -> None:
    x = leaf(1.0, 2.0)
    y = x.exp()
    change(y)
    with pytest.raises(RuntimeError, match=CHANGED.format("Exp")):
        y.sum().backward()


def test_change_of_an_operand_is_found() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    loss = (x * w).sum()
    with engine.no_grad():
        w -= 1
    with pytest.raises(RuntimeError, match=CHANGED.format("Mul")):
        loss.backward()


def test_change_of_a_value_that_backward_does_not_need_is_allowed() -> None:
    x = leaf(1.0, 2.0)
    y = x + 1
    z = y * 3
    with engine.no_grad():
        y.zero_()
    z.sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_change_before_the_use_is_allowed() -> None:
    x = leaf(1.0, 2.0)
    with engine.no_grad():
        x *= 2
    (x * x).sum().backward()
    assert x.grad.tolist() == [4, 8]


def test_memory_of_a_dead_array_is_forgotten() -> None:
    before = len(memory._changes)
    for _ in range(10):
        engine.zeros(2).add_(1)
    gc.collect()
    assert len(memory._changes) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.add_(1),
        lambda x: x.__setitem__(0, 1.0),
        lambda x: x[0].zero_(),
        lambda x: x.view(-1).mul_(2),
    ],
)
def test_leaf_that_requires_grad_is_not_changed(change: object) -> None:
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match=r"got a leaf that requires grad.*\(2,\).*no_grad"):
        change(x)
    assert x.tolist() == [1, 2]
    with engine.no_grad():
        change(x)


def test_views_and_detached_tensors_share_memory() -> None:
    x = engine.zeros(2, 3)
    row, flat, apart = x[0], x.view(-1), x.detach()
    copy = x.clone()
    x += 1
    apart[1] = 5
    assert row.tolist() == [1, 1, 1]
    assert flat.tolist() == [1, 1, 1, 5, 5, 5]
    assert copy.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_change_in_place_keeps_object_and_memory() -> None:
    x = engine.zeros(2)
    array, same = x.array, x
    x += 1
    assert x is same
    assert x.array is array


def test_view_of_a_buffer_takes_part_once_the_buffer_does() -> None:
    w, buffer = leaf(2.0), engine.zeros(3, dtype=engine.float64)
    early = buffer[1:]
    assert not early.requires_grad
    buffer[1] = (w * 3).sum()
    assert early.requires_grad
    (early * engine.tensor([10.0, 1.0], dtype=engine.float64)).sum().backward()
    assert w.grad.tolist() == [30]


def test_overwriting_everything_ends_the_history() -> None:
    w = leaf(1.0, 2.0)
    y = w * 2
    part = y[0]
    y.zero_()
    assert not y.requires_grad
    assert not part.requires_grad


def test_change_through_a_transposed_view_reaches_the_right_elements() -> None:
    x = engine.arange(6.0).reshape(2, 3).requires_grad_()
    y = x.t() * 1  # its memory lies column by column, so this reshape is a view:
    y.t().reshape(-1)[1:3].mul_(10)
    y.sum().backward()
    assert x.grad.tolist() == [[1, 10, 10], [1, 1, 1]]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            lambda x: x.add_(engine.ones(3, 2)),
            RuntimeError,
            r"add_: expected a value that broadcasts to \(2,\)",
        ),
        (
            lambda x: x.__setitem__(0, engine.ones(2)),
            RuntimeError,
            r"broadcasts to \(\), got.*\(2,\)",
        ),
        (lambda x: x.long().mul_(0.5), RuntimeError, "mul_: .* torch.int64, got torch.float32"),
        (lambda x: x.expand(3, 2).add_(1), RuntimeError, "add_"),
    ],
)
def test_impossible_change_is_refused(change: object, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        change(engine.zeros(2))


def test_random_fillings_have_their_moments() -> None:
    generator = engine.Generator().manual_seed(0)
    x = engine.zeros(10_000).normal_(2, 3, generator=generator)
    assert abs(x.mean().item() - 2) < 0.1
    assert abs(x.std().item() - 3) < 0.1
    y = engine.zeros(10_000).uniform_(-1, 3, generator=generator)
    assert -1 <= y.min().item() < -0.99
    assert 2.99 < y.max().item() <= 3
    assert abs(engine.zeros(10_000).bernoulli_(0.3, generator=generator).mean().item() - 0.3) < 0.02
    assert np.isclose(engine.full((5,), 2.0).tolist(), 2).all()
