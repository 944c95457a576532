"""Compiled: an index of scarcity for each good and region (docs/model.md, section 7b).

A product none of whose pairs lacks anything, whose price has come down and whose inputs are not
dear has prices of 1 and is passed over: what would be computed of it is just that.
"""

from numba import njit

from sim.flow.kernel.controls import forget_controls, set_controls, set_trades
from sim.flow.kernel.fields import END_USER, REFINER
from sim.flow.kernel.measures import BILL
from sim.flow.kernel.references import share_of
from sim.flow.kernel.vector import WIDTH, any_of, everywhere, least, most, power, where

YEAR_DAYS = 365.0
BELIEF_DAYS = 28.0
NEWS_DAYS = 60.0
FALL_DAYS = 60.0
NEAR_ORDER = 0.99
NEAR_STOCK = 0.95
WHOLE = 1.0 - 1e-9
LEAST = 0.04
HIGHEST = 25.0
MOST_SHARE = 0.95
DEAR = 2.0 * (1.0 + 1e-9)
OPEN, CUT = 0, 1


# --- the start -----------------------------------------------------------------------------------


@njit(nogil=True, error_model="numpy")
def rest_prices(w, j0, n):
    """Set all prices of a batch at rest, and put in the numbers drawn for its replications."""
    for q in range(w.n_pair):
        w.belief[q] = 0.0
        w.news[q] = 0.0
        w.troubled[q] = 0
    for v in range(w.n_price):
        w.price[v] = 1.0
        w.price_over[v] = 0.0
        w.price_peak[v] = 1.0
        w.price_above[v] = 0.0
    for g in range(w.n_product):
        w.hot[g] = 0
        w.scarce_days[g] = 0.0
        w.scarce_days[w.n_product + g] = 0.0
        for number in range(4):
            for r in range(n):
                w.price_number[number * w.n_product + g, r] = w.price_drawn[
                    number * w.n_product + g, j0 + r
                ]
            for r in range(n, WIDTH):
                w.price_number[number * w.n_product + g, r] = 1.0
    forget_controls(w)
    for f in range(w.n_feed):
        g = w.made_of[f]
        if g >= 0:
            factor = w.price_number[3 * w.n_product + g]
            w.input_share[f] = least(MOST_SHARE, w.input_share_0[f] * factor)


# --- stock down to the users ---------------------------------------------------------------------


@njit(inline="always", nogil=True, error_model="numpy")
def down_of(w, i, behind):
    """Return the days for which what lies behind the buyers of refiner i is enough."""
    down, made = everywhere(0.0), w.ref_out[i]
    for l in range(w.out_ptr[i], w.out_ptr[i + 1]):
        f = w.lane_feed[l]
        down = down + share_of(w, f, l) * behind[f]
    return where(made > 0.0, down / made, 0.0)


@njit(inline="always", nogil=True, error_model="numpy")
def behind_of(w, f, stock, down):
    """Return a feed's stock and what lies behind it: tonnes a period times days."""
    use = w.ref_use[f]
    return where(use > 0.0, stock * w.step_days + use * down, 0.0)


@njit(inline="always", nogil=True, error_model="numpy")
def set_behind(w):
    """Set the stock of each feed and behind it, down to the users."""
    for i in range(w.n_site - 1, -1, -1):
        if w.kind[i] == REFINER or w.kind[i] == END_USER:
            down = everywhere(0.0)
            if w.kind[i] == REFINER:
                down = down_of(w, i, w.behind)
            for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
                w.behind[f] = behind_of(w, f, w.position[f], down)


@njit(inline="always", nogil=True, error_model="numpy")
def set_usual_behind(w):
    """Set the same of normal stocks, of the feeds that moved.

    A feed moves where its site does, and that does where a feed that it supplies has moved.
    """
    for i in range(w.n_site - 1, -1, -1):
        if w.kind[i] == REFINER or w.kind[i] == END_USER:
            down = everywhere(0.0)
            if w.kind[i] == REFINER and is_moved(w, i):
                down = down_of(w, i, w.usual_behind)
            for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
                if w.feed_moves[f] == 1:
                    w.usual_behind[f] = behind_of(w, f, w.target_stock[f], down)


@njit(inline="always", nogil=True, error_model="numpy")
def is_moved(w, i):
    """Return whether a feed of site i has moved."""
    for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):  # noqa: SIM110  numba knows no any()
        if w.feed_moves[f] == 1:
            return True
    return False


