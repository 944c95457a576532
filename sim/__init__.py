"""Shortfall: who runs short of critical minerals, of what, when, how badly and how surely."""

from sim import _cache

__version__ = "0.1.0"

_cache.prepare()  # before any module of ours imports numba
