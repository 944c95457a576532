"""What moves before anybody is short: stock, deliveries, orders and capacity over time, as fans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.metrics.goods_findings import Moved, moved
from sim.plots.choice import choice_of
from sim.plots.fan import KEY, time_axis
from sim.plots.layout import caption, headline, joined, key, new_figure, wrap
from sim.plots.page import lang, n_columns, pt, room
from sim.plots.phrases import days_words, share_words
from sim.plots.style import BAND, DEEP, FAINT, INK, INNER, dates, day_numbers, style
from sim.plots.words import counted, region_name
from sim.words.say import say
from sim.words.titles import title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results.data import GoodsData, GoodsFan, RunData

MOST = 4
"""Goods side by side: those whose stock falls most."""

LABELS = {"cover_days": "goods.stock", "delivery_share": "goods.deliveries",
          "unmet_share": "goods.unmet", "capacity_share": "goods.capacity"}  # fmt: skip
ROWS = tuple(LABELS)


def figure(data: RunData) -> Figure | None:
    """Return fans of what was booked of the goods whose stock falls most; None where none was."""
    goods = data.goods
    found = [] if goods is None or not goods.fans else _chosen(data, moved(goods, data.sections))
    shown = found[: n_columns(MOST, each=2.4)]
    if goods is None or not shown:
        return None
    with style():
        fig = new_figure(11.5, 2.0 + 1.95 * len(ROWS))
        axes = fig.subplots(len(ROWS), len(shown), sharex=True, squeeze=False)
        each = (room(11.5) - 1.5) / len(shown)
        for x, one in enumerate(shown):
            for name, ax in zip(ROWS, axes[:, x], strict=True):
                _panel(ax, data, goods, name, one, first=x == 0)
            axes[0, x].set_title(wrap(title(one.view.title, lang()), fig, 11, "bold", each))
        headline(fig, finding(shown[0]), say("goods.sub", lang()))
        key(fig, *axes[0, 0].get_legend_handles_labels())
        n = next(iter(goods.fans.values())).fan.n
        told = say("figure.bands_fan", lang(), replications=counted(n, "replication", lang()))
        rest = len(found) - len(shown)
        caption(fig, data, joined(told, say("goods.rest", lang(), n=rest) if rest else ""))
    fig.rows = [row for one in shown for name in ROWS for row in _rows(data, goods, name, one)]
    return fig


def _chosen(data: RunData, found: list[Moved]) -> list[Moved]:
    """Return the goods and regions of the part that a reader has chosen."""
    choice = choice_of(data)
    pairs = {one.view.name: one.view.name.partition("/")[::2] for one in found}
    return [
        one for one in found
        if (not choice.goods or pairs[one.view.name][0] in choice.goods)
        and (not choice.regions or pairs[one.view.name][1] in choice.regions)
    ]  # fmt: skip


def _rows(data: RunData, goods: GoodsData, name: str, one: Moved) -> Iterator[dict[str, Any]]:
    """Yield the numbers behind a panel, a row a period."""
    told = goods.fans.get(name)
    column = None if told is None else _column(told, name, one)
    if told is None or column is None:
        return
    view, fan = told.views[column], told.fan
    for k, day in enumerate(dates(data)):
        quantiles = {f"q{100 * q:02.0f}": float(fan.share[i, k, column])
                     for i, q in enumerate(fan.levels)}  # fmt: skip
        yield {"date": day.isoformat(), "quantity": told.label, "of": view.name, **quantiles,
               "mean": float(fan.mean[k, column]), "unit": told.unit, "n": fan.n}  # fmt: skip


def finding(one: Moved) -> str:
    """Return what the figure says: whose stock falls most, and how low."""
    of = lang()
    return say("goods.finding", of, good=title(one.view.title, of),
               least=days_words(one.least_days, of), rest=days_words(one.rest_days, of),
               delivery=share_words(one.delivery, of))  # fmt: skip


def _panel(ax: Axes, data: RunData, goods: GoodsData, name: str, one: Moved, first: bool) -> None:
    """Draw one quantity of one good; of makers, those whose use of capacity moves most."""
    told = goods.fans.get(name)
    column = None if told is None else _column(told, name, one)
    if told is None or column is None:
        ax.set_visible(False)
        return
    band(ax, data, told, column)
    if name == "capacity_share":
        maker = region_name(told.views[column].name.partition("/")[2], lang())
        ax.set_title(maker, fontsize=pt(9), color=FAINT)
    if first:
        unit = "%" if told.unit == "share" else say("goods.days", lang())
        label = say("goods.labelled", lang(), label=say(LABELS[name], lang()), unit=unit)
        ax.set_ylabel(wrap(label, ax.figure, 9, width=1.3), fontsize=pt(9))


def _column(told: GoodsFan, name: str, one: Moved) -> int | None:
    """Return the column of a good; of its makers, those whose mean moves most."""
    if name != "capacity_share":
        return one.column
    product = one.view.name.partition("/")[0]
    makers = [x for x, v in enumerate(told.views) if v.name.partition("/")[0] == product]
    moves = {x: float(np.ptp(told.fan.mean[:, x])) for x in makers}
    return max(makers, key=lambda x: moves[x]) if makers else None


def band(ax: Axes, data: RunData, told: GoodsFan, column: int) -> None:
    """Draw the course of one quantity: 5-95 % and 25-75 % bands, median and mean."""
    x, scale = day_numbers(data), 100.0 if told.unit == "share" else 1.0
    level = {q: scale * told.fan.share[i, :, column] for i, q in enumerate(told.fan.levels)}
    words = [say(key, lang()) for key in KEY]
    ax.fill_between(x, level[0.05], level[0.95], color=BAND, lw=0, label=words[0])
    ax.fill_between(x, level[0.25], level[0.75], color=INNER, lw=0, label=words[1])
    ax.plot(x, level[0.5], color=DEEP, lw=1.8, label=words[2], clip_on=False, zorder=4)
    ax.plot(x, scale * told.fan.mean[:, column], color=INK, lw=1.1, ls="--", label=words[3])
    time_axis(ax, data)
    ax.set_ylim(bottom=0)
