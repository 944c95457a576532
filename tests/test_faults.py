"""Runs broken on purpose: a few of each here, all of benchmarks/faults.py under `slow`."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from benchmarks import faults

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
needs_small_disk = pytest.mark.skipif(not faults.can_mount(), reason="a small disk needs root")


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> faults.Truth:
    return faults.Truth(tmp_path_factory.mktemp("truth"))


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.node.name)


def test_a_run_killed_at_random_moments_ends_with_the_bits_of_the_undisturbed_one(
    tmp_path: Path, truth: faults.Truth, rng: random.Random
) -> None:
    assert faults.killed_runs(tmp_path, truth, 5, rng) >= 5


@pytest.mark.slow
def test_a_run_killed_at_fifty_random_moments_ends_with_the_same_bits(
    tmp_path: Path, truth: faults.Truth, rng: random.Random
) -> None:
    assert faults.killed_runs(tmp_path, truth, 50, rng) >= 50


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_how_to_go_on_and_ends_with_the_same_bits(
    tmp_path: Path, truth: faults.Truth, rng: random.Random, sent: int
) -> None:
    assert faults.stopped_runs(tmp_path, truth, 5, rng, sent) == 5


@needs_small_disk
def test_a_full_disk_is_told_and_loses_nothing_that_was_finished(
    tmp_path: Path, truth: faults.Truth
) -> None:
    assert faults.full_disks(tmp_path, truth, [0.4]) == 1


@pytest.mark.slow
@needs_small_disk
def test_a_disk_may_be_full_at_any_stage(tmp_path: Path, truth: faults.Truth) -> None:
    assert faults.full_disks(tmp_path, truth, [0.05, 0.2, 0.6, 0.8]) == 4


def test_a_torn_or_edited_block_is_named_and_computed_again(
    tmp_path: Path, truth: faults.Truth, rng: random.Random
) -> None:
    assert faults.damaged_blocks(tmp_path, truth, 2, rng) == 2


def test_of_two_runs_into_one_folder_one_is_refused(tmp_path: Path, truth: faults.Truth) -> None:
    assert faults.two_at_once(tmp_path, truth, 1) == 1


@pytest.mark.slow
@pytest.mark.parametrize("how", ["run.engine=simpy", "run.dask=local"])
def test_killed_workers_cost_their_blocks_only(
    tmp_path: Path, truth: faults.Truth, rng: random.Random, how: str
) -> None:
    if "dask" in how:
        pytest.importorskip("distributed")
    assert faults.killed_workers(tmp_path, truth, 5, rng, how) == 5


@pytest.mark.slow
def test_a_read_only_package_without_a_home_gives_the_same_bits(
    tmp_path: Path, truth: faults.Truth
) -> None:
    assert faults.read_only_without_home(tmp_path, truth) == 1


@pytest.mark.slow
def test_an_edited_kernel_beside_a_full_cache_gives_new_numbers(
    tmp_path: Path, truth: faults.Truth
) -> None:
    assert faults.changed_kernel(tmp_path, truth) == 1
