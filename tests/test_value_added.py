"""Value added lost: the worked example, point by point, in whatever computes it; and its laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from by_hand import START, Map, feed, lane, mine, network, user
from engines import Case
from known import compiled_case, stop
from test_metrics import flow_of, labels
from twin_kernel import ces_loss
from twin_loss import value_added_one

from sim.flow.cells import cells_of
from sim.flow.drawn import loss_draws
from sim.flow.engine import simulate_measures
from sim.flow.engine_tables import Sets
from sim.flow.kernel.loss import lost_share as compiled_share
from sim.flow.kernel.measures import LOSSES
from sim.flow.record.loss import lost_share
from sim.metrics.loss import gdp_usd, losses, measure, measures_of
from sim.metrics.views import views_of
from sim.network.arrays import Economy
from sim.network.compile import compile_network
from sim.network.load import read_network
from sim.shocks.sampler import compile_hazards

WEEK, BILLION, YEAR = 7, 1e9, 365.0
LEONTIEF = 1e-9
EXAMPLE = {
    "share": 0.75,
    "value_of_input_share": 0.0005,
    "elasticity": 0.1,
    "elasticity_later": 0.1,
    "buffer_days": 14.0,
    "recapture": 0.5,
}
SHORT = [0.8] * 4 + [0.5] * 4
SHARES = pytest.mark.parametrize("share", [lost_share, compiled_share, ces_loss])


def chain(dependence: Map, short: list[float] = SHORT, **other: Any) -> tuple[Map, Map]:
    """Return one mine, one user of 10 t a day, and outages by which it lacks these shares."""
    plain = network(
        mine=mine(10.0),
        user=user(
            10.0,
            {"ore": feed({"mine": lane()})},
            value_added_usd_per_year=100 * BILLION,
            **other,
        ),
    )
    plain["products"]["good"]["dependence"] = dependence
    plain["gdp_usd_per_year"] = {"JPN": 4000 * BILLION}
    hazards = {
        f"h{k}": stop("mine", WEEK * k, WEEK * (k + 1), severity)
        for k, severity in enumerate(short)
    }
    return plain, hazards


def both_ways(plain: Map, hazards: Map, n_period: int = 12) -> dict[str, float]:
    """Return the losses of the user, after kernel and SimPy model agreed on every bit of them."""
    case = compiled_case(plain, hazards, n_period, WEEK)
    tape, views = case.tape([0], 1), views_of(case.compiled.labels)
    draws = loss_draws(case.play, tape)
    told = [
        measure(flow, views, WEEK, draws=draws)
        for flow in (case.fast(tape, trace=True), case.record(tape))
    ]
    judged = simulate_measures(case.play, tape, Sets(views.ptr, views.group, cells=views.cells))
    gdp = gdp_usd(views, float(n_period * WEEK))
    told.append(measures_of(judged, WEEK, firms=views.n_firm(), gdp=gdp))
    for table in told[1:]:
        for name, values in told[0].items():
            np.testing.assert_array_equal(values, table[name], err_msg=name)
    return {name: float(values[0, 0]) for name, values in told[0].items()}


def lost_bn(dependence: Map, **other: Any) -> float:
    return both_ways(*chain(dependence, **other))["value_added_lost_usd"] / BILLION


# --- the worked example, tolerance 1e-6 ---------------------------------------------------------


def is_near(found: float, expected: float) -> None:
    assert found == pytest.approx(expected, abs=1e-6)


def test_1_a_week_is_its_part_of_the_year():
    # a week of nothing at all, all of it at risk: 100 x 7 / 365
    told = both_ways(*chain(EXAMPLE | {"share": 1.0}, short=[1.0]))
    is_near(told["value_added_at_risk_usd"] / BILLION, 1.917808)


def test_2_the_buffer_takes_what_lacks_first():
    # Leontief by week: e = 0, 0, 0.4, 0.8, 0.5, 0.5, 0.5, 0.5
    plain, hazards = chain(EXAMPLE | {"elasticity": LEONTIEF, "elasticity_later": LEONTIEF})
    case = compiled_case(plain, hazards, 12, WEEK)
    flow = case.record(case.tape([0], 1))
    expected = [0, 0, 0, 0.4, 0.8, 0.5, 0.5, 0.5, 0.5, 0, 0, 0]  # felt a week after the mine
    np.testing.assert_allclose(flow.idled[:, 0, 0] / 70.0, expected, atol=1e-6)


def test_3_leontief_with_and_without_the_buffer():
    rigid = EXAMPLE | {"elasticity": LEONTIEF, "elasticity_later": LEONTIEF, "recapture": 0.0}
    is_near(lost_bn(rigid), 4.602740)
    is_near(both_ways(*chain(rigid))["value_added_at_risk_usd"] / BILLION, 7.479452)
    is_near(lost_bn(rigid | {"buffer_days": 0.0}), 7.479452)


@SHARES
def test_4_the_share_of_output_that_is_lost(share):
    is_near(share(0.4, 0.0005, 0.1), 0.005313)
    is_near(share(0.5, 0.0005, 0.1), 0.024965)
    is_near(share(0.8, 0.0005, 0.1), 0.534669)


def test_4_and_what_that_costs():
    is_near(lost_bn(EXAMPLE | {"recapture": 0.0}), 0.920319)


def test_5_half_of_it_is_made_up_and_suppliers_lose_too():
    is_near(lost_bn(EXAMPLE), 0.460160)
    # m = 1 + network_share x (back - 1) = 1.4 where back is 1.8 and the share drawn is a half
    plain, hazards = chain(EXAMPLE | {"backward_linkage": 1.8})
    case = compiled_case(plain, hazards, 12, WEEK)
    case.compiled.chain.network_share[:] = 0.5
    tape, views = case.tape([0], 1), views_of(case.compiled.labels)
    judged = simulate_measures(case.play, tape, Sets(views.ptr, views.group, cells=views.cells))
    economy = judged.loss[LOSSES.index("economy"), 0, 0]
    is_near(economy / BILLION, 0.644224)
    found = losses(case.record(tape), views, WEEK, 0.001, loss_draws(case.play, tape))
    assert found[LOSSES.index("economy"), 0, 0] == economy


@SHARES
def test_6_never_on_the_mean(share):
    week = 0.75 * 100 * WEEK / YEAR
    is_near(8 * week * share(0.4, 0.0005, 0.1), 0.061138)
    apart = (share(1.0, 0.0005, 0.1) + share(0.6, 0.0005, 0.1)) / 2
    is_near(apart, 0.555902)
    is_near(share(0.8, 0.0005, 0.1), 0.534669)


def test_7_a_pool_is_lost_once():
    # C29 of 160: 22 % with traction motors; Leontief of 0.5 and 0.2; d 0.91 and 0.75
    told = two_groups()
    cells = cells_of(told, np.int32([0, 2]), np.int32([0, 1]))
    want = np.ones((1, 2, 1))
    short = np.array([0.5, 0.2])[None, :, None]
    flow = flow_of(want, short, np.zeros((1, 0, 1)), idled=short)
    views = views_of(told)
    draws = draws_of([0.91, 0.75])
    found = losses(flow, views, YEAR, 0.001, draws)[LOSSES.index("at_risk"), -1, 0]
    assert cells.cell_usd.tolist() == [160.0]
    is_near(found, 34.736)


@SHARES
def test_8_a_tenth_less_energy(share):
    is_near(share(0.10, 0.04, 0.04), 0.015686)


# --- laws ---------------------------------------------------------------------------------------


@SHARES
def test_a_share_lost_is_none_of_nothing_and_all_of_all_where_nothing_replaces_it(share):
    for sigma in (1e-6, 0.1, 0.999999, 1.0, 1.5):
        assert share(0.0, 0.01, sigma) == 0.0
    for sigma in (1e-6, 0.1, 1.0):
        assert share(1.0, 0.01, sigma) == 1.0
    assert share(1.0, 0.01, 2.0) == pytest.approx(1 - 0.99**2)


@SHARES
def test_a_share_lost_grows_with_what_lacks_and_shrinks_with_elasticity(share):
    lacks = np.linspace(0.0, 1.0, 201)
    elasticities = [1e-6, 0.01, 0.05, 0.2, 0.9, 1.0, 1.1, 3.0]
    table = np.array([[share(float(e), 0.02, s) for e in lacks] for s in elasticities])
    assert (np.diff(table, axis=1) >= 0).all()
    assert (np.diff(table, axis=0) <= 1e-12).all()
    assert ((table >= 0) & (table <= lacks + 1e-12)).all()
    np.testing.assert_allclose(table[0], lacks, atol=1e-4)  # elasticity to 0: Leontief


@SHARES
def test_no_power_is_too_large(share):
    for lack in (1e-12, 0.5, 1 - 1e-12):
        for sigma in (1e-6, 0.003, 0.9999, 1.0001, 90.0):
            assert 0.0 <= share(lack, 1e-6, sigma) <= 1.0


def test_three_tellings_of_the_share_agree_to_the_bit():
    rng = np.random.default_rng(5)
    for _ in range(3000):
        args = rng.random(), float(10 ** rng.uniform(-5, -0.1)), float(10 ** rng.uniform(-3, 0.5))
        assert lost_share(*args) == compiled_share(*args) == ces_loss(*args)


def test_more_dependence_never_loses_less():
    found = [lost_bn(EXAMPLE | {"share": share}) for share in (0.0, 0.2, 0.5, 1.0)]
    assert found[0] == 0.0
    assert found == sorted(found)


def test_a_deeper_shortage_never_loses_less():
    found = [lost_bn(EXAMPLE, short=[q] * 6) for q in (0.2, 0.5, 0.8, 0.95)]
    assert found == sorted(found)


def test_elasticity_grows_after_a_year():
    later = EXAMPLE | {"elasticity_later": 1.5, "recapture": 0.0, "buffer_days": 0.0}
    plain, hazards = chain(later, short=[])
    hazards["long"] = stop("mine", 0, 1200, 0.8)
    case = compiled_case(plain, hazards, 180, WEEK)
    idled = case.record(case.tape([0], 1)).idled[1:172, 0, 0] / 70.0
    age = np.arange(171) * 7.0
    early, late = lost_share(0.8, 0.0005, 0.1), lost_share(0.8, 0.0005, 1.5)
    np.testing.assert_allclose(idled[age <= 365], early, rtol=1e-9)
    np.testing.assert_allclose(idled[age >= 1095], late, rtol=1e-9)
    assert (np.diff(idled) <= 0).all()


def test_what_a_long_shortage_loses_is_made_up_less():
    def kept(weeks: int) -> float:
        plain, hazards = chain(EXAMPLE | {"buffer_days": 0.0}, short=[])
        hazards["one"] = stop("mine", 0, WEEK * weeks, 0.8)
        n = weeks + 3
        return both_ways(plain, hazards, n)["value_added_lost_usd"] / weeks

    whole = 0.75 * 100 * BILLION * WEEK / YEAR * lost_share(0.8, 0.0005, 0.1)
    assert kept(13) == pytest.approx(0.5 * whole)  # 91 days
    assert kept(26) == pytest.approx((1 - 0.5 * (365 - 182) / 274) * whole)
    assert kept(52) == pytest.approx((1 - 0.5 / 274) * whole)


def test_where_nobody_is_short_nothing_at_all_is_lost():
    told = both_ways(*chain(EXAMPLE, short=[]))
    for name in ("value_added_at_risk_usd", "value_added_lost_usd", "gdp_loss_share"):
        assert told[name] == 0.0


def test_value_added_feeds_nothing_back():
    plain, hazards = chain(EXAMPLE)
    told = compiled_case(plain, hazards, 12, WEEK)
    del plain["products"]["good"]["dependence"]
    del plain["sites"]["user"]["value_added_usd_per_year"]
    silent = compiled_case(plain, hazards, 12, WEEK)
    a, b = (case.fast(case.tape([0], 1), trace=True) for case in (told, silent))
    assert np.array_equal(a.shortfall, b.shortfall)
    assert np.array_equal(a.trace.stock, b.trace.stock)
    assert a.idled.any() and not b.idled.any()


def test_without_value_added_no_measure_speaks_of_it():
    plain, hazards = chain(EXAMPLE)
    del plain["sites"]["user"]["value_added_usd_per_year"]
    told = both_ways(plain, hazards)
    assert "shortfall_t" in told and "value_added_lost_usd" not in told


def test_the_share_of_gdp_is_of_the_horizon():
    told = both_ways(*chain(EXAMPLE))
    gdp = 4000 * BILLION * 12 * WEEK / YEAR
    assert told["gdp_loss_share"] == pytest.approx(told["value_added_lost_usd"] / gdp)


# --- pools --------------------------------------------------------------------------------------


def two_groups(
    pools: tuple[str, str] = ("cars", "cars"), within: tuple[str, str] = ("", ""),
    largest: bool = True, usd: tuple[float, float] = (0.22 * 160, 160.0),
) -> Any:  # fmt: skip
    """Return labels of two end users of one region."""
    told = labels(2)
    object.__setattr__(told, "group_region", ("USA", "USA"))
    economy = Economy((0, 1), usd, (0.25, 0.25), pools, within, (largest, largest), {"USA": 1000.0})
    object.__setattr__(told, "economy", economy)
    return told


def draws_of(shares: list[float]) -> Any:
    from sim.flow.drawn import LossDraws

    d = np.array(shares)[:, None]
    return LossDraws(d, np.zeros_like(d), np.ones_like(d))


def at_risk(told: Any, q: tuple[float, float], d: tuple[float, float] = (1.0, 1.0)) -> float:
    want, short = np.ones((1, 2, 1)), np.array(q)[None, :, None]
    flow = flow_of(want, short, np.zeros((1, 0, 1)), idled=short)
    found = losses(flow, views_of(told), YEAR, 0.001, draws_of(list(d)))
    return float(found[LOSSES.index("at_risk"), -1, 0])


def test_pools_of_their_own_add_up():
    told = two_groups(("", ""), usd=(100.0, 50.0))
    assert at_risk(told, (0.5, 0.2)) == pytest.approx(60.0)


def test_members_of_a_pool_coincide_by_chance_or_as_far_as_they_can():
    apart = two_groups(largest=False, usd=(100.0, 100.0))
    assert at_risk(apart, (0.5, 0.2)) == pytest.approx(100 * (1 - 0.5 * 0.8))
    together = two_groups(largest=True, usd=(100.0, 100.0))
    assert at_risk(together, (0.5, 0.2)) == pytest.approx(50.0)
    assert at_risk(apart, (0.5, 0.2)) >= at_risk(together, (0.5, 0.2))


def test_a_pool_within_another_loses_what_is_left_of_it():
    told = two_groups(("metal", "cars"), ("", "metal"), usd=(100.0, 40.0))
    assert at_risk(told, (0.5, 0.2)) == pytest.approx(50 + 40 * 0.2 * 0.5)


def test_each_end_user_alone_loses_its_own():
    pair = two_groups(usd=(100.0, 100.0))
    want, short = np.ones((1, 2, 1)), np.array((0.5, 0.2))[None, :, None]
    flow = flow_of(want, short, np.zeros((1, 0, 1)), idled=short)
    found = losses(flow, views_of(pair), YEAR, 0.001, draws_of([1.0, 1.0]))
    assert found[LOSSES.index("at_risk"), :2, 0].tolist() == [50.0, 20.0]


def users_of(case: Case, draws: Any, j: int) -> list[Map]:
    """Return the end users of a case as the twin has them."""
    told = case.compiled.labels
    economy = told.economy
    return [
        {
            "region": told.group_region[u],
            "pool": economy.pool[u],
            "within": economy.within[u],
            "largest": economy.largest[u],
            "usd": economy.value_added_usd[u],
            "share": economy.value_added_share[u],
            "d": draws.dependence[economy.site[u], j],
            "tau": draws.recapture[economy.site[u], j],
            "m": draws.multiplier[economy.site[u], j],
        }
        for u in range(len(told.group))
    ]


@pytest.mark.parametrize("seed", range(900, 912))
def test_losses_of_random_networks_equal_their_naive_twin(seed):
    case = Case(seed, n_period=40, size=24, replications=2)
    views = views_of(case.compiled.labels)
    draws = loss_draws(case.play, case.tape)
    flow = case.fast(trace=False)
    found = losses(flow, views, WEEK, 0.001, draws)
    judged = simulate_measures(
        case.play, case.tape, Sets(views.ptr, views.group, 0.001, views.cells)
    ).loss
    if found is None:
        assert judged is None
        return
    np.testing.assert_array_equal(found, judged)
    for j in range(2):
        books = {name: getattr(flow, name)[:, :, j].tolist()
                 for name in ("want", "shortfall", "idled")}  # fmt: skip
        users = users_of(case, draws, j)
        for x in range(len(views)):
            twin = value_added_one(books, users, views.groups(x).tolist(), WEEK)
            np.testing.assert_allclose(found[:, x, j], twin, rtol=1e-9)


# --- draws --------------------------------------------------------------------------------------


def test_draws_are_one_number_a_key_for_all_users_and_leave_others_as_they_are():
    plain, hazards = chain(EXAMPLE | {"share": {"min": 0.2, "max": 0.8}})
    other = {**plain["sites"]["user"], "dependence": {"share": {"min": 0.4, "max": 1.0}}}
    plain["sites"]["second"] = other
    plain["sites"]["mine"]["capacity"] = 20.0
    case = compiled_case(plain, hazards, 4, WEEK)
    tape = case.tape(range(50), 3)
    d = loss_draws(case.play, tape).dependence
    i, j = (case.compiled.labels.site.index(name) for name in ("user", "second"))
    np.testing.assert_allclose((d[i] - 0.2) / 0.6, (d[j] - 0.4) / 0.6, atol=1e-12)
    assert d[i].std() > 0.1


def test_the_part_that_suppliers_lose_is_drawn_only_where_it_is_asked_for():
    plain, _ = chain(EXAMPLE)
    written = read_network(plain)
    compiled = compile_network(written, start=START, n_period=2, step_days=WEEK)
    names = [
        compile_hazards({}, {}, {}, compiled, written, start=START, horizon_days=14,
                        with_network=asked).draw_names
        for asked in (False, True)
    ]  # fmt: skip
    assert names == [(), ("network_share of user",)]


def test_runs_are_judged_by_a_word_and_others_are_told():
    from types import SimpleNamespace

    from sim.base.errors import UserError
    from sim.run.compare import _values

    table = {name: np.array([[2.0], [0.0]]) for name in ("shortfall_t", "value_added_lost_usd")}
    run = SimpleNamespace(
        data=SimpleNamespace(table=table | {"wanted_t": np.array([[8.0], [0.0]])})
    )
    assert _values(run, "share", 0).tolist() == [0.25, 0.0]
    assert _values(run, "value_added", 0).tolist() == [2.0, 0.0]
    for word, told in (("gdp", "is not told by every run"), ("vallue", "is none of tonnes, share")):
        with pytest.raises(UserError, match=told):
            _values(run, word, 0)
