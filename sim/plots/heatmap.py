"""Heat map: mean shortfall by sector (or good) and region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.metrics import findings, precision
from sim.plots import phrases
from sim.plots.headlines import Headlines
from sim.plots.layout import caption, headline, new_figure, one_line, wrap
from sim.plots.page import lang, pt, room
from sim.plots.style import INK, style
from sim.plots.words import ordered_regions, peak, pretty, region_name, span, the
from sim.results.data import View
from sim.words.say import say
from sim.words.titles import title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sim.results.data import RunData

    F8 = NDArray[np.float64]

MOST_ROWS = 16
"""Rows that fit a page."""


def heatmap(
    ax: Axes, share: F8, rows: list[str], columns: list[str], half: F8 | None = None
) -> Axes:
    """Draw shares as a coloured, numbered table; NaN is hatched.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    share : ndarray, shape (n_row, n_column)
        Shares, 0 to 1.
    rows, columns : list of str
        Labels.
    half : ndarray, shape (n_row, n_column), optional
        Half widths of the 95 % intervals, 0 to 1; NaN: none.
    """
    percent = 100 * share
    top = max(1.0, peak(percent))
    image = ax.pcolormesh(
        np.ma.masked_invalid(percent),
        cmap="cividis",
        vmin=0,
        vmax=top,
        edgecolors="white",
        linewidth=2,
    )
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns)
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows)
    ax.set(xlim=(0, len(columns)), ylim=(len(rows), 0))
    ax.grid(False)
    ax.tick_params(length=0, labelcolor=INK)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for i, j in np.ndindex(percent.shape):
        ink = _ink([float(c) for c in image.to_rgba(percent[i, j])])
        width = np.nan if half is None else 100 * float(half[i, j])
        _cell(ax, i, j, float(percent[i, j]), width, ink)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.8, pad=0.02)
    bar.set_label(say("figure.heat_bar", lang()))
    bar.outline.set_visible(False)
    return ax


def _cell(ax: Axes, i: int, j: int, value: float, half: float, ink: str) -> None:
    """Write one cell: the number, below it its interval."""
    from matplotlib.patches import Rectangle

    if np.isnan(value):
        ax.add_patch(
            Rectangle(
                (j + 0.02, i + 0.02),
                0.96,
                0.96,
                facecolor="#f4f4f4",
                lw=0,
                edgecolor="#bbbbbb",
                hatch="///",
            )
        )
        ax.text(
            j + 0.5,
            i + 0.5,
            "n/a",
            ha="center",
            va="center",
            fontsize=pt(10),
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 2},
        )
        return
    with_half = not np.isnan(half) and value > 0
    ax.text(
        j + 0.5,
        i + (0.4 if with_half else 0.5),
        f"{value:.1f}",
        ha="center",
        va="center",
        color=ink,
        fontsize=pt(12),
    )
    if with_half:
        ax.text(
            j + 0.5,
            i + 0.74,
            f"\N{PLUS-MINUS SIGN} {half:.{1 if half >= 0.05 else 2}f}",
            ha="center",
            va="center",
            color=ink,
            fontsize=pt(9),
        )


def _ink(rgba: Sequence[float]) -> str:
    """Return black or white, whichever contrasts more (WCAG relative luminance)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgba[:3]]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if luminance > 0.18 else "white"


def table(
    data: RunData, users: Mapping[str, tuple[str, str]]
) -> tuple[F8, F8, list[str], list[str]]:
    """Return mean shortfall shares by sector and region, half their intervals, and the labels.

    Parameters
    ----------
    data : RunData
        The run.
    users : mapping
        End user -> (region, sector or good).

    Returns
    -------
    share, half : ndarray, shape (n_sector, n_region)
        Mean shortfall / mean wanted, and half the width of its 95 % interval; NaN where nobody
        wants anything, or one replication holds no interval.
    sectors, regions : list of str
        Codes.
    """
    regions = ordered_regions(sorted({r for r, _ in users.values()}))
    sectors = sorted({s for _, s in users.values()})
    share = np.full((len(sectors), len(regions)), np.nan)
    half = share.copy()
    for i, j in np.ndindex(share.shape):
        short, wanted = _cell_sums(data, users, regions[j], sectors[i])
        if wanted.mean() > 0:
            share[i, j] = short.mean() / wanted.mean()
            answer = precision.ratio(short, wanted, sections=data.sections)
            if not isinstance(answer, precision.Refused):
                half[i, j] = (answer.high - answer.low) / 2
    return share, half, sectors, regions


