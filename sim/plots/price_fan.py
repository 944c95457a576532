"""Fan of the price index over time, a panel for each good: where it is made, and outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.plots.choice import choice_of
from sim.plots.fan import time_axis
from sim.plots.layout import caption, headline, joined, key, new_figure, shared_labels, wrap
from sim.plots.page import lang, n_columns, room
from sim.plots.panels import hide_empty
from sim.plots.style import DEEP, PALETTE, dates, day_numbers, style
from sim.plots.words import counted, month_name, peak
from sim.words.numbers import decimals
from sim.words.say import say
from sim.words.titles import title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results.data import Fan, PriceData, RunData

MOST = 9
"""Panels that fit a page."""

MOVES = 1.005
"""Highest index below which nothing is drawn of a good: it is 1.00 throughout."""

INSIDE, OUTSIDE = "inside", "outside"
COLORS = {INSIDE: PALETTE[1], OUTSIDE: PALETTE[0]}
LINES = {INSIDE: PALETTE[1], OUTSIDE: DEEP}
LABELS = {INSIDE: "price.inside", OUTSIDE: "price.outside"}


def _prices(data: RunData) -> PriceData:
    assert data.prices is not None
    return data.prices


def _fan(data: RunData) -> Fan:
    fan = _prices(data).fan
    assert fan is not None
    return fan


def moves(data: RunData) -> bool:
    """Return whether any price is seen to move."""
    return data.prices is not None and data.prices.fan is not None and bool(_goods(data))


def _highest(data: RunData, product: str) -> float:
    """Return the highest mean or 95 % quantile of a good, wherever."""
    columns = [x for x, v in enumerate(_prices(data).course) if v.name.split("/")[0] == product]
    fan = _fan(data)
    return max(peak(fan.share[-1][:, columns]), peak(fan.mean[:, columns]))


def _goods(data: RunData) -> list[str]:
    """Return the goods whose price moves, the dearest first."""
    names = list(dict.fromkeys(v.name.split("/")[0] for v in _prices(data).course))
    high = {name: _highest(data, name) for name in names}
    wanted = choice_of(data).goods
    moving = (n for n in names if high[n] > MOVES and (not wanted or n in wanted))
    return sorted(moving, key=lambda n: (-high[n], n))


def price_fan(ax: Axes, data: RunData, product: str) -> Axes:
    """Draw the price index of one good: bands of 5 to 95 % and 25 to 75 %, median and mean.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    data : RunData
        A run with a fan of prices.
    product : str
        The good.

    Returns
    -------
    matplotlib.axes.Axes
        The same Axes.
    """
    x, fan = day_numbers(data), _fan(data)
    for column, view in enumerate(_prices(data).course):
        name, _, place = view.name.partition("/")
        if name != product:
            continue
        level = {q: fan.share[i, :, column] for i, q in enumerate(fan.levels)}
        color, line = COLORS[place], LINES[place]
        median, mean = (
            say("price.line", lang(), place=say(LABELS[place], lang()), what=say(what, lang()))
            for what in ("price.median", "price.mean")
        )
        ax.fill_between(x, level[0.05], level[0.95], color=color, alpha=0.18, lw=0)
        ax.fill_between(x, level[0.25], level[0.75], color=color, alpha=0.35, lw=0)
        ax.plot(x, level[0.5], color=line, lw=2.2, label=median, zorder=4)
        ax.plot(x, fan.mean[:, column], color=line, lw=1.4, ls="--",
                label=mean)  # fmt: skip
    time_axis(ax, data)
    ax.set_ylim(bottom=0.95)
    return ax


def figure(data: RunData) -> Figure:
    """Return small multiples of the fan, one panel a good, each on its own scale."""
    goods = _goods(data)
    shown = goods[:MOST]
    n_column = n_columns(min(3, len(shown)))
    n_row = -(-len(shown) // n_column)
    with style():
        fig = new_figure(11.5, 2.1 + 2.35 * max(n_row, 1.4))
        axes = fig.subplots(n_row, n_column, sharex=True, squeeze=False).ravel()
        each = (room(11.5) - 1.5) / n_column
        for ax, product in zip(axes, shown, strict=False):
            price_fan(ax, data, product)
            ax.set_title(wrap(title(_title(data, product), lang()), fig, 11, "bold", each))
        hide_empty(axes, len(shown), n_column)
        headline(fig, finding(data), say("price.sub", lang()))
        key(fig, *_legend(list(axes[: len(shown)])))
        left = len(goods) - len(shown)
        rest = say("price.left", lang(), n=left) if left else ""
        bands = say(
            "price.bands", lang(), replications=counted(_fan(data).n, "replication", lang())
        )
        caption(fig, data, joined(bands, rest))
        shared_labels(fig, y=say("price.axis", lang()))
    fig.rows = [row for product in shown for row in _rows(data, product)]
    return fig


def _rows(data: RunData, product: str) -> Iterator[dict[str, Any]]:
    """Yield the numbers behind a panel, a row a period and place."""
    fan = _fan(data)
    for column, view in enumerate(_prices(data).course):
        name, _, place = view.name.partition("/")
        for k, day in enumerate(dates(data) if name == product else ()):
            quantiles = {f"q{100 * q:02.0f}": float(fan.share[i, k, column])
                         for i, q in enumerate(fan.levels)}  # fmt: skip
            yield {"date": day.isoformat(), "good": name, "place": place, **quantiles,
                   "mean": float(fan.mean[k, column]), "unit": "times the price before",
                   "n": fan.n}  # fmt: skip


def _legend(axes: list[Axes]) -> tuple[list[object], list[str]]:
    """Return what the panels together have in their legends, each once."""
    found: dict[str, object] = {}
    for ax in axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return list(found.values()), list(found)


def _title(data: RunData, product: str) -> str:
    """Return a good's title: what the titles of its places begin with."""
    titles = [v.title for v in _prices(data).course if v.name.split("/")[0] == product]
    return titles[0].rpartition(" in " if " outside " not in titles[0] else " outside ")[0]


def finding(data: RunData) -> str:
    """Return which price rises most in the mean, how far and when."""
    mean = _fan(data).mean
    column = int(np.argmax(np.nanmax(mean, axis=0)))
    when = month_name(dates(data)[int(np.nanargmax(mean[:, column]))], lang())
    times = decimals(peak(mean[:, column]), 2, lang())
    good = title(_prices(data).course[column].title, lang())
    return say("price.finding", lang(), good=good, times=times, month=when)
