"""Time and mass units: whole days inside, years and dates at the door; tonnes throughout."""

from __future__ import annotations

import datetime as dt

DAYS_PER_YEAR = 365.0
"""Days in a model year (VERIFICATION convention 1: 1 year = 365 days)."""


def day_of(date: dt.date, start: dt.date) -> float:
    """Return the days from `start` to `date` (negative when it lies before).

    Parameters
    ----------
    date, start : datetime.date
        Calendar dates.

    Returns
    -------
    float
        Whole days.

    Examples
    --------
    >>> day_of(dt.date(2025, 12, 1), dt.date(2025, 10, 9))
    53.0
    """
    return float((date - start).days)


def date_of(day: float, start: dt.date) -> dt.date:
    """Return the calendar date of model day `day` (rounded down), within what a calendar holds."""
    latest, earliest = (dt.date.max - start).days, (dt.date.min - start).days
    return start + dt.timedelta(days=int(min(max(day // 1, earliest), latest)))
