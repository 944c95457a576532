"""The compiled engine: many replications side by side, replication last and contiguous.

Reads top to bottom in the order of docs/model.md, whose order of every floating-point operation
it keeps, so that it agrees with the SimPy model to the last bit. Tables and their rows are named
in ``fields.py``. No Python in the loop; divisions by zero are guarded where they can occur.
"""

import numpy as np
from numba import njit

from sim.flow.fields import (
    ACTIVATION,
    ADJUST,
    ANNOUNCED,
    ARRIVED,
    AT_TARGET,
    AVAILABILITY,
    B_DESTROYED,
    B_SHORTFALL,
    B_SPARED,
    B_WANT,
    BASE_DEMAND,
    BASE_SHARE,
    CAP,
    CAPACITY,
    CAPACITY_PATH,
    CAPPED,
    CLASSES,
    COEFFICIENT,
    COST_SHARE,
    COUNTED,
    COVER,
    DELAYED,
    DEMAND_E,
    DEMAND_PATH,
    FACTOR,
    FEED_LANES,
    FEEDS,
    FREE,
    FULL,
    GROUP,
    HELD,
    KIND,
    LANE_CLASS,
    LANE_FEED,
    LANES,
    LEAD,
    LEARN,
    MAX_RATE,
    NAMEPLATE,
    OF_FEED,
    OFFTAKES,
    ORDER,
    PIPE,
    POSITION,
    PRECAUTION,
    PRICE_GAIN,
    PRICED,
    PROJECT_CAPACITY,
    PROJECT_RAMP,
    PROJECT_SITE,
    QUALIFIED,
    QUALIFY,
    RAMP_SHARE,
    REF_LANE,
    REF_OUT,
    REF_USE,
    RELIABILITY,
    REROUTING,
    RESERVE_FEED,
    RESERVE_SIZE,
    RESPONSE,
    RUN_RATE,
    SCARCITY,
    SERVES,
    SHARE,
    SHIPPED,
    SHORT,
    SLACK,
    SLOTS,
    SPARED,
    SPOT,
    STOCK,
    STRESS,
    SUB_DELAY,
    SUB_LIMIT,
    SUB_SHARE,
    SUBSTITUTION,
    SUPPLY_E,
    TAKEN,
    TRANSIT,
    TRIGGER,
    TRUSTED,
    WANT,
)
from sim.flow.kernel_rows import set_exogenous

MINE, REFINER, END_USER, RESERVE = 0, 1, 2, 3


@njit(nogil=True, cache=True, error_model="numpy")
def copy(source, into):
    """Copy a table (numba's slice assignment costs 3 s of compilation for its messages)."""
    for i in range(source.shape[0]):
        for r in range(source.shape[1]):
            into[i, r] = source[i, r]


# --- 1b, 3. projects and references -------------------------------------------------------------


@njit(nogil=True, cache=True, error_model="numpy")
def ramped(t, start, ramp):
    """Return the integral up to day t of a rise from 0 to 1 over `ramp` days from `start`."""
    if t <= start:
        return 0.0
    if t < start + ramp:
        return (t - start) * (t - start) / (2.0 * ramp)
    return ramp / 2.0 + (t - start - ramp)


@njit(nogil=True, cache=True, error_model="numpy")
def set_progress(k, step, px, start_days, progress):
    """Set each project's mean progress over period k; return whether any changed."""
    t0 = k * step
    t1 = (k + 1) * step
    changed = False
    for p in range(px.shape[1]):
        ramp = px[PROJECT_RAMP, p]
        for r in range(progress.shape[1]):
            start = start_days[p, r]
            if t1 <= start:
                g = 0.0
            elif t0 >= start + ramp:
                g = 1.0
            else:
                g = (ramped(t1, start, ramp) - ramped(t0, start, ramp)) / step
            changed = changed or g != progress[p, r]
            progress[p, r] = g
    return changed


@njit(nogil=True, cache=True, error_model="numpy")
def paths_change(k, path):
    """Return whether any growth path differs from the period before."""
    for x in range(path.shape[0]):  # noqa: SIM110  numba knows no any() of a generator
        if path[x, k] != path[x, k - 1]:
            return True
    return False


