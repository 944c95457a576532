"""The world map of a network's flows: who sends most to whom, and through which chokepoints."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sim.plots.chain_map import LARGE
from sim.plots.flows import Flows, flows_of
from sim.plots.labels import Labels
from sim.plots.layout import footer, headline, joined, key, new_figure
from sim.plots.page import lang, pt, room
from sim.plots.style import INK, PALETTE, style
from sim.plots.words import percent, pretty, region_name, the
from sim.plots.world_map import chokepoints, draw_arc, draw_land, places, projected
from sim.words.numbers import digits
from sim.words.places import codes
from sim.words.say import say
from sim.words.titles import title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.network.arrays import CompiledNetwork
    from sim.network.dictionary import Network

MOST, MOST_NARROW = 24, 12
"""Flows that are drawn, on a page and where there is less width than `WIDE` inches."""

WIDE = 7.0
THICKEST, THINNEST = 8.0, 0.7
"""Points; in between as the amounts are."""

NAMED = 0.005
"""Share that passes below which a passage is marked without its name."""

FOCUS = "CHN"
"""Whose exports are picked out, as on the map of the chain."""

SHAPES = {"mine": ("^", 0), "refiner": ("s", 1), "end_user": ("o", 2)}
"""Kind of site -> mark, and its place in a row of the three."""

ROUTES = ("hormuz", "malacca", "lombok", "south_china_sea", "suez", "bab_el_mandeb", "cape",
          "panama", "us_west_coast", "kachin_border")  # fmt: skip
"""Routes that have a name in every language."""


def figure(
    network: Network, compiled: CompiledNetwork, goods: Collection[str] = (), facts: str = ""
) -> Figure | None:
    """Return the map of the flows of some goods; None where nothing crosses a border.

    Parameters
    ----------
    network : Network
        For titles and values.
    compiled : CompiledNetwork
        For the reference flows.
    goods : collection of str, optional
        What flows; default all goods whose value is stated.
    facts : str, optional
        Up to which day the facts of the scenario reach, for the caption.
    """
    flows = flows_of(network, compiled, goods)
    if not flows.amount:
        return None
    drawn = drawn_of(flows, MOST if room(11.5) >= WIDE else MOST_NARROW)
    named = [_inline(title(network.products[good].title, lang())) for good in flows.goods]
    told = (
        say("brief.list", lang()).join(named)
        if len(named) < 4
        else say("map.goods", lang(), n=len(named))
    )
    with style():
        fig = new_figure(11.5, 2.1 + 0.43 * room(11.5))
        ax = fig.subplots()
        sub = say("map.sub", lang(), title=title(network.title, lang()), goods=told,
                  focus=region_name(FOCUS, lang()))  # fmt: skip
        headline(fig, finding(flows), sub)
        key(fig, *_key())
        footer(fig, joined(*_caption(network, flows, drawn, facts)) + say("figure.stop", lang()))
        draw_land(ax)
        wide = fig.get_figwidth() - 0.3
        labels = Labels(ax, wide, max(1.0, fig.get_figheight() - fig.top - fig.bottom - 0.1))
        draw(ax, labels, flows, drawn)
    fig.rows = [*_rows(flows, drawn)]
    return fig


def drawn_of(flows: Flows, most: int) -> list[tuple[str, str]]:
    """Return the largest flows whose ends have a point on the map, largest first."""
    return [pair for pair in flows.amount if all(p in places() for p in pair)][:most]


def draw(ax: Axes, labels: Labels, flows: Flows, drawn: Sequence[tuple[str, str]]) -> None:
    """Draw arcs, sites and passages, and their names where there is room."""
    most = max((flows.amount[pair] for pair in drawn), default=1.0)
    for pair in reversed(drawn):
        source, target = (places()[place] for place in pair)
        width = max(THINNEST, THICKEST * flows.amount[pair] / most)
        draw_arc(ax, source, target, pt(width), PALETTE[2] if pair[0] == FOCUS else PALETTE[0])
    for place in (place for place in flows.sites if place in places()):
        at = projected(places()[place])
        for kind in flows.sites[place]:
            _mark(ax, kind, at.longitude + labels.units(0.08) * (SHAPES[kind][1] - 1), at.latitude)
        labels.block(at.longitude, at.latitude, 0.11, 0.04)
    passed = {route: projected(at) for route, at in chokepoints().items() if route in flows.through}
    for at in passed.values():
        _mark(ax, "chokepoint", at.longitude, at.latitude)
        labels.block(at.longitude, at.latitude, 0.05, 0.05)
    for place in dict.fromkeys(place for pair in drawn for place in pair):
        at = projected(places()[place])
        labels.write(at.longitude, at.latitude, region_name(place, lang()), 0.13, weight="bold")
    for route, t in flows.through.items():
        if route in passed and t >= NAMED * flows.total:
            told = f"{route_name(route)} {percent(t / flows.total, lang())}"
            labels.write(passed[route].longitude, passed[route].latitude, told, 0.07, size=8)


def _mark(ax: Axes, kind: str, x: float, y: float) -> None:
    shape = SHAPES[kind][0] if kind in SHAPES else "D"
    color = INK if kind in SHAPES else PALETTE[1]
    ax.plot(x, y, shape, color=color, mec="white", mew=0.5, ms=pt(5.5), zorder=5)


def _key() -> tuple[list[Any], list[str]]:
    from matplotlib.lines import Line2D

    marks = [Line2D([], [], ls="", marker=shape, color=INK, ms=pt(5.5))
             for shape, _ in SHAPES.values()]  # fmt: skip
    diamond = Line2D([], [], ls="", marker="D", color=PALETTE[1], ms=pt(5.5))
    arcs = [Line2D([], [], color=c, lw=pt(3), alpha=0.7) for c in (PALETTE[2], PALETTE[0])]
    names = [say(f"map.{kind}", lang()) for kind in ("mine", "refiner", "end_user", "chokepoint")]
    focus = say("map.exports", lang(), place=region_name(FOCUS, lang()))
    return [*arcs, *marks, diamond], [focus, say("map.others", lang()), *names]


def finding(flows: Flows) -> str:
    """Return what the map shows: the largest flow, and the chokepoint that most passes."""
    (source, target), amount = next(iter(flows.amount.items()))
    told = say("map.finding", lang(), source=the(source, lang=lang()),
               target=the(target, lang=lang()), amount=amount_words(flows, amount),
               share=percent(amount / flows.total, lang()))  # fmt: skip
    route = next(iter(flows.through), None)
    if route is None:
        return told
    share = percent(flows.through[route] / flows.total, lang())
    return say("map.passage", lang(), told=told, share=share, route=route_name(route))


def amount_words(flows: Flows, amount: float) -> str:
    """Return a yearly amount for people."""
    if flows.unit == "USD":
        return say("map.usd", lang(), amount=digits(amount / LARGE[lang()], lang()))
    if amount >= 1000:
        return say("map.kilotonnes", lang(), amount=digits(amount / 1000, lang()))
    return say("map.tonnes", lang(), amount=digits(amount, lang()))


def route_name(route: str) -> str:
    """Return a route's name for people; its tag where we know none."""
    return say(f"route.{route}", lang()) if route in ROUTES else pretty(route)


