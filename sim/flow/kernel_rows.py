"""Compiled: what the tape's rows do to sites and lanes in a period (docs/model.md, 1a)."""

import numpy as np
from numba import njit

from sim.flow.kernel_stocks import keep_sums

ROW_AVAILABILITY, ROW_CAP, ROW_DAYS, ROW_HOLD, ROW_DEMAND, ROW_ANNOUNCED = range(6)
GAUSS = 0.7745966692414834  # sqrt(3 / 5)
IDLE, STEADY, MOVING = 0, 1, 2


@njit(inline="always", nogil=True, error_model="numpy")
def value_at(w, j, t):
    """Return the value at day t of the segment that begins at point j."""
    day, value = w.point_day, w.point_value
    return value[j] + (value[j + 1] - value[j]) * ((t - day[j]) / (day[j + 1] - day[j]))


@njit(nogil=True, error_model="numpy")
def mean_of_row(w, q, t0, t1):
    """Return row q's mean over [t0, t1], and whether it is idle, steady or moving."""
    day, a, b = w.point_day, w.point_ptr[q], w.point_ptr[q + 1]
    if not (day[a] < t1 and day[b - 1] > t0):
        return 0.0, IDLE
    area = 0.0
    course = STEADY
    for j in range(a, b):
        if t0 < day[j] < t1:
            course = MOVING
    for j in range(a, b - 1):
        if day[j + 1] > day[j] and day[j + 1] > t0 and day[j] < t1:
            u = max(day[j], t0)
            v = min(day[j + 1], t1)
            at_u, at_v = value_at(w, j, u), value_at(w, j, v)
            area += (v - u) * (at_u + at_v) * 0.5
            if at_u != at_v:
                course = MOVING
    return area / (t1 - t0), course


@njit(nogil=True, error_model="numpy")
def left_at(w, q, t):
    """Return max(0, 1 - value) of row q at day t: on the first segment that holds it; else 1."""
    for j in range(w.point_ptr[q], w.point_ptr[q + 1] - 1):
        if w.point_day[j] <= t < w.point_day[j + 1]:
            return max(0.0, 1.0 - value_at(w, j, t))
    return 1.0


@njit(inline="always", nogil=True, error_model="numpy")
def cut(w, n, t0, t1):
    """List the days in [t0, t1] at which one of the n picked rows bends, ascending; return m.

    They part the period into m pieces.
    """
    cuts = w.cuts
    cuts[0] = t0
    m = 1
    for x in range(n):
        for j in range(w.point_ptr[w.picked[x]], w.point_ptr[w.picked[x] + 1]):
            d = w.point_day[j]
            if t0 < d < t1:  # insertion keeps the days ascending, without repeats
                at = m
                while cuts[at - 1] > d:
                    at -= 1
                if cuts[at - 1] != d:
                    for y in range(m, at, -1):
                        cuts[y] = cuts[y - 1]
                    cuts[at] = d
                    m += 1
    cuts[m] = t1
    return m


@njit(nogil=True, error_model="numpy")
def joint_mean(w, n, t0, t1):
    """Return J: the exact mean over [t0, t1] of the product of what n picked rows leave."""
    m = cut(w, n, t0, t1)
    area = 0.0
    for x in range(m):
        u, v = w.cuts[x], w.cuts[x + 1]
        mid = (u + v) * 0.5
        h = (v - u) * 0.5
        g1 = 1.0
        g2 = 1.0
        g3 = 1.0
        for y in range(n):
            g1 *= left_at(w, w.picked[y], mid - h * GAUSS)
            g2 *= left_at(w, w.picked[y], mid)
            g3 *= left_at(w, w.picked[y], mid + h * GAUSS)
        area += (v - u) * ((5.0 * g1 + 8.0 * g2 + 5.0 * g3) / 18.0)
    return area / (t1 - t0)


@njit(inline="always", nogil=True, error_model="numpy")
def is_share(kind):
    """Return whether several rows of this kind multiply: availability, cap, hold."""
    return kind <= ROW_HOLD and kind != ROW_DAYS


@njit(inline="always", nogil=True, error_model="numpy")
def read_rows(w, a, b, t0, t1):
    """Set what rows a to b - 1 do in a period; return whether that is not what they did before.

    Where none has changed, all that they act upon is as the last period left it.
    """
    changed = False
    for q in range(a, b):
        mean, course = mean_of_row(w, q, t0, t1)
        changed = changed or course == MOVING or course != w.course[q] or mean != w.mean[q]
        w.new_mean[q] = mean
        w.new_course[q] = course
    return changed


