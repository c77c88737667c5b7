"""Exercises that answer back: right, or a hint that names the mistake.

Each chapter has a module here, with its exercises and its own `check`; what they share is in `kit`.
"""

from nnkit.checks.kit.exercise import Exercise, checker

__all__ = ["Exercise", "checker"]
