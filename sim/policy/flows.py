"""Reference flows of a network by name: what each site makes and each feed uses before growth.

The same quantities as ``sim.network.references`` gives in period 0 without projects and paths;
by name, because rules are worked out before a network is compiled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sim.network.dictionary import Network


class Flows(NamedTuple):
    """Quantities in the network's own rate unit (t/year, or t/day)."""

    out: dict[str, float]  # site -> what it makes (an end user: what it wants)
    use: dict[tuple[str, str], float]  # (site, product) -> use of that feed


def flows_of(
    network: Network, demand: Mapping[str, float] | None = None, *, full: bool = False
) -> Flows:
    """Return reference flows of a network without rings.

    Parameters
    ----------
    network : Network
        Checked, so that it has no ring.
    demand : mapping of str to float, optional
        End user -> what it wants; those that are missing want nothing. Default: their demand.
    full : bool
        With every project at full ramp: offtakes take their part of a feed first and its other
        shares shrink in proportion (docs/model.md, section 1b).

    Returns
    -------
    Flows
        Of every site and feed; reserves use nothing.
    """
    buyers = _buyers(network, _taken(network) if full else {})
    out: dict[str, float] = {}

    def made(name: str) -> float:
        if name not in out:
            site = network.sites[name]
            if site.kind == "end_user":
                out[name] = (site.demand or 0.0) if demand is None else demand.get(name, 0.0)
            else:
                out[name] = sum(made(buyer) * part for buyer, part in buyers.get(name, ()))
        return out[name]

    for name in network.sites:
        made(name)
    use = {
        (name, product): 0.0 if site.kind == "reserve" else out[name] * feed.coefficient
        for name, site in network.sites.items()
        for product, feed in site.feeds.items()
    }
    return Flows(out, use)


def _taken(network: Network) -> dict[tuple[str, str], dict[str, float]]:
    """Return (buyer, product) -> supplier -> share of the feed that its projects' offtakes take."""
    taken: dict[tuple[str, str], dict[str, float]] = {}
    for project in network.projects.values():
        product = network.sites[project.site].product
        for buyer, offtake in project.offtake.items():
            own = taken.setdefault((buyer, product), {})
            own[project.site] = own.get(project.site, 0.0) + offtake.share
    return taken


def _buyers(
    network: Network, taken: Mapping[tuple[str, str], Mapping[str, float]]
) -> dict[str, list[tuple[str, float]]]:
    """Return supplier -> (buyer, tonnes it sends per unit that the buyer makes)."""
    found: dict[str, list[tuple[str, float]]] = {}
    for name, site in network.sites.items():
        if site.kind == "reserve":
            continue
        for product, feed in site.feeds.items():
            own = taken.get((name, product), {})
            left = 1 - sum(own.values())
            for supplier, lane in feed.lanes.items():
                share = lane.share * left + own.get(supplier, 0.0) if own else lane.share
                if share > 0:
                    found.setdefault(supplier, []).append((name, share * feed.coefficient))
    return found


def embodied(network: Network, users: Mapping[str, float]) -> dict[str, float]:
    """Return product -> what must be made of it for some end users, through the whole chain.

    Parameters
    ----------
    network : Network
        Without rings.
    users : mapping of str to float
        End user -> what it wants.
    """
    out = flows_of(network, users).out
    total: dict[str, float] = {}
    for name, site in network.sites.items():
        if site.kind in ("mine", "refiner"):
            total[site.product] = total.get(site.product, 0.0) + out[name]
    return total
