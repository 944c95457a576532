"""Comparison figure: scenarios and policies side by side, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.layout import footer, headline, new_figure, shared_labels, wrap
from sim.plots.style import PALETTE, style
from sim.plots.words import percent, region_name, the

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Bar:
    """One run's loss in one region.

    Parameters
    ----------
    label : str
        The run.
    mean, low, high : float
        Mean with its 95 % interval, % of what was wanted.
    p05, p95 : float
        Quantiles over replications, same unit.
    """

    label: str
    mean: float
    low: float
    high: float
    p05: float
    p95: float


def compare(ax: Axes, bars: Sequence[Bar], color: str = PALETTE[0]) -> Axes:
    """Draw runs as rows: a dot with its interval for the mean, a thin bar from 5 to 95 %."""
    y = np.arange(len(bars))
    for i, bar in zip(y, bars, strict=True):
        ax.plot([bar.p05, bar.p95], [i, i], color=color, alpha=0.35, lw=7, solid_capstyle="butt")
        ax.plot([bar.low, bar.high], [i, i], color=color, lw=2.5)
        ax.plot(bar.mean, i, "o", color=color, ms=7)
        if not np.isnan(bar.mean):
            ax.annotate(
                f"{bar.mean:.1f}",
                (bar.mean, i),
                xytext=(0, 8),
                ha="center",
                fontsize=9,
                textcoords="offset points",
            )
    ax.set_yticks(y, [wrap(b.label, ax.figure, 10, width=3.2) for b in bars])
    ax.set_ylim(len(bars) - 0.4, -0.7)
    highest = max((v for b in bars for v in (b.p95, b.high, b.mean) if not np.isnan(v)), default=0)
    ax.set_xlim(-0.02 * max(highest, 1.0), max(1.05 * highest, 1.0))
    ax.grid(axis="y", visible=False)
    return ax


def figure(regions: dict[str, list[Bar]], note: str) -> Figure:
    """Return one panel a region, on one scale.

    Parameters
    ----------
    regions : dict
        Region code -> its bars, one a run, in the same order.
    note : str
        What it rests on, for the caption.
    """
    n_run = max(len(b) for b in regions.values())
    n_column = min(3, len(regions))
    n_row = -(-len(regions) // n_column)
    with style():
        fig = new_figure(12, 1.7 + n_row * (0.6 + 0.5 * n_run))
        axes = fig.subplots(n_row, n_column, sharex=True, sharey=True, squeeze=False).ravel()
        widest = 0.0
        for ax, (region, bars) in zip(axes, regions.items(), strict=False):
            compare(ax, bars)
            ax.set_title(region_name(region))
            widest = max(widest, ax.get_xlim()[1])
        axes[0].set_xlim(-0.02 * widest, widest)
        for ax in axes[len(regions) :]:
            ax.set_visible(False)
        headline(
            fig,
            finding(regions),
            "Shortfall over the horizon by region of the end users. "
            "Dot and thick line: mean and its 95 % interval; pale bar: 5 to 95 % of futures",
        )
        footer(fig, note)
        shared_labels(fig, x="Shortfall over the horizon (% of what was wanted)")
    return fig


def finding(regions: dict[str, list[Bar]]) -> str:
    """Return the sentence that the figure shows: where and in which run it is worst."""
    known = [
        (bar.mean, region, bar.label)
        for region, bars in regions.items()
        for bar in bars
        if not np.isnan(bar.mean)
    ]
    if not known or max(known)[0] <= 0:
        return "Nobody runs short"
    mean, region, label = max(known, key=lambda k: k[0])
    return f"Hardest hit: {the(region)} under {label}, {percent(mean / 100)} short on average"
