"""Small multiples over policies or scenarios: chances of a shortfall, a panel a region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.exceedance import chance_label, curve
from sim.plots.layout import footer, headline, key, new_figure, shared_labels, wrap
from sim.plots.page import n_columns, room
from sim.plots.style import PALETTE, line_of, style
from sim.plots.words import peak

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


def figure(regions: Mapping[str, Mapping[str, NDArray[np.float64]]], note: str) -> Figure:
    """Return a panel a region in which anybody is short, a curve a run, on one scale.

    Parameters
    ----------
    regions : mapping
        Region -> run -> its shortfall in each future, % of what was wanted over the horizon.
    note : str
        What it rests on.
    """
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
        for ax in axes[len(shown) :]:
            ax.set_visible(False)
        never = [place for place in regions if place not in shown]
        axes[0].set_xlim(left=0)
        headline(fig, "How likely a shortfall is larger than a share of what is wanted, run by run",
                 "Chance of more than that over the horizon; lower is better")  # fmt: skip
        if shown:
            key(fig, *axes[0].get_legend_handles_labels())
        footer(fig, (f"Never short: {', '.join(never)}. " if never else "") + note)
        shared_labels(fig, x="Shortfall over the whole horizon (% of what was wanted)")
    fig.rows = [
        {"place": place, "run": name, "percent_of_want_above": float(x), "chance": float(p)}
        for place, curves in shown.items() for name, loss in curves.items()
        for x, p in zip(*curve(loss)[:2], strict=True)
    ]  # fmt: skip
    return fig
