"""Batch norm's two modes are the layer's own, and both sides say the same of them."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from nnkit import explore
from nnkit.explore.batchnorm import BATCHES, STEP, BatchNormModes, pre_activations

VIEW = Path(explore.__file__).with_name("batchnorm.js")

WORDS = """
const { explorable } = await import(process.argv[1]);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const asked = JSON.parse(Buffer.concat(chunks));
const array = (data) => ({ shape: [data.length], data: Float64Array.from(data) });
console.log(JSON.stringify(asked.map(([answer, time]) => explorable.describe(
  Object.fromEntries(Object.entries(answer).map(([name, data]) => [name, array(data)])), time))));
"""


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


def test_page_says_the_same() -> None:
    asked = [
        (BatchNormModes.compute(size=size, momentum="0.5", seed=seed), time)
        for size in (2, 4, 32)
        for seed in range(2)
        for time in (0, 17, BATCHES - 1)
    ]
    names = ("training", "evaluation", "exact")
    plain = [[{n: np.atleast_1d(a[n]).tolist() for n in names}, time] for a, time in asked]
    run = subprocess.run(
        ["node", "--input-type=module", "--eval", WORDS, str(VIEW)],
        input=json.dumps(plain),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout) == [
        BatchNormModes.describe(answer, time) for answer, time in asked
    ]
