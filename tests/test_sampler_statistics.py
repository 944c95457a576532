"""The sampler is true to theory: VERIFICATION F1 and F3, tension, factors, triggers, parameters."""

from __future__ import annotations

import numpy as np
import pytest
from sampler_case import (
    YEAR,
    control,
    counts,
    exponential,
    network_data,
    outage,
    plan_of,
    replication_of_shock,
    tape_of,
    time_down,
    value_at,
)
from scipy import stats

from sim.shocks.sampler import sample

# --- Poisson shocks: VERIFICATION F3 ------------------------------------------------------------


def near(sample_values, value, sd):
    """Assert that a sample's mean lies within four standard errors of theory."""
    values = np.asarray(sample_values, float)
    assert abs(values.mean() - value) <= 4 * sd / np.sqrt(len(values)), (values.mean(), value)


N = 20_000


def test_v3_1_exponential_shocks_overlap_as_theory_says():
    tape = tape_of({"h": outage({"rate_per_year": 0.4}, exponential(0.5 * YEAR))}, N, 10 * YEAR)
    for years, none, sd in (
        (0.25, 0.92432285, 0.26448),
        (1, 0.84119402, 0.3655),
        (5, 0.81873819, 0.38523),
    ):
        near(value_at(tape, years * YEAR), none, sd)
    active = value_at(tape, 5 * YEAR, 0.0, _Count)
    near(active, 0.19999092, 0.4472)
    down, spells = time_down(tape, 10 * YEAR)
    near(down / YEAR, 1.7265368, 1.1317)
    near(down == 0, 0.018315639, 0.13409)
    near(spells, 3.3093853, 1.9)  # sd of a thinned Poisson count is at most sqrt(mean)
    assert abs(np.std(down / YEAR) - 1.1316677) < 0.03


class _Count:
    """Stands for a ufunc: adds one for each row that acts."""

    @staticmethod
    def at(out, index, _):
        np.add.at(out, index, 1.0)


def test_v3_2_lognormal_shocks_overlap_as_theory_says():
    days = {"family": "lognormal", "mean": 0.5 * YEAR, "cv": 2.0}
    tape = tape_of({"h": outage({"rate_per_year": 0.4}, days)}, N, 10 * YEAR)
    near(value_at(tape, YEAR), 0.86889141, 0.33752)
    near(value_at(tape, 5 * YEAR), 0.82651287, 0.37867)
    near(value_at(tape, YEAR, 0.0, _Count), 0.14053712, 0.37488)
    down, spells = time_down(tape, 10 * YEAR)
    near(down / YEAR, 1.6211167, 1.3904)
    near(spells, 3.3515533, 1.9)


def test_v3_3_severities_of_overlapping_shocks_multiply():
    severity = {"family": "beta", "alpha": 2.0, "beta": 3.0}
    hazard = outage({"rate_per_year": 1.2}, exponential(0.3 * YEAR), severity)
    tape = tape_of({"h": hazard}, N, 6 * YEAR)
    near(value_at(tape, 0.5 * YEAR), 0.88976143, 0.2182)
    near(value_at(tape, 5 * YEAR), 0.86588776, 0.23659)
    near(value_at(tape, 5 * YEAR) == 1.0, 0.69767634, 0.45926)


