"""Tornado: how far the mean loss moves between both ends of each input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.layout import footer, headline, key, new_figure, wrap
from sim.plots.style import INK, PALETTE, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Interval = tuple[float, float, float]


@dataclass(frozen=True)
class Swing:
    """One input.

    Parameters
    ----------
    name : str
        For people.
    low, high : (float, float, float)
        Mean loss at its low end and at its high end, with intervals; NaN where refused.
    delta : float
        How much it matters, 0 to 1.
    """

    name: str
    low: Interval
    high: Interval
    delta: float


def tornado(ax: Axes, swings: Sequence[Swing], mean: float) -> Axes:
    """Draw a bar from the low end's mean to the high end's, each with its interval."""
    for y, swing in enumerate(swings):
        for end, color in ((swing.low, PALETTE[0]), (swing.high, PALETTE[1])):
            if np.isnan(end[0]):
                continue
            ax.barh(y, end[0] - mean, left=mean, height=0.62, color=color, alpha=0.75, lw=0)
            ax.plot([end[1], end[2]], [y, y], color=INK, lw=1.2)
    ax.axvline(mean, color=INK, lw=1)
    ax.set_yticks(range(len(swings)), [wrap(s.name, ax.figure, 10, width=3.6) for s in swings])
    ax.set_ylim(len(swings) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    return ax


def figure(
    swings: Sequence[Swing], mean: float, unit: str, finding: str, subtitle: str, note: str
) -> Figure:
    """Return the tornado, beside it how much each input matters.

    Parameters
    ----------
    swings : sequence of Swing
        What matters most first.
    mean : float
        Of all futures.
    unit : str
        Of the loss.
    finding, subtitle, note : str
        What it shows; of what; what it rests on.
    """
    from matplotlib.patches import Patch

    with style():
        fig = new_figure(11.5, 2.6 + 0.5 * max(4, len(swings)))
        left, right = fig.subplots(1, 2, sharey=True, width_ratios=(3, 1))
        tornado(left, swings, mean)
        left.set_xlabel(f"Mean loss ({unit})")
        right.barh(range(len(swings)), [s.delta for s in swings], height=0.62, color=PALETTE[4])
        right.set_xlabel("Delta (0: says nothing)")
        right.set_xlim(0, max(0.1, 1.1 * max((s.delta for s in swings), default=0.1)))
        right.grid(axis="y", visible=False)
        headline(fig, finding, subtitle)
        handles = [Patch(color=PALETTE[0], alpha=0.75), Patch(color=PALETTE[1], alpha=0.75)]
        key(fig, handles, ["lowest tenth, or no", "highest tenth, or yes"])
        footer(fig, note)
    return fig
