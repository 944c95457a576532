"""Compiled: lanes that carry need x share x part, and are never written (sections 2, 5 and 6).

A buyer that does not reroute orders its need by fixed shares. A supplier of such buyers alone,
whose lanes nothing caps, delays or holds and who prefers nobody, ships all of them the same part of
what they order. What such a lane carries follows from what its buyer needed and what part its
supplier shipped when it was sent. Just these are kept, in `past`: every feed's need and every
site's part, of as many of the last periods as the longest transit has. Products have the factors,
and sums the terms, in the order in which they stand elsewhere in this kernel.
``flow/unstored_lanes.py`` says who they are.
"""

from numba import njit

from sim.flow.kernel.vector import everywhere


@njit(inline="always", nogil=True, error_model="numpy")
def row_of(w, k):
    """Return where the numbers of period k begin in `past`."""
    return k % w.n_past * w.n_memory


@njit(inline="always", nogil=True, error_model="numpy")
def remember_rest(w):
    """Let every feed have needed its reference use, and all sites have shipped it, until now."""
    for row in range(0, w.n_past * w.n_memory, w.n_memory):
        for f in range(w.n_feed):
            w.past[row + f] = w.ref_use[f]
        for i in range(w.n_site):
            w.past[row + w.n_feed + i] = 1.0


@njit(inline="always", nogil=True, error_model="numpy")
def ask(w, k, f, need):
    """Order what feed f needs in period k."""
    w.past[row_of(w, k) + f] = need


@njit(inline="always", nogil=True, error_model="numpy")
def orders_at(w, k, i):
    """Return the sum of what site i is ordered in period k."""
    total = everywhere(0.0)
    now = row_of(w, k)
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        total = total + w.past[now + w.lane_feed[l]] * w.base_share[l]
    return total


@njit(inline="always", nogil=True, error_model="numpy")
def ship_pro_rata(w, k, i, rationed):
    """Ship the lanes of site i their part; return the sum if that is not all of their orders."""
    now = row_of(w, k)
    made = everywhere(0.0)
    part = everywhere(1.0)
    if rationed:
        part = w.part[0]
        for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
            made = made + w.past[now + w.lane_feed[l]] * w.base_share[l] * part
    w.past[now + w.n_feed + i] = part
    return made


@njit(inline="always", nogil=True, error_model="numpy")
def bring(w, f):
    """Bring in what is due to feed f, first lane first."""
    stock = w.stock[f]
    for x in range(w.lane_ptr[f], w.lane_ptr[f + 1]):
        row = w.ring_past[w.in_ring[x]]
        stock = stock + w.past[row + f] * w.in_share[x] * w.past[row + w.in_part[x]]
    w.stock[f] = stock


@njit(inline="always", nogil=True, error_model="numpy")
def expect(w, k, f):
    """Count what is sent to feed f in period k as its own; its suppliers stand before it."""
    now = row_of(w, k)
    position, need = w.position[f], w.past[now + f]
    for x in range(w.lane_ptr[f], w.lane_ptr[f + 1]):
        position = position + need * w.in_share[x] * w.past[now + w.in_part[x]]
    w.position[f] = position
