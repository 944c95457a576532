"""Comparison figure: scenarios and policies side by side, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.against import Against
from sim.plots.layout import footer, headline, joined, new_figure, wrap
from sim.plots.page import lang, n_columns, pt, room
from sim.plots.panels import hide_empty
from sim.plots.style import INK, PALETTE, style
from sim.plots.words import region_name
from sim.words.numbers import decimals
from sim.words.say import say

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
        Mean with its 95 % interval, % of what was wanted or another unit.
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
                decimals(bar.mean, 1, lang()),
                (bar.mean, i),
                xytext=(0, 8),
                ha="center",
                fontsize=pt(9),
                textcoords="offset points",
            )
    ax.set_yticks(y, [wrap(b.label, ax.figure, 10, width=names_width()) for b in bars])
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
        range(len(places)),
        [wrap(region_name(p, lang()), ax.figure, 10, width=names_width()) for p in places],
    )
    ax.set_ylim(len(places) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    return ax


def figure(
    regions: dict[str, list[Bar]],
    note: str,
    found: Sequence[Difference] = (),
    base: str = "",
    by: Against | None = None,
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
    by : Against, optional
        What they are compared by; default the share of what was wanted.
    """
    by = by or Against()
    rows = rows_of(regions, found, by)
    never = [place for place, bars in regions.items() if not any(_hit(bar) for bar in bars)]
    if len(never) < len(regions):
        regions = {place: bars for place, bars in regions.items() if place not in never}
        found = [d for d in found if d.place not in never]
        names = say("brief.list", lang()).join(region_name(place, lang()) for place in never)
        note = joined(say("compare.never", lang(), names=names) if never else "", note)
    n_run = max(len(b) for b in regions.values())
    n_column = n_columns(min(3, len(regions)), 12, 3.6)
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
            each = (room(12) - names_width() - 0.6) / n_column
            ax.set_title(wrap(region_name(region, lang()), fig, 11, "bold", each))
            widest = max(widest, ax.get_xlim()[1])
        axes[0].set_xlim(-0.02 * widest, widest)
        hide_empty(axes, len(regions), n_column)
        parts[0].supxlabel(wrap(by.axis, fig, 10), fontsize=pt(10))
        if found:
            ax = differences(parts[1].subplots(), found)
            title = say("compare.difference", lang(), base=base)
            ax.set_title(wrap(title, fig, 11, "bold", room(12) - names_width() - 0.4))
            ax.set_xlabel(wrap(by.differs, fig, 10, width=room(12) - names_width() - 0.4))
            for line in ax.get_lines():
                label = str(line.get_label())
                if not label.startswith("_"):
                    line.set_label(wrap(label, fig, 9, width=2.4))
            beside = room(12) >= 8
            ax.legend(loc="center left" if beside else "upper left",
                      bbox_to_anchor=(1.0, 0.5) if beside else (-0.3, -0.25))  # fmt: skip
        headline(fig, finding(regions, found, base, by), say("compare.sub", lang(), what=by.what))
        footer(fig, note)
    fig.rows = rows
    return fig


def _hit(bar: Bar) -> bool:
    """Return whether anybody is short in a run."""
    return bar.mean > 0 or bar.p95 > 0


def names_width() -> float:
    """Return the room for names beside the axes, inches of a report."""
    return min(3.2, 0.3 * room(12))


def rows_of(
    regions: dict[str, list[Bar]], found: Sequence[Difference], by: Against
) -> list[dict[str, object]]:
    """Return the numbers behind the figure, a row a place and run, differences after."""
    runs = [
        {"what": "run", "place": place, "run": bar.label, "mean": bar.mean, "low": bar.low,
         "high": bar.high, "q05": bar.p05, "q95": bar.p95, "unit": by.of}
        for place, bars in regions.items() for bar in bars
    ]  # fmt: skip
    return runs + [
        {"what": "difference", "place": d.place, "run": d.label, "mean": d.mean, "low": d.low,
         "high": d.high, "q05": "", "q95": "", "unit": by.of}
        for d in found
    ]  # fmt: skip


def finding(
    regions: dict[str, list[Bar]],
    found: Sequence[Difference] = (),
    base: str = "",
    by: Against | None = None,
) -> str:
    """Return the sentence that the figure shows: the largest sure difference from the base."""
    if all(not bar.mean > 0 for bars in regions.values() for bar in bars):
        return say("compare.nobody", lang())
    if not found:
        return say("compare.other_shocks", lang())
    return largest(found, base, by or Against())


def largest(found: Sequence[Difference], base: str, by: Against) -> str:
    """Return for whom a run surely makes the largest difference from the base."""
    sure = [d for d in found if d.sure]
    if not sure:
        return say("compare.none_differs", lang(), base=base)
    most = max(sure, key=lambda d: abs(d.mean))
    return by.sentence(most.label, most.place, most.mean, base)
