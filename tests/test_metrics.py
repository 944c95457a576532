"""Losses, risk measures, summary, fan and comparison of runs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from twin_loss import measure_one

from sim.flow.kernel.measures import BOOKS
from sim.flow.trajectories import Flow
from sim.metrics import loss, precision, risk
from sim.metrics.answer import AT_LEAST
from sim.metrics.compare import (
    _variance_ratio,
    _weighted_cvar,
    compare,
    compare_tables,
    cvar_difference,
    paired,
)
from sim.metrics.fan import fan
from sim.metrics.summary import summarize
from sim.metrics.views import Views
from sim.network.arrays import Labels
from sim.results.data import View

STEP = 7.0
FIRMS = [3, 0, 2, 0, 4]
"""Cohorts of each end user that has several."""


def labels(n=5):
    def pick(names):
        return tuple(names[u % len(names)] for u in range(n))

    empty = np.zeros(0)
    return Labels(
        *((),) * 2,
        tuple(f"user_{u}" for u, many in enumerate(FIRMS[:n]) for _ in range(many or 1)),
        *((),) * 7,
        group=tuple(f"user_{u}" for u in range(n)),
        group_title=tuple(f"User {u}" for u in range(n)),
        group_product=pick(["magnet"]),
        group_region=pick(["USA", "JPN"]),
        group_sector=pick(["wind", "motors", ""]),
        group_value_usd_per_t=pick([100.0, 50.0, 100.0]),
        reserve=(),
        project=(),
        site_capacity_per_year=empty,
        site_demand_per_year=empty,
    )


def flow_of(want, short, released, **others):
    """Return a flow of these books, nothing in those that are not given."""
    books = dict.fromkeys(BOOKS, 0 * want) | {"want": want, "shortfall": short, **others}
    return Flow(**books, released=released, trace=None)


def random_flow(seed=1, n_period=40, n_group=5, n=13):
    rng = np.random.default_rng(seed)
    want = rng.random((n_period, n_group, n)) * (rng.random((n_period, n_group, n)) < 0.9)
    short = want * rng.random(want.shape) * (rng.random(want.shape) < 0.2)
    short[:, :, 0] = 0.0  # a replication without a shortage
    short[:, :, 1] = want[:, :, 1]  # one without anything else
    none = np.zeros((n_period, 0, n))
    stopped = (short > 0.9 * want) & (np.array(FIRMS)[None, :n_group, None] > 0)
    return flow_of(
        want,
        short,
        released=none,
        spared=want * 0.25,
        destroyed=want * 0.125,
        stopped=stopped * 1.0,
    )


@pytest.fixture(scope="module")
def views():
    return loss.views_of(labels())


def test_views_are_users_regions_sectors_products_total(views):
    told = [(v.kind, v.name, views.groups(x).tolist()) for x, v in enumerate(views)]
    assert told[:2] == [("user", "user_0", [0]), ("user", "user_1", [1])]
    assert told[5:] == [
        ("region", "JPN", [1, 3]),
        ("region", "USA", [0, 2, 4]),
        ("sector", "motors", [1, 4]),
        ("sector", "wind", [0, 3]),
        ("product", "magnet", [0, 1, 2, 3, 4]),
        ("total", "all", [0, 1, 2, 3, 4]),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_measures_equal_their_naive_twin_to_the_bit(views, seed):
    flow = random_flow(seed)
    table = loss.measure(flow, views, STEP)
    for r in range(flow.want.shape[2]):
        books = {name: getattr(flow, name)[:, :, r].tolist() for name in BOOKS}
        for x in range(len(views)):
            twin = measure_one(books, views.groups(x).tolist(), STEP, FIRMS)
            assert set(twin) == set(table)
            for name, value in twin.items():
                np.testing.assert_array_equal(table[name][r, x], value, err_msg=name)


def test_measures_of_a_part_are_that_part_of_the_measures(views):
    flow = random_flow()
    whole = loss.measure(flow, views, STEP)
    part = loss.measure(Flow(*(a[..., 3:5] for a in flow[:-4]), None), views, STEP)
    for name in whole:
        np.testing.assert_array_equal(part[name], whole[name][3:5])


def test_known_spells_are_measured():
    views = Views((View("total", "all", ""),), np.int32([0, 1]), np.int32([0]), np.array([2.0]))
    short = np.array([0, 0, 5, 10, 0, 1, 0, 0.0])[:, None, None]
    flow = flow_of(np.full_like(short, 10.0), short, short[:, :0])
    table = loss.measure(flow, views, STEP, np.array([10.0]))
    told = {name: values.item() for name, values in table.items()}
    expected = {
        "shortfall_t": 16.0,
        "wanted_t": 80.0,
        "worst_share": 1.0,
        "first_shortage_day": 17.5,  # half of period 2 was missed: its second half
        "last_shortage_day": pytest.approx(35.7),
        "days_short": pytest.approx(3.5 + 7.0 + 0.7),
        "longest_spell_days": 10.5,
        "spared_t": 0.0,
        "destroyed_t": 0.0,
        "time_to_survive_days": 7.5,
        "time_to_recover_days": pytest.approx(25.7),
    }
    assert {name: told[name] for name in expected} == expected


def test_times_are_nan_without_shock_or_shortage_and_never_negative():
    table = {
        "first_shortage_day": np.array([[np.nan], [7.0], [7.0]]),
        "last_shortage_day": np.array([[np.nan], [14.0], [14.0]]),
    }
    told = loss.times(table, np.array([3.0, np.nan, 21.0]))
    np.testing.assert_array_equal(told["time_to_survive_days"][:, 0], [np.nan, np.nan, 0.0])
    np.testing.assert_array_equal(told["time_to_recover_days"][:, 0], [np.nan, np.nan, 0.0])


def test_parts_add_up_to_their_whole(views):
    table = loss.measure(random_flow(), views, STEP)
    for name in ("shortfall_t", "wanted_t", "spared_t", "destroyed_t"):
        whole = np.zeros(13)
        for u in range(5):
            whole += table[name][:, u]
        np.testing.assert_array_equal(table[name][:, -1], whole)


def test_value_lost_is_each_users_own_value(views):
    short = loss.measure(random_flow(), views, STEP)["shortfall_t"]
    lost = loss.goods_value_missed(short, views)
    value = np.array([100.0, 50.0, 100.0, 100.0, 50.0])
    np.testing.assert_allclose(lost[:, -1], short[:, :5] @ value)
    per_tonne = loss.value_per_tonne(views)
    assert per_tonne[0] == 100.0
    assert math.isnan(per_tonne[-1])


def test_an_unknown_value_makes_the_sum_unknown(views):
    unknown = Views(views.view, views.ptr, views.group, np.array([1.0, np.nan, 1.0, 1.0, 1.0]))
    lost = loss.goods_value_missed(np.ones((2, len(views))), unknown)
    assert math.isnan(lost[0, -1])
    assert lost[0, 0] == 1.0


def test_judging_the_wrong_network_is_refused(views):
    with pytest.raises(ValueError, match="4 groups"):
        loss.measure(random_flow(n_group=4), views, STEP)


def test_share_trajectories_are_shortfall_over_wanted(views):
    flow = random_flow()
    share = loss.share_trajectories(flow, views)
    k, x, r = 4, 5, 7  # JPN: users 1 and 3
    want = flow.want[k, 1, r] + flow.want[k, 3, r]
    short = flow.shortfall[k, 1, r] + flow.shortfall[k, 3, r]
    assert share[k, x, r] == (short / want if want else 0.0)
    assert share.max() <= 1.0
    worst = loss.measure(flow, views, STEP)["worst_share"]
    np.testing.assert_array_equal(share.max(axis=0).T, worst)


# ---------------------------------------------------------------- risk measures

LOSSES = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1e9, width=32))
LEVELS = st.sampled_from([0.05, 0.5, 0.9, 0.95, 0.99])


def naive_var(losses, level):
    for x in sorted(losses):
        if sum(y <= x for y in losses) / len(losses) >= level:
            return x
    raise AssertionError


@settings(max_examples=200, deadline=None)
@given(LOSSES, LEVELS)
def test_var_is_the_smallest_loss_with_enough_below(losses, level):
    assert risk.var(losses, level) == naive_var(losses.tolist(), level)


@settings(max_examples=200, deadline=None)
@given(LOSSES, LEVELS)
def test_cvar_is_the_least_of_its_own_minimisation(losses, level):
    # Rockafellar and Uryasev (2002), theorem 10: CVaR = min over c of c + E(L - c)+ / (1 - p)
    least = min(c + np.maximum(losses - c, 0).mean() / (1 - level) for c in losses)
    assert risk.cvar(losses, level) == pytest.approx(least, rel=1e-9, abs=1e-9)


@settings(max_examples=200, deadline=None)
@given(LOSSES, LEVELS, st.randoms(use_true_random=False))
def test_risk_measures_keep_their_order_and_scale(losses, level, random):
    low, high = risk.var(losses, level), risk.cvar(losses, level)
    slack = 1e-9 * losses.max()
    assert losses.mean() - slack <= high <= losses.max() + slack
    assert low <= high
    assert risk.var(losses, 0.5) <= risk.var(losses, 0.95) <= risk.var(losses, 0.99)
    assert risk.cvar(losses, 0.5) <= risk.cvar(losses, 0.95) + slack
    mixed = losses.tolist()
    random.shuffle(mixed)
    assert risk.cvar(np.array(mixed), level) == high
    assert risk.cvar(2 * losses, level) == 2 * high
    assert risk.var(2 * losses, level) == 2 * low


@settings(max_examples=100, deadline=None)
@given(LOSSES, st.floats(0, 1e9))
def test_exceedance_is_the_share_beyond(losses, at):
    x, p = risk.exceedance(losses)
    assert np.all(np.diff(x) > 0)
    assert np.all(np.diff(p) < 0)
    assert p[-1] == 0
    before = np.searchsorted(x, at, side="right")
    assert (p[before - 1] if before else 1.0) == np.mean(losses > at)


def test_the_atom_correction_counts_only_the_part_beyond():
    # worst 30 % of five: all of 10 and half of 4
    losses = np.array([1.0, 2.0, 3.0, 4.0, 10.0])
    assert risk.cvar(losses, 0.7) == pytest.approx((0.2 * 10 + 0.1 * 4) / 0.3)


@pytest.mark.parametrize("bad", [[], [1.0, np.nan], [[1.0]]])
def test_no_risk_measure_of_nothing_or_nan(bad):
    with pytest.raises(ValueError, match=r"NaN|shape"):
        risk.cvar(np.array(bad), 0.9)


@pytest.mark.parametrize("level", [0.0, 1.0, 1.5, np.nan])
def test_no_risk_measure_outside_its_levels(level):
    with pytest.raises(ValueError, match="level"):
        risk.var(np.array([1.0]), level)


@pytest.mark.parametrize("horizon_days", [365.0, 1460.0, 3650.0])
def test_a_return_period_does_not_depend_on_the_horizon(horizon_days):
    chance = 1.0 - math.exp(-0.5 * horizon_days / 365.0)  # of a shock at half a one a year
    years = risk.return_period_years(np.array([chance, 1.0]), horizon_days, all_yearly=True)
    assert years.tolist() == pytest.approx([2.0, 0.0])


def test_return_period_needs_a_yearly_rate_for_every_hazard():
    years = risk.return_period_years(np.array([0.02, 0.0]), 2 * 365.0, all_yearly=True)
    assert years.tolist() == pytest.approx([-2.0 / math.log(0.98), np.inf])
    with pytest.raises(ValueError, match="yearly rate"):
        risk.return_period_years(0.02, 365.0, all_yearly=False)


def compound_poisson(rate, size, n, seed):
    """Draw n sums of a Poisson number of sizes."""
    rng = np.random.default_rng(seed)
    number = rng.poisson(rate, n)
    return np.bincount(np.repeat(np.arange(n), number), size(rng, number.sum()), minlength=n)


# Closed forms and exact standard deviation a path: Panjer recursion, gamma mixtures
GEOMETRIC = {
    "mean": (12.5, 10.607),
    0.0: (1 - 0.082084999, 0.27449),
    10.0: (0.48722217, 0.49984),
    20.0: (0.1967958, 0.39758),
    40.0: (0.020386545, 0.14132),
    60.0: (0.001474975, 0.038377),
}
EXPONENTIAL = {
    "mean": (72.0, 75.895),
    0.0: (1 - 0.16529889, 0.37145),
    50.0: (0.50309546, 0.49999),
    100.0: (0.27672148, 0.44738),
    200.0: (0.070320613, 0.25569),
    400.0: (0.0030249745, 0.054917),
}
N = 100_000


def exceeded(losses, x):
    at, p = risk.exceedance(losses)
    return p[np.searchsorted(at, x, side="right") - 1]


def check(losses, closed):
    for key, (value, sd) in closed.items():
        found = losses.mean() if key == "mean" else exceeded(losses, key)
        assert abs(found - value) <= 4 * sd / math.sqrt(N), key


def test_poisson_geometric_sums_have_their_closed_forms():
    losses = compound_poisson(2.5, lambda rng, m: rng.geometric(0.2, m), N, 61)
    check(losses, GEOMETRIC)
    for level, var, cvar, sd in (
        (0.90, 27, 35.406353, 35.788),
        (0.95, 33, 41.137307, 49.592),
        (0.99, 46, 53.645829, 105.44),
    ):
        assert abs(risk.var(losses, level) - var) <= 1
        assert abs(risk.cvar(losses, level) - cvar) <= 4 * sd / math.sqrt(N)


def test_poisson_exponential_sums_have_their_closed_forms():
    losses = compound_poisson(1.8, lambda rng, m: rng.exponential(40.0, m), N, 62)
    check(losses, EXPONENTIAL)
    for level, var, sd_var, cvar, sd_cvar in (
        (0.95, 223.13886, 292.56, 287.33041, 393.94),
        (0.99, 326.91173, 620.03, 387.47201, 844.38),
    ):
        assert abs(risk.var(losses, level) - var) <= 4 * sd_var / math.sqrt(N)
        assert abs(risk.cvar(losses, level) - cvar) <= 4 * sd_cvar / math.sqrt(N)


# ---------------------------------------------------------------- summary


def run_table(views, n=2000, seed=3, scale=1.0):
    """A table like that of a run: shortages in about half of the replications."""
    rng = np.random.default_rng(seed)
    short = rng.exponential(10.0, (n, 5)) * (rng.random((n, 5)) < 0.5) * scale
    sums = np.stack([short[:, views.groups(x)].sum(axis=1) for x in range(len(views))], axis=1)
    wanted = np.broadcast_to(100.0 * np.diff(views.ptr), sums.shape).copy()
    first = np.where(sums > 0, 21.0, np.nan)
    return {
        "shortfall_t": sums,
        "wanted_t": wanted,
        "worst_share": np.minimum(1.0, sums / wanted * 4),
        "first_shortage_day": first,
        "last_shortage_day": first + 49.0,
        "days_short": np.where(sums > 0, 49.0, 0.0),
        "longest_spell_days": np.where(sums > 0, 28.0, 0.0),
        "spared_t": sums * 0.1,
        "destroyed_t": sums * 0.2,
    }


def found(rows, measure, statistic, view="all"):
    (row,) = [r for r in rows if (r.measure, r.statistic, r.view) == (measure, statistic, view)]
    return row


def test_summary_tells_every_number_with_interval_unit_and_n(views):
    table = run_table(views)
    rows = summarize(table, views.view, first_shock_day=np.full(2000, 7.0), horizon_days=365)
    assert len({r[:4] for r in rows}) == len(rows)
    for row in rows:
        assert row.unit in ("t", "share", "days", "probability")
        assert row.n > 0
        assert row.low <= row.value <= row.high
    total = table["shortfall_t"][:, -1]
    assert found(rows, "shortfall_t", "mean").value == pytest.approx(total.mean())
    assert found(rows, "shortfall_t", "sd").value == pytest.approx(total.std(ddof=1))
    assert found(rows, "shortfall_t", "var95").value == risk.var(total, 0.95)
    assert found(rows, "shortfall_t", "cvar95").value == risk.cvar(total, 0.95)
    assert found(rows, "shortfall_t", "P(>0)").value == np.mean(total > 0)
    assert found(rows, "shortfall_t", "P(=0)").value == np.mean(total == 0)
    share = total / table["wanted_t"][:, -1]
    assert found(rows, "shortfall_share", "P(>0.05)").value == np.mean(share > 0.05)
    assert found(rows, "shortfall_share", "ratio").value == pytest.approx(share.mean())
    survive = found(rows, "time_to_survive_days", "mean", "user_0")
    assert survive.value == 14.0
    assert survive.n == np.count_nonzero(table["shortfall_t"][:, 0])
    assert found(rows, "time_to_recover_days", "mean").value == 63.0


def test_summary_refuses_what_few_replications_cannot_support(views):
    rows = summarize(run_table(views, n=100), views.view)
    row = found(rows, "shortfall_t", "var99")
    assert math.isnan(row.value)
    assert math.isnan(row.low)
    assert row.note == (
        "refused: 100 replications hold no 95 % interval for a 99 % quantile; "
        "about 368 replications would do"
    )
    assert "about 2,000 replications" in found(rows, "shortfall_t", "cvar99").note
    assert math.isfinite(found(rows, "shortfall_t", "mean").value)


def test_one_replication_is_refused_and_does_not_crash(views):
    rows = summarize(run_table(views, n=1), views.view, first_shock_day=np.array([np.nan]))
    mean = found(rows, "shortfall_t", "mean")
    assert math.isnan(mean.value)
    assert "two replications" in mean.note


def test_no_shortage_at_all_is_told_as_zero(views):
    table = run_table(views, n=500, scale=0.0)
    rows = summarize(table, views.view, first_shock_day=np.zeros(500))
    mean = found(rows, "shortfall_t", "mean")
    chance = found(rows, "shortfall_t", "P(>0)")
    wanted = table["wanted_t"][:, -1].max()
    assert (mean.value, mean.low) == (0.0, 0.0)
    assert mean.high == pytest.approx(chance.high * wanted)
    assert mean.note.startswith("never above 0 in 500 replications")
    assert chance.low == 0.0
    assert 0.005 < chance.high < 0.01  # 3.7 / n: none seen does not mean never
    assert math.isnan(found(rows, "time_to_survive_days", "mean").value)


def test_summary_parts_structure_from_disruption_only_where_there_is_structure(views):
    table = run_table(views)
    zero = np.zeros_like(table["shortfall_t"])
    assert not any(
        r.measure == "disruption_t" for r in summarize(table, views.view, structural_t=zero)
    )
    rows = summarize(table, views.view, structural_t=zero + 1.0)
    gross = found(rows, "shortfall_t", "mean").value
    assert found(rows, "structural_t", "mean").value == 1.0
    assert found(rows, "disruption_t", "mean").value == pytest.approx(gross - 1.0)


def test_value_is_told_where_it_is_known_and_reserves_by_name(views):
    table = run_table(views)
    value = loss.goods_value_missed(table["shortfall_t"], views)
    value[:, -1] = np.nan
    rows = summarize(
        table,
        views.view,
        goods_value_missed_usd=value,
        reserves=("japan",),
        reserve_released_t=np.arange(2000.0)[:, None],
    )
    assert found(rows, "goods_value_missed_usd", "mean", "user_0").unit == "USD"
    assert not any(r.measure == "goods_value_missed_usd" and r.view == "all" for r in rows)
    assert found(rows, "released_t", "mean", "japan").value == pytest.approx(999.5)


def test_return_periods_are_told_only_where_every_hazard_has_a_yearly_rate(views):
    table = run_table(views)
    asked = {"first_shock_day": np.zeros(2000), "horizon_days": 730.0}
    dated = summarize(table, views.view, **asked)
    assert not any(r.unit == "years" for r in dated)
    rows = summarize(table, views.view, all_yearly=True, **asked)
    chance = found(rows, "shortfall_share", "P(>0.05)")
    years = found(rows, "shortfall_share", "return_period(>0.05)")
    once = [-2 / math.log1p(-p) for p in (chance.value, chance.high, chance.low)]
    assert (years.value, years.low, years.high) == pytest.approx(once)
    none = summarize(run_table(views, scale=0.0), views.view, all_yearly=True, **asked)
    assert "refused" in found(none, "shortfall_share", "return_period(>0.05)").note


def test_recovery_beyond_the_horizon_is_told(views):
    table = run_table(views)
    rows = summarize(table, views.view, first_shock_day=np.zeros(2000), horizon_days=70)
    still = np.count_nonzero(table["shortfall_t"][:, -1])
    mean, median = (found(rows, "time_to_recover_days", s) for s in ("mean", "q50"))
    assert math.isnan(mean.value)
    assert f"{still:,} still short" in mean.note
    assert median.mark == AT_LEAST


def test_order_of_replications_does_not_change_a_summary(views):
    table = run_table(views)
    mixed = np.random.default_rng(0).permutation(2000)
    one = summarize(table, views.view, first_shock_day=np.zeros(2000))
    two = summarize(
        {k: v[mixed] for k, v in table.items()}, views.view, first_shock_day=np.zeros(2000)
    )
    for a, b in zip(one, two, strict=True):
        assert a[:4] == b[:4]
        np.testing.assert_allclose(a[4:7], b[4:7], rtol=1e-12)


# ---------------------------------------------------------------- fan


def test_fan_is_var_of_each_period_with_the_interval_of_its_mean():
    rng = np.random.default_rng(5)
    share = rng.random((6, 3, 200)) * (rng.random((6, 3, 200)) < 0.6)
    told = fan(share)
    assert told.share.shape == (5, 6, 3)
    assert told.n == 200
    for i, level in enumerate(told.levels):
        assert told.share[i, 2, 1] == risk.var(share[2, 1], level)
    assert np.all(np.diff(told.share, axis=0) >= 0)
    np.testing.assert_allclose(told.mean, share.mean(axis=2))
    for k, x in np.ndindex(6, 3):
        answer = precision.mean(share[k, x])
        limits = told.mean_low[k, x], told.mean_high[k, x]
        assert limits == pytest.approx((answer.low, answer.high))


def test_fan_of_shares_that_were_never_seen_has_an_upper_limit():
    told = fan(np.zeros((1, 1, 200), np.float32))
    assert told.mean_low[0, 0] == 0.0
    assert told.mean_high[0, 0] == pytest.approx(1.0 - 0.025 ** (1 / 200))


def test_fan_of_one_replication_has_no_interval_and_of_none_is_refused():
    told = fan(np.full((2, 1, 1), 0.5, np.float32))
    assert told.mean[0, 0] == 0.5
    assert np.isnan(told.mean_low).all()
    with pytest.raises(ValueError, match="replication"):
        fan(np.zeros((2, 1, 0)))


# ---------------------------------------------------------------- comparison


def test_pairing_finds_a_small_difference_in_large_noise():
    rng = np.random.default_rng(9)
    b = rng.exponential(100.0, 2000)
    a = b - rng.exponential(1.0, 2000)
    told = paired(a, b)
    assert told.difference.low < -1.0 < told.difference.high
    assert told.difference.high < -0.9
    assert told.a_better.value == 1.0
    assert told.variance_ratio.value == pytest.approx(2 * 100**2, rel=0.3)
    assert told.cvar_difference.high < 0
    assert told.cvar_difference.value == pytest.approx(risk.cvar(a, 0.95) - risk.cvar(b, 0.95))


def test_comparison_is_antisymmetric_and_repeats_its_digits():
    rng = np.random.default_rng(4)
    a, b = rng.exponential(1.0, 600), rng.exponential(1.2, 600)
    ab, ba = paired(a, b), paired(b, a)
    assert ab.difference.value == -ba.difference.value
    assert (ab.a_better.value, ab.b_better.value) == (ba.b_better.value, ba.a_better.value)
    assert ab.cvar_difference.low == pytest.approx(-ba.cvar_difference.high)
    assert paired(a, b) == ab


def test_a_run_compared_with_itself_is_equal_in_every_replication():
    a = np.random.default_rng(4).exponential(1.0, 600)
    told = paired(a, a)
    assert told.difference[:3] == (0.0, 0.0, 0.0)
    assert told.cvar_difference[:3] == (0.0, 0.0, 0.0)
    assert told.equal.value == 1.0
    assert told.variance_ratio.value == math.inf


def test_independent_runs_win_nothing_by_pairing():
    rng = np.random.default_rng(12)
    told = paired(rng.normal(size=5000), rng.normal(size=5000))
    assert told.variance_ratio.value == pytest.approx(1.0, abs=0.1)


def test_variance_ratio_interval_holds():
    # d = a - b with b = a + e: ratio (1 + 1 + s²) / s²
    rng, exact, held = np.random.default_rng(13), 2.25 / 0.25, 0
    for _ in range(400):
        a = rng.normal(size=300)
        answer = _variance_ratio(a, a + 0.5 * rng.normal(size=300))
        held += answer.low <= exact <= answer.high
    assert 355 <= held <= 395  # binomial(400, 0.95) at 1e-4


def test_bootstrap_samples_have_the_cvar_of_the_sample_drawn():
    rng = np.random.default_rng(2)
    ordered = np.sort(rng.exponential(1.0, 50))
    weight = np.bincount(rng.integers(0, 50, 50), minlength=50)
    drawn = np.repeat(ordered, weight)
    assert _weighted_cvar(ordered, weight, 0.9) == pytest.approx(risk.cvar(drawn, 0.9))


def test_a_cvar_that_is_refused_alone_is_refused_in_a_difference():
    a = np.arange(100.0)
    assert "about 400" in cvar_difference(a, a + 1, 0.95).note


def test_losses_that_do_not_pair_up_are_refused():
    with pytest.raises(ValueError, match="pair up"):
        paired(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="NaN"):
        paired(np.array([np.nan]), np.zeros(1))


def test_tables_are_compared_view_by_view_run_less_base(views):
    base, run = run_table(views, n=500), run_table(views, n=500, scale=0.5)
    rows = compare_tables(base, run, views.view, ("shortfall_t",))
    difference = found(rows, "shortfall_t", "mean_difference")
    assert difference.value == pytest.approx(-0.5 * base["shortfall_t"][:, -1].mean())
    assert difference.high < 0
    assert found(rows, "shortfall_t", "P(run>base)").value == 0.0
    assert found(rows, "shortfall_t", "variance_ratio").value == pytest.approx(1.25 / 0.25)
    alone = compare(base["shortfall_t"][:, -1], run["shortfall_t"][:, -1])
    assert [tuple(r.values()) for r in alone] == [r[2:] for r in rows if r.view == "all"]


def test_tables_that_do_not_pair_up_are_refused(views):
    base, run = run_table(views, n=50), run_table(views, n=60)
    with pytest.raises(ValueError, match="60"):
        compare_tables(base, run, views.view)
    with pytest.raises(ValueError, match="views"):
        compare_tables(base, base, views.view[:-1])


def test_the_first_shock_is_the_first_that_takes_effect():
    from sim.shocks.tape import first_shock_days, quiet_tape

    called_off = np.array([True, True, False, False, False, True])
    tape = quiet_tape(5)._replace(
        shock_ptr=np.array([0, 0, 1, 3, 6, 6], np.int32),  # none, called off, second, first, none
        onset_days=np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        called_off=called_off,
    )
    days = first_shock_days(tape)
    assert np.array_equal(days, [np.nan, np.nan, 3.0, 4.0, np.nan], equal_nan=True)
