"""The tensor's methods: the functions of this package, bound here once, file by file.

What PyTorch has beyond these (sparse layouts, complex numbers, names of axes) is left out.
"""

# ruff: noqa: I001
from __future__ import annotations

from functools import partialmethod

from nnkit.scratch.core import dtypes, printing, walk
from nnkit.scratch.core.recording import Tensor as Tensor
from nnkit.scratch.ops import (
    activations, arithmetic, comparison, conversion, elementwise, extremes, indexing, inplace,
    joining, linalg, random, reductions, selection, shaping,
)  # fmt: skip

METHODS = {
    walk: "backward detach register_hook requires_grad_ retain_grad",
    conversion: "item tolist numpy to clone is_floating_point",
    shaping: "size dim numel reshape flatten squeeze unsqueeze permute transpose t expand"
    " broadcast_to expand_as contiguous",
    arithmetic: "add sub mul div pow floor_divide remainder maximum minimum",
    comparison: "eq ne lt le gt ge equal isclose allclose isnan isinf isfinite logical_and"
    " logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor bitwise_not",
    elementwise: "neg abs sign square floor ceil trunc round exp expm1 log log2 log10 log1p sqrt"
    " rsqrt reciprocal sin cos tan atan sinh cosh",
    activations: "sigmoid tanh relu softmax log_softmax",
    reductions: "sum mean var std logsumexp prod cumsum all any",
    extremes: "amax amin max min argmax argmin sort argsort topk",
    linalg: "matmul dot outer norm",
    selection: "clamp masked_fill tril triu diag",
    joining: "split chunk unbind repeat repeat_interleave flip roll",
    indexing: "getitem gather scatter index_select nonzero",
    random: "bernoulli multinomial",
    inplace: "setitem copy_ fill_ zero_ normal_ uniform_ bernoulli_",
    printing: "to_text",
}
IN_PLACE = "add sub mul div pow clamp masked_fill exp sqrt neg relu sigmoid tanh scatter tril triu"
ALIASES = {
    "reshape": "view", "clamp": "clip", "transpose": "swapaxes", "matmul": "mm bmm __matmul__",
    "add": "__add__ __radd__", "sub": "__sub__", "mul": "__mul__ __rmul__", "div": "__truediv__",
    "pow": "__pow__", "floor_divide": "__floordiv__", "remainder": "__mod__", "neg": "__neg__",
    "abs": "__abs__", "eq": "__eq__", "ne": "__ne__", "lt": "__lt__", "le": "__le__",
    "gt": "__gt__", "ge": "__ge__", "bitwise_and": "__and__ __rand__", "bitwise_not": "__invert__",
    "bitwise_or": "__or__ __ror__", "bitwise_xor": "__xor__ __rxor__", "add_": "__iadd__",
    "sub_": "__isub__", "mul_": "__imul__", "div_": "__itruediv__", "pow_": "__ipow__",
    "getitem": "__getitem__", "setitem": "__setitem__", "to_text": "__repr__",
}  # fmt: skip
REFLECTED = {
    "__rsub__": arithmetic.sub, "__rtruediv__": arithmetic.div, "__rpow__": arithmetic.pow,
    "__rfloordiv__": arithmetic.floor_divide, "__rmod__": arithmetic.remainder,
}  # fmt: skip
CONVERSIONS = {
    "half": dtypes.float16, "float": dtypes.float32, "double": dtypes.float64,
    "int": dtypes.int32, "long": dtypes.int64, "bool": dtypes.boolean, "cpu": "cpu",
}  # fmt: skip

for module, names in METHODS.items():
    for name in names.split():
        setattr(Tensor, name, getattr(module, name))
for name in IN_PLACE.split():
    setattr(Tensor, f"{name}_", inplace.in_place(getattr(Tensor, name)))
for name, others in ALIASES.items():
    for other in others.split():
        setattr(Tensor, other, getattr(Tensor, name))
for name, op in REFLECTED.items():
    setattr(Tensor, name, lambda input, other, op=op: op(other, input))
for name, kind in CONVERSIONS.items():
    setattr(Tensor, name, partialmethod(conversion.to, kind))
