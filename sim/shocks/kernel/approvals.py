"""Compiled approvals: a licensing control that lets its applicants in one by one.

A part of such a control bars one buyer's lanes. Its course is the control's, times what has not
been granted so far: a step down on each applicant's day (``docs/chance.md``, Approval).
"""

# mypy: disallow-untyped-defs=False

import numpy as np

from sim.base.njit_uncounted import njit_uncounted
from sim.shocks.kernel.courses import DAY, LANE_CAP, VALUE, clipped, point
from sim.shocks.kernel.quantile import quantile
from sim.shocks.kernel.shocks import (
    FREE,
    GRANTED,
    ONE,
    REFUSAL,
    REQUEST,
    REQUESTS,
    ZERO,
    chance,
    happens,
    moved,
    number,
)


@njit_uncounted
def waiting_days(rule, act, numbers, key, stream, event, slot, score):
    """Return how long a request takes; `score` is the common factor's, where days are tied."""
    value = numbers.fixed[act.approval_days]
    if value != value:
        u = chance(key, stream, event, slot)
        if rule.tied_approval == 1:
            u = moved(rule, score, u)
        value = quantile(numbers.laws, act.approval_days, u)
    return max(0.0, value)


@njit_uncounted
def approval_day(rule, act, numbers, key, stream, event, onset, score):
    """Return the day on which an applicant is let in; infinite where it never is."""
    day = onset
    for request in range(REQUESTS):
        slot = 2 * request
        day += waiting_days(rule, act, numbers, key, stream, event, REQUEST + slot, score)
        if act.refused <= 0.0 or not happens(key, stream, event, REFUSAL + slot, act.refused):
            return day
        day += act.reapply_days
    return np.inf


@njit_uncounted
def approvals(rule, act, streams, numbers, key, event, onset, score, days, shares):
    """List the approvals of a part by day, equal ones by applicant; return how many there are."""
    n = ZERO
    for a in range(act.applicant_from, act.applicant_to):
        day = approval_day(rule, act, numbers, key, streams[a], event, onset, score)
        if day == np.inf:
            continue
        share = number(rule, numbers, key, act.granted, streams[a], event, GRANTED, FREE)
        j = n
        while j > 0 and days[j - 1] > day:
            days[j], shares[j] = days[j - 1], shares[j - 1]
            j -= 1
        days[j], shares[j] = day, clipped(share, LANE_CAP)
        n += 1
    return n


@njit_uncounted
def level_at(course, j, day):
    """Return the value of a course on a day after point j - 1, up to point j."""
    begin, end = course[VALUE, j - 1], course[VALUE, j]
    share = (day - course[DAY, j - 1]) / (course[DAY, j] - course[DAY, j - 1])
    return begin + (end - begin) * share


@njit_uncounted
def write_part(course, n_point, days, shares, n, n_applicant, points, first):
    """Write a course of n_point points as it is after n approvals; return the next free point."""
    p, a, granted, barred = first, ZERO, 0.0, 1.0
    for j in range(n_point):
        while a < n and days[a] <= course[DAY, j]:
            level = 0.0
            if j > 0:
                level = level_at(course, j, days[a])
                p = point(points, p, first, days[a], level * barred)
            granted += shares[a]
            barred = max(0.0, 1.0 - granted / n_applicant)
            if j > 0:
                p = point(points, p, first, days[a], level * barred)
            a += ONE
        if barred == 0.0:
            return p
        p = point(points, p, first, course[DAY, j], course[VALUE, j] * barred)
    return p
