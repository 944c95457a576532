"""Exceedance curve: how likely is a loss larger than x, and how surely do we know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from sim.plots.style import (
    LINES,
    PALETTE,
    caption,
    headline,
    new_figure,
    ordered_regions,
    region_name,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sim.results.data import RunData

TAIL = 10
"""Replications beyond a point below which the curve is not drawn: its band would be wider than it."""


def curve(loss: NDArray[np.float64]) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Return x, P(loss > x) and its pointwise 95 % Clopper-Pearson band.

    Parameters
    ----------
    loss : ndarray, shape (n,)
        Loss of each replication.

    Returns
    -------
    x, p, low, high : ndarray
        Ascending losses, from 0 to where `TAIL` replications are left.
    """
    ordered = np.sort(loss)
    n = ordered.size
    x = np.unique(np.r_[0.0, ordered[: max(1, n - TAIL)]])
    beyond = n - np.searchsorted(ordered, x, side="right")
    low = np.where(beyond > 0, stats.beta.ppf(0.025, np.maximum(beyond, 1), n - beyond + 1), 0.0)
    high = np.where(beyond < n, stats.beta.ppf(0.975, beyond + 1, np.maximum(n - beyond, 1)), 1.0)
    return x, beyond / n, low, high


def exceedance(ax: Axes, loss: NDArray[np.float64], label: str, rank: int = 0) -> Axes:
    """Draw one exceedance curve with its band on logarithmic probabilities.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    loss : ndarray, shape (n,)
        Loss of each replication, in the unit of the axis.
    label : str
        For the legend.
    rank : int, optional
        Chooses colour and line style.
    """
    x, p, low, high = curve(loss)
    color = PALETTE[rank % len(PALETTE)]
    ax.fill_between(x, np.maximum(low, 1e-6), high, step="post", color=color, alpha=0.18, lw=0)
    ax.step(x, p, where="post", color=color, ls=LINES[rank % len(LINES)], lw=1.9, label=label)
    ax.set_yscale("log")
    return ax


def figure(data: RunData) -> Figure:
    """Return the exceedance curves of the regions, as a share of what they want in the horizon."""
    regions = ordered_regions([data.views[i].name for i in data.columns("region")])
    with style():
        fig = new_figure(10, 6)
        ax = fig.subplots()
        for rank, region in enumerate(regions):
            column = data.index("region", region)
            share = loss_share(data, column)
            exceedance(ax, 100 * share, region_name(region), rank)
        ax.set_ylim(max(TAIL / data.n / 2, 1e-5), 1.05)
        ax.set_xlim(left=0)
        ax.set_xlabel("Shortfall over the whole horizon (% of what was wanted)")
        ax.set_ylabel("Chance of more than that")
        ticks = [t for t in (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
                 if t >= ax.get_ylim()[0]]
        ax.set_yticks(ticks, [f"{100 * t:g} %" for t in ticks])
        ax.minorticks_off()
        ax.legend(title="End users in", loc="upper right")
        headline(fig, finding(data, regions), "Exceedance curve of the total shortfall by region")
        caption(fig, data, f"Bands: 95 % (Clopper-Pearson). Curves end where {TAIL} replications "
                "are left")
    return fig


def loss_share(data: RunData, column: int) -> NDArray[np.float64]:
    """Return each replication's shortfall as a share of what was wanted."""
    wanted = data.table["wanted_t"][:, column]
    short = data.table["shortfall_t"][:, column]
    return np.divide(short, wanted, out=np.zeros_like(short), where=wanted > 0)


def finding(data: RunData, regions: list[str]) -> str:
    """Return the one-in-ten sentence for the region with the largest one."""
    if not regions or data.n < 2 * TAIL:
        return "How likely are large shortfalls?"
    tenth = {r: float(np.quantile(loss_share(data, data.index("region", r)), 0.9)) for r in regions}
    worst = max(tenth, key=lambda r: tenth[r])
    if tenth[worst] <= 0:
        return "In nine futures of ten nobody runs short"
    years = data.n_period * data.step_days / 365
    span = f"{years:.0f} years" if years >= 1.5 else "the year"
    return (f"One chance in ten: {region_name(worst)} loses more than {100 * tenth[worst]:.1f} % "
            f"of what it wants over {span}")
