"""Shocks as events, and the conditions they make: conditions of sites and lanes, period by period.

Section 1a of docs/model.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.flow.record import rules
from sim.flow.record.clock import Calendar, Process
from sim.flow.record.state import Lane, Site
from sim.shocks.tape import ANNOUNCED, AVAILABILITY, DEMAND, EXTRA_DAYS, HOLD, LANE_CAP, OUTPUT

ON_SITES = (AVAILABILITY, DEMAND, OUTPUT)
"""Kinds of row whose targets are sites; the others act on lanes."""

Actor = Site | Lane


@dataclass(frozen=True)
class Row:
    """A course in time of one number, acting on sites or lanes."""

    index: int
    kind: int
    course: rules.Profile
    targets: list[Actor]


@dataclass(frozen=True)
class Shock:
    """One realised disruption (days) and its rows."""

    hazard: int
    announce: float
    onset: float
    end: float
    called_off: bool
    rows: list[Row]


class Conditions:
    """The rows at hand and what they make of this period."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self._touched: list[Actor] = []

    def begin(self, shock: Shock) -> None:
        """Let a shock's rows act."""
        self.rows.update({row.index: row for row in shock.rows})

    def end(self, shock: Shock) -> None:
        """Forget a shock's rows."""
        for row in shock.rows:
            del self.rows[row.index]

    def set(self, t0: float, t1: float) -> None:
        """Set the conditions of the period from day t0 to day t1."""
        for actor in self._touched:
            calm(actor)
        together: dict[tuple[int, int], tuple[Actor, list[rules.Profile]]] = {}
        for index in sorted(self.rows):
            row = self.rows[index]
            if rules.acts(row.course, t0, t1):
                for actor in row.targets:
                    together.setdefault((row.kind, actor.index), (actor, []))[1].append(row.course)
        for (kind, _), (actor, courses) in together.items():
            expose(actor, kind, courses, t0, t1)
        self._touched = [actor for actor, _ in together.values()]


def shock(calendar: Calendar, conditions: Conditions, what: Shock) -> Process:
    """Put a shock's rows into the conditions while they can act, and take them out afterwards."""
    days = [day for row in what.rows for day in row.course[0]]
    begin = max(0, math.floor(min(days) / calendar.step)) if days else calendar.n_period
    end = math.ceil(max(days) / calendar.step) if days else 0
    if begin < calendar.n_period and end > 0:
        yield calendar.until(begin, calendar.shocks)
        conditions.begin(what)
        if end < calendar.n_period:
            yield calendar.until(max(begin, end), calendar.shocks)
            conditions.end(what)


def forecast(calendar: Calendar, conditions: Conditions) -> Process:
    """Set the conditions of every period as it begins."""
    for k in calendar.periods():
        yield calendar.until(k, calendar.conditions)
        conditions.set(k * calendar.step, (k + 1) * calendar.step)


def expose(actor: Actor, kind: int, courses: list[rules.Profile], t0: float, t1: float) -> None:
    """Set one condition of a site or lane from the courses of one kind that act on it."""
    means = [rules.mean_of_profile(course, t0, t1)[0] for course in courses]
    if isinstance(actor, Site):
        if kind == AVAILABILITY:
            actor.availability = rules.what_is_left(courses, t0, t1)
        elif kind == OUTPUT:
            actor.yielding = rules.what_is_left(courses, t0, t1)
        elif kind == DEMAND:
            actor.factor = rules.product([1.0 + mean for mean in means])
    elif kind == LANE_CAP:
        actor.cap = rules.what_is_left(courses, t0, t1)
    elif kind == HOLD:
        actor.free = rules.what_is_left(courses, t0, t1)
    elif kind == EXTRA_DAYS:
        actor.delay = max(0, rules.delay_periods(max(means), t1 - t0))
    elif kind == ANNOUNCED:
        actor.announced = max([0.0, *means])


def calm(actor: Actor) -> None:
    """Put a site or lane back to rest."""
    if isinstance(actor, Site):
        actor.availability, actor.yielding, actor.factor = 1.0, 1.0, 1.0
    else:
        actor.cap, actor.free, actor.delay, actor.announced = 1.0, 1.0, 0, 0.0
