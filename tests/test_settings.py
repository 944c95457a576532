"""Settings: files, policies, changes and overrides end in one validated whole, by two routes."""

import datetime as dt
from pathlib import Path

import pytest

from sim.base.errors import UserError
from sim.config.command_line import expand, settings_from
from sim.config.hydra.completion import mend_argparse
from sim.config.library import Library, merge
from sim.config.settings import Settings, change_settings, load_settings

DATA = Path(__file__).parent / "data"
BAN = str(DATA / "tiny_ban.yaml")
STOCK = str(DATA / "tiny_stock.yaml")
SHIPPED = sorted(Library().files("scenario"))


def told(error: pytest.ExceptionInfo[UserError]) -> str:
    return str(error.value)


SOME = ["background", "china_ree_controls_2025_10", "outlook_2050"]


@pytest.mark.parametrize(
    "name", [n if n in SOME else pytest.param(n, marks=pytest.mark.slow) for n in SHIPPED]
)
def test_both_routes_give_equal_settings_for_every_shipped_scenario(name):
    assert load_settings(name) == settings_from([f"scenario={name}"])


@pytest.mark.parametrize(
    ("overrides", "kwargs"),
    [
        ([], {}),
        ([f"policy={STOCK}"], {"policy": STOCK}),
        (["run.seed=7"], {"changes": {"run.seed": 7}}),
        (
            ["scenario.hazards.ban.severity={median: 0.3, p90: 0.6}"],
            {"changes": {"scenario.hazards.ban.severity": {"median": 0.3, "p90": 0.6}}},
        ),
        (["scenario.hazards.ban.severity.alpha=3"],
         {"changes": {"scenario.hazards.ban.severity.alpha": 3}}),
        (["scenario.start=2027-03-01"], {"changes": {"scenario.start": dt.date(2027, 3, 1)}}),
        ([f"policy={STOCK}", "policy.changes.sites.reserve_japan.stock=50"],
         {"policy": STOCK, "changes": {"policy.changes.sites.reserve_japan.stock": 50}}),
        (["network.sites.works.slack=0.1", "network.sites.works.priority=[home,JPN]"],
         {"changes": {"network.sites.works": {"slack": 0.1, "priority": ["home", "JPN"]}}}),
    ],
)  # fmt: skip
def test_both_routes_give_equal_settings(overrides, kwargs):
    composed = settings_from([f"scenario={BAN}", *overrides])
    assert composed == load_settings(BAN, **kwargs)
    assert not overrides or composed != load_settings(BAN)


def test_policy_lies_over_network_and_a_change_over_both():
    plain = load_settings(BAN)
    assert "reserve_japan" not in plain.network.sites
    held = load_settings(BAN, policy=STOCK)
    assert held.network.sites["reserve_japan"].stock == 40
    key = "network.sites.reserve_japan.stock"
    assert (
        load_settings(BAN, policy=STOCK, changes={key: 5}).network.sites["reserve_japan"].stock == 5
    )


def test_a_change_of_the_policy_acts_on_the_network():
    key = "policy.changes.sites.reserve_japan.stock"
    settings = load_settings(BAN, policy=STOCK, changes={key: 50})
    assert settings.network.sites["reserve_japan"].stock == 50
    assert settings.policy.changes["sites"]["reserve_japan"]["stock"] == 50
    again = change_settings(settings, {key: 60})
    assert again.network.sites["reserve_japan"].stock == 60


def test_names_and_results_folder_come_from_the_files():
    settings = load_settings(BAN, policy=STOCK)
    assert (settings.scenario.name, settings.scenario.network) == ("tiny_ban", "tiny")
    assert settings.policy.name == settings.scenario.policy == "tiny_stock"
    assert settings.output.dir == "results/tiny_ban-tiny_stock"
    assert load_settings(BAN).output.dir == "results/tiny_ban"


def test_changing_settings_keeps_the_rest_and_survives_a_round_trip():
    settings = load_settings(BAN, policy=STOCK)
    assert change_settings(settings, {}) == settings
    other = change_settings(settings, {"run.replications": 5})
    assert other.run.replications == 5
    assert other.scenario == settings.scenario
    stored = settings.model_dump(mode="json", exclude_none=True)
    assert Settings.model_validate(stored) == settings


def test_a_whole_distribution_replaces_the_one_below_it():
    below = {"family": "beta", "alpha": 2, "beta": 2}
    assert merge(below, {"median": 30, "p90": 90}) == {"median": 30, "p90": 90}
    assert merge(below, {"alpha": 3}) == {"family": "beta", "alpha": 3, "beta": 2}
    assert merge({"a": {"x": 1}, "b": [1]}, {"a": {"y": 2}, "b": [2]}) == {
        "a": {"x": 1, "y": 2}, "b": [2]}  # fmt: skip


def test_a_scenario_builds_on_another_of_its_group(tmp_path):
    child = tmp_path / "longer.yaml"
    child.write_text("defaults: [china_ree_embargo]\ntitle: Longer\nhorizon_days: 2002\n")
    longer, parent = load_settings(child), load_settings("china_ree_embargo")
    assert longer.scenario.horizon_days == 2002
    assert longer.scenario.hazards == parent.scenario.hazards
    assert longer == settings_from([f"scenario={child}"])


def test_own_folder_comes_before_the_shipped_files(tmp_path):
    (tmp_path / "scenario").mkdir()
    (tmp_path / "network").mkdir()
    text = Path(BAN).read_text().replace("./tiny.yaml", "tiny")
    (tmp_path / "scenario" / "background.yaml").write_text(text)
    (tmp_path / "network" / "tiny.yaml").write_text((DATA / "tiny.yaml").read_text())
    mine = settings_from(["scenario=background"], [tmp_path])
    assert mine.scenario.title == "A ban on metal, for tests"
    assert mine == load_settings("background", folders=[tmp_path])
    assert load_settings("background").scenario.title != mine.scenario.title


