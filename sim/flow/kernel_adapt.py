"""Compiled: reliability, substitution and price (docs/model.md, section 7)."""

from numba import njit

from sim.flow.fields import (
    COST_SHARE,
    COVER,
    DEMAND_E,
    END_USER,
    FEED_LANES,
    FEEDS,
    FULL,
    KIND,
    LANE_FEED,
    LEARN,
    OF_FEED,
    ORDER,
    PRICE_GAIN,
    PRICED,
    REF_USE,
    RELIABILITY,
    RESPONSE,
    SCARCITY,
    SHIPPED,
    SHORT,
    SPARED,
    STOCK,
    STRESS,
    SUB_DELAY,
    SUB_LIMIT,
    SUB_SHARE,
    SUBSTITUTION,
    SUPPLY_E,
    TRUSTED,
)


@njit(nogil=True, cache=True, error_model="numpy")
def learn(li, flag, feed, lane):
    """Move each lane's perceived reliability towards what it shipped of what was ordered."""
    for l in range(lane.shape[1]):
        if flag[FULL, l] == 1 and flag[TRUSTED, l] == 1:
            continue  # 1 + (1 - 1) x gain
        gain = feed[LEARN, li[LANE_FEED, l]]
        order = lane[ORDER, l]
        shipped = lane[ORDER if flag[FULL, l] == 1 else SHIPPED, l]
        phi = lane[RELIABILITY, l]
        doubted = 0
        for r in range(order.size):
            believed = phi[r] + (shipped[r] / order[r] - phi[r]) * gain[r]
            phi[r] = believed if order[r] > 0.0 else phi[r]
        for r in range(order.size):
            doubted += 1 if phi[r] != 1.0 else 0
        flag[TRUSTED, l] = 1 if doubted == 0 else 0


@njit(nogil=True, cache=True, error_model="numpy")
def substitute(i, step, si, sx, site, feed):
    """Let an end user under stress learn to do without, and forget it when unstressed."""
    for r in range(site.shape[2]):
        limit = site[SUB_LIMIT, i, r]
        if limit <= 0.0:
            continue
        stressed = site[SHORT, i, r] > 0.0
        for f in range(si[FEEDS, i], si[FEEDS, i + 1]):
            if feed[STOCK, f, r] < 0.5 * (feed[REF_USE, f, r] * feed[COVER, f, r]):
                stressed = True
        site[STRESS, i, r] = site[STRESS, i, r] + step if stressed else 0.0
        before = site[SUBSTITUTION, i, r]
        after = before
        if stressed and site[STRESS, i, r] >= sx[SUB_DELAY, i]:
            after = min(limit, before + limit * sx[SUB_SHARE, i])
        elif not stressed:
            after = max(0.0, before - limit * sx[SUB_SHARE, i])
        site[SPARED, i, r] = 0.5 * (before + after)
        site[SUBSTITUTION, i, r] = after


@njit(nogil=True, cache=True, error_model="numpy")
def respond(i, si, sx, fi, fx, li, flag, site, feed, lane):
    """Move an end user's scarcity, price and response."""
    power = 1.0 / (sx[SUPPLY_E, i] + sx[DEMAND_E, i])
    for r in range(site.shape[2]):
        mean = 0.0
        for f in range(si[FEEDS, i], si[FEEDS, i + 1]):
            ordered = 0.0
            sent = 0.0
            for x in range(fi[FEED_LANES, f], fi[FEED_LANES, f + 1]):
                l = li[OF_FEED, x]
                ordered += lane[ORDER, l, r]
                sent += lane[ORDER if flag[FULL, l] == 1 else SHIPPED, l, r]
            scarce = 1.0
            if ordered > 0.0:
                scarce = min(10.0, ordered / sent) if sent > 0.0 else 10.0
            feed[SCARCITY, f, r] += (scarce - feed[SCARCITY, f, r]) * sx[PRICE_GAIN, i]
            mean += fx[COST_SHARE, f] * feed[SCARCITY, f, r] ** power
        site[RESPONSE, i, r] = min(1.0, mean ** (-sx[DEMAND_E, i]))


@njit(nogil=True, cache=True, error_model="numpy")
def adapt(step, si, sx, fi, fx, li, flag, site, feed, lane):
    """Section 7: reliability, substitution, price."""
    learn(li, flag, feed, lane)
    for i in range(site.shape[1]):
        if si[KIND, i] == END_USER:
            substitute(i, step, si, sx, site, feed)
            if si[PRICED, i] == 1:
                respond(i, si, sx, fi, fx, li, flag, site, feed, lane)
