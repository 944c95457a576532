"""What the compiled kernel passes over, and how it lays things out, changes no bit."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from by_hand import compiled_of, feed, lane, mine, network, outage, tape_of, user
from dice import START
from engines import Case, first_difference
from numba import njit
from random_hazards import random_parameters
from random_networks import compiled_network, random_network

from sim.api import load
from sim.flow.engine import simulate, simulate_measures
from sim.flow.engine_tables import NO_SETS, Sets, tables_of
from sim.flow.kernel.vector import WIDTH, any_of, everywhere, least, most, power, where
from sim.flow.kernel.world import World
from sim.flow.play import Play
from sim.flow.record.model import simulate_simpy
from sim.metrics.loss import measure, measures_of, released
from sim.metrics.views import views_of
from sim.network.load import read_network
from sim.run.case import reserves_open_at_rest
from sim.shocks.hazard import Parameter
from sim.shocks.sampler import compile_hazards, sample
from sim.shocks.tape import EMPTY_DRAWS

# --- vectors -------------------------------------------------------------------------------------


def _play(tables: World) -> None:
    """Use every operation of vectors once, into what the kernel calls orders."""
    w = tables
    a, b = w.stock[0], w.stock[1]
    w.order[0] = where((a < b) & ~(a == b), least(a, 2.0 * b), most(a, b) - 1.0)
    w.order[1] = power(a * a, everywhere(0.5)) / (b + 3.0)
    w.order[2] = where((a >= b) | (b != b), a, -1.0)
    w.order[3] = 7.0
    w.order[3] += a
    w.order[3] -= b
    w.order[4] = least(a, b)
    w.order[5] = most(a, b)
    w.order[6] = 1.0 - a
    w.order[6, 2] = 5.0
    w.short[0] = where(a > 100.0, 1.0, 0.0)
    w.doubted[0] = 1 if any_of(a > 100.0) else 0
    w.doubted[1] = 1 if any_of(b > a) else 0


def small_world(seed: int = 3) -> dict:
    case = Case(seed, n_period=4, size=30, replications=1)
    return tables_of(
        case.play._replace(n_period=4), case.tape, NO_SETS, WIDTH, np.zeros(1, np.uint8)
    )


def test_a_vector_does_to_each_replication_what_python_does_to_a_number():
    tables = small_world()
    special = np.resize([0.0, -0.0, math.nan, math.inf, -1.5, 2.0, 1e-300, 3.0], WIDTH)
    tables["stock"][0], tables["stock"][1] = special, np.roll(special, 3)
    njit(_play, error_model="numpy")(World(**tables))
    order = tables["order"]
    for r, (a, b) in enumerate(zip(special.tolist(), np.roll(special, 3).tolist(), strict=True)):
        expected = [
            min(a, 2.0 * b) if a < b and a != b else max(a, b) - 1.0,
            math.sqrt(a * a) / (b + 3.0) if b != -3.0 else math.nan,
            a if a >= b or b != b else -1.0,
            7.0 + a - b,
            min(a, b),
            max(a, b),
            5.0 if r == 2 else 1.0 - a,
        ]
        found = order[:7, r].tolist()
        assert [repr(x) for x in found] == [repr(x) for x in expected], (a, b)
    assert (tables["doubted"][0], tables["doubted"][1]) == (1, 1)


def test_tables_of_vectors_are_laid_on_whole_vectors():
    tables = small_world()
    for name in ("stock", "order", "pipe"):
        assert tables[name].ctypes.data % (8 * WIDTH) == 0, name


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("stock", lambda x: x.astype(np.float32), "table stock is not of kind v1"),
        ("stock", lambda x: x[:, ::2], "table stock is not of kind v1"),
        ("kind", lambda x: x.astype(np.int64), "table kind is not of kind i1 fixed"),
        ("path", lambda x: x.ravel(), "table path is not of kind f2 fixed"),
        ("path", lambda _: None, "table path is not of kind f2 fixed"),
    ],
)  # fmt: skip
def test_a_world_refuses_a_table_that_the_kernel_would_misread(name, change, told):
    tables = small_world()
    tables[name] = change(tables[name])
    with pytest.raises(TypeError, match=told):
        World(**tables)


def test_a_world_refuses_missing_and_unknown_tables():
    tables = small_world()
    tables["stok"] = tables.pop("stock")
    with pytest.raises(TypeError, match=r"\['stock', 'stok'\]"):
        World(**tables)


# --- batches -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(300, 324))
def test_full_and_begun_vectors_hold_what_replications_have_alone(seed):
    """Early and late shocks, projects and drawn numbers side by side: a full vector, then 3."""
    case = Case(seed, n_period=30, size=(8, 16, 24)[seed % 3], replications=WIDTH + 3)
    assert first_difference(case.fast(), case.fast(batch=1)) == ""


@pytest.mark.parametrize("seed", range(330, 336))
def test_a_full_vector_holds_what_the_simpy_model_finds(seed):
    case = Case(seed, n_period=20, size=16, replications=WIDTH + 1)
    assert first_difference(case.fast(), case.record()) == ""


def test_shocks_of_the_first_period_and_of_none_share_a_vector():
    ore = feed({"mine": lane(0.5, 2.0), "other": lane(0.5)}, cover_days=1.0)
    chain = network(mine=mine(50.0), other=mine(50.0), user=user(100.0, {"ore": ore}))
    compiled = compiled_of(chain, 12)
    outages = [outage("mine", 0, 4), outage("mine", 6, 9), outage("other", 11, 12)]
    targets, tape = tape_of(compiled, outages)
    ptr, none = np.array([0, 1, 1, 2, 3], np.int32), np.zeros((0, 4))
    tape = tape._replace(
        replication=np.arange(4),
        shock_ptr=ptr,
        row_ptr=ptr,
        project_start_days=none,
        parameter=none,
    )
    args = (Play(compiled, targets, EMPTY_DRAWS, 12), tape)
    fast, record = simulate(*args, trace=True), simulate_simpy(*args, trace=True)
    assert first_difference(fast, record) == ""
    assert fast.shortfall.any(axis=(0, 1)).tolist() == [True, False, True, False]


def test_two_rows_of_one_site_act_together_and_one_of_another_at_once():
    """A row alone on its targets acts at once; two on one target are put together."""
    chain = network(
        north=mine(100.0),
        south=mine(100.0),
        alone=mine(50.0, product="salt"),
        anna=user(200.0, {"ore": feed({"north": lane(0.5), "south": lane(0.5)})}),
        carl=user(50.0, {"salt": feed({"alone": lane()})}),
    )
    compiled = compiled_of(chain, 20)
    rows = [
        outage("north", 2.5, 9.25, 0.5),
        outage("north", 4.0, 6.5, 0.8),
        outage("alone", 4.0, 6.5),
        outage("south", 6.5, 8.0, 0.25),
        outage("north", 9.25, 12.0),
    ]
    targets, tape = tape_of(compiled, rows)
    args = (Play(compiled, targets, EMPTY_DRAWS, 20), tape)
    fast, record = simulate(*args), simulate_simpy(*args)
    assert first_difference(fast, record) == ""
    assert fast.shortfall.any()


# --- judging -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(340, 360))
def test_judging_on_the_way_gives_the_bits_of_judging_the_trajectories(seed):
    case = Case(seed, n_period=40, size=(8, 16, 24)[seed % 3], replications=WIDTH + 3)
    views, flow = views_of(case.compiled.labels), case.fast()
    judged = simulate_measures(case.play, case.tape, Sets(views.ptr, views.group))
    expected = measure(flow, views, 7.0)
    for name, values in measures_of(judged, 7.0, firms=views.n_firm()).items():
        assert np.array_equal(values, expected[name], equal_nan=True), name
    assert np.array_equal(judged.released, released(flow))


def test_what_a_reserve_released_does_not_depend_on_how_many_replications_are_summed():
    """numpy adds a single column in pairs and many columns in order."""
    rng = np.random.default_rng(1)
    many = Case(341, n_period=4, replications=1).fast()._replace(released=rng.random((99, 1, 5)))
    one = many._replace(released=many.released[..., 2:3])
    assert released(many)[0, 2] == released(one)[0, 0]


# --- futures without a shock ---------------------------------------------------------------------

CALM = ("slack", "cover_days", "rerouting", "perception_days", "substitution_limit", "stock",
        "activation_days")  # fmt: skip


def quiet_case(seed: int):
    """Return a steady network with drawn numbers that cannot stir it, and no hazard."""
    rng = np.random.default_rng(seed)
    mapping = random_network(rng, size=(8, 16, 24)[seed % 3], steady=True)
    drawn = {n: p for n, p in random_parameters(rng, mapping).items() if p["key"] in CALM}
    compiled, chain = compiled_network(mapping, n_period=40), read_network(mapping)
    parameters = {n: Parameter.model_validate(p) for n, p in drawn.items()}
    plan = compile_hazards({}, {}, parameters, compiled, chain, start=START, horizon_days=280.0)
    return compiled, plan, sample(plan, seed, np.arange(5, dtype=np.int64))


def test_nothing_drawn_but_capacity_and_demand_makes_a_shortfall_without_a_shock():
    """So `structural_t` need not be simulated, unless a reserve opens at rest."""
    drawn, calm = 0, 0
    for seed in range(60):
        compiled, plan, tape = quiet_case(seed)
        if reserves_open_at_rest(compiled, plan.draws, tape):
            continue
        flow = simulate(Play(compiled, plan.targets, plan.draws, 40), tape)
        assert not flow.shortfall.any(), seed
        drawn += tape.parameter.size > 0
        calm += compiled.chain.reserve_site.size > 0
    assert drawn >= 15
    assert calm >= 5


def test_a_drawn_cover_below_a_reserves_trigger_is_noticed():
    for seed in range(60):
        compiled, plan, tape = quiet_case(seed)
        covers = [d for d in range(plan.draws.key.size) if plan.draws.key[d] == 2]
        served = compiled.chain.serve_feed[compiled.chain.trigger.repeat(
            np.diff(compiled.chain.serve_ptr)) > 0]  # fmt: skip
        for d in covers:
            index = plan.draws.index[plan.draws.ptr[d] : plan.draws.ptr[d + 1]]
            if np.isin(index, served).any():
                tape.parameter[d, 3] = 0.0
                assert reserves_open_at_rest(compiled, plan.draws, tape)
                return
    pytest.fail("no random network draws a cover that a reserve serves")


def test_a_study_with_a_drawn_capacity_has_structure_and_one_with_a_drawn_cover_has_not():
    scenario = Path(__file__).parent / "data" / "tiny_ban.yaml"
    some = {"source": "test", "sites": {"kind": "mine"}, "distribution": {"min": 0.1, "max": 0.2}}
    calm = {**some, "key": "cover_days", "sites": {"kind": "end_user"}}
    numbers = np.arange(4, dtype=np.int64)
    for parameter, stirred in (({**some, "key": "capacity"}, True), (calm, False)):
        study = load(scenario, {"scenario.parameters": {"it": parameter}})
        assert study.has_structure(study.tape(numbers)) is stirred
        found = study.compute(numbers, np.zeros(1, np.uint8))
        assert bool(found["structural_t"].any()) is stirred
