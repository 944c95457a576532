"""Shards, merge, locks, processes, Dask, precision: always the bits of the run made at once."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from sim import __version__
from sim.api import Study, load
from sim.base.errors import UserError
from sim.cli import main
from sim.metrics import precision
from sim.metrics.stopping import Stopping
from sim.results.blocks import block_path
from sim.run import execute, merge
from sim.run.local import kept_in
from sim.run.lock import locked
from sim.run.many import Job, run_jobs
from sim.run.plan import Plan
from sim.run.shard import Shard
from sim.sweep import grid

SCENARIO = Path(__file__).parent / "data" / "tiny_ban.yaml"
QUICK = {"run.replications": 150, "run.block": 16, "run.audit": 1, "output.figures": False,
         "output.fan_replications": 50}  # fmt: skip


def tiny(**changes) -> Study:
    return load(SCENARIO, {**QUICK, **{k.replace("__", "."): v for k, v in changes.items()}})


def digest_in(folder: Path) -> str:
    return json.loads((folder / "manifest.json").read_text())["replications_digest"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "run"
    tiny().run(folder)
    return folder


def same_tables(a: Path, b: Path) -> bool:
    return all((a / n).read_bytes() == (b / n).read_bytes() for n in ("summary.csv", "fan.csv"))


# --- shards -------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 3, 20])
def test_shards_share_out_every_block_once(n):
    shards = [Shard(i, n) for i in range(1, n + 1)]
    assert all(sum(shard.has(block) for shard in shards) == 1 for block in range(50))


@pytest.mark.parametrize("shared", [True, False])
def test_merged_shards_are_the_run_made_at_once(tmp_path, whole, shared):
    folders = [tmp_path / ("all" if shared else str(i)) for i in (1, 2, 3)]
    for i, folder in zip((2, 1, 3), folders, strict=True):
        execute.run_shard(tiny(run__shard=f"{i}/3"), folder)
    merge.merge(folders[:1] if shared else folders)
    assert digest_in(folders[0]) == digest_in(whole)
    assert same_tables(folders[0], whole)


def test_merge_names_the_missing_blocks_and_the_command_that_computes_them(tmp_path, capsys):
    folder = tmp_path / "run"
    words = [f"scenario={SCENARIO}", f"output.dir={folder}", "run.workers=1",
             *(f"{k}={json.dumps(v)}" for k, v in QUICK.items())]  # fmt: skip
    for i in (1, 3):
        assert main(["run", *words, f"run.shard={i}/3"]) == 0
    assert main(["merge", str(folder)]) == 2
    said = capsys.readouterr().err
    assert "blocks 1, 4, 7, 3 of 10 blocks" in said
    assert "run.shard=2/3" in said and "run.shard=1/3" not in said.split("compute them with")[1]
    command = said.split("compute them with: shortfall ")[1].split(", then merge")[0]
    assert main(shlex.split(command)) == 0
    assert main(["merge", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(folder)


def test_merge_computes_nothing_from_a_damaged_block(tmp_path):
    folder = tmp_path / "run"
    for i in (1, 2):
        execute.run_shard(tiny(run__shard=f"{i}/2"), folder, ["run"])
    path = block_path(folder, 3)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"block 3.*shard=2/2"):
        merge.merge([folder])


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [("run.seed", 7, "run.seed"), ("run.replications", 142, "run.replications"),
     ("run.block", 32, "block"),
     ("scenario.hazards.ban.severity.alpha", 3.0, "scenario.hazards.ban.severity.alpha")],
)  # fmt: skip
def test_merge_refuses_another_run_by_the_name_of_the_key(tmp_path, key, value, named):
    execute.run_shard(tiny(run__shard="1/2"), tmp_path / "a")
    execute.run_shard(tiny(run__shard="2/2").change({key: value}), tmp_path / "b")
    with pytest.raises(UserError) as caught:
        merge.merge([tmp_path / "a", tmp_path / "b"])
    assert [fault.key for fault in caught.value.faults] == [named]


def test_the_whole_run_takes_over_what_shards_have_done(tmp_path, whole):
    folder = tmp_path / "run"
    execute.run_shard(tiny(run__shard="2/2"), folder)
    done = {p.name: p.stat().st_mtime_ns for p in (folder / "blocks").iterdir()}
    tiny().run(folder)
    after = {p.name: p.stat().st_mtime_ns for p in (folder / "blocks").iterdir()}
    assert len(done) == 5 and len(after) == 10 and done.items() <= after.items()
    assert digest_in(folder) == digest_in(whole)


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/0", "-1/2", "1/2/3"])
def test_a_wrong_shard_is_refused(text):
    with pytest.raises(UserError, match=r"run\.shard"):
        tiny(run__shard=text)


def test_shards_with_precision_or_dask_are_refused():
    for other in ({"run.precision": 0.1}, {"run.dask": "local"}):
        with pytest.raises(UserError, match="cannot both be set"):
            tiny(run__shard="1/2").change(other)


# --- two runs in one folder ---------------------------------------------------------------------


def test_two_runs_into_one_folder_are_refused(tmp_path):
    with locked(tmp_path):
        for shard in (None, "1/2"):
            with pytest.raises(UserError, match=r"computing there just now \(process \d+"):
                locked(tmp_path, shard).__enter__()
    with locked(tmp_path):
        pass


def test_shards_run_side_by_side_but_each_only_once_and_never_beside_a_whole_run(tmp_path):
    with locked(tmp_path, "1/2"), locked(tmp_path, "2/2"):
        for shard, told in ((None, "another run"), ("2/2", "shard 2/2")):
            with pytest.raises(UserError, match=told):
                locked(tmp_path, shard).__enter__()


def test_a_whole_run_waits_for_no_shard_and_is_told_of_it_beside_others(tmp_path):
    with locked(tmp_path, "1/2"):
        pass
    with locked(tmp_path, "2/2"), pytest.raises(UserError, match=r"another run .*process \d+"):
        locked(tmp_path).__enter__()
    with locked(tmp_path), pytest.raises(UserError, match="a run of the whole"):
        locked(tmp_path, "1/2").__enter__()


def test_a_lock_writes_through_no_link(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "run").mkdir()
    for name in (".lock.by", ".lock-gate.by"):
        (tmp_path / "run" / name).symlink_to(tmp_path / "mine")
    with locked(tmp_path / "run"):
        assert (tmp_path / "mine").read_text() == "mine"


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_lock_ends_with_a_killed_process(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from sim.run.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        with pytest.raises(UserError, match=f"process {process.pid}"):
            locked(tmp_path).__enter__()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    with locked(tmp_path):
        pass


# --- precision ----------------------------------------------------------------------------------

LOSS = np.random.default_rng(8).gamma(0.5, 10.0, 4096)


def in_order(block: int) -> int:
    """The answer told again without increments: the first whole block that is enough."""
    for n in range(block, LOSS.size + 1, block):
        answer = precision.mean(LOSS[:n])
        if n >= 200 and (answer.high - answer.low) / 2 <= 0.08 * answer.value:
            return n
    return 0


@pytest.mark.parametrize("block", [7, 16, 64])
@pytest.mark.parametrize("order", ["as numbered", "backwards by eights", "at random"])
def test_the_stopping_block_does_not_depend_on_the_order_in_which_blocks_come(block, order):
    numbers = np.arange(LOSS.size // block)
    if order == "backwards by eights":
        numbers = np.concatenate([numbers[a : a + 8][::-1] for a in range(0, numbers.size, 8)])
    elif order == "at random":
        numbers = np.random.default_rng(2).permutation(numbers)
    rule = Stopping(0.08, 200, lambda b: LOSS[b * block : (b + 1) * block])
    for number in numbers:
        rule.reached(int(number))
    assert rule.n == in_order(block) > 200


def test_a_run_without_any_loss_is_never_precise_enough():
    rule = Stopping(0.5, 10, lambda b: np.zeros(50))
    assert not any(rule.reached(b) for b in range(40))


@pytest.mark.parametrize("workers", [1, 3])
def test_a_run_goes_on_until_its_judged_mean_is_precise_enough(tmp_path, capsys, workers):
    how = {"run__sampling": "plain"}
    study = tiny(run__precision=0.2, run__replications=64, run__workers=workers, **how)
    data = study.run(tmp_path / "run")
    assert "precise enough after" in capsys.readouterr().err
    losses = data.of("shortfall_t")
    found = [
        n
        for n in range(64, losses.size + 1, 16)
        if (a := precision.mean(losses[:n])) and (a.high - a.low) / 2 <= 0.2 * a.value
    ]
    assert data.n > 64 and found == [data.n]
    again = study.run(tmp_path / "run")
    assert again.n == data.n
    tiny(run__replications=data.n, **how).run(tmp_path / "plain")
    assert digest_in(tmp_path / "run") == digest_in(tmp_path / "plain")


@pytest.mark.parametrize("measure", ["mean", "cvar95"])
def test_any_number_of_any_region_may_be_asked_to_be_precise(tmp_path, capsys, measure):
    asked = {"measure": measure, "region": "JPN", "within": 0.2}
    data = tiny().change({"run.precision": asked, "run.replications": 64}).run(tmp_path / "run")
    said = capsys.readouterr().err
    assert "precise enough after" in said and "the JPN " in said
    row = next(
        r for r in data.summary
        if (r["view"], r["measure"], r["statistic"]) == ("JPN", "shortfall_t", measure)
    )  # fmt: skip
    assert data.n % data.sections.size == 0
    assert 0 < (row["high"] - row["low"]) / 2 <= 0.2 * row["value"]


def test_a_region_without_end_users_cannot_be_asked_to_be_precise(tmp_path):
    asked = {"region": "JPM", "within": 0.2}
    with pytest.raises(UserError, match=r"run\.precision\.region.*JPN"):
        tiny().change({"run.precision": asked}).run(tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_cap_ends_a_run_and_is_told(tmp_path, capsys):
    study = tiny(run__precision=0.001, run__replications=64, run__max_replications=150)
    assert study.run(tmp_path / "run").n == 152  # whole blocks of four
    assert "stopped at run.max_replications=152" in capsys.readouterr().err


def test_precision_of_a_scenario_that_judges_some_is_that_of_the_judged(tmp_path):
    judged = {"scenario.judged": {"region": "JPN"}, "run.precision": 0.3, "run.replications": 64}
    data = tiny().change(judged).run(tmp_path / "run")
    answer = precision.mean(data.of("shortfall_t", "judged", "all"))
    assert (answer.high - answer.low) / 2 <= 0.3 * answer.value


@pytest.mark.parametrize(
    "change", [{"run.precision": 0}, {"run.precision": 1.5},
               {"run.precision": 0.1, "run.max_replications": 10}],
)  # fmt: skip
def test_a_wrong_precision_is_refused(change):
    with pytest.raises(UserError, match=r"run"):
        tiny().change(change)


# --- processes, Dask ----------------------------------------------------------------------------


def test_blocks_of_many_jobs_share_the_threads_and_end_up_in_their_own_folders(tmp_path):
    seen = []

    def job(name: str) -> Job:
        folder = tmp_path / name
        (folder / "blocks").mkdir(parents=True)

        def compute(replications, stop):
            seen.append(name)
            return {"replication": replications, "m.shortfall_t": replications[:, None] * 1.0}

        plan = Plan({}, "0", 4)
        return Job(kept_in(folder, plan), plan.blocks(10), compute, lambda _: None)

    run_jobs((job(name) for name in "abc"), 2)
    assert sorted(seen) == sorted("aaabbbccc")
    assert all(len(list((tmp_path / n / "blocks").iterdir())) == 3 for n in "abc")


def kill_one_worker_after(folder: Path, blocks: int, killed: list[int]) -> threading.Thread:
    """Kill one of this process's workers by SIGKILL as soon as some blocks are there."""

    def watch() -> None:
        limit = time.monotonic() + 120
        while time.monotonic() < limit:
            if len(list((folder / "blocks").glob("block-*"))) >= blocks:
                victim = multiprocessing.active_children()[-1].pid
                assert victim is not None
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)
                return
            time.sleep(0.01)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_killed_worker_process_costs_its_block_only(tmp_path, whole, capsys):
    study = tiny(run__engine="simpy", run__workers=2)
    killed: list[int] = []
    thread = kill_one_worker_after(tmp_path / "run", 2, killed)
    execute.run(study, tmp_path / "run", spawn=True)
    thread.join()
    assert killed and "worker process died" in capsys.readouterr().err
    assert digest_in(tmp_path / "run") == digest_in(whole)


