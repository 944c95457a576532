"""Compiled: supply and rationing, first site first (docs/model.md, section 6)."""

import numpy as np
from numba import njit

from sim.flow.fields import (
    AVAILABILITY,
    CAP,
    CAPACITY,
    CAPPED,
    CLASSES,
    COEFFICIENT,
    COUNTED,
    DELAYED,
    FEEDS,
    FULL,
    LANE_CLASS,
    LANE_FEED,
    LANES,
    ORDER,
    PIPE,
    POSITION,
    RAMP_SHARE,
    REF_LANE,
    RUN_RATE,
    SHIPPED,
    SLACK,
    SLOTS,
    STOCK,
    TRANSIT,
)


@njit(nogil=True, cache=True, error_model="numpy")
def count_orders(i, capped, si, total, lane):
    """Count the orders on site i's lanes; on a controlled lane up to the allowed flow."""
    total[:] = 0.0
    for l in range(si[LANES, i], si[LANES, i + 1]):
        order = lane[ORDER, l]
        if capped:
            counted = lane[COUNTED, l]
            for r in range(total.size):
                barred = min(order[r], lane[CAP, l, r] * lane[REF_LANE, l, r])
                counted[r] = barred if lane[CAP, l, r] < 1.0 else order[r]
                total[r] += counted[r]
        else:
            for r in range(total.size):
                total[r] += order[r]


@njit(nogil=True, cache=True, error_model="numpy")
def shippable(i, si, sx, fx, total, can, site, feed):
    """Move site i's run rate, set what it can ship; return how many replications fall short."""
    R = total.size
    at_once = np.isinf(sx[RAMP_SHARE, i])
    rate = site[RUN_RATE, i]
    for r in range(R):
        capacity = site[CAPACITY, i, r]
        step = capacity * sx[RAMP_SHARE, i]
        gap = total[r] - rate[r]
        moved = rate[r] + step if gap > 0.0 else rate[r] - step
        rate[r] = total[r] if at_once or abs(gap) <= step else moved
        can[r] = min(capacity, rate[r] + site[SLACK, i, r] * capacity) * site[AVAILABILITY, i, r]
    for f in range(si[FEEDS, i], si[FEEDS, i + 1]):
        for r in range(R):
            can[r] = min(can[r], feed[STOCK, f, r] / fx[COEFFICIENT, f])
    short = 0
    for r in range(R):
        short += 1 if total[r] > can[r] else 0
    return short


@njit(nogil=True, cache=True, error_model="numpy")
def ration(i, si, li, total, left, asked, part, lane):
    """Ship all that is ordered where it fits; else class by class, pro rata within a class."""
    R = total.size
    l0, l1 = si[LANES, i], si[LANES, i + 1]
    for cls in range(si[CLASSES, i]):
        asked[:] = 0.0
        for l in range(l0, l1):
            if li[LANE_CLASS, l] == cls:
                for r in range(R):
                    asked[r] += lane[COUNTED, l, r]
        for r in range(R):
            fits = total[r] <= left[r]
            served = fits or asked[r] <= left[r]
            part[r] = 1.0 if served else left[r] / asked[r]
            if not fits:
                left[r] = left[r] - asked[r] if served else 0.0
        for l in range(l0, l1):
            if li[LANE_CLASS, l] == cls:
                for r in range(R):
                    lane[SHIPPED, l, r] = lane[COUNTED, l, r] * part[r]


@njit(nogil=True, cache=True, error_model="numpy")
def dispatch(k, i, row, si, fx, li, flag, delay, made, feed, lane, pipe):
    """Use up feed stock for what ships (lane row `row`), and send it on its way."""
    R = pipe.shape[1]
    for f in range(si[FEEDS, i], si[FEEDS, i + 1]):
        for r in range(R):
            taken = min(made[r] * fx[COEFFICIENT, f], feed[STOCK, f, r])
            feed[STOCK, f, r] -= taken
            feed[POSITION, f, r] -= taken
    for l in range(si[LANES, i], si[LANES, i + 1]):
        position = feed[POSITION, li[LANE_FEED, l]]
        shipped = lane[row, l]
        for r in range(R):
            position[r] += shipped[r]
        due_in = k + li[TRANSIT, l]
        if flag[DELAYED, l] == 1:
            for r in range(R):
                pipe[li[PIPE, l] + (due_in + delay[l, r]) % li[SLOTS, l], r] += shipped[r]
        else:
            due = pipe[li[PIPE, l] + due_in % li[SLOTS, l]]
            for r in range(R):
                due[r] += shipped[r]


@njit(nogil=True, cache=True, error_model="numpy")
def supply(k, si, sx, fx, li, flag, delay, scratch, site, feed, lane, pipe):
    """Section 6 for every site with lanes, first site first.

    Where all orders fit in every replication and no lane is capped, what ships is what was ordered.
    """
    total = scratch[0]
    for i in range(site.shape[1]):
        l0, l1 = si[LANES, i], si[LANES, i + 1]
        if l1 == l0:
            continue
        capped = False
        for l in range(l0, l1):
            capped = capped or flag[CAPPED, l] == 1
        count_orders(i, capped, si, total, lane)
        full = shippable(i, si, sx, fx, total, scratch[1], site, feed) == 0 and not capped
        if not full:
            if not capped:
                for l in range(l0, l1):
                    for r in range(total.size):
                        lane[COUNTED, l, r] = lane[ORDER, l, r]
            ration(i, si, li, total, scratch[1], scratch[2], scratch[3], lane)
            total[:] = 0.0  # now what is made: the sum of what ships
            for l in range(l0, l1):
                for r in range(total.size):
                    total[r] += lane[SHIPPED, l, r]
        for l in range(l0, l1):
            flag[FULL, l] = 1 if full else 0
        row = ORDER if full else SHIPPED
        dispatch(k, i, row, si, fx, li, flag, delay, total, feed, lane, pipe)
