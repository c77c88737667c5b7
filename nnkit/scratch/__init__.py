"""PyTorch's programs on NumPy: the course's own engine.

`import nnkit.scratch as torch` runs an ordinary PyTorch script: names, arguments, defaults, shapes,
layouts and the form of what is printed are PyTorch's. The first chapters build its ideas by hand;
later ones import it, and show the same program on both engines. Left out are other devices than the
processor, gradients of gradients, complex and sparse tensors, and all that no chapter needs.
"""

# mypy: implicit-reexport
# fmt: off
# ruff: noqa: F401, I001
from math import inf, nan, pi

from nnkit.scratch import autograd
from nnkit.scratch.ops.activations import log_softmax, relu, sigmoid, softmax, tanh
from nnkit.scratch.ops.arithmetic import (
    add, div, floor_divide, maximum, minimum, mul, pow, remainder, sub,
)
from nnkit.scratch.ops.comparison import (
    allclose, bitwise_and, bitwise_not, bitwise_or, bitwise_xor, eq, equal, ge, gt, isclose,
    isfinite, isinf, isnan, le, logical_and, logical_not, logical_or, logical_xor, lt, ne,
)
from nnkit.scratch.ops.conversion import as_tensor, clone, from_numpy, is_floating_point, tensor
from nnkit.scratch.ops.creation import (
    arange, empty, empty_like, eye, full, full_like, linspace, ones, ones_like, zeros,
    zeros_like,
)
from nnkit.scratch.core.dtypes import (
    Size, cuda, device, dtype, float16, float32, float64, get_default_dtype, int16, int32, int64,
    int8, set_default_dtype, uint8, boolean as bool, float16 as half, float32 as float,
    float64 as double, int16 as short, int32 as int, int64 as long,
)
from nnkit.scratch.ops.elementwise import (
    abs, atan, ceil, cos, cosh, exp, expm1, floor, log, log10, log1p, log2, neg, reciprocal,
    round, rsqrt, sign, sin, sinh, sqrt, square, tan, trunc,
)
from nnkit.scratch.ops.extremes import amax, amin, argmax, argmin, argsort, max, min, sort, topk
from nnkit.scratch.core.grad_mode import (
    enable_grad, is_grad_enabled, no_grad, no_grad as inference_mode, set_grad_enabled,
)
from nnkit.scratch.ops.indexing import gather, index_select, nonzero, scatter
from nnkit.scratch.ops.joining import (
    cat, chunk, flip, repeat_interleave, roll, split, stack, unbind,
)
from nnkit.scratch.ops.linalg import dot, einsum, matmul, norm, outer
from nnkit.scratch.ops.random import (
    Generator, bernoulli, manual_seed, multinomial, normal, rand, rand_like, randint, randn,
    randn_like, randperm,
)
from nnkit.scratch.ops.reductions import all, any, cumsum, logsumexp, mean, prod, std, sum, var
from nnkit.scratch.ops.selection import clamp, diag, masked_fill, tril, triu, where
from nnkit.scratch.serialization import load, save
from nnkit.scratch.ops.shaping import (
    broadcast_to, flatten, numel, permute, reshape, squeeze, t, transpose, unsqueeze,
)
from nnkit.scratch.tensors import Tensor
from nnkit.scratch import nn, optim, utils  # last: they use what stands above
