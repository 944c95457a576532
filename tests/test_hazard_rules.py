"""What hazards do to a chain: controls, profiles, selectors, and every mistake in writing them."""

from __future__ import annotations

import numpy as np
import pytest
from sampler_case import START, control, network_data, outage, plan_of, rows, small, tape_of

from sim.base.errors import UserError
from sim.network.compile import compile_network
from sim.network.load import read_network
from sim.shocks.hazard import Hazard
from sim.shocks.sampler import compile_hazards, sample

# --- who is meant -------------------------------------------------------------------------------


def sites_hit(**selector):
    plan = plan_of(
        {
            "h": outage({"day": 1.0}, site=None)
            | {"effects": {"x": {"kind": "outage", "sites": selector}}}
        }
    )
    labels = small()[1].labels
    return [labels.site[i] for i in plan.targets.index]


def users_hit(**selector):
    effect = {"kind": "demand", "sites": selector, "severity": 0.1}
    plan = plan_of({"h": outage({"day": 1.0}) | {"effects": {"x": effect}}})
    labels = small()[1].labels
    return sorted({labels.site_parent[i] for i in plan.targets.index})


def lanes_hit(**effect):
    plan = plan_of({"h": control(**effect)})
    chain, labels = small()[1].chain, small()[1].labels
    return sorted(
        {
            (
                labels.site_parent[chain.supplier[l]],
                labels.site_parent[chain.feed_site[chain.lane_feed[l]]],
            )
            for l in plan.targets.index
        }
    )


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ({}, ["mine", "refinery", "smelter"]),
        ({"country": "CHN"}, ["mine", "refinery"]),
        ({"country": ["CHN", "DEU"], "kind": "refiner"}, ["refinery", "smelter"]),
        ({"region": "EU"}, ["smelter"]),
        ({"region": "allies"}, ["smelter"]),
        ({"product": "metal"}, ["refinery", "smelter"]),
        ({"tag": "pit"}, ["mine"]),
        ({"site": ["mine", "smelter"]}, ["mine", "smelter"]),
    ],
)
def test_an_outage_meets_the_producers_that_match_every_key(selector, names):
    assert sites_hit(**selector) == names


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ({}, ["chn_cars", "deu_arms", "jpn_cars"]),
        ({"region": "allies"}, ["deu_arms", "jpn_cars"]),
        ({"sector": "defence"}, ["deu_arms"]),
        ({"country": "JPN"}, ["jpn_cars"]),
    ],
)
def test_a_demand_shock_meets_end_users_alone(selector, names):
    assert users_hit(**selector) == names


def test_a_site_name_means_all_of_its_cohorts():
    plan = plan_of(
        {
            "h": outage({"day": 1.0})
            | {"effects": {"x": {"kind": "demand", "sites": {"site": "jpn_cars"}, "severity": 0.1}}}
        }
    )
    assert len(plan.targets.index) == 5
    assert (np.diff(plan.targets.index) > 0).all()


@pytest.mark.parametrize(
    ("effect", "lanes"),
    [
        ({}, [("refinery", "deu_arms"), ("refinery", "jpn_cars")]),
        (
            {"to": {}},
            [("refinery", "chn_cars"), ("refinery", "deu_arms"), ("refinery", "jpn_cars")],
        ),
        ({"to": {"region": "allies"}}, [("refinery", "deu_arms"), ("refinery", "jpn_cars")]),
        ({"to": {"country": "JPN"}}, [("refinery", "jpn_cars")]),
        ({"exempt": {"sector": "defence"}}, [("refinery", "jpn_cars")]),
        (
            {"origin": {"country": "CHN"}},
            [("mine", "smelter"), ("refinery", "deu_arms"), ("refinery", "jpn_cars")],
        ),
    ],
)
def test_a_control_meets_the_lanes_from_origin_to_buyers_that_are_not_exempt(effect, lanes):
    assert lanes_hit(**effect) == lanes


