"""Exceedance curve: how likely is a loss larger than x, and how surely do we know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from sim.metrics import findings, precision
from sim.plots.headlines import Headlines
from sim.plots.layout import caption, headline, joined, new_figure, one_line, wrap
from sim.plots.page import lang, room
from sim.plots.panels import label_of, panels_of
from sim.plots.style import PALETTE, line_of, style
from sim.plots.words import peak
from sim.words.numbers import per_cent
from sim.words.say import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sim.results.data import RunData, View

    F8 = NDArray[np.float64]

LEVEL = 0.95
TAIL = 10
"""Replications beyond a point with fewer of which no curve is drawn: its band is wider than it."""


def curve(loss: F8, also: Sequence[float] = ()) -> tuple[F8, F8, F8, F8]:
    """Return x, P(loss > x) and its pointwise 95 % Clopper-Pearson band.

    Parameters
    ----------
    loss : ndarray, shape (n,)
        Loss of each replication.
    also : sequence of float, optional
        Points that are never thinned away, so that marks there lie on the curve.

    Returns
    -------
    x, p, low, high : ndarray
        Ascending losses, from 0 to where `TAIL` replications are left.
    """
    ordered = np.sort(loss)
    n = ordered.size
    drawn = ordered[: max(1, n - TAIL)]
    marks = [value for value in also if 0 <= value <= drawn[-1]]
    x = np.unique(np.r_[0.0, _candidates(drawn), marks])
    beyond = n - np.searchsorted(ordered, x, side="right")
    kept = np.union1d(_thinned(x, beyond), np.searchsorted(x, marks)).astype(np.int64)
    x, beyond = x[kept], beyond[kept]
    low = np.where(
        beyond > 0, special.betaincinv(np.maximum(beyond, 1), n - beyond + 1, 0.025), 0.0
    )
    high = np.where(
        beyond < n, special.betaincinv(beyond + 1, np.maximum(n - beyond, 1), 0.975), 1.0
    )
    return x, beyond / n, low, high


def _candidates(ordered: F8, most: int = 20_000) -> F8:
    """Return ascending losses, or of very many those at even losses and at even chances."""
    n = ordered.size
    if n <= 10 * most:
        return ordered
    even_x = np.searchsorted(ordered, np.linspace(ordered[0], ordered[-1], most), side="right") - 1
    even_p = n - np.geomspace(1, n, most).astype(np.int64)
    kept: F8 = ordered[np.unique(np.r_[even_x, even_p])]
    return kept


def _thinned(x: F8, beyond: NDArray[np.int64], most: int = 400) -> NDArray[np.int64]:
    """Return which points to draw: all, or enough that the eye sees no difference."""
    if x.size <= most:
        return np.arange(x.size)
    even_x = np.searchsorted(x, np.linspace(x[0], x[-1], most // 2), side="right") - 1
    levels = np.geomspace(max(beyond[0], 1), max(beyond[-1], 1), most // 2)
    even_p = np.searchsorted(-beyond, -levels, side="left")
    return np.unique(np.r_[0, even_x, np.minimum(even_p, x.size - 1), x.size - 1])


def exceedance(ax: Axes, loss: F8, label: str, rank: int = 0) -> Axes:
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
    """
    marks = tail(loss)
    x, p, low, high = curve(loss, [value for value in marks if value is not None])
    color = PALETTE[rank % len(PALETTE)]
    ax.fill_between(x, np.maximum(low, 1e-6), high, step="post", color=color, alpha=0.15, lw=0)
    ax.step(x, p, where="post", color=color, ls=line_of(rank), lw=1.9, label=label)
    for mark, value in zip("oD", marks, strict=True):
        if value is not None and value > 0:
            ax.plot(value, np.mean(loss > value), mark, color=color, ms=7, mec="white", zorder=5)
    ax.set_yscale("log")
    return ax


