"""What of a run a fact is held against: the register of kinds, a rule each."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.base.errors import Fault, UserError
from sim.flow.kernel.measures import NEARLY, STOPS_BELOW
from sim.hindcast.facts import Fact
from sim.hindcast.played import (
    B1,
    INSIDE,
    MONTH_DAYS,
    OUTSIDE,
    Played,
    check_names,
    months,
    sites_of,
)
from sim.network.arrays import F8
from sim.run.case import Study


class Kind(NamedTuple):
    """One kind of fact.

    Parameters
    ----------
    rule : callable
        (played, fact) -> what it is in every future, shape (n,), in the fact's unit; inf: never.
    no_change : callable
        (base) -> what it would be had nothing happened.
    months : bool
        Whether lags count in months (else days), for what "never" counts as.
    meaning : str
        One line for the page.
    """

    rule: Callable[[Played, Fact], F8]
    no_change: Callable[[float], float]
    months: bool
    meaning: str


def flow(played: Played, fact: Fact) -> F8:
    """Return the flow of the days of a fact, in its unit."""
    out: F8 = played.share_of_normal(fact, *window(fact)) * base_of(played, fact)
    return out


def trough(played: Played, fact: Fact) -> F8:
    """Return the least monthly flow of the months of a fact, in its unit."""
    out: F8 = played.by_month(fact, *window(fact)).min(axis=0) * base_of(played, fact)
    return out


def loss(played: Played, fact: Fact) -> F8:
    """Return what was not shipped of the normal flow in the days of a fact, tonnes."""
    first, end = window(fact)
    n_month = (end - first).days / MONTH_DAYS
    share = played.share_of_normal(fact, first, end)
    return (1.0 - share) * (n_month * base_of(played, fact))


def nil_months(played: Played, fact: Fact) -> F8:
    """Return how many months of a fact had next to no flow."""
    share = played.by_month(fact, *window(fact))
    nil: B1 = share < played.constants["nil_share"]
    out: F8 = nil.sum(axis=0).astype(np.float64)
    return out


def is_back(played: Played, fact: Fact) -> F8:
    """Return 1 where the flow was back in some month of a fact, else 0."""
    share = played.by_month(fact, *window(fact))
    return (share >= played.constants["back_share"]).any(axis=0).astype(float)


def months_to_recover(played: Played, fact: Fact) -> F8:
    """Return months from the onset to the middle of the first month in which the flow is back.

    Only months after it has been less than that count; 0 where it never was.
    """
    share = played.by_month(fact, *window(fact))
    enough = share >= played.constants["back_share"]
    fallen = np.logical_or.accumulate(~enough, axis=0)
    found = _first_month(played, fact, enough & fallen)
    return np.where(fallen.any(axis=0), found, 0.0)


def months_to_fall(played: Played, fact: Fact) -> F8:
    """Return months from the onset to the middle of the first month with less than half."""
    share = played.by_month(fact, *window(fact))
    return _first_month(played, fact, share < played.constants["half_share"])


def months_of_stock(played: Played, fact: Fact) -> F8:
    """Return months from the onset until the sites' stock of all they take in is used up."""
    assert played.flow.trace is not None
    chain = played.study.compiled.chain
    feeds = np.isin(chain.feed_site, np.flatnonzero(sites_of(played.study, fact)))
    stock: F8 = played.flow.trace.stock[:, feeds].sum(axis=1)
    low: B1 = stock < played.constants["used_up_share"] * stock[0]
    return _first_day(played, low) / MONTH_DAYS


def first_stop_day(played: Played, fact: Fact) -> F8:
    """Return days from the onset to the first stop of a firm, as runs tell it."""
    sites, chain = sites_of(played.study, fact), played.study.compiled.chain
    groups = np.unique(chain.group[sites & (chain.group >= 0)])
    stops = played.flow.stopped[:, groups] > 0
    return _first_day(played, np.asarray(stops.any(axis=1)))


def stop_days(played: Played, fact: Fact) -> F8:
    """Return how long the first firm that stops stands still, days; 0 where none does."""
    stopped = _stopped(played, fact)
    n_period = stopped.shape[0]
    out = np.zeros(played.n)
    for j in range(played.n):
        first = stopped[:, :, j].argmax(axis=0) + n_period * ~stopped[:, :, j].any(axis=0)
        if first.min() < n_period:
            run = stopped[first.min() :, first.argmin(), j]
            out[j] = run.argmin() if not run.all() else run.size
    return out * played.study.compiled.chain.step_days


def utilisation(played: Played, fact: Fact) -> F8:
    """Return what plants sent out in the days of a fact over their normal output."""
    assert played.flow.trace is not None
    sites, weights = np.flatnonzero(sites_of(played.study, fact)), played.weights(*window(fact))
    lanes = np.isin(played.study.compiled.chain.supplier, sites)
    sent = weights @ played.flow.trace.shipped[:, lanes].sum(axis=1)
    out: F8 = sent / (weights.sum() * played.study.compiled.reference_out[sites].sum())
    return out


