"""Capacity over decades: at a steady rate, or following demand as late as it is to build."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import model_validator

from sim.base.units import DAYS_PER_YEAR, date_of
from sim.network.dictionary import Date, Network, Strict, setting
from sim.network.dictionary import Path as Growth
from sim.network.layers import merge
from sim.policy.flows import flows_of
from sim.policy.ground import Ground, RuleBase, citation
from sim.policy.outlook_curve import Points, as_path, compound, value_at
from sim.policy.outlook_prospects import ProspectPath, prospect_changes
from sim.policy.pick import Pick, picked

LAST_YEAR = 2061
"""Demand is followed up to here; after it capacity is held."""


class SupplyPath(RuleBase):
    """One path and the mines and refiners that follow it."""

    pick: Pick = setting(help="mines and refiners; the first path that picks one counts")
    rate_per_year: float | None = setting(
        None, "1/year", "capacity grows at this compound rate from the start", gt=-1, le=10
    )
    until: Date | None = setting(None, help="of the rate: capacity is held from then on")
    lead_days: float | None = setting(
        None, "days", "capacity follows what demand asks of the site, so much later", ge=0
    )

    @model_validator(mode="after")
    def _one_form(self) -> SupplyPath:
        if (self.rate_per_year is None) == (self.lead_days is None):
            raise ValueError("needs rate_per_year or lead_days, and not both")
        if self.until is not None and self.rate_per_year is None:
            raise ValueError("until goes with rate_per_year")
        return self


class Supply(Strict):
    """A named outlook of capacity."""

    name: str = setting("", help="filled in: the file's name")
    title: str = setting(help="one line")
    description: str = setting("", help="a paragraph: what is assumed")
    capacity: dict[str, SupplyPath] = setting(
        {}, help="by name; without any, capacity is what stands and the listed projects"
    )
    prospects: dict[str, ProspectPath] = setting(
        {}, help="by name: what prices would bring, where projects answer to them"
    )
    note: str = setting("", help="what to know")


def supply_changes(supply: Supply, ground: Ground) -> tuple[dict[str, Any], list[str]]:
    """Return the capacity paths and prospects of a network's mines and refiners; what found none.

    Parameters
    ----------
    supply : Supply
        The outlook.
    ground : Ground
        The network with its demand paths laid on, and the scenario's start.
    """
    grown, notes = _grown(supply, ground)
    more, told = prospect_changes(supply.name, supply.prospects, ground)
    return merge(grown, more), notes + told


def _grown(supply: Supply, ground: Ground) -> tuple[dict[str, Any], list[str]]:
    sites: dict[str, Any] = {}
    sources: dict[str, Any] = {}
    idle: list[str] = []
    asked: dict[str, Points] | None = None
    for name, path in supply.capacity.items():
        makers = [
            n
            for n in picked(path.pick, ground.network)
            if ground.network.sites[n].kind in ("mine", "refiner") and n not in sites
        ]
        if path.lead_days is not None and asked is None and makers:
            asked = asked_of(ground.network, ground.start)
        tag = f"{supply.name}-{name}"
        for site in makers:
            told = _path(path, (asked or {}).get(site), ground.start)
            if told is not None:
                sites[site] = {"capacity_path": told, "sources": {"capacity_path": tag}}
        sources |= citation(path, tag)["sources"] if makers else {}
        if not makers:
            idle.append(name)
    notes = [f"supply.capacity: {', '.join(idle)}: no mine or refiner here"] if idle else []
    return ({"sites": sites, "sources": sources} if sites else {}), notes


def _path(path: SupplyPath, asked: Points | None, start: dt.date) -> dict[str, Any] | None:
    if path.rate_per_year is not None and path.until is None:
        return {"rate_per_year": path.rate_per_year}
    if path.rate_per_year is not None and path.until is not None:
        return as_path(_until(path.rate_per_year, start, path.until))
    return None if asked is None else as_path(late(asked, path.lead_days or 0.0, start))


def _until(rate: float, start: dt.date, end: dt.date) -> Points:
    """Return growth at a rate from the start to a day; none where that day is past."""
    if end <= start:
        return [(start, 1.0)]
    return compound((1 + rate) ** ((end - start).days / DAYS_PER_YEAR), start, end)


def late(asked: Points, lead_days: float, start: dt.date) -> Points:
    """Return what was asked so many days before, never less than 1: capacity is not torn down."""
    moved = [(date_of(round(lead_days), day), m) for day, m in asked]
    points = [(start, 1.0)] + [(d, m) for d, m in moved if d > start]
    top = 1.0
    grown: Points = []
    for day, m in points:
        top = max(top, m)
        grown.append((day, top))
    return grown


def asked_of(network: Network, start: dt.date) -> dict[str, Points]:
    """Return site -> output that demand asks of it, relative to the start, yearly.

    Shares are those of the network, so every supplier of a buyer is asked to grow alike. Sites
    that nothing is asked of are left out.

    Parameters
    ----------
    network : Network
        With demand paths.
    start : datetime.date
        Day on which the multipliers are 1.
    """
    days = [start] + [dt.date(year, 1, 1) for year in range(start.year + 1, LAST_YEAR)]
    users = {n: s for n, s in network.sites.items() if s.kind == "end_user"}
    outs = [
        flows_of(network, {n: (s.demand or 0.0) * _at(s.demand_path, start, day)
                           for n, s in users.items()}).out
        for day in days
    ]  # fmt: skip
    return {
        name: [(day, out[name] / outs[0][name]) for day, out in zip(days, outs, strict=True)]
        for name, site in network.sites.items()
        if site.kind in ("mine", "refiner") and outs[0][name] > 0
    }


def _at(path: Growth | None, start: dt.date, day: dt.date) -> float:
    """Return a path's multiplier on a day."""
    if path is None:
        return 1.0
    if path.rate_per_year is not None:
        return float((1 + path.rate_per_year) ** ((day - start).days / DAYS_PER_YEAR))
    points = [
        (d if isinstance(d, dt.date) else date_of(round(d), start), m) for d, m in path.points or []
    ]
    if path.interpolate == "step":
        return next((m for d, m in reversed(points) if d <= day), points[0][1])
    return value_at(points, day)
