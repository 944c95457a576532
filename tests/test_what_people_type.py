"""What people type: it works, or the message says what would."""

import datetime as dt
from pathlib import Path

import pytest
import yaml

from sim.base.errors import UserError
from sim.cli import main
from sim.config.command_line import compose, expand
from sim.config.library import Library
from sim.config.settings import load_settings
from sim.network.load import read_network
from sim.run.case import Study
from sim.run.plan import plan_of

NET = """\
title: Own network
products: {ore: {title: Ore, stage: mining, value_usd_per_t: 100}, good: {title: Good, stage: use}}
sites:
  pit: {kind: mine, product: ore, country: CHN, capacity: 365}
  users: {kind: end_user, product: good, country: JPN, sector: motors, demand: 365,
          feeds: {ore: {cover_days: 0, adjustment_days: 0,
                        lanes: {pit: {share: 1, transit_days: 7}}}}}
"""
SC = """\
title: An outage
network: ./net.yaml
start: 2026-01-01
horizon_days: 364
hazards:
  stop:
    onset: {day: 70}
    duration_days: 35
    effects: {pit: {kind: outage, sites: {site: pit}, severity: 1}}
"""
SHIPPED = sorted(Library().files("scenario"))
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
SEVERITY = "scenario.hazards.stop.effects.pit.severity"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A folder with the smallest network and scenario, which is the working folder."""
    (tmp_path / "net.yaml").write_text(NET)
    (tmp_path / "sc.yaml").write_text(SC)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def spoil(file, old, new):
    text = Path(file).read_text()
    assert text.count(old) == 1
    Path(file).write_text(text.replace(old, new))


def refusal(*words):
    with pytest.raises(UserError) as caught:
        compiled(words)
    return str(caught.value)


def compiled(words):
    """Compose and compile, as `check` does."""
    study = Study(compose(["scenario=./sc.yaml", *words]).settings)
    return study.hazards, study.views


def beta():
    spoil("sc.yaml", "severity: 1", "severity: {family: beta, mean: 0.5, sd: 0.1}")


@pytest.mark.parametrize("change", ["mean=1", "mean=0.995", "mean=-0.1", "sd=0.6", "mean=0"])
def test_a_beta_law_that_is_none_is_refused(change):
    beta()
    assert f"{SEVERITY}: a beta distribution needs 0 < mean < 1" in refusal(f"{SEVERITY}.{change}")


def test_a_sweep_tells_the_point_at_which_a_law_is_none():
    beta()
    with pytest.raises(UserError, match=r"a beta distribution.*\[at .*mean=1.0\]"):
        expand(["scenario=./sc.yaml", f"{SEVERITY}.mean=range(0.8,1.1,0.1)"])


@pytest.mark.parametrize(
    "values", ["interval(0,1)", "range(0,1,0)", "range(0,1e9)", "range(5,1)", "range(1,1)"]
)
def test_a_sweep_needs_values_that_can_be_listed(values):
    with pytest.raises(UserError, match=r"is no list of|more than 10,000|counts no value"):
        expand(["scenario=./sc.yaml", f"run.seed={values}"])


def test_a_sweep_of_too_many_points_is_refused_before_any_is_composed():
    with pytest.raises(UserError, match="points are too many"):
        expand(["scenario=./sc.yaml", "run.seed=range(0,1000)", "run.audit=range(0,1000)"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("start: 2026-01-01", "start: 86400", "scenario.start: 86400, must be a date"),
        ("start: 2026-01-01", "start: 2026-13-01", "2026-13-01, is no date"),
        ("start: 2026-01-01", "start: 9999-12-01", "must be a date from 1800 to 2500"),
        ("{day: 70}", "{date: 86400}", "onset.date: 86400, must be a date"),
        ("{day: 70}", "{rate_per_year: [[-3650, 1.0]]}", "must not begin before day 0"),
        ("{day: 70}", "{rate_per_year: 100000}", "shocks a replication, must be 20,000 or less"),
        ("{day: 70}", "{up_days: 0.0001}", "shocks a replication, must be 20,000 or less"),
        ("duration_days: 35", "duration_days: 0,85", "'0,85', must be a number or a distribution"
         " such as {median: 30, p90: 90}; did you mean 0.85?"),
        ("severity: 1", "severity: 85%", "did you mean 0.85?"),
        ("severity: 1", "severity: {family: normal, mean: 0.9, sd: 0.5}", "cut to"),
        ("title: An outage", "title: An outage\nparameters: {d: {key: demand, distribution: "
         "{family: normal, mean: 1, sd: 0.7}}}", "a mean of 1, cut to 1.02, must be 0 or more"),
        ("title: An outage", "title: An outage\njudged: {region: EU}", "scenario.judged"),
    ],
)  # fmt: skip
def test_what_a_run_would_stumble_over_is_found_when_checking(old, new, said):
    if "up_days" in new:
        spoil("sc.yaml", "duration_days: 35", "duration_days: 0")
    spoil("sc.yaml", old, new)
    assert said in refusal()


@pytest.mark.parametrize("each", [True, False])
def test_a_parameter_may_be_drawn_for_each_site(each):
    parameter = {"key": "demand", "distribution": {"min": 0.9, "max": 1.1}, "each": each}
    Path("sc.yaml").write_text(SC + yaml.safe_dump({"parameters": {"d": parameter}}))
    assert compose(["scenario=./sc.yaml"]).settings.scenario.parameters["d"].each is each


def test_a_network_without_an_end_user_is_no_network():
    with pytest.raises(UserError, match="must hold at least one end user"):
        read_network({**yaml.safe_load(NET), "sites": {"pit": yaml.safe_load(NET)["sites"]["pit"]}})


@pytest.mark.parametrize("size", ["1e-320", "1e-31", "1e21", "1e308"])
def test_numbers_that_cannot_be_computed_with_are_refused(size):
    assert "in size" in refusal(f"network.sites.users.demand={size}")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("replications=10", "did you mean 'run.replications'?"),
        ("horizon_days=10", "did you mean 'scenario.horizon_days'?"),
        ("scenario.hazards.stop.duration_days=0,85", "did you mean 0.85?"),
        (f"{SEVERITY}=85%", "did you mean 0.85?"),
        ("network.sites.pit.country=China", "did you mean 'CHN'?"),
        ("network.sites.pit.country=chn", "did you mean 'CHN'?"),
        ("run.seed=" + "9" * 5000, "is not key=value"),
    ],
)
def test_a_near_miss_is_told_what_was_meant(word, said):
    assert said in refusal(word)


def test_a_shipped_name_with_an_ending_is_told_without_it(capsys):
    assert main(["check", "china_ree_embargo.yaml"]) == 2
    assert "did you mean" in capsys.readouterr().err
    assert main(["check", "missing.yaml"]) == 2
    assert "did you mean" not in capsys.readouterr().err


def test_a_dotted_name_takes_a_dotted_key():
    Path("net.yaml").write_text(NET.replace("  pit:", "  a.b:").replace("{pit:", "{a.b:"))
    spoil("sc.yaml", "site: pit", "site: a.b")
    words = ["scenario=./sc.yaml", "network.sites.a.b.capacity=500"]
    assert compose(words).settings.network.sites["a.b"].capacity == 500
    changed = load_settings("./sc.yaml", changes={"network.sites.a.b.capacity": 500})
    assert changed.network.sites["a.b"].capacity == 500


@pytest.mark.parametrize(
    ("typed", "folder"), [("~/x", "{home}/x"), ("über", "über"), ("ö/x", "ö/x")]
)
def test_a_folder_of_any_letters_can_be_named(typed, folder, monkeypatch):
    monkeypatch.setenv("HOME", "/somewhere")
    found = compose(["scenario=./sc.yaml", f"output.dir={typed}"]).settings.output.dir
    assert found == folder.format(home="/somewhere")


def test_rounded_shares_can_be_scaled():
    data = yaml.safe_load(NET)
    for name in ("pit2", "pit3"):
        data["sites"][name] = data["sites"]["pit"]
    feed = data["sites"]["users"]["feeds"]["ore"]
    feed["lanes"] = {name: {"share": 0.333333} for name in ("pit", "pit2", "pit3")}
    with pytest.raises(UserError, match=r"must sum to 1; if they are rounded, write shares: scale"):
        read_network(data)
    feed["shares"] = "scale"
    network = read_network(data)
    shares = [lane.share for lane in network.sites["users"].feeds["ore"].lanes.values()]
    assert shares == [1 / 3] * 3
    again = read_network(network.model_dump(mode="json", exclude_none=True))
    assert again == network


@pytest.mark.parametrize("name", SHIPPED)
def test_resolved_settings_of_every_shipped_scenario_run_again_as_they_are(name):
    study = Study(load_settings(name))
    Path("s.yaml").write_text(yaml.dump(study.dump(), Dumper=DUMPER, sort_keys=False))
    again = Study(compose(["scenario=./s.yaml"]).settings)
    assert again.settings == study.settings
    assert plan_of(again).digest == plan_of(study).digest


def test_a_whole_takes_changes_and_no_other_network():
    study = Study(load_settings("./sc.yaml"))
    Path("s.yaml").write_text(yaml.dump(study.dump(), Dumper=DUMPER, sort_keys=False))
    words = ["scenario=./s.yaml", "run.seed=3", "network.sites.pit.capacity=400"]
    settings = compose(words).settings
    assert (settings.run.seed, settings.network.sites["pit"].capacity) == (3, 400)
    assert settings.scenario.start == dt.date(2026, 1, 1)
    with pytest.raises(UserError, match=r"network: rare_earths, is settled in s\.yaml"):
        compose(["scenario=./s.yaml", "network=rare_earths"])
    spoil("s.yaml", "capacity: 365.0", "capacity: -1")
    with pytest.raises(UserError, match=r"s\.yaml:\d+  network\.sites\.pit\.capacity: -1"):
        compose(["scenario=./s.yaml"])


def test_an_unknown_option_is_told_with_the_nearest_one(capsys):
    assert main(["choose", "scenario=china_ree_embargo", "--mesure=cvar95"]) == 2
    told = capsys.readouterr().err
    assert "unrecognized arguments: --mesure=cvar95; did you mean '--measure'?" in told
