"""Compiled courses: what one number does over a shock, as the points of a row of the tape.

A course is a piecewise linear function of time: ``docs/model.md`` 1a, ``Profile`` in hazard.py.
"""

# mypy: disallow-untyped-defs=False

import numpy as np

from sim.base.njit_uncounted import njit_uncounted
from sim.shocks.kernel.shocks import ACUTE, CHRONIC, START

# Kinds of rows, as in tape.py.
AVAILABILITY, LANE_CAP, EXTRA_DAYS, HOLD, DEMAND, ANNOUNCED = np.arange(6)

# Columns of a row, and of a point.
R_SHOCK, R_EFFECT, R_KIND, R_END = np.arange(4)
DAY, VALUE = np.arange(2)

LOWEST_CHANGE = -0.999999  # demand may all but vanish; the tape keeps it above -1


@njit_uncounted
def clipped(value, kind):
    """Return `value` within the bounds of a kind of row."""
    low = LOWEST_CHANGE if kind == DEMAND else 0.0
    high = np.inf if kind in (DEMAND, EXTRA_DAYS) else 1.0
    return min(max(value, low), high)


@njit_uncounted
def point(points, p, first, day, value):
    """Write point p of a row that began at point `first`, unless it repeats the last one."""
    if p > first and points[DAY, p - 1] == day and points[VALUE, p - 1] == value:
        return p
    points[DAY, p], points[VALUE, p] = day, value
    return p + 1


@njit_uncounted
def write_course(rule, tables, shocks, i, kind, peak, later, points, first):
    """Write the course of shock i's number: `peak`, and `later` in the chronic phase.

    A ramp longer than its phase is cut at the end of the phase: it gets as far as it got.
    Returns the next free point.
    """
    p, t, level = first, shocks[START, i], clipped(peak, kind)
    if rule.table_to > rule.table_from:
        for j in range(rule.table_from, rule.table_to):
            value = clipped(tables[1][j] * level, kind)
            p = point(points, p, first, t + tables[0][j], value)
        return p
    ramp, acute, chronic = rule.ramp_in_days, shocks[ACUTE, i], shocks[CHRONIC, i]
    if ramp > 0.0:
        p = point(points, p, first, t, 0.0)
        if ramp > acute:
            level = level * (acute / ramp)
        p = point(points, p, first, t + min(ramp, acute), level)
    else:
        p = point(points, p, first, t, level)
    t = t + acute
    p = point(points, p, first, t, level)
    if chronic > 0.0:
        relax, low = rule.relax_days, clipped(later, kind)
        if relax > chronic:
            low = level + (low - level) * (chronic / relax)
        p = point(points, p, first, t + min(relax, chronic), low)
        t, level = t + chronic, low
        p = point(points, p, first, t, level)
    if rule.easing_days > 0.0:
        p = point(points, p, first, t + rule.easing_days, 0.0)
    return p


@njit_uncounted
def close_row(rows, points, q, first, last, shock, effect, kind):
    """Enter the row of points first to last - 1, unless it does nothing; return the next row."""
    busy = False
    for p in range(first, last):
        busy = busy or points[VALUE, p] != 0.0
    if not busy or points[DAY, last - 1] <= points[DAY, first]:
        return q
    rows[R_SHOCK, q], rows[R_EFFECT, q] = shock, effect
    rows[R_KIND, q], rows[R_END, q] = kind, last
    return q + 1
