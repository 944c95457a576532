"""The compiled kernel beside the SimPy model and the C++ twin, on the same tapes, one thread.

The twin knows neither goods nor prices, so that it stands beside a kernel that is told of neither,
and what it books beside what that kernel and the whole one book.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.measure import Line, Times, alternate, micro, ratio
from benchmarks.native import twin
from sim.api import Study
from sim.flow.record.model import simulate_simpy
from sim.flow.trajectories import Flow
from sim.shocks.tape import Tape

N = 256
"""Replications a round of the kernel and the twin."""


def engines(study: Study, rounds: int) -> list[Line]:
    """Return the lines of the three engines."""
    chain, tape = study.compiled.chain, study.tape(np.arange(N))
    few = study.tape(np.arange(1))
    study.flow(tape)  # compiles
    with tempfile.TemporaryDirectory() as name:
        works: dict[str, Callable[[], object]] = {
            "kernel": lambda: study.flow(tape),
            "simpy": lambda: simulate_simpy(study.play, few),
        }
        native = _native(Path(name), study, tape, works)
        times = alternate(works, rounds)
        size = f"{chain.kind.size} sites, {chain.supplier.size} lanes, {study.n_period} periods"
        return [
            Line("network", size),
            ratio("SimPy / kernel, a replication", times["simpy"], times["kernel"], "2,000", N),
            *native(times),
            micro("kernel, a replication", times["kernel"], N),
            micro("SimPy, a replication", times["simpy"], 1),
        ]


def _native(
    folder: Path, study: Study, tape: Tape, works: dict[str, Callable[[], object]]
) -> Callable[[dict[str, Times]], list[Line]]:
    """Add the twin and its like to what is timed, where there is a compiler; return its lines."""
    if twin.compiler() is None:
        return lambda times: [Line("C++ twin / kernel", "skipped: no g++ here", "", "1.3")]
    program = twin.build(folder)
    plain = study.change({"run.book_goods": False, "scenario.price": "none"})
    found = twin.run(program, folder, plain.play, tape).flow
    works["plain"] = lambda: plain.flow(tape)
    works["twin"] = lambda: twin.replay(program, folder)[0]
    same = _same(found, plain.flow(tape)) and _same(found, study.flow(tape))

    def lines(times: dict[str, Times]) -> list[Line]:
        return [
            ratio("C++ twin / kernel, both without goods and prices",
                  times["twin"], times["plain"], "1.3"),
            micro("C++ twin, a replication", times["twin"], N),
            micro("kernel without goods and prices, a replication", times["plain"], N),
            Line("C++ twin and kernel", "equal to the last bit" if same else "DIFFER"),
        ]  # fmt: skip

    return lines


def _same(told: Flow, flow: Flow) -> bool:
    """Return whether all that the twin books is the same in both."""
    books = (*twin.BOOKED, "released", "bought")
    return all(np.array_equal(getattr(told, name), getattr(flow, name)) for name in books)