@njit(nogil=True, cache=True, error_model="numpy")
def set_references(k, si, fi, fx, li, lx, path, pi, px, oi, ox, progress, site, feed, lane):
    """Set capacity, lane shares and reference flows of period k, last site first."""
    n_site, R = site.shape[1], site.shape[2]
    for i in range(n_site):
        row = si[CAPACITY_PATH, i]
        growth = path[row, k] if row >= 0 else 1.0
        for r in range(R):
            site[CAPACITY, i, r] = site[NAMEPLATE, i, r] * growth
    feed[TAKEN] = 0.0
    lane[SHARE] = 0.0
    for p in range(px.shape[1]):
        for r in range(R):
            site[CAPACITY, pi[PROJECT_SITE, p], r] += px[PROJECT_CAPACITY, p] * progress[p, r]
        for y in range(pi[OFFTAKES, p], pi[OFFTAKES, p + 1]):
            for r in range(R):
                taken = ox[y] * progress[p, r]
                lane[SHARE, oi[y], r] += taken
                feed[TAKEN, li[LANE_FEED, oi[y]], r] += taken
    for l in range(lane.shape[1]):
        f = li[LANE_FEED, l]
        for r in range(R):
            lane[SHARE, l, r] = lx[BASE_SHARE, l] * (1.0 - feed[TAKEN, f, r]) + lane[SHARE, l, r]
    for i in range(n_site - 1, -1, -1):
        row = si[DEMAND_PATH, i]
        growth = path[row, k] if row >= 0 else 1.0
        out = site[REF_OUT, i]
        for r in range(R):
            out[r] = site[BASE_DEMAND, i, r] * growth if si[KIND, i] == END_USER else 0.0
        for l in range(si[LANES, i], si[LANES, i + 1]):
            for r in range(R):
                out[r] += lane[REF_LANE, l, r]
        for f in range(si[FEEDS, i], si[FEEDS, i + 1]):
            use = feed[REF_USE, f]
            lead = feed[LEAD, f]
            for r in range(R):
                use[r] = out[r] * fx[COEFFICIENT, f]
                lead[r] = 0.0
            for x in range(fi[FEED_LANES, f], fi[FEED_LANES, f + 1]):
                l = li[OF_FEED, x]
                for r in range(R):
                    lane[REF_LANE, l, r] = lane[SHARE, l, r] * use[r]
                    lead[r] += lane[SHARE, l, r] * li[TRANSIT, l]


# --- 0. before the first period -----------------------------------------------------------------


@njit(nogil=True, cache=True, error_model="numpy")
def start(fi, li, vi, reserve, site, feed, lane, pipe):
    """Set the steady state: stocks at cover, pipelines full, everybody trusted."""
    R = site.shape[2]
    copy(site[REF_OUT], site[RUN_RATE])
    for f in range(feed.shape[1]):
        for r in range(R):
            feed[STOCK, f, r] = feed[REF_USE, f, r] * feed[COVER, f, r]
    for v in range(reserve.shape[1]):
        for r in range(R):
            feed[STOCK, vi[RESERVE_FEED, v], r] = reserve[RESERVE_SIZE, v, r]
    copy(feed[STOCK], feed[POSITION])
    for f in range(feed.shape[1]):
        for x in range(fi[FEED_LANES, f], fi[FEED_LANES, f + 1]):
            l = li[OF_FEED, x]
            for r in range(R):
                feed[POSITION, f, r] += lane[REF_LANE, l, r] * li[TRANSIT, l]
            for k in range(li[TRANSIT, l]):
                for r in range(R):
                    pipe[li[PIPE, l] + k, r] = lane[REF_LANE, l, r]


# --- 2. arrivals --------------------------------------------------------------------------------


@njit(nogil=True, cache=True, error_model="numpy")
def arrive(k, li, flag, tracing, feed, lane, pipe):
    """Bring in what is due; over a held route a share of it waits one more period."""
    R = pipe.shape[1]
    for l in range(lane.shape[1]):
        due = pipe[li[PIPE, l] + k % li[SLOTS, l]]
        stock = feed[STOCK, li[LANE_FEED, l]]
        if flag[HELD, l] == 1:
            later = pipe[li[PIPE, l] + (k + 1) % li[SLOTS, l]]
            for r in range(R):
                comes = due[r] * lane[FREE, l, r]
                later[r] += due[r] - comes
                due[r] = comes
        if tracing:
            for r in range(R):
                lane[ARRIVED, l, r] = due[r]
        for r in range(R):
            stock[r] += due[r]
        for r in range(R):
            due[r] = 0.0


# --- 4. reserves --------------------------------------------------------------------------------


@njit(nogil=True, cache=True, error_model="numpy")
def lack_of(trigger, use, stock):
    """Return what a served feed lacks to its reserve's trigger."""
    level = trigger * use
    lack = level - stock
    return 0.0 if lack <= 1e-9 * level else lack


