"""Checks of what joins sites: feeds, lanes, reserves, projects, sources."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from sim.base.errors import Fault, nearest
from sim.network.dictionary import SUM_TOLERANCE, Feed, Network, Project, Site
from sim.network.distribution import Distribution
from sim.network.validate import Path as Keys
from sim.network.validate import Say

SUPPLIERS = ("mine", "refiner")


def check_feeds(network: Network, say: Say) -> Iterator[Fault]:
    """Yield faults of feeds and lanes: products, covers, shares, suppliers."""
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
    random = isinstance(feed.cover_days, Distribution)
    if site.kind == "reserve" and random:
        yield say((*at, "cover_days"), None, "a reserve's target is its stock; it has no cover")
        return
    lowest = _lowest(site, feed)
    if lowest < 0:
        whose = "the cover of the first cohort must be" if random else "must be"
        yield say((*at, "cover_days"), lowest, f"{whose} 0 or more (days of normal use)")


def lowest_cover(site: Site, product: str) -> float:
    """Return the least cover of a feed over its site's cohorts, days of normal use."""
    return _lowest(site, site.feeds[product])


def _lowest(site: Site, feed: Feed) -> float:
    if not isinstance(feed.cover_days, Distribution):
        return feed.cover_days
    from sim.network.cohorts import mid_quantiles  # brings scipy, which other networks spare

    return mid_quantiles(feed.cover_days, site.cohorts)[0]


def _check_shares(site: Site, feed: Feed, at: Keys, say: Say) -> Iterator[Fault]:
    if not feed.lanes:
        if site.kind != "reserve":
            yield say((*at, "lanes"), None, "must hold at least one lane")
        return
    total = sum(lane.share for lane in feed.lanes.values())
    if abs(total - 1) > SUM_TOLERANCE:
        yield say(
            (*at, "lanes"),
            f"{total:.12g}",
            "the shares of a feed must sum to 1; if they are rounded, "
            "write shares: scale beside lanes",
        )


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
    elif site.product != product and {site.product, product} <= set(network.products):
        yield say(at, None, f"makes {site.product}, but the feed needs {product}")


def check_reserves(network: Network, say: Say) -> Iterator[Fault]:
    """Yield faults of reserves: stock, feed, whom they serve."""
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
    if any(w < 0 for w in fixed) or sum(fixed) > 1 + SUM_TOLERANCE:
        yield say(at, f"{sum(fixed):g}", "fixed shares must be 0 or more and sum to at most 1")


def check_projects(network: Network, say: Say) -> Iterator[Fault]:
    """Yield faults of projects: site, offtakes and their sum."""
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
        if share > 1 + SUM_TOLERANCE:
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


def check_sources(network: Network, say: Say) -> Iterator[Fault]:
    """Yield faults of sources that are named and not listed."""
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
            if getattr(part, "dependence", None) is not None:
                yield (group, name, "dependence"), part.dependence
    for name, site in network.sites.items():
        for product, feed in site.feeds.items():
            at = ("sites", name, "feeds", product)
            yield at, feed
            for supplier, lane in feed.lanes.items():
                yield (*at, "lanes", supplier), lane
