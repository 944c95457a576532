"""The actors of the SimPy model: one generator each, every ``yield`` a wait one can say aloud.

State is plain attributes of sites, feeds and lanes, set up by ``model.py``. What happens inside a
period happens in the order of docs/model.md, because every actor waits for its own tick of the
calendar; the order in which actors are created does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import simpy

from sim.flow import rules
from sim.flow.ledger import Ledger

MINE, REFINER, END_USER, RESERVE = 0, 1, 2, 3
Process = Generator[simpy.Event, Any, None]


@dataclass
class Lane:
    """Supplier -> feed; what is on it and what its buyer thinks of it."""

    index: int
    supplier: int
    base_share: float
    transit: int
    spot: float
    qualify_step: float
    lane_class: int
    feed: Feed = field(init=False, repr=False)
    share: float = 0.0
    reference: float = 0.0
    order: float = 0.0
    counted: float = 0.0
    shipped: float = 0.0
    arrived: float = 0.0
    due: float = 0.0
    reliability: float = 1.0
    qualified: float = 0.0
    cap: float = 1.0
    free: float = 1.0
    delay: int = 0
    announced: float = 0.0


@dataclass
class Feed:
    """One input of a site: stock on hand and position (stock and all on the way)."""

    index: int
    coefficient: float
    cover: float
    adjust_gain: float
    learn_gain: float
    rerouting: float
    precaution: float
    cost_share: float
    lanes: list[Lane]
    stock: float = 0.0
    position: float = 0.0
    reference_use: float = 0.0
    lead: float = 0.0
    at_target: bool = True
    scarcity: float = 1.0

    def take(self, amount: float) -> None:
        """Use up stock, at most what is there."""
        taken = min(amount, self.stock)
        self.stock -= taken
        self.position -= taken


@dataclass
class Site:
    """An actor's numbers (fields that do not concern its kind stay at rest)."""

    index: int
    name: str
    kind: int
    feeds: list[Feed]
    lanes: list[Lane]
    nameplate: float
    capacity_path: Sequence[float] | None
    slack: float
    ramp_share: float
    n_class: int
    base_demand: float
    demand_path: Sequence[float] | None
    group: int
    sub_limit: float
    sub_delay: float
    sub_share: float
    priced: bool
    demand_elasticity: float
    supply_elasticity: float
    price_gain: float
    capacity: float = 0.0
    reference: float = 0.0
    rate: float = 0.0
    availability: float = 1.0
    factor: float = 1.0
    want: float = 0.0
    short: float = 0.0
    substituted: float = 0.0
    spared_share: float = 0.0
    stress_days: float = 0.0
    response: float = 1.0


@dataclass
class Reserve:
    """A strategic stockpile: the feed that holds it, and whom it serves."""

    index: int
    site: Site
    size: float
    max_rate: float
    trigger: float
    activation_days: float
    serves: list[Feed]
    shares: list[float]
    low_days: list[float] = field(default_factory=list)
    open: bool = False


@dataclass
class Project:
    """New capacity at a site, with its realised start and its offtakes (lane, share)."""

    name: str
    site: Site
    capacity: float
    ramp: float
    start: float
    offtakes: list[tuple[Lane, float]]
    progress: float = 0.0


class Calendar:
    """Whole ticks: a period is as many ticks as there are things to do in it, one after another."""

    def __init__(self, env: simpy.Environment, step: float, n_period: int, n_site: int,
                 n_reserve: int):
        self.env, self.step, self.n_period = env, step, n_period
        self.shocks, self.weather, self.projects, self.delivery, self.arrivals = range(5)
        self._reserves = 5
        self._orders = self._reserves + n_reserve
        self._supply = self._orders + n_site
        self._adapt = self._supply + n_site
        self.n_site = n_site
        self.ticks = self._adapt + 1

    def periods(self) -> Iterator[int]:
        """Iterate over the periods."""
        return iter(range(self.n_period))

    def until(self, k: int, tick: int) -> simpy.Event:
        """Wait for a tick of period k."""
        return self.env.timeout(k * self.ticks + tick - self.env.now)

    def release_turn(self, reserve: int) -> int:
        """Return the tick at which a reserve decides."""
        return self._reserves + reserve

    def order_turn(self, site: int) -> int:
        """Return the tick at which a site orders: last site first."""
        return self._orders + self.n_site - 1 - site

    def supply_turn(self, site: int) -> int:
        """Return the tick at which a site ships: first site first."""
        return self._supply + site

    @property
    def adapt_turn(self) -> int:
        """The last tick, when everybody draws conclusions."""
        return self._adapt