@njit(nogil=True, cache=True, error_model="numpy")
def release(k, step, vi, vx, yi, yx, reserve, low_days, feed, released):
    """Open the reserves whose buyers have been low for longer than the activation time."""
    for v in range(vx.shape[1]):
        y0, y1 = vi[SERVES, v], vi[SERVES, v + 1]
        own = vi[RESERVE_FEED, v]
        for r in range(feed.shape[2]):
            active = False
            total = 0.0
            for y in range(y0, y1):
                lack = lack_of(vx[TRIGGER, v], feed[REF_USE, yi[y], r], feed[STOCK, yi[y], r])
                low_days[y, r] = low_days[y, r] + step if lack > 0.0 else 0.0
                active = active or low_days[y, r] > reserve[ACTIVATION, v, r]
                total += lack
            if not active or feed[STOCK, own, r] <= 0.0 or total <= 0.0:
                continue
            limit = min(feed[STOCK, own, r], vx[MAX_RATE, v])
            amount = min(limit, total)
            for y in range(y0, y1):
                f = yi[y]
                lack = lack_of(vx[TRIGGER, v], feed[REF_USE, f, r], feed[STOCK, f, r])
                gift = amount * (lack / total)
                if not np.isnan(yx[y]):
                    gift = min(lack, yx[y] * limit)
                feed[STOCK, f, r] += gift
                feed[POSITION, f, r] += gift
                feed[STOCK, own, r] = max(0.0, feed[STOCK, own, r] - gift)
                feed[POSITION, own, r] -= gift
                released[k, v, r] += gift


# --- 5. demand and orders -----------------------------------------------------------------------


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


# --- 6. supply ----------------------------------------------------------------------------------


@njit(nogil=True, cache=True, error_model="numpy")
def count_orders(i, capped, si, total, lane):
    """Count the orders on site i's lanes; on a controlled lane up to the allowed flow."""
    total[:] = 0.0
    for l in range(si[LANES, i], si[LANES, i + 1]):
        order = lane[ORDER, l]
        if capped:
            counted = lane[COUNTED, l]
            for r in range(total.size):
                barred = min(order[r], lane[CAP, l, r] * lane[REF_LANE, l, r])
                counted[r] = barred if lane[CAP, l, r] < 1.0 else order[r]
                total[r] += counted[r]
        else:
            for r in range(total.size):
                total[r] += order[r]


@njit(nogil=True, cache=True, error_model="numpy")
def shippable(i, si, sx, fx, total, can, site, feed):
    """Move site i's run rate, set what it can ship; return how many replications fall short."""
    R = total.size
    at_once = np.isinf(sx[RAMP_SHARE, i])
    rate = site[RUN_RATE, i]
    for r in range(R):
        capacity = site[CAPACITY, i, r]
        step = capacity * sx[RAMP_SHARE, i]
        gap = total[r] - rate[r]
        moved = rate[r] + step if gap > 0.0 else rate[r] - step
        rate[r] = total[r] if at_once or abs(gap) <= step else moved
        can[r] = min(capacity, rate[r] + site[SLACK, i, r] * capacity) * site[AVAILABILITY, i, r]
    for f in range(si[FEEDS, i], si[FEEDS, i + 1]):
        for r in range(R):
            can[r] = min(can[r], feed[STOCK, f, r] / fx[COEFFICIENT, f])
    short = 0
    for r in range(R):
        short += 1 if total[r] > can[r] else 0
    return short


@njit(nogil=True, cache=True, error_model="numpy")
def ration(i, si, li, total, left, asked, part, lane):
    """Ship all that is ordered where it fits; else class by class, pro rata within a class."""
    R = total.size
    l0, l1 = si[LANES, i], si[LANES, i + 1]
    for cls in range(si[CLASSES, i]):
        asked[:] = 0.0
        for l in range(l0, l1):
            if li[LANE_CLASS, l] == cls:
                for r in range(R):
                    asked[r] += lane[COUNTED, l, r]
        for r in range(R):
            fits = total[r] <= left[r]
            served = fits or asked[r] <= left[r]
            part[r] = 1.0 if served else left[r] / asked[r]
            if not fits:
                left[r] = left[r] - asked[r] if served else 0.0
        for l in range(l0, l1):
            if li[LANE_CLASS, l] == cls:
                for r in range(R):
                    lane[SHIPPED, l, r] = lane[COUNTED, l, r] * part[r]


@njit(nogil=True, cache=True, error_model="numpy")
def dispatch(k, i, row, si, fx, li, flag, delay, made, feed, lane, pipe):
    """Use up feed stock for what ships (lane row `row`), and send it on its way."""
    R = pipe.shape[1]
    for f in range(si[FEEDS, i], si[FEEDS, i + 1]):
        for r in range(R):
            taken = min(made[r] * fx[COEFFICIENT, f], feed[STOCK, f, r])
            feed[STOCK, f, r] -= taken
            feed[POSITION, f, r] -= taken
    for l in range(si[LANES, i], si[LANES, i + 1]):
        position = feed[POSITION, li[LANE_FEED, l]]
        shipped = lane[row, l]
        for r in range(R):
            position[r] += shipped[r]
        due_in = k + li[TRANSIT, l]
        if flag[DELAYED, l] == 1:
            for r in range(R):
                pipe[li[PIPE, l] + (due_in + delay[l, r]) % li[SLOTS, l], r] += shipped[r]
        else:
            due = pipe[li[PIPE, l] + due_in % li[SLOTS, l]]
            for r in range(R):
                due[r] += shipped[r]


