"""Two classes of points in the plane, drawn from a seed: sets whose truth is known.

The perceptron chapter measures its mistake bound on `blobs` and fails on `xor`; the later chapters
bend their boundaries around `moons`, `spirals` and `rings`. Classes take turns, so the first k
rows of a set are as balanced as k rows can be. Labels are never flipped: noise moves points alone.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnkit.data.seeding import generator

Labelled: TypeAlias = tuple[NDArray[np.float32], NDArray[np.int64]]


def _check_count(caller: str, n: int, least: int) -> None:
    if not isinstance(n, int | np.integer) or n < least:
        raise ValueError(f"{caller}: n must be an integer >= {least}, got {n!r}")


def _add_noise(
    caller: str, x: NDArray[np.float64], noise: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Move each point by Gaussian noise of the given standard deviation along each axis."""
    if not 0 <= noise < np.inf:
        raise ValueError(f"{caller}: noise must be >= 0 and finite, got {noise!r}")
    return (x + noise * rng.standard_normal(x.shape)).astype(np.float32)


def _alternating(n: int) -> NDArray[np.int64]:
    return np.arange(n, dtype=np.int64) % 2


def _line(rng: np.random.Generator) -> tuple[NDArray[np.float64], float]:
    angle = rng.uniform(0, 2 * np.pi)
    return np.array([np.cos(angle), np.sin(angle)]), rng.uniform(-1, 1)


def blobs_separator(*, seed: int) -> tuple[NDArray[np.float64], float]:
    r"""Return the line that `blobs` of the same seed are drawn around.

    The line is :math:`w \cdot x + b = 0` with :math:`\lVert w \rVert = 1`, so that
    :math:`w \cdot x + b` is a point's signed distance from it. The direction of w is uniform over
    the circle, b uniform between -1 and 1.

    Parameters
    ----------
    seed : int
        Seed given to `blobs`, >= 0.

    Returns
    -------
    w : ndarray of float64, shape (2,)
        Unit normal of the line, pointing towards class 1.
    b : float
        Bias: the signed distance of the origin from the line, in the units of x.

    Raises
    ------
    ValueError
        If `seed` is not an integer >= 0.

    See Also
    --------
    blobs : The points on either side.

    Notes
    -----
    The perceptron's mistake bound :math:`(R / \gamma)^2` [1]_ speaks of a unit vector through the
    origin. With the bias as a weight on a constant input 1, the points are :math:`(x, 1)`, so
    :math:`R^2 = \max \lVert x \rVert^2 + 1`; the unit vector is :math:`(w, b) / \sqrt{1 + b^2}`,
    so :math:`\gamma = \mathrm{margin} / \sqrt{1 + b^2}`. Another vector may reach a larger
    :math:`\gamma` there and so a smaller bound; this one holds all the same.

    References
    ----------
    .. [1] A. B. J. Novikoff, "On convergence proofs on perceptrons", Proceedings of the
       Symposium on the Mathematical Theory of Automata, vol. 12, 1962, pp. 615-622.

    Examples
    --------
    >>> from nnkit.data import blobs, blobs_separator
    >>> x, y = blobs(100, margin=0.5, seed=0)
    >>> w, b = blobs_separator(seed=0)
    >>> distance = x @ w + b
    >>> print(f"{distance[y == 0].max():.4f} {distance[y == 1].min():.4f}")
    -0.5000 0.5000
    """
    return _line(generator("blobs_separator", seed))


