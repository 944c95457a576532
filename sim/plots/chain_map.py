"""The chain map: stages left to right, countries stacked, China's share picked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.style import FAINT, PALETTE, headline, new_figure, region_name, style, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP = 0.012
WIDTH = 0.16


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
    """

    name: str
    title: str
    shares: dict[str, float]
    total_t_per_year: float


@dataclass(frozen=True)
class Link:
    """Flow between two boxes, as a share of the buying stage's use of the product."""

    source: tuple[str, str]  # (stage, place)
    target: tuple[str, str]
    share: float


def chain_map(ax: Axes, stages: Sequence[Sequence[Stage]], links: Sequence[Link],
              focus: str = "CHN") -> Axes:
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
    boxes: dict[tuple[str, str], tuple[float, float, float]] = {}
    for c, column in enumerate(stages):
        height = 1.0 / len(column)
        for s, stage in enumerate(column):
            top = 1.0 - s * height
            _stage(ax, stage, float(c), top, height * 0.86, focus, boxes)
    _links(ax, links, boxes, focus)
    ax.set_xlim(-0.25, len(stages) - 1 + 0.45)
    ax.set_ylim(-0.02, 1.06)
    ax.axis("off")
    return ax


def _stage(ax: Axes, stage: Stage, x: float, top: float, height: float, focus: str,
           boxes: dict[tuple[str, str], tuple[float, float, float]]) -> None:
    """Draw one stage's stack, the focus first, small shares together at the foot."""
    order = sorted(stage.shares, key=lambda p: (p != focus, p == "other", -stage.shares[p]))
    usable = height - 0.05 - GAP * (len(order) - 1)
    y = top - 0.05
    ax.text(x, top + 0.008, stage.title, fontsize=9.5, fontweight="bold", va="bottom", ha="left")
    total = f"{stage.total_t_per_year:,.0f} t a year"
    ax.text(x, top - 0.004, total, fontsize=8, color=FAINT, va="top", ha="left")
    for place in order:
        share = stage.shares[place]
        tall = max(usable * share, 0.002)
        color = PALETTE[2] if place == focus else PALETTE[0] if place != "other" else PALETTE[4]
        ax.add_patch(_box(x, y - tall, WIDTH, tall, color))
        if place == focus:
            ax.text(x + WIDTH / 2, y - tall / 2, f"{100 * share:.0f} %", color="white",
                    fontsize=10 if tall > 0.03 else 8, fontweight="bold", ha="center", va="center")
        elif tall > 0.012 or share > 0.02:
            name = "other" if place == "other" else region_name(place)
            ax.text(x + WIDTH + 0.015, y - tall / 2, f"{name} {100 * share:.0f} %", fontsize=8,
                    va="center")
        boxes[stage.name, place] = (x, y, tall)
        y -= tall + GAP


def _box(x: float, y: float, width: float, height: float, color: str):  # noqa: ANN202
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, facecolor=color, edgecolor="white", linewidth=0.6,
                     zorder=3)


def _links(ax: Axes, links: Sequence[Link], boxes: dict[tuple[str, str], tuple[float, float, float]],
           focus: str) -> None:
    """Draw flows as ribbons whose ends fill the boxes they leave and reach."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    left = {key: 0.0 for key in boxes}
    right = {key: 0.0 for key in boxes}
    out_total = {key: sum(lk.share for lk in links if lk.source == key) for key in boxes}
    in_total = {key: sum(lk.share for lk in links if lk.target == key) for key in boxes}
    for link in sorted(links, key=lambda k: (k.source[1] == focus, -k.share)):
        if link.source not in boxes or link.target not in boxes or link.share <= 0:
            continue
        (x0, y0, h0), (x1, y1, h1) = boxes[link.source], boxes[link.target]
        a = h0 * link.share / out_total[link.source]
        b = h1 * link.share / in_total[link.target]
        ya, yb = y0 - right[link.source], y1 - left[link.target]
        right[link.source] += a
        left[link.target] += b
        xa, xm = x0 + WIDTH, (x0 + WIDTH + x1) / 2
        points = [(xa, ya), (xm, ya), (xm, yb), (x1, yb), (x1, yb - b), (xm, yb - b), (xm, ya - a),
                  (xa, ya - a), (xa, ya)]
        codes = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.LINETO, Path.CURVE4,
                 Path.CURVE4, Path.CURVE4, Path.CLOSEPOLY]
        color = PALETTE[2] if link.source[1] == focus else PALETTE[0]
        ax.add_patch(PathPatch(Path(np.array(points), codes), facecolor=color, alpha=0.16, lw=0,
                               zorder=1))


def figure(title: str, stages: Sequence[Sequence[Stage]], links: Sequence[Link],
           note: str, focus: str = "CHN") -> Figure:
    """Return the chain map of a network with its caption."""
    with style():
        fig = new_figure(13, 7.6)
        chain_map(fig.subplots(), stages, links, focus)
        headline(fig, title, f"Reference flows by stage; {region_name(focus)} in red, widths by "
                 "share of each stage")
        fig.text(0.011, 0.008, wrap(note, fig, 8), fontsize=8, color=FAINT, va="bottom")
        fig.get_layout_engine().set(rect=(0, 0.05, 1, 0.95))  # type: ignore[union-attr]
    return fig
