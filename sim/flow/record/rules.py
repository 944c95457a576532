"""The rules of the model as plain functions, one idea each (docs/model.md, by section).

The SimPy model calls them; the compiled kernel says the same again for many replications at once,
and the tests prove that both agree to the last bit. So the order of operations matters here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from sim.flow.kernel.measures import NEARLY, STOPS_BELOW

GAUSS = 0.7745966692414834  # sqrt(3 / 5)
DUST = 1e-12
"""Less than this share of a feed's use of a period is nothing: rounding decides nothing."""
FASTEST = 3.0
"""Prices make an end user learn at most so many times faster."""
Profile = tuple[list[float], list[float]]
"""Days and values of a row of the tape: straight lines between, 0 outside."""


def total(numbers: Iterable[float]) -> float:
    """Return a sum from 0.0, left to right (Python's own ``sum`` compensates from 3.12 on)."""
    out = 0.0
    for number in numbers:
        out += number
    return out


def product(numbers: Iterable[float]) -> float:
    """Return a product from 1.0, left to right."""
    out = 1.0
    for number in numbers:
        out *= number
    return out


def without_dust(amount: float, dust: float) -> float:
    """Return an amount, 0 where it is less than what counts as something."""
    return 0.0 if amount < dust else amount


def limited(wish: float, inputs: Iterable[tuple[float, float]]) -> float:
    """Return a wish, at most what each input (stock, coefficient) allows."""
    for stock, coefficient in inputs:
        wish = min(wish, stock / coefficient)
    return wish


# --- 1a. exogenous ------------------------------------------------------------------------------


def mean_of_profile(course: Profile, t0: float, t1: float) -> tuple[float, bool]:
    """Return a course's mean over [t0, t1] and whether it moves in it."""
    day, value = course
    area = 0.0
    moving = any(t0 < d < t1 for d in day)
    for j in range(len(day) - 1):
        d, e = day[j], day[j + 1]
        if e > d and e > t0 and d < t1:
            u, w = max(d, t0), min(e, t1)
            at_u = value[j] + (value[j + 1] - value[j]) * ((u - d) / (e - d))
            at_w = value[j] + (value[j + 1] - value[j]) * ((w - d) / (e - d))
            area += (w - u) * (at_u + at_w) * 0.5
            moving = moving or at_u != at_w
    return area / (t1 - t0), moving


def acts(course: Profile, t0: float, t1: float) -> bool:
    """Return whether a course touches the period from t0 to t1."""
    return course[0][0] < t1 and course[0][-1] > t0


def left_at(course: Profile, t: float) -> float:
    """Return what a course leaves at day t: max(0, 1 - value), 1 outside."""
    day, value = course
    for j in range(len(day) - 1):
        if day[j] <= t < day[j + 1]:
            v = value[j] + (value[j + 1] - value[j]) * ((t - day[j]) / (day[j + 1] - day[j]))
            return max(0.0, 1.0 - v)
    return 1.0


def what_is_left(courses: Sequence[Profile], t0: float, t1: float) -> float:
    """Return the exact mean over [t0, t1] of the product of what several courses leave."""
    left = 1.0
    moving = []
    for course in courses:
        mean, moves = mean_of_profile(course, t0, t1)
        if moves:
            moving.append((course, mean))
        else:
            left *= max(0.0, 1.0 - mean)
    if len(moving) == 1:
        left *= max(0.0, 1.0 - moving[0][1])
    elif moving:
        left *= joint_mean([course for course, _ in moving], t0, t1)
    return left


def joint_mean(courses: Sequence[Profile], t0: float, t1: float) -> float:
    """Return the mean of a product of moving courses: Gauss-Legendre between all their points."""
    inside = {d for day, _ in courses for d in day if t0 < d < t1}
    cuts = [t0, *sorted(inside), t1]
    area = 0.0
    for u, w in itertools.pairwise(cuts):
        middle, half = (u + w) * 0.5, (w - u) * 0.5
        g = []
        for t in (middle - half * GAUSS, middle, middle + half * GAUSS):
            g.append(product(left_at(course, t) for course in courses))
        area += (w - u) * ((5.0 * g[0] + 8.0 * g[1] + 5.0 * g[2]) / 18.0)
    return area / (t1 - t0)


def delay_periods(mean_days: float, step: float) -> int:
    """Return the whole periods that a mean of extra days adds to the transit."""
    return math.ceil(mean_days / step - 1e-9)


# --- 1b, 3. projects ----------------------------------------------------------------------------


