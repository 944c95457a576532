"""Projects that answer to prices: what they look at, and which price brings each (section 7c)."""

from __future__ import annotations

import datetime as dt
import math
from typing import NamedTuple

import numpy as np

from sim.base.units import day_of
from sim.network.arrays import F8, I4, CompiledNetwork
from sim.network.dictionary import Network, PriceFloor
from sim.shocks.tape import Tape

BY_PRODUCT = "byproduct"
"""Tag of a site whose output follows that of its host, whatever its own price."""

HOST = "host:"
"""Beginning of the tag that sites of one host share."""


class Prospects(NamedTuple):
    """Fixed numbers of the projects, in the order of the network's; none where none answers."""

    asks: I4  # (P,) pair whose price it looks at; -1: it answers to none
    odds: F8  # (P,) probability that it is built at normal prices
    planned: F8  # (P,) day
    floor: F8  # (P,) guaranteed price over the normal one; 1: none
    since: F8  # (P,) day from which on the floor counts
    until: F8  # (P,) and until when


NO_PROSPECTS = Prospects(np.zeros(0, np.int32), *(np.zeros(0) for _ in range(5)))


class Wanted(NamedTuple):
    """What chance has decided of the projects that answer, for the replications of a tape."""

    power: F8  # (n,)
    price: F8  # (P, n) price at which one is built that would not be at normal prices; inf: none
    lead: F8  # (P, n) days from that decision to its start


def prospects_of(
    compiled: CompiledNetwork, network: Network, asks: I4, start: dt.date
) -> Prospects:
    """Return what each project looks at.

    Parameters
    ----------
    compiled : CompiledNetwork
        Arrays and names.
    network : Network
        For planned days, floors and values.
    asks : ndarray of int32, shape (S,)
        The pair whose price each site answers to; -1 for by-products.
    start : datetime.date
        Day 0.
    """
    projects = [network.projects[name] for name in compiled.labels.project]
    sites = compiled.chain.project_site
    value = [network.products[compiled.labels.site_product[i]].value_usd_per_t for i in sites]
    floors = [p.price_floor for p in projects]
    return Prospects(
        np.array([_asked(compiled, asks, int(i)) for i in sites], np.int32),
        np.array([p.probability for p in projects]),
        np.array([_day(p.start, start, 0.0) for p in projects]),
        np.array([_ratio(floor, usd) for floor, usd in zip(floors, value, strict=True)]),
        np.array([_day(f.since if f else None, start, -math.inf) for f in floors]),
        np.array([_day(f.until if f else None, start, math.inf) for f in floors]),
    )


def _asked(compiled: CompiledNetwork, asks: I4, site: int) -> int:
    """Return the pair of a site's own product; of a by-product that of its host, if it is here."""
    tags = compiled.labels.site_tags
    if BY_PRODUCT not in tags[site]:
        return int(asks[site])
    hosts = {tag for tag in tags[site] if tag.startswith(HOST)}
    found = (int(a) for a, own in zip(asks, tags, strict=True) if a >= 0 and hosts & set(own))
    return next(found, -1)


def _ratio(floor: PriceFloor | None, usd_per_t: float | None) -> float:
    """Return a floor over the normal price; 1 where there is none, or nothing to compare with."""
    return floor.usd_per_t / usd_per_t if floor is not None and usd_per_t else 1.0


def _day(when: float | dt.date | None, start: dt.date, missing: float) -> float:
    if when is None:
        return missing
    return day_of(when, start) if isinstance(when, dt.date) else float(when)


def wanted_of(prospects: Prospects, tape: Tape) -> Wanted | None:
    """Return the prices that projects wait for; None where they answer to none.

    Built at normal prices are those whose chance is below their probability p; at a price x those
    below 1 - (1 - p) / x ** power. So one of chance u waits for ((1 - p) / (1 - u)) ** (1 / power).
    One that the tape has not, though its chance is below p, was taken out: it never comes.
    """
    if not prospects.asks.size or not tape.prospect.size:
        return None
    odds = prospects.odds[:, None]
    power, drawn = tape.prospect[0], tape.prospect[1:]
    chance, lead = drawn[: odds.size], drawn[odds.size :]
    waits = np.isinf(tape.project_start_days) & (chance >= odds) & (power > 0.0)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        price = ((1.0 - odds) / (1.0 - chance)) ** (1.0 / power)
    return Wanted(power, np.where(waits, price, np.inf), lead)
