"""A network that is shown a noised point and says which noise is in it, and its training.

The chapter on diffusion trains it on points of the plane and on digits. It knows how far the
noising has come and, if it is told, of which class the point is. Left out: what larger images
need, convolutions and attention.
"""

import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnkit.models.diffusion import diffuse

BATCH = 128


def denoiser(
    torch: ModuleType, *, classes: int, dimensions: int = 2, width: int = 64, waves: int = 8
) -> Any:
    r"""Make the network :math:`\epsilon_\theta(\mathbf{x}_t, t, c)` of Ho et al. [1]_.

    Point, time and class each pass a linear layer of their own; their sum goes through three more.
    Time enters as sines and cosines of :math:`\pi k t` for k from 1 to `waves`. A class more than
    there are stands for "not told" [2]_.

    Parameters
    ----------
    torch : module
        The engine: PyTorch or `nnkit.scratch`.
    classes : int
        Number of classes.
    dimensions : int, default 2
        Of a point.
    width : int, default 64
        Number of units in each hidden layer.
    waves : int, default 8
        Number of frequencies of time.

    Returns
    -------
    Module
        From points of shape (n, dimensions), times between 0 (data) and 1 (noise) of shape (n,) and
        classes, int64 of shape (n,), where `classes` itself is "not told", to the predicted noise,
        shape (n, dimensions).

    References
    ----------
    .. [1] J. Ho, A. Jain and P. Abbeel, "Denoising diffusion probabilistic models", Advances in
       Neural Information Processing Systems 33, 2020, equation 11.
    .. [2] J. Ho and T. Salimans, "Classifier-free diffusion guidance", 2022, arXiv:2207.12598,
       algorithm 1.

    Examples
    --------
    >>> import nnkit.scratch as engine
    >>> from nnkit.models.denoiser import denoiser
    >>> model = denoiser(engine, classes=2)
    >>> tuple(model(engine.zeros(5, 2), engine.zeros(5), engine.tensor([0, 1, 2, 2, 0])).shape)
    (5, 2)
    """
    nn = torch.nn

    class Denoiser(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.point = nn.Linear(dimensions, width)
            self.time = nn.Linear(2 * waves, width)
            self.label = nn.Embedding(classes + 1, width)
            self.rest = nn.Sequential(
                nn.SiLU(),
                nn.Linear(width, width),
                nn.SiLU(),
                nn.Linear(width, width),
                nn.SiLU(),
                nn.Linear(width, dimensions),
            )

        def forward(self, x: Any, time: Any, label: Any) -> Any:
            rates = math.pi * torch.arange(1, waves + 1, dtype=x.dtype)
            angles = time[:, None] * rates  # (n, waves)
            waved = torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)
            return self.rest(self.point(x) + self.time(waved) + self.label(label))

    return Denoiser()


def train(
    torch: ModuleType,
    x: NDArray[np.float64],
    y: NDArray[np.int64],
    alpha_bars: NDArray[np.float64],
    *,
    seed: int,
    width: int,
    updates: int,
    rate: float,
    dropped: float,
    target: str = "noise",
    dtype: str = "float64",
) -> Any:
    r"""Train a denoiser by Adam, at a rate that falls along half a cosine.

    Each update shows it `BATCH` points, noised to levels that are drawn anew [1]_.

    Parameters
    ----------
    torch : module
        The engine: PyTorch or `nnkit.scratch`.
    x : ndarray of float64, shape (m, d)
        Points to learn from.
    y : ndarray of int64, shape (m,)
        Their classes, from 0.
    alpha_bars : ndarray of float64, shape (T + 1,)
        Share of the variance that is the data's, by noise level; see `linear_schedule`.
    seed : int
        Of the weights and of all that is drawn.
    width : int
        Number of units in each hidden layer.
    updates : int
        Number of updates.
    rate : float
        Learning rate at first, > 0.
    dropped : float
        In which share of the cases the class is not told, 0 to 1.
    target : {"noise", "clean", "velocity"}, default "noise"
        What the network learns to say of a noised point: :math:`\epsilon`, :math:`\mathbf{x}_0`
        or :math:`\sqrt{\bar\alpha_t}\, \epsilon - \sqrt{1 - \bar\alpha_t}\, \mathbf{x}_0`.
    dtype : {"float64", "float32"}, default "float64"
        Of the network. With the former its weights are the same on every machine to more digits
        than are ever shown.

    Returns
    -------
    Module
        See `denoiser`.

    References
    ----------
    .. [1] J. Ho, A. Jain and P. Abbeel, "Denoising diffusion probabilistic models", Advances in
       Neural Information Processing Systems 33, 2020, algorithm 1.
    """
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    classes, chain = int(y.max()) + 1, len(alpha_bars) - 1
    model = denoiser(torch, classes=classes, dimensions=x.shape[1], width=width)
    model.to(getattr(torch, dtype))
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, updates)
    for _ in range(updates):
        rows = rng.integers(len(x), size=BATCH)
        t = rng.integers(1, chain + 1, size=BATCH)
        noise = rng.standard_normal((BATCH, x.shape[1]))
        label = np.where(rng.random(BATCH) < dropped, classes, y[rows])
        share = alpha_bars[t, None]
        goal = {
            "noise": noise,
            "clean": x[rows],
            "velocity": share**0.5 * noise - (1 - share) ** 0.5 * x[rows],
        }[target]
        noised = diffuse(x[rows], noise, share)
        shown, time, answer = (
            torch.tensor(array.astype(dtype)) for array in (noised, t / chain, goal)
        )
        optimizer.zero_grad()
        said = model(shown, time, torch.tensor(label))
        torch.nn.functional.mse_loss(said, answer).backward()
        optimizer.step()
        schedule.step()
    return model


def restore(torch: ModuleType, file: Path, name: str) -> Any:
    """Make a denoiser with weights that `train` has found before.

    Parameters
    ----------
    torch : module
        The engine: PyTorch or `nnkit.scratch`.
    file : Path
        An archive of NumPy that holds each parameter p as `name`.p.
    name : str
        Which of the denoisers in it.

    Returns
    -------
    Module
        See `denoiser`; of float64.

    Raises
    ------
    KeyError
        If the archive has no denoiser of that name.
    """
    with np.load(file) as arrays:
        named = {key: arrays[key].astype(np.float64) for key in arrays}
    state = {
        key.removeprefix(f"{name}."): torch.tensor(array)
        for key, array in named.items()
        if key.startswith(f"{name}.")
    }
    if not state:
        names = sorted({key.partition(".")[0] for key in named})
        raise KeyError(f"{file.name} has the denoisers {', '.join(names)}, not {name}")
    (classes, width), dimensions = state["label.weight"].shape, state["point.weight"].shape[1]
    model = denoiser(torch, classes=classes - 1, dimensions=dimensions, width=width)
    model.to(torch.float64)
    model.load_state_dict(state)
    return model