def progress(start: float, ramp: float, t0: float, t1: float) -> float:
    """Return a project's mean progress over a period: a linear rise after its realised start."""
    if t1 <= start:
        return 0.0
    if t0 >= start + ramp:
        return 1.0
    return (_ramped(t1, start, ramp) - _ramped(t0, start, ramp)) / (t1 - t0)


def _ramped(t: float, start: float, ramp: float) -> float:
    if t <= start:
        return 0.0
    if t < start + ramp:
        return (t - start) * (t - start) / (2.0 * ramp)
    return ramp / 2.0 + (t - start - ramp)


# --- 4. reserves --------------------------------------------------------------------------------


def lack(trigger: float, reference_use: float, stock: float) -> float:
    """Return what a served feed lacks to the reserve's trigger (0 within rounding)."""
    level = trigger * reference_use
    missing = level - stock
    return 0.0 if missing <= 1e-9 * level else missing


def gifts(
    stock: float, max_rate: float, lacks: Sequence[float], shares: Sequence[float]
) -> list[float]:
    """Return what each served feed gets: by lack, or by a fixed share where one is given."""
    limit = min(stock, max_rate)
    lacking = total(lacks)
    amount = min(limit, lacking)
    return [
        amount * (missing / lacking) if math.isnan(share) else min(missing, share * limit)
        for missing, share in zip(lacks, shares, strict=True)
    ]


# --- 5. orders ----------------------------------------------------------------------------------


def target_stock(
    reference_use: float, cover: float, lead: float, precaution: float, announced: float
) -> float:
    """Return a feed's target: cover and pipeline of normal use, more before a control."""
    return reference_use * (cover + lead) * (1.0 + (precaution - 1.0) * announced)


def gap_to(target: float, position: float) -> float:
    """Return what a feed lacks to its target (0 within rounding)."""
    gap = target - position
    return 0.0 if abs(gap) < DUST * target else gap


def is_at_target(position: float, target: float) -> bool:
    """Return whether a feed has, or has on the way, what it aims at."""
    return position >= target * (1.0 - 1e-9)


def feed_order(need: float, target: float, position: float, gain: float) -> float:
    """Return what a feed orders: its use and a part of the gap to its target, never below 0."""
    return max(0.0, need + gap_to(target, position) * gain)


def bought(gap: float, once_had: float, refill_pace: float, build_pace: float) -> float:
    """Return what a reserve buys of its gap: first of what it once had, then of what it never had.

    Each has a pace; both together are at most the faster of the two.
    """
    back = min(gap, once_had)
    first = min(back, refill_pace)
    return first + min(gap - back, max(0.0, build_pace - first))


def expected_miss(shares: Sequence[float], reliability: Sequence[float]) -> float:
    """Return the share of an order that its usual suppliers are expected not to ship."""
    miss = 0.0
    for share, phi in zip(shares, reliability, strict=True):
        miss += share * (1.0 - phi)
    return miss


def qualify(qualified: float, step: float, miss: float) -> float:
    """Return a spot supplier's qualification: up while the usual ones fail, down while not."""
    up = step if miss > 0.05 else -step
    return min(1.0, max(0.0, qualified + up))


def split_order(
    amount: float, shares: Sequence[float], weights: Sequence[float], miss: float, rerouting: float
) -> list[float]:
    """Return the orders on a feed's lanes: by share, and the expected miss again by weight."""
    whole = total(weights)
    return [
        amount * share + rerouting * amount * miss * (weight / whole if whole > 1e-9 else 0.0)
        for share, weight in zip(shares, weights, strict=True)
    ]


def ordered_again(amount: float, weights: Sequence[float], miss: float, rerouting: float) -> float:
    """Return how much of an order is placed a second time: nothing where nobody is left to ask."""
    return rerouting * amount * miss if total(weights) > 1e-9 else 0.0


def shortfall(want: float, used: float) -> float:
    """Return what was wanted and not had (0 within rounding)."""
    short = want - used
    return 0.0 if short < 1e-9 * want else short


def stops(want: float, used: float) -> bool:
    """Return whether a firm had less than half of what it wanted."""
    return used < STOPS_BELOW * want * (1.0 - NEARLY)


# --- 6. supply ----------------------------------------------------------------------------------


def counted(order: float, cap: float, reference: float) -> float:
    """Return how much of an order counts: on a controlled lane, up to the allowed flow."""
    return min(order, cap * reference) if cap < 1.0 else order


def run_rate(
    rate: float, orders: float, capacity: float, ramp_share: float, reference: float
) -> float:
    """Return the run rate after a period: towards the orders, never below the reference output.

    A passing lull does not cost a site what it can make in normal times.
    """
    return max(ramped(rate, orders, capacity, ramp_share), min(capacity, reference))


