"""The engine's core: what a tensor is, how operations are recorded, and the walk back."""
