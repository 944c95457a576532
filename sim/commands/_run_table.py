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

if TYPE_CHECKING:
    from sim.results.data import RunData

ORDER = ("JPN", "USA", "EU", "KOR", "CHN", "ROW")

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
    """Print the tables of one run on stderr, and the notes on their numbers."""
    for table in (run_table(data), gap_table(data)):
        if table is not None:
            numbers = [False, *(True for _ in table.columns[1:])]
            print_columns(table.title, table.columns, table.rows, numbers, sys.stderr, table.bold)
    notes = notes_of(data)
    for note in notes[:MOST_NOTES]:
        print(f"* {note}", file=sys.stderr)
    if len(notes) > MOST_NOTES:
        print(f"* {len(notes) - MOST_NOTES} more notes in summary.csv", file=sys.stderr)
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
    """Return a table of the summary by region, the total and the judged last."""
    found = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}
    regions = [data.views[x].name for x in data.columns("region")]
    views = [("region", r) for r in sorted(regions, key=_rank)] + [("total", "all")]
    views += [("judged", "all") for _ in data.columns("judged")]
    rows = []
    for kind, name in views:
        cells = [_cell(found.get((kind, name, m, s)), f, data.start) for _, m, s, f in columns]
        rows.append([{"region": name, "judged": "judged"}.get(kind, "all"), *cells])
    bold = [n for n, (kind, _) in enumerate(views) if kind != "region"]
    return RunTable(title, ["end users in", *(header for header, *_ in columns)], rows, bold)


def _rank(region: str) -> tuple[int, str]:
    return (ORDER.index(region) if region in ORDER else len(ORDER), region)


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
    rows = [
        row
        for row in data.summary
        if (row["measure"], row["statistic"]) in shown
        and row["note"]
        and "none of" not in str(row["note"])
        and row["kind"] in ("region", "total", "judged")
    ]
    rows.sort(key=lambda row: not math.isnan(float(row["value"])))
    return list(dict.fromkeys(str(row["note"]) for row in rows))
