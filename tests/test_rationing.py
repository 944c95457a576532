"""Laws of rationing: all that is left is given out, to nobody more than it ordered.

Of more nobody gets less. On the plain functions, which the engines repeat bit for bit.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.flow.record import rules

few = settings(max_examples=300, deadline=None, derandomize=True, database=None)
amount = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))
buyer = st.tuples(amount, amount, st.sampled_from([1.0, 1.0, 1.7, 4.0]), st.integers(0, 2))
buyers = st.lists(buyer, min_size=1, max_size=8)


def ration(group: list, left: float) -> np.ndarray:
    orders, usual, weights, classes = (list(x) for x in zip(*group, strict=True))
    return np.array(rules.ration(orders, usual, weights, classes, 3, left))


def asked(group: list) -> float:
    return float(sum(order for order, *_ in group))


@few
@given(buyers, st.floats(0.0, 1.0))
def test_all_that_is_left_is_given_out_and_nobody_gets_more_than_it_ordered(group, part):
    left = part * asked(group)
    got = ration(group, left)
    assert got.sum() == pytest.approx(left, rel=1e-12, abs=1e-12)
    assert (got >= 0.0).all()
    assert (got <= np.array([order for order, *_ in group])).all()


@few
@given(buyers, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_nobody_gets_less_of_more(group, one, other):
    less, more = sorted((one * asked(group), other * asked(group)))
    assert (ration(group, less) <= ration(group, more) * (1 + 1e-12) + 1e-12).all()


@few
@given(buyers, st.floats(0.0, 1.0))
def test_nobody_gets_more_than_is_usual_before_all_of_its_class_have_that(group, part):
    got = ration(group, part * asked(group))
    for cls in range(3):
        own = [x for x, (*_, c) in enumerate(group) if c == cls]
        usual = np.array([min(group[x][0], group[x][1]) for x in own])
        short = got[own] < usual * (1 - 1e-9)
        if short.any():
            assert (got[own] <= usual * (1 + 1e-12)).all()


@few
@given(buyers, st.floats(0.0, 1.0))
def test_a_class_gets_nothing_while_one_before_it_lacks(group, part):
    got = ration(group, part * asked(group))
    lacks = [c for x, (order, *_, c) in enumerate(group) if got[x] < order * (1 - 1e-9)]
    if lacks:
        assert not any(got[x] > 1e-9 for x, (*_, c) in enumerate(group) if c > min(lacks))


@few
@given(buyers, st.floats(0.0, 1.0))
def test_who_weighs_more_keeps_at_least_the_share_of_who_weighs_less(group, part):
    got = ration(group, part * asked(group))
    kept = [
        (c, g, got[x] / min(order, usual))
        for x, (order, usual, g, c) in enumerate(group)
        if 0.0 < order <= usual
    ]
    for c, g, share in kept:
        for other, lighter, less in kept:
            if c == other and lighter < g:
                assert share >= less - 1e-9


@few
@given(buyers, st.floats(0.0, 1.0, allow_subnormal=False), st.integers(-30, 30))
def test_twice_as_much_is_twice_as_much_to_the_bit(group, part, k):
    left = part * asked(group)
    assume(left == 0.0 or left > 1e-280)  # below, doubles no longer double
    scaled = [(order * 2.0**k, usual * 2.0**k, g, c) for order, usual, g, c in group]
    assert (ration(scaled, left * 2.0**k) == ration(group, left) * 2.0**k).all()


@few
@given(buyers, st.floats(0.0, 1.0))
def test_a_buyer_in_two_is_one_buyer(group, part):
    left = part * asked(group)
    first, *rest = group
    halves = [(first[0] / 2, first[1] / 2, *first[2:])] * 2
    got, split = ration(group, left), ration([*halves, *rest], left)
    np.testing.assert_allclose(split[0] + split[1], got[0], 1e-9, 1e-9)
    np.testing.assert_allclose(split[2:], got[1:], 1e-9, 1e-9)
