"""Time things side by side: in turns, so that whatever else the machine does strikes all alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

Work = Callable[[], object]


class Line(NamedTuple):
    """One line of the report."""

    what: str
    best: str
    median: str = ""
    goal: str = ""


class Times(NamedTuple):
    """Seconds of some runs of one thing."""

    seconds: list[float]

    @property
    def best(self) -> float:
        """The shortest: the one least touched by other work."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)


def alternate(
    works: Mapping[str, Work], rounds: int, clock: Callable[[], float] = time.thread_time
) -> dict[str, Times]:
    """Run each thing once a round and return the seconds of each.

    A thing that returns a float has timed itself. The default clock is this thread's processor
    time, which other programs on the machine touch least.
    """
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            begin = clock()
            own = work()
            took = clock() - begin
            times[name].append(own if isinstance(own, float) else took)
    return {name: Times(seconds) for name, seconds in times.items()}


def ratio(what: str, slow: Times, fast: Times, goal: str = "", scale: float = 1.0) -> Line:
    """Return a line of slow over fast; `scale` brings both to the same amount of work."""
    best, median = scale * slow.best / fast.best, scale * slow.median / fast.median
    digits = ",.0f" if best >= 100 else ".2f"
    return Line(what, f"{best:{digits}}", f"{median:{digits}}", goal)


def micro(what: str, times: Times, n: int, goal: str = "") -> Line:
    """Return a line of microseconds a replication."""
    best, median = (1e6 * t / n for t in (times.best, times.median))
    return Line(what, f"{best:,.1f} µs", f"{median:,.1f} µs", goal)


class Spent(NamedTuple):
    """What a command took: wall-clock and processor seconds, and peak MB."""

    seconds: float
    processor: float
    peak_mb: float


def command(words: list[str], cache: Path | None = None) -> Spent:
    """Run ``python -m sim`` with words in a process of its own; return what it took.

    A `cache` folder keeps compiled kernels apart from the user's.
    """
    env = dict(os.environ) | ({"NUMBA_CACHE_DIR": str(cache)} if cache else {})
    code = (
        "import resource, subprocess, sys, time; t = time.perf_counter(); "
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, "
        "stderr=subprocess.DEVNULL); "
        "u = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(time.perf_counter() - t, u.ru_utime + u.ru_stime, u.ru_maxrss)"
    )
    line = [sys.executable, "-c", code, sys.executable, "-m", "sim", *words]
    out = subprocess.run(line, env=env, check=True, capture_output=True, text=True).stdout.split()
    unit = 1 / 1024 if sys.platform != "darwin" else 1 / 1024**2
    return Spent(float(out[0]), float(out[1]), float(out[2]) * unit)
