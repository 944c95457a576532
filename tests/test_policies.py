"""Policies as files: on every network, together, by override, on the same shocks."""

from __future__ import annotations

import datetime as dt
import fnmatch
import itertools
from pathlib import Path

import numpy as np
import pytest
import yaml
from by_hand import feed, lane, mine, network, outage, refiner, reserve, run, user
from policy_case import START, act, after
from shipped import LIBRARY

from sim.api import Study, load
from sim.base.errors import UserError
from sim.cli import main
from sim.commands._identify import network_of
from sim.config.command_line import expand, settings_from
from sim.config.settings import change_settings, load_settings
from sim.run.audit import audit
from sim.shocks.tape import without_shocks

DATA = Path(__file__).parent / "data"
BAN = str(DATA / "tiny_ban.yaml")
POLICIES = list(LIBRARY.files("policy"))
NETWORKS = list(LIBRARY.files("network"))
NAMES = {"none", "us_japan_framework", "us_malaysia_thailand", "us_australia", "msp",
         "japan_reserve_180", "korea_reserve_100", "us_project_vault", "eu_crma", "allied_pool",
         "recycling_push", "substitution_push", "forge", "resource_eu", "g7_alliance",
         "eu_stockpile_pilot", "australia_reserve", "commitments_2026",
         "korea_reserve_build_up"}  # fmt: skip
FEW = np.arange(4, dtype=np.int64)
JOINT = {"all_minerals", "battery_cells", "minor_metals"}
EACH = [pytest.param(n, marks=pytest.mark.slow) if n in JOINT else n for n in NETWORKS]
TOGETHER = [pytest.param(n, marks=pytest.mark.slow) if n == "all_minerals" else n for n in NETWORKS]
"""Joint networks meet policies together in the quick tests, the largest in turn with its scenarios
(``test_scenarios.py``); apart, and the largest together, in the slow ones."""


def text_of(rules: dict, **more) -> str:
    return yaml.safe_dump({"title": "Mine", "rules": rules} | more, sort_keys=False)


def policy(folder: Path, name: str, rules: dict, **more) -> str:
    path = folder / f"{name}.yaml"
    path.write_text(text_of(rules, **more))
    return str(path)


HOLD = {"kind": "reserve", "goods": {"product": "metal"}, "regions": ["JPN"], "stock_days": 60,
        "trigger_days": 20, "activation_days": 7}  # fmt: skip


# --- the shipped policies -----------------------------------------------------------------------


def test_msp_is_forge_by_its_old_name():
    old, new = (LIBRARY.read("policy", name).data for name in ("msp", "forge"))
    assert old["rules"] == new["rules"] != {}
    assert "is now forge" in old["title"]


def test_a_policy_that_builds_on_another_is_checked_by_its_path_too(tmp_path, capsys):
    mine = tmp_path / "mine.yaml"
    mine.write_text("defaults: [forge]\ntitle: Mine\ndescription: Surer.\nrules: {}\n")
    assert main(["check", str(mine)]) == 0
    assert "right: policy" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("us_project_vault", "reserve"),
        ("eu_stockpile_pilot", "stock"),
        ("australia_reserve", "stock"),
    ],
)
def test_a_reserve_of_which_nothing_was_bought_holds_nothing_until_days_are_given(name, rule):
    announced = load_settings("packets_all", policy=name)
    filled = load_settings(
        "packets_all", policy=name, changes={f"policy.rules.{rule}.stock_days": 60}
    )
    calm = load_settings("packets_all").network.sites

    def new(settings):
        return set(settings.network.sites) - set(calm)

    assert new(announced) == set()
    assert any("nothing is held" in note for note in announced.notes)
    assert new(filled) and all(filled.network.sites[n].kind == "reserve" for n in new(filled))


def test_the_alliance_caps_the_largest_supplier_of_magnets_at_sixty_per_cent():
    settings = load_settings("background", policy="g7_alliance")
    made = [p for n, p in settings.network.projects.items() if n.startswith("g7_alliance")]
    assert made and all(p.start == dt.date(2028, 1, 1) for p in made)


def test_commitments_make_exactly_the_named_projects_surer():
    before = load_settings("packets_all").network.projects
    after = load_settings("packets_all", policy="commitments_2026").network.projects
    named = {"stibnite_mine", "wagerup_plant", "becancour_graphite_plant", "gramercy_plant",
             "stillwater_1"}  # fmt: skip
    assert {n for n in after if after[n] != before[n]} == named
    assert all(after[n].probability > before[n].probability for n in named)


