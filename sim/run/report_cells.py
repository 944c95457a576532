"""A table of the summary's numbers, each with its 95 % interval or why it has none."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from sim.metrics import findings
from sim.metrics.answer import AT_LEAST
from sim.metrics.shown import Column
from sim.plots.panels import label_of, views_told
from sim.run.report_html import table

if TYPE_CHECKING:
    from sim.results.data import RunData


def told(
    known: Mapping[Any, Mapping[str, Any]],
    places: Sequence[tuple[str, str, str]],
    columns: Sequence[Column],
    first: str,
    notes: list[str],
) -> str:
    """Return a table of some columns of the summary, a row a place; `notes` collects its notes."""
    rows = [
        [escape(title), *(number(known.get((kind, view, c.measure, c.statistic)), c, notes)
                          for c in columns)]
        for kind, view, title in places
    ]  # fmt: skip
    return table([first, *(c.head() for c in columns)], rows, numeric=True)


def marks(notes: Sequence[str]) -> str:
    """Return the notes, each with its letter."""
    items = "".join(f"<li>{escape(n)}</li>" for n in notes)
    return f'<ol class="note letters">{items}</ol>\n' if items else ""


def section(
    data: RunData,
    heading: str,
    columns: Sequence[Column],
    places: Sequence[tuple[str, str, str]] | None = None,
) -> str:
    """Return a table of numbers by place (kind, name and title of a view), by default by region."""
    known = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}
    if places is None:
        places = [(v.kind, v.name, label_of(v)) for v in views_told(data)]
    notes: list[str] = []
    one = findings.adds_up(data)
    rows = told(known, places, columns, "End users in" if one else "Good", notes)
    return (
        f"<section>\n<h2>{escape(heading)}</h2>\n"
        f"{rows}\n"
        '<p class="note">Below each number: its 95 % interval. More: summary.csv.'
        + ("" if one else " Different goods are told apart: their tonnes do not add up.")
        + "</p>\n"
        + f"{marks(notes)}</section>"
    )


def number(row: Mapping[str, Any] | None, column: Column, notes: list[str]) -> str:
    """Return a number with its interval; a number without one points to its reason."""
    if row is None:
        return "n/a"
    mark = ""
    if row["note"]:
        if row["note"] not in notes:
            notes.append(row["note"])
        mark = f' <span class="mark">[{_letter(notes.index(row["note"]))}]</span>'
    value, low, high = (column.scale * float(row[k]) for k in ("value", "low", "high"))
    if math.isnan(value):
        return f"n/a{mark}"
    word = str(row.get("mark", ""))
    if word == AT_LEAST:
        return f"&gt; {digits(value)}{mark}"
    between = f"{digits(low)} to {digits(high)} {escape(word)}".rstrip()
    interval = "" if math.isnan(low) else f'<span class="ci">{between}</span>'
    return f"{digits(value)}{mark}{interval}"


def _letter(number: int) -> str:
    """Return a note's mark: a letter, for a small number behind a number reads as a power."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return (letters[number // 26 - 1] if number >= 26 else "") + letters[number % 26]


def digits(value: float) -> str:
    """Return a number with about three digits, thousands set apart."""
    size = abs(value)
    if size >= 100 or size == 0:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 else f"{value:.1g}"
