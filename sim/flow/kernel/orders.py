"""Compiled: demand and orders, last site first (docs/model.md, section 5)."""

from numba import njit

from sim.flow.kernel.fields import END_USER, REFINER, RESERVE
from sim.flow.kernel.loss import idle
from sim.flow.kernel.measures import DESTROYED, NEARLY, SHORT, SPARED, STOPPED, STOPS_BELOW, WANT
from sim.flow.kernel.references import DUST, share_of
from sim.flow.kernel.supply import enough_for, use_feeds
from sim.flow.kernel.vector import any_of, everywhere, least, most, where, without


@njit(inline="always", nogil=True, error_model="numpy")
def gap_to(w, f, target):
    """Return what feed f lacks to its target (0 within rounding)."""
    gap = target - w.position[f]
    size = where(gap > 0.0, gap, 0.0 - gap)
    return where(size < DUST * target, 0.0, gap)


@njit(inline="always", nogil=True, error_model="numpy")
def need_of_buyer(w, k, v, f):
    """Return what a reserve orders that buys by rules of its own: nothing while somebody lacks.

    What it once had it buys back first, at one pace; what it never had at what another leaves.
    """
    position = w.position[f]
    highest = most(w.highest[v], position)
    w.highest[v] = highest
    gap = most(0.0, gap_to(w, f, w.reserve_stock[v] * w.reserve_aim[v, k]))
    back = least(gap, highest - position)
    first = least(back, w.refill_pace[v])
    need = first + least(gap - back, most(0.0, w.build_pace[v] - first))
    for y in range(w.serve_ptr[v], w.serve_ptr[v + 1]):
        need = where(w.low_days[y] > 0.0, 0.0, need)
    return need


@njit(inline="always", nogil=True, error_model="numpy")
def need_of_reserve(w, v, f):
    """Return what a reserve orders: nothing while a feed that it serves is below target."""
    need = most(0.0, gap_to(w, f, w.reserve_stock[v]) * w.adjust_gain[f])
    for y in range(w.serve_ptr[v], w.serve_ptr[v + 1]):
        need = where(w.at_target[w.serve_feed[y]] == 1.0, need, 0.0)
    return need


@njit(inline="always", nogil=True, error_model="numpy")
def target_of(w, f):
    """Return feed f's target: cover, and use on the way as long as the way is now."""
    target = w.target_stock[f]
    if w.delayed[f] > 0:
        lead = everywhere(0.0)
        for x in range(w.lane_ptr[f], w.lane_ptr[f + 1]):
            l = w.lane_of[x]
            lead = lead + share_of(w, f, l) * (float(w.transit[l]) + w.delay[l])
        target = w.ref_use[f] * (w.cover[f] + lead)
    if w.cautious[f] == 1:
        target = target * (1.0 + (w.precaution[f] - 1.0) * w.announced[f])
    return target


@njit(inline="always", nogil=True, error_model="numpy")
def need_of_feed(w, f, usage):
    """Return what a feed orders: its usage, and its way back to the target."""
    target = target_of(w, f)
    if w.served[f] == 1:
        w.at_target[f] = where(w.position[f] >= target * (1.0 - 1e-9), 1.0, 0.0)
    return most(0.0, usage * w.coefficient[f] + gap_to(w, f, target) * w.adjust_gain[f])


@njit(inline="always", nogil=True, error_model="numpy")
def qualify(w, l, miss):
    """Move a spot lane's qualification: up while much is missed, else down."""
    up = w.qualify_step[l]
    w.qualified[l] = least(1.0, most(0.0, w.qualified[l] + where(miss > 0.05, up, -up)))


@njit(inline="always", nogil=True, error_model="numpy")
def weight_of(w, l, share):
    """Return a lane's weight in re-ordering: (share + spot x qualification) x reliability."""
    if w.spot[l] > 0.0:
        return (share + w.spot[l] * w.qualified[l]) * w.reliability[l]
    return share * w.reliability[l]


@njit(inline="always", nogil=True, error_model="numpy")
def reweigh(w, f, miss):
    """Qualify the spot lanes of a feed; return the sum of all weights."""
    weights = everywhere(0.0)
    for x in range(w.lane_ptr[f], w.lane_ptr[f + 1]):
        l = w.lane_of[x]
        if w.spot[l] > 0.0:
            qualify(w, l, miss)
        weights = weights + weight_of(w, l, share_of(w, f, l))
    return weights


