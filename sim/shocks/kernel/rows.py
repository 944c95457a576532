"""Compiled: the rows of the tape that each shock's effects write."""

# mypy: disallow-untyped-defs=False

import numpy as np
from numba import njit

from sim.base.njit_uncounted import njit_uncounted
from sim.shocks.kernel.approvals import approvals, write_part
from sim.shocks.kernel.courses import (
    ANNOUNCED,
    DAY,
    EXTRA_DAYS,
    LANE_CAP,
    R_END,
    clipped,
    close_row,
    point,
    write_course,
)
from sim.shocks.kernel.quantile import quantile
from sim.shocks.kernel.shocks import (
    ANNOUNCE,
    CHRONIC_SEVERITY,
    EVENT,
    EXTRA_TRANSIT,
    FREE,
    HAZARD,
    INCLUDE,
    LEAKAGE,
    OFF,
    ON_APPROVAL,
    ON_SEVERITY,
    ONE,
    OWN_SEVERITY,
    PROCESSING,
    QUOTA,
    SEVERITY,
    START,
    ZERO,
    chance,
    factor_score,
    happens,
    number,
)


@njit_uncounted
def severities(rule, act, numbers, key, event):
    """Return an effect's severity before leakage, and its level in the chronic phase."""
    law, stream, slot, aspect = act.severity, act.stream, OWN_SEVERITY, FREE
    if act.quota >= 0:
        law, slot = act.quota, QUOTA
    else:
        if law < 0:
            law, stream, slot = rule.severity, rule.stream, SEVERITY
        if rule.tied_severity == 1:
            aspect = ON_SEVERITY
    severity, later = 0.0, 0.0
    if law >= 0:
        severity = number(rule, numbers, key, law, stream, event, slot, aspect)
    if act.quota >= 0:
        severity = 1.0 - severity
    if rule.chronic_severity >= 0:
        law, slot = rule.chronic_severity, CHRONIC_SEVERITY
        later = number(rule, numbers, key, law, rule.stream, event, slot, FREE)
    return clipped(severity, act.kind), clipped(later, act.kind)


@njit_uncounted
def passing_share(rule, act, numbers, key, event):
    """Return the share of an effect's severity that leakage leaves."""
    if act.leakage < 0:
        return 1.0
    leak = number(rule, numbers, key, act.leakage, act.stream, event, LEAKAGE, FREE)
    return 1.0 - clipped(leak, LANE_CAP)


@njit_uncounted
def write_buyers(rules, rule, numbers, key, shocks, i, effect, rows, points, q, room):
    """Write a row for each buyer behind a control whose licences go to firms; return the next row.

    What all of them share is drawn once: whether the control is part of the shock, its leakage, its
    course and the common factor.
    """
    event, (course, days, shares) = np.int64(shocks[EVENT, i]), room
    act, tables = rules.effect[effect], (rules.table_day, rules.table_level)
    if shocks[OFF, i] > 0.0 or not happens(key, act.stream, event, INCLUDE, act.probability):
        return q
    peak = passing_share(rule, act, numbers, key, event)
    n_point = write_course(rule, tables, shocks, i, LANE_CAP, peak, peak, course, ZERO)
    score = factor_score(rule, key, ON_APPROVAL) if rule.tied_approval == 1 else 0.0
    for e in range(effect + 1, effect + 1 + act.n_part):
        it, p = rules.effect[e], np.int64(rows[R_END, q - 1]) if q > 0 else ZERO
        onset, streams = shocks[START, i], rules.applicant
        n = approvals(rule, it, streams, numbers, key, event, onset, score, days, shares)
        n_applicant = it.applicant_to - it.applicant_from
        last = write_part(course, n_point, days, shares, n, n_applicant, points, p)
        if last > p and points[DAY, last - 1] > 0.0:
            q = close_row(rows, points, q, p, last, i, e, LANE_CAP)
    return q


