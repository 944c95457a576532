"""Results folders: whose they are, and believed only as far as their digests go."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from sim.api import Study, load
from sim.base.errors import UserError
from sim.cli import main
from sim.config.settings import Settings
from sim.metrics.answer import Estimate
from sim.metrics.independent import difference
from sim.results.blocks import Origin, block_path, fields_in, read_header, write_block
from sim.results.owner import claim
from sim.run import merge, reopen
from sim.run.compare import compare, names_of
from sim.run.execute import run_shard
from sim.run.fields import fields_of

SCENARIO = Path(__file__).parent / "data" / "tiny_ban.yaml"
OLD = Path(__file__).parent / "data" / "run_of_0_2_0"
QUICK = {"run.replications": 80, "run.block": 32, "run.audit": 1, "output.figures": False,
         "output.fan_replications": 40}  # fmt: skip
WORDS = [f"scenario={SCENARIO}", *(f"{k}={json.dumps(v)}" for k, v in QUICK.items())]


def tiny(**changes) -> Study:
    return load(SCENARIO, {**QUICK, **{k.replace("__", "."): v for k, v in changes.items()}})


def digest_in(folder: Path) -> str:
    return json.loads((folder / "manifest.json").read_text())["replications_digest"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    """Hold two finished runs, "one" and another seed's "two"."""
    folder = tmp_path_factory.mktemp("runs")
    tiny().run(folder / "one")
    tiny(run__seed=3).run(folder / "two")
    return folder


@pytest.fixture
def one(runs, tmp_path) -> Path:
    """Return a copy of the run, to be changed."""
    return Path(shutil.copytree(runs / "one", tmp_path / "one"))


# --- blocks of others ----------------------------------------------------------------------------


def test_what_blocks_hold_is_known_before_one_is_computed(runs):
    for study in (tiny(), tiny(scenario__judged={"region": "JPN"})):
        arrays = study.compute(np.arange(2, dtype=np.int64), np.zeros(1, np.uint8))
        assert arrays is not None
        assert fields_of(study) == fields_in(arrays)


def test_blocks_of_another_run_are_named_and_computed_again(runs, one, capsys):
    for number in (0, 2):
        shutil.copy(block_path(runs / "two", number), block_path(one, number))
    tiny().run(one)
    said = capsys.readouterr().err
    assert "block-000000.bin belongs to another run; computing it again" in said
    assert "block-000002.bin belongs to another run" in said and "block-000001" not in said
    assert digest_in(one) == digest_in(runs / "one")


def test_a_block_copied_to_another_number_is_named_and_computed_again(runs, one, capsys):
    shutil.copy(block_path(one, 1), block_path(one, 0))
    tiny().run(one)
    assert "block-000000.bin holds replications from 32 on, not from 0" in capsys.readouterr().err
    assert digest_in(one) == digest_in(runs / "one")


@pytest.mark.parametrize("how", ["another run", "another number"])
def test_blocks_of_others_are_shown_by_no_command(runs, one, how):
    source = block_path(runs / "two", 0) if how == "another run" else block_path(one, 1)
    shutil.copy(source, block_path(one, 0))
    for look in (
        lambda: reopen.plot(one),
        lambda: reopen.replay(one, 3),
        lambda: compare([runs / "two", one], one.parent / "out"),
    ):
        with pytest.raises(UserError, match="block-000000"):
            look()


def test_a_block_of_this_run_with_other_measures_is_computed_again(runs, one, capsys):
    plan = read_header(block_path(one, 0)).plan
    whole = tiny().compute(np.arange(32, dtype=np.int64), np.zeros(1, np.uint8))
    assert whole is not None
    write_block(one, 0, {k: a for k, a in whole.items() if k != "m.wanted_t"}, Origin(plan))
    tiny().run(one)
    assert "block-000000.bin holds other measures" in capsys.readouterr().err
    assert digest_in(one) == digest_in(runs / "one")


def test_merge_takes_no_block_of_another_run(tmp_path):
    run_shard(tiny(run__shard="1/2"), tmp_path / "a")
    run_shard(tiny(run__shard="2/2"), tmp_path / "b")
    tiny(run__seed=3).run(tmp_path / "c")
    shutil.copy(block_path(tmp_path / "c", 1), block_path(tmp_path / "b", 1))
    with pytest.raises(UserError, match="block 1"):
        merge.merge([tmp_path / "a", tmp_path / "b"])


