"""The table of one run by region: each number with its interval below it."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from sim.results.data import RunData

ORDER = ("JPN", "USA", "EU", "KOR", "CHN", "ROW")

COLUMNS: tuple[tuple[str, str, str, float], ...] = (
    ("mean short\n% of want", "shortfall_share", "ratio", 100),
    ("1 in 20\n% of want", "shortfall_share", "q95", 100),
    ("chance of\n> 5 %", "shortfall_share", "P(>0.05)", 100),
    ("CVaR 95\nt", "shortfall_t", "cvar95", 1),
    ("days short\nmean", "days_short", "mean", 1),
    ("first shortage\ndays, median", "time_to_survive_days", "q50", 1),
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


def print_run(data: RunData) -> None:
    """Print the table of one run, and why it refuses what it refuses."""
    from rich.console import Console

    console = Console(stderr=True, width=None if sys.stderr.isatty() else 140, highlight=False)
    console.print(run_table(data))
    if (gaps := gap_table(data)) is not None:
        console.print(gaps)
    for reason in refusals(data):
        console.print(f"* {reason}")


def run_table(data: RunData) -> Table:
    """Return the summary by region, each number with its 95 % interval below it.

    Parameters
    ----------
    data : RunData
        With its summary.
    """
    horizon = data.n_period * data.step_days
    title = f"{data.title}\n{data.n:,} futures of {horizon:,} days, 95 % intervals in brackets"
    return _by_region(data, title, COLUMNS)


def gap_table(data: RunData) -> Table | None:
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


def _by_region(data: RunData, title: str, columns: Sequence[tuple[str, str, str, float]]) -> Table:
    """Return a table of the summary by region, the total and the judged last."""
    table = Table(title=title, show_lines=False, title_justify="left")
    table.add_column("end users in")
    for header, *_ in columns:
        table.add_column(header, justify="right")
    found = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}
    regions = [data.views[x].name for x in data.columns("region")]
    views = [("region", r) for r in sorted(regions, key=_rank)] + [("total", "all")]
    views += [("judged", "all") for _ in data.columns("judged")]
    for kind, name in views:
        cells = [_cell(found.get((kind, name, m, s)), f) for _, m, s, f in columns]
        table.add_row(
            {"region": name, "judged": "judged"}.get(kind, "all"),
            *cells,
            style=None if kind == "region" else "bold",
        )
    return table


def _rank(region: str) -> tuple[int, str]:
    return (ORDER.index(region) if region in ORDER else len(ORDER), region)


def _cell(row: Mapping[str, Any] | None, factor: float) -> str:
    if row is None:
        return "-"
    value = float(row["value"])
    if math.isnan(value):
        return "none" if "none of" in str(row["note"]) else "refused*"
    low, high = float(row["low"]) * factor, float(row["high"]) * factor
    interval = "" if math.isnan(low) else f"\n[{_number(low)}, {_number(high)}]"
    return _number(value * factor) + interval


def _number(x: float) -> str:
    if x != 0 and abs(x) < 0.01:
        return f"{x:.1g}"
    return f"{x:,.2f}" if abs(x) < 10 else f"{x:,.1f}" if abs(x) < 100 else f"{x:,.0f}"


def refusals(data: RunData) -> Sequence[str]:
    """Return why numbers of the table are refused, each reason once."""
    shown = {(m, s) for _, m, s, _ in COLUMNS}
    reasons = [
        str(r["note"])
        for r in data.summary
        if (r["measure"], r["statistic"]) in shown
        and math.isnan(float(r["value"]))
        and "none of" not in str(r["note"])
        and r["kind"] in ("region", "total")
    ]
    return list(dict.fromkeys(reasons))
