"""Prospects: capacity that nobody builds at normal prices, and prices bring (model.md, 7c)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from sim.network.dictionary import Date, setting
from sim.network.distribution import Distribution
from sim.policy.ground import Ground, RuleBase, citation
from sim.policy.pick import Pick, picked

BY_PRODUCT = "byproduct"
EVERY_YEARS = 2
"""A site gets a prospect every so many years: fewer to draw than one a year, and as much."""


class ProspectPath(RuleBase):
    """What could be added to some mines and refiners, if prices paid for it."""

    pick: Pick = setting(help="mines and refiners; the first that picks one counts")
    share_per_year: float = setting(
        unit="1/year", help="of that on day 0 could be added each year", gt=0, le=2
    )
    of: Literal["capacity", "use"] = setting(
        "capacity",
        help="capacity: of the site, as geology has it; use: of its product in its region, shared "
        "by capacity among the sites there: plants are built where their buyers are",
    )
    until: Date = setting(help="the last prospects are planned by then")
    lead_days: float | Distribution = setting(
        unit="days", help="from the decision to the start; each prospect draws its own"
    )
    ramp_days: float = setting(0.0, "days", "linear rise from nothing to capacity", ge=0)


def prospect_changes(
    supply: str, paths: dict[str, ProspectPath], ground: Ground
) -> tuple[dict[str, Any], list[str]]:
    """Return prospects as projects of a network that are never built at normal prices.

    Sites tagged byproduct have none: they follow their hosts. Nor has a site without capacity.

    Parameters
    ----------
    supply : str
        Name of the outlook.
    paths : dict of str to ProspectPath
        By name.
    ground : Ground
        The network, and the scenario's start.
    """
    projects: dict[str, Any] = {}
    sources: dict[str, Any] = {}
    idle, done = [], set[str]()
    for name, path in paths.items():
        makers = [n for n in picked(path.pick, ground.network) if _can_grow(n, ground)]
        own = [n for n in makers if n not in done]
        done |= set(own)
        tag = f"{supply}-{name}"
        for site, base in _bases(own, path, ground).items():
            projects |= _prospects_of(site, base, path, tag, ground)
        sources |= citation(path, tag)["sources"] if own else {}
        if not own:
            idle.append(name)
    notes = [f"supply.prospects: {', '.join(idle)}: no mine or refiner here"] if idle else []
    return ({"projects": projects, "sources": sources} if projects else {}), notes


def _can_grow(name: str, ground: Ground) -> bool:
    site = ground.network.sites[name]
    return site.kind in ("mine", "refiner") and bool(site.capacity) and BY_PRODUCT not in site.tags


def _bases(sites: list[str], path: ProspectPath, ground: Ground) -> dict[str, float]:
    """Return what each site's prospects are a share of."""
    capacity = {name: ground.network.sites[name].capacity or 0.0 for name in sites}
    if path.of == "capacity":
        return capacity
    used, made = dict[tuple[str, str], float](), dict[tuple[str, str], float]()
    for (buyer, product), use in ground.flows.use.items():
        place = product, ground.region(buyer)
        used[place] = used.get(place, 0.0) + use
    places = {name: (ground.network.sites[name].product, ground.region(name)) for name in sites}
    for name, place in places.items():
        made[place] = made.get(place, 0.0) + capacity[name]
    return {
        name: used[place] * (capacity[name] / made[place])
        for name, place in places.items()
        if used.get(place, 0.0) > 0.0
    }


def _prospects_of(
    site: str, base: float, path: ProspectPath, tag: str, ground: Ground
) -> dict[str, Any]:
    capacity = base * path.share_per_year * EVERY_YEARS
    lead = path.lead_days
    return {
        f"{site}_prospect_{year}": {
            "title": f"Prospect of {year}",
            "site": site,
            "capacity": capacity,
            "start": max(dt.date(year, 1, 1), ground.first).isoformat(),
            "probability": 0.0,
            "lead_days": lead.model_dump(exclude_none=True)
            if isinstance(lead, Distribution)
            else lead,
            "ramp_days": path.ramp_days,
            "sources": dict.fromkeys(("capacity", "start", "lead_days"), tag),
        }
        for year in range(ground.start.year, path.until.year + 1, EVERY_YEARS)
    }
