"""Every adaptive rule of the SimPy model against numbers worked by hand, and what always holds."""

from __future__ import annotations

import random

import numpy as np
import pytest
from by_hand import (
    Row,
    ban,
    compiled_of,
    feed,
    flat,
    lane,
    mine,
    network,
    outage,
    refiner,
    reserve,
    run,
    user,
)
from engines import Case
from random_networks import random_network

from sim.flow.play import Play
from sim.flow.record import rules
from sim.flow.record.model import simulate_simpy
from sim.shocks import tape as on
from sim.shocks.tape import EMPTY_DRAWS, PARAMETERS, Draws, Targets, quiet_tape

AT_ONCE = {"adjustment_days": 0.0}
REROUTES = {"rerouting": 1.0, "perception_days": 0.0}
NO_TARGETS = Targets(np.zeros(1, np.int32), np.zeros(0, np.int32))


def one_mine(capacity: float = 100.0, site: dict | None = None, **feed_options: float) -> dict:
    return network(
        mine=mine(capacity),
        user=user(100.0, {"ore": feed({"mine": lane()}, **feed_options)}, **(site or {})),
    )


# --- perception, rerouting, qualification -------------------------------------------------------


def test_a_failure_is_believed_by_degrees_and_ordered_elsewhere():
    # perception 4 days: the failing lane's reliability is 1, 3/4, 9/16.
    # Day 1: M = 1/2 * 1/4 = 1/8; weights 3/8 and 1/2, W = 7/8; 100 M = 12.5 ordered again,
    # 12.5 * 3/7 at a and 12.5 * 4/7 at b. Day 2: M = 7/32, weights 9/32 and 16/32.
    chain = network(
        a=mine(50.0),
        b=mine(500.0),
        user=user(
            100.0,
            {"ore": feed({"a": lane(0.5), "b": lane(0.5)}, rerouting=1.0, perception_days=4.0)},
        ),
    )
    told = run(chain, [outage("a", 0, 30)], 3)
    a, b = (told.lane("ordered", name, "user") for name in "ab")
    np.testing.assert_allclose(a, [50, 50 + 12.5 * 3 / 7, 50 + 100 * 7 / 32 * 9 / 25])
    np.testing.assert_allclose(b, [50, 50 + 12.5 * 4 / 7, 50 + 100 * 7 / 32 * 16 / 25])


def test_half_of_the_miss_is_rerouted_where_rerouting_is_a_half():
    chain = network(
        a=mine(50.0),
        b=mine(500.0),
        user=user(
            100.0,
            {"ore": feed({"a": lane(0.5), "b": lane(0.5)}, rerouting=0.5, perception_days=0.0)},
        ),
    )
    told = run(chain, [outage("a", 0, 30)], 2)
    assert told.lane("ordered", "b", "user")[1] == 75.0  # M = 1/2, all the weight is b's


def test_a_spot_supplier_qualifies_while_others_fail_and_is_forgotten_after():
    # qualification 4 days: q = 1/4 on day 1 (the failure is seen at the end of day 0), 1/2 on day
    # 2. M = 1/2; weights b 1/2, spot q/2: of 50 t b gets 4/5 and the spot 1/5, then 2/3 and 1/3.
    # a is back on day 2, trusted on day 3: no miss, nothing rerouted, q = 1/4 again; a fails on
    # day 3, so day 4 finds q = 1/2.
    spot = lane(0.0, spot=0.5, qualification_days=4.0)
    chain = network(
        a=mine(50.0),
        b=mine(500.0),
        c=mine(500.0),
        user=user(100.0, {"ore": feed({"a": lane(0.5), "b": lane(0.5), "c": spot}, **REROUTES)}),
    )
    told = run(chain, [outage("a", 0, 2), outage("a", 3, 9)], 5)
    c = told.lane("ordered", "c", "user")
    np.testing.assert_allclose(c, [0, 50 / 5, 50 / 3, 0, 50 / 3])
    np.testing.assert_allclose(
        told.lane("ordered", "b", "user"), [50, 90, 50 + 100 / 3, 50, 50 + 100 / 3]
    )


