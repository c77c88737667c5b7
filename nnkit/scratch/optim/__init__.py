"""Optimizers, which change parameters by their gradients, and schedules of learning rates."""

from nnkit.scratch.optim import lr_scheduler
from nnkit.scratch.optim.descent import SGD, Adagrad, Adam, AdamW, RMSprop
from nnkit.scratch.optim.optimizer import Optimizer

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler"]
