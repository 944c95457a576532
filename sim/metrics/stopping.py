"""When is a run precise enough: decided on its blocks in order, whoever computed them first."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.metrics.answer import CONFIDENCE

F8 = NDArray[np.float64]


@dataclass
class Stopping:
    """Watches the judged mean over blocks in order and says after which it is precise enough.

    The half width is Student's for independent draws. It is looked at after every block, and a
    sequence of looks stops a little too early: see docs/running_much.md.

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
        error = math.sqrt(self._square / (self.n - 1) / self.n)
        student = float(special.stdtrit(self.n - 1, 0.5 + CONFIDENCE / 2.0))
        return student * error / abs(self._mean)

    def _add(self, loss: F8) -> None:
        """Add a block to mean and sum of squares (Chan, Golub and LeVeque 1979)."""
        n, mean = loss.size, float(loss.mean())
        off = mean - self._mean
        self._square += float(((loss - mean) ** 2).sum()) + off * off * self.n * n / (self.n + n)
        self.n += n
        self._mean += off * n / self.n
