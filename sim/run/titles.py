"""Names for people of what results are summed over: those that the network's data has."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from sim.network.countries import region_of
from sim.network.dictionary import Network
from sim.plots.words import pretty, region_name, the
from sim.policy.minerals import minerals_of
from sim.results.data import View


def titled(views: Sequence[View], network: Network) -> tuple[View, ...]:
    """Return views with the titles of the network's goods, of several minerals with the mineral.

    Parameters
    ----------
    views : sequence of View
        Of a run.
    network : Network
        Whose end users they hold.
    """
    of_user = _minerals(network)
    several = len(set(of_user.values())) > 1
    of_product = {site.product: of_user[u] for u, site in network.sites.items() if u in of_user}

    def title(view: View) -> str:
        product = network.products.get(view.name)
        if view.kind == "region":
            return region_name(view.name)
        if view.kind == "user":
            region, comma, rest = view.title.partition(", ")
            place = region_name(region_of(network.sites[view.name])) if comma else ""
            known = place.endswith(region)  # "Korea" beside "North Korea" needs its "South"
            own = f"{place}, {rest}" if known and comma else view.title
            return _with(own, of_user.get(view.name, "") if several else "")
        if view.kind in ("product", "sector"):
            own = pretty(view.name) if product is None else product.title
            return _with(own, of_product.get(view.name, "") if several else "")
        return view.title

    return tuple(dataclasses.replace(view, title=title(view)) for view in views)


def titled_goods(
    views: Sequence[View], network: Network, home: Mapping[str, str]
) -> tuple[View, ...]:
    """Return goods and places (PRODUCT/REGION, PRODUCT/inside, PRODUCT/outside) with titles.

    Parameters
    ----------
    views : sequence of View
        Of a run.
    network : Network
        For the titles of products.
    home : mapping of str to str
        Product -> the region that makes most of it.
    """

    def title(view: View) -> str:
        product, _, place = view.name.partition("/")
        at_home = region_name(home.get(product, ""))
        where = {"inside": f"in {the(at_home)}", "outside": f"outside {the(at_home)}"}
        return (
            f"{network.products[product].title} {where.get(place, f'in {the(region_name(place))}')}"
        )

    return tuple(dataclasses.replace(view, title=title(view)) for view in views)


def _minerals(network: Network) -> dict[str, str]:
    """Return what each end user is a user of."""
    return {
        name: " and ".join(sorted(minerals_of(site))).replace("_", " ")
        for name, site in network.sites.items()
        if site.kind == "end_user"
    }


def _with(title: str, mineral: str) -> str:
    said = mineral == "" or any(word.rstrip("s") in title.lower() for word in mineral.split())
    return title if said else f"{title} ({mineral})"