def _caption(
    network: Network, flows: Flows, drawn: Sequence[tuple[str, str]], facts: str
) -> Iterator[str]:
    """Yield the sentences below the map."""
    of = lang()
    share = sum(flows.amount[pair] for pair in drawn) / flows.total
    yield say("map.drawn", of, n=len(drawn), share=percent(share, of),
              amount=amount_words(flows, flows.total))  # fmt: skip
    lost = {p for pair in flows.amount for p in pair if p not in places()}
    if lost:
        share = sum(t for pair, t in flows.amount.items() if lost & {*pair}) / flows.total
        names = say("brief.list", lang()).join(region_name(place, of) for place in sorted(lost))
        yield say("map.unplaced", of, names=names, share=percent(share, of))
    if flows.through:
        yield say("map.passages", of)
    unmarked = [route_name(route) for route in flows.through if route not in chokepoints()]
    if unmarked:
        yield say("map.unmarked", of, names=say("brief.list", lang()).join(unmarked))
    if flows.left_out:
        names = say("brief.list", lang()).join(
            _inline(title(network.products[g].title, of)) for g in flows.left_out
        )
        key_ = "map.left_out" if flows.unit == "USD" else "map.not_added"
        yield say(key_, of, names=names)
    yield say("map.start", of)
    if facts:
        yield facts
    yield say("map.source", of)


def _inline(name: str) -> str:
    """Return a title inside a sentence: symbols such as NdFeB keep their capitals."""
    first = name.split()[0] if name else ""
    keeps = any(c.isupper() or c == "/" for c in first[1:]) or first in codes()
    return name if keeps else name[:1].lower() + name[1:]


def _rows(flows: Flows, drawn: Collection[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Yield the numbers behind the map: every flow, and every route."""
    unit = f"{flows.unit} a year"
    for pair, amount in flows.amount.items():
        yield {"what": "flow", "from": pair[0], "to": pair[1], "route": "", "amount": amount,
               "unit": unit, "share": amount / flows.total, "drawn": pair in drawn}  # fmt: skip
    for route, amount in flows.through.items():
        yield {"what": "route", "from": "", "to": "", "route": route, "amount": amount,
               "unit": unit, "share": amount / flows.total,
               "drawn": route in chokepoints()}  # fmt: skip
