"""N-1 figure: how much of demand is met without the largest supplier, ours beside the published."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.layout import footer, headline, key, new_figure, wrap
from sim.plots.style import PALETTE, style
from sim.plots.words import percent, pretty, the

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_PERCENT = 150.0
"""% where the axis ends; beyond it an arrow."""


@dataclass(frozen=True)
class CoverBar:
    """N-1 cover of one product, shares.

    Parameters
    ----------
    product, country : str
        What, and its largest supplier.
    cover, rest, rest_capacity : float
        Of all demand; of demand outside that country; that with the others at full capacity.
    low, high : float
        As published; NaN where nothing is.
    """

    product: str
    country: str
    cover: float
    rest: float
    rest_capacity: float
    low: float
    high: float


def covers(ax: Axes, bars: Sequence[CoverBar]) -> Axes:
    """Draw one row a product: full dot, open dot, square, and a thick bar for the published."""
    for i, bar in enumerate(bars):
        if not math.isnan(bar.low):
            low, high = 100 * bar.low, 100 * bar.high
            ax.plot([low - 0.4, high + 0.4], [i, i], color=PALETTE[1], lw=11, alpha=0.6,
                    solid_capstyle="butt")  # fmt: skip
        _mark(ax, bar.cover, i, "s", PALETTE[4], full=True)
        _mark(ax, bar.rest, i, "o", PALETTE[0], full=True)
        _mark(ax, bar.rest_capacity, i, "o", PALETTE[0], full=False)
    ax.axvline(100, color="#222222", lw=1)
    labels = [f"{pretty(b.product)}, without {the(b.country)}" for b in bars]
    ax.set_yticks(np.arange(len(bars)), [wrap(n, ax.figure, 10, width=3.4) for n in labels])
    ax.set_ylim(len(bars) - 0.4, -0.6)
    ax.set_xlim(0, MAX_PERCENT * 1.03)
    ax.set_xlabel("Share of demand met without the largest supplier country (%)")
    ax.grid(axis="y", visible=False)
    return ax


def _mark(ax: Axes, share: float, i: int, shape: str, color: str, *, full: bool) -> None:
    beyond = not 100 * share <= MAX_PERCENT
    ax.plot(MAX_PERCENT if beyond else 100 * share, i, ">" if beyond else shape, color=color, ms=8,
            mfc=color if full else "white", mew=1.6)  # fmt: skip


def figure(bars: Sequence[CoverBar], title: str, note: str) -> Figure:
    """Return the N-1 cover of every product of a network.

    Parameters
    ----------
    bars : sequence of CoverBar
        In the order of the chain.
    title : str
        The network's.
    note : str
        What it rests on, for the caption.
    """
    from matplotlib.lines import Line2D

    def dot(shape: str, color: str, face: str) -> Line2D:
        return Line2D([], [], ls="", marker=shape, color=color, mfc=face, ms=8, mew=1.6)

    with style():
        fig = new_figure(11.5, 2.4 + 0.5 * max(3, len(bars)))
        covers(fig.subplots(), bars)
        told = "before any stock is used and with nobody changing what they do"
        where = f"{title}. Reference flows without the largest supplier country, {told}"
        headline(fig, finding(bars), where)
        handles = [
            dot("s", PALETTE[4], PALETTE[4]),
            dot("o", PALETTE[0], PALETTE[0]),
            dot("o", PALETTE[0], "white"),
        ]
        names = ["of all demand", "of demand elsewhere", "elsewhere, others at full capacity"]
        if any(not math.isnan(b.low) for b in bars):
            handles.append(Line2D([], [], color=PALETTE[1], lw=8, alpha=0.6))
            names.append("published")
        key(fig, handles, names)
        footer(fig, note)
    return fig


def finding(bars: Sequence[CoverBar]) -> str:
    """Return the sentence that the figure shows: the weakest stage."""
    if not bars:
        return "Nothing is made"
    weakest = min(bars, key=lambda b: b.rest)
    if weakest.rest >= 1:
        return "Every product covers demand elsewhere without its largest supplier"
    return (
        f"Weakest: {pretty(weakest.product)}. Without {the(weakest.country)} the others meet "
        f"{percent(weakest.rest)} of demand elsewhere"
    )
