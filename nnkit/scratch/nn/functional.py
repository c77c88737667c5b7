"""Layers, as functions of their input and their parameters: what `torch.nn.functional` holds."""

from nnkit.scratch.nn.activation import (
    elu,
    hardtanh,
    leaky_relu,
    log_softmax,
    prelu,
    relu,
    selu,
    sigmoid,
    softmax,
    tanh,
)
from nnkit.scratch.nn.attention import scaled_dot_product_attention
from nnkit.scratch.nn.conv import conv1d, conv2d, conv_transpose2d, unfold
from nnkit.scratch.nn.dropout import dropout, dropout2d
from nnkit.scratch.nn.linear import embedding, linear, one_hot
from nnkit.scratch.nn.loss import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    gaussian_nll_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)
from nnkit.scratch.nn.normalization import batch_norm, group_norm, layer_norm, rms_norm
from nnkit.scratch.nn.pooling import (
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)
from nnkit.scratch.nn.smooth import gelu, logsigmoid, mish, silu, softplus
from nnkit.scratch.nn.upsampling import interpolate, pad

__all__ = [
    "adaptive_avg_pool2d",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "conv1d",
    "conv2d",
    "conv_transpose2d",
    "cross_entropy",
    "dropout",
    "dropout2d",
    "elu",
    "embedding",
    "gaussian_nll_loss",
    "gelu",
    "group_norm",
    "hardtanh",
    "huber_loss",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "max_pool1d",
    "max_pool2d",
    "mish",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "pad",
    "prelu",
    "relu",
    "rms_norm",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "softmax",
    "softplus",
    "tanh",
    "unfold",
]
