"""Ribbons of the chain map: flows between boxes, whose ends fill the boxes and do not cross."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.plots.style import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

WIDTH = 0.2
"""Of a box, in columns."""

Place = tuple[str, str]  # stage, country or region


class Box(NamedTuple):
    """Where a country of a stage is drawn: left edge, top, height."""

    x: float
    top: float
    tall: float


@dataclass(frozen=True)
class Link:
    """Flow between two boxes, as a share of the buying stage's use of the product."""

    source: Place
    target: Place
    share: float


def draw_ribbons(ax: Axes, links: Sequence[Link], boxes: dict[Place, Box], focus: str) -> None:
    """Draw flows as ribbons whose ends fill the boxes they leave and reach, without crossing there.

    Where a box takes several products, each has the same part of its height.
    """
    drawn = [k for k in links if k.source in boxes and k.target in boxes and k.share > 0]
    leave = _ends(drawn, boxes, [k.source for k in drawn], [k.target for k in drawn])
    reach = _ends(drawn, boxes, [k.target for k in drawn], [k.source for k in drawn])
    for link, (ya, a), (yb, b) in sorted(
        zip(drawn, leave, reach, strict=True), key=lambda z: -z[1][1]
    ):
        color = PALETTE[2] if link.source[1] == focus else PALETTE[0]
        xa, xb = boxes[link.source].x + WIDTH, boxes[link.target].x
        ax.add_patch(_ribbon(xa, ya, a, xb, yb, b, color))


def _ends(
    links: Sequence[Link], boxes: dict[Place, Box], here: Sequence[Place], there: Sequence[Place]
) -> list[tuple[float, float]]:
    """Return top and height of each link's end in the box `here`, in the order of `there`."""
    total: dict[Place, float] = {}
    for place, link in zip(here, links, strict=True):
        total[place] = total.get(place, 0.0) + link.share
    order = sorted(range(len(links)), key=lambda n: (-boxes[there[n]].top, boxes[there[n]].x))
    ends, at = [(0.0, 0.0)] * len(links), {place: boxes[place].top for place in total}
    for n in order:
        tall = boxes[here[n]].tall * links[n].share / total[here[n]]
        ends[n] = at[here[n]], tall
        at[here[n]] -= tall
    return ends


def _ribbon(xa: float, ya: float, a: float, xb: float, yb: float, b: float, color: str) -> Patch:
    """Return a band from (xa, ya), `a` high, to (xb, yb), `b` high; y are the tops."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    xm = (xa + xb) / 2
    points = [
        (xa, ya),
        (xm, ya),
        (xm, yb),
        (xb, yb),
        (xb, yb - b),
        (xm, yb - b),
        (xm, ya - a),
        (xa, ya - a),
        (xa, ya),
    ]
    codes = [
        Path.MOVETO,
        Path.CURVE4,
        Path.CURVE4,
        Path.CURVE4,
        Path.LINETO,
        Path.CURVE4,
        Path.CURVE4,
        Path.CURVE4,
        Path.CLOSEPOLY,
    ]
    return PathPatch(Path(np.array(points), codes), facecolor=color, alpha=0.2, lw=0, zorder=1)