def test_v3_4_a_common_shock_ties_two_refiners():
    both = outage({"rate_per_year": 0.1}, exponential(0.6 * YEAR), site="refinery")
    both["effects"]["other"] = {"kind": "outage", "sites": {"site": "smelter"}}
    plan = plan_of(
        {
            "a": outage({"rate_per_year": 0.3}, exponential(0.4 * YEAR), site="refinery"),
            "b": outage({"rate_per_year": 0.2}, exponential(0.5 * YEAR), site="smelter"),
            "c": both,
        },
        20 * YEAR,
    )
    tape = sample(plan, 1, np.arange(N))
    up = {}
    for site in ("refinery", "smelter"):
        names = {"refinery": ("a/stop", "c/stop"), "smelter": ("b/stop", "c/other")}[site]
        mine = np.isin(tape.row_effect, [plan.effect_names.index(n) for n in names])
        day = 19.99 * YEAR
        on = (
            mine
            & (tape.point_day[tape.point_ptr[:-1]] <= day)
            & (day < tape.point_day[tape.point_ptr[1:] - 1])
        )
        owner = np.repeat(np.arange(N), np.diff(tape.row_ptr))
        up[site] = np.bincount(owner[on], minlength=N) == 0
    near(up["refinery"], 0.83527021, 0.37094)
    near(up["smelter"], 0.85214379, 0.35496)
    near(up["refinery"] & up["smelter"], 0.75578374, 0.42962)
    near(~up["refinery"] & ~up["smelter"], 0.068369741, 0.25238)


def test_v3_5_a_rate_that_steps_up_is_inverted_exactly():
    steps = [[0.0, 0.1], [5 * YEAR, 0.6]]
    hazard = outage({"rate_per_year": steps}, exponential(0.5 * YEAR))
    tape = tape_of({"h": hazard}, N, 10 * YEAR + 1)
    for years, mean, sd in (
        (4, 0.049983227, 0.22357),
        (5.5, 0.2080293, 0.4561),
        (10, 0.29998865, 0.54771),
    ):
        near(value_at(tape, years * YEAR, 0.0, _Count), mean, sd)
    near(value_at(tape, 5.5 * YEAR), 0.81218324, 0.39057)
    near(counts(tape) == 0, np.exp(-3.5), 0.17113)


def test_a_rate_is_nothing_before_its_first_step():
    hazard = outage({"rate_per_year": [["2025-07-01", 50.0]]})
    tape = tape_of({"h": hazard}, 200)
    assert tape.onset_days.min() >= 181.0
    assert tape.onset_days.min() < 183.0


def test_max_events_stops_a_process():
    hazard = outage({"rate_per_year": 20.0}, max_events=3)
    assert counts(tape_of({"h": hazard}, 100)).max() == 3


# --- renewal outages: VERIFICATION F1 -----------------------------------------------------------


def test_v1_1_exponential_up_and_down():
    hazard = outage({"up_days": exponential(1000.0)}, exponential(60.0))
    down, _ = time_down(tape_of({"h": hazard}, N, 3650.0), 3650.0)
    near(down == 0, 0.025991129, 0.15911)
    near(down, 203.39979, 146.26)
    near(down <= 60, 0.15849264, 0.3652)
    near(down <= 240, 0.65740274, 0.47458)
    near(down <= 500, 0.95818261, 0.20017)
    assert abs(down.std() - 146.25694) < 3.5


def test_v1_2_fixed_up_and_down_go_by_the_clock():
    hazard = outage({"up_days": 100.0}, 20.0)
    tape = tape_of({"h": hazard}, 1, 1000.0)
    assert tape.onset_days.tolist() == [100.0 + 120.0 * k for k in range(8)]
    assert time_down(tape, 1000.0)[0] == 160.0


def test_v1_2r_a_random_phase_starts_anywhere_in_the_cycle():
    onset = {"up_days": 100.0, "begin_days": {"min": -120.0, "max": 0.0}}
    tape = tape_of({"h": outage(onset, 20.0)}, N, 1000.0)
    down, _ = time_down(tape, 1000.0)
    near(down, 1000 / 6, 8.0)
    near(np.isclose(down, 160.0), 0.5, 0.5)
    near(np.isclose(down, 180.0), 1 / 6, 0.37268)
    near(down <= 170.0, 2 / 3, 0.4714)
    assert tape.end_days.min() > 0.0


