"""Prices: section 7b of docs/model.md, an index of scarcity for each good and region.

The rule itself is plain arithmetic on what a period shows of a pair (``Seen``): ``reprice``. How
that is gathered from sites, feeds and lanes stands below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.flow.market import AGEING_DAYS, Market
from sim.flow.record import rules
from sim.flow.record.books import Ledger
from sim.flow.record.build import World
from sim.flow.record.clock import Calendar, Process
from sim.flow.record.conditions import Conditions
from sim.flow.record.goods import Pair, pairs_of
from sim.flow.record.rules import total
from sim.flow.record.state import Feed, Lane, Site
from sim.network.arrays import END_USER, REFINER
from sim.shocks.tape import ANNOUNCED, LANE_CAP

YEAR_DAYS = 365.0
BELIEF_DAYS = 28.0
NEWS_DAYS = 60.0
FALL_DAYS = 60.0
NEAR_ORDER = 0.99
NEAR_STOCK = 0.95
WHOLE = 1.0 - 1e-9
LEAST = 0.04
HIGHEST = 25.0
MOST_SHARE = 0.95


class Seen(NamedTuple):
    """What a period shows of a pair: tonnes per period, and these times days (stocks)."""

    use: float
    stock: float  # S
    normal: float  # S0
    ordered: float
    shipped: float
    threatened: float  # Σ of reference flows that are barred or announced to be
    is_open: bool
    passed: float  # rise of the inputs' cost, as a share of the normal price


@dataclass(eq=False)
class Priced:
    """A pair and its price; `belief` and `news` are shares of its use that are thought lost."""

    pair: Pair
    belief: float = 0.0
    news: float = 0.0
    price: float = 1.0


@dataclass(eq=False)
class Good:
    """A product: its pairs, its drawn numbers, and how long each pool has been scarce."""

    name: str
    pairs: list[Priced] = field(repr=False)
    elasticity: float
    credibility: float
    fall_days: float
    input_share: float  # factor
    scarce_days: dict[bool, float] = field(default_factory=lambda: {True: 0.0, False: 0.0})
    ageing_days: float = AGEING_DAYS


# --- the rule -----------------------------------------------------------------------------------


def reprice(good: Good, seen: Sequence[Seen], step: float) -> None:
    """Move the prices of a product by what a period shows of its pairs."""
    for one, now in zip(good.pairs, seen, strict=True):
        believe(one, now, good.credibility, step)
    target = {}
    for is_open in (True, False):
        left = left_of_pool(good, seen, is_open)
        target[is_open] = target_of_pool(good, is_open, left, step)
    for one, now in zip(good.pairs, seen, strict=True):
        to = min(HIGHEST, max(target[now.is_open], 1.0 + now.passed))
        one.price = slow_to_fall(one.price, to, FALL_DAYS if now.is_open else good.fall_days, step)


def believe(one: Priced, now: Seen, credibility: float, step: float) -> None:
    """Move the share of a pair's use that is thought lost: by what misses, and by what is told."""
    short = lost = 0.0
    if now.use > 0.0:
        short = max(0.0, NEAR_ORDER * min(now.use, now.ordered) - now.shipped) / now.use
        lost = now.threatened / now.use
    one.belief += (short - one.belief) * min(1.0, step / BELIEF_DAYS)
    one.news = max(one.news * (1.0 - min(1.0, step / NEWS_DAYS)), credibility * lost)


def left_of_pool(good: Good, seen: Sequence[Seen], is_open: bool) -> float:
    """Return what a year of supply and today's stock give, over a year of use and normal stock."""
    missing = whole = 0.0
    for one, now in zip(good.pairs, seen, strict=True):
        if now.is_open == is_open:
            loss = max(one.belief, one.news)
            gap = max(0.0, NEAR_STOCK * now.normal - now.stock)
            missing += loss * now.use * YEAR_DAYS + gap
            whole += now.use * YEAR_DAYS + now.normal
    left = 1.0 - missing / whole if whole > 0.0 else 1.0
    return 1.0 if left >= WHOLE else max(LEAST, left)


