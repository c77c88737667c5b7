"""The engine's operations: each a value, and beside it what carries its gradient back."""
