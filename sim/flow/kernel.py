"""The compiled engine: many replications side by side, replication last and contiguous.

Reads top to bottom in the order of docs/model.md, whose order of every floating-point operation
it keeps, so that it agrees with the SimPy model to the last bit. Tables and their rows are named
in ``fields.py``; the sections are in ``kernel_*.py``. No Python in the loop; divisions by zero
are guarded where they can occur.
"""

import numpy as np
from numba import njit

from sim.flow.fields import (
    ARRIVED,
    FULL,
    ORDER,
    POSITION,
    RUN_RATE,
    SHIPPED,
    STOCK,
    TRUSTED,
)
from sim.flow.kernel_adapt import adapt
from sim.flow.kernel_orders import demand_and_orders
from sim.flow.kernel_references import copy, paths_change, set_progress, set_references, start
from sim.flow.kernel_rows import set_exogenous
from sim.flow.kernel_stocks import arrive, release
from sim.flow.kernel_supply import supply


@njit(nogil=True, cache=True, error_model="numpy")
def run_batch(
    step,
    si,
    sx,
    fi,
    fx,
    li,
    lx,
    path,
    vi,
    vx,
    yi,
    yx,
    pi,
    px,
    oi,
    ox,
    start_days,
    x0,
    column,
    begin,
    end,
    row_ptr,
    row_kind,
    row_effect,
    point_ptr,
    point_day,
    point_value,
    target_ptr,
    target,
    site,
    feed,
    lane,
    pipe,
    reserve,
    booked,
    released,
    traced_feed,
    traced_lane,
    traced_site,
):
    """Simulate one batch through all periods; fill `booked`, `released` (and the traces).

    Tables are packed as ``fields.py`` names them. `site`, `feed`, `lane`, `pipe` and `reserve` come
    in with what was drawn and everything else at rest; see ``engine.py``. The traces hold no
    periods unless they are asked for.
    """
    n_lane, R = lane.shape[1], lane.shape[2]
    mean = np.zeros(column.size)
    course = np.zeros(column.size, np.int64)
    moving = np.zeros((3, max(n_lane, site.shape[1]), R), np.int64)
    delay = np.zeros((n_lane, R), np.int64)
    flag = np.zeros((5, n_lane), np.int64)
    flag[TRUSTED] = 1
    tracing = traced_feed.shape[1] > 0
    scratch = np.zeros((4, R))
    progress = np.zeros((px.shape[1], R))
    low_days = np.zeros((yi.size, R))
    for k in range(path.shape[1]):
        set_exogenous(
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
            row_kind,
            row_effect,
            point_ptr,
            point_day,
            point_value,
            target_ptr,
            target,
            li,
            site,
            feed,
            lane,
            delay,
            flag,
        )
        changed = set_progress(k, step, px, start_days, progress)
        if k == 0 or changed or paths_change(k, path):
            set_references(k, si, fi, fx, li, lx, path, pi, px, oi, ox, progress, site, feed, lane)
        if k == 0:
            start(fi, li, vi, reserve, site, feed, lane, pipe)
        arrive(k, li, flag, tracing, feed, lane, pipe)
        release(k, step, vi, vx, yi, yx, reserve, low_days, feed, released)
        demand_and_orders(
            k, si, fi, fx, li, lx, path, vi, yi, flag, reserve, scratch, site, feed, lane, booked
        )
        supply(k, si, sx, fx, li, flag, delay, scratch, site, feed, lane, pipe)
        adapt(step, si, sx, fi, fx, li, flag, site, feed, lane)
        if tracing:
            copy(feed[STOCK], traced_feed[0, k])
            copy(feed[POSITION], traced_feed[1, k])
            copy(lane[ORDER], traced_lane[0, k])
            for l in range(n_lane):
                for r in range(R):
                    traced_lane[1, k, l, r] = lane[ORDER if flag[FULL, l] == 1 else SHIPPED, l, r]
            copy(lane[ARRIVED], traced_lane[2, k])
            copy(site[RUN_RATE], traced_site[0, k])
