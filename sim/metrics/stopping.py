"""When is a run precise enough: decided on its blocks in order, whoever computed them first."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sim.base.sections import INDEPENDENT, Sections
from sim.metrics import precision
from sim.metrics.answer import F8, Answer, Estimate

MEASURES: dict[str, Callable[[F8, Sections], Answer]] = {
    "mean": lambda x, how: precision.mean(x, sections=how),
    "q95": lambda x, how: precision.quantile(x, 0.95, sections=how),
    "q99": lambda x, how: precision.quantile(x, 0.99, sections=how),
    "cvar95": lambda x, how: precision.cvar(x, 0.95, sections=how),
    "cvar99": lambda x, how: precision.cvar(x, 0.99, sections=how),
}
"""What a precision may be asked of: from losses and how they belong together to an answer."""

GROWTH = 1.005
"""It is looked at again when there are so many times as many, at the earliest."""


@dataclass
class Stopping:
    """Watches a number over blocks in order and says after which it is precise enough.

    The half width is that of its interval, as a summary has it, over whole blocks of replications
    that were drawn together. It is looked at again and again, and a sequence of looks stops a
    little too early: see docs/running_much.md.

    Parameters
    ----------
    precision : float
        Half width of the 95 % interval as a share of the number, at which to stop.
    least : int
        Replications before which it is not looked at.
    column : callable
        Number of a ready block -> its judged losses, shape (n,).
    measure : str, optional
        Of `MEASURES`.
    sections : Sections, optional
        Which replications were drawn together.
    """

    precision: float
    least: int
    column: Callable[[int], F8]
    measure: str = "mean"
    sections: Sections = INDEPENDENT
    n: int = 0
    half_width: float = math.inf
    """Of the last look, as a share of the number; inf where it is 0 or has none."""
    _next: int = 0
    _ready: set[int] = field(default_factory=set)
    _losses: list[F8] = field(default_factory=list)
    _looked: int = 0

    def reached(self, number: int) -> bool:
        """Take note that a block is ready; return whether the blocks in order are enough."""
        self._ready.add(number)
        while not self.enough and self._next in self._ready:
            self._losses.append(self.column(self._next))
            self.n += self._losses[-1].size
            self._ready.remove(self._next)
            self._next += 1
            self._look()
        return self.enough

    @property
    def enough(self) -> bool:
        """Whether the interval is narrow enough; never so where no loss was seen."""
        return self.half_width <= self.precision

    def _look(self) -> None:
        """Work out the half width, where there are enough more replications, in whole blocks."""
        due = self.n >= max(self.least, 2, int(self._looked * GROWTH))
        if not due or self.sections.count(self.n) == 0:
            return
        self._looked = self.n
        self._losses = [np.concatenate(self._losses)]
        answer = MEASURES[self.measure](self._losses[0], self.sections)
        if isinstance(answer, Estimate) and answer.value != 0.0:
            self.half_width = (answer.high - max(0.0, answer.low)) / 2.0 / abs(answer.value)
