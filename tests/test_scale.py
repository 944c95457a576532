"""Large networks: reading, checking and compiling grow with the lanes, counted and not timed."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from benchmarks import scale, scale_page
from sim.api import load
from sim.base.collector import collector_at_rest
from sim.flow.kernel.measures import BOOKS
from sim.run import course


def test_the_random_chain_is_whole_the_same_again_and_of_seven_lanes_a_site(tmp_path):
    network = scale.chain(120)
    assert network == scale.chain(120)
    study = load(scale.write(tmp_path, network, scale.hazards(), 364))
    lanes = study.compiled.chain.lane_feed.size
    assert 6 * 120 < lanes < 8 * 120
    assert len(study.hazards.hazard_of) == 2


def test_the_power_of_what_grows_with_the_lanes_is_one():
    rows = [{"lanes": n, "read_s": 2e-5 * n, "check_s": 1e-9 * n**2} for n in (100, 1000, 9000)]
    assert scale_page.power(rows, "read_s") == pytest.approx(1.0)
    assert scale_page.power(rows, "check_s") == pytest.approx(2.0)


def test_the_page_says_what_was_measured(tmp_path):
    rows = [{"sites": n, "lanes": 7 * n, "read_s": n / 1e3, "check_s": n / 2e3, "future_s": n / 1e5,
             "compile_s": n / 4e3, "memory_mb": 300.0} for n in (300, 1000)]  # fmt: skip
    whole = {"sites": 1000, "run_s": 50.0, "write_s": 2.0, "run_mb": 900.0, "beside_mb": 500.0}
    whole |= {"cpu_s": 80.0, "load": 1.5}
    text = scale_page.write_page(rows, whole, tmp_path)
    assert "| 1,000 | 7,000 | 1.00 | 0.50 | 0.25 | 100.0 | 300 |" in text
    assert "checking 1.00" in text and "the tables is 2% of the processor time" in text
    assert (tmp_path / "figures" / "scale.png").stat().st_size > 10_000


def test_of_a_large_network_fewer_trajectories_are_held_at_once_to_the_same_bits(
    tmp_path, monkeypatch
):
    file = scale.write(tmp_path, scale.chain(40), scale.hazards(), 182)
    numbers, stop, seen = np.arange(48), np.zeros(1, np.uint8), []
    one, other = load(file), load(file)
    assert one.chunk == 128
    truth = one.compute(numbers, stop)
    each = 8 * other.n_period * (len(BOOKS) * len(other.compiled.labels.group))
    monkeypatch.setattr("sim.run.case.ROOM", 20 * each)
    assert other.chunk == 16  # whole vectors
    monkeypatch.setattr("sim.run.case.ROOM", each)
    found = other.compute(numbers, stop, lambda which, _: seen.append(which.size))
    assert seen == [16, 16, 16]
    assert all(np.array_equal(found[x], truth[x], equal_nan=True) for x in truth)
    monkeypatch.setattr(course, "SHARE_ROOM", 1)
    monkeypatch.setattr(course, "LEAST_KEPT", 20)
    assert course.Course(other, 48).fan(48, 1).n == 20


def test_the_collector_works_again_after_a_rest_also_one_within_another():
    with collector_at_rest():
        with collector_at_rest():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
