"""The actors of the SimPy model: one generator each, every ``yield`` a wait one can say aloud.

All that an actor needs comes in as arguments; its rules are plain functions in ``rules.py``, its
state is in ``state.py``. Sections are those of docs/model.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.flow.record import rules
from sim.flow.record.books import Ledger
from sim.flow.record.clock import Calendar, Process
from sim.flow.record.loss import idled
from sim.flow.record.state import Feed, Lane, Reserve, Site

# --- the actors ---------------------------------------------------------------------------------


def mine(calendar: Calendar, site: Site) -> Process:
    """Make and ship what is ordered."""
    for k in calendar.periods():
        yield calendar.until(k, calendar.supply_turn(site.index))
        supply(calendar, site, k)


def refiner(calendar: Calendar, site: Site) -> Process:
    """Order inputs for what is asked of it, make and ship, and learn whom to trust."""
    for k in calendar.periods():
        yield calendar.until(k, calendar.order_turn(site.index))
        usage = min(rules.total(lane.order for lane in site.lanes), site.capacity)
        for feed in site.feeds:
            order(feed, usage)
        yield calendar.until(k, calendar.supply_turn(site.index))
        supply(calendar, site, k)
        yield calendar.until(k, calendar.adaptation)
        learn(site.feeds)


def end_user(calendar: Calendar, site: Site, ledger: Ledger) -> Process:
    """Want, order, use what is in stock, book what could not be had, and adapt."""
    for k in calendar.periods():
        yield calendar.until(k, calendar.order_turn(site.index))
        growth = 1.0 if site.demand_path is None else site.demand_path[k]
        raw = site.base_demand * growth * site.factor
        kept = raw * (1.0 - site.spared_share)
        site.want = kept * site.response
        for feed in site.feeds:
            order(feed, site.want)
        used = use(site)
        site.short = rules.shortfall(site.want, used)
        stops = site.is_firm and not site.halted and rules.stops(site.want, used)
        site.halted = site.halted or stops
        ledger.book(
            k,
            site.group,
            want=site.want,
            shortfall=site.short,
            spared=raw * site.spared_share,
            destroyed=kept * (1.0 - site.response),
            stopped=float(stops),
            idled=idled(site, k, calendar.step),
        )
        yield calendar.until(k, calendar.adaptation)
        learn(site.feeds)
        substitute(site, calendar.step)


def reserve(calendar: Calendar, store: Reserve, ledger: Ledger) -> Process:
    """Release to those that have been low for too long; refill while all it serves are well."""
    own = store.site.feeds[0]
    for k in calendar.periods():
        yield calendar.until(k, calendar.release_turn(store.index))
        release(store, own, calendar.step)
        ledger.book_release(k, store.index, store.given)
        before = own.position
        yield calendar.until(k, calendar.order_turn(store.site.index))
        place_orders(own, purchase(store, own, k) if store.buys else refill(store, own))
        yield calendar.until(k, calendar.adaptation)
        ledger.book_purchase(k, store.index, own.position - before)
        learn(store.site.feeds)


def carrier(calendar: Calendar, lanes: Sequence[Lane]) -> Process:
    """Bring in what is due; over a held route a share of it waits one more period (section 2)."""
    for k in calendar.periods():
        yield calendar.until(k, calendar.arrivals)
        for lane in lanes:
            lane.arrived = lane.due * lane.free
            send(calendar, lane, lane.due - lane.arrived, k + 1)
            lane.feed.stock += lane.arrived
            lane.due = 0.0


def shipment(calendar: Calendar, lane: Lane, amount: float, period: int) -> Process:
    """Be on the way until the period in which it is due."""
    yield calendar.until(period, calendar.delivery)
    lane.due += amount


def send(calendar: Calendar, lane: Lane, amount: float, period: int) -> None:
    """Put an amount on its way (what would come after the end of time need not leave)."""
    if amount > 0.0 and period < calendar.n_period:
        calendar.env.process(shipment(calendar, lane, amount, period))


# --- what they do -------------------------------------------------------------------------------


def release(store: Reserve, own: Feed, step: float) -> None:
    """Give to the served feeds what they lack, once one has been low for too long (section 4)."""
    store.given = 0.0
    lacks = [rules.lack(store.trigger, f.reference_use, f.stock) for f in store.serves]
    store.low_days = [
        days + step if missing > 0.0 else 0.0
        for days, missing in zip(store.low_days, lacks, strict=True)
    ]
    active = any(days > store.activation_days for days in store.low_days)
    if not active or own.stock <= 0.0:
        return
    gifts = rules.gifts(own.stock, store.max_rate, lacks, store.shares)
    for feed, gift in zip(store.serves, gifts, strict=True):
        feed.receive(gift)
        own.give(gift)
        store.given += gift


def refill(store: Reserve, own: Feed) -> float:
    """Return what a reserve orders: its gap, while all it serves are well."""
    calm = all(feed.at_target for feed in store.serves)
    return rules.feed_order(0.0, store.size, own.position, own.adjust_gain) if calm else 0.0


def purchase(store: Reserve, own: Feed, k: int) -> float:
    """Return what a reserve orders by rules of its own, while nobody it serves lacks anything."""
    store.highest = max(store.highest, own.position)
    gap = max(0.0, rules.gap_to(store.size * store.aims[k], own.position))
    wish = rules.bought(gap, store.highest - own.position, store.refill_pace, store.build_pace)
    return 0.0 if any(days > 0.0 for days in store.low_days) else wish


def order(feed: Feed, usage: float) -> None:
    """Order one input of an end user or a refiner (section 5)."""
    announced = max((lane.announced for lane in feed.lanes), default=0.0)
    lead = rules.total(lane.share * (lane.transit + lane.delay) for lane in feed.lanes)
    target = rules.target_stock(feed.reference_use, feed.cover, lead, feed.precaution, announced)
    feed.at_target = rules.is_at_target(feed.position, target)
    need = usage * feed.coefficient
    place_orders(feed, rules.feed_order(need, target, feed.position, feed.adjust_gain))


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
    feed.asked = amount + rules.ordered_again(amount, weights, miss, feed.rerouting)
    for lane, ordered in zip(lanes, orders, strict=True):
        lane.order = rules.without_dust(ordered, feed.dust)


def use(site: Site) -> float:
    """Let an end user use what its scarcest input allows; return how much it had."""
    used = rules.limited(site.want, [(f.stock, f.coefficient) for f in site.feeds])
    for feed in site.feeds:
        feed.take(used * feed.coefficient)
    return used


def supply(calendar: Calendar, site: Site, k: int) -> None:
    """Ship as far as capacity, run rate, outages and inputs allow (section 6)."""
    if not site.lanes:
        return
    orders = [rules.counted(lane.order, lane.cap, lane.reference) for lane in site.lanes]
    site.rate = rules.run_rate(
        site.rate, rules.total(orders), site.capacity, site.ramp_share, site.reference
    )
    idle = site.slack * site.capacity * site.awake
    can = rules.can_ship(site.rate, idle, site.capacity, site.availability, site.yielding)
    can = rules.limited(can, [(f.stock, f.coefficient) for f in site.feeds])
    shipped = [
        rules.without_dust(amount, lane.feed.dust)
        for amount, lane in zip(rationed(site, orders, can), site.lanes, strict=True)
    ]
    made = rules.total(shipped)
    site.made = made
    for feed in site.feeds:
        feed.take(made * feed.coefficient)
    for lane, amount in zip(site.lanes, shipped, strict=True):
        lane.shipped = amount
        lane.feed.position += amount
        send(calendar, lane, amount, k + lane.transit + lane.delay)


def rationed(site: Site, orders: Sequence[float], can: float) -> list[float]:
    """Return what ships of the orders that count; buyers in its own country may weigh more."""
    return rules.ration(
        orders,
        [lane.reference for lane in site.lanes],
        [(site.home_weight if lane.home else 1.0) * lane.bid for lane in site.lanes],
        [lane.lane_class for lane in site.lanes],
        site.n_class,
        can,
    )


def learn(feeds: Sequence[Feed]) -> None:
    """Trust each supplier more or less by what it shipped of what was ordered (section 7)."""
    for feed in feeds:
        for lane in feed.lanes:
            lane.reliability = rules.believe(
                lane.reliability, lane.order, lane.shipped, feed.learn_gain
            )


def substitute(site: Site, step: float) -> None:
    """Let an end user under stress learn to do without, and forget it when unstressed."""
    if site.sub_limit <= 0.0:
        return
    stressed = (
        site.short > 0.0
        or any(rules.is_low(f.stock, f.reference_use, f.cover) for f in site.feeds)
        or site.dearest >= site.thrift_price
    )
    haste = rules.haste(site.dearest)
    site.stress_days = site.stress_days + step * haste if stressed else 0.0
    patient = site.stress_days < site.sub_delay
    after = rules.substitution(
        site.substituted, site.sub_limit, site.sub_share, stressed, patient, haste
    )
    site.spared_share = 0.5 * (site.substituted + after)
    site.substituted = after
