"""An episode of the past: fans with the facts on them, and how far every fact is from the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.plots.layout import footer, headline, key, new_figure, wrap
from sim.plots.style import DEEP, FAINT, INK, PALETTE, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FAR = 6.0
"""Half widths of the tolerance beyond which a distance is drawn at the edge."""
HIT, MISS = PALETTE[0], PALETTE[1]


class Panel(NamedTuple):
    """A course over time and the facts of it.

    Parameters
    ----------
    title, unit : str
        What it is.
    day : sequence of datetime.date
        Where each value stands.
    values : ndarray, shape (days, n)
        Of every future.
    normal : float
        What it is when nothing happens.
    facts : list of (date, value, low, high, scored)
        Reported, with tolerance.
    """

    title: str
    unit: str
    day: Sequence[dt.date]
    values: NDArray[np.float64]
    normal: float
    facts: list[tuple[dt.date, float, float, float, bool]]


class Distance(NamedTuple):
    """A fact's distance from the model, in half widths of its tolerance; inf says never."""

    label: str
    low: float
    median: float
    high: float
    hit: bool


def course(ax: Axes, panel: Panel) -> Axes:
    """Draw a fan with the facts on it."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

    x = np.array([float(date2num(d)) for d in panel.day])
    q = np.quantile(panel.values, (0.05, 0.25, 0.5, 0.75, 0.95), axis=1)
    ax.fill_between(x, q[0], q[4], color=PALETTE[0], alpha=0.22, lw=0, label="5 to 95 %")
    ax.fill_between(x, q[1], q[3], color=PALETTE[0], alpha=0.45, lw=0, label="25 to 75 %")
    ax.plot(x, q[2], color=DEEP, lw=2.0, label="median of the model")
    ax.axhline(panel.normal, color=FAINT, lw=0.8, ls=":", label="no change")
    for scored, look, label in ((True, INK, "reported"), (False, FAINT, "reported, not scored")):
        told = [f for f in panel.facts if f[4] is scored]
        if told:
            at = [float(date2num(f[0])) for f in told]
            off = [[f[1] - f[2] for f in told], [f[3] - f[1] for f in told]]
            mark = "o" if scored else "x"
            ax.errorbar(at, [f[1] for f in told], yerr=off, fmt=mark, ms=4.5, color=look, lw=1.2,
                        capsize=2, label=label, zorder=5)  # fmt: skip
    locator = AutoDateLocator(maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    ax.set_ylim(bottom=0)
    ax.set_title(panel.title)
    ax.set_ylabel(panel.unit)
    return ax


def distances(ax: Axes, rows: Sequence[Distance]) -> Axes:
    """Draw median and band of every row about its fact, in half widths of the tolerance."""
    ax.axvspan(-1, 1, color=FAINT, alpha=0.15, lw=0)
    ax.axvline(0, color=INK, lw=0.8)
    for y, row in enumerate(rows):
        low, median, high = (float(np.clip(v, -FAR, FAR)) for v in (row.low, row.median, row.high))
        color = HIT if row.hit else MISS
        ax.plot([low, high], [y, y], color=color, lw=2.2, alpha=0.6, solid_capstyle="butt")
        beyond = abs(row.median) > FAR
        mark = "o" if not beyond else ">" if row.median > 0 else "<"
        ax.plot([median], [y], marker=mark, color=color, ms=6, clip_on=False, zorder=4)
    ax.set_yticks(range(len(rows)), [wrap(r.label, ax.figure, 9, width=4.6) for r in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(-FAR, FAR)
    ax.set_xlabel(
        f"model less fact, in half widths of the tolerance (grey: within; edge: {FAR:g} or more)"
    )
    return ax


def figure(
    title: str, said: str, panels: Sequence[Panel], rows: Sequence[Distance], foot: str
) -> Figure:
    """Return the figure of an episode.

    Parameters
    ----------
    title, said, foot : str
        Headline, what is shown, and what it rests on.
    panels : sequence of Panel
        Courses.
    rows : sequence of Distance
        Every scored fact.
    """
    tall = [2.6 * -(-len(panels) // 2), 0.9 + 0.27 * len(rows)]
    with style():
        fig = new_figure(11.5, 1.7 + sum(tall))
        parts = fig.subfigures(2, 1, squeeze=False, height_ratios=[max(t, 0.01) for t in tall])
        above, below = parts[:, 0]
        grid = above.subplots(-(-len(panels) // 2), 2, squeeze=False).ravel() if panels else []
        for ax in grid[len(panels) :]:
            ax.set_visible(False)
        axes = [course(ax, panel) for ax, panel in zip(grid, panels, strict=False)]
        if rows:
            distances(below.subplots(), rows)
        headline(fig, title, said)
        if axes:
            shown: dict[str, object] = {}
            for ax in axes:
                shown |= {b: a for a, b in zip(*ax.get_legend_handles_labels(), strict=True)}
            key(fig, [*shown.values()], [*shown])
        footer(fig, foot)
    return fig
