"""Compiled: value added lost without input, and who makes the same of it (docs/model.md, 10)."""

from numba import njit

from sim.flow.kernel.measures import AT_RISK, ECONOMY, IDLED, LOST, OUTPUT, SHORT, WANT
from sim.flow.kernel.vector import WIDTH, any_of, everywhere, least, most, where

DAYS_PER_YEAR = 365.0
FIRST_DAYS, RISE_DAYS = 365.0, 730.0  # the elasticity of the first year; then it rises
MADE_UP_DAYS = 91.0  # what a shortage up to so long loses can be made up


@njit(nogil=True, error_model="numpy")
def lost_share(lack, theta, sigma):
    """Return the share of output that is lost where a share of the input lacks: 1 - CES."""
    if lack <= 0.0:
        return 0.0
    has = 1.0 - lack
    if abs(sigma - 1.0) < 1e-6:
        return 1.0 - has**theta
    rho = (sigma - 1.0) / sigma
    if sigma > 1.0:
        return 1.0 - (theta * has**rho + (1.0 - theta)) ** (1.0 / rho)
    if lack >= 1.0:
        return 1.0
    # what is left over is taken out of the brackets, so that no power is too large
    left = has * (theta + (1.0 - theta) * has**-rho) ** (1.0 / rho)
    return max(0.0, 1.0 - left)


@njit(inline="always", nogil=True, error_model="numpy")
def rest_losses(w):
    """Fill the buffers of a batch, and open the books of its cells."""
    for i in range(w.n_site):
        w.buffer[i] = w.buffer_days[i] / w.step_days
        w.first_short[i] = -1.0
    for c in range(w.n_cell):
        w.cell_risked[c] = 0.0
        w.cell_missed[c] = 0.0
        w.cell_at_risk[c] = 0.0
        w.cell_lost[c] = 0.0
        w.cell_run[c] = 0.0
        w.cell_spell[c] = 0.0


@njit(nogil=True, error_model="numpy")
def idle(w, k, i, wanted, short):
    """Book what output an end user loses that is short, after its buffer."""
    q = short / where(wanted > 0.0, wanted, 1.0)
    before, first = w.buffer[i], w.first_short[i]
    first = where((short > 0.0) & (first < 0.0), float(k), first)
    age = ((float(k) - first) * w.step_days - FIRST_DAYS) / RISE_DAYS
    early, late = w.elasticity[i], w.elasticity_later[i]
    w.buffer[i] = before - least(before, q)
    w.first_short[i] = first
    w.idle[0] = most(0.0, q - before)
    w.idle[1] = early + (late - early) * least(1.0, most(0.0, age))
    for r in range(WIDTH):
        w.idle[2, r] = lost_share(w.idle[0, r], w.value_of_input_share[i, r], w.idle[1, r])
    w.book[IDLED * w.n_group + w.group[i]] += wanted * w.idle[2]


@njit(inline="always", nogil=True, error_model="numpy")
def settle(w, c, ends):
    """Count what a cell's shortage has lost, less what is made up, where it ends."""
    days = w.cell_spell[c] * w.step_days
    quick = least(1.0, most(0.0, (DAYS_PER_YEAR - days) / (DAYS_PER_YEAR - MADE_UP_DAYS)))
    kept = w.cell_run[c] * (1.0 - w.recapture[w.cell_site[w.cell_ptr[c]]] * quick)
    w.cell_lost[c] += where(ends, kept, 0.0)
    w.cell_run[c] = where(ends, 0.0, w.cell_run[c])
    w.cell_spell[c] = where(ends, 0.0, w.cell_spell[c])


@njit(nogil=True, error_model="numpy")
def measure_cell(w, c):
    """Measure one period of a cell of which somebody is short."""
    risked, missed = everywhere(0.0), everywhere(0.0)
    at_risk, lost, short = everywhere(0.0), everywhere(0.0), everywhere(0.0)
    for j in range(w.cell_ptr[c], w.cell_ptr[c + 1]):
        i, u = w.cell_site[j], w.cell_group[j]
        wanted, lacking = w.book[WANT * w.n_group + u], w.book[SHORT * w.n_group + u]
        base = where(wanted > 0.0, wanted, 1.0)
        risk = w.dependence[i] * (lacking / base)
        loss = w.dependence[i] * (w.book[IDLED * w.n_group + u] / base)
        if w.cell_largest[c] == 1:
            risked, missed = most(risked, risk), most(missed, loss)
        else:
            risked = risked + (risk - risked * risk)
            missed = missed + (loss - missed * loss)
        at_risk = at_risk + w.cell_step_usd[j] * risked
        lost = lost + w.cell_step_usd[j] * missed
        short = where((lacking > 0.0) & (lacking >= w.short_from * wanted), 1.0, short)
    p = w.cell_within[c]
    if p >= 0:
        at_risk = at_risk * (1.0 - w.cell_risked[p])
        lost = lost * (1.0 - w.cell_missed[p])
    at_risk = where(short > 0.0, at_risk, 0.0)
    lost = where(short > 0.0, lost, 0.0)
    w.cell_risked[c] = at_risk / w.cell_usd[c]
    w.cell_missed[c] = lost / w.cell_usd[c]
    w.cell_at_risk[c] += at_risk
    settle(w, c, short == 0.0)
    w.cell_run[c] += lost
    w.cell_spell[c] += short


@njit(inline="always", nogil=True, error_model="numpy")
def rest_cell(w, c):
    """End the shortage of a cell that is under way: nobody is short."""
    if any_of(w.cell_spell[c] > 0.0):
        settle(w, c, w.cell_spell[c] > 0.0)
        w.cell_risked[c] = 0.0
        w.cell_missed[c] = 0.0


@njit(nogil=True, error_model="numpy")
def measure_losses(w, calm):
    """Measure one period of all cells; `calm`: nobody is short."""
    for c in range(w.n_cell):
        stirred = False
        if not calm:
            for j in range(w.cell_ptr[c], w.cell_ptr[c + 1]):
                stirred = stirred or any_of(w.book[SHORT * w.n_group + w.cell_group[j]] > 0.0)
        if stirred:
            measure_cell(w, c)
        else:
            rest_cell(w, c)


@njit(inline="always", nogil=True, error_model="numpy")
def close_losses(w, b):
    """Write the value added that the sets of batch b lose over the horizon."""
    apart, year = w.n_set * w.n_batch, w.step_days / DAYS_PER_YEAR
    for c in range(w.n_cell):
        settle(w, c, w.cell_spell[c] > 0.0)
    for x in range(w.n_set):
        at_risk, lost = everywhere(0.0), everywhere(0.0)
        output, economy = everywhere(0.0), everywhere(0.0)
        for y in range(w.set_cell_ptr[x], w.set_cell_ptr[x + 1]):
            c = w.set_cell[y]
            i = w.cell_site[w.cell_ptr[c]]
            at_risk = at_risk + w.cell_at_risk[c]
            lost = lost + w.cell_lost[c]
            output = output + w.cell_lost[c] / w.cell_share[c]
            more = w.network_share[i] * (w.backward_linkage[i] - 1.0)
            economy = economy + w.cell_lost[c] * (1.0 + more)
        at = x * w.n_batch + b
        w.out_loss[AT_RISK * apart + at] = at_risk * year
        w.out_loss[LOST * apart + at] = lost * year
        w.out_loss[OUTPUT * apart + at] = output * year
        w.out_loss[ECONOMY * apart + at] = economy * year
