"""Combination figure: what the steps of the search avoid together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.layout import footer, headline, new_figure, wrap
from sim.plots.page import pt
from sim.plots.ranking import COLORS, Interval
from sim.plots.style import style
from sim.plots.words import percent, pretty

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Stair:
    """One step.

    Parameters
    ----------
    title, kind : str
        What was added.
    together : (float, float, float)
        What all steps so far avoid, with its 95 % interval.
    taken : bool
        False where the step's own gain could not be told from nothing.
    """

    title: str
    kind: str
    together: Interval
    taken: bool


def combination(ax: Axes, steps: Sequence[Stair]) -> Axes:
    """Draw one bar a step, from nothing to what all steps so far avoid."""
    for i, step in enumerate(steps):
        value, low, high = step.together
        color = COLORS[step.kind]
        before = steps[i - 1].together[0] if i else 0.0
        if step.taken:
            ax.barh(i, before, color=color, alpha=0.25, height=0.6)
            ax.barh(i, value - before, left=before, color=color, height=0.6)
        else:
            ax.barh(i, value, facecolor="white", edgecolor=color, hatch="///", height=0.6)
        ax.plot([low, high], [i, i], color="#222222", lw=1.5)
        text = f"{value:,.0f}" if abs(value) >= 10 else f"{value:,.3g}"
        ax.annotate(text, (max(high, value), i), xytext=(5, 0), va="center", fontsize=pt(9),
                    textcoords="offset points")  # fmt: skip
    names = [f"{i}. {'+ ' if i > 1 else ''}{s.title}" for i, s in enumerate(steps, 1)]
    ax.set_yticks(np.arange(len(steps)), [wrap(n, ax.figure, 10, width=3.6) for n in names])
    ax.set_ylim(len(steps) - 0.4, -0.6)
    highest = max((v for s in steps for v in s.together if not np.isnan(v)), default=1.0)
    ax.set_xlim(min(0.0, *(s.together[1] for s in steps)), 1.15 * max(highest, 1e-9))
    ax.grid(axis="y", visible=False)
    return ax


def figure(
    steps: Sequence[Stair], base: float, title: str, who: str, unit: str, note: str
) -> Figure:
    """Return the steps of the combination.

    Parameters
    ----------
    steps : sequence of Stair
        In order; the last may not have been taken.
    base : float
        Loss with nothing done, for the headline.
    title, who, unit : str
        Scenario, whose loss, its unit.
    note : str
        What it rests on, for the caption.
    """
    with style():
        fig = new_figure(10.5, 2.3 + 0.6 * max(2, len(steps)))
        ax = fig.subplots()
        combination(ax, steps)
        ax.set_xlabel(f"Loss avoided by all steps so far ({unit})")
        hatched = " Hatched: its own gain cannot be told from nothing, so the search ends" \
            if any(not s.taken for s in steps) else ""  # fmt: skip
        headline(fig, finding(steps, base, who), f"{title.rstrip('.')}. Chosen on one half of the "
                 f"futures, measured on the other; lines are 95 % intervals.{hatched}")  # fmt: skip
        footer(fig, note)
    return fig


def finding(steps: Sequence[Stair], base: float, who: str) -> str:
    """Return the sentence that the figure shows."""
    taken = [s for s in steps if s.taken]
    if not taken or base <= 0:
        return f"No combination can be told from doing nothing for {pretty(who)}"
    one = "one step avoids" if len(taken) == 1 else f"{len(taken)} steps avoid"
    return f"For {pretty(who)} {one} {percent(taken[-1].together[0] / base)} of the loss"