def test_a_small_miss_does_not_qualify_anyone():
    assert rules.qualify(0.5, 0.25, 0.05) == 0.25
    assert rules.qualify(0.5, 0.25, 0.0500001) == 0.75
    assert rules.qualify(0.0, np.inf, 0.2) == 1.0
    assert rules.qualify(1.0, np.inf, 0.0) == 0.0


def test_reordering_does_not_get_round_a_quota():
    # cover 10 days and a gap that is ordered at once: the order is far above the reference flow
    told = run(one_mine(500.0, cover_days=10.0, **AT_ONCE), [ban("mine", "user", 5, 20, 0.75)], 20)
    assert told.lane("ordered", "mine", "user")[10] > 300.0
    np.testing.assert_allclose(told.lane("shipped", "mine", "user")[5:], 25.0)


# --- orders -------------------------------------------------------------------------------------


def test_buyers_stock_up_while_a_control_is_announced():
    # target 100 t * (10 days + 1 on the way) = 1100, announced 1650; a fifth of the gap a day:
    # day 10: 100 + 550/5 = 210; day 11: position 1100 - 100 + 210, so 100 + 440/5 = 188.
    told = run(
        one_mine(500.0, cover_days=10.0, adjustment_days=5.0, precaution=1.5),
        [flat(on.ANNOUNCED, [("mine", "user")], 10, 12, 1.0)],
        13,
    )
    ordered = told.lane("ordered", "mine", "user")
    # day 12: position 1298 against 1100 again: 100 - 198/5
    np.testing.assert_allclose(ordered[9:], [100, 210, 188, 60.4])


def test_announcement_of_half_a_period_counts_half():
    told = run(
        one_mine(500.0, cover_days=10.0, adjustment_days=5.0, precaution=1.5),
        [flat(on.ANNOUNCED, [("mine", "user")], 10.5, 12, 1.0)],
        12,
    )
    assert told.lane("ordered", "mine", "user")[10] == pytest.approx(100 + 275 / 5)


def test_run_rate_ramps_towards_orders_and_slack_comes_on_top():
    # capacity 200, ramp 10 days: 20 t a day a day; orders of 150 from day 2
    more = [flat(on.DEMAND, ["user"], 2, 20, 0.5)]
    chain = one_mine(200.0)
    chain["sites"]["mine"]["ramp_days"] = 10.0
    told = run(chain, more, 7)
    np.testing.assert_allclose(told.rate("mine"), [100, 100, 120, 140, 150, 150, 150])
    np.testing.assert_allclose(told.lane("shipped", "mine", "user"), told.rate("mine"))
    chain["sites"]["mine"]["slack"] = 0.05
    slack = run(chain, more, 7)
    np.testing.assert_allclose(
        slack.lane("shipped", "mine", "user"), [100, 100, 130, 150, 150, 150, 150]
    )


def test_a_refiner_orders_no_more_than_it_can_make():
    chain = network(
        mine=mine(500.0),
        plant=refiner(120.0, "metal", {"ore": feed({"mine": lane()}, coefficient=2.0)}),
        user=user(100.0, {"metal": feed({"plant": lane()})}),
    )
    told = run(chain, [flat(on.DEMAND, ["user"], 1, 9, 0.5)], 5)
    np.testing.assert_allclose(told.lane("ordered", "plant", "user"), [100, 150, 150, 150, 150])
    np.testing.assert_allclose(told.lane("ordered", "mine", "plant"), [200, 240, 240, 240, 240])
    # what the plant's input allows: the ore ordered on day 1 is there on day 2
    np.testing.assert_allclose(told.lane("shipped", "plant", "user"), [100, 100, 120, 120, 120])


def test_over_a_held_route_a_share_waits_one_more_day():
    # half of what is due waits: 50, then half of 150, then of 175; all of it on day 5
    told = run(one_mine(100.0, cover_days=5.0), [flat(on.HOLD, [("mine", "user")], 2, 5, 0.5)], 7)
    np.testing.assert_allclose(
        told.lane("arrived", "mine", "user"), [100, 100, 50, 75, 87.5, 187.5, 100]
    )


