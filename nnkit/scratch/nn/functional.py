"""Layers, as functions of their input and their parameters: what `torch.nn.functional` holds."""

# A list of names for others to import.
# mypy: implicit-reexport
# ruff: noqa: F401, I001
# fmt: off

from nnkit.scratch.ops.activations import sigmoid, tanh
from nnkit.scratch.nn.activation import (
    elu, hardtanh, leaky_relu, log_softmax, prelu, relu, selu, softmax,
)
from nnkit.scratch.nn.attention import scaled_dot_product_attention
from nnkit.scratch.nn.batch_norm import batch_norm
from nnkit.scratch.nn.classification import (
    binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, nll_loss,
)
from nnkit.scratch.nn.conv import conv1d, conv2d, conv_transpose2d, unfold
from nnkit.scratch.nn.dropout import dropout, dropout2d
from nnkit.scratch.nn.linear import embedding, linear, one_hot
from nnkit.scratch.nn.loss import (
    gaussian_nll_loss, huber_loss, kl_div, l1_loss, mse_loss, smooth_l1_loss,
)
from nnkit.scratch.nn.normalization import group_norm, layer_norm, rms_norm
from nnkit.scratch.nn.pooling import (
    adaptive_avg_pool2d, avg_pool1d, avg_pool2d, max_pool1d, max_pool2d,
)
from nnkit.scratch.nn.smooth import gelu, logsigmoid, mish, silu, softplus
from nnkit.scratch.nn.upsampling import interpolate, pad
