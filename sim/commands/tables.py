"""Tables as text: on a terminal as wide as it is, in a pipe as wide as they need to be."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from sim.base.errors import Fault, UserError

if TYPE_CHECKING:
    from sim.config.settings import Settings
    from sim.results.data import RunData


WIDE = 220
"""Columns of text where the output is no terminal."""


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], to: TextIO | None = None
) -> None:
    """Print a table; numbers to the right, rounded to four digits."""
    out = to or sys.stdout
    rows = list(rows)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for n, name in enumerate(columns):
        number = any(isinstance(row[n], float) for row in rows)
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(text(cell)) for cell in row))
    console = Console(file=out, width=None if out.isatty() else WIDE, highlight=False)
    with console.capture() as drawn:
        console.print(table)
    lines = [line.rstrip() for line in drawn.get().splitlines()]
    print("\n".join([*([title] if title else []), *lines]).rstrip(), end="\n\n", file=out)


def text(value: Any) -> str:
    """Return a cell as text: four digits, thousands apart, nothing for None; NaN is a refusal."""
    if value is None:
        return ""
    if value != value:
        return "refused"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.4g}"
    return str(value)


def escape(value: str) -> str:
    """Return text with brackets that rich would read as markup made plain."""
    return value.replace("[", "\\[")


def print_notes(all_settings: Sequence[Settings]) -> None:
    """Print on stderr what rules found nothing to do, and what no next stage can use, once each."""
    from sim.policy.whole_chain import chain_warnings

    notes = [note for s in all_settings for note in [*s.notes, *chain_warnings(s.network)]]
    for note in dict.fromkeys(notes):
        print(f"note: {note}", file=sys.stderr)


def print_run(data: RunData) -> None:
    """Print the table of one run, and why it refuses what it refuses."""
    from rich.console import Console

    console = Console(stderr=True, width=None if sys.stderr.isatty() else 140, highlight=False)
    console.print(run_table(data))
    if (gaps := gap_table(data)) is not None:
        console.print(gaps)
    for reason in refusals(data):
        console.print(f"* {reason}")


def runs_of(folders: list[str]) -> list[Path]:
    """Return folders of results.

    Raises
    ------
    UserError
        For each that is none.
    """
    faults = [
        Fault("RUN", folder, "is not a folder of results (it holds no config.yaml)")
        for folder in folders
        if not (Path(folder) / "config.yaml").is_file()
    ]
    if faults:
        raise UserError(faults)
    return [Path(folder) for folder in folders]


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
    from rich.table import Table

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
