"""Value added lost and at risk, by sector of the regions that lose: bars with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.plots.layout import caption, headline, joined, key, new_figure, shared_labels, wrap
from sim.plots.page import lang, n_columns, pt, room
from sim.plots.style import INK, PALETTE, style
from sim.plots.words import pretty, region_name, span, the
from sim.words.numbers import localized
from sim.words.say import say
from sim.words.titles import title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results.data import RunData

LOST, AT_RISK = "value_added_lost_usd", "value_added_at_risk_usd"

BILLION = 1e9
LARGE = {"en": 1, "fr": 1, "ja": 10}
"""What a language counts large amounts in, parts of a billion."""

MOST_REGIONS, MOST_ROWS = 4, 8
"""Panels side by side, and bars in one."""

Interval = tuple[float, float, float]
"""Mean and its 95 % interval, billions of US dollars; NaN where refused."""


@dataclass(frozen=True)
class Sector:
    """What one end user loses."""

    title: str
    lost: Interval
    at_risk: Interval


@dataclass(frozen=True)
class Region:
    """What a region loses: its sum, in which what sectors make together counts once."""

    code: str
    lost: Interval
    sectors: tuple[Sector, ...]


def regions_of(data: RunData, users: Mapping[str, tuple[str, str]]) -> list[Region]:
    """Return the regions that lose value added, and their end users that do; largest mean first.

    Parameters
    ----------
    data : RunData
        A run with its summary.
    users : mapping
        End user -> (region, sector or good).
    """
    means = {(r["kind"], r["view"], r["measure"]): _interval(r)
             for r in data.summary if r["statistic"] == "mean"}  # fmt: skip
    found = []
    for code in sorted({region for region, _ in users.values()}):
        total = means.get(("region", code, LOST))
        if total is None or not total[0] > 0:
            continue
        names = [user for user, (region, _) in users.items() if region == code]
        kinds = [users[user][1] for user in names]
        rows = [
            Sector(_title(data, user, users[user][1], kinds), lost, means["user", user, AT_RISK])
            for user in names
            if (lost := means.get(("user", user, LOST))) is not None and lost[0] > 0
        ]
        found.append(Region(code, total, tuple(sorted(rows, key=lambda s: (-s.lost[0], s.title)))))
    return sorted(found, key=lambda r: (-r.lost[0], r.code))


def _interval(row: Mapping[str, Any]) -> Interval:
    value, low, high = (np.nan if row[x] is None else float(row[x]) / BILLION
                        for x in ("value", "low", "high"))  # fmt: skip
    return value, low, high


def _title(data: RunData, user: str, kind: str, kinds: list[str]) -> str:
    """Return the sector or good; the end user's own title where several are of one."""
    if kinds.count(kind) > 1:
        return next((v.title for v in data.views if v.kind == "user" and v.name == user), user)
    titles = {v.name: v.title for v in data.views if v.kind in ("product", "sector")}
    return titles.get(kind) or pretty(kind)


def loss(ax: Axes, sectors: tuple[Sector, ...], color: str = PALETTE[0]) -> Axes:
    """Draw a bar a sector: at risk pale, lost full with its interval."""
    for i, sector in enumerate(sectors):
        first, of = "" if i == 0 else "_", lang()
        at_risk, lost = (LARGE[of] * np.asarray(v) for v in (sector.at_risk, sector.lost))
        ax.barh(i, at_risk[0], color=color, alpha=0.25, height=0.66,
                label=first + say("loss.at_risk", of))  # fmt: skip
        ax.barh(i, lost[0], color=color, height=0.36, label=first + say("loss.lost", of))
        ax.plot(
            lost[1:],
            [i, i],
            color=INK,
            lw=1.6,
            label=first + say("loss.interval_lost", of),
        )
        ax.plot(at_risk[1:], [i - 0.26] * 2, color=color, lw=1.6,
                label=first + say("loss.interval_at_risk", of))  # fmt: skip
    labels = [wrap(title(s.title, lang()), ax.figure, 10, width=1.7) for s in sectors]
    ax.set_yticks(np.arange(len(sectors)), labels)
    ax.set_ylim(len(sectors) - 0.4, -0.6)
    ax.set_xlim(left=0)
    ax.grid(axis="y", visible=False)
    return ax


