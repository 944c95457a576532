"""The ledger: what a SimPy replication books, and the log of what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.flow.flow import Flow, FlowTrace
from sim.network.arrays import CompiledNetwork


class Ledger:
    """Books by period; closes into the arrays of a ``Flow``.

    Parameters
    ----------
    flow : Flow
        Arrays (n_period, ..., n) to write into.
    column : int
        Which replication.
    """

    def __init__(self, flow: Flow, column: int):
        self.flow, self.column = flow, column

    def book(self, k: int, group: int, *, want: float, shortfall: float, spared: float,
             destroyed: float) -> None:
        """Add an end user's period to its group."""
        j = self.column
        self.flow.want[k, group, j] += want
        self.flow.shortfall[k, group, j] += shortfall
        self.flow.spared[k, group, j] += spared
        self.flow.destroyed[k, group, j] += destroyed

    def book_release(self, k: int, reserve: int, amount: float) -> None:
        """Note what a reserve gave in a period."""
        self.flow.released[k, reserve, self.column] = amount

    def close(self, k: int, sites: Sequence[Any], lanes: Sequence[Any]) -> None:
        """Keep the whole state of a period, where a trace is asked for."""
        trace, j = self.flow.trace, self.column
        if trace is None:
            return
        for site in sites:
            trace.run_rate[k, site.index, j] = site.rate
            for feed in site.feeds:
                trace.stock[k, feed.index, j] = feed.stock
                trace.position[k, feed.index, j] = feed.position
        for lane in lanes:
            trace.ordered[k, lane.index, j] = lane.order
            trace.shipped[k, lane.index, j] = lane.shipped
            trace.arrived[k, lane.index, j] = lane.arrived


@dataclass
class Log:
    """Events of a replayed replication, in order of time.

    Parameters
    ----------
    events : list of (float, str, str)
        Day, kind, text.
    """

    events: list[tuple[float, str, str]] = field(default_factory=list)

    def add(self, day: float, kind: str, text: str) -> None:
        """Note an event."""
        self.events.append((day, kind, text))


def empty_flow(compiled: CompiledNetwork, n_period: int, n: int, trace: bool) -> Flow:
    """Return a Flow of zeros for n replications."""
    n_group, n_reserve = len(compiled.labels.group), compiled.chain.reserve_site.size
    n_feed, n_lane = compiled.chain.feed_site.size, compiled.chain.supplier.size

    def zeros(width: int) -> np.ndarray:
        return np.zeros((n_period, width, n))

    kept = FlowTrace(zeros(n_feed), zeros(n_feed), zeros(n_lane), zeros(n_lane), zeros(n_lane),
                     zeros(compiled.chain.kind.size)) if trace else None
    return Flow(zeros(n_group), zeros(n_group), zeros(n_group), zeros(n_group), zeros(n_reserve),
                kept)
