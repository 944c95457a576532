"""The table of one run by region: each number with its interval below it."""

from __future__ import annotations

import datetime as dt
import math
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.base.plain_text import plain
from sim.commands._tables import print_columns
from sim.metrics.answer import AT_LEAST
from sim.metrics.dear import dearest, gives_up
from sim.metrics.findings import adds_up
from sim.metrics.goods_findings import moved
from sim.metrics.shown import Column
from sim.metrics.summary import NO_FIRMS
from sim.plots.headlines import Headlines
from sim.plots.panels import views_told
from sim.plots.words import facts_until

if TYPE_CHECKING:
    from sim.results.data import RunData

COLUMNS = (
    Column("mean short\n{unit} of want", "shortfall_share", "ratio"),
    Column("1 in 20\n{unit} of want", "shortfall_share", "q95"),
    Column("chance of\n> 5 {unit}", "shortfall_share", "P(>0.05)"),
    Column("CVaR 95\n{unit}", "shortfall_t", "cvar95"),
    Column("{label}\nmean", "days_short", "mean"),
    Column("{label}\non, median", "first_shortage_day", "q50"),
    Column("{label}\n{unit}, median", "time_to_survive_days", "q50"),
    Column("{label}\n{unit}, median", "time_to_recover_days", "q50"),
    Column("{label}\n{unit}, mean", "firms_stopped_share", "mean"),
    Column("{label}\non, median", "first_firm_stops_day", "q50"),
)

GAPS = (
    Column("gross\n{unit}, mean", "shortfall_t", "mean"),
    Column("{label}\n{unit}, mean", "structural_t", "mean"),
    Column("{label}\n{unit}, mean", "disruption_t", "mean"),
    Column("{label}\n1 in 20, {unit}", "structural_t", "q95"),
    Column("{label}\n1 in 20, {unit}", "disruption_t", "q95"),
)
"""The same, where growth alone leaves somebody short."""

GIVEN_UP = (
    Column("{label}\n{unit}, mean", "shortfall_t", "mean"),
    Column("{label}\n{unit}, mean", "destroyed_t", "mean"),
    Column("{label}\n1 in 20, {unit}", "destroyed_t", "q95"),
    Column("{label}\n{unit}, mean", "spared_t", "mean"),
)
"""The same, where demand answers to prices."""

GOODS = (
    Column("{label}\n{unit}, median", "least_cover_days", "q50"),
    Column("{label}\n{unit}, 1 in 20", "least_cover_days", "q05"),
    Column("{label}\nmedian", "least_cover_day", "q50"),
    Column("{label}\n{unit}, median", "least_delivery_share", "q50"),
    Column("{label}\n{unit}, 1 in 20", "least_delivery_share", "q05"),
)
"""What moves before anybody is short, by good and region of its buyers."""

MOST_GOODS = 8
"""Goods of a table: those whose stock falls most; all of them stand in ``summary.csv``."""

LOSSES = (
    Column("{label}\n{unit}, mean", "value_added_lost_usd", "mean"),
    Column("1 in 20\n{unit}", "value_added_lost_usd", "q95"),
    Column("{label}\n{unit}, mean", "value_added_at_risk_usd", "mean"),
    Column("{label}\n{unit}, mean", "output_lost_usd", "mean"),
    Column("{label}\n{unit}, mean", "gdp_loss_share", "mean"),
)
"""What is made of the goods, where the network states it."""

NO_FORECAST = "Value added that is lost where input lacks; not a forecast of GDP"

PRICES = (
    Column("mean\n{unit}", "price_index_mean", "mean"),
    Column("peak, mean\n{unit}", "price_index_peak", "mean"),
    Column("peak\n1 in 20", "price_index_peak", "q95"),
    Column("chance of\n> 2, {unit}", "price_index_peak", "P(>2)"),
    Column("days above\n2, mean", "price_days_above_2", "mean"),
)

PRICES_ARE = (
    "Price index, 1 before the scenario: an index of scarcity, not a forecast of a quotation"
)

LABEL_WIDE = 16
"""Letters of a label in a line of a header."""

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
    tables = (run_table, gap_table, given_up_table, loss_table, goods_table, price_table)
    for table in (make(data) for make in tables):
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
    facts = facts_until(data.meta.get("as_of"))
    told = f"\n{facts}" if facts else ""
    return _by_region(data, f"{plain(data.title)}\n{count}{told}", COLUMNS)


def loss_table(data: RunData) -> RunTable | None:
    """Return value added lost by region, or None where the network states none."""
    if not any(row["measure"] == "value_added_lost_usd" for row in data.summary):
        return None
    return _by_region(data, NO_FORECAST, LOSSES)


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


