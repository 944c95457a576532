"""Compiled: supply and rationing, first site first (docs/model.md, section 6)."""

import numpy as np
from numba import njit

from sim.flow.kernel.adapt import learn
from sim.flow.kernel.fields import REFINER, ROW_CAP, ROW_DAYS
from sim.flow.kernel.rationing import counted_of, part_of, set_parts
from sim.flow.kernel.references import flow_of
from sim.flow.kernel.responses import awake
from sim.flow.kernel.vector import WIDTH, any_of, everywhere, least, most, where, without


@njit(inline="always", nogil=True, error_model="numpy")
def count_orders(w, i, limited):
    """Return the orders on site i's lanes; on a controlled lane up to the allowed flow."""
    if not limited and w.kind[i] == REFINER:
        return w.ordered[i]  # added up in section 5, in the same order
    total, l0 = everywhere(0.0), w.out_ptr[i]
    for l in range(l0, w.out_ptr[i + 1]):
        counted = w.order[l]
        if limited:
            if w.struck[ROW_CAP, l] > 0:
                cap = w.cap[l]
                counted = where(cap < 1.0, least(counted, cap * flow_of(w, l)), counted)
            w.counted[l - l0] = counted
        total = total + counted
    return total


@njit(inline="always", nogil=True, error_model="numpy")
def enough_for(w, f):
    """Return what the stock of feed f is enough to make: itself, over 1, where units are equal."""
    if w.coefficient[f] == 1.0:
        return w.stock[f]
    return w.stock[f] / w.coefficient[f]


@njit(inline="always", nogil=True, error_model="numpy")
def shippable(w, i, total):
    """Move site i's run rate and return what the site can ship."""
    capacity, rate = w.capacity[i], total
    if w.ramps[i] == 1:
        share, before = w.ramp_share[i], w.run_rate[i]
        step = capacity * share
        gap = total - before
        moved = where(gap > 0.0, before + step, before - step)
        near = where(gap > 0.0, gap, 0.0 - gap) <= step
        rate = where(near | (share == np.inf), total, moved)
    rate = most(rate, least(capacity, w.ref_out[i]))  # a lull does not cost what is normal
    w.run_rate[i] = rate
    idle = w.slack[i] * capacity
    if w.waking == 1:
        idle = idle * awake(w, i)
    can = least(rate + idle, capacity * w.availability[i]) * w.yielding[i]
    for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
        can = least(can, enough_for(w, f))
    return can


@njit(inline="always", nogil=True, error_model="numpy")
def use_feeds(w, i, made):
    """Use up feed stock for what site i makes."""
    for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
        stock = w.stock[f]
        taken = least(made * w.coefficient[f], stock)
        w.stock[f] = without(w.dust[f], stock - taken)
        w.position[f] -= taken


@njit(inline="always", nogil=True, error_model="numpy")
def send_late(w, k, l, shipped):
    """Put what ships on a delayed lane where each replication's delay says."""
    w.parcel[0] = shipped
    g = w.ring[l]
    slots, size = w.ring_slots[g], w.ring_size[g]
    first = k % slots + w.ring_transit[g]
    for r in range(WIDTH):
        slot = first + int(w.delay[l, r])
        slot = slot - slots if slot >= slots else slot
        w.pipe[w.lane_pipe[l] + slot * size, r] += w.parcel[0, r]


@njit(inline="always", nogil=True, error_model="numpy")
def ship(w, k, l, shipped):
    """Send what ships on lane l on its way."""
    w.position[w.lane_feed[l]] += shipped
    if w.adding == 1:
        w.sent[w.lane_feed[l]] += shipped
    due = w.lane_pipe[l] + w.ring_sent[w.ring[l]]
    if w.summed[l] == 0:
        w.pipe[due] = shipped
    elif w.struck[ROW_DAYS, l] == 0:
        w.pipe[due] += shipped
    else:
        send_late(w, k, l, shipped)
    if w.remembering == 1:
        w.shipped[l] = shipped


@njit(inline="always", nogil=True, error_model="numpy")
def is_all_or_nothing(w, i):
    """Return whether every class of site i's lanes gets all of its orders or nothing."""
    for cls in range(w.n_class[i]):
        if any_of((w.part_more[cls] != 1.0) & (w.part_usual[cls] != 0.0)):
            return False
    return True


@njit(inline="always", nogil=True, error_model="numpy")
def ship_all(w, k, i):
    """Ship what was ordered of site i."""
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        order = w.order[l]
        ship(w, k, l, order)
        # trust is read where somebody reroutes; else 1 + (1 - 1) x gain
        if w.doubted[l] == 1 and w.reroutes[w.lane_feed[l]] == 1:
            learn(w, l, order, everywhere(1.0))


@njit(inline="always", nogil=True, error_model="numpy")
def ship_lanes(w, k, i, limited, scarce):
    """Ship the lanes of site i what they get of their orders; return the sum.

    Of orders that count whole and get all or nothing, what was kept is just that: order x 1 / order
    is 1, order x 0 / order is 0; and they are no dust.
    """
    made = everywhere(0.0)
    is_whole = not scarce or is_all_or_nothing(w, i)
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        order, f = w.order[l], w.lane_feed[l]
        shipped = counted_of(w, i, l, limited)
        kept = everywhere(1.0)
        if scarce and is_whole:
            kept = w.part_more[w.lane_class[l]]
            shipped = shipped * kept
        elif scarce:
            shipped = part_of(w, i, l, shipped)
        is_cut = not is_whole or (limited and w.struck[ROW_CAP, l] > 0)
        if is_cut:
            shipped = without(w.dust[f], shipped)
        made = made + shipped
        ship(w, k, l, shipped)
        if w.reroutes[f] == 1:
            if is_cut:
                kept = shipped / order
            learn(w, l, order, kept)
    return made


@njit(nogil=True, error_model="numpy")
def supply(w, k):
    """Section 6 for every site with lanes, first site first.

    Where all orders fit in every replication and no lane is capped, what ships is what was ordered.
    """
    for i in range(w.n_site):
        if w.out_ptr[i] == w.out_ptr[i + 1]:
            continue
        limited = w.limited[i] > 0
        total = count_orders(w, i, limited)
        can = shippable(w, i, total)
        scarce = any_of(total > can)
        made = total
        if scarce:
            set_parts(w, i, limited, total, can)
        if scarce or limited:
            made = ship_lanes(w, k, i, limited, scarce)
        else:
            ship_all(w, k, i)
        use_feeds(w, i, made)
        if w.booking == 1:
            w.made[i] = made
