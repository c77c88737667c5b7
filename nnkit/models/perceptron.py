r"""Rosenblatt's perceptron: one neuron with a step, and the rule by which it learns from mistakes.

A sample is a vector :math:`\mathbf{x}`, its label :math:`y` is -1 or +1, and the neuron says
the sign of :math:`z = \mathbf{w} \cdot \mathbf{x}`. The bias is the weight of a last feature that
is always 1, which `augment` appends: what holds for vectors through the origin then holds for all.
The engine is `numpy` or `torch`. Left out: the rate, which only scales weights that start at zero.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeAlias

Array: TypeAlias = Any  # of whichever engine is at work


@dataclass(frozen=True)
class Run:
    """All that happened in one run of the learning rule.

    Attributes
    ----------
    mistakes : list of int
        For each update, in order of time, the row of the sample that caused it; k in all.
    weights : list of arrays, each of shape (d,)
        The weights at the start, all 0, and after each update; k + 1 in all.
    lifetimes : list of int
        How many visits to a sample ended with each of these weights; their sum is the number of
        visits.
    converged : bool
        Whether the last pass was without a mistake.
    """

    mistakes: list[int]
    weights: list[Array]
    lifetimes: list[int]
    converged: bool


def augment(engine: ModuleType, x: Array) -> Array:
    """Append the constant 1 to every sample, so that its weight acts as the bias.

    Parameters
    ----------
    engine : module
        What to compute with: `numpy` or `torch`.
    x : array, shape (n, d)
        Samples, one a row.

    Returns
    -------
    array, shape (n, d + 1)
        The same samples with a last column of ones, in the dtype of `x`.

    Examples
    --------
    >>> import numpy
    >>> from nnkit.models.perceptron import augment
    >>> augment(numpy, numpy.array([[2.0, 3.0]])).tolist()
    [[2.0, 3.0, 1.0]]
    """
    return engine.hstack([x, engine.ones((len(x), 1), dtype=x.dtype)])


def train(
    engine: ModuleType, x: Array, y: Array, *, epochs: int, order: Sequence[int] | None = None
) -> Run:
    r"""Learn from mistakes: start at zero, add :math:`y \mathbf{x}` wherever :math:`y z \le 0`.

    A sample on the boundary, z = 0, is a mistake whatever its label: else nothing would leave the
    start. Passes end with the first one that has no mistake. If the samples can be
    separated, that happens after at most `mistake_bound` updates [1]_.

    Parameters
    ----------
    engine : module
        What to compute with: `numpy` or `torch`.
    x : array of floats, shape (n, d)
        Samples, one a row; augmented if there is to be a bias.
    y : array, shape (n,)
        Labels, -1 or +1.
    epochs : int
        Number of passes after which to stop in any case, >= 1.
    order : sequence of int, optional
        The rows in the order of their visits, the same in every pass; from first to last if not
        given.

    Returns
    -------
    Run
        Every update, and whether the rule came to an end.

    Raises
    ------
    ValueError
        If `x` is not a matrix, `y` is not one label of -1 or +1 for each row, `epochs` is below
        1, or `order` does not name every row once.

    References
    ----------
    .. [1] A. B. J. Novikoff, "On convergence proofs on perceptrons", Proceedings of the Symposium
       on the Mathematical Theory of Automata, vol. 12, 1962, pp. 615-622.

    Examples
    --------
    Logical AND: both inputs must be 1.

    >>> import numpy
    >>> from nnkit.models.perceptron import augment, train
    >>> x = augment(numpy, numpy.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
    >>> run = train(numpy, x, numpy.array([-1, -1, -1, 1]), epochs=100)
    >>> run.converged, len(run.mistakes), run.weights[-1].tolist()
    (True, 18, [3.0, 2.0, -4.0])
    """
    if x.ndim != 2:
        raise ValueError(f"train: x must have shape (n, d), got {tuple(x.shape)}")
    n, d = x.shape
    if tuple(y.shape) != (n,):
        raise ValueError(f"train: expected {n} labels, one for each row of x, got {tuple(y.shape)}")
    labels = [float(label) for label in y]
    if not set(labels) <= {-1.0, 1.0}:
        raise ValueError(f"train: labels must be -1 or +1, got {sorted(set(labels))}")
    if epochs < 1:
        raise ValueError(f"train: epochs must be >= 1, got {epochs}")
    order = range(n) if order is None else [int(i) for i in order]
    if sorted(order) != list(range(n)):
        raise ValueError(f"train: order must name each of the {n} rows once")

    samples = list(x)
    mistakes: list[int] = []
    weights, lifetimes = [engine.zeros(d, dtype=x.dtype)], [0]
    for _ in range(epochs):
        before = len(mistakes)
        for i in order:
            z = samples[i] @ weights[-1]
            if labels[i] * float(z) <= 0:
                mistakes.append(i)
                weights.append(weights[-1] + labels[i] * samples[i])
                lifetimes.append(0)
            lifetimes[-1] += 1
        if len(mistakes) == before:
            return Run(mistakes, weights, lifetimes, converged=True)
    return Run(mistakes, weights, lifetimes, converged=False)


def predict(w: Array, x: Array) -> Array:
    """Say +1 where z > 0 and -1 elsewhere.

    Parameters
    ----------
    w : array, shape (d,)
        Weights.
    x : array, shape (n, d)
        Samples, one a row.

    Returns
    -------
    array of int64, shape (n,)
        A label for each sample, -1 or +1.

    Examples
    --------
    >>> import numpy
    >>> from nnkit.models.perceptron import predict
    >>> predict(numpy.array([1.0, -1.0]), numpy.array([[2.0, 1.0], [1.0, 2.0]])).tolist()
    [1, -1]
    """
    return 2 * (x @ w > 0) - 1


def average(run: Run) -> Array:
    r"""Average the weights over all visits of a run.

    This is the averaged perceptron of Freund and Schapire [1]_: of the weights that a run went
    through, those count most that survived longest. Where the data cannot be separated, the last
    weights are those of the last mistake; their average is not.

    Parameters
    ----------
    run : Run
        A run of `train`.

    Returns
    -------
    array, shape (d,)
        :math:`\sum_j c_j \mathbf{w}_j / \sum_j c_j` over the run's weights and their lifetimes.

    References
    ----------
    .. [1] Y. Freund and R. E. Schapire, "Large margin classification using the perceptron
       algorithm", Machine Learning 37(3), 1999, pp. 277-296.

    Examples
    --------
    >>> import numpy
    >>> from nnkit.models.perceptron import Run, average
    >>> run = Run([0, 1], [numpy.array([value]) for value in (0.0, 1.0, 5.0)], [0, 3, 1], True)
    >>> average(run).tolist()
    [2.0]
    """
    lived = zip(run.lifetimes, run.weights, strict=True)
    return sum(lifetime * w for lifetime, w in lived) / sum(run.lifetimes)


def radius(x: Array) -> float:
    r"""Return the length R of the longest sample.

    Parameters
    ----------
    x : array, shape (n, d)
        Samples, one a row; augmented if there is a bias.

    Returns
    -------
    float
        :math:`R = \max_i \lVert \mathbf{x}_i \rVert`, in the units of `x`.

    Examples
    --------
    >>> import numpy
    >>> from nnkit.models.perceptron import radius
    >>> radius(numpy.array([[3.0, 4.0], [1.0, 0.0]]))
    5.0
    """
    return math.sqrt((x * x).sum(1).max())


def margin(w: Array, x: Array, y: Array) -> float:
    r"""Return the distance from the boundary of w to the sample nearest to it, or furthest across.

    Parameters
    ----------
    w : array, shape (d,)
        Weights, not all 0.
    x : array, shape (n, d)
        Samples, one a row; augmented if there is a bias.
    y : array, shape (n,)
        Labels, -1 or +1.

    Returns
    -------
    float
        :math:`\gamma = \min_i y_i \, \mathbf{w} \cdot \mathbf{x}_i / \lVert \mathbf{w} \rVert`,
        in the units of `x`; it is > 0 if and only if w puts every sample on its own side.

    Examples
    --------
    >>> import numpy
    >>> from nnkit.models.perceptron import margin
    >>> x, y = numpy.array([[1.0, 1.0], [-1.0, 0.0]]), numpy.array([1, -1])
    >>> margin(numpy.array([3.0, 4.0]), x, y)
    0.6
    """
    return float((y * (x @ w)).min()) / math.sqrt(w @ w)


def mistake_bound(w: Array, x: Array, y: Array) -> float:
    r"""Return Novikoff's bound on the number of updates, given any w that separates the data.

    Parameters
    ----------
    w : array, shape (d,)
        Weights that put every sample on its own side.
    x : array, shape (n, d)
        Samples, one a row; augmented if there is a bias.
    y : array, shape (n,)
        Labels, -1 or +1.

    Returns
    -------
    float
        :math:`(R / \gamma)^2`, a pure number: the tightest such bound comes from the w of the
        largest margin.

    Raises
    ------
    ValueError
        If w does not separate the data.

    References
    ----------
    .. [1] A. B. J. Novikoff, "On convergence proofs on perceptrons", Proceedings of the Symposium
       on the Mathematical Theory of Automata, vol. 12, 1962, pp. 615-622.

    Examples
    --------
    >>> import numpy
    >>> from nnkit.models.perceptron import mistake_bound
    >>> x, y = numpy.array([[1.0, 2.0], [-1.0, 2.0]]), numpy.array([1, -1])
    >>> round(mistake_bound(numpy.array([1.0, 0.0]), x, y), 6)
    5.0
    """
    gamma = margin(w, x, y)
    if gamma <= 0:
        raise ValueError(f"mistake_bound: w must separate the data, its margin is {gamma:.4g}")
    return (radius(x) / gamma) ** 2