@njit_uncounted
def write_effect(rule, act, tables, numbers, key, shocks, i, effect, rows, points, q):
    """Write the rows of one effect of shock number i; return the next free row."""
    event = np.int64(shocks[EVENT, i])
    p = np.int64(rows[R_END, q - 1]) if q > 0 else ZERO
    if not happens(key, act.stream, event, INCLUDE, act.probability):
        return q
    if shocks[OFF, i] == 0.0 and act.n_part == 0:
        severity, later = severities(rule, act, numbers, key, event)
        passing = passing_share(rule, act, numbers, key, event)
        kind, peak = act.kind, severity * passing
        last = write_course(rule, tables, shocks, i, kind, peak, later * passing, points, p)
        q = close_row(rows, points, q, p, last, i, effect, kind)
        p = np.int64(rows[R_END, q - 1]) if q > 0 else ZERO
        if act.days >= 0:
            slot = PROCESSING if act.control == 1 else EXTRA_TRANSIT
            days = number(rule, numbers, key, act.days, act.stream, event, slot, FREE)
            days = max(0.0, days)
            # The days ease as the severity does; without a severity they stay to the end.
            rest = days * (later / severity) if severity > 0.0 else days
            last = write_course(rule, tables, shocks, i, EXTRA_DAYS, days, rest, points, p)
            q = close_row(rows, points, q, p, last, i, effect, EXTRA_DAYS)
            p = np.int64(rows[R_END, q - 1]) if q > 0 else ZERO
    if act.control == 1:
        last = point(points, p, p, shocks[ANNOUNCE, i], 1.0)
        last = point(points, last, p, shocks[START, i], 1.0)
        q = close_row(rows, points, q, p, last, i, effect, ANNOUNCED)
    return q


@njit_uncounted
def write_rows(rules, numbers, seed, replications, shocks, shock_ptr, rows, points, row_ptr, room):
    """Write the rows of all shocks into tables that have room."""
    q = ZERO
    tables = (rules.table_day, rules.table_level)
    for r in range(replications.shape[0]):
        key = (seed, np.uint64(replications[r]))
        for i in range(np.int64(shock_ptr[r]), np.int64(shock_ptr[r + 1])):
            rule = rules.hazard[np.int64(shocks[HAZARD, i])]
            effect = rule.effect_from
            while effect < rule.effect_to:
                act = rules.effect[effect]
                q = write_effect(
                    rule, act, tables, numbers, key, shocks, i, effect, rows, points, q
                )
                if act.n_part > 0:
                    q = write_buyers(
                        rules, rule, numbers, key, shocks, i, effect, rows, points, q, room
                    )
                effect += 1 + act.n_part
        row_ptr[r + 1] = q


@njit(nogil=True, cache=True)
def draw_rows(rules, numbers, seed, replications, shocks, shock_ptr):
    """Write the rows of all shocks of a block.

    Returns
    -------
    rows : ndarray of int32, shape (4, room)
        Shock, effect, kind, and one past its last point: the first row_ptr[n] places.
    points : ndarray of float64, shape (2, room)
        Day and value, up to the last row's last.
    row_ptr : ndarray of int32, shape (n + 1,)
        Rows of each replication.
    """
    n_row, n_point = ZERO, ZERO
    for i in range(np.int64(shock_ptr[-1])):  # upper bounds
        rule = rules.hazard[np.int64(shocks[HAZARD, i])]
        n_row += rule.row_room
        n_point += rule.point_room
    rows = np.empty((4, n_row), np.int32)
    # A row that is dropped was written first, so the last one needs room of its own.
    points = np.empty((2, n_point))
    row_ptr = np.zeros(replications.shape[0] + 1, np.int32)
    most = max(6, rules.table_day.shape[0])
    room = (
        np.empty((2, most)),
        np.empty(rules.applicant.shape[0]),
        np.empty(rules.applicant.shape[0]),
    )
    write_rows(rules, numbers, seed, replications, shocks, shock_ptr, rows, points, row_ptr, room)
    return rows, points, row_ptr


@njit_uncounted
def plain_number(numbers, key, law, stream, slot):
    """Return a draw that belongs to no hazard."""
    value = numbers.fixed[law]
    if value == value:
        return value
    return quantile(numbers.laws, law, chance(key, stream, ZERO, slot))


@njit_uncounted
def write_others(rules, numbers, seed, replications, start, value):
    """Write the starts of projects and the values of parameters."""
    for r in range(replications.shape[0]):
        key = (seed, np.uint64(replications[r]))
        for j in range(start.shape[0]):
            it = rules.project[j]
            if happens(key, it.stream, ZERO, ZERO, it.probability):
                start[j, r] = it.day + plain_number(numbers, key, it.delay, it.stream, ONE)
        for j in range(value.shape[0]):
            par = rules.parameter[j]
            drawn = plain_number(numbers, key, par.law, par.stream, ZERO)
            value[j, r] = min(max(drawn, par.low), par.high)


@njit(nogil=True, cache=True)
def draw_others(rules, numbers, seed, replications):
    """Draw projects and uncertain parameters.

    Returns
    -------
    start : ndarray of float64, shape (P, n)
        Realised start of each project, days; infinity where it is never built.
    value : ndarray of float64, shape (D, n)
        Value of each parameter, within its bounds.
    """
    n, n_project = replications.shape[0], rules.project.shape[0]
    start = np.full((n_project, n), np.inf)
    value = np.empty((rules.parameter.shape[0], n))
    write_others(rules, numbers, seed, replications, start, value)
    return start, value
