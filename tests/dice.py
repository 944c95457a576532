"""A random generator with the few throws that random networks and hazards need."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

START = dt.date(2025, 1, 1)
Map = dict[str, Any]


class Dice:
    """A generator with the few throws that are needed here."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number, both ends in."""
        return int(self.rng.integers(low, high + 1))

    def number(self, low: float, high: float, grid: float = 0.0) -> float:
        """Return a number, half of the time on the grid (default: a quarter of the range)."""
        x = low + (high - low) * self.rng.random()
        if self.chance(0.5):
            step = grid or (high - low) / 4
            x = min(max(round(x / step) * step, low), high)
        return float(x)

    def one(self, items: Any) -> Any:
        items = list(items)
        return items[self.whole(0, len(items) - 1)]

    def some(self, items: Any, low: int, high: int) -> list[Any]:
        """Return between `low` and `high` different items, in random order."""
        items = list(items)
        n = self.whole(min(low, len(items)), min(high, len(items)))
        return [items[i] for i in self.rng.permutation(len(items))[:n]]

    def shares(self, n: int) -> list[float]:
        """Return n shares that sum to 1, equal half of the time."""
        if self.chance(0.5):
            return [1.0 / n] * n
        w = self.rng.random(n) + 0.05
        return [float(x) for x in w / w.sum()]

    def shuffled(self, mapping: Map) -> Map:
        keys = list(mapping)
        return {keys[i]: mapping[keys[i]] for i in self.rng.permutation(len(keys))}
