"""How sure is a mean of gains and losses: of each apart, then put together."""

from __future__ import annotations

import numpy as np

from sim.metrics import hall
from sim.metrics.answer import F8
from sim.metrics.moments import mean_of, moments

RESTS_ON = 4.0
"""As ``hall.RESTS_ON``; of two signs, either may hardly have been seen."""


def limits(x: F8, confidence: float) -> tuple[F8, F8, list[str]]:
    """Return the limits of means of rows that hold both signs, and notes of those on too few.

    Where differences are rare, gains and losses hide each other's skewness and Hall's interval is
    too short. The mean is that of the gains less that of the losses, each with its own limits; the
    distances to the limits add as standard errors do [1]_, with the correlation of two parts of
    which one is always 0.

    Parameters
    ----------
    x : ndarray, shape (n_row, n)
        Differences.
    confidence : float
        Of the interval.

    References
    ----------
    .. [1] Zou and Donner (2008), Statistics in Medicine 27(10), 1693-1702.
    """
    n = x.shape[1]
    gain, lost = mean_of(np.maximum(x, 0.0)), mean_of(np.maximum(-x, 0.0))
    gain_moments = moments(np.maximum(x, 0.0), gain)
    lost_moments = moments(np.maximum(-x, 0.0), lost)
    gain_low, gain_high = hall.limits(gain, *gain_moments, n, confidence)
    lost_low, lost_high = hall.limits(lost, *lost_moments, n, confidence)
    product = gain_moments[0] * lost_moments[0]
    some = product > 0.0
    r = np.where(some, -gain * lost / np.sqrt(np.where(some, product, 1.0)), 0.0)
    below = _together(gain - np.maximum(gain_low, 0.0), lost_high - lost, r)
    above = _together(gain_high - gain, lost - np.maximum(lost_low, 0.0), r)
    second = gain_moments[0] + lost_moments[0]
    notes = hall.too_few(second, gain_moments[1] + lost_moments[1], n, RESTS_ON)
    return gain - lost - below, gain - lost + above, notes


def _together(a: F8, b: F8, r: F8) -> F8:
    return np.sqrt(np.maximum(a * a + b * b - 2.0 * r * a * b, 0.0))
