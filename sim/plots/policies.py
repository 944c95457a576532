"""Policies (or scenarios) by regions: mean shortfall, and whether it differs from the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.compare import Bar, Difference, points
from sim.plots.heatmap import heatmap
from sim.plots.layout import footer, headline, new_figure, wrap
from sim.plots.page import room
from sim.plots.style import style
from sim.plots.words import region_name, the

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LESS, MORE = "\N{BLACK DOWN-POINTING TRIANGLE}", "\N{BLACK UP-POINTING TRIANGLE}"


def figure(
    runs: Sequence[str],
    places: Mapping[str, Sequence[Bar]],
    found: Sequence[Difference],
    note: str,
) -> Figure:
    """Return a table of runs by places, coloured by mean shortfall.

    Parameters
    ----------
    runs : sequence of str
        Labels, the base first.
    places : mapping
        Place -> its bars, in the order of `runs`.
    found : sequence of Difference
        Paired differences from the base, where runs met the same shocks.
    note : str
        What it rests on.
    """
    share = np.array([[bars[x].mean / 100 for bars in places.values()] for x in range(len(runs))])
    half = np.array([[(bars[x].high - bars[x].low) / 200 for bars in places.values()]
                     for x in range(len(runs))])  # fmt: skip
    wide = max(9.0, 4.6 + 1.35 * len(places))
    with style():
        fig = new_figure(wide, 2.8 + 0.55 * len(runs))
        ax = fig.subplots()
        names_wide = min(3.2, 0.3 * room(wide))
        each = (room(wide) - names_wide - 1.4) / len(places)
        heatmap(
            ax,
            share,
            [wrap(name, fig, 10, width=names_wide) for name in runs],
            [wrap(region_name(place), fig, 10, width=each - 0.12) for place in places],
            half,
        )
        marked = _marks(ax, runs, list(places), found)
        headline(fig, finding(runs, found), "Mean shortfall, % of what was wanted over the horizon")
        told = f"{LESS} less, {MORE} more short than the first row, by paired differences. "
        footer(fig, "Small numbers: half the width of the mean's 95 % interval. "
               + (told if marked else "") + note)  # fmt: skip
    fig.rows = [
        {"run": name, "place": place, "mean": bars[x].mean, "low": bars[x].low,
         "high": bars[x].high, "unit": "% of what was wanted"}
        for x, name in enumerate(runs) for place, bars in places.items()
    ]  # fmt: skip
    return fig


def _marks(ax: object, runs: Sequence[str], places: Sequence[str], found: Sequence[Difference]
           ) -> int:  # fmt: skip
    """Mark cells that surely differ from the base, and return how many."""
    sure = [d for d in found if d.sure and d.place in places]
    for d in sure:
        i, j = runs.index(d.label), places.index(d.place)
        mark = LESS if d.mean < 0 else MORE
        ax.text(j + 0.92, i + 0.2, mark, ha="right", va="center", fontsize=9, color="white",  # type: ignore[attr-defined]
                bbox={"facecolor": "#222222", "edgecolor": "none", "pad": 1.5})  # fmt: skip
    return len(sure)


def finding(runs: Sequence[str], found: Sequence[Difference]) -> str:
    """Return for whom a run surely makes the largest difference from the base."""
    sure = [d for d in found if d.sure]
    if not sure:
        return f"No run differs from {runs[0]} by more than chance" if found else "Side by side"
    most = max(sure, key=lambda d: abs(d.mean))
    less = "less" if most.mean < 0 else "more"
    return (
        f"{most.label}: {the(most.place)} is {points(most.mean)} percentage points {less} short "
        f"than under {runs[0]}"
    )