def given_up_table(data: RunData) -> RunTable | None:
    """Return what price destroys beside what is short, or None where it destroys nothing.

    Parameters
    ----------
    data : RunData
        With its summary.
    """
    if not gives_up(data):
        return None
    return _by_region(data, "What is short, and beside it what nobody wants at the price", GIVEN_UP)


def goods_table(data: RunData) -> RunTable | None:
    """Return how low stocks and deliveries of goods came, or None where they were not booked.

    Parameters
    ----------
    data : RunData
        With its summary.
    """
    if data.goods is None or not data.goods.pairs:
        return None
    found = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}
    shown = moved(data.goods, data.sections)
    rows = []
    for one in shown[:MOST_GOODS]:
        known = [found.get(("good", one.view.name, c.measure, c.statistic)) for c in GOODS]
        cells = [_cell(row, c, data.start) for row, c in zip(known, GOODS, strict=True)]
        rows.append([plain(one.view.title), f"{one.rest_days:.0f}", *cells])
    title = "What moves before anybody is short: least stock of buyers, in days of their normal use"
    if len(shown) > MOST_GOODS:
        title += f"\n{MOST_GOODS} of {len(shown)} goods and regions, those that fall most"
    heads = ("\n".join(textwrap.wrap(c.label, LABEL_WIDE)) for c in GOODS)
    return RunTable(title, ["good", "stock\nnormally", *map(Column.head, GOODS, heads)], rows, [])


def price_table(data: RunData) -> RunTable | None:
    """Return the price index of the goods that become dearest, or None where none does.

    Parameters
    ----------
    data : RunData
        With its summary.
    """
    shown = dearest(data)
    if not shown:
        return None
    found = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}
    rows = []
    for view in shown:
        known = [found.get((view.kind, view.name, c.measure, c.statistic)) for c in PRICES]
        cells = [_cell(row, c, data.start) for row, c in zip(known, PRICES, strict=True)]
        rows.append([plain(view.title), *cells])
    return RunTable(PRICES_ARE, ["good", *(c.head() for c in PRICES)], rows, [])


def _by_region(data: RunData, title: str, columns: Sequence[Column]) -> RunTable:
    """Return a table by region (or good), the total and the judged last."""
    found = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}
    views = [*views_told(data), *(data.views[x] for x in data.columns("judged"))]
    rows = []
    for view in views:
        known = [found.get((view.kind, view.name, c.measure, c.statistic)) for c in columns]
        cells = [_cell(row, c, data.start) for row, c in zip(known, columns, strict=True)]
        names = {"region": view.name, "total": "all", "judged": "judged"}
        rows.append([plain(names.get(view.kind, view.title)), *cells])
    bold = [n for n, view in enumerate(views) if view.kind in ("total", "judged")]
    head = "end users in" if adds_up(data) else "good"
    heads = ("\n".join(textwrap.wrap(c.label, LABEL_WIDE)) for c in columns)
    return RunTable(title, [head, *map(Column.head, columns, heads)], rows, bold)


def _cell(row: Mapping[str, Any] | None, column: Column, start: dt.date) -> str:
    """Return a number with its interval and mark below it, and a star where a note says more."""
    if row is None:
        return "-"
    value, star, mark = float(row["value"]), "*" if row["note"] else "", str(row.get("mark", ""))
    if math.isnan(value):
        if NO_FIRMS in str(row["note"]):
            return "no firms"
        return "none" if "none of" in str(row["note"]) else "refused*"
    if mark == AT_LEAST:
        return f"> {_shown(value, column)}{star}"
    if row["measure"] in ("first_shortage_day", "first_firm_stops_day", "least_cover_day"):
        return (start + dt.timedelta(days=int(value))).isoformat() + star
    low, high = (_shown(float(row[end]), column) for end in ("low", "high"))
    interval = "" if math.isnan(float(row["low"])) else f"\n[{low}, {high}] {mark}".rstrip()
    return _shown(value, column) + star + interval


def _shown(value: float, column: Column) -> str:
    return _number(value * column.scale, column.decimals)


def _number(x: float, decimals: int) -> str:
    """Return three digits, with so many decimals at most."""
    least = f"{10.0**-decimals:.{decimals}f}"
    if x != 0 and abs(x) < float(least) / 2:  # as many as its neighbours would say it is nothing
        return f"<{least}" if x > 0 else f">-{least}"
    return f"{x:,.{min(decimals, 2 if abs(x) < 10 else 1 if abs(x) < 100 else 0)}f}"


def notes_of(data: RunData) -> list[str]:
    """Return the notes on numbers of the table, each once; those that refuse a number first."""
    shown = {(c.measure, c.statistic) for c in COLUMNS}
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
