"""Lanes that carry need x share x part are never written by the kernel, and no bit changes."""

from __future__ import annotations

import numpy as np
import pytest
from by_hand import ban, compiled_of, feed, lane, longer, mine, network, outage, tape_of, user
from dice import Map
from engines import Case, first_difference

from sim.flow.engine import simulate_measures
from sim.flow.engine_tables import Sets
from sim.flow.kernel.vector import WIDTH
from sim.flow.unstored_lanes import ProRata, find_pro_rata
from sim.metrics.loss import measure, measures_of
from sim.metrics.views import views_of
from sim.shocks.tape import EMPTY_DRAWS, PARAMETERS, Draws

# --- random networks -----------------------------------------------------------------------------


def reroute_nothing(mapping: Map, hazards: Map, parameters: Map) -> None:
    """Take out rerouting, prices, priorities, offtakes, and all that happens to lanes."""
    for name in [n for n, p in parameters.items() if p["key"] == "rerouting"]:
        del parameters[name]
    for project in mapping["projects"].values():
        project.pop("offtake", None)
    for site in mapping["sites"].values():
        site.pop("price", None)
        site.pop("priority", None)
        for one in site.get("feeds", {}).values():
            one.pop("rerouting", None)
    for hazard in hazards.values():
        kept = {n: e for n, e in hazard["effects"].items() if e["kind"] in ("outage", "demand")}
        where = hazard.get("each_site", {"kind": "mine"})
        hazard["effects"] = kept or {"stop": {"kind": "outage", "sites": where, "severity": 0.8}}


def reroute_little(mapping: Map, hazards: Map, parameters: Map) -> None:
    """Leave rerouting to one site, and controls to one hazard, so that most trade pro rata."""
    name, site = next((n, s) for n, s in mapping["sites"].items() if s["kind"] == "end_user")
    feeds = {p: one.get("rerouting", 1.0) for p, one in site["feeds"].items()}
    first, effects = next(iter(hazards)), dict(next(iter(hazards.values()))["effects"])
    reroute_nothing(mapping, hazards, parameters)
    for product, rerouting in feeds.items():
        mapping["sites"][name]["feeds"][product]["rerouting"] = rerouting
    hazards[first]["effects"] = effects


def case_of(seed: int) -> Case:
    """Return a random case in which all or many trade pro rata, in a full and a begun vector."""
    change = reroute_little if seed % 3 == 0 else reroute_nothing
    size = (8, 16, 30)[seed % 3]
    return Case(seed, n_period=30, size=size, replications=WIDTH + 2, change=change)


def traders(case: Case) -> ProRata:
    chain, plan = case.compiled.chain, case.plan
    return find_pro_rata(chain, plan.targets, plan.draws, case.tape)


@pytest.mark.parametrize("seed", range(500, 530))
def test_who_trades_pro_rata_has_the_bits_of_the_simpy_model(seed):
    case = case_of(seed)
    fast = case.fast(trace=False)
    assert first_difference(fast, case.record(trace=False)) == ""
    assert first_difference(fast, case.fast(trace=True)) == ""
    views = views_of(case.compiled.labels)
    judged = measures_of(
        simulate_measures(case.play, case.tape, Sets(views.ptr, views.group)),
        7.0,
        firms=views.n_firm(),
    )
    expected = measure(fast, views, 7.0)
    assert judged
    for name, values in judged.items():
        assert np.array_equal(values, expected[name], equal_nan=True), name


def test_the_random_cases_have_all_or_some_that_trade_pro_rata():
    """And shortfalls, long transits, reserves and projects among those that do."""
    seen = dict.fromkeys(("all", "some", "short", "long", "reserves", "projects"), 0)
    for seed in range(500, 530):
        case = case_of(seed)
        feeds, chain = traders(case).feeds, case.compiled.chain
        seen["all"] += bool(feeds.all())
        seen["some"] += bool(feeds.any() and not feeds.all())
        if feeds.all():
            seen["short"] += bool(case.fast(trace=False).shortfall.any())
            seen["long"] += bool(chain.transit.max() > 3)
            seen["reserves"] += chain.reserve_site.size > 0
            seen["projects"] += bool(np.isfinite(case.tape.project_start_days).any())
    assert all(seen.values()), seen


# --- who does and who does not -------------------------------------------------------------------


def two_markets(**other) -> Map:
    """Return two mines for two users, and one mine and one user of their own."""
    both = {"north": lane(0.5), "south": lane(0.5)}
    return network(
        north=mine(100.0),
        south=mine(100.0),
        alone=mine(50.0, product="salt"),
        anna=user(100.0, {"ore": feed(both)}),
        bert=user(100.0, {"ore": feed(dict(both), **other)}),
        carl=user(50.0, {"salt": feed({"alone": lane()})}),
    )


def who(chain: Map, rows=(), draws: Draws = EMPTY_DRAWS) -> set[str]:
    """Return the names of the suppliers and users that trade pro rata."""
    compiled = compiled_of(chain, 5)
    targets, tape = tape_of(compiled, list(rows))
    found = find_pro_rata(compiled.chain, targets, draws, tape)
    sites = found.sites.copy()
    sites[compiled.chain.feed_site[found.feeds]] = True
    return {n for n, is_one in zip(compiled.labels.site, sites, strict=True) if is_one}


ALL = {"north", "south", "alone", "anna", "bert", "carl"}
SALT = {"alone", "carl"}


def test_all_trade_pro_rata_where_nobody_reroutes_and_no_lane_is_touched():
    assert who(two_markets()) == ALL
    assert who(two_markets(), [outage("north", 1, 3)]) == ALL


@pytest.mark.parametrize("row", [ban("north", "anna", 1, 3), longer("south", "bert", 1, 3, 2.0)])
def test_a_touched_lane_takes_its_whole_market_out(row):
    assert who(two_markets(), [row]) == SALT


def test_a_buyer_that_reroutes_takes_its_market_out():
    assert who(two_markets(rerouting=0.5)) == SALT
    compiled = compiled_of(two_markets(), 5)
    at = compiled.labels.site.index("anna")
    feeds = np.flatnonzero(compiled.chain.feed_site == at).astype(np.int32)
    key = np.array([PARAMETERS.index("rerouting")], np.int32)
    drawn = Draws(key, np.array([0, feeds.size], np.int32), feeds)
    assert who(two_markets(), draws=drawn) == SALT


def test_where_anybody_answers_to_prices_nobody_trades_pro_rata():
    chain = two_markets()
    chain["sites"]["carl"]["price"] = {"demand_elasticity": -0.2, "supply_elasticity": 0.1}
    assert who(chain) == set()


def test_an_offtake_takes_its_market_out():
    chain = two_markets()
    mine_of_anna = {"site": "north", "capacity": 50.0, "start": 2.0, "ramp_days": 0.0}
    chain["projects"]["new"] = {**mine_of_anna, "offtake": {"anna": {"share": 0.5}}}
    assert who(chain) == SALT


def test_a_supplier_that_prefers_a_buyer_does_not_trade_pro_rata():
    chain = two_markets()
    chain["sites"]["north"]["priority"] = ["JPN"]
    assert who(chain) == SALT
