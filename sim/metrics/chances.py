"""How sure is a chance: Clopper and Pearson's interval, or Wilson's."""

from __future__ import annotations

import math
from functools import lru_cache

from scipy import special

from sim.metrics.answer import CONFIDENCE, Answer, Estimate, Refused, normal


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


def _wilson(count: int, n: int, z: float) -> Estimate:
    p = count / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4.0 * n * n)) / (1 + z * z / n)
    low = 0.0 if count == 0 else centre - half
    return Estimate(p, low, 1.0 if count == n else centre + half, n)