def ramped(rate: float, orders: float, capacity: float, ramp_share: float) -> float:
    """Return the run rate, moved towards the orders by what the ramp allows in a period."""
    if math.isinf(ramp_share):
        return orders
    step = capacity * ramp_share
    gap = orders - rate
    if abs(gap) <= step:
        return orders
    return rate + step if gap > 0.0 else rate - step


def can_ship(
    rate: float, idle: float, capacity: float, availability: float, yielding: float
) -> float:
    """Return what a site could ship: outages take nameplate first, some a share of what runs."""
    return min(rate + idle, capacity * availability) * yielding


def ration(
    orders: Sequence[float],
    references: Sequence[float],
    weights: Sequence[float],
    classes: Sequence[int],
    n_class: int,
    can_ship: float,
) -> list[float]:
    """Return what ships: everything if it fits, else class by class, by ``share_out``."""
    if total(orders) <= can_ship:
        return list(orders)
    shipped = [0.0] * len(orders)
    left = can_ship
    for cls in range(n_class):
        own = [x for x, c in enumerate(classes) if c == cls]
        mine = [orders[x] for x in own]
        asked = total(mine)
        parts = mine
        if asked > left:
            usual = [min(orders[x], references[x]) for x in own]
            parts = share_out(mine, usual, [weights[x] for x in own], left)
        for x, part in zip(own, parts, strict=True):
            shipped[x] = part
        left = left - asked if asked <= left else 0.0
    return shipped


def share_out(
    orders: Sequence[float], usual: Sequence[float], weights: Sequence[float], left: float
) -> list[float]:
    """Return what each of a class gets of less than it ordered: what it usually buys comes first.

    `usual` is the part of an order up to the reference flow. Where that fits, the rest is shared by
    what is ordered on top; where it does not, all get the same share of it, or by weight.
    """
    normal = total(usual)
    if normal <= left:
        return fill(usual, orders, orders, left - normal)
    if all(weight == weights[0] for weight in weights) or left == 0.0:
        return [amount * (left / normal) for amount in usual]
    level = left / total(g * amount for g, amount in zip(weights, usual, strict=True))
    first = [min(amount, g * amount * level) for g, amount in zip(weights, usual, strict=True)]
    return fill(first, usual, orders, left - total(first))


def fill(
    have: Sequence[float], to: Sequence[float], orders: Sequence[float], left: float
) -> list[float]:
    """Return `have`, raised towards `to` by the one part of the way that `left` allows."""
    way = total(b - a for a, b in zip(have, to, strict=True))
    part = min(1.0, max(0.0, left) / way) if way > 0.0 else 0.0
    if part == 1.0 and to is orders:
        return list(orders)
    return [min(o, a + (b - a) * part) for a, b, o in zip(have, to, orders, strict=True)]


# --- 7. adaptation ------------------------------------------------------------------------------


def believe(reliability: float, ordered: float, shipped: float, gain: float) -> float:
    """Return a lane's perceived reliability after what it shipped of what was ordered.

    Where nothing was ordered nothing failed: trust returns.
    """
    kept = shipped / ordered if ordered > 0.0 else 1.0
    return reliability + (kept - reliability) * gain


def is_low(stock: float, reference_use: float, cover: float) -> bool:
    """Return whether a stock is below half of its cover, by more than rounding."""
    return stock < 0.5 * (reference_use * cover) * (1.0 - 1e-9)


def substitution(
    now: float, limit: float, share: float, stressed: bool, patient: bool, haste: float = 1.0
) -> float:
    """Return the share of demand an end user spares: rising under lasting stress, else falling.

    `share` of the limit is gained or lost in a period (inf: all at once); a `patient` user is
    stressed, but not yet for its delay; prices make haste.
    """
    if not stressed:
        return max(0.0, now - limit * share)
    return now if patient else min(limit, now + limit * share * haste)


# --- 7c. answers to prices ----------------------------------------------------------------------


def haste(dearest: float) -> float:
    """Return how much faster than at normal prices an end user learns to do without."""
    return min(FASTEST, dearest)


def demand_left(dearer: float, elasticity: float) -> float:
    """Return what is bought of a good whose price rises by a share, in the long run."""
    return min(1.0, power(1.0 + dearer, -elasticity))


def awake(price: float, rise: float) -> float:
    """Return the share of a site's slack that a price keeps at work: all after a rise by `rise`."""
    return min(1.0, (price - 1.0) / rise)


def power(base: float, exponent: float) -> float:
    """Return base ** exponent as the C library has it: inf where Python would raise."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