@njit(inline="always", nogil=True, error_model="numpy")
def calm(w, r, a, b):
    """Put back to rest whatever a row of replication r touched in the period before."""
    for q in range(a, b):
        kind, effect = w.row_kind[q], w.row_effect[q]
        if w.course[q] == IDLE:
            continue
        for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
            i = w.target[y]
            if kind == ROW_AVAILABILITY:
                w.availability[i, r] = 1.0
            elif kind == ROW_CAP:
                w.cap[i, r] = 1.0
                w.capped[i] -= 1
                w.limited[w.supplier[i]] -= 1
            elif kind == ROW_HOLD:
                w.free[i, r] = 1.0
                w.held[i] -= 1
            elif kind == ROW_DAYS:
                w.delay[i, r] = 0
                w.delayed[i] -= 1
            elif kind == ROW_DEMAND:
                w.factor[i, r] = 1.0
            else:
                w.announced[w.lane_feed[i], r] = 0.0


@njit(inline="always", nogil=True, error_model="numpy")
def act(w, k, r, a, b):
    """Let the rows of replication r act, but for moving shares: count these; return if any is."""
    any_moving = False
    for q in range(a, b):
        kind, effect, mean = w.row_kind[q], w.row_effect[q], w.mean[q]
        if w.course[q] == IDLE:
            continue
        moves = 1 if w.course[q] == MOVING else 0
        left = 1.0 if moves == 1 else max(0.0, 1.0 - mean)
        any_moving = any_moving or (moves == 1 and is_share(kind))
        for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
            i = w.target[y]
            if kind == ROW_AVAILABILITY:
                w.availability[i, r] *= left
                w.moving[kind, i] += moves
            elif kind == ROW_CAP:
                w.cap[i, r] *= left
                w.moving[kind, i] += moves
                w.capped[i] += 1
                w.limited[w.supplier[i]] += 1
            elif kind == ROW_HOLD:
                w.free[i, r] *= left
                w.moving[kind, i] += moves
                w.held[i] += 1
                keep_sums(w, k, i)
            elif kind == ROW_DAYS:
                w.delay[i, r] = max(w.delay[i, r], int(np.ceil(mean / w.step_days - 1e-9)))
                w.delayed[i] += 1
                keep_sums(w, k, i)
            elif kind == ROW_DEMAND:
                w.factor[i, r] *= 1.0 + mean
            else:
                f = w.lane_feed[i]
                w.announced[f, r] = max(w.announced[f, r], mean)
    return any_moving


@njit(inline="always", nogil=True, error_model="numpy")
def pick(w, kind, i, a, b):
    """List the moving rows of one kind on target i, in row order; return how many."""
    n = 0
    for q in range(a, b):
        if w.row_kind[q] == kind and w.course[q] == MOVING:
            effect = w.row_effect[q]
            for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
                if w.target[y] == i:
                    w.picked[n] = q
                    n += 1
    return n


@njit(inline="always", nogil=True, error_model="numpy")
def move(w, r, a, b, t0, t1):
    """Let the moving shares of replication r act: one alone by its mean, several by their joint."""
    for q in range(a, b):
        kind, effect = w.row_kind[q], w.row_effect[q]
        if w.course[q] != MOVING or not is_share(kind):
            continue
        for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
            i = w.target[y]
            if w.moving[kind, i] == 0:
                continue  # an earlier moving row has done this target for all
            left = max(0.0, 1.0 - w.mean[q])
            if w.moving[kind, i] > 1:
                left = joint_mean(w, pick(w, kind, i, a, b), t0, t1)
            w.moving[kind, i] = 0
            if kind == ROW_AVAILABILITY:
                w.availability[i, r] *= left
            elif kind == ROW_CAP:
                w.cap[i, r] *= left
            else:
                w.free[i, r] *= left


@njit(nogil=True, error_model="numpy")
def set_exogenous(w, k, j0, n):
    """Set availability, caps, delays, holds, demand factors and announcements of period k.

    Replications j0 to j0 + n - 1 of the tape are the batch. A replication none of whose rows has
    changed since the last period is left as it is.
    """
    t0 = k * w.step_days
    t1 = (k + 1) * w.step_days
    for r in range(n):
        a, b = w.row_ptr[j0 + r], w.row_ptr[j0 + r + 1]
        if not read_rows(w, a, b, t0, t1):
            continue
        calm(w, r, a, b)
        for q in range(a, b):
            w.mean[q] = w.new_mean[q]
            w.course[q] = w.new_course[q]
        if act(w, k, r, a, b):
            move(w, r, a, b, t0, t1)