def blobs(n: int, *, margin: float, seed: int) -> Labelled:
    r"""Draw two clouds that a line separates with the margin asked for, and with no larger one.

    The line is `blobs_separator` of the same seed. Along it, positions are standard normal. Across
    it, a point's distance is :math:`\mathrm{margin} + |g|`, where g is normal with mean 2 and
    standard deviation 1. Three points are placed on the margin itself: rows 0 and 2 (class 0) at
    positions -1 and 1 along the line, and row 1 (class 1) at 0, between them. The midpoint of the
    two faces the third at a distance of 2 * `margin`, straight across; no line can keep farther
    from all three, so the drawn line is the one of maximum margin.

    Parameters
    ----------
    n : int
        Number of points, >= 3; class 0 has the odd one.
    margin : float
        Distance between the line and the nearest point on each side, in the units of x, > 0;
        exact up to the rounding of `x` to float32.
    seed : int
        Seed of the line and the points, >= 0.

    Returns
    -------
    x : ndarray of float32, shape (n, 2)
        Points, unbounded; each cloud has a standard deviation of about 1 along either axis.
    y : ndarray of int64, shape (n,)
        Class 0 where the signed distance is negative, 1 where it is positive.

    Raises
    ------
    ValueError
        If `n` is not an integer >= 3, `margin` is not > 0 and finite, or `seed` is not an
        integer >= 0.

    See Also
    --------
    blobs_separator : The line, and what it says about the perceptron's mistakes.

    Examples
    --------
    >>> from nnkit.data import blobs
    >>> x, y = blobs(100, margin=0.5, seed=0)
    >>> x.shape, y[:4].tolist()
    ((100, 2), [0, 1, 0, 1])
    """
    _check_count("blobs", n, 3)
    if not 0 < margin < np.inf:
        raise ValueError(f"blobs: margin must be > 0 and finite, got {margin!r}")
    rng = generator("blobs", seed)
    w, b = _line(rng)
    y = _alternating(n)
    along = rng.standard_normal(n)
    across = margin + np.abs(rng.normal(2, 1, n))
    along[:3] = -1, 0, 1
    across[:3] = margin
    signed_distance = (2 * y - 1) * across
    x = np.outer(along, [-w[1], w[0]]) + np.outer(signed_distance - b, w)
    return x.astype(np.float32), y