def test_each_site_makes_one_copy_a_site_and_its_outages_act_there_alone():
    hazard = outage({"rate_per_year": 5.0}, site=None, each_site={"kind": ["mine", "refiner"]})
    hazard["effects"]["fear"] = {"kind": "demand", "sites": {}, "severity": 0.1}
    plan = plan_of({"h": hazard})
    assert plan.hazard_names == ("h/mine", "h/refinery", "h/smelter")
    assert set(plan.hazard_of) == {"h"}
    labels = small()[1].labels
    for e, name in enumerate(plan.effect_names):
        hit = plan.targets.index[plan.targets.ptr[e] : plan.targets.ptr[e + 1]]
        if name.endswith("stop"):
            assert [labels.site_parent[i] for i in hit] == [name.split("/")[1]]
        else:
            assert len(hit) == 7
    tape = sample(plan, 1, np.arange(3))
    onsets = [set(tape.onset_days[tape.shock_hazard == h]) for h in range(3)]
    assert not onsets[0] & onsets[1]


def each_site_hits(tagged, **each):
    """Return copy -> sites that its outage strikes, where the `tagged` sites share a host."""
    data = network_data()
    for name in tagged:
        data["sites"][name]["tags"] = ["old", "host:works"]
    network = read_network(data)
    compiled = compile_network(network, start=START, n_period=52, step_days=7)
    hazard = Hazard.model_validate(outage({"rate_per_year": 5.0}, site=None, each_site=each))
    plan = compile_hazards(
        {"h": hazard}, {}, {}, compiled, network, start=START, horizon_days=364, step_days=7
    )
    struck = np.split(plan.targets.index, plan.targets.ptr[1:-1])
    return {
        name: sorted(compiled.labels.site_parent[i] for i in hit)
        for name, hit in zip(plan.hazard_names, struck, strict=True)
    }


def test_sites_of_one_host_share_a_copy_of_an_each_site_hazard():
    assert each_site_hits(["refinery", "smelter"], kind=["mine", "refiner"]) == {
        "h/host:works": ["refinery", "smelter"],
        "h/mine": ["mine"],
    }


def test_each_site_strikes_only_the_chosen_sites_of_a_host():
    assert each_site_hits(["mine", "smelter"], kind="mine") == {"h/host:works": ["mine"]}


# --- what it does -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "level"),
    [
        ({}, 1.0),
        ({"severity": 0.7}, 0.7),
        ({"severity": 0.5, "leakage": 0.2}, 0.4),
        ({"type": "quota", "quota": 0.3}, 0.7),
        ({"type": "quota", "quota": 0.0, "leakage": 0.1}, 0.9),
        ({"type": "tariff", "tariff": 1.0, "elasticity": -1.0}, 0.5),
        ({"type": "tariff", "tariff": 0.25}, round(1 - 1.25**-0.5, 9)),
        ({"type": "licensing", "severity": 0.6}, 0.6),
    ],
)
def test_a_control_bars_the_share_that_its_legal_form_says(effect, level):
    assert rows(tape_of({"h": control(**effect)})) == [
        ("lane_cap", [(50.0, level), (150.0, level)])
    ]


def test_a_ban_takes_the_severity_of_its_hazard_if_that_has_one():
    assert rows(tape_of({"h": control() | {"severity": 0.4}}))[0][1][0][1] == 0.4


def test_licensing_adds_processing_days_that_ease_with_the_severity():
    hazard = control(type="licensing", severity=0.8, processing_days=45.0, leakage=0.5)
    hazard["profile"] = {
        "ramp_in_days": 10.0,
        "easing_days": 20.0,
        "chronic": {"duration_days": 40.0, "severity": 0.2},
    }
    assert rows(tape_of({"h": hazard})) == [
        (
            "lane_cap",
            [(50.0, 0.0), (60.0, 0.4), (150.0, 0.4), (150.0, 0.1), (190.0, 0.1), (210.0, 0.0)],
        ),
        (
            "extra_days",
            [
                (50.0, 0.0),
                (60.0, 45.0),
                (150.0, 45.0),
                (150.0, 11.25),
                (190.0, 11.25),
                (210.0, 0.0),
            ],
        ),
    ]


