"""The time to a first result, without a clock: what is imported, and that no work is done twice."""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from shipped import SCENARIOS

from sim.api import Study, load
from sim.base.errors import UserError
from sim.cli import main
from sim.config.command_line import compose
from sim.config.hydra.grammar import given_of, parse
from sim.config.hydra.plain_words import plain_words
from sim.config.library import Library
from sim.results.checksum import digest
from sim.run.local import read_blocks, run_blocks
from sim.run.plan import Plan

SCENARIO = Path(__file__).parent / "data" / "tiny_ban.yaml"
NETWORK = Path(__file__).parent / "data" / "tiny.yaml"
COMPILED = ("numba", "matplotlib", "pyarrow", "pandas", "dask", "distributed", "simpy")
HYDRA = ("hydra", "omegaconf", "antlr4")
QUICK = ["run.replications=9", "run.audit=0", "output.figures=false"]


def loaded_by(words: list[str], names: tuple[str, ...]) -> list[str]:
    """Return which modules a command has loaded when it is done, in a fresh process."""
    code = (
        "import sys, json; from sim.cli import main; assert not main(json.loads(sys.argv[1]));"
        f"print([m for m in {names!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, json.dumps(words)], capture_output=True,
                          text=True, check=True)  # fmt: skip
    return done.stderr.splitlines()[-1].strip("[]").replace("'", "").split(", ")


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["list"]])
def test_help_and_lists_load_none_of_the_libraries(words):
    heavy = (*COMPILED, *HYDRA, "numpy", "scipy", "pydantic", "rich")
    assert loaded_by(words, heavy) == [""]


@pytest.mark.parametrize("command", ["show", "check"])
def test_a_network_is_shown_and_checked_without_kernels_tables_on_disk_and_hydra(command):
    assert loaded_by([command, str(NETWORK)], (*COMPILED, *HYDRA)) == [""]


def test_a_run_without_figures_loads_no_drawing_no_cluster_and_no_hydra(tmp_path):
    words = ["run", f"scenario={SCENARIO}", *QUICK, f"output.dir={tmp_path}/out"]
    unwanted = ("matplotlib", "pandas", "dask", "distributed", *HYDRA)
    assert loaded_by(words, (*unwanted, "numba", "pyarrow")) == ["numba", "pyarrow"]


