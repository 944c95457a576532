"""Licences that go to firms: each applicant waits for itself (docs/chance.md, Approval)."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from sampler_case import START, control, network_data, outage, small

from sim.api import load
from sim.base.errors import UserError
from sim.cli import main
from sim.network.arrays import CompiledNetwork
from sim.network.load import read_network
from sim.run.assumed import values_of
from sim.run.idle import certainly_idle, idle_hazards
from sim.shocks.firms import compile_with_firms
from sim.shocks.hazard import Hazard
from sim.shocks.sampler import CompiledHazards, compile_hazards, sample
from sim.shocks.tape import ANNOUNCED, LANE_CAP, Tape
from sim.sweep.design import Row
from sim.sweep.points import Points

ONSET, LENGTH = 50.0, 400.0
WAIT = {"median": 60.0, "sigma": 0.8}


def licences(effect: dict[str, Any] | None = None, **approval: Any) -> dict[str, Any]:
    """Return licences on metal out of CHN from day 50 on, for 400 days."""
    given = {"days": WAIT, **approval}
    return control(LENGTH, ONSET, type="licensing", approval=given, **(effect or {}))


def compiled_for(hazards: dict[str, Any]) -> tuple[CompiledHazards, CompiledNetwork]:
    network = read_network(network_data())
    rules = {k: Hazard.model_validate(v) for k, v in hazards.items()}
    compiled = compile_with_firms(network, rules, start=START, n_period=52, step_days=7)
    plan = compile_hazards(rules, {}, {}, compiled, network, start=START, horizon_days=500.0)
    return plan, compiled


def plan_of(hazard: dict[str, Any]) -> CompiledHazards:
    return compiled_for({"h": hazard})[0]


def barred(plan: CompiledHazards, tape: Tape, buyer: str, day: float) -> np.ndarray:
    """Return what is barred of a buyer's lanes on a day, 0 to 1: (replication, its parts)."""
    parts = [e for e, n in enumerate(plan.effect_names) if n.split("/")[-1].split("#")[0] == buyer]
    out = np.zeros((len(tape.replication), len(parts)))
    owner = np.repeat(np.arange(len(tape.replication)), np.diff(tape.row_ptr))
    for q in range(len(tape.row_kind)):
        if tape.row_effect[q] in parts:
            at = slice(tape.point_ptr[q], tape.point_ptr[q + 1])
            value = np.interp(day, tape.point_day[at], tape.point_value[at], 0.0, 0.0)
            out[owner[q], parts.index(tape.row_effect[q])] = value
    return out


def waited(day: float, median: float = 60.0, sigma: float = 0.8) -> float:
    """Return the chance that a lognormal wait is over."""
    from scipy.stats import norm

    return float(norm.cdf(np.log(day / median) / sigma))


def assert_mean(found: np.ndarray, expected: float) -> None:
    """Hold the mean of independent numbers against theory: four standard errors."""
    error = found.std() / np.sqrt(found.size)
    assert abs(found.mean() - expected) < 4 * error + 1e-12, (found.mean(), expected, error)


# --- the laws -----------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [20.0, 60.0, 150.0, 350.0])
def test_the_aggregate_comes_back_by_the_law_of_days_unevenly_by_destination(after):
    share = {"family": "beta", "alpha": 2.0, "beta": 1.0}  # mean 2/3
    by = {"EU": {"days": {"median": 20.0, "sigma": 0.3}, "share": share}, "JPN": {"refused": 0.25}}
    plan = plan_of(licences({"leakage": 0.1}, by=by))
    tape = sample(plan, 3, np.arange(4000))
    japan = barred(plan, tape, "jpn_cars", ONSET + after)
    europe = barred(plan, tape, "deu_arms", ONSET + after)
    assert (japan.shape[1], europe.shape[1]) == (5, 10)  # cohorts of a cover law; firms
    assert_mean(japan.ravel(), 0.9 * (1 - 0.75 * waited(after)))
    assert_mean(europe.ravel(), 0.9 * (1 - 2 / 3 * waited(after, 20.0, 0.3)))


