"""Policies (or scenarios) by regions: mean shortfall, and whether it differs from the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.against import Against
from sim.plots.cells import heatmap
from sim.plots.compare import Bar, Difference, largest
from sim.plots.layout import footer, headline, joined, new_figure, wrap
from sim.plots.measure import SHARE
from sim.plots.page import lang, pt, room
from sim.plots.style import style
from sim.plots.words import region_name
from sim.words.say import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LESS, MORE = "\N{BLACK DOWN-POINTING TRIANGLE}", "\N{BLACK UP-POINTING TRIANGLE}"


def figure(
    runs: Sequence[str],
    places: Mapping[str, Sequence[Bar]],
    found: Sequence[Difference],
    note: str,
    by: Against | None = None,
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
    by : Against, optional
        What they are compared by; default the share of what was wanted.
    """
    by = by or Against()
    scale = 100 if by.word == SHARE else 1
    share = np.array([[bars[x].mean / scale for bars in places.values()] for x in range(len(runs))])
    half = np.array([[(bars[x].high - bars[x].low) / 2 / scale for bars in places.values()]
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
            [wrap(region_name(place, lang()), fig, 10, width=each - 0.12) for place in places],
            half,
            "" if by.word == SHARE else say("measure.heat_bar", lang(), unit=by.unit),
        )
        marked = _marks(ax, runs, list(places), found)
        headline(fig, finding(runs, found, by), by.mean)
        told = say("compare.marks", lang(), less=LESS, more=MORE) if marked else ""
        footer(fig, joined(say("figure.heat_note", lang()), told, note))
    fig.rows = [
        {"run": name, "place": place, "mean": bars[x].mean, "low": bars[x].low,
         "high": bars[x].high, "unit": by.of}
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
        ax.text(j + 0.92, i + 0.2, mark, ha="right", va="center", fontsize=pt(9), color="white",  # type: ignore[attr-defined]
                bbox={"facecolor": "#222222", "edgecolor": "none", "pad": 1.5})  # fmt: skip
    return len(sure)


def finding(runs: Sequence[str], found: Sequence[Difference], by: Against) -> str:
    """Return for whom a run surely makes the largest difference from the base."""
    return largest(found, runs[0], by) if found else say("compare.side_by_side", lang())