def xor(n: int, *, noise: float, seed: int) -> Labelled:
    """Draw a cloud around each corner of the unit square, labelled by exclusive or.

    Four points without noise are the truth table itself, in its usual order.

    Parameters
    ----------
    n : int
        Number of points, >= 4; the corners take turns.
    noise : float
        Standard deviation of the Gaussian noise along each axis, in the units of x, >= 0.
    seed : int
        Seed of the noise, >= 0.

    Returns
    -------
    x : ndarray of float32, shape (n, 2)
        Points around (0, 0), (0, 1), (1, 0), (1, 1), in this order again and again.
    y : ndarray of int64, shape (n,)
        1 where the corner's coordinates differ, otherwise 0.

    Raises
    ------
    ValueError
        If `n` is not an integer >= 4, `noise` is not >= 0 and finite, or `seed` is not an
        integer >= 0.

    Examples
    --------
    >>> from nnkit.data import xor
    >>> x, y = xor(4, noise=0, seed=0)
    >>> x.tolist(), y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    _check_count("xor", n, 4)
    rng = generator("xor", seed)
    corner = np.arange(n, dtype=np.int64) % 4
    first, second = corner // 2, corner % 2
    x = np.stack([first, second], axis=1).astype(np.float64)
    return _add_noise("xor", x, noise, rng), first ^ second


def moons(n: int, *, noise: float, seed: int) -> Labelled:
    """Draw two half circles of radius 1, each reaching into the other's hollow.

    Class 0 is the upper half of the circle around (0, 0), class 1 the lower half of the circle
    around (1, 0.5); positions along the arcs are uniform.

    Parameters
    ----------
    n : int
        Number of points, >= 2; class 0 has the odd one.
    noise : float
        Standard deviation of the Gaussian noise along each axis, in the units of x, >= 0; the
        moons are 0.5 apart where they come closest.
    seed : int
        Seed of the positions and the noise, >= 0.

    Returns
    -------
    x : ndarray of float32, shape (n, 2)
        Points; without noise the first coordinate lies in [-1, 2], the second in [-0.5, 1].
    y : ndarray of int64, shape (n,)
        0 for the upper moon, 1 for the lower.

    Raises
    ------
    ValueError
        If `n` is not an integer >= 2, `noise` is not >= 0 and finite, or `seed` is not an
        integer >= 0.

    Examples
    --------
    >>> from nnkit.data import moons
    >>> x, y = moons(200, noise=0.1, seed=0)
    >>> x.shape, y[:4].tolist()
    ((200, 2), [0, 1, 0, 1])
    """
    _check_count("moons", n, 2)
    rng = generator("moons", seed)
    y = _alternating(n)
    angle = rng.uniform(0, np.pi, n) + np.pi * y
    x = np.stack([np.cos(angle) + y, np.sin(angle) + 0.5 * y], axis=1)
    return _add_noise("moons", x, noise, rng), y


def spirals(n: int, *, noise: float, seed: int) -> Labelled:
    r"""Draw the two arms of a spiral, each of which makes 1.35 turns about the origin.

    An arm is the curve of radius r and angle :math:`3 \pi r`, for r from 0.1 to 1; class 1 is
    class 0 turned by half a turn. Positions are spread about evenly over an arm's length.

    Parameters
    ----------
    n : int
        Number of points, >= 2; class 0 has the odd one.
    noise : float
        Standard deviation of the Gaussian noise along each axis, in the units of x, >= 0; the
        arms are 0.2 apart at their inner ends and almost 1/3 at their outer ones.
    seed : int
        Seed of the positions and the noise, >= 0.

    Returns
    -------
    x : ndarray of float32, shape (n, 2)
        Points; without noise their distances from the origin lie in [0.1, 1].
    y : ndarray of int64, shape (n,)
        The arm, 0 or 1.

    Raises
    ------
    ValueError
        If `n` is not an integer >= 2, `noise` is not >= 0 and finite, or `seed` is not an
        integer >= 0.

    Examples
    --------
    >>> from nnkit.data import spirals
    >>> x, y = spirals(200, noise=0.02, seed=0)
    >>> x.shape, y[:4].tolist()
    ((200, 2), [0, 1, 0, 1])
    """
    _check_count("spirals", n, 2)
    rng = generator("spirals", seed)
    y = _alternating(n)
    radius = np.sqrt(rng.uniform(0.1**2, 1, n))
    angle = 3 * np.pi * radius + np.pi * y
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return _add_noise("spirals", x, noise, rng), y


def rings(n: int, *, noise: float, seed: int) -> Labelled:
    """Draw two circles around the origin, one inside the other.

    Class 0 is the circle of radius 0.5, class 1 that of radius 1; positions around them are
    uniform.

    Parameters
    ----------
    n : int
        Number of points, >= 2; class 0 has the odd one.
    noise : float
        Standard deviation of the Gaussian noise along each axis, in the units of x, >= 0; the
        rings are 0.5 apart.
    seed : int
        Seed of the positions and the noise, >= 0.

    Returns
    -------
    x : ndarray of float32, shape (n, 2)
        Points; without noise their distances from the origin are 0.5 or 1.
    y : ndarray of int64, shape (n,)
        0 for the inner ring, 1 for the outer.

    Raises
    ------
    ValueError
        If `n` is not an integer >= 2, `noise` is not >= 0 and finite, or `seed` is not an
        integer >= 0.

    Examples
    --------
    >>> from nnkit.data import rings
    >>> x, y = rings(200, noise=0.05, seed=0)
    >>> x.shape, y[:4].tolist()
    ((200, 2), [0, 1, 0, 1])
    """
    _check_count("rings", n, 2)
    rng = generator("rings", seed)
    y = _alternating(n)
    radius = 0.5 + 0.5 * y
    angle = rng.uniform(0, 2 * np.pi, n)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return _add_noise("rings", x, noise, rng), y