def target_of_pool(good: Good, is_open: bool, left: float, step: float) -> float:
    """Return the price at which so much is left; demand gives way more the longer it lasts."""
    days = good.scarce_days[is_open]
    days = days + step if left < 1.0 else max(0.0, days - step)
    good.scarce_days[is_open] = days
    elasticity = good.elasticity * (1.0 + days / good.ageing_days)
    return 1.0 if left == 1.0 else rules.power(left, -1.0 / elasticity)


def slow_to_fall(price: float, to: float, fall_days: float, step: float) -> float:
    """Return the next price: up at once, down slowly."""
    return max(to, 1.0 + (price - 1.0) * (1.0 - min(1.0, step / fall_days)))


# --- what a period shows ------------------------------------------------------------------------


class Prices:
    """The prices of one replication.

    Parameters
    ----------
    market : Market
        The network's numbers.
    world : World
        Its sites, feeds and lanes.
    numbers : sequence of sequence of float
        Drawn: elasticity, credibility, fall days and factor of the input share, by product.
    """

    def __init__(self, market: Market, world: World, numbers: Sequence[Sequence[float]]) -> None:
        goods = market.goods
        self.world = world
        self.priced = [Priced(pair) for pair in pairs_of(goods, world)]
        self.goods = [
            Good(name, self.priced[goods.product_ptr[g] : goods.product_ptr[g + 1]], *drawn)
            for g, (name, *drawn) in enumerate(zip(goods.product, *numbers, strict=True))
        ]
        for good in self.goods:
            good.ageing_days = market.ageing_days
        self.pair_of = [int(q) for q in goods.pair_of]
        self.source = {
            lane.supplier: source
            for lane, source in zip(world.lanes, market.source.tolist(), strict=True)
            if source >= 0  # others go to no pair: to a reserve
        }
        self.weights = market.outside.tolist()
        self.value = market.value_usd_per_t.tolist()
        self.share = [
            0.0 if g < 0 else min(MOST_SHARE, share * self.goods[g].input_share)
            for g, share in zip(market.maker.tolist(), market.input_share.tolist(), strict=True)
        ]

    def move(self, controls: Controls, step: float) -> None:
        """Move all prices by what this period shows."""
        now = stocks_to_users(self.world, step, lambda feed: feed.position)
        rest = stocks_to_users(self.world, step, normal_stock)
        for good in self.goods:
            barring = {
                self.source[lane.supplier]
                for one in good.pairs
                for feed in one.pair.feeds
                for lane in feed.lanes
                if lane.index in controls
            }
            seen = [self.see(one, now, rest, controls, barring) for one in good.pairs]
            reprice(good, seen, step)

    def see(
        self,
        one: Priced,
        now: Sequence[float],
        rest: Sequence[float],
        controls: Controls,
        barring: set[int],
    ) -> Seen:
        """Return what a period shows of a pair."""
        feeds, lanes = one.pair.using(), one.pair.lanes()
        trades = trades_of(lanes)
        flow = total(trades.values())
        dearer = total(sent * self.dearer(supplier) for supplier, sent in trades.items())
        theirs = total(
            sent * (self.source[supplier] in barring) for supplier, sent in trades.items()
        )
        controlled = total(lane.reference for lane in lanes if lane.index in controls)
        return Seen(
            use=total(feed.reference_use for feed in feeds),
            stock=total(now[feed.index] for feed in feeds),
            normal=total(rest[feed.index] for feed in feeds),
            ordered=total(feed.asked for feed in feeds),
            shipped=total(total(lane.shipped for lane in feed.lanes) for feed in feeds),
            threatened=total(
                lane.reference * max(controls.get(lane.index, 0.0), 1.0 - lane.cap)
                for lane in lanes
            ),
            is_open=not barring or (theirs > 0.0 and controlled <= 0.5 * theirs),
            passed=dearer / flow if flow > 0.0 else 0.0,
        )

    def dearer(self, supplier: int) -> float:
        """Return by how much a site's inputs have become dearer, as a share of its price."""
        return total(
            self.share[feed.index] * (self.priced[self.pair_of[feed.index]].price - 1.0)
            for feed in self.world.sites[supplier].feeds
            if self.pair_of[feed.index] >= 0
        )

    def bill(self, site: Site, used: float) -> float:
        """Return what an end user pays more than at normal prices for what it used, USD."""
        return used * total(
            self.value[feed.index] * (self.priced[self.pair_of[feed.index]].price - 1.0)
            for feed in site.feeds
            if self.pair_of[feed.index] >= 0
        )

    def paths(self) -> list[float]:
        """Return the price of every pair, then the mean outside home of every product."""
        out, at = [one.price for one in self.priced], 0
        for good in self.goods:
            weights = self.weights[at : at + len(good.pairs)]
            at += len(good.pairs)
            outside = total(weights)
            over = total(
                weight * (one.price - 1.0) for weight, one in zip(weights, good.pairs, strict=True)
            )
            out.append(1.0 + (over / outside if outside > 0.0 else 0.0))
        return out


