"""Data sets and the batches that are drawn from them.

Left out are samplers, data sets without a length, and workers: the data of this course are in
memory, so a batch of a `TensorDataset` is cut out of it whole, not sample by sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import record
from nnkit.scratch.ops.joining import stack
from nnkit.scratch.ops.random import Generator, source
from nnkit.scratch.tensors import Tensor


class Dataset:
    """Base class of data sets: define `__len__` and `__getitem__`."""

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: expected __getitem__ to be defined")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__}: expected __len__ to be defined")


class TensorDataset(Dataset):
    """Tensors side by side: sample i is the tuple of their i-th elements.

    Parameters
    ----------
    *tensors : Tensor
        Of one length along axis 0.

    Raises
    ------
    AssertionError
        If their lengths differ, or there are none.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.scratch.utils.data import TensorDataset
    >>> TensorDataset(engine.arange(4), engine.eye(4))[1]
    (tensor(1), tensor([0., 1., 0., 0.]))
    """

    def __init__(self, *tensors: Tensor) -> None:
        lengths = [len(t) for t in tensors]
        if len(set(lengths)) != 1:
            raise AssertionError(f"TensorDataset: expected tensors of one length, got {lengths}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(t[index] for t in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset):
    """Some of the samples of a data set.

    Parameters
    ----------
    dataset : Dataset
        The data set.
    indices : sequence of int
        Which samples, in order.
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: int) -> Any:
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


def random_split(
    dataset: Any, lengths: Sequence[float], generator: Generator | None = None
) -> list[Subset]:
    """Split a data set at random into parts that do not overlap.

    Parameters
    ----------
    dataset : Dataset
        The data set.
    lengths : sequence of int, or of float
        Sizes of the parts, which sum to that of the whole; or their shares, which sum to 1. What
        is left when shares are rounded down goes to the first parts, one sample to each.
    generator : Generator, optional
        Where the order is drawn from.

    Returns
    -------
    list of Subset
        The parts.

    Raises
    ------
    ValueError
        If the lengths do not sum to the whole.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.scratch.utils.data import TensorDataset, random_split
    >>> dataset = TensorDataset(engine.arange(10))
    >>> [len(part) for part in random_split(dataset, [0.75, 0.25])]
    [8, 2]
    """
    n = len(dataset)
    sizes = [int(length) for length in lengths]
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1 and min(lengths) >= 0:
        sizes = [math.floor(n * share) for share in lengths]
        for i in range(n - sum(sizes)):
            sizes[i % len(sizes)] += 1
    if sum(sizes) != n:
        raise ValueError(f"random_split: expected lengths that sum to {n} or 1, got {lengths}")
    order = source(generator).permutation(n)
    return [Subset(dataset, part.tolist()) for part in np.split(order, np.cumsum(sizes)[:-1])]


def default_collate(batch: Sequence[Any]) -> Any:
    """Put samples together to a batch.

    Parameters
    ----------
    batch : sequence
        Tensors, arrays or numbers; or tuples, lists or dicts of these, all of one form.

    Returns
    -------
    object
        Tensors with one axis more in front; or lists or dicts of these. Text stays in a list.

    Raises
    ------
    TypeError
        If samples are something else.

    Examples
    --------
    >>> from nnkit.scratch.utils.data import default_collate
    >>> default_collate([(1, "a"), (2, "b")])
    [tensor([1, 2]), ['a', 'b']]
    """
    match batch[0]:
        case Tensor():
            return stack(batch)
        case np.ndarray() | np.generic() | bool() | int() | float():
            return record(np.stack(batch))
        case str():
            return list(batch)
        case dict() as first:
            return {key: default_collate([sample[key] for sample in batch]) for key in first}
        case tuple() | list():
            return [default_collate(column) for column in zip(*batch, strict=True)]
    got = type(batch[0]).__name__
    raise TypeError(f"default_collate: expected tensors or numbers, got {got}")


class DataLoader:
    """Go through a data set in batches.

    Parameters
    ----------
    dataset : Dataset
        Anything with a length and samples at 0, 1, ...
    batch_size : int, default 1
        Samples in a batch, > 0.
    shuffle : bool, default False
        Whether each pass has an order of its own.
    num_workers : int, default 0
        Without effect.
    collate_fn : callable, optional
        From a list of samples to a batch; `default_collate` if left out.
    pin_memory : bool, default False
        Without effect.
    drop_last : bool, default False
        Whether the last batch is left out if it is smaller.
    generator : Generator, optional
        Where the orders are drawn from.

    Raises
    ------
    ValueError
        If `batch_size` is not > 0.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.scratch.utils.data import DataLoader, TensorDataset
    >>> dataset = TensorDataset(engine.arange(3), engine.ones(3))
    >>> for x, y in DataLoader(dataset, batch_size=2):
    ...     print(x, y)
    tensor([0, 1]) tensor([1., 1.])
    tensor([2]) tensor([1.])
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        generator: Generator | None = None,
    ) -> None:
        if batch_size <= 0:
            raise ValueError(f"DataLoader: expected batch_size > 0, got {batch_size}")
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self.collate_fn, self.drop_last, self.generator = collate_fn, drop_last, generator

    def __len__(self) -> int:
        n = len(self.dataset)
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        n = len(self.dataset)
        order = source(self.generator).permutation(n) if self.shuffle else np.arange(n)
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            yield self._batch(order[start : start + self.batch_size])

    def _batch(self, places: Array) -> Any:
        if self.collate_fn is not None:
            return self.collate_fn([self.dataset[i] for i in places.tolist()])
        whole = self.dataset
        while type(whole) is Subset:
            whole, places = whole.dataset, np.asarray(whole.indices)[places]
        if type(whole) is TensorDataset:
            return [record(t.array[places]) for t in whole.tensors]
        return default_collate([whole[i] for i in places.tolist()])
