"""How sure is a mean: Hall's interval, or what is possible where all replications are alike."""

from __future__ import annotations

import math

import numpy as np

from sim.metrics import hall, signed
from sim.metrics.answer import ALIKE, CONFIDENCE, F8, FEW, UNSEEN, Answer, Estimate, Refused
from sim.metrics.hall import FREE, Bounds
from sim.metrics.moments import alike, mean_of, moments


def mean(x: F8, confidence: float = CONFIDENCE, bounds: Bounds = FREE) -> Answer:
    """Return the mean with Hall's interval.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Replications.
    confidence : float, optional
        Of the interval.
    bounds : Bounds, optional
        What is possible; limits stay within, and what was never seen has an upper limit.

    Returns
    -------
    Estimate or Refused
        Refused for fewer than two replications. Marked where they are too few for their skewness,
        and where all are alike.

    Examples
    --------
    >>> mean(np.array([1.0, 2.0, 3.0])).low.__round__(4)
    -0.4841
    """
    return means(x[None], bounds, confidence)[0]


def means(x: F8, bounds: Bounds = FREE, confidence: float = CONFIDENCE) -> list[Answer]:
    """Return the mean of each row; see ``mean``.

    Parameters
    ----------
    x : ndarray, shape (n_row, n)
        Replications.
    bounds : Bounds, optional
        Of each row, or of all.
    confidence : float, optional
        Of the intervals.
    """
    n_row, n = x.shape
    if n < 2:
        return [Refused("a mean needs two replications for its interval", 2, n)] * n_row
    centre = mean_of(x)
    second, third = moments(x, centre)
    low, high = hall.limits(centre, second, third, n, confidence)
    notes = hall.too_few(second, third, n)
    if bounds.low < 0.0:
        _both_signs(x, low, high, notes, confidence)
    low, high = np.maximum(low, bounds.low), np.minimum(high, np.maximum(bounds.mean, centre))
    answers = estimates(centre, low, high, n, notes)
    for row in np.flatnonzero(alike(x)).tolist():
        possible = hall.unseen_share(n, confidence) * at(bounds.single, row)
        answers[row] = same(float(x[row, 0]), min(possible, at(bounds.mean, row)), n, bounds.low)
    return answers


def _both_signs(x: F8, low: F8, high: F8, notes: list[str], confidence: float) -> None:
    """Put the limits of rows that hold both signs in the place of the others."""
    rows = np.flatnonzero((x.min(axis=1) < 0.0) & (x.max(axis=1) > 0.0))
    for row in rows.tolist():
        below, above, told = signed.limits(x[row : row + 1], confidence)
        low[row], high[row], notes[row] = below[0], above[0], told[0]


def estimates(value: F8, low: F8, high: F8, n: int, notes: list[str]) -> list[Answer]:
    """Return estimates from arrays, marked where there is a note that too few decide them."""
    numbers = zip(value.tolist(), low.tolist(), high.tolist(), notes, strict=True)
    return [Estimate(v, a, b, n, note, FEW if note else "") for v, a, b, note in numbers]


def same(value: float, possible: float, n: int, least: float) -> Estimate:
    """Return the answer of n equal numbers.

    Parameters
    ----------
    value : float
        The number.
    possible : float
        Upper limit where it is 0 and cannot be less; inf where that is not known.
    n : int
        Replications.
    least : float
        Least value that is possible.
    """
    if value != 0.0 or least != 0.0:
        return Estimate(value, value, value, n, f"all {n:,} replications are alike", ALIKE)
    never = f"never above 0 in {n:,} replications"
    if math.isinf(possible):
        return Estimate(0.0, 0.0, 0.0, n, f"{never}; how high it could be is not known", UNSEEN)
    return Estimate(0.0, 0.0, possible, n, f"{never}: the upper limit is what that leaves possible")


def at(bound: F8 | float, row: int) -> float:
    """Return the bound of one row, of a bound of each or of all."""
    return float(bound[row]) if isinstance(bound, np.ndarray) else float(bound)
