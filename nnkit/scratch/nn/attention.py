"""Attention: every query takes an average of the values, weighted by how well the keys match it.

Left out of `MultiheadAttention` are nested tensors and static keys.
"""

from __future__ import annotations

from functools import cache
from math import sqrt
from typing import Any

import numpy as np

from nnkit.scratch import creation
from nnkit.scratch.activations import softmax
from nnkit.scratch.dtypes import Array, dtype
from nnkit.scratch.joining import cat, chunk, repeat_interleave
from nnkit.scratch.linalg import matmul
from nnkit.scratch.nn import init
from nnkit.scratch.nn.dropout import dropout
from nnkit.scratch.nn.linear import Linear, linear
from nnkit.scratch.nn.module import Module, Parameter
from nnkit.scratch.random import source
from nnkit.scratch.recording import quiet, record
from nnkit.scratch.reductions import mean
from nnkit.scratch.shaping import broadcast_to, reshape, squeeze, transpose, unsqueeze
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
    enable_gqa: bool = False,
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
    enable_gqa : bool, default False
        Let the third axis from the end, the heads, be shorter in K and V: each of theirs then
        serves several consecutive heads of Q.

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
    >>> import nnkit.scratch as torch
    >>> import nnkit.scratch.nn.functional as F
    >>> x = torch.eye(3)
    >>> F.scaled_dot_product_attention(x, x, x, is_causal=True)
    tensor([[1.0000, 0.0000, 0.0000],
            [0.3595, 0.6405, 0.0000],
            [0.2645, 0.2645, 0.4711]])
    """
    if enable_gqa:
        groups = query.shape[-3] // key.shape[-3]
        key, value = (repeat_interleave(x, groups, -3) for x in (key, value))
    q, k, v = query.array, key.array, value.array
    if not (q.ndim >= 2 <= k.ndim and q.shape[-1] == k.shape[-1] and k.shape[-2] == v.shape[-2]):
        raise RuntimeError(
            "scaled_dot_product_attention: expected shapes (..., L, E), (..., S, E), (..., S, D), "
            f"got {q.shape}, {k.shape}, {v.shape}"
        )
    if not q.dtype == k.dtype == v.dtype:
        raise RuntimeError(
            "scaled_dot_product_attention: expected one dtype, got "
            f"{query.dtype}, {key.dtype}, {value.dtype}"
        )
    s = 1 / sqrt(q.shape[-1]) if scale is None else scale
    p = (q * q.dtype.type(s)) @ k.swapaxes(-1, -2)
    if is_causal:
        if attn_mask is not None:
            raise RuntimeError(
                "scaled_dot_product_attention: expected no attn_mask with is_causal, got one"
            )
        p += _later(*p.shape[-2:], p.dtype.type)
    elif attn_mask is not None:
        mask = attn_mask.array
        if mask.dtype != bool and mask.dtype != p.dtype:
            raise RuntimeError(
                "scaled_dot_product_attention: expected an attn_mask of dtype torch.bool or "
                f"{query.dtype}, got {attn_mask.dtype}"
            )
        p = p + (np.where(mask, p.dtype.type(0), -np.inf) if mask.dtype == bool else mask)
    top = p.max(-1, keepdims=True, initial=-np.inf)
    top[top == -np.inf] = 0  # a query that may look nowhere
    p -= top
    np.exp(p, out=p)
    total = p.sum(-1, keepdims=True)
    total[total == 0] = 1
    p /= total
    factors: Array | None = None
    if dropout_p:
        scale_up = p.dtype.type(1 / (1 - dropout_p) if dropout_p < 1 else 0)
        factors = (source(None).random(p.shape, np.float32) >= dropout_p) * scale_up
    kept = p if factors is None else p * factors
    out = kept @ v

    def back(g: Array) -> tuple[Array, ...]:
        at = g @ v.swapaxes(-1, -2)
        if factors is not None:
            at *= factors
        at -= (g * out).sum(-1, keepdims=True)
        at *= p
        return s * (at @ k), s * (at.swapaxes(-1, -2) @ q), kept.swapaxes(-1, -2) @ g, at

    return record(out, ((query, key, value, attn_mask), back))


class MultiheadAttention(Module):
    """Attend with several heads side by side, each to a projection of its own.

    Head i is the attention of Q Wᵢᵀ, K Wᵢᵀ and V Wᵢᵀ, each with rows of its own and a bias, and the
    result is W (all heads side by side) + b. Shapes: query (L, N, embed_dim), key (S, N, kdim) and
    value (S, N, vdim), with N first if `batch_first`, or without N; to one of the query's shape,
    and the weights, of shape (N, L, S), or (N, num_heads, L, S) if they are not averaged.
    Parameters: `in_proj_weight`, of shape (3 · embed_dim, embed_dim), for Q, K and V one below the
    other, or `q_proj_weight`, `k_proj_weight` and `v_proj_weight` where their widths differ, all
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
    kdim : int, optional
        Features of the key; `embed_dim` if left out.
    vdim : int, optional
        Features of the value; `embed_dim` if left out.
    batch_first : bool, default False
        Whether the batch is the first axis, not the second.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.

    Examples
    --------
    >>> import nnkit.scratch as torch
    >>> from nnkit.scratch import nn
    >>> x = torch.ones(2, 5, 8)
    >>> output, weights = nn.MultiheadAttention(8, num_heads=2, batch_first=True)(x, x, x)
    >>> output.shape, weights.shape
    (torch.Size([2, 5, 8]), torch.Size([2, 5, 5]))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: object = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                "MultiheadAttention: expected embed_dim and num_heads > 0, "
                f"got {embed_dim} and {num_heads}"
            )
        if embed_dim % num_heads:
            raise AssertionError(
                "MultiheadAttention: expected embed_dim divisible by num_heads, "
                f"got {embed_dim} and {num_heads}"
            )

        def parameter(*shape: int) -> Parameter:
            return Parameter(creation.empty(*shape, dtype=dtype))

        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.batch_first, self.add_zero_attn = batch_first, add_zero_attn
        same = self.kdim == self.vdim == embed_dim
        self.q_proj_weight = None if same else parameter(embed_dim, embed_dim)
        self.k_proj_weight = None if same else parameter(embed_dim, self.kdim)
        self.v_proj_weight = None if same else parameter(embed_dim, self.vdim)
        self.in_proj_weight = parameter(3 * embed_dim, embed_dim) if same else None
        self.in_proj_bias = parameter(3 * embed_dim) if bias else None
        self.bias_k = parameter(1, 1, embed_dim) if add_bias_kv else None
        self.bias_v = parameter(1, 1, embed_dim) if add_bias_kv else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, dtype=dtype)
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
        key : Tensor
            What is asked, of shape (S, N, kdim).
        value : Tensor
            What is averaged, of shape (S, N, vdim).
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
            Says that `attn_mask` is causal.

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
        batched = query.array.ndim == 3
        self._check(query, key, value)
        together = query is key is value
        if not batched:
            query, key, value = (unsqueeze(x, 0) for x in (query, key, value))
            if key_padding_mask is not None:
                key_padding_mask = unsqueeze(key_padding_mask, 0)
        elif not self.batch_first:
            query, key, value = (transpose(x, 0, 1) for x in (query, key, value))
        q, k, v = self._project(query, key, value, together)
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
        if is_causal and key_padding_mask is None and not need_weights:
            heads = scaled_dot_product_attention(q, k, v, None, p, True)
        else:
            mask = self._merge(attn_mask, key_padding_mask, q, k)
            if need_weights:
                scores = matmul(q * q.array.shape[-1] ** -0.5, transpose(k, 2, 3))
                weights = softmax(scores if mask is None else scores + mask, -1)
                weights = dropout(weights, p)
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
        if average_attn_weights:
            weights = mean(weights, 1)
        return out, weights if batched else squeeze(weights, 0)

    def _check(self, query: Tensor, key: Tensor, value: Tensor) -> None:
        shapes = [x.array.shape for x in (query, key, value)]
        ranks, widths = {len(shape) for shape in shapes}, [shape[-1] for shape in shapes]
        if ranks not in ({2}, {3}):
            raise AssertionError(
                f"MultiheadAttention: expected query, key and value of 2 or 3 axes, got {shapes}"
            )
        if widths != [self.embed_dim, self.kdim, self.vdim]:
            raise AssertionError(
                "MultiheadAttention: expected last axes "
                f"{self.embed_dim}, {self.kdim}, {self.vdim}, got {widths}"
            )

    def _project(
        self, query: Tensor, key: Tensor, value: Tensor, together: bool
    ) -> tuple[Tensor, ...]:
        """Return Q, K and V of all heads, each of shape (N, L or S, embed_dim)."""
        bias = self.in_proj_bias
        if self.in_proj_weight is None:
            weights: tuple[Any, ...] = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        elif together:
            return chunk(linear(query, self.in_proj_weight, bias), 3, -1)
        else:
            weights = chunk(self.in_proj_weight, 3)
        biases = (None,) * 3 if bias is None else chunk(bias, 3)
        inputs = (query, key, value)
        return tuple(linear(*of_one) for of_one in zip(inputs, weights, biases, strict=True))

    def _merge(
        self, attn_mask: Tensor | None, padding: Tensor | None, q: Tensor, k: Tensor
    ) -> Tensor | None:
        """Return the masks as one that is added to the scores (N, num_heads, L, S)."""
        (batch, heads, queries, _), keys = q.array.shape, k.array.shape[2]
        added = (self.bias_k is not None) + self.add_zero_attn
        merged = None
        if attn_mask is not None:
            shape, rank = (queries, keys - added), attn_mask.array.ndim
            expected = shape if rank == 2 else (batch * heads, *shape)
            if attn_mask.array.shape != expected:
                raise RuntimeError(
                    f"MultiheadAttention: expected attn_mask of shape {expected}, "
                    f"got {attn_mask.array.shape}"
                )
            merged = _additive(attn_mask, q)
            if rank == 3:
                merged = reshape(merged, batch, heads, *shape)
        if padding is not None:
            expected = (batch, keys - added)
            if padding.array.shape != expected:
                raise AssertionError(
                    f"MultiheadAttention: expected key_padding_mask of shape {expected}, "
                    f"got {padding.array.shape}"
                )
            apart = reshape(_additive(padding, q), batch, 1, 1, -1)
            merged = apart if merged is None else merged + apart
        if merged is not None and added:
            room = creation.zeros(*merged.array.shape[:-1], added, dtype=merged.dtype)
            merged = cat([merged, room], -1)
        return merged


def _additive(mask: Tensor, scores: Tensor) -> Tensor:
    """Return a mask as what is added to the scores: −∞ where a boolean one is true."""
    if mask.array.dtype != bool:
        return mask
    return record(np.where(mask.array, -np.inf, scores.array.dtype.type(0)))
