"""Train the denoisers that the explorables on diffusion show, and keep their weights.

Writes `nnkit/explore/diffusion.npz` and `nnkit/explore/guidance.npz`, in float32. Run it as
`python benchmarks/denoisers.py`; it takes a minute.
"""

from typing import Any

import numpy as np

from nnkit.explore import diffusion, guidance


def keep(explorable: Any, models: dict[str, Any]) -> None:
    """Write the weights of models beside the module of their explorable."""
    arrays = {
        f"{name}.{key}": value.numpy().astype(np.float32)
        for name, model in models.items()
        for key, value in model.state_dict().items()
    }
    np.savez_compressed(explorable.__file__.replace(".py", ".npz"), **arrays)


if __name__ == "__main__":
    keep(diffusion, {data: diffusion.learn(data) for data in diffusion.SETS})
    keep(guidance, {"digits": guidance.learn()})
