"""What booking goods and moving prices add to the kernel's time, beside a run without either."""

from __future__ import annotations

import numpy as np

from benchmarks.measure import Line, alternate, ratio
from sim.api import load

SCENARIOS = ("china_ree_controls_2025_10", "drc_cobalt_quota", "china_gallium_germanium_2023")
KINDS = {
    "neither": (False, "none"),
    "goods": (True, "none"),
    "prices": (False, "report"),
    "goods and prices": (True, "report"),
}
"""What is told: whether goods are booked, and how prices are."""

N = 160
"""Replications: ten vectors."""


def told(rounds: int) -> list[Line]:
    """Return the lines of three scenarios (goal of both together: 1.3)."""
    return [line for scenario in SCENARIOS for line in _of(scenario, rounds)]


def _of(scenario: str, rounds: int) -> list[Line]:
    studies = {
        kind: load(scenario).change({"run.book_goods": books, "scenario.price": price})
        for kind, (books, price) in KINDS.items()
    }
    tape = studies["goods and prices"].tape(np.arange(N))
    stop = np.zeros(1, np.uint8)
    works = {
        kind: lambda study=study: study.measures(tape, stop) for kind, study in studies.items()
    }
    for work in works.values():
        work()
    times = alternate(works, rounds)
    return [
        ratio(
            f"{scenario}: {kind} told / neither",
            times[kind],
            times["neither"],
            "1.3" if kind == "goods and prices" else "",
        )
        for kind in KINDS
        if kind != "neither"
    ]
