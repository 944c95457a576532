"""The goods of one replication of the SimPy model: the feeds that buy a product in a region."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from sim.flow.goods import Goods
from sim.flow.kernel.measures import FOUR_WEEKS, NEARLY
from sim.flow.record import rules
from sim.flow.record.build import World
from sim.flow.record.clock import Calendar, Process
from sim.flow.record.state import Feed, Lane, Reserve, Site
from sim.network.arrays import F8, I4


@dataclass(eq=False)
class Pair:
    """A product and a region of its buyers: what ``sim.flow.goods`` calls a pair."""

    index: int
    product: str
    region: str
    feeds: list[Feed] = field(repr=False)

    def using(self) -> list[Feed]:
        """Return the feeds that count in this period: those with a reference use."""
        return [feed for feed in self.feeds if feed.reference_use > 0.0]

    def lanes(self) -> list[Lane]:
        """Return the lanes to these feeds, feed by feed, each in lane order."""
        return [lane for feed in self.using() for lane in feed.lanes]


@dataclass(eq=False)
class Makers:
    """A product and a region of its makers."""

    index: int
    product: str
    region: str
    sites: list[Site] = field(repr=False)


def pairs_of(goods: Goods, world: World) -> list[Pair]:
    """Return the pairs of a world, in order."""
    return [
        Pair(q, *pair, feeds=[world.feeds[f] for f in _part(goods.pair_ptr, goods.pair_feed, q)])
        for q, pair in enumerate(goods.pair)
    ]


def makers_of(goods: Goods, world: World) -> list[Makers]:
    """Return the makers of a world, in order."""
    return [
        Makers(
            m, *maker, sites=[world.sites[i] for i in _part(goods.maker_ptr, goods.maker_site, m)]
        )
        for m, maker in enumerate(goods.maker)
    ]


def _part(ptr: I4, numbers: I4, x: int) -> list[int]:
    """Return entry x of a CSR table."""
    return [int(n) for n in numbers[ptr[x] : ptr[x + 1]]]


# --- what is booked (section 8) -----------------------------------------------------------------


class GoodsBook:
    """Books goods of a replication into the paths of a ``Flow``.

    Parameters
    ----------
    paths : dict of ndarray
        (n_period, pairs, makers or reserves, n) to write into, by name of ``PATHS``.
    column : int
        Which replication.
    """

    def __init__(self, paths: dict[str, F8], column: int, pairs: list[Pair], makers: list[Makers]):
        self._paths, self._column = paths, column
        self._pairs, self._makers = pairs, makers
        self._deliveries = [1.0] * len(pairs)

    def book(self, k: int, step: float, reserves: list[Reserve]) -> None:
        """Book a period."""
        for pair in self._pairs:
            self._book_pair(k, step, pair)
        for of in self._makers:
            self._write("capacity_share", k, of.index, capacity_share(of.sites))
        for store in reserves:
            use = rules.total(feed.reference_use for feed in store.serves)
            self._write("reserve_days", k, store.index, days(store.site.feeds[0].stock, use, step))

    def _book_pair(self, k: int, step: float, pair: Pair) -> None:
        feeds, q = pair.using(), pair.index
        use = rules.total(feed.reference_use for feed in feeds)
        asked = rules.total(feed.asked for feed in feeds)
        sent = rules.total(rules.total(lane.shipped for lane in feed.lanes) for feed in feeds)
        if use > 0.0:
            before = self._deliveries[q]
            self._deliveries[q] = before + (sent / use - before) * min(1.0, step / FOUR_WEEKS)
        stock = rules.total(feed.stock for feed in feeds)
        self._write("cover_days", k, q, days(stock, use, step))
        self._write("delivery_share", k, q, self._deliveries[q])
        self._write("unmet_share", k, q, unmet_share(asked, sent))

    def _write(self, name: str, k: int, x: int, value: float) -> None:
        self._paths[name][k, x, self._column] = value


def days(stock: float, use: float, step: float) -> float:
    """Return a stock in days of reference use; inf where nothing is used."""
    return stock / use * step if use > 0.0 else math.inf


def unmet_share(asked: float, sent: float) -> float:
    """Return the share of orders that was not shipped; 0 within rounding."""
    lack = asked - sent
    return lack / asked if lack > NEARLY * asked else 0.0


def capacity_share(sites: list[Site]) -> float:
    """Return what sites made, by their capacity of this period."""
    made = rules.total(site.made for site in sites)
    capacity = rules.total(site.capacity for site in sites)
    return made / capacity if capacity > 0.0 else 0.0


def goods_keeper(
    calendar: Calendar, goods: Goods, world: World, paths: dict[str, F8], column: int
) -> Process:
    """Book goods at every period's end."""
    book = GoodsBook(paths, column, pairs_of(goods, world), makers_of(goods, world))
    for k in calendar.periods():
        yield calendar.until(k, calendar.close)
        book.book(k, calendar.step, world.reserves)
