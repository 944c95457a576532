"""What the compiling functions of this package share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sim.errors import Fault
from sim.shocks.laws import LawBook
from sim.shocks.select import Atlas, Mask
from sim.units import day_of

Row = dict[str, Any]
"""Fields of ``Rules`` by name, for one hazard, effect, tension, project or parameter."""


@dataclass
class Desk:
    """What the compiling functions share: what they read, and what they collect."""

    book: Atlas
    start: dt.date
    laws: LawBook = field(default_factory=LawBook)
    faults: list[Fault] = field(default_factory=list)
    chosen: dict[str, Mask] = field(default_factory=dict)  # key of an effect -> sites it names

    def day(self, when: float | dt.date) -> float:
        """Return the day of a day or date."""
        return day_of(when, self.start) if isinstance(when, dt.date) else float(when)
