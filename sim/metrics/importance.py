"""Which input matters: first-order index and delta from a given sample, with jackknife intervals.

Both look at classes of futures that are alike in one input. The first-order index is the part of
the loss's variance that lies between their means [1]_; delta is how far, on average, their law of
the loss lies from that of all futures: half the absolute difference, 0 where the input says
nothing, near 1 where it says all [2]_. Delta sees what moves any part of the law, not the mean
alone. Estimated from counts, so that losses of 0 and other atoms are no trouble; inputs need not be
independent nor drawn for it.

References
----------
.. [1] Saltelli et al. (2008), Global Sensitivity Analysis: The Primer, sec. 1.2.
.. [2] Borgonovo (2007), Reliability Engineering and System Safety 92(6), 771-784; from a given
   sample: Plischke, Borgonovo and Smith (2013), European J. Operational Research 226(3), 536-550.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.base.sections import INDEPENDENT, Sections
from sim.metrics.answer import CONFIDENCE, Estimate
from sim.network.arrays import F8

GROUPS = 20
"""Parts of the futures that are left out in turn."""
LEFT = 0.40
"""Mean of the root of (z² - 1)+ of a standard normal z: what shrinking leaves of pure chance."""

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Importance:
    """How much an input matters.

    Parameters
    ----------
    first_order, delta : Estimate
        Shares of 0 to 1.
    sure : bool
        Whether either is above 0 beyond chance, in all inputs together (Bonferroni).
    """

    first_order: Estimate
    delta: Estimate
    sure: bool


def n_classes(n: int) -> int:
    """Return the classes of an input of which n futures are known: 8 to 48."""
    return min(48, max(8, round(1.2 * math.cbrt(n))))


def classes(x: F8, most: int) -> Labels:
    """Return the class of each future: equal numbers as far as ties allow; NaN is the last one.

    Examples
    --------
    >>> classes(np.array([1.0, 0.0, 1.0, 0.0]), 8).tolist()
    [1, 0, 1, 0]
    >>> classes(np.arange(6.0), 3).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    filled = np.where(np.isnan(x), np.inf, x)
    different = np.unique(filled)
    if different.size > most:
        ordered = np.sort(filled)
        different = np.unique(ordered[(np.arange(most) * filled.size) // most])
    return np.searchsorted(different, filled, side="right") - 1


def groups_of(n: int, sections: Sections = INDEPENDENT) -> Labels:
    """Return the part of each future: consecutive ones, whole blocks of those drawn together."""
    size = sections.size or 1
    blocks = max(1, n // size)
    block = np.minimum(np.arange(n) // size, blocks - 1)
    return (block * min(GROUPS, blocks)) // blocks


def importance(x: F8, y: F8, sections: Sections = INDEPENDENT, n_tried: int = 1) -> Importance:
    """Return how much an input matters for a loss.

    Parameters
    ----------
    x : ndarray, shape (n,)
        The input; NaN where there is none, such as the day of what never came.
    y : ndarray, shape (n,)
        The loss.
    sections : Sections, optional
        How futures belong together.
    n_tried : int, optional
        Inputs that are looked at.
    """
    n = y.size
    part, xs = groups_of(n, sections), classes(x, n_classes(n))
    first = _jackknifed(_moments(xs, y, part), _first_order)
    counts = _counts(xs, classes(y, n_classes(n)), part)
    delta = _jackknifed(counts, _delta)
    seen = first, _jackknifed(counts, _beyond_chance)
    sure = any(_above_zero(v, e, int(part.max()) + 1, n_tried) for v, e in seen)
    return Importance(_estimate(*first, n, part), _estimate(*delta, n, part), sure)


def _moments(xs: Labels, y: F8, part: Labels) -> F8:
    """Return number, sum and sum of squares by part and class, shape (parts, 3, classes)."""
    shape = int(part.max()) + 1, int(xs.max()) + 1
    cell = part * shape[1] + xs
    off = y - y.mean()
    found = [np.bincount(cell, w, minlength=shape[0] * shape[1]).reshape(shape)
             for w in (None, off, off * off)]  # fmt: skip
    return np.stack(found, axis=1).astype(float)


def _counts(xs: Labels, ys: Labels, part: Labels) -> F8:
    """Return the number of futures by part, class of the input and class of the loss."""
    shape = int(part.max()) + 1, int(xs.max()) + 1, int(ys.max()) + 1
    cell = (part * shape[1] + xs) * shape[2] + ys
    return np.bincount(cell, minlength=math.prod(shape)).reshape(shape).astype(float)


def _first_order(m: F8) -> float:
    """Return the share of the variance between classes, without what chance puts there."""
    number, total, squares = m
    some = number > 0
    n, k = number.sum(), int(some.sum())
    whole = squares.sum() - total.sum() ** 2 / n
    within = (squares[some] - total[some] ** 2 / number[some]).sum()
    if not whole > 0 or n <= k:
        return 0.0
    return float(1.0 - (within / (n - k)) / (whole / (n - 1)))


def _far(counts: F8) -> tuple[float, float]:
    """Return half the mean distance between laws of the classes and that of all, and chance's own.

    A difference d is seen as d plus chance of variance s²: its square is lowered by s² before the
    root is taken; what this leaves where there is chance alone comes second.
    """
    number = counts.sum(axis=1)
    counts, number = counts[number > 0], number[number > 0]
    n = number.sum()
    law = counts.sum(axis=0) / n
    off = counts / number[:, None] - law
    chance = law * (1.0 - law) * (1.0 / number[:, None] - 1.0 / n)
    far = np.sqrt(np.maximum(0.0, off * off - chance))
    share = number[:, None] / n
    raw, noise = (0.5 * float((share * part).sum()) for part in (far, LEFT * np.sqrt(chance)))
    return raw, noise


def _delta(counts: F8) -> float:
    raw, noise = _far(counts)
    return math.sqrt(max(0.0, raw * raw - noise * noise))


def _beyond_chance(counts: F8) -> float:
    raw, noise = _far(counts)
    return raw - noise


def _jackknifed(parts: F8, statistic: object) -> tuple[float, float]:
    """Return a statistic of all parts, and its standard error by leaving each out in turn."""
    assert callable(statistic)
    whole = parts.sum(axis=0)
    value, count = float(statistic(whole)), parts.shape[0]
    if count < 2:
        return value, math.nan
    without = np.array([statistic(whole - part) for part in parts])
    spread = float(((without - without.mean()) ** 2).sum())
    return value, math.sqrt((count - 1) / count * spread)


def _above_zero(value: float, error: float, parts: int, n_tried: int) -> bool:
    tail = (1.0 - CONFIDENCE) / max(1, n_tried) / 2.0
    return bool(parts > 1 and value - special.stdtrit(parts - 1, 1.0 - tail) * error > 0.0)


def _estimate(value: float, error: float, n: int, part: Labels) -> Estimate:
    reach = float(special.stdtrit(max(1, int(part.max())), 0.5 + CONFIDENCE / 2)) * error
    low, middle, high = (min(1.0, max(0.0, v)) for v in (value - reach, value, value + reach))
    return Estimate(middle, low, high, n)
