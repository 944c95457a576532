"""What `make bench` measures is what its table says (its figures themselves are not tested)."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

import benchmarks
from benchmarks import chains, fifty
from benchmarks.measure import Times, alternate, ratio
from benchmarks.report import report
from sim.sweep.design import read_design
from sim.sweep.points import Points, check_rows


def test_the_sweep_of_record_has_1200_different_valid_scenarios_of_50_sites_and_120_periods(
    tmp_path,
):
    study = fifty.study(tmp_path)
    rows = read_design(fifty.design())
    assert (study.compiled.chain.kind.size, study.n_period, len(rows)) == (50, 120, 1200)
    assert len({str(row.changes) for row in rows}) == 1200
    check_rows(Points(lambda choices: study), rows[::100])


def test_every_part_of_the_benchmarks_finds_what_it_imports():
    folder = Path(benchmarks.__file__).parent
    names = [f.stem for f in folder.glob("*.py") if not f.stem.startswith("__")]
    assert len(names) > 10
    for name in names:
        importlib.import_module(f"benchmarks.{name}")


def test_its_network_is_the_same_each_time():
    assert fifty.network() == fifty.network()
    assert fifty.design(10) == fifty.design(10)


@pytest.mark.parametrize("width", [10, 40])
def test_a_layered_chain_has_twelve_lanes_a_unit_of_width(width):
    assert chains.layered(width).compiled.chain.supplier.size == 12 * width


def test_three_sites_stand_for_a_million_replications(tmp_path):
    from sim.api import load

    study = load(chains.write(tmp_path, *chains.three_sites(), 182))
    assert (study.compiled.chain.kind.size, study.n_period) == (3, 26)


def test_things_are_timed_in_turns_and_told_as_ratios():
    order: list[str] = []
    times = alternate({"a": lambda: order.append("a"), "b": lambda: 0.5}, 3)
    assert order == ["a"] * 3 and times["b"].seconds == [0.5] * 3
    line = ratio("a / b", Times([3.0, 1.0, 2.0]), Times([0.5, 0.25, 0.5]), "9")
    assert (line.best, line.median, line.goal) == ("4.00", "4.00", "9")
    assert "| a / b | 4.00 | 4.00 | 9 |" in report([line], "x", 1.0)


def test_doubted_suppliers_are_counted_as_the_model_has_them():
    from benchmarks.roofline import _doubted
    from sim.flow.trajectories import FlowTrace

    ordered = np.full((3, 2, 1), 2.0)
    shipped = ordered.copy()
    shipped[0, 1] = 1.0  # the second lane is doubted from the second period on
    none = np.zeros((3, 2, 1))
    trace = FlowTrace(none, none, ordered, shipped, none, none)
    assert _doubted(trace, np.array([0.5, 0.5])) == 2


def test_a_supplier_that_does_not_ship_all_is_counted_with_all_its_lanes():
    from benchmarks.roofline import _shared
    from sim.flow.trajectories import FlowTrace

    ordered = np.full((3, 3, 1), 2.0)
    shipped = ordered.copy()
    shipped[0, 1] = 1.0  # one of the two lanes of the first supplier, in one period
    none = np.zeros((3, 3, 1))
    trace = FlowTrace(none, none, ordered, shipped, none, none)
    assert _shared(trace, np.array([0, 2, 2, 3])) == 2
