"""Optimizers, which change parameters by their gradients, and schedules of learning rates."""

# A list of names for others to import.
# mypy: implicit-reexport
# ruff: noqa: F401

from nnkit.scratch.optim import lr_scheduler
from nnkit.scratch.optim.descent import SGD, Adagrad, Adam, AdamW, RMSprop
from nnkit.scratch.optim.optimizer import Optimizer
