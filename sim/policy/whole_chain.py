"""Whole-chain check: output that projects add and that no next stage outside China can take.

A mine whose product only China can process moves the dependence on by one stage. Counted at full
ramp of every project of the network, whatever its odds.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.base.plain_text import in_digits
from sim.network.dictionary import Network
from sim.policy.flows import flows_of


class Unusable(NamedTuple):
    """A product whose added output finds too little of the next stage, t in the rate unit."""

    product: str
    added: float  # capacity that projects add outside `home`
    spare: float  # what the next stage outside `home` could take beyond what it takes now
    projects: tuple[str, ...]


def unusable(network: Network, home: str = "CHN") -> list[Unusable]:
    """Return products of which projects add more outside a country than plants there can use.

    The next stage is every refiner and end user outside `home` with a feed of the product: a
    refiner can take its capacity, projects in, times the coefficient; an end user its use. What
    it takes now from suppliers outside `home` is not to be had twice; what it takes from `home`
    may be displaced.

    Parameters
    ----------
    network : Network
        Checked; a policy's projects in it.
    home : str
        Country that does not count.
    """
    added: dict[str, float] = {}
    names: dict[str, list[str]] = {}
    for name, project in network.projects.items():
        site = network.sites[project.site]
        if site.country != home and project.capacity > 0:
            added[site.product] = added.get(site.product, 0.0) + project.capacity
            names.setdefault(site.product, []).append(name)
    return [
        Unusable(product, t, spare, tuple(names[product]))
        for product, t in sorted(added.items())
        if _feeds_a_stage(network, product) and t > (spare := spare_of(network, product, home))
    ]


def _feeds_a_stage(network: Network, product: str) -> bool:
    return any(s.kind == "refiner" and product in s.feeds for s in network.sites.values())


def spare_of(network: Network, product: str, home: str = "CHN") -> float:
    """Return what buyers outside a country could take of a product beyond what reaches them now."""
    out = flows_of(network).out
    gained: dict[str, float] = {}
    for project in network.projects.values():
        gained[project.site] = gained.get(project.site, 0.0) + project.capacity
    spare = 0.0
    for name, site in network.sites.items():
        feed = site.feeds.get(product)
        if feed is None or site.country == home or site.kind == "reserve":
            continue
        most = (
            out[name] if site.kind == "end_user" else (site.capacity or 0.0) + gained.get(name, 0.0)
        )
        abroad = sum(
            lane.share for supplier, lane in feed.lanes.items()
            if network.sites[supplier].country != home
        )  # fmt: skip
        spare += feed.coefficient * (most - out[name] * abroad)
    return max(0.0, spare)


def chain_warnings(network: Network, home: str = "CHN") -> list[str]:
    """Return one sentence a product whose added output cannot all be used outside a country."""
    per = network.rates_per
    return [
        f"{product}: projects add {in_digits(added)} t/{per} outside {home}, and the next stage "
        f"there could take {in_digits(spare)} more "
        f"({', '.join(names[:4])}{', ...' if len(names) > 4 else ''})"
        for product, added, spare, names in unusable(network, home)
    ]
