"""The kernel that measures trajectories: one pass over a batch, replication last and contiguous."""

import numpy as np
from numba import njit

from sim.flow.kernel.measures import COUNT, FIRST, LAST, LONGEST, WORST

# rows of what is kept of the shortage under way (docs/model.md, 9): its periods, its length if it
# ended now, the part of its first period that was missed, the share missed in the period before
PERIODS, LENGTH, HEAD, BEFORE = 0, 1, 2, 3


@njit(nogil=True, cache=True, error_model="numpy")
def add_row(row, total):
    """Add ``row`` to ``total``. Its own function, so that the loop is one vector instruction."""
    for r in range(total.size):
        total[r] += row[r]


@njit(nogil=True, cache=True, error_model="numpy")
def add_periods(values, out):
    """Add up ``values`` (K, U, n) over the periods, in order, into ``out`` (U, n)."""
    for k in range(values.shape[0]):
        for u in range(values.shape[1]):
            add_row(values[k, u], out[u])


@njit(nogil=True, cache=True, error_model="numpy")
def add_groups(values, ptr, group, out):
    """Add up rows of ``values`` (U, n) over each view's groups, in order, into ``out`` (X, n)."""
    for x in range(ptr.size - 1):
        for j in range(ptr[x], ptr[x + 1]):
            add_row(values[group[j]], out[x])


@njit(nogil=True, cache=True, error_model="numpy")
def first_stops(stopped, ptr, group, out):
    """Write the first period in which a firm of each view stops; -1: never.

    ``stopped`` is (K, U, n), ``out`` (X, n).
    """
    for x in range(ptr.size - 1):
        out[x] = -1.0
        for k in range(stopped.shape[0]):
            for j in range(ptr[x], ptr[x + 1]):
                for r in range(out.shape[1]):
                    if out[x, r] < 0.0 and stopped[k, group[j], r] > 0.0:
                        out[x, r] = k


@njit(nogil=True, cache=True, error_model="numpy")
def length_of(n, share, before, head):
    """Return how long a shortage of n periods is if it ends with this one, in periods."""
    if n == 1.0:
        return share
    if n == 2.0:
        return before + share
    return head + (n - 2.0) + min(1.0, share / before)


@njit(nogil=True, cache=True, error_model="numpy")
def tally_period(k, n_period, share, spell, tally, r):
    """Tally a period of one view and replication in which it is short."""
    n, before = spell[PERIODS, r] + 1.0, spell[BEFORE, r]
    head = share if n == 1.0 else spell[HEAD, r]
    head = min(1.0, head / before) if n == 3.0 else head
    length = length_of(n, share, before, head)
    if tally[COUNT, r] == 0.0:
        tally[FIRST, r] = k if n == 1.0 else (k + 2.0 - n) - head
    tally[LAST, r] = k + (share if n < 3.0 else min(1.0, share / before))
    if k == n_period - 1.0:  # nobody saw it end
        tally[LAST, r] = k + 1.0
    tally[LONGEST, r] = max(tally[LONGEST, r], length)
    spell[PERIODS, r] = n
    spell[LENGTH, r] = length
    spell[HEAD, r] = head
    spell[BEFORE, r] = share


@njit(nogil=True, cache=True, error_model="numpy")
def measure_view(k, n_period, wanted, lacking, short_from, spell, tally):
    """Measure one period of one view, all replications."""
    for r in range(wanted.size):
        if lacking[r] > 0.0:
            share = lacking[r] / (wanted[r] if wanted[r] > 0.0 else 1.0)
            tally[WORST, r] = max(tally[WORST, r], share)
            if lacking[r] >= short_from * wanted[r]:
                tally_period(k, n_period, share, spell, tally, r)
                continue
        tally[COUNT, r] += spell[LENGTH, r]
        spell[PERIODS, r] = 0.0
        spell[LENGTH, r] = 0.0
        spell[BEFORE, r] = 1.0


@njit(nogil=True, cache=True, error_model="numpy")
def measure_spells(want, short, ptr, group, short_from, out):
    """Write what is kept of the periods of each view.

    ``want`` and ``short`` are (K, U, n); ``out`` is (tallies, X, n) and holds zeros.
    """
    n_period, n = want.shape[0], want.shape[2]
    wanted, lacking, spell = np.empty(n), np.empty(n), np.empty((4, n))
    for x in range(ptr.size - 1):
        tally = out[:, x]
        tally[FIRST] = -1.0
        tally[LAST] = -1.0
        spell[:] = 0.0
        spell[BEFORE] = 1.0
        for k in range(n_period):
            wanted[:] = 0.0
            lacking[:] = 0.0
            for j in range(ptr[x], ptr[x + 1]):
                add_row(want[k, group[j]], wanted)
                add_row(short[k, group[j]], lacking)
            measure_view(float(k), float(n_period), wanted, lacking, short_from, spell, tally)
        for r in range(n):
            tally[COUNT, r] += spell[LENGTH, r]
