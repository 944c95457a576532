"""Heat map: mean shortfall by sector (or good) and region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.metrics import findings, precision
from sim.plots import phrases
from sim.plots.cells import heatmap
from sim.plots.headlines import Headlines
from sim.plots.layout import caption, headline, joined, new_figure, one_line, wrap
from sim.plots.measure import MEASURES, SHARE, Quantity, most, unit_for
from sim.plots.page import lang, room
from sim.plots.style import style
from sim.plots.words import ordered_regions, peak, pretty, region_name, span, the
from sim.results.data import View
from sim.words.say import say
from sim.words.titles import title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sim.results.data import RunData

    F8 = NDArray[np.float64]

MOST_ROWS = 16
"""Rows that fit a page."""


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
            share[i, j] = data.sections.mean(short) / data.sections.mean(wanted)
            answer = precision.ratio(short, wanted, sections=data.sections)
            if not isinstance(answer, precision.Refused):
                half[i, j] = (answer.high - answer.low) / 2
    return share, half, sectors, regions


def _cell_sums(
    data: RunData, users: Mapping[str, tuple[str, str]], region: str, sector: str
) -> tuple[F8, F8]:
    """Return what the end users of a cell lacked and wanted, one number a replication each."""
    return (
        _of_cell(data, users, "shortfall_t", region, sector),
        _of_cell(data, users, "wanted_t", region, sector),
    )


def _of_cell(
    data: RunData, users: Mapping[str, tuple[str, str]], measure: str, region: str, sector: str
) -> F8:
    """Return the sum of a measure over the end users of a cell, one number a replication."""
    columns = [data.index("user", u) for u, x in users.items() if x == (region, sector)]
    return _sum(data, measure, columns)


def _sum(data: RunData, measure: str, columns: Sequence[int]) -> F8:
    """Return the sum of some columns, of which a piece at a time is read."""
    total = np.zeros(data.n)
    for rows in data.pieces():
        for x in columns:
            total[rows] += data.table[measure][rows, x]
    return total


def amounts(
    data: RunData, users: Mapping[str, tuple[str, str]], word: str
) -> tuple[F8, F8, list[str], list[str], Quantity]:
    """Return a measure's means by sector and region as `table` does, and what they are of."""
    regions = ordered_regions(sorted({r for r, _ in users.values()}))
    sectors = sorted({s for _, s in users.values()})
    taken = {*users.values()}
    cells = [(i, j) for i, sector in enumerate(sectors) for j, region in enumerate(regions)
             if (region, sector) in taken]  # fmt: skip
    measure = MEASURES[word]

    def raw(x: int) -> F8:
        i, j = cells[x]
        return _of_cell(data, users, measure.column, regions[j], sectors[i])

    mean, half = np.full((2, len(sectors), len(regions)), np.nan)
    # of two digits before the point at most, so that small cells are no zeros
    scale, unit = unit_for((data.sections.mean(raw(x)) / 10 for x in range(len(cells))), word)
    found = Quantity(measure, tuple(_views(data, cells, regions, sectors)), raw, scale, unit)
    for x, cell in enumerate(cells):
        values = found.values(x)
        mean[cell] = data.sections.mean(values)
        answer = precision.mean(values, sections=data.sections)
        if not isinstance(answer, precision.Refused):
            mean[cell], half[cell] = answer.value, (answer.high - answer.low) / 2
    return mean, half, sectors, regions, found


def figure(
    data: RunData, users: Mapping[str, tuple[str, str]], measure: str = SHARE
) -> Figure | None:
    """Return the heat map of a run: sectors or goods down, regions across; it fits a page.

    Parameters
    ----------
    data : RunData
        The run.
    users : mapping
        End user -> (region, sector or good).
    measure : str, optional
        Tonnes or value added instead of shares; None is returned where nothing of it is lost.
    """
    said = Headlines(data, lang())
    if not said.anybody:
        return one_line(said, data, say("figure.by_sector", lang()))
    if measure == SHARE:
        share, half, sectors, regions = table(data, users)
        bar, unit, key = "", "share of what was wanted", "mean_share"
        sub = say("figure.heat_sub", lang(), span=span(data, lang()))
        told = finding(data, users, sectors, regions)
    else:
        share, half, sectors, regions, found = amounts(data, users, measure)
        bar, key = say("measure.heat_bar", lang(), unit=found.unit), "mean"
        sub = say(found.measure.heat, lang(), span=span(data, lang()), unit=found.unit)
        unit, told = found.unit, most(data, found)
        if not peak(share) > 0:
            return None
    shown, rest = _shown(share)
    names = [label_in(data, s) for s in sectors]
    with style():
        wide = max(9.0, 4.2 + 1.35 * len(regions))
        names_wide = min(2.8, 0.25 * room(wide))
        each = (room(wide) - names_wide - 1.4) / len(regions)
        fig = new_figure(wide, max(3.4, 2.6 + 0.5 * len(shown)))
        heatmap(
            fig.subplots(),
            share[shown],
            [wrap(names[i], fig, 10, width=names_wide) for i in shown],
            [wrap(region_name(r, lang()), fig, 10, width=each - 0.12) for r in regions],
            half[shown],
            bar,
        )
        headline(fig, told, sub)
        hatched = say("figure.heat_hatched", lang()) if np.isnan(share[shown]).any() else ""
        caption(fig, data, joined(say("figure.heat_note", lang()), hatched, rest))
    fig.rows = [
        {"sector": sectors[i], "region": region, key: float(share[i, j]),
         "half_width": float(half[i, j]), "unit": unit}
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
) -> str:
    """Return the sentence that the figure shows: the hardest hit cells, by paired differences."""
    taken = {*users.values()}
    cells = [(i, j) for i in range(len(sectors)) for j in range(len(regions))
             if (regions[j], sectors[i]) in taken]  # fmt: skip

    def values(x: int) -> F8:
        i, j = cells[x]
        return findings.linear(*_cell_sums(data, users, regions[j], sectors[i]), data.sections)

    views = _views(data, cells, regions, sectors)
    return phrases.cells(values, views, data.n, lang())


def _views(
    data: RunData, cells: Sequence[tuple[int, int]], regions: Sequence[str], sectors: Sequence[str]
) -> list[View]:
    """Return the names of cells, as sentences have them."""
    named = [(label_in(data, sectors[i]), the(regions[j], lang=lang())) for i, j in cells]
    return [
        View("cell", "", say("figure.cell", lang(), row=row, region=place)) for row, place in named
    ]
