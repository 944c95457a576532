"""Shortfall: who runs short of critical minerals, of what, when, how badly and how surely."""

from typing import TYPE_CHECKING

from sim.base import numba_cache

if TYPE_CHECKING:
    from sim.api import RunData as RunData
    from sim.api import Study as Study
    from sim.api import compare as compare
    from sim.api import load as load
    from sim.api import names as list  # noqa: F401
    from sim.api import network_from as network_from
    from sim.api import open_run as open  # noqa: F401
    from sim.api import open_run as open_run
    from sim.api import to_frames as to_frames
    from sim.api import to_networkx as to_networkx
    from sim.sweep.by_design import sweep_design as sweep_design

__version__ = "0.5.0"

numba_cache.prepare()  # before any module of ours imports numba


_ON_USE = {
    "load": ("sim.api", "load"),
    "open": ("sim.api", "open_run"),
    "open_run": ("sim.api", "open_run"),
    "list": ("sim.api", "names"),
    "Study": ("sim.api", "Study"),
    "RunData": ("sim.api", "RunData"),
    "sweep_design": ("sim.sweep.by_design", "sweep_design"),
    "compare": ("sim.api", "compare"),
    "network_from": ("sim.api", "network_from"),
    "to_frames": ("sim.api", "to_frames"),
    "to_networkx": ("sim.api", "to_networkx"),
}
"""What notebooks use, and where it lives: imported on first use, `import sim` stays light."""


def __getattr__(name: str) -> object:
    """Give what notebooks use on first use."""
    if name not in _ON_USE:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _ON_USE[name]
    return getattr(import_module(module), attribute)


def __dir__() -> tuple[str, ...]:
    """Return what there is to use."""
    return (*_ON_USE, "__version__")
