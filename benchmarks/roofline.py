"""How far the kernel is from what the machine could do: operations and bytes against its limits.

Operations are counted from docs/model.md, one lane, feed or site in one period; how often each
happens is counted on the scenario's own trajectories. Work that the model lets a program pass over
(a supplier who is fully trusted needs no expected miss) is not counted.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.measure import Line, alternate
from benchmarks.native import twin
from sim.api import Study
from sim.flow.trajectories import FlowTrace
from sim.network.arrays import END_USER, REFINER

N = 64


class Work(NamedTuple):
    """Of one thing in one period: adds, multiplies, comparisons; divisions; doubles moved."""

    flops: float
    divisions: float
    doubles: float


LANE = Work(5, 0, 12)
"""Arrival into stock; n x share; sum of orders; position; pipeline. Due and pipeline are read and
written, so are stock and position; share is read; the order is written once and read twice."""

DOUBTED = Work(21, 2, 10)
"""More for a lane of a buyer with an expected miss, and whose supplier is doubted: M 3; weight and
its sum 4; the re-order 8 and a division; perception 5 and a division, and a comparison."""

SHARED = Work(9, 0, 3)
"""More for a lane of a site that cannot ship all its orders: what is usual of them and its sum 2,
what is ordered on top and its sum 2, the part of each and their sum 3, at most the order, dust."""

PRICED = Work(2, 0, 1)
"""More for a refiner's lane where there are prices: the stock behind its buyer by its share, and
their sum."""

TOLD = Work(14, 1, 8)
"""More for a feed where goods and prices are told: sums of use, stock, orders and shipments by pair
4, what ships to it 1, its stock and behind it 4 and their sum 1; of a pair, two feeds' or more, its
cover, deliveries, what it misses and its price, some 40 and 2 divisions."""

FEED = Work(17, 1, 14)
"""Target 6; at target 2; need 4; stock / coefficient and its minimum 1; use 4."""

SITE = Work(12, 0, 12)
"""Run rate 5 and what can ship 4, or an end user's wants 7 and substitution 5; what is booked."""


def roofline(study: Study, rounds: int) -> list[Line]:
    """Return the lines of limits, of the work, and of the distance from the nearest limit."""
    if twin.compiler() is None:
        return [Line("roofline", "skipped: no g++ here")]
    l2, memory, flop, division = _limits()
    work = _work(study)
    tape = study.tape(np.arange(256))
    seconds = alternate({"kernel": lambda: study.flow(tape)}, rounds)["kernel"].best / 256
    bounds = {
        "arithmetic": work.flops / flop / 1e9 + work.divisions / division / 1e9,
        "second-level cache": 8.0 * work.doubles / l2 / 1e9,
        "memory": 8.0 * work.doubles / memory / 1e9,
    }
    lines = [
        Line("one core: triad in second-level cache, in memory", f"{l2:.0f}, {memory:.0f} GB/s"),
        Line("one core: multiply and add, divide (vectors)",
             f"{flop:.1f} Gflop/s, {division:.1f} Gdiv/s"),
        Line("a replication needs",
             f"{work.flops / 1e6:.2f} Mflop, {work.divisions / 1e6:.2f} Mdiv, "
             f"{8 * work.doubles / 1e6:.1f} MB moved"),
        Line("kernel, achieved",
             f"{work.flops / seconds / 1e9:.2f} Gflop/s, "
             f"{8 * work.doubles / seconds / 1e9:.1f} GB/s"),
    ]  # fmt: skip
    for name, bound in bounds.items():
        what = f"kernel over its limit by {name} ({1e6 * bound:,.0f} µs)"
        lines.append(Line(what, f"{seconds / bound:.2f}"))
    return lines


def _limits() -> tuple[float, ...]:
    """Build and run the little program that measures one core."""
    with tempfile.TemporaryDirectory() as name:
        program = twin.build(Path(name), "peak.cpp")
        out = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout
    return tuple(float(line) for line in out.split())


def _work(study: Study) -> Work:
    """Return what one replication needs, on average."""
    chain, k = study.compiled.chain, study.n_period
    flow = study.flow(study.tape(np.arange(N)), trace=True)
    assert flow.trace is not None
    doubted = _doubted(flow.trace, chain.learn_gain[chain.lane_feed])
    priced = study.play.market is not None
    n_feed = np.count_nonzero(np.isin(chain.kind[chain.feed_site], (REFINER, END_USER)))
    parts = [
        (LANE, k * chain.supplier.size),
        (DOUBTED, doubted),
        (SHARED, _shared(flow.trace, chain.out_ptr)),
        (PRICED, priced * k * np.count_nonzero(chain.kind[chain.supplier] == REFINER)),
        (TOLD, priced * k * n_feed),
        (FEED, k * n_feed),
        (SITE, k * chain.kind.size),
    ]
    return Work(*(sum(w[x] * count for w, count in parts) for x in range(3)))


def _doubted(trace: FlowTrace, gain: np.ndarray) -> float:
    """Return in how many lane-periods of a replication the supplier is not fully trusted."""
    phi = np.ones(trace.ordered.shape[1:])
    count = 0
    for ordered, shipped in zip(trace.ordered, trace.shipped, strict=True):
        count += np.count_nonzero(phi != 1.0)
        moved = np.divide(shipped, ordered, out=phi.copy(), where=ordered > 0) - phi
        phi = phi + moved * gain[:, None]
    return count / phi.shape[1]


def _shared(trace: FlowTrace, out_ptr: np.ndarray) -> float:
    """Return how many lane-periods of a replication are of suppliers that do not ship all."""
    width = np.diff(out_ptr)
    first = out_ptr[:-1][width > 0]
    count = 0
    for ordered, shipped in zip(trace.ordered, trace.shipped, strict=True):
        short = np.logical_or.reduceat(shipped < ordered, first, axis=0)
        count += int((short * width[width > 0][:, None]).sum())
    return count / trace.ordered.shape[2]
