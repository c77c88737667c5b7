"""Data sets and loaders: every sample once, in the order that was asked for."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nnkit import scratch
from nnkit.scratch.utils.data import (
    DataLoader,
    Dataset,
    Subset,
    TensorDataset,
    default_collate,
    random_split,
)


class Squares(Dataset):
    def __init__(self, n: int) -> None:
        self.n = n

    def __getitem__(self, index: int) -> Any:
        return {"x": scratch.tensor([float(index)]), "y": index**2, "name": str(index)}

    def __len__(self) -> int:
        return self.n


def numbers(n: int) -> TensorDataset:
    return TensorDataset(scratch.arange(n), scratch.arange(n) * 10)


@given(st.integers(0, 20), st.integers(1, 8), st.booleans(), st.booleans())
def test_loader_yields_every_sample_once(n: int, size: int, shuffle: bool, drop: bool) -> None:
    loader = DataLoader(numbers(n), size, shuffle, drop_last=drop)
    batches = list(loader)
    assert len(batches) == len(loader)
    assert all(len(x) == size for x, _ in batches[:-1])
    seen = [i for x, y in batches for i in x.tolist()]
    assert [i for x, y in batches for i in y.tolist()] == [10 * i for i in seen]
    assert len(set(seen)) == len(seen) == (n // size * size if drop else n)
    if not shuffle:
        assert seen == list(range(len(seen)))


def test_shuffled_order_comes_from_the_generator() -> None:
    def orders() -> list[list[int]]:
        generator = scratch.Generator().manual_seed(3)
        loader = DataLoader(numbers(50), 50, shuffle=True, generator=generator)
        return [next(iter(loader))[0].tolist() for _ in range(2)]

    first, second = orders()
    assert first != second
    assert orders() == [first, second]


def test_subsets_of_subsets_are_cut_out_whole() -> None:
    subset = Subset(Subset(numbers(10), [8, 6, 4, 2]), [3, 0])
    (batch,) = DataLoader(subset, 2)
    assert [x.tolist() for x in batch] == [[2, 8], [20, 80]]
    assert subset[1][0].item() == 8


def test_samples_of_any_form_are_collated() -> None:
    batch = next(iter(DataLoader(Squares(5), 3)))
    assert batch["x"].tolist() == [[0.0], [1.0], [2.0]]
    assert batch["y"].tolist() == [0, 1, 4]
    assert batch["name"] == ["0", "1", "2"]
    (whole,) = DataLoader(Squares(2), 2, collate_fn=lambda samples: [s["y"] for s in samples])
    assert whole == [0, 1]


@pytest.mark.parametrize("samples", [
    [1, 2], [1.5, 2.5], [True, False], [np.float32(1), np.float32(2)],
    [np.arange(3.0), np.arange(3.0)], [(1, 2.0), (3, 4.0)], [[1], [2]], ["a", "b"],
    [{"a": 1}, {"a": 2}],
])  # fmt: skip
def test_samples_are_collated_as_in_pytorch(samples: list[Any]) -> None:
    def plain(batch: Any) -> Any:
        if isinstance(batch, dict):
            return {key: plain(value) for key, value in batch.items()}
        if isinstance(batch, list):
            return [plain(value) for value in batch]
        return (str(batch.dtype), batch.tolist()) if hasattr(batch, "dtype") else batch

    assert plain(default_collate(samples)) == plain(torch.utils.data.default_collate(samples))


@pytest.mark.parametrize("lengths", [[5, 3, 2], [0.5, 0.3, 0.2], [0.75, 0.25], [10], [1 / 3] * 3])
def test_random_split_has_the_sizes_of_pytorch(lengths: list[float]) -> None:
    parts = random_split(numbers(10), lengths, scratch.Generator().manual_seed(0))
    assert [len(part) for part in parts] == [
        len(part) for part in torch.utils.data.random_split(range(10), lengths)
    ]
    assert sorted(x.item() for part in parts for x, _ in part) == list(range(10))
    again = random_split(numbers(10), lengths, scratch.Generator().manual_seed(0))
    assert [part.indices for part in parts] == [part.indices for part in again]
    assert parts[0].indices != list(range(len(parts[0])))


def test_bad_data_are_named() -> None:
    with pytest.raises(AssertionError, match=r"TensorDataset: .* one length, got \[2, 3\]"):
        TensorDataset(scratch.zeros(2), scratch.zeros(3))
    with pytest.raises(ValueError, match="DataLoader: expected batch_size > 0, got 0"):
        DataLoader(numbers(3), 0)
    with pytest.raises(ValueError, match=r"random_split: expected lengths that sum to 3 or 1, got"):
        random_split(numbers(3), [1, 1])
    with pytest.raises(TypeError, match="default_collate: expected tensors or numbers, got object"):
        default_collate([object()])
    with pytest.raises(NotImplementedError, match="Dataset: expected __len__ to be defined"):
        len(Dataset())
    with pytest.raises(NotImplementedError, match="Dataset: expected __getitem__ to be defined"):
        Dataset()[0]
