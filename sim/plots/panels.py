"""Whom panels and curves are drawn for: regions, or end users most short where goods do not add."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.metrics import findings
from sim.plots.page import lang
from sim.plots.phrases import at_most
from sim.plots.words import ordered_regions, region_name
from sim.words.say import say
from sim.words.titles import title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.results.data import RunData, View


@dataclass(frozen=True)
class Panels:
    """Views that are drawn.

    Parameters
    ----------
    views : tuple of View
        Regions in the order of all figures, or end users with the largest mean shortfall first.
    rest : str
        What is said of those that are not drawn; "" where all are.
    head : str
        What they are, above a list of them.
    by : str
        The same, inside a sentence.
    """

    views: tuple[View, ...]
    rest: str
    head: str
    by: str


def panels_of(data: RunData, most: int = 9) -> Panels:
    """Return whom a figure of a run is drawn for, at most so many.

    Parameters
    ----------
    data : RunData
        The run.
    most : int, optional
        Panels that fit a page.
    """
    kind = findings.kind_of_places(data)
    columns = data.columns(kind)
    if kind == "region":
        order = ordered_regions([data.views[x].name for x in columns])
        order_of = {data.views[x].name: x for x in columns}
        head, by = say("figure.head_region", lang()), say("figure.by_region", lang())
        return Panels(tuple(data.views[order_of[name]] for name in order), "", head, by)
    mean = {x: data.sections.mean(findings.linear_column(data, x)) for x in columns}
    ranked = sorted(columns, key=lambda x: -mean[x])
    shown = [x for x in ranked if mean[x] > 0][:most] or ranked[:1]
    left = [x for x in ranked if x not in shown]
    rest = ""
    if left:
        highest = max(mean[x] for x in left)
        told = say("figure.rest_never", lang())
        if highest > 0:
            told = say("figure.rest_at_most", lang(), share=at_most(highest, lang()))
        rest = say("figure.more_groups", lang(), n=len(left), told=told)
    by = say({"user": "figure.by_user", "sector": "figure.by_sectors"}.get(kind, "figure.by_goods"),
             lang())  # fmt: skip
    head = say("figure.head_user", lang())
    return Panels(tuple(data.views[x] for x in shown), rest, head, by)


def views_told(data: RunData) -> list[View]:
    """Return the rows of a table: regions and all, or goods where tonnes do not add up."""
    if findings.adds_up(data):
        return [*panels_of(data).views, *(data.views[x] for x in data.columns("total"))]
    return [data.views[x] for x in data.columns("product")]


def label_of(view: View) -> str:
    """Return a view's name above its panel or beside its curve."""
    return region_name(view.name, lang()) if view.kind == "region" else title(view.title, lang())


def hide_empty(axes: Iterable[Axes], n: int, n_column: int) -> None:
    """Hide all panels of a grid but the first n; a panel above an empty one has its own dates."""
    for x, ax in enumerate(axes):
        ax.set_visible(x < n)
        if n - n_column <= x < n:
            ax.tick_params(labelbottom=True)