def test_a_command_asks_for_one_blas_thread_and_leaves_the_users_wish_alone(monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    assert main(["--version"]) == 0 and os.environ["OPENBLAS_NUM_THREADS"] == "1"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    assert main(["--version"]) == 0 and os.environ["OPENBLAS_NUM_THREADS"] == "3"


def test_a_command_leaves_the_collector_as_it_was():
    before = gc.get_threshold()
    assert main(["--version"]) == 0 and gc.get_threshold() == before


# --- plain words mean what Hydra's grammar says ---------------------------------------------------


def by_grammar(text: str):
    (override,) = parse([text])
    assert not override.is_sweep_override()
    return given_of(override, override.value())


def test_plain_words_mean_what_they_mean_to_hydra():
    rng = random.Random(20251009)
    read = 0
    for _ in range(4000):
        word = "".join(rng.choice("abz_AZ019.-/+e5nulltrue inf") for _ in range(rng.randint(1, 7)))
        key = rng.choice(["run.seed", "output.dir", "network.sites.a_b.c"])
        given = plain_words(["scenario=x", f"{key}={word}"])
        if given is not None:
            read += 1
            theirs = by_grammar(f"{key}={word}")
            assert given[1] == theirs and type(given[1].value) is type(theirs.value), word
    assert read > 1000


@pytest.mark.parametrize(
    "text",
    ["run.seed=1,2", "run.seed=range(1,3)", "policy=[a,b]", "policy='a'", "~run.seed",
     "+run.seed=1", "hydra.run.dir=x", "run=x@y", "run.seed=null", "run.seed=NaN", "run.seed=1e3",
     "run.seed=012", "run.seed=", "run.seed=${x}", "run.seed= 1", "seed=1", "run.seed=1_000",
     "output.dir=a\\b"],
)  # fmt: skip
def test_all_else_is_left_to_hydra(text):
    assert plain_words(["scenario=x", text]) is None


def test_without_a_scenario_the_defaults_are_hydras():
    assert plain_words(["run.seed=1"]) is None
    assert compose(["run.seed=1"]).settings.scenario.name == "china_ree_controls_2025_10"


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_in_plain_words_is_the_one_that_hydra_reads(name):
    """The files, and so the settings, follow from what is read."""
    assert plain_words([f"scenario={name}"]) == [by_grammar(f"scenario={name}")]
    assert plain_words([f"scenario='{name}'"]) is None
    assert by_grammar(f"scenario='{name}'").value == name


def test_a_scenario_in_plain_words_gives_the_settings_that_hydra_gives():
    name = "outlook_2050"  # names files of every group
    assert compose([f"scenario={name}"]).settings == compose([f"scenario='{name}'"]).settings


@pytest.mark.parametrize("more", ["policy=msp", "network=gallium", "demand=iea_aps"])
def test_files_chosen_in_plain_words_are_those_that_hydra_chooses(more):
    def settings(*words: str):
        try:
            return compose(words).settings
        except UserError as error:
            return str(error)

    assert settings("scenario=background", more) == settings("scenario='background'", more)


# --- a file that gives orders in disguise ---------------------------------------------------------


@pytest.mark.parametrize(
    "line", ['"\\x68ydra": {}', 'note: "\\x24{x}"', '"_tar\\x67et_": x', "note: x  # @package x"]
)
def test_orders_behind_escapes_are_found(tmp_path, line):
    file = tmp_path / "mine.yaml"
    file.write_text(f"title: x\n{line}\n")
    if line.endswith("@package x"):
        assert Library().read("scenario", str(file)).data["note"] == "x"  # only at a line's start
        return
    with pytest.raises(UserError, match="files are data"):
        Library().read("scenario", str(file))


# --- work is shared, and done once ----------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny() -> Study:
    return load(SCENARIO, {"run.replications": 100, "run.audit": 0, "output.figures": False})


@pytest.mark.parametrize(
    ("n", "workers", "parts"), [(100, 2, 2), (100, 3, 3), (40, 4, 2), (30, 4, 1)]
)
def test_threads_share_the_last_block_and_change_no_bit(tmp_path, tiny, n, workers, parts):
    """Whole vectors of eight, of 32 replications at least."""
    seen: list[tuple[int, int]] = []

    def compute(replications, stop):
        seen.append((int(replications[0]), replications.size))
        return tiny.compute(replications, stop)

    (tmp_path / "blocks").mkdir()
    plan = Plan({}, "0", 1024)
    run_blocks(tmp_path, plan, n, compute, workers, lambda _: None)
    assert len(seen) == parts
    assert all(first % 8 == 0 for first, _ in seen) and sum(size for _, size in seen) == n
    alone = tiny.compute(np.arange(n, dtype=np.int64), np.zeros(1, np.uint8))
    assert alone is not None and digest(read_blocks(tmp_path, plan, n)) == digest(alone)


def test_threads_take_whole_blocks_while_there_are_enough(tmp_path, tiny):
    seen: list[int] = []

    def compute(replications, stop):
        seen.append(replications.size)
        return tiny.compute(replications, stop)

    (tmp_path / "blocks").mkdir()
    run_blocks(tmp_path, Plan({}, "0", 64), 64 * 5, compute, 2, lambda _: None)
    assert sorted(seen) == [32, 32, 64, 64, 64, 64]


def test_a_slice_that_fails_ends_the_run_and_leaves_no_block(tmp_path, tiny):
    def compute(replications, stop):
        if replications[0] > 0:
            raise MemoryError("no room")
        return tiny.compute(replications, stop)

    (tmp_path / "blocks").mkdir()
    with pytest.raises(MemoryError, match="no room"):
        run_blocks(tmp_path, Plan({}, "0", 1024), 100, compute, 2, lambda _: None)
    assert not list((tmp_path / "blocks").iterdir())


def test_a_run_plays_no_replication_twice_and_its_fan_is_that_of_a_second_look(
    tmp_path, tiny, monkeypatch
):
    played: list[int] = []
    lock = threading.Lock()
    flow = Study.flow

    def counted(self, tape, **options):
        with lock:
            played.extend(tape.replication.tolist())
        return flow(self, tape, **options)

    both = Study._compute_by_trajectories  # compiled: trajectories and judgement in one go

    def counted_both(self, replications, stop, keep):
        with lock:
            played.extend(replications.tolist())
        return both(self, replications, stop, keep)

    monkeypatch.setattr(Study, "flow", counted)
    monkeypatch.setattr(Study, "_compute_by_trajectories", counted_both)
    study = tiny.change({"output.fan_replications": 60, "run.workers": 1})
    study.run(tmp_path / "once")
    assert sorted(played) == list(range(100))  # one block, in it those that the fan shows
    played.clear()
    study.run(tmp_path / "once")  # its blocks are there: only the fan is played
    assert sorted(played) == list(range(60))
    played.clear()
    tiny.change({"output.fan_replications": 60, "run.block": 32}).run(tmp_path / "blocks")
    assert sorted(played) == list(range(64))
    first = (tmp_path / "once" / "fan.csv").read_bytes()
    assert first == (tmp_path / "blocks" / "fan.csv").read_bytes()
