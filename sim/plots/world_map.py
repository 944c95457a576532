"""A coarse map of the world: land, points of countries and chokepoints, flows as arcs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "world"
"""Outline and points, each file with its source and licence in its first lines."""

WEST = -28.0
"""Meridian along which the map is cut, in the Atlantic, so that Asia and America stand together."""

SOUTH, NORTH = -56.0, 76.0
STRETCH = float(np.cos(np.radians(30)))
"""Degrees of longitude are drawn so much shorter than those of latitude: right at 30 degrees."""

BEND = 0.22
"""How far an arc leaves the straight line, as a part of its length."""

ACROSS = 195.0
"""Places further apart on the map than this, degrees of longitude, are joined over its edge."""

LAND, COAST = "#e6e6e3", "#cfcfcb"


class Point(NamedTuple):
    """A place on the map, degrees."""

    longitude: float
    latitude: float


def _rows(name: str) -> Iterator[dict[str, str]]:
    with open(FOLDER / name, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(line for line in file if not line.startswith("#"))


@cache
def places() -> dict[str, Point]:
    """Return country or region -> where its flows begin and end."""
    return {r["code"]: Point(float(r["longitude"]), float(r["latitude"]))
            for r in _rows("places.csv")}  # fmt: skip


@cache
def chokepoints() -> dict[str, Point]:
    """Return route -> where it is drawn."""
    return {r["route"]: Point(float(r["longitude"]), float(r["latitude"]))
            for r in _rows("chokepoints.csv")}  # fmt: skip


@cache
def land() -> tuple[tuple[bool, NDArray[np.float64]], ...]:
    """Return the rings of the outline: whether it is a hole, and its points, shape (n, 2)."""
    rings: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for row in _rows("land.csv"):
        at = float(row["longitude"]), float(row["latitude"])
        rings.setdefault((row["ring"], row["hole"]), []).append(at)
    return tuple((hole == "1", np.array(points)) for (_, hole), points in rings.items())


def projected(at: Point) -> Point:
    """Return where a place is drawn: equidistant cylindrical projection.

    x = (longitude - west) cos(30 degrees), y = latitude (J. P. Snyder, Map Projections: A Working
    Manual, US Geological Survey Professional Paper 1395, 1987, page 91).
    """
    return Point(((at.longitude - WEST) % 360.0) * STRETCH, at.latitude)


def draw_land(ax: Axes) -> None:
    """Draw the land and set the axes to the map, without any frame."""
    from matplotlib.patches import Polygon

    for hole, ring in land():
        color = "white" if hole else LAND
        for turn in (0.0, 360.0, 720.0):
            x = ring[:, 0] + turn - WEST
            if x.max() > 0 and x.min() < 360:
                ax.add_patch(Polygon(np.column_stack((x * STRETCH, ring[:, 1])), facecolor=color,
                                     edgecolor=COAST, lw=0.4, zorder=1))  # fmt: skip
    ax.set_xlim(0, 360 * STRETCH)
    ax.set_ylim(SOUTH, NORTH)
    ax.set_aspect("equal")
    ax.axis("off")


def arc(source: Point, target: Point) -> NDArray[np.float64]:
    """Return an arc between two places, bent to its left, shape (n, 2).

    Across the Atlantic it leaves the map on one side and goes on beyond it: it is drawn again a
    map's width away.
    """
    a = np.array(projected(source))
    b = np.array(projected(target))
    wide = 360 * STRETCH
    if abs(b[0] - a[0]) > ACROSS * STRETCH:
        b[0] -= wide * np.sign(b[0] - a[0])
    along = b - a
    bent = (a + b) / 2 + BEND * np.array([-along[1], along[0]])
    t = np.linspace(0, 1, 60)[:, None]
    line = (1 - t) ** 2 * a + 2 * t * (1 - t) * bent + t**2 * b
    return np.asarray(line)


def draw_arc(ax: Axes, source: Point, target: Point, width: float, color: str) -> None:
    """Draw a flow with its head at the target, on both sides of the map where it leaves one."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path as Line

    line, wide = arc(source, target), 360 * STRETCH
    for turn in (-wide, 0.0, wide):
        moved = line + np.array([turn, 0.0])
        if moved[:, 0].max() < 0 or moved[:, 0].min() > wide:
            continue
        head = "-|>,head_length=0.35,head_width=0.17"
        ax.add_patch(FancyArrowPatch(path=Line(moved), arrowstyle=head, lw=width, color=color,
                                     mutation_scale=9 + 2.2 * width, alpha=0.7, zorder=3,
                                     capstyle="butt", joinstyle="miter", shrinkA=0, shrinkB=0,
                                     clip_on=True))  # fmt: skip
