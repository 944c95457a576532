"""Compiled: what the tape's rows do to sites and lanes in a period (docs/model.md, 1a)."""

import numpy as np
from numba import njit

from sim.flow.fields import (
    ANNOUNCED,
    AVAILABILITY,
    CAP,
    CAPPED,
    DELAYED,
    FACTOR,
    FREE,
    HELD,
    LANE_FEED,
)

ROW_AVAILABILITY, ROW_CAP, ROW_DAYS, ROW_HOLD, ROW_DEMAND, ROW_ANNOUNCED = range(6)
GAUSS = 0.7745966692414834  # sqrt(3 / 5)
IDLE, STEADY, MOVING = 0, 1, 2


@njit(nogil=True, cache=True, error_model="numpy")
def mean_of_row(day, value, a, b, t0, t1):
    """Return the mean over [t0, t1] of points a..b-1, and whether it is idle, steady or moving."""
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
            w = min(day[j + 1], t1)
            vu = value[j] + (value[j + 1] - value[j]) * ((u - day[j]) / (day[j + 1] - day[j]))
            vw = value[j] + (value[j + 1] - value[j]) * ((w - day[j]) / (day[j + 1] - day[j]))
            area += (w - u) * (vu + vw) * 0.5
            if vu != vw:
                course = MOVING
    return area / (t1 - t0), course


@njit(nogil=True, cache=True, error_model="numpy")
def left_at(day, value, a, b, t):
    """Return max(0, 1 - value) at day t: on the first segment that holds it, 1 outside."""
    for j in range(a, b - 1):
        if day[j] <= t < day[j + 1]:
            v = value[j] + (value[j + 1] - value[j]) * ((t - day[j]) / (day[j + 1] - day[j]))
            return max(0.0, 1.0 - v)
    return 1.0


@njit(nogil=True, cache=True, error_model="numpy")
def joint_mean(picked, n, point_ptr, day, value, t0, t1):
    """Return J: the exact mean over [t0, t1] of the product of what n moving rows leave."""
    n_day = 2
    for x in range(n):
        n_day += point_ptr[picked[x] + 1] - point_ptr[picked[x]]
    cuts = np.empty(n_day)
    cuts[0] = t0
    m = 1
    for x in range(n):
        for j in range(point_ptr[picked[x]], point_ptr[picked[x] + 1]):
            d = day[j]
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
    area = 0.0
    for x in range(m):
        u = cuts[x]
        w = cuts[x + 1]
        mid = (u + w) * 0.5
        h = (w - u) * 0.5
        g1 = 1.0
        g2 = 1.0
        g3 = 1.0
        for y in range(n):
            a = point_ptr[picked[y]]
            b = point_ptr[picked[y] + 1]
            g1 *= left_at(day, value, a, b, mid - h * GAUSS)
            g2 *= left_at(day, value, a, b, mid)
            g3 *= left_at(day, value, a, b, mid + h * GAUSS)
        area += (w - u) * ((5.0 * g1 + 8.0 * g2 + 5.0 * g3) / 18.0)
    return area / (t1 - t0)


