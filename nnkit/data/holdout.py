"""Holding data out: some rows to learn from, the others to judge by.

Every chapter that reports an accuracy splits with this one function. It makes a single split;
repeating it over seeds gives the spread, and cross-validation is left out.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nnkit.data.seeding import generator

Scalar = TypeVar("Scalar", bound=np.generic)


def split(
    x: NDArray[Scalar], y: NDArray[np.int64], *, test: float, seed: int
) -> tuple[NDArray[Scalar], NDArray[Scalar], NDArray[np.int64], NDArray[np.int64]]:
    """Split rows at random into a training and a test part with equal shares of every class.

    A class of c rows gives round(test * c) of them to the test part, but at least one, and keeps
    at least one for training: always within one row of its exact share.

    Parameters
    ----------
    x : ndarray, shape (n, ...)
        Inputs, one row for each label.
    y : ndarray of int64, shape (n,)
        Class labels; every class that occurs has at least 2 rows.
    test : float
        Fraction of the rows to hold out, in the open interval (0, 1).
    seed : int
        Seed of the shuffle, >= 0.

    Returns
    -------
    x_train : ndarray, shape (n - m, ...)
        Inputs to learn from, shuffled; a copy, in the dtype of `x`.
    x_test : ndarray, shape (m, ...)
        Inputs held out, likewise; m is the sum of the classes' test rows.
    y_train : ndarray of int64, shape (n - m,)
        Labels of `x_train`.
    y_test : ndarray of int64, shape (m,)
        Labels of `x_test`.

    Raises
    ------
    ValueError
        If `y` is not one label for each row of `x`, `test` lies outside (0, 1), a class has fewer
        than 2 rows, or `seed` is not an integer >= 0.

    Examples
    --------
    >>> from nnkit.data import breast_cancer, split
    >>> x, y = breast_cancer()
    >>> x_train, x_test, y_train, y_test = split(x, y, test=0.4, seed=0)
    >>> x_train.shape, x_test.shape
    ((341, 30), (228, 30))
    >>> print(f"{y.mean():.3f} {y_train.mean():.3f} {y_test.mean():.3f}")
    0.373 0.372 0.373
    """
    if y.shape != x.shape[:1]:
        raise ValueError(
            f"split: expected one label for each row of x, got x {x.shape} and y {y.shape}"
        )
    if not 0 < test < 1:
        raise ValueError(f"split: test must be a fraction in (0, 1), got {test!r}")
    classes, counts = np.unique(y, return_counts=True)
    for label, count in zip(classes, counts, strict=True):
        if count < 2:
            raise ValueError(f"split: every class needs at least 2 rows, class {label} has {count}")

    rng = generator("split", seed)
    held_out = np.zeros(len(y), dtype=bool)
    for label, count in zip(classes, counts, strict=True):
        share = min(max(round(test * count), 1), count - 1)
        held_out[rng.choice(np.flatnonzero(y == label), share, replace=False)] = True
    order = rng.permutation(len(y))
    train_rows, test_rows = order[~held_out[order]], order[held_out[order]]
    return x[train_rows], x[test_rows], y[train_rows], y[test_rows]
