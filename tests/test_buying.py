"""Reserves that buy: built up and refilled, by hand and by law (docs/model.md, section 5)."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

import numpy as np
import pytest
from by_hand import START, Map, Told, compiled_of, feed, lane, mine, network, refiner, reserve, user
from dice import Dice
from engines import Case
from known import both, stop
from random_networks import add_purchases, compiled_network, random_network

from sim.base.errors import UserError
from sim.flow.engine import simulate
from sim.flow.play import Play
from sim.network.load import read_network
from sim.policy.ground import Ground
from sim.policy.reserve import Reserve
from sim.shocks.tape import EMPTY_DRAWS, LANE_CAP, Targets, quiet_tape

FIFTH = 73
"""Days: a fifth of a year is a period."""


def chain_of(capacity: float = 20.0, **keys: Any) -> Map:
    """Return a mine, a user of 10 t a day (730 a period) with one period of cover, and a reserve.

    It looks for one period of use on hand, which the user always has.
    """
    chain = network(
        mine=mine(capacity),
        user=user(10.0, {"ore": feed({"mine": lane()}, cover_days=float(FIFTH))}),
    )
    own = {
        "trigger_days": float(FIFTH),
        "feeds": {"ore": feed({"mine": lane()})},
        "start_with": 0.0,
        "buy_per_year": 100.0,
    }
    chain["sites"]["store"] = reserve(300.0, {"user": None}) | own | keys
    return chain


def fifths(chain: Map, hazards: Map, n: int) -> Told:
    return both(chain, hazards, n, step_days=FIFTH)


def bought(told: Told) -> np.ndarray:
    return told.flow.bought[:, told.compiled.labels.reserve.index("store"), 0]


def is_near(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-9)


def test_three_years_of_a_hundred_tonnes_each_fill_a_reserve_of_three_hundred():
    told = fifths(chain_of(), {}, 18)
    is_near(bought(told), [20] * 15 + [0] * 3)  # 100 a year are 20 a fifth
    is_near(told.feed("stock", "store"), [0, *range(20, 301, 20), 300, 300])  # a period later
    assert not told.flow.shortfall.any() and not told.flow.released.any()


def test_a_shock_in_the_second_year_finds_one_year_in_store_and_what_was_given_is_bought_back():
    # The mine stands still in periods 5 and 6. The user has 1,460 in 5, 730 in 6, nothing in 7: the
    # reserve gives the 100 that it bought in periods 0 to 4. In 7 it serves, so it does not buy.
    # From 8 on: of the 100 that it once had at most 10 a period come back, the rest of the 20 goes
    # on top; once the first 100 are had again all 20 do. So 20 a period, whatever they are.
    told = fifths(chain_of(refill_per_year=50.0), {"h": stop("mine", 5 * FIFTH, 7 * FIFTH)}, 15)
    is_near(told.released("store"), [0] * 7 + [100] + [0] * 7)
    is_near(told.short("user"), [0] * 7 + [630] + [0] * 7)
    is_near(bought(told), [20] * 5 + [0] * 3 + [20] * 7)


@pytest.mark.parametrize(
    ("refill", "after"),
    [(0.0, [20] * 7), (50.0, [20] * 7), (200.0, [40, 40, 20, 20, 20, 20, 20])],
)
def test_refill_has_a_pace_of_its_own_and_both_are_at_most_the_faster(refill, after):
    # 200 a year: 40, 40 and the last 20 of the 100 come back; then it builds up by 20.
    chain = chain_of(refill_per_year=refill)
    told = fifths(chain, {"h": stop("mine", 5 * FIFTH, 7 * FIFTH)}, 15)
    is_near(bought(told)[8:], after)


def test_a_full_reserve_is_refilled_at_its_pace_and_no_further():
    chain = chain_of(start_with=None, buy_per_year=None, refill_per_year=200.0)
    told = fifths(chain, {"h": stop("mine", 0, 2 * FIFTH)}, 14)
    is_near(told.released("store"), [0, 0, 300] + [0] * 11)
    is_near(bought(told), [0] * 3 + [40] * 7 + [20] + [0] * 3)
    never = fifths(chain_of(start_with=None, buy_per_year=None, refill_per_year=0.0),
                   {"h": stop("mine", 0, 2 * FIFTH)}, 14)  # fmt: skip
    assert not bought(never).any() and never.feed("stock", "store")[-1] == 0.0


def test_it_buys_only_what_its_supplier_has_left():
    # 10.2 t a day are 744.6 a period: 14.6 are left when the user has its 730.
    told = fifths(chain_of(10.2), {}, 4)
    is_near(bought(told), [14.6] * 4)
    assert not told.flow.shortfall.any()


def test_while_others_order_more_than_usual_it_waits_for_them_too():
    # The mine stands still in period 0. The user, whose gap is ordered at once, orders 730 and,
    # in period 1, the 730 it lacks: 1,460, all that the mine can make; nothing is left to buy.
    chain = chain_of()
    chain["sites"]["user"]["feeds"]["ore"]["adjustment_days"] = 0.0
    chain["sites"]["store"]["trigger_days"] = 0.0
    told = fifths(chain, {"h": stop("mine", 0, FIFTH)}, 4)
    is_near(told.lane("shipped", "mine", "user"), [0, 1460, 730, 730])
    is_near(bought(told), [0, 0, 20, 20])


def test_a_class_of_the_law_comes_before_it_and_so_does_who_has_none():
    chain = chain_of(10.2)
    chain["sites"]["mine"]["priority"] = ["JPN"]  # the reserve's country as well
    chain["sites"]["other"] = chain["sites"]["user"] | {"country": "USA", "demand": 0.2}
    told = fifths(chain, {}, 3)
    assert not bought(told).any() and not told.flow.shortfall.any()


def test_from_a_date_on_and_by_dates():
    later = chain_of(buy_from=START + dt.timedelta(days=FIFTH + 1))  # within period 1
    is_near(bought(fifths(later, {}, 4)), [0, 0, 20, 20])
    # 0 on day 0, 60 by the end of period 1, 300 by the end of period 3: 30, 30, 120, 120.
    dates = [START + dt.timedelta(days=n * FIFTH) for n in (2, 4)]
    tranches = [{"by": day, "holds": t} for day, t in zip(dates, (60.0, 300.0), strict=True)]
    keys = {"buy_per_year": None, "tranches": tranches, "refill_per_year": 0.0}
    is_near(bought(fifths(chain_of(**keys), {}, 6)), [30, 30, 120, 120, 0, 0])
    # The mine stands still in period 1: what was missed is bought in 2, but for its trigger.
    told = fifths(chain_of(**keys, trigger_days=0.0), {"h": stop("mine", FIFTH, 2 * FIFTH)}, 6)
    is_near(bought(told), [30, 0, 150, 120, 0, 0])


def test_amounts_may_be_days_of_what_it_serves():
    chain = chain_of(start_with=5.0, buy_per_year=10.0)
    del chain["sites"]["store"]["stock"]
    chain["sites"]["store"]["stock_days"] = 30.0
    told = fifths(chain, {}, 14)
    assert told.feed("stock", "store")[0] == pytest.approx(50.0)
    is_near(bought(told), [20] * 12 + [10, 0])


def test_what_it_buys_is_drawn_from_stocks_upstream():
    """Its supplier fills them up again, a transit later: they are lower while it buys."""
    works = refiner(20.0, "ore", {"rock": feed({"pit": lane()}, cover_days=2.0 * FIFTH)})
    chain = chain_of()
    chain["sites"] |= {"mine": works, "pit": mine(20.0, "rock")}
    chain["products"]["rock"] = {"title": "rock"}
    told = fifths(chain, {}, 4)
    is_near(told.feed("stock", "mine", "rock"), [1460 - 20] * 4)


def test_a_reserve_that_buys_nothing_changes_no_bit_of_anybody_else():
    with_it = chain_of(refill_per_year=0.0, start_with=300.0)
    del with_it["sites"]["store"]["buy_per_year"], with_it["sites"]["store"]["start_with"]
    without = chain_of()
    without["sites"].pop("store")
    a, b = fifths(with_it, {}, 9), fifths(without, {}, 9)
    assert np.array_equal(a.feed("stock", "user"), b.feed("stock", "user"))


# --- as a policy's rule -------------------------------------------------------------------------


def of_rule(**keys: Any) -> Any:
    """Return what the rule comes to on the chain without its store, and its notes."""
    chain = chain_of()
    del chain["sites"]["store"]
    rule = Reserve.model_validate(
        {"kind": "reserve", "goods": {"product": "ore"}, "regions": ["JPN"], "stock_days": 60,
         "trigger_days": 20, "activation_days": 7, "start_with": 0, **keys}
    )  # fmt: skip
    outcome = rule.act(Ground(read_network(chain), START, FIFTH), "mine")
    made = outcome.changes.get("sites", {}).get("mine_ore_jpn")
    if made:
        chain["sites"]["store"] = {k: v for k, v in made.items() if k != "sources"}
    return chain, made, outcome.notes


def test_a_rule_buys_from_those_who_supply_whom_it_serves():
    chain, made, _ = of_rule(buy_per_year=10.0)
    assert made["feeds"]["ore"]["lanes"]["mine"]["share"] == 1.0
    assert [made[key] for key in ("stock_days", "start_with", "buy_per_year")] == [60, 0, 10]
    compiled = compiled_of(chain, 5, FIFTH)
    assert compiled.chain.build_pace[0] == pytest.approx(10 * 10.0 / 5)  # 10 t a day, a fifth
    assert compiled.chain.lane_class.max() == 1  # after the user


def test_a_rule_that_finds_nobody_to_buy_from_says_so():
    _, made, notes = of_rule(buy_per_year=10.0, suppliers={"country": "JPN"})
    assert made is None and notes == ["ore: nobody to buy from, so nothing is held"]


def test_a_rule_that_lacks_a_way_to_its_stock_is_a_mistake():
    chain, _, _ = of_rule()
    with pytest.raises(UserError, match="needs buy_per_year or tranches"):
        compiled_of(chain, 5, FIFTH)


# --- laws, on random networks -------------------------------------------------------------------


@functools.cache
def buyers() -> list[tuple[Case, int, Any]]:
    """Return random cases with a reserve that buys, its number and the flow."""
    cases = [Case(seed, n_period=40, size=12, replications=2) for seed in range(40)]
    found: list[tuple[Case, int, Any]] = []
    for case in (c for c in cases if c.compiled.chain.reserve_buys.any()):
        flow = simulate(case.play, case.tape, trace=True)
        found += [(case, int(v), flow) for v in np.flatnonzero(case.compiled.chain.reserve_buys)]
    return found


def test_what_a_reserve_holds_or_has_on_the_way_is_its_start_and_purchases_less_releases():
    told, some = buyers(), 0.0
    for case, v, flow in told:
        c = case.compiled.chain
        f = c.feed_ptr[c.reserve_site[v]]
        at_end = flow.trace.position[:, f]
        moved = (flow.bought[:, v] - flow.released[:, v]).cumsum(0)
        start = (at_end - moved)[:1]
        scale = at_end.max() + flow.bought[:, v].sum() + flow.released[:, v].sum() + 1e-300
        assert (np.abs(at_end - moved - start) <= 1e-12 * scale).all()
        lanes = c.lane_of[c.lane_ptr[f] : c.lane_ptr[f + 1]]
        sent = flow.trace.shipped[:, lanes].sum(1)
        assert (np.abs(sent - flow.bought[:, v]) <= 1e-12 * scale).all()
        some += flow.bought[:, v].sum()
    assert len(told) > 5 and some > 0.0


def test_nothing_goes_to_it_in_a_period_in_which_its_supplier_leaves_another_short():
    waited = 0
    for case, v, flow in buyers():
        c = case.compiled.chain
        f = c.feed_ptr[c.reserve_site[v]]
        for x in c.lane_of[c.lane_ptr[f] : c.lane_ptr[f + 1]]:
            i = c.supplier[x]
            lanes = np.arange(c.out_ptr[i], c.out_ptr[i + 1])
            others = lanes[c.lane_class[lanes] < c.lane_class[x]]
            # a control, not a lack, may be why a lane ships less: it then ships at most its cap
            lacks = flow.trace.ordered[:, others] - flow.trace.shipped[:, others]
            free = ~np.isin(others, capped_lanes(case))
            short = (lacks[:, free] > 1e-9 * flow.trace.ordered[:, others[free]]).any(1)
            gets = flow.trace.shipped[:, x]
            scale = flow.trace.ordered[:, lanes].sum(1) + 1e-300
            assert (gets[short] <= 1e-12 * scale[short]).all()
            waited += int((short & (flow.trace.ordered[:, x] > 0)).sum())
    assert waited > 0


def capped_lanes(case: Case) -> np.ndarray:
    targets, effects = case.plan.targets, case.tape.row_effect[case.tape.row_kind == LANE_CAP]
    acted = [targets.index[targets.ptr[e] : targets.ptr[e + 1]] for e in effects]
    return np.concatenate([np.zeros(0, np.int32), *acted])


def test_it_never_buys_more_in_a_period_than_its_faster_pace():
    for case, v, flow in buyers():
        c = case.compiled.chain
        f = c.feed_ptr[c.reserve_site[v]]
        most = max(c.build_pace[v], c.refill_pace[v])
        if case.compiled.chain.rerouting[f] == 0.0:
            assert (flow.bought[:, v] <= most * (1 + 1e-9)).all()


# --- mistakes -----------------------------------------------------------------------------------


def faults(**keys: Any) -> str:
    chain = chain_of(**keys)
    with pytest.raises(UserError) as told:
        compiled_of(chain, 10, FIFTH)
    return str(told.value)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"start_with": 301.0}, "must be at most its stock, 300"),
        ({"start_with": None}, "buy_per_year: needs start_with"),
        ({"start_with": -1.0}, "start_with"),
        ({"buy_per_year": None}, "start_with: 0.0, needs buy_per_year or tranches"),
        ({"buy_per_year": 0.0}, "buy_per_year"),
        ({"buy_per_year": -5.0}, "buy_per_year"),
        ({"stock": 0.0}, "needs a stock above 0"),
        ({"feeds": {}}, "needs a feed of ore with suppliers"),
        ({"refill_per_year": -1.0}, "refill_per_year"),
        ({"tranches": [{"by": 100.0, "holds": 300.0}]}, "tranches: cannot stand beside"),
        ({"buy_from": dt.date(2035, 1, 1)}, "buy_from: 2035-01-01, lies after the last day"),
        ({"buy_per_yaer": 3.0}, "did you mean 'buy_per_year'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_by_its_key(keys, says):
    assert says in faults(**keys).replace('"', "'")


@pytest.mark.parametrize(
    ("tranches", "says"),
    [
        ([{"by": 100.0, "holds": 200.0}], "the last tranche must hold its stock, 300"),
        ([{"by": 100.0, "holds": 200.0}, {"by": 90.0, "holds": 300.0}], "must be in order of time"),
        ([{"by": 100.0, "holds": 320.0}, {"by": 190.0, "holds": 300.0}], "must be at least 320"),
        ([{"by": 100.0, "holds": 1.0}, {"by": dt.date(2026, 1, 1), "holds": 300.0}], "all dates"),
        ([{"by": dt.date(2024, 6, 1), "holds": 300.0}], "must lie after day 0 and buy_from"),
        ([{"by": 100.0, "holds": 300.0, "til": 3}], "til"),
    ],
)
def test_a_mistake_in_tranches_is_told(tranches, says):
    told = faults(buy_per_year=None, refill_per_year=0.0, tranches=tranches)
    assert says in told


def test_tranches_say_whether_what_is_released_is_bought_back():
    told = faults(buy_per_year=None, tranches=[{"by": 100.0, "holds": 300.0}])
    assert "tranches: needs refill_per_year" in told


def test_only_a_reserve_buys():
    chain = chain_of()
    chain["sites"]["user"]["buy_per_year"] = 5.0
    with pytest.raises(UserError, match="a site of kind end_user has no such setting"):
        compiled_of(chain, 10, FIFTH)


def test_at_rest_purchases_leave_nobody_short():
    some = 0
    for seed in range(60):
        mapping = random_network(np.random.default_rng(seed), size=12, steady=True)
        add_purchases(Dice(np.random.default_rng(seed)), mapping["sites"])
        compiled = compiled_network(mapping, n_period=40)
        if compiled.chain.reserve_buys.any():
            nothing = Targets(np.zeros(1, np.int32), np.zeros(0, np.int32))
            play = Play(compiled, nothing, EMPTY_DRAWS, 40)
            flow = simulate(play, quiet_tape(1, len(compiled.labels.project)))
            assert not flow.shortfall.any(), seed
            some += int(flow.bought.any())
    assert some > 5