def test_the_issue_s_policies_are_all_there():
    assert set(POLICIES) >= NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_number_of_a_policy_names_its_source_and_how_far_to_trust_it(name):
    data = LIBRARY.read("policy", name).data
    assert len(data["description"].split()) > 8
    with_dates = {"ramp_days", "delay_days"}  # told with the date from which they run
    for rule_name, rule in data["rules"].items():
        assert rule["confidence"] in ("high", "medium", "low")
        numbers = {k for k, v in rule.items() if isinstance(v, int | float)} | {"since", "by"}
        for key in numbers & set(rule) - with_dates:
            assert key in rule["sources"], f"{name}.{rule_name}.{key}"
        for told in rule["sources"].values():
            assert any(w in told for w in ("high", "medium", "low", "as the", "assumed")), told


@pytest.mark.parametrize("net", EACH)
@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_composes_validates_and_compiles_on_every_network(net, name):
    changed, _ = network_of(LIBRARY.read("network", net), LIBRARY.read("policy", name))
    before = LIBRARY.read("network", net).data["sites"]
    assert set(changed.sites) >= set(before)


@pytest.mark.parametrize("net", TOGETHER)
def test_all_policies_together_compile_on_every_network_in_any_order(net):
    some = [n for n in POLICIES if n != "none"]
    one, _ = network_of(LIBRARY.read("network", net), LIBRARY.read("policy", "+".join(some)))
    two, _ = network_of(LIBRARY.read("network", net), LIBRARY.read("policy", "+".join(some[::-1])))
    assert one == two


@pytest.mark.parametrize("name", sorted(NAMES - {"none"}))
def test_a_policy_runs_on_rare_earths_and_leaves_nobody_short_without_shocks(name):
    study = load("china_ree_controls_2025_10", policy=name)
    tape = study.tape(FEW)
    flow = study.flow(tape)
    assert np.isfinite(flow.shortfall).all() and (flow.shortfall >= 0).all()
    assert study.flow(without_shocks(tape)).shortfall.sum() == 0.0


def test_policies_load_in_a_scenario_that_starts_after_all_their_dates():
    study = load("background", {"scenario.start": "2035-01-01"}, policy=["eu_crma", "msp"])
    assert study.compiled.reference_out.min() >= 0


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(NAMES - {"none"}))
def test_both_engines_agree_on_every_policy(name):
    study = load("tense_decade", policy=name)
    tape = study.tape(np.array([3], dtype=np.int64))
    audit(study.play, tape, 1)


# --- the same bad luck --------------------------------------------------------------------------


def test_a_policy_that_touches_nothing_leaves_results_bit_equal(tmp_path):
    idle = policy(tmp_path, "idle", {"r": HOLD | {"goods": {"mineral": "cobalt"}}})
    plain, other = load(BAN), load(BAN, policy=idle)
    assert other.settings.network == plain.settings.network
    assert other.settings.notes == ["policy.rules.r: nobody here makes these goods"]
    stop = np.zeros(1, np.uint8)
    ours, theirs = plain.compute(FEW, stop), other.compute(FEW, stop)
    assert all(np.array_equal(ours[k], theirs[k], equal_nan=True) for k in ours)


def test_a_policy_changes_no_draw_of_anything_else():
    plain = load("tense_decade")
    helped = load("tense_decade", policy=["us_japan_framework", "allied_pool"])
    a, b = plain.tape(FEW), helped.tape(FEW)
    for name in ("shock_ptr", "onset_days", "end_days", "announce_days", "called_off"):
        assert np.array_equal(getattr(a, name), getattr(b, name)), name
    unchanged = load("tense_decade", policy="allied_pool").tape(FEW)
    assert np.array_equal(a.project_start_days, unchanged.project_start_days)


def test_what_a_rule_makes_has_the_same_name_alone_and_in_a_combination():
    alone = load_settings("background", policy="us_japan_framework").network.sites
    both = load_settings("background", policy=["msp", "us_japan_framework"]).network.sites
    made = {n for n in alone if n.startswith("us_japan_framework")}
    assert made and made == {n for n in both if n.startswith("us_japan_framework")}


# --- more reserve -------------------------------------------------------------------------------


def chain(days: float) -> dict:
    """Return two users with lanes of their own, and a reserve of so many days for the first."""
    return network(
        dig=mine(200),
        melt=refiner(200, "metal", {"ore": feed({"dig": lane()}, cover_days=5)}),
        first=user(100, {"metal": feed({"melt": lane()}, cover_days=10)}),
        second=user(100, {"metal": feed({"melt": lane()}, cover_days=10)}),
        keep=reserve(days * 100, {"first": None}, product="metal", trigger_days=8),
    )


