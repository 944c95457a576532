"""Small multiples over policies or scenarios: chances of a shortfall, a panel a region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.against import Against
from sim.plots.beyond import curve
from sim.plots.exceedance import chance_label
from sim.plots.layout import footer, headline, joined, key, new_figure, shared_labels, wrap
from sim.plots.page import lang, n_columns, room
from sim.plots.panels import hide_empty
from sim.plots.style import PALETTE, line_of, style
from sim.plots.words import peak
from sim.words.say import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

TICKS = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)


def multiples(ax: Axes, curves: Mapping[str, NDArray[np.float64]]) -> Axes:
    """Draw one region's curves, a run each, on logarithmic chances."""
    for rank, (name, loss) in enumerate(curves.items()):
        x, p, _, _ = curve(loss)
        ax.step(x, p, where="post", color=PALETTE[rank % len(PALETTE)], ls=line_of(rank), lw=1.9,
                label=name)  # fmt: skip
    ax.set_yscale("log")
    ax.set_ylim(TICKS[-1], 1.1)
    ax.set_yticks(TICKS, [chance_label(t) for t in TICKS])
    ax.minorticks_off()
    return ax


def figure(
    regions: Mapping[str, Mapping[str, NDArray[np.float64]]], note: str, by: Against | None = None
) -> Figure:
    """Return a panel a region in which anybody is short, a curve a run, on one scale.

    Parameters
    ----------
    regions : mapping
        Region -> run -> its loss in each future, by default % of what was wanted over the horizon.
    note : str
        What it rests on.
    by : Against, optional
        What they are compared by.
    """
    by = by or Against()
    shown = {place: c for place, c in regions.items() if max(map(peak, c.values())) > 0}
    n_column = n_columns(min(3, max(len(shown), 1)), each=3.2)
    n_row = -(-max(len(shown), 1) // n_column)
    with style():
        fig = new_figure(11.5, 2.2 + 2.5 * max(n_row, 1.2))
        axes = fig.subplots(n_row, n_column, sharex=True, sharey=True, squeeze=False).ravel()
        each = (room(11.5) - 2.0) / n_column
        for ax, (place, curves) in zip(axes, shown.items(), strict=False):
            multiples(ax, curves)
            ax.set_title(wrap(place, fig, 11, "bold", each))
        hide_empty(axes, len(shown), n_column)
        never = [place for place in regions if place not in shown]
        axes[0].set_xlim(left=0)
        headline(fig, by.chances, say("compare.chances_sub", lang()))
        if shown:
            key(fig, *axes[0].get_legend_handles_labels())
        names = say("brief.list", lang()).join(never)
        footer(fig, joined(say("compare.never", lang(), names=names) if never else "", note))
        shared_labels(fig, x=by.axis)
    fig.rows = [
        {"place": place, "run": name, "above": float(x), "unit": by.of, "chance": float(p)}
        for place, curves in shown.items() for name, loss in curves.items()
        for x, p in zip(*curve(loss)[:2], strict=True)
    ]  # fmt: skip
    return fig
