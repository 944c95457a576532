"""Compiled: reliability and substitution (docs/model.md, section 7)."""

from numba import njit

from sim.flow.kernel.fields import END_USER
from sim.flow.kernel.responses import FASTEST, THRIFT_PRICE, dearest
from sim.flow.kernel.vector import any_of, everywhere, least, most, where


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
    step, rise = everywhere(w.step_days), limit * w.sub_share[i]
    if w.thrifty == 1:
        price = dearest(w, i)
        stressed = stressed | (price >= w.answer_number[THRIFT_PRICE])
        haste = least(FASTEST, price)
        step, rise = step * haste, rise * haste
    days = where(stressed, w.stress_days[i] + step, 0.0)
    risen = least(limit, before + rise)
    fallen = most(0.0, before - limit * w.sub_share[i])
    after = where(stressed, where(days >= w.sub_delay_days[i], risen, before), fallen)
    after = where(limit > 0.0, after, 0.0)  # an instant rise to a limit of 0 is inf x 0
    w.stress_days[i] = days
    w.spared[i] = 0.5 * (before + after)
    w.substituted[i] = after


@njit(nogil=True, error_model="numpy")
def adapt(w):
    """Section 7 but for reliability: substitution."""
    for i in range(w.n_site):
        if w.kind[i] == END_USER and w.sparing[i] == 1:
            substitute(w, i)
