"""Fan of shortfall over time, a panel for each region."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.layout import caption, headline, key, new_figure, shared_labels, wrap
from sim.plots.style import FAINT, INK, PALETTE, date_axis, dates, day_numbers, style
from sim.plots.words import counted, month_name, ordered_regions, peak, percent, region_name, the

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
    x, column = day_numbers(data), data.index(kind, name)
    level = {q: 100 * data.fan.share[i, :, column] for i, q in enumerate(data.fan.levels)}
    ax.fill_between(x, level[0.05], level[0.95], color=color, alpha=0.18, lw=0, label="5 to 95 %")
    ax.fill_between(x, level[0.25], level[0.75], color=color, alpha=0.38, lw=0, label="25 to 75 %")
    ax.plot(x, level[0.5], color=color, lw=1.8, label="median")
    ax.plot(x, 100 * data.fan.mean[:, column], color=INK, lw=1.4, ls="--", label="mean")
    ax.fill_between(
        x,
        100 * data.fan.mean_low[:, column],
        100 * data.fan.mean_high[:, column],
        color=INK,
        alpha=0.25,
        lw=0,
        label="95 % interval of the mean",
    )
    last = dates(data)[-1]
    date_axis(ax, data.start, max(last, data.start + dt.timedelta(days=data.step_days)))
    ax.set_ylim(bottom=0)
    return ax


def figure(data: RunData) -> Figure:
    """Return small multiples of the fan, one panel a region, on one scale."""
    assert data.fan is not None
    regions = ordered_regions([data.views[i].name for i in data.columns("region")])
    n_column = 3 if len(regions) > 2 else max(1, len(regions))
    n_row = -(-len(regions) // n_column)
    with style():
        fig = new_figure(11.5, 2.1 + 2.35 * max(n_row, 1.4))
        axes = fig.subplots(n_row, n_column, sharex=True, sharey=True, squeeze=False).ravel()
        for ax, region in zip(axes, regions, strict=False):
            fan(ax, data, "region", region)
            ax.set_title(wrap(region_name(region), fig, 11, "bold", 10 / n_column))
            ax.text(
                0.985,
                0.97,
                worst(data, region),
                transform=ax.transAxes,
                ha="right",
                va="top",
                fontsize=9,
                color=FAINT,
            )
        for ax in axes[len(regions) :]:
            ax.set_visible(False)
        axes[0].set_ylim(0, _top(data))
        headline(
            fig,
            finding(data, regions),
            "Shortfall over time by region of the end users, "
            f"share of what they wanted in each period of {data.step_days} days",
        )
        key(fig, *axes[0].get_legend_handles_labels())
        caption(
            fig,
            data,
            f"Bands: quantiles over {counted(data.fan.n, 'replication')}, period by period",
        )
        shared_labels(fig, y="Shortfall (% of what was wanted)")
    return fig


def worst(data: RunData, region: str) -> str:
    """Return what a panel says: when the mean is largest."""
    assert data.fan is not None
    column = data.index("region", region)
    mean, highest = data.fan.mean[:, column], peak(data.fan.share[:, :, column])
    if peak(mean) <= 0 and highest <= 0:
        return f"no shortfall in {counted(data.fan.n, 'future')}"
    when = dates(data)[int(np.nanargmax(mean))]
    return f"mean peaks at {100 * peak(mean):.1f} %, {month_name(when)}"


def _top(data: RunData) -> float:
    """Return the end of the common scale, %."""
    assert data.fan is not None
    columns = data.columns("region")
    highest = max(peak(data.fan.share[-1][:, columns]), peak(data.fan.mean[:, columns]))
    return float(np.clip(112 * highest, 5.0, 112.0 if highest > 0.93 else 100.0))


def finding(data: RunData, regions: list[str]) -> str:
    """Return the sentence that the figure shows: who is worst off, and when."""
    assert data.fan is not None
    means = {r: data.fan.mean[:, data.index("region", r)] for r in regions}
    if not means or max(peak(m) for m in means.values()) <= 0:
        return "Nobody runs short"
    hit = max(means, key=lambda r: peak(means[r]))
    when = month_name(dates(data)[int(np.nanargmax(means[hit]))])
    if len(regions) == 1:
        return f"{the(hit, True)}: on average {percent(peak(means[hit]))} short in {when}"
    return (
        f"{the(hit, True)} is hit hardest: on average {percent(peak(means[hit]))} short in {when}"
    )
