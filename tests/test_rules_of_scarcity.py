"""What scarcity costs, by hand: longer ways, outages, rationing, trust, lulls and dust.

Each case is one that an earlier rule told wrongly; the figure of that rule stands beside it. All go
through both engines, bit for bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from by_hand import Map, feed, lane, mine, network, reserve, user
from known import both, hazard, site_outage, stop
from law_case import World, law, random_world

from sim.flow.play import Play
from sim.flow.record import rules
from sim.flow.record.model import simulate_simpy
from sim.flow.trajectories import Flow
from sim.network.references import references

WEEK = 7


def line(cover: float, transit: float, *, capacity: float = 100.0, gain_days: float = 0.0) -> Map:
    """Return a mine whose slack is all of its capacity, and a user of 100 t a day."""
    one = {"mine": lane(1.0, transit, routes=["strait"])}
    options = {"cover_days": cover, "adjustment_days": gain_days}
    return network(mine=mine(capacity, slack=1.0), user=user(100.0, {"ore": feed(one, **options)}))


def detour(days: float) -> Map:
    return {"kind": "route", "routes": ["strait"], "extra_transit_days": days}


def licensing(days: float) -> Map:
    ends = {"origin": {"site": "mine"}, "to": {"site": "user"}}
    return {"kind": "control", "type": "licensing", "processing_days": days, **ends}


def short_of(chain: Map, effect: Map, begin: float, days: float, n: int, **options: Any):
    """Return the days of a shortage's begin and end, and the tonnes short."""
    rule = hazard({"day": begin}, days, effect)
    short = both(chain, {"h": rule}, n, **options).short("user")
    at = np.flatnonzero(short)
    assert at.size == at[-1] - at[0] + 1, "one spell"
    return int(at[0]), int(at[-1]) + 1, float(short.sum())


# --- the level knows the longer way ---------------------------------------------------------------


def test_a_detour_for_good_costs_once_what_the_cover_lacks_of_it():
    # 14 days more, 6 of cover: 8 days at 100 t, once in 730 days. (Before: 16,000 t.)
    chain = line(6.0, 20.0, capacity=150.0)
    assert short_of(chain, detour(14.0), 30.0, 10_000.0, 730) == (56, 64, pytest.approx(800))


def test_a_detour_that_ends_costs_the_same_once():
    # V4.17 as buyers order who fill up at once. (Before: 1,600 t in two spells.)
    assert short_of(line(6.0, 20.0), detour(14.0), 30.0, 50.0, 400) == (56, 64, pytest.approx(800))


def test_licences_cost_once_what_the_cover_lacks_of_their_days():
    # V4.6a likewise: 45 days, 15 of cover. (Before: 6,000 t in two spells.)
    found = short_of(line(15.0, 10.0), licensing(45.0), 50.0, 90.0, 400)
    assert found == (75, 105, pytest.approx(3000))


@pytest.mark.parametrize("capacity", [100.0, 150.0, 200.0])
@pytest.mark.parametrize("gain_days", [0.0, 28.0])
def test_four_years_of_licences_cost_nineteen_days_in_weeks(capacity, gain_days):
    # 45 days are seven weeks, 49 days; 30 are in stock. (Before: 240 days with half the mine idle.)
    chain = line(30.0, 7.0, capacity=capacity, gain_days=gain_days)
    found = short_of(chain, licensing(45.0), 70.0, 10_000.0, 208, step_days=WEEK)
    assert found == (15, 18, pytest.approx(1900))


# --- an outage takes capacity ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "of", "days"),
    [(0.5, "capacity", 0.0), (0.6, "capacity", 36.4), (0.5, "output", 91.0)],
)
def test_an_outage_takes_idle_capacity_first_unless_it_is_of_output(severity, of, days):
    # 200 t a day, 100 used, half a year: 100 are left, or 80; of output: 50 of the 100 that run.
    chain = network(mine=mine(200.0), user=user(100.0, {"ore": feed({"mine": lane()})}))
    rule = hazard({"day": 28.0}, 182.0, site_outage("mine", severity) | {"of": of})
    told = both(chain, {"h": rule}, 52, step_days=WEEK)
    assert told.short("user").sum() / 100 == pytest.approx(days)


