"""A character-level language model with memory: what comes next, given all that came before.

The chapter on recurrent networks trains it. Left out: several layers, dropout, beam search.
"""

from types import ModuleType
from typing import Any


def char_rnn(torch: ModuleType, symbols: int, *, width: int = 64) -> Any:
    """Make the model: an embedding, an LSTM, and a logit for each symbol.

    Parameters
    ----------
    torch : module
        The engine: PyTorch or `nnkit.scratch`.
    symbols : int
        Size of the alphabet.
    width : int, default 64
        Size of the embedding and of the LSTM's state.

    Returns
    -------
    Module
        From symbols, int64 of shape (n, steps), and the state that an earlier call has returned
        (None for a fresh start), to logits of shape (n, steps, symbols) and the new state.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.models.char_rnn import char_rnn
    >>> logits, state = char_rnn(engine, 27)(engine.tensor([[0, 5, 13]]))
    >>> tuple(logits.shape)
    (1, 3, 27)
    """
    nn = torch.nn

    class CharRNN(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(symbols, width)
            self.lstm = nn.LSTM(width, width, batch_first=True)
            self.head = nn.Linear(width, symbols)

        def forward(self, x: Any, state: Any = None) -> Any:
            h, state = self.lstm(self.embedding(x), state)  # (n, steps, width)
            return self.head(h), state

    return CharRNN()
