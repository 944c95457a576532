"""The sweep of record: 1,200 scenarios x 1,000 replications x 50 sites x 120 periods."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

import sim
from benchmarks import fifty
from benchmarks.measure import Line

REPLICATIONS = 1000


def record(points: int) -> list[Line]:
    """Run four policies on so many points of the design; return its lines."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = fifty.study(folder).change({"run.replications": REPLICATIONS})
        chain = study.compiled.chain
        rows = fifty.design(points)
        sim.sweep_design(study, rows[:1], folder / "warm")
        begin, used = time.perf_counter(), time.process_time()
        path = sim.sweep_design(study, rows, folder / "sweep")
        wall, cpu = time.perf_counter() - begin, time.process_time() - used
        size, lines = path.stat().st_size / 1e6, pq.ParquetFile(path).metadata.num_rows
    goal = "60 s" if len(rows) == 1200 else f"{len(rows) * 0.05:.0f} s (its share of 60 s)"
    what = (
        f"sweep of {len(rows):,} scenarios x {REPLICATIONS:,} replications x {chain.kind.size} "
        f"sites x {study.n_period} periods"
    )
    return [
        Line(f"{what}, all cores", f"{wall:.1f} s", "", goal),
        Line("the same, processor time a replication",
             f"{1e6 * cpu / len(rows) / REPLICATIONS:.1f} µs"),
        Line("the same, numbers with 95 % intervals", f"{lines:,} ({size:.1f} MB)"),
    ]  # fmt: skip
