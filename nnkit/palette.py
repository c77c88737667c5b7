"""The book's colours: one name for each thing that is drawn, one value for each theme.

Figures take the light values (`nnkit.plot`); the page replaces each light value that it finds in
a figure by the CSS variable of that name (`nnkit.book`), so that one drawing serves both themes.
The four hues are those of Okabe and Ito's colour-blind-safe set, made darker or lighter until
each stands out from its page by a contrast of at least 3 : 1 and from the other three in the eyes
of a colour-blind reader (`tests/unit/test_palette.py`).
"""

from typing import NamedTuple


class Colour(NamedTuple):
    """One colour in both themes.

    Parameters
    ----------
    light : str
        Value on the light page, as `#rrggbb`.
    dark : str
        Value on the dark page, as `#rrggbb`.
    """

    light: str
    dark: str


PALETTE: dict[str, Colour] = {
    "paper": Colour("#fffefb", "#16181c"),
    "ink": Colour("#1c1d1f", "#e6e3dc"),
    "muted": Colour("#63656a", "#a3a29d"),
    "line": Colour("#d9d7d0", "#3a3d43"),
    "data": Colour("#0067a5", "#62b0ea"),
    "model": Colour("#c4500a", "#f59256"),
    "gradient": Colour("#007d5b", "#3fc79c"),
    "validation": Colour("#c0709f", "#b875a3"),
}


def variables(theme: str) -> str:
    """Write the palette as CSS variables.

    Parameters
    ----------
    theme : str
        "light" or "dark".

    Returns
    -------
    str
        Declarations, to be put between braces.

    Examples
    --------
    >>> from nnkit.palette import variables
    >>> variables("dark")[:33]
    '--paper:#16181c;--ink:#e6e3dc;--m'
    """
    return "".join(f"--{name}:{getattr(colour, theme)};" for name, colour in PALETTE.items())


def themed(name: str) -> str:
    """Return a colour for drawings in a page: it follows the page's theme.

    Parameters
    ----------
    name : str
        A key of `PALETTE`.

    Returns
    -------
    str
        The CSS variable of that name, which falls back to the light value where no page sets it.

    Examples
    --------
    >>> from nnkit.palette import themed
    >>> themed("model")
    'var(--model, #c4500a)'
    """
    return f"var(--{name}, {PALETTE[name].light})"
