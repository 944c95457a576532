"""A list of law numbers: every number of a scenario that may be random, encoded once."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from sim.base.errors import Fault
from sim.network.distribution import Distribution
from sim.shocks.distributions import encode_all
from sim.shocks.kernel.quantile import FIXED, quantile
from sim.shocks.number import Number, as_number
from sim.shocks.records import Numbers


@dataclass(frozen=True)
class Bound:
    """Where the middle of a law must lie: catches percent for shares, and wrong signs."""

    law: int
    key: str
    low: float
    high: float
    whole: bool = False  # no draw at all may lie outside


@dataclass
class NumberList:
    """Laws by number, in the order in which they were first entered."""

    laws: list[Distribution] = field(default_factory=list)
    bounds: dict[Bound, None] = field(default_factory=dict)
    _known: dict[tuple[int, float], int] = field(default_factory=dict)

    def enter(
        self,
        number: Number | None,
        key: str,
        low: float = -math.inf,
        high: float = math.inf,
        *,
        whole: bool = False,
    ) -> int:
        """Return the number of a law, or -1 for None.

        Parameters
        ----------
        number : float, Distribution or None
            What the user gave.
        key : str
            Its dotted key, for messages.
        low, high : float
            Its median (a plain number itself) must lie here; draws beyond are clipped
            where they are used.
        whole : bool
            A law that can be drawn outside is refused, however rarely.

        Returns
        -------
        int
            Index among `laws`.
        """
        if number is None:
            return -1
        # Copies of a hazard share its objects, so they share its laws.
        plain = not isinstance(number, Distribution)
        mark = (0, float(number)) if plain else (id(number), 0.0)  # type: ignore[arg-type]
        if mark not in self._known:
            self._known[mark] = len(self.laws)
            self.laws.append(as_number(number))
        law = self._known[mark]
        self.bounds[Bound(law, key, low, high, whole)] = None
        return law

    def encode(self) -> Numbers:
        """Return the laws as arrays."""
        laws = encode_all(self.laws)
        fixed = np.where(laws.code == FIXED, laws.param[:, 0], math.nan)
        return Numbers(fixed, laws)

    def faults(self, numbers: Numbers) -> list[Fault]:
        """Return a fault for each law whose median lies outside its bounds."""
        found = []
        for bound in self.bounds:
            middle = float(quantile(numbers.laws, bound.law, 0.5))
            if not bound.low <= middle <= bound.high:
                sure = numbers.fixed[bound.law] == middle
                what = f"{middle:g}" if sure else f"a median of {middle:g}"
                found.append(Fault(bound.key, what, _range(bound.low, bound.high)))
            elif bound.whole:
                found += _leaves(numbers, bound)
            elif moved := _moved_mean(numbers, bound):
                found.append(Fault(bound.key, *moved))
        return found


_EDGES = 2.0**-60, 1.0 - 2.0**-53
"""The outermost draws there can be."""


def _leaves(numbers: Numbers, bound: Bound) -> list[Fault]:
    """Return a fault for a law that can be drawn outside its bounds."""
    least, most = (float(quantile(numbers.laws, bound.law, u)) for u in _EDGES)
    if bound.low <= least and most <= bound.high:
        return []
    what, expected = f"a law from {least:.3g} to {most:.3g}", _range(bound.low, bound.high)
    return [Fault(bound.key, what, f"{expected} in every draw; {_INSIDE} with this mean and sd")]


MAX_SHIFT = 0.01
"""How far cutting a law where it is used may move its mean, as a share of it."""

_INSIDE = "take one that stays inside, such as gamma (0 or more) or beta (0 to 1)"
_GRID = [(n + 0.5) / 1000 for n in range(1000)]


def _moved_mean(numbers: Numbers, bound: Bound) -> tuple[str, str] | None:
    """Return what is wrong with a law that is cut so that its stated mean is no longer so."""
    if not math.isnan(numbers.fixed[bound.law]):
        return None
    least, most = (float(quantile(numbers.laws, bound.law, u)) for u in (_GRID[0], _GRID[-1]))
    if bound.low <= least and most <= bound.high:  # a sweep asks this of every law of every row
        return None
    drawn = [float(quantile(numbers.laws, bound.law, u)) for u in _GRID]
    cut = [min(max(x, bound.low), bound.high) for x in drawn]
    stated, kept = math.fsum(drawn) / len(drawn), math.fsum(cut) / len(cut)
    if abs(kept - stated) <= MAX_SHIFT * abs(stated):
        return None
    return (
        f"a mean of {stated:.3g}, cut to {kept:.3g}",
        f"{_range(bound.low, bound.high)} in nearly all draws; {_INSIDE} with this mean and sd",
    )


def _range(low: float, high: float) -> str:
    """Return the words for an allowed range."""
    if math.isinf(high):
        return f"must be {low:g} or more"
    share = " (a share, not percent)" if high == 1 else ""
    return f"must lie between {low:g} and {high:g}{share}"