def test_who_is_refused_asks_again_at_most_seven_times():
    plan = plan_of(licences(days=10.0, refused=0.6, reapply_days=20.0, firms=1))
    tape = sample(plan, 5, np.arange(6000))
    for n in range(1, 9):
        day = ONSET + 10 * n + 20 * (n - 1) + 1
        assert_mean(barred(plan, tape, "deu_arms", day).ravel(), 0.6 ** min(n, 7))


def test_who_is_refused_for_good_waits_to_the_end_of_the_control():
    plan = plan_of(licences(days=10.0, refused=0.3, firms=1))
    tape = sample(plan, 5, np.arange(4000))
    for day in (ONSET + 11, ONSET + LENGTH - 1):
        assert_mean(barred(plan, tape, "deu_arms", day).ravel(), 0.3)
    assert not barred(plan, tape, "deu_arms", ONSET + LENGTH + 1).any()


def test_leakage_passes_before_a_licence_and_beside_its_share():
    plan = plan_of(licences({"leakage": 0.2}, days=30.0, share=0.5, firms=1))
    tape = sample(plan, 1, np.arange(1))
    first, later = (barred(plan, tape, "deu_arms", ONSET + day)[0, 0] for day in (29, 31))
    assert first == 0.8  # the lane lets the leakage through
    assert 1 - later == pytest.approx(0.2 + 0.8 * 0.5, abs=1e-15)


def test_a_site_that_stays_one_is_barred_by_the_mean_of_its_applicants():
    hazard = licences(firms=8)
    hazard["effects"]["law"]["origin"] = {"product": "ore"}
    hazard["effects"]["law"]["to"] = {"site": "smelter"}
    plan, compiled = compiled_for({"h": hazard})
    assert "smelter" in compiled.labels.site  # no cohorts
    found = barred(plan, sample(plan, 9, np.arange(4000)), "smelter", ONSET + 60.0)[:, 0]
    assert set(np.round(found * 8, 9)) <= set(range(9))  # steps of an eighth
    assert_mean(found, 0.5)
    assert np.isclose(found.var(), 0.25 / 8, rtol=0.1)  # eight coins, not one


def test_a_common_mood_spreads_the_aggregate_and_leaves_each_firms_law():
    tie = {"factor": "mood", "correlation": 0.5, "draws": ["approval"]}
    for hazard, spread in ((licences(), 0.25 / 10), ({**licences(), "copula": tie}, None)):
        plan = plan_of(hazard)
        found = barred(plan, sample(plan, 4, np.arange(3000)), "deu_arms", ONSET + 60.0)
        assert_mean(found.mean(axis=1), 0.5)
        expected = spread or 0.25 / 10 + 0.9 * np.arcsin(0.5) / (2 * np.pi)  # of two normals > 0
        assert np.isclose(found.mean(axis=1).var(), expected, rtol=0.1)


def test_ramps_and_easing_are_cut_by_each_step():
    hazard = licences(days=30.0, share=0.5, firms=1)
    hazard |= {"duration_days": 50.0, "profile": {"ramp_in_days": 40.0, "easing_days": 100.0}}
    plan = plan_of(hazard)
    tape = sample(plan, 1, np.arange(1))
    (q,) = [q for q in range(len(tape.row_kind))
            if plan.effect_names[tape.row_effect[q]].endswith("deu_arms")]  # fmt: skip
    at = slice(tape.point_ptr[q], tape.point_ptr[q + 1])
    points = list(zip(tape.point_day[at].tolist(), tape.point_value[at].tolist(), strict=True))
    assert points == [(50, 0), (80, 0.75), (80, 0.375), (90, 0.5), (100, 0.5), (200, 0)]


def test_a_licence_that_came_before_day_0_leaves_no_row():
    plan = plan_of({**licences(days=20.0), "onset": {"day": -100.0}})
    assert sample(plan, 1, np.arange(3)).row_kind.size == 0
    plan = plan_of({**licences(days=120.0), "onset": {"day": -100.0}})
    assert (sample(plan, 1, np.arange(3)).row_kind == LANE_CAP).sum() == 3 * (10 + 5)


