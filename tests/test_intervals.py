"""Intervals hold, stay within what is possible, and say so in the cell where they cannot hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks import coverage
from sim import sweep_design
from sim.api import load
from sim.metrics import hall, precision
from sim.metrics.answer import MARKS, Refused
from sim.metrics.hall import Bounds
from sim.metrics.summary import summarize
from sim.results.data import View

NETWORK = """
title: Own network
products: {ore: {title: Ore, stage: mining, value_usd_per_t: 100}, good: {title: Good, stage: use}}
sites:
  pit: {kind: mine, product: ore, country: CHN, capacity: 365}
  users: {kind: end_user, product: good, country: JPN, sector: motors, demand: 365,
          feeds: {ore: {cover_days: 0, adjustment_days: 0,
                        lanes: {pit: {share: 1, transit_days: 7}}}}}
"""
SCENARIO = """
title: An outage
network: ./net.yaml
start: 2026-01-01
horizon_days: 364
hazards:
  stop: {onset: {day: 70, probability: 0.048}, duration_days: 35,
         effects: {pit: {kind: outage, sites: {site: pit}, severity: 1}}}
"""
WANTED_T, SHORT_T = 364.0, 35.0  # a tonne a day; nothing else to live on for 35 days


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    """One tonne a day, and an outage of 35 days with a chance: all its numbers are known."""
    folder = tmp_path_factory.mktemp("scenario")
    (folder / "net.yaml").write_text(NETWORK)
    (folder / "sc.yaml").write_text(SCENARIO)
    return folder / "sc.yaml"


def run(scenario, folder, probability, seed=12, n=1000):
    changes = {
        "scenario.hazards.stop.onset.probability": probability,
        "run.replications": n,
        "run.seed": seed,
        "run.sampling": "plain",
        "run.audit": 0,
        "output.figures": False,
    }
    return load(scenario, changes).run(folder)


def row_of(data, measure, statistic):
    (row,) = [
        r
        for r in data.summary
        if (r["kind"], r["measure"], r["statistic"]) == ("total", measure, statistic)
    ]
    return row


# --- the example of record, through the whole program -------------------------------------------


def test_a_cvar_with_a_gap_at_its_cut_has_the_lower_limit_of_the_chance(scenario, tmp_path):
    data = run(scenario, tmp_path / "run", 0.048)
    chance, cvar = row_of(data, "shortfall_t", "P(>0)"), row_of(data, "shortfall_t", "cvar95")
    assert chance["value"] > 0.05  # so that the estimated VaR is 35, and the true one 0
    assert (cvar["value"], cvar["high"]) == (SHORT_T, SHORT_T)
    assert cvar["low"] == pytest.approx(SHORT_T * chance["low"] / 0.05, rel=0.01)
    assert cvar["low"] == pytest.approx(26.7, abs=0.3)


@pytest.mark.parametrize("probability", [0.0005, 0.002, 0.048, 1.0])
def test_limits_stay_within_what_is_possible(scenario, tmp_path, probability):
    data = run(scenario, tmp_path / "run", probability)
    most = {"t": WANTED_T, "share": 1.0, "probability": 1.0, "days": 364.0}
    seen = 0
    for row in data.summary:
        if row["mark"] == "refused" or row["unit"] not in most:
            continue
        seen += 1
        assert 0.0 <= row["low"] <= row["value"] <= row["high"] <= most[row["unit"]], row
    assert seen > 40


def test_a_rare_outage_is_marked_in_the_table_and_the_report(scenario, tmp_path, capsys):
    from sim.commands._run_table import print_run, run_table
    from sim.run.report_numbers import numbers

    data = run(scenario, tmp_path / "run", 0.002)
    assert row_of(data, "shortfall_t", "mean")["mark"] == "few"
    assert "few" in run_table(data).rows[-1][1].split("\n")[1]
    print_run(data)
    assert "] few" in capsys.readouterr().err
    assert " few</span>" in numbers(data)
    assert ",few," in (tmp_path / "run" / "summary.csv").read_text()


def test_what_was_never_seen_has_an_upper_limit(scenario, tmp_path):
    data = run(scenario, tmp_path / "run", 0.0)
    for measure, most in (("shortfall_t", WANTED_T), ("worst_share", 1.0), ("days_short", 364.0)):
        row = row_of(data, measure, "mean")
        assert (row["value"], row["low"]) == (0.0, 0.0)
        assert row["high"] == pytest.approx(most * (1.0 - 0.025 ** (1 / 1000)))
    assert row_of(data, "spared_t", "mean")["mark"] == "unseen"


def test_what_never_varies_is_marked(scenario, tmp_path):
    data = run(scenario, tmp_path / "run", 1.0)
    for measure, statistic in (("shortfall_t", "mean"), ("shortfall_share", "ratio")):
        row = row_of(data, measure, statistic)
        assert row["low"] == row["value"] == row["high"]
        assert row["mark"] == "alike"


@pytest.mark.slow
@pytest.mark.parametrize("probability", [0.02, 0.048, 0.3])
def test_intervals_hold_through_the_whole_program(scenario, tmp_path, probability):
    import pyarrow.parquet as pq

    n, repeats = 1000, 400
    changes = {
        "scenario.hazards.stop.onset.probability": probability,
        "run.replications": n,
        "run.audit": 0,
    }
    design = [{"run.seed": seed} for seed in range(1, repeats + 1)]
    path = sweep_design(load(scenario, changes), design, tmp_path / "sweep")
    lines = [line for line in pq.read_table(path).to_pylist() if line["kind"] == "total"]
    mean = SHORT_T * probability
    truth = {
        ("shortfall_t", "mean"): mean,
        ("shortfall_share", "ratio"): mean / WANTED_T,
        ("days_short", "mean"): mean,
        ("shortfall_t", "cvar95"): SHORT_T * min(1.0, probability / 0.05),
        ("shortfall_t", "P(>0)"): probability,
        ("shortfall_t", "q95"): SHORT_T if probability > 0.05 else 0.0,
    }
    for (measure, statistic), exact in truth.items():
        found = [x for x in lines if (x["measure"], x["statistic"]) == (measure, statistic)]
        slack = 1e-9 * exact
        held = sum(x["low"] - slack <= exact <= x["high"] + slack for x in found)
        assert len(found) == repeats
        assert held >= stats.binom(repeats, 0.95).ppf(1e-4), (measure, statistic)


# --- samples of known law -----------------------------------------------------------------------

LAWS = {law.title: law for law in coverage.LAWS}
CASES = {case.title: case for case in coverage.CASES}
QUICK = [
    ("mean", "ordinary (exponential)", 200),
    ("mean", "rare 2 %, bounded", 1000),
    ("mean", "rare 2 %, exponential", 1000),
    ("ratio", "rare 2 %, exponential", 1000),
    ("paired mean", "rare 2 %, bounded", 1000),
    ("sd", "ties and atoms", 200),
    ("CVaR 95", "ordinary (exponential)", 1000),
    ("CVaR 95", "gap at the cut, 35", 1000),
    ("CVaR 95", "gap at the cut, 30 to 40", 1000),
    ("P(> 5)", "rare 2 %, bounded", 200),
]


@pytest.mark.parametrize(("statistic", "law", "n"), QUICK)
def test_intervals_of_known_laws_hold(statistic, law, n):
    found = coverage.count(CASES[statistic], LAWS[law], n, 600, seed=4)
    assert found.refused == 0.0
    assert found.held >= stats.binom(600, 0.95).ppf(1e-4) / 600


@pytest.mark.parametrize("law", ["rare 2 %, bounded", "rare 2 %, exponential"])
def test_intervals_on_a_few_losses_are_marked(law):
    for statistic in ("mean", "ratio", "paired mean", "sd"):
        found = coverage.count(CASES[statistic], LAWS[law], 200, 600, seed=5)
        assert found.silent <= 0.07
        assert found.marked > 0.5


@pytest.mark.slow
def test_the_page_tells_what_is_measured_and_its_rule_holds():
    found = coverage.table()
    page = coverage.PAGE.read_text(encoding="utf-8")
    assert coverage.page(page, coverage.text(found, coverage.REPEATS)) == page
    for statistic, law, n, of in found:
        assert of.silent <= 0.07, (statistic, law, n)
        assert of.refused == 1.0 or of.held >= 0.93 or of.marked > 0.5, (statistic, law, n)
        if law.startswith("ordinary") and not math.isnan(of.held):
            assert of.held <= 0.975, (statistic, law, n)


def test_halls_interval_of_a_symmetric_sample_is_students():
    x = np.arange(101.0)
    answer = precision.mean(x)
    half = stats.t.ppf(0.975, 100) * x.std(ddof=1) / math.sqrt(101)
    assert (answer.low, answer.high) == pytest.approx((50.0 - half, 50.0 + half))


def test_limits_are_the_inverse_of_halls_transformation():
    x = np.random.default_rng(3).gamma(0.5, 2.0, 400)
    answer, off = precision.mean(x), x - x.mean()
    a = np.mean(off**3) / np.mean(off**2) ** 1.5 / math.sqrt(400)
    for limit, sign in ((answer.low, 1.0), (answer.high, -1.0)):
        t = (answer.value - limit) / math.sqrt(np.mean(off**2) / 399)
        w = t + a * t**2 / 3 + a**2 * t**3 / 27 + a / 6
        assert w == pytest.approx(sign * stats.t.ppf(0.975, 399))


def test_gains_and_losses_of_normal_differences_have_nearly_students_interval():
    x = np.random.default_rng(9).normal(0.3, 1.0, 4000)
    answer = precision.mean(x)
    half = stats.t.ppf(0.975, 3999) * x.std(ddof=1) / math.sqrt(4000)
    assert answer.value == pytest.approx(x.mean())
    assert answer.value - answer.low == pytest.approx(half, rel=0.02)
    assert answer.high - answer.value == pytest.approx(half, rel=0.02)


def test_zeros_without_a_known_bound_say_so():
    zero = np.zeros(500)
    assert precision.mean(zero, bounds=Bounds(0.0)).mark == "unseen"
    assert precision.mean(zero).mark == "alike"  # a difference: it could be of either sign
    answer = precision.mean(zero, bounds=Bounds(0.0, 40.0, 30.0))
    assert (answer.mark, answer.high) == ("", pytest.approx(40.0 * hall.unseen_share(500)))


def test_long_columns_have_the_moments_of_short_ones():
    from sim.metrics import moments

    x = np.random.default_rng(2).gamma(0.3, 5.0, (2, 3 * moments.PIECE + 17))
    centre = moments.mean_of(x)
    second, third = moments.moments(x, centre)
    np.testing.assert_allclose(centre, x.mean(axis=1), rtol=1e-13)
    np.testing.assert_allclose(second, x.var(axis=1), rtol=1e-12)
    np.testing.assert_allclose(third, stats.moment(x, 3, axis=1), rtol=1e-11)


# --- times that the horizon cuts off ------------------------------------------------------------


def recovery(last_day, horizon_days=100.0):
    n = last_day.size
    column = {"shortfall_t": np.ones(n), "wanted_t": np.full(n, 9.0), "last_shortage_day": last_day}
    table = {name: values[:, None] for name, values in column.items()}
    table["first_shortage_day"] = np.zeros((n, 1))
    rows = summarize(
        table,
        [View("total", "all", "")],
        first_shock_day=np.zeros(n),
        horizon_days=horizon_days,
    )
    return {r.statistic: r for r in rows if r.measure == "time_to_recover_days"}


def test_times_beyond_the_horizon_are_lower_limits_and_have_no_mean():
    told = recovery(np.r_[np.full(400, 20.0), np.full(600, 100.0)])
    assert (told["q50"].value, told["q50"].mark) == (100.0, ">")
    assert told["mean"].mark == "refused"
    assert "600 of 1,000" in told["mean"].note


def test_a_quantile_below_what_the_horizon_cuts_off_is_a_number():
    told = recovery(np.r_[np.full(600, 20.0), np.full(400, 100.0)])
    assert (told["q50"].value, told["q50"].mark, told["q95"].mark) == (20.0, "", ">")


def test_every_mark_is_explained():
    assert Refused("x", None).mark in MARKS
    page = coverage.PAGE.read_text(encoding="utf-8")
    assert all(f"| `{mark}` |" in page for mark in MARKS)
