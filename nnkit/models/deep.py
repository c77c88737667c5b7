"""A deep stack of dense layers, in which every remedy for sick gradients can be tried.

It is what the chapter on vanishing and exploding gradients takes apart. Left out: everything that
a good network would have besides, such as convolutions.
"""

from dataclasses import dataclass
from math import sqrt
from types import ModuleType
from typing import Any

INITS = {
    "N(0, 1)": lambda inputs, outputs: 1.0,
    "small": lambda inputs, outputs: 0.01,
    "Glorot": lambda inputs, outputs: sqrt(2 / (inputs + outputs)),
    "He": lambda inputs, outputs: sqrt(2 / inputs),
    "LeCun": lambda inputs, outputs: sqrt(1 / inputs),
}
"""The standard deviation of a layer's weights, given its numbers of inputs and outputs."""


@dataclass(frozen=True)
class DeepConfig:
    """What a deep stack is made of.

    Attributes
    ----------
    depth : int
        Number of dense layers, >= 2: one into the stack, `depth` - 2 within, one out of it.
    width : int
        Number of units in each layer within.
    activation : str
        Name of a module of `torch.nn`: "ReLU", "Tanh", "Sigmoid", "SELU".
    init : str
        How weights are drawn, a key of `INITS`; biases begin at 0.
    scale : float
        What the drawn weights are multiplied by.
    norm : str
        Name of a normalisation of `torch.nn` that stands between a layer within and its
        activation: "BatchNorm1d", "LayerNorm"; or "Identity" for none.
    residual : bool
        Whether each layer within adds its input to its output.
    dropout : float
        Probability with which an output of a layer within is dropped in training.
    inputs, outputs : int
        Number of features and of classes.
    """

    depth: int = 30
    width: int = 32
    activation: str = "ReLU"
    init: str = "He"
    scale: float = 1.0
    norm: str = "Identity"
    residual: bool = False
    dropout: float = 0.0
    inputs: int = 64
    outputs: int = 10


def deep(torch: ModuleType, config: DeepConfig) -> Any:
    """Make a deep stack.

    Parameters
    ----------
    torch : module
        The engine: PyTorch or `nnkit.scratch`.
    config : DeepConfig
        What it is made of.

    Returns
    -------
    Module
        From an array of shape (n, inputs) to logits of shape (n, outputs).

    Raises
    ------
    ValueError
        If there are fewer than two layers.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.models.deep import DeepConfig, deep
    >>> tuple(deep(engine, DeepConfig(depth=50))(engine.zeros(5, 64)).shape)
    (5, 10)
    """
    if config.depth < 2:
        raise ValueError(f"deep: expected a depth of at least 2, got {config.depth}")
    nn, width = torch.nn, config.width

    def dense(inputs: int, outputs: int) -> Any:
        layer = nn.Linear(inputs, outputs)
        std = INITS[config.init](inputs, outputs)
        nn.init.normal_(layer.weight, 0, std * config.scale)
        nn.init.zeros_(layer.bias)
        return layer

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.dense = dense(width, width)
            self.norm = getattr(nn, config.norm)(width)
            self.activation = getattr(nn, config.activation)()
            self.dropout = nn.Dropout(config.dropout)

        def forward(self, x: Any) -> Any:
            out = self.dropout(self.activation(self.norm(self.dense(x))))
            return x + out if config.residual else out

    blocks = [Block() for _ in range(config.depth - 2)]
    return nn.Sequential(dense(config.inputs, width), *blocks, dense(width, config.outputs))
