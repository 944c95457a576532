"""Fan of shortfall over time, a panel for each region."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.headlines import Headlines
from sim.plots.layout import caption, headline, key, new_figure, one_line, shared_labels, wrap
from sim.plots.page import pt
from sim.plots.panels import label_of, panels_of
from sim.plots.style import DEEP, FAINT, INK, PALETTE, date_axis, dates, day_numbers, style
from sim.plots.words import counted, month_name, peak, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results.data import RunData, View


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
    ax.fill_between(x, level[0.05], level[0.95], color=color, alpha=0.22, lw=0, label="5 to 95 %")
    ax.plot(x, level[0.95], color=color, lw=0.9)  # an edge is seen where a pale band is not
    ax.fill_between(x, level[0.25], level[0.75], color=color, alpha=0.45, lw=0, label="25 to 75 %")
    # not clipped: a median of nothing lies on the axis, half of its line outside
    ax.plot(x, level[0.5], color=DEEP, lw=2.2, label="median", clip_on=False, zorder=4)
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
    _mark_dated(ax, data)
    return ax


def _mark_dated(ax: Axes, data: RunData) -> None:
    """Draw a line where a hazard with a date begins."""
    for n, day in enumerate(data.meta.get("dated_days", ())):
        if 0 <= day < data.n_period * data.step_days:
            at = day_numbers(data)[0] + day
            ax.axvline(at, color=FAINT, lw=1.0, ls=":", label="_" * (n > 0) + "dated hazard begins")


def figure(data: RunData) -> Figure:
    """Return small multiples of the fan, one panel a region, on one scale."""
    assert data.fan is not None
    said = Headlines(data)
    if not said.anybody:
        return one_line(said, data, "Shortfall over time")
    panels = panels_of(data)
    views = panels.views
    n_column = 3 if len(views) > 2 else max(1, len(views))
    n_row = -(-len(views) // n_column)
    with style():
        fig = new_figure(11.5, 2.1 + 2.35 * max(n_row, 1.4))
        axes = fig.subplots(n_row, n_column, sharex=True, sharey=True, squeeze=False).ravel()
        for ax, view in zip(axes, views, strict=False):
            fan(ax, data, view.kind, view.name)
            ax.set_title(wrap(label_of(view), fig, 11, "bold", 10 / n_column))
            ax.text(
                0.985,
                0.97,
                worst(data, view),
                transform=ax.transAxes,
                ha="right",
                va="top",
                fontsize=pt(9),
                color=FAINT,
            )
        for ax in axes[len(views) :]:
            ax.set_visible(False)
        axes[0].set_ylim(0, _top(data, views))
        headline(
            fig,
            finding(said, data, views),
            f"Shortfall over time by {panels.by}, "
            f"share of what was wanted in each period of {data.step_days} days",
        )
        key(fig, *axes[0].get_legend_handles_labels())
        caption(
            fig,
            data,
            f"Bands: quantiles over {counted(data.fan.n, 'replication')}, period by period"
            + (f". {panels.rest}" if panels.rest else ""),
        )
        shared_labels(fig, y="Shortfall (% of what was wanted)")
    return fig


def worst(data: RunData, view: View) -> str:
    """Return what a panel says: when the mean is largest."""
    assert data.fan is not None
    column = data.index(view.kind, view.name)
    mean, highest = data.fan.mean[:, column], peak(data.fan.share[:, :, column])
    if peak(mean) <= 0 and highest <= 0:
        return f"no shortfall in {counted(data.fan.n, 'future')}"
    when = dates(data)[int(np.nanargmax(mean))]
    return f"mean peaks at {100 * peak(mean):.1f} %, {month_name(when)}"


def _top(data: RunData, views: Sequence[View]) -> float:
    """Return the end of the common scale, %."""
    assert data.fan is not None
    columns = [data.index(v.kind, v.name) for v in views]
    highest = max(peak(data.fan.share[-1][:, columns]), peak(data.fan.mean[:, columns]))
    return float(np.clip(112 * highest, 5.0, 112.0 if highest > 0.93 else 100.0))


def finding(said: Headlines, data: RunData, views: Sequence[View]) -> str:
    """Return the headline of the run, and when the mean of the hardest hit that is drawn peaks."""
    assert data.fan is not None
    found = said.hardest
    if found is None or len(found.places) != 1 or found.places[0].view not in views:
        return said.main
    mean = data.fan.mean[:, found.places[0].column]
    when = month_name(dates(data)[int(np.nanargmax(mean))])
    return f"{said.main}; most in {when} ({percent(peak(mean))})"
