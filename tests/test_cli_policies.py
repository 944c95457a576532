"""The command line of policies and outlooks: list, show, check, run, completion, light imports."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli import main

DATA = Path(__file__).parent / "data"
BAN = str(DATA / "tiny_ban.yaml")
HEAVY = ("numba", "scipy", "matplotlib", "pandas", "pyarrow", "simpy")
HOLD = """\
title: Hold, for tests
rules:
  stock: {kind: reserve, goods: {product: metal}, regions: [JPN], stock_days: 60,
          trigger_days: 20, activation_days: 7, sources: {all: invented for tests}}
  cobalt: {kind: reserve, goods: {mineral: cobalt}, regions: [JPN], stock_days: 60,
           trigger_days: 20, activation_days: 7}
"""


@pytest.fixture
def hold(tmp_path: Path) -> str:
    (tmp_path / "hold.yaml").write_text(HOLD)
    return str(tmp_path / "hold.yaml")


@pytest.mark.parametrize(
    ("word", "names"),
    [("demand", ["iea_aps", "founding_claim", "flat"]), ("supply", ["keeps_up", "trend", "flat"]),
     ("policies", ["us_japan_framework", "allied_pool", "none"])],
)  # fmt: skip
def test_list_names_outlooks_and_policies(capsys, word, names):
    assert main(["list", word]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name in names:
        (line,) = (found for found in lines if found.split()[0] == name)
        assert len(line.split()) > 1


def test_show_prints_rules_with_sources_and_what_they_come_to(capsys):
    assert main(["show", "japan_reserve_180", "network=rare_earths"]) == 0
    text = capsys.readouterr().out
    row = next(line for line in text.splitlines() if line.startswith(" stock_days"))
    assert "180" in row and "days" in row and "IEA" in row
    assert "sites.japan_reserve_180_reserve_ndpr_metal_jpn.stock_days" in text
    assert main(["show", "eu_crma", "network=rare_earths"]) == 0
    assert "note: policy.rules.extraction" in capsys.readouterr().out


def test_show_tells_outlooks_of_one_name_apart(capsys):
    assert main(["show", "demand/flat"]) == 0
    assert "Flat demand" in capsys.readouterr().out
    assert main(["show", "supply/flat"]) == 0
    assert "Capacity as it stands" in capsys.readouterr().out
    assert main(["show", "keeps_up"]) == 0
    assert "lead_days" in capsys.readouterr().out


def test_show_refuses_anything_else_beside_a_policy(capsys):
    assert main(["show", "msp", "policy=none"]) == 2
    assert "only network=NAME" in capsys.readouterr().err


def test_check_says_what_a_policy_finds_nothing_to_do(capsys, hold):
    assert main(["check", hold]) == 0
    assert "right: policy" in capsys.readouterr().err
    network = str(DATA / "tiny.yaml")
    assert main(["check", hold, f"network={network}"]) == 0
    text = capsys.readouterr().err
    assert "note: policy.rules.cobalt: nobody here makes these goods" in text
    assert main(["check", "iea_aps", "trend", "us_japan_framework+msp"]) == 0


def test_check_of_a_wrong_rule_names_file_line_and_nearest(capsys, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(HOLD.replace("stock_days: 60", "stock_dys: 60", 1))
    assert main(["check", str(bad)]) == 2
    assert f"{bad}:3  policy.rules.stock.stock_dys: no such setting; did you mean 'stock_days'" in (
        capsys.readouterr().err)  # fmt: skip


def test_a_run_tells_notes_on_stderr_and_keeps_them_in_its_folder(capsys, hold, tmp_path):
    out = tmp_path / "out"
    words = [f"scenario={BAN}", f"policy={hold}", "run.replications=40", "run.audit=1",
             "output.fan_replications=8", f"output.dir={out}"]  # fmt: skip
    assert main(["run", *words]) == 0
    told = capsys.readouterr()
    note = "policy.rules.cobalt: nobody here makes these goods"
    assert f"note: {note}" in told.err
    assert told.out.strip() == str(out)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["notes"] == [note] and manifest["warnings"] == []
    page = (out / "report.html").read_text()
    assert note in page and "invented for tests" in page
    from sim.run.reopen import open_run

    study, _ = open_run(out)
    assert study.settings.notes == [note]


def test_a_sweep_of_combinations_names_folders_and_tables_by_them(capsys, hold, tmp_path):
    out = tmp_path / "sweep"
    words = [f"scenario={BAN}", f"policy=none,[{hold},msp]", "run.replications=40", "run.audit=0",
             "output.figures=false", "output.fan_replications=8", f"output.dir={out}"]  # fmt: skip
    assert main(["sweep", *words]) == 0
    ledger = (out / "ledger.csv").read_text().splitlines()
    assert ledger[2].startswith("hold+msp,tiny_ban,hold+msp,flat,flat,")
    assert (out / "hold+msp" / "summary.csv").is_file()


def test_a_sweep_keeps_its_inputs_as_columns_of_clean_numbers(capsys, tmp_path):
    key, out = "scenario.hazards.ban.onset.day", tmp_path / "sweep"
    words = [f"scenario={BAN}", f"{key}=range(0.1,0.9,0.2)", "run.seed=range(1,3)",
             "run.replications=10", "run.audit=0", "output.figures=false",
             "output.fan_replications=8", f"output.dir={out}"]  # fmt: skip
    assert main(["sweep", *words]) == 0
    with open(out / "ledger.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["name"], r[key], r["run.seed"]) for r in rows[2:4]] == [
        ("day_0.3-seed_1", "0.3", "1"), ("day_0.3-seed_2", "0.3", "2")]  # fmt: skip
    with open(out / "sweep.csv", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {(r["name"], r[key], r["run.seed"]) for r in lines} == {
        (r["name"], r[key], r["run.seed"]) for r in rows}  # fmt: skip


def test_a_sweep_over_files_of_one_name_tells_them_apart(capsys, tmp_path):
    for place in "xy":
        (tmp_path / place).mkdir()
        for name in ("tiny_ban.yaml", "tiny.yaml"):
            shutil.copy(DATA / name, tmp_path / place / name)
    two = ",".join(f"{tmp_path}/{place}/tiny_ban.yaml" for place in "xy")
    out = tmp_path / "sweep"
    words = [f"scenario={two}", "run.replications=10", "run.audit=0", "output.figures=false",
             "output.fan_replications=8", f"output.dir={out}"]  # fmt: skip
    assert main(["sweep", *words]) == 0
    with open(out / "ledger.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["name"], r["scenario"]) for r in rows] == [(f"{p}-tiny_ban",) * 2 for p in "xy"]
    with open(out / "sweep.csv", newline="") as file:
        assert {r["scenario"] for r in csv.DictReader(file)} == {"x-tiny_ban", "y-tiny_ban"}


@pytest.mark.parametrize("words", [["list", "demand"], ["list", "policies"]])
def test_listing_imports_nothing_heavy(words):
    code = (
        "import sys, json; from sim.cli import main; main(json.loads(sys.argv[1]));"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, json.dumps(words)], capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("line", "offered"),
    [("shortfall run demand=iea_", "demand=iea_aps"), ("shortfall list ", "supply"),
     ("shortfall show ", "keeps_up"), ("shortfall run policy=us_j", "policy=us_japan_framework")],
)  # fmt: skip
def test_tab_offers_outlooks_and_policies_and_imports_nothing_heavy(line, offered):
    code = (
        "import sys; from sim.cli import main; main(['-sc', 'query=bash']);"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env={**os.environ, "COMP_LINE": line})  # fmt: skip
    assert offered in done.stdout.split()
    assert done.stdout.splitlines()[-1] == "[]"
