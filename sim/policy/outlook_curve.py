"""Multipliers by calendar date, taken relative to their value on the day a scenario starts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

from sim.base.units import DAYS_PER_YEAR

Points = list[tuple[dt.date, float]]


def value_at(points: Sequence[tuple[dt.date, float]], day: dt.date) -> float:
    """Return the multiplier on a day: straight lines between points, held before and after.

    Examples
    --------
    >>> value_at([(dt.date(2024, 1, 1), 1.0), (dt.date(2024, 1, 11), 2.0)], dt.date(2024, 1, 6))
    1.5
    """
    if day <= points[0][0]:
        return points[0][1]
    for (d0, m0), (d1, m1) in pairwise(points):
        if day < d1:
            return m0 + (m1 - m0) * ((day - d0).days / (d1 - d0).days)
    return points[-1][1]


def since(points: Sequence[tuple[dt.date, float]], start: dt.date) -> Points:
    """Return multipliers relative to their value on `start`, where they are exactly 1.

    A network tells the flows of its reference year, and they are taken as the level on the day
    that a scenario starts: growth before that day is left out, of capacity as of demand.
    """
    base = value_at(points, start)
    if base <= 0:
        raise ValueError("is 0 on the day the scenario starts, so that nothing can grow from it")
    return [(start, 1.0), *((day, m / base) for day, m in points if day > start)]


def compound(factor: float, begin: dt.date, end: dt.date) -> Points:
    """Return yearly points of steady growth that reaches `factor` at `end`, held after it."""
    span = (end - begin).days
    days = [round(DAYS_PER_YEAR * n) for n in range(int(span / DAYS_PER_YEAR) + 1)]
    days = sorted({*days, span})
    return [(begin + dt.timedelta(days=d), factor ** (d / span)) for d in days]


def as_path(points: Points) -> dict[str, object]:
    """Return points as a path of the network's data dictionary, plain data."""
    return {"points": [[day.isoformat(), m] for day, m in points], "interpolate": "linear"}
