"""Frontier figure: what a budget leaves to be lost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.layout import footer, headline, new_figure
from sim.plots.style import DEEP, PALETTE, style
from sim.plots.words import percent, pretty

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Spent:
    """The best portfolio of a budget.

    Parameters
    ----------
    budget_usd, spent_usd : float
        What may be spent, and what is.
    loss, low, high : float
        What is still lost, with its 95 % interval; NaN limits: not known.
    """

    budget_usd: float
    spent_usd: float
    loss: float
    low: float
    high: float


def frontier(ax: Axes, points: Sequence[Spent], none: float, asked: float) -> Axes:
    """Draw the loss over what is spent, from nothing on; the budget asked for stands out."""
    shown = sorted(points, key=lambda p: p.spent_usd)
    scale = _scale(max(p.spent_usd for p in shown))
    x = np.array([0.0, *(p.spent_usd / scale for p in shown)])
    y = np.array([none, *(p.loss for p in shown)])
    limits = np.array([(none, none), *((p.low, p.high) for p in shown)])
    ax.plot(x, y, color=PALETTE[0], lw=2, marker="o", ms=5, drawstyle="steps-post")
    for at, (low, high) in zip(x, limits, strict=True):
        ax.plot([at, at], [low, high], color=DEEP, lw=1.2, alpha=0.8)
    for at, loss, point in zip(x[1:], y[1:], shown, strict=True):
        if point.budget_usd == asked:
            ax.plot([at], [loss], marker="o", ms=11, mfc="none", mec=PALETTE[2], mew=2)
            late = at > 0.7 * x[-1]
            ax.annotate("budget asked for", (at, loss), xytext=(-10 if late else 10, 10),
                        fontsize=9, textcoords="offset points", color=PALETTE[2],
                        ha="right" if late else "left")  # fmt: skip
    ax.set_xlim(left=0.0)
    tops = [v for v in (none, *limits.ravel()) if math.isfinite(v)]
    ax.set_ylim(0.0, 1.08 * max(*tops, 1e-12))
    return ax


def _scale(most_usd: float) -> float:
    return 1e9 if most_usd >= 1e9 else 1e6


def figure(
    points: Sequence[Spent],
    none: float,
    asked: float,
    title: str,
    who: str,
    unit: str,
    statistic: str,
    note: str,
) -> Figure:
    """Return the curve of what is spent against what is still lost.

    Parameters
    ----------
    points : sequence of Spent
        The best portfolio of each budget.
    none : float
        Loss with nothing bought.
    asked : float
        The budget that was asked for.
    title, who, unit, statistic : str
        Scenario, whose loss, its unit, and what of it ("mean", "cvar95").
    note : str
        What it rests on, for the caption.
    """
    with style():
        fig = new_figure(9.0, 5.6)
        ax = fig.subplots()
        frontier(ax, points, none, asked)
        money = "billion" if _scale(max(p.spent_usd for p in points)) == 1e9 else "million"
        ax.set_xlabel(f"Spent ({money} USD)")
        ax.set_ylabel(f"Loss, {_spelt(statistic)} ({unit})")
        headline(fig, finding(points, none, asked, who), f"{title.rstrip('.')}. Best portfolio of "
                 "each budget, chosen on one half of the futures, measured on the other; "
                 "lines are 95 % intervals of what is avoided")  # fmt: skip
        footer(fig, note)
    return fig


def _spelt(statistic: str) -> str:
    return statistic.replace("cvar", "CVaR ") + (" %" if statistic != "mean" else "")


def finding(points: Sequence[Spent], none: float, asked: float, who: str) -> str:
    """Return the sentence that the figure shows."""
    answer = next(p for p in points if p.budget_usd == asked)
    if none <= 0:
        return f"{pretty(who)} lose nothing, so nothing is worth buying"
    saved = (none - answer.loss) / none
    if not answer.spent_usd or saved <= 0:
        return f"The budget buys nothing that lowers the loss of {pretty(who)}"
    return f"{_money(answer.spent_usd)} avoid {percent(saved)} of the loss of {pretty(who)}"


def _money(usd: float) -> str:
    scale = _scale(usd)
    return f"{usd / scale:.3g} {'billion' if scale == 1e9 else 'million'} dollars"
