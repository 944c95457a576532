"""Runs whose futures are drawn in blocks: their size, whole blocks, the same bits however made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sim.api import Study, load
from sim.base.errors import UserError
from sim.base.sections import INDEPENDENT, Sections
from sim.config.settings import Run
from sim.run import execute, merge, reopen
from sim.run.compare import compare
from sim.run.sampling import BLOCKS, LARGEST, sections_of, size_for, whole
from sim.sweep.by_design import sweep_design

SCENARIO = Path(__file__).parent / "data" / "tiny_ban.yaml"
QUICK = {"run.replications": 400, "run.block": 150, "run.audit": 1, "output.figures": False,
         "output.fan_replications": 50}  # fmt: skip


def tiny(**changes) -> Study:
    return load(SCENARIO, {**QUICK, **{k.replace("__", "."): v for k, v in changes.items()}})


def said_in(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def shortfall(data) -> np.ndarray:
    return data.of("shortfall_t", "total", "all")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "run"
    return tiny().run(folder), folder


# --- size ---------------------------------------------------------------------------------------


def test_a_size_is_a_power_of_two_that_leaves_sixteen_blocks():
    for n in [*range(1, 3000), 10_000, 10_240, 10**6, 10**9]:
        size = size_for(n)
        assert size & (size - 1) == 0
        assert size == 1 or n // size >= BLOCKS or whole(n, size) // size >= BLOCKS
        assert size <= LARGEST
        assert whole(n, size) % size == 0 and 0 <= whole(n, size) - n < size


@pytest.mark.parametrize("n", [50, 100, 200, 300, 400, 512, 1024, 4096, 10_240, 16_384])
def test_usual_counts_need_no_rounding(n):
    assert whole(n, size_for(n)) == n


def test_few_futures_and_plain_ones_are_each_drawn_alone():
    assert sections_of(Run(replications=31)) == INDEPENDENT
    assert sections_of(Run(replications=32)) == Sections(2)
    assert sections_of(Run(replications=4096, sampling="plain")) == INDEPENDENT
    assert sections_of(Run(replications=4096)) == Sections(256)
    assert sections_of(Run(replications=4096, scrambled=64)) == Sections(64)


def test_a_size_that_is_no_power_of_two_is_refused():
    with pytest.raises(UserError, match=r"run\.scrambled.*power of two"):
        tiny(run__scrambled=100)


def test_a_count_is_rounded_up_to_whole_blocks_and_that_is_said(tmp_path, capsys):
    data = tiny(run__replications=1000).run(tmp_path / "run")
    assert data.n == 1024 and data.sections == Sections(32)
    assert "1,000 are rounded up to 1,024, whole blocks of 32" in capsys.readouterr().err
    assert tiny(run__replications=1000, run__sampling="plain").run(tmp_path / "plain").n == 1000
    assert "rounded" not in capsys.readouterr().err


# --- the same bits however a run is made --------------------------------------------------------


def test_workers_block_of_a_file_and_engine_change_no_bit(made, tmp_path):
    for k, changes in enumerate(
        ({"run__block": 7, "run__workers": 1}, {"run__block": 1024, "run__workers": 2})
    ):
        other = tiny(**changes).run(tmp_path / str(k))
        assert (shortfall(other) == shortfall(made[0])).all()
    simpy = tiny(run__engine="simpy", run__audit=0).compute(np.arange(5), np.zeros(1, np.uint8))
    assert (simpy["m.shortfall_t"][:, -1] == shortfall(made[0])[:5]).all()


def test_an_extended_run_keeps_the_size_and_the_bits_of_its_blocks(made, tmp_path):
    folder = tmp_path / "run"
    first = tiny(run__replications=200).run(folder)
    assert first.sections == Sections(8)
    more = tiny(run__replications=1600).run(folder)
    assert more.sections == Sections(8)
    assert (shortfall(more)[:200] == shortfall(first)).all()
    fresh = tiny(run__replications=1600, run__scrambled=8).run(tmp_path / "fresh")
    assert (
        said_in(folder)["replications_digest"] == said_in(tmp_path / "fresh")["replications_digest"]
    )
    assert (shortfall(fresh) == shortfall(more)).all()


def test_shards_replay_and_opening_again_give_the_run_made_at_once(made, tmp_path):
    data, _ = made
    for i in (2, 1):
        execute.run_shard(tiny(run__shard=f"{i}/2"), tmp_path / "shards")
    merge.merge([tmp_path / "shards"])
    study, again = reopen.open_run(tmp_path / "shards")
    assert again.sections == data.sections == study.sections == Sections(16)
    assert (shortfall(again) == shortfall(data)).all()
    alone = study.compute(np.array([123]), np.zeros(1, np.uint8))
    assert alone["m.shortfall_t"][0, -1] == shortfall(data)[123]


def test_another_size_or_way_of_sampling_is_another_run(made, tmp_path):
    _, folder = made
    for changes in ({"run__scrambled": 32}, {"run__sampling": "plain"}):
        with pytest.raises(UserError, match=r"run\.(scrambled|sampling)"):
            tiny(**changes).run(folder)


def test_runs_that_were_sampled_otherwise_are_not_compared_pair_by_pair(made, tmp_path):
    tiny(run__replications=1600).run(tmp_path / "other")
    with pytest.raises(UserError, match=r"run\.scrambled=16"):
        compare([made[1], tmp_path / "other"], tmp_path / "compare")


def test_a_row_of_a_design_is_the_run_of_its_settings(made, tmp_path):
    base = tiny(run__audit=0)
    rows = [{"scenario.hazards.ban.severity.alpha": 3.0, "run.replications": 400}]
    table = sweep_design(base, rows, tmp_path / "sweep", table="csv").read_text()
    alone = tiny(**{"scenario__hazards__ban__severity__alpha": 3.0}).run(tmp_path / "run")
    mean = next(
        row for row in alone.summary
        if (row["kind"], row["measure"], row["statistic"]) == ("total", "shortfall_t", "mean")
    )  # fmt: skip
    assert f"{mean['low']}"[:12] in table and f"{mean['high']}"[:12] in table


def test_blocks_make_the_interval_of_a_run_narrower(tmp_path):
    def width(sampling):
        data = tiny(run__sampling=sampling, run__replications=1024, run__audit=0).run(
            tmp_path / sampling
        )
        row = next(
            r for r in data.summary
            if (r["kind"], r["measure"], r["statistic"]) == ("total", "shortfall_t", "mean")
        )  # fmt: skip
        assert row["mark"] == ""
        return row["high"] - row["low"]

    assert width("sobol") < 0.6 * width("plain")
