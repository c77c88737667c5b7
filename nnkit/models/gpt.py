"""A small GPT: a stack of causal attention and dense layers on a stream that starts as the symbol.

The chapter on attention builds it up block by block. The layout is that of GPT-2 (Radford et al.,
2019): layer norm before each part, learned positions, GELU. Left out: dropout, tied weights, a
cache of keys and values.
"""

from dataclasses import dataclass
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class GPTConfig:
    """The sizes of a GPT.

    Attributes
    ----------
    symbols : int
        Size of the alphabet.
    context : int
        The largest number of symbols that it can look back on.
    layers : int
        Number of blocks.
    heads : int
        Number of attention heads in each block; divides `width`.
    width : int
        Size of the stream.
    """

    symbols: int
    context: int = 32
    layers: int = 4
    heads: int = 4
    width: int = 64


def gpt(torch: ModuleType, config: GPTConfig) -> Any:
    """Make the model.

    Parameters
    ----------
    torch : module
        The engine: PyTorch or `nnkit.scratch`.
    config : GPTConfig
        Its sizes.

    Returns
    -------
    Module
        From symbols, int64 of shape (n, steps) with steps <= context, to logits of shape
        (n, steps, symbols): at each step for the symbol after it.

    Raises
    ------
    ValueError
        If the heads do not divide the width.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.models.gpt import GPTConfig, gpt
    >>> tuple(gpt(engine, GPTConfig(symbols=27))(engine.tensor([[0, 5, 13]])).shape)
    (1, 3, 27)
    """
    nn = torch.nn
    width, heads = config.width, config.heads
    if width % heads:
        raise ValueError(f"gpt: heads must divide width, got {heads} heads and width {width}")

    class Attention(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.qkv = nn.Linear(width, 3 * width)
            self.out = nn.Linear(width, width)

        def forward(self, x: Any) -> Any:
            n, steps, _ = x.shape
            qkv = self.qkv(x).reshape(n, steps, 3, heads, width // heads)
            q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (n, heads, steps, width / heads) each
            a = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            return self.out(a.transpose(1, 2).reshape(n, steps, width))

    class Block(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.norm_1 = nn.LayerNorm(width)
            self.attention = Attention()
            self.norm_2 = nn.LayerNorm(width)
            self.dense = nn.Sequential(
                nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
            )

        def forward(self, x: Any) -> Any:
            x = x + self.attention(self.norm_1(x))
            return x + self.dense(self.norm_2(x))

    class GPT(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.symbol = nn.Embedding(config.symbols, width)
            self.position = nn.Embedding(config.context, width)
            self.blocks = nn.Sequential(*(Block() for _ in range(config.layers)))
            self.norm = nn.LayerNorm(width)
            self.head = nn.Linear(width, config.symbols, bias=False)

        def forward(self, x: Any) -> Any:
            stream = self.symbol(x) + self.position(torch.arange(x.shape[1]))
            return self.head(self.norm(self.blocks(stream)))  # (n, steps, symbols)

    return GPT()
