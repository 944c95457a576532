"""The report: a table with the machine, versions and date above it."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Line


def report(lines: Sequence[Line], scenario: str, seconds: float) -> str:
    """Return the page."""
    from sim import __version__

    packages = ", ".join(f"{p} {version(p)}" for p in ("numpy", "numba", "simpy"))
    head = [
        "# Benchmarks",
        "",
        f"{dt.date.today().isoformat()}, {cpu()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, shortfall {__version__}, {packages}. Scenario "
        f"`{scenario}` where none is named. Made by `make bench` in {seconds:.0f} s; "
        f"load average at the end {_load()}.",
        "",
        "Ratios are of runs in turns in one process; processor time unless it says wall clock.",
        "`README.md` says how to read them.",
        "",
        "| what | best | median | goal |",
        "| --- | --- | --- | --- |",
    ]
    body = [f"| {x.what} | {x.best} | {x.median} | {x.goal} |" for x in lines]
    return "\n".join([*head, *body, ""])


def cpu() -> str:
    """Return the name of the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
