"""The chain map: stages left to right, countries stacked, China's share picked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.plots.layout import footer, headline, joined, new_figure, text_width
from sim.plots.page import lang, pt, room
from sim.plots.ribbons import WIDTH, Box, Link, Place, draw_ribbons
from sim.plots.style import FAINT, OTHER, PALETTE, style
from sim.plots.words import region_name
from sim.words.numbers import decimals, per_cent
from sim.words.say import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

LARGE = {"en": 1e9, "fr": 1e9, "ja": 1e8}
"""Dollars that each language counts large amounts in."""

GAP = 0.011
COLUMN = 2.6
"""Inches that a column needs."""
HEIGHT = 7.8
"""Inches; higher where a column holds more text than that."""
LINES = 40
"""Lines of text in a column of a figure that high."""


@dataclass(frozen=True)
class Stage:
    """One column of the map.

    Parameters
    ----------
    name, title : str
        Product; for people, with its unit.
    shares : dict
        Country or region -> share of the stage's reference output.
    total_t_per_year : float
        Reference output.
    usd : bool
        Shares and total are of value, in USD a year: tonnes of different goods do not add up.
    """

    name: str
    title: str
    shares: dict[str, float]
    total_t_per_year: float
    usd: bool = False

    @property
    def lines(self) -> int:
        """Return how many lines of text the stage needs: head, places, and air."""
        return 5 + max(len(self.shares), 4)


def chain_map(
    ax: Axes, stages: Sequence[Sequence[Stage]], links: Sequence[Link], focus: str = "CHN"
) -> Axes:
    """Draw columns of stages (a column may hold several side streams) and the flows between.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    stages : sequence of sequence of Stage
        Columns from the left, each from the top.
    links : sequence of Link
        Flows; drawn behind the boxes.
    focus : str, optional
        Country that is picked out.
    """
    boxes: dict[Place, Box] = {}
    lines = lines_of(stages)
    each = room(asked_width(stages)) / (len(stages) + 0.25)
    for c, column in enumerate(stages):
        top = 1.0
        for stage, height in zip(column, _heights(column, lines), strict=True):
            height_of = height - max(0.1 * height, 2 / lines)  # the next title stands in the rest
            _stage(ax, stage, float(c), top, height_of, 1 / lines, focus, boxes, each)
            top -= height
    draw_ribbons(ax, links, boxes, focus)
    ax.set_xlim(-0.05, max(len(stages), 1) - 1 + 0.62)
    ax.set_ylim(0, 1.045)
    ax.axis("off")
    return ax


def asked_width(stages: Sequence[Sequence[Stage]]) -> float:
    """Return the width that the columns ask for, inches of a report."""
    return max(13.0, COLUMN * len(stages))


def lines_of(stages: Sequence[Sequence[Stage]]) -> int:
    """Return how many lines of text the fullest column needs, at least `LINES`."""
    return max([LINES, *(sum(stage.lines for stage in column) for column in stages)])


def _heights(column: Sequence[Stage], lines: int) -> list[float]:
    """Return each stage's part of the height: equal where that is enough, else by its text."""
    if all(stage.lines * len(column) <= lines for stage in column):
        return [1 / len(column)] * len(column)
    total = sum(stage.lines for stage in column)
    return [stage.lines / total for stage in column]


def _stage(
    ax: Axes,
    stage: Stage,
    x: float,
    top: float,
    height: float,
    line: float,
    focus: str,
    boxes: dict[Place, Box],
    each: float,
) -> None:
    """Draw one stage's stack, the focus first, small shares together at the foot."""
    order = sorted(stage.shares, key=lambda p: (p != focus, p == "other", -stage.shares[p], p))
    gap = GAP * LINES * line
    usable = max(height - 2 * line - gap * (len(order) - 1), 0.5 * line)
    size = min(10.5, 10.5 * each / text_width(stage.title + "  ", 10.5, "bold"))
    ax.text(x, top + 0.4 * line, stage.title, fontsize=pt(size), fontweight="bold", va="bottom")
    ax.text(x, top + 0.12 * line, amount(stage), fontsize=pt(9), color=FAINT, va="top")
    y, beside = top - 1.4 * line, []
    for place in order:
        share = stage.shares[place]
        tall = max(usable * share, 0.002)
        color = PALETTE[2] if place == focus else PALETTE[0] if place != "other" else OTHER
        ax.add_patch(_box(x, y - tall, WIDTH, tall, color))
        if place == focus and tall > 3 * line:  # two lines in bold
            _inside(ax, x, y - tall / 2, focus, share, each)
        else:
            beside.append((place, y - tall / 2))
        boxes[stage.name, place] = Box(x, y, tall)
        y -= tall + gap
    for (place, _), at in zip(beside, _spread([c for _, c in beside], line, y), strict=True):
        text = f"{place_name(place)} {_percent(stage.shares[place])}"
        ax.text(x + WIDTH + 0.015, at, text, fontsize=pt(9), va="center", zorder=5)


