"""Shocks as events, and the weather they make: conditions of sites and lanes, period by period."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.flow import rules
from sim.flow.actors import Calendar, Lane, Process, Site
from sim.flow.ledger import Log
from sim.shocks.tape import ANNOUNCED, AVAILABILITY, DEMAND, EXTRA_DAYS, HOLD, LANE_CAP


@dataclass(frozen=True)
class Row:
    """A course in time of one number, acting on sites or lanes."""

    index: int
    kind: int
    course: rules.Course
    targets: list[Any]


@dataclass
class Shock:
    """One realised disruption and its rows."""

    hazard: int
    announce: float
    onset: float
    end: float
    called_off: bool
    rows: list[Row]


def shock(calendar: Calendar, weather: Weather, what: Shock, log: Log | None) -> Process:
    """Put a shock's rows into the weather while they can act, and take them out afterwards."""
    if not what.rows:
        return
    days = [day for row in what.rows for day in row.course[0]]
    begin = max(0, math.floor(min(days) / calendar.step))
    end = math.ceil(max(days) / calendar.step)
    if begin >= calendar.n_period or end < 0:
        return
    yield calendar.until(begin, calendar.shocks)
    weather.rows.update({row.index: row for row in what.rows})
    if log:
        log.add(what.announce if what.announce < what.onset else what.onset,
                "announced" if what.announce < what.onset else "shock", str(what.hazard))
    if end < calendar.n_period:
        yield calendar.until(end, calendar.shocks)
        for row in what.rows:
            del weather.rows[row.index]


class Weather:
    """What the shocks at hand do to sites and lanes in this period (section 1a)."""

    def __init__(self, calendar: Calendar, sites: Sequence[Site], lanes: Sequence[Lane]):
        self.calendar, self.sites, self.lanes = calendar, sites, lanes
        self.rows: dict[int, Row] = {}
        self.changed: list[Any] = []

    def run(self) -> Process:
        """Set the conditions of every period."""
        for k in self.calendar.periods():
            yield self.calendar.until(k, self.calendar.weather)
            self.set(k * self.calendar.step, (k + 1) * self.calendar.step)

    def set(self, t0: float, t1: float) -> None:
        """Set availability, caps, holds, delays, demand factors and announcements."""
        for actor in self.changed:
            self._calm(actor)
        self.changed = []
        together: dict[tuple[int, int], tuple[Any, list[rules.Course]]] = {}
        for index in sorted(self.rows):
            row = self.rows[index]
            if rules.acts(row.course, t0, t1):
                for actor in row.targets:
                    key = (row.kind, actor.index)
                    together.setdefault(key, (actor, []))[1].append(row.course)
        for (kind, _), (actor, courses) in together.items():
            self._set_one(kind, actor, courses, t0, t1)
            self.changed.append(actor)

    def _set_one(self, kind: int, actor: Any, courses: list[rules.Course], t0: float,
                 t1: float) -> None:
        means = [rules.mean_of_course(course, t0, t1)[0] for course in courses]
        if kind == AVAILABILITY:
            actor.availability = rules.what_is_left(courses, t0, t1)
        elif kind == LANE_CAP:
            actor.cap = rules.what_is_left(courses, t0, t1)
        elif kind == HOLD:
            actor.free = rules.what_is_left(courses, t0, t1)
        elif kind == EXTRA_DAYS:
            actor.delay = max(0, rules.delay_periods(max(means), self.calendar.step))
        elif kind == DEMAND:
            for mean in means:
                actor.factor *= 1.0 + mean
        else:
            assert kind == ANNOUNCED
            actor.announced = max([0.0, *means])

    @staticmethod
    def _calm(actor: Any) -> None:
        """Put an actor back to rest."""
        if isinstance(actor, Site):
            actor.availability, actor.factor = 1.0, 1.0
        else:
            actor.cap, actor.free, actor.delay, actor.announced = 1.0, 1.0, 0, 0.0
