"""Reserves that buy: their keys, what these must say together, and their columns.

All amounts are in the unit of the reserve's stock (t, or days of the served feeds' use), so that
each is a share of it. The rule itself is in docs/model.md, section 5.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sim.base.errors import Fault
from sim.base.units import DAYS_PER_YEAR, day_of
from sim.network.arrays import F8
from sim.network.dictionary import Network, Site
from sim.network.validate import Path as Keys
from sim.network.validate import Say

BUYING = ("buy_per_year", "tranches", "refill_per_year")
"""Any of these keys makes a reserve one that buys by rules of its own."""


def buys(site: Site) -> bool:
    """Return whether a site is a reserve that buys by rules of its own."""
    return bool(site.buy_per_year is not None or site.tranches or site.refill_per_year is not None)


def stock_of(site: Site) -> float:
    """Return a reserve's target in its own unit."""
    return site.stock if site.stock is not None else site.stock_days or 0.0


def feed_of_buyer(
    network: Network,
    product: str,
    use: Mapping[str, float],
    sells: Callable[[str], bool] = lambda supplier: True,
) -> dict[str, Any] | None:
    """Return the feed of a reserve that buys where those that it serves do; None if nobody sells.

    Parameters
    ----------
    product : str
        What it holds.
    use : mapping of str to float
        Buyer -> what it uses of it: a supplier's share is by what it sells to all of them.
    sells : callable, optional
        Which suppliers it may buy from.
    """
    lanes: dict[str, dict[str, Any]] = {}
    for buyer, amount in use.items():
        for supplier, own in network.sites[buyer].feeds[product].lanes.items():
            if own.share * amount > 0 and sells(supplier):
                known = lanes.setdefault(
                    supplier, {"share": 0.0, "transit_days": 0.0, "routes": []}
                )
                known["share"] += own.share * amount
                known["transit_days"] = max(known["transit_days"], own.transit_days)
                known["routes"] = sorted({*known["routes"], *own.routes})
    total = sum(known["share"] for known in lanes.values())
    for known in lanes.values():
        known["share"] /= total
    return {"lanes": lanes} if lanes else None


# --- what the keys must say together ------------------------------------------------------------


def check_buying(network: Network, say: Say) -> Iterator[Fault]:
    """Yield faults of reserves that buy: keys that need or exclude each other, amounts, order."""
    for name, site in network.sites.items():
        if site.kind == "reserve":
            at = ("sites", name)
            yield from _check_keys(site, at, say)
            if buys(site):
                yield from _check_needs(site, at, say)
                yield from _check_tranches(site, at, say)


def _check_keys(site: Site, at: Keys, say: Say) -> Iterator[Fault]:
    """Yield faults of keys that need or exclude each other."""
    builds = site.buy_per_year is not None or bool(site.tranches)
    if site.start_with is not None and not builds:
        expected = "needs buy_per_year or tranches: how it comes to its stock"
        yield say((*at, "start_with"), site.start_with, expected)
    if builds and site.start_with is None:
        key = "tranches" if site.tranches else "buy_per_year"
        yield say((*at, key), None, "needs start_with: what it holds on day 0 (0: nothing)")
    if site.buy_per_year is not None and site.tranches:
        expected = "cannot stand beside buy_per_year: how much a year, or how much by which date"
        yield say((*at, "tranches"), None, expected)
    if site.tranches and site.refill_per_year is None:
        expected = "needs refill_per_year: what it buys back in a year after a release (0: nothing)"
        yield say((*at, "tranches"), None, expected)
    if site.buy_from is not None and not builds:
        yield say((*at, "buy_from"), str(site.buy_from), "needs buy_per_year or tranches")


def _check_needs(site: Site, at: Keys, say: Say) -> Iterator[Fault]:
    """Yield faults of whom it buys from, and of its start beside its stock."""
    feed = site.feeds.get(site.product)
    if feed is None or not feed.lanes:
        expected = f"a reserve that buys needs a feed of {site.product} with suppliers"
        yield say((*at, "feeds"), None, expected)
    target = stock_of(site)
    if target <= 0:
        key = "stock" if site.stock is not None else "stock_days"
        yield say((*at, key), target, "a reserve that buys needs a stock above 0 to build up to")
    elif site.start_with is not None and site.start_with > target:
        expected = f"must be at most its stock, {target:g} (in the same unit)"
        yield say((*at, "start_with"), site.start_with, expected)


