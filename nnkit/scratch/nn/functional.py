"""Layers, as functions of their input and their parameters: what `torch.nn.functional` holds."""

from nnkit.scratch.nn.linear import embedding, linear

__all__ = ["embedding", "linear"]  # fmt: skip
