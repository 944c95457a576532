"""What can be removed from a network, one thing at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from sim.network.arrays import I4, MINE, REFINER, CompiledNetwork
from sim.network.dictionary import Network

KINDS = ("site", "host", "country", "lane", "exports", "trade", "route")
"""In the order in which they are listed.

======= ==========================================================================
site    a mine or refiner, its cohorts together
host    the sites of one operation (tag ``host:NAME``), such as a mine and its by-products
country all sites of a country that make a product, or that belong to a stage
lane    supplier to buyer
exports all lanes of a product from a country to other countries
trade   all lanes of a product from a country to a region
route   all lanes that use a strait, canal or corridor
======= ==========================================================================
"""


@dataclass(frozen=True)
class Removal:
    """Something that stops: sites that make nothing, lanes on which nothing is shipped.

    Parameters
    ----------
    kind : str
        One of ``KINDS``.
    name : str
        Unique within its kind.
    product : str
        What no longer comes; several joined by "+".
    sites : ndarray of int32
        Sites that stop, ascending.
    lanes : ndarray of int32
        Lanes that stop, ascending.
    """

    kind: str
    name: str
    product: str
    sites: I4
    lanes: I4

    def footprint(self, compiled: CompiledNetwork) -> frozenset[int]:
        """Return the lanes that carry nothing while it lasts."""
        chain = compiled.chain
        own = np.isin(chain.supplier, self.sites)
        return frozenset(np.flatnonzero(own).tolist()) | frozenset(self.lanes.tolist())


def removals(network: Network, compiled: CompiledNetwork) -> list[Removal]:
    """Return everything that can be removed and carries something in the reference flow.

    A set that holds one site or lane only is listed as that site or lane and not again; so is one
    that another kind has listed already.

    Parameters
    ----------
    network : Network
        Its products tell the stages.
    compiled : CompiledNetwork
        The same network.

    Returns
    -------
    list of Removal
        By kind, then name.
    """
    found: list[Removal] = []
    seen: set[tuple[bytes, bytes]] = set()
    for removal in [*_site_sets(network, compiled), *_lane_sets(compiled)]:
        key = (removal.sites.tobytes(), removal.lanes.tobytes())
        if key not in seen:
            seen.add(key)
            found.append(removal)
    return found


def _site_sets(network: Network, compiled: CompiledNetwork) -> Iterator[Removal]:
    labels, chain = compiled.labels, compiled.chain
    active = [
        i
        for i in range(chain.kind.size)
        if chain.kind[i] in (MINE, REFINER) and compiled.reference_out[i] > 0
    ]
    words: dict[str, list[list[str]]] = {
        "site": [[labels.site_parent[i]] for i in active],
        "host": [[t[5:] for t in labels.site_tags[i] if t.startswith("host:")] for i in active],
        "product": [[f"{labels.site_country[i]} {labels.site_product[i]}"] for i in active],
        "stage": [
            [f"{labels.site_country[i]} {stage}"]
            if (stage := network.products[labels.site_product[i]].stage)
            else []
            for i in active
        ],
    }
    for key, lists in words.items():
        kind = "country" if key in ("product", "stage") else key
        pairs = [(name, i) for names, i in zip(lists, active, strict=True) for name in names]
        for name, sites in _grouped(pairs):
            products = sorted({labels.site_product[i] for i in sites})
            yield Removal(kind, name, "+".join(products), _i4(sites), _i4([]))


def _lane_sets(compiled: CompiledNetwork) -> Iterator[Removal]:
    labels, chain = compiled.labels, compiled.chain
    names: dict[str, list[tuple[str, int]]] = {"lane": [], "exports": [], "trade": [], "route": []}
    for l in np.flatnonzero(compiled.reference_lane > 0).tolist():
        seller, buyer = chain.supplier[l], chain.feed_site[chain.lane_feed[l]]
        product, origin = labels.site_product[seller], labels.site_country[seller]
        names["lane"].append((f"{labels.site_parent[seller]} -> {labels.site_parent[buyer]}", l))
        if labels.site_country[buyer] != origin:
            names["exports"].append((f"{origin} {product}", l))
            names["trade"].append((f"{origin} -> {labels.site_region[buyer]} {product}", l))
        names["route"] += [(route, l) for route in dict.fromkeys(labels.lane_routes[l])]
    for kind, pairs in names.items():
        for name, lanes in _grouped(pairs):
            products = sorted({labels.site_product[chain.supplier[l]] for l in lanes})
            yield Removal(kind, name, "+".join(products), _i4([]), _i4(lanes))


def _grouped(pairs: Iterable[tuple[str, int]]) -> list[tuple[str, list[int]]]:
    """Return name -> members, names and members ascending."""
    groups: dict[str, list[int]] = {}
    for name, member in pairs:
        groups.setdefault(name, []).append(member)
    return [(name, sorted(set(groups[name]))) for name in sorted(groups)]


def _i4(values: list[int]) -> I4:
    return np.array(values, np.int32)
