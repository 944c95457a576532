"""The one figure of a briefing: the course over time of one run, or several runs side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.brief.read import Told, columns_for
from sim.brief.said import headlines_of
from sim.brief.table import label, small
from sim.metrics import findings, precision
from sim.metrics.answer import Estimate
from sim.metrics.weighted import Rows
from sim.network.arrays import F8
from sim.results.data import RunData, View
from sim.words.dates import month_name
from sim.words.numbers import per_cent
from sim.words.say import say

PANELS = 3
"""Places of a figure, unless it is asked for more by name."""

MOST_PANELS = 6


class Fan(NamedTuple):
    """The course of one place, in % of what was wanted in each period.

    Parameters
    ----------
    title, alt : str
        The place, and the same as the drawing in words.
    days : ndarray of int
        First day of each period, counted from `start`.
    start : datetime.date
        Day 0.
    mean, bands : ndarray
        Mean by period; quantiles of 5, 25, 50, 75 and 95 % by period.
    marks : list of float
        Days on which hazards with a date begin.
    """

    title: str
    alt: str
    days: np.ndarray
    start: dt.date
    mean: F8
    bands: F8
    marks: list[float]


class Bar(NamedTuple):
    """One run in one place: mean with its interval, and nine futures of ten, in %."""

    label: str
    mean: float
    low: float
    high: float
    p05: float
    p95: float


class Bars(NamedTuple):
    """All runs in one place."""

    title: str
    alt: str
    bars: list[Bar]


class Picture(NamedTuple):
    """A figure: its panels, what it shows, and how to read it.

    Parameters
    ----------
    heading, title, note : str
        Above, below that, and below the figure.
    fans, bars : list
        Panels of one kind; none of both where nobody is short.
    """

    heading: str
    title: str
    note: str
    fans: list[Fan]
    bars: list[Bars]


def picture_of(runs: Sequence[Told], regions: Sequence[str], lang: str) -> Picture:
    """Return the figure of a briefing."""
    if len(runs) > 1:
        views = _most_hit(runs[0], regions)
        bars = [_bars(runs, view, lang) for view in views]
        return Picture(say("brief.figure_runs", lang), say("brief.figure_bars", lang), "", [], bars)
    data, heading = runs[0].data, say("brief.figure", lang)
    if data.fan is None or not headlines_of(runs[0], regions, lang).anybody:
        return Picture(heading, say("brief.no_figure", lang), "", [], [])
    drawn = say("count.replications", lang, n=data.fan.n)
    fans = [_fan(runs[0], view, lang) for view in _most_hit(runs[0], regions)]
    return Picture(
        heading,
        say("brief.figure_fan", lang, step=data.step_days),
        say("brief.read_fan", lang, replications=drawn),
        fans,
        [],
    )


def _most_hit(run: Told, regions: Sequence[str]) -> list[View]:
    """Return whom panels are drawn for, the hardest hit first."""
    data, columns = run.data, columns_for(run, regions)
    mean = {x: data.sections.mean(findings.linear_column(data, x)) for x in columns}
    ranked = sorted(columns, key=lambda x: -mean[x])
    return [data.views[x] for x in ranked[: MOST_PANELS if regions else PANELS]]


def _fan(run: Told, view: View, lang: str) -> Fan:
    data = run.data
    assert data.fan is not None
    column = data.index(view.kind, view.name)
    mean = 100 * data.fan.mean[:, column]
    at = [data.fan.levels.index(q) for q in (0.05, 0.25, 0.5, 0.75, 0.95)]
    days = data.step_days * np.arange(data.n_period)
    name = label(view, lang)
    alt = say("brief.alt_flat", lang, place=name)
    if np.nanmax(mean, initial=0.0) > 0:
        when = data.start + dt.timedelta(days=int(days[int(np.nanargmax(mean))]))
        alt = say(
            "brief.alt_fan",
            lang,
            place=name,
            peak=share_words(float(np.nanmax(mean)), lang),
            month=month_name(when, lang),
            end=share_words(float(mean[-1]), lang),
        )
    marks = [d for d in data.meta.get("dated_days", ()) if 0 <= d < data.n_period * data.step_days]
    return Fan(name, alt, days, data.start, mean, 100 * data.fan.share[at, :, column], marks)


def share_words(value: float, lang: str) -> str:
    """Return a number of per cent with its sign."""
    return per_cent("", lang) if np.isnan(value) else small(value, lang) + per_cent("", lang)


def _bars(runs: Sequence[Told], view: View, lang: str) -> Bars:
    name = label(view, lang)
    bars = [_bar(run, view) for run in runs]
    alt = " ".join(
        say(
            "brief.alt_bar",
            lang,
            place=name,
            run=bar.label,
            mean=share_words(bar.mean, lang),
            low=share_words(bar.low, lang),
            high=share_words(bar.high, lang),
        )
        for bar in bars
        if not np.isnan(bar.mean)
    )
    return Bars(name, alt, bars)


def _bar(run: Told, view: View) -> Bar:
    """Return a bar; of a place that a run does not know an empty one."""
    data = run.data
    if all((v.kind, v.name) != (view.kind, view.name) for v in data.views):
        return Bar(run.label, *(float("nan"),) * 5)
    column = data.index(view.kind, view.name)
    values = 100 * findings.linear_column(data, column)
    answer = precision.mean(values, sections=data.sections)
    value = data.sections.mean(values)
    mean, low, high = answer[:3] if isinstance(answer, Estimate) else (value, value, value)
    return Bar(run.label, mean, low, high, *_ends(100 * findings.shares(data, column), data))


def _ends(share: F8, data: RunData) -> tuple[float, float]:
    """Return the 5 and 95 % quantiles of what each future comes to."""
    levels = np.array([0.05, 0.95])
    if data.sections.weighted:
        low, high = Rows(np.stack([share, share]), data.sections).quantile(levels)[0]
    else:
        low, high = np.quantile(share, levels)
    return float(low), float(high)


class Tails(NamedTuple):
    """How bad it gets: shares (%) that are exceeded at least so often."""

    title: str
    chances: list[tuple[str, float]]


ONE_IN = (2, 4, 10, 20, 100)


def tails_of(run: Told, regions: Sequence[str], lang: str) -> Tails:
    """Return the tail that the sentence on how bad it gets speaks of: of one place, or of any."""
    said = headlines_of(run, regions, lang)
    name, share = say("brief.any_place", lang), said.worst
    if said.hardest is not None and len(said.hardest.places) == 1:
        place = said.hardest.places[0]
        name, share = label(place.view, lang), findings.shares(run.data, place.column)
    told = [(n, findings.tail(share, 1 / n, run.data.sections)) for n in ONE_IN]
    return Tails(
        say("brief.tails", lang, place=name),
        [
            (say("brief.one_in", lang, n=n), 100 * tail.above)
            for n, tail in told
            if tail.n_beyond >= findings.TAIL
        ],
    )
