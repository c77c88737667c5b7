"""Batch normalisation: each channel shifted and scaled to mean 0 and variance 1 over a batch.

In evaluation running statistics take the place of the batch's, so that no sample depends on others.
Ioffe and Szegedy (2015), "Batch normalization: accelerating deep network training by reducing
internal covariate shift", algorithms 1 and 2, with moving averages (section 3.1).
"""

from __future__ import annotations

import numpy as np

from nnkit.scratch.core.dtypes import Array, dtype
from nnkit.scratch.core.memory import touch
from nnkit.scratch.core.recording import quiet, record
from nnkit.scratch.nn.normalization import (
    Axes,
    _Affine,
    _normalized,
    _scaled,
    _slope,
    _sum_of_rows,
    _values,
)
from nnkit.scratch.ops import creation
from nnkit.scratch.ops.conversion import tensor
from nnkit.scratch.tensors import Tensor


@quiet
def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Return (x − μ) / √(σ² + ε) · γ + β, with mean and variance of each channel over the batch.

    Parameters
    ----------
    input : Tensor
        Shape (N, C) or (N, C, ...).
    running_mean, running_var : Tensor or None
        Shape (C,): used in the place of μ and σ², or, in training, moved towards them.
    weight, bias : Tensor, optional
        Factors γ and terms β, shape (C,); 1 and 0 if left out.
    training : bool, default False
        Whether the batch's own statistics are used.
    momentum : float, default 0.1
        Share of the way that the running statistics move, in [0, 1]. The variance that they move to
        is the unbiased one.
    eps : float, default 1e-5
        Added to the variance, > 0.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        In training, if there is but one number for each channel.
    RuntimeError
        If the number of channels is another than that of the parameters.
    """
    x = input.array
    channels = x.shape[1]
    for given in (running_mean, running_var, weight, bias):
        if given is not None and given.array.shape != (channels,):
            raise RuntimeError(
                f"batch_norm: expected {given.array.size} channels (axis 1), got {channels}; "
                f"input shape {x.shape}"
            )
    last_shape = (len(x), *x.shape[2:], channels)

    def rows_of(images: Array) -> Array:
        return np.moveaxis(images, 1, -1).reshape(-1, channels)

    def images_of(rows: Array) -> Array:
        return np.moveaxis(rows.reshape(last_shape), -1, 1)

    rows, (gamma, beta) = rows_of(x), _values(weight, bias, (channels,))
    if training:
        count = len(rows)
        if count == 1:
            raise ValueError(
                f"batch_norm: expected more than 1 value per channel in training, got {x.shape}"
            )
        out, r, mean, variance = _normalized(rows, (0,), eps)
        if running_mean is not None and running_var is not None and count:
            unbiased = variance * (count / (count - 1))
            for running, now in ((running_mean.array, mean[0]), (running_var.array, unbiased[0])):
                running += momentum * (now - running)
                touch(running)
    elif running_mean is None or running_var is None:
        raise RuntimeError("batch_norm: expected running_mean and running_var in evaluation")
    else:
        r = 1 / np.sqrt(running_var.array + eps)
        out = (rows - running_mean.array) * r

    def normalization(g: Array) -> Array:
        h = rows_of(g) * gamma
        return images_of(_slope(h, out, r, (0,)) if training else h * r)

    return record(
        images_of(_scaled(out, gamma, beta)),
        (input, normalization),
        (0 if weight is None else weight, lambda g: _sum_of_rows(rows_of(g) * out)),
        (0 if bias is None else bias, lambda g: _sum_of_rows(rows_of(g))),
    )


class _BatchNorm(_Affine):
    """Batch norm for inputs of some numbers of axes.

    Parameters
    ----------
    num_features : int
        Number C of features.
    eps : float, default 1e-5
        Added to the variance, > 0.
    momentum : float or None, default 0.1
        Share of the way that the running statistics move with each batch; None averages all.
    affine : bool, default True
        Whether each feature has a weight and a bias.
    track_running_stats : bool, default True
        Whether there are running statistics, which take over in evaluation.
    device : object, optional
        Without effect.
    dtype : dtype, optional
        Type of the parameters; float32 if left out.
    bias : bool, default True
        Whether there is a bias, if affine.
    """

    ndims: Axes
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: object = None,
        dtype: dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__((num_features,), affine, bias, dtype)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        zeros, ones = (make(num_features, dtype=dtype) for make in (creation.zeros, creation.ones))
        counted = {"running_mean": zeros, "running_var": ones, "num_batches_tracked": tensor(0)}
        for name, buffer in counted.items():
            self.register_buffer(name, buffer if track_running_stats else None)

    def reset_running_stats(self) -> None:
        """Forget the batches that were seen."""
        for name, buffer in self.named_buffers():
            buffer.fill_(float(name == "running_var"))

    def reset_parameters(self) -> None:
        """Set weights to 1, biases to 0, and forget the batches that were seen."""
        self.reset_running_stats()
        super().reset_parameters()

    def forward(self, input: Tensor) -> Tensor:
        if input.array.ndim not in self.ndims:
            axes, got = " or ".join(map(str, self.ndims)), input.array.shape
            raise ValueError(f"{type(self).__name__}: expected input of {axes} axes, got {got}")
        momentum, mean, var = self.momentum or 0.0, self.running_mean, self.running_var
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                momentum = 1 / self.num_batches_tracked.item()
        training = self.training or mean is None
        return batch_norm(input, mean, var, self.weight, self.bias, training, momentum, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}"
            f", bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """Normalise each feature over the batch, (N, C) or (N, C, L) to the same: see `batch_norm`."""

    ndims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Normalise each channel over the batch, (N, C, H, W) to the same: see `batch_norm`."""

    ndims = (4,)
