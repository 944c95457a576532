"""Every shipped scenario: loads, names its sources, runs, and is quiet without shocks."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import numpy as np
import pytest
from shipped import LIBRARY, SCENARIOS, study_of

from sim.api import Study, load
from sim.base.paths import data_dir
from sim.run.audit import audit
from sim.shocks.tape import without_shocks

NUMBERS = np.arange(12, dtype=np.int64)
MORE = np.arange(64, dtype=np.int64)


@pytest.fixture(scope="module", params=SCENARIOS)
def study(request: pytest.FixtureRequest) -> Study:
    return study_of(request.param)


def test_the_scenarios_that_were_asked_for_are_all_there() -> None:
    asked = """background china_ree_licensing_2025 china_ree_controls_2025_10 china_ree_embargo
    japan_dual_use_2026 myanmar_kachin tense_decade china_gallium_germanium_2023
    china_ga_ge_sb_us_ban_2024 china_graphite_licensing china_tungsten_2025
    china_battery_controls_2025_10 china_refining_controls drc_cobalt_quota drc_conflict
    indonesia_nickel_ban indonesia_nickel_quota_2026 zimbabwe_lithium_ban_2026 chile_lithium
    malacca_closure red_sea_diversion hormuz_2026 yunnan_power australia_cyclone demand_surge
    eu_isolated packets_all pandemic china_y_sc_sm_licensing_2025 china_entity_lists_2026
    china_jianxiawo_2025"""
    assert set(asked.split()) <= set(SCENARIOS)


def test_every_hazard_names_sources_and_confidence(study: Study) -> None:
    for name, hazard in study.settings.scenario.hazards.items():
        assert hazard.sources, name
        assert hazard.confidence in ("high", "medium", "low"), name
        assert hazard.title, name
        told = " ".join(hazard.sources.values())
        assert "high" in told or "medium" in told or "low" in told, f"{name}: no confidence told"
    for name, parameter in study.settings.scenario.parameters.items():
        assert parameter.source, name


def test_it_tells_a_story(study: Study) -> None:
    scenario = study.settings.scenario
    assert len(scenario.story.split()) > 25
    assert scenario.title


def test_it_says_up_to_which_day_its_facts_reach(study: Study) -> None:
    as_of = study.settings.scenario.as_of
    assert as_of is not None, "a shipped scenario needs as_of"
    assert dt.date(2024, 1, 1) < as_of <= dt.date(2026, 12, 1)


def test_without_shocks_nobody_runs_short_unless_demand_grows(study: Study) -> None:
    tape = study.tape(NUMBERS)
    flow = study.flow(without_shocks(tape))
    if study.settings.demand.paths:  # growth may leave a gap, told apart as structural
        assert (flow.shortfall[: 52 // study.settings.scenario.step_days] == 0.0).all()
        return
    assert flow.shortfall.sum() == 0.0
    assert flow.released.sum() == 0.0


def test_its_shocks_hit_somebody_or_nobody_but_never_more_than_all(study: Study) -> None:
    flow = study.flow(study.tape(NUMBERS))
    assert np.isfinite(flow.shortfall).all()
    assert (flow.shortfall >= 0).all()
    assert (flow.shortfall <= flow.want * (1 + 1e-12)).all()


def test_a_story_whose_answer_is_nobody_is_right(study: Study) -> None:
    if "The answer is nobody" in " ".join(study.settings.scenario.story.split()):
        assert study.flow(study.tape(MORE)).shortfall.sum() == 0.0


def test_some_stories_have_that_answer() -> None:
    stories = (LIBRARY.read("scenario", name).data.get("story", "") for name in SCENARIOS)
    assert sum("The answer is nobody" in " ".join(story.split()) for story in stories) >= 4


def runs_under(name: str, policy: str) -> None:
    """Assert that a policy composes, validates and runs on a scenario."""
    study = study_of(name, policy=policy)
    flow = study.flow(study.tape(NUMBERS[:1]))
    assert study.settings.policy.name == policy
    assert np.isfinite(flow.shortfall).all(), policy
    assert (flow.shortfall <= flow.want * (1 + 1e-12)).all(), policy


def network_named(name: str) -> str:
    return str(LIBRARY.read("scenario", name).data.get("network", "rare_earths"))


OF_MOST = ("all_minerals", "rare_earths")
"""Networks of most scenarios."""


def policies_in_turn() -> list[tuple[str, str]]:
    """Return the next policies for each scenario of a network: two, or as many as all take."""
    policies = list(LIBRARY.files("policy"))
    turn = itertools.cycle(policies)
    found = []
    for network in sorted({network_named(name) for name in SCENARIOS}):
        scenarios = [name for name in sorted(SCENARIOS) if network_named(name) == network]
        each = max(2, -(-len(policies) // len(scenarios))) if network in OF_MOST else 2
        found += [(name, next(turn)) for name in scenarios for _ in range(each)]
    return found


@pytest.mark.parametrize(("name", "policy"), policies_in_turn())
def test_policies_in_turn_compose_validate_and_run_on_every_scenario(
    name: str, policy: str
) -> None:
    runs_under(name, policy)


def test_in_turn_every_policy_meets_the_networks_with_most_scenarios() -> None:
    for network in OF_MOST:
        met = {policy for name, policy in policies_in_turn() if network_named(name) == network}
        assert met == set(LIBRARY.files("policy")), network


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_policy_composes_validates_and_runs_on_every_scenario(name: str) -> None:
    for policy in LIBRARY.files("policy"):
        runs_under(name, policy)


@pytest.mark.parametrize("name", ["china_ree_controls_2025_10"])
def test_both_engines_agree_on_the_real_network(name: str) -> None:
    study = load(name)
    tape = study.tape(np.array([3], dtype=np.int64))
    audit(study.play, tape, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_both_engines_agree_on_every_scenario(name: str) -> None:
    study = load(name)
    for number in (0, 7, 123_456):
        tape = study.tape(np.array([number], dtype=np.int64))
        audit(study.play, tape, 1)


def test_no_shipped_file_holds_code_or_addresses_of_a_machine() -> None:
    for root in (data_dir("scenarios"), data_dir("configs")):
        for path in Path(root).rglob("*.yaml"):
            text = path.read_text(encoding="utf-8")
            assert "_target_" not in text, path
            assert "!!python" not in text, path
