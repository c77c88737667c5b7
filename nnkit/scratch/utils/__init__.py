"""What `torch.utils` holds, as far as the course goes: `data`."""

from nnkit.scratch.utils import data as data