@njit(nogil=True, cache=True, error_model="numpy")
def calm(
    x0, column, kind, effect, target_ptr, target, course, moving, li, site, feed, lane, delay, flag
):
    """Put back to rest whatever a row touched in the period before."""
    for x in range(column.size):
        if course[x] == IDLE:
            continue
        course[x] = IDLE
        r = column[x]
        e = effect[x0 + x]
        for y in range(target_ptr[e], target_ptr[e + 1]):
            i = target[y]
            if kind[x0 + x] == ROW_AVAILABILITY:
                site[AVAILABILITY, i, r] = 1.0
                moving[0, i, r] = 0
            elif kind[x0 + x] == ROW_CAP:
                lane[CAP, i, r] = 1.0
                moving[1, i, r] = 0
                flag[CAPPED, i] = 0
            elif kind[x0 + x] == ROW_HOLD:
                lane[FREE, i, r] = 1.0
                moving[2, i, r] = 0
                flag[HELD, i] = 0
            elif kind[x0 + x] == ROW_DAYS:
                delay[i, r] = 0
                flag[DELAYED, i] = 0
            elif kind[x0 + x] == ROW_DEMAND:
                site[FACTOR, i, r] = 1.0
            else:
                feed[ANNOUNCED, li[LANE_FEED, i], r] = 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def set_exogenous(
    k,
    step,
    x0,
    column,
    begin,
    end,
    mean,
    course,
    moving,
    row_ptr,
    kind,
    effect,
    point_ptr,
    day,
    value,
    target_ptr,
    target,
    li,
    site,
    feed,
    lane,
    delay,
    flag,
):
    """Set availability, caps, delays, holds, demand factors and announcements of period k.

    Rows x0 + x of the tape belong to the batch; `column` is their replication in it, `begin` and
    `end` the periods between which they can act, `mean` and `course` are filled for this period.
    `row_ptr` are the offsets of the batch's replications; `moving` counts moving rows on a target.
    """
    t0 = k * step
    t1 = (k + 1) * step
    calm(
        x0,
        column,
        kind,
        effect,
        target_ptr,
        target,
        course,
        moving,
        li,
        site,
        feed,
        lane,
        delay,
        flag,
    )
    any_moving = False
    for x in range(column.size):
        if k < begin[x] or k > end[x]:
            continue
        q = x0 + x
        mean[x], course[x] = mean_of_row(day, value, point_ptr[q], point_ptr[q + 1], t0, t1)
        if course[x] == IDLE:
            continue
        r = column[x]
        left = max(0.0, 1.0 - mean[x])
        for y in range(target_ptr[effect[q]], target_ptr[effect[q] + 1]):
            i = target[y]
            if kind[q] == ROW_DAYS:
                delay[i, r] = max(delay[i, r], np.int64(np.ceil(mean[x] / step - 1e-9)))
                flag[DELAYED, i] = 1
            elif kind[q] == ROW_DEMAND:
                site[FACTOR, i, r] *= 1.0 + mean[x]
            elif kind[q] == ROW_ANNOUNCED:
                f = li[LANE_FEED, i]
                feed[ANNOUNCED, f, r] = max(feed[ANNOUNCED, f, r], mean[x])
            elif kind[q] == ROW_AVAILABILITY:
                if course[x] == STEADY:
                    site[AVAILABILITY, i, r] *= left
                else:
                    moving[0, i, r] += 1
            elif kind[q] == ROW_CAP:
                flag[CAPPED, i] = 1
                if course[x] == STEADY:
                    lane[CAP, i, r] *= left
                else:
                    moving[1, i, r] += 1
            else:
                flag[HELD, i] = 1
                if course[x] == STEADY:
                    lane[FREE, i, r] *= left
                else:
                    moving[2, i, r] += 1
        any_moving = any_moving or (
            course[x] == MOVING and kind[q] <= ROW_HOLD and kind[q] != ROW_DAYS
        )
    if not any_moving:
        return
    picked = np.empty(column.size, np.int64)
    for x in range(column.size):
        q = x0 + x
        if course[x] != MOVING or kind[q] == ROW_DAYS or kind[q] > ROW_HOLD:
            continue
        r = column[x]
        slot = 0 if kind[q] == ROW_AVAILABILITY else (1 if kind[q] == ROW_CAP else 2)
        for y in range(target_ptr[effect[q]], target_ptr[effect[q] + 1]):
            i = target[y]
            if moving[slot, i, r] == 0:
                continue  # an earlier moving row has done this target for all
            left = max(0.0, 1.0 - mean[x])
            if moving[slot, i, r] > 1:
                n = 0
                for other in range(row_ptr[r], row_ptr[r + 1]):
                    if kind[other] == kind[q] and course[other - x0] == MOVING:
                        for z in range(target_ptr[effect[other]], target_ptr[effect[other] + 1]):
                            if target[z] == i:
                                picked[n] = other
                                n += 1
                left = joint_mean(picked, n, point_ptr, day, value, t0, t1)
            moving[slot, i, r] = 0
            if slot == 0:
                site[AVAILABILITY, i, r] *= left
            elif slot == 1:
                lane[CAP, i, r] *= left
            else:
                lane[FREE, i, r] *= left
