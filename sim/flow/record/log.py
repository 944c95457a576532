"""The event log of a replayed future: what happened, when, to whom. Actors know nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.flow.record.clock import Calendar, Process
from sim.flow.record.conditions import Shock
from sim.flow.record.state import Project, Reserve, Site
from sim.shocks.tape import ANNOUNCED, LANE_CAP


@dataclass
class Log:
    """Events of one replication.

    Parameters
    ----------
    hazard_names : sequence of str, optional
        By hazard number of the tape; without them a shock is told by its number.
    events : list of (float, str, str)
        Day, kind, and whom it concerns, in the order noted; sort by day to tell the story.
    """

    hazard_names: Sequence[str] = ()
    events: list[tuple[float, str, str]] = field(default_factory=list)

    def add(self, day: float, kind: str, text: str) -> None:
        """Note an event."""
        self.events.append((day, kind, text))

    def hazard(self, number: int) -> str:
        """Return a hazard's name."""
        return self.hazard_names[number] if self.hazard_names else f"hazard {number}"


def note_shock(log: Log, shock: Shock, horizon_days: float) -> None:
    """Note when a shock is announced, begins and ends, or is called off.

    The end of one that bars lanes is a "control lifted".
    """
    name = log.hazard(shock.hazard)
    is_control = any(row.kind in (LANE_CAP, ANNOUNCED) for row in shock.rows)
    course = [(shock.onset, "shock begins")]
    course.append((shock.end, "control lifted" if is_control else "shock ends"))
    if shock.called_off:
        course = [(shock.onset, "called off")]
    if shock.announce < shock.onset:
        course.insert(0, (shock.announce, "announced"))
    for day, kind in course:
        if day < horizon_days:
            log.add(day, kind, name)


def chronicle(
    calendar: Calendar,
    log: Log,
    users: Sequence[Site],
    group_names: Sequence[str],
    reserves: Sequence[Reserve],
    projects: Sequence[Project],
) -> Process:
    """Watch every period's end for shortages, releases and projects that begin or cease."""
    started: set[str] = set()
    short: set[str] = set()
    was_short: set[str] = set()
    open_: set[str] = set()
    for k in calendar.periods():
        yield calendar.until(k, calendar.close)
        day = k * calendar.step
        for p in projects:
            if p.progress > 0.0 and p.name not in started:
                started.add(p.name)
                log.add(max(p.start, 0.0), "project starts", p.name)
        now = {group_names[u.group] for u in users if u.short > 0.0}
        for name in sorted(now - short):
            log.add(day, "shortage begins" if name in was_short else "first shortage", name)
        _note(log, day, "shortage ends", short - now)
        short, was_short = now, was_short | now
        giving = {r.name for r in reserves if r.given > 0.0}
        _note(log, day, "reserve opens", giving - open_)
        _note(log, day, "reserve closes", open_ - giving)
        open_ = giving


def _note(log: Log, day: float, kind: str, names: set[str]) -> None:
    for name in sorted(names):
        log.add(day, kind, name)
