"""What the compiling functions of this package share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sim.base.errors import Fault
from sim.base.units import day_of
from sim.shocks.laws import NumberList
from sim.shocks.select import Atlas, Mask, place_of

Row = dict[str, Any]
"""Fields of ``Rules`` by name, for one hazard, effect, tension, project or parameter."""


@dataclass
class Desk:
    """What the compiling functions share: what they read, and what they collect."""

    atlas: Atlas
    start: dt.date
    laws: NumberList = field(default_factory=NumberList)
    faults: list[Fault] = field(default_factory=list)
    chosen: dict[str, Mask] = field(default_factory=dict)  # key of a selector -> sites it names

    @cached_property
    def places(self) -> list[str]:
        """The place of each site; see ``place_of``."""
        return [place_of(self.atlas, i) for i in range(len(self.atlas.compiled.labels.site))]

    def day(self, when: float | dt.date) -> float:
        """Return the day of a day or date."""
        return day_of(when, self.start) if isinstance(when, dt.date) else float(when)
