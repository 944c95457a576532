"""Compiled: supply and rationing, first site first (docs/model.md, section 6)."""

import numpy as np
from numba import njit

from sim.flow.kernel.adapt import learn
from sim.flow.kernel.fields import REFINER, ROW_CAP, ROW_DAYS
from sim.flow.kernel.unstored_lanes import expect, orders_at, ship_pro_rata
from sim.flow.kernel.vector import WIDTH, any_of, everywhere, least, where


@njit(inline="always", nogil=True, error_model="numpy")
def count_orders(w, k, i, limited):
    """Return the orders on site i's lanes; on a controlled lane up to the allowed flow."""
    if not limited and w.kind[i] == REFINER:
        return w.ordered[i]  # added up in section 5, in the same order
    if w.ships_pro_rata[i] == 1:
        return orders_at(w, k, i)
    total = everywhere(0.0)
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        counted = w.order[l]
        if limited:
            if w.struck[ROW_CAP, l] > 0:
                cap = w.cap[l]
                counted = where(cap < 1.0, least(counted, cap * w.ref_lane[l]), counted)
            w.counted[l] = counted
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
    if not np.isinf(w.ramp_share[i]):
        before = w.run_rate[i]
        step = capacity * w.ramp_share[i]
        gap = total - before
        moved = where(gap > 0.0, before + step, before - step)
        rate = where(where(gap > 0.0, gap, 0.0 - gap) <= step, total, moved)
    w.run_rate[i] = rate
    can = least(capacity, rate + w.slack[i] * capacity) * w.availability[i]
    can = can * w.yielding[i]
    for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
        can = least(can, enough_for(w, f))
    return can


@njit(inline="always", nogil=True, error_model="numpy")
def set_parts(w, i, orders, total, can):
    """Set the part of its orders that each class of site i's lanes gets: all where it fits.

    `orders` are the lanes' orders that count, `total` their sum. Class by class, pro rata within.
    """
    left = can
    for cls in range(w.n_class[i]):
        asked = total
        if w.n_class[i] > 1:
            asked = everywhere(0.0)
            for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
                if w.lane_class[l] == cls:
                    asked = asked + orders[l]
        fits = total <= left
        served = fits | (asked <= left)
        w.part[cls] = where(served, 1.0, left / asked)
        left = where(fits, left, where(served, left - asked, 0.0))


@njit(inline="always", nogil=True, error_model="numpy")
def use_feeds(w, i, made):
    """Use up feed stock for what site i makes."""
    for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
        stock = w.stock[f]
        taken = least(made * w.coefficient[f], stock)
        w.stock[f] = stock - taken
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
        part = w.part[cls]
        if any_of((part != 1.0) & (part != 0.0)):
            return False
    return True


@njit(inline="always", nogil=True, error_model="numpy")
def ship_lanes(w, k, i, limited, rationed):
    """Ship the lanes of site i what they get of their orders; return the sum if that is not all.

    Of orders that count whole and get all or nothing, what was kept is just that: order x 1 / order
    is 1, order x 0 / order is 0.
    """
    made = everywhere(0.0)
    is_whole = not rationed or is_all_or_nothing(w, i)
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        order = w.order[l]
        shipped = order
        kept = everywhere(1.0)
        if rationed:
            kept = w.part[w.lane_class[l]]
            counted = w.counted[l] if limited else order
            shipped = counted * kept
            made = made + shipped
        ship(w, k, l, shipped)
        # trust is read where somebody reroutes; else 1 + (1 - 1) x gain
        if w.reroutes[w.lane_feed[l]] == 1 and (rationed or w.doubted[l] == 1):
            if rationed and (not is_whole or (limited and w.struck[ROW_CAP, l] > 0)):
                kept = shipped / order
            learn(w, l, order, kept)
    return made


@njit(nogil=True, error_model="numpy")
def supply(w, k):
    """Section 6 for every site with lanes, first site first.

    Where all orders fit in every replication and no lane is capped, what ships is what was ordered.
    """
    for i in range(w.n_site):
        if w.n_pro_rata > 0:
            for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
                if w.pro_rata[f] == 1:
                    expect(w, k, f)
        if w.out_ptr[i] == w.out_ptr[i + 1]:
            continue
        limited = w.limited[i] > 0
        total = count_orders(w, k, i, limited)
        can = shippable(w, i, total)
        rationed = limited or any_of(total > can)
        if rationed:
            set_parts(w, i, w.counted if limited else w.order, total, can)
        if w.ships_pro_rata[i] == 1:
            made = ship_pro_rata(w, k, i, rationed)
        else:
            made = ship_lanes(w, k, i, limited, rationed)
        use_feeds(w, i, made if rationed else total)
