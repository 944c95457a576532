"""Work has a bound: much is told before it begins, very much is asked for, more is refused."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import math
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from sim.advice import cost as of_advice
from sim.advice.candidates import Candidate
from sim.api import load
from sim.base.errors import UserError
from sim.cli import main
from sim.commands import _consent
from sim.commands._consent import consent
from sim.run import cost
from sim.run.cost import Cost, cost_of, in_bytes, in_time, refuse_excess, refuse_full_disk

DATA = Path(__file__).parent / "data"
BAN = str(DATA / "tiny_ban.yaml")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def study():
    return load(BAN, {"run.replications": 3000, "run.workers": 1, "output.figures": False})


def test_cost_follows_replications_and_what_is_there(study, tmp_path):
    whole = cost_of(study, tmp_path)
    twice = cost_of(study.change({"run.replications": 6000}), tmp_path)
    assert whole.replications == 3000 and twice.seconds == pytest.approx(2 * whole.seconds)
    share = cost_of(study.change({"run.shard": "1/4"}), tmp_path)
    assert share.replications == 750
    (tmp_path / "blocks").mkdir()
    (tmp_path / "plan.json").write_text("{}")
    for number in range(2):
        (tmp_path / "blocks" / f"block-{number:06d}.bin").touch()
    assert cost_of(study, tmp_path).replications == 3000 - 2 * 1024
    again = study.change({"output.overwrite": True})
    assert cost_of(again, tmp_path).replications == 3000


def test_much_work_is_measured_and_the_disk_is_what_a_run_writes(study, tmp_path, monkeypatch):
    monkeypatch.setattr(cost, "SURE_S", 0.0)
    found = cost_of(study, tmp_path)
    assert found.seconds > 0
    study.run(tmp_path / "run")
    written = sum(f.stat().st_size for f in (tmp_path / "run" / "blocks").iterdir())
    assert found.disk_bytes / (1 + cost.PARQUET_SHARE) == pytest.approx(written, rel=0.05)


def cheap(seconds: float):
    return lambda study, folder: Cost(seconds, 2e9, 3000)


@pytest.mark.parametrize(("seconds", "told"), [(59.0, False), (61.0, True)])
def test_work_of_more_than_a_minute_is_told(study, tmp_path, monkeypatch, capsys, seconds, told):
    monkeypatch.setattr(_consent, "cost_of", cheap(seconds))
    consent([(study, tmp_path)], yes=False)
    said = capsys.readouterr().err
    assert ("3,000 replications: about 61 seconds and 2.0 GB of disk (an estimate)" in said) == told


def test_work_of_more_than_an_hour_needs_a_yes(study, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(_consent, "cost_of", cheap(40_000.0))
    with pytest.raises(UserError, match=r"about 11 hours and 2.0 GB .* add --yes"):
        consent([(study, tmp_path)], yes=False)
    consent([(study, tmp_path)], yes=True)
    assert capsys.readouterr().err.count("11 hours") == 2
    for answer, is_yes in (("y\n", True), ("\n", False), ("", False)):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        monkeypatch.setattr(sys, "stderr", screen := Terminal())
        if is_yes:
            consent([(study, tmp_path)], yes=False)
        else:
            with pytest.raises(UserError, match="not begun"):
                consent([(study, tmp_path)], yes=False)
        assert "go on? [y/N]" in screen.getvalue()


def test_a_sweep_is_asked_for_as_a_whole(study, tmp_path, monkeypatch):
    monkeypatch.setattr(_consent, "cost_of", cheap(2000.0))
    with pytest.raises(UserError, match=r"6,000 replications: about 67 minutes"):
        consent([(study, tmp_path / "a"), (study, tmp_path / "b")], yes=False)


def test_a_design_is_asked_for_as_a_whole(study, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(_consent, "cost_of", cheap(2000.0))
    (tmp_path / "d.csv").write_text("run.seed,run.replications\n1,3000\n2,\n3,6000\n")
    words = ["sweep", "--design", str(tmp_path / "d.csv"), f"scenario={BAN}"]
    assert main([*words, "run.replications=3000", f"output.dir={tmp_path}/out"]) == 2
    assert "12,000 replications: about 2 hours (an estimate)" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


RANK = ["rank-projects", f"scenario={BAN}", "run.replications=100", "run.audit=0",
        "--candidates", "reserves"]  # fmt: skip
BREAK = ["vulnerabilities", str(DATA / "tiny.yaml"), "--horizon", "400"]
ADVICE = [(RANK, "replications of all candidates"), ([*BREAK, "--pairs"], "removals")]


@pytest.fixture
def slow(monkeypatch):
    """Every play is guessed to take so long, and every guess is taken."""

    def set_to(seconds: float) -> None:
        monkeypatch.setattr(of_advice, "clock_s", lambda n, *_: seconds)
        monkeypatch.setattr(of_advice, "SIMPY_S", 0.0)

    return set_to


@pytest.mark.parametrize(("words", "what"), ADVICE)
def test_advice_of_more_than_an_hour_needs_a_yes_and_of_a_minute_is_told(
    words, what, tmp_path, slow, capsys
):
    words = [*words, "--output", str(tmp_path / "out")]
    slow(40_000.0)
    assert main(words) == 2
    said = capsys.readouterr().err
    assert f"{what}: about 11 hours" in said and "add --yes to begin all the same" in said
    assert not (tmp_path / "out").exists()
    for seconds, told in ((59.0, False), (61.0, True)):
        slow(seconds)
        assert main(words) == 0
        assert (f"{what}: about 61 seconds" in capsys.readouterr().err) == told
    slow(40_000.0)
    assert main([*words, "--yes"]) == 0
    assert f"{what}: about 11 hours" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "what"), ADVICE)
def test_advice_plays_no_more_than_it_was_said_to(words, what, tmp_path, slow, capsys, monkeypatch):
    ready = []

    @contextlib.contextmanager
    def counting(*_):
        yield ready.append

    monkeypatch.setattr("sim.run.progress.progress", counting)
    slow(61.0)
    assert main([*words, "--output", str(tmp_path)]) == 0
    at_most = re.search(rf"at most ([\d,]+) {what}", capsys.readouterr().err)
    assert at_most and 0 < sum(ready) - 2 * ("--pairs" in words) <= int(at_most[1].replace(",", ""))


def test_the_cost_of_a_ranking_follows_candidates_steps_futures_and_its_audit(study):
    one, built = Candidate("a", "policy", "a"), Candidate("b", "project", "b", without={})
    built = dataclasses.replace(built, without={"projects": {}})
    quiet = study.change({"run.audit": 0})
    assert of_advice.cost_of_ranking(quiet, [one, built], 0).replications == 3000 * (1 + 1 + 2)
    assert of_advice.cost_of_ranking(quiet, [one, built], 1).replications == 3000 * 4
    two = of_advice.cost_of_ranking(quiet, [one, built], 2)
    assert two.replications == 3000 * 4 + 1500 + 3000
    assert two.disk_bytes == two.replications * 8 * (len(study.views) + 1)
    audited = of_advice.cost_of_ranking(study.change({"run.audit": 5}), [one, built], 2)
    lanes = study.n_period * study.compiled.chain.lane_feed.size
    assert audited.seconds - two.seconds == pytest.approx(2 * 5 * lanes * cost.SIMPY_S)


def test_much_advice_is_measured(study, monkeypatch):
    played = []
    assert cost.clock_s(1000, 1e-3, 2, played.append) == pytest.approx(0.5)
    assert not played
    assert cost.clock_s(1_000_000, 1.0, 2, played.append) < 1e6
    assert played == [1, cost.SAMPLE]
    monkeypatch.setattr(cost, "SURE_S", 0.0)
    assert of_advice.cost_of_ranking(study, [], 0).seconds > 0


def test_advice_that_no_memory_or_disk_holds_is_refused_with_the_reason(
    capsys, tmp_path, monkeypatch
):
    folder = ["--output", str(tmp_path / "out")]
    monkeypatch.setattr(cost, "_memory_bytes", lambda: 100.0)
    assert main([*RANK, *folder]) == 2
    assert "run.replications: 100, losses of 3 candidates would take" in capsys.readouterr().err
    assert main([*BREAK, *folder]) == 2
    assert "what they do to each end user would take" in capsys.readouterr().err
    monkeypatch.setattr(cost, "_memory_bytes", lambda: math.inf)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 0))
    assert main([*RANK, *folder]) == 2
    assert "--output: " in (said := capsys.readouterr().err) and "are free there" in said
    assert not (tmp_path / "out").exists()


def test_what_no_folder_memory_or_disk_holds_is_refused_with_the_reason(study, tmp_path):
    with pytest.raises(UserError, match=r"2,147,483,648 files .* takes 1,000,000 at most"):
        refuse_excess(study.change({"run.replications": 2**41 // 2 - 1, "run.block": 512}))
    with pytest.raises(UserError, match="of memory, and this machine has"):
        refuse_excess(study.change({"run.replications": 2**39, "run.block": 1_000_000}))
    with pytest.raises(UserError, match=r"1.0 TB .*are free there"):
        refuse_full_disk(Cost(1.0, 1e12 if disk_is_small(tmp_path) else 1e18, 1), tmp_path / "a")


def disk_is_small(place: Path) -> bool:
    return shutil.disk_usage(place).free < 1e12


def test_a_thousand_million_replications_end_with_2_and_write_nothing(capsys, tmp_path):
    words = ["run", f"scenario={BAN}", "run.replications=1000000000", f"output.dir={tmp_path}/out"]
    assert main(words) == 2
    told = capsys.readouterr().err
    assert "an estimate" in told or "of memory" in told
    assert not (tmp_path / "out").exists()


def test_a_received_folder_of_2_to_39_replications_is_refused_by_merge(capsys, study, tmp_path):
    study.change({"run.replications": 40}).run(tmp_path / "run")
    capsys.readouterr()
    file = tmp_path / "run" / "config.yaml"
    config = yaml.safe_load(file.read_text())
    config["run"]["replications"] = 2**39
    file.write_text(yaml.safe_dump(config))
    assert main(["merge", str(tmp_path / "run")]) == 2
    assert "run.replications: 549,755,813,888" in capsys.readouterr().err


def test_an_audit_says_that_it_audits_what_and_how_long(capsys, study, tmp_path):
    study.change({"run.replications": 40, "run.audit": 3}).run(tmp_path / "run")
    assert "audit: 3 of 40 replications again in the SimPy model (a moment)" in (
        capsys.readouterr().err)  # fmt: skip
    study.change({"run.replications": 40, "run.audit": 0}).run(tmp_path / "none")
    assert "audit" not in capsys.readouterr().err
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())


def test_times_and_sizes_are_said_as_people_say_them():
    assert [in_time(s) for s in (12, 119, 125, 7300, 4e5, 1e9)] == [
        "12 seconds", "119 seconds", "2 minutes", "2 hours", "5 days", "32 years"]  # fmt: skip
    assert [in_bytes(b) for b in (4e3, 2e6, 25e6, 3.2e9, 1.8e13)] == [
        "4 kB", "2.0 MB", "25 MB", "3.2 GB", "18 TB"]  # fmt: skip
