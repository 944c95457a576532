"""What a replication costs outside the kernel: its chance, its judgement, statistics, files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.measure import Line, Times, alternate, micro
from sim.design.sweep import told
from sim.results.blocks import write_block
from sim.study import Study

N = 1024
"""Replications: one block of a run."""


def outside(study: Study, rounds: int) -> list[Line]:
    """Return the lines of each step, and of their sum (goal: 10 µs)."""
    numbers = np.arange(N)
    tape = study.tape(numbers)
    flow = study.flow(tape)
    arrays = study.compute(numbers, np.zeros(1, np.uint8))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "blocks").mkdir()
        works = {
            "sampling": lambda: study.tape(numbers),
            "judging": lambda: study.judge(tape, flow),
            "statistics of a sweep": lambda: told(study, arrays),
            "writing a block": lambda: write_block(folder, 0, arrays),
        }
        for work in works.values():
            work()
        times = alternate(works, rounds)
    total = Times([sum(part) for part in zip(*(t.seconds for t in times.values()), strict=True)])
    lines = [micro(f"outside the kernel: {name}", t, N) for name, t in times.items()]
    return [*lines, micro("outside the kernel: all of it", total, N, "10 µs")]
