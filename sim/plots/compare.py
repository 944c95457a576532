"""Comparison figure: scenarios and policies side by side, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.layout import footer, headline, new_figure, wrap
from sim.plots.page import pt
from sim.plots.style import INK, PALETTE, style
from sim.plots.words import region_name, the

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


MARKS = "osD^vP"


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
                fontsize=pt(9),
                textcoords="offset points",
            )
    ax.set_yticks(y, [wrap(b.label, ax.figure, 10, width=3.2) for b in bars])
    ax.set_ylim(len(bars) - 0.4, -0.7)
    highest = max((v for b in bars for v in (b.p95, b.high, b.mean) if not np.isnan(v)), default=0)
    ax.set_xlim(-0.02 * max(highest, 1.0), max(1.05 * highest, 1.0))
    ax.grid(axis="y", visible=False)
    return ax


@dataclass(frozen=True)
class Difference:
    """A run less the base in one place, pair by pair on the same shocks.

    Parameters
    ----------
    place, label : str
        Where, and which run.
    mean, low, high : float
        Mean difference with its 95 % interval, percentage points of what was wanted.
    """

    place: str
    label: str
    mean: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def differences(ax: Axes, found: Sequence[Difference]) -> Axes:
    """Draw paired differences as rows, runs of a place together, each by its own mark."""
    runs = list(dict.fromkeys(d.label for d in found))
    places = list(dict.fromkeys(d.place for d in found))
    for d in found:
        rank = runs.index(d.label)
        y = places.index(d.place) + 0.7 * ((rank + 0.5) / len(runs) - 0.5)
        color = PALETTE[rank % len(PALETTE)]
        ax.plot([d.low, d.high], [y, y], color=color, lw=2)
        ax.plot(d.mean, y, MARKS[rank % len(MARKS)], color=color, ms=6,
                label=("_" if d.place != places[0] else "") + d.label)  # fmt: skip
    ax.axvline(0, color=INK, lw=1)
    ax.set_yticks(
        range(len(places)), [wrap(region_name(p), ax.figure, 10, width=3.2) for p in places]
    )
    ax.set_ylim(len(places) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    return ax


def figure(
    regions: dict[str, list[Bar]], note: str, found: Sequence[Difference] = (), base: str = ""
) -> Figure:
    """Return one panel a place, on one scale, and below them the paired differences.

    Parameters
    ----------
    regions : dict
        Place -> its bars, one a run, in the same order.
    note : str
        What it rests on, for the caption.
    found : sequence of Difference, optional
        Of the runs from the base; none where runs met other shocks.
    base : str, optional
        The base's label.
    """
    n_run = max(len(b) for b in regions.values())
    n_column = min(3, len(regions))
    n_row = -(-len(regions) // n_column)
    n_place = len({d.place for d in found})
    n_other = len({d.label for d in found})
    tall = n_row * (0.6 + 0.5 * n_run)
    below = 0.9 + n_place * (0.16 + 0.2 * n_other) if found else 0.0
    with style():
        fig = new_figure(12, 1.9 + tall + below)
        parts = fig.subfigures(2 if found else 1, 1, squeeze=False,
                               height_ratios=[tall, below] if found else None)[:, 0]  # fmt: skip
        axes = parts[0].subplots(n_row, n_column, sharex=True, sharey=True, squeeze=False).ravel()
        widest = 0.0
        for ax, (region, bars) in zip(axes, regions.items(), strict=False):
            compare(ax, bars)
            ax.set_title(wrap(region_name(region), fig, 11, "bold", 8 / n_column))
            widest = max(widest, ax.get_xlim()[1])
        axes[0].set_xlim(-0.02 * widest, widest)
        for ax in axes[len(regions) :]:
            ax.set_visible(False)
        parts[0].supxlabel("Shortfall over the horizon (% of what was wanted)", fontsize=pt(10))
        if found:
            ax = differences(parts[1].subplots(), found)
            title = f"Difference from {base}, replication by replication: mean, 95 % interval"
            ax.set_title(wrap(title, fig, 11, "bold"))
            ax.set_xlabel("Percentage points of what was wanted; left of 0: less short")
            ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        headline(
            fig,
            finding(regions, found, base),
            "Shortfall over the horizon. "
            "Dot and thick line: mean and its 95 % interval; pale bar: 5 to 95 % of futures",
        )
        footer(fig, note)
    return fig


def finding(regions: dict[str, list[Bar]], found: Sequence[Difference] = (), base: str = "") -> str:
    """Return the sentence that the figure shows: the largest sure difference from the base."""
    if all(not bar.mean > 0 for bars in regions.values() for bar in bars):
        return "Nobody runs short in any of these runs"
    sure = [d for d in found if d.sure]
    if not sure:
        return (
            f"No run differs from {base} by more than chance" if found
            else "Runs side by side: they met other shocks, so no difference is told"
        )  # fmt: skip
    most = max(sure, key=lambda d: abs(d.mean))
    less = "less" if most.mean < 0 else "more"
    return (
        f"{most.label}: {the(most.place)} is {points(most.mean)} percentage points {less} short "
        f"than under {base}"
    )


def points(difference: float) -> str:
    """Return the size of a difference of percentages."""
    size = abs(difference)
    return f"{size:.0f}" if size >= 10 else f"{size:.1f}" if size >= 0.1 else "less than 0.1"
