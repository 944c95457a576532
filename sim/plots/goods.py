"""What moves before anybody is short: stock, deliveries, orders and capacity over time, as fans."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from sim.metrics.goods_findings import Moved, moved
from sim.plots.headlines import days_words, share_words
from sim.plots.layout import caption, headline, key, new_figure, wrap
from sim.plots.page import pt
from sim.plots.style import DEEP, FAINT, INK, PALETTE, date_axis, dates, day_numbers, style
from sim.plots.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results.data import GoodsData, GoodsFan, RunData

MOST = 4
"""Goods side by side: those whose stock falls most."""

ROWS = ("cover_days", "delivery_share", "unmet_share", "capacity_share")


def figure(data: RunData) -> Figure | None:
    """Return fans of what was booked of the goods whose stock falls most; None where none was."""
    goods = data.goods
    shown = [] if goods is None or not goods.fans else moved(goods)[:MOST]
    if goods is None or not shown:
        return None
    with style():
        fig = new_figure(11.5, 2.0 + 1.95 * len(ROWS))
        axes = fig.subplots(len(ROWS), len(shown), sharex=True, squeeze=False)
        for x, one in enumerate(shown):
            for name, ax in zip(ROWS, axes[:, x], strict=True):
                _panel(ax, data, goods, name, one, first=x == 0)
            axes[0, x].set_title(wrap(one.view.title, fig, 10, "bold", 10 / len(shown)))
        headline(fig, finding(shown[0]), "Buyers of a good in a region; capacity is its makers'")
        key(fig, *axes[0, 0].get_legend_handles_labels())
        n = next(iter(goods.fans.values())).fan.n
        told = f"Bands: quantiles over {counted(n, 'replication')}, period by period"
        rest = len(moved(goods)) - len(shown)
        caption(fig, data, told + (f". {rest} more goods and regions: goods.csv" if rest else ""))
    return fig


def finding(one: Moved) -> str:
    """Return what the figure says: whose stock falls most, and how low."""
    return (
        f"The stock that falls most: {one.view.title}, in the median future to "
        f"{days_words(one.least_days)} of use ({days_words(one.rest_days)} when nothing is wrong); "
        f"deliveries to {share_words(one.delivery)}"
    )


def _panel(ax: Axes, data: RunData, goods: GoodsData, name: str, one: Moved, first: bool) -> None:
    """Draw one quantity of one good; of makers, those whose use of capacity moves most."""
    told = goods.fans.get(name)
    column = None if told is None else _column(told, name, one)
    if told is None or column is None:
        ax.set_visible(False)
        return
    band(ax, data, told, column)
    if name == "capacity_share":
        ax.set_title(told.views[column].name.partition("/")[2], fontsize=pt(8), color=FAINT)
    if first:
        unit = "%" if told.unit == "share" else told.unit
        ax.set_ylabel(f"{told.label}\n({unit})".capitalize(), fontsize=pt(9))


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
    color = PALETTE[0]
    ax.fill_between(x, level[0.05], level[0.95], color=color, alpha=0.22, lw=0, label="5 to 95 %")
    ax.fill_between(x, level[0.25], level[0.75], color=color, alpha=0.45, lw=0, label="25 to 75 %")
    ax.plot(x, level[0.5], color=DEEP, lw=1.8, label="median", clip_on=False, zorder=4)
    ax.plot(x, scale * told.fan.mean[:, column], color=INK, lw=1.1, ls="--", label="mean")
    date_axis(ax, data.start, max(dates(data)[-1], data.start + dt.timedelta(days=data.step_days)))
    ax.set_ylim(bottom=0)