@njit(inline="always", nogil=True, error_model="numpy")
def place_orders(w, f, need):
    """Split a feed's order over its lanes and re-order the expected miss where it may be had.

    Where every lane is fully trusted the expected miss is 0, and nothing is ordered again; nor by
    who does not reroute.
    """
    if w.adding == 1:
        w.asked[f] = need
    x0, x1 = w.lane_ptr[f], w.lane_ptr[f + 1]
    dust = w.dust[f]
    if w.reroutes[f] == 0 or (w.doubtful[f] == 0 and w.spotted[f] == 0):
        for x in range(x0, x1):
            l = w.lane_of[x]
            w.order[l] = without(dust, need * share_of(w, f, l))
        return
    miss = everywhere(0.0)
    weights = everywhere(0.0)
    for x in range(x0, x1):
        l = w.lane_of[x]
        share, reliability = share_of(w, f, l), w.reliability[l]
        weight = share * reliability
        miss = miss + share * (1.0 - reliability)
        weights = weights + weight
    if w.spotted[f] == 1:
        weights = reweigh(w, f, miss)
    asked = weights > 1e-9  # else nobody is left to ask
    weights = where(asked, weights, 1.0)
    again = where(asked, w.rerouting[f] * need * miss, 0.0)
    if w.adding == 1:
        w.asked[f] = need + again
    for x in range(x0, x1):
        l = w.lane_of[x]
        share = share_of(w, f, l)
        weight = weight_of(w, l, share)
        w.order[l] = without(dust, need * share + again * (weight / weights))


@njit(inline="always", nogil=True, error_model="numpy")
def want(w, k, i):
    """Set what an end user wants and book it, what it spares and what price destroys.

    Who cannot substitute spares raw x 0; who does not mind prices has a response of 1.
    """
    row, u = w.demand_path[i], w.group[i]
    growth = w.path[row, k] if row >= 0 else 1.0
    wanted = w.demand[i] * growth * w.factor[i]
    if w.sparing[i] == 1:
        w.book[SPARED * w.n_group + u] += wanted * w.spared[i]
        wanted = wanted * (1.0 - w.spared[i])
    if w.responding == 1:
        w.book[DESTROYED * w.n_group + u] += wanted * (1.0 - w.response[i])
        wanted = wanted * w.response[i]
    w.want[i] = wanted
    w.book[WANT * w.n_group + u] += wanted
    return wanted


@njit(inline="always", nogil=True, error_model="numpy")
def consume(w, k, i):
    """Let an end user use what is there and book what it wanted and did not have."""
    wanted = w.want[i]
    used = wanted
    for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
        used = least(used, enough_for(w, f))
    use_feeds(w, i, used)
    short = wanted - used
    short = where(short < 1e-9 * wanted, 0.0, short)
    w.short[i] = short
    w.book[SHORT * w.n_group + w.group[i]] += short
    if w.firm[i] == 1 and any_of(short > 0.0):
        stops = (used < STOPS_BELOW * wanted * (1.0 - NEARLY)) & (w.halted[i] == 0.0)
        w.book[STOPPED * w.n_group + w.group[i]] += where(stops, 1.0, 0.0)
        w.halted[i] = where(stops, 1.0, w.halted[i])
    if w.losing[i] == 1 and any_of(short > 0.0):
        idle(w, k, i, wanted, short)


@njit(inline="always", nogil=True, error_model="numpy")
def usage_of_refiner(w, i):
    """Return what a refiner means to make: what it was ordered, at most its capacity."""
    ordered = everywhere(0.0)
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        ordered = ordered + w.order[l]
    w.ordered[i] = ordered
    return least(ordered, w.capacity[i])


@njit(nogil=True, error_model="numpy")
def demand_and_orders(w, k):
    """Section 5 for every site, last site first."""
    v = w.n_reserve - 1
    for i in range(w.n_site - 1, -1, -1):
        kind = w.kind[i]
        usage = everywhere(0.0)
        if kind == END_USER:
            usage = want(w, k, i)
        elif kind == REFINER:
            usage = usage_of_refiner(w, i)
        for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
            if kind == RESERVE:
                if w.reserve_buys[v] == 1:
                    need = need_of_buyer(w, k, v, f)
                else:
                    need = need_of_reserve(w, v, f)
                v -= 1
            else:
                need = need_of_feed(w, f, usage)
            place_orders(w, f, need)
        if kind == END_USER:
            consume(w, k, i)
