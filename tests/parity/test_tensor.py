"""Every operation on tensors: the same values, shapes, types and gradients as PyTorch's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from engines import Array, check, normal
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnkit import scratch

X, Y = normal(3, 4), normal(3, 4, seed=1)
POSITIVE = np.abs(X) + 0.1
MASK = X > 0
NONE = np.zeros((0, 3))
HARD = np.array([0.0, -0.0, 1.0, -1.0, 1e4, -1e4, 1e-300, np.inf, -np.inf, np.nan])
INDEX = np.array([[0, 2, 1, 0], [1, 1, 0, 2]])

UNARY = [
    "neg", "abs", "sign", "exp", "expm1", "log", "round", "log2", "log10", "log1p", "sqrt", "rsqrt",
    "square", "reciprocal", "sin", "cos", "tan", "atan", "sinh", "cosh", "floor", "ceil",
    "trunc", "sigmoid", "tanh", "relu", "clone", "contiguous", "isnan", "isinf", "isfinite",
]  # fmt: skip
BINARY = [
    "add", "sub", "mul", "div", "pow", "maximum", "minimum", "remainder", "eq", "ne", "lt",
    "le", "gt", "ge",
]  # fmt: skip
REDUCTIONS = ["sum", "mean", "var", "std", "amax", "amin", "logsumexp", "norm"]


@pytest.mark.parametrize("name", UNARY)
def test_function_of_one_element(name: str) -> None:
    check(lambda engine, x: getattr(x, name)(), POSITIVE)
    check(lambda engine, x: getattr(x, name)(), X)
    check(lambda engine, x: getattr(x, name)(), HARD)
    check(lambda engine, x: getattr(x, name)(), np.zeros((0, 3)))
    check(lambda engine, x: getattr(x, name)(), np.array(0.7))


@pytest.mark.parametrize("name", BINARY)
def test_function_of_two_elements(name: str) -> None:
    check(lambda engine, x, y: getattr(x, name)(y), POSITIVE, Y)
    check(lambda engine, x, y: getattr(x, name)(y), *np.meshgrid(HARD, HARD))
    if name not in ("maximum", "minimum"):
        check(lambda engine, x: getattr(x, name)(2), X)
        check(lambda engine, x: getattr(x, name)(0.5), POSITIVE)


SHAPES = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3, min_side=0)


@settings(max_examples=60)
@given(SHAPES, st.sampled_from(["add", "sub", "mul", "div", "pow", "maximum"]))
def test_operands_broadcast(shapes: Any, name: str) -> None:
    a, b = shapes.input_shapes
    check(lambda engine, x, y: getattr(x, name)(y), np.abs(normal(*a)) + 0.1, normal(*b, seed=1))


@given(st.data(), st.sampled_from(REDUCTIONS), st.booleans())
def test_reduction_over_axes(data: Any, name: str, keepdim: bool) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=4))
    axes = st.integers(-len(shape), len(shape) - 1)
    dim = data.draw(axes | st.sets(st.integers(0, len(shape) - 1), min_size=1).map(tuple))
    if name in ("var", "std"):
        check(
            lambda engine, x: getattr(x, name)(dim, unbiased=False, keepdim=keepdim), normal(*shape)
        )
    else:
        keywords = {"dim": dim, "keepdim": keepdim}
        if name == "norm":
            keywords["p"] = 2
        check(lambda engine, x: getattr(x, name)(**keywords), normal(*shape))


FORMULAS: dict[str, tuple[Callable[..., Any], tuple[Array, ...]]] = {
    # operators
    "radd": (lambda t, x: 1 + x, (X,)),
    "rsub": (lambda t, x: 1 - x, (X,)),
    "rdiv": (lambda t, x: 1 / x, (X,)),
    "rpow": (lambda t, x: 2**x, (X,)),
    "pow 0": (lambda t, x: x**0, (np.array([0.0, 1.0, -2.0]),)),
    "pow 3": (lambda t, x: x**3, (X,)),
    "alpha": (lambda t, x, y: t.add(x, y, alpha=3) + t.sub(x, y, alpha=2), (X, Y)),
    "numpy on the left": (lambda t, x: np.float64(2.0) * x, (X,)),
    # whole reductions
    "sum": (lambda t, x: x.sum(), (X,)),
    "sum of integers": (lambda t, x: x.sum(), (INDEX,)),
    "mean": (lambda t, x: x.mean(), (X,)),
    "mean of nothing": (lambda t, x: x.mean(), (np.zeros((0, 3)),)),
    "sum of nothing": (lambda t, x: x.sum(1), (np.zeros((3, 0)),)),
    "var": (lambda t, x: x.var(), (X,)),
    "var, correction": (lambda t, x: x.var(1, correction=2), (X,)),
    "var of one": (lambda t, x: x.var(1), (np.ones((3, 1)),)),
    "std of equals": (lambda t, x: x.std(1), (np.ones((2, 3)),)),
    "max": (lambda t, x: x.max(), (X,)),
    "min": (lambda t, x: x.min(), (X,)),
    "max of ties": (lambda t, x: x.max(), (np.array([1.0, 3.0, 3.0]),)),
    "min of ties": (lambda t, x: x.min(), (np.array([1.0, 1.0, 3.0]),)),
    "max with NaN": (lambda t, x: x.max(), (np.array([1.0, np.nan, 3.0, np.nan]),)),
    "max along": (lambda t, x: x.max(1), (X,)),
    "max along, kept": (lambda t, x: x.max(dim=0, keepdim=True), (X,)),
    "max along ties": (lambda t, x: x.max(0), (np.array([1.0, 3.0, 3.0]),)),
    "max along with NaN": (lambda t, x: x.max(0), (np.array([1.0, np.nan, 3.0]),)),
    "min along": (lambda t, x: x.min(-1), (X,)),
    "max of two": (lambda t, x, y: t.max(x, y), (X, Y)),
    "amax of ties": (lambda t, x: x.amax((0, 1)), (np.ones((2, 3)),)),
    "argmax": (lambda t, x: x.argmax(), (X,)),
    "argmax along": (lambda t, x: x.argmax(1, keepdim=True), (X,)),
    "argmin": (lambda t, x: x.argmin(0), (X,)),
    "prod": (lambda t, x: x.prod(), (X,)),
    "prod along": (lambda t, x: x.prod(1), (X,)),
    "prod, kept": (lambda t, x: x.prod(0, keepdim=True), (X,)),
    "prod with a zero": (lambda t, x: x.prod(), (np.array([2.0, 0.0, 3.0]),)),
    "prod with zeros": (lambda t, x: x.prod(0), (np.array([2.0, 0.0, 0.0]),)),
    "cumsum": (lambda t, x: x.cumsum(1), (X,)),
    "logsumexp, large": (lambda t, x: x.logsumexp(0), (np.array([1e4, 1e4, -1e4]),)),
    "logsumexp, -inf": (lambda t, x: x.logsumexp(0), (np.full(3, -np.inf),)),
    "logsumexp, inf": (lambda t, x: x.logsumexp(0), (np.array([np.inf, 1.0]),)),
    "norm 1": (lambda t, x: t.norm(x, 1), (X,)),
    "norm 3": (lambda t, x: x.norm(3, dim=1), (X,)),
    "norm inf": (lambda t, x: x.norm(float("inf")), (X,)),
    "norm of zeros": (lambda t, x: x.norm(), (np.zeros(3),)),
    "all, any": (lambda t, m: (m.all(), m.any(), m.all(0), m.any(1, True)), (MASK,)),
    "softmax": (lambda t, x: x.softmax(1), (X,)),
    "softmax, large": (lambda t, x: t.softmax(x, dim=0), (np.array([1e4, -1e4, 0.0]),)),
    "softmax, all -inf": (lambda t, x: t.softmax(x, 0), (np.full(3, -np.inf),)),
    "log_softmax": (lambda t, x: x.log_softmax(dim=0), (X,)),
    "log_softmax, large": (lambda t, x: x.log_softmax(0), (np.array([1e4, -1e4, 0.0]),)),
    "softmax of nothing": (lambda t, x: x.softmax(1), (np.zeros((0, 3)),)),
    # order
    "sort": (lambda t, x: x.sort(1), (X,)),
    "sort, descending": (lambda t, x: x.sort(0, descending=True), (X,)),
    "argsort": (lambda t, x: x.argsort(), (X,)),
    "topk": (lambda t, x: x.topk(2), (X,)),
    "topk, smallest": (lambda t, x: x.topk(2, dim=0, largest=False), (X,)),
    # choice
    "where": (lambda t, m, x, y: t.where(m, x, y), (MASK, X, Y)),
    "where, number": (lambda t, m, x: t.where(m, x, 0.0), (MASK, X)),
    "where, broadcast": (lambda t, m, x, y: t.where(m, x, y), (MASK, X[0], np.array(2.0))),
    "clamp": (lambda t, x: x.clamp(-0.5, 0.5), (X,)),
    "clamp at the bound": (lambda t, x: x.clamp(0, 1), (np.array([0.0, 1.0, 2.0, np.nan]),)),
    "clamp, min": (lambda t, x: x.clamp(min=0), (X,)),
    "clamp, max": (lambda t, x: t.clamp(x, max=0.1), (X,)),
    "masked_fill": (lambda t, x, m: x.masked_fill(m, -np.inf), (X, MASK)),
    "masked_fill, broadcast": (lambda t, x, m: x.masked_fill(m, 0), (X, MASK[0])),
    "tril": (lambda t, x: (x.tril(), x.tril(-1), t.tril(x, 1)), (X,)),
    "triu": (lambda t, x: (x.triu(), x.triu(-1), t.triu(x, 1)), (X,)),
    "diag": (lambda t, x: (t.diag(x), x[0].diag()), (X,)),
    "gather": (lambda t, x, i: x.gather(0, i), (X, INDEX)),
    "gather, repeated": (lambda t, x, i: t.gather(x, 1, i), (X, INDEX)),
    "scatter": (lambda t, x, i, y: x.scatter(0, i, y), (X, INDEX[:1], Y[:1])),
    "scatter, number": (lambda t, x, i: x.scatter(0, i, 2.0), (X, INDEX)),
    "index_select": (lambda t, x, i: x.index_select(1, i), (X, INDEX[0])),
    "nonzero": (lambda t, m: m.nonzero(), (MASK,)),
    # shape
    "reshape": (lambda t, x: x.reshape(2, -1), (X,)),
    "view": (lambda t, x: x.view((4, 3)), (X,)),
    "flatten": (lambda t, x: (x.flatten(), x.flatten(1)), (normal(2, 3, 4),)),
    "flatten 0-d": (lambda t, x: x.flatten(), (np.array(1.0),)),
    "permute": (lambda t, x: x.permute(2, 0, 1), (normal(2, 3, 4),)),
    "transpose": (lambda t, x: x.transpose(0, -1), (normal(2, 3, 4),)),
    "T, mT": (lambda t, x: (x.T, x.t(), x[None].mT), (X,)),
    "squeeze": (lambda t, x: (x.squeeze(), x.squeeze(0), x.squeeze((0, 2))), (normal(1, 3, 1),)),
    "unsqueeze": (lambda t, x: (x.unsqueeze(0), x.unsqueeze(-1)), (X,)),
    "expand": (lambda t, x: x.expand(5, -1, 4), (normal(3, 1),)),
    "expand_as": (lambda t, x, y: x.expand_as(y), (normal(3, 1), Y)),
    "broadcast_to": (lambda t, x: t.broadcast_to(x, (2, 3, 4)), (X,)),
    "repeat": (lambda t, x: x.repeat(2, 1, 3), (X,)),
    "repeat_interleave": (lambda t, x: x.repeat_interleave(2, dim=1), (X,)),
    "repeat_interleave, flat": (lambda t, x: x.repeat_interleave(3), (X,)),
    "flip": (lambda t, x: (x.flip(0), x.flip((0, 1))), (X,)),
    "roll": (lambda t, x: (x.roll(1), x.roll(-1, 0)), (X,)),
    "cat": (lambda t, x, y: (t.cat([x, y]), t.cat((x, y, x), dim=-1)), (X, Y)),
    "stack": (lambda t, x, y: (t.stack([x, y]), t.stack((x, y), dim=-1)), (X, Y)),
    "split": (lambda t, x: x.split(3, dim=1), (X,)),
    "split, lengths": (lambda t, x: t.split(x, [1, 3], dim=1), (X,)),
    "chunk": (lambda t, x: x.chunk(3, dim=1), (X,)),
    "unbind": (lambda t, x: x.unbind(1), (X,)),
    "iteration": (lambda t, x: [row * 2 for row in x], (X,)),
    # indexing
    "integer": (lambda t, x: x[1], (X,)),
    "integers": (lambda t, x: x[-1, 2], (X,)),
    "slice": (lambda t, x: x[1:, ::2], (X,)),
    "empty slice": (lambda t, x: x[3:], (X,)),
    "new axis": (lambda t, x: x[:, None, ..., None], (X,)),
    "mask": (lambda t, x, m: x[m], (X, MASK)),
    "mask of rows": (lambda t, x: x[t.tensor([True, False, True])], (X,)),
    "list": (lambda t, x: x[[2, 0, 2]], (X,)),
    "index tensor": (lambda t, x, i: x[:, i], (X, INDEX)),
    "index pair": (lambda t, x, i: x[t.arange(3), t.tensor([0, 3, 3])], (X, INDEX)),
    "index and slice": (lambda t, x: x[t.tensor([0, 0]), 1:], (X,)),
    "0-d index": (lambda t, x: x[t.tensor(1)], (X,)),
    # products
    "dot": (lambda t, x, y: t.dot(x[0], y[0]), (X, Y)),
    "outer": (lambda t, x, y: t.outer(x[0], y[1]), (X, Y)),
    # types
    "float and back": (lambda t, x: x.float().double() * x, (X,)),
    "to": (lambda t, x: (x.to(t.float32), x.to(t.int64), x.long(), x.bool()), (X,)),
    "bitwise": (lambda t, m: (~m, m & ~m, m | m, m ^ m), (MASK,)),
    "logical": (lambda t, x, y: (x.logical_and(y), t.logical_not(x), x.logical_xor(y)), (X, Y)),
    "close": (lambda t, x: t.isclose(x, x + 1e-9), (X,)),
    # nothing at all
    "products of nothing": (lambda t, x, w: (x @ w, x.T @ x, x[None] @ w), (NONE, normal(3, 4))),
    "sums over nothing": (lambda t, x, w: (x.T @ x, w[:, :0] @ x), (NONE, normal(3, 4))),
    "vector of nothing": (lambda t, x: (x @ t.ones(3, dtype=t.float64), x.T @ x[:, 0]), (NONE,)),
    "einsum of nothing": (lambda t, x, w: t.einsum("ij,jk->ik", x, w), (NONE, normal(3, 4))),
    "reductions of nothing": (lambda t, x: (x.sum(0), x.sum(), x.prod(0), x.amax(1)), (NONE,)),
    "means of nothing": (lambda t, x: (x.mean(1), x.var(1), x.logsumexp(1), x.max(1)[0]), (NONE,)),
    "softmax without rows": (lambda t, x: (x.softmax(1), x.log_softmax(0)), (NONE,)),
    "joined with nothing": (lambda t, x, y: (t.cat([x, y]), t.stack([x, x])), (NONE, X[:, :3])),
    "parts of nothing": (lambda t, x: (x[:, 1], x.repeat(2, 1), x.chunk(2, 1)[1]), (NONE,)),
    "places in nothing": (lambda t, x: (x.sort(0)[0], x[t.tensor([True] * 3)[:0]]), (NONE,)),
    # infinite gradients stop where they are not let through
    "log of relu": (lambda t, x: x.relu().log(), (X,)),
    "log of clamp": (lambda t, x: x.clamp(0, 1).log(), (X,)),
    "log of where": (lambda t, m, x: t.where(m, x, x * 0).log(), (MASK, X)),
    "log of masked_fill": (lambda t, x, m: x.masked_fill(m, 0).log(), (np.abs(X), MASK)),
    # reuse
    "diamond": (lambda t, x: x.exp() * x.sin() + x, (X,)),
    "square of itself": (lambda t, x: x * x, (X,)),
    "matrix with itself": (lambda t, x: x @ x.T @ x, (X,)),
    "in-place chain": (lambda t, x: (x * 1).add_(2).mul_(x).clamp_(min=0), (X,)),
    "operators in place": (lambda t, x, y: in_place_operators(x, y), (X, Y)),
    "assignment": (lambda t, x, y: assignment(t, x, y), (X, Y)),
    "assignment by mask": (lambda t, x, m: masked_assignment(x, m), (X, MASK)),
    "change of a view": (lambda t, x, y: change_of_a_view(t, x, y), (X, Y)),
    "change under a view": (lambda t, x, y: change_under_a_view(x, y), (X, Y)),
    "row by row": (lambda t, x: row_by_row(t, x), (X,)),
}


def in_place_operators(x: Any, y: Any) -> Any:
    z = x * 1
    z += y
    z *= y
    z -= 1
    z /= y
    return z


def assignment(engine: Any, x: Any, y: Any) -> Any:
    z = x * 1
    z[1] = y[0]
    z[:, 2:] = 3.0
    z[engine.tensor([0, 2]), 0] = y[0, :2]
    return z * x


def masked_assignment(x: Any, mask: Any) -> Any:
    z = x * 2
    z[mask] = 0
    return z


def change_of_a_view(engine: Any, x: Any, y: Any) -> Any:
    z = x * 1
    z[0].mul_(y[0])
    z.view(-1)[5:].add_(y.reshape(-1)[5:])
    z.t()[1] *= 2
    buffer = engine.zeros(3, 4, dtype=engine.float64)
    for i in range(3):
        buffer[i] += x[i] * y[i]
    return z, buffer


def change_under_a_view(x: Any, y: Any) -> Any:
    z = x * 1
    row, flat = z[1], z.reshape(-1)
    z.mul_(y)
    return row * 2, flat + 1, z


def row_by_row(engine: Any, x: Any) -> Any:
    out = engine.zeros(3, 4, dtype=engine.float64)
    state = x[0]
    for i in range(3):
        state = (state * x[i]).tanh()
        out[i] = state
    return out


@pytest.mark.filterwarnings("ignore:var.*degrees of freedom")
@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name: str) -> None:
    function, arrays = FORMULAS[name]
    check(function, *arrays)


@settings(max_examples=80)
@given(st.data())
def test_matrix_product_of_any_ranks(data: Any) -> None:
    shapes = data.draw(
        hnp.mutually_broadcastable_shapes(
            signature="(n?,k),(k,m?)->(n?,m?)", max_dims=2, max_side=3
        )
    )
    check(
        lambda engine, x, y: x @ y, normal(*shapes.input_shapes[0]), normal(*shapes.input_shapes[1])
    )


EQUATIONS = {
    "ij,jk->ik": [(2, 3), (3, 4)],
    "ij,jk": [(2, 3), (3, 4)],
    "ij->ji": [(2, 3)],
    "ij->": [(2, 3)],
    "ij->i": [(2, 3)],
    "ii->": [(3, 3)],
    "ii->i": [(3, 3)],
    "i,j->ij": [(2,), (3,)],
    "bhtd,bhsd->bhts": [(2, 2, 3, 4), (2, 2, 5, 4)],
    "...ij,...jk->...ik": [(2, 2, 3), (3, 4)],
    "bi,ijk,bk->bj": [(2, 3), (3, 4, 5), (2, 5)],
    "ij,ij->ij": [(2, 3), (2, 3)],
    "ij,k->k": [(2, 3), (4,)],
}


@pytest.mark.parametrize("equation", EQUATIONS)
def test_einsum(equation: str) -> None:
    arrays = [normal(*shape, seed=i) for i, shape in enumerate(EQUATIONS[equation])]
    check(lambda engine, *tensors: engine.einsum(equation, *tensors), *arrays)


@given(st.data())
def test_index_of_any_kind(data: Any) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    index = data.draw(
        hnp.basic_indices(shape, allow_newaxis=True).filter(non_negative_steps)
        | hnp.integer_array_indices(shape, dtype=np.int64)
    )

    def pick(engine: Any, x: Any) -> Any:
        parts = index if isinstance(index, tuple) else (index,)
        return x[tuple(engine.tensor(i) if isinstance(i, np.ndarray) else i for i in parts)]

    check(pick, normal(*shape))


def non_negative_steps(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return all(not isinstance(i, slice) or i.step is None or i.step > 0 for i in parts)


CREATION: dict[str, Callable[[Any], Any]] = {
    "tensor of fractions": lambda t: t.tensor([1.0, 2]),
    "tensor of integers": lambda t: t.tensor([[1, 2], [3, 4]]),
    "tensor of booleans": lambda t: t.tensor([True, False]),
    "tensor of nothing": lambda t: t.tensor([]),
    "tensor of a number": lambda t: t.tensor(2.5),
    "tensor of float64": lambda t: t.tensor(np.ones(2)),
    "tensor of float64 numbers": lambda t: t.tensor([np.float64(1), np.float64(2)]),
    "tensor of tensors": lambda t: t.tensor([t.tensor(1.0), t.tensor(2.0)]),
    "tensor of a type": lambda t: t.tensor([1.5, 2], dtype=t.int64),
    "as_tensor": lambda t: t.as_tensor([1, 2.0]),
    "from_numpy": lambda t: t.from_numpy(np.arange(3)),
    "zeros": lambda t: t.zeros(2, 3),
    "zeros of a sequence": lambda t: t.zeros((2, 3), dtype=t.int64),
    "ones": lambda t: t.ones(3, dtype=t.float64),
    "full": lambda t: t.full((2, 2), 7),
    "full of fractions": lambda t: t.full((2,), 0.5),
    "full of booleans": lambda t: t.full((2,), True),
    "zeros_like": lambda t: t.zeros_like(t.ones(2, dtype=t.float64)),
    "ones_like": lambda t: t.ones_like(t.zeros(2, dtype=t.int64)),
    "full_like": lambda t: t.full_like(t.ones(2), 3),
    "arange": lambda t: t.arange(5),
    "arange of fractions": lambda t: t.arange(0.0, 1.0, 0.1),
    "arange of steps": lambda t: t.arange(5, 0, -2),
    "linspace": lambda t: t.linspace(-1, 1, 7),
    "eye": lambda t: t.eye(2, 3),
}


@pytest.mark.parametrize("name", CREATION)
def test_creation(name: str) -> None:
    theirs, ours = CREATION[name](torch), CREATION[name](scratch)
    assert str(ours.dtype) == str(theirs.dtype)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), 1e-6, 1e-7)


TYPES = ["bool", "uint8", "int32", "int64", "float32", "float64"]


@pytest.mark.parametrize("left", TYPES)
@pytest.mark.parametrize("right", TYPES)
@pytest.mark.parametrize(("n", "m"), [((2,), (2,)), ((2,), ()), ((), (2,)), ((), ())])
def test_types_mix_as_in_pytorch(left: str, right: str, n: Any, m: Any) -> None:
    def types(engine: Any) -> list[str]:
        a = engine.ones(n, dtype=getattr(engine, left))
        b = engine.ones(m, dtype=getattr(engine, right))
        results = [a + b, a * b, a / b, a == b, a * 2, a * 2.5, a + True, 2 / a, a.sum(), a.exp()]
        return [str(result.dtype) for result in results]

    assert types(scratch) == types(torch)


PRINTED: dict[str, Callable[[Any], Any]] = {
    "fractions": lambda t: t.tensor([[1.5, -2.25], [100, 0.1]]),
    "whole": lambda t: t.tensor([1.0, -2.0, 300.0]),
    "scientific": lambda t: t.tensor([1e-5, 1.0, 1e6]),
    "large": lambda t: t.tensor([1e9, 1.0]),
    "zeros": lambda t: t.zeros(2, 3),
    "special": lambda t: t.tensor([float("inf"), float("nan"), -float("inf"), 1.5]),
    "special alone": lambda t: t.tensor([float("inf"), float("nan")]),
    "integers": lambda t: t.tensor([1, -20, 300]),
    "booleans": lambda t: t.tensor([True, False]),
    "number": lambda t: t.tensor(3.14159),
    "whole number": lambda t: t.tensor(3.0),
    "integer": lambda t: t.tensor(3),
    "float64": lambda t: t.tensor([1.5], dtype=t.float64),
    "int32": lambda t: t.tensor([1], dtype=t.int32),
    "nothing": lambda t: t.tensor([]),
    "no rows": lambda t: t.zeros(0, 3),
    "leaf": lambda t: t.tensor([1.0, 2.0], requires_grad=True),
    "three axes": lambda t: t.arange(12).reshape(2, 3, 2),
    "four axes": lambda t: t.arange(8).reshape(2, 1, 2, 2),
    "many": lambda t: t.arange(2000),
    "many rows": lambda t: t.arange(4000.0).reshape(50, 80),
    "long line": lambda t: t.arange(40.0),
    "long line that requires grad": lambda t: t.linspace(0, 1, 7).requires_grad_(),
    "size": lambda t: t.zeros(2, 3).shape,
    "type": lambda t: [t.float32, t.int64, t.bool, t.float],
}


@pytest.mark.parametrize("name", PRINTED)
def test_prints_as_pytorch(name: str) -> None:
    assert repr(PRINTED[name](scratch)) == repr(PRINTED[name](torch))
