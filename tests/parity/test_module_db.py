"""PyTorch's own samples for its modules: the engine gives the same answers to every one of them.

PyTorch ships, for its own tests, a table of modules with arguments and inputs for each. Here each
sample of a module that the engine has is run on both engines, in training and in evaluation, from
the same parameters.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch.testing._internal.common_modules import module_db

from nnkit import scratch
from nnkit.scratch import nn

MODULES = {
    "AdaptiveAvgPool2d", "AvgPool1d", "AvgPool2d", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d",
    "BatchNorm2d", "Conv1d", "Conv2d", "ConvTranspose2d", "CrossEntropyLoss", "ELU", "Embedding",
    "GELU", "GRU", "GRUCell", "GaussianNLLLoss", "GroupNorm", "Hardtanh", "HuberLoss", "KLDivLoss",
    "L1Loss", "LSTM", "LSTMCell", "LayerNorm", "LeakyReLU", "Linear", "LogSigmoid", "LogSoftmax",
    "MSELoss", "MaxPool1d", "MaxPool2d", "Mish", "MultiheadAttention", "NLLLoss", "PReLU",
    "RMSNorm", "RNN", "RNNCell", "ReLU", "SELU", "SiLU", "Sigmoid", "SmoothL1Loss", "Softmax",
    "Softplus", "Tanh",
}  # fmt: skip

# Options that the engine does not have, and why. Samples that use them are left out; those that
# name them to say that they do not are run.
LEFT_OUT = {("LSTM", "proj_size"): "no chapter projects the state of an LSTM"}

SAMPLES = []
for info in module_db:
    name = info.name.removeprefix("nn.")
    if name in MODULES:
        for training in (True, False):
            torch.manual_seed(0)
            given = info.module_inputs_func(
                info, device="cpu", dtype=torch.float64, requires_grad=True, training=training
            )
            mode = "train" if training else "eval"
            for i, sample in enumerate(given):
                SAMPLES.append(
                    pytest.param(name, training, sample, id=f"{name}-{i}-{sample.desc}-{mode}")
                )


def ours(value: Any) -> Any:
    """The same arguments for the engine: tensors become its own."""
    if isinstance(value, torch.Tensor):
        return scratch.tensor(value.detach().numpy(), requires_grad=value.requires_grad)
    if isinstance(value, tuple | list):
        return type(value)(ours(part) for part in value)
    return {key: ours(part) for key, part in value.items()} if isinstance(value, dict) else value


def theirs(value: Any) -> Any:
    """The same arguments for PyTorch: tensors that nothing else holds."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, tuple | list):
        return type(value)(theirs(part) for part in value)
    return {key: theirs(part) for key, part in value.items()} if isinstance(value, dict) else value


def tensors(value: Any) -> Iterator[Any]:
    """Yield the tensors among results or arguments."""
    if isinstance(value, torch.Tensor | scratch.Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from tensors(part)
    elif isinstance(value, dict):
        yield from tensors(tuple(value.values()))


def answers(engine: Any, module: Any, given: Any) -> dict[str, Any]:
    """Every number that comes of a call of a module: results, gradients and buffers."""
    results = list(tensors(module(*given.args, **given.kwargs)))
    weights, total = np.random.default_rng(0), 0.0
    for result in results:
        if result.requires_grad:
            weight = engine.tensor(weights.uniform(0.5, 1.5, tuple(result.shape)))
            total = total + (result * weight).sum()
    if not isinstance(total, float):
        total.backward()
    found = {f"result {i}": result.detach() for i, result in enumerate(results)}
    leaves = dict(enumerate(tensors((given.args, given.kwargs))))
    found |= {f"gradient of input {i}": x.grad for i, x in leaves.items()}
    found |= {f"gradient of {key}": p.grad for key, p in module.named_parameters()}
    found |= {f"state {key}": value for key, value in module.state_dict().items()}
    return {key: value.numpy() for key, value in found.items() if value is not None}


class Given:
    """Arguments of a call, made for one engine."""

    def __init__(self, make: Any, given: Any) -> None:
        self.args, self.kwargs = make(tuple(given.args)), make(given.kwargs)


@pytest.mark.filterwarnings("ignore")  # PyTorch's warnings of what its own samples do
@pytest.mark.parametrize(("name", "training", "sample"), SAMPLES)
def test_sample_agrees(name: str, training: bool, sample: Any) -> None:
    built = sample.constructor_input
    options = dict(built.kwargs)
    for (module, option), reason in LEFT_OUT.items():
        if module == name and options.pop(option, None):
            pytest.skip(reason)
    reference = getattr(torch.nn, name)(*built.args, **built.kwargs).double().train(training)
    layer = getattr(nn, name)(*ours(tuple(built.args)), **ours(options))
    layer = layer.double().train(training)
    # The name of PyTorch's own for a Linear that is kept from being quantised.
    assert repr(layer) == repr(reference).replace("NonDynamicallyQuantizableLinear", "Linear")
    state = reference.state_dict()
    assert list(layer.state_dict()) == list(state)
    layer.load_state_dict(ours(dict(state)))
    expected = answers(torch, reference, Given(theirs, sample.forward_input))
    found = answers(scratch, layer, Given(ours, sample.forward_input))
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key].shape == value.shape, key
        assert found[key].dtype == value.dtype, key
        np.testing.assert_allclose(found[key], value, 1e-9, 1e-12, err_msg=key)


def test_every_module_has_samples() -> None:
    counts = Counter(case.values[0] for case in SAMPLES)
    assert counts.keys() == MODULES
    assert all(counts[name] >= 2 for name in MODULES)
    assert {module for module, _ in LEFT_OUT} <= MODULES