@njit(inline="always", nogil=True, error_model="numpy")
def stock_of(w, q, behind):
    """Return the stock of a pair and behind it."""
    stock = everywhere(0.0)
    for y in range(w.pair_ptr[q], w.pair_ptr[q + 1]):
        stock = stock + behind[w.pair_feed[y]]
    return stock


@njit(nogil=True, error_model="numpy")
def set_normal(w):
    """Set what follows from the reference flows that have moved, of each pair.

    Its use, its normal stock, and its trades.
    """
    set_usual_behind(w)
    for q in range(w.n_pair):
        moved, use = False, everywhere(0.0)
        for y in range(w.pair_ptr[q], w.pair_ptr[q + 1]):
            f = w.pair_feed[y]
            moved = moved or w.feed_moves[f] == 1
            use = use + w.ref_use[f]
        if moved:
            w.users_use[q] = use
            w.users_normal[q] = stock_of(w, q, w.usual_behind)
            set_trades(w, q)


# --- what a period shows of a pair ---------------------------------------------------------------


@njit(inline="always", nogil=True, error_model="numpy")
def short_of(w, q):
    """Return the share of its use that a pair was not sent of what it asked for."""
    use = w.users_use[q]
    short = most(0.0, NEAR_ORDER * least(use, w.pair_asked[q]) - w.pair_sent[q])
    if any_of(short > 0.0):
        short = where(use > 0.0, short / use, 0.0)
    return short


@njit(inline="always", nogil=True, error_model="numpy")
def set_missing(w, g, q):
    """Set what a pair is thought to miss of a year of use and its normal stock; return if any."""
    short = short_of(w, q)
    if w.barred[g] > 0 or w.troubled[q] == 1 or any_of(short > 0.0):
        belief = w.belief[q]
        belief = belief + (short - belief) * min(1.0, w.step_days / BELIEF_DAYS)
        fade = 1.0 - min(1.0, w.step_days / NEWS_DAYS)
        news = most(w.news[q] * fade, w.price_number[w.n_product + g] * w.lost[q])
        w.belief[q] = belief
        w.news[q] = news
        w.troubled[q] = 1 if any_of((belief > 0.0) | (news > 0.0)) else 0
    missing = most(0.0, NEAR_STOCK * w.users_normal[q] - stock_of(w, q, w.behind))
    if w.troubled[q] == 1:
        missing = most(w.belief[q], w.news[q]) * w.users_use[q] * YEAR_DAYS + missing
    w.missing[q] = missing
    return any_of(missing > 0.0)


@njit(inline="always", nogil=True, error_model="numpy")
def set_dearer(w, g):
    """Set by how much the inputs of a product's makers are dearer; return whether any is."""
    found = False
    for x in range(w.made_ptr[g], w.made_ptr[g + 1]):
        i = w.made_by[x]
        dearer = everywhere(0.0)
        for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
            q = w.pair_of[f]
            if q >= 0 and w.hot[w.pair_product[q]] == 1:
                dearer = dearer + w.input_share[f] * (w.price[q] - 1.0)
                found = True
        w.dearer[i] = dearer
    return found


@njit(inline="always", nogil=True, error_model="numpy")
def passed_on(w, q):
    """Return the rise of a pair's price by that of its suppliers' inputs alone."""
    dearer = everywhere(0.0)
    for t in range(w.trade_ptr[q], w.trade_ptr[q + 1]):
        dearer = dearer + w.trade[t] * w.dearer[w.trade_supplier[t]]
    flow = w.users_flow[q]
    return where(flow > 0.0, dearer / flow, 0.0)


# --- the price -----------------------------------------------------------------------------------


@njit(inline="always", nogil=True, error_model="numpy")
def target_of_pool(w, g, pool):
    """Return the price at which what is left to a pool of regions would do."""
    missing = everywhere(0.0)
    whole = everywhere(0.0)
    here = 1.0 if pool == OPEN else 0.0
    for q in range(w.product_ptr[g], w.product_ptr[g + 1]):
        belongs = w.opened[q] == here
        missing = missing + where(belongs, w.missing[q], 0.0)
        whole = whole + where(belongs, w.users_use[q] * YEAR_DAYS + w.users_normal[q], 0.0)
    left = where(whole > 0.0, 1.0 - missing / whole, 1.0)
    left = where(left >= WHOLE, 1.0, most(LEAST, left))
    before = w.scarce_days[pool * w.n_product + g]
    days = where(left < 1.0, before + w.step_days, most(0.0, before - w.step_days))
    w.scarce_days[pool * w.n_product + g] = days
    target = everywhere(1.0)
    if any_of(left < 1.0):
        elasticity = w.price_number[g] * (1.0 + days / w.ageing_days)
        target = where(left == 1.0, 1.0, power(left, -1.0 / elasticity))
    return target