def test_only_the_announcement_is_the_controls_own():
    hazard = {**licences(), "notice_days": 20.0, "called_off": 1.0}
    tape = sample(plan_of(hazard), 1, np.arange(2))
    assert tape.row_kind.tolist() == [ANNOUNCED] * 2
    hazard["called_off"] = 0.0
    plan = plan_of(hazard)
    tape = sample(plan, 1, np.arange(1))
    announced = tape.row_effect[tape.row_kind == ANNOUNCED]
    assert [plan.effect_names[e] for e in announced] == ["h/law"]
    assert not (tape.row_kind == 2).any()  # no extra transit: waiting is the delay


# --- who applies --------------------------------------------------------------------------------


def test_end_users_without_cohorts_are_split_into_the_firms_that_apply():
    data = network_data()
    data["sites"]["deu_arms"]["firms"] = 3
    network = read_network(data)
    rules = {"h": Hazard.model_validate(licences(firms=7))}
    compiled = compile_with_firms(network, rules, start=START, n_period=52, step_days=7)
    parents = compiled.labels.site_parent
    counted = {name: parents.count(name) for name in ("deu_arms", "jpn_cars", "chn_cars")}
    assert counted == {"deu_arms": 3, "jpn_cars": 5, "chn_cars": 1}  # its own, by cover, not met
    users = [i for i, p in enumerate(parents) if p == "deu_arms"]
    assert compiled.chain.demand[users].sum() == pytest.approx(100 * 7 / 365, rel=1e-15)


def test_without_approvals_a_network_is_compiled_as_ever():
    network, compiled = small()
    rules = {"h": Hazard.model_validate(control())}
    again = compile_with_firms(network, rules, start=START, n_period=52, step_days=7)
    for a, b in zip(compiled.chain, again.chain, strict=True):
        np.testing.assert_array_equal(a, b)
    assert again.labels.site == compiled.labels.site


# --- the same whatever is beside it -------------------------------------------------------------


def days_of(plan: CompiledHazards, tape: Tape, part: str) -> list[float]:
    effect = plan.effect_names.index(part)
    at = [tape.point_ptr[q + 1] - 1 for q in np.flatnonzero(tape.row_effect == effect)]
    return tape.point_day[at].tolist()


def test_a_replication_is_the_same_alone_in_any_set_and_in_any_order():
    plan = plan_of(licences({"leakage": {"min": 0.0, "max": 0.3}}, refused=0.2, reapply_days=30.0))
    whole = sample(plan, 8, np.arange(40))
    for numbers in ([17], [39, 17, 2]):
        part = sample(plan, 8, np.array(numbers))
        for j, r in enumerate(numbers):
            mine, its = (slice(t.row_ptr[k], t.row_ptr[k + 1]) for t, k in ((whole, r), (part, j)))
            assert whole.row_effect[mine].tolist() == part.row_effect[its].tolist()
            a = slice(whole.point_ptr[mine.start], whole.point_ptr[mine.stop])
            b = slice(part.point_ptr[its.start], part.point_ptr[its.stop])
            assert whole.point_day[a].tobytes() == part.point_day[b].tobytes()
            assert whole.point_value[a].tobytes() == part.point_value[b].tobytes()


def test_an_applicants_day_depends_neither_on_how_many_apply_nor_on_other_destinations():
    replications = np.arange(30)
    found = []
    for hazard in (
        licences(firms=4),
        licences(firms=9),
        licences(firms=4, by={"JPN": {"days": 5.0}}),
        {**licences(firms=4), "effects": {
            **licences(firms=4)["effects"],
            "another": {"kind": "control", "type": "ban", "origin": {"product": "ore"}, "to": {}},
        }},
    ):  # fmt: skip
        plan = plan_of(hazard)
        tape = sample(plan, 2, replications)
        found.append(days_of(plan, tape, "h/law/deu_arms#3"))
    assert len(found[0]) == 30 and all(days == found[0] for days in found)


