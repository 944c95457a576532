"""How sure is an estimate: a 95 % interval for every number, or a refusal with its reason.

Replications are independent and equally likely, so every formula is one for independent draws.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.metrics.risk import cvar_ordered, rank

F8 = NDArray[np.float64]

CONFIDENCE = 0.95
"""Of every interval of this program."""

TAIL = 20
"""Replications that must lie beyond the cut of a CVaR: with fewer, its interval runs away."""

BEYOND = 10
"""Of these, those that must exceed the cut itself, where many are equal to it."""


class Estimate(NamedTuple):
    """A number with its 95 % interval.

    Parameters
    ----------
    value, low, high : float
        Estimate and limits, in the unit of the data.
    n : int
        Replications that it rests on.
    note : str
        A caution for the reader; "" where there is none.
    """

    value: float
    low: float
    high: float
    n: int
    note: str = ""


class Refused(NamedTuple):
    """A number that the replications cannot support.

    Parameters
    ----------
    reason : str
        Why.
    replications_needed : int or None
        How many would do; None where no number can be named.
    n : int
        Replications at hand.
    """

    reason: str
    replications_needed: int | None
    n: int = 0

    @property
    def note(self) -> str:
        """The refusal in one line."""
        if self.replications_needed is None:
            return f"refused: {self.reason}"
        return f"refused: {self.reason}; about {self.replications_needed:,} replications would do"


Answer = Estimate | Refused


def mean(x: F8, confidence: float = CONFIDENCE) -> Answer:
    """Return the mean with Student's interval.

    Skewed data fall short of the stated confidence until n is about 25 times the squared skewness
    [1]_; the note then says so and names that n. Equal data give an interval without width.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Replications.
    confidence : float, optional
        Of the interval.

    Returns
    -------
    Estimate or Refused
        Refused for fewer than two replications.

    References
    ----------
    .. [1] Cochran (1977), Sampling Techniques, 3rd ed., p. 42.

    Examples
    --------
    >>> mean(np.array([1.0, 2.0, 3.0])).low.__round__(4)
    -0.4841
    """
    n = x.size
    if n < 2:
        return Refused("a mean needs two replications for its interval", 2, n)
    centre = float(x.mean())
    if np.all(x == x[0]):
        return Estimate(float(x[0]), float(x[0]), float(x[0]), n, _alike(n))
    off = x - centre
    square = off * off
    second = float(square.mean())
    half = _student(n - 1, confidence) * math.sqrt(second / (n - 1))
    skewness = float((square * off).mean()) / second**1.5 if second > 0 else 0.0
    return Estimate(centre, centre - half, centre + half, n, _skewed(skewness, n))


def sd(x: F8, confidence: float = CONFIDENCE) -> Answer:
    """Return the standard deviation with an interval that is right for skewed data too.

    Delta method on the logarithm [1]_: Var(ln s) = (kurtosis - 1) / (4 n), with the sample's
    kurtosis. (The chi-square interval would take the data for normal.)

    Parameters
    ----------
    x : ndarray, shape (n,)
        Replications.
    confidence : float, optional
        Of the interval.

    Returns
    -------
    Estimate or Refused
        Refused for fewer than ten replications, whose kurtosis says nothing.

    References
    ----------
    .. [1] Bonett (2006), Computational Statistics & Data Analysis 50(3), 775-782.
    """
    n = x.size
    if n < 10:
        return Refused("a standard deviation needs ten replications for its interval", 10, n)
    if np.all(x == x[0]):
        return Estimate(0.0, 0.0, 0.0, n, _alike(n))
    square = (x - x.mean()) ** 2
    second = float(square.mean())
    value = math.sqrt(second * n / (n - 1))
    kurtosis = float((square * square).mean()) / second**2
    spread = math.exp(_normal(confidence) * math.sqrt(max(kurtosis - 1.0, 0.0) / (4.0 * n)))
    note = "" if n >= 10 * kurtosis else _heavy(kurtosis)
    return Estimate(value, value / spread, value * spread, n, note)


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
    return quantile_ordered(np.sort(x), level, confidence)


def quantile_ordered(ordered: F8, level: float, confidence: float = CONFIDENCE) -> Answer:
    """Return a quantile of ascending replications; see ``quantile``."""
    n = ordered.size
    limits = ranks(n, level, confidence) if n else None
    if limits is None:
        return Refused(
            f"{n} replications hold no 95 % interval for a {100 * level:g} % quantile",
            quantile_needs(level, confidence),
            n,
        )
    low, high = limits
    value = float(ordered[rank(n, level) - 1])
    return Estimate(value, float(ordered[low - 1]), float(ordered[high - 1]), n)


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
    from scipy import stats  # dear to import; wanted once a level

    tail = (1.0 - confidence) / 2.0
    law = stats.binom(n, level)
    low, high = int(law.ppf(tail)) + 1, int(law.ppf(1.0 - tail)) + 1
    if law.cdf(high - 1) - law.cdf(low - 1) < confidence:
        low -= 1
    return (low, high) if low >= 1 and high <= n else None


def quantile_needs(level: float, confidence: float = CONFIDENCE) -> int:
    """Return the least number of replications with an interval for a quantile.

    Both level^n and (1 - level)^n must be at most half of what the confidence leaves.

    Examples
    --------
    >>> quantile_needs(0.99)
    368
    """
    tail = (1.0 - confidence) / 2.0
    n = math.ceil(math.log(tail) / math.log(max(level, 1.0 - level)))
    while ranks(n, level, confidence) is None:
        n += 1
    return n


def probability(
    count: int, n: int, confidence: float = CONFIDENCE, method: str = "clopper-pearson"
) -> Answer:
    """Return a probability with its interval.

    Parameters
    ----------
    count : int
        Replications in which it happened.
    n : int
        Replications.
    confidence : float, optional
        Of the interval.
    method : {"clopper-pearson", "wilson"}, optional
        Clopper-Pearson never covers less than it says; Wilson is narrower and covers what it says
        on average over all probabilities [1]_.

    Returns
    -------
    Estimate or Refused
        Refused without replications.

    References
    ----------
    .. [1] Brown, Cai and DasGupta (2001), Statistical Science 16(2), 101-133.

    Examples
    --------
    >>> round(probability(0, 1000).high, 6)
    0.003682
    """
    if n < 1:
        return Refused("no replication to count", 1, n)
    tail = (1.0 - confidence) / 2.0
    if method == "wilson":
        return _wilson(count, n, _normal(confidence))
    if method != "clopper-pearson":
        raise ValueError(f"method {method!r}, expected 'clopper-pearson' or 'wilson'")
    low = float(special.betaincinv(count, n - count + 1, tail)) if count > 0 else 0.0
    high = float(special.betaincinv(count + 1, n - count, 1.0 - tail)) if count < n else 1.0
    return Estimate(count / n, low, high, n)


def cvar(x: F8, level: float, confidence: float = CONFIDENCE) -> Answer:
    """Return a CVaR with an interval that allows for its skewness; see ``cvar_estimate``."""
    return cvar_estimate(np.sort(x), level, confidence)


def cvar_estimate(ordered: F8, level: float, confidence: float = CONFIDENCE) -> Answer:
    """Return a CVaR of ascending replications with its interval.

    To first order the estimate is VaR + mean(z), z = (x - VaR)+ / (1 - level): the error of the VaR
    cancels, because CVaR is the minimum over the cut [1]_. So its variance is Var(z) / n [2]_. z is 0
    but in the tail, hence very skewed, and Student's interval holds in only 88 to 92 % of studies with
    10 to 20 tail replications; Hall's cubic transformation [3]_ takes the skewness out and holds in
    94 to 97 % (compound Poisson, lognormal and beta losses; tests/test_precision.py). Batch means
    would spend most of the tail on estimating their own variance.

    Parameters
    ----------
    ordered : ndarray, shape (n,)
        Replications, ascending.
    level : float
        In (0, 1).
    confidence : float, optional
        Of the interval.

    Returns
    -------
    Estimate or Refused
        Refused where fewer than `TAIL` replications lie beyond the cut, or all but a few of them
        are equal to it.

    References
    ----------
    .. [1] Rockafellar and Uryasev (2002), J. Banking & Finance 26(7), 1443-1471.
    .. [2] Hong, Hu and Liu (2014), ACM TOMACS 24(4), art. 22, sec. 3.
    .. [3] Hall (1992), J. Royal Statistical Society B 54(1), 221-228.
    """
    n = ordered.size
    k = rank(n, level) if n else 0
    needed = math.ceil(round(TAIL / (1.0 - level), 6))
    if n - k < TAIL and n < needed:
        return Refused(f"only {n - k} replications lie beyond the {100 * level:g} % cut, fewer than "
                       f"{TAIL}", needed, n)
    excess = ordered[k:] - ordered[k - 1]
    beyond = int(np.count_nonzero(excess))
    value = cvar_ordered(ordered, level)
    if beyond == 0:
        return Estimate(value, value, value, n, f"the worst {n - k:,} replications are alike")
    if beyond < BEYOND:
        return Refused(f"only {beyond} replications exceed the {100 * level:g} % cut, fewer than "
                       f"{BEYOND}", math.ceil(n * TAIL / beyond), n)
    low, high = _hall(value, excess / (1.0 - level), n, confidence)
    return Estimate(value, max(low, float(ordered[0])), high, n)


def ratio(x: F8, y: F8, confidence: float = CONFIDENCE) -> Answer:
    """Return mean(x) / mean(y) of paired replications with its interval.

    Delta method [1]_: the ratio's error is the mean of (x - ratio * y) / mean(y).

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Pairs, such as shortfall and what was wanted.
    confidence : float, optional
        Of the interval.

    Returns
    -------
    Estimate or Refused
        Refused for fewer than two replications, or where mean(y) is 0.

    References
    ----------
    .. [1] Asmussen and Glynn (2007), Stochastic Simulation, sec. III.3.

    Examples
    --------
    >>> round(ratio(np.array([1.0, 2.0, 3.0]), np.array([10.0, 10.0, 10.0])).value, 12)
    0.2
    """
    n = x.size
    below = float(y.mean()) if n else 0.0
    if below == 0.0:
        return Refused("nothing was wanted", None, n)
    value = float(x.mean()) / below
    error = mean((x - value * y) / below, confidence)
    if isinstance(error, Refused):
        return error
    centre, half = value, (error.high - error.low) / 2.0
    return Estimate(value, centre - half, centre + half, n, error.note)


def given(x: F8, confidence: float = CONFIDENCE) -> Answer:
    """Return the mean of the replications in which something happened (those that are not NaN).

    Given their number they are independent draws from the conditional law, so Student's interval
    holds.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Such as time to survive; NaN where there was no shortage.
    confidence : float, optional
        Of the interval.

    Returns
    -------
    Estimate or Refused
        `n` counts the replications in which it happened.
    """
    happened = x[~np.isnan(x)]
    if happened.size >= 2:
        return mean(happened, confidence)
    needed = math.ceil(2 * x.size / happened.size) if happened.size else None
    return Refused(f"it happened in {happened.size} of {x.size:,} replications", needed,
                   happened.size)


def _hall(value: float, z: F8, n: int, confidence: float) -> tuple[float, float]:
    """Return Hall's interval for a mean of n draws of which all but `z` are 0.

    With a = skewness / sqrt(n), T + a T²/3 + a² T³/27 + a/6 is nearly normal; T(w) is its inverse.
    """
    first = float(z.sum()) / n
    variance = float((z * z).sum()) / n - first * first
    third = (float(((z - first) ** 3).sum()) - (n - z.size) * first**3) / n
    a = third / variance**1.5 / math.sqrt(n)
    error = math.sqrt(variance / n)
    w = _normal(confidence)
    if abs(a) < 1e-9:
        return value - w * error, value + w * error
    low, high = (3.0 / a * (float(np.cbrt(1.0 + a * (s - a / 6.0))) - 1.0) for s in (w, -w))
    return value - low * error, value - high * error


def _wilson(count: int, n: int, z: float) -> Estimate:
    p = count / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4.0 * n * n)) / (1 + z * z / n)
    low = 0.0 if count == 0 else centre - half
    return Estimate(p, low, 1.0 if count == n else centre + half, n)


@cache
def _student(freedom: int, confidence: float) -> float:
    return float(special.stdtrit(freedom, 0.5 + confidence / 2.0))


@cache
def _normal(confidence: float) -> float:
    return float(special.ndtri(0.5 + confidence / 2.0))


def _alike(n: int) -> str:
    return f"all {n:,} replications are alike"


def _skewed(skewness: float, n: int) -> str:
    needed = math.ceil(25.0 * skewness * skewness)
    if n >= needed:
        return ""
    return (f"very skewed ({skewness:.1f}): the interval holds less often than 95 %; about "
            f"{needed:,} replications would do")


def _heavy(kurtosis: float) -> str:
    return (f"heavy tail (kurtosis {kurtosis:.0f}): the interval holds less often than 95 %; about "
            f"{math.ceil(10 * kurtosis):,} replications would do")
