"""A book of laws: every number of the hazards that may be random, encoded once."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from sim.errors import Fault
from sim.network.arrays import F8
from sim.network.distribution import Distribution
from sim.shocks.distributions import Laws, encode_all
from sim.shocks.hazard import Number, as_number
from sim.shocks.quantile import quantile


@dataclass(frozen=True)
class Bound:
    """Where a law's middle must lie: catches percent for shares, and wrong signs."""

    law: int
    key: str
    low: float
    high: float


@dataclass
class LawBook:
    """Laws by number, in the order in which they were first entered."""

    laws: list[Distribution] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    _known: dict[float | int, int] = field(default_factory=dict)

    def enter(self, number: Number | None, key: str, low: float = -math.inf,
              high: float = math.inf) -> int:
        """Return the number of a law, or -1 for None.

        Parameters
        ----------
        number : float, Distribution or None
            What the user gave.
        key : str
            Its dotted key, for messages.
        low, high : float
            Its middle (a plain number itself) must lie here.

        Returns
        -------
        int
            Index among `laws`.
        """
        if number is None:
            return -1
        # One law for all copies of a hazard: they share the object, and equal plain numbers.
        known: float | int = id(number) if isinstance(number, Distribution) else -1
        place = (known, 0.0) if isinstance(number, Distribution) else (-1, float(number))
        law = self._place(place, number)
        bound = Bound(law, key, low, high)
        if bound not in self.bounds:
            self.bounds.append(bound)
        return law
