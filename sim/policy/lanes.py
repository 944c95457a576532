"""New lanes: how long one takes, told by the network's own lanes between the same places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sim.network.countries import region_of
from sim.network.dictionary import Lane
from sim.policy.ground import Ground

UNKNOWN_DAYS = 30.0
"""Transit where the network has no lane at all to learn from; an assumption."""


class Place(NamedTuple):
    """Where a site stands."""

    country: str
    region: str


def place_of(ground: Ground, name: str) -> Place:
    """Return where a site of the network stands."""
    site = ground.network.sites[name]
    return Place(site.country, region_of(site))


def new_lane(ground: Ground, origin: Place, to: Place) -> dict[str, Any]:
    """Return a lane without a share: transit and routes of the median lane between the places.

    Looked for between the same countries, then from the country to the region, then between the
    regions, then anywhere to the region.
    """
    tries: tuple[Callable[[Place, Place], bool], ...] = (
        lambda a, b: a.country == origin.country and b.country == to.country,
        lambda a, b: a.country == origin.country and b.region == to.region,
        lambda a, b: a.region == origin.region and b.region == to.region,
        lambda a, b: b.region == to.region,
    )
    known = _known(ground)
    for fits in tries:
        found = sorted(
            ((lane.transit_days, lane.routes) for a, b, lane in known if fits(a, b)),
            key=lambda pair: (pair[0], pair[1]),
        )
        if found:
            days, routes = found[len(found) // 2]
            return {"share": 0.0, "transit_days": days, "routes": list(routes)}
    return {"share": 0.0, "transit_days": UNKNOWN_DAYS}


def _known(ground: Ground) -> list[tuple[Place, Place, Lane]]:
    sites = ground.network.sites
    place = {name: Place(site.country, region_of(site)) for name, site in sites.items()}
    return [
        (place[supplier], place[name], lane)
        for name, site in sites.items()
        for feed in site.feeds.values()
        for supplier, lane in feed.lanes.items()
    ]
