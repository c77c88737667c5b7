"""Questions that answer back, in a notebook: `show` one, then `check` an answer to it.

The same decks serve the book's pages (`nnkit.book.cards`). A deck is read by `deck` and held to the
rules of a good question by `lint`; the numbers in the answers of a chapter's deck are computed by
the module here that bears the chapter's name.
"""

from nnkit.cards.kit.deck import DECKS, load, select

__all__ = ["check", "show"]


def show(name: str, variant: int = 0) -> None:
    """Print a question, or all those of a tag or of a section.

    Parameters
    ----------
    name : str
        Id of a card, a tag, or the title of a section.
    variant : int
        Which set of numbers a question is asked with, counted from 0; those that have no such
        variant start again from their first.

    Raises
    ------
    ValueError
        If no card has this id, tag or section.

    Examples
    --------
    >>> from nnkit.cards import show
    >>> show("perceptron.order")
    perceptron.order
    Two runs visit the same separable samples in different orders. What must the runs have
    in common?
    a) The number of their mistakes
    b) The bound on their mistakes
    c) The boundary at which they end
    """
    print("\n\n".join(card.question(variant) for card in select(load(DECKS), name)))


def check(name: str, answer: object = None, variant: int = 0) -> None:
    r"""Print what there is to say about an answer.

    Parameters
    ----------
    name : str
        Id of a card.
    answer : object
        A number for a numeric card, the letter of an option for a choice, words for a typed one.
        Cards of the other kinds are not judged: their answer is printed whatever is given.
    variant : int
        The variant that `show` was called with.

    Raises
    ------
    ValueError
        If no card has this id, or the answer is not of the kind that is asked for.

    Examples
    --------
    >>> from nnkit.cards import check
    >>> check("perceptron.order", "b")
    Right: $R$ and $\gamma$ belong to the samples; how a run goes and where it ends does not.
    >>> check("perceptron.order", "a")
    Not yet: Which visits are mistakes depends on what was learned before them.
    Builds on: perceptron.bound
    Read again: Which line does it find?
    """
    cards = [card for card in load(DECKS) if card.id == name]
    if not cards:
        raise ValueError(f"check: no card has the id {name!r}")
    print(cards[0].verdict(answer, variant))
