"""Compile the kernels on their first use, side by side, while the settings are still being read.

numba compiles one function at a time in a process, so the flow model and the sampler are compiled
by two processes of their own, which leave them in numba's cache (``numba_cache.py``). Where that
cannot be, this process compiles what it misses: later, not otherwise.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from pathlib import Path

PARTS = ("sim.flow.engine", "sim.shocks.sampler")
"""Modules with a ``compile_kernels``."""

_COMPILE = "import importlib, sys; importlib.import_module(sys.argv[1]).compile_kernels()"
_children: list[subprocess.Popen[bytes]] = []


def is_cold() -> bool:
    """Return whether no kernel of these sources has been compiled yet."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    jit = os.environ.get("NUMBA_DISABLE_JIT", "0") == "0"
    return jit and folder is not None and not any(Path(folder).glob("**/*.nbi"))


def begin() -> None:
    """Start to compile where nothing is compiled yet; return at once."""
    if _children or not is_cold():
        return
    here = str(Path(__file__).resolve().parents[2])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    print("compiling kernels (once)", file=sys.stderr, flush=True)
    for part in PARTS:
        try:
            child = subprocess.Popen(
                [sys.executable, "-c", _COMPILE, part],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # what fails there is tried again, and told, here
            )
        except OSError:
            return
        _children.append(child)


def ready() -> None:
    """Have the kernels compiled, or begun elsewhere and done; begin it where nobody has."""
    begin()
    while _children:
        _children[-1].wait()
        _children.pop()


@atexit.register
def end() -> None:
    """End what still compiles: an interrupt or a mistake in the settings came first."""
    while _children:
        child = _children.pop()
        child.terminate()
        child.wait()
