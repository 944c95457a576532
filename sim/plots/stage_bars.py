"""Stage bars: who makes what, one bar a product, for networks too wide for a map of flows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.plots.chain_map import Stage, amount, place_name, rests_on, rows_of
from sim.plots.layout import footer, headline, new_figure, wrap
from sim.plots.page import lang, pt, room
from sim.plots.style import FAINT, INK, OTHER, PALETTE, style
from sim.plots.words import region_name
from sim.words.numbers import per_cent
from sim.words.say import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 13.0
"""Inches of a report that it is designed for."""

LETTER = 0.1
"""Inches of a report that a letter takes in a bar."""

TALL = 0.72
SIDES, SIDES_NARROW = (2.86, 1.47), (1.45, 0.8)
"""Inches of a report beside the bars: for the goods' names, and for amounts."""


def _sides() -> tuple[float, float]:
    return SIDES if room(WIDE) >= 8 else SIDES_NARROW


def _bars() -> float:
    """Return the width of a bar of 100 %, inches of a report."""
    return room(WIDE) - sum(_sides())


def stage_bars(ax: Axes, blocks: Sequence[Sequence[Stage]], focus: str = "CHN") -> Axes:
    """Draw one bar of 100 % a stage, countries from the largest, the focus first and picked out.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    blocks : sequence of sequence of Stage
        Stages of one chain together, chains apart.
    focus : str, optional
        Country that is picked out.
    """
    y = 0.0
    for block in blocks:
        for stage in block:
            _bar(ax, stage, y, focus)
            y -= 1.0
        y -= 0.45
    left, right = _sides()
    ax.set_xlim(-left / _bars(), 1 + right / _bars())
    ax.set_ylim(y + 0.9, 0.6)
    ax.axis("off")
    return ax


def _bar(ax: Axes, stage: Stage, y: float, focus: str) -> None:
    order = sorted(stage.shares, key=lambda p: (p != focus, p == "other", -stage.shares[p], p))
    names, amounts = (side - 0.1 for side in _sides())
    name = wrap(stage.title, ax.figure, 9.5, width=names)
    told = wrap(amount(stage), ax.figure, 9, width=amounts)
    ax.text(-0.1 / _bars(), y, name, fontsize=pt(9.5), ha="right", va="center")
    ax.text(1 + 0.1 / _bars(), y, told, fontsize=pt(9), color=FAINT, ha="left", va="center")
    left = 0.0
    for n, place in enumerate(order):
        share = stage.shares[place]
        chosen, rest = place == focus, place == "other"
        color = PALETTE[2] if chosen else OTHER if rest else PALETTE[0]
        strength = 1.0 if chosen else max(1 - 0.13 * n, 0.35)
        ax.barh(
            y, share, TALL, left=left, color=color, alpha=strength, edgecolor="white", linewidth=0.8
        )
        text = _named(place, share)
        if text:
            ax.text(
                left + share / 2, y, text, fontsize=pt(9), ha="center", va="center",
                color="white" if chosen else INK, fontweight="bold" if chosen else "normal",
            )  # fmt: skip
        left += share


def _named(place: str, share: float) -> str:
    """Return what fits into a part of a bar: name, or code, and share; the code; or nothing."""
    name, percent = place_name(place), f"{100 * share:.0f}"
    for text in (f"{name} {per_cent(percent, lang())}", f"{place} {percent}", place):
        if share * _bars() >= LETTER * len(text):
            return text
    return ""


def figure(title: str, blocks: Sequence[Sequence[Stage]], note: str, focus: str = "CHN") -> Figure:
    """Return the stage bars of a network with their finding and caption."""
    rows = sum(len(block) for block in blocks)
    with style():
        each = 0.31 if room(WIDE) >= 8 else 0.42
        fig = new_figure(WIDE, 2.2 + each * (rows + 0.45 * len(blocks)))
        stage_bars(fig.subplots(), blocks, focus)
        headline(
            fig,
            finding(blocks, focus) or title,
            say("chain.sub_bars", lang(), title=title, focus=region_name(focus, lang())),
        )
        footer(fig, rests_on(note))
    fig.rows = rows_of(blocks)
    return fig


def finding(blocks: Sequence[Sequence[Stage]], focus: str) -> str:
    """Return at how many stages the focus makes more than half."""
    stages = [stage for block in blocks for stage in block]
    most = sum(stage.shares.get(focus, 0.0) > 0.5 for stage in stages)
    place = region_name(focus, lang())
    return say("chain.more_than_half", lang(), place=place, most=most, n=len(stages))
