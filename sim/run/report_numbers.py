"""The tables of the report: what is short, lost and paid, and what moves before."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from sim.metrics.dear import dearest, gives_up
from sim.metrics.goods_findings import moved
from sim.metrics.shown import Column
from sim.plots.panels import label_of, views_told
from sim.plots.words import span
from sim.run.report_cells import digits, marks, number, section, told
from sim.run.report_columns import BILLS, COLUMNS, GAPS, GIVEN_UP, GOODS, LOSSES, PRICES, RESERVES
from sim.run.report_html import table

if TYPE_CHECKING:
    from sim.results.data import RunData, View

MOST_GOODS = 12

PRICES_SAY = (
    "1 is the price before the scenario. The index answers to what is thought to be missing of a "
    "year's use and of normal stocks; it changes no tonne of this run. The extra bill is what end "
    "users pay more than at the price before for what they use."
)


def numbers(data: RunData) -> str:
    """Return the table of key numbers, each with its 95 % interval or why it has none."""
    return section(data, f"Key numbers over {span(data)}", COLUMNS)


def gaps(data: RunData) -> str:
    """Return what growth alone leaves short and what the shocks cause; "" where it leaves none."""
    if not any(row["measure"] == "structural_t" for row in data.summary):
        return ""
    return section(data, "What growth leaves short, and what the shocks cause", GAPS)


def given_up(data: RunData) -> str:
    """Return what price destroys beside what is short; "" where it destroys nothing."""
    if not gives_up(data):
        return ""
    return section(data, "What is short, and beside it what nobody wants at the price", GIVEN_UP)


def losses(data: RunData) -> str:
    """Return value added lost, by region and by sector; "" where the network states none."""
    if not any(row["measure"] == "value_added_lost_usd" for row in data.summary):
        return ""
    heading = "Value added that is lost where input lacks; not a forecast of GDP"
    sectors = [(v.kind, v.name, label_of(v)) for v in data.views if v.kind == "sector"]
    by_sector = section(data, "The same by sector", LOSSES, sectors) if sectors else ""
    return section(data, heading, LOSSES) + by_sector


def prices(data: RunData) -> str:
    """Return the price index of each good that moves, and the extra bill; "" where none does."""
    shown = dearest(data)
    if not shown:
        return ""
    places = [(v.kind, v.name, v.title) for v in shown]
    notes: list[str] = []
    known = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}
    index = told(known, places, PRICES, "Good", notes)
    bills = [(v.kind, v.name, label_of(v)) for v in views_told(data)]
    rows = [b for b in bills if (b[0], b[1], "bill_usd", "mean") in known]
    bill = told(known, rows, BILLS, "End users", notes) if rows else ""
    return (
        "<section>\n<h2>Prices: an index of scarcity, not a forecast of a quotation</h2>\n"
        f"<p>{PRICES_SAY}</p>\n{index}\n{bill}{marks(notes)}</section>"
    )


def goods(data: RunData) -> str:
    """Return how low stocks, deliveries and reserves came; "" where goods were not booked."""
    if data.goods is None or not data.goods.pairs:
        return ""
    notes: list[str] = []
    known = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}

    def cells(view: View, columns: Sequence[Column]) -> list[str]:
        return [
            number(known.get((view.kind, view.name, c.measure, c.statistic)), c, notes)
            for c in columns
        ]

    found = moved(data.goods, data.sections)
    heads = ["Good", "Stock normally (days)", *(c.head() for c in GOODS)]
    rows = [
        [escape(one.view.title), digits(one.rest_days), *cells(one.view, GOODS)]
        for one in found[:MOST_GOODS]
    ]
    text = table(heads, rows, numeric=True)
    if data.goods.reserves:
        heads = ["Reserve", *(c.head() for c in RESERVES)]
        held = [[escape(v.title), *cells(v, RESERVES)] for v in data.goods.reserves]
        text += table(heads, held, numeric=True)
    rest = f" {MOST_GOODS} of {len(found)} are shown." if len(found) > MOST_GOODS else ""
    return (
        "<section>\n<h2>What moves before anybody is short</h2>\n"
        "<p>Stocks of those who buy a good in a region, in days of their normal use, and what is "
        f"sent to them; those first whose stock falls most.{rest} "
        "All: summary.csv, goods.csv.</p>\n"
        f"{text}\n{marks(notes)}</section>"
    )
