"""Demand over decades: which end users grow, and along what multipliers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from pydantic import model_validator

from sim.network.dictionary import Date, Strict, setting
from sim.policy.ground import Ground, RuleBase, citation
from sim.policy.outlook_curve import Points, as_path, compound, since
from sim.policy.pick import Pick, picked


class DemandPath(RuleBase):
    """One path and the end users that follow it."""

    pick: Pick = setting(help="end users; the first path that picks one counts")
    points: list[tuple[Date, float]] | None = setting(
        None, "date, multiplier", "straight lines between; held before the first and after the last"
    )
    factor: float | None = setting(
        None, "multiplier", "steady growth from begin to end reaches it; held after", gt=0
    )
    begin: Date | None = setting(None, help="of the steady growth")
    end: Date | None = setting(None, help="of the steady growth")

    @model_validator(mode="after")
    def _one_form(self) -> DemandPath:
        steady = [v is not None for v in (self.factor, self.begin, self.end)]
        if (self.points is not None) == any(steady) or (any(steady) and not all(steady)):
            raise ValueError("needs points, or factor with begin and end")
        ends = [d for d in (self.begin, self.end) if d is not None]
        days = [d for d, _ in self.points] if self.points is not None else ends
        if not days:
            raise ValueError("points must hold at least one [date, multiplier]")
        if any(b <= a for a, b in pairwise(days)):
            raise ValueError("dates must rise")
        if any(m <= 0 for _, m in self.points or []):
            raise ValueError("multipliers must be above 0")
        return self

    def curve(self) -> Points:
        """Return the multipliers by date."""
        if self.points is not None:
            return list(self.points)
        return compound(self.factor, self.begin, self.end)  # type: ignore[arg-type]


class Demand(Strict):
    """A named outlook of demand."""

    name: str = setting("", help="filled in: the file's name")
    title: str = setting(help="one line")
    description: str = setting("", help="a paragraph: whose outlook, what it covers")
    paths: dict[str, DemandPath] = setting({}, help="by name; without any, demand stays flat")
    note: str = setting("", help="what to know")


def demand_changes(demand: Demand, ground: Ground) -> tuple[dict[str, Any], list[str]]:
    """Return the demand paths of a network's end users as changes, and what found nobody.

    Parameters
    ----------
    demand : Demand
        The outlook.
    ground : Ground
        The network, and the scenario's start, on which every multiplier is 1.
    """
    sites: dict[str, Any] = {}
    sources: dict[str, Any] = {}
    idle: list[str] = []
    for name, path in demand.paths.items():
        users = [
            n
            for n in picked(path.pick, ground.network)
            if ground.network.sites[n].kind == "end_user" and n not in sites
        ]
        tag = f"{demand.name}-{name}"
        told = {
            "demand_path": as_path(since(path.curve(), ground.start)),
            "sources": {"demand_path": tag},
        }
        sites |= dict.fromkeys(users, told)
        sources |= citation(path, tag)["sources"] if users else {}
        if not users:
            idle.append(name)
    notes = [f"demand.paths: {', '.join(idle)}: no end user of this network"] if idle else []
    return ({"sites": sites, "sources": sources} if sites else {}), notes
