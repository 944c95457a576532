"""When is a run precise enough: decided on its blocks in order, whoever computed them first."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sim.metrics import hall
from sim.metrics.answer import F8


@dataclass
class Stopping:
    """Watches the judged mean over blocks in order and says after which it is precise enough.

    The half width is that of Hall's interval (``sim.metrics.hall``). It is looked at after every
    block, and a sequence of looks stops a little too early: see docs/running_much.md.

    Parameters
    ----------
    precision : float
        Half width of the 95 % interval as a share of the mean, at which to stop.
    least : int
        Replications before which it is not looked at.
    column : callable
        Number of a ready block -> its judged losses, shape (n,).
    """

    precision: float
    least: int
    column: Callable[[int], F8]
    n: int = 0
    _next: int = 0
    _ready: set[int] = field(default_factory=set)
    _mean: float = 0.0
    _square: float = 0.0
    _cube: float = 0.0

    def reached(self, number: int) -> bool:
        """Take note that a block is ready; return whether the blocks in order are enough."""
        self._ready.add(number)
        while not self.enough and self._next in self._ready:
            self._add(self.column(self._next))
            self._ready.remove(self._next)
            self._next += 1
        return self.enough

    @property
    def enough(self) -> bool:
        """Whether the interval is narrow enough; never so where no loss was seen."""
        return self.n >= max(self.least, 2) and self.half_width <= self.precision

    @property
    def half_width(self) -> float:
        """Half width of the mean's interval as a share of the mean; inf where that is 0."""
        if self.n < 2 or self._mean == 0.0:
            return math.inf
        second, third = np.array([self._square]) / self.n, np.array([self._cube]) / self.n
        low, high = hall.limits(np.array([self._mean]), second, third, self.n)
        return float(high[0] - max(0.0, low[0])) / 2.0 / abs(self._mean)

    def _add(self, loss: F8) -> None:
        """Add a block to mean and sums of powers (Pébay 2008, SAND2008-6212, eq. 2.1)."""
        n, mean, before = loss.size, float(loss.mean()), self.n
        off, whole = mean - self._mean, self.n + loss.size
        square, cube = float(((loss - mean) ** 2).sum()), float(((loss - mean) ** 3).sum())
        self._cube += cube + off**3 * before * n * (before - n) / whole**2
        self._cube += 3.0 * off * (before * square - n * self._square) / whole
        self._square += square + off * off * before * n / whole
        self.n = whole
        self._mean += off * n / whole