@pytest.mark.parametrize("severity", [0.3, 0.6, 1.0])
def test_more_reserve_at_equal_trigger_never_adds_shortfall_to_those_served(severity):
    short = []
    for days in (0.0, 1.0, 5.0, 20.0, 60.0, 200.0):
        told = run(chain(days), [outage("dig", 30, 100, severity)], 160)
        short.append(told.short("first").sum())
    assert all(b <= a + 1e-9 for a, b in itertools.pairwise(short))
    assert short[-1] == 0.0 < short[0]


def test_more_reserve_by_rule_never_adds_shortfall_to_those_served(tmp_path):
    short = []
    for days in (20, 60, 180):
        held = policy(tmp_path, f"h{days}", {"r": HOLD | {"stock_days": days}})
        study = load(BAN, policy=held)
        x = study.compiled.labels.group.index("makers_japan")
        short.append(study.flow(study.tape(np.arange(32))).shortfall[:, x].sum(axis=0))
    assert all((b <= a + 1e-9).all() for a, b in itertools.pairwise(short))
    assert short[-1].sum() < short[0].sum()


# --- together -----------------------------------------------------------------------------------


def test_policies_combine_on_the_command_line_in_a_file_and_in_python(tmp_path):
    names = ["japan_reserve_180", "msp"]
    ours = load_settings("background", policy=names)
    assert ours == settings_from(["scenario=background", "policy=[japan_reserve_180,msp]"])
    assert ours == settings_from(["scenario=background", "policy=japan_reserve_180+msp"])
    mine = tmp_path / "both.yaml"
    mine.write_text("defaults: [background]\ntitle: Both\npolicy: [japan_reserve_180, msp]\n")
    assert load_settings(mine).network == ours.network
    assert ours.policy.name == ours.scenario.policy == "japan_reserve_180+msp"
    assert ours.output.dir == "results/background-japan_reserve_180+msp"
    assert set(ours.policy.rules) == {"japan_reserve_180-reserve", "msp-upstream", "msp-midstream"}


def test_none_in_a_combination_and_a_name_twice_add_nothing():
    one = load_settings("background", policy="msp")
    assert load_settings("background", policy=["none", "msp", "msp"]) == one
    assert load_settings("background", policy=[]) == load_settings("background", policy="none")


def test_the_order_of_policies_changes_nothing_but_the_name():
    names = ("us_japan_framework", "allied_pool", "eu_crma")
    networks = [load_settings("background", policy=list(order)).network
                for order in (names, names[::-1], (names[1], names[0], names[2]))]  # fmt: skip
    assert networks[0] == networks[1] == networks[2]


def test_a_sweep_takes_combinations_among_single_policies():
    points = expand([f"scenario={BAN}", "policy=none,msp,[msp,allied_pool]"])
    assert [p.composed.settings.policy.name for p in points] == ["none", "msp", "msp+allied_pool"]
    assert [p.varied["policy"] for p in points] == ["none", "msp", "msp+allied_pool"]
    from sim.commands.sweep import names_of

    assert names_of([p.varied for p in points]) == ["none", "msp", "msp+allied_pool"]


@pytest.mark.parametrize("which", ["china_ree_*", pytest.param("*", marks=pytest.mark.slow)])
def test_scenarios_compose_with_and_without_the_framework_in_one_sweep(which):
    points = expand([f"scenario=glob({which})", "policy=none,us_japan_framework"])
    assert len(points) == 2 * len(fnmatch.filter(LIBRARY.files("scenario"), which)) > 4


def test_two_policies_that_set_one_key_differently_are_refused(tmp_path):
    a = policy(tmp_path, "a", {}, changes={"sites": {"pit": {"capacity": 1300}}})
    b = policy(tmp_path, "b", {}, changes={"sites": {"pit": {"capacity": 1400}}})
    with pytest.raises(UserError, match=r"b\.yaml:6  changes\.sites\.pit\.capacity: 1300 and 1400"):
        load_settings(BAN, policy=[a, b])
    same = policy(tmp_path, "c", {}, changes={"sites": {"pit": {"capacity": 1300, "slack": 0.1}}})
    pit = load_settings(BAN, policy=[a, same]).network.sites["pit"]
    assert (pit.capacity, pit.slack) == (1300, 0.1)


def test_rules_see_what_another_policys_changes_have_made(tmp_path):
    a = policy(tmp_path, "a", {"r": HOLD})
    b = policy(tmp_path, "b", {}, changes={"sites": {"old": {
        "kind": "reserve", "product": "metal", "country": "JPN", "stock_days": 50,
        "serves": {"makers_japan": None}}}})  # fmt: skip
    for both in ([a, b], [b, a]):
        sites = load_settings(BAN, policy=both).network.sites
        assert sites["a_r_metal_jpn"].stock_days == pytest.approx(10)


