"""Compiled: projects, references and the start (docs/model.md, sections 0, 1b and 3)."""

from numba import njit

from sim.flow.fields import (
    BASE_DEMAND,
    BASE_SHARE,
    CAPACITY,
    CAPACITY_PATH,
    COEFFICIENT,
    COVER,
    DEMAND_PATH,
    END_USER,
    FEED_LANES,
    FEEDS,
    KIND,
    LANE_FEED,
    LANES,
    LEAD,
    NAMEPLATE,
    OF_FEED,
    OFFTAKES,
    PIPE,
    POSITION,
    PROJECT_CAPACITY,
    PROJECT_RAMP,
    PROJECT_SITE,
    REF_LANE,
    REF_OUT,
    REF_USE,
    RESERVE_FEED,
    RESERVE_SIZE,
    RUN_RATE,
    SHARE,
    STOCK,
    TAKEN,
    TRANSIT,
)


@njit(nogil=True, cache=True, error_model="numpy")
def copy(source, into):
    """Copy a table (numba's slice assignment costs 3 s of compilation for its messages)."""
    for i in range(source.shape[0]):
        for r in range(source.shape[1]):
            into[i, r] = source[i, r]


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
