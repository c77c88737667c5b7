"""The course's models, each written once and handed the engine that it computes with.

An engine is a module with PyTorch's names for what a model uses of it. One file serves them all,
so that a model cannot behave differently in two places.
"""
