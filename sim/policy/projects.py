"""Rule ``projects``: money, permits and price floors make projects surer, earlier, quicker."""

from __future__ import annotations

import datetime as dt
from fnmatch import fnmatchcase
from typing import Any, Literal

from sim.base.units import day_of
from sim.network.dictionary import Date, PriceFloor, Project, setting
from sim.policy.ground import Ground, Outcome, RuleBase, citation, scaled
from sim.policy.pick import Pick, Words, matches, words_of


class Projects(RuleBase):
    """Changes of the odds and times of projects that the network lists."""

    kind: Literal["projects"] = setting(help="rule")
    pick: Pick = setting(Pick(), help="sites whose projects are meant")
    project: Words = setting(None, help="names of projects")
    since: Date | None = setting(
        None, help="only projects planned to start on or after it, and none is moved before it"
    )
    failure_removed: float = setting(
        0.0, "share", "share of the chance of failure that is taken away", ge=0, le=1
    )
    earlier_days: float = setting(0.0, "days", "planned start moves ahead by", ge=0)
    delay_factor: float = setting(1.0, "multiplier", "of the delay", ge=0)
    ramp_factor: float = setting(1.0, "multiplier", "of the time to full output", ge=0)
    price_floor: PriceFloor | None = setting(
        None,
        help="guaranteed for what they make; of two the higher counts. Acts where projects answer "
        "to prices (scenario.responses)",
    )

    def act(self, ground: Ground, tag: str) -> Outcome:
        """Return the changed projects; a certain one keeps its odds."""
        network = ground.network
        changes: dict[str, Any] = {
            name: change
            for name, project in network.projects.items()
            if self._meant(name, project, ground)
            if (change := self._changed(project, ground, tag))
        }
        if not changes:
            return Outcome({}, ["no project of this network is meant, or all are certain"])
        return Outcome({"projects": changes, **citation(self, tag)}, [])

    def _meant(self, name: str, project: Project, ground: Ground) -> bool:
        names = words_of(self.project)
        if names and not any(fnmatchcase(name, word) for word in names):
            return False
        if self.since and _day(project.start, ground.start) < day_of(self.since, ground.start):
            return False
        return matches(self.pick, ground.network, project.site)

    def _changed(self, project: Project, ground: Ground, tag: str) -> dict[str, Any]:
        """Return the settings of a project that differ, and the rule as their source."""
        change: dict[str, Any] = {}
        failure = 1 - project.probability
        if self.failure_removed * failure > 0:
            change["probability"] = 1 - failure * (1 - self.failure_removed)
        start = self._start(project.start, ground)
        if start != project.start:
            change["start"] = start.isoformat() if isinstance(start, dt.date) else start
        if self.delay_factor != 1:
            change["delay_days"] = scaled(project.delay_days, self.delay_factor)
        if self.ramp_factor != 1:
            change["ramp_days"] = project.ramp_days * self.ramp_factor
        if self.price_floor is not None and self._is_higher(project, ground):
            change["price_floor"] = self.price_floor.model_dump(mode="json", exclude_none=True)
        return change | {"sources": dict.fromkeys(change, tag)} if change else {}

    def _is_higher(self, project: Project, ground: Ground) -> bool:
        """Return whether the rule's floor means something here and is higher than one before."""
        product = ground.network.products[ground.network.sites[project.site].product]
        before = 0.0 if project.price_floor is None else project.price_floor.usd_per_t
        return (
            self.price_floor is not None
            and bool(product.value_usd_per_t)
            and self.price_floor.usd_per_t > before
        )

    def _start(self, planned: float | dt.date, ground: Ground) -> float | dt.date:
        """Return the planned start moved ahead; what is still to come does not become past."""
        day = _day(planned, ground.start)
        floor = max(ground.step_days, _day(self.since or ground.start, ground.start))
        moved = max(day - self.earlier_days, min(day, floor))
        if isinstance(planned, dt.date):
            return planned - dt.timedelta(days=day - moved)
        return moved


def _day(when: float | dt.date, day0: dt.date) -> float:
    return day_of(when, day0) if isinstance(when, dt.date) else when