def _check_tranches(site: Site, at: Keys, say: Say) -> Iterator[Fault]:
    """Yield faults of tranches: in order of time, growing, up to its stock."""
    if not site.tranches:
        return
    days = [tranche.by for tranche in site.tranches]
    if len({isinstance(day, (int, float)) for day in days}) > 1:
        yield say((*at, "tranches"), None, "must be all days or all dates")
    elif any(b <= a for a, b in itertools.pairwise(days)):  # type: ignore[operator]
        yield say((*at, "tranches"), None, "must be in order of time")
    holds = [site.start_with or 0.0, *(tranche.holds for tranche in site.tranches)]
    for n, (before, after) in enumerate(itertools.pairwise(holds)):
        if after < before:
            expected = f"must be at least {before:g}: what it holds in all, not on top"
            yield say((*at, "tranches", n, "holds"), after, expected)
    if holds[-1] != stock_of(site):
        expected = f"the last tranche must hold its stock, {stock_of(site):g} (in the same unit)"
        yield say((*at, "tranches", len(holds) - 2, "holds"), holds[-1], expected)


def check_dates(network: Network, start: dt.date, n_period: int, step_days: int) -> Iterator[Fault]:
    """Yield faults of dates that fit no horizon: bought before day 0, or nothing ever bought."""
    end = n_period * step_days
    for name, site in network.sites.items():
        if site.kind != "reserve" or not buys(site):
            continue
        at = f"network.sites.{name}"
        if site.buy_from is not None and _day(site.buy_from, start) >= end:
            expected = f"lies after the last day simulated, {end:g}: it would buy nothing"
            yield Fault(f"{at}.buy_from", str(site.buy_from), expected)
        first = max(0.0, _first_day(site, start))
        for n, tranche in enumerate(site.tranches):
            if _day(tranche.by, start) <= first:
                expected = (
                    "must lie after day 0 and buy_from; what it holds before that is start_with"
                )
                yield Fault(f"{at}.tranches.{n}.by", str(tranche.by), expected)


def _day(when: float | dt.date, start: dt.date) -> float:
    return day_of(when, start) if isinstance(when, dt.date) else float(when)


def _first_day(site: Site, start: dt.date) -> float:
    return 0.0 if site.buy_from is None else _day(site.buy_from, start)


# --- its columns --------------------------------------------------------------------------------


def buying_columns(
    sites: Sequence[Site], stock_t: F8, start: dt.date, n_period: int, step_days: int
) -> dict[str, Any]:
    """Return the columns of a chain's reserves by which they buy.

    Parameters
    ----------
    sites : sequence of Site
        The reserves, in the chain's order.
    stock_t : ndarray, shape (V,)
        Their targets in tonnes.
    """
    part_of_year = float(step_days) / DAYS_PER_YEAR
    each = list(zip(sites, stock_t.tolist(), strict=True))
    build = [_pace(site, _build(site), t) * part_of_year for site, t in each]
    refill = [_pace(site, _refill(site), t) * part_of_year for site, t in each]
    aims = [_aims(site, start, n_period, step_days) for site in sites]
    return {
        "reserve_buys": np.array([buys(site) for site in sites], np.int32),
        "reserve_start": np.array([_start_share(site) for site in sites], np.float64),
        "build_pace": np.array(build, np.float64),
        "refill_pace": np.array(refill, np.float64),
        "reserve_aim": np.array(aims, np.float64).reshape(len(sites), n_period),
    }


def _pace(site: Site, per_year: float, stock_t: float) -> float:
    """Return the tonnes of an amount in the reserve's unit; its target is so many tonnes."""
    is_share = buys(site) and not math.isinf(per_year)
    return per_year / stock_of(site) * stock_t if is_share else per_year


def _start_share(site: Site) -> float:
    return 1.0 if site.start_with is None else site.start_with / stock_of(site)


def _build(site: Site) -> float:
    """Return the most that is bought for the first time in a year, in the reserve's unit.

    By date there is no limit but the dates; who only buys back never builds up.
    """
    return math.inf if site.tranches else site.buy_per_year or 0.0


def _refill(site: Site) -> float:
    return _build(site) if site.refill_per_year is None else site.refill_per_year


def _aims(site: Site, start: dt.date, n_period: int, step_days: int) -> F8:
    """Return the share of its target that a reserve is to hold by the end of each period."""
    rows: F8 = np.ones(n_period)
    if not buys(site):
        return rows
    first, share = _first_day(site, start), _start_share(site)
    if not site.tranches:
        begins = np.arange(n_period) * float(step_days)
        rows = np.where(begins >= first, 1.0, share)
        return rows
    days = [max(0.0, first), *(_day(tranche.by, start) for tranche in site.tranches)]
    shares = [share, *(tranche.holds / stock_of(site) for tranche in site.tranches)]
    ends = np.arange(1, n_period + 1) * float(step_days)
    rows = np.interp(ends, days, shares)
    return rows
