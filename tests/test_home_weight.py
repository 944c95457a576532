"""Buyers at home: who they are, what a law of their weight draws, and the other new draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from by_hand import START, Map, feed, lane, mine, network, user
from known import hazard, stop
from twin_sampler import invert, u01

from sim.base.errors import UserError
from sim.flow.engine import simulate
from sim.flow.play import Play
from sim.flow.record.model import simulate_simpy
from sim.network.compile import compile_network
from sim.network.distribution import Distribution
from sim.network.load import read_network
from sim.shocks.hazard import Hazard, Parameter
from sim.shocks.sampler import compile_hazards, sample
from sim.shocks.tape import PARAMETERS

LAW = {"family": "triangular", "min": 1.0, "mode": 1.5, "max": 5.0}


def world(home_weight: Any = 1.0) -> Map:
    """Return mines that sell at home and abroad, one that sells abroad, and one of no country."""
    both = {"china": lane(0.5), "peru": lane(0.3), "rest": lane(0.2)}
    chain = network(
        china=mine(100.0),
        peru=mine(100.0, country="PER"),
        chile=mine(100.0, country="CHL"),
        rest=mine(100.0, country="OTH"),
        chinese=user(50.0, {"ore": feed(dict(both))}, country="CHN"),
        peruvian=user(50.0, {"ore": feed(dict(both))}, country="PER"),
        other=user(
            50.0, {"ore": feed({**both, "peru": lane(0.0), "chile": lane(0.3)})}, country="OTH"
        ),
    )
    return chain | {"home_weight": home_weight}


def plan_of(chain: Map, hazards: Map | None = None, parameters: Map | None = None) -> tuple:
    net = read_network(chain)
    compiled = compile_network(net, start=START, n_period=5, step_days=1)
    plan = compile_hazards(
        {k: Hazard.model_validate(v) for k, v in (hazards or {}).items()},
        {},
        {k: Parameter.model_validate(v) for k, v in (parameters or {}).items()},
        compiled,
        net,
        start=START,
        horizon_days=5.0,
    )
    return compiled, plan


def shipped(chain: Map, hazards: Map, parameters: Map | None = None) -> np.ndarray:
    """Return (lanes, 1) of what is shipped in the first period, by both engines."""
    compiled, plan = plan_of(chain, hazards, parameters)
    tape = sample(plan, 3, np.arange(1, dtype=np.int64))
    play = Play(compiled, plan.targets, plan.draws, 5)
    fast, record = (f(play, tape, trace=True).trace.shipped for f in (simulate, simulate_simpy))
    assert np.array_equal(fast, record)
    return fast[0, :, 0]


def test_a_lane_is_at_home_where_buyer_and_supplier_share_a_country_and_rests_are_none():
    compiled, _ = plan_of(world())
    c, names = compiled.chain, compiled.labels.site
    home = {
        (names[s], names[c.feed_site[f]])
        for s, f, at_home in zip(c.supplier, c.lane_feed, c.home, strict=True)
        if at_home
    }
    assert home == {("china", "chinese"), ("peru", "peruvian")}


def test_a_law_draws_one_weight_a_country_that_has_something_to_weigh():
    _, plan = plan_of(world(LAW))
    assert plan.draw_names == ("home_weight/CHN", "home_weight/PER")
    assert {PARAMETERS[key] for key in plan.draws.key} == {"home_weight"}
    drawn = sample(plan, 11, np.arange(400, dtype=np.int64)).parameter
    for d, country in enumerate(("CHN", "PER")):
        told = [invert(Distribution(**LAW), u01(11, f"parameter:home_weight/{country}", j, 0))
                for j in range(400)]  # fmt: skip
        assert drawn[d].tolist() == told
    assert drawn.min() >= 1.0
    assert drawn.max() <= 5.0
    assert drawn.mean() == pytest.approx(
        2.5, abs=4 * 0.9 / 800**0.5
    )  # a triangle's mean is 7.5 / 3


@pytest.mark.parametrize("weight", [1.0, 2.5])
def test_a_number_is_no_draw(weight):
    compiled, plan = plan_of(world(weight))
    assert plan.draw_names == ()
    assert (compiled.chain.home_weight == weight).all()


def test_a_scenario_sets_what_a_network_draws():
    fixed = {"key": "home_weight", "distribution": {"value": 1.0}}
    out = {"h": stop("china", 0, 5, 0.8)}
    alike = shipped(world(1.0), out)
    np.testing.assert_array_equal(shipped(world(LAW), out, {"none": fixed}), alike)
    assert not np.array_equal(shipped(world(LAW), out), alike)
    assert shipped(world(LAW), out).sum() == pytest.approx(alike.sum(), rel=1e-12)


@pytest.mark.parametrize("weight", [0.5, -1.0, 1e9, {"min": 0.1, "max": 0.5}])
def test_a_weight_below_one_or_beyond_a_wall_is_refused(weight):
    with pytest.raises(UserError, match="home_weight"):
        plan_of(world(weight))


def test_a_sector_that_no_end_user_has_is_refused_with_the_nearest():
    chain = world()
    chain["sites"]["other"]["sector"] = "defence"
    chain["sites"]["china"]["priority"] = ["home:defense"]
    with pytest.raises(UserError, match="defence"):
        plan_of(chain)
    chain["sites"]["china"]["priority"] = ["home:defence", "nowhere:defence"]
    with pytest.raises(UserError, match="nowhere:defence"):
        plan_of(chain)


# --- precaution and ramps by law ------------------------------------------------------------------


def drawn(key: str, value: float, **options: Any) -> tuple[Map, Map]:
    """Return a mine of 200 t and a user of 100, and a parameter that is certain."""
    chain = network(
        mine=mine(200.0, slack=1.0),
        user=user(100.0, {"ore": feed({"mine": lane()}, **options)}),
    )
    return chain, {"p": {"key": key, "distribution": {"value": value}}}


def test_a_drawn_precaution_is_the_feed_s_own():
    # Level 100 t x (1 day of cover + 1 on the way), half as much again while a ban is announced
    ban = {"kind": "control", "type": "ban", "origin": {"site": "mine"}, "to": {"site": "user"}}
    rule = hazard({"day": 4.0}, 1.0, ban, notice_days=4.0)
    chain, parameters = drawn("precaution", 1.5, cover_days=1.0, adjustment_days=1.0)
    assert shipped(chain, {"h": rule}, parameters).tolist() == [200.0]
    assert shipped(chain, {"h": rule}).tolist() == [100.0]


def test_a_drawn_ramp_is_the_site_s_own():
    # Demand doubles: a ramp of ten days lets 200 / 10 = 20 t a day more run, none all at once.
    more = hazard({"day": 0.0}, 5.0, {"kind": "demand", "sites": {"site": "user"}, "severity": 1.0})
    chain, parameters = drawn("ramp_days", 10.0)
    chain["sites"]["mine"]["slack"] = 0.0
    assert shipped(chain, {"h": more}, parameters).tolist() == [120.0]
    chain["sites"]["mine"]["ramp_days"] = 10.0
    parameters["p"]["distribution"]["value"] = 0.0
    assert shipped(chain, {"h": more}, parameters).tolist() == [200.0]
    assert shipped(chain, {"h": more}).tolist() == [120.0]


@pytest.mark.parametrize(("key", "value"), [("home_weight", 0.5), ("precaution", 0.9)])
def test_a_drawn_number_below_what_its_key_allows_is_refused(key, value):
    chain, parameters = drawn(key, value)
    with pytest.raises(UserError, match=r"parameters\.p\.distribution"):
        plan_of(chain, {}, parameters)
