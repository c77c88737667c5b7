"""Layers, as modules: what `torch.nn` holds, as far as the course goes."""

from nnkit.scratch.nn import functional, init
from nnkit.scratch.nn.container import ModuleDict, ModuleList, Sequential
from nnkit.scratch.nn.linear import Embedding, Flatten, Identity, Linear
from nnkit.scratch.nn.module import Module, Parameter

__all__ = [
    "Embedding",
    "Flatten",
    "Identity",
    "Linear",
    "Module",
    "ModuleDict",
    "ModuleList",
    "Parameter",
    "Sequential",
    "functional",
    "init",
]  # fmt: skip