@njit(nogil=True, cache=True, error_model="numpy")
def supply(k, si, sx, fx, li, flag, delay, scratch, site, feed, lane, pipe):
    """Section 6 for every site with lanes, first site first.

    Where all orders fit in every replication and no lane is capped, what ships is what was ordered.
    """
    total = scratch[0]
    for i in range(site.shape[1]):
        l0, l1 = si[LANES, i], si[LANES, i + 1]
        if l1 == l0:
            continue
        capped = False
        for l in range(l0, l1):
            capped = capped or flag[CAPPED, l] == 1
        count_orders(i, capped, si, total, lane)
        full = shippable(i, si, sx, fx, total, scratch[1], site, feed) == 0 and not capped
        if not full:
            if not capped:
                for l in range(l0, l1):
                    for r in range(total.size):
                        lane[COUNTED, l, r] = lane[ORDER, l, r]
            ration(i, si, li, total, scratch[1], scratch[2], scratch[3], lane)
            total[:] = 0.0  # now what is made: the sum of what ships
            for l in range(l0, l1):
                for r in range(total.size):
                    total[r] += lane[SHIPPED, l, r]
        for l in range(l0, l1):
            flag[FULL, l] = 1 if full else 0
        row = ORDER if full else SHIPPED
        dispatch(k, i, row, si, fx, li, flag, delay, total, feed, lane, pipe)


# --- 7. adaptation ------------------------------------------------------------------------------


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


# --- a batch ------------------------------------------------------------------------------------


@njit(nogil=True, cache=True, error_model="numpy")
def run_batch(
    step,
    si,
    sx,
    fi,
    fx,
    li,
    lx,
    path,
    vi,
    vx,
    yi,
    yx,
    pi,
    px,
    oi,
    ox,
    start_days,
    x0,
    column,
    begin,
    end,
    row_ptr,
    row_kind,
    row_effect,
    point_ptr,
    point_day,
    point_value,
    target_ptr,
    target,
    site,
    feed,
    lane,
    pipe,
    reserve,
    booked,
    released,
    traced_feed,
    traced_lane,
    traced_site,
):
    """Simulate one batch through all periods; fill `booked`, `released` (and the traces).

    Tables are packed as ``fields.py`` names them. `site`, `feed`, `lane`, `pipe` and `reserve` come
    in with what was drawn and everything else at rest; see ``engine.py``. The traces hold no
    periods unless they are asked for.
    """
    n_lane, R = lane.shape[1], lane.shape[2]
    mean = np.zeros(column.size)
    course = np.zeros(column.size, np.int64)
    moving = np.zeros((3, max(n_lane, site.shape[1]), R), np.int64)
    delay = np.zeros((n_lane, R), np.int64)
    flag = np.zeros((5, n_lane), np.int64)
    flag[TRUSTED] = 1
    tracing = traced_feed.shape[1] > 0
    scratch = np.zeros((4, R))
    progress = np.zeros((px.shape[1], R))
    low_days = np.zeros((yi.size, R))
    for k in range(path.shape[1]):
        set_exogenous(
            k,
            step,
            x0,
            column,
            begin,
            end,
            mean,
            course,
            moving,
            row_ptr,
            row_kind,
            row_effect,
            point_ptr,
            point_day,
            point_value,
            target_ptr,
            target,
            li,
            site,
            feed,
            lane,
            delay,
            flag,
        )
        changed = set_progress(k, step, px, start_days, progress)
        if k == 0 or changed or paths_change(k, path):
            set_references(k, si, fi, fx, li, lx, path, pi, px, oi, ox, progress, site, feed, lane)
        if k == 0:
            start(fi, li, vi, reserve, site, feed, lane, pipe)
        arrive(k, li, flag, tracing, feed, lane, pipe)
        release(k, step, vi, vx, yi, yx, reserve, low_days, feed, released)
        demand_and_orders(
            k, si, fi, fx, li, lx, path, vi, yi, flag, reserve, scratch, site, feed, lane, booked
        )
        supply(k, si, sx, fx, li, flag, delay, scratch, site, feed, lane, pipe)
        adapt(step, si, sx, fi, fx, li, flag, site, feed, lane)
        if tracing:
            copy(feed[STOCK], traced_feed[0, k])
            copy(feed[POSITION], traced_feed[1, k])
            copy(lane[ORDER], traced_lane[0, k])
            for l in range(n_lane):
                for r in range(R):
                    traced_lane[1, k, l, r] = lane[ORDER if flag[FULL, l] == 1 else SHIPPED, l, r]
            copy(lane[ARRIVED], traced_lane[2, k])
            copy(site[RUN_RATE], traced_site[0, k])
