"""Compiled: what the tape's rows do to sites and lanes in a period (docs/model.md, 1a)."""

import numpy as np
from numba import njit

from sim.flow.kernel.controls import is_control, note_control
from sim.flow.kernel.fields import (
    ROW_ANNOUNCED,
    ROW_CAP,
    ROW_DAYS,
    ROW_DEMAND,
    ROW_HOLD,
    ROW_OUTPUT,
)
from sim.flow.kernel.means import joint_mean, value_at
from sim.flow.kernel.stocks import keep_sums
from sim.flow.kernel.vector import WIDTH

IDLE, STEADY, MOVING = 0, 1, 2


@njit(inline="always", nogil=True, error_model="numpy")
def is_share(kind):
    """Return whether several rows of this kind multiply: availability, cap, hold, output."""
    return (kind <= ROW_HOLD and kind != ROW_DAYS) or kind == ROW_OUTPUT


@njit(inline="always", nogil=True, error_model="numpy")
def acted_on(w, kind):
    """Return the table that rows of a kind act on."""
    table = w.availability
    if kind == ROW_CAP:
        table = w.cap
    elif kind == ROW_DAYS:
        table = w.delay
    elif kind == ROW_HOLD:
        table = w.free
    elif kind == ROW_DEMAND:
        table = w.factor
    elif kind == ROW_ANNOUNCED:
        table = w.announced
    elif kind == ROW_OUTPUT:
        table = w.yielding
    return table


@njit(inline="always", nogil=True, error_model="numpy")
def place(w, q):
    """Return where row q of the tape stands in the batch's own tables."""
    return q - w.first_row[0]


# --- when a row must be read again ---------------------------------------------------------------


@njit(inline="always", nogil=True, error_model="numpy")
def wait(w, q, r, k):
    """Let row q of replication r be read in period k, if there is such a period."""
    if k < w.n_period:
        w.later[place(w, q)] = w.due[k, r]
        w.due[k, r] = q


@njit(nogil=True, error_model="numpy")
def period_of(w, day):
    """Return the first period that ends after a day; one too early where rounding wants it."""
    if day >= w.n_period * w.step_days:
        return w.n_period
    k = int(max(0.0, day) / w.step_days)
    return k - 1 if day < k * w.step_days and k > 0 else k


@njit(inline="always", nogil=True, error_model="numpy")
def read_row(w, k, q, t0, t1):
    """Set row q's mean over period k, and whether it is idle, steady or moving.

    Return the next period in which that can be otherwise. On a level segment it cannot: whole days
    and periods are exact numbers, so that the same sum gives the same mean until a point comes.
    """
    day, value, a, b = w.point_day, w.point_value, w.point_ptr[q], w.point_ptr[q + 1]
    if not (day[a] < t1 and day[b - 1] > t0):
        w.mean[place(w, q)] = 0.0
        w.course[place(w, q)] = IDLE
        return k + 1 if day[a] >= t1 else w.n_period
    area = 0.0
    course = STEADY
    change = k + 1
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
            if course == STEADY and value[j] == value[j + 1]:
                change = period_of(w, day[j + 1])
    w.mean[place(w, q)] = area / (t1 - t0)
    w.course[place(w, q)] = course
    return change


@njit(inline="always", nogil=True, error_model="numpy")
def list_rows(w, j0, n):
    """Let every row of a batch be read in the period in which it begins; nothing acts so far."""
    for k in range(w.n_period):
        for r in range(WIDTH):
            w.due[k, r] = -1
    w.first_row[0] = w.row_ptr[j0]
    for r in range(n):
        w.n_acting[r] = 0
        for q in range(w.row_ptr[j0 + r], w.row_ptr[j0 + r + 1]):
            w.course[place(w, q)] = IDLE
            wait(w, q, r, period_of(w, w.point_day[w.point_ptr[q]]))


@njit(inline="always", nogil=True, error_model="numpy")
def admit(w, r, a, q):
    """Add row q to the acting rows of replication r, which stand in row order from place a on."""
    x = a + w.n_acting[r]
    while x > a and w.acting[x - 1] > q:
        w.acting[x] = w.acting[x - 1]
        x -= 1
    w.acting[x] = q
    w.n_acting[r] += 1


