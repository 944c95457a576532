"""A figure that knows what it says: headline, caption, its numbers, and where its words stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.plots.page import lang
from sim.words.say import say

PAD = 0.12
"""Margin round a figure, inches."""


class Picture(Figure):
    """A figure with its words and numbers.

    What stands above and below the axes keeps its distance from the edge, in inches, when the
    figure grows for more lines of text.

    Parameters
    ----------
    width, height : float
        Inches.
    asked : float
        Width that it was designed for, inches at the report's size of type.
    """

    def __init__(self, width: float, height: float, asked: float) -> None:
        super().__init__(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(self)
        self.asked = asked
        self.title = self.subtitle = self.caption = self.reading = ""
        self.rows: Sequence[Mapping[str, Any]] = ()
        self.top = self.bottom = 0.0
        self.left = 0.5 * PAD
        self._from_top: list[tuple[Any, float]] = []
        self._from_bottom: list[tuple[Any, float]] = []
        self.place()

    def above(self, artist: Any, inches: float) -> None:
        """Keep a text or legend so far below the upper edge."""
        self._from_top.append((artist, inches))
        self.place()

    def below(self, artist: Any, inches: float) -> None:
        """Keep a text so far above the lower edge."""
        self._from_bottom.append((artist, inches))
        self.place()

    def grow(self, inches: float) -> None:
        """Make the figure higher (or lower) and leave all words where they were."""
        high = max(1.0, self.get_figheight() + inches)
        self.set_size_inches(self.get_figwidth(), high)
        self.place()

    def place(self) -> None:
        """Put words at their distances from the edges, and the axes between them."""
        wide, high = self.get_figwidth(), self.get_figheight()
        for artist, inches in self._from_top:
            _put(artist, 1 - inches / high, wide)
        for artist, inches in self._from_bottom:
            _put(artist, inches / high, wide)
        engine = self.get_layout_engine()
        if engine is not None:
            x, y = self.left / wide, self.bottom / high
            rect = (x, y, 1 - x - 0.5 * PAD / wide, max(0.05, 1 - self.top / high - y))
            engine.set(rect=rect)  # type: ignore[call-arg]

    @property
    def words(self) -> str:
        """What the figure says, for who cannot see it."""
        parts = (self.title, self.subtitle, self.reading, self.caption)
        stop = say("figure.stop", lang())
        told = (" ".join(p.split()).rstrip(stop) for p in parts if p)
        return stop.join(told) + stop.rstrip()


def _put(artist: Any, y: float, wide: float) -> None:
    if hasattr(artist, "set_bbox_to_anchor"):
        artist.set_bbox_to_anchor((PAD / wide, y), artist.figure.transFigure)
    else:
        artist.set_y(y)
