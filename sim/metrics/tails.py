"""How sure is a tail: quantiles between order statistics, CVaR by Hall's transformation."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import special

from sim.metrics import hall
from sim.metrics.answer import CONFIDENCE, F8, Answer, Estimate, Refused
from sim.metrics.hall import FREE, Bounds
from sim.metrics.means import at, estimates, same
from sim.metrics.risk import rank

TAIL = 20
"""Replications that must lie beyond the cut of a CVaR: with fewer, its interval runs away."""

BEYOND = 10
"""Of these, those that must exceed the cut itself, where many are equal to it."""


def quantile(x: F8, level: float, confidence: float = CONFIDENCE) -> Answer:
    """Return a quantile (a VaR) between two order statistics.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Replications in any order.
    level : float
        In (0, 1); 0.5 is the median.
    confidence : float, optional
        Least coverage of the interval, exact for a continuous law whatever it is.

    Returns
    -------
    Estimate or Refused
        Smallest x with P(X <= x) >= level. Refused where no order statistic bounds it.
    """
    return quantiles(np.sort(x)[None], level, confidence)[0]


def quantiles(ordered: F8, level: float, confidence: float = CONFIDENCE) -> list[Answer]:
    """Return a quantile of each row of ascending replications; see ``quantile``."""
    n_row, n = ordered.shape
    limits = ranks(n, level, confidence) if n else None
    if limits is None:
        reason = f"{n} replications hold no 95 % interval for a {100 * level:g} % quantile"
        return [Refused(reason, quantile_needs(level, confidence), n)] * n_row
    numbers = (ordered[:, k - 1].tolist() for k in (rank(n, level), *limits))
    return [Estimate(v, low, high, n) for v, low, high in zip(*numbers, strict=True)]


@cache
def ranks(n: int, level: float, confidence: float = CONFIDENCE) -> tuple[int, int] | None:
    """Return the 1-based ranks of the order statistics that hold a quantile.

    They cover it with probability P(l <= Bin(n, level) <= u - 1) [1]_. The tightest pair with about
    equal tails is taken where that reaches the confidence, else the next one below.

    Returns
    -------
    tuple of int or None
        (l, u); None where l would be 0 or u would be n + 1.

    References
    ----------
    .. [1] Conover (1999), Practical Nonparametric Statistics, 3rd ed., sec. 3.2.

    Examples
    --------
    >>> ranks(1000, 0.95), ranks(10_000, 0.99), ranks(100, 0.99)
    ((937, 964), (9881, 9920), None)
    """
    tail = (1.0 - confidence) / 2.0
    low, high = (_binomial_quantile(t, n, level) + 1 for t in (tail, 1.0 - tail))
    if special.bdtr(high - 1, n, level) - special.bdtr(low - 1, n, level) < confidence:
        low -= 1
    return (low, high) if low >= 1 and high <= n else None


def _binomial_quantile(tail: float, n: int, p: float) -> int:
    """Return the smallest k with P(Bin(n, p) <= k) >= tail (scipy.stats takes 1 ms for that)."""
    guess = n * p + float(special.ndtri(tail)) * math.sqrt(n * p * (1.0 - p))
    k = min(n, max(0, round(guess)))
    while k > 0 and special.bdtr(k - 1, n, p) >= tail:
        k -= 1
    while k < n and special.bdtr(k, n, p) < tail:
        k += 1
    return k


def quantile_needs(level: float, confidence: float = CONFIDENCE) -> int:
    """Return how many replications are enough for an interval of a quantile.

    From there on level^n and (1 - level)^n are at most half of what the confidence leaves, so that
    an order statistic lies on either side.

    Examples
    --------
    >>> quantile_needs(0.99)
    368
    """
    tail = (1.0 - confidence) / 2.0
    return math.ceil(math.log(tail) / math.log(max(level, 1.0 - level)))


def cvar(x: F8, level: float, confidence: float = CONFIDENCE, bounds: Bounds = FREE) -> Answer:
    """Return a CVaR with an interval that allows for its skewness, and for a gap at its cut.

    For any cut c, CVaR is at most c + mean(z), z = (x - c)+ / (1 - level), and equal to it at the
    VaR [1]_. Near the VaR that sum hardly changes with c, so that the error of the VaR cancels and
    the interval is that of mean(z) at the estimated VaR [2]_: Hall's, since z is 0 but in the tail
    and very skewed. Where no losses lie about the VaR the sum does change: if 4.8 % of futures
    lose 35 t and the others nothing, VaR 95 is 0, but 35 in many a sample. So the lower limit is
    the lower one of two, at the estimated VaR and at the VaR's own lower limit.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Replications in any order.
    level : float
        In (0, 1).
    confidence : float, optional
        Of the interval.
    bounds : Bounds, optional
        What is possible; limits stay within.

    Returns
    -------
    Estimate or Refused
        Refused where fewer than `TAIL` replications lie beyond the cut, or all but a few of them
        are equal to it.

    References
    ----------
    .. [1] Rockafellar and Uryasev (2002), J. Banking & Finance 26(7), 1443-1471.
    .. [2] Hong, Hu and Liu (2014), ACM TOMACS 24(4), art. 22, sec. 3.
    """
    return cvars(np.sort(x)[None], level, bounds, confidence)[0]


def cvars(
    ordered: F8, level: float, bounds: Bounds = FREE, confidence: float = CONFIDENCE
) -> list[Answer]:
    """Return the CVaR of each row of ascending replications; see ``cvar``."""
    n_row, n = ordered.shape
    k = rank(n, level) if n else 0
    needed = math.ceil(round(TAIL / (1.0 - level), 6))
    if n == 0 or (n - k < TAIL and n < needed):
        reason = f"only {n - k} replications lie beyond the {100 * level:g} % cut, fewer than"
        return [Refused(f"{reason} {TAIL}", needed, n)] * n_row
    at_var = _beyond(ordered, k, level, confidence)
    at_least = _beyond(ordered, (ranks(n, level, confidence) or (1, n))[0], level, confidence)
    low = np.maximum(np.minimum(at_var.low, at_least.low), ordered[:, 0])
    value = at_var.value
    high = np.minimum(at_var.high, np.maximum(bounds.single, value))
    count = np.count_nonzero(ordered[:, k:] > ordered[:, k - 1 : k], axis=1)
    answers = estimates(value, np.minimum(low, value), high, n, at_var.notes)
    for row in np.flatnonzero(count < BEYOND).tolist():
        least = min(float(low[row]), float(value[row]))
        answers[row] = _of_few(ordered[row], float(value[row]), least, int(count[row]), level)
    for row in np.flatnonzero(ordered[:, 0] == ordered[:, -1]).tolist():
        possible = hall.unseen_share(n, confidence) / (1.0 - level) * at(bounds.single, row)
        possible = min(possible, at(bounds.single, row))
        answers[row] = same(float(ordered[row, 0]), possible, n, bounds.low)
    return answers


class _Beyond(NamedTuple):
    """c + mean of what lies beyond a cut c, of each row."""

    value: F8
    low: F8
    high: F8
    notes: list[str]


def _beyond(ordered: F8, k: int, level: float, confidence: float) -> _Beyond:
    """Return cut + mean((x - cut)+) / (1 - level) with its limits, the cut being the k-th."""
    n = ordered.shape[1]
    cut = ordered[:, k - 1]
    excess = ordered[:, k:] - cut[:, None]
    value = cut + excess.sum(axis=1) / n / (1.0 - level)
    z = excess / (1.0 - level)
    first = z.sum(axis=1) / n
    squares = (z * z).sum(axis=1) / n
    off = z - first[:, None]
    third = (off * off * off).sum(axis=1) / n - k / n * first**3  # k draws have a z of 0
    second = np.maximum(squares - first * first, 0.0)
    low, high = hall.limits(value, second, third, n, confidence)
    return _Beyond(value, np.maximum(low, cut), high, hall.too_few(second, third, n))


def _of_few(ordered: F8, value: float, low: float, beyond: int, level: float) -> Answer:
    """Return the answer where hardly any loss exceeds the cut: the tail is one atom, or refused."""
    n = ordered.size
    if beyond:
        reason = f"only {beyond} replications exceed the {100 * level:g} % cut, fewer than {BEYOND}"
        return Refused(reason, math.ceil(n * TAIL / beyond), n)
    tail = n - rank(n, level)
    return Estimate(value, low, value, n, f"the worst {tail:,} replications are alike")
