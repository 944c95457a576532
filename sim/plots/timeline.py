"""Timeline of one replayed future: shocks, stocks, flows, shortfall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.plots.layout import caption, headline, new_figure, wrap
from sim.plots.page import pt
from sim.plots.style import FAINT, INK, PALETTE, date_axis, day_numbers, line_of, style
from sim.plots.words import REGION_ORDER, ordered_regions, peak, percent, pretty, the

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sim.results.data import RunData


@dataclass(frozen=True)
class ShockBar:
    """A shock on the time axis: announced, in force from onset to end (days)."""

    label: str
    announce: float
    onset: float
    end: float
    called_off: bool


@dataclass(frozen=True)
class Timeline:
    """What a replayed replication shows (series are (n_period,) each).

    Parameters
    ----------
    replication : int
        Its number.
    shocks : sequence of ShockBar
        In order of onset.
    cover_days : dict
        Label -> stock in days of reference use.
    flow_share : dict
        Label -> shipments as a share of the reference flow.
    shortfall_share : dict
        Region -> shortfall as a share of what was wanted.
    """

    replication: int
    shocks: Sequence[ShockBar]
    cover_days: dict[str, NDArray[np.float64]]
    flow_share: dict[str, NDArray[np.float64]]
    shortfall_share: dict[str, NDArray[np.float64]]


def shocks(ax: Axes, bars: Sequence[ShockBar], start: float, last: float) -> Axes:
    """Draw shocks as bars: hatched while announced, solid while in force.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    bars : sequence of ShockBar
        In order, from the top.
    start, last : float
        Day 0 and the end, as matplotlib counts days; bars are cut to them.
    """
    for y, bar in enumerate(bars):
        announce, onset, end = (
            min(max(start + d, start), last) for d in (bar.announce, bar.onset, bar.end)
        )
        if announce < onset:
            ax.barh(
                y,
                onset - announce,
                left=announce,
                height=0.6,
                color="white",
                edgecolor=PALETTE[1],
                hatch="////",
                lw=0.8,
            )
        if not bar.called_off:
            ax.barh(y, end - onset, left=onset, height=0.6, color=PALETTE[2], alpha=0.85)
    names = [_short(b.label) + (" (called off)" if b.called_off else "") for b in bars]
    names = [wrap(n, ax.figure, 9, width=2.6) for n in names]
    ax.set_yticks(range(len(bars)), names, fontsize=pt(9))
    ax.set_ylim(len(bars) - 0.4 if bars else 1, -0.6)
    ax.grid(axis="y", visible=False)
    ax.set_title("Shocks (hatched: announced; solid: in force)" if bars else "No shock")
    return ax


def _short(label: str, most: int = 56) -> str:
    """Return a label of at most so many letters."""
    return label if len(label) <= most else label[: most - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def lines(
    ax: Axes, x: NDArray[np.float64], series: dict[str, NDArray[np.float64]], title: str, unit: str
) -> Axes:
    """Draw labelled courses over time; a region has its colour where each line is one's."""
    for n, (label, values) in zip(_ranks([*series]), series.items(), strict=True):
        look: Any = {"color": PALETTE[n % len(PALETTE)], "ls": line_of(n), "lw": 1.7}
        ax.plot(x, values, label=wrap(pretty(label), ax.figure, 9, width=2.4), **look)
    ax.set_title(title)
    ax.set_ylabel(unit)
    ax.set_ylim(0, max(1.08 * max((peak(v) for v in series.values()), default=0.0), 1.0))
    if series:
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def _ranks(labels: Sequence[str]) -> list[int]:
    """Return which colour and line each label has: its region's, if all end in different ones."""
    last = [label.split()[-1] for label in labels]
    if len(set(last)) == len(last) and all(code in REGION_ORDER for code in last):
        return [REGION_ORDER.index(code) for code in last]
    return [*range(len(labels))]


def figure(data: RunData, line: Timeline, most_shocks: int = 10) -> Figure:
    """Return the timeline of one replication in four panels."""
    bars = list(line.shocks)[:most_shocks]
    x = day_numbers(data)
    with style():
        fig = new_figure(11.5, 7.2 + 0.42 * max(len(bars), 2))
        ratios = [0.35 + 0.46 * max(len(bars), 2), 2, 2, 2]
        axes = fig.subplots(4, 1, sharex=True, height_ratios=ratios)
        shocks(axes[0], bars, x[0], x[-1] + data.step_days)
        if len(line.shocks) > most_shocks:
            axes[0].text(
                1,
                1.02,
                f"and {len(line.shocks) - most_shocks} more",
                ha="right",
                va="bottom",
                transform=axes[0].transAxes,
                fontsize=pt(9),
                color=FAINT,
            )
        lines(axes[1], x, line.cover_days, "Stocks", "days of normal use")
        lines(
            axes[2],
            x,
            {k: 100 * v for k, v in line.flow_share.items()},
            "Shipments on the lanes that were hit most",
            "% of normal",
        )
        axes[2].axhline(100, color=INK, lw=0.7)
        known = {r: 100 * line.shortfall_share[r] for r in ordered_regions([*line.shortfall_share])}
        lines(
            axes[3],
            x,
            known,
            "Shortfall",
            "% of what\nwas wanted",
        )
        date_axis(
            axes[3], data.start, data.start + dt.timedelta(days=data.step_days * data.n_period)
        )
        fig.align_ylabels(axes[1:])
        headline(
            fig,
            finding(line),
            f"Future number {line.replication} of the run, replayed in "
            "the SimPy model: what struck, what was in stock, what was shipped, who went short",
        )
        caption(fig, data, "One future, not a forecast: no interval")
    return fig


def finding(line: Timeline) -> str:
    """Return the sentence that the figure shows: who is worst off in this future."""
    highest = {k: peak(v) for k, v in line.shortfall_share.items()}
    worst = max(highest, key=lambda k: highest[k]) if highest else ""
    if not worst or highest[worst] <= 0:
        return "One future in detail: nobody runs short"
    return f"One future in detail: {the(worst)} is up to {percent(highest[worst])} short"
