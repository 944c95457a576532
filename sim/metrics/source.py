"""Where the numbers of a summary come from: measures of some views, and what is possible of them.

A few views at a time, so that memory holds a few columns, wherever they lie.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.flow.kernel.measures import UNITS
from sim.metrics.hall import Bounds
from sim.metrics.sections import INDEPENDENT, Sections
from sim.network.arrays import F8


class ByColumn(Protocol):
    """An array (n, n_view), or what gives its columns by ``[:, x]`` and ``[:, a:b]``."""

    def __getitem__(self, key: Any, /) -> Any:
        """Return a column for ``[:, x]``, some for ``[:, a:b]``."""


SINCE_SHOCK = {
    "time_to_survive_days": "first_shortage_day",
    "time_to_recover_days": "last_shortage_day",
}
"""Measures counted from the first shock (``sim.metrics.loss.times``), and until when."""

DEAREST = 25.0
"""Above which no price index goes (docs/model.md, section 7b)."""

_OF_WANTED = ("shortfall_t", "structural_t", "disruption_t")


@dataclass(frozen=True)
class Source:
    """Measures by view; see ``sim.metrics.summary.summarize`` for what each one is."""

    table: Mapping[str, ByColumn]
    first_shock_day: F8 | None = None
    structural_t: ByColumn | None = None
    goods_value_missed_usd: ByColumn | None = None
    horizon_days: float | None = None
    sections: Sections = INDEPENDENT

    @property
    def n(self) -> int:
        """Replications."""
        return len(next(iter(self.table.values()))[:, 0])

    def values(self, measure: str, columns: slice) -> F8 | None:
        """Return a measure of some views, shape (n, n_view), read or worked out; None: not told."""
        table = self.table
        if measure == "shortfall_share":
            short, wanted = (table[name][:, columns] for name in ("shortfall_t", "wanted_t"))
            share: F8 = np.zeros_like(short)
            np.divide(short, wanted, out=share, where=wanted > 0)
            return share
        if measure in SINCE_SHOCK:
            return self._since_shock(SINCE_SHOCK[measure], columns)
        if measure in ("structural_t", "disruption_t"):
            return self._gap(measure, columns)
        if measure == "goods_value_missed_usd":
            missed = self.goods_value_missed_usd
            return None if missed is None else missed[:, columns]
        return table[measure][:, columns] if measure in table else None

    def _since_shock(self, day: str, columns: slice) -> F8 | None:
        if self.first_shock_day is None:
            return None
        since: F8 = self.table[day][:, columns] - self.first_shock_day[:, None]
        return np.maximum(0.0, since, out=since)

    def _gap(self, measure: str, columns: slice) -> F8 | None:
        if self.structural_t is None:
            return None
        alone: F8 = self.structural_t[:, columns]
        if measure == "structural_t":
            return alone
        caused: F8 = self.table["shortfall_t"][:, columns] - alone
        return caused

    def bounds(self, measure: str, columns: slice) -> Bounds:
        """Return what is possible of a measure: 0 .. wanted, 0 .. 1, 0 .. the horizon."""
        low = -math.inf if measure == "disruption_t" else 0.0
        if measure in _OF_WANTED:
            wanted = self.table["wanted_t"][:, columns]
            mean = wanted.mean(axis=0)
            if self.sections.weighted:
                mean = np.array([self.sections.mean(column) for column in wanted.T])
            return Bounds(low, wanted.max(axis=0), mean)
        if UNITS[measure] == "times":
            return Bounds(1.0, DEAREST, DEAREST)
        if UNITS[measure] == "share":
            return Bounds(low, 1.0, 1.0)
        if UNITS[measure] == "days" and self.horizon_days is not None:
            return Bounds(low, self.horizon_days, self.horizon_days)
        return Bounds(low)

    def still_short(self, columns: slice) -> NDArray[np.bool_] | None:
        """Return which replications were short at the horizon, by view; None: not known."""
        if self.horizon_days is None:
            return None
        last: F8 = self.table["last_shortage_day"][:, columns]
        return last >= self.horizon_days - 1e-9
