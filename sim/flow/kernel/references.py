"""Compiled: projects, references and the start (docs/model.md, sections 0, 1b and 3)."""

from numba import njit

from sim.flow.kernel.fields import END_USER, RESERVE
from sim.flow.kernel.vector import any_of, everywhere, where

DUST = 1e-12  # less than this share of a feed's use of a period is nothing


@njit(inline="always", nogil=True, error_model="numpy")
def ramped(t, start, ramp):
    """Return the integral up to day t of a rise from 0 to 1 over `ramp` days from `start`."""
    since = t - start
    full = ramp / 2.0 + (since - ramp)
    return where(start >= t, 0.0, where(start + ramp > t, since * since / (2.0 * ramp), full))


@njit(inline="always", nogil=True, error_model="numpy")
def set_progress(w, k):
    """Set each project's mean progress over period k; return whether any changed."""
    t0 = k * w.step_days
    t1 = (k + 1) * w.step_days
    changed = False
    for p in range(w.n_project):
        w.advances[p] = 0
        ramp, start = w.project_ramp_days[p], w.start_day[p]
        g = (ramped(t1, start, ramp) - ramped(t0, start, ramp)) / w.step_days
        g = where(start >= t1, 0.0, where(start + ramp <= t0, 1.0, g))
        if any_of(g != w.progress[p]):
            w.advances[p] = 1
            changed = True
        w.progress[p] = g
    return changed


@njit(inline="always", nogil=True, error_model="numpy")
def paths_change(w, k):
    """Return whether any growth path differs from the period before."""
    for x in range(w.n_path):  # noqa: SIM110  numba knows no any() of a generator
        if w.path[x, k] != w.path[x, k - 1]:
            return True
    return False


@njit(inline="always", nogil=True, error_model="numpy")
def set_capacities(w, k):
    """Set the capacity of every site, after the first period of those whose capacity moves."""
    for i in range(w.n_site):
        if k == 0 or w.capacity_moves[i] == 1:
            row = w.capacity_path[i]
            w.capacity[i] = w.nameplate[i] * (w.path[row, k] if row >= 0 else 1.0)
    for p in range(w.n_project):
        w.capacity[w.project_site[p]] += w.project_capacity[p] * w.progress[p]


@njit(inline="always", nogil=True, error_model="numpy")
def mark_moves(w, k):
    """Mark what moves by itself: demand that grows, and feeds whose offtakes advance.

    In the first period everything moves.
    """
    for i in range(w.n_site):
        grows = w.kind[i] == END_USER and w.demand_path[i] >= 0
        w.site_moves[i] = 1 if k == 0 or grows else 0
    for f in range(w.n_feed):
        w.feed_moves[f] = 1 if k == 0 else 0
    for p in range(w.n_project):
        if w.advances[p] == 1:
            for y in range(w.offtake_ptr[p], w.offtake_ptr[p + 1]):
                w.feed_moves[w.lane_feed[w.offtake_lane[y]]] = 1


@njit(inline="always", nogil=True, error_model="numpy")
def share_of(w, f, l):
    """Return a lane's share: the network's, base x (1 - 0) + 0, where no offtake names its feed."""
    if w.contracted[f] == 1:
        return w.share[l]
    return everywhere(w.base_share[l])


@njit(inline="always", nogil=True, error_model="numpy")
def flow_of(w, l):
    """Return a lane's reference flow, of numbers that are at hand sooner than the flow itself."""
    f = w.lane_feed[l]
    return share_of(w, f, l) * w.ref_use[f]


@njit(inline="always", nogil=True, error_model="numpy")
def set_shares(w):
    """Set the shares of lanes whose feeds are named by offtakes that advance."""
    for f in range(w.n_feed):
        if w.feed_moves[f] == 1 and w.contracted[f] == 1:
            w.taken[f] = 0.0
            for x in range(w.lane_ptr[f], w.lane_ptr[f + 1]):
                w.share[w.lane_of[x]] = 0.0
    for p in range(w.n_project):
        for y in range(w.offtake_ptr[p], w.offtake_ptr[p + 1]):
            l = w.offtake_lane[y]
            if w.feed_moves[w.lane_feed[l]] == 1:
                taken = w.offtake_share[y] * w.progress[p]
                w.share[l] += taken
                w.taken[w.lane_feed[l]] += taken
    for f in range(w.n_feed):
        if w.feed_moves[f] == 1 and w.contracted[f] == 1:
            left = 1.0 - w.taken[f]
            for x in range(w.lane_ptr[f], w.lane_ptr[f + 1]):
                l = w.lane_of[x]
                w.share[l] = w.base_share[l] * left + w.share[l]


@njit(inline="always", nogil=True, error_model="numpy")
def refer(w, k, i):
    """Set a site's reference output: an end user's demand, others' reference flows added up."""
    if w.kind[i] == END_USER:
        row = w.demand_path[i]
        w.ref_out[i] = w.demand[i] * (w.path[row, k] if row >= 0 else 1.0)
        return
    out = everywhere(0.0)
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        out = out + flow_of(w, l)
    w.ref_out[i] = out


@njit(inline="always", nogil=True, error_model="numpy")
def refer_feed(w, k, i, f):
    """Set a feed's reference use and target; its suppliers move then.

    Its mean transit changes only where offtakes move its shares.
    """
    w.feed_moves[f] = 1
    use = w.ref_out[i] * w.coefficient[f]
    for x in range(w.lane_ptr[f], w.lane_ptr[f + 1]):
        w.site_moves[w.supplier[w.lane_of[x]]] = 1
    if k == 0 or w.contracted[f] == 1:
        lead = everywhere(0.0)
        for x in range(w.lane_ptr[f], w.lane_ptr[f + 1]):
            l = w.lane_of[x]
            lead = lead + share_of(w, f, l) * float(w.transit[l])
        w.usual_lead[f] = lead
    w.ref_use[f] = use
    if w.kind[i] != RESERVE:
        w.dust[f] = DUST * use
    w.target_stock[f] = use * (w.cover[f] + w.usual_lead[f])


@njit(nogil=True, error_model="numpy")
def set_references(w, k):
    """Set capacity, lane shares and reference flows of period k, last site first.

    After the first period only what projects or growth have moved since the period before; feeds
    that moved stay marked.
    """
    set_capacities(w, k)
    mark_moves(w, k)
    set_shares(w)
    for i in range(w.n_site - 1, -1, -1):
        if w.site_moves[i] == 1:
            refer(w, k, i)
        for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
            if w.site_moves[i] == 1 or w.feed_moves[f] == 1:
                refer_feed(w, k, i, f)


@njit(inline="always", nogil=True, error_model="numpy")
def start(w):
    """Set the steady state: stocks at cover, pipelines full, everybody trusted."""
    for i in range(w.n_site):
        w.run_rate[i] = w.ref_out[i]
    for f in range(w.n_feed):
        w.stock[f] = w.ref_use[f] * w.cover[f]
    for v in range(w.n_reserve):
        w.stock[w.reserve_feed[v]] = w.reserve_stock[v] * w.reserve_start[v]
        w.dust[w.reserve_feed[v]] = DUST * w.reserve_stock[v]
        w.highest[v] = w.stock[w.reserve_feed[v]]
    for f in range(w.n_feed):
        position = w.stock[f]
        for x in range(w.lane_ptr[f], w.lane_ptr[f + 1]):
            l = w.lane_of[x]
            flow = flow_of(w, l)
            position = position + flow * float(w.transit[l])
            for ahead in range(w.transit[l]):
                w.pipe[w.lane_pipe[l] + ahead * w.ring_size[w.ring[l]]] = flow
        w.position[f] = position