def test_licensing_without_a_barred_share_only_delays():
    hazard = control(type="licensing", processing_days=45.0)
    assert rows(tape_of({"h": hazard})) == [("extra_days", [(50.0, 45.0), (150.0, 45.0)])]


def test_a_route_can_hold_and_can_lengthen():
    effect = {"kind": "route", "routes": ["strait"], "extra_transit_days": 12.0}
    for severity, kinds in ((None, ["extra_days"]), (0.5, ["extra_days", "hold"])):
        hazard = {
            "onset": {"day": 5.0},
            "duration_days": 10.0,
            "effects": {"r": effect | ({} if severity is None else {"severity": severity})},
        }
        assert sorted(kind for kind, _ in rows(tape_of({"h": hazard}))) == kinds


def test_a_demand_shock_changes_demand_and_never_to_less_than_nothing():
    effect = {
        "kind": "demand",
        "sites": {},
        "severity": {"family": "normal", "mean": -0.5, "sd": 0.28},
    }
    hazard = outage({"day": 5.0}) | {"effects": {"d": effect}}
    tape = tape_of({"h": hazard}, 500)
    assert set(tape.row_kind) == {4}
    assert tape.point_value.min() == -0.999999
    assert tape.point_value.max() > 0.0


def test_severities_are_kept_between_none_and_all():
    law = {"family": "normal", "mean": 0.5, "sd": 1.0}
    tape = tape_of({"h": outage({"day": 5.0}, severity=law)}, 500)
    assert tape.point_value.min() > 0.0  # a row of zeros is left out
    assert tape.point_value.max() == 1.0
    assert 0 < len(tape.row_kind) < len(tape.onset_days) == 500


@pytest.mark.parametrize(
    ("profile", "points"),
    [
        ({}, [(5.0, 1.0), (25.0, 1.0)]),
        ({"ramp_in_days": 20.0}, [(5.0, 0.0), (25.0, 1.0)]),
        ({"ramp_in_days": 40.0}, [(5.0, 0.0), (25.0, 0.5)]),
        ({"easing_days": 10.0}, [(5.0, 1.0), (25.0, 1.0), (35.0, 0.0)]),
        ({"ramp_in_days": 80.0, "easing_days": 10.0}, [(5.0, 0.0), (25.0, 0.25), (35.0, 0.0)]),
        (
            {"chronic": {"duration_days": 8.0, "severity": 0.4}, "relax_days": 4.0},
            [(5.0, 1.0), (25.0, 1.0), (29.0, 0.4), (33.0, 0.4)],
        ),
        (
            {"chronic": {"duration_days": 8.0, "severity": 0.4}, "relax_days": 16.0},
            [(5.0, 1.0), (25.0, 1.0), (33.0, 0.7)],
        ),
        ({"chronic": {"duration_days": 0.0, "severity": 0.4}}, [(5.0, 1.0), (25.0, 1.0)]),
    ],
)
def test_a_profile_ramps_holds_relaxes_and_eases(profile, points):
    tape = tape_of({"h": outage({"day": 5.0}, 20.0, profile=profile)})
    assert rows(tape) == [("availability", points)]
    assert tape.end_days[0] == pytest.approx(points[-1][0])


def test_a_table_is_followed_point_by_point_times_the_severity():
    table = [["2025-01-11", 0.0], ["2025-01-21", 1.0], [30, 1.0], [30, 0.5], [40, 0.0]]
    hazard = outage({"date": "2025-01-11"}, None, 0.5, profile={"table": table})
    assert rows(tape_of({"h": hazard})) == [
        ("availability", [(10.0, 0.0), (20.0, 0.5), (40.0, 0.5), (40.0, 0.25), (50.0, 0.0)])
    ]


def test_an_effect_with_a_probability_is_part_of_that_share_of_shocks():
    hazard = outage({"day": 5.0})
    hazard["effects"]["stop"]["probability"] = 0.3
    tape = tape_of({"h": hazard}, 2000)
    assert len(tape.onset_days) == 2000
    assert len(tape.row_kind) / 2000 == pytest.approx(0.3, abs=0.041)


