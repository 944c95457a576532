"""Fan of shortfall over time, a panel for each region; two beside each other where futures part."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.plots.choice import drawn_periods, in_choice
from sim.plots.headlines import Headlines
from sim.plots.layout import (
    caption,
    headline,
    joined,
    key,
    new_figure,
    one_line,
    shared_labels,
    wrap,
)
from sim.plots.page import lang, n_columns, pt, room
from sim.plots.panels import hide_empty, label_of, panels_of
from sim.plots.phrases import exact
from sim.plots.style import (
    BAND,
    DEEP,
    FAINT,
    INK,
    INNER,
    PALETTE,
    date_axis,
    dates,
    day_numbers,
    style,
)
from sim.plots.words import counted, day_name, month_name, peak, percent, the
from sim.words.say import say
from sim.words.titles import title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results.data import Fan, RunData, View

MOST_ROWS = 4
"""Regions below each other where futures part: those most short."""

KEY = ("figure.band_90", "figure.band_50", "figure.median", "figure.mean", "figure.mean_interval")
READ = {
    False: ("figure.read_fan", "figure.read_fan_none"),
    True: ("figure.read_parted", "figure.read_parted_none"),
}
"""How to read it, of all futures and where they part: with a median, and without."""

SEEN = 0.002
"""Mean share at its highest below which a region gets no panels where futures part."""


def fan(ax: Axes, data: RunData, kind: str, name: str) -> Axes:
    """Draw the course of one view's shortfall: 5-95 % and 25-75 % bands, median, mean.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    data : RunData
        A run with a fan.
    kind, name : str
        The view.

    Returns
    -------
    matplotlib.axes.Axes
        The same Axes.
    """
    assert data.fan is not None
    return bands(ax, data, data.fan, data.index(kind, name))


def bands(ax: Axes, data: RunData, told: Fan, column: int) -> Axes:
    """Draw one column of a fan, with the days on which hazards begin or may begin."""
    x = day_numbers(data)
    level = {q: 100 * told.share[i, :, column] for i, q in enumerate(told.levels)}
    words = [say(key, lang()) for key in KEY]
    ax.fill_between(x, level[0.05], level[0.95], color=BAND, lw=0, label=words[0])
    ax.plot(x, level[0.95], color=PALETTE[0], lw=0.9)  # an edge is seen where a pale band is not
    ax.fill_between(x, level[0.25], level[0.75], color=INNER, lw=0, label=words[1])
    # not clipped: a median of nothing lies on the axis, half of its line outside
    ax.plot(x, level[0.5], color=DEEP, lw=2.2, label=words[2], clip_on=False, zorder=4)
    ax.plot(x, 100 * told.mean[:, column], color=INK, lw=1.4, ls="--", label=words[3])
    ax.fill_between(
        x,
        100 * told.mean_low[:, column],
        100 * told.mean_high[:, column],
        color=INK,
        alpha=0.25,
        lw=0,
        label=words[4],
    )
    time_axis(ax, data)
    ax.set_ylim(bottom=0)
    return ax


def time_axis(ax: Axes, data: RunData) -> None:
    """Label the time axis of what is drawn, and mark when hazards begin or may begin."""
    first, last = drawn_periods(data)
    days = dates(data)
    end = max(days[last], days[first] + dt.timedelta(days=data.step_days))
    date_axis(ax, days[first], end, 7 if room(11.5) >= 8 else 4)
    _mark_dated(ax, data, first, last)


def _mark_dated(ax: Axes, data: RunData, first: int, last: int) -> None:
    """Draw a line where a hazard with a date begins, or may begin."""
    marks = [day for day in dict.fromkeys(day for day, _ in data.meta.get("dated", ()))
             if first <= day / data.step_days < last + 1]  # fmt: skip
    when = ", ".join(day_name(data.start + dt.timedelta(days=day), lang()) for day in marks[:2])
    label = say("figure.may_begin", lang(), days=when + (", ..." if len(marks) > 2 else ""))
    for n, day in enumerate(marks):
        at = day_numbers(data)[0] + day
        ax.axvline(at, color=PALETTE[2], lw=1.2, ls=":", label="_" * (n > 0) + label)


def figure(data: RunData) -> Figure:
    """Return small multiples of the fan on one scale: a panel a region, two where futures part."""
    assert data.fan is not None
    said = Headlines(data, lang())
    if not said.anybody:
        return one_line(said, data, say("figure.over_time", lang()))
    rows = _parted_rows(data)
    return _parted(said, data, rows) if rows else _whole(said, data)


def _whole(said: Headlines, data: RunData) -> Figure:
    assert data.fan is not None
    panels = panels_of(data)
    views = tuple(v for v in panels.views if peak(data.of("shortfall_t", v.kind, v.name)) > 0)
    n_column = n_columns(3 if len(views) > 2 else max(1, len(views)))
    n_row = -(-len(views) // n_column)
    columns = [data.index(v.kind, v.name) for v in views]
    with style():
        fig = new_figure(11.5, 2.3 + 2.35 * max(n_row, 1.4))
        axes = fig.subplots(n_row, n_column, sharex=True, sharey=True, squeeze=False).ravel()
        for ax, view, column in zip(axes, views, columns, strict=False):
            bands(ax, data, data.fan, column)
            ax.set_title(wrap(label_of(view), fig, 11, "bold", (room(11.5) - 1.5) / n_column))
            _note(ax, worst(data, data.fan, column), (room(11.5) - 0.5) / n_column)
        hide_empty(axes, len(views), n_column)
        axes[0].set_ylim(0, _top(data, [data.fan], columns))
        lowest = max(columns, key=lambda x: peak(data.fan.share[-1][:, x]))  # type: ignore[union-attr]
        headline(fig, finding(said, data, views), _subtitle(data, panels.by),
                 reading(data, data.fan, lowest, data.views[lowest]))  # fmt: skip
        key(fig, *axes[0].get_legend_handles_labels())
        caption(fig, data, joined(_rests(data.fan.n), panels.rest, _left(data, views)))
        shared_labels(fig, y=say("figure.wanted", lang()))
    fig.rows = [row for x in columns for row in rows_of(data, data.fan, x, data.views[x])]
    return fig


def _parted_rows(data: RunData) -> list[int]:
    """Return the columns of the parted fan to draw, most short first; none where it is not."""
    parted, panels = data.parted, panels_of(data)
    if parted is None or not panels.views or panels.views[0].kind != "region":
        return []
    chosen = [x for x, view in enumerate(parted.views) if in_choice(data, view)]
    high = {x: max(peak(parted.came.mean[:, x]), peak(parted.rest.mean[:, x])) for x in chosen}
    return sorted((x for x in chosen if high[x] >= SEEN), key=lambda x: -high[x])[:MOST_ROWS]


def _parted(said: Headlines, data: RunData, rows: Sequence[int]) -> Figure:
    """Return a row a region, with the futures in which the hazard came and the others beside."""
    parted = data.parted
    assert parted is not None
    assert data.fan is not None
    fans = (parted.came, parted.rest)
    n = [counted(f.n, "future", lang()) for f in fans]
    heads = [say("figure.if_comes", lang(), futures=n[0])]
    heads.append(say("figure.if_not", lang(), futures=n[1]))
    narrow = n_columns(2, each=3.0) == 1
    rows = rows[:2] if narrow else rows
    with style():
        shape = (2 * len(rows), 1) if narrow else (len(rows), 2)
        fig = new_figure(11.5, 2.8 + 1.5 * max(shape[0], 1.6))
        axes = fig.subplots(*shape, sharex=True, sharey=True, squeeze=False).reshape(-1, 2)
        for (i, column), (j, told) in _pairs(rows, fans):
            ax = axes[i, j]
            bands(ax, data, told, column)
            name = label_of(parted.views[column])
            head = wrap(heads[j], fig, 11, "bold", (room(11.5) - 1.5) / 2)
            head = f"{head}\n" if i == 0 or narrow else ""
            ax.set_title(head + name)
            _note(ax, worst(data, told, column), (room(11.5) - 0.5) / (1 if narrow else 2))
        axes[0, 0].set_ylim(0, _top(data, fans, rows))
        views = [parted.views[x] for x in rows]
        headline(fig, finding(said, data, views),
                 say("figure.stop", lang()).join([
                     _subtitle(data, panels_of(data).by),
                     say("figure.parts", lang(), hazard=title(parted.hazard, lang()))]),
                 reading(data, parted.came, rows[0], views[0], parted=True))  # fmt: skip
        key(fig, *axes[0, 0].get_legend_handles_labels())
        caption(fig, data, joined(_rests(data.fan.n), _left(data, views)))
        shared_labels(fig, y=say("figure.wanted", lang()))
    fig.rows = [
        row
        for (_, x), (j, told) in _pairs(rows, fans)
        for row in rows_of(data, told, x, parted.views[x], heads[j])
    ]
    return fig


def _pairs(rows: Sequence[int], fans: Sequence[Fan]) -> Iterator[Any]:
    return ((row, told) for row in enumerate(rows) for told in enumerate(fans))


def _left(data: RunData, drawn: Sequence[View]) -> str:
    """Return what is said of regions that have no panels."""
    assert data.fan is not None
    told, never = [], []
    for view in panels_of(data).views:
        if view in drawn:
            continue
        column = data.index(view.kind, view.name)
        if peak(data.of("shortfall_t", view.kind, view.name)) > 0:
            told.append(f"{label_of(view)} {percent(peak(data.fan.mean[:, column]), lang())}")
        else:
            never.append(label_of(view))
    futures = counted(data.n, "future", lang())
    parts = [say("figure.not_drawn", lang(), told=", ".join(told)) if told else "",
             say("figure.never_short", lang(), futures=futures, names=", ".join(never))
             if never else ""]  # fmt: skip
    return joined(*parts)


def _subtitle(data: RunData, by: str) -> str:
    return say("figure.fan_sub", lang(), by=by, days=data.step_days)


def _rests(n: int) -> str:
    return say("figure.bands_fan", lang(), replications=counted(n, "replication", lang()))


def _note(ax: Axes, text: str, wide: float) -> None:
    text = wrap(text, ax.figure, 9, width=max(wide - 0.5, 1.0))
    ax.text(0.985, 0.97, text, transform=ax.transAxes, ha="right", va="top", fontsize=pt(9),
            color=FAINT)  # fmt: skip


def reading(data: RunData, told: Fan, column: int, view: View, parted: bool = False) -> str:
    """Return how to read the bands, by the period in which one future in twenty is worst."""
    k = int(np.nanargmax(told.share[-1][:, column]))
    median, high = told.share[2, k, column], told.share[-1, k, column]
    if not high >= 0.01:
        return ""
    above = exact(math.floor(100 * high) / 100, lang())
    below = exact((math.floor(100 * median) + 1) / 100, lang())
    where = the(view.name, lang=lang()) if view.kind == "region" else label_of(view)
    told_in = {"month": month_name(dates(data)[k], lang()), "where": where, "high": above}
    with_median, without = READ[parted]
    if median > 0:
        return say(with_median, lang(), median=below, **told_in)
    return say(without, lang(), **told_in)


def worst(data: RunData, told: Fan, column: int) -> str:
    """Return what a panel says: when the mean is largest."""
    mean, highest = told.mean[:, column], peak(told.share[:, :, column])
    if peak(mean) <= 0 and highest <= 0:
        futures = counted(told.n, "future", lang())
        return say("figure.no_shortfall", lang(), futures=futures)
    when = month_name(dates(data)[int(np.nanargmax(mean))], lang())
    return say("figure.mean_peaks", lang(), share=percent(peak(mean), lang()), month=when)


def _top(data: RunData, fans: Sequence[Fan], columns: Sequence[int]) -> float:
    """Return the end of the common scale, %."""
    first, last = drawn_periods(data)
    part = slice(first, last + 1)
    highest = max(max(peak(f.share[-1][part, columns]), peak(f.mean[part, columns])) for f in fans)
    return float(np.clip(112 * highest, 5.0, 112.0 if highest > 0.93 else 100.0))


def finding(said: Headlines, data: RunData, views: Sequence[View]) -> str:
    """Return the headline of the run, and when the mean of the hardest hit that is drawn peaks."""
    assert data.fan is not None
    found = said.hardest
    if found is None or len(found.places) != 1 or found.places[0].view not in views:
        return said.main
    mean = data.fan.mean[:, found.places[0].column]
    when = month_name(dates(data)[int(np.nanargmax(mean))], lang())
    return say("figure.most_in", lang(), main=said.main, month=when,
               share=percent(peak(mean), lang()))  # fmt: skip


def rows_of(
    data: RunData, told: Fan, column: int, view: View, futures: str = ""
) -> Iterator[dict[str, Any]]:
    """Yield the numbers behind a panel, a row a period that is drawn."""
    first, last = drawn_periods(data)
    for k in range(first, last + 1):
        quantiles = {
            f"q{100 * q:02.0f}": float(told.share[i, k, column]) for i, q in enumerate(told.levels)
        }
        yield {
            "date": dates(data)[k].isoformat(),
            view.kind: view.name,
            **({"futures": futures} if futures else {}),
            "n": told.n,
            **quantiles,
            "mean": float(told.mean[k, column]),
            "mean_low": float(told.mean_low[k, column]),
            "mean_high": float(told.mean_high[k, column]),
            "unit": "share of what was wanted",
        }
