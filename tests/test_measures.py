"""The register of measures: one line each, and everything that reads it agrees with it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from sim.flow.kernel.measures import BOOKS, MEASURES, RELEASED, TALLIES, UNITS
from sim.flow.trajectories import Flow
from sim.metrics.statistics import RESERVE_STATISTICS, STATISTICS

PAGE = Path(__file__).parent.parent / "docs" / "model.md"


def test_every_measure_is_told_in_the_page_of_the_model_as_the_register_has_it():
    text = PAGE.read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", text, re.MULTILINE)
    assert rows == [(m.name, m.unit, m.meaning) for m in (*MEASURES, RELEASED)]


def test_names_are_single_and_end_in_what_they_are_measured_in():
    names = [m.name for m in MEASURES]
    assert len(set(names)) == len(names)
    ends = {"t": "_t", "share": "_share", "days": ("_days", "_day", "_short"), "USD": "_usd"}
    assert all(name.endswith(ends[unit]) for name, unit in UNITS.items())


def test_folds_name_a_book_or_a_tally():
    folds = {"sum": BOOKS, "share": TALLIES, "day": TALLIES, "days": TALLIES, "": ("",)}
    assert all(m.of in folds[m.fold] for m in MEASURES)
    assert Flow._fields[: len(BOOKS)] == BOOKS


def test_what_a_sweep_tells_is_told_by_the_summary_too():
    for m in MEASURES:
        assert set(m.brief.split()) <= set(m.statistics.split()), m.name
        assert list(STATISTICS.get(m.name, {})) == m.statistics.split()
    assert list(RESERVE_STATISTICS) == RELEASED.statistics.split()


def test_a_block_holds_the_measures_that_have_a_fold(tmp_path):
    from engines import Case

    from sim.metrics.loss import measure
    from sim.metrics.views import views_of

    case = Case(3, n_period=4, replications=1)
    table = measure(case.fast(trace=False), views_of(case.compiled.labels), 7.0)
    assert list(table) == [m.name for m in MEASURES if m.fold]
    assert all(np.isfinite(v).all() or name.endswith("_day") for name, v in table.items())
