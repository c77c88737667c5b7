"""Layers, as modules: what `torch.nn` holds, as far as the course goes."""

# A list of names for others to import.
# mypy: implicit-reexport
# ruff: noqa: F401, I001
# fmt: off

from nnkit.scratch.nn import functional, init, utils
from nnkit.scratch.nn.activation import (
    ELU, SELU, Hardtanh, LeakyReLU, LogSoftmax, PReLU, ReLU, Sigmoid, Softmax, Tanh,
)
from nnkit.scratch.nn.attention import MultiheadAttention
from nnkit.scratch.nn.batch_norm import BatchNorm1d, BatchNorm2d
from nnkit.scratch.nn.classification import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, NLLLoss
from nnkit.scratch.nn.container import ModuleDict, ModuleList, Sequential
from nnkit.scratch.nn.conv import Conv1d, Conv2d, ConvTranspose2d
from nnkit.scratch.nn.dropout import Dropout, Dropout2d
from nnkit.scratch.nn.linear import Embedding, Flatten, Identity, Linear
from nnkit.scratch.nn.loss import (
    GaussianNLLLoss, HuberLoss, KLDivLoss, L1Loss, MSELoss, SmoothL1Loss,
)
from nnkit.scratch.nn.members import Parameter
from nnkit.scratch.nn.module import Module
from nnkit.scratch.nn.normalization import GroupNorm, LayerNorm, RMSNorm
from nnkit.scratch.nn.pooling import AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from nnkit.scratch.nn.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from nnkit.scratch.nn.smooth import GELU, LogSigmoid, Mish, SiLU, Softplus
from nnkit.scratch.nn.upsampling import Upsample