def _spread(centres: Sequence[float], line: float, bottom: float) -> list[float]:
    """Return where labels stand: at their boxes, a line apart, and above the stage's foot."""
    at: list[float] = []
    for y in centres:
        at.append(min(y, at[-1] - line) if at else y)
    floor = bottom
    for n in range(len(at) - 1, -1, -1):
        at[n] = max(at[n], floor)
        floor = at[n] + line
    return at


def _inside(ax: Axes, x: float, y: float, place: str, share: float, each: float) -> None:
    """Write name and share into the box of the country that is picked out."""
    name = place_name(place)
    size = min(10.5, 10.5 * WIDTH * each / text_width(f"{name} ", 10.5, "bold"))
    ax.text(
        x + WIDTH / 2,
        y,
        f"{name}\n{_percent(share)}",
        color="white",
        fontsize=pt(size),
        fontweight="bold",
        ha="center",
        va="center",
        zorder=5,
    )


def _percent(share: float) -> str:
    if share < 0.005:
        return say("chain.under_one", lang())
    return per_cent(f"{100 * share:.0f}", lang())


def place_name(place: str) -> str:
    """Return a country or region of a stage for people; small ones stand together."""
    return say("chain.other", lang()) if place == "other" else region_name(place, lang())


def amount(stage: Stage) -> str:
    """Return a stage's total for people."""
    if stage.usd:
        large = decimals(stage.total_t_per_year / LARGE[lang()], 1, lang())
        return say("map.usd", lang(), amount=large)
    return tonnes(stage.total_t_per_year)


def tonnes(t_per_year: float) -> str:
    """Return a yearly amount for people."""
    if t_per_year >= 1000:
        large = decimals(t_per_year / 1000, 0 if t_per_year >= 10_000 else 1, lang())
        return say("map.kilotonnes", lang(), amount=large)
    small = decimals(t_per_year, 0 if t_per_year >= 10 else 2, lang())
    return say("map.tonnes", lang(), amount=small)


def _box(x: float, y: float, width: float, height: float, color: str) -> Patch:
    from matplotlib.patches import Rectangle

    return Rectangle(
        (x, y), width, height, facecolor=color, edgecolor="white", linewidth=0.6, zorder=3
    )


def figure(
    title: str,
    stages: Sequence[Sequence[Stage]],
    links: Sequence[Link],
    note: str,
    focus: str = "CHN",
) -> Figure:
    """Return the chain map of a network with its finding and its caption."""
    with style():
        fig = new_figure(asked_width(stages), HEIGHT * lines_of(stages) / LINES)
        chain_map(fig.subplots(), stages, links, focus)
        headline(
            fig,
            finding(stages, focus) or title,
            say("chain.sub", lang(), title=title, focus=region_name(focus, lang())),
        )
        footer(fig, rests_on(note))
    fig.rows = rows_of(stages)
    return fig


def rows_of(stages: Sequence[Sequence[Stage]]) -> list[dict[str, object]]:
    """Return the numbers behind a map or its bars, a row a stage and place."""
    return [
        {"stage": stage.name, "title": stage.title, "place": place, "share": share,
         "total": stage.total_t_per_year, "unit": "USD a year" if stage.usd else "t a year"}
        for column in stages for stage in column for place, share in stage.shares.items()
    ]  # fmt: skip


def rests_on(note: str) -> str:
    """Return what a picture of flows rests on, and why it is not to the digit what is cited."""
    cited = note.strip().rstrip(".")
    own = say("chain.cited", lang(), note=cited) if cited else ""
    stop = say("figure.stop", lang()).rstrip()
    return joined(say("chain.drawn", lang()), own, say("chain.source", lang())) + stop


def finding(stages: Sequence[Sequence[Stage]], focus: str) -> str:
    """Return what the map shows: the focus's share of the last good made, and its largest one."""
    made = [s for column in stages[:-1] for s in column if s.shares.get(focus, 0.0) > 0]
    if not made or not stages[-2]:
        return ""
    last = max(stages[-2], key=lambda s: s.total_t_per_year)
    most = max(made, key=lambda s: s.shares[focus])
    told = [s for s in (last, most) if focus in s.shares][: 1 if most is last else 2]
    parts = [
        say("chain.part", lang(), share=_percent(s.shares[focus]), good=_inline(s.title))
        for s in told
    ]
    both = say("chain.and", lang()).join(parts)
    return say("chain.finding", lang(), place=region_name(focus, lang()), parts=both)


def _inline(title: str) -> str:
    """Return a title as it stands inside a sentence: symbols such as NdFeB keep their capitals."""
    first = title.split()[0]
    return (
        title
        if any(c.isupper() or c == "/" for c in first[1:])
        else (first.lower() + title[len(first) :])
    )