def test_v1_3_exponential_up_and_fixed_down():
    hazard = outage({"up_days": exponential(500.0)}, 90.0)
    down, _ = time_down(tape_of({"h": hazard}, N, 3650.0), 3650.0)
    near(down, 550.96237, 188.59)
    near(down <= 179, 0.0076746325, 0.087268)
    near(down <= 180 + 1e-6, 0.031005735, 0.17333)
    near(np.isclose(down, 360.0, atol=1e-6), 0.10840134, 0.31089)
    near(down <= 720 + 1e-6, 0.86135121, 0.34558)


def test_v1_4_gamma_up_and_down():
    hazard = outage(
        {"up_days": {"family": "gamma", "shape": 2.0, "mean": 600.0}},
        {"family": "gamma", "shape": 0.5, "mean": 80.0},
    )
    down, _ = time_down(tape_of({"h": hazard}, N, 3650.0), 3650.0)
    near(down, 401.38408, 247.37)
    near(down <= 30, 0.011123057, 0.10488)
    near(down <= 300, 0.39890887, 0.48967)
    near(down <= 1000, 0.9760801, 0.1528)


def test_outages_by_the_clock_never_overlap_themselves():
    hazard = outage(
        {"up_days": exponential(20.0)},
        exponential(20.0),
        profile={
            "easing_days": 5.0,
            "chronic": {"duration_days": exponential(3.0), "severity": 0.2},
        },
    )
    tape = tape_of({"h": hazard}, 50)
    for j in range(50):
        mine = slice(tape.shock_ptr[j], tape.shock_ptr[j + 1])
        assert (tape.onset_days[mine][1:] >= tape.end_days[mine][:-1]).all()


# --- tension ------------------------------------------------------------------------------------

TENSION = {"calm_days": 600.0, "tense_days": 200.0}
LINK = {"name": "t", "calm": 0.5, "tense": 4.0}


def tense_counts(start="stationary", days=2000.0):
    hazards = {h: outage({"rate_per_year": 2.0}, tension=LINK) for h in ("a", "b")}
    tape = tape_of(hazards, N, days, tensions={"t": {**TENSION, "start": start}})
    return counts(tape, 0), counts(tape, 1)


def test_tension_keeps_the_time_average_rate_and_clusters_shocks():
    a, b = tense_counts()
    per_day, share, back = 2.0 / YEAR, 0.25, 1 / 600 + 1 / 200
    mean = per_day * 2000 * (0.75 * 0.5 + 0.25 * 4.0)
    # Variance of the integral of the two-state rate, whose autocovariance falls as exp(-back t).
    spread = (per_day * 3.5) ** 2 * share * (1 - share)
    common = 2 * spread * (2000 / back - (1 - np.exp(-2000 * back)) / back**2)
    near(a, mean, np.sqrt(mean + common))
    assert a.var() == pytest.approx(mean + common, rel=0.05)
    assert a.var() / a.mean() > 2.0
    assert np.cov(a, b)[0, 1] == pytest.approx(common, rel=0.06)


@pytest.mark.parametrize(("start", "at_first"), [("calm", 0.0), ("tense", 1.0)])
def test_tension_starts_as_told_and_forgets_it(start, at_first):
    a, _ = tense_counts(start, 300.0)
    back = 1 / 600 + 1 / 200
    tense_time = 0.25 * 300 + (at_first - 0.25) * (1 - np.exp(-back * 300)) / back
    near(a, 2 / YEAR * (0.5 * 300 + 3.5 * tense_time), a.std())


def test_tension_that_multiplies_by_one_changes_no_onset():
    plain = tape_of({"a": outage({"rate_per_year": 2.0})}, 50)
    link = {"name": "t", "calm": 1.0, "tense": 1.0}
    linked = tape_of(
        {"a": outage({"rate_per_year": 2.0}, tension=link)}, 50, tensions={"t": TENSION}
    )
    assert np.allclose(plain.onset_days, linked.onset_days)


# --- common factors -----------------------------------------------------------------------------


def tied(factor="f", rho=0.6, draws=("severity",), **more):
    return outage(
        {"day": 10.0},
        exponential(30.0),
        {"min": 0.0, "max": 1.0},
        copula={"factor": factor, "correlation": rho, "draws": list(draws)},
        **more,
    )