# --- by override --------------------------------------------------------------------------------


def test_a_number_of_a_rule_can_be_overridden_on_both_routes():
    key = "policy.rules.reserve.stock_days"
    ours = load_settings("background", policy="japan_reserve_180", changes={key: 150})
    assert ours == settings_from(
        ["scenario=background", "policy=japan_reserve_180", f"{key}=150"])  # fmt: skip
    made = ours.network.sites["japan_reserve_180_reserve_ndpr_metal_jpn"]
    assert made.stock_days == pytest.approx(90)  # JOGMEC's 60 days count
    without = settings_from(
        ["scenario=background", "policy=japan_reserve_180", "~policy.rules.reserve"])  # fmt: skip
    assert without.network == load_settings("background").network


def test_rules_see_changes_of_the_network_and_what_they_make_can_be_changed(tmp_path):
    held = policy(tmp_path, "h", {"r": HOLD})
    ours = load_settings(BAN, policy=held, changes={"network.sites.makers_japan.demand": 200})
    assert ours.network.sites["h_r_metal_jpn"].max_rate == 200
    key = "network.sites.h_r_metal_jpn.stock_days"
    assert load_settings(BAN, policy=held, changes={key: 5}).network.sites[
        "h_r_metal_jpn"].stock_days == 5  # fmt: skip


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("policy.rules.reserve.stock_days=-3", "command line  policy.rules.reserve.stock_days: -3"),
        ("policy.rules.reserve.stock_dys=3", "did you mean 'stock_days'"),
        ("policy.rules.reserve.regions=[JAPAN]", "command line  policy.rules.reserve.regions"),
        ("policy.rules.reserv.stock_days=3", "command line  policy.rules.reserv"),
        ("policy.rules.reserve.kind=stock", "must be one of"),
        ("policy=[msp,nope]", "no such policy"),
        ("policy=[1,2]", "must be a name"),
    ],
)
def test_a_wrong_override_of_a_rule_is_told_with_its_place(override, words):
    base = [] if override.startswith("policy=") else ["policy=japan_reserve_180"]
    with pytest.raises(UserError) as error:
        settings_from(["scenario=background", *base, override])
    assert words in str(error.value)
    assert "command line" in str(error.value)
    assert len(error.value.faults) == 1


def test_a_mistake_in_a_file_is_told_with_its_line(tmp_path):
    bad = policy(tmp_path, "bad", {"r": HOLD | {"regions": ["JAPAN"]}})
    with pytest.raises(UserError, match=r"bad\.yaml:7  policy\.rules\.r\.regions: JAPAN"):
        load_settings(BAN, policy=bad)
    both = policy(tmp_path, "worse", {"r": HOLD | {"stock_days": -1}})
    with pytest.raises(UserError, match=r"worse\.yaml:\d+  policy\.rules\.worse-r\.stock_days"):
        load_settings(BAN, policy=[both, "msp"])


def test_what_a_rule_makes_wrong_is_blamed_on_the_rule(tmp_path):
    clash = {"kind": "reserve", "product": "metal", "country": "JPN", "stock": 5,
             "serves": {"makers_japan": None}}  # fmt: skip
    bad = policy(tmp_path, "bad", {"r": HOLD | {"counts": "nothing"}},
                 changes={"sites": {"bad_r_metal_jpn": clash}})  # fmt: skip
    with pytest.raises(UserError, match=r"bad\.yaml:\d+  network\.sites\.bad_r_metal_jpn\.stock"):
        load_settings(BAN, policy=bad)


def test_rules_cannot_change_once_they_are_worked_in():
    settings = load_settings("background", policy="japan_reserve_180")
    with pytest.raises(UserError, match="when loading"):
        change_settings(settings, {"policy.rules.reserve.stock_days": 3})
    with pytest.raises(UserError, match="when loading"):
        change_settings(settings, {"scenario.start": "2027-01-01"})
    assert change_settings(settings, {"run.seed": 3}).network == settings.network


def test_a_stored_run_with_a_policy_can_be_read_back():
    from sim.config.settings import Settings

    settings = load_settings("background", policy=["us_japan_framework", "msp"])
    stored = Study(settings).dump()
    assert Settings.model_validate(stored) == settings


def test_the_same_rule_acts_alike_by_file_and_by_hand():
    made = after(act(kind="cover", at_least_days=31)).sites["makers_jpn"]
    assert made.feeds["metal"].cover_days == 31
    assert START.year == 2026
