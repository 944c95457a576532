"""Compiled: arrivals and reserves (docs/model.md, sections 2 and 4)."""

import numpy as np
from numba import njit

from sim.flow.fields import (
    ACTIVATION,
    ARRIVED,
    FREE,
    HELD,
    LANE_FEED,
    MAX_RATE,
    PIPE,
    POSITION,
    REF_USE,
    RESERVE_FEED,
    SERVES,
    SLOTS,
    STOCK,
    TRIGGER,
)


@njit(nogil=True, cache=True, error_model="numpy")
def arrive(k, li, flag, tracing, feed, lane, pipe):
    """Bring in what is due; over a held route a share of it waits one more period."""
    R = pipe.shape[1]
    for l in range(lane.shape[1]):
        due = pipe[li[PIPE, l] + k % li[SLOTS, l]]
        stock = feed[STOCK, li[LANE_FEED, l]]
        if flag[HELD, l] == 1:
            later = pipe[li[PIPE, l] + (k + 1) % li[SLOTS, l]]
            for r in range(R):
                comes = due[r] * lane[FREE, l, r]
                later[r] += due[r] - comes
                due[r] = comes
        if tracing:
            for r in range(R):
                lane[ARRIVED, l, r] = due[r]
        for r in range(R):
            stock[r] += due[r]
        for r in range(R):
            due[r] = 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def lack_of(trigger, use, stock):
    """Return what a served feed lacks to its reserve's trigger."""
    level = trigger * use
    lack = level - stock
    return 0.0 if lack <= 1e-9 * level else lack


@njit(nogil=True, cache=True, error_model="numpy")
def release(k, step, vi, vx, yi, yx, reserve, low_days, feed, released):
    """Open the reserves whose buyers have been low for longer than the activation time."""
    for v in range(vx.shape[1]):
        y0, y1 = vi[SERVES, v], vi[SERVES, v + 1]
        own = vi[RESERVE_FEED, v]
        for r in range(feed.shape[2]):
            active = False
            total = 0.0
            for y in range(y0, y1):
                lack = lack_of(vx[TRIGGER, v], feed[REF_USE, yi[y], r], feed[STOCK, yi[y], r])
                low_days[y, r] = low_days[y, r] + step if lack > 0.0 else 0.0
                active = active or low_days[y, r] > reserve[ACTIVATION, v, r]
                total += lack
            if not active or feed[STOCK, own, r] <= 0.0 or total <= 0.0:
                continue
            limit = min(feed[STOCK, own, r], vx[MAX_RATE, v])
            amount = min(limit, total)
            for y in range(y0, y1):
                f = yi[y]
                lack = lack_of(vx[TRIGGER, v], feed[REF_USE, f, r], feed[STOCK, f, r])
                gift = amount * (lack / total)
                if not np.isnan(yx[y]):
                    gift = min(lack, yx[y] * limit)
                feed[STOCK, f, r] += gift
                feed[POSITION, f, r] += gift
                feed[STOCK, own, r] = max(0.0, feed[STOCK, own, r] - gift)
                feed[POSITION, own, r] -= gift
                released[k, v, r] += gift
