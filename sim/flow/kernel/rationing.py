"""Compiled: what each lane gets where not all that is ordered can be shipped (section 6).

Class by class, and within a class what buyers usually take comes before what they order on top.
"""

from numba import njit

from sim.flow.kernel.references import flow_of
from sim.flow.kernel.vector import any_of, everywhere, least, most, where


@njit(inline="always", nogil=True, error_model="numpy")
def counted_of(w, i, l, limited):
    """Return a lane's order that counts: where a lane of site i is capped it has been worked out.

    It is kept for one site at a time, so that it never leaves the cache.
    """
    if limited:
        return w.counted[l - w.out_ptr[i]]
    return w.order[l]


@njit(inline="always", nogil=True, error_model="numpy")
def asked_by(w, i, cls, limited):
    """Return the sum of the orders that count of one class of site i's lanes."""
    asked = everywhere(0.0)
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        if w.lane_class[l] == cls:
            asked = asked + counted_of(w, i, l, limited)
    return asked


@njit(nogil=True, error_model="numpy")
def set_parts(w, i, limited, total, can):
    """Set the parts that each class of site i's lanes gets of its orders: all where they fit.

    `total` is the sum of the orders that count.
    """
    left = can
    fits = total <= can
    for cls in range(w.n_class[i]):
        asked = total if w.n_class[i] == 1 else asked_by(w, i, cls, limited)
        served = fits | (asked <= left)
        w.weighing[cls] = 0
        if any_of(~served):
            share_out(w, i, cls, limited, left, served)
        else:
            w.part_usual[cls] = 1.0
            w.part_more[cls] = 1.0
        left = where(fits, left, where(served, left - asked, 0.0))


@njit(inline="always", nogil=True, error_model="numpy")
def way_left(left, way):
    """Return the part of the way to what is wanted that `left` allows: 0 where there is no way."""
    return where(way > 0.0, least(1.0, most(0.0, left) / way), 0.0)


@njit(inline="always", nogil=True, error_model="numpy")
def share_out(w, i, cls, limited, left, served):
    """Set the parts of a class that does not get all in some replication."""
    usual = everywhere(0.0)
    more = everywhere(0.0)
    home, abroad = 0, 0
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        if w.lane_class[l] == cls:
            order = counted_of(w, i, l, limited)
            base = least(order, flow_of(w, l))
            usual = usual + base
            more = more + (order - base)
            home += w.home[l]
            abroad += 1 - w.home[l]
    enough = served | (usual <= left)
    w.part_usual[cls] = where(enough, 1.0, left / usual)
    w.part_more[cls] = where(served, 1.0, where(enough, way_left(left - usual, more), 0.0))
    if w.bidding == 1:
        weighed = ~enough & (left > 0.0) & weigh_apart(w, i, cls)
        if any_of(weighed):
            weigh(w, i, cls, limited, left, weighed)
    elif w.weighs[i] == 1 and home > 0 and abroad > 0:
        weighed = ~enough & (w.home_weight[i] != 1.0) & (left > 0.0)
        if any_of(weighed):
            weigh(w, i, cls, limited, left, weighed)


@njit(inline="always", nogil=True, error_model="numpy")
def weight_of(w, i, l):
    """Return the weight of lane l's buyer: at home or not, and by its price."""
    weight = everywhere(1.0)
    if w.home[l] == 1:
        weight = w.home_weight[i]
    q = w.pair_of[w.lane_feed[l]]
    if q >= 0:
        weight = weight * w.bid[q]
    return weight


@njit(inline="always", nogil=True, error_model="numpy")
def weigh_apart(w, i, cls):
    """Return where the lanes of a class of site i do not all weigh the same."""
    apart = everywhere(0.0)
    first = -1
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        if w.lane_class[l] == cls:
            first = l if first < 0 else first
            differs = weight_of(w, i, l) != weight_of(w, i, first)
            apart = where(differs, 1.0, apart)
    return apart > 0.0


@njit(inline="always", nogil=True, error_model="numpy")
def weighed_base(w, i, l, base):
    """Return what lane l usually takes, times its weight."""
    if w.bidding == 1:
        return weight_of(w, i, l) * base
    return w.home_weight[i] * base if w.home[l] == 1 else base


@njit(inline="always", nogil=True, error_model="numpy")
def weigh(w, i, cls, limited, left, weighed):
    """Set the level and the part of the rest of a class whose lanes weigh differently."""
    weights = everywhere(0.0)
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        if w.lane_class[l] == cls:
            weights = weights + weighed_base(
                w, i, l, least(counted_of(w, i, l, limited), flow_of(w, l))
            )
    level = left / weights
    given = everywhere(0.0)
    way = everywhere(0.0)
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        if w.lane_class[l] == cls:
            base = least(counted_of(w, i, l, limited), flow_of(w, l))
            first = least(base, weighed_base(w, i, l, base) * level)
            given = given + first
            way = way + (base - first)
    w.weighing[cls] = 1
    w.weighed[cls] = where(weighed, 1.0, 0.0)
    w.level[cls] = level
    w.part_rest[cls] = way_left(left - given, way)


@njit(inline="always", nogil=True, error_model="numpy")
def part_of(w, i, l, order):
    """Return what lane l gets of its order that counts."""
    cls = w.lane_class[l]
    base = least(order, flow_of(w, l))
    more = w.part_more[cls]
    gets = least(order, base * w.part_usual[cls] + (order - base) * more)
    gets = where(more == 1.0, order, gets)
    if w.weighing[cls] == 1:
        first = least(base, weighed_base(w, i, l, base) * w.level[cls])
        by_weight = least(order, first + (base - first) * w.part_rest[cls])
        gets = where(w.weighed[cls] == 1.0, by_weight, gets)
    return gets
