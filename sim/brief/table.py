"""The one table of a briefing: places by numbers, or runs by places."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sim.brief.read import Told, columns_for
from sim.metrics import findings
from sim.metrics.answer import AT_LEAST
from sim.plots.panels import views_told
from sim.plots.words import region_name
from sim.results.data import View
from sim.words.numbers import digits, localized
from sim.words.say import say
from sim.words.titles import title

MOST = 12
"""Rows, or columns of places, at most: more stand in ``summary.csv``."""

MOST_PLACES = 7


class Cell(NamedTuple):
    """A number with its interval and mark, as people read it."""

    text: str
    interval: str = ""


class Table(NamedTuple):
    """A table.

    Parameters
    ----------
    title : str
        What its numbers are.
    heads : list of str
        A head a column.
    rows : list of (str, list of Cell)
        Name and numbers.
    note : str
        How to read it.
    """

    title: str
    heads: list[str]
    rows: list[tuple[str, list[Cell]]]
    note: str


class Wanted(NamedTuple):
    """A statistic of the summary, and by what it is multiplied to be shown."""

    head: str
    measure: str
    statistic: str
    scale: float


def table_of(runs: Sequence[Told], regions: Sequence[str], lang: str) -> Table:
    """Return the table of a briefing."""
    return _one(runs[0], regions, lang) if len(runs) == 1 else _several(runs, regions, lang)


def places_of(run: Told, regions: Sequence[str]) -> list[View]:
    """Return the rows: regions and all, or goods; of some regions only where they are named."""
    data = run.data
    if not regions:
        return views_told(data)
    views = [data.views[x] for x in columns_for(run, regions)]
    if findings.adds_up(data):
        return views
    return sorted(views, key=lambda v: -_share(run, v))


def _share(run: Told, view: View) -> float:
    column = findings.linear_column(run.data, run.data.index(view.kind, view.name))
    return run.data.sections.mean(column)


def label(view: View, lang: str) -> str:
    """Return the name of a place for a table or a panel."""
    if view.kind == "total":
        return say("brief.everybody", lang)
    return region_name(view.name, lang) if view.kind == "region" else title(view.title, lang)


def _one(run: Told, regions: Sequence[str], lang: str) -> Table:
    wanted = [
        Wanted(say("brief.mean_share", lang), "shortfall_share", "ratio", 100),
        Wanted(say("brief.chance", lang), "shortfall_share", "P(>0.05)", 100),
        Wanted(say("brief.tail", lang), "shortfall_share", "q95", 100),
        Wanted(say("brief.days", lang), "days_short", "mean", 1),
        Wanted(say("brief.lost", lang), "value_added_lost_usd", "mean", 1e-9),
    ]
    known = _rows(run)
    views = places_of(run, regions)
    told = [w for w in wanted if any((v.kind, v.name, *w[1:3]) in known for v in views)]
    rows = [
        (label(v, lang), [cell(known.get((v.kind, v.name, *w[1:3])), w.scale, lang) for w in told])
        for v in views[:MOST]
    ]
    head = say("brief.place" if findings.adds_up(run.data) else "brief.good", lang)
    note = [_note(lang, short=True)]
    note += [] if findings.adds_up(run.data) else [say("brief.apart", lang)]
    note += [say("brief.rest", lang, n=len(views) - MOST)] if len(views) > MOST else []
    return Table(
        say("brief.table", lang), [head, *(w.head for w in told)], rows, _joined(note, lang)
    )


def _several(runs: Sequence[Told], regions: Sequence[str], lang: str) -> Table:
    views = places_of(runs[0], regions)
    known = [_rows(run) for run in runs]
    hit = sorted(views, key=lambda v: (v.kind != "total", -_share(runs[0], v)))[:MOST_PLACES]
    shown = [view for view in views if view in hit]
    rows = [
        (
            run.label,
            [cell(of.get((v.kind, v.name, "shortfall_share", "ratio")), 100, lang) for v in shown],
        )
        for run, of in zip(runs, known, strict=True)
    ]
    note = [_note(lang, short=False)]
    note += [] if findings.adds_up(runs[0].data) else [say("brief.apart", lang)]
    left = len(views) - len(shown)
    note += [say("brief.rest", lang, n=left)] if left else []
    heads = [say("brief.run", lang), *(label(v, lang) for v in shown)]
    return Table(say("brief.table_runs", lang), heads, rows, _joined(note, lang))


def _note(lang: str, short: bool) -> str:
    told = say("brief.table_short", lang) if short else ""
    return say("brief.table_note", lang, short=told).strip()


def _joined(texts: Sequence[str], lang: str) -> str:
    return ("" if lang == "ja" else " ").join(texts)


def _rows(run: Told) -> Mapping[tuple[str, str, str, str], Mapping[str, Any]]:
    return {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in run.data.summary}


def cell(row: Mapping[str, Any] | None, scale: float, lang: str) -> Cell:
    """Return a number of the summary with its interval."""
    if row is None or math.isnan(float(row["value"])):
        return Cell(say("brief.no_number", lang))
    value, low, high = (scale * float(row[k]) for k in ("value", "low", "high"))
    mark = str(row.get("mark", ""))
    if mark == AT_LEAST:
        return Cell(say("brief.over", lang, value=small(value, lang)))
    if math.isnan(low):
        return Cell(small(value, lang))
    return Cell(
        small(value, lang),
        say("brief.between", lang, low=small(low, lang), high=small(high, lang)),
    )


def small(value: float, lang: str) -> str:
    """Return a number with three digits; less than a hundredth only as that."""
    if 0 < value < 0.01:
        return f"<{localized('0.01', lang)}"
    return digits(value, lang)