def _cell_sums(
    data: RunData, users: Mapping[str, tuple[str, str]], region: str, sector: str
) -> tuple[F8, F8]:
    """Return what the end users of a cell lacked and wanted, one number a replication each."""
    columns = [data.index("user", u) for u, x in users.items() if x == (region, sector)]
    return _sum(data, "shortfall_t", columns), _sum(data, "wanted_t", columns)


def _sum(data: RunData, measure: str, columns: Sequence[int]) -> F8:
    """Return the sum of some columns, of which a piece at a time is read."""
    total = np.zeros(data.n)
    for rows in data.pieces():
        for x in columns:
            total[rows] += data.table[measure][rows, x]
    return total


def figure(data: RunData, users: Mapping[str, tuple[str, str]]) -> Figure:
    """Return the heat map of a run: sectors or goods down, regions across; it fits a page."""
    said = Headlines(data, lang())
    if not said.anybody:
        return one_line(said, data, say("figure.by_sector", lang()))
    share, half, sectors, regions = table(data, users)
    shown, rest = _shown(share)
    names = [label_in(data, s) for s in sectors]
    with style():
        wide = max(9.0, 4.2 + 1.35 * len(regions))
        names_wide = min(2.8, 0.25 * room(wide))
        each = (room(wide) - names_wide - 1.4) / len(regions)
        fig = new_figure(wide, max(3.4, 2.6 + 0.5 * len(shown)))
        ax = fig.subplots()
        heatmap(
            ax,
            share[shown],
            [wrap(names[i], fig, 10, width=names_wide) for i in shown],
            [wrap(region_name(r, lang()), fig, 10, width=each - 0.12) for r in regions],
            half[shown],
        )
        headline(
            fig,
            finding(data, users, sectors, regions, names),
            say("figure.heat_sub", lang(), span=span(data, lang())),
        )
        caption(
            fig,
            data,
            ". ".join(p for p in (
                say("figure.heat_note", lang()),
                say("figure.heat_hatched", lang()) if np.isnan(share[shown]).any() else "",
                rest,
            ) if p),
        )  # fmt: skip
    fig.rows = [
        {"sector": sectors[i], "region": region, "mean_share": float(share[i, j]),
         "half_width": float(half[i, j]), "unit": "share of what was wanted"}
        for i in range(len(sectors)) for j, region in enumerate(regions)
    ]  # fmt: skip
    return fig


def _shown(share: F8) -> tuple[list[int], str]:
    """Return the rows that fit a page, and what is said of the rest."""
    if share.shape[0] <= MOST_ROWS:
        return [*range(share.shape[0])], ""
    highest = [peak(row) for row in share]
    order = sorted(range(len(highest)), key=lambda i: (-highest[i], i))
    rest = max(highest[i] for i in order[MOST_ROWS:])
    told = say("figure.rest_never", lang())
    if rest > 0:
        told = say("figure.rest_region", lang(), share=phrases.at_most(rest, lang()))
    more = say("figure.more_rows", lang(), n=len(order) - MOST_ROWS, told=told)
    return order[:MOST_ROWS], more


def label_in(data: RunData, name: str) -> str:
    """Return the title of a sector or good."""
    titles = {v.name: v.title for v in data.views if v.kind in ("product", "sector")}
    return title(titles.get(name) or pretty(name), lang())


def finding(
    data: RunData,
    users: Mapping[str, tuple[str, str]],
    sectors: Sequence[str],
    regions: Sequence[str],
    names: Sequence[str],
) -> str:
    """Return the sentence that the figure shows: the hardest hit cells, by paired differences."""
    taken = {*users.values()}
    cells = [(i, j) for i in range(len(sectors)) for j in range(len(regions))
             if (regions[j], sectors[i]) in taken]  # fmt: skip

    def values(x: int) -> F8:
        i, j = cells[x]
        return findings.linear(*_cell_sums(data, users, regions[j], sectors[i]))

    views = []
    for i, j in cells:
        region = the(regions[j], lang=lang())
        views.append(View("cell", "", say("figure.cell", lang(), row=names[i], region=region)))
    return phrases.cells(values, views, data.n, lang())
