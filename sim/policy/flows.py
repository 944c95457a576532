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


def flows_of(network: Network, demand: Mapping[str, float] | None = None) -> Flows:
    """Return reference flows of a network without rings.

    Parameters
    ----------
    network : Network
        Checked, so that it has no ring.
    demand : mapping of str to float, optional
        End user -> what it wants; those that are missing want nothing. Default: their demand.

    Returns
    -------
    Flows
        Of every site and feed; reserves use nothing.
    """
    buyers = _buyers(network)
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


def _buyers(network: Network) -> dict[str, list[tuple[str, float]]]:
    """Return supplier -> (buyer, tonnes it sends per unit that the buyer makes)."""
    found: dict[str, list[tuple[str, float]]] = {}
    for name, site in network.sites.items():
        if site.kind == "reserve":
            continue
        for feed in site.feeds.values():
            for supplier, lane in feed.lanes.items():
                found.setdefault(supplier, []).append((name, lane.share * feed.coefficient))
    return found


def at_full_ramp(network: Network) -> Network:
    """Return the network with every project built: offtakes in the shares, none left over.

    Offtakes take their part of a feed first and its other shares shrink in proportion, as the
    model has it (docs/model.md, section 1b).
    """
    taken: dict[tuple[str, str], dict[str, float]] = {}
    for project in network.projects.values():
        product = network.sites[project.site].product
        for buyer, offtake in project.offtake.items():
            own = taken.setdefault((buyer, product), {})
            own[project.site] = own.get(project.site, 0.0) + offtake.share
    sites = dict(network.sites)
    for (buyer, product), own in taken.items():
        feed = sites[buyer].feeds[product]
        left = 1 - sum(own.values())
        lanes = {
            name: lane.model_copy(update={"share": lane.share * left + own.get(name, 0.0)})
            for name, lane in feed.lanes.items()
        }
        feeds = sites[buyer].feeds | {product: feed.model_copy(update={"lanes": lanes})}
        sites[buyer] = sites[buyer].model_copy(update={"feeds": feeds})
    return network.model_copy(update={"sites": sites})


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
