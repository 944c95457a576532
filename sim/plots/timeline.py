"""Timeline of one replayed future: shocks, stocks, flows, shortfall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.plots.layout import caption, headline, new_figure, wrap
from sim.plots.page import lang, pt, room
from sim.plots.style import FAINT, INK, PALETTE, date_axis, dates, day_numbers, line_of, style
from sim.plots.words import REGION_ORDER, ordered_regions, peak, percent, region_name, the
from sim.words.say import say
from sim.words.titles import title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sim.results.data import RunData


@dataclass(frozen=True)
class ShockBar:
    """A shock on the time axis: announced, in force from onset to end (days)."""

    label: str
    announce: float
    onset: float
    end: float
    called_off: bool


class LaneName(NamedTuple):
    """A good on its way from a country to a region: the good's title, and two codes."""

    good: str
    source: str
    target: str


@dataclass(frozen=True)
class Timeline:
    """What a replayed replication shows (series are (n_period,) each).

    Parameters
    ----------
    replication : int
        Its number.
    shocks : sequence of ShockBar
        In order of onset.
    cover_days : dict
        Region -> its end users' stock in days of reference use.
    flow_share : dict
        Lane -> shipments as a share of the reference flow.
    shortfall_share : dict
        Region -> shortfall as a share of what was wanted.
    """

    replication: int
    shocks: Sequence[ShockBar]
    cover_days: dict[str, NDArray[np.float64]]
    flow_share: dict[LaneName, NDArray[np.float64]]
    shortfall_share: dict[str, NDArray[np.float64]]


def shocks(ax: Axes, bars: Sequence[ShockBar], start: float, last: float) -> Axes:
    """Draw shocks as bars: hatched while announced, solid while in force.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    bars : sequence of ShockBar
        In order, from the top.
    start, last : float
        Day 0 and the end, as matplotlib counts days; bars are cut to them.
    """
    for y, bar in enumerate(bars):
        announce, onset, end = (
            min(max(start + d, start), last) for d in (bar.announce, bar.onset, bar.end)
        )
        if announce < onset:
            ax.barh(
                y,
                onset - announce,
                left=announce,
                height=0.6,
                color="white",
                edgecolor=PALETTE[1],
                hatch="////",
                lw=0.8,
            )
        if not bar.called_off:
            ax.barh(y, end - onset, left=onset, height=0.6, color=PALETTE[2], alpha=0.85)
    names = [_short(title(b.label, lang())) for b in bars]
    told = [say("timeline.called_off", lang(), shock=name) if b.called_off else name
            for name, b in zip(names, bars, strict=True)]  # fmt: skip
    names = [wrap(n, ax.figure, 9, width=min(2.6, 0.27 * room(11.5))) for n in told]
    ax.set_yticks(range(len(bars)), names, fontsize=pt(9))
    ax.set_ylim(len(bars) - 0.4 if bars else 1, -0.6)
    ax.grid(axis="y", visible=False)
    ax.set_title(say("timeline.shocks" if bars else "timeline.no_shock", lang()))
    return ax


