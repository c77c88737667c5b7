"""Means over seeds: written in one form, and compared as the measurements that they are.

Training is chaotic: a processor that rounds otherwise ends at another point of the same spread.
What a chapter prints through `mean_and_spread` may therefore differ from what is stored by as much
as two measurements of one thing do; all else that it prints has to be the same.
"""

import re

import numpy as np
from numpy.typing import ArrayLike

FEWEST = 3
APART = 2.0
RATIO = 2.5

_NUMBER = r"[+−-]?\d+(?:\.\d+)?"
WRITTEN = re.compile(rf"({_NUMBER})\s*±\s*({_NUMBER})")
"""A measurement in a text: its mean and its spread."""


def mean_and_spread(runs: ArrayLike, decimals: int | None = None, *, sign: bool = False) -> str:
    """Write the mean and the standard deviation of what was measured with several seeds.

    Parameters
    ----------
    runs : array_like, shape (seeds,)
        What each run measured, at least `FEWEST`.
    decimals : int or None, default None
        Digits after the point, of both; None gives the spread two significant digits, and none
        after the point to a spread of 0.
    sign : bool, default False
        Whether a positive mean gets its plus.

    Returns
    -------
    str
        `m ± s`, where s is the standard deviation with divisor n - 1.

    Raises
    ------
    ValueError
        If there are fewer runs, or one of them is no finite number.

    Examples
    --------
    >>> from nnkit.measurement import mean_and_spread
    >>> mean_and_spread([0.91, 0.94, 0.97])
    '0.940 ± 0.030'
    >>> mean_and_spread([91, 94, 97], decimals=1, sign=True)
    '+94.0 ± 3.0'
    """
    values = np.asarray(runs, dtype=float)
    if values.ndim != 1 or len(values) < FEWEST:
        raise ValueError(
            f"mean_and_spread: expected a list of at least {FEWEST} runs, got shape {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"mean_and_spread: expected finite numbers, got {values.tolist()}")
    mean, spread = values.mean(), values.std(ddof=1)
    if decimals is None:
        decimals = max(0, 1 - int(np.floor(np.log10(spread)))) if spread else 0
    rounded = round(mean, decimals) + 0.0  # no negative zero
    return f"{rounded:{'+' if sign else ''}.{decimals}f} ± {spread:.{decimals}f}"


def same(stored: str, fresh: str) -> bool:
    """Say whether two texts say the same: their measurements agree, all else is equal.

    Two measurements agree if their means are at most `APART` spreads apart, the spread being the
    root of the two spreads' mean square, and the larger spread is at most `RATIO` times the
    smaller. Both may be off by one unit of the last digit more, since rounding can fall either way.
    In a line that holds a measurement the number of spaces does not count: a column may be aligned.

    Parameters
    ----------
    stored, fresh : str
        The texts.

    Returns
    -------
    bool
        Whether they do.

    Examples
    --------
    >>> from nnkit.measurement import same
    >>> same("tanh: 93.1 ± 2.5 % of 360", "tanh: 90.2 ± 4.1 % of 360")
    True
    >>> same("tanh: 93.1 ± 2.5 % of 360", "tanh: 85.6 ± 2.5 % of 360")
    False
    """
    lines, lines_fresh = stored.splitlines(), fresh.splitlines()
    return len(lines) == len(lines_fresh) and all(map(_same_line, lines, lines_fresh))


def _same_line(stored: str, fresh: str) -> bool:
    found, found_fresh = WRITTEN.findall(stored), WRITTEN.findall(fresh)
    if not found:
        return stored == fresh
    around = [" ".join(WRITTEN.sub(" ± ", line).split()) for line in (stored, fresh)]
    return around[0] == around[1] and all(map(agree, found, found_fresh))


def agree(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Say whether two measurements, each written as its mean and its spread, agree; see `same`.

    Parameters
    ----------
    one, other : tuple of str
        Mean and spread, as `WRITTEN` finds them.

    Returns
    -------
    bool
        Whether they do.

    Examples
    --------
    >>> from nnkit.measurement import agree
    >>> agree(("93.1", "2.5"), ("90.2", "4.1"))
    True
    """
    unit = max(10.0 ** -len(text.partition(".")[2]) for text in (*one, *other))
    (mean, spread), (mean_other, spread_other) = (
        [float(text.replace("−", "-")) for text in texts] for texts in (one, other)
    )
    small, large = sorted((spread, spread_other))
    pooled = ((spread**2 + spread_other**2) / 2) ** 0.5
    tiny = 1e-9 * unit  # what decimal fractions lose in binary
    close = abs(mean - mean_other) <= APART * pooled + unit + tiny
    return close and large <= RATIO * small + unit + tiny
