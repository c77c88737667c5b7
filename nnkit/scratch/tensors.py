"""The tensor: an array that can remember how it was made.

Its methods are the functions of this package, bound here once, file by file. What PyTorch has
beyond these (devices, sparse layouts, complex numbers, names of axes) is left out, except that
`to`, `cpu` and `device` accept what a script for one machine says.
"""

from __future__ import annotations

import builtins
import weakref
from collections.abc import Iterator
from operator import index
from typing import Any

import numpy as np

from nnkit.scratch import (
    activations,
    arithmetic,
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
)
from nnkit.scratch.dtypes import OF_NUMPY, Array
from nnkit.scratch.recording import Hook, Node, record, target_of


class Size(tuple[int, ...]):
    """A shape: a tuple that prints as PyTorch's does.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> torch.zeros(2, 3).shape
    torch.Size([2, 3])
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def numel(self) -> int:
        """Return the number of elements.

        Returns
        -------
        int
            The product of the lengths.
        """
        return int(np.prod(self))


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

    # Gradients: autograd.py

    backward = autograd.backward

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

    def requires_grad_(self, requires_grad: builtins.bool = True) -> Tensor:
        """Say whether a gradient is wanted.

        Parameters
        ----------
        requires_grad : bool, default True
            Whether it is.

        Returns
        -------
        Tensor
            The tensor itself.

        Raises
        ------
        RuntimeError
            If its elements are not floating, or if it is to stop and is no leaf.
        """
        self.requires_grad = requires_grad
        return self

    def retain_grad(self) -> None:
        """Keep the gradient in `grad` although this is no leaf.

        Raises
        ------
        RuntimeError
            If the tensor requires no grad.

        Examples
        --------
        >>> import nnkit.scratch as torch
        >>> x = torch.ones(2, requires_grad=True)
        >>> y = 3 * x
        >>> y.retain_grad()
        >>> y.sum().backward()
        >>> y.grad
        tensor([1., 1.])
        """
        if not self.requires_grad:
            raise RuntimeError("retain_grad: expected a tensor that requires grad, got one without")
        if self.node is not None:
            self.node.retained = weakref.ref(self)

    def register_hook(self, hook: Hook) -> RemovableHandle:
        """Call a function with the gradient of this tensor as soon as it is known.

        Parameters
        ----------
        hook : callable
            Takes the gradient; what it returns, unless None, takes its place.

        Returns
        -------
        RemovableHandle
            Its method `remove` takes the hook away again.

        Raises
        ------
        RuntimeError
            If the tensor requires no grad.

        Examples
        --------
        >>> import nnkit.scratch as torch
        >>> x = torch.ones(2, requires_grad=True)
        >>> handle = x.register_hook(lambda grad: 2 * grad)
        >>> x.sum().backward()
        >>> x.grad
        tensor([2., 2.])
        """
        source = target_of(self)
        if source is None:
            raise RuntimeError(
                "register_hook: expected a tensor that requires grad, got one without"
            )
        if source.hooks is None:
            source.hooks = []
        return RemovableHandle(source.hooks, hook)

    def detach(self) -> Tensor:
        """Return the same elements, in the same memory, without their history.

        Returns
        -------
        Tensor
            A leaf that requires no grad.

        Examples
        --------
        >>> import nnkit.scratch as torch
        >>> torch.ones(2, requires_grad=True).detach().requires_grad
        False
        """
        return record(self.array)

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

    def size(self, dim: builtins.int | None = None) -> Any:
        """Return the lengths of the axes, or of one.

        Parameters
        ----------
        dim : int, optional
            The one.

        Returns
        -------
        Size or int
            All lengths, or that one.
        """
        if dim is None:
            return self.shape
        return self.array.shape[shaping.axis_of("size", dim, self.array.ndim)]

    def dim(self) -> builtins.int:
        """Return the number of axes.

        Returns
        -------
        int
            The number.
        """
        return self.array.ndim

    def numel(self) -> builtins.int:
        """Return the number of elements.

        Returns
        -------
        int
            The number.
        """
        return self.array.size

    def element_size(self) -> builtins.int:
        """Return the size of an element in bytes.

        Returns
        -------
        int
            The size.
        """
        return self.array.itemsize

    def is_floating_point(self) -> builtins.bool:
        """Return whether the elements can carry a fraction.

        Returns
        -------
        bool
            Whether they can.
        """
        return self.array.dtype.kind == "f"

    def is_contiguous(self) -> builtins.bool:
        """Return whether the elements lie in memory in row-major order.

        Returns
        -------
        bool
            Whether they do.
        """
        return self.array.flags.c_contiguous

    def cpu(self) -> Tensor:
        """Return the tensor itself, which is on the processor already.

        Returns
        -------
        Tensor
            The tensor itself.
        """
        return self

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

    def item(self) -> Any:
        """Return the only element as a Python number.

        Returns
        -------
        bool, int or float
            The element.

        Raises
        ------
        RuntimeError
            If there is not exactly one.
        """
        if self.array.size != 1:
            raise RuntimeError(f"item: expected one element, got shape {self.array.shape}")
        return self.array.item()

    def tolist(self) -> Any:
        """Return the elements as Python numbers in nested lists.

        Returns
        -------
        list or number
            Nested as deep as there are axes.
        """
        return self.array.tolist()

    def numpy(self) -> Array:
        """Return the array itself, which shares the memory.

        Returns
        -------
        ndarray
            Of the same shape and type.

        Raises
        ------
        RuntimeError
            If the tensor requires grad, for changes of the array could not be recorded.
        """
        if self.requires_grad:
            raise RuntimeError(
                f"numpy: expected a tensor that requires no grad, got one of shape "
                f"{self.array.shape} that does; use detach()"
            )
        return self.array

    # conversion.py
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
    sin = elementwise.sin
    cos = elementwise.cos
    tan = elementwise.tan
    atan = elementwise.atan
    sinh = elementwise.sinh
    cosh = elementwise.cosh
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


class RemovableHandle:
    """What `register_hook` returns: it can take its hook away again.

    Parameters
    ----------
    hooks : list
        Where the hook is put.
    hook : callable
        The hook.
    """

    def __init__(self, hooks: list[Hook], hook: Hook) -> None:
        self._hooks, self._hook = hooks, hook
        hooks.append(hook)

    def remove(self) -> None:
        """Take the hook away."""
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)


recording.Tensor = Tensor  # type: ignore[attr-defined]