def test_approvals_move_no_draw_of_anything_else():
    fire = outage({"rate_per_year": 3.0}, {"median": 20.0, "p90": 60.0}, {"min": 0.2, "max": 1.0})
    alone, beside = ({"fire": fire}, {"fire": fire, "a_law": licences()})
    tapes = [sample(compiled_for(h)[0], 6, np.arange(20)) for h in (alone, beside)]
    plans = [compiled_for(h)[0] for h in (alone, beside)]
    onsets = [
        t.onset_days[t.shock_hazard == p.hazard_names.index("fire")].tolist()
        for t, p in zip(tapes, plans, strict=True)
    ]
    assert onsets[0] == onsets[1]


# --- mistakes -----------------------------------------------------------------------------------

LAW = "scenario.hazards.h.effects.law"


def changed(hazard: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {**copy.deepcopy(hazard), **keys}


@pytest.mark.parametrize(
    ("hazard", "key", "says"),
    [
        (control(approval={"days": 9.0}), f"{LAW}.approval", "belongs to type: licensing"),
        (licences({"processing_days": 45.0}), f"{LAW}.processing_days: 45", "waiting"),
        (licences({"severity": 0.5}), f"{LAW}.severity: 0.5", "not together with approval"),
        (changed(licences(), severity=0.5), "hazards.h.severity", "no effect reads it"),
        (
            changed(licences(), profile={"chronic": {"duration_days": 9.0, "severity": 0.1}}),
            "h.profile.chronic",
            "whole length",
        ),
        (licences(share=60.0), f"{LAW}.approval.share: 60", "not percent"),
        (licences(share={"min": 0.5, "max": 1.2}), f"{LAW}.approval.share", "in every draw"),
        (licences(days=-4.0), f"{LAW}.approval.days: -4", "must be 0 or more"),
        (
            licences(days={"family": "normal", "mean": 60.0, "sd": 15.0}),
            f"{LAW}.approval.days: a law from -7",
            "in every draw",
        ),
        (licences(by={"EUU": {"refused": 0.1}}), f"{LAW}.approval.by.EUU", "did you mean 'EU'"),
        (licences(by={"CHN": {"refused": 0.1}}), f"{LAW}.approval.by.CHN", "reaches no buyer"),
        (
            licences(by={"JPN": {}, "DEU": {}, "allies": {}}),
            f"{LAW}.approval.by.allies",
            "reaches no buyer there that another",
        ),
        (
            licences(by={"JPN": {"share": {"min": -0.2, "max": 1.0}}}),
            f"{LAW}.approval.by.JPN.share",
            "in every draw",
        ),
        (licences(reapply_days=30.0), f"{LAW}.approval.reapply_days", "nobody is refused"),
        (
            changed(outage({"day": 5.0}), copula={"factor": "f", "correlation": 0.5,
                                                  "draws": ["approval"]}),
            "h.copula.draws",
            "no effect here has an approval",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_once_with_its_key_and_what_to_do(hazard, key, says):
    with pytest.raises(UserError) as caught:
        plan_of(hazard)
    found = [str(f) for f in caught.value.faults]
    assert len(found) == 1, found
    assert key in found[0] and says in found[0]


def test_a_buyer_in_two_blocs_is_asked_about():
    data = network_data()
    data["blocs"]["quad"] = ["JPN", "USA"]
    network = read_network(data)
    hazard = Hazard.model_validate(licences(by={"allies": {"refused": 0.1}, "quad": {}}))
    compiled = compile_with_firms(network, {"h": hazard}, start=START, n_period=52, step_days=7)
    with pytest.raises(UserError, match="holds jpn_cars, as allies does: which one counts"):
        compile_hazards({"h": hazard}, {}, {}, compiled, network, start=START, horizon_days=99.0)


# --- from a file to what is told ----------------------------------------------------------------

NET = {
    "title": "Own network",
    "products": {"ore": {"title": "Ore", "stage": "mining"}, "good": {"title": "Good"}},
    "sites": {
        "pit": {"kind": "mine", "product": "ore", "country": "CHN", "capacity": 3650},
        "users": {
            "kind": "end_user",
            "product": "good",
            "country": "JPN",
            "sector": "motors",
            "demand": 365,
            "feeds": {
                "ore": {
                    "cover_days": 0,
                    "adjustment_days": 0,
                    "lanes": {"pit": {"share": 1, "transit_days": 7}},
                }
            },
        },
    },
}


def written(folder: Path, **approval: Any) -> Path:
    law = {
        "onset": {"day": 70},
        "duration_days": 210,
        "effects": {
            "law": {
                "kind": "control",
                "type": "licensing",
                "origin": {"country": "CHN"},
                "approval": {"days": {"values": [35, 63, 400]}, "firms": 4, **approval},
            }
        },
    }
    whole = {"title": "Licences", "network": "./net.yaml", "start": "2026-01-01",
             "horizon_days": 364, "hazards": {"law": law}}  # fmt: skip
    (folder / "net.yaml").write_text(yaml.safe_dump(NET), encoding="utf-8")
    path = folder / "sc.yaml"
    path.write_text(yaml.safe_dump(whole), encoding="utf-8")
    return path


def test_each_firm_misses_what_it_waits_for_and_the_unlucky_one_stops_though_the_others_run(
    tmp_path,
):
    study = load(written(tmp_path))
    tape = study.tape(np.arange(60))
    record = study.flow(tape, engine="simpy")
    compiled = study.flow(tape)
    owner = np.repeat(np.arange(60), np.diff(tape.row_ptr))
    days = np.zeros(60)  # all firms' days of waiting: the first point is the onset
    np.add.at(days, owner, tape.point_day[tape.point_ptr[1:] - 1] - 70.0)
    assert len(np.unique(days)) > 8
    for flow in (record, compiled):
        assert flow.shortfall.sum(axis=(0, 1)) == pytest.approx(days / 4, abs=1e-9)
    assert record.shortfall.tobytes() == compiled.shortfall.tobytes()


def test_the_mistakes_of_a_file_are_told_with_line_and_code_2(tmp_path, capsys, monkeypatch):
    path = written(tmp_path, by={"KOR": {"days": 20}})
    monkeypatch.chdir(tmp_path)
    assert main(["check", str(path)]) == 2
    said = capsys.readouterr().err
    line = 1 + path.read_text().splitlines().index("          by:")
    assert "approval.by.KOR" in said and f"sc.yaml:{line + 1}" in said
    assert main(["check", str(written(tmp_path, firms=0))]) == 2
    assert "approval.firms" in capsys.readouterr().err


def test_words_tell_who_gets_what_and_when():
    by = {"KOR": {"days": 20.0, "refused": 0.0}, "USA": {"share": 0.5}}
    hazard = licences(days={"median": 60.0, "p90": 200.0}, refused=0.1, reapply_days=45.0, by=by)
    assert values_of(Hazard.model_validate(hazard)) == (
        "length 400 days; law: licences firm by firm, after lognormal: median 60, p90 200, "
        "in days, 10 % of requests refused, asked again after 45 days (South Korea: after 20 days, "
        "United States: after lognormal: median 60, p90 200, in days, "
        "10 % of requests refused, asked again after 45 days, for a share of 0.5)"
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [({"days": 0}, "every firm has its licence at once"), ({"days": 0, "share": 0.9}, None)],
)
def test_licences_that_all_have_at_once_never_act(tmp_path, change, says):
    study = load(written(tmp_path, **change))
    certain, seen = certainly_idle(study), idle_hazards(study, 100)
    if says is None:
        assert not certain and not seen
    else:
        assert says in certain[0] and says in seen[0]


def test_a_design_that_changes_the_firms_compiles_the_network_anew(tmp_path):
    study = load(written(tmp_path))
    points = Points(lambda choices: study)
    key = "scenario.hazards.law.effects.law.approval.firms"
    for n in (4, 9, 4):
        row = Row(n, str(n), {key: n}, "design.csv:2")
        assert points.study(row).compiled.labels.site_parent.count("users") == n
