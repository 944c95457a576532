"""What the parts of a network must say together: names, shares, kinds of site, no ring.

Each check yields faults and none stops at the first. References above capacity need a start and
a period and are checked in ``compile.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from sim.base.errors import Fault, nearest
from sim.base.plain_text import is_lost_by_readers
from sim.network.buying import BUYING, check_buying
from sim.network.checks_links import (
    SUPPLIERS,
    check_feeds,
    check_projects,
    check_reserves,
    check_sources,
    lowest_cover,
)
from sim.network.checks_loss import check_loss
from sim.network.checks_price import check_prices, check_prospects
from sim.network.countries import CODES, COUNTRIES, REGIONS
from sim.network.dictionary import MOST_HOME_WEIGHT, Network, Path, Site
from sim.network.ring import check_ring
from sim.network.validate import Path as Keys
from sim.network.validate import Say, shown

_COMMON = {
    "kind",
    "product",
    "title",
    "country",
    "region",
    "sector",
    "operator",
    "tags",
    "sources",
    "note",
}
_SUPPLY = {"capacity", "capacity_path", "slack", "ramp_days", "priority"}
KEYS_OF_KIND: dict[str, set[str]] = {
    "mine": _COMMON | _SUPPLY,
    "refiner": _COMMON | _SUPPLY | {"feeds", "cohorts", "firms"},
    "end_user": _COMMON
    | {"demand", "demand_path", "value_usd_per_t", "substitution"}
    | {"feeds", "cohorts", "firms", "value_added_usd_per_year", "dependence"},
    "reserve": _COMMON
    | {"stock", "stock_days", "max_rate", "trigger_days", "activation_days", "serves", "feeds"}
    | {"start_with", *BUYING, "buy_from"},
}


def check_network(network: Network) -> list[Fault]:
    """Return all faults of a network that need neither a start date nor a period.

    Parameters
    ----------
    network : Network
        As validated by its schema.
    """

    def say(path: Keys, found: Any, expected: str) -> Fault:
        key = ".".join(["network", *map(str, path)])
        return Fault(key, "" if found is None else shown(found), expected)

    parts = (
        _check_names,
        _check_home_weight,
        _check_sites,
        check_feeds,
        check_reserves,
        check_buying,
        check_projects,
        check_sources,
        check_prices,
        check_prospects,
        check_loss,
        check_ring,
    )
    return [fault for part in parts for fault in part(network, say)]


def warnings_of(network: Network, step_days: int = 7) -> list[str]:
    """Return what is allowed and yet worth a look.

    Suppliers that nobody buys from, and reserves that release with no shock at all, because their
    trigger lies above what a served site has on hand in a normal period (cover and one period).
    """
    used = {name for s in network.sites.values() for f in s.feeds.values() for name in f.lanes}
    idle = [
        f"network.sites.{name}: nobody buys from this {site.kind}"
        for name, site in network.sites.items()
        if site.kind in SUPPLIERS and name not in used
    ]
    eager = [
        f"network.sites.{name}.trigger_days: {site.trigger_days:g}, releases with no shock at all: "
        f"{buyer} normally holds {lowest_cover(network.sites[buyer], site.product):g} days"
        for name, site in network.sites.items()
        for buyer in site.serves
        if site.trigger_days > lowest_cover(network.sites[buyer], site.product) + step_days
    ]
    return idle + eager


def _check_names(network: Network, say: Say) -> Iterator[Fault]:
    for group in ("sites", "projects", "products"):
        for name in getattr(network, group):
            if not name or "#" in name:
                yield say((group, name), name, "a name must not be empty or hold '#' (cohorts do)")
            elif is_lost_by_readers(name):
                yield say((group, name), name, "readers of tables take it for an empty cell")
    if not network.sites:
        yield say(("sites",), None, "must hold at least one site")
    elif all(site.kind != "end_user" for site in network.sites.values()):
        yield say(("sites",), None, "must hold at least one end user: who is short counts")
    for bloc, members in network.blocs.items():
        for n, member in enumerate(members):
            if member not in REGIONS and member not in COUNTRIES:
                yield say(
                    ("blocs", bloc, n),
                    member,
                    f"must be a country (three capitals, quoted) or one of {', '.join(REGIONS)}",
                )


def _check_home_weight(network: Network, say: Say) -> Iterator[Fault]:
    weight = network.home_weight
    if isinstance(weight, (int, float)) and not 1.0 <= weight <= MOST_HOME_WEIGHT:
        expected = f"must be from 1 (as all others) to {MOST_HOME_WEIGHT:g}; a wall is `priority`"
        yield say(("home_weight",), weight, expected)


def _check_sites(network: Network, say: Say) -> Iterator[Fault]:
    known = frozenset({"home", *network.blocs, *REGIONS, *COUNTRIES})
    sectors = frozenset(site.sector for site in network.sites.values() if site.sector)
    for name, site in network.sites.items():
        at = ("sites", name)
        if site.product not in network.products:
            yield say(
                (*at, "product"),
                site.product,
                f"no such product{nearest(site.product, network.products)}",
            )
        if site.country not in COUNTRIES:
            yield say(
                (*at, "country"),
                site.country,
                f"must be an ISO 3166 alpha-3 code, or OTH{_code(site.country)}",
            )
        if site.region and site.region not in REGIONS:
            yield say(
                (*at, "region"),
                site.region,
                f"must be one of {', '.join(REGIONS)}{nearest(site.region, REGIONS)}",
            )
        yield from _check_kind(site, at, say)
        yield from _check_priority(site, known, sectors, at, say)
        for key in ("capacity_path", "demand_path"):
            yield from _check_path(getattr(site, key), (*at, key), say)


def _code(country: str) -> str:
    """Return "did you mean 'CHN'?" for a name or code that comes close."""
    code = CODES.get(country.strip().lower()) or country.strip().upper()
    return f"; did you mean '{code}'?" if code in COUNTRIES else nearest(country, COUNTRIES)


def _check_kind(site: Site, at: Keys, say: Say) -> Iterator[Fault]:
    """Keys that the kind needs, and keys that mean nothing to it."""
    for key, field in Site.model_fields.items():
        given = key in site.model_fields_set and getattr(site, key) != field.default
        if given and key not in KEYS_OF_KIND[site.kind]:
            yield say((*at, key), None, f"a site of kind {site.kind} has no such setting")
    needed = {"mine": "capacity", "refiner": "capacity", "end_user": "demand"}.get(site.kind)
    if needed and getattr(site, needed) is None:
        yield say((*at, needed), None, f"must be given for a site of kind {site.kind} (t/year)")
    if site.kind in ("refiner", "end_user") and not site.feeds:
        yield say((*at, "feeds"), None, f"a site of kind {site.kind} needs at least one feed")


def _check_priority(
    site: Site, known: frozenset[str], sectors: frozenset[str], at: Keys, say: Say
) -> Iterator[Fault]:
    for n, entry in enumerate(site.priority):
        for word in [entry] if isinstance(entry, str) else entry:
            place, colon, sector = word.partition(":")
            if place not in known:
                yield say(
                    (*at, "priority", n),
                    word,
                    "must be 'home', a country, region or bloc"
                    f" of this network{nearest(place, known)}",
                )
            elif colon and sector not in sectors:
                yield say(
                    (*at, "priority", n),
                    word,
                    f"must name a sector of this network's end users{nearest(sector, sectors)}",
                )


def _check_path(path: Path | None, at: Keys, say: Say) -> Iterator[Fault]:
    if path is None:
        return
    if (path.rate_per_year is None) == (path.points is None):
        yield say(at, None, "needs rate_per_year or points, and not both")
    days = [d for d, _ in path.points or []]
    if len({isinstance(d, (int, float)) for d in days}) > 1:
        yield say((*at, "points"), None, "must be all days or all dates")
    elif any(b < a for a, b in pairwise(days)):  # type: ignore[operator]
        yield say((*at, "points"), None, "must be in order of time")
