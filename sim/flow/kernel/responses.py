"""Compiled: what answers to prices, in the period after (docs/model.md, section 7c).

Prices stand as the last period left them until section 7b moves them, so that supply and
substitution read them as they are.
"""

from numba import njit

from sim.flow.kernel.fields import END_USER
from sim.flow.kernel.vector import WIDTH, any_of, everywhere, least, most, power, where

GIVE_WAY_DAYS = 180.0
FASTEST = 3.0
DEMAND_ELASTICITY, THRIFT_PRICE, SUPPLY_RISE, BID = 0, 1, 2, 3


@njit(nogil=True, error_model="numpy")
def rest_answers(w, j0, n):
    """Set all answers of a batch at rest, and put in the numbers drawn for its replications."""
    for number in range(4):
        for r in range(WIDTH):
            w.answer_number[number, r] = w.answer_drawn[number, j0 + r] if r < n else 1.0
    for q in range(w.n_pair):
        w.bid[q] = 1.0
    for i in range(w.n_site):
        w.moved[i] = 0
        if w.kind[i] == END_USER:
            needed = w.dependence[i]
            share = where(needed > 0.0, least(1.0, w.value_of_input_share[i] / needed), 0.0)
            for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
                w.good_share[f] = share * w.good_part[f]


@njit(inline="always", nogil=True, error_model="numpy")
def price_of(w, f):
    """Return the price of what feed f buys; 1 where nobody does."""
    q = w.pair_of[f]
    if q >= 0:
        return w.price[q]
    return everywhere(1.0)


@njit(inline="always", nogil=True, error_model="numpy")
def buy_less(w, i):
    """Move the demand for an end user's good towards what its price leaves of it."""
    dear = everywhere(0.0)
    for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
        dear = dear + w.good_share[f] * (price_of(w, f) - 1.0)
    kept = everywhere(1.0)
    if any_of(dear > 0.0):
        kept = least(1.0, power(1.0 + dear, 0.0 - w.answer_number[DEMAND_ELASTICITY]))
    elif w.moved[i] == 0:
        return
    before = w.response[i]
    after = before + (kept - before) * min(1.0, w.step_days / GIVE_WAY_DAYS)
    w.response[i] = after
    w.moved[i] = 1 if any_of(after != 1.0) else 0


@njit(nogil=True, error_model="numpy")
def answer(w):
    """Set what the next period makes of this one's prices: demand, and weights of buyers."""
    if w.responding == 1:
        for i in range(w.n_site):
            if w.kind[i] == END_USER:
                buy_less(w, i)
    if w.bidding == 1:
        for q in range(w.n_pair):
            price = w.price[q]
            w.bid[q] = power(price, w.answer_number[BID]) if any_of(price != 1.0) else price


@njit(inline="always", nogil=True, error_model="numpy")
def dearest(w, i):
    """Return the highest price of an end user's inputs."""
    price = everywhere(1.0)
    for f in range(w.feed_ptr[i], w.feed_ptr[i + 1]):
        price = most(price, price_of(w, f))
    return price


@njit(inline="always", nogil=True, error_model="numpy")
def awake(w, i):
    """Return the share of site i's slack that its price keeps at work."""
    q = w.asks[i]
    if q >= 0:
        return least(1.0, (w.price[q] - 1.0) / w.answer_number[SUPPLY_RISE])
    return everywhere(0.0)
