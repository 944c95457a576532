"""Compiled: what controls bar, and whom they leave alone (docs/model.md, section 7b, 2 and 3).

A lane counts the rows of controls that act on it; a product those on all of its lanes. Only what a
row has moved since is worked out again. A *trade* is a supplier and a pair that it serves: what it
sends there in the reference flows, over all its lanes.
"""

from numba import njit

from sim.flow.kernel.fields import ROW_ANNOUNCED, ROW_CAP
from sim.flow.kernel.references import flow_of
from sim.flow.kernel.vector import everywhere, most, where

STANDS, MOVED, TURNED = 0, 1, 2  # what a pair's controls did since they were looked at


@njit(inline="always", nogil=True, error_model="numpy")
def forget_controls(w):
    """Let no control act, and all be looked at."""
    for l in range(w.n_lane):
        w.controlled[l] = 0.0
        w.told[l] = 0.0
    for g in range(w.n_product):
        w.barred[g] = 0
        w.turned[g] = 1
        for s in range(w.source_ptr[g], w.source_ptr[g + 1]):
            w.barring[s] = 0.0
    for q in range(w.n_pair):
        w.stirring[q] = TURNED


@njit(inline="always", nogil=True, error_model="numpy")
def is_control(w, q):
    """Return whether row q bars lanes or announces that."""
    return w.row_kind[q] == ROW_CAP or w.row_kind[q] == ROW_ANNOUNCED


@njit(nogil=True, error_model="numpy")
def note_control(w, r, a, q, more):
    """Note that row q of replication r was read, and that it began (1), ended (-1) or neither.

    The acting rows of the replication stand from place a on.
    """
    effect = w.row_effect[q]
    for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
        l = w.target[y]
        pair = w.pair_of[w.lane_feed[l]]
        if pair < 0:
            continue
        w.stirring[pair] = TURNED if more != 0 else max(w.stirring[pair], MOVED)
        if more != 0:
            count_control(w, r, l, w.pair_product[pair], more)
    if more != 0 and w.row_kind[q] == ROW_ANNOUNCED:
        tell_again(w, r, a, q)


@njit(inline="always", nogil=True, error_model="numpy")
def count_control(w, r, l, g, more):
    """Count a row of a control that began (1) or ended (-1) on lane l, which carries product g."""
    w.barred[g] += more
    w.controlled[l, r] += more
    s = w.source[l]
    before = w.barring[s, r]
    w.barring[s, r] = before + more
    if (before > 0.0) != (before + more > 0.0):
        w.turned[g] = 1


@njit(inline="always", nogil=True, error_model="numpy")
def tell_again(w, r, a, q):
    """Set what announcements tell of the lanes of row q, which began or ended."""
    effect = w.row_effect[q]
    for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
        w.told[w.target[y], r] = 0.0
    for x in range(a, a + w.n_acting[r]):
        q = w.acting[x]
        if w.row_kind[q] == ROW_ANNOUNCED:
            effect = w.row_effect[q]
            for y in range(w.target_ptr[effect], w.target_ptr[effect + 1]):
                l = w.target[y]
                w.told[l, r] = max(w.told[l, r], w.row_news[q])


@njit(inline="always", nogil=True, error_model="numpy")
def set_trades(w, q):
    """Set what each supplier sends to pair q, and all of them together."""
    flow = everywhere(0.0)
    for t in range(w.trade_ptr[q], w.trade_ptr[q + 1]):
        set_trade(w, t)
        flow = flow + w.trade[t]
    w.users_flow[q] = flow
    w.stirring[q] = TURNED


@njit(inline="always", nogil=True, error_model="numpy")
def set_trade(w, t):
    """Set what a supplier sends to a pair in the reference flows."""
    flow = everywhere(0.0)
    for x in range(w.trade_lane_ptr[t], w.trade_lane_ptr[t + 1]):
        flow = flow + flow_of(w, w.trade_lane[x])
    w.trade[t] = flow


@njit(inline="always", nogil=True, error_model="numpy")
def is_struck(w, l):
    """Return whether a row of a control acts on lane l in some replication."""
    return w.struck[ROW_CAP, l] + w.struck[ROW_ANNOUNCED, l] > 0


@njit(inline="always", nogil=True, error_model="numpy")
def set_lost(w, q):
    """Set the share of a pair's use that is barred or announced to be."""
    lost = everywhere(0.0)
    for x in range(w.watched_ptr[q], w.watched_ptr[q + 1]):
        l = w.watched[x]
        if is_struck(w, l):
            bars = 1.0 - w.cap[l]
            if w.struck[ROW_ANNOUNCED, l] > 0:  # else nothing is told, and most(0, bars) is bars
                bars = most(w.told[l], bars)
            lost = lost + flow_of(w, l) * bars
    use = w.users_use[q]
    w.lost[q] = where(use > 0.0, lost / use, 0.0)


@njit(inline="always", nogil=True, error_model="numpy")
def set_pool(w, q):
    """Set where the region of pair q is open: it still gets most of what it had from who controls.

    Where nobody does, everybody is.
    """
    g = w.pair_product[q]
    anybody = everywhere(0.0)
    for s in range(w.source_ptr[g], w.source_ptr[g + 1]):
        anybody = most(anybody, w.barring[s])
    theirs = everywhere(0.0)
    for t in range(w.trade_ptr[q], w.trade_ptr[q + 1]):
        is_barring = where(w.barring[w.trade_source[t]] > 0.0, 1.0, 0.0)
        theirs = theirs + w.trade[t] * is_barring
    controlled = everywhere(0.0)
    for x in range(w.watched_ptr[q], w.watched_ptr[q + 1]):
        l = w.watched[x]
        if is_struck(w, l):
            controlled = controlled + where(w.controlled[l] > 0.0, flow_of(w, l), 0.0)
    is_open = (theirs > 0.0) & (controlled <= 0.5 * theirs)
    w.opened[q] = where((anybody == 0.0) | is_open, 1.0, 0.0)


@njit(inline="always", nogil=True, error_model="numpy")
def set_controls(w, g):
    """Set what is lost to a product's pairs and who is open, where a row or a flow has moved.

    Who begins or ends to control anything of it can open and cut all of its pairs.
    """
    for q in range(w.product_ptr[g], w.product_ptr[g + 1]):
        if w.stirring[q] != STANDS:
            set_lost(w, q)
        if w.stirring[q] == TURNED or w.turned[g] == 1:
            set_pool(w, q)
        w.stirring[q] = STANDS
    w.turned[g] = 0
