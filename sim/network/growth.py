"""Growth paths as exact means over each period."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field

import numpy as np

from sim.base.units import DAYS_PER_YEAR, day_of
from sim.network.arrays import F8
from sim.network.dictionary import Path


@dataclass
class PathTable:
    """Rows of ``Chain.path``: equal paths share a row, in the order in which they are met."""

    start: dt.date
    n_period: int
    step_days: int
    rows: list[F8] = field(default_factory=list)
    seen: dict[bytes, int] = field(default_factory=dict)

    def row(self, path: Path | None) -> int:
        """Return the row of a path, -1 for none."""
        if path is None:
            return -1
        mean = period_means(path, self.start, self.n_period, self.step_days)
        key = mean.tobytes()
        if key not in self.seen:
            self.seen[key] = len(self.rows)
            self.rows.append(mean)
        return self.seen[key]

    def array(self) -> F8:
        """Return the rows as one array of shape (A, K)."""
        return np.array(self.rows, np.float64).reshape(len(self.rows), self.n_period)


def period_means(path: Path, start: dt.date, n_period: int, step_days: int) -> F8:
    """Return the mean multiplier over each period, in closed form.

    Growth is exp(ln(1 + rate) t / 365), t in days from `start`. Before its first point a dated path
    holds the first multiplier, after its last point the last.

    Returns
    -------
    ndarray of float64, shape (n_period,)
    """
    if path.rate_per_year is not None:
        return _growth_means(path.rate_per_year, n_period, step_days)
    points = [(_day(d, start), m) for d, m in path.points or []]
    return np.array(
        [
            _mean(
                points,
                path.interpolate == "linear",
                k * float(step_days),
                (k + 1) * float(step_days),
            )
            for k in range(n_period)
        ]
    )


def _growth_means(rate: float, n_period: int, step_days: int) -> F8:
    """Mean of e^(g t) over [t0, t0 + d] is e^(g t0) (e^(g d) - 1) / (g d)."""
    step = math.log1p(rate) * step_days / DAYS_PER_YEAR
    if step == 0:
        return np.ones(n_period)
    return np.array([math.exp(step * k) for k in range(n_period)]) * (math.expm1(step) / step)


def _day(when: float | dt.date, start: dt.date) -> float:
    return day_of(when, start) if isinstance(when, dt.date) else float(when)


def _mean(points: list[tuple[float, float]], linear: bool, t0: float, t1: float) -> float:
    """Mean over [t0, t1]; a piece that covers all of it counts exactly, with weight 1."""
    ends = [-math.inf, *(d for d, _ in points), math.inf]
    levels = [points[0][1], *(m for _, m in points)]
    total = 0.0
    for n, level in enumerate(levels):
        begin, end = max(ends[n], t0), min(ends[n + 1], t1)
        if end <= begin:
            continue
        if linear and 0 < n < len(points):
            slope = (points[n][1] - level) / (ends[n + 1] - ends[n])
            level += slope * ((begin + end) * 0.5 - ends[n])
        total += level * ((end - begin) / (t1 - t0))
    return total