# --- substitution -------------------------------------------------------------------------------


def test_low_stock_makes_users_substitute_before_they_are_short_and_recovery_undoes_it():
    # cover 10 days, no supply from day 0 (what is under way comes that day): 400 t left, below half
    # of the cover, at the end of day 6. Limit 0.2 over two days: z = 0.1, then 0.2; a ramp acts by
    # its mean, so 0.05 of day 7, 0.15 of day 8, 0.2 from day 9.
    can = {"substitution": {"limit": 0.2, "delay_days": 0.0, "days": 2.0}}
    told = run(one_mine(site=can, cover_days=10.0), [outage("mine", 0, 30)], 11)
    np.testing.assert_allclose(
        told.of_user("spared", "user"), [0, 0, 0, 0, 0, 0, 0, 5, 15, 20, 20], atol=1e-9
    )
    np.testing.assert_allclose(told.of_user("want", "user")[7:], [95, 85, 80, 80])
    assert not told.short("user")[:11].any()
    back = run(one_mine(1e4, site=can, cover_days=10.0, **AT_ONCE), [outage("mine", 0, 7)], 12)
    # all is re-ordered on day 7 and there on day 8: unstressed at its end, back in two days
    np.testing.assert_allclose(back.of_user("spared", "user")[7:], [5, 15, 15, 5, 0], atol=1e-9)


def test_an_outage_takes_capacity_or_its_share_of_what_could_be_shipped():
    # half out; 60 t are ordered of a mine of 100 t. Of capacity: 50 are left, whatever its slack.
    # Of output: it runs at 60, so it ships 30 without slack; with slack 0.2 it could ship 80: 40.
    for slack, left, half in ((0.0, 50.0, 30.0), (0.2, 50.0, 40.0), (1.0, 50.0, 50.0)):
        chain = network(
            mine=mine(100.0, slack=slack), user=user(60.0, {"ore": feed({"mine": lane()})})
        )
        for kind, shipped in ((on.AVAILABILITY, left), (on.OUTPUT, half)):
            told = run(chain, [flat(kind, ["mine"], 0, 30, 0.5)], 1)
            assert told.lane("shipped", "mine", "user")[0] == pytest.approx(shipped)
    # both at once: of 100 t a half is left, 50; of that a fifth is lost
    both = [outage("mine", 0, 30, 0.5), flat(on.OUTPUT, ["mine"], 0, 30, 0.2)]
    assert run(chain, both, 1).lane("shipped", "mine", "user")[0] == pytest.approx(40.0)


# --- reserves -----------------------------------------------------------------------------------


def served(serves: dict, **options: float) -> dict:
    chain = network(
        mine=mine(200.0),
        a=user(100.0, {"ore": feed({"mine": lane()}, cover_days=4.0)}),
        b=user(100.0, {"ore": feed({"mine": lane()}, cover_days=2.0)}),
    )
    chain["sites"]["store"] = reserve(900.0, serves, trigger_days=4.0, **options)
    return chain


def test_a_release_is_split_by_what_each_lacks():
    # trigger 400 t. Day 0: after arrivals 500 and 300: b lacks 100 and gets it. Day 1, no arrivals
    # (out on day 0): a 400, b 300: b lacks 100. Day 2: 300 and 300 lack 100 each, 50 t are given.
    chain = served({"a": None, "b": None}, max_rate=50.0)
    told = run(chain, [outage("mine", 0, 9)], 3)
    np.testing.assert_allclose(told.released("store"), [50, 50, 50])
    # b: 300 + 50 - 100 = 250; 250 + 50 - 100 = 200; a: 400, 300; day 2 lacks: a 100, b 200
    np.testing.assert_allclose(told.feed("stock", "a"), [400, 300, 200 + 50 / 3])
    np.testing.assert_allclose(told.feed("stock", "b"), [250, 200, 100 + 100 / 3])