Controls = dict[int, float]
"""Lanes on which a control acts, and the share of their flow that announcements tell to be lost."""


def trades_of(lanes: Iterable[Lane]) -> dict[int, float]:
    """Return what each supplier sends in the reference flows, over its lanes; first site first."""
    sent: dict[int, float] = {}
    for lane in lanes:
        sent[lane.supplier] = sent.get(lane.supplier, 0.0) + lane.reference
    return dict(sorted(sent.items()))


def controls_of(conditions: Conditions, news: Sequence[float], t0: float, t1: float) -> Controls:
    """Return the lanes on which a row of a control acts in a period."""
    found: Controls = {}
    for index, row in conditions.rows.items():
        if row.kind in (LANE_CAP, ANNOUNCED) and rules.acts(row.course, t0, t1):
            for lane in row.targets:
                found[lane.index] = max(found.get(lane.index, 0.0), news[index])
    return found


def stocks_to_users(world: World, step: float, stock_of: Callable[[Feed], float]) -> list[float]:
    """Return each feed's stock and what lies behind it, to the users: tonnes a period x days."""
    behind = [0.0] * len(world.feeds)
    for site in reversed(world.sites):
        if site.kind not in (REFINER, END_USER):
            continue
        down = 0.0
        if site.reference > 0.0 and site.kind == REFINER:
            down = (
                total(lane.share * behind[lane.feed.index] for lane in site.lanes) / site.reference
            )
        for feed in site.feeds:
            use = feed.reference_use
            behind[feed.index] = stock_of(feed) * step + use * down if use > 0.0 else 0.0
    return behind


def normal_stock(feed: Feed) -> float:
    """Return a feed's stock and pipeline at rest."""
    lead = total(lane.share * lane.transit for lane in feed.lanes)
    return feed.reference_use * (feed.cover + lead)


def pricing(
    calendar: Calendar,
    prices: Prices,
    conditions: Conditions,
    news: Sequence[float],
    ledger: Ledger,
    answer: Callable[[float], None] | None = None,
    build: Callable[[int, float], None] | None = None,
) -> Process:
    """Move the prices at every period's end, and book them and what end users pay for them.

    `answer` then sets what the next period makes of them, and `build` what is built for them.
    """
    step = calendar.step
    for k in calendar.periods():
        yield calendar.until(k, calendar.prices)
        prices.move(controls_of(conditions, news, k * step, (k + 1) * step), step)
        ledger.book_prices(k, prices.paths())
        for site in reversed(prices.world.sites):
            if site.kind == END_USER:
                ledger.book(k, site.group, bill=prices.bill(site, site.want - site.short))
        if answer is not None:
            answer(step)
        if build is not None:
            build(k, step)