# --- when it is known ---------------------------------------------------------------------------


def test_an_announced_control_is_known_from_notice_to_onset():
    tape = tape_of({"h": control(day=50.0) | {"notice_days": 30.0}})
    assert tape.announce_days[0] == 20.0
    assert rows(tape) == [
        ("lane_cap", [(50.0, 1.0), (150.0, 1.0)]),
        ("announced", [(20.0, 1.0), (50.0, 1.0)]),
    ]


def test_a_control_that_is_called_off_was_announced_and_nothing_more():
    tape = tape_of({"h": control(day=50.0) | {"notice_days": 30.0, "called_off": 1.0}})
    assert tape.called_off[0]
    assert tape.end_days[0] == 50.0
    assert rows(tape) == [("announced", [(20.0, 1.0), (50.0, 1.0)])]


def test_calling_off_happens_as_often_as_told_and_moves_nothing_else():
    sure = tape_of({"h": control(days={"min": 1.0, "max": 90.0}) | {"notice_days": 30.0}}, 2000)
    maybe = tape_of(
        {"h": control(days={"min": 1.0, "max": 90.0}) | {"notice_days": 30.0, "called_off": 0.25}},
        2000,
    )
    assert maybe.called_off.mean() == pytest.approx(0.25, abs=0.039)
    kept = ~maybe.called_off
    assert (sure.end_days[kept] == maybe.end_days[kept]).all()


def test_what_takes_effect_after_the_horizon_counts_if_it_is_announced_before():
    for day, n in ((110.0, 1), (129.0, 1), (131.0, 0)):
        hazard = control(day=day) | {"notice_days": 30.0}
        assert len(tape_of({"h": hazard}, horizon=100.0).onset_days) == n


def test_announcements_of_a_poisson_process_reach_the_horizon_at_the_full_rate():
    hazard = control() | {"onset": {"rate_per_year": 20.0}, "notice_days": {"min": 50, "max": 150}}
    tape = tape_of({"h": hazard}, 2000, horizon=365.0)
    late = ((tape.announce_days >= 315.0) & (tape.announce_days < 365.0)).sum() / 2000
    assert late == pytest.approx(20 * 50 / 365, abs=4 * np.sqrt(20 * 50 / 365 / 2000))
    assert tape.announce_days.max() < 365.0


def test_what_ended_before_day_0_is_left_out():
    assert len(tape_of({"h": outage({"day": -20.0}, 15.0)}).onset_days) == 0
    assert len(tape_of({"h": outage({"day": -20.0}, 25.0)}).onset_days) == 1


def test_a_date_can_come_late_or_not_at_all():
    onset = {"date": "2025-02-01", "delay_days": {"min": 0.0, "max": 10.0}, "probability": 0.5}
    tape = tape_of({"h": outage(onset)}, 2000)
    assert len(tape.onset_days) / 2000 == pytest.approx(0.5, abs=0.045)
    assert tape.onset_days.min() >= 31.0
    assert tape.onset_days.max() <= 41.0
    assert tape.onset_days.mean() == pytest.approx(36.0, abs=0.4)


