"""The kernel that judges trajectories: one pass over a batch, replication last and contiguous."""

import numpy as np
from numba import njit

# rows of `out` of measure_spells; days are counted in periods there, and -1 says "never"
WORST_SHARE, FIRST, LAST, SHORT, SPELL = 0, 1, 2, 3, 4
N_ROW = 5


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
def book(period, wanted, lacking, spell, worst, first, last, count, longest):
    """Book one period of one view, all replications."""
    for r in range(wanted.size):
        is_short = 1.0 if lacking[r] > 0.0 else 0.0
        share = lacking[r] / (wanted[r] if wanted[r] > 0.0 else 1.0)
        worst[r] = max(worst[r], share)
        count[r] += is_short
        spell[r] = (spell[r] + 1.0) * is_short
        longest[r] = max(longest[r], spell[r])
    for r in range(wanted.size):  # apart: one loop over all seven rows does not vectorise
        first[r] = min(first[r], period if lacking[r] > 0.0 else np.inf)
        last[r] = period + 1.0 if lacking[r] > 0.0 else last[r]


@njit(nogil=True, cache=True, error_model="numpy")
def measure_spells(want, short, ptr, group, out):
    """Write worst share, first and last period short, periods short and longest spell of each view.

    ``want`` and ``short`` are (K, U, n); ``out`` is (N_ROW, X, n) and holds zeros.
    """
    n_period, n = want.shape[0], want.shape[2]
    wanted, lacking, spell = np.empty(n), np.empty(n), np.empty(n)
    for x in range(ptr.size - 1):
        worst, first, last = out[WORST_SHARE, x], out[FIRST, x], out[LAST, x]
        spell[:] = 0.0
        first[:] = np.inf
        last[:] = -1.0
        for k in range(n_period):
            wanted[:] = 0.0
            lacking[:] = 0.0
            for j in range(ptr[x], ptr[x + 1]):
                add_row(want[k, group[j]], wanted)
                add_row(short[k, group[j]], lacking)
            book(float(k), wanted, lacking, spell, worst, first, last, out[SHORT, x], out[SPELL, x])
        for r in range(n):
            first[r] = first[r] if last[r] >= 0.0 else -1.0
