"""What a tensor is, what it refuses, and how it is stored."""

import io
import math
import subprocess
import sys
from collections import OrderedDict

import numpy as np
import pytest

import nnkit.scratch as engine


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: engine.zeros(3) + engine.zeros(4), RuntimeError, r"add: .*\(3,\) and \(4,\)"),
        (lambda: engine.zeros(3) * "x", TypeError, "mul: expected a Tensor or a number, got str"),
        (lambda: engine.zeros(3) @ engine.zeros(4), RuntimeError, r"matmul: .*\(3,\) and \(4,\)"),
        (
            lambda: engine.zeros(3) @ engine.zeros(3).double(),
            RuntimeError,
            "one dtype, got torch.f",
        ),
        (lambda: engine.zeros(2, 3).sum(2), IndexError, r"sum: expected dim in \[-2, 1\], got 2"),
        (lambda: engine.ones(2).long().mean(), RuntimeError, "mean: expected floating"),
        (lambda: engine.zeros(2, 0).max(1), RuntimeError, r"argmax: .* got shape \(2, 0\)"),
        (lambda: engine.zeros(0).max(), RuntimeError, r"max: .* got shape \(0,\)"),
        (lambda: engine.zeros(2, 3).reshape(4), RuntimeError, r"reshape: .* 6 elements.* \(4,\)"),
        (lambda: engine.zeros(2, 3).permute(0, 0), RuntimeError, r"permute: .* got \(0, 0\)"),
        (lambda: engine.zeros(2, 3).expand(3, 3), RuntimeError, r"expand: .*\(2, 3\).*\(3, 3\)"),
        (lambda: engine.zeros(2, 3, 4).t(), RuntimeError, r"t: .* got shape \(2, 3, 4\)"),
        (lambda: engine.zeros(2, 3).repeat(2), RuntimeError, "repeat: expected at least 2"),
        (lambda: engine.cat([]), RuntimeError, "cat: expected at least one tensor"),
        (
            lambda: engine.cat([engine.zeros(2, 3), engine.zeros(2, 4)]),
            RuntimeError,
            "cat: expected",
        ),
        (lambda: engine.stack([engine.zeros(2), engine.zeros(3)]), RuntimeError, "stack: expected"),
        (lambda: engine.zeros(4).split([1, 2]), RuntimeError, "split: expected .* 4, got"),
        (lambda: engine.zeros(2)[5], IndexError, r"getitem: .* shape \(2,\), got 5"),
        (
            lambda: engine.zeros(2).gather(0, engine.tensor([2])),
            RuntimeError,
            r"gather: .*\[0, 1\]",
        ),
        (
            lambda: engine.zeros(2).gather(0, engine.tensor([-1])),
            RuntimeError,
            r"gather: .*\[-1, -1\]",
        ),
        (
            lambda: engine.zeros(2).gather(0, engine.tensor([[0]])),
            RuntimeError,
            "gather: .* 1 axes",
        ),
        (lambda: engine.where(engine.ones(2), 1, 0), RuntimeError, "where: expected a boolean"),
        (lambda: engine.zeros(2).clamp(), ValueError, "clamp: expected min, max or both"),
        (lambda: engine.zeros(2).masked_fill(engine.ones(2), 1), RuntimeError, "boolean mask"),
        (lambda: engine.zeros(2).topk(3), RuntimeError, "topk: expected k up to 2, got 3"),
        (lambda: engine.zeros(2).norm(0), ValueError, "norm: expected p > 0, got 0"),
        (
            lambda: engine.einsum("ij,j", engine.zeros(2, 3)),
            RuntimeError,
            r"einsum: .*\[\(2, 3\)\]",
        ),
        (lambda: engine.einsum("i", engine.zeros(2, 3)), RuntimeError, r"einsum: .*\[\(2, 3\)\]"),
        (lambda: engine.einsum("i,i", engine.zeros(2), engine.zeros(3)), RuntimeError, "einsum: "),
        (
            lambda: engine.dot(engine.zeros(2, 2), engine.zeros(2)),
            RuntimeError,
            "dot: expected two",
        ),
        (lambda: engine.tensor(["a"]), TypeError, "tensor: expected numbers or booleans"),
        (lambda: engine.from_numpy([1]), TypeError, "from_numpy: expected an ndarray, got list"),
        (
            lambda: engine.zeros(2.5),
            TypeError,
            r"zeros: expected a shape of integers, got \(2.5,\)",
        ),
        (lambda: engine.arange(3, 0), ValueError, "arange: expected a step from 3 towards 0"),
        (lambda: engine.randint(3, 3, (2,)), ValueError, "randint: expected low < high"),
        (lambda: engine.multinomial(engine.zeros(2), 1), RuntimeError, "multinomial: expected"),
        (lambda: engine.zeros(2).item(), RuntimeError, r"item: .* got shape \(2,\)"),
        (lambda: bool(engine.zeros(2)), RuntimeError, r"item: .* got shape \(2,\)"),
        (lambda: len(engine.tensor(1.0)), TypeError, "len: expected"),
    ],
)
def test_bad_input_is_refused(act: object, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        act()


def test_tensor_answers_python() -> None:
    x = engine.tensor([[1.5, 2.0]])
    assert (len(x), float(x[0, 0]), int(x[0, 1]), bool(x[0, 0] > 1)) == (1, 1.5, 2, True)
    assert (x.size(), x.size(-1), x.dim(), x.numel(), x.ndim) == ((1, 2), 2, 2, 2, 2)
    assert [10, 20, 30][engine.tensor(1)] == 20
    assert f"{x[0, 0]:.2f} {engine.tensor(3)}" == "1.50 3"
    assert np.asarray(x).tolist() == x.tolist() == [[1.5, 2.0]]
    assert x in {x}


@pytest.mark.parametrize("descending", [False, True])
def test_sorting_keeps_the_order_of_equal_elements(descending: bool) -> None:
    x = engine.tensor(np.random.default_rng(0).integers(0, 3, 300))
    values, indices = x.sort(descending=descending)
    for value in range(3):
        places = indices[values == value].tolist()
        assert places == sorted(places)
    assert x.topk(5).indices.tolist() == x.argsort(descending=True)[:5].tolist()


def test_prescribed_float64_keeps_all_digits_of_python() -> None:
    assert engine.tensor([2.4, 0.1], dtype=engine.float64).tolist() == [2.4, 0.1]
    assert engine.as_tensor(0.1, dtype=engine.float64).item() == 0.1


def test_class_called_with_numbers_gives_the_default_type() -> None:
    assert repr(engine.Tensor([[1, 2]])) == "tensor([[1., 2.]])"


def test_numpy_shares_memory_and_tensor_copies() -> None:
    array = np.zeros(2)
    shared, copy = engine.from_numpy(array), engine.tensor(array)
    array[0] = 1
    shared.numpy()[1] = 2
    assert shared.tolist() == [1, 2]
    assert copy.tolist() == [0, 0]


def test_default_type_is_that_of_fractions_without_one() -> None:
    engine.set_default_dtype(engine.float64)
    try:
        made = [
            engine.tensor(1.5),
            engine.zeros(2),
            engine.randn(2),
            engine.eye(2),
            engine.nn.Linear(2, 3).bias,
        ]
        made += [
            engine.tensor([1, 2]) / 2,
            engine.tensor([1, 2]) * 0.5,
            engine.tensor([1, 2]).exp(),
        ]
        assert {x.dtype for x in made} == {engine.get_default_dtype()} == {engine.float64}
        assert repr(engine.tensor([0.5])) == "tensor([0.5000])"
    finally:
        engine.set_default_dtype(engine.float32)
    assert engine.zeros(2).dtype is engine.float32
    with pytest.raises(TypeError, match=r"expected a floating dtype, got torch\.int64"):
        engine.set_default_dtype(engine.int64)


def test_processor_is_the_only_device() -> None:
    device = engine.device("cuda" if engine.cuda.is_available() else "cpu")
    made = [
        engine.zeros(3, device=device),
        engine.randn(3, device="cpu"),
        engine.arange(3, device=device),
    ]
    made += [
        engine.ones_like(made[0], device=device),
        engine.tensor([1.0], device="cpu").to(device),
    ]
    assert all(x.device == device for x in made)
    assert (repr(device), device.type) == ("device(type='cpu')", "cpu")
    for act in (lambda: engine.zeros(3, device="cuda"), lambda: engine.ones(3).to("cuda:0")):
        with pytest.raises(
            RuntimeError, match="device: expected 'cpu', the only one here, got 'cuda"
        ):
            act()


def test_seed_fixes_the_stream() -> None:
    def draw() -> list[object]:
        engine.manual_seed(3)
        sizes = [engine.randn(2), engine.rand(2), engine.randint(9, (2,)), engine.randperm(5)]
        sizes += [engine.randn_like(engine.zeros(2)), engine.bernoulli(engine.full((9,), 0.5))]
        return [x.tolist() for x in sizes]

    first = draw()
    assert draw() == first
    engine.manual_seed(4)
    assert engine.randn(2).tolist() != first[0]


def test_generator_continues_from_its_state() -> None:
    generator = engine.Generator().manual_seed(1)
    state = generator.get_state()
    first = engine.rand(3, generator=generator)
    assert engine.equal(engine.rand(3, generator=generator.set_state(state)), first)


def test_random_numbers_have_their_moments() -> None:
    generator = engine.Generator().manual_seed(0)
    normal, uniform = (
        engine.randn(20_000, generator=generator),
        engine.rand(20_000, generator=generator),
    )
    assert abs(normal.mean().item()) < 0.03
    assert abs(normal.var().item() - 1) < 0.05
    assert abs(uniform.mean().item() - 0.5) < 0.01
    assert 0 <= uniform.min().item() < uniform.max().item() < 1
    assert sorted(engine.randperm(6).tolist()) == list(range(6))
    assert set(engine.randint(2, 4, (200,)).tolist()) == {2, 3}
    drawn = engine.multinomial(engine.tensor([0.2, 0.0, 0.8]), 5000, True, generator=generator)
    assert set(drawn.tolist()) == {0, 2}
    assert abs(drawn.double().mean().item() - 1.6) < 0.05
    without = engine.multinomial(engine.ones(2, 4), 4, generator=generator)
    assert without.sort().values.tolist() == [[0, 1, 2, 3]] * 2


def test_saved_checkpoint_comes_back(tmp_path: object) -> None:
    checkpoint = {
        "state": OrderedDict(weight=engine.randn(2, 3), steps=engine.tensor(7)),
        "history": [(0, 1.5), (1, math.inf)],
        "array": np.arange(3),
        "name": "mlp",
        3: None,
        "parameter": engine.ones(2, requires_grad=True),
    }
    engine.save(checkpoint, tmp_path / "checkpoint.pt")
    loaded = engine.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert list(loaded) == list(checkpoint)
    assert isinstance(loaded["state"], OrderedDict)
    assert engine.equal(loaded["state"]["weight"], checkpoint["state"]["weight"])
    assert (loaded["state"]["steps"].dtype, loaded["parameter"].requires_grad) == (
        engine.int64,
        True,
    )
    assert loaded["history"] == checkpoint["history"]
    assert loaded["array"].tolist() == [0, 1, 2]


def test_file_of_another_kind_is_refused() -> None:
    file = io.BytesIO()
    np.savez(file, x=np.zeros(2))
    file.seek(0)
    with pytest.raises(ValueError, match="load: expected a file that save has written"):
        engine.load(file)
    with pytest.raises(TypeError, match="save: expected tensors, containers"):
        engine.save({"f": print}, io.BytesIO())


def test_pickled_arrays_are_not_read() -> None:
    file = io.BytesIO()
    np.savez(file, structure=np.array([{}], dtype=object))
    file.seek(0)
    with pytest.raises(ValueError, match="pickle"):
        engine.load(file)


def test_import_needs_numpy_alone_and_few_modules() -> None:
    program = (
        "import sys, numpy\n"
        "numpy.savez, numpy.random.default_rng\n"
        "before = set(sys.modules)\n"
        "import nnkit.scratch\n"
        "new = set(sys.modules) - before\n"
        "roots = {name.partition('.')[0] for name in new}\n"
        "assert roots <= {'nnkit', 'numpy', *sys.stdlib_module_names}, roots\n"
        "print(sum(not name.startswith('nnkit') for name in new))"
    )
    others = subprocess.check_output([sys.executable, "-c", program])
    assert int(others) <= 40  # what is slow to import brings many