def test_a_file_cannot_replace_the_list_of_groups(tmp_path):
    (tmp_path / "config.yaml").write_text("defaults: []\nhydra: {run: {dir: pwned}}\n")
    assert settings_from([f"scenario={BAN}"], [tmp_path]) == load_settings(BAN)


@pytest.mark.parametrize(
    ("override", "place", "words"),
    [
        ("run.replications=0", "command line", "must be 1 or more"),
        ("scenario.hazards.ban.severty=1", "command line", "did you mean 'severity'?"),
        ("network.sites.makers_jappan.demand=3", "command line", "did you mean 'makers_japan'?"),
        ("network.sites.pit.country=NO", "command line", "ISO 3166"),
        ("run.sed=1", "command line", "did you mean 'seed'?"),
        ("rum.seed=1", "command line", "did you mean 'run'?"),
        ("policies=none", "command line", "did you mean 'policy'?"),
        ("policy=nome", "command line", "did you mean 'none'?"),
        ("~scenario.hazards.bam", "command line", "did you mean 'ban'?"),
        ("hydra.run.dir=x", "command line", "no effect"),
        ("+hydra/launcher=joblib", "command line", "no effect"),
        ("scenario@hydra=background", "command line", "not used here"),
        ("run.seed=${oc.env:HOME}", "command line", "not allowed"),
        ("run.seed", "command line", "is not key=value"),
        ("run.seed=1,2", "command line", "shortfall sweep"),
        ("scenario=null", "command line", "must be a name"),
        ("scenario.start=2027-02-30", "command line", "must be a date"),
    ],
)
def test_a_wrong_override_is_told_with_its_place(override, place, words):
    with pytest.raises(UserError) as error:
        settings_from([f"scenario={BAN}", override])
    assert len(error.value.faults) == 1
    assert told(error).startswith(place)
    assert words in told(error)


def test_an_override_is_blamed_before_the_file_that_it_overrides():
    with pytest.raises(UserError, match=r"^command line  scenario\.horizon_days"):
        settings_from([f"scenario={BAN}", "scenario.horizon_days=0"])


def test_a_policys_mistake_is_told_with_the_policys_line(tmp_path):
    policy = tmp_path / "bad.yaml"
    policy.write_text("title: Bad\nchanges:\n  sites:\n    pit:\n      capacity: -1\n")
    with pytest.raises(UserError, match=r"bad\.yaml:5  network\.sites\.pit\.capacity: -1"):
        load_settings(BAN, policy=policy)


def test_a_policy_for_a_misspelt_site_names_the_nearest(tmp_path):
    policy = tmp_path / "bad.yaml"
    policy.write_text("title: Bad\nchanges:\n  sites:\n    pitt:\n      capacity: 1\n")
    with pytest.raises(UserError, match=r"bad\.yaml:4  network\.sites\.pitt: .*'pit'") as error:
        load_settings(BAN, policy=policy)
    assert len(error.value.faults) == 1


def test_a_hazard_can_be_left_out():
    assert not settings_from([f"scenario={BAN}", "~scenario.hazards.ban"]).scenario.hazards


def test_a_sweep_is_the_product_of_its_axes():
    points = expand([f"scenario={BAN}", f"policy=none,{STOCK}", "run.seed=range(1,4)"])
    got = [(p.composed.settings.policy.name, p.composed.settings.run.seed) for p in points]
    assert got == [(p, s) for p in ("none", "tiny_stock") for s in (1, 2, 3)]
    assert points[0].varied == {"policy": "none", "run.seed": "1"}


def test_a_sweep_takes_names_by_pattern():
    points = expand(["scenario=glob(china_*)"])
    names = [p.composed.settings.scenario.name for p in points]
    assert names == [n for n in SHIPPED if n.startswith("china_")]
    assert len(names) >= 3
    with pytest.raises(UserError, match="matches no name"):
        expand(["scenario=glob(nothing_*)"])


def test_a_sweep_tells_the_mistakes_of_all_its_points():
    with pytest.raises(UserError) as error:
        expand([f"scenario={BAN}", "run.seed=1,-2", "scenario.horizon_days=0,364"])
    assert len(error.value.faults) == 2
    assert "run.seed: -2" in told(error)
    assert "scenario.horizon_days: 0" in told(error)


def test_composing_leaves_a_callers_hydra_alone():
    from hydra import initialize
    from hydra.core.global_hydra import GlobalHydra

    with initialize(config_path=None, version_base="1.3"):
        before = GlobalHydra.instance().hydra
        settings_from([f"scenario={BAN}"])
        assert GlobalHydra.instance().hydra is before
    assert not GlobalHydra.instance().is_initialized()


def test_python_3_14_may_check_lazy_help(monkeypatch):
    import argparse
    import sys

    def strict(self, action):
        if action.help is not None and "%" in action.help:
            raise ValueError("badly formed help string")

    monkeypatch.setattr(argparse.ArgumentParser, "_check_help", strict, raising=False)
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    mend_argparse()
    parser = argparse.ArgumentParser()
    lazy = argparse.Action(["-x"], "x", help=object())  # type: ignore[arg-type]
    parser._check_help(lazy)  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="badly formed"):
        parser._check_help(argparse.Action(["-y"], "y", help="50%"))  # type: ignore[attr-defined]
