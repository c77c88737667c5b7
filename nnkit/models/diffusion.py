r"""Diffusion: turn data into noise little by little, and noise into data by the way back.

Noising is a chain of T small steps, :math:`q(\mathbf{x}_t \mid \mathbf{x}_{t-1})`; after t of them
a share :math:`\bar\alpha_t` of the variance is still the data's. Whoever can tell the noise
:math:`\epsilon` in a noised point can walk back, in as many steps or in fewer. The chapter on
diffusion builds these functions; they are arithmetic alone and take arrays of NumPy and tensors of
either engine alike. Left out: learned variances, and time that flows continuously.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = Any  # of NumPy or of whichever engine is at work
Floats: TypeAlias = NDArray[np.float64]

ROWS = 64  # of a matrix of distances that are made at once, for they stay in the processor's cache


def linear_schedule(steps: int, *, first: float, last: float) -> tuple[Floats, Floats]:
    r"""Return how much noise each step of the noising adds, and what is left of the data after it.

    The variances :math:`\beta_t` rise linearly, and :math:`\bar\alpha_t = \prod_{s \le t} (1 -
    \beta_s)` [1]_. For T = 1000 that work took `first` = 0.0001 and `last` = 0.02.

    Parameters
    ----------
    steps : int
        T, >= 1.
    first, last : float
        Variances of the first and the last step, between 0 and 1.

    Returns
    -------
    betas : ndarray of float64, shape (steps + 1,)
        The variance that each step adds; row 0, which stands for the data, is 0.
    alpha_bars : ndarray of float64, shape (steps + 1,)
        The share of the variance after each step that is still the data's; it falls from 1.

    Raises
    ------
    ValueError
        If `steps` is below 1, or a variance is not between 0 and 1.

    References
    ----------
    .. [1] J. Ho, A. Jain and P. Abbeel, "Denoising diffusion probabilistic models", Advances in
       Neural Information Processing Systems 33, 2020, section 2 and section 4.

    Examples
    --------
    >>> from nnkit.models.diffusion import linear_schedule
    >>> betas, alpha_bars = linear_schedule(3, first=0.1, last=0.5)
    >>> betas.round(3).tolist(), alpha_bars.round(3).tolist()
    ([0.0, 0.1, 0.3, 0.5], [1.0, 0.9, 0.63, 0.315])
    """
    if steps < 1:
        raise ValueError(f"linear_schedule: steps must be >= 1, got {steps}")
    if not (0 < first < 1 and 0 < last < 1):
        raise ValueError(
            f"linear_schedule: first and last must be between 0 and 1, got {first} and {last}"
        )
    betas = np.concatenate([[0], np.linspace(first, last, steps)])
    return betas, np.cumprod(1 - betas)


def diffuse(x: Array, noise: Array, alpha_bar: Array) -> Array:
    r"""Noise points in one go.

    The result is :math:`\sqrt{\bar\alpha} \, \mathbf{x} + \sqrt{1 - \bar\alpha} \, \epsilon`.
    Given the data and :math:`\bar\alpha_t` it draws from :math:`q(\mathbf{x}_t \mid \mathbf{x}_0)`
    [1]_; given :math:`\mathbf{x}_{t-1}` and :math:`1 - \beta_t` it is the chain's one step.

    Parameters
    ----------
    x : array, shape (n, d)
        Points.
    noise : array, shape (n, d)
        Standard normal numbers.
    alpha_bar : float, or array of shape (n, 1)
        The share of the variance to be kept, between 0 and 1.

    Returns
    -------
    array, shape (n, d)
        The noised points.

    References
    ----------
    .. [1] J. Ho, A. Jain and P. Abbeel, "Denoising diffusion probabilistic models", Advances in
       Neural Information Processing Systems 33, 2020, equations 2 and 4.

    Examples
    --------
    >>> import numpy as np
    >>> from nnkit.models.diffusion import diffuse
    >>> diffuse(np.array([[5.0, 0.0]]), np.array([[0.0, 1.0]]), 0.36).tolist()
    [[3.0, 0.8]]
    """
    return alpha_bar**0.5 * x + (1 - alpha_bar) ** 0.5 * noise


def clean(x: Array, noise: Array, alpha_bar: Array) -> Array:
    """Undo `diffuse`: guess the data from noised points and the noise that is said to be in them.

    Parameters
    ----------
    x : array, shape (n, d)
        Noised points.
    noise : array, shape (n, d)
        The noise, as a denoiser predicts it.
    alpha_bar : float, or array of shape (n, 1)
        The share of the variance that is the data's, > 0.

    Returns
    -------
    array, shape (n, d)
        The guess, equation 15 of Ho et al. [1]_.

    References
    ----------
    .. [1] J. Ho, A. Jain and P. Abbeel, "Denoising diffusion probabilistic models", Advances in
       Neural Information Processing Systems 33, 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from nnkit.models.diffusion import clean
    >>> clean(np.array([[3.0, 0.8]]), np.array([[0.0, 1.0]]), 0.36).tolist()
    [[5.0, 0.0]]
    """
    return (x - (1 - alpha_bar) ** 0.5 * noise) / alpha_bar**0.5


def reverse_step(
    x: Array, noise: Array, fresh: Array, *, alpha_bar: float, before: float, eta: float
) -> Array:
    r"""Walk back from one noise level to a lower one, any number of steps of the chain away.

    The guessed data are noised again, to the lower level: by the noise that was predicted, by
    fresh noise, or by some of both [1]_. With `eta` = 0, DDIM, nothing is drawn at random, and few
    long steps are enough. With `eta` = 1, DDPM, and steps of 1, it is the way back of Ho et al.
    [2]_, with the variance :math:`\tilde\beta_t` of their equation 7.

    Parameters
    ----------
    x : array, shape (n, d)
        Points at the higher level.
    noise : array, shape (n, d)
        The noise that is predicted to be in them.
    fresh : array, shape (n, d)
        Standard normal numbers.
    alpha_bar : float
        The share of the data in the variance now, > 0.
    before : float
        That of the lower level, to be reached; larger, 1 at most.
    eta : float
        Factor of the fresh noise's standard deviation: 0 draws none, 1 as much as DDPM.

    Returns
    -------
    array, shape (n, d)
        Points at the lower level.

    References
    ----------
    .. [1] J. Song, C. Meng and S. Ermon, "Denoising diffusion implicit models", International
       Conference on Learning Representations, 2021, equations 12 and 16.
    .. [2] J. Ho, A. Jain and P. Abbeel, "Denoising diffusion probabilistic models", Advances in
       Neural Information Processing Systems 33, 2020, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> from nnkit.models.diffusion import reverse_step
    >>> x, noise = np.array([[3.0, 0.8]]), np.array([[0.0, 1.0]])
    >>> reverse_step(x, noise, 0 * x, alpha_bar=0.36, before=0.64, eta=0).tolist()
    [[4.0, 0.6]]
    """
    sigma = eta * ((1 - before) / (1 - alpha_bar) * (1 - alpha_bar / before)) ** 0.5
    guess = clean(x, noise, alpha_bar)
    return before**0.5 * guess + (1 - before - sigma**2) ** 0.5 * noise + sigma * fresh


def guide(free: Array, asked: Array, scale: float) -> Array:
    r"""Push a prediction away from the one without a class, through the one with it, and beyond.

    Parameters
    ----------
    free : array, shape (n, d)
        Noise, or any other kind of answer, that is predicted without a class.
    asked : array, shape (n, d)
        The same for the class asked for.
    scale : float
        How far: 0 gives the first, 1 the second, more than 1 exaggerates the difference. It is
        :math:`1 + w` in equation 6 of Ho and Salimans [1]_.

    Returns
    -------
    array, shape (n, d)
        The guided prediction.

    References
    ----------
    .. [1] J. Ho and T. Salimans, "Classifier-free diffusion guidance", 2022, arXiv:2207.12598.

    Examples
    --------
    >>> from nnkit.models.diffusion import guide
    >>> [guide(1.0, 3.0, scale) for scale in (0, 1, 2)]
    [1.0, 3.0, 5.0]
    """
    return free + scale * (asked - free)


def sample(
    predict: Callable[[Array, int], Array],
    x: Array,
    draw: Callable[[], Array],
    *,
    alpha_bars: Floats,
    steps: int,
    eta: float,
) -> list[Array]:
    """Turn noise into data, in steps of the same length.

    Parameters
    ----------
    predict : function
        From points and the number t of a noise level to the noise predicted to be in them.
    x : array, shape (n, d)
        Standard normal numbers.
    draw : function
        Returns fresh ones, of the same shape, each time it is called.
    alpha_bars : ndarray of float64, shape (T + 1,)
        The schedule, as `linear_schedule` returns it.
    steps : int
        Number of steps, 1 to T.
    eta : float
        0 for DDIM, 1 for DDPM; see `reverse_step`.

    Returns
    -------
    list of arrays, each of shape (n, d)
        The points at the start and after each step, the last being the sample; `levels` says how
        noisy they are.

    Raises
    ------
    ValueError
        If `steps` is not between 1 and T.

    Examples
    --------
    All data are the point 3: the noise is what is left when it is taken away.

    >>> import numpy as np
    >>> from nnkit.models.diffusion import linear_schedule, sample
    >>> _, alpha_bars = linear_schedule(10, first=0.1, last=0.5)
    >>> def predict(x, t):
    ...     return (x - alpha_bars[t] ** 0.5 * 3) / (1 - alpha_bars[t]) ** 0.5
    >>> x = np.array([[-1.0], [1.0]])
    >>> path = sample(predict, x, lambda: 0 * x, alpha_bars=alpha_bars, steps=5, eta=0)
    >>> len(path), path[-1].round(6).tolist()
    (6, [[3.0], [3.0]])
    """
    path = [x]
    visited = levels(len(alpha_bars) - 1, steps)
    for t, lower in pairwise(visited):
        now, before = float(alpha_bars[t]), float(alpha_bars[lower])
        noise = predict(path[-1], t)
        path.append(reverse_step(path[-1], noise, draw(), alpha_bar=now, before=before, eta=eta))
    return path


def levels(chain: int, steps: int) -> list[int]:
    """Return the noise levels that a walk back visits, about the same number apart.

    Parameters
    ----------
    chain : int
        T, the number of steps of the noising.
    steps : int
        Number of steps back, 1 to T.

    Returns
    -------
    list of int
        From T down to 0, `steps` + 1 in all.

    Raises
    ------
    ValueError
        If `steps` is not between 1 and T.

    Examples
    --------
    >>> from nnkit.models.diffusion import levels
    >>> levels(100, 4)
    [100, 75, 50, 25, 0]
    """
    if not 1 <= steps <= chain:
        raise ValueError(f"levels: steps must be between 1 and {chain}, got {steps}")
    return [round(chain * (1 - i / steps)) for i in range(steps + 1)]


def told_apart(x: Floats, y: Floats) -> float:
    """Measure how well two clouds of points can be told apart, by the nearest neighbour.

    A point is told rightly if, of all the others in both clouds, the nearest is of its own [1]_. Of
    points from one distribution chance tells half; copies of the other cloud's points less.

    Parameters
    ----------
    x : ndarray of float64, shape (n, d)
        Points.
    y : ndarray of float64, shape (n, d)
        As many others.

    Returns
    -------
    float
        The share of all points that are told rightly, 0 to 1.

    Raises
    ------
    ValueError
        If there are not as many of one as of the other, so that chance would not be one half.

    References
    ----------
    .. [1] M. F. Schilling, "Multivariate two-sample tests based on nearest neighbors", Journal of
       the American Statistical Association 81(395), 1986, pp. 799-806.

    Examples
    --------
    >>> import numpy as np
    >>> from nnkit.models.diffusion import told_apart
    >>> told_apart(np.array([[0.0], [1.0]]), np.array([[8.0], [9.0]]))
    1.0
    >>> told_apart(np.array([[0.0], [8.0]]), np.array([[1.0], [9.0]]))
    0.0
    """
    if x.shape != y.shape:
        raise ValueError(f"told_apart: expected as many points, got {x.shape} and {y.shape}")
    both = np.concatenate([x, y])
    nearest = np.zeros(len(both), int)
    for first in range(0, len(both), ROWS):
        rows = both[first : first + ROWS]
        squares = np.zeros((len(rows), len(both)))
        for of_rows, of_both in zip(rows.T, both.T, strict=True):
            squares += (of_rows[:, None] - of_both) ** 2
        np.fill_diagonal(squares[:, first:], np.inf)
        nearest[first : first + ROWS] = squares.argmin(1)
    return float(((nearest < len(x)) == (np.arange(len(both)) < len(x))).mean())


def energy_distance(x: Floats, y: Floats) -> float:
    r"""Measure how far apart two clouds of points are.

    It is :math:`2 E \lVert X - Y \rVert - E \lVert X - X' \rVert - E \lVert Y - Y' \rVert` over
    all pairs of points [1]_: 0 if the clouds are the same, and for draws from one distribution
    smaller the more there are.

    Parameters
    ----------
    x : ndarray of float64, shape (n, d)
        Points.
    y : ndarray of float64, shape (m, d)
        Others.

    Returns
    -------
    float
        The distance, >= 0, in the units of the points.

    References
    ----------
    .. [1] G. J. Székely and M. L. Rizzo, "Energy statistics: a class of statistics based on
       distances", Journal of Statistical Planning and Inference 143(8), 2013, pp. 1249-1272.

    Examples
    --------
    >>> import numpy as np
    >>> from nnkit.models.diffusion import energy_distance
    >>> energy_distance(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]]))
    10.0
    """

    def mean_distance(a: Floats, b: Floats) -> float:
        squares = sum((a[:, None, i] - b[None, :, i]) ** 2 for i in range(a.shape[1]))
        return float(np.sqrt(squares).mean())

    return 2 * mean_distance(x, y) - mean_distance(x, x) - mean_distance(y, y)
