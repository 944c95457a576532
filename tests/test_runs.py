"""Whole runs on a tiny scenario: reuse, extension, interruption, audit, replay, comparison."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.api import Study, load
from sim.base.errors import AuditFailure, UserError
from sim.run import audit, reopen
from sim.run.compare import compare
from sim.run.settling import settled_study
from sim.sweep import grid

SCENARIO = Path(__file__).parent / "data" / "tiny_ban.yaml"
QUICK = {"run.replications": 150, "run.block": 64, "run.audit": 1, "output.figures": False}


def tiny(**changes) -> Study:
    return load(SCENARIO, {**QUICK, **{k.replace("__", "."): v for k, v in changes.items()}})


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def test_a_folder_holds_what_the_page_promises(tmp_path: Path) -> None:
    data = tiny().run(tmp_path / "run")
    names = {p.name for p in (tmp_path / "run").iterdir()}
    assert {
        "summary.csv",
        "replications.parquet",
        "fan.csv",
        "config.yaml",
        "manifest.json",
        "plan.json",
        "blocks",
    } <= names
    with open(tmp_path / "run" / "summary.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    row = next(
        r
        for r in rows
        if (r["view"], r["measure"], r["statistic"]) == ("JPN", "shortfall_t", "mean")
    )
    assert float(row["value"]) == pytest.approx(data.of("shortfall_t", "region", "JPN").mean())
    assert float(row["low"]) < float(row["value"]) < float(row["high"])
    assert row["unit"] == "t"
    told = [r for r in rows if r["value"]]
    assert all((r["low"] and r["high"]) or r["note"] for r in told), "a number without an interval"


def test_parquet_holds_the_replications_in_single_precision(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    data = tiny().run(tmp_path / "run")
    table = pq.read_table(tmp_path / "run" / "replications.parquet")
    column = table["shortfall_t/region/JPN"].to_numpy()
    assert np.array_equal(column, data.of("shortfall_t", "region", "JPN").astype(np.float32))


def test_an_extended_run_ends_with_the_bits_of_one_made_at_once(tmp_path: Path) -> None:
    tiny(run__replications=70).run(tmp_path / "grown")
    tiny(run__replications=150).run(tmp_path / "grown")
    tiny(run__replications=150, run__workers=1).run(tmp_path / "whole")
    grown, whole = manifest(tmp_path / "grown"), manifest(tmp_path / "whole")
    assert grown["replications_digest"] == whole["replications_digest"]


def test_a_notebook_opens_a_run_with_its_study_and_its_numbers(tmp_path: Path) -> None:
    made = tiny(run__seed=5).run(tmp_path)
    study, data = sim.open_run(str(tmp_path))
    assert study.settings == settled_study(tiny(run__seed=5)).settings
    assert data.summary == made.summary
    column = ("shortfall_t", "total", "all")
    assert np.array_equal(data.of(*column), made.of(*column))
    again = study.run(tmp_path / "again")
    assert np.array_equal(again.of(*column), made.of(*column))


def test_another_configuration_in_the_same_folder_is_refused_by_name(tmp_path: Path) -> None:
    tiny().run(tmp_path / "run")
    other = tiny(scenario__hazards__ban__duration_days__median=61)
    with pytest.raises(UserError, match=r"duration_days\.median"):
        other.run(tmp_path / "run")


def test_more_replications_change_no_earlier_one(tmp_path: Path) -> None:
    few = tiny().run(tmp_path / "a")
    many = tiny(run__replications=300, run__scrambled=few.sections.size).run(tmp_path / "b")
    for name, values in few.table.items():
        assert np.array_equal(values, many.table[name][:150], equal_nan=True), name


def test_the_audit_fails_loudly_when_one_bit_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = audit.simulate_simpy

    def wrong(*args, **kwargs):
        flow = record(*args, **kwargs)
        flow.want[7, 0, 0] = np.nextafter(flow.want[7, 0, 0], np.inf)
        return flow

    monkeypatch.setattr(audit, "simulate_simpy", wrong)
    with pytest.raises(AuditFailure, match=r"seed 20251009, replication \d+: want .* period 7"):
        tiny().run(tmp_path / "run")


def test_replay_tells_the_story_of_one_future(tmp_path: Path) -> None:
    data = tiny().run(tmp_path / "run")
    worst = int(np.argmax(data.of("shortfall_t")))
    target, events = reopen.replay(tmp_path / "run", worst)
    kinds = [e["event"] for e in events]
    assert kinds.index("shock begins") < kinds.index("first shortage")
    assert (target / "timeline.png").stat().st_size > 10_000
    first = next(e for e in events if e["event"] == "first shortage")
    assert 0 <= data.of("first_shortage_day")[worst] - first["day"] < data.step_days


def test_replay_of_a_replication_that_was_not_run_is_refused(tmp_path: Path) -> None:
    tiny().run(tmp_path / "run")
    with pytest.raises(UserError, match="0 to 149"):
        reopen.replay(tmp_path / "run", 150)


def test_comparison_pairs_the_same_shocks(tmp_path: Path) -> None:
    a = tiny().run(tmp_path / "base")
    b = tiny(scenario__hazards__ban__severity={"value": 0.2}).run(tmp_path / "mild")
    table, rows = compare([tmp_path / "base", tmp_path / "mild"], tmp_path / "out")
    difference = b.of("shortfall_t", "region", "JPN") - a.of("shortfall_t", "region", "JPN")
    row = next(r for r in rows if r["view"] == "JPN" and "mean" in r["statistic"])
    assert float(row["value"]) == pytest.approx(difference.mean())
    assert table.is_file()
    assert (tmp_path / "out" / "compare.png").is_file()


def test_sweep_writes_one_ledger_and_one_table(tmp_path: Path) -> None:
    points = [("base", tiny()), ("long", tiny(scenario__hazards__ban__duration_days__median=90))]
    found, table = grid.sweep(points, tmp_path / "sweep")
    assert len(found) == 2
    with open(table, newline="") as file:
        names = {row["name"] for row in csv.DictReader(file)}
    assert names == {"base", "long"}
    assert (tmp_path / "sweep" / "ledger.csv").read_text().count("\n") == 3


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_its_blocks_and_can_be_resumed(
    tmp_path: Path, sent: signal.Signals
) -> None:
    folder = tmp_path / "run"
    command = [
        sys.executable,
        "-m",
        "sim",
        "run",
        f"scenario={SCENARIO}",
        "run.block=200",
        "run.scrambled=16",
        "run.audit=0",
        "output.figures=false",
        f"output.dir={folder}",
    ]
    process = subprocess.Popen(
        [*command, "run.replications=2000000"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        limit = time.monotonic() + 300
        while len(list((folder / "blocks").glob("block-*"))) < 2:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < limit, "no block was finished"
            time.sleep(0.05)
        process.send_signal(sent)
        said = process.communicate(timeout=120)[1]
    finally:
        process.kill()
    assert process.returncode == 130
    assert "run.replications=2000000" in said, "it must name the command that resumes"
    assert "Traceback" not in said
    kept = {p.name for p in (folder / "blocks").glob("block-*")}
    assert len(kept) >= 2
    assert not list(folder.glob("**/*.part")), "a torn file was left"
    data = tiny(run__replications=400, run__block=200).run(folder)
    fresh = tiny(run__replications=400, run__block=200).run(tmp_path / "fresh")
    assert np.array_equal(data.of("shortfall_t"), fresh.of("shortfall_t"))


def test_a_scenario_may_judge_by_some_end_users(tmp_path: Path) -> None:
    study = tiny(scenario__judged={"region": "JPN"})
    data = study.run(tmp_path / "run")
    judged = data.of("shortfall_t", "judged", "all")
    assert np.array_equal(judged, data.of("shortfall_t", "region", "JPN"))
    assert any(r["kind"] == "judged" for r in data.summary)


def test_judging_by_nobody_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"scenario\.judged"):
        tiny(scenario__judged={"region": "JPM"}).run(tmp_path / "run")
    assert not (tmp_path / "run").exists()