def ship(calendar: Calendar, lane: Lane, amount: float, period: int) -> None:
    """Send an amount on its way: an event at the period in which it is due."""
    arrival = calendar.until(period, calendar.delivery)

    def deliver(_: simpy.Event) -> None:
        lane.due += amount

    assert arrival.callbacks is not None
    arrival.callbacks.append(deliver)


def harbour(calendar: Calendar, lanes: Sequence[Lane]) -> Process:
    """Bring in what is due; over a held route a share of it waits one more period."""
    for k in calendar.periods():
        yield calendar.until(k, calendar.arrivals)
        for lane in lanes:
            lane.arrived = lane.due
            if lane.free < 1.0:
                lane.arrived = lane.due * lane.free
                ship(calendar, lane, lane.due - lane.arrived, k + 1)
            lane.feed.stock += lane.arrived
            lane.due = 0.0


def place_orders(feed: Feed, amount: float) -> None:
    """Split a feed's order over its lanes; re-order the expected miss where it may be had."""
    lanes = feed.lanes
    shares = [lane.share for lane in lanes]
    miss = rules.expected_miss(shares, [lane.reliability for lane in lanes])
    for lane in lanes:
        if lane.spot > 0.0:
            lane.qualified = rules.qualify(lane.qualified, lane.qualify_step, miss)
    weights = [(lane.share + lane.spot * lane.qualified) * lane.reliability for lane in lanes]
    orders = rules.split_order(amount, shares, weights, miss, feed.rerouting)
    for lane, order in zip(lanes, orders, strict=True):
        lane.order = order


def order_feed(feed: Feed, usage: float) -> None:
    """Order one input of an end user or a refiner."""
    announced = max((lane.announced for lane in feed.lanes), default=0.0)
    target = rules.target_stock(feed.reference_use, feed.cover, feed.lead, feed.precaution,
                                announced)
    feed.at_target = feed.position >= target * (1.0 - 1e-9)
    place_orders(feed, rules.feed_order(usage * feed.coefficient, target, feed.position,
                                        feed.adjust_gain))


def end_user(calendar: Calendar, site: Site, ledger: Ledger) -> Process:
    """Want, order, use what is in stock, and book what could not be had."""
    for k in calendar.periods():
        yield calendar.until(k, calendar.order_turn(site.index))
        growth = 1.0 if site.demand_path is None else site.demand_path[k]
        raw = site.base_demand * growth * site.factor
        kept = raw * (1.0 - site.spared_share)
        site.want = kept * site.response
        for feed in site.feeds:
            order_feed(feed, site.want)
        used = site.want
        for feed in site.feeds:
            used = min(used, feed.stock / feed.coefficient)
        for feed in site.feeds:
            feed.take(used * feed.coefficient)
        short = site.want - used
        site.short = 0.0 if short < 1e-9 * site.want else short
        ledger.book(k, site.group, want=site.want, shortfall=site.short,
                    spared=raw * site.spared_share, destroyed=kept * (1.0 - site.response))


def refiner_orders(calendar: Calendar, site: Site) -> Process:
    """Order the inputs for what is asked of it and what it can make."""
    for k in calendar.periods():
        yield calendar.until(k, calendar.order_turn(site.index))
        asked = 0.0
        for lane in site.lanes:
            asked += lane.order
        for feed in site.feeds:
            order_feed(feed, min(asked, site.capacity))


def reserve_orders(calendar: Calendar, reserve: Reserve) -> Process:
    """Refill, only while every feed that it serves is at its target."""
    site = reserve.site
    for k in calendar.periods():
        yield calendar.until(k, calendar.order_turn(site.index))
        for feed in site.feeds:
            gap = (reserve.size - feed.position) * feed.adjust_gain
            calm = all(served.at_target for served in reserve.serves)
            place_orders(feed, max(0.0, gap) if calm else 0.0)


