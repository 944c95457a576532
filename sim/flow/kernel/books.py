"""Compiled: what end users' books say of a replication, measured while they are at hand."""

# mypy: disallow-untyped-defs=False

from numba import njit

from sim.flow.kernel.loss import close_losses, measure_losses, rest_losses
from sim.flow.kernel.measures import (
    BOOKS,
    COUNT,
    FIRST,
    HALT,
    LAST,
    LONGEST,
    SHORT,
    STOPPED,
    WANT,
    WORST,
)
from sim.flow.kernel.vector import any_of, everywhere, least, most, where

N_BOOK = len(BOOKS)


@njit(inline="always", nogil=True, error_model="numpy")
def open_books(w):
    """Start measuring a batch: nothing wanted, nothing short so far."""
    for x in range(w.n_set):
        w.worst[x] = 0.0
        w.first[x] = -1.0
        w.last[x] = -1.0
        w.count[x] = 0.0
        w.longest[x] = 0.0
        w.halt[x] = -1.0
        w.spell[x] = 0.0
        w.spell_length[x] = 0.0
        w.spell_head[x] = 0.0
        w.share_before[x] = 1.0
    for u in range(N_BOOK * w.n_group):
        w.book_sum[u] = 0.0
    for v in range(w.n_reserve):
        w.given_sum[v] = 0.0
        w.bought_sum[v] = 0.0
    rest_losses(w)


@njit(inline="always", nogil=True, error_model="numpy")
def open_period(w):
    """Empty the books of a period."""
    for u in range(N_BOOK * w.n_group):
        w.book[u] = 0.0


@njit(inline="always", nogil=True, error_model="numpy")
def add_up(w, x, books, number):
    """Return the sum of a book over the groups of set x, in order."""
    total, first = everywhere(0.0), number * w.n_group
    for j in range(w.set_ptr[x], w.set_ptr[x + 1]):
        total = total + books[first + w.set_group[j]]
    return total


@njit(inline="always", nogil=True, error_model="numpy")
def measure_set(w, k, x, lacking):
    """Measure one period of one set in which some replication is short (docs/model.md, 9)."""
    wanted = add_up(w, x, w.book, WANT)
    share = lacking / where(wanted > 0.0, wanted, 1.0)
    short = (lacking > 0.0) & (lacking >= w.short_from * wanted)
    n, before = w.spell[x] + 1.0, w.share_before[x]
    tail = least(1.0, share / before)
    head = where(n == 1.0, share, w.spell_head[x])
    head = where(n == 3.0, least(1.0, head / before), head)
    length = where(n == 2.0, before + share, head + (n - 2.0) + tail)
    length = where(short, where(n == 1.0, share, length), 0.0)
    begin = where(n == 1.0, float(k), (float(k) + 2.0 - n) - head)
    end = float(k) + where(n < 3.0, share, tail)
    if k == w.n_period - 1:  # nobody saw it end
        end = everywhere(float(k) + 1.0)
    stops = add_up(w, x, w.book, STOPPED) > 0.0
    w.halt[x] = where(stops & (w.halt[x] < 0.0), float(k), w.halt[x])
    w.worst[x] = most(w.worst[x], share)
    w.first[x] = where(short & (w.count[x] == 0.0), begin, w.first[x])
    w.last[x] = where(short, end, w.last[x])
    w.count[x] += where(short, 0.0, w.spell_length[x])
    w.longest[x] = most(w.longest[x], length)
    w.spell[x] = where(short, n, 0.0)
    w.spell_length[x] = length
    w.spell_head[x] = head
    w.share_before[x] = where(short, share, 1.0)


@njit(inline="always", nogil=True, error_model="numpy")
def end_spells(w, x):
    """End the shortages of a set that are under way: nobody is short."""
    w.count[x] += w.spell_length[x]
    w.spell[x] = 0.0
    w.spell_length[x] = 0.0
    w.share_before[x] = 1.0


@njit(nogil=True, error_model="numpy")
def measure_period(w, k):
    """Add a period's books to the sums and measure the sets of which somebody is short."""
    calm = True
    for u in range(N_BOOK * w.n_group):
        w.book_sum[u] += w.book[u]
    for u in range(SHORT * w.n_group, (SHORT + 1) * w.n_group):
        calm = calm and not any_of(w.book[u] > 0.0)
    for v in range(w.n_reserve):
        w.given_sum[v] += w.given[v]
        w.bought[v] = w.position[w.reserve_feed[v]] - w.held_before[v]
        w.bought_sum[v] += w.bought[v]
    measure_losses(w, calm)
    for x in range(w.n_set):
        lacking = everywhere(0.0)
        if not calm:
            lacking = add_up(w, x, w.book, SHORT)
        if any_of(lacking > 0.0):
            measure_set(w, k, x, lacking)
        elif any_of(w.spell[x] > 0.0):
            end_spells(w, x)


@njit(inline="always", nogil=True, error_model="numpy")
def close_books(w, b):
    """Write what the replications of batch b are measured by.

    Results are tables of vectors too: row x of batch b is item x * n_batch + b.
    """
    for x in range(w.n_set):
        at = x * w.n_batch + b
        apart = w.n_set * w.n_batch
        w.out_tally[WORST * apart + at] = w.worst[x]
        w.out_tally[FIRST * apart + at] = w.first[x]
        w.out_tally[LAST * apart + at] = w.last[x]
        w.out_tally[COUNT * apart + at] = w.count[x] + w.spell_length[x]
        w.out_tally[LONGEST * apart + at] = w.longest[x]
        w.out_tally[HALT * apart + at] = w.halt[x]
        for number in range(N_BOOK):
            w.out_sum[number * apart + at] = add_up(w, x, w.book_sum, number)
    for v in range(w.n_reserve):
        w.out_released[v * w.n_batch + b] = w.given_sum[v]
        w.out_bought[v * w.n_batch + b] = w.bought_sum[v]
    close_losses(w, b)


@njit(inline="always", nogil=True, error_model="numpy")
def keep_period(w, k, b):
    """Write a period's books and releases into the trajectories of batch b."""
    for number in range(N_BOOK):
        first = (number * w.n_period + k) * w.n_group
        for u in range(w.n_group):
            w.kept_book[(first + u) * w.n_batch + b] = w.book[number * w.n_group + u]
    for v in range(w.n_reserve):
        w.kept_released[(k * w.n_reserve + v) * w.n_batch + b] = w.given[v]
        w.kept_bought[(k * w.n_reserve + v) * w.n_batch + b] = w.bought[v]


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