@njit(inline="always", nogil=True, error_model="numpy")
def reprice(w, g):
    """Move the prices of a product by what a period shows of its pairs."""
    set_controls(w, g)
    moves = w.hot[g] == 1
    for q in range(w.product_ptr[g], w.product_ptr[g + 1]):
        moves = set_missing(w, g, q) or moves
    dearer = set_dearer(w, g)
    aged = any_of((w.scarce_days[g] > 0.0) | (w.scarce_days[w.n_product + g] > 0.0))
    if not (moves or dearer or aged):
        return
    open_to = target_of_pool(w, g, OPEN)
    cut_to = target_of_pool(w, g, CUT)
    open_keep = 1.0 - min(1.0, w.step_days / FALL_DAYS)
    cut_keep = 1.0 - least(1.0, w.step_days / w.price_number[2 * w.n_product + g])
    w.hot[g] = 0
    for q in range(w.product_ptr[g], w.product_ptr[g + 1]):
        is_open = w.opened[q] == 1.0
        passed = everywhere(0.0)
        if dearer:
            passed = passed_on(w, q)
        to = least(HIGHEST, most(where(is_open, open_to, cut_to), 1.0 + passed))
        price = most(to, 1.0 + (w.price[q] - 1.0) * where(is_open, open_keep, cut_keep))
        w.price[q] = price
        if any_of(price != 1.0):
            w.hot[g] = 1


@njit(inline="always", nogil=True, error_model="numpy")
def note_price(w, v):
    """Add a period's price to what is kept of its path."""
    price = w.price[v]
    w.price_over[v] += price - 1.0
    w.price_peak[v] = most(w.price_peak[v], price)
    w.price_above[v] += where(price > DEAR, 1.0, 0.0)


@njit(inline="always", nogil=True, error_model="numpy")
def note_product(w, g):
    """Set the mean outside a product's home, and note all its prices."""
    over = everywhere(0.0)
    outside = 0.0
    for q in range(w.product_ptr[g], w.product_ptr[g + 1]):
        over = over + w.outside[q] * (w.price[q] - 1.0)
        outside += w.outside[q]
        note_price(w, q)
    if outside > 0.0:
        w.price[w.n_pair + g] = 1.0 + over / outside
    note_price(w, w.n_pair + g)


@njit(inline="always", nogil=True, error_model="numpy")
def bill(w, i):
    """Book what an end user pays more than at normal prices for what it used."""
    dearer = everywhere(0.0)
    found = False
    for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
        q = w.pair_of[f]
        if q >= 0 and w.hot[w.pair_product[q]] == 1:
            dearer = dearer + w.bill_each[f] * (w.price[q] - 1.0)
            found = True
    if found:
        w.book[BILL * w.n_group + w.group[i]] += (w.want[i] - w.short[i]) * dearer


@njit(nogil=True, error_model="numpy")
def set_prices(w):
    """Section 7b for every product, inputs first; then what is booked of it."""
    set_behind(w)
    for g in range(w.n_product):
        was_hot = w.hot[g]
        reprice(w, g)
        if was_hot == 1 or w.hot[g] == 1:
            note_product(w, g)
    for i in range(w.n_site - 1, -1, -1):
        if w.kind[i] == END_USER:
            bill(w, i)


@njit(inline="always", nogil=True, error_model="numpy")
def close_prices(w, b):
    """Write what is kept of the prices of batch b."""
    apart = w.n_price * w.n_batch
    for v in range(w.n_price):
        at = v * w.n_batch + b
        w.out_price[at] = w.price_over[v]
        w.out_price[apart + at] = w.price_peak[v]
        w.out_price[2 * apart + at] = w.price_above[v]


@njit(inline="always", nogil=True, error_model="numpy")
def keep_prices(w, k, b):
    """Write the prices of a period into the trajectories of batch b."""
    for v in range(w.n_price):
        w.kept_price[(k * w.n_price + v) * w.n_batch + b] = w.price[v]
