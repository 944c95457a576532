"""How sure is an estimate: a 95 % interval for every number, or a refusal with its reason.

Replications are independent and equally likely, so every formula is one for independent draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

import numpy as np
from scipy import special

from sim.metrics.answer import CONFIDENCE, F8, Answer, Estimate, Refused, normal
from sim.metrics.moments import alike, mean_of, moments, pieces
from sim.metrics.tails import cvar, cvar_estimate, quantile, quantile_needs, quantile_ordered, ranks

__all__ = [
    "CONFIDENCE",
    "Answer",
    "Estimate",
    "Refused",
    "cvar",
    "cvar_estimate",
    "given",
    "mean",
    "probability",
    "quantile",
    "quantile_needs",
    "quantile_ordered",
    "ranks",
    "ratio",
    "sd",
]


NOTHING_WANTED = Refused("nothing was wanted", None)


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
    return _mean(lambda: pieces(x), x.size, confidence)


def _mean(parts: Callable[[], Iterator[F8]], n: int, confidence: float) -> Answer:
    """Return the mean of n numbers that come in pieces, as often as they are asked for."""
    if n < 2:
        return Refused("a mean needs two replications for its interval", 2, n)
    if alike(parts()):
        value = float(next(parts())[0])
        return Estimate(value, value, value, n, all_alike(n))
    centre = mean_of(parts())
    second, third = moments(parts(), centre, 3)
    half = float(half_width(second, n, confidence))
    return Estimate(centre, centre - half, centre + half, n, skewed(second, third, n))


def half_width(second: F8 | float, n: int, confidence: float = CONFIDENCE) -> F8:
    """Return the half width of Student's interval of means, of their second central moments."""
    return _student(n - 1, confidence) * np.sqrt(second / (n - 1))


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
    if alike(pieces(x)):
        return Estimate(0.0, 0.0, 0.0, n, all_alike(n))
    second, _, fourth = moments(pieces(x), mean_of(pieces(x)), 4)
    value = math.sqrt(second * n / (n - 1))
    kurtosis = fourth / second**2
    spread = math.exp(normal(confidence) * math.sqrt(max(kurtosis - 1.0, 0.0) / (4.0 * n)))
    note = "" if n >= 10 * kurtosis else _heavy(kurtosis)
    return Estimate(value, value / spread, value * spread, n, note)


@lru_cache(maxsize=65_536)  # a sweep asks for the same few counts again and again
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
        return _wilson(count, n, normal(confidence))
    if method != "clopper-pearson":
        raise ValueError(f"method {method!r}, expected 'clopper-pearson' or 'wilson'")
    low = float(special.betaincinv(count, n - count + 1, tail)) if count > 0 else 0.0
    high = float(special.betaincinv(count + 1, n - count, 1.0 - tail)) if count < n else 1.0
    return Estimate(count / n, low, high, n)


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
    below = mean_of(pieces(y)) if n else 0.0
    if below == 0.0:
        return NOTHING_WANTED._replace(n=n)
    value = mean_of(pieces(x)) / below

    def off() -> Iterator[F8]:
        for a, b in zip(pieces(x), pieces(y), strict=True):
            yield (a - value * b) / below

    error = _mean(off, n, confidence)
    if isinstance(error, Refused):
        return error
    half = (error.high - error.low) / 2.0
    return Estimate(value, value - half, value + half, n, error.note)


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
    return too_few(happened.size, x.size)


def too_few(happened: int, n: int) -> Refused:
    """Return the refusal of a mean of what happened in fewer than two replications."""
    needed = math.ceil(2 * n / happened) if happened else None
    return Refused(f"it happened in {happened} of {n:,} replications", needed, happened)


def _wilson(count: int, n: int, z: float) -> Estimate:
    p = count / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4.0 * n * n)) / (1 + z * z / n)
    low = 0.0 if count == 0 else centre - half
    return Estimate(p, low, 1.0 if count == n else centre + half, n)


@cache
def _student(freedom: int, confidence: float) -> float:
    return float(special.stdtrit(freedom, 0.5 + confidence / 2.0))


def all_alike(n: int) -> str:
    """Return the note of n equal numbers."""
    return f"all {n:,} replications are alike"


def skewed(second: float, third: float, n: int) -> str:
    """Return the note of n numbers with such central moments; "" where they are hardly skewed."""
    skewness = third / second**1.5 if second > 0 else 0.0
    needed = math.ceil(25.0 * skewness * skewness)
    if n >= needed or abs(skewness) < 1.0:
        return ""
    return (
        f"skewed ({skewness:.1f}): the interval holds less often than 95 %; about "
        f"{needed:,} replications would do"
    )


def _heavy(kurtosis: float) -> str:
    return (
        f"heavy tail (kurtosis {kurtosis:.0f}): the interval holds less often than 95 %; about "
        f"{math.ceil(10 * kurtosis):,} replications would do"
    )