def _short(label: str, most: int = 56) -> str:
    """Return a label of at most so many letters."""
    return label if len(label) <= most else label[: most - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def lines(
    ax: Axes,
    x: NDArray[np.float64],
    series: dict[str, NDArray[np.float64]],
    codes: Sequence[str],
    head: str,
    unit: str,
) -> Axes:
    """Draw labelled courses over time; a region has its colour where each line is one's.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    x : ndarray, shape (n_period,)
        Days as matplotlib counts them.
    series : dict
        Label -> course.
    codes : sequence of str
        The region of each.
    head, unit : str
        Title of the panel, label of its axis.
    """
    beside = room(11.5) >= 7
    for n, (label, values) in zip(_ranks(codes), series.items(), strict=True):
        look: Any = {"color": PALETTE[n % len(PALETTE)], "ls": line_of(n), "lw": 1.7}
        ax.plot(x, values, label=wrap(label, ax.figure, 9, width=2.4), **look)
    ax.set_title(wrap(head, ax.figure, 11, "bold", width=room(11.5) - 2.0))
    ax.set_ylabel(wrap(unit, ax.figure, 10, width=1.4))
    ax.set_ylim(0, max(1.08 * max((peak(v) for v in series.values()), default=0.0), 1.0))
    if series and beside:
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    elif series:
        ax.legend(loc="upper left", bbox_to_anchor=(0.0, -0.12))
    return ax


def _ranks(codes: Sequence[str]) -> list[int]:
    """Return which colour and line each course has: its region's, if all are of different ones."""
    if len(set(codes)) == len(codes) and all(code in REGION_ORDER for code in codes):
        return [REGION_ORDER.index(code) for code in codes]
    return [*range(len(codes))]


def figure(data: RunData, line: Timeline, most_shocks: int = 10) -> Figure:
    """Return the timeline of one replication in four panels."""
    bars = list(line.shocks)[:most_shocks]
    x = day_numbers(data)
    with style():
        fig = new_figure(11.5, 7.2 + 0.42 * max(len(bars), 2))
        ratios = [0.35 + 0.46 * max(len(bars), 2), 2, 2, 2]
        axes = fig.subplots(4, 1, sharex=True, height_ratios=ratios)
        shocks(axes[0], bars, x[0], x[-1] + data.step_days)
        if len(line.shocks) > most_shocks:
            axes[0].text(
                1,
                1.02,
                say("timeline.more", lang(), n=len(line.shocks) - most_shocks),
                ha="right",
                va="bottom",
                transform=axes[0].transAxes,
                fontsize=pt(9),
                color=FAINT,
            )
        _courses(axes[1:], x, line)
        date_axis(
            axes[3], data.start, data.start + dt.timedelta(days=data.step_days * data.n_period)
        )
        fig.align_ylabels(axes[1:])
        headline(fig, finding(line), say("timeline.sub", lang(), n=line.replication))
        caption(fig, data, say("timeline.no_interval", lang()))
    fig.rows = [*_rows(data, line)]
    return fig


def _courses(axes: Sequence[Axes], x: NDArray[np.float64], line: Timeline) -> None:
    """Draw stocks, shipments and shortfall, a panel each."""
    of = lang()
    stocks = {say("timeline.users", of, place=region_name(code, of)): days
              for code, days in line.cover_days.items()}  # fmt: skip
    lines(axes[0], x, stocks, [*line.cover_days], say("timeline.stocks", of),
          say("timeline.stocks_unit", of))  # fmt: skip
    shipped = {_lane(lane): 100 * share for lane, share in line.flow_share.items()}
    lines(axes[1], x, shipped, [lane.target for lane in line.flow_share],
          say("timeline.shipments", of), say("timeline.shipments_unit", of))  # fmt: skip
    axes[1].axhline(100, color=INK, lw=0.7)
    regions = ordered_regions([*line.shortfall_share])
    short = {region_name(r, of): 100 * line.shortfall_share[r] for r in regions}
    lines(axes[2], x, short, regions, say("timeline.shortfall", of),
          say("timeline.shortfall_unit", of))  # fmt: skip


def _lane(lane: LaneName) -> str:
    """Return a lane for people."""
    source, target = (region_name(code, lang()) for code in (lane.source, lane.target))
    return say("timeline.lane", lang(), good=title(lane.good, lang()), source=source,
               target=target)  # fmt: skip


def _rows(data: RunData, line: Timeline) -> Iterator[dict[str, Any]]:
    """Yield the numbers behind the figure, a row a shock, then one a period and course."""
    for bar in line.shocks:
        yield {"what": "shock", "of": bar.label, "date": "", "value": "", "unit": "day",
               "announced": bar.announce, "onset": bar.onset, "end": bar.end,
               "called_off": bar.called_off}  # fmt: skip
    told = [("stock", code, "days of normal use", v) for code, v in line.cover_days.items()]
    told += [("shipments", "/".join(lane), "share of normal", v)
             for lane, v in line.flow_share.items()]  # fmt: skip
    told += [("shortfall", code, "share of what was wanted", v)
             for code, v in line.shortfall_share.items()]  # fmt: skip
    for what, name, unit, values in told:
        for day, value in zip(dates(data), values, strict=True):
            yield {"what": what, "of": name, "date": day.isoformat(), "value": float(value),
                   "unit": unit, "announced": "", "onset": "", "end": "",
                   "called_off": ""}  # fmt: skip


def finding(line: Timeline) -> str:
    """Return the sentence that the figure shows: who is worst off in this future."""
    highest = {k: peak(v) for k, v in line.shortfall_share.items()}
    worst = max(highest, key=lambda k: highest[k]) if highest else ""
    if not worst or highest[worst] <= 0:
        return say("timeline.nobody", lang())
    share = percent(highest[worst], lang())
    return say("timeline.finding", lang(), place=the(worst, lang=lang()), share=share)
