"""The kernel that measures value added lost, of trajectories: one replication after the other."""

import numpy as np
from numba import njit

from sim.flow.kernel.measures import AT_RISK, ECONOMY, LOST, OUTPUT

DAYS_PER_YEAR, MADE_UP_DAYS = 365.0, 91.0

# rows of what is kept of a cell (docs/model.md, 10): shares lost in the period at hand, lost over
# the horizon, lost in the shortage under way, and its periods
RISKED, MISSED, SUM_AT_RISK, SUM_LOST, RUN, SPELL = range(6)


@njit(nogil=True, cache=True, error_model="numpy")
def settle(kept, recapture, step_days):
    """Count what a cell's shortage has lost, less what is made up, where it ends."""
    quick = (DAYS_PER_YEAR - kept[SPELL] * step_days) / (DAYS_PER_YEAR - MADE_UP_DAYS)
    kept[SUM_LOST] += kept[RUN] * (1.0 - recapture * min(1.0, max(0.0, quick)))
    kept[RUN] = 0.0
    kept[SPELL] = 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def measure_cell(c, want, short, idled, r, cells, dependence, short_from, parent):
    """Return what a cell has at risk and loses in a period, and whether it is short."""
    risked, missed, at_risk, lost, is_short = 0.0, 0.0, 0.0, 0.0, False
    for j in range(cells.cell_ptr[c], cells.cell_ptr[c + 1]):
        u, d = cells.cell_group[j], dependence[cells.cell_site[j], r]
        base = want[u, r] if want[u, r] > 0.0 else 1.0
        risk, loss = d * (short[u, r] / base), d * (idled[u, r] / base)
        if cells.cell_largest[c] == 1:
            risked, missed = max(risked, risk), max(missed, loss)
        else:
            risked = risked + (risk - risked * risk)
            missed = missed + (loss - missed * loss)
        at_risk = at_risk + cells.cell_step_usd[j] * risked
        lost = lost + cells.cell_step_usd[j] * missed
        is_short = is_short or (short[u, r] > 0.0 and short[u, r] >= short_from * want[u, r])
    if cells.cell_within[c] >= 0:
        at_risk = at_risk * (1.0 - parent[RISKED])
        lost = lost * (1.0 - parent[MISSED])
    return (at_risk, lost, True) if is_short else (0.0, 0.0, False)


@njit(nogil=True, cache=True, error_model="numpy")
def measure_period(want, short, idled, r, cells, draws, short_from, step_days, kept):
    """Measure one period of all cells of a replication."""
    for c in range(cells.cell_usd.size):
        parent = kept[max(0, cells.cell_within[c])]
        at_risk, lost, is_short = measure_cell(
            c, want, short, idled, r, cells, draws.dependence, short_from, parent
        )
        own = kept[c]
        own[RISKED] = at_risk / cells.cell_usd[c]
        own[MISSED] = lost / cells.cell_usd[c]
        if is_short:
            own[SUM_AT_RISK] += at_risk
            own[RUN] += lost
            own[SPELL] += 1.0
        elif own[SPELL] > 0.0:
            settle(own, draws.recapture[cells.cell_site[cells.cell_ptr[c]], r], step_days)


@njit(nogil=True, cache=True, error_model="numpy")
def add_up(cells, draws, r, kept, year, out):
    """Write what the sets of a replication lose."""
    for x in range(out.shape[1]):
        at_risk, lost, output, economy = 0.0, 0.0, 0.0, 0.0
        for y in range(cells.set_cell_ptr[x], cells.set_cell_ptr[x + 1]):
            c = cells.set_cell[y]
            i, of_cell = cells.cell_site[cells.cell_ptr[c]], kept[c]
            at_risk = at_risk + of_cell[SUM_AT_RISK]
            lost = lost + of_cell[SUM_LOST]
            output = output + of_cell[SUM_LOST] / cells.cell_share[c]
            economy = economy + of_cell[SUM_LOST] * draws.multiplier[i, r]
        out[AT_RISK, x, r] = at_risk * year
        out[LOST, x, r] = lost * year
        out[OUTPUT, x, r] = output * year
        out[ECONOMY, x, r] = economy * year


@njit(nogil=True, cache=True, error_model="numpy")
def measure_losses(want, short, idled, cells, draws, short_from, step_days, out):
    """Write the value added that each set loses over the horizon, USD.

    ``want``, ``short`` and ``idled`` are (K, U, n); ``cells`` and ``draws`` as in
    ``sim.flow.cells`` and ``sim.flow.drawn``; ``out`` is (losses, X, n).
    """
    kept = np.empty((cells.cell_usd.size, 6))
    for r in range(want.shape[2]):
        kept[:] = 0.0
        for k in range(want.shape[0]):
            measure_period(
                want[k], short[k], idled[k], r, cells, draws, short_from, step_days, kept
            )
        for c in range(cells.cell_usd.size):
            if kept[c, SPELL] > 0.0:
                site = cells.cell_site[cells.cell_ptr[c]]
                settle(kept[c], draws.recapture[site, r], step_days)
        add_up(cells, draws, r, kept, step_days / DAYS_PER_YEAR, out)
