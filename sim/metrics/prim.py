"""When is it bad: boxes of inputs in which most futures are bad (patient rule induction).

Peeling cuts off, again and again, the twentieth of the futures at one end of one input whose loss
raises the share of bad ones most; pasting gives back what does no harm [1]_. Of the boxes on the
way the one is taken whose coverage (bad futures caught) and density (share of bad ones inside) have
the highest harmonic mean; limits that chance alone would explain are dropped [2]_.

References
----------
.. [1] Friedman and Fisher (1999), Statistics and Computing 9(2), 123-143.
.. [2] Bryant and Lempert (2010), Technological Forecasting and Social Change 77(1), 34-49.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.network.arrays import F8

ALPHA = 0.05
"""Share of the futures in a box that a step cuts off, or gives back."""
LEAST_MASS = 0.05
"""Share of all futures below which a box is not cut any more."""
BY_CHANCE = 0.05
"""A limit is kept where chance would do as well less often than this."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Box:
    """Limits of each input; -inf and inf where it has none.

    Parameters
    ----------
    low, high : ndarray, shape (d,)
        Both included.
    """

    low: F8
    high: F8

    def holds(self, x: F8) -> Mask:
        """Return which rows of x, shape (n, d), lie inside."""
        inside = (x >= self.low) & (x <= self.high)
        return np.asarray(inside.all(axis=1), np.bool_)

    @property
    def restricted(self) -> list[int]:
        """The inputs that have a limit."""
        return np.flatnonzero((self.low > -np.inf) | (self.high < np.inf)).tolist()

    def cut(self, j: int, low: float | None = None, high: float | None = None) -> Box:
        """Return the box with other limits of input j."""
        lows, highs = self.low.copy(), self.high.copy()
        lows[j] = lows[j] if low is None else low
        highs[j] = highs[j] if high is None else high
        return Box(lows, highs)


@dataclass(frozen=True)
class Hit:
    """How a box does on some futures.

    Parameters
    ----------
    coverage, density, mass : float
        Share of the bad ones that are inside; share of those inside that are bad; share inside.
    n_bad, n_inside : int
        Bad ones inside, and all inside.
    """

    coverage: float
    density: float
    mass: float
    n_bad: int
    n_inside: int

    @property
    def score(self) -> float:
        """Harmonic mean of coverage and density."""
        both = self.coverage + self.density
        return 2 * self.coverage * self.density / both if both > 0 else 0.0


def hit(box: Box, x: F8, bad: Mask) -> Hit:
    """Return how a box does."""
    inside = box.holds(x)
    n_bad, n_inside = int((inside & bad).sum()), int(inside.sum())
    return Hit(n_bad / max(1, int(bad.sum())), n_bad / max(1, n_inside), n_inside / bad.size,
               n_bad, n_inside)  # fmt: skip


def find_box(x: F8, bad: Mask) -> Box | None:
    """Return the box that tells bad futures best; None where there is none to be told.

    Parameters
    ----------
    x : ndarray, shape (n, d)
        Inputs without NaN; inf for what never comes.
    bad : ndarray of bool, shape (n,)
        Which futures are bad.
    """
    boxes = list(peeled(x, bad))
    best = max(boxes, key=lambda b: hit(b, x, bad).score)
    return kept(best, x, bad) if best.restricted else None


def peeled(x: F8, bad: Mask, alpha: float = ALPHA, least: float = LEAST_MASS) -> Iterator[Box]:
    """Yield the boxes of the peeling, the whole first, the last one pasted."""
    d = x.shape[1]
    box = Box(np.full(d, -np.inf), np.full(d, np.inf))
    while True:
        yield box
        inside = box.holds(x)
        smaller = _best_peel(box, x[inside], bad[inside], alpha, least * bad.size)
        if smaller is None:
            break
        box = smaller
    yield pasted(box, x, bad, alpha)


def _best_peel(box: Box, x: F8, bad: Mask, alpha: float, least: float) -> Box | None:
    """Return the box without the end whose loss gains most a future that is lost."""
    n, share = bad.size, bad.mean()
    best, found = 0.0, None
    for j in range(x.shape[1]):
        for limit, stays in _ends(x[:, j], alpha):
            left = int(stays.sum())
            if left == n or left < max(least, 1.0):
                continue
            gain = (bad[stays].mean() - share) / (n - left)
            if gain > best:
                best, found = gain, (j, limit)
    return None if found is None else box.cut(found[0], **found[1])


def _ends(column: F8, alpha: float) -> Iterator[tuple[dict[str, float], Mask]]:
    """Yield the new limit and who stays, of a cut at the lower end and at the upper one.

    Where many are equal at an end, all of these go.
    """
    ordered = np.sort(column)
    at = min(int(alpha * ordered.size), ordered.size - 1)
    low, high = ordered[at], ordered[ordered.size - 1 - at]
    if low == ordered[0]:
        above = ordered[np.searchsorted(ordered, low, side="right") :]
        low = above[0] if above.size else np.nan
    if high == ordered[-1]:
        below = ordered[: np.searchsorted(ordered, high, side="left")]
        high = below[-1] if below.size else np.nan
    if not np.isnan(low):
        yield {"low": float(low)}, column >= low
    if not np.isnan(high):
        yield {"high": float(high)}, column <= high


def pasted(box: Box, x: F8, bad: Mask, alpha: float = ALPHA) -> Box:
    """Return the box grown at its limits, a twentieth at a time, as long as that raises density."""
    while True:
        now = hit(box, x, bad)
        better, best = None, now.density
        for j in box.restricted:
            for wider in _grown(box, j, x, max(1, int(alpha * now.n_inside))):
                density = hit(wider, x, bad).density
                if density > best:
                    better, best = wider, density
        if better is None:
            return box
        box = better


def _grown(box: Box, j: int, x: F8, count: int) -> Iterator[Box]:
    """Yield the box with its limits of input j moved out past `count` futures."""
    others = box.cut(j, -np.inf, np.inf).holds(x)
    column = np.sort(x[others, j])
    if box.low[j] > -np.inf:
        below = column[column < box.low[j]]
        yield box.cut(j, low=below[-count] if below.size > count else -np.inf)
    if box.high[j] < np.inf:
        above = column[column > box.high[j]]
        yield box.cut(j, high=above[count - 1] if above.size > count else np.inf)


def kept(box: Box, x: F8, bad: Mask) -> Box:
    """Return the box without limits that chance would explain, the least telling dropped first."""
    while True:
        chances = []
        for j in box.restricted:
            for free in ({"low": -np.inf}, {"high": np.inf}):
                wider = box.cut(j, **free)
                if not np.array_equal(wider.low, box.low) or not np.array_equal(
                    wider.high, box.high
                ):
                    chances.append((by_chance(box, wider, x, bad), wider))
        worst = max(chances, key=lambda c: c[0], default=None)
        if worst is None or worst[0] <= BY_CHANCE:
            return box
        box = worst[1]


def by_chance(box: Box, wider: Box, x: F8, bad: Mask) -> float:
    """Return the chance of as many bad ones inside, were they spread as in the wider box."""
    own, rest = hit(box, x, bad), hit(wider, x, bad)
    if own.n_bad == 0:
        return 1.0
    return float(special.bdtrc(own.n_bad - 1, own.n_inside, rest.density))