def figure(data: RunData, users: Mapping[str, tuple[str, str]]) -> Figure | None:
    """Return one panel a region that loses; None where nobody does or no value added is stated.

    Parameters
    ----------
    data : RunData
        A run with its summary.
    users : mapping
        End user -> (region, sector or good).
    """
    found = regions_of(data, users)
    shown = found[:MOST_REGIONS]
    if not shown:
        return None
    rows = [region.sectors[:MOST_ROWS] for region in shown]
    wide = max(9.0, 1.2 + 3.6 * len(shown))
    n_column = n_columns(len(shown), wide, each=3.4)
    n_row = -(-len(shown) // n_column)
    with style():
        fig = new_figure(wide, 2.1 + n_row * (0.5 + 0.5 * max(3, *map(len, rows))))
        axes = fig.subplots(n_row, n_column, squeeze=False).ravel()
        for ax in axes[len(shown) :]:
            ax.set_visible(False)
        for ax, region, sectors in zip(axes, shown, rows, strict=False):
            loss(ax, sectors)
            each = room(wide) / n_column - 1.9
            name = wrap(region_name(region.code, lang()), fig, 10.5, "bold", each)
            sums = wrap(amount(region.lost), fig, 10.5, "bold", each)
            ax.set_title(f"{name}\n{sums}", fontsize=pt(10.5))
        headline(fig, finding(found), say("loss.sub", lang(), span=span(data, lang())))
        key(fig, *fig.axes[0].get_legend_handles_labels())
        caption(fig, data, _told(found))
        shared_labels(fig, x=wrap(say("loss.axis", lang()), fig, 10))
    fig.rows = [
        {"region": region.code, "sector": sector.title, "measure": name, "mean": value[0],
         "low": value[1], "high": value[2], "unit": "billion USD over the horizon"}
        for region in found for sector in region.sectors
        for name, value in (("lost", sector.lost), ("at risk", sector.at_risk))
    ]  # fmt: skip
    return fig


def _told(found: list[Region]) -> str:
    """Return what is said of sums and of what is not drawn."""
    of = lang()
    told = [say("loss.counts_once", of)]
    rest, hidden = found[MOST_REGIONS:], sum(max(0, len(r.sectors) - MOST_ROWS) for r in found)
    if rest:
        names = [f"{the(r.code, lang=of)} {amount(r.lost)}" for r in rest]
        told.append(say("loss.not_drawn", of, names=say("brief.list", of).join(names)))
    if hidden:
        told.append(say("loss.hidden", of, n=hidden))
    return joined(*told)


def amount(value: Interval) -> str:
    """Return an amount in billions with its interval, for people."""
    of = lang()
    if value[0] < 0.001:
        return say("loss.under_million", of)
    mean, low, high = (_digits(x * LARGE[of], of) for x in value)
    if np.isnan(value[1:]).any():
        return say("loss.amount", of, mean=mean)
    return say("loss.amount_range", of, mean=mean, low=low, high=high)


def _digits(value: float, of: str) -> str:
    if value < 0.001:
        return "0"
    return localized(f"{value:,.0f}" if value >= 99.5 else f"{value:.2g}", of)


def finding(found: list[Region]) -> str:
    """Return what the figure says: who loses most, and in which sector; ties are named together."""
    of, most = lang(), found[0]
    alike = [r for r in found if not r.lost[2] < most.lost[1]]
    if len(alike) > 1:
        names = [f"{the(r.code, lang=of)} {amount(r.lost)}" for r in alike]
        return say("loss.alike", of, names=say("headline.list", of).join(names))
    told = say("loss.of", of, amount=amount(most.lost))
    if _half(most):
        sector = title(most.sectors[0].title.lower(), of)
        told = say("loss.most_in", of, told=told, sector=sector)
    key_ = "loss.only" if len(found) == 1 else "loss.largest"
    return say(key_, of, who=the(most.code, lang=of), told=told)


def _half(region: Region) -> bool:
    """Whether the first sector loses more than half of its region's sum, and the rest less."""
    if not region.sectors:
        return False
    rest = sum(s.lost[0] for s in region.sectors[1:])
    return region.sectors[0].lost[0] > max(0.5 * region.lost[0], rest)
