"""What a replication costs outside the kernel: its chance, its judgement, statistics, files.

On the 50 sites of the sweep of record, where no replication is played twice. Judging is part of the
kernel's pass over the periods, and counts with it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks import fifty
from benchmarks.measure import Line, alternate
from sim.results.blocks import write_block
from sim.sweep.by_design import statistics_of

N = 1024
"""Replications: one block of a run."""


def outside(rounds: int) -> list[Line]:
    """Return the lines of each step, and of their sum (goal: 10 µs)."""
    numbers, stop = np.arange(N), np.zeros(1, np.uint8)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "blocks").mkdir()
        study = fifty.study(folder)
        tape, arrays = study.tape(numbers), study.compute(numbers, stop)
        assert arrays is not None
        works = {
            "sampling": lambda: study.tape(numbers),
            "kernel": lambda: study.measures(tape, stop),
            "computing": lambda: study.compute(numbers, stop),
            "statistics": lambda: statistics_of(study, arrays),
            "writing": lambda: write_block(folder, 0, arrays),
        }
        for work in works.values():
            work()
        times = alternate(works, rounds)
    t = {name: np.array(each.seconds) for name, each in times.items()}
    parts = {
        "sampling": t["sampling"],
        "the rest of computing": t["computing"] - t["kernel"] - t["sampling"],
        "930 numbers of a sweep, with intervals": t["statistics"],
        "writing a block": t["writing"],
        "all of it": t["computing"] - t["kernel"] + t["statistics"] + t["writing"],
    }
    # a difference has no shortest run: the median alone
    return [
        Line(f"outside the kernel, 50 sites: {name}", "", f"{np.median(seconds) / N * 1e6:,.1f} µs",
             "10 µs" if name == "all of it" else "")
        for name, seconds in parts.items()
    ]  # fmt: skip
