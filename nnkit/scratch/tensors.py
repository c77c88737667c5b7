"""The tensor: an array that can remember how it was made.

Its methods are the functions of this package, bound here once, file by file. What PyTorch has
beyond these (devices, sparse layouts, complex numbers, names of axes) is left out, except that
`to`, `cpu` and `device` accept what a script for one machine says.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from operator import index
from typing import Any

from nnkit.scratch import (
    activations,
    arithmetic,
    attributes,
    autograd,
    comparison,
    conversion,
    dtypes,
    elementwise,
    extremes,
    indexing,
    inplace,
    joining,
    linalg,
    printing,
    recording,
    reductions,
    selection,
    shaping,
    trigonometric,
)
from nnkit.scratch.attributes import Size
from nnkit.scratch.dtypes import OF_NUMPY, Array
from nnkit.scratch.recording import Hook, Node, record, target_of


class Tensor:
    """An array with, if asked for, its gradient.

    Tensors are made by `tensor` and its like, and by operations.

    Parameters
    ----------
    array : ndarray
        What it holds.

    Attributes
    ----------
    array : ndarray
        The elements.
    grad : Tensor or None
        What `backward` has accumulated.
    node : Node or None
        The operation that made it, if it was recorded.
    tracked : bool
        Whether it requires a gradient.
    hooks : list or None
        Functions called with the gradient of a leaf.
    window : tuple or None
        For a view: the tensor whose memory it shows, how, and by which node that was made.
    """

    __slots__ = ("__weakref__", "array", "grad", "hooks", "node", "tracked", "window")
    __array_priority__ = 1000  # ndarray + Tensor is Tensor.__radd__

    array: Array
    grad: Tensor | None
    node: Node | None
    tracked: builtins.bool
    hooks: list[Hook] | None
    window: Any

    def __init__(self, array: Array) -> None:
        self.array = array
        self.grad = self.hooks = self.node = self.window = None
        self.tracked = False

    # autograd.py
    backward = autograd.backward
    requires_grad_ = autograd.requires_grad_
    retain_grad = autograd.retain_grad
    register_hook = autograd.register_hook
    detach = autograd.detach

    @property
    def requires_grad(self) -> builtins.bool:
        """Whether a gradient is wanted: of a leaf because it was said, else because of an input."""
        return target_of(self) is not None

    @requires_grad.setter
    def requires_grad(self, wanted: builtins.bool) -> None:
        if wanted and self.array.dtype.kind != "f":
            raise RuntimeError(f"requires_grad: expected floating elements, got {self.dtype}")
        if not wanted and self.node is not None:
            raise RuntimeError(
                f"requires_grad: expected a leaf, got the result of {self.node}; use detach()"
            )
        self.tracked = wanted

    @property
    def is_leaf(self) -> builtins.bool:
        """Whether no recorded operation made it."""
        return self.grad_fn is None

    @property
    def grad_fn(self) -> Node | None:
        """The operation that made it, or None for a leaf."""
        target_of(self)
        return self.node

    @property
    def data(self) -> Tensor:
        """The same elements without their history; assigning replaces them."""
        return record(self.array)

    @data.setter
    def data(self, other: Tensor) -> None:
        self.array = other.array

    # Elements and their type

    @property
    def shape(self) -> Size:
        """The lengths of the axes."""
        return Size(self.array.shape)

    @property
    def ndim(self) -> builtins.int:
        """The number of axes."""
        return self.array.ndim

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements."""
        return OF_NUMPY[self.array.dtype]

    @property
    def device(self) -> str:
        """Where the elements are: "cpu"."""
        return "cpu"

    @property
    def is_cuda(self) -> builtins.bool:
        """Whether they are on a graphics card: never."""
        return False

    @property
    def T(self) -> Tensor:  # noqa: N802 (PyTorch's name)
        """The transpose of a matrix."""
        return shaping.t(self)

    @property
    def mT(self) -> Tensor:  # noqa: N802 (PyTorch's name)
        """The transposes of a batch of matrices."""
        return shaping.transpose(self, -2, -1)

    def __len__(self) -> builtins.int:
        if self.array.ndim == 0:
            raise TypeError("len: expected a tensor with axes, got one of shape ()")
        return len(self.array)

    def __iter__(self) -> Iterator[Tensor]:
        return iter(joining.unbind(self))

    def __bool__(self) -> builtins.bool:
        if self.array.size != 1:
            raise RuntimeError(f"bool: expected one element, got shape {self.array.shape}")
        return bool(self.array)

    def __float__(self) -> builtins.float:
        return float(self.item())

    def __int__(self) -> builtins.int:
        return int(self.item())

    def __index__(self) -> builtins.int:
        return index(self.array.item())

    def __format__(self, spec: str) -> str:
        return format(self.item() if self.array.ndim == 0 else repr(self), spec)

    def __array__(self, dtype: Any = None, copy: builtins.bool | None = None) -> Array:
        array = self.numpy()
        return array if dtype is None else array.astype(dtype, copy=False)

    __hash__ = object.__hash__
    __repr__ = printing.to_text

    # attributes.py
    size = attributes.size
    dim = attributes.dim
    numel = attributes.numel
    element_size = attributes.element_size
    is_floating_point = attributes.is_floating_point
    is_contiguous = attributes.is_contiguous
    cpu = attributes.cpu

    # conversion.py
    item = conversion.item
    tolist = conversion.tolist
    numpy = conversion.numpy
    to = conversion.to
    clone = conversion.clone
    type_as = conversion.type_as
    half = conversion.to_half
    float = conversion.to_float
    double = conversion.to_double
    bool = conversion.to_bool
    int = conversion.to_int
    long = conversion.to_long

    # arithmetic.py
    add = __add__ = __radd__ = arithmetic.add
    sub = __sub__ = arithmetic.sub
    __rsub__ = arithmetic.rsub
    mul = __mul__ = __rmul__ = arithmetic.mul
    div = true_divide = __truediv__ = arithmetic.div
    __rtruediv__ = arithmetic.rdiv
    pow = __pow__ = arithmetic.pow
    __rpow__ = arithmetic.rpow
    floor_divide = __floordiv__ = arithmetic.floor_divide
    remainder = __mod__ = arithmetic.remainder
    maximum = arithmetic.maximum
    minimum = arithmetic.minimum

    # comparison.py
    eq = __eq__ = comparison.eq  # type: ignore[assignment]
    ne = __ne__ = comparison.ne  # type: ignore[assignment]
    lt = __lt__ = comparison.lt
    le = __le__ = comparison.le
    gt = __gt__ = comparison.gt
    ge = __ge__ = comparison.ge
    logical_and = comparison.logical_and
    logical_or = comparison.logical_or
    logical_xor = comparison.logical_xor
    logical_not = comparison.logical_not
    bitwise_and = __and__ = __rand__ = comparison.bitwise_and
    bitwise_or = __or__ = __ror__ = comparison.bitwise_or
    bitwise_xor = __xor__ = __rxor__ = comparison.bitwise_xor
    bitwise_not = __invert__ = comparison.bitwise_not
    isnan = comparison.isnan
    isinf = comparison.isinf
    isfinite = comparison.isfinite

    # elementwise.py
    neg = __neg__ = elementwise.neg
    abs = __abs__ = elementwise.abs
    sign = elementwise.sign
    exp = elementwise.exp
    expm1 = elementwise.expm1
    log = elementwise.log
    log2 = elementwise.log2
    log10 = elementwise.log10
    log1p = elementwise.log1p
    sqrt = elementwise.sqrt
    rsqrt = elementwise.rsqrt
    square = elementwise.square
    reciprocal = elementwise.reciprocal

    # trigonometric.py
    sin = trigonometric.sin
    cos = trigonometric.cos
    tan = trigonometric.tan
    atan = trigonometric.atan
    sinh = trigonometric.sinh
    cosh = trigonometric.cosh

    # elementwise.py: rounding
    floor = elementwise.floor
    ceil = elementwise.ceil
    trunc = elementwise.trunc

    # activations.py
    sigmoid = activations.sigmoid
    tanh = activations.tanh
    relu = activations.relu
    softmax = activations.softmax
    log_softmax = activations.log_softmax

    # reductions.py
    sum = reductions.sum
    mean = reductions.mean
    var = reductions.var
    std = reductions.std
    logsumexp = reductions.logsumexp
    prod = reductions.prod
    cumsum = reductions.cumsum
    all = reductions.all
    any = reductions.any

    # extremes.py
    amax = extremes.amax
    amin = extremes.amin
    max = extremes.max
    min = extremes.min
    argmax = extremes.argmax
    argmin = extremes.argmin
    sort = extremes.sort
    argsort = extremes.argsort
    topk = extremes.topk

    # selection.py
    clamp = clip = selection.clamp
    masked_fill = selection.masked_fill
    masked_select = selection.masked_select
    tril = selection.tril
    triu = selection.triu
    diagonal = selection.diagonal
    diag = selection.diag

    # shaping.py
    reshape = view = shaping.reshape
    flatten = shaping.flatten
    unflatten = shaping.unflatten
    permute = shaping.permute
    transpose = swapaxes = shaping.transpose
    t = shaping.t
    movedim = shaping.movedim
    squeeze = shaping.squeeze
    unsqueeze = shaping.unsqueeze
    expand = shaping.expand
    broadcast_to = shaping.broadcast_to
    expand_as = shaping.expand_as
    view_as = shaping.view_as
    contiguous = shaping.contiguous

    # joining.py
    narrow = joining.narrow
    split = joining.split
    chunk = joining.chunk
    unbind = joining.unbind
    repeat = joining.repeat
    repeat_interleave = joining.repeat_interleave
    flip = joining.flip
    roll = joining.roll

    # indexing.py
    __getitem__ = indexing.getitem
    gather = indexing.gather
    scatter = indexing.scatter
    index_select = indexing.index_select
    nonzero = indexing.nonzero

    # linalg.py
    matmul = mm = bmm = __matmul__ = linalg.matmul
    dot = linalg.dot
    outer = linalg.outer
    norm = linalg.norm

    # inplace.py
    __setitem__ = inplace.setitem
    copy_ = inplace.copy_
    fill_ = inplace.fill_
    zero_ = inplace.zero_
    add_ = __iadd__ = inplace.add_
    sub_ = __isub__ = inplace.sub_
    mul_ = __imul__ = inplace.mul_
    div_ = __itruediv__ = inplace.div_
    pow_ = __ipow__ = inplace.pow_
    clamp_ = inplace.clamp_
    masked_fill_ = inplace.masked_fill_
    exp_ = inplace.exp_
    sqrt_ = inplace.sqrt_
    neg_ = inplace.neg_
    relu_ = inplace.relu_
    sigmoid_ = inplace.sigmoid_
    tanh_ = inplace.tanh_
    scatter_ = inplace.scatter_
    tril_ = inplace.tril_
    triu_ = inplace.triu_
    normal_ = inplace.normal_
    uniform_ = inplace.uniform_
    bernoulli_ = inplace.bernoulli_


recording.Tensor = Tensor  # type: ignore[attr-defined]
