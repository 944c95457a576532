"""Compiled: demand and orders, last site first (docs/model.md, section 5)."""

from numba import njit

from sim.flow.fields import (
    ADJUST,
    ANNOUNCED,
    AT_TARGET,
    B_DESTROYED,
    B_SHORTFALL,
    B_SPARED,
    B_WANT,
    BASE_DEMAND,
    CAPACITY,
    COEFFICIENT,
    COVER,
    DEMAND_PATH,
    END_USER,
    FACTOR,
    FEED_LANES,
    FEEDS,
    GROUP,
    KIND,
    LANES,
    LEAD,
    MINE,
    OF_FEED,
    ORDER,
    POSITION,
    PRECAUTION,
    QUALIFIED,
    QUALIFY,
    REF_USE,
    RELIABILITY,
    REROUTING,
    RESERVE,
    RESERVE_SIZE,
    RESPONSE,
    SERVES,
    SHARE,
    SHORT,
    SPARED,
    SPOT,
    STOCK,
    TRUSTED,
    WANT,
)


@njit(nogil=True, cache=True, error_model="numpy")
def need_of_reserve(v, f, vi, yi, fx, reserve, feed, need):
    """Set what a reserve orders: nothing while a feed that it serves is below target."""
    for r in range(need.size):
        calm = True
        for y in range(vi[SERVES, v], vi[SERVES, v + 1]):
            calm = calm and feed[AT_TARGET, yi[y], r] == 1.0
        gap = (reserve[RESERVE_SIZE, v, r] - feed[POSITION, f, r]) * fx[ADJUST, f]
        need[r] = max(0.0, gap) if calm else 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def place_orders(f, fi, li, lx, flag, need, miss, weights, feed, lane):
    """Split a feed's order over its lanes and re-order the expected miss where it may be had.

    Where every lane is fully trusted the expected miss is 0 and nothing is ordered again.
    """
    R = need.size
    x0, x1 = fi[FEED_LANES, f], fi[FEED_LANES, f + 1]
    trusted = True
    for x in range(x0, x1):
        trusted = trusted and flag[TRUSTED, li[OF_FEED, x]] == 1 and lx[SPOT, li[OF_FEED, x]] == 0.0
    if trusted:
        for x in range(x0, x1):
            share = lane[SHARE, li[OF_FEED, x]]
            order = lane[ORDER, li[OF_FEED, x]]
            for r in range(R):
                order[r] = need[r] * share[r]
        return
    miss[:] = 0.0
    weights[:] = 0.0
    for x in range(x0, x1):
        share = lane[SHARE, li[OF_FEED, x]]
        reliability = lane[RELIABILITY, li[OF_FEED, x]]
        for r in range(R):
            miss[r] += share[r] * (1.0 - reliability[r])
    for x in range(x0, x1):
        l = li[OF_FEED, x]
        share = lane[SHARE, l]
        reliability = lane[RELIABILITY, l]
        qualified = lane[QUALIFIED, l]
        spot = lx[SPOT, l]
        if spot > 0.0:
            for r in range(R):
                up = lx[QUALIFY, l] if miss[r] > 0.05 else -lx[QUALIFY, l]
                qualified[r] = min(1.0, max(0.0, qualified[r] + up))
        for r in range(R):
            weights[r] += (share[r] + spot * qualified[r]) * reliability[r]
    for x in range(x0, x1):
        l = li[OF_FEED, x]
        share = lane[SHARE, l]
        reliability = lane[RELIABILITY, l]
        qualified = lane[QUALIFIED, l]
        order = lane[ORDER, l]
        spot = lx[SPOT, l]
        for r in range(R):
            w = (share[r] + spot * qualified[r]) * reliability[r]
            part = w / weights[r] if weights[r] > 1e-9 else 0.0
            order[r] = need[r] * share[r] + feed[REROUTING, f, r] * need[r] * miss[r] * part


@njit(nogil=True, cache=True, error_model="numpy")
def want(k, i, si, path, site, booked):
    """Set what an end user wants and book it, what it spares and what price destroys."""
    row = si[DEMAND_PATH, i]
    growth = path[row, k] if row >= 0 else 1.0
    u = si[GROUP, i]
    for r in range(site.shape[2]):
        raw = site[BASE_DEMAND, i, r] * growth * site[FACTOR, i, r]
        kept = raw * (1.0 - site[SPARED, i, r])
        site[WANT, i, r] = kept * site[RESPONSE, i, r]
        booked[B_WANT, k, u, r] += site[WANT, i, r]
        booked[B_SPARED, k, u, r] += raw * site[SPARED, i, r]
        booked[B_DESTROYED, k, u, r] += kept * (1.0 - site[RESPONSE, i, r])


@njit(nogil=True, cache=True, error_model="numpy")
def consume(k, i, si, fx, used, site, feed, booked):
    """Let an end user use what is there and book what it wanted and did not have."""
    R = used.size
    for r in range(R):
        used[r] = site[WANT, i, r]
    for f in range(si[FEEDS, i], si[FEEDS, i + 1]):
        for r in range(R):
            used[r] = min(used[r], feed[STOCK, f, r] / fx[COEFFICIENT, f])
    for f in range(si[FEEDS, i], si[FEEDS, i + 1]):
        for r in range(R):
            taken = min(used[r] * fx[COEFFICIENT, f], feed[STOCK, f, r])
            feed[STOCK, f, r] -= taken
            feed[POSITION, f, r] -= taken
    for r in range(R):
        short = site[WANT, i, r] - used[r]
        site[SHORT, i, r] = 0.0 if short < 1e-9 * site[WANT, i, r] else short
        booked[B_SHORTFALL, k, si[GROUP, i], r] += site[SHORT, i, r]


@njit(nogil=True, cache=True, error_model="numpy")
def demand_and_orders(
    k, si, fi, fx, li, lx, path, vi, yi, flag, reserve, scratch, site, feed, lane, booked
):
    """Section 5 for every site, last site first."""
    usage, need = scratch[0], scratch[1]
    v = reserve.shape[1] - 1
    for i in range(site.shape[1] - 1, -1, -1):
        kind = si[KIND, i]
        if kind == MINE:
            continue
        if kind == END_USER:
            want(k, i, si, path, site, booked)
            for r in range(usage.size):
                usage[r] = site[WANT, i, r]
        else:
            usage[:] = 0.0
            for l in range(si[LANES, i], si[LANES, i + 1]):  # a reserve has none
                for r in range(usage.size):
                    usage[r] += lane[ORDER, l, r]
            for r in range(usage.size):
                usage[r] = min(usage[r], site[CAPACITY, i, r])
        for f in range(si[FEEDS, i], si[FEEDS, i + 1]):
            if kind == RESERVE:
                need_of_reserve(v, f, vi, yi, fx, reserve, feed, need)
                v -= 1
            else:
                for r in range(usage.size):
                    target = (
                        feed[REF_USE, f, r]
                        * (feed[COVER, f, r] + feed[LEAD, f, r])
                        * (1.0 + (fx[PRECAUTION, f] - 1.0) * feed[ANNOUNCED, f, r])
                    )
                    position = feed[POSITION, f, r]
                    feed[AT_TARGET, f, r] = 1.0 if position >= target * (1.0 - 1e-9) else 0.0
                    need[r] = max(
                        0.0, usage[r] * fx[COEFFICIENT, f] + (target - position) * fx[ADJUST, f]
                    )
            place_orders(f, fi, li, lx, flag, need, scratch[2], scratch[3], feed, lane)
        if kind == END_USER:
            consume(k, i, si, fx, usage, site, feed, booked)