@njit(inline="always", nogil=True, error_model="numpy")
def dismiss(w, r, a, q):
    """Take row q from the acting rows of replication r."""
    x = a
    while w.acting[x] != q:
        x += 1
    w.n_acting[r] -= 1
    while x < a + w.n_acting[r]:
        w.acting[x] = w.acting[x + 1]
        x += 1


# --- what rows do --------------------------------------------------------------------------------


@njit(nogil=True, error_model="numpy")
def calm(w, r, a):
    """Put back to rest whatever a row of replication r touched in the period before."""
    for x in range(a, a + w.n_acting[r]):
        q = w.acting[x]
        kind, effect = w.row_kind[q], w.row_effect[q]
        table = acted_on(w, kind)
        rest = 0.0 if kind in (ROW_DAYS, ROW_ANNOUNCED) else 1.0
        for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
            i = w.target[y]
            table[w.lane_feed[i] if kind == ROW_ANNOUNCED else i, r] = rest
            count_row(w, kind, i, r, -1)
            if kind == ROW_CAP:
                w.limited[w.supplier[i]] -= 1
            elif kind == ROW_DAYS:
                w.delayed[w.lane_feed[i]] -= 1


@njit(inline="always", nogil=True, error_model="numpy")
def count_row(w, kind, i, r, more):
    """Count a row of replication r that begins (1) or ceases (-1) to act on target i."""
    w.struck[kind, i] += more
    w.rows_on[kind * max(w.n_site, w.n_lane) + i, r] += more


@njit(inline="always", nogil=True, error_model="numpy")
def change_of(w, kind, mean):
    """Return what a row's mean does to its targets' tables."""
    if is_share(kind):
        return max(0.0, 1.0 - mean)
    if kind == ROW_DEMAND:
        return 1.0 + mean
    return np.ceil(mean / w.step_days - 1e-9) if kind == ROW_DAYS else mean


@njit(nogil=True, error_model="numpy")
def act(w, k, r, a):
    """Let the rows of replication r act, but for moving shares: count these; return if any is."""
    any_moving = False
    for x in range(a, a + w.n_acting[r]):
        q = w.acting[x]
        kind, effect = w.row_kind[q], w.row_effect[q]
        table = acted_on(w, kind)
        moves = is_share(kind) and w.course[place(w, q)] == MOVING
        any_moving = any_moving or moves
        change = 1.0 if moves else change_of(w, kind, w.mean[place(w, q)])
        for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
            i = w.target[y]
            at = w.lane_feed[i] if kind == ROW_ANNOUNCED else i
            if kind in (ROW_DAYS, ROW_ANNOUNCED):
                table[at, r] = max(table[at, r], change)
            else:
                table[at, r] *= change
            count_row(w, kind, i, r, 1)
            if moves:
                w.moving[kind, i] += 1
            if kind == ROW_CAP:
                w.limited[w.supplier[i]] += 1
            elif kind == ROW_DAYS:
                w.delayed[w.lane_feed[i]] += 1
            if kind in (ROW_HOLD, ROW_DAYS):
                keep_sums(w, k, i)
    return any_moving


@njit(nogil=True, error_model="numpy")
def pick(w, kind, i, r, a):
    """List the moving rows of one kind on target i, in row order; return how many."""
    n = 0
    for x in range(a, a + w.n_acting[r]):
        q = w.acting[x]
        if w.row_kind[q] == kind and w.course[place(w, q)] == MOVING:
            effect = w.row_effect[q]
            for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
                if w.target[y] == i:
                    w.picked[n] = q
                    n += 1
    return n


@njit(nogil=True, error_model="numpy")
def move(w, r, a, t0, t1):
    """Let the moving shares of replication r act: one alone by its mean, several by their joint."""
    for x in range(a, a + w.n_acting[r]):
        q = w.acting[x]
        kind, effect = w.row_kind[q], w.row_effect[q]
        if w.course[place(w, q)] != MOVING or not is_share(kind):
            continue
        table = acted_on(w, kind)
        for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
            i = w.target[y]
            if w.moving[kind, i] == 0:
                continue  # an earlier moving row has done this target for all
            left = max(0.0, 1.0 - w.mean[place(w, q)])
            if w.moving[kind, i] > 1:
                left = joint_mean(w, pick(w, kind, i, r, a), t0, t1)
            w.moving[kind, i] = 0
            table[i, r] *= left


