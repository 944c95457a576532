"""Compiled: reliability, substitution and price (docs/model.md, section 7)."""

from numba import njit

from sim.flow.kernel.fields import END_USER
from sim.flow.kernel.vector import any_of, everywhere, least, most, power, where


@njit(inline="always", nogil=True, error_model="numpy")
def learn(w, l, order, kept):
    """Move lane l's perceived reliability towards `kept`, what it shipped of what was ordered.

    Where nothing was ordered nothing failed, and trust returns. Supply calls it lane by lane while
    they are at hand: nothing in between reads it.
    """
    f = w.lane_feed[l]
    before = w.reliability[l]
    kept = where(order > 0.0, kept, 1.0)
    after = before + (kept - before) * w.learn[f]
    w.reliability[l] = after
    doubted = 1 if any_of(after != 1.0) else 0
    if doubted != w.doubted[l]:
        w.doubtful[f] += doubted - w.doubted[l]
        w.doubted[l] = doubted


@njit(inline="always", nogil=True, error_model="numpy")
def is_stressed(w, i):
    """Return where an end user is short, or a stock below half its cover."""
    stressed = w.short[i] > 0.0
    for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
        low = 0.5 * (w.ref_use[f] * w.cover[f]) * (1.0 - 1e-9)
        stressed = stressed | (w.stock[f] < low)
    return stressed


@njit(inline="always", nogil=True, error_model="numpy")
def substitute(w, i):
    """Let an end user under stress learn to do without, and forget it when unstressed."""
    limit, before = w.sub_limit[i], w.substituted[i]
    stressed = is_stressed(w, i)
    days = where(stressed, w.stress_days[i] + w.step_days, 0.0)
    risen = least(limit, before + limit * w.sub_share[i])
    fallen = most(0.0, before - limit * w.sub_share[i])
    after = where(stressed, where(days >= w.sub_delay_days[i], risen, before), fallen)
    after = where(limit > 0.0, after, 0.0)  # an instant rise to a limit of 0 is inf x 0
    w.stress_days[i] = days
    w.spared[i] = 0.5 * (before + after)
    w.substituted[i] = after


@njit(inline="always", nogil=True, error_model="numpy")
def scarcity_of(w, f):
    """Return what a feed ordered by what was shipped to it, at most 10."""
    ordered = everywhere(0.0)
    sent = everywhere(0.0)
    for x in range(w.lane_ptr[f], w.lane_ptr[f + 1]):
        l = w.lane_of[x]
        ordered = ordered + w.order[l]
        sent = sent + w.shipped[l]
    scarce = where(sent > 0.0, least(10.0, ordered / sent), 10.0)
    return where(ordered > 0.0, scarce, 1.0)


@njit(inline="always", nogil=True, error_model="numpy")
def respond(w, i):
    """Move an end user's scarcity, price and response."""
    exponent = 1.0 / (w.price_supply_elasticity[i] + w.price_demand_elasticity[i])
    mean = everywhere(0.0)
    for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
        w.scarcity[f] += (scarcity_of(w, f) - w.scarcity[f]) * w.price_gain[i]
        mean = mean + w.cost_share[f] * power(w.scarcity[f], exponent)
    w.response[i] = least(1.0, power(mean, -w.price_demand_elasticity[i]))


@njit(nogil=True, error_model="numpy")
def adapt(w):
    """Section 7 but for reliability: substitution, price."""
    for i in range(w.n_site):
        if w.kind[i] == END_USER:
            if w.sparing[i] == 1:
                substitute(w, i)
            if w.price_on[i] == 1:
                respond(w, i)
