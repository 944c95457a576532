"""Canonical order of sites, feeds, lanes and projects: names and order in a file do not matter.

Sites by depth (longest way from the mines, over suppliers and reserves), then name, cohorts by
number; feeds by (site, product); lanes by (supplier, feed).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.network.cohorts import Split
from sim.network.dictionary import Feed, Lane, Network, Site
from sim.network.ring import edges


@dataclass(frozen=True)
class Frame:
    """A split network in canonical order, and where each part stands."""

    network: Network  # cohorts split
    parent: dict[str, str]
    project_parent: dict[str, str]
    site: list[str]  # (S,)
    feed: list[tuple[int, str]]  # (F,) site, product
    lane: list[tuple[int, int]]  # (L,) supplier, feed
    project: list[str]  # (P,)
    site_at: dict[str, int]
    feed_at: dict[tuple[int, str], int]
    lane_at: dict[tuple[int, int], int]

    def sites(self) -> list[Site]:
        """Return the sites in order."""
        return [self.network.sites[name] for name in self.site]

    def reserves(self) -> list[int]:
        """Return the numbers of the sites that are reserves."""
        return [i for i, site in enumerate(self.sites()) if site.kind == "reserve"]

    def feed_of(self, f: int) -> Feed:
        """Return feed `f`; a reserve's is made up where it has none."""
        i, product = self.feed[f]
        return self.network.sites[self.site[i]].feeds.get(product) or Feed(lanes={})

    def lane_of(self, lane: int) -> Lane:
        """Return lane number `lane`."""
        supplier, f = self.lane[lane]
        return self.feed_of(f).lanes[self.site[supplier]]


def frame_of(split: Split) -> Frame:
    """Return a checked, split network in canonical order."""
    network = split.network
    depth = _depths(network)
    site = sorted(network.sites, key=lambda n: (depth[n], *name_key(n)))
    site_at = {name: i for i, name in enumerate(site)}
    feed = [
        (i, product)
        for i, name in enumerate(site)
        for product in sorted(_products(network.sites[name]))
    ]
    feed_at = {key: f for f, key in enumerate(feed)}
    lane = sorted(
        (site_at[supplier], f)
        for f, (i, product) in enumerate(feed)
        if product in network.sites[site[i]].feeds
        for supplier in network.sites[site[i]].feeds[product].lanes
    )
    return Frame(
        network,
        split.parent,
        split.project_parent,
        site,
        feed,
        lane,
        sorted(network.projects, key=name_key),
        site_at,
        feed_at,
        {key: n for n, key in enumerate(lane)},
    )


def name_key(name: str) -> tuple[str, int]:
    """Return what a name sorts by: cohorts by number, so that #10 follows #9."""
    base, _, cohort = name.partition("#")
    return base, int(cohort or 0)


def offsets(counts: Iterable[int]) -> list[int]:
    """Return CSR offsets for groups of these sizes."""
    total, out = 0, [0]
    for n in counts:
        total += n
        out.append(total)
    return out


def _products(site: Site) -> list[str]:
    return [site.product] if site.kind == "reserve" else list(site.feeds)


def _depths(network: Network) -> dict[str, int]:
    """Return the longest way from the mines to each site, in lanes (no ring: checked before)."""
    before = edges(network)
    depth: dict[str, int] = {}
    left = dict(before)
    while left:
        for name in [n for n, b in left.items() if all(s in depth for s in b)]:
            depth[name] = 1 + max((depth[s] for s in before[name]), default=-1)
            del left[name]
    return depth