def test_a_release_by_fixed_shares_gives_nobody_more_than_it_lacks():
    # day 0: a lacks nothing and gets nothing, b lacks 100 and gets its 0.25 of 200; day 2: a lacks
    # 100 and gets 100 of its 150; b lacks 400 - 150 and gets 50
    told = run(served({"a": 0.75, "b": 0.25}, max_rate=200.0), [outage("mine", 0, 9)], 3)
    np.testing.assert_allclose(told.released("store"), [50, 50, 150])
    np.testing.assert_allclose(told.feed("stock", "a"), [400, 300, 300])
    np.testing.assert_allclose(told.feed("stock", "b"), [250, 200, 150])


def test_a_reserve_refills_only_while_those_it_serves_are_at_target():
    # It gives 150 t while the mine is out and orders again when the user's position is at target.
    chain = network(
        mine=mine(300.0),
        user=user(100.0, {"ore": feed({"mine": lane()}, cover_days=1.0, **AT_ONCE)}),
    )
    chain["sites"]["store"] = reserve(
        500.0, {"user": None}, trigger_days=1.5, feeds={"ore": feed({"mine": lane()}, **AT_ONCE)}
    )
    told = run(chain, [outage("mine", 0, 2)], 8)
    # after arrivals of day 0 the user has 200 t; of day 1 100 t, 50 t less than 1.5 days; of day 2
    # 50 t. On day 2 its position is 150 t against a target of 200 t: the reserve must wait.
    np.testing.assert_allclose(told.released("store")[:3], [0, 50, 100])
    at_target = told.feed("position", "user")
    ordered = told.lane("ordered", "mine", "store")
    assert ordered[:3].tolist() == [0, 0, 0]
    first = int(np.flatnonzero(ordered)[0])
    assert first >= 3
    assert at_target[first - 1] >= 200 * (1 - 1e-9)  # as the user found it that day
    assert told.stock_at("store", 8) == pytest.approx(500.0)


def test_rules_of_release_by_hand():
    nan = float("nan")
    assert rules.gifts(1000.0, 20.0, [30.0, 10.0], [nan, nan]) == [15.0, 5.0]
    assert rules.gifts(1000.0, 1e9, [30.0, 10.0], [nan, nan]) == [30.0, 10.0]
    assert rules.gifts(8.0, 20.0, [30.0, 10.0], [nan, nan]) == [6.0, 2.0]
    assert rules.gifts(1000.0, 20.0, [30.0, 4.0], [0.5, 0.5]) == [10.0, 4.0]
    assert rules.lack(3.0, 100.0, 300.0 - 1e-7) == 0.0
    assert rules.lack(3.0, 100.0, 299.0) == 1.0


# --- projects and parameters --------------------------------------------------------------------


def test_offtake_takes_its_share_as_the_project_ramps():
    # 40 % of the user's purchases over 10 days from day 5: 4 % a day, so 2 % on day 5, 6 % on day 6
    chain = network(
        projects={
            "new": {
                "site": "b",
                "capacity": 50.0,
                "start": 5.0,
                "ramp_days": 10.0,
                "offtake": {"user": {"share": 0.4}},
            }
        },
        a=mine(100.0),
        b=mine(0.0),
        user=user(100.0, {"ore": feed({"a": lane(1.0), "b": lane(0.0)})}),
    )
    told = run(chain, [], 20, starts=[5.0])
    np.testing.assert_allclose(
        told.lane("shipped", "b", "user")[[4, 5, 6, 14, 15, 19]], [0, 2, 6, 38, 40, 40], atol=1e-12
    )
    np.testing.assert_allclose(told.lane("ordered", "a", "user")[[4, 5, 6, 19]], [100, 98, 94, 60])
    assert not told.short("user").any()
    never = run(chain, [], 20)
    assert not never.lane("ordered", "b", "user").any()


