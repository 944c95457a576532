"""Heat map: mean shortfall by region and sector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.plots.style import caption, headline, new_figure, ordered_regions, region_name, style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sim.results.data import RunData


def heatmap(ax: Axes, share: NDArray[np.float64], rows: list[str], columns: list[str]) -> Axes:
    """Draw shares as a coloured, numbered table; NaN is hatched.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    share : ndarray, shape (n_row, n_column)
        Shares, 0 to 1.
    rows, columns : list of str
        Labels.
    """
    percent = 100 * share
    top = max(1.0, float(np.nanmax(percent, initial=0)))
    image = ax.pcolormesh(np.ma.masked_invalid(percent), cmap="cividis", vmin=0, vmax=top,
                          edgecolors="white", linewidth=2)
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns)
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows)
    ax.invert_yaxis()
    ax.grid(False)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for i in range(len(rows)):
        for j in range(len(columns)):
            if np.isnan(percent[i, j]):
                ax.text(j + 0.5, i + 0.5, "n/a", ha="center", va="center", fontsize=9)
                continue
            ink = "black" if percent[i, j] > 0.55 * top else "white"
            ax.text(j + 0.5, i + 0.5, f"{percent[i, j]:.1f}", ha="center", va="center", color=ink,
                    fontsize=11)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.8, pad=0.02)
    bar.set_label("Mean shortfall (% of what was wanted)")
    bar.outline.set_visible(False)  # type: ignore[operator]
    return ax


def table(data: RunData, users: Mapping[str, tuple[str, str]]) -> tuple[NDArray, list, list]:
    """Return mean shortfall shares by region and sector with their labels.

    Parameters
    ----------
    data : RunData
        The run.
    users : mapping
        End user -> (region, sector).
    """
    regions = ordered_regions(sorted({r for r, _ in users.values()}))
    sectors = sorted({s for _, s in users.values()})
    short = np.zeros((len(regions), len(sectors)))
    wanted = np.zeros_like(short)
    for name, (region, sector) in users.items():
        column = data.index("user", name)
        cell = regions.index(region), sectors.index(sector)
        short[cell] += data.table["shortfall_t"][:, column].mean()
        wanted[cell] += data.table["wanted_t"][:, column].mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(wanted > 0, short / wanted, np.nan), regions, sectors


def figure(data: RunData, users: Mapping[str, tuple[str, str]]) -> Figure:
    """Return the heat map of a run."""
    share, regions, sectors = table(data, users)
    names = [s.replace("_", " ") for s in sectors]
    with style():
        fig = new_figure(max(8.5, 2.8 + 1.5 * len(sectors)), 2.4 + 0.62 * len(regions))
        ax = fig.subplots()
        heatmap(ax, share, [region_name(r) for r in regions],
                [n.replace(" ", "\n", 1) for n in names])
        if np.nanmax(share, initial=0) > 0:
            i, j = np.unravel_index(int(np.nanargmax(share)), share.shape)
            title = (f"Hardest hit: {names[j]} in {region_name(regions[i])}, "
                     f"{100 * share[i, j]:.1f} % short on average")
        else:
            title = "No region and no sector runs short"
        headline(fig, title, "Mean shortfall over the horizon, by region and sector of the end users")
        caption(fig, data)
    return fig
