"""Shortfall: who runs short of critical minerals, of what, when, how badly and how surely."""

from sim.base import numba_cache

__version__ = "0.3.0"

numba_cache.prepare()  # before any module of ours imports numba


def __getattr__(name: str) -> object:
    """Give what notebooks use on first use: `import sim` itself stays light."""
    if name in ("load", "open_run", "Study"):
        from sim import api

        return getattr(api, name)
    if name == "sweep_design":
        from sim.sweep.by_design import sweep_design

        return sweep_design
    raise AttributeError(f"module 'sim' has no attribute {name!r}")
