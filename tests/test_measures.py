"""The register of measures: one line each, and everything that reads it agrees with it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from sim.flow.kernel.measures import BOOKS, LOSSES, MEASURES, OTHERS, RELEASED, TALLIES, UNITS
from sim.flow.trajectories import Flow
from sim.metrics import shown
from sim.metrics.shown import Column
from sim.metrics.statistics import RESERVE_STATISTICS, STATISTICS

PAGE = Path(__file__).parent.parent / "docs" / "model.md"


def test_every_measure_is_told_in_the_page_of_the_model_as_the_register_has_it():
    text = PAGE.read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\w ]+) \| (\w+) \| (.+) \|$", text, re.MULTILINE)
    assert rows == [(m.name, m.label, m.unit, m.meaning) for m in (*MEASURES, *OTHERS)]


def test_names_are_single_and_end_in_what_they_are_measured_in():
    names = [m.name for m in MEASURES]
    assert len(set(names)) == len(names)
    ends = {"t": "_t", "share": "_share", "days": ("_days", "_day", "_short", "_above_2"),
            "USD": "_usd", "times": ("_index_mean", "_index_peak")}  # fmt: skip
    assert all(name.endswith(ends[unit]) for name, unit in UNITS.items())


def test_tables_for_people_take_label_unit_and_decimals_from_the_register():
    from sim.commands import _run_table
    from sim.run import report_columns

    survive = Column("{Label} {label} ({unit})", "time_to_survive_days", "q50")
    assert survive.head() == "First shock to first shortage first shock to first shortage (days)"
    assert (survive.scale, survive.decimals) == (1.0, 2)
    chance = Column("{unit}", "shortfall_t", "P(>0)")
    assert (chance.head(), chance.scale) == ("%", 100.0)
    assert Column("{unit}", "goods_value_missed_usd", "mean").decimals == 0
    for column in (*_run_table.COLUMNS, *_run_table.GAPS, *_run_table.LOSSES,
                   *report_columns.LOSSES,
                   *report_columns.COLUMNS, *report_columns.GAPS):  # fmt: skip
        told = {"ratio", "return_period(>0.05)", *STATISTICS[column.measure]}
        assert column.statistic in told and "{" not in column.head()
    assert all(m.label and 0 <= m.decimals <= 2 for m in (*MEASURES, *OTHERS))


def test_a_changed_label_is_read_in_the_printed_table_and_the_report(monkeypatch):
    from sim.commands import _run_table
    from sim.run import report_columns

    (survive,) = (m for m in MEASURES if m.name == "time_to_survive_days")
    word = survive._replace(label="all fine until then")
    monkeypatch.setitem(shown._BY_NAME, word.name, word)
    (printed,) = (c for c in _run_table.COLUMNS if c.measure == word.name)
    (reported,) = (c for c in report_columns.COLUMNS if c.measure == word.name)
    assert printed.head() == "all fine until then\ndays, median"
    assert reported.head() == "All fine until then, median where short (days)"


def test_dollars_are_read_in_billions_and_their_tables_say_what_they_are_not():
    from sim.commands import _run_table

    for column in _run_table.LOSSES:
        assert column.unit in ("bn USD", "%")
        assert column.scale == (1e-9 if column.unit == "bn USD" else 100.0)
    assert "not a forecast of GDP" in _run_table.NO_FORECAST


def test_folds_name_a_book_or_a_tally():
    folds = {
        "sum": BOOKS,
        "firms": BOOKS,
        "share": TALLIES,
        "day": TALLIES,
        "days": TALLIES,
        "loss": LOSSES,
        "": ("",),
    }
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
    assert list(table) == [m.name for m in MEASURES if m.fold and m.fold != "loss"]
    told_of_some = (
        "first_shortage_day",
        "last_shortage_day",
        "firms_stopped_share",
        "first_firm_stops_day",
    )
    assert all(np.isfinite(v).all() or name in told_of_some for name, v in table.items())
