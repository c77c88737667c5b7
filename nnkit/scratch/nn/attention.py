"""Attention: every query takes an average of the values, weighted by how well the keys match it.

Left out are keys and values of another width than the queries, or with fewer heads.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, InitVar
from functools import cache
from math import sqrt
from typing import Any

import numpy as np

from nnkit.scratch.core import dtypes
from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import quiet, record
from nnkit.scratch.nn import init
from nnkit.scratch.nn.dropout import dropout
from nnkit.scratch.nn.linear import Linear, linear
from nnkit.scratch.nn.members import Parameter
from nnkit.scratch.nn.module import Functional
from nnkit.scratch.nn.upsampling import pad
from nnkit.scratch.ops import creation
from nnkit.scratch.ops.activations import softmax
from nnkit.scratch.ops.joining import cat, chunk
from nnkit.scratch.ops.linalg import matmul
from nnkit.scratch.ops.random import source
from nnkit.scratch.ops.reductions import mean
from nnkit.scratch.ops.shaping import broadcast_to, reshape, squeeze, transpose, unsqueeze
from nnkit.scratch.tensors import Tensor


@cache
def _later(queries: int, keys: int, kind: type[np.floating]) -> Array:
    """Return −∞ where the key comes after the query, and 0 elsewhere."""
    return np.triu(np.full((queries, keys), -np.inf, kind), 1)


@quiet
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
) -> Tensor:
    """Return softmax(s Q Kᵀ + M) V.

    Parameters
    ----------
    query : Tensor
        Q, of shape (..., L, E): L queries.
    key : Tensor
        K, of shape (..., S, E): S keys.
    value : Tensor
        V, of shape (..., S, D): their values.
    attn_mask : Tensor, optional
        M, of a shape that broadcasts to (..., L, S): numbers that are added, or booleans, true
        where the query may look. A query that may look nowhere gets zeros.
    dropout_p : float, default 0.0
        Probability of dropping a weight; here, unlike in a module, always in force.
    is_causal : bool, default False
        Let query i look at the keys 0 to i alone; then there is no `attn_mask`.
    scale : float, optional
        The s; 1/√E if left out.

    Returns
    -------
    Tensor
        Shape (..., L, D).

    Raises
    ------
    RuntimeError
        If the shapes or types do not fit, or a mask is given to causal attention.

    Notes
    -----
    With P the softmax, m the factors of dropout, and g the gradient of the result, that of V is
    (P m)ᵀ g, and that of P is (g Vᵀ) m. Σ over keys of P times it is the product of g with the
    result, so that the gradient at the scores is P ((g Vᵀ) m − Σ g · result); M takes it as it is,
    Q takes s times its product with K, and K takes s times its transpose's with Q.

    References
    ----------
    .. [1] A. Vaswani et al., "Attention is all you need", NeurIPS 2017, eq. 1.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> import nnkit.scratch.nn.functional as F
    >>> x = engine.eye(3)
    >>> F.scaled_dot_product_attention(x, x, x, is_causal=True)
    tensor([[1.0000, 0.0000, 0.0000],
            [0.3595, 0.6405, 0.0000],
            [0.2645, 0.2645, 0.4711]])
    """
    op, (q, k, v) = "scaled_dot_product_attention", (query.array, key.array, value.array)
    if not (q.ndim >= 2 <= k.ndim and q.shape[-1] == k.shape[-1] and k.shape[-2] == v.shape[-2]):
        got = f"{q.shape}, {k.shape}, {v.shape}"
        raise RuntimeError(
            f"{op}: expected shapes (..., L, E), (..., S, E), (..., S, D), got {got}"
        )
    if not q.dtype == k.dtype == v.dtype:
        got = f"{query.dtype}, {key.dtype}, {value.dtype}"
        raise RuntimeError(f"{op}: expected one dtype, got {got}")
    if is_causal and attn_mask is not None:
        raise RuntimeError(f"{op}: expected no attn_mask with is_causal, got one")
    s = 1 / sqrt(q.shape[-1]) if scale is None else scale
    p = (q * q.dtype.type(s)) @ k.swapaxes(-1, -2)
    if is_causal:
        p += _later(*p.shape[-2:], p.dtype.type)
    elif attn_mask is not None:
        mask = attn_mask.array
        if mask.dtype not in (bool, p.dtype):
            got = f"torch.bool or {query.dtype}, got {attn_mask.dtype}"
            raise RuntimeError(f"{op}: expected an attn_mask of dtype {got}")
        p = p + (np.where(mask, p.dtype.type(0), -np.inf) if mask.dtype == bool else mask)
    top = p.max(-1, keepdims=True, initial=-np.inf)
    top[top == -np.inf] = 0  # a query that may look nowhere
    p -= top
    np.exp(p, out=p)
    total = p.sum(-1, keepdims=True)
    total[total == 0] = 1
    p /= total
    factors: Any = 1
    if dropout_p:
        scale_up = p.dtype.type(1 / (1 - dropout_p) if dropout_p < 1 else 0)
        factors = (source(None).random(p.shape, np.float32) >= dropout_p) * scale_up
    kept = p * factors if dropout_p else p
    out = kept @ v

    def back(g: Array) -> tuple[Array, ...]:
        at = g @ v.swapaxes(-1, -2)
        if dropout_p:
            at *= factors
        at -= (g * out).sum(-1, keepdims=True)
        at *= p
        return s * (at @ k), s * (at.swapaxes(-1, -2) @ q), kept.swapaxes(-1, -2) @ g, at

    return record(out, ((query, key, value, attn_mask), back))


class MultiheadAttention(Functional):
    """Attend with several heads side by side, each to a projection of its own.

    Head i is the attention of Q Wᵢᵀ, K Wᵢᵀ and V Wᵢᵀ, each with rows of its own and a bias, and the
    result is W (all heads side by side) + b. Shapes: query (L, N, embed_dim), key and value
    (S, N, embed_dim), with N first if `batch_first`, or without N; to one of the query's shape, and
    the weights, of shape (N, L, S), or (N, num_heads, L, S) if they are not averaged. Parameters:
    `in_proj_weight`, of shape (3 · embed_dim, embed_dim), for Q, K and V one below the other,
    xavier_uniform_; `in_proj_bias`, zero; `out_proj`, a `Linear` with a bias of zero.

    Parameters
    ----------
    embed_dim : int
        Features of query and result, divided among the heads.
    num_heads : int
        Number of heads.
    dropout : float, default 0.0
        Probability of dropping a weight, in training.
    bias : bool, default True
        Whether there are biases.
    add_bias_kv : bool, default False
        Whether a learned key and value, `bias_k` and `bias_v`, stand after the others.
    add_zero_attn : bool, default False
        Whether a key and a value of zeros stand after the others.
    batch_first : bool, default False
        Whether the batch is the first axis, not the second.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.scratch import nn
    >>> x = engine.ones(2, 5, 8)
    >>> attend = nn.MultiheadAttention(8, num_heads=2, batch_first=True)
    >>> output, weights = attend(x, x, x)
    >>> output.shape, weights.shape
    (torch.Size([2, 5, 8]), torch.Size([2, 5, 5]))
    """

    embed_dim: int
    num_heads: int
    dropout: float = 0.0
    bias: InitVar[bool] = True
    add_bias_kv: InitVar[bool] = False
    add_zero_attn: bool = False
    _: KW_ONLY  # here PyTorch has the widths of key and value
    batch_first: bool = False
    device: InitVar[object] = None
    dtype: InitVar[dtypes.dtype | None] = None

    def __post_init__(
        self, bias: bool, add_bias_kv: bool, device: object, dtype: dtypes.dtype | None
    ) -> None:
        width, heads = self.embed_dim, self.num_heads
        if width <= 0 or heads <= 0 or width % heads:
            raise ValueError(
                "MultiheadAttention: expected embed_dim > 0, divisible by num_heads > 0, got "
                f"{width} and {heads}"
            )

        def parameter(*shape: int) -> Parameter:
            return Parameter(creation.empty(*shape, dtype=dtype))

        self.in_proj_weight = parameter(3 * width, width)
        self.in_proj_bias = parameter(3 * width) if bias else None
        self.bias_k = parameter(1, 1, width) if add_bias_kv else None
        self.bias_v = parameter(1, 1, width) if add_bias_kv else None
        self.out_proj = Linear(width, width, bias, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        for name, parameter in self.named_parameters():
            if name in ("bias_k", "bias_v"):
                init.xavier_normal_(parameter)
            elif name.endswith("bias"):
                init.zeros_(parameter)
            elif name != "out_proj.weight":
                init.xavier_uniform_(parameter)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend.

        Parameters
        ----------
        query : Tensor
            What asks, of shape (L, N, embed_dim).
        key, value : Tensor
            What is asked, and what is averaged, of shape (S, N, embed_dim).
        key_padding_mask : Tensor, optional
            Shape (N, S): added to the scores, or true where no query may look.
        need_weights : bool, default True
            Whether the weights are returned.
        attn_mask : Tensor, optional
            Shape (L, S) or (N · num_heads, L, S): added to the scores, or true where a query may
            not look, which is the contrary of `scaled_dot_product_attention`.
        average_attn_weights : bool, default True
            Whether the weights are averaged over the heads.
        is_causal : bool, default False
            Says that `attn_mask`, which must be given all the same, is causal.

        Returns
        -------
        output : Tensor
            Shape of the query.
        weights : Tensor or None
            Shape (N, L, S), or (N, num_heads, L, S) if they are not averaged.

        Raises
        ------
        AssertionError, RuntimeError
            If a shape does not fit.
        """
        if is_causal and attn_mask is None:
            raise RuntimeError("MultiheadAttention: expected an attn_mask with is_causal, got none")
        shapes = [x.array.shape for x in (query, key, value)]
        if {len(shape) for shape in shapes} not in ({2}, {3}):
            raise AssertionError(
                f"MultiheadAttention: expected query, key and value of 2 or 3 axes, got {shapes}"
            )
        if {shape[-1] for shape in shapes} != {self.embed_dim}:
            got = f"{self.embed_dim} (embed_dim), got {shapes}"
            raise AssertionError(f"MultiheadAttention: expected last axes of length {got}")
        batched, together = query.array.ndim == 3, query is key is value
        if not batched:
            query, key, value = (unsqueeze(x, 0) for x in (query, key, value))
            key_padding_mask = None if key_padding_mask is None else key_padding_mask[None]
        elif not self.batch_first:
            query, key, value = (transpose(x, 0, 1) for x in (query, key, value))
        weight, bias = self.in_proj_weight, self.in_proj_bias
        if together:
            q, k, v = chunk(linear(query, weight, bias), 3, -1)
        else:
            biases = (None,) * 3 if bias is None else chunk(bias, 3)
            of_each = zip((query, key, value), chunk(weight, 3), biases, strict=True)
            q, k, v = (linear(*of_one) for of_one in of_each)  # (N, L or S, embed_dim)
        mask = self._mask(attn_mask, key_padding_mask, q, k.array.shape[1])
        if self.bias_k is not None and self.bias_v is not None:
            size = (len(k.array), 1, self.embed_dim)
            k = cat([k, broadcast_to(self.bias_k, size)], 1)
            v = cat([v, broadcast_to(self.bias_v, size)], 1)
        if self.add_zero_attn:
            k, v = (cat([x, creation.zeros_like(x[:, :1])], 1) for x in (k, v))
        q, k, v = (
            transpose(reshape(x, *x.array.shape[:2], self.num_heads, -1), 1, 2) for x in (q, k, v)
        )  # (N, num_heads, L or S, head_dim)
        p = self.dropout if self.training else 0.0
        if need_weights:
            scores = matmul(q * q.array.shape[-1] ** -0.5, transpose(k, 2, 3))
            weights = dropout(softmax(scores if mask is None else scores + mask, -1), p)
            heads = matmul(weights, v)
        else:
            heads = scaled_dot_product_attention(q, k, v, mask, p)
        heads = transpose(heads, 1, 2)
        out = self.out_proj(reshape(heads, *heads.array.shape[:2], self.embed_dim))
        if not batched:
            out = squeeze(out, 0)
        elif not self.batch_first:
            out = transpose(out, 0, 1)
        if not need_weights:
            return out, None
        weights = mean(weights, 1) if average_attn_weights else weights
        return out, weights if batched else squeeze(weights, 0)

    def extra_repr(self) -> str:
        return ""

    def _mask(
        self, attn_mask: Tensor | None, padding: Tensor | None, q: Tensor, keys: int
    ) -> Tensor | None:
        """Return the masks as one that is added to the scores (N, num_heads, L, S)."""
        (batch, queries, _), heads, merged = q.array.shape, self.num_heads, None
        of_each_head = attn_mask is not None and attn_mask.array.ndim == 3
        rows = (batch * heads, queries) if of_each_head else (queries,)
        outer = (batch, heads) if of_each_head else (1, 1)
        for name, mask, expected, apart in (
            ("attn_mask", attn_mask, (*rows, keys), (*outer, queries, keys)),
            ("key_padding_mask", padding, (batch, keys), (batch, 1, 1, keys)),
        ):
            if mask is None:
                continue
            if mask.array.shape != expected:
                got = f"{name} of shape {expected}, got {mask.array.shape}"
                raise RuntimeError(f"MultiheadAttention: expected {got}")
            if mask.array.dtype == bool:
                mask = record(np.where(mask.array, -np.inf, q.array.dtype.type(0)))
            mask = reshape(mask, apart)
            merged = mask if merged is None else merged + mask
        added = (self.bias_k is not None) + self.add_zero_attn
        return merged if merged is None or not added else pad(merged, (0, added))
