"""Whose losses an exceedance figure draws, by which measure and in which words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from sim.base.sections import INDEPENDENT, Sections
from sim.metrics import findings
from sim.network.arrays import F8
from sim.plots.beyond import curve, tail
from sim.plots.headlines import Headlines
from sim.plots.measure import MEASURES, PRICE, Quantity, most
from sim.plots.page import lang
from sim.plots.panels import panels_of
from sim.plots.style import PALETTE
from sim.plots.words import peak
from sim.results.data import RunData, View
from sim.words.numbers import per_cent
from sim.words.say import say


class Curves(NamedTuple):
    """What the figure draws: whose losses, in which words."""

    views: tuple[View, ...]
    losses: Callable[[int], F8]
    label: Callable[[str, F8], str]
    axis: str
    title: str
    sub: str
    head: str
    rest: str
    rows: Callable[[int], Iterator[dict[str, Any]]]


def shares_of(said: Headlines, data: RunData) -> Curves:
    """Return the curves of shares of what was wanted."""
    panels = panels_of(data, len(PALETTE))

    def losses(x: int) -> F8:
        view = panels.views[x]
        return 100 * findings.shares(data, data.index(view.kind, view.name))

    return Curves(
        panels.views,
        losses,
        partial(legend_label, sections=data.sections),
        say("figure.wanted_horizon", lang()),
        said.how_bad,
        say("figure.exceed_sub", lang(), by=panels.by),
        panels.head,
        panels.rest,
        lambda x: rows_of(data, panels.views[x]),
    )


def amounts_of(data: RunData, told: Quantity) -> Curves:
    """Return the curves of another measure."""
    panels = panels_of(data, len(PALETTE))
    priced = told.measure is MEASURES[PRICE]
    found = told._replace(views=told.views[: len(PALETTE)])

    def label(name: str, loss: F8) -> str:
        few = say("figure.too_few_runs", lang())
        tails = [few if v is None else found.amount(v) for v in tail(loss, data.sections)]
        none = say("figure.no_shortfall_short", lang())
        return f"{name}\n{tails[0]} | {tails[1]}" if peak(loss) > 0 else f"{name}\n{none}"

    def rows(x: int) -> Iterator[dict[str, Any]]:
        view = found.views[x]
        for value, p, low, high in zip(*curve(found.raw(x), (), data.sections), strict=True):
            yield {view.kind: view.name, "above": float(value), "unit": found.measure.csv,
                   "chance": float(p), "chance_low": float(low), "chance_high": float(high),
                   "n": data.n}  # fmt: skip

    groups = say("measure.of_goods", lang()) if priced else panels.by
    return Curves(
        found.views,
        found.values,
        label,
        found.axis,
        most(data, told),
        say("measure.by", lang(), what=say(found.measure.what, lang()), by=groups),
        say("measure.head_goods", lang()) if priced else panels.head,
        "" if priced else panels.rest,
        rows,
    )


def rows_of(data: RunData, view: View) -> Iterator[dict[str, Any]]:
    """Yield the numbers behind a curve, a row a point that is drawn."""
    share = findings.shares(data, data.index(view.kind, view.name))
    for x, p, low, high in zip(*curve(share, (), data.sections), strict=True):
        yield {view.kind: view.name, "share_of_want_above": float(x), "chance": float(p),
               "chance_low": float(low), "chance_high": float(high), "n": data.n}  # fmt: skip


def legend_label(name: str, percent: F8, sections: Sections = INDEPENDENT) -> str:
    """Return a view's name with its tail numbers."""
    if percent.max(initial=0) <= 0:
        none = say("figure.no_shortfall_short", lang())
        return f"{name}\n{none}"
    few = say("figure.too_few_runs", lang())
    told = [few if v is None else per_cent(f"{v:.1f}", lang()) for v in tail(percent, sections)]
    return f"{name}\n{told[0]} | {told[1]}"
