"""The course's data: two small real sets and five drawn ones, each as plain NumPy arrays.

Real sets ship with the package (`digits`, `breast_cancer`); two-dimensional sets are drawn from a
seed (`blobs`, `xor`, `moons`, `spirals`, `rings`); `split` holds a part of any of them out. Inputs
`x` are float32, class labels `y` int64 from 0 to K - 1. `measured` gives what the course's own long
runs have found. Scaling, batching and downloads are left to the chapters that teach them.
"""

from nnkit.data.holdout import split
from nnkit.data.plane import blobs, blobs_separator, moons, rings, spirals, xor
from nnkit.data.shipped import BREAST_CANCER_FEATURES, breast_cancer, digits
from nnkit.data.stored import measured

__all__ = [
    "BREAST_CANCER_FEATURES",
    "blobs",
    "blobs_separator",
    "breast_cancer",
    "digits",
    "measured",
    "moons",
    "rings",
    "spirals",
    "split",
    "xor",
]
