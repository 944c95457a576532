"""Answers to prices: section 7c of docs/model.md, all of them in the period after.

An answer that is not asked for leaves its part of the state at rest, where it changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.flow.market import Market
from sim.flow.prospects import Wanted
from sim.flow.record import rules
from sim.flow.record.build import World
from sim.flow.record.price import Prices
from sim.flow.record.rules import total
from sim.flow.record.state import Feed, Project, Site
from sim.network.arrays import END_USER

GIVE_WAY_DAYS = 180.0
USUAL_DAYS = 365.0


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


class Builders:
    """Projects that look at the price of a year and come, or come sooner, because it rises.

    Parameters
    ----------
    market : Market
        What each project looks at.
    world : World
        Its projects.
    prices : Prices
        What they answer to.
    wanted : Wanted
        What chance decided.
    replication : int
        Which of its replications.
    """

    def __init__(
        self, market: Market, world: World, prices: Prices, wanted: Wanted, replication: int
    ) -> None:
        self.who, self.prices, self.projects = market.prospects, prices, world.projects
        self.power = float(wanted.power[replication])
        self.usual = [1.0] * len(prices.priced)
        for p, project in enumerate(self.projects):
            project.wanted = float(wanted.price[p, replication])
            project.lead = float(wanted.lead[p, replication])

    def move(self, k: int, step: float) -> None:
        """Move the usual prices by those of period k, and the starts that they move."""
        for q, one in enumerate(self.prices.priced):
            self.usual[q] += (one.price - self.usual[q]) * min(1.0, step / USUAL_DAYS)
        for p, project in enumerate(self.projects):
            if self.who.asks[p] >= 0:
                self.look(p, project, k * step, (k + 1) * step, step)

    def look(self, p: int, project: Project, t0: float, t1: float, step: float) -> None:
        """Let a project that has not started be decided on, or pass the faster through its wait."""
        price, planned = self.usual[self.who.asks[p]], float(self.who.planned[p])
        if self.who.since[p] <= t0 < self.who.until[p]:
            price = max(price, float(self.who.floor[p]))
        if price <= 1.0 or project.start < t1:
            return
        if project.wanted < math.inf:
            if project.start == math.inf and price >= project.wanted:
                project.start = max(planned, t1 + project.lead)
        elif project.start > planned:
            sooner = project.start - step * (rules.power(price, self.power) - 1.0)
            project.start = max(planned, t1, sooner)