# --- rationing keeps normal customers first -------------------------------------------------------


def two_buyers(**options: Any) -> Map:
    """Return a mine of 100 t a day for two buyers of 50, of whom `rich` has 60 days of stock."""
    return network(
        mine=mine(100.0, slack=1.0),
        rich=user(50.0, {"ore": feed({"mine": lane()}, cover_days=60.0, adjustment_days=28.0)}),
        poor=user(50.0, {"ore": feed({"mine": lane()}, adjustment_days=28.0)}),
        **options,
    )


def test_who_refills_its_stock_takes_nothing_from_who_has_none():
    # Supply down by 40 % for 126 days: poor loses 40 % of its 50 t. (Before, by orders: 4,992 t.)
    told = both(two_buyers(), {"h": stop("mine", 28, 154, 0.4)}, 60, step_days=WEEK)
    assert told.short("poor").sum() == pytest.approx(0.4 * 50 * 126)
    assert not told.short("rich").any()
    np.testing.assert_allclose(told.lane("shipped", "mine", "rich")[4:22], 0.6 * 350)


def at_home_and_abroad(weight: Any, left: float, **options: Any) -> list[float]:
    """Return what two buyers of 50 t, the first at home, and one of 20 abroad get of `left` t."""
    chain = network(
        mine=mine(120.0, **options),
        home=user(50.0, {"ore": feed({"mine": lane()})}, country="CHN"),
        far=user(50.0, {"ore": feed({"mine": lane()})}),
        small=user(20.0, {"ore": feed({"mine": lane()})}, sector="defence"),
    )
    chain["home_weight"] = weight
    told = both(chain, {"h": stop("mine", 0, 5, 1 - left / 120)}, 2)
    return [float(told.lane("shipped", "mine", name)[0]) for name in ("home", "far", "small")]


def test_buyers_at_home_weigh_more_and_never_get_more_than_they_ordered():
    # 60 t of 120: all alike, half. Weight 2: 60 x 100/170 at home.
    assert at_home_and_abroad(1.0, 60.0) == pytest.approx([25, 25, 10])
    assert at_home_and_abroad(2.0, 60.0) == pytest.approx([600 / 17, 300 / 17, 120 / 17])
    # 90 t: 90 x 100/170 = 52.9 is more than home ordered: it gets 50; at the level 9/17 the others
    # have 26.5 and 10.6, and share the 2.9 left over by what each still lacks, 23.5 and 9.4.
    level, rest = 9 / 17, 90 - 50 - 70 * 9 / 17
    part = rest / (70 * (1 - level))
    expected = [50.0, *(x * (level + (1 - level) * part) for x in (50, 20))]
    assert at_home_and_abroad(2.0, 90.0) == pytest.approx(expected)
    assert sum(expected) == pytest.approx(90)


def test_priority_is_a_wall_also_by_sector_of_the_buyer():
    # `small`, of defence in Japan, is first, then home; of 60 t 40 are left for home, none for far.
    order = ["JPN:defence", "home"]
    assert at_home_and_abroad(2.0, 60.0, priority=order) == pytest.approx([40, 0, 20])
    # `home:defence` means nobody here: all are of one class
    assert at_home_and_abroad(1.0, 60.0, priority=["home:defence"]) == pytest.approx([25, 25, 10])


# --- trust returns --------------------------------------------------------------------------------


