"""Scores: is the median inside the tolerance, the fact inside the band, and how far off is it all.

The continuous ranked probability score of a sample x_1 .. x_n against a fact y is
mean |x_i - y| - mean |x_i - x_j| / 2 (Gneiting and Raftery, Strictly proper scoring rules,
prediction, and estimation, JASA 102, 2007, eq. 21, with the sample's distribution for F); of a
sample of one value it is the absolute error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.hindcast.facts import Fact
from sim.metrics.risk import rank
from sim.network.arrays import F8

BAND = (0.05, 0.95)


class Scored(NamedTuple):
    """A fact beside what the model makes of it.

    Parameters
    ----------
    fact : Fact
        What was reported.
    values : ndarray, shape (n,)
        Of every future; inf says never.
    median, low, high : float
        Of the values; the 90 % band.
    no_change : float
        What it would be had nothing happened; inf says never.
    hit, covered : bool
        Median inside the tolerance; fact inside the band.
    crps, crps_no_change : float
        In half widths of the tolerance.
    """

    fact: Fact
    values: F8
    median: float
    low: float
    high: float
    no_change: float
    hit: bool
    covered: bool
    crps: float
    crps_no_change: float


def scored(fact: Fact, values: F8, no_change: float, never: float) -> Scored:
    """Return a fact's score.

    Parameters
    ----------
    fact : Fact
        What was reported.
    values : ndarray, shape (n,)
        Of every future; inf says never.
    no_change : float
        What it would be had nothing happened.
    never : float
        What "never" counts as in the CRPS: the longest that was watched, in the fact's unit.
    """
    ordered: F8 = np.sort(values)
    low, median, high = (float(ordered[rank(values.size, q) - 1]) for q in (BAND[0], 0.5, BAND[1]))
    near = 1e-9 * max(1.0, abs(fact.value))
    capped = np.where(np.isinf(ordered), never, ordered)
    still = np.array([never if math.isinf(no_change) else no_change])
    return Scored(
        fact, values, median, low, high, no_change,
        fact.low - near <= median <= fact.high + near, low - near <= fact.value <= high + near,
        crps(capped, fact.value) / fact.half_width, crps(still, fact.value) / fact.half_width,
    )  # fmt: skip


def crps(x: F8, y: float) -> float:
    """Return the continuous ranked probability score of an ascending sample: less is better."""
    n = x.size
    spread = float(((2 * np.arange(1, n + 1) - n - 1) * x).sum()) * 2 / n**2
    return float(np.abs(x - y).mean()) - spread / 2


class Total(NamedTuple):
    """The score of several facts.

    Parameters
    ----------
    n, hits, covered : int
        How many facts; of them hit, and covered.
    crps, crps_no_change : float
        Means, in half widths of the tolerances; NaN of none.
    """

    n: int
    hits: int
    covered: int
    crps: float
    crps_no_change: float

    @property
    def hit_share(self) -> float:
        """Hits over facts; NaN of none."""
        return self.hits / self.n if self.n else math.nan

    @property
    def covered_share(self) -> float:
        """Covered over facts; NaN of none."""
        return self.covered / self.n if self.n else math.nan

    @property
    def better(self) -> bool:
        """Whether it beats "no change"."""
        return self.crps < self.crps_no_change


def total(rows: Sequence[Scored]) -> Total:
    """Return the score of those of the rows that count."""
    rows = [r for r in rows if r.fact.counts]
    if not rows:
        return Total(0, 0, 0, math.nan, math.nan)
    return Total(
        len(rows),
        sum(r.hit for r in rows),
        sum(r.covered for r in rows),
        float(np.mean([r.crps for r in rows])),
        float(np.mean([r.crps_no_change for r in rows])),
    )
