"""Comparison figure: scenarios and policies side by side, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.style import (
    FAINT,
    PALETTE,
    headline,
    new_figure,
    region_name,
    style,
    wrap,
)

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
        ax.annotate(f"{bar.mean:.1f}", (bar.mean, i), xytext=(0, 8), textcoords="offset points",
                    ha="center", fontsize=9)
    ax.set_yticks(y, [b.label for b in bars])
    ax.set_ylim(len(bars) - 0.4, -0.6)
    ax.set_xlim(left=0)
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
        fig = new_figure(12, 1.9 + n_row * (0.9 + 0.42 * n_run))
        axes = fig.subplots(n_row, n_column, sharex=True, sharey=True, squeeze=False).ravel()
        for ax, (region, bars) in zip(axes, regions.items(), strict=False):
            compare(ax, bars)
            ax.set_title(region_name(region))
        for ax in axes[len(regions):]:
            ax.set_visible(False)
        fig.supxlabel("Shortfall over the horizon (% of what was wanted)", fontsize=10)
        headline(fig, "Shortfall by scenario and policy",
                 "Dot and thick line: mean and its 95 % interval; pale bar: 5 to 95 % of futures")
        fig.text(0.011, 0.004, wrap(note, fig, 8), fontsize=8, color=FAINT, va="bottom")
        fig.get_layout_engine().set(rect=(0, 0.03, 1, 0.97))  # type: ignore[union-attr]
    return fig
