"""Answers to prices: section 7c of docs/model.md, all of them in the period after.

An answer that is not asked for leaves its part of the state at rest, where it changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.flow.market import Market
from sim.flow.record import rules
from sim.flow.record.build import World
from sim.flow.record.price import Prices
from sim.flow.record.rules import total
from sim.flow.record.state import Feed, Site
from sim.network.arrays import END_USER

GIVE_WAY_DAYS = 180.0


class Responses:
    """What one replication makes of its prices.

    Parameters
    ----------
    market : Market
        Who answers, and the network's numbers.
    world : World
        Its sites, feeds and lanes.
    prices : Prices
        What they answer to.
    numbers : sequence of float
        Drawn: demand elasticity, thrift price, supply rise and bid.
    """

    def __init__(
        self, market: Market, world: World, prices: Prices, numbers: Sequence[float]
    ) -> None:
        self.who, self.world, self.prices = market.responses, world, prices
        self.demand_elasticity, thrift_price, self.supply_rise, self.bid = numbers
        self.asks, self.part = market.asks.tolist(), market.good_part.tolist()
        self.users = [site for site in world.sites if site.kind == END_USER]
        if "thrift" in self.who:
            for site in self.users:
                site.thrift_price = thrift_price
        self.wake()

    def move(self, step: float) -> None:
        """Set what the next period makes of this one's prices."""
        if "demand" in self.who:
            for site in self.users:
                left = rules.demand_left(self.dearer(site), self.demand_elasticity)
                site.response += (left - site.response) * min(1.0, step / GIVE_WAY_DAYS)
        if "thrift" in self.who:
            for site in self.users:
                site.dearest = max([1.0, *map(self.price, site.feeds)])
        if "allocation" in self.who:
            for lane in self.world.lanes:
                lane.bid = rules.power(self.price(lane.feed), self.bid)
        self.wake()

    def wake(self) -> None:
        """Put to work what each site's price keeps awake of its slack."""
        if "supply" in self.who:
            for site in self.world.sites:
                at = self.asks[site.index]
                price = self.prices.priced[at].price if at >= 0 else 1.0
                site.awake = rules.awake(price, self.supply_rise)

    def price(self, feed: Feed) -> float:
        """Return the price of what a feed buys; 1 where nobody does."""
        at = self.prices.pair_of[feed.index]
        return self.prices.priced[at].price if at >= 0 else 1.0

    def dearer(self, site: Site) -> float:
        """Return by how much the price of an end user's good rises, as a share."""
        share = 0.0
        if site.dependence > 0.0:
            share = min(1.0, site.value_of_input_share / site.dependence)
        return total(
            share * self.part[feed.index] * (self.price(feed) - 1.0) for feed in site.feeds
        )