def first_values(tape, n):
    """Return the severities and durations of two hazards that strike once each."""
    value = tape.point_value[tape.point_ptr[:-1]].reshape(n, 2)
    days = (tape.end_days - tape.onset_days).reshape(n, 2)
    return value, days


@pytest.mark.parametrize(("other", "rho"), [("f", 0.6), ("g", 0.0)])
def test_a_common_factor_ties_severities_and_leaves_each_law_as_it_is(other, rho):
    n = 10_000
    hazards = {"a": tied(), "b": tied(other)}
    severity, days = first_values(tape_of(hazards, n), n)
    # Spearman's rho of a Gaussian copula (Kruskal 1958).
    expected = 6 / np.pi * np.arcsin(rho / 2)
    assert stats.spearmanr(severity[:, 0], severity[:, 1])[0] == pytest.approx(expected, abs=0.04)
    assert abs(stats.spearmanr(days[:, 0], days[:, 1])[0]) < 0.04
    for column in severity.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-4


def test_correlations_of_two_hazards_with_a_factor_meet_in_the_middle():
    n = 10_000
    hazards = {"a": tied(rho=0.9, draws=["duration"]), "b": tied(rho=0.4, draws=["duration"])}
    severity, days = first_values(tape_of(hazards, n), n)
    expected = 6 / np.pi * np.arcsin(np.sqrt(0.9 * 0.4) / 2)
    assert stats.spearmanr(days[:, 0], days[:, 1])[0] == pytest.approx(expected, abs=0.04)
    assert abs(stats.spearmanr(severity[:, 0], severity[:, 1])[0]) < 0.04
    assert stats.kstest(days[:, 0], "expon", args=(0, 30.0)).pvalue > 1e-4


def test_a_factor_on_onset_ties_first_shocks_and_keeps_the_process_poisson():
    n, link = 10_000, {"factor": "f", "correlation": 0.7, "draws": ["onset"]}
    hazards = {h: outage({"rate_per_year": 3.0}, copula=link) for h in ("a", "b")}
    tape = tape_of(hazards, n, 3 * YEAR)
    near(counts(tape), 9.0, 3.0)
    assert counts(tape).var() == pytest.approx(9.0, rel=0.06)
    first = np.full((n, 2), np.inf)
    np.minimum.at(first, (replication_of_shock(tape), tape.shock_hazard), tape.onset_days)
    assert stats.kstest(first[:, 0], "expon", args=(0, YEAR / 3)).pvalue > 1e-4
    expected = 6 / np.pi * np.arcsin(0.35)
    assert stats.spearmanr(first[:, 0], first[:, 1])[0] == pytest.approx(expected, abs=0.04)


# --- triggers -----------------------------------------------------------------------------------


def test_a_trigger_follows_a_share_of_its_parents_shocks():
    hazards = {
        "p": outage({"rate_per_year": 4.0}, 8.0),
        "c": outage({"after": "p", "probability": 0.3, "delay_days": 15.0}),
    }
    tape = tape_of(hazards, 5000, 4 * YEAR)
    child, parent = counts(tape, 0).sum(), counts(tape, 1).sum()
    assert child / parent == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / parent))
    owner = replication_of_shock(tape)
    parents = set(
        zip(
            owner[tape.shock_hazard == 1].tolist(),
            (tape.onset_days[tape.shock_hazard == 1] + 15.0).tolist(),
            strict=True,
        )
    )
    children = set(
        zip(
            owner[tape.shock_hazard == 0].tolist(),
            tape.onset_days[tape.shock_hazard == 0].tolist(),
            strict=True,
        )
    )
    assert children <= parents