def reserve_release(calendar: Calendar, reserve: Reserve, ledger: Ledger) -> Process:
    """Open when a served feed has been low for longer than the activation time."""
    own = reserve.site.feeds[0]
    for k in calendar.periods():
        yield calendar.until(k, calendar.release_turn(reserve.index))
        lacks = [rules.lack(reserve.trigger, f.reference_use, f.stock) for f in reserve.serves]
        reserve.low_days = [days + calendar.step if missing > 0.0 else 0.0
                            for days, missing in zip(reserve.low_days, lacks, strict=True)]
        active = any(days > reserve.activation_days for days in reserve.low_days)
        given = 0.0
        if active and own.stock > 0.0:
            amounts = rules.gifts(own.stock, reserve.max_rate, lacks, reserve.shares)
            for feed, gift in zip(reserve.serves, amounts, strict=True):
                feed.stock += gift
                feed.position += gift
                own.stock = max(0.0, own.stock - gift)
                own.position -= gift
                given += gift
        ledger.book_release(k, reserve.index, given)


def supplier(calendar: Calendar, site: Site) -> Process:
    """Make and ship what is ordered, as far as capacity, run rate, outages and inputs allow."""
    for k in calendar.periods():
        yield calendar.until(k, calendar.supply_turn(site.index))
        for lane in site.lanes:
            lane.counted = rules.counted(lane.order, lane.cap, lane.reference)
        orders = [lane.counted for lane in site.lanes]
        total = 0.0
        for order in orders:
            total += order
        site.rate = rules.run_rate(site.rate, total, site.capacity, site.ramp_share)
        can = min(site.capacity, site.rate + site.slack * site.capacity) * site.availability
        for feed in site.feeds:
            can = min(can, feed.stock / feed.coefficient)
        shipped = rules.ration(orders, [lane.lane_class for lane in site.lanes], site.n_class, can)
        made = 0.0
        for amount in shipped:
            made += amount
        for feed in site.feeds:
            feed.take(made * feed.coefficient)
        for lane, amount in zip(site.lanes, shipped, strict=True):
            lane.shipped = amount
            lane.feed.position += amount
            ship(calendar, lane, amount, k + lane.transit + lane.delay)


def buyers(calendar: Calendar, sites: Sequence[Site], lanes: Sequence[Lane],
           ledger: Ledger) -> Process:
    """Everybody draws conclusions: trust, substitution, price; then the ledger is closed."""
    for k in calendar.periods():
        yield calendar.until(k, calendar.adapt_turn)
        for lane in lanes:
            lane.reliability = rules.believe(lane.reliability, lane.order, lane.shipped,
                                             lane.feed.learn_gain)
        for site in sites:
            if site.kind == END_USER:
                substitute(site, calendar.step)
                if site.priced:
                    respond(site)
        ledger.close(k, sites, lanes)


def substitute(site: Site, step: float) -> None:
    """Let an end user under stress learn to do without, and forget it when unstressed."""
    if site.sub_limit <= 0.0:
        return
    stressed = site.short > 0.0 or any(
        feed.stock < 0.5 * (feed.reference_use * feed.cover) for feed in site.feeds)
    site.stress_days = site.stress_days + step if stressed else 0.0
    after = rules.substitution(site.substituted, site.sub_limit, site.sub_share, site.sub_delay,
                               stressed, site.stress_days)
    site.spared_share = 0.5 * (site.substituted + after)
    site.substituted = after


def respond(site: Site) -> None:
    """Move an end user's price index and its response, which acts in the next period."""
    power = 1.0 / (site.supply_elasticity + site.demand_elasticity)
    mean = 0.0
    for feed in site.feeds:
        ordered, sent = 0.0, 0.0
        for lane in feed.lanes:
            ordered += lane.order
            sent += lane.shipped
        feed.scarcity += (rules.scarcity(ordered, sent) - feed.scarcity) * site.price_gain
        mean += feed.cost_share * math.pow(feed.scarcity, power)
    site.response = math.pow(mean, -site.demand_elasticity)
