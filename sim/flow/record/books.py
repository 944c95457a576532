"""The ledger: what a SimPy replication books, period by period."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim.flow.goods import Goods
from sim.flow.kernel.measures import BOOKS, PATHS
from sim.flow.play import Play
from sim.flow.record.clock import Calendar, Process
from sim.flow.record.log import Log
from sim.flow.record.state import Lane, Site
from sim.flow.trajectories import Flow, FlowTrace
from sim.network.arrays import F8

__all__ = ["Ledger", "Log", "bookkeeper", "empty_flow"]


class Ledger:
    """Books into the arrays of a ``Flow`` (section 8 of docs/model.md).

    Parameters
    ----------
    flow : Flow
        Arrays (n_period, ..., n) of zeros to write into.
    column : int
        Which replication.
    """

    def __init__(self, flow: Flow, column: int):
        self.flow, self.column = flow, column

    def book(self, k: int, group: int, **amounts: float) -> None:
        """Add to the books of an end user's group in a period: amounts by name of ``BOOKS``."""
        for name, amount in amounts.items():
            getattr(self.flow, name)[k, group, self.column] += amount

    def book_prices(self, k: int, prices: Sequence[float]) -> None:
        """Note all prices of a period."""
        assert self.flow.price is not None
        self.flow.price[k, :, self.column] = prices

    def book_release(self, k: int, reserve: int, amount: float) -> None:
        """Note what a reserve gave in a period."""
        self.flow.released[k, reserve, self.column] = amount

    def book_purchase(self, k: int, reserve: int, amount: float) -> None:
        """Note what was sent to a reserve in a period."""
        assert self.flow.bought is not None
        self.flow.bought[k, reserve, self.column] = amount


def bookkeeper(
    calendar: Calendar, trace: FlowTrace, column: int, sites: Sequence[Site], lanes: Sequence[Lane]
) -> Process:
    """Write down the whole state at every period's end."""
    for k in calendar.periods():
        yield calendar.until(k, calendar.close)
        for site in sites:
            trace.run_rate[k, site.index, column] = site.rate
            for feed in site.feeds:
                trace.stock[k, feed.index, column] = feed.stock
                trace.position[k, feed.index, column] = feed.position
        for lane in lanes:
            trace.ordered[k, lane.index, column] = lane.order
            trace.shipped[k, lane.index, column] = lane.shipped
            trace.arrived[k, lane.index, column] = lane.arrived


def empty_flow(play: Play, n: int, trace: bool) -> Flow:
    """Return a Flow of zeros for n replications."""
    compiled, n_period = play.compiled, play.n_period
    chain = compiled.chain
    n_feed, n_lane = chain.feed_site.size, chain.supplier.size

    def zeros(width: int) -> F8:
        return np.zeros((n_period, width, n))

    kept = FlowTrace(
        stock=zeros(n_feed),
        position=zeros(n_feed),
        ordered=zeros(n_lane),
        shipped=zeros(n_lane),
        arrived=zeros(n_lane),
        run_rate=zeros(chain.kind.size),
    )
    n_group = len(compiled.labels.group)
    return Flow(
        **{name: zeros(n_group) for name in BOOKS},
        released=zeros(chain.reserve_site.size),
        trace=kept if trace else None,
        goods=None if play.goods is None else _paths(play.goods, chain.reserve_site.size, zeros),
        price=None if play.market is None else zeros(play.market.n_path),
        bought=zeros(chain.reserve_site.size),
    )


def _paths(goods: Goods, n_reserve: int, zeros: Callable[[int], F8]) -> dict[str, F8]:
    of = {"pair": len(goods.pair), "maker": len(goods.maker), "reserve": n_reserve}
    return {path.name: zeros(of[path.of]) for path in PATHS}
