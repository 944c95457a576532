"""Compiled: what end users' books say of a replication, judged while they are at hand."""

# mypy: disallow-untyped-defs=False

import numpy as np
from numba import njit

from sim.flow.kernel.vector import any_of, everywhere, least, most, where


@njit(inline="always", nogil=True, error_model="numpy")
def open_books(w):
    """Start judging a batch: nothing wanted, nothing short so far."""
    for x in range(w.n_set):
        w.worst[x] = 0.0
        w.first[x] = np.inf
        w.last[x] = -1.0
        w.count[x] = 0.0
        w.longest[x] = 0.0
        w.spell[x] = 0.0
    for u in range(w.n_group):
        w.sum_want[u] = 0.0
        w.sum_short[u] = 0.0
        w.sum_spared[u] = 0.0
        w.sum_destroyed[u] = 0.0
    for v in range(w.n_reserve):
        w.given_sum[v] = 0.0


@njit(inline="always", nogil=True, error_model="numpy")
def open_period(w):
    """Empty the books of a period."""
    for u in range(w.n_group):
        w.book_want[u] = 0.0
        w.book_short[u] = 0.0
        w.book_spared[u] = 0.0
        w.book_destroyed[u] = 0.0


@njit(inline="always", nogil=True, error_model="numpy")
def add_up(w, x, book):
    """Return the sum of a book over the groups of set x, in order."""
    total = everywhere(0.0)
    for j in range(w.set_ptr[x], w.set_ptr[x + 1]):
        total = total + book[w.set_group[j]]
    return total


@njit(inline="always", nogil=True, error_model="numpy")
def measure_set(w, k, x, lacking):
    """Judge one period of one set in which some replication is short."""
    wanted = add_up(w, x, w.book_want)
    short = lacking > 0.0
    longer = where(short, w.spell[x] + 1.0, 0.0)
    w.spell[x] = longer
    w.longest[x] = most(w.longest[x], longer)
    w.worst[x] = most(w.worst[x], lacking / where(wanted > 0.0, wanted, 1.0))
    w.first[x] = where(short, least(w.first[x], float(k)), w.first[x])
    w.last[x] = where(short, float(k) + 1.0, w.last[x])
    w.count[x] += where(short, 1.0, 0.0)


@njit(nogil=True, error_model="numpy")
def measure_period(w, k):
    """Add a period's books to the sums and judge the sets of which somebody is short."""
    calm = True
    for u in range(w.n_group):
        w.sum_want[u] += w.book_want[u]
        w.sum_short[u] += w.book_short[u]
        w.sum_spared[u] += w.book_spared[u]
        w.sum_destroyed[u] += w.book_destroyed[u]
        calm = calm and not any_of(w.book_short[u] > 0.0)
    for v in range(w.n_reserve):
        w.given_sum[v] += w.given[v]
    for x in range(w.n_set):
        lacking = everywhere(0.0)
        if not calm:
            lacking = add_up(w, x, w.book_short)
        if any_of(lacking > 0.0):
            measure_set(w, k, x, lacking)
        else:
            w.spell[x] = 0.0


@njit(inline="always", nogil=True, error_model="numpy")
def close_books(w, b):
    """Write what the replications of batch b are judged by; -1 where there was no shortage.

    Results are tables of vectors too: row x of batch b is item x * n_batch + b.
    """
    for x in range(w.n_set):
        at = x * w.n_batch + b
        w.out_worst[at] = w.worst[x]
        w.out_first[at] = where(w.last[x] >= 0.0, w.first[x], -1.0)
        w.out_last[at] = w.last[x]
        w.out_count[at] = w.count[x]
        w.out_longest[at] = w.longest[x]
        w.out_want[at] = add_up(w, x, w.sum_want)
        w.out_short[at] = add_up(w, x, w.sum_short)
        w.out_spared[at] = add_up(w, x, w.sum_spared)
        w.out_destroyed[at] = add_up(w, x, w.sum_destroyed)
    for v in range(w.n_reserve):
        w.out_released[v * w.n_batch + b] = w.given_sum[v]


@njit(inline="always", nogil=True, error_model="numpy")
def keep_period(w, k, b):
    """Write a period's books and releases into the trajectories of batch b."""
    for u in range(w.n_group):
        at = (k * w.n_group + u) * w.n_batch + b
        w.kept_want[at] = w.book_want[u]
        w.kept_short[at] = w.book_short[u]
        w.kept_spared[at] = w.book_spared[u]
        w.kept_destroyed[at] = w.book_destroyed[u]
    for v in range(w.n_reserve):
        w.kept_released[(k * w.n_reserve + v) * w.n_batch + b] = w.given[v]


@njit(inline="always", nogil=True, error_model="numpy")
def keep_trace(w, k, b):
    """Write all of a period into the traces of batch b."""
    for f in range(w.n_feed):
        at = (k * w.n_feed + f) * w.n_batch + b
        w.kept_stock[at] = w.stock[f]
        w.kept_position[at] = w.position[f]
    for l in range(w.n_lane):
        at = (k * w.n_lane + l) * w.n_batch + b
        w.kept_ordered[at] = w.order[l]
        w.kept_shipped[at] = w.shipped[l]
        w.kept_arrived[at] = w.arrived[l]
    for i in range(w.n_site):
        w.kept_run_rate[(k * w.n_site + i) * w.n_batch + b] = w.run_rate[i]
