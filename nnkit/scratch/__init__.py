"""PyTorch's programs on NumPy: the course's own engine.

`import nnkit.scratch as torch` runs an ordinary PyTorch script: names, arguments, defaults, shapes,
layouts and the form of what is printed are PyTorch's. The first chapters build its ideas by hand;
later ones import it, and show the same program on both engines. Left out are other devices than the
processor, gradients of gradients, complex and sparse tensors, and all that no chapter needs.
"""

# fmt: off
# ruff: noqa: I001, RUF022
from math import inf, nan, pi

from nnkit.scratch import autograd
from nnkit.scratch.activations import log_softmax, relu, sigmoid, softmax, tanh
from nnkit.scratch.arithmetic import (
    add, div, floor_divide, maximum, minimum, mul, pow, remainder, sub,
)
from nnkit.scratch.attributes import Size, is_floating_point, numel
from nnkit.scratch.comparison import (
    allclose, bitwise_and, bitwise_not, bitwise_or, bitwise_xor, eq, equal, ge, gt, isclose,
    isfinite, isinf, isnan, le, logical_and, logical_not, logical_or, logical_xor, lt, ne,
)
from nnkit.scratch.conversion import as_tensor, clone, from_numpy, tensor
from nnkit.scratch.creation import (
    arange, empty, empty_like, eye, full, full_like, linspace, ones, ones_like, zeros,
    zeros_like,
)
from nnkit.scratch.dtypes import (
    dtype, float16, float32, float64, int16, int32, int64, int8, uint8, boolean as bool, float16
    as half, float32 as float, float64 as double, int16 as short, int32 as int, int64 as long,
)
from nnkit.scratch.elementwise import (
    abs, ceil, exp, expm1, floor, log, log10, log1p, log2, neg, reciprocal, rsqrt, sign, sqrt,
    square, trunc,
)
from nnkit.scratch.extremes import amax, amin, argmax, argmin, argsort, max, min, sort, topk
from nnkit.scratch.indexing import gather, index_select, nonzero, scatter
from nnkit.scratch.joining import (
    cat, chunk, flip, narrow, repeat_interleave, roll, split, stack, unbind,
)
from nnkit.scratch.linalg import dot, einsum, matmul, norm, outer
from nnkit.scratch.random import (
    Generator, bernoulli, manual_seed, multinomial, normal, rand, rand_like, randint, randn,
    randn_like, randperm,
)
from nnkit.scratch.recording import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from nnkit.scratch.reductions import all, any, cumsum, logsumexp, mean, prod, std, sum, var
from nnkit.scratch.selection import (
    clamp, diag, diagonal, masked_fill, masked_select, tril, triu, where,
)
from nnkit.scratch.serialization import load, save
from nnkit.scratch.shaping import (
    broadcast_to, flatten, movedim, permute, reshape, squeeze, t, transpose, unflatten,
    unsqueeze,
)
from nnkit.scratch.tensors import Tensor
from nnkit.scratch.trigonometric import atan, cos, cosh, sin, sinh, tan
from nnkit.scratch import nn, optim, utils  # last: they use what stands above

__all__ = [
    "Generator", "Size", "Tensor", "abs", "add", "all", "allclose", "amax", "amin", "any",
    "arange", "argmax", "argmin", "argsort", "as_tensor", "atan", "autograd", "bernoulli",
    "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "bool", "broadcast_to", "cat",
    "ceil", "chunk", "clamp", "clone", "cos", "cosh", "cumsum", "diag", "diagonal", "div",
    "dot", "double", "dtype", "einsum", "empty", "empty_like", "enable_grad", "eq", "equal",
    "exp", "expm1", "eye", "flatten", "flip", "float", "float16", "float32", "float64", "floor",
    "floor_divide", "from_numpy", "full", "full_like", "gather", "ge", "gt", "half",
    "index_select", "inf", "int", "int16", "int32", "int64", "int8", "is_floating_point",
    "is_grad_enabled", "isclose", "isfinite", "isinf", "isnan", "le", "linspace", "load", "log",
    "log10", "log1p", "log2", "log_softmax", "logical_and", "logical_not", "logical_or",
    "logical_xor", "logsumexp", "long", "lt", "manual_seed", "masked_fill", "masked_select",
    "matmul", "max", "maximum", "mean", "min", "minimum", "movedim", "mul", "multinomial",
    "nan", "narrow", "ne", "neg", "nn", "no_grad", "nonzero", "norm", "normal", "numel", "ones",
    "ones_like", "optim", "outer", "permute", "pi", "pow", "prod", "rand", "rand_like", "randint",
    "randn", "randn_like", "randperm", "reciprocal", "relu", "remainder", "repeat_interleave",
    "reshape", "roll", "rsqrt", "save", "scatter", "set_grad_enabled", "short", "sigmoid",
    "sign", "sin", "sinh", "softmax", "sort", "split", "sqrt", "square", "squeeze", "stack",
    "std", "sub", "sum", "t", "tan", "tanh", "tensor", "topk", "transpose", "tril", "triu",
    "trunc", "uint8", "unbind", "unflatten", "unsqueeze", "utils", "var", "where", "zeros",
    "zeros_like",
]