def test_dask_gives_the_bits_of_the_run_made_here(tmp_path, whole):
    pytest.importorskip("distributed")
    tiny(run__dask="local", run__workers=2).run(tmp_path / "run")
    assert digest_in(tmp_path / "run") == digest_in(whole)
    assert same_tables(tmp_path / "run", whole)


def test_a_sweep_on_dask_gives_the_bits_of_runs_made_here(tmp_path, whole):
    pytest.importorskip("distributed")
    dask = {"run__dask": "local", "run__workers": 2}
    points = [("as_it_is", tiny(**dask)), ("other", tiny(run__seed=3, **dask))]
    grid.sweep(points, tmp_path)
    tiny(run__seed=3).run(tmp_path / "here")
    assert digest_in(tmp_path / "as_it_is") == digest_in(whole)
    assert digest_in(tmp_path / "other") == digest_in(tmp_path / "here")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_killed_dask_worker_costs_its_block_only(tmp_path, whole):
    pytest.importorskip("distributed")
    killed: list[int] = []
    thread = kill_one_worker_after(tmp_path / "run", 2, killed)
    tiny(run__dask="local", run__workers=2).run(tmp_path / "run")
    thread.join()
    assert killed
    assert digest_in(tmp_path / "run") == digest_in(whole)


def test_a_scheduler_that_does_not_answer_is_told(tmp_path):
    distributed = pytest.importorskip("distributed")
    assert distributed
    with pytest.raises(UserError, match=r"no scheduler answers"):
        tiny(run__dask="tcp://127.0.0.1:9").run(tmp_path / "run")


def test_dask_that_is_not_installed_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UserError, match=r"shortfall\[dask\]"):
        tiny(run__dask="local").run(tmp_path / "run")


def test_a_worker_of_another_version_is_refused(tmp_path):
    from sim.run import worker

    text = worker.as_text(tiny()).replace('"version": "', '"version": "9.')
    with pytest.raises(RuntimeError, match=rf"9\.{re.escape(__version__)}.*install the same"):
        worker.block(text, 0, 2)


def test_any_executor_computes_the_blocks_to_the_bit(tmp_path, whole):
    with ThreadPoolExecutor(2) as pool:
        tiny().run(tmp_path / "run", executor=pool)
        assert pool.submit(int).result() == 0, "it stays open"
    assert digest_in(tmp_path / "run") == digest_in(whole)
    assert same_tables(tmp_path / "run", whole)
