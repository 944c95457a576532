"""Compiled: projects that answer to prices (docs/model.md, section 7c)."""

import numpy as np
from numba import njit

from sim.flow.kernel.vector import WIDTH, any_of, everywhere, most, power, where

USUAL_DAYS = 365.0


@njit(nogil=True, error_model="numpy")
def rest_prospects(w, j0, n):
    """Set the usual prices of a batch at rest, and put in what chance decided of its projects."""
    for q in range(w.n_pair):
        w.usual[q] = 1.0
    for r in range(WIDTH):
        w.power_of_odds[0, r] = w.project_power[0, j0 + r] if r < n else 0.0
        for p in range(w.n_project):
            w.wanted[p, r] = w.wanted_drawn[p, j0 + r] if r < n else np.inf
            w.lead[p, r] = w.lead_drawn[p, j0 + r] if r < n else 0.0


@njit(inline="always", nogil=True, error_model="numpy")
def price_seen(w, p, t0):
    """Return the price that project p looks at: of the last year, or guaranteed to it."""
    price = w.usual[w.looks_at[p]]
    if w.floor_since[p] <= t0 and t0 < w.floor_until[p]:
        price = most(price, everywhere(w.floor[p]))
    return price


@njit(nogil=True, error_model="numpy")
def look_ahead(w, k):
    """Move the usual prices, and the starts of projects that have not started yet."""
    t0 = k * w.step_days
    t1 = (k + 1) * w.step_days
    for q in range(w.n_pair):
        usual = w.usual[q]
        if any_of((w.price[q] != 1.0) | (usual != 1.0)):
            w.usual[q] = usual + (w.price[q] - usual) * min(1.0, w.step_days / USUAL_DAYS)
    for p in range(w.n_project):
        if w.looks_at[p] < 0:
            continue
        start = w.start_day[p]
        price = price_seen(w, p, t0)
        if not any_of((price > 1.0) & (start >= t1)):
            continue
        planned = w.planned[p]
        brought = w.wanted[p] < np.inf
        comes = brought & (start == np.inf) & (price > 1.0) & (price >= w.wanted[p])
        late = (w.wanted[p] == np.inf) & (price > 1.0) & (start >= t1) & (start > planned)
        if any_of(late):
            sooner = start - w.step_days * (power(price, w.power_of_odds[0]) - 1.0)
            start = where(late, most(everywhere(max(planned, t1)), sooner), start)
        w.start_day[p] = where(comes, most(everywhere(planned), t1 + w.lead[p]), start)
