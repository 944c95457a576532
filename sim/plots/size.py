"""Size of a reserve against how surely it suffices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.plots.layout import footer, headline, key, new_figure
from sim.plots.style import FAINT, PALETTE, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class SizeCurve:
    """How many days suffice with each surety; inf where no size does, NaN where refused.

    Parameters
    ----------
    surety : sequence of float
        Shares of the futures, ascending.
    days, low, high : sequence of float
        With their 95 % intervals.
    sure : float
        That was asked for.
    t_per_day : float
        Tonnes of a day, where one good is sized; NaN else.
    """

    surety: Sequence[float]
    days: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    sure: float
    t_per_day: float


def curve(ax: Axes, data: SizeCurve) -> Axes:
    """Draw the curve with its band, and the point that was asked for."""
    x = 100 * np.asarray(data.surety)
    days, low, high = (np.asarray(v, float) for v in (data.days, data.low, data.high))
    finite = days[np.isfinite(days)]
    top = 1.15 * max([*high[np.isfinite(high)], *finite, 1.0])
    band = np.isfinite(low)
    ax.fill_between(x[band], low[band], np.minimum(high[band], top), color=PALETTE[0], alpha=0.2,
                    lw=0, step=None)  # fmt: skip
    ax.plot(x[np.isfinite(days)], finite, color=PALETTE[0], lw=2)
    at = int(np.argmin(np.abs(x - 100 * data.sure)))
    if np.isfinite(days[at]):
        ax.plot([x[at], x[at]], [0, days[at]], color=FAINT, lw=1, ls=":")
        ax.plot(x[at], days[at], "o", color=PALETTE[2], ms=8, zorder=5)
    beyond = np.isinf(days)
    if beyond.any():
        ax.axvspan(x[beyond][0], 100, color=PALETTE[4], alpha=0.18, lw=0)
    ax.set_xlim(x[0], 100)
    ax.set_ylim(0, top)
    ax.set_xlabel("Share of futures in which it suffices (%)")
    ax.set_ylabel("Days of use in stock")
    if np.isfinite(data.t_per_day):
        per = data.t_per_day

        def tonnes(days: Any) -> Any:
            return np.asarray(days) * per

        def back(amount: Any) -> Any:
            return np.asarray(amount) / per

        right = ax.secondary_yaxis("right", functions=(tonnes, back))
        right.set_ylabel("Tonnes")
    return ax


def figure(data: SizeCurve, finding: str, subtitle: str, note: str) -> Figure:
    """Return the curve of size against surety.

    Parameters
    ----------
    data : SizeCurve
        What was found.
    finding, subtitle, note : str
        What it shows; of what; what it rests on.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    with style():
        fig = new_figure(10.0, 6.0)
        curve(fig.subplots(), data)
        headline(fig, finding, subtitle)
        handles = [
            Line2D([], [], color=PALETTE[0], lw=2),
            Patch(color=PALETTE[0], alpha=0.2),
            Line2D([], [], color=PALETTE[2], marker="o", ls="", ms=8),
        ]
        words = ["least size that suffices", "95 % interval", "asked for"]
        if np.isinf(np.asarray(data.days, float)).any():
            handles.append(Patch(color=PALETTE[4], alpha=0.18))
            words.append("no size suffices")
        key(fig, handles, words)
        footer(fig, note)
    return fig