def price_ratio(played: Played, fact: Fact) -> F8:
    """Return the mean price index of the days of a fact over that of the day it refers to.

    Before it became known it is 1: the model is at rest; the period of the news is not before it.
    """
    path = price_of(played.study, fact)
    assert played.flow.price is not None
    course = played.flow.price[:, path]
    days = played.weights(*window(fact))
    out: F8 = days @ course / days.sum()
    if fact.since is not None and fact.since >= played.news:
        then = played.weights(fact.since, fact.since + dt.timedelta(days=1))
        out = out / (then @ course / then.sum())
    return out


def price_of(study: Study, fact: Fact) -> int:
    """Return the path of a price: that of the fact's product for buyers in its place.

    The place is a region, "inside" (the region that makes most of it) or "outside" (the mean of all
    others, weighted by use).

    Raises
    ------
    UserError
        With the fact's place, if nobody there buys it.
    """
    check_names(study, fact)
    market = study.play.market
    assert market is not None
    good, place = fact.product[0], fact.to[0] if fact.to else ""
    products, pairs = list(market.goods.product), list(market.goods.pair)
    if place == OUTSIDE and good in products:
        return len(pairs) + products.index(good)
    pair = (good, market.home[products.index(good)] if place == INSIDE else place)
    if pair not in pairs:
        raise UserError(Fault("to", place, f"nobody there buys {good}", fact.at))
    return pairs.index(pair)


def window(fact: Fact) -> tuple[dt.date, dt.date]:
    """Return the days of a fact."""
    assert fact.first is not None
    assert fact.end is not None
    return fact.first, fact.end


def base_of(played: Played, fact: Fact) -> float:
    """Return what the model's normal flow is called in the unit of a fact, tonnes if nothing."""
    return played.normal_t(fact) if math.isnan(fact.base) else fact.base


def _stopped(played: Played, fact: Fact) -> B1:
    """Return which firms stand still, shape (K, firms, n); none before the onset."""
    sites = np.flatnonzero(sites_of(played.study, fact) & (played.study.compiled.chain.group >= 0))
    found: B1 = played.served[:, sites] < STOPS_BELOW * (1 - NEARLY)
    return found


def _first_day(played: Played, mask: B1) -> F8:
    """Return days from the onset to the first period of a mask (K, n); inf where there is none."""
    day = mask.argmax(axis=0) * played.study.compiled.chain.step_days - played.onset_day
    return np.where(mask.any(axis=0), day, np.inf)


def _first_month(played: Played, fact: Fact, mask: B1) -> F8:
    """Return months from the onset to the middle of the first month of a mask; inf if none."""
    first, end = window(fact)
    middle = [
        ((a - played.onset).days + (b - a).days / 2) / MONTH_DAYS for a, b in months(first, end)
    ]
    return np.where(mask.any(axis=0), np.array(middle)[mask.argmax(axis=0)], np.inf)


def _zero(base: float) -> float:
    return 0.0


def _one(base: float) -> float:
    return 1.0


def _never(base: float) -> float:
    return math.inf


def _base(base: float) -> float:
    return base


KINDS: dict[str, Kind] = {
    "export_flow": Kind(flow, _base, False, "what left the country, relative to normal"),
    "import_flow": Kind(flow, _base, False, "the same of what arrived"),
    "export_trough": Kind(trough, _base, False, "the least month"),
    "export_loss": Kind(loss, _zero, False, "normal less what left, summed"),
    "export_nil_months": Kind(nil_months, _zero, False, "months with next to nothing"),
    "export_is_back": Kind(is_back, _one, False, "1 if some month was back at normal, else 0"),
    "export_months_to_recover": Kind(
        months_to_recover, _zero, True, "onset to the middle of the first month back at normal"),
    "import_months_to_fall": Kind(
        months_to_fall, _never, True, "onset to the middle of the first month under half"),
    "stock_months": Kind(months_of_stock, _never, True, "onset until stock is used up"),
    "first_stop_day": Kind(
        first_stop_day, _never, False, "onset to the first firm with less than half of its want"),
    "stop_days": Kind(stop_days, _zero, False, "how long that firm stands still"),
    "price_ratio": Kind(price_ratio, _one, False, "price index over that of a day before"),
    "utilisation": Kind(utilisation, _one, False, "output over normal output"),
}  # fmt: skip
"""Every kind by name."""


def never_of(played: Played, fact: Fact) -> float:
    """Return what "never" counts as: the end of what is watched."""
    return played.horizon_days / (MONTH_DAYS if KINDS[fact.kind].months else 1.0)
