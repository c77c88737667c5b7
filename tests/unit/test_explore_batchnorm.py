"""Batch norm's two modes are the layer's own, and both sides say the same of them."""

import numpy as np
import pytest
import torch
from in_page import words

from nnkit.explore.batchnorm import BATCHES, STEP, BatchNormModes, pre_activations


@pytest.mark.parametrize("size", [2, 8, 64])
@pytest.mark.parametrize("momentum", ["0.01", "0.1", "1"])
def test_both_modes_are_pytorchs(size: int, momentum: str) -> None:
    answer = BatchNormModes.compute(size=size, momentum=momentum, seed=1)
    running = answer["running"]
    layer = torch.nn.BatchNorm1d(1, momentum=float(momentum), affine=False).double()
    rounded = {"atol": 6 * STEP / answer["z"].std(axis=1).min()}
    for i, z in enumerate(answer["z"]):
        batch = torch.tensor(z[:, None])
        trained = layer.train()(batch)[0].item()
        np.testing.assert_allclose(answer["training"][i], trained, **rounded)
        np.testing.assert_allclose(answer["evaluation"][i], layer.eval()(batch)[0].item(), atol=0.1)
        mean, variance = layer.running_mean.item(), layer.running_var.item()
        np.testing.assert_allclose(running[i], [mean, variance**0.5], atol=2 * STEP)


def test_marked_image_is_in_every_batch_and_no_other_twice() -> None:
    z = BatchNormModes.compute(size=64, momentum="0.1", seed=0)["z"]
    assert z.shape == (BATCHES, 64)
    np.testing.assert_allclose(z[:, 0], pre_activations()[0], atol=STEP)
    assert np.ptp(z[:, 1:], axis=0).min() > STEP


def test_two_images_become_1_and_minus_1_whatever_they_are() -> None:
    training = BatchNormModes.compute(size=2, momentum="0.1", seed=0)["training"]
    assert set(np.abs(training[np.abs(training) > 0.5])) == {1.0}
    assert {-1.0, 1.0} <= set(training)


def test_evaluation_comes_near_the_statistics_of_all_images() -> None:
    for seed in range(4):
        answer = BatchNormModes.compute(size=64, momentum="0.1", seed=seed)
        assert abs(answer["evaluation"][-1] - answer["exact"]) < 0.15
        assert np.ptp(answer["training"]) > 3 * np.ptp(answer["evaluation"][-10:])


def test_page_and_python_use_the_same_words() -> None:
    answers = [
        BatchNormModes.compute(size=size, momentum="0.5", seed=seed)
        for size in (2, 4, 32)
        for seed in range(2)
    ]
    said = words("batchnorm", answers, [BATCHES] * len(answers))
    for answer, moments in zip(answers, said, strict=True):
        assert moments == [BatchNormModes.describe(answer, time) for time in range(BATCHES)]


def test_words_count_earlier_batches_as_the_slider_does() -> None:
    answer = BatchNormModes.compute(**BatchNormModes.start())
    for time, count in (
        (0, "no earlier batches"),
        (1, "1 earlier batch"),
        (39, "39 earlier batch"),
    ):
        assert BatchNormModes.describe(answer, time).startswith(f"After {count}")
