"""Fan of shortfall over time, a panel for each region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.plots.style import (
    FAINT,
    INK,
    PALETTE,
    caption,
    date_axis,
    dates,
    headline,
    new_figure,
    ordered_regions,
    region_name,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results.data import RunData


def fan(ax: Axes, data: RunData, kind: str, name: str, color: str = PALETTE[0]) -> Axes:
    """Draw the course of one view's shortfall: 5-95 % and 25-75 % bands, median, mean.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    data : RunData
        A run with a fan.
    kind, name : str
        The view.
    color : str, optional
        Of bands and lines.

    Returns
    -------
    matplotlib.axes.Axes
        The same Axes.
    """
    assert data.fan is not None
    x, column = dates(data), data.index(kind, name)
    level = {q: 100 * data.fan.share[i, :, column] for i, q in enumerate(data.fan.levels)}
    ax.fill_between(x, level[0.05], level[0.95], color=color, alpha=0.18, lw=0, label="5 to 95 %")
    ax.fill_between(x, level[0.25], level[0.75], color=color, alpha=0.38, lw=0, label="25 to 75 %")
    ax.plot(x, level[0.5], color=color, lw=1.8, label="median")
    ax.plot(x, 100 * data.fan.mean[:, column], color=INK, lw=1.4, ls="--", label="mean")
    ax.fill_between(x, 100 * data.fan.mean_low[:, column], 100 * data.fan.mean_high[:, column],
                    color=INK, alpha=0.25, lw=0)
    date_axis(ax)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(bottom=0)
    return ax


def figure(data: RunData) -> Figure:
    """Return small multiples of the fan, one panel a region, on one scale."""
    assert data.fan is not None
    regions = ordered_regions([data.views[i].name for i in data.columns("region")])
    n_column = 3 if len(regions) > 2 else max(1, len(regions))
    n_row = -(-len(regions) // n_column)
    with style():
        fig = new_figure(11, 2.3 + 2.5 * n_row)
        axes = np.atleast_1d(fig.subplots(n_row, n_column, sharex=True, sharey=True,
                                          squeeze=False)).ravel()
        for ax, region in zip(axes, regions, strict=False):
            fan(ax, data, "region", region)
            worst = 100 * np.nanmax(data.fan.mean[:, data.index("region", region)], initial=0)
            ax.set_title(region_name(region))
            ax.text(0.99, 0.97, f"mean peaks at {worst:.1f} %", transform=ax.transAxes, ha="right",
                    va="top", fontsize=9, color=FAINT)
        for ax in axes[len(regions):]:
            ax.set_visible(False)
        top = max(5.0, min(100.0, 105 * float(np.nanmax(data.fan.share[-1][:, data.columns("region")],
                                                         initial=0))))
        axes[0].set_ylim(0, top)
        fig.supylabel("Demand not met (% of the period's want)", fontsize=10)
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower right", ncols=4)
        headline(fig, finding(data, regions), "Shortfall over time by region of the end users; "
                 f"{data.meta.get('goods', 'all goods')}, {data.step_days}-day periods")
        caption(fig, data, f"Bands: quantiles over {data.fan.n:,} replications; grey round the mean: "
                "its 95 % interval")
    return fig


def finding(data: RunData, regions: list[str]) -> str:
    """Return the sentence that the figure shows: who is worst off, and when."""
    assert data.fan is not None
    peaks = {r: data.fan.mean[:, data.index("region", r)] for r in regions}
    if not peaks or max(float(np.nanmax(p, initial=0)) for p in peaks.values()) <= 0:
        return "Nobody runs short"
    worst = max(peaks, key=lambda r: float(np.nanmax(peaks[r])))
    k = int(np.nanargmax(peaks[worst]))
    when = dates(data)[k].strftime("%B %Y")
    return (f"{region_name(worst)} is hit hardest: on average "
            f"{100 * peaks[worst][k]:.0f} % of demand unmet in {when}")
