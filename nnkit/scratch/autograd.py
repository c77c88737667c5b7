"""What `torch.autograd` holds: gradients by name, and the check of a gradient."""

from nnkit.scratch.core.walk import grad
from nnkit.scratch.gradcheck import gradcheck

__all__ = ["grad", "gradcheck"]