@pytest.mark.parametrize(
    ("key", "value", "total"),
    [
        ("cover_days", 2.0, 0.0),  # 5 days of cover become 10, the outage lasts 10
        ("cover_days", 0.5, 750.0),
        ("capacity", 0.5, 10 * 100.0 + 19 * 50.0 - 500.0),  # half of demand on 19 other days
        ("demand", 0.8, 10 * 80.0 - 5 * 80.0),
        ("substitution_limit", 0.0, 500.0),
    ],
)
def test_drawn_parameters_multiply_or_set(key, value, total):
    # 30 days; out on [10, 20), seen on days 11 to 20
    chain = one_mine(cover_days=5.0)
    index = 0 if key == "capacity" else (1 if key in ("demand", "substitution_limit") else 0)
    draws = Draws(
        np.array([PARAMETERS.index(key)], np.int32),
        np.array([0, 1], np.int32),
        np.array([index], np.int32),
    )
    told = run(chain, [outage("mine", 10, 20)], 30, draws=draws, parameter=np.array([[value]]))
    assert told.short("user").sum() == pytest.approx(total, abs=1e-9)


# --- what always holds --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_no_shock_no_shortfall_exactly_zero(seed):
    mapping = random_network(np.random.default_rng(seed), 20, steady=True)
    compiled = compiled_of(mapping, 50, 7)
    flow = simulate_simpy(Play(compiled, NO_TARGETS, EMPTY_DRAWS, 50), quiet_tape(1))
    assert flow.want.sum() > 0
    assert (flow.shortfall == 0.0).all()


@pytest.mark.parametrize("seed", range(4))
def test_mass_is_kept_in_every_feed_and_pipeline(seed):
    case = Case(seed, n_period=40, size=20, replications=2)
    flow, chain = case.record(), case.compiled.chain
    trace, feed_of_lane = flow.trace, chain.lane_feed
    for f in range(chain.feed_site.size):
        own = feed_of_lane == f
        under_way = trace.position[:, f] - trace.stock[:, f]
        change = np.diff(under_way, axis=0)
        flows = (trace.shipped[1:, own] - trace.arrived[1:, own]).sum(axis=1)
        scale = 1.0 + np.abs(trace.position[:, f]).max()
        np.testing.assert_allclose(change, flows, rtol=0, atol=1e-9 * scale)
        i = chain.feed_site[f]
        if chain.kind[i] == 1 and f not in chain.serve_feed:  # refiners: use is what they made
            made = trace.shipped[1:, chain.out_ptr[i] : chain.out_ptr[i + 1]].sum(axis=1)
            stock = (
                np.diff(trace.stock[:, f], axis=0)
                + made * chain.coefficient[f]
                - trace.arrived[1:, own].sum(axis=1)
            )
            np.testing.assert_allclose(stock, 0.0, atol=1e-9 * scale)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_negative(seed):
    flow = Case(seed, n_period=40, size=20).record()
    for name in ("want", "shortfall", "spared", "destroyed", "released"):
        assert (getattr(flow, name) >= 0.0).all(), name
    for name in ("stock", "ordered", "shipped", "arrived", "run_rate"):
        assert (getattr(flow.trace, name) >= 0.0).all(), name
    assert (flow.shortfall <= flow.want).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_in_which_actors_are_created_does_not_matter(seed):
    case = Case(seed, n_period=40, size=20)
    plain = case.record()

    def shuffled(actors):
        return random.Random(seed).sample(actors, len(actors))

    for name in ("want", "shortfall", "released"):
        assert np.array_equal(getattr(plain, name), getattr(case.record(order=shuffled), name))
    for order in (shuffled, lambda actors: actors[::-1]):
        for one, other in zip(plain.trace, case.record(order=order).trace, strict=True):
            assert np.array_equal(one, other)


def test_a_shock_elsewhere_leaves_a_chain_as_it_was():
    chain = one_mine(cover_days=3.0)
    chain["sites"]["other"] = mine(10.0, "salt")
    chain["products"]["salt"] = {"title": "salt"}
    chain["sites"]["cook"] = user(5.0, {"salt": feed({"other": lane()})})
    shock = [outage("mine", 5, 12, 0.7)]
    alone, beside = run(chain, shock, 30), run(chain, [*shock, outage("other", 3, 20)], 30)
    assert beside.short("cook").sum() > 0
    assert np.array_equal(alone.short("user"), beside.short("user"))


def test_zero_days_of_a_row_touch_nothing():
    point = Row(on.AVAILABILITY, ["mine"], [(5.0, 1.0), (5.0, 0.0)])
    assert not run(one_mine(), [point], 10).short("user").any()
