"""The compiled engine: WIDTH replications side by side in every value, batch after batch.

Reads top to bottom in the order of docs/model.md, whose order of every floating-point operation
it keeps, so that it agrees with the SimPy model to the last bit. ``w`` is the world, whose tables
``fields.py`` names; the sections are in the files beside it; ``vector.py`` says what a value is.
What bounds its speed, what it passes over and why that changes no bit: docs/kernel.md.
"""

import numpy as np
from numba import njit

from sim.flow.kernel.adapt import adapt
from sim.flow.kernel.books import (
    close_books,
    keep_period,
    keep_trace,
    measure_period,
    open_books,
    open_period,
)
from sim.flow.kernel.conditions import lift_rows, list_rows, set_exogenous
from sim.flow.kernel.goods import (
    add_up_pairs,
    book_goods,
    close_goods,
    keep_goods,
    open_goods,
    open_sent,
)
from sim.flow.kernel.orders import demand_and_orders
from sim.flow.kernel.price import (
    close_prices,
    keep_prices,
    rest_prices,
    set_normal,
    set_prices,
)
from sim.flow.kernel.projects import look_ahead, rest_prospects
from sim.flow.kernel.references import paths_change, set_progress, set_references, start
from sim.flow.kernel.responses import answer, rest_answers
from sim.flow.kernel.stocks import arrive, release, turn
from sim.flow.kernel.supply import supply
from sim.flow.kernel.vector import WIDTH, any_of


@njit(inline="always", nogil=True, error_model="numpy")
def rest_sites(w):
    """Set the sites of a batch at rest (section 0)."""
    for i in range(w.n_site):
        w.nameplate[i] = w.nameplate_0[i]
        w.demand[i] = w.demand_0[i]
        w.slack[i] = w.slack_0[i]
        w.sub_limit[i] = w.sub_limit_0[i]
        w.ramp_share[i] = w.ramp_share_0[i]
        w.home_weight[i] = w.home_weight_0[i]
        w.substituted[i] = 0.0
        w.spared[i] = 0.0
        w.stress_days[i] = 0.0
        w.response[i] = 1.0
        w.halted[i] = 0.0
        w.availability[i] = 1.0
        w.yielding[i] = 1.0
        w.factor[i] = 1.0
        w.limited[i] = 0
        w.stirred[i] = 0
        w.dependence[i] = w.dependence_0[i]
        w.value_of_input_share[i] = w.value_of_input_share_0[i]
        w.elasticity[i] = w.elasticity_0[i]
        w.elasticity_later[i] = w.elasticity_later_0[i]
        w.buffer_days[i] = w.buffer_days_0[i]
        w.recapture[i] = w.recapture_0[i]
        w.network_share[i] = w.network_share_0[i]


@njit(inline="always", nogil=True, error_model="numpy")
def rest_links(w):
    """Set the feeds, lanes and reserves of a batch at rest (section 0)."""
    for f in range(w.n_feed):
        w.cover[f] = w.cover_0[f]
        w.rerouting[f] = w.rerouting_0[f]
        w.learn[f] = w.learn_0[f]
        w.precaution[f] = w.precaution_0[f]
        w.delayed[f] = 0
        w.announced[f] = 0.0
        w.doubtful[f] = 0
    for l in range(w.n_lane):
        w.reliability[l] = 1.0
        w.qualified[l] = 0.0
        w.cap[l] = 1.0
        w.free[l] = 1.0
        w.delay[l] = 0.0
        w.doubted[l] = 0
        w.summed[l] = 0
    for v in range(w.n_reserve):
        w.reserve_stock[v] = w.reserve_stock_0[v]
        w.activation_days[v] = w.activation_days_0[v]
        for y in range(w.serve_ptr[v], w.serve_ptr[v + 1]):
            w.low_days[y] = 0.0