def tail(loss: F8) -> tuple[float | None, float | None]:
    """Return VaR and CVaR at `LEVEL`, None where the sample does not support one."""
    answers = precision.quantile(loss, LEVEL), precision.cvar(loss, LEVEL)
    return tuple(None if isinstance(a, precision.Refused) else a.value for a in answers)  # type: ignore[return-value]


def figure(data: RunData) -> Figure:
    """Return the exceedance curves of the regions, as a share of what they want in the horizon."""
    said = Headlines(data, lang())
    if not said.anybody:
        return one_line(said, data, say("figure.exceedance", lang()))
    panels = panels_of(data, len(PALETTE))
    with style():
        fig = new_figure(11.5, 6.4 if room(11.5) >= 7 else 8.0)
        ax = fig.subplots()
        for rank, view in enumerate(panels.views):
            share = findings.shares(data, data.index(view.kind, view.name))
            share *= 100
            share.sort()
            exceedance(ax, share, legend_label(label_of(view), share), rank)
        _scales(ax, data)
        for line in ax.get_lines():
            label = str(line.get_label())
            if not label.startswith("_"):
                parts = [wrap(part, fig, 9, width=2.2) for part in label.split("\n")]
                line.set_label("\n".join(parts))
        beside = room(11.5) >= 7
        ax.set_xlabel(wrap(ax.get_xlabel(), fig, 10, width=room(11.5) - 1.9))
        ax.legend(
            title=f"{panels.head}:  VaR 95 | CVaR 95",
            loc="upper left",
            alignment="left",
            bbox_to_anchor=(1.01, 1.0) if beside else (-0.2, -0.24),
            ncols=1 if beside else 2,
            borderaxespad=0,
            labelspacing=0.8,
        )
        headline(fig, said.how_bad, say("figure.exceed_sub", lang(), by=panels.by))
        note = say("figure.exceed_note", lang(), n=TAIL)
        caption(fig, data, joined(note, panels.rest))
    fig.rows = [row for view in panels.views for row in rows_of(data, view)]
    return fig


def rows_of(data: RunData, view: View) -> Iterator[dict[str, Any]]:
    """Yield the numbers behind a curve, a row a point that is drawn."""
    share = findings.shares(data, data.index(view.kind, view.name))
    for x, p, low, high in zip(*curve(share), strict=True):
        yield {view.kind: view.name, "share_of_want_above": float(x), "chance": float(p),
               "chance_low": float(low), "chance_high": float(high), "n": data.n}  # fmt: skip


def legend_label(name: str, percent: F8) -> str:
    """Return a view's name with its tail numbers."""
    if percent.max(initial=0) <= 0:
        none = say("figure.no_shortfall_short", lang())
        return f"{name}\n{none}"
    few = say("figure.too_few_runs", lang())
    told = [few if v is None else per_cent(f"{v:.1f}", lang()) for v in tail(percent)]
    return f"{name}\n{told[0]} | {told[1]}"


def chance_label(chance: float) -> str:
    """Return a chance in per cent, and as one in so many."""
    told = per_cent(f"{100 * chance:g}", lang())
    if chance >= 1:
        return told
    return say("figure.one_in", lang(), percent=told, n=round(1 / chance))


def _scales(ax: Axes, data: RunData) -> None:
    """Label both axes; the lower end of the chance is where the curves stop."""
    ax.set_ylim(max(min(TAIL / data.n / 2, 0.5), 1e-5), 1.1)
    highest = max((peak(line.get_xdata()) for line in ax.get_lines()), default=0.0)
    ax.set_xlim(0, max(1.03 * highest, 1.0))
    ax.set_xlabel(say("figure.wanted_horizon", lang()))
    ax.set_ylabel(say("figure.chance_more", lang()))
    steps = [m * 10.0**-e for e in range(6) for m in (1.0, 0.5, 0.2)]
    ticks = [t for t in steps if t >= ax.get_ylim()[0]]
    ax.set_yticks(ticks, [chance_label(t) for t in ticks])
    ax.minorticks_off()
