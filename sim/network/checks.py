"""What the parts of a network must say together: names, shares, kinds of site, no ring.

Each check yields faults and none stops at the first. References above capacity need a start and
a period and are checked in ``compile.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from sim.errors import Fault, nearest
from sim.network.countries import COUNTRIES, REGIONS
from sim.network.dictionary import Feed, Network, Path, Project, Site
from sim.network.distribution import Distribution
from sim.network.validate import Path as Keys
from sim.network.validate import Where, shown

TOLERANCE = 1e-9
"""How far the shares of a feed may be from 1."""

SUPPLIERS = ("mine", "refiner")

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
    "refiner": _COMMON | _SUPPLY | {"feeds", "cohorts"},
    "end_user": _COMMON
    | {"demand", "demand_path", "value_usd_per_t", "substitution", "price", "feeds", "cohorts"},
    "reserve": _COMMON
    | {"stock", "stock_days", "max_rate", "trigger_days", "activation_days", "serves", "feeds"},
}

Say = Callable[..., Fault]


def check_network(network: Network, where: Where | None = None) -> list[Fault]:
    """Return all faults of a network that need neither a start date nor a period.

    Parameters
    ----------
    network : Network
        As validated by its schema.
    where : callable, optional
        Gives ``file:line`` of a path inside the network.
    """

    def say(path: Keys, found: Any, expected: str) -> Fault:
        key = ".".join(["network", *map(str, path)])
        return Fault(
            key, "" if found is None else shown(found), expected, where(path) if where else ""
        )

    parts = (
        _check_names,
        _check_sites,
        _check_feeds,
        _check_reserves,
        _check_projects,
        _check_sources,
        _check_ring,
    )
    return [fault for part in parts for fault in part(network, say)]


def warnings_of(network: Network) -> list[str]:
    """Return what is allowed and yet worth a look: suppliers that nobody buys from."""
    used = {name for s in network.sites.values() for f in s.feeds.values() for name in f.lanes}
    return [
        f"network.sites.{name}: nobody buys from this {site.kind}"
        for name, site in network.sites.items()
        if site.kind in SUPPLIERS and name not in used
    ]


def _check_names(network: Network, say: Say) -> Iterator[Fault]:
    for group in ("sites", "projects", "products"):
        for name in getattr(network, group):
            if not name or "#" in name:
                yield say((group, name), name, "a name must not be empty or hold '#' (cohorts do)")
    if not network.sites:
        yield say(("sites",), None, "must hold at least one site")
    for bloc, members in network.blocs.items():
        for n, member in enumerate(members):
            if member not in REGIONS and member not in COUNTRIES:
                yield say(
                    ("blocs", bloc, n),
                    member,
                    f"must be a country (three capitals, quoted) or one of {', '.join(REGIONS)}",
                )


def _check_sites(network: Network, say: Say) -> Iterator[Fault]:
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
                f"must be an ISO 3166 alpha-3 code, or OTH{nearest(site.country, COUNTRIES)}",
            )
        if site.region and site.region not in REGIONS:
            yield say(
                (*at, "region"),
                site.region,
                f"must be one of {', '.join(REGIONS)}{nearest(site.region, REGIONS)}",
            )
        yield from _check_kind(site, at, say)
        yield from _check_priority(network, site, at, say)
        yield from _check_price(site, at, say)
        for key in ("capacity_path", "demand_path"):
            yield from _check_path(getattr(site, key), (*at, key), say)


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


def _check_priority(network: Network, site: Site, at: Keys, say: Say) -> Iterator[Fault]:
    known = {"home", *network.blocs, *REGIONS, *COUNTRIES}
    for n, entry in enumerate(site.priority):
        for word in [entry] if isinstance(entry, str) else entry:
            if word not in known:
                yield say(
                    (*at, "priority", n),
                    word,
                    "must be 'home', a country, region or bloc"
                    f" of this network{nearest(word, known)}",
                )


def _check_price(site: Site, at: Keys, say: Say) -> Iterator[Fault]:
    price = site.price
    if price is None:
        return
    if price.demand_elasticity == 0 and price.supply_elasticity == 0:
        yield say((*at, "price"), None, "the elasticities of demand and supply must not both be 0")
    for product, weight in price.cost_shares.items():
        key = (*at, "price", "cost_shares", product)
        if product not in site.feeds:
            yield say(key, None, f"no such feed{nearest(product, site.feeds)}")
        if weight < 0:
            yield say(key, weight, "must be 0 or more")
    if price.cost_shares and sum(price.cost_shares.values()) <= 0:
        yield say((*at, "price", "cost_shares"), None, "must sum to more than 0")


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


def _check_feeds(network: Network, say: Say) -> Iterator[Fault]:
    for name, site in network.sites.items():
        for product, feed in site.feeds.items():
            at = ("sites", name, "feeds", product)
            if product not in network.products:
                yield say(at, None, f"no such product{nearest(product, network.products)}")
            yield from _check_cover(site, feed, at, say)
            yield from _check_shares(site, feed, at, say)
            for supplier in feed.lanes:
                yield from _check_supplier(
                    network, supplier, product, (*at, "lanes", supplier), say
                )


def _check_cover(site: Site, feed: Feed, at: Keys, say: Say) -> Iterator[Fault]:
    cover = feed.cover_days
    if not isinstance(cover, Distribution):
        if cover < 0:
            yield say((*at, "cover_days"), cover, "must be 0 or more (days of normal use)")
        return
    if site.kind == "reserve":
        yield say((*at, "cover_days"), None, "a reserve's target is its stock; it has no cover")
        return
    from sim.network.cohorts import mid_quantiles  # brings scipy, which a plain load spares

    lowest = mid_quantiles(cover, site.cohorts)[0]
    if lowest < 0:
        yield say(
            (*at, "cover_days"),
            f"{lowest:g}",
            "the cover of the first cohort must be 0 or more (days of normal use)",
        )


def _check_shares(site: Site, feed: Feed, at: Keys, say: Say) -> Iterator[Fault]:
    if not feed.lanes:
        if site.kind != "reserve":
            yield say((*at, "lanes"), None, "must hold at least one lane")
        return
    total = sum(lane.share for lane in feed.lanes.values())
    if abs(total - 1) > TOLERANCE:
        yield say((*at, "lanes"), f"{total:.12g}", "the shares of a feed must sum to 1")


def _check_supplier(
    network: Network, supplier: str, product: str, at: Keys, say: Say
) -> Iterator[Fault]:
    site = network.sites.get(supplier)
    if site is None:
        makers = [
            n for n, s in network.sites.items() if s.product == product and s.kind in SUPPLIERS
        ]
        hint = nearest(supplier, makers) or nearest(supplier, network.sites)
        yield say(at, None, f"no such site{hint}")
    elif site.kind not in SUPPLIERS:
        yield say(
            at,
            None,
            f"is a site of kind {site.kind}; only mines and refiners supply"
            + (" (a reserve names whom it serves)" if site.kind == "reserve" else ""),
        )
    elif site.product != product:
        yield say(at, None, f"makes {site.product}, but the feed needs {product}")


def _check_reserves(network: Network, say: Say) -> Iterator[Fault]:
    for name, site in network.sites.items():
        if site.kind != "reserve":
            continue
        at = ("sites", name)
        if (site.stock is None) == (site.stock_days is None):
            yield say(
                (*at, "stock"), None, "a reserve needs stock (t) or stock_days (days), and not both"
            )
        if set(site.feeds) - {site.product}:
            yield say(
                (*at, "feeds"),
                ", ".join(site.feeds),
                f"a reserve has one feed, its product {site.product}",
            )
        if not site.serves:
            yield say((*at, "serves"), None, "a reserve must serve at least one site")
        for buyer in site.serves:
            yield from _check_served(network, site, buyer, (*at, "serves", buyer), say)
        yield from _check_fixed_shares(site, (*at, "serves"), say)


def _check_served(
    network: Network, reserve: Site, buyer: str, at: Keys, say: Say
) -> Iterator[Fault]:
    site = network.sites.get(buyer)
    if site is None:
        users = [n for n, s in network.sites.items() if reserve.product in s.feeds]
        yield say(at, None, f"no such site{nearest(buyer, users) or nearest(buyer, network.sites)}")
    elif site.kind not in ("refiner", "end_user"):
        yield say(
            at, None, f"is a site of kind {site.kind}; only refiners and end users are served"
        )
    elif reserve.product not in site.feeds:
        yield say(at, None, f"has no feed of {reserve.product}; its feeds: {', '.join(site.feeds)}")


def _check_fixed_shares(reserve: Site, at: Keys, say: Say) -> Iterator[Fault]:
    fixed = [w for w in reserve.serves.values() if w is not None]
    if fixed and len(fixed) < len(reserve.serves):
        yield say(at, None, "must be all fixed shares or all null (split by lack)")
    if any(w < 0 for w in fixed) or sum(fixed) > 1 + TOLERANCE:
        yield say(at, f"{sum(fixed):g}", "fixed shares must be 0 or more and sum to at most 1")


def _check_projects(network: Network, say: Say) -> Iterator[Fault]:
    total: dict[tuple[str, str], float] = {}
    for name, project in network.projects.items():
        at = ("projects", name)
        site = network.sites.get(project.site)
        if site is None:
            yield say(
                (*at, "site"), project.site, f"no such site{nearest(project.site, network.sites)}"
            )
            continue
        if site.kind not in SUPPLIERS:
            yield say(
                (*at, "site"),
                project.site,
                f"is a site of kind {site.kind}; only mines and refiners gain capacity",
            )
            continue
        for buyer, offtake in project.offtake.items():
            yield from _check_offtake(network, project, site, buyer, (*at, "offtake", buyer), say)
            key = (buyer, site.product)
            total[key] = total.get(key, 0.0) + offtake.share
    for (buyer, product), share in total.items():
        if share > 1 + TOLERANCE:
            yield say(
                ("projects",),
                f"{share:g}",
                f"the offtake shares of {buyer}'s feed {product} must sum to at most 1",
            )


def _check_offtake(
    network: Network, project: Project, site: Site, buyer: str, at: Keys, say: Say
) -> Iterator[Fault]:
    user = network.sites.get(buyer)
    if user is None:
        yield say(at, None, f"no such site{nearest(buyer, network.sites)}")
    elif site.product not in user.feeds:
        yield say(at, None, f"{buyer} has no feed of {site.product}")
    elif project.site not in user.feeds[site.product].lanes:
        yield say(
            at,
            None,
            f"needs a lane: add sites.{buyer}.feeds.{site.product}.lanes."
            f"{project.site} (its share may be 0)",
        )


def _check_sources(network: Network, say: Say) -> Iterator[Fault]:
    for path, part in _sourced(network):
        for key, name in part.sources.items():  # type: ignore[attr-defined]
            if name not in network.sources:
                yield say(
                    (*path, "sources", key), name, f"no such source{nearest(name, network.sources)}"
                )


def _sourced(network: Network) -> Iterator[tuple[Keys, BaseModel]]:
    """Every part that names sources, with its path."""
    for group in ("products", "sites", "projects"):
        for name, part in getattr(network, group).items():
            yield (group, name), part
    for name, site in network.sites.items():
        for product, feed in site.feeds.items():
            at = ("sites", name, "feeds", product)
            yield at, feed
            for supplier, lane in feed.lanes.items():
                yield (*at, "lanes", supplier), lane


def edges(network: Network) -> dict[str, list[str]]:
    """Return, for each site, the known sites it depends on: suppliers and reserves."""
    before: dict[str, list[str]] = {name: [] for name in network.sites}
    for name, site in network.sites.items():
        for feed in site.feeds.values():
            before[name] += [s for s in feed.lanes if s in network.sites]
        for buyer in site.serves:
            if buyer in before:
                before[buyer].append(name)
    return before


def _check_ring(network: Network, say: Say) -> Iterator[Fault]:
    before = edges(network)
    left = _undone(before)
    while left:
        ring = _ring(before, left)
        first = ring.index(min(ring))
        shown_ring = [*ring[first:], *ring[: first + 1]]
        yield say(
            ("sites", min(ring)),
            " -> ".join(shown_ring),
            "a site must not depend on itself through its suppliers: break the ring",
        )
        before = {n: [s for s in b if s not in ring] for n, b in before.items() if n not in ring}
        left = _undone(before)


def _undone(before: dict[str, list[str]]) -> set[str]:
    """Return the sites that stand on a ring or behind one."""
    left = {n: set(b) for n, b in before.items()}
    while ready := [n for n, b in left.items() if not b & left.keys()]:
        for n in ready:
            del left[n]
    return set(left)


def _ring(before: dict[str, list[str]], left: Iterable[str]) -> list[str]:
    """Return one ring, suppliers first: walk upstream until a site comes again."""
    left = set(left)
    walk = [min(left)]
    while True:
        above = min(s for s in before[walk[-1]] if s in left)
        if above in walk:
            return walk[walk.index(above) :][::-1]
        walk.append(above)