@njit(inline="always", nogil=True, error_model="numpy")
def drawn_table(w, key):
    """Return the table that a parameter goes to, in the order of sim.shocks.tape.PARAMETERS."""
    table = w.nameplate
    if key == 1:
        table = w.demand
    elif key == 2:
        table = w.cover
    elif key == 3:
        table = w.slack
    elif key == 4:
        table = w.rerouting
    elif key == 5:
        table = w.learn
    elif key == 6:
        table = w.reserve_stock
    elif key == 7:
        table = w.activation_days
    elif key == 8:
        table = w.sub_limit
    elif key == 9:
        table = w.home_weight
    elif key == 10:
        table = w.precaution
    elif key == 11:
        table = w.ramp_share
    elif key == 12:
        table = w.dependence
    elif key == 13:
        table = w.value_of_input_share
    elif key == 14:
        table = w.elasticity
    elif key == 15:
        table = w.elasticity_later
    elif key == 16:
        table = w.buffer_days
    elif key == 17:
        table = w.recapture
    elif key == 18:
        table = w.network_share
    return table


@njit(inline="always", nogil=True, error_model="numpy")
def draw(w, j0, n):
    """Put in what chance decided for replications j0 to j0 + n - 1 before the first period."""
    for d in range(w.n_draw):
        key = w.draw_key[d]
        is_factor = key in (0, 1, 2, 6)
        table = drawn_table(w, key)
        for y in range(w.draw_ptr[d], w.draw_ptr[d + 1]):
            i = w.draw_index[y]
            for r in range(n):
                drawn = w.drawn[d, j0 + r]
                table[i, r] = table[i, r] * drawn if is_factor else drawn
    for i in range(w.n_site):
        w.sparing[i] = 1 if any_of(w.sub_limit[i] > 0.0) else 0
        w.ramps[i] = 1 if any_of(w.ramp_share[i] != np.inf) else 0
        w.weighs[i] = 1 if any_of(w.home_weight[i] != 1.0) else 0
    for f in range(w.n_feed):
        w.reroutes[f] = 1 if any_of(w.rerouting[f] != 0.0) else 0
        w.cautious[f] = 1 if any_of(w.precaution[f] != 1.0) else 0
    for p in range(w.n_project):
        w.progress[p] = 0.0
        for r in range(WIDTH):
            w.start_day[p, r] = w.project_start_days[p, j0 + r] if r < n else np.inf


@njit(inline="always", nogil=True, error_model="numpy")
def run_batch(w, b):
    """Simulate batch b; where it is not full, the vectors' other replications are at rest."""
    j0 = b * w.batch
    n = min(w.batch, w.n_replication - j0)
    rest_sites(w)
    rest_links(w)
    draw(w, j0, n)
    list_rows(w, j0, n)
    open_books(w)
    if w.booking == 1:
        open_goods(w)
    if w.pricing == 1:
        rest_prices(w, j0, n)
    if w.answering == 1:
        rest_answers(w, j0, n)
    if w.building == 1:
        rest_prospects(w, j0, n)
    for k in range(w.n_period):
        set_exogenous(w, k, j0, n)
        changed = set_progress(w, k)
        if k == 0 or changed or paths_change(w, k):
            set_references(w, k)
            if w.pricing == 1:
                set_normal(w)
        if k == 0:
            start(w)
        turn(w, k)
        arrive(w)
        release(w)
        open_period(w)
        if w.adding == 1:
            open_sent(w)
        demand_and_orders(w, k)
        supply(w, k)
        adapt(w)
        if w.adding == 1:
            add_up_pairs(w)
        if w.pricing == 1:
            set_prices(w)
        if w.answering == 1:
            answer(w)
        if w.building == 1:
            look_ahead(w, k)
        if w.booking == 1:
            book_goods(w, k)
        measure_period(w, k)
        if w.keeping == 1:
            keep_period(w, k, b)
            if w.booking == 1:
                keep_goods(w, k, b)
            if w.pricing == 1:
                keep_prices(w, k, b)
        if w.tracing == 1:
            keep_trace(w, k, b)
    lift_rows(w, j0, n)
    close_books(w, b)
    if w.booking == 1:
        close_goods(w, b)
    if w.pricing == 1:
        close_prices(w, b)


@njit(nogil=True, cache=True, error_model="numpy")
def run(w):
    """Simulate all replications of the world's tape; return how many.

    Stops after the batch at hand when `stop` is set from another thread.
    """
    b = 0
    while b < w.n_batch and w.stop[0] == 0:
        run_batch(w, b)
        b += 1
    return min(b * w.batch, w.n_replication)
