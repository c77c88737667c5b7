"""Where every drawn set and every split gets its randomness: one generator for each call."""

import numpy as np


def generator(caller: str, seed: int) -> np.random.Generator:
    """Return NumPy's default generator for a seed, and refuse one that would not repeat.

    Parameters
    ----------
    caller : str
        Name of the function that draws, for the error.
    seed : int
        Seed, >= 0. NumPy would take None for fresh randomness; here it is an error.

    Returns
    -------
    numpy.random.Generator
        A generator of its own, apart from NumPy's global state.

    Raises
    ------
    ValueError
        If `seed` is not an integer >= 0.

    Examples
    --------
    >>> from nnkit.data.seeding import generator
    >>> draws = [generator("rings", 7).uniform() for _ in range(2)]
    >>> draws[0] == draws[1]
    True
    """
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"{caller}: seed must be an integer >= 0, got {seed!r}")
    return np.random.default_rng(seed)
