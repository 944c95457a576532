"""Compiled courses: the rows of the tape that each shock's effects write.

A course is a piecewise linear function of time: see ``docs/model.md`` 1a and ``Profile``.
"""

import numpy as np
from numba import njit

from sim.shocks.sampler_kernel import (
    ACUTE,
    ANNOUNCE,
    CHRONIC,
    CHRONIC_SEVERITY,
    END,
    EVENT,
    HAZARD,
    OFF,
    ON_SEVERITY,
    SEVERITY,
    START,
    chance,
    number,
    tied_number,
)

# Kinds of rows, as in tape.py.
AVAILABILITY, LANE_CAP, EXTRA_DAYS, HOLD, DEMAND, ANNOUNCED = 0, 1, 2, 3, 4, 5

# Slots of an effect's own stream: fixed for ever, like a hazard's.
E_INCLUDE, E_SEVERITY, E_LEAKAGE, E_QUOTA, E_DAYS = 0, 1, 2, 3, 4

LOWEST_CHANGE = -0.999999  # demand may all but vanish; the tape keeps it above -1


@njit(nogil=True, cache=True)
def clipped(value, kind):
    """Return `value` within the bounds of a kind of row."""
    if kind == EXTRA_DAYS:
        return max(0.0, value)
    if kind == DEMAND:
        return max(LOWEST_CHANGE, value)
    return min(max(0.0, value), 1.0)


@njit(nogil=True, cache=True)
def point(tape, p, first, day, value):
    """Write point p of a row that began at point `first`, unless it repeats the last one."""
    if p > first and tape.day[p - 1] == day and tape.value[p - 1] == value:
        return p
    tape.day[p], tape.value[p] = day, value
    return p + 1


@njit(nogil=True, cache=True)
def write_table(rules, h, kind, onset, peak, tape, first):
    """Write a dated table times `peak`; return the next free point."""
    p = first
    for j in range(rules.table_ptr[h], rules.table_ptr[h + 1]):
        value = clipped(rules.table_level[j] * peak, kind)
        p = point(tape, p, first, onset + rules.table_day[j], value)
    return p


@njit(nogil=True, cache=True)
def write_phases(rules, shock, kind, peak, chronic_level, tape, first):
    """Write ramp, plateau, chronic phase and easing; return the next free point.

    A ramp longer than its phase is cut at the end of the phase: it gets as far as it got.
    """
    h = int(shock[HAZARD])
    p, t, level = first, shock[START], clipped(peak, kind)
    ramp, acute, chronic = rules.ramp_in_days[h], shock[ACUTE], shock[CHRONIC]
    if ramp > 0.0:
        p = point(tape, p, first, t, 0.0)
        if ramp > acute:
            level = level * (acute / ramp)
        p = point(tape, p, first, t + min(ramp, acute), level)
    else:
        p = point(tape, p, first, t, level)
    t = t + acute
    p = point(tape, p, first, t, level)
    if chronic > 0.0:
        relax, low = rules.relax_days[h], clipped(chronic_level, kind)
        if relax > chronic:
            low = level + (low - level) * (chronic / relax)
        p = point(tape, p, first, t + min(relax, chronic), low)
        t, level = t + chronic, low
        p = point(tape, p, first, t, level)
    if rules.easing_days[h] > 0.0:
        p = point(tape, p, first, shock[END], 0.0)
    return p


@njit(nogil=True, cache=True)
def idle(tape, first, last):
    """Return whether points first to last - 1 do nothing: no length, or all zero."""
    if last <= first or tape.day[last - 1] <= tape.day[first]:
        return True
    moving = False
    for p in range(first, last):
        moving = moving or tape.value[p] != 0.0
    return not moving


@njit(nogil=True, cache=True)
def close_row(tape, q, first, last, shock, effect, kind):
    """Enter a row of points first to last - 1; return the next free row and point."""
    if idle(tape, first, last):
        return q, first
    tape.shock[q], tape.effect[q], tape.kind[q] = shock, effect, kind
    tape.ptr[q + 1] = last
    return q + 1, last


@njit(nogil=True, cache=True)
def write_course(rules, shock, kind, peak, chronic_level, tape, p):
    """Write the course of one number over a shock; return the next free point."""
    h = int(shock[HAZARD])
    if rules.table_ptr[h + 1] > rules.table_ptr[h]:
        return write_table(rules, h, kind, shock[START], peak, tape, p)
    return write_phases(rules, shock, kind, peak, chronic_level, tape, p)


@njit(nogil=True, cache=True)
def severity_of(rules, laws, seed, replication, h, effect, event):
    """Return the severity of an effect before leakage; 0 where none is given."""
    stream = rules.effect_stream[effect]
    if rules.effect_quota[effect] >= 0:
        quota = number(
            rules, laws, rules.effect_quota[effect], seed, stream, replication, event, E_QUOTA
        )
        value = 1.0 - quota
    elif rules.effect_severity[effect] >= 0:
        value = tied_number(
            rules,
            laws,
            rules.effect_severity[effect],
            h,
            ON_SEVERITY,
            seed,
            stream,
            replication,
            event,
            E_SEVERITY,
        )
    elif rules.severity[h] >= 0:
        value = tied_number(
            rules,
            laws,
            rules.severity[h],
            h,
            ON_SEVERITY,
            seed,
            rules.stream[h],
            replication,
            event,
            SEVERITY,
        )
    else:
        value = 0.0
    return clipped(value, rules.effect_kind[effect])


