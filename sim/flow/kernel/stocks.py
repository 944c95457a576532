"""Compiled: arrivals and reserves (docs/model.md, sections 2 and 4).

The pipelines. A lane's pipeline is a ring of slots, one a period ahead. Lanes of equal transit and
equal number of slots share a ring, so that their slots of one period lie side by side: slot s of a
lane is row lane_pipe + s x ring_size of `pipe`. As long as nothing delays or holds a lane, what is
due in a period is just what was shipped `transit` periods before: it is written once and never
cleared. From its first delay or hold on, a lane is `summed`: its slots are sums, cleared when they
have arrived.
"""

import numpy as np
from numba import njit

from sim.flow.kernel.fields import ROW_HOLD
from sim.flow.kernel.vector import any_of, everywhere, least, most, where, without


@njit(inline="always", nogil=True, error_model="numpy")
def turn(w, k):
    """Set each ring's offset of what is due in period k, what in k + 1, and what is sent in k."""
    for g in range(w.n_ring):
        slots, size = w.ring_slots[g], w.ring_size[g]
        w.ring_due[g] = k % slots * size
        w.ring_later[g] = (k + 1) % slots * size
        w.ring_sent[g] = (k + w.ring_transit[g]) % slots * size


@njit(inline="always", nogil=True, error_model="numpy")
def keep_sums(w, k, l):
    """Clear the slots of lane l that hold nothing due from period k on; from now on they add up."""
    if w.summed[l] == 1:
        return
    w.summed[l] = 1
    w.stirred[w.supplier[l]] += 1
    g = w.ring[l]
    for ahead in range(w.ring_transit[g], w.ring_slots[g]):
        w.pipe[w.lane_pipe[l] + (k + ahead) % w.ring_slots[g] * w.ring_size[g]] = 0.0


@njit(inline="always", nogil=True, error_model="numpy")
def is_abreast(w, i):
    """Return whether the slots of site i's lanes are neighbours, written and not added to."""
    return w.abreast[i] == 1 and w.stirred[i] == 0


@njit(inline="always", nogil=True, error_model="numpy")
def arrive_on(w, l):
    """Bring in what is due on lane l; over a held route a share of it waits one more period."""
    due = w.lane_pipe[l] + w.ring_due[w.ring[l]]
    comes = w.pipe[due]
    if w.summed[l] == 1:
        if w.struck[ROW_HOLD, l] > 0:
            free = comes * w.free[l]
            w.pipe[w.lane_pipe[l] + w.ring_later[w.ring[l]]] += comes - free
            comes = free
        w.pipe[due] = 0.0
    if w.tracing == 1:
        w.arrived[l] = comes
    w.stock[w.lane_feed[l]] += comes


@njit(nogil=True, error_model="numpy")
def arrive(w):
    """Bring in what is due on every lane, first lane first."""
    for i in range(w.n_site):
        l0, l1 = w.out_ptr[i], w.out_ptr[i + 1]
        if is_abreast(w, i) and w.tracing == 0:
            due = w.lane_pipe[l0] + w.ring_due[w.ring[l0]] - l0
            for l in range(l0, l1):
                w.stock[w.lane_feed[l]] += w.pipe[due + l]
        else:
            for l in range(l0, l1):
                arrive_on(w, l)


@njit(inline="always", nogil=True, error_model="numpy")
def lack_of(w, v, f):
    """Return what feed f lacks to reserve v's trigger."""
    level = w.trigger[v] * w.ref_use[f]
    lack = level - w.stock[f]
    return where(lack <= 1e-9 * level, 0.0, lack)


@njit(nogil=True, error_model="numpy")
def release(w):
    """Open the reserves whose buyers have been low for longer than the activation time."""
    for v in range(w.n_reserve):
        w.given[v] = 0.0
        longest = everywhere(0.0)
        total = everywhere(0.0)
        for y in range(w.serve_ptr[v], w.serve_ptr[v + 1]):
            lack = lack_of(w, v, w.serve_feed[y])
            days = where(lack > 0.0, w.low_days[y] + w.step_days, 0.0)
            w.low_days[y] = days
            longest = most(longest, days)
            total = total + lack
        stock = w.stock[w.reserve_feed[v]]
        opens = (longest > w.activation_days[v]) & (stock > 0.0) & (total > 0.0)
        if any_of(opens):
            hand_out(w, v, opens, total)
        w.held_before[v] = w.position[w.reserve_feed[v]]


@njit(inline="always", nogil=True, error_model="numpy")
def hand_out(w, v, opens, total):
    """Release from reserve v in the replications in which it opens: by lack or fixed shares."""
    own = w.reserve_feed[v]
    limit = least(w.stock[own], w.reserve_max[v])
    amount = least(limit, total)
    for y in range(w.serve_ptr[v], w.serve_ptr[v + 1]):
        f = w.serve_feed[y]
        lack = lack_of(w, v, f)
        gift = amount * (lack / total)
        if not np.isnan(w.serve_share[y]):
            gift = least(lack, w.serve_share[y] * limit)
        gift = where(opens, gift, 0.0)
        w.stock[f] += gift
        w.position[f] += gift
        left = without(w.dust[own], most(0.0, w.stock[own] - gift))
        w.stock[own] = where(opens, left, w.stock[own])
        w.position[own] -= gift
        w.given[v] += gift
