"""Names on a map that do not lie on each other: a name for which there is no room is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from matplotlib import patheffects

from sim.plots.page import page, pt

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Box(NamedTuple):
    """A part of the map that is taken, in its units."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Box) -> bool:
        """Return whether two boxes share room."""
        return (self.left < other.right and other.left < self.right
                and self.bottom < other.top and other.bottom < self.top)  # fmt: skip


class Labels:
    """Names as they are written one after another, the first ones first.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With its limits set, of equal scales.
    wide, high : float
        Inches that there are for it.
    """

    def __init__(self, ax: Axes, wide: float, high: float) -> None:
        self._ax = ax
        self._taken: list[Box] = []
        left, right = ax.get_xlim()
        bottom, top = ax.get_ylim()
        self._frame = Box(left, bottom, right, top)
        self._per_inch = max((right - left) / wide, (top - bottom) / high)

    def units(self, inches: float) -> float:
        """Return a length in a report in the map's units."""
        return inches * page().scale * self._per_inch

    def block(self, x: float, y: float, wide: float, high: float) -> None:
        """Keep names off a mark; half its width and height, inches."""
        wide, high = self.units(wide), self.units(high)
        self._taken.append(Box(x - wide, y - high, x + wide, y + high))

    def write(
        self, x: float, y: float, text: str, away: float, size: float = 9, weight: str = "normal"
    ) -> bool:
        """Write a name so many inches beside a point, or above or below it.

        Returns
        -------
        bool
            Whether there was room.
        """
        from sim.plots.layout import text_width

        wide, away = self.units(text_width(text, size, weight)), self.units(away)
        high, near = self.units(1.3 * size / 72), self.units(0.06)
        for left, bottom in (
            (x + away, y - high / 2),
            (x - away - wide, y - high / 2),
            (x - wide / 2, y + near),
            (x - wide / 2, y - near - high),
        ):
            box = Box(left, bottom, left + wide, bottom + high)
            inside = box.left > self._frame.left and box.right < self._frame.right
            if inside and not any(box.meets(other) for other in self._taken):
                self._taken.append(box)
                halo = [patheffects.withStroke(linewidth=pt(2), foreground="white")]
                self._ax.text(left, bottom + high / 2, text, fontsize=pt(size), fontweight=weight,
                              ha="left", va="center", path_effects=halo, zorder=6)  # fmt: skip
                return True
        return False
