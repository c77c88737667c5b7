"""Real data small enough to travel with the package: handwritten digits and breast cancer.

The first chapter learns from both; later ones return to the digits. `SOURCES.md`, beside this
file, says where the arrays come from, under which licence, and how the stored files were made.
No row is left out, and no feature is standardised.
"""

from importlib import resources

import numpy as np
from numpy.typing import NDArray

BREAST_CANCER_FEATURES: tuple[str, ...] = tuple(
    statistic.format(measure)
    for statistic in ("mean {}", "{} error", "worst {}")
    for measure in (
        "radius",
        "texture",
        "perimeter",
        "area",
        "smoothness",
        "compactness",
        "concavity",
        "concave points",
        "symmetry",
        "fractal dimension",
    )
)
"""Names of the 30 columns of `breast_cancer`, in order."""


def _read(filename: str) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    """Return the arrays x and y of a file that ships with this package."""
    with (
        resources.files("nnkit.data").joinpath(filename).open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        return arrays["x"], arrays["y"]


def digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return 1,797 handwritten digits as images of 8 x 8 pixels.

    A pixel is the share of ink in a block of 4 x 4 dots of the scanned digit. The set is the test
    part of the UCI repository's "Optical Recognition of Handwritten Digits" [1]_, licence
    CC BY 4.0. Thirteen people wrote it and nothing says which digit is whose: a random split puts
    every writer on both sides, and so measures digits by known hands.

    Returns
    -------
    x : ndarray of float32, shape (1797, 8, 8)
        Images, indexed by row from the top and column from the left, from 0 (paper) to 1 (ink) in
        steps of 1/16.
    y : ndarray of int64, shape (1797,)
        The digit written, 0 to 9; between 174 and 183 images of each.

    References
    ----------
    .. [1] E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
       Learning Repository, 1998, https://doi.org/10.24432/C50P49.

    Examples
    --------
    >>> from nnkit.data import digits
    >>> x, y = digits()
    >>> x.shape, y[:5].tolist()
    ((1797, 8, 8), [0, 1, 2, 3, 4])
    >>> for row in x[0]:
    ...     print("".join(".:+*#"[round(4 * float(pixel))] for pixel in row))
    ..:*+...
    ..*#+#:.
    .:#..*+.
    .:*..++.
    .:+..++.
    .:*..*+.
    ..#:+*..
    ..+*+...
    """
    x, y = _read("digits.npz")
    return x.astype(np.float32) / np.float32(16), y.astype(np.int64)


def breast_cancer() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return 569 breast tumours, each by 30 measures of its cell nuclei and its diagnosis.

    Ten properties were measured on every nucleus in the image of a needle biopsy; a row holds
    their mean over the nuclei, its standard error, and the mean of the three largest values
    ("worst"). The set is the UCI repository's "Breast Cancer Wisconsin (Diagnostic)" [1]_,
    licence CC BY 4.0.

    Returns
    -------
    x : ndarray of float32, shape (569, 30)
        Measures in the order of `BREAST_CANCER_FEATURES`, 0 to 4254, unscaled: the source's
        decimals, each to the nearest float32. The source states no units. Radius and perimeter
        are lengths and area is a length squared, in one unit left open; texture is a spread of
        grey levels; the others are pure numbers.
    y : ndarray of int64, shape (569,)
        1 for malignant (212 tumours), the condition looked for; 0 for benign (357). Scikit-learn
        numbers them the other way round.

    References
    ----------
    .. [1] W. Wolberg, O. Mangasarian, N. Street and W. Street, "Breast Cancer Wisconsin
       (Diagnostic)", UCI Machine Learning Repository, 1993, https://doi.org/10.24432/C5DW2B.

    Examples
    --------
    >>> from nnkit.data import BREAST_CANCER_FEATURES, breast_cancer
    >>> x, y = breast_cancer()
    >>> x.shape, int(y.sum())
    ((569, 30), 212)
    >>> radius = x[:, BREAST_CANCER_FEATURES.index("mean radius")]
    >>> print(f"malignant {radius[y == 1].mean():.1f}, benign {radius[y == 0].mean():.1f}")
    malignant 17.5, benign 12.1
    """
    x, y = _read("breast_cancer.npz")
    return x.astype(np.float32), y.astype(np.int64)
