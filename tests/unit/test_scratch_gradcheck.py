"""The check of gradients finds right ones right and wrong ones wrong."""

from typing import Any

import numpy as np
import pytest

from nnkit import scratch
from nnkit.scratch.core.recording import record
from nnkit.scratch.gradcheck import GradcheckError, gradcheck


def double(*shape: int, seed: int = 0) -> Any:
    values = np.random.default_rng(seed).standard_normal(shape)
    return scratch.tensor(values, requires_grad=True)


def cube(x: Any, slope: float = 3.0) -> Any:
    a = x.array
    return record(a**3, (x, lambda g: slope * a * a * g))


def test_right_gradients_pass() -> None:
    assert gradcheck(cube, double(2, 3))
    assert gradcheck(lambda x, w: (x @ w, (x * x).sum()), (double(2, 3), double(3, 4)))
    assert gradcheck(lambda x: x.sum(), (double(0, 3),))
    assert gradcheck(lambda x, n: x**n, (double(4).abs().detach().requires_grad_(), 3))


def test_wrong_gradient_is_an_error_that_names_the_element() -> None:
    def wrong_for_one(x: Any) -> Any:
        a, slopes = x.array, np.array([2.0, 2.0, 2.1])
        return record(a * a, (x, lambda g: slopes * a * g))

    x = scratch.tensor([1.0, 2.0, 3.0], dtype=scratch.float64, requires_grad=True)
    message = (
        r"expected the slope 6 of output 0 \(element 2\) in input 0 \(element 2\), got 6.3; 1 of"
    )
    with pytest.raises(GradcheckError, match=message):
        gradcheck(wrong_for_one, x)
    assert not gradcheck(wrong_for_one, x, raise_exception=False)


def test_second_output_and_second_input_are_checked() -> None:
    x, y = double(2), double(2, seed=1)
    with pytest.raises(GradcheckError, match="output 1"):
        gradcheck(lambda x, y: (x * y, cube(x, slope=4.0)), (x, y))
    with pytest.raises(GradcheckError, match="output 1"):
        gradcheck(lambda x, y: (x.argmax(), cube(x, slope=4.0)), (x, y))
    with pytest.raises(GradcheckError, match="input 1"):
        gradcheck(lambda x, y: x + cube(y, slope=4.0), (x, y))


def test_missing_dependence_is_found() -> None:
    with pytest.raises(GradcheckError, match=r"got 0;"):
        gradcheck(lambda x: x * x.detach() * 0 + x.detach() ** 2 + 0 * x, double(2))


def test_tolerances_decide() -> None:
    x = scratch.tensor([1.0], dtype=scratch.float64, requires_grad=True)
    assert not gradcheck(lambda x: cube(x, 3.01), x, raise_exception=False)
    assert gradcheck(lambda x: cube(x, 3.01), x, rtol=1e-2)
    assert gradcheck(lambda x: cube(x, 3.01), x, atol=0.02)
    assert not gradcheck(cube, x, eps=0.1, raise_exception=False)  # (1.1³ − 0.9³) / 0.2 = 3.01
    assert gradcheck(cube, x, eps=1e-4)


def test_inputs_are_left_alone() -> None:
    x = double(3)
    before = x.tolist()
    gradcheck(cube, x)
    assert x.tolist() == before
    assert x.grad is None


def test_inputs_that_cannot_be_checked_are_errors() -> None:
    with pytest.raises(ValueError, match=r"float64 that require grad, got \[torch.float32\]"):
        gradcheck(cube, scratch.ones(2, requires_grad=True))
    with pytest.raises(ValueError, match="got none"):
        gradcheck(cube, scratch.ones(2))
    with pytest.raises(ValueError, match="output that requires grad, got none"):
        gradcheck(lambda x: x.detach(), double(2))