@pytest.mark.parametrize("severity", [1.0, 1 - 1e-12])
def test_a_spot_supplier_that_once_gave_nothing_is_asked_again(severity):
    # Believed and qualified at once, in weeks; a is out from week 1, c in week 2, when it is first
    # asked. 1: a ships nothing. 2: all is asked of c, which ships nothing. 3: neither is trusted,
    # nobody is asked again; c was not asked and is trusted once more. 4: c ships 70, there in week
    # 5. (Before: c was never asked again. A severity of 1 - 1e-12 must tell the same.)
    spot = lane(0.0, spot=1.0, qualification_days=0.0)
    lanes = {"a": lane(), "c": spot}
    options = {"rerouting": 1.0, "perception_days": 0.0}
    chain = network(a=mine(50.0), c=mine(50.0), user=user(10.0, {"ore": feed(lanes, **options)}))
    out = {"a": stop("a", 7, 700), "c": stop("c", 14, 21, severity)}
    told = both(chain, out, 22, step_days=WEEK)
    np.testing.assert_allclose(
        told.lane("ordered", "c", "user")[:6], [0, 0, 70, 0, 70, 70], atol=1e-6
    )
    np.testing.assert_allclose(told.short("user"), [0, 0, 70, 70, 70, *[0] * 17], atol=1e-6)


# --- a lull costs nothing -------------------------------------------------------------------------


def test_a_run_rate_does_not_follow_a_lull_below_what_is_normal():
    # Nothing is wanted in weeks 2 to 5. Ramp of a year: 140 / 52 = 2.7 t a week each week. (Before:
    # the run rate fell to 59 and the week after the lull was short by 8 t.)
    less = {"kind": "demand", "sites": {"site": "user"}, "severity": -1.0}
    chain = network(
        mine=mine(20.0, ramp_days=364.0), user=user(10.0, {"ore": feed({"mine": lane()})})
    )
    told = both(chain, {"h": hazard({"day": 14.0}, 28.0, less)}, 12, step_days=WEEK)
    np.testing.assert_allclose(told.rate("mine"), 70.0)
    np.testing.assert_allclose(told.lane("shipped", "mine", "user")[6:], 70.0)
    assert told.short("user").max() < 1e-3  # demand keeps a millionth in a lull


# --- dust -----------------------------------------------------------------------------------------


def specks(world: World, flow: Flow) -> int:
    """Return how many orders, shipments and stocks are something, yet less than counts."""
    chain = world.compiled.chain
    dust = 1e-12 * references(chain).use  # nothing grows in a steady world
    dust[chain.feed_ptr[chain.reserve_site]] = 1e-12 * chain.reserve_stock
    of_lanes = dust[chain.lane_feed]
    rows = {"stock": dust, "ordered": of_lanes, "shipped": of_lanes}
    return sum(
        int(((x > 0) & (x < least[:, None] * (1 - 1e-9))).sum())
        for x, least in ((getattr(flow.trace, name), least) for name, least in rows.items())
    )


@law(40)
def test_no_order_shipment_or_stock_is_dust(seed):
    world = random_world(seed, steady=True)
    assert specks(world, world.play()) == 0


def test_without_its_rule_there_would_be_dust(monkeypatch):
    monkeypatch.setattr(rules, "without_dust", lambda amount, dust: amount)
    found = 0
    for seed in range(30):
        world = random_world(seed, steady=True)
        play = Play(world.compiled, world.targets, world.draws, world.n_period)
        found += specks(world, simulate_simpy(play, world.tape, trace=True))
    assert found > 0


def test_a_stock_that_is_used_up_is_empty():
    # A tenth of a tonne a unit: 0.1 x 100 three times out of 30 leaves 4e-15 in plain arithmetic.
    chain = network(
        mine=mine(100.0),
        user=user(100.0, {"ore": feed({"mine": lane()}, coefficient=0.1, cover_days=2.0)}),
    )
    told = both(chain, {"h": stop("mine", 0, 30)}, 6)
    assert told.feed("stock", "user").tolist()[2:] == [0.0] * 4
    assert told.short("user")[:3].tolist() == [0, 0, 0]


def test_a_reserve_that_is_given_out_is_empty():
    chain = network(
        mine=mine(100.0), user=user(100.0, {"ore": feed({"mine": lane()}, cover_days=1.0)})
    )
    chain["sites"]["store"] = reserve(0.3, {"user": None}, trigger_days=1.5, max_rate=0.1)
    told = both(chain, {"h": stop("mine", 0, 30)}, 8)
    assert told.feed("stock", "store")[-1] == 0.0
    assert told.released("store").sum() == pytest.approx(0.3)