def test_a_trigger_from_the_end_waits_for_duration_chronic_phase_and_easing():
    profile = {"easing_days": 4.0, "chronic": {"duration_days": 30.0, "severity": 0.2}}
    hazards = {
        "p": outage({"day": 10.0}, 20.0, profile=profile),
        "c": outage({"after": "p", "at": "end", "delay_days": 1.0}),
    }
    assert tape_of(hazards).onset_days.tolist() == [10.0, 10.0 + 20.0 + 30.0 + 4.0 + 1.0]


def test_what_is_called_off_triggers_nothing():
    hazards = {
        "p": {**control(), "notice_days": 5.0, "called_off": 0.5},
        "c": outage({"after": "p"}),
    }
    tape = tape_of(hazards, 400)
    assert (
        counts(tape, 0)
        == 1 - np.bincount(replication_of_shock(tape)[tape.called_off], minlength=400)
    ).all()
    assert 120 < tape.called_off.sum() < 280


def test_copies_of_a_parent_trigger_copies_of_the_child_site_by_site():
    hazards = {
        "p": outage({"rate_per_year": 2.0}, site=None, each_site={"kind": "refiner"}),
        "c": outage({"after": "p"}, each_site={"kind": "refiner"}, site=None),
        "g": outage({"after": "c"}),
    }
    plan = plan_of(hazards)
    assert plan.hazard_names == (
        "c/refinery",
        "c/smelter",
        "g/refinery",
        "g/smelter",
        "p/refinery",
        "p/smelter",
    )
    tape = sample(plan, 1, np.arange(100))
    for place in range(2):
        assert (counts(tape, place) == counts(tape, place + 4)).all()
    assert (counts(tape, 4) != counts(tape, 5)).any()


# --- projects and parameters --------------------------------------------------------------------


def test_projects_start_late_or_never():
    tape = tape_of({}, 5000)
    by_name = dict(zip(sorted(network_data()["projects"]), tape.project_start_days, strict=True))
    assert (by_name["b_line"] == 100.0).all()
    start = by_name["new_pit"]
    near(np.isinf(start), 0.4, 0.49)
    built = start[np.isfinite(start)] - 181.0
    assert stats.kstest(built, "uniform", args=(0, 100)).pvalue > 1e-4


def test_a_parameter_is_drawn_once_or_for_each_site_and_kept_in_bounds():
    law = {"family": "normal", "mean": 0.5, "sd": 0.4}
    one = {"key": "rerouting", "distribution": law}
    plan = plan_of({}, parameters={"all": one, "each": {**one, "each": True}})
    tape = sample(plan, 1, np.arange(5000))
    assert plan.draw_names == (
        "all",
        "each/chn_cars",
        "each/deu_arms",
        "each/jpn_cars",
        "each/jpn_stock",
        "each/refinery",
        "each/smelter",
    )
    assert plan.draws.ptr.tolist() == [0, 10, 11, 12, 17, 18, 19, 20]
    assert tape.parameter.min() == 0.0
    assert tape.parameter.max() == 1.0
    free = tape.parameter[0][(tape.parameter[0] > 0) & (tape.parameter[0] < 1)]
    cut = stats.truncnorm(-1.25, 1.25, loc=0.5, scale=0.4)
    assert stats.kstest(free, cut.cdf).pvalue > 1e-4
    assert abs(np.corrcoef(tape.parameter)[0, 1]) < 0.06


@pytest.mark.parametrize(
    ("key", "n"),
    [
        ("capacity", 3),
        ("slack", 3),
        ("demand", 7),
        ("cover_days", 10),
        ("stock", 1),
        ("activation_days", 1),
        ("substitution_limit", 7),
    ],
)
def test_a_parameter_meets_all_that_has_it(key, n):
    plan = plan_of({}, parameters={"p": {"key": key, "distribution": {"min": 0.1, "max": 0.2}}})
    assert len(plan.draws.index) == n


def test_a_parameter_of_feeds_can_name_their_products():
    parameter = {"key": "perception_days", "feeds": ["ore"], "distribution": {"min": 1, "max": 2}}
    assert len(plan_of({}, parameters={"p": parameter}).draws.index) == 2
