"""How sure is a standard deviation: the root of Hall's interval of a mean square."""

from __future__ import annotations

import math

import numpy as np

from sim.metrics import hall
from sim.metrics.answer import ALIKE, CONFIDENCE, F8, Answer, Estimate, Refused
from sim.metrics.hall import FREE, Bounds
from sim.metrics.means import at, estimates, same
from sim.metrics.moments import alike, mapped, mean_of, moments


def sd(x: F8, confidence: float = CONFIDENCE, bounds: Bounds = FREE) -> Answer:
    """Return the standard deviation with an interval that is right for skewed data too.

    To first order the variance is the mean of the squares about the mean [1]_: Hall's interval of
    that, and its root. (The chi-square interval would take the data for normal.)

    Parameters
    ----------
    x : ndarray, shape (n,)
        Replications.
    confidence : float, optional
        Of the interval.
    bounds : Bounds, optional
        What is possible.

    Returns
    -------
    Estimate or Refused
        Refused for fewer than ten replications, whose squares say nothing.

    References
    ----------
    .. [1] van der Vaart (1998), Asymptotic Statistics, example 3.2.
    """
    return sds(x[None], bounds, confidence)[0]


def sds(x: F8, bounds: Bounds = FREE, confidence: float = CONFIDENCE) -> list[Answer]:
    """Return the standard deviation of each row; see ``sd`` and ``means``."""
    n_row, n = x.shape
    if n < 10:
        reason = "a standard deviation needs ten replications for its interval"
        return [Refused(reason, 10, n)] * n_row
    centre = mean_of(x)
    squares = mapped(lambda part: (part - centre[:, None]) ** 2, x)
    mean_square = mean_of(squares)
    second, third = moments(squares, mean_square)
    variance = mean_square * (n / (n - 1))
    limits = hall.limits(variance, second, third, n, confidence)
    value, low, high = (np.sqrt(np.maximum(v, 0.0)) for v in (variance, *limits))
    width = np.asarray(bounds.single) - bounds.low  # half of it is the largest sd
    high = np.minimum(high, np.maximum(width / 2.0, value))
    answers = estimates(value, low, high, n, hall.too_few(second, third, n))
    for row in np.flatnonzero(alike(x)).tolist():
        answers[row] = _sd_of_equal(float(x[row, 0]), at(bounds.single, row), bounds.low, n)
    return answers


def _sd_of_equal(value: float, single: float, least: float, n: int) -> Estimate:
    if value != 0.0:
        return Estimate(0.0, 0.0, 0.0, n, f"all {n:,} replications are alike", ALIKE)
    p = min(hall.unseen_share(n), 0.5)
    return same(0.0, single * math.sqrt(p * (1.0 - p)), n, least)
