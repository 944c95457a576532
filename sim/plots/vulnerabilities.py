"""Vulnerability figure: what breaks worst, how soon it is felt and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.layout import footer, headline, key, new_figure, wrap
from sim.plots.page import pt
from sim.plots.style import PALETTE, style
from sim.plots.words import percent, pretty

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS = dict(zip(("site", "host", "country", "exports", "lane", "trade", "route"),
                  (*PALETTE, "#222222"), strict=True))  # fmt: skip
WORDS = {
    "site": "site",
    "host": "operation",
    "country": "all sites of a country",
    "exports": "a country's exports",
    "lane": "one supplier to one buyer",
    "trade": "country to region",
    "route": "route",
}


@dataclass(frozen=True)
class Broken:
    """One removal.

    Parameters
    ----------
    kind, name : str
        What is removed.
    share : float
        Shortfall over the time watched, share of what was wanted.
    survive_days, recover_days : float
        First and last shortage, days after the stop; NaN: never short; never over.
    """

    kind: str
    name: str
    share: float
    survive_days: float
    recover_days: float


def losses(ax: Axes, rows: Sequence[Broken]) -> Axes:
    """Draw one bar a removal: % of what was wanted that is short."""
    y = np.arange(len(rows))
    values = [100 * r.share for r in rows]
    ax.barh(y, values, color=[COLORS[r.kind] for r in rows], height=0.68)
    for i, value in zip(y, values, strict=True):
        ax.annotate(f"{value:.1f}", (value, i), xytext=(4, 0), va="center", fontsize=pt(9),
                    textcoords="offset points")  # fmt: skip
    names = [r.name.replace("->", "to") for r in rows]
    ax.set_yticks(y, [wrap(pretty(n), ax.figure, 10, width=3.2) for n in names])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 1.15 * max([*values, 1.0]))
    ax.set_xlabel("Shortfall (% of what was wanted)")
    ax.grid(axis="y", visible=False)
    return ax


def spans(ax: Axes, rows: Sequence[Broken], stop_days: float, horizon_days: float) -> Axes:
    """Draw one line a removal: from the first shortage to the end of the last."""
    for i, row in enumerate(rows):
        if np.isnan(row.survive_days):
            continue
        over = not np.isnan(row.recover_days)
        end = row.recover_days if over else horizon_days
        ax.plot([row.survive_days, end], [i, i], color=COLORS[row.kind], lw=3)
        ax.plot(row.survive_days, i, "o", color=COLORS[row.kind], ms=6)
        ax.plot(end, i, "|" if over else ">", color=COLORS[row.kind], ms=9, mew=2)
    if stop_days < horizon_days:
        ax.axvspan(0, stop_days, color="#eeeeee", zorder=0)
        ax.set_title(f"Grey: the stop, {stop_days:,.0f} days", fontsize=pt(10), fontweight="normal")
    ax.set_xlim(0, horizon_days)
    ax.set_xlabel("Days from the start of the stop")
    ax.grid(axis="y", visible=False)
    return ax


def figure(
    rows: Sequence[Broken], title: str, who: str, stop_days: float, horizon_days: float, note: str
) -> Figure:
    """Return the worst removals side by side.

    Parameters
    ----------
    rows : sequence of Broken
        Worst first.
    title : str
        The network's.
    who : str
        Whose shortfall.
    stop_days, horizon_days : float
        How long the stop lasts, and how long one watches.
    note : str
        What it rests on, for the caption.
    """
    from matplotlib.patches import Patch

    kinds = [k for k in COLORS if any(r.kind == k for r in rows)]
    with style():
        fig = new_figure(12, 2.4 + 0.42 * max(4, len(rows)))
        left, right = fig.subplots(1, 2, sharey=True, width_ratios=(3, 2))
        losses(left, rows)
        spans(right, rows, stop_days, horizon_days)
        headline(fig, finding(rows, who), f"{title}. One thing removed at a time; shortfall of "
                 f"{who} over {horizon_days:,.0f} days. Right: from first shortage (dot) to the "
                 "end of the last (bar; arrow: not over)")  # fmt: skip
        if kinds:
            key(fig, [Patch(color=COLORS[k]) for k in kinds], [WORDS[k] for k in kinds])
        footer(fig, note)
    return fig


def finding(rows: Sequence[Broken], who: str) -> str:
    """Return the sentence that the figure shows."""
    if not rows or rows[0].share <= 0:
        return f"Nothing that stops alone makes {pretty(who)} run short"
    worst = rows[0]
    return (
        f"Worst for {pretty(who)}: {pretty(worst.name.replace('->', 'to'))} "
        f"({WORDS[worst.kind]}), {percent(worst.share)} short"
    )
