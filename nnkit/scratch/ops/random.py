"""Random tensors, drawn from seeded generators.

The streams are NumPy's PCG64 and so differ from PyTorch's: the same seed gives the same numbers on
every machine, but not those of PyTorch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnkit.scratch.core.dtypes import dtype, int64, numpy_type
from nnkit.scratch.core.recording import Tensor, record
from nnkit.scratch.ops.conversion import leaf
from nnkit.scratch.ops.shaping import size_of


class Generator:
    """A source of random numbers with a state of its own.

    Attributes
    ----------
    numpy : numpy.random.Generator
        What the numbers are drawn from.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> one, other = (engine.Generator().manual_seed(0) for _ in range(2))
    >>> a, b = engine.rand(2, generator=one), engine.rand(2, generator=other)
    >>> bool((a == b).all())
    True
    """

    def __init__(self) -> None:
        self.manual_seed(0)

    def manual_seed(self, seed: int) -> Generator:
        """Begin again from a seed.

        Parameters
        ----------
        seed : int
            Any integer >= 0.

        Returns
        -------
        Generator
            The generator itself.
        """
        self.numpy = np.random.default_rng(seed)
        return self

    def get_state(self) -> dict[str, Any]:
        """Return where it stands.

        Returns
        -------
        dict
            To be given to `set_state`.
        """
        return dict(self.numpy.bit_generator.state)

    def set_state(self, state: dict[str, Any]) -> Generator:
        """Go back to where it, or another generator, stood.

        Parameters
        ----------
        state : dict
            What `get_state` returned.

        Returns
        -------
        Generator
            The generator itself.
        """
        self.numpy.bit_generator.state = state
        return self


default_generator = Generator()
default_generator.numpy = np.random.default_rng()


def manual_seed(seed: int) -> Generator:
    """Seed the generator that is used where none is named.

    Parameters
    ----------
    seed : int
        Any integer >= 0.

    Returns
    -------
    Generator
        That generator.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> _ = engine.manual_seed(0)
    >>> engine.randn(2)
    tensor([ 0.1257, -0.1321])
    """
    return default_generator.manual_seed(seed)


def source(generator: Generator | None) -> np.random.Generator:
    """Return what numbers are drawn from.

    Parameters
    ----------
    generator : Generator or None
        The one named, if any.

    Returns
    -------
    numpy.random.Generator
        Its source, or the default one's.
    """
    return (default_generator if generator is None else generator).numpy


def rand(
    *size: Any, generator: Generator | None = None, dtype: dtype | None = None, **options: Any
) -> Tensor:
    """Draw numbers that are uniform between 0 and 1.

    Parameters
    ----------
    *size : int, or one sequence of int
        Shape.
    generator : Generator, optional
        Where they come from.
    dtype : dtype, optional
        Type of the elements; the default, float32, if left out.
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Elements in [0, 1).
    """
    shape, kind = size_of("rand", size), numpy_type(dtype)
    drawn = source(generator).random(shape, np.float64 if kind == np.float64 else np.float32)
    return leaf(np.asarray(drawn, kind), **options)


def randn(
    *size: Any, generator: Generator | None = None, dtype: dtype | None = None, **options: Any
) -> Tensor:
    """Draw numbers that are normal with mean 0 and variance 1.

    Parameters
    ----------
    *size : int, or one sequence of int
        Shape.
    generator : Generator, optional
        Where they come from.
    dtype : dtype, optional
        Type of the elements; the default, float32, if left out.
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Of shape `size`.
    """
    drawn = source(generator).standard_normal(size_of("randn", size))
    return leaf(np.asarray(drawn, numpy_type(dtype)), **options)


def randint(
    low: int,
    high: Any,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    **options: Any,
) -> Tensor:
    """Draw integers, each as likely as any other.

    Parameters
    ----------
    low : int
        The least; if the next argument is the shape, this is `high` and the least is 0.
    high : int
        Bound, not reached.
    size : sequence of int
        Shape.
    generator : Generator, optional
        Where they come from.
    dtype : dtype, optional
        Type of the elements; int64 if left out.
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Elements in [low, high).

    Raises
    ------
    ValueError
        If the bounds leave nothing between them.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.randint(5, (2, 3)).shape
    torch.Size([2, 3])
    """
    if size is None:
        low, high, size = 0, low, high
    if low >= high:
        raise ValueError(f"randint: expected low < high, got {low} and {high}")
    drawn = source(generator).integers(low, high, size_of("randint", (size,)))
    return leaf(np.asarray(drawn, numpy_type(dtype or int64)), **options)


def randperm(n: int, *, generator: Generator | None = None, **options: Any) -> Tensor:
    """Draw an order of the integers from 0 to n − 1.

    Parameters
    ----------
    n : int
        How many.
    generator : Generator, optional
        Where it comes from.
    **options : object
        `requires_grad` and `device`, as for `tensor`.

    Returns
    -------
    Tensor
        Of int64 and of shape (n,).
    """
    return leaf(source(generator).permutation(n), **options)


def normal(mean: float, std: float, size: Any, *, generator: Generator | None = None) -> Tensor:
    """Draw normal numbers.

    Parameters
    ----------
    mean, std : float
        Their mean and standard deviation.
    size : sequence of int
        Shape.
    generator : Generator, optional
        Where they come from.

    Returns
    -------
    Tensor
        Of float32 and shape `size`.
    """
    drawn = source(generator).normal(mean, std, size_of("normal", (size,)))
    return record(drawn.astype(numpy_type(None)))


def bernoulli(input: Tensor, *, generator: Generator | None = None) -> Tensor:
    """Draw 1 with the probability given for each element, else 0.

    Parameters
    ----------
    input : Tensor
        Probabilities, in [0, 1].
    generator : Generator, optional
        Where the draws come from.

    Returns
    -------
    Tensor
        Of the same shape and type.
    """
    p = input.array
    return record((source(generator).random(p.shape) < p).astype(p.dtype))


def multinomial(
    input: Tensor,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Draw indices with the given weights, row by row.

    Parameters
    ----------
    input : Tensor
        Weights >= 0, shape (n,) or (rows, n); each row has a sum > 0.
    num_samples : int
        How many indices are drawn from each row.
    replacement : bool, default False
        Whether an index may be drawn twice.
    generator : Generator, optional
        Where the draws come from.

    Returns
    -------
    Tensor
        Of int64 and shape (num_samples,) or (rows, num_samples).

    Raises
    ------
    RuntimeError
        If a weight is negative or not finite, a row has none, or too few without replacement.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> engine.multinomial(engine.tensor([0.0, 1.0]), 3, replacement=True)
    tensor([1, 1, 1])
    """
    weights = input.array.astype(np.float64)
    rows = np.atleast_2d(weights)
    least = 1 if replacement else num_samples
    if not (np.isfinite(rows).all() and (rows >= 0).all() and (rows > 0).sum(-1).min() >= least):
        raise RuntimeError(
            f"multinomial: expected weights >= 0, at least {least} of each row > 0, got {input}"
        )
    drawn = [
        source(generator).choice(len(row), num_samples, replacement, row / row.sum())
        for row in rows
    ]
    return record(np.array(drawn).reshape(*weights.shape[:-1], num_samples))


def rand_like(input: Tensor, *, dtype: dtype | None = None, **options: Any) -> Tensor:
    """Draw as `rand` does, in the shape and type of another tensor.

    Parameters
    ----------
    input : Tensor
        The other.
    dtype : dtype, optional
        Type of the elements, if it is to differ.
    **options : object
        `generator`, `requires_grad` and `device`.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    return rand(input.shape, dtype=dtype or input.dtype, **options)


def randn_like(input: Tensor, *, dtype: dtype | None = None, **options: Any) -> Tensor:
    """Draw as `randn` does, in the shape and type of another tensor.

    Parameters
    ----------
    input : Tensor
        The other.
    dtype : dtype, optional
        Type of the elements, if it is to differ.
    **options : object
        `generator`, `requires_grad` and `device`.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    return randn(input.shape, dtype=dtype or input.dtype, **options)