@njit(nogil=True, cache=True)
def chronic_of(rules, laws, seed, replication, h, event, kind):
    """Return the level of the chronic phase; 0 without one."""
    if rules.chronic_severity[h] < 0:
        return 0.0
    value = number(
        rules,
        laws,
        rules.chronic_severity[h],
        seed,
        rules.stream[h],
        replication,
        event,
        CHRONIC_SEVERITY,
    )
    return clipped(value, kind)


@njit(nogil=True, cache=True)
def write_effect(rules, laws, seed, replication, shock, i, effect, tape, q, p):
    """Write the rows of one effect of shock number i; return the next free row and point."""
    h, event = int(shock[HAZARD]), int(shock[EVENT])
    stream = rules.effect_stream[effect]
    if chance(seed, stream, replication, event, E_INCLUDE) >= rules.effect_probability[effect]:
        return q, p
    kind = rules.effect_kind[effect]
    if shock[OFF] == 0.0:
        severity = severity_of(rules, laws, seed, replication, h, effect, event)
        chronic = chronic_of(rules, laws, seed, replication, h, event, kind)
        passing = 1.0
        if rules.effect_leakage[effect] >= 0:
            leak = number(
                rules,
                laws,
                rules.effect_leakage[effect],
                seed,
                stream,
                replication,
                event,
                E_LEAKAGE,
            )
            passing = 1.0 - min(max(0.0, leak), 1.0)
        last = write_course(rules, shock, kind, severity * passing, chronic * passing, tape, p)
        q, p = close_row(tape, q, p, last, i, effect, kind)
        if rules.effect_days[effect] >= 0:
            days = number(
                rules, laws, rules.effect_days[effect], seed, stream, replication, event, E_DAYS
            )
            days = max(0.0, days)
            # The days ease as the severity does; without a severity they stay to the end.
            later = days * (chronic / severity) if severity > 0.0 else days
            last = write_course(rules, shock, EXTRA_DAYS, days, later, tape, p)
            q, p = close_row(tape, q, p, last, i, effect, EXTRA_DAYS)
    if rules.effect_control[effect] == 1:
        last = point(tape, p, p, shock[ANNOUNCE], 1.0)
        last = point(tape, last, p, shock[START], 1.0)
        q, p = close_row(tape, q, p, last, i, effect, ANNOUNCED)
    return q, p


@njit(nogil=True, cache=True)
def room_needed(rules, shocks):
    """Return an upper bound of the rows and of the points that `shocks` need."""
    rows, points = 0, 0
    for i in range(shocks.shape[0]):
        h = int(shocks[i, HAZARD])
        n_effect = rules.effect_ptr[h + 1] - rules.effect_ptr[h]
        longest = max(6, rules.table_ptr[h + 1] - rules.table_ptr[h])
        rows += 3 * n_effect
        points += n_effect * (2 * longest + 2)
    return rows, points


@njit(nogil=True, cache=True)
def draw_rows(rules, laws, seed, replications, shocks, shock_ptr, tape, row_ptr):
    """Write the rows of all shocks of a block; return how many rows and points they took."""
    q, p = 0, 0
    for r in range(replications.shape[0]):
        replication = np.uint64(replications[r])
        for i in range(shock_ptr[r], shock_ptr[r + 1]):
            h = int(shocks[i, HAZARD])
            for effect in range(rules.effect_ptr[h], rules.effect_ptr[h + 1]):
                q, p = write_effect(
                    rules, laws, seed, replication, shocks[i], i, effect, tape, q, p
                )
        row_ptr[r + 1] = q
    return q, p


@njit(nogil=True, cache=True)
def draw_projects(rules, laws, seed, replications, out):
    """Write the realised start of each project, days; infinity where it is never built."""
    for j in range(out.shape[0]):
        stream, law = rules.project_stream[j], rules.project_delay[j]
        for r in range(replications.shape[0]):
            replication = np.uint64(replications[r])
            if chance(seed, stream, replication, 0, 0) < rules.project_probability[j]:
                delay = number(rules, laws, law, seed, stream, replication, 0, 1)
                out[j, r] = rules.project_day[j] + delay
            else:
                out[j, r] = np.inf


@njit(nogil=True, cache=True)
def draw_parameters(rules, laws, seed, replications, out):
    """Write the value of each uncertain parameter, kept within its bounds."""
    for j in range(out.shape[0]):
        stream, law = rules.parameter_stream[j], rules.parameter_law[j]
        for r in range(replications.shape[0]):
            value = number(rules, laws, law, seed, stream, np.uint64(replications[r]), 0, 0)
            out[j, r] = min(max(value, rules.parameter_low[j]), rules.parameter_high[j])