def test_shocks_stand_by_onset_then_hazard_and_rows_by_shock_effect_and_kind():
    names = ("b", "a", "c")
    hazards = {
        n: control(type="licensing", severity=0.5, processing_days=9.0) | {"notice_days": 5.0}
        for n in names
    }
    hazards["z"] = control(day=3.0)
    tape = tape_of(hazards)
    assert tape.shock_hazard.tolist() == [3, 0, 1, 2]
    assert tape.row_shock.tolist() == [0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert tape.row_kind.tolist() == [1] + [1, 2, 5] * 3


# --- mistakes -----------------------------------------------------------------------------------


def faults(hazards, **more):
    with pytest.raises(UserError) as caught:
        plan_of(hazards, **more)
    return [str(f) for f in caught.value.faults]


def but(hazard, **changes):
    return {"h": {**hazard, **changes}}


DATED = outage({"day": 5.0})
LAW = "scenario.hazards.h.effects.law"


@pytest.mark.parametrize(
    ("hazards", "key", "says"),
    [
        (but(DATED, onset={"after": "hh"}), "h.onset.after", "did you mean 'h'"),
        (but(DATED, onset={"after": "h"}), "h.onset.after", "circle"),
        (but(DATED, onset={"rate_per_year": -1.0}), "h.onset.rate_per_year", "0 or more"),
        (but(DATED, onset={"rate_per_year": []}), "h.onset.rate_per_year", "at least one"),
        (
            but(DATED, onset={"rate_per_year": [[5, 1.0], [5, 2.0]]}),
            "h.onset.rate_per_year",
            "ascend",
        ),
        (
            but(DATED, onset={"rate_per_year": 1.0, "probability": 0.5}),
            "h.onset.probability",
            "belongs to",
        ),
        (
            but(DATED, onset={"rate_per_year": 1.0, "delay_days": 5.0}),
            "h.onset.delay_days",
            "belongs to",
        ),
        (but(DATED, onset={"day": 5.0, "begin_days": -5.0}), "h.onset.begin_days", "up_days"),
        (but(DATED, onset={"day": 5.0, "at": "end"}), "h.onset.at", "after"),
        (but(DATED, onset={"up_days": 0.0}), "h.onset.up_days", "or more"),
        (but(DATED, duration_days=-5.0), "h.duration_days: -5", "must be 0 or more"),
        (
            but(DATED, duration_days={"min": -9.0, "max": 1.0}),
            "h.duration_days: a median of -4",
            "must be 0 or more",
        ),
        (but(DATED, notice_days=-1.0), "h.notice_days", "must be 0 or more"),
        (but(DATED, severity=60.0), "h.severity: 60", "not percent"),
        (but(DATED, severity=None), "h.effects.stop.severity", "give it here"),
        (but(DATED, tension={"name": "t"}), "h.tension", "rate_per_year"),
        (
            but(DATED, onset={"rate_per_year": 1.0}, tension={"name": "t"}),
            "h.tension.name",
            "no such tension",
        ),
        (but(DATED, duration_days=None, profile={"table": [[0, 1.0]]}), "h.profile.table", "two"),
        (
            but(DATED, duration_days=None, profile={"table": [[5, 1.0], [4, 1.0]]}),
            "h.profile.table",
            "ascend",
        ),
        (
            but(DATED, duration_days=None, profile={"table": [[-5, 1.0], [4, 1.0]]}),
            "h.profile.table",
            "before the onset",
        ),
        (
            but(
                DATED,
                onset={"rate_per_year": 1.0},
                duration_days=None,
                profile={"table": [["2025-01-01", 1.0], ["2025-02-01", 1.0]]},
            ),
            "h.profile.table",
            "dates need",
        ),
        (
            but(
                DATED,
                duration_days=None,
                profile={"table": [[0, 1.0], [4, 1.0]], "easing_days": 3.0},
            ),
            "h.profile.easing_days",
            "not together",
        ),
        ({"a/b": DATED}, "a/b", "'/'"),
        (but(DATED, each_site={"kind": "smeltery"}), "h.each_site.kind", "no kind of that name"),
        (but(DATED, each_site={"kind": "end_user"}), "h.each_site", "mine or refiner"),
        (
            {"h": outage({"day": 5.0}, site="refinary")},
            "stop.sites.site: refinary",
            "did you mean 'refinery'",
        ),
        ({"h": outage({"day": 5.0}, site="jpn_cars")}, "stop.sites", "mine or refiner"),
        (
            {"h": control(origin={"country": "CHN", "product": "metall"})},
            f"{LAW}.origin.product: metall",
            "did you mean 'metal'",
        ),
        (
            {"h": control(origin={"country": "DEU", "product": "ore"})},
            f"{LAW}.origin.country",
            "leaves no site",
        ),
        ({"h": control(origin={"kind": "end_user"})}, f"{LAW}.origin", "leaves no lane"),
        ({"h": control(to={"kind": "mine"})}, f"{LAW}.to", "leaves no lane"),
        ({"h": control(exempt={})}, f"{LAW}.exempt", "leaves no lane"),
        ({"h": control(to={"region": "alies"})}, f"{LAW}.to.region", "did you mean 'allies'"),
        ({"h": control(type="quota")}, f"{LAW}.quota", "needs it"),
        ({"h": control(type="tariff")}, f"{LAW}.tariff", "needs it"),
        ({"h": control(quota=0.5)}, f"{LAW}.quota", "belongs to type: quota"),
        ({"h": control(tariff=0.5)}, f"{LAW}.tariff", "belongs to type: tariff"),
        ({"h": control(processing_days=9.0)}, f"{LAW}.processing_days", "licensing"),
        ({"h": control(type="quota", quota=0.5, severity=0.5)}, f"{LAW}.severity", "leave it out"),
        ({"h": control(leakage=5.0)}, f"{LAW}.leakage", "between 0 and 1"),
        (
            but(DATED, effects={"r": {"kind": "route", "routes": ["straight"]}}),
            "effects.r.routes",
            "did you mean 'strait'",
        ),
        (
            but(DATED, effects={"r": {"kind": "route", "routes": []}}),
            "effects.r.routes",
            "at least",
        ),
        (
            but(
                DATED, effects={"d": {"kind": "demand", "sites": {"kind": "mine"}, "severity": 0.1}}
            ),
            "effects.d.sites",
            "end user",
        ),
    ],
)
def test_a_mistake_is_told_once_with_its_key_and_what_to_do(hazards, key, says):
    found = faults(hazards)
    assert len(found) == 1, found
    assert key in found[0]
    assert says in found[0]


def test_all_mistakes_are_told_at_once():
    hazards = {
        "a": outage({"after": "bb"}),
        "b": control(type="tariff"),
        "c": outage({"rate_per_year": -2.0}),
    }
    found = faults(hazards)
    assert any("a.onset.after" in f and "'b'" in f for f in found)
    assert any("b.effects.law.tariff" in f for f in found)


def test_a_circle_of_triggers_is_told_once_with_its_way_round():
    hazards = {
        "a": outage({"after": "c"}),
        "b": outage({"after": "a"}),
        "c": outage({"after": "b"}),
        "d": outage({"after": "a"}),
    }
    found = faults(hazards)
    assert len(found) == 1
    assert "a -> c -> b -> a" in found[0]


@pytest.mark.parametrize(
    ("parameter", "key", "says"),
    [
        ({"key": "demand", "sites": {"kind": "mine"}}, "p.sites", "end user"),
        ({"key": "stock", "sites": {"kind": "mine"}}, "p.sites", "matches nothing that has stock"),
        ({"key": "demand", "feeds": ["ore"]}, "p.feeds", "leave feeds out"),
        ({"key": "cover_days", "feeds": ["orre"]}, "p.feeds", "did you mean 'ore'"),
        ({"key": "demand", "distribution": {"min": -3.0, "max": 1.0}}, "p.distribution", "or more"),
        (
            {"key": "rerouting", "distribution": {"min": 30.0, "max": 90.0}},
            "p.distribution",
            "not percent",
        ),
        (
            {"key": "demand", "sites": {"site": "jpn_car"}},
            "p.sites.site",
            "did you mean 'jpn_cars'",
        ),
    ],
)
def test_a_mistake_in_a_parameter_is_told(parameter, key, says):
    found = faults({}, parameters={"p": {"distribution": {"min": 0.5, "max": 1.0}, **parameter}})
    assert any(f"scenario.parameters.{key}" in f and says in f for f in found), found


def test_a_process_that_never_ends_is_refused_by_name():
    with pytest.raises(UserError, match=r"hazards\.h\.onset.*must be 20,000 or less"):
        tape_of({"h": outage({"rate_per_year": 1e9})})
