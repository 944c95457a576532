"""Sweeps over a design: the numbers of separate runs, mistakes told first, nothing lost."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import sim
from sim.api import Study, load
from sim.base.errors import UserError
from sim.cli import main
from sim.sweep import by_design as sweeping
from sim.sweep.design import Row, read_design
from sim.sweep.points import Points, check_rows

DATA = Path(__file__).parent / "data"
SCENARIO = DATA / "tiny_ban.yaml"
QUICK = {"run.replications": 60, "run.audit": 1, "run.workers": 2, "output.figures": False}
LANE = "network.sites.makers_japan.feeds.metal.lanes.works.transit_days"
DAYS = "scenario.hazards.ban.duration_days.median"
DAY = "scenario.hazards.ban.onset.day"


def tiny() -> Study:
    return load(SCENARIO, QUICK)


def points() -> Points:
    return Points(lambda choices: tiny())


def rows_of(n: int) -> list[dict]:
    return [{DAYS: 30.0 + 2 * x, LANE: 14.0 if x % 2 else 28.0} for x in range(n)]


def write_design(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def faults_of(design: object, folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        sim.sweep_design(tiny(), design, folder)
    assert not (folder / "pieces").exists(), "a sweep with mistakes must not begin"
    return str(caught.value)


# --- numbers


def test_every_number_is_that_of_a_separate_run(tmp_path):
    design = [{DAYS: 90.0}, {LANE: 28.0, "run.seed": 5}, {"run.replications": 90}]
    table = pq.read_table(sim.sweep_design(tiny(), design, tmp_path / "sweep")).to_pylist()
    for number, changes in enumerate(design, 1):
        data = tiny().change(changes).run(tmp_path / f"run{number}")
        alone = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}
        mine = [r for r in table if r["row"] == number]
        assert len(mine) > 100
        for r in mine:
            other = alone[r["kind"], r["view"], r["measure"], r["statistic"]]
            for name in ("value", "low", "high"):
                assert np.array_equal(r[name], other[name], equal_nan=True), (r, other)
            assert (r["n"], r["unit"]) == (other["n"], other["unit"])


@pytest.mark.parametrize(
    "changes",
    [
        {DAYS: 45.0},
        {DAY: 100, "run.seed": 3},
        {LANE: 28.0, DAYS: 45.0},
        {"scenario.start": "2026-03-01"},
        {"scenario.horizon_days": 182, "network.sites.pit.capacity": 1500},
        {"scenario.hazards.ban.effects.metal.to": {"country": "JPN"}},
    ],
)
def test_a_row_gives_the_study_that_change_gives(changes):
    study = points().study(Row(1, "1", changes, "here"))
    other = tiny().change(changes)
    assert study.settings == other.settings
    for a, b in zip(study.compiled.chain, other.compiled.chain, strict=True):
        assert np.array_equal(a, b, equal_nan=True)
    numbers = np.arange(20)
    assert study.tape(numbers)._asdict().keys() == other.tape(numbers)._asdict().keys()
    for a, b in zip(study.tape(numbers), other.tape(numbers), strict=True):
        assert np.array_equal(a, b)


def test_rows_share_what_they_do_not_change():
    many = points()
    a, b, c = (
        many.study(Row(n, str(n), changes, ""))
        for n, changes in enumerate([{DAYS: 45.0}, {DAYS: 50.0}, {DAYS: 45.0, LANE: 28.0}])
    )
    assert a.compiled is b.compiled
    assert a.settings.network is b.settings.network
    assert c.compiled is not a.compiled


def test_the_table_is_the_same_for_any_number_of_workers(tmp_path):
    files = []
    for workers in (1, 2, 3):
        study = tiny().change({"run.workers": workers})
        files.append(sim.sweep_design(study, rows_of(20), tmp_path / str(workers)).read_bytes())
    assert files[0] == files[1] == files[2]


def test_a_csv_table_holds_the_lines_of_the_parquet_table(tmp_path):
    study, rows = tiny(), rows_of(9)
    table = pq.read_table(sim.sweep_design(study, rows, tmp_path / "a")).to_pylist()
    path = sim.sweep_design(study, rows, tmp_path / "a", table="csv")
    with open(path, newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(table)
    for line, row in zip(lines, table, strict=True):
        assert line["view"] == row["view"] and line["note"] == row["note"]
        assert np.isnan(row["value"]) or float(line["value"]) == row["value"]


def test_the_table_holds_what_each_row_changes_as_columns(tmp_path):
    design = [{DAYS: 90.5}, {LANE: 28, "scenario.title": "NO"}, {DAYS: 7, "run.seed": 5}]
    table = pq.read_table(sim.sweep_design(tiny(), design, tmp_path / "a"))
    assert table.column_names[:6] == ["row", "name", LANE, "run.seed", DAYS, "scenario.title"]
    assert [str(table[k].type) for k in (DAYS, LANE, "scenario.title")] == [
        "double", "int64", "string"]  # fmt: skip
    for line in table.to_pylist():
        given = {k: line[k] for k in (DAYS, LANE, "run.seed", "scenario.title")}
        assert {k: v for k, v in given.items() if v is not None} == design[line["row"] - 1]
    path = sim.sweep_design(tiny(), design, tmp_path / "a", table="csv")
    with open(path, newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert {(line["row"], line[DAYS], line["scenario.title"]) for line in lines} == {
        ("1", "90.5", ""), ("2", "", "NO"), ("3", "7", "")}  # fmt: skip


# --- resume


def test_a_stopped_sweep_goes_on_and_ends_with_the_same_table(tmp_path, monkeypatch):
    rows = rows_of(30)
    whole = sim.sweep_design(tiny(), rows, tmp_path / "whole").read_bytes()
    write, written = sweeping.write_piece, []

    def fail_later(path, tables, digest):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(path)
        write(path, tables, digest)

    monkeypatch.setattr(sweeping, "write_piece", fail_later)
    with pytest.raises(KeyboardInterrupt):
        sim.sweep_design(tiny(), rows, tmp_path / "cut")
    assert not (tmp_path / "cut" / "sweep.parquet").exists()
    again: list[Path] = []
    monkeypatch.setattr(sweeping, "write_piece", lambda p, t, d: (again.append(p), write(p, t, d)))
    assert sim.sweep_design(tiny(), rows, tmp_path / "cut").read_bytes() == whole
    assert len(again) == 2, "finished pieces are reused"


@pytest.mark.parametrize("damage", ["torn", "edited", "gone"])
def test_a_damaged_piece_is_computed_again(tmp_path, damage):
    rows = rows_of(20)
    path = sim.sweep_design(tiny(), rows, tmp_path / "a")
    whole = path.read_bytes()
    piece = sorted((tmp_path / "a" / "pieces").iterdir())[1]
    content = bytearray(piece.read_bytes())
    if damage == "torn":
        piece.write_bytes(content[: len(content) // 2])
    elif damage == "edited":
        content[40] ^= 1
        piece.write_bytes(content)
    else:
        piece.unlink()
    path.unlink()
    assert sim.sweep_design(tiny(), rows, tmp_path / "a").read_bytes() == whole


def test_rows_may_be_added_and_changed_rows_are_computed_again(tmp_path):
    rows = rows_of(12)
    sim.sweep_design(tiny(), rows[:9], tmp_path / "a")
    rows[2] = {DAYS: 11.0}
    grown = sim.sweep_design(tiny(), rows, tmp_path / "a").read_bytes()
    assert grown == sim.sweep_design(tiny(), rows, tmp_path / "b").read_bytes()


def test_a_folder_of_other_settings_is_refused(tmp_path):
    sim.sweep_design(tiny(), rows_of(2), tmp_path / "a")
    with pytest.raises(UserError, match=r"run\.seed"):
        sim.sweep_design(tiny().change({"run.seed": 2}), rows_of(2), tmp_path / "a")


# --- designs in files


def test_cells_are_numbers_text_or_yaml_and_empty_ones_change_nothing(tmp_path):
    design = write_design(
        tmp_path / "d.csv",
        "name,a.x,scenario.title,network.y,run.seed",
        'one,1e3,"a, b","[1, 2]",7',
        "",
        "two,,NO,012,",
    )
    (tmp_path / "d.csv").write_text(design.read_text().replace("a.x", "network.x"))
    one, two = read_design(design)
    assert one.changes == {
        "network.x": 1000.0,
        "scenario.title": "a, b",
        "network.y": [1, 2],
        "run.seed": 7,
    }
    assert two.changes == {"scenario.title": "NO", "network.y": "012"}
    assert (one.name, two.number, two.where.rpartition("/")[2]) == ("one", 2, "d.csv:4")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([f"{DAYS}", "30", "-5"], "d.csv:3  scenario.hazards.ban.duration_days"),
        (["scenario.hazards.bann.severity.mean", "0.5"], "did you mean 'ban'"),
        (["run.seeed", "1"], "run.seed and run.replications may vary"),
        (["output.dir", "x"], "is one for all"),
        (["severity", "1"], "is neither a dotted key nor one of name, scenario"),
        (["polcy", "none"], "did you mean 'policy'"),
        (["newtork.sites.pit.capacity", "1"], "did you mean 'network'"),
        ([f"{DAYS},run.seed", "30"], "d.csv:2  cells: 1, must be 2"),
        ([f"{DAYS},{DAYS}", "30,30"], "names two columns"),
        ([f"{DAYS},", "30,30"], "column 2: has no name"),
        (["name,run.seed", "a,1", "a,2"], "is also that of"),
        ([DAYS], "holds no row"),
        ([DAYS, "[1"], "is not a list or mapping"),
        (["policy", "none"], "is chosen when loading"),
        (["scenario.hazards.ban.effects.metal.origin", '"{country: FRA}"'], "FRA"),
        (["network.sites.pit.capacity", "5"], "d.csv:2"),
        (["run.replications", "many"], "d.csv:2  run.replications"),
    ],
)
def test_a_wrong_design_is_refused_before_anything_runs(tmp_path, lines, said):
    assert said in faults_of(write_design(tmp_path / "d.csv", *lines), tmp_path / "out")


def test_mistakes_of_all_rows_are_told_at_once_and_one_of_a_column_once(tmp_path):
    lines = [f"{DAYS},scenario.hazards.ban.severty.mean", *[f"{-x},0.5" for x in range(1, 5)]]
    with pytest.raises(UserError) as caught:
        check_rows(points(), read_design(write_design(tmp_path / "d.csv", *lines)))
    told = [str(f) for f in caught.value.faults]
    severty = [t for t in told if "severty" in t]
    assert len(severty) == 1 and "(and so in 3 more rows)" in severty[0]
    assert "d.csv:2" in severty[0]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'a"b\n"x', None])
def test_what_is_no_csv_file_is_told(tmp_path, content):
    path = tmp_path / "d.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"d\.csv"):
        read_design(path)


def test_a_row_that_is_no_mapping_is_told():
    with pytest.raises(UserError, match="design row 2"):
        read_design([{DAYS: 3}, 5])  # type: ignore[list-item]


# --- the command


def test_the_command_sweeps_a_design_with_policies_and_prints_the_table(tmp_path, capsys):
    shutil.copy(DATA / "tiny.yaml", tmp_path / "tiny.yaml")
    design = write_design(
        tmp_path / "d.csv", f"policy,{DAYS}", "none,60", f"{DATA}/tiny_stock.yaml,60"
    )
    words = ["sweep", "--design", str(design), f"scenario={SCENARIO}", "run.replications=40",
             "run.audit=1", f"output.dir={tmp_path}/out"]  # fmt: skip
    assert main(words) == 0
    path = Path(capsys.readouterr().out.strip())
    table = pq.read_table(path).to_pylist()
    mean = {
        r["row"]: r["value"]
        for r in table
        if (r["kind"], r["measure"], r["statistic"]) == ("total", "shortfall_t", "mean")
    }
    assert mean[2] < mean[1], "a stock helps"
    assert any(r["kind"] == "reserve" and r["row"] == 2 for r in table)
    assert main(words) == 0, "the same command again reuses what is there"


def test_the_command_tells_a_bad_row_with_its_line(tmp_path, capsys):
    design = write_design(tmp_path / "d.csv", DAYS, "60", "soon")
    words = ["sweep", "--design", str(design), f"scenario={SCENARIO}", f"output.dir={tmp_path}/out"]
    assert main(words) == 2
    error = capsys.readouterr().err
    assert "d.csv:3" in error and "soon" in error and "Traceback" not in error
