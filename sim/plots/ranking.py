"""Ranking figure: what each project or remedy avoids, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.layout import footer, headline, key, new_figure, wrap
from sim.plots.style import PALETTE, style
from sim.plots.words import pretty

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.plots.picture import Picture

COLORS = {"project": PALETTE[0], "policy": PALETTE[2], "reserve": PALETTE[1]}
WORDS = {
    "project": "project: support against its own odds",
    "policy": "policy",
    "reserve": "reserve",
}

Interval = tuple[float, float, float]
"""Value and its 95 % interval; NaN where refused."""


@dataclass(frozen=True)
class Ranked:
    """One candidate.

    Parameters
    ----------
    title, kind : str
        What it is.
    mean, cvar : (float, float, float)
        Avoided mean and CVaR with intervals.
    none_mean, none_cvar : (float, float, float)
        The same against not having it at all.
    """

    title: str
    kind: str
    mean: Interval
    cvar: Interval
    none_mean: Interval
    none_cvar: Interval


def ranking(ax: Axes, rows: Sequence[Ranked], tail: bool) -> Axes:
    """Draw a dot with its interval a candidate; below it, open, against not having it."""
    for i, row in enumerate(rows):
        now, none = (row.cvar, row.none_cvar) if tail else (row.mean, row.none_mean)
        color = COLORS[row.kind]
        if row.kind == "project":
            _dot(ax, none, i + 0.22, color, full=False)
        _dot(ax, now, i, color, full=True)
    ax.axvline(0, color="#222222", lw=1)
    ax.set_yticks(np.arange(len(rows)), [wrap(r.title, ax.figure, 10, width=3.6) for r in rows])
    ax.set_ylim(len(rows) - 0.3, -0.7)
    ax.grid(axis="y", visible=False)
    if all(np.isnan((r.cvar if tail else r.mean)[0]) for r in rows):
        ax.text(0.5, 0.5, "refused: too few futures", transform=ax.transAxes, ha="center")
        ax.set_xticks([])
    return ax


def _dot(ax: Axes, value: Interval, y: float, color: str, *, full: bool) -> None:
    if np.isnan(value[0]):
        return
    ax.plot([value[1], value[2]], [y, y], color=color, lw=2.5 if full else 1.5)
    ax.plot(value[0], y, "o", color=color, mfc=color if full else "white", ms=7 if full else 6)


def figure(rows: Sequence[Ranked], title: str, who: str, unit: str, note: str) -> Figure:
    """Return the ranking: avoided mean left, avoided CVaR right.

    Parameters
    ----------
    rows : sequence of Ranked
        Best first.
    title : str
        The scenario's.
    who : str
        Whose loss.
    unit : str
        Of the loss.
    note : str
        What it rests on, for the caption.
    """
    with style():
        fig = new_figure(12.5, 2.6 + 0.5 * max(4, len(rows)))
        left, right = fig.subplots(1, 2, sharey=True)
        for ax, tail in ((left, False), (right, True)):
            ranking(ax, rows, tail)
            ax.set_title("Mean" if not tail else "Worst twentieth (CVaR 95 %)", fontweight="normal")
            ax.set_xlabel(f"Loss avoided ({unit})")
        headline(fig, finding(rows, who), f"{title.rstrip('.')}. Loss of {pretty(who)} avoided by "
                 "each alone, pair by pair on the same futures; lines are 95 % intervals, one by "
                 "one")  # fmt: skip
        _legend(fig, rows)
        footer(fig, note)
    return fig


def _legend(fig: Picture, rows: Sequence[Ranked]) -> None:
    from matplotlib.lines import Line2D

    kinds = [k for k in COLORS if any(r.kind == k for r in rows)]
    handles = [Line2D([], [], color=COLORS[k], marker="o", lw=2.5, ms=7) for k in kinds]
    words = [WORDS[k] for k in kinds]
    if "project" in kinds:
        color = COLORS["project"]
        handles.insert(1, Line2D([], [], color=color, marker="o", mfc="white", lw=1.5, ms=6))
        words.insert(1, "against not having it")
    if kinds:
        key(fig, handles, words)


def finding(rows: Sequence[Ranked], who: str) -> str:
    """Return the sentence that the figure shows."""
    best = rows[0] if rows else None
    if best is None or not best.mean[1] > 0:
        return f"Nothing tried can be told from doing nothing for {pretty(who)}"
    return f"Worth most for {pretty(who)}: {best.title}"