# --- settings that were changed after the run ----------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [("horizon_days: 364", "horizon_days: 728", "scenario.horizon_days"),
     ("day: 60", "day: 120", "scenario.hazards.ban.onset.day"),
     ("seed: 20251009", "seed: 5", "run.seed"), ("block: 32", "block: 16", "block")],
)  # fmt: skip
@pytest.mark.parametrize("command", ["compare", "plot", "replay", "merge"])
def test_settings_changed_after_the_run_are_refused_by_name(
    runs, one, tmp_path, capsys, before, after, named, command
):
    path = one / "config.yaml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    words = {
        "compare": [str(one), str(runs / "two"), "--output", str(tmp_path / "out")],
        "replay": [str(one), "-r", "3"],
    }
    assert main([command, *words.get(command, [str(one)])]) == 2
    said = capsys.readouterr().err
    assert named in said and "plan.json" in said and "config.yaml" in said


BROKEN = {
    "config.yaml": ["unknown_key: 1\n", b"\xff\xfe\x00", "[" * 5000, "", "- 1\n", "run: 3\n"],
    "plan.json": ["[]", "{}", "[" * 100_000, b"\xff", "null", '{"digest": 1, "version": 2}', ""],
}


@pytest.mark.parametrize(
    ("name", "content"), [(n, c) for n, contents in BROKEN.items() for c in contents]
)
@pytest.mark.parametrize("command", ["compare", "plot", "replay", "merge"])
def test_a_broken_folder_is_told_in_one_message(
    runs, one, tmp_path, capsys, name, content, command
):
    (one / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    words = {
        "compare": [str(runs / "one"), str(one), "--output", str(tmp_path / "out")],
        "replay": [str(one), "-r", "3"],
    }
    assert main([command, *words.get(command, [str(one)])]) == 2
    said = capsys.readouterr().err
    assert name in said and "Traceback" not in said and said.count("wrong") == 1


@pytest.mark.parametrize("n", [2**39, 3_000_000])
def test_a_number_of_replications_beyond_all_blocks_costs_nothing(one, capsys, n):
    path = one / "config.yaml"
    path.write_text(path.read_text().replace("replications: 80", f"replications: {n}", 1))
    for command in (["merge", str(one)], ["plot", str(one)], ["replay", str(one), "-r", "1"]):
        assert main(command) == 2
    said = capsys.readouterr().err
    assert "run.replications: 549,755,813,888" in said or "of 93750 blocks are missing" in said


@pytest.mark.parametrize("shard", ["1/0", "0/1", "x", "", "9/4", "1/2/3", 7, None])
def test_a_note_of_a_shard_that_makes_no_sense_is_passed_over(one, capsys, shard):
    (one / "shards").mkdir()
    (one / "shards" / "1-of-2.json").write_text(json.dumps({"shard": shard, "command": ["run"]}))
    block_path(one, 1).unlink()
    assert main(["merge", str(one)]) == 2
    assert "the commands of the other shards" in capsys.readouterr().err


# --- nobody's files ------------------------------------------------------------------------------


def foreign(folder: Path) -> dict[str, bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("README.txt", "config.yaml", "summary.csv", "notes.md"):
        (folder / name).write_text(f"mine: {name}\n")
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_a_folder_of_somebodys_files_is_refused_and_left_as_it_was(tmp_path, monkeypatch, capsys):
    mine = foreign(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["run", *WORDS, "output.dir=."]) == 2
    assert "no plan of a run of ours" in capsys.readouterr().err
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == mine


def test_overwrite_keeps_what_is_not_ours(tmp_path, runs):
    foreign(tmp_path / "mine")
    tiny(output__overwrite=True).run(tmp_path / "mine")
    assert (tmp_path / "mine" / "notes.md").read_text() == "mine: notes.md\n"
    assert digest_in(tmp_path / "mine") == digest_in(runs / "one")


def test_overwrite_removes_the_blocks_of_the_run_before_and_nothing_else(one):
    (one / "blocks" / "block-list.bin").write_text("mine")
    (one / "blocks" / "notes.md").write_text("mine")
    tiny(run__seed=3, run__replications=20, output__overwrite=True).run(one)
    names = {p.name for p in (one / "blocks").iterdir()}
    assert names == {"block-000000.bin", "block-list.bin", "notes.md"}


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights there")
@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize("inner", ["blocks", "figures", "shards"])
def test_no_link_inside_a_folder_is_followed(one, tmp_path, capsys, inner, overwrite):
    other = tmp_path / "other"
    other.mkdir()
    (other / "block-000000.bin").write_text("mine")
    shutil.rmtree(one / inner, ignore_errors=True)
    (one / inner).symlink_to(other)
    words = [*WORDS, f"output.dir={one}", f"output.overwrite={str(overwrite).lower()}"]
    assert main(["run", *words]) == 2
    assert main(["merge", str(one)]) == 2
    assert "is a symbolic link" in capsys.readouterr().err
    assert [p.read_text() for p in other.iterdir()] == ["mine"]


def test_tables_of_other_commands_go_into_no_folder_of_somebodys(runs, tmp_path, capsys):
    mine = foreign(tmp_path / "mine")
    words = ["compare", str(runs / "one"), str(runs / "one-b"), "--output", str(tmp_path / "mine")]
    shutil.copytree(runs / "one", runs / "one-b", dirs_exist_ok=True)
    assert main(words) == 2
    assert main(["sweep", *WORDS, "run.seed=1,2", f"output.dir={tmp_path / 'mine'}"]) == 2
    assert "nothing there says" in capsys.readouterr().err
    assert {p.name: p.read_bytes() for p in (tmp_path / "mine").iterdir()} == mine
    (runs / "one" / "replication-7").mkdir()
    (runs / "one" / "replication-7" / "events.csv").write_text("mine")
    assert main(["replay", str(runs / "one"), "-r", "7"]) == 2


def test_a_folder_of_tables_is_used_again_by_its_own_command_only(tmp_path):
    claim(tmp_path / "x", "sweep")
    (tmp_path / "x" / "sweep.csv").write_text("ours")
    claim(tmp_path / "x", "sweep")
    with pytest.raises(UserError, match="shortfall compare"):
        claim(tmp_path / "x", "compare")


# --- another version -----------------------------------------------------------------------------


@pytest.fixture
def old(tmp_path) -> Path:
    return Path(shutil.copytree(OLD, tmp_path / "old"))


def test_compare_reads_the_saved_tables_of_another_version_with_a_notice(old, capsys):
    new = old.parent / "one"
    tiny(run__sampling="plain").run(new)  # as all futures were drawn then
    _, rows = compare([old, new], old.parent / "out")
    assert "was made by version 0.2.0" in capsys.readouterr().err
    # the same scenario and seed: replication for replication alike, but for single precision
    found = {(r["view"], r["statistic"]): r for r in rows}
    assert abs(found["JPN", "mean_difference"]["value"]) < 1e-3
    assert found["JPN", "mean_difference"]["n"] == 60
    assert all("paired by ban" in r["pairs"] for r in rows)


def test_plot_draws_from_the_saved_tables_of_another_version_with_a_notice(old, capsys):
    assert main(["plot", str(old)]) == 0
    captured = capsys.readouterr()
    assert "saved tables" in captured.err
    assert {Path(f).name for f in captured.out.split()} >= {"fan.svg", "exceedance.svg"}


@pytest.mark.parametrize("command", [["replay", "-r", "1"], ["merge"], ["run", *WORDS]])
def test_other_commands_refuse_a_folder_of_another_version(old, capsys, command):
    place = [f"output.dir={old}"] if command[0] == "run" else [str(old)]
    assert main([command[0], *place, *command[1:]]) == 2
    assert "0.2.0" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["config.yaml", "summary.csv", "fan.csv", "replications.parquet"])
def test_a_saved_table_that_was_changed_is_refused(old, runs, capsys, name):
    content = (old / name).read_bytes()
    (old / name).write_bytes(content.replace(b"4", b"5", 1))
    for words in (["plot", str(old)], ["compare", str(old), str(runs / "one")]):
        assert main(words) == 2
        assert f"{name}, is absent or was changed" in capsys.readouterr().err


# --- what a comparison compares ------------------------------------------------------------------


def test_runs_without_a_common_hazard_are_compared_as_independent(tmp_path):
    study = tiny(run__replications=400)
    data = study.dump()
    data["scenario"]["hazards"] = {"stop": data["scenario"]["hazards"]["ban"]}
    other = Study(Settings.model_validate(data))
    base, run = study.run(tmp_path / "a"), other.run(tmp_path / "b")
    _, rows = compare([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    assert {r["pairs"] for r in rows} == {"independent: no hazard's name is in both runs"}
    assert {r["statistic"] for r in rows} == {"mean_difference", "cvar95_difference"}
    row = next(r for r in rows if (r["view"], r["statistic"]) == ("JPN", "mean_difference"))
    one, two = (d.of("shortfall_t", "region", "JPN") for d in (base, run))
    half = 1.96 * np.sqrt(one.var() / one.size + two.var() / two.size)
    assert row["value"] == pytest.approx(two.mean() - one.mean())
    assert (row["high"] - row["low"]) / 2 == pytest.approx(half, rel=0.1)


def test_a_difference_of_independent_intervals_keeps_their_skew():
    answer = difference(Estimate(10, 7, 18, 50), Estimate(4, 0, 5, 90))
    assert isinstance(answer, Estimate)
    assert answer[:4] == (6, 6 - np.hypot(3, 1), 6 + np.hypot(8, 4), 50)


def test_a_table_of_comparison_names_scenario_policy_and_what_pairs(runs, tmp_path, capsys):
    tiny(scenario__hazards__ban__severity={"value": 0.2}).run(tmp_path / "mild" / "one")
    words = [str(runs / "one"), str(tmp_path / "mild" / "one")]
    assert main(["compare", *words, "--output", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err
    assert "mild/one" in said and "tiny_ban" in said and "paired by ban" in said
    with open(tmp_path / "out" / "compare.csv", newline="") as file:
        row = next(csv.DictReader(file))
    assert row["run"] == "mild/one" and row["base"] == f"{runs.name}/one"
    assert (row["scenario"], row["policy"], row["pairs"]) == ("tiny_ban", "none", "paired by ban")


def test_names_of_folders_are_as_long_as_they_must_be(tmp_path):
    assert names_of([tmp_path / "a", tmp_path / "b"]) == ["a", "b"]
    assert names_of([tmp_path / "x" / "a", tmp_path / "y" / "a"]) == ["x/a", "y/a"]
    with pytest.raises(UserError, match="given twice"):
        names_of([tmp_path / "a", tmp_path / "b" / ".." / "a"])


def test_runs_of_other_lengths_are_not_compared(runs, tmp_path):
    tiny(scenario__horizon_days=182).run(tmp_path / "half")
    with pytest.raises(UserError, match=r"horizon_days.*364 days.*182"):
        compare([runs / "one", tmp_path / "half"], tmp_path / "out")


# --- settings as given ---------------------------------------------------------------------------


def test_the_settings_of_a_run_are_kept_as_given_and_can_be_given_again(tmp_path, capsys):
    words = [*WORDS, "scenario.hazards.ban.onset={day: 30}", "run.seed=8"]
    assert main(["run", *words, f"output.dir={tmp_path / 'a'}"]) == 0
    again = [f"experiment={tmp_path / 'a' / 'overrides.yaml'}", f"output.dir={tmp_path / 'b'}"]
    assert main(["run", *again]) == 0
    assert digest_in(tmp_path / "a") == digest_in(tmp_path / "b")
    other = [again[0], "run.seed=9", f"output.dir={tmp_path / 'c'}"]
    assert main(["run", *other]) == 0
    assert digest_in(tmp_path / "a") != digest_in(tmp_path / "c")


@pytest.mark.parametrize(
    "content", ["overrides: 3\n", "other: [a]\n", "overrides: [1]\n", "overrides: [--help]\n",
                "overrides: [experiment=x]\n", "[]\n"],
)  # fmt: skip
def test_a_file_of_settings_that_holds_something_else_is_refused(tmp_path, capsys, content):
    path = tmp_path / "kept.yaml"
    path.write_text(content)
    assert main(["run", f"experiment={path}"]) == 2
    assert "kept.yaml" in capsys.readouterr().err
