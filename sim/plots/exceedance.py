"""Exceedance curve: how likely is a loss larger than x, and how surely do we know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D

from sim.base.sections import INDEPENDENT, Sections
from sim.plots.beyond import TAIL, curve, tail
from sim.plots.curves import amounts_of, shares_of
from sim.plots.headlines import Headlines
from sim.plots.layout import caption, headline, joined, key, new_figure, one_line, wrap
from sim.plots.measure import PRICE, SHARE, quantity
from sim.plots.page import lang, room
from sim.plots.panels import label_of
from sim.plots.style import PALETTE, line_of, style
from sim.plots.words import peak
from sim.words.numbers import per_cent
from sim.words.say import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sim.results.data import RunData

    F8 = NDArray[np.float64]


def exceedance(
    ax: Axes, loss: F8, label: str, rank: int = 0, sections: Sections = INDEPENDENT
) -> Axes:
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
    sections : Sections, optional
        How replications belong together; where they are weighted, losses are in their order.
    """
    marks = tail(loss, sections)
    x, p, low, high = curve(loss, [value for value in marks if value is not None], sections)
    color = PALETTE[rank % len(PALETTE)]
    ax.fill_between(x, np.maximum(low, 1e-6), high, step="post", color=color, alpha=0.15, lw=0)
    ax.step(x, p, where="post", color=color, ls=line_of(rank), lw=1.9, label=label)
    for mark, value in zip("oD", marks, strict=True):
        if value is not None and value > 0:
            p_beyond = sections.share(loss > value)
            ax.plot(value, p_beyond, mark, color=color, ms=7, mec="white", zorder=5)
    ax.set_yscale("log")
    return ax


def figure(data: RunData) -> Figure:
    """Return the exceedance curves of the regions, as a share of what they want in the horizon."""
    drawn = figure_of(data, SHARE)
    assert drawn is not None  # of shares there is always something to say
    return drawn


def figure_of(data: RunData, measure: str) -> Figure | None:
    """Return the exceedance curves of a measure; None where the run has nothing of it.

    Parameters
    ----------
    data : RunData
        The run.
    measure : str
        A word of ``sim.plots.measure``.
    """
    said = Headlines(data, lang())
    if not said.anybody and measure != PRICE:
        return one_line(said, data, say("figure.exceedance", lang()))
    told = shares_of(said, data) if measure == SHARE else amounts_of(data, quantity(data, measure))
    if not told.views or not any(peak(told.losses(x)) > 0 for x in range(len(told.views))):
        return None
    with style():
        beside = room(11.5) >= 7
        fig = new_figure(11.5, 6.4 if beside else 6.6)
        ax = fig.subplots()
        for x, view in enumerate(told.views):
            loss = told.losses(x)
            loss = loss if data.sections.weighted else np.sort(loss)
            exceedance(ax, loss, told.label(label_of(view), loss), x, data.sections)
        _scales(ax, data, told.axis)
        if measure == PRICE:
            ax.set_xlim(left=1)
        for line in ax.get_lines():
            label = str(line.get_label())
            if not label.startswith("_"):
                parts = [wrap(part, fig, 9, width=2.2) for part in label.split("\n")]
                line.set_label("\n".join(parts))
        ax.set_xlabel(wrap(ax.get_xlabel(), fig, 10, width=room(11.5) - 1.9))
        headline(fig, told.title, told.sub)
        head = f"{told.head}:  VaR 95 | CVaR 95"
        if beside:
            ax.legend(title=head, loc="upper left", alignment="left", bbox_to_anchor=(1.01, 1.0),
                      borderaxespad=0, labelspacing=0.8)  # fmt: skip
        else:
            handles, labels = ax.get_legend_handles_labels()
            key(fig, [Line2D([], [], ls=""), *handles],
                [head, *(label.replace("\n", ": ") for label in labels)])  # fmt: skip
        kind = "exceed_note_weighted" if data.sections.weighted else "exceed_note"
        note = say(f"figure.{kind}", lang(), n=TAIL)
        caption(fig, data, joined(note, told.rest))
    fig.rows = [row for x in range(len(told.views)) for row in told.rows(x)]
    return fig


def chance_label(chance: float) -> str:
    """Return a chance in per cent, and as one in so many."""
    told = per_cent(f"{100 * chance:g}", lang())
    if chance >= 1:
        return told
    return say("figure.one_in", lang(), percent=told, n=round(1 / chance))


def _scales(ax: Axes, data: RunData, label: str) -> None:
    """Label both axes; the lower end of the chance is where the curves stop."""
    rarest = TAIL / data.n * float(data.sections.weights(2).min())
    ax.set_ylim(max(min(rarest / 2, 0.5), 1e-5), 1.1)
    highest = max((peak(line.get_xdata()) for line in ax.get_lines()), default=0.0)
    ax.set_xlim(0, max(1.03 * highest, 1.0))
    ax.set_xlabel(label)
    ax.set_ylabel(say("figure.chance_more", lang()))
    steps = [m * 10.0**-e for e in range(6) for m in (1.0, 0.5, 0.2)]
    ticks = [t for t in steps if t >= ax.get_ylim()[0]]
    ax.set_yticks(ticks, [chance_label(t) for t in ticks])
    ax.minorticks_off()
