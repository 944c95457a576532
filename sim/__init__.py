"""Shortfall: who runs short of critical minerals, of what, when, how badly and how surely."""

__version__ = "0.1.0"