@njit(inline="always", nogil=True, error_model="numpy")
def is_alone(w, r, a, q):
    """Return whether it is sure that no acting row but q is of its kind on its targets.

    Announcements of lanes meet in their feed: one is alone where no other acts.
    """
    kind, effect = w.row_kind[q], w.row_effect[q]
    if kind == ROW_ANNOUNCED:
        for x in range(a, a + w.n_acting[r]):
            if w.acting[x] != q and w.row_kind[w.acting[x]] == kind:
                return False
        return True
    own = 0 if w.course[place(w, q)] == IDLE else 1
    first = kind * max(w.n_site, w.n_lane)
    for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
        if w.rows_on[first + w.target[y], r] != own:
            return False
    return True


@njit(inline="always", nogil=True, error_model="numpy")
def lift_rows(w, j0, n):
    """Let no row of a batch act any longer, so that the next finds nothing counted."""
    for r in range(n):
        calm(w, r, place(w, w.row_ptr[j0 + r]))


@njit(inline="always", nogil=True, error_model="numpy")
def act_alone(w, k, r, q, more):
    """Let row q, alone on its targets, act or rest; `more` rows of its kind act from now on."""
    kind, effect = w.row_kind[q], w.row_effect[q]
    table = acted_on(w, kind)
    change = change_of(w, kind, w.mean[place(w, q)])
    for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
        i = w.target[y]
        table[w.lane_feed[i] if kind == ROW_ANNOUNCED else i, r] = change
        count_row(w, kind, i, r, more)
        if kind == ROW_CAP:
            w.limited[w.supplier[i]] += more
        elif kind == ROW_DAYS:
            w.delayed[w.lane_feed[i]] += more
        if kind in (ROW_HOLD, ROW_DAYS) and more >= 0:
            keep_sums(w, k, i)


@njit(nogil=True, error_model="numpy")
def turn_to(w, k, r, a, q, t0, t1):
    """Read row q of replication r; return how many more rows act: 1, 0 or -1."""
    before = w.course[place(w, q)]
    wait(w, q, r, read_row(w, k, q, t0, t1))
    after = w.course[place(w, q)]
    more = 0
    if before == IDLE and after != IDLE:
        admit(w, r, a, q)
        more = 1
    elif before != IDLE and after == IDLE:
        dismiss(w, r, a, q)
        more = -1
    if w.pricing == 1 and is_control(w, q):
        note_control(w, r, a, q, more)
    return more


@njit(nogil=True, error_model="numpy")
def act_together(w, k, r, a, q, t0, t1):
    """Put all rows of replication r back to rest, read those due from q on, and let all act."""
    calm(w, r, a)
    while q >= 0:
        later = w.later[place(w, q)]
        turn_to(w, k, r, a, q, t0, t1)
        q = later
    if act(w, k, r, a):
        move(w, r, a, t0, t1)


@njit(inline="always", nogil=True, error_model="numpy")
def read_rows(w, k, r, a, t0, t1):
    """Read the rows of replication r that are due in period k, and let them act.

    One that is alone on its targets acts at once; from the first that is not, all act together.
    """
    q = w.due[k, r]
    while q >= 0 and is_alone(w, r, a, q):
        later = w.later[place(w, q)]
        more = turn_to(w, k, r, a, q, t0, t1)
        act_alone(w, k, r, q, more)
        q = later
    if q >= 0:
        act_together(w, k, r, a, q, t0, t1)


@njit(nogil=True, error_model="numpy")
def set_exogenous(w, k, j0, n):
    """Set availability, caps, delays, holds, demand factors and announcements of period k.

    Replications j0 to j0 + n - 1 of the tape are the batch. One none of whose rows is due is left
    as it is.
    """
    t0 = k * w.step_days
    t1 = (k + 1) * w.step_days
    for r in range(n):
        if w.due[k, r] >= 0:
            read_rows(w, k, r, place(w, w.row_ptr[j0 + r]), t0, t1)
