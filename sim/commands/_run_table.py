"""The table of one run by region: each number with its interval below it."""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.base.plain_text import plain
from sim.commands._tables import print_columns
from sim.metrics.answer import AT_LEAST
from sim.metrics.findings import adds_up
from sim.plots.headlines import Headlines
from sim.plots.panels import views_told

if TYPE_CHECKING:
    from sim.results.data import RunData

COLUMNS: tuple[tuple[str, str, str, float], ...] = (
    ("mean short\n% of want", "shortfall_share", "ratio", 100),
    ("1 in 20\n% of want", "shortfall_share", "q95", 100),
    ("chance of\n> 5 %", "shortfall_share", "P(>0.05)", 100),
    ("CVaR 95\nt", "shortfall_t", "cvar95", 1),
    ("days short\nmean", "days_short", "mean", 1),
    ("first shortage\non, median", "first_shortage_day", "q50", 1),
    ("since first shock\ndays, median", "time_to_survive_days", "q50", 1),
    ("recovered\ndays, median", "time_to_recover_days", "q50", 1),
)
"""Header, measure, statistic, factor."""

GAPS: tuple[tuple[str, str, str, float], ...] = (
    ("gross\nt, mean", "shortfall_t", "mean", 1),
    ("structural\nt, mean", "structural_t", "mean", 1),
    ("caused by shocks\nt, mean", "disruption_t", "mean", 1),
    ("structural\n1 in 20, t", "structural_t", "q95", 1),
    ("caused by shocks\n1 in 20, t", "disruption_t", "q95", 1),
)
"""The same, where growth alone leaves somebody short."""


MOST_NOTES = 6
"""Lines of notes below a table; all of them stand in ``summary.csv``."""


class RunTable(NamedTuple):
    """A table of one run, as text."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    bold: list[int]


def print_run(data: RunData) -> None:
    """Print what a run says, its tables and the notes on their numbers on stderr."""
    for sentence in Headlines(data).all:
        print(f"{plain(sentence)}.", file=sys.stderr)
    print(file=sys.stderr)
    for table in (run_table(data), gap_table(data)):
        if table is not None:
            numbers = [False, *(True for _ in table.columns[1:])]
            print_columns(table.title, table.columns, table.rows, numbers, sys.stderr, table.bold)
    notes = notes_of(data)
    for note in notes[:MOST_NOTES]:
        print(f"* {note}", file=sys.stderr)
    if len(notes) > MOST_NOTES:
        print(f"* {len(notes) - MOST_NOTES} more notes in summary.csv", file=sys.stderr)
    for note in data.meta.get("follows", ()):
        print(f"* {note}", file=sys.stderr)
    for note in data.meta.get("idle", ()):
        print(f"note: {note}", file=sys.stderr)


def run_table(data: RunData) -> RunTable:
    """Return the summary by region, each number with its 95 % interval below it.

    Parameters
    ----------
    data : RunData
        With its summary.
    """
    horizon = data.n_period * data.step_days
    count = (
        f"{data.n:,} futures of {horizon:,} days in steps of {data.step_days}, "
        "95 % intervals in brackets"
    )
    return _by_region(data, f"{plain(data.title)}\n{count}", COLUMNS)


def gap_table(data: RunData) -> RunTable | None:
    """Return gross, structural and disruption-caused shortfall apart, or None without a gap.

    Structural is the shortfall of the same replications without shocks; the shocks caused the
    rest, so that gross = structural + caused in every replication and in the means.

    Parameters
    ----------
    data : RunData
        With its summary.
    """
    if not any(row["measure"] == "structural_t" for row in data.summary):
        return None
    return _by_region(data, "What growth alone leaves short, and what the shocks cause", GAPS)


def _by_region(
    data: RunData, title: str, columns: Sequence[tuple[str, str, str, float]]
) -> RunTable:
    """Return a table by region (or good), the total and the judged last."""
    found = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}
    views = [*views_told(data), *(data.views[x] for x in data.columns("judged"))]
    rows = []
    for view in views:
        known = [(found.get((view.kind, view.name, m, s)), f) for _, m, s, f in columns]
        cells = [_cell(row, f, data.start) for row, f in known]
        names = {"region": view.name, "total": "all", "judged": "judged"}
        rows.append([plain(names.get(view.kind, view.title)), *cells])
    bold = [n for n, view in enumerate(views) if view.kind in ("total", "judged")]
    head = "end users in" if adds_up(data) else "good"
    return RunTable(title, [head, *(header for header, *_ in columns)], rows, bold)


def _cell(row: Mapping[str, Any] | None, factor: float, start: dt.date) -> str:
    """Return a number with its interval and mark below it, and a star where a note says more."""
    if row is None:
        return "-"
    value, star, mark = float(row["value"]), "*" if row["note"] else "", str(row.get("mark", ""))
    if math.isnan(value):
        return "none" if "none of" in str(row["note"]) else "refused*"
    if mark == AT_LEAST:
        return f"> {_number(value * factor)}{star}"
    if row["measure"] == "first_shortage_day":
        return (start + dt.timedelta(days=int(value))).isoformat() + star
    low, high = float(row["low"]) * factor, float(row["high"]) * factor
    interval = "" if math.isnan(low) else f"\n[{_number(low)}, {_number(high)}] {mark}".rstrip()
    return _number(value * factor) + star + interval


def _number(x: float) -> str:
    if x != 0 and abs(x) < 0.005:  # two decimals, as its neighbours have, would say it is nothing
        return "<0.01" if x > 0 else ">-0.01"
    return f"{x:,.2f}" if abs(x) < 10 else f"{x:,.1f}" if abs(x) < 100 else f"{x:,.0f}"


def notes_of(data: RunData) -> list[str]:
    """Return the notes on numbers of the table, each once; those that refuse a number first."""
    shown = {(m, s) for _, m, s, _ in COLUMNS}
    views = [*views_told(data), *(data.views[x] for x in data.columns("judged"))]
    told = {(view.kind, view.name) for view in views}
    rows = [
        row
        for row in data.summary
        if (row["measure"], row["statistic"]) in shown
        and row["note"]
        and "none of" not in str(row["note"])
        and (row["kind"], row["view"]) in told
    ]
    rows.sort(key=lambda row: not math.isnan(float(row["value"])))
    return list(dict.fromkeys(str(row["note"]) for row in rows))
