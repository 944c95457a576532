"""Compiled: what is booked of goods, by product and region of their buyers (docs/model.md, 8).

Of each feed the sections before keep what it asked for and what was sent to it; here they are added
up by pair (``sim/flow/goods.py``), and what is lowest of them is kept.
"""

# mypy: disallow-untyped-defs=False

import numpy as np
from numba import njit

from sim.flow.kernel.measures import FOUR_WEEKS, LEAST_AT, LEAST_COVER, LEAST_DELIVERY, NEARLY
from sim.flow.kernel.vector import everywhere, where


@njit(inline="always", nogil=True, error_model="numpy")
def open_goods(w):
    """Start a batch: deliveries have been what they are at rest, and nothing was low so far."""
    for q in range(w.n_pair):
        w.delivery_share[q] = 1.0
        w.least_cover[q] = np.inf
        w.least_cover_at[q] = 0.0
        w.least_delivery[q] = 1.0
    for v in range(w.n_reserve):
        w.least_reserve[v] = np.inf
    for i in range(w.n_site):
        w.made[i] = 0.0


@njit(inline="always", nogil=True, error_model="numpy")
def open_sent(w):
    """Let nothing have been sent to anybody in this period."""
    for f in range(w.n_feed):
        w.sent[f] = 0.0


@njit(inline="always", nogil=True, error_model="numpy")
def add_up_pair(w, q):
    """Add up the feeds of pair q that have a reference use in this period, in order."""
    use, stock = everywhere(0.0), everywhere(0.0)
    asked, sent = everywhere(0.0), everywhere(0.0)
    for x in range(w.pair_ptr[q], w.pair_ptr[q + 1]):
        f = w.pair_feed[x]
        own = w.ref_use[f]
        counts = own > 0.0
        use = use + own
        stock = stock + where(counts, w.stock[f], 0.0)
        asked = asked + where(counts, w.asked[f], 0.0)
        sent = sent + where(counts, w.sent[f], 0.0)
    w.pair_use[q] = use
    w.pair_stock[q] = stock
    w.pair_asked[q] = asked
    w.pair_sent[q] = sent


@njit(nogil=True, error_model="numpy")
def add_up_pairs(w):
    """Add up every pair's use, stock, orders and shipments."""
    for q in range(w.n_pair):
        add_up_pair(w, q)


@njit(inline="always", nogil=True, error_model="numpy")
def book_pair(w, k, q):
    """Book a pair's stock in days of reference use and its smoothed deliveries."""
    use = w.pair_use[q]
    has = use > 0.0
    whole = where(has, use, 1.0)
    cover = where(has, w.pair_stock[q] / whole * w.step_days, np.inf)
    w.cover_days[q] = cover
    lower = cover < w.least_cover[q] * (1.0 - NEARLY)
    w.least_cover[q] = where(lower, cover, w.least_cover[q])
    w.least_cover_at[q] = where(lower, float(k), w.least_cover_at[q])
    before = w.delivery_share[q]
    after = before + (w.pair_sent[q] / whole - before) * min(1.0, w.step_days / FOUR_WEEKS)
    after = where(has, after, before)
    w.delivery_share[q] = after
    lower = after < w.least_delivery[q] * (1.0 - NEARLY)
    w.least_delivery[q] = where(lower, after, w.least_delivery[q])


@njit(inline="always", nogil=True, error_model="numpy")
def book_reserve(w, v):
    """Book how many days of reference use of whom it serves a reserve holds."""
    use = everywhere(0.0)
    for y in range(w.serve_ptr[v], w.serve_ptr[v + 1]):
        use = use + w.ref_use[w.serve_feed[y]]
    has = use > 0.0
    days = where(has, w.stock[w.reserve_feed[v]] / where(has, use, 1.0) * w.step_days, np.inf)
    w.reserve_days[v] = days
    w.least_reserve[v] = where(days < w.least_reserve[v], days, w.least_reserve[v])


@njit(nogil=True, error_model="numpy")
def book_goods(w, k):
    """Book a period of every pair and reserve."""
    for q in range(w.n_pair):
        book_pair(w, k, q)
    for v in range(w.n_reserve):
        book_reserve(w, v)


@njit(inline="always", nogil=True, error_model="numpy")
def unmet_share(w, q):
    """Return the share of a pair's orders that was not shipped; 0 within rounding."""
    asked = w.pair_asked[q]
    lack = asked - w.pair_sent[q]
    return where(lack > NEARLY * asked, lack / asked, 0.0)


@njit(inline="always", nogil=True, error_model="numpy")
def capacity_share(w, m):
    """Return what the makers of a product in a region made, by their capacity of this period."""
    made, capacity = everywhere(0.0), everywhere(0.0)
    for x in range(w.maker_ptr[m], w.maker_ptr[m + 1]):
        made = made + w.made[w.maker_site[x]]
        capacity = capacity + w.capacity[w.maker_site[x]]
    has = capacity > 0.0
    return where(has, made / where(has, capacity, 1.0), 0.0)


@njit(nogil=True, error_model="numpy")
def keep_goods(w, k, b):
    """Write a period of every pair, maker and reserve into the paths of batch b."""
    for q in range(w.n_pair):
        at = (k * w.n_pair + q) * w.n_batch + b
        w.kept_cover_days[at] = w.cover_days[q]
        w.kept_delivery_share[at] = w.delivery_share[q]
        w.kept_unmet_share[at] = unmet_share(w, q)
    for m in range(w.n_maker):
        w.kept_capacity_share[(k * w.n_maker + m) * w.n_batch + b] = capacity_share(w, m)
    for v in range(w.n_reserve):
        w.kept_reserve_days[(k * w.n_reserve + v) * w.n_batch + b] = w.reserve_days[v]


@njit(inline="always", nogil=True, error_model="numpy")
def close_goods(w, b):
    """Write what is lowest of the replications of batch b."""
    for q in range(w.n_pair):
        at, apart = q * w.n_batch + b, w.n_pair * w.n_batch
        w.out_goods[LEAST_COVER * apart + at] = w.least_cover[q]
        w.out_goods[LEAST_AT * apart + at] = w.least_cover_at[q]
        w.out_goods[LEAST_DELIVERY * apart + at] = w.least_delivery[q]
    for v in range(w.n_reserve):
        w.out_reserve_days[v * w.n_batch + b] = w.least_reserve[v]
