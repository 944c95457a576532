"""The goods of one replication of the SimPy model: the feeds that buy a product in a region."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.flow.goods import Goods
from sim.flow.record.build import World
from sim.flow.record.state import Feed, Lane, Site
from sim.network.arrays import I4


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
