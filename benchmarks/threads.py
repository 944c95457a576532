"""Two threads against one, on the whole way from chance to judgement."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.measure import Line, alternate, ratio
from sim.api import Study

PIECE = 512
PIECES = 4


def threads(study: Study, rounds: int) -> list[Line]:
    """Return the line of 1 thread over 2 (wall-clock time; needs two idle cores)."""
    stop = np.zeros(1, np.uint8)

    def work(workers: int) -> None:
        with ThreadPoolExecutor(workers) as pool:
            parts = np.arange(PIECE * PIECES).reshape(PIECES, PIECE)
            list(pool.map(lambda part: study.compute(part, stop), parts))

    times = alternate(
        {"one": lambda: work(1), "two": lambda: work(2)}, rounds, clock=time.perf_counter
    )
    return [ratio("1 thread / 2 threads, wall clock", times["one"], times["two"], "1.9")]
