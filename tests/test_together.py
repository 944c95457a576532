"""Several scenarios at once: hazards of all, each with its own luck; what they must have alike."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from sim.api import Study, load
from sim.base.errors import UserError
from sim.cli import main
from sim.config.command_line import expand, settings_from

DATA = Path(__file__).parent / "data"
STOP = """\
title: A stop, for tests
network: ./tiny.yaml
start: {start}
horizon_days: {horizon}
hazards:
  {name}:
    onset: {{rate_per_year: 0.7}}
    duration_days: {{median: 30, p90: 90}}
    effects:
      works:
        kind: outage
        sites: {{site: works}}
        severity: {{family: beta, mean: 0.6, sd: 0.2}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("tiny.yaml", "tiny_ban.yaml"):
        shutil.copy(DATA / name, tmp_path / name)
    return tmp_path


def stop(folder: Path, *, name: str = "stop", start: str = "2026-01-01", horizon: int = 728) -> str:
    path = folder / "stop.yaml"
    path.write_text(STOP.format(name=name, start=start, horizon=horizon))
    return str(path)


def strikes(study: Study, hazard: str) -> list[list[float]]:
    """Return the onsets of a hazard in each replication, before the end of the shorter horizon."""
    tape = study.tape(np.arange(50))
    names = study.hazards.hazard_names
    return [
        [
            float(tape.onset_days[s])
            for s in range(tape.shock_ptr[j], tape.shock_ptr[j + 1])
            if names[tape.shock_hazard[s]] == hazard and tape.onset_days[s] < 364
        ]
        for j in range(50)
    ]


def test_each_hazard_strikes_as_in_its_own_scenario_over_the_longer_horizon(folder):
    ban, other = str(folder / "tiny_ban.yaml"), stop(folder)
    both = load([ban, other])
    assert both.settings.scenario.name == "tiny_ban+stop"
    assert both.settings.scenario.horizon_days == 728
    for path, hazard in ((ban, "ban"), (other, "stop")):
        alone = strikes(load(path), hazard)
        assert any(alone)
        assert strikes(both, hazard) == alone


def test_the_command_line_reads_a_list_and_a_sweep_of_lists(folder):
    ban, other = str(folder / "tiny_ban.yaml"), stop(folder)
    assert settings_from([f"scenario=[{ban},{other}]"]) == load([ban, other]).settings
    points = expand([f"scenario={ban},[{ban},{other}]"])
    assert [p.composed.settings.scenario.name for p in points] == ["tiny_ban", "tiny_ban+stop"]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"name": "ban"}, "scenario.hazards.ban: is another thing in tiny_ban and in stop"),
        ({"start": "2026-02-01"}, "2026-01-01 in tiny_ban"),
    ],
)
def test_what_two_scenarios_say_differently_is_refused(folder, made, said):
    with pytest.raises(UserError, match=said):
        load([folder / "tiny_ban.yaml", stop(folder, **made)])


def test_a_start_or_a_network_that_is_given_decides(folder):
    ban, other = folder / "tiny_ban.yaml", Path(stop(folder, start="2026-02-01"))
    both = load([ban, other], {"scenario.start": "2026-03-01"})
    assert str(both.settings.scenario.start) == "2026-03-01"
    (folder / "x").mkdir()
    for name in ("tiny.yaml", "stop.yaml"):
        shutil.move(folder / name, folder / "x" / name)
    shutil.copy(DATA / "tiny.yaml", folder / "tiny.yaml")
    two = [ban, folder / "x" / "stop.yaml"]
    with pytest.raises(UserError, match="say which"):
        load(two, {"scenario.start": "2026-03-01"})
    chosen = load(two, {"scenario.start": "2026-03-01"}, network=folder / "tiny.yaml")
    assert sorted(chosen.settings.scenario.hazards) == ["ban", "stop"]


def test_one_scenario_twice_counts_once_and_two_of_one_name_are_refused(folder):
    ban = folder / "tiny_ban.yaml"
    assert load([ban, ban]).settings == load(ban).settings
    (folder / "x").mkdir()
    for name in ("tiny.yaml", "tiny_ban.yaml"):
        shutil.copy(folder / name, folder / "x" / name)
    with pytest.raises(UserError, match="two scenarios of one name"):
        load([ban, folder / "x" / "tiny_ban.yaml"])


def test_a_run_of_two_scenarios_has_a_folder_of_both_names(folder, monkeypatch, capsys):
    ban, other = str(folder / "tiny_ban.yaml"), stop(folder)
    monkeypatch.chdir(folder)
    words = [f"scenario=[{ban},{other}]", "run.replications=20", "run.audit=2",
             "output.figures=false", "output.fan_replications=8"]  # fmt: skip
    assert main(["run", *words]) == 0
    assert (folder / "results" / "tiny_ban+stop" / "summary.csv").is_file()
