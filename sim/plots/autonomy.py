"""Autonomy: the share of wants that can be served without a country, by region and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.plots.layout import footer, headline, new_figure, wrap
from sim.plots.style import style
from sim.plots.words import region_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLES = {"certain": "Projects that are certain", "planned": "The whole pipeline, as planned"}


def shares(ax: Axes, rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> Axes:
    """Draw a cell a region and year: the share served, and below it the stage that binds."""
    regions = list(dict.fromkeys(r["region"] for r in rows))
    years = list(dict.fromkeys(r["year"] for r in rows))
    share = np.full((len(regions), len(years)), np.nan)
    for row in rows:
        i, j = regions.index(row["region"]), years.index(row["year"])
        share[i, j] = 100 * row["share"]
        ink = "white" if share[i, j] < 55 else "black"
        ax.text(j, i - 0.14, f"{share[i, j]:.0f} %", ha="center", va="center", color=ink,
                fontsize=10, fontweight="bold")  # fmt: skip
        said = titles.get(row["binds"], row["binds"])
        ax.text(j, i + 0.22, wrap(said, ax.figure, 6.5, width=0.95), ha="center", va="center",
                color=ink, fontsize=6.5)  # fmt: skip
    ax.imshow(share, cmap="cividis", vmin=0, vmax=100, aspect="auto")
    ax.set_xticks(range(len(years)), [str(y) for y in years])
    ax.set_yticks(range(len(regions)), [region_name(r) for r in regions])
    ax.grid(visible=False)
    return ax


def figure(
    rows: Sequence[Mapping[str, Any]],
    titles: Mapping[str, str],
    finding: str,
    subtitle: str,
    note: str,
) -> Figure:
    """Return both heat maps, one above the other.

    Parameters
    ----------
    rows : sequence of mapping
        pipeline, year, region, share, binds.
    titles : mapping of str to str
        Product -> title.
    finding, subtitle, note : str
        What it shows; of what; what it rests on.
    """
    n_region = len({r["region"] for r in rows})
    n_year = len({r["year"] for r in rows})
    with style():
        fig = new_figure(max(9.0, 2.6 + 1.1 * n_year), 2.4 + 2 * (0.5 + 0.62 * n_region))
        for ax, (pipeline, title) in zip(fig.subplots(2, 1), TITLES.items(), strict=True):
            shares(ax, [r for r in rows if r["pipeline"] == pipeline], titles)
            ax.set_title(title, fontweight="normal")
        told = "Share of wants that can be served, and the stage that binds"
        headline(fig, finding, f"{subtitle.rstrip('.')}. {told}")
        footer(fig, note)
    return fig
