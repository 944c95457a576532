"""How sure is a mean: Hall's interval, which allows for skewness."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.metrics.answer import CONFIDENCE, F8

RESTS_ON = 3.0
"""Equal losses in a mass of zeros that are as skewed as the replications must be at most."""

FEWEST = 30
"""Replications below which their own skewness says nothing."""


class Bounds(NamedTuple):
    """What is possible of a measure, for each view or for all.

    Parameters
    ----------
    low : float
        Least value; 0 or -inf.
    single : float or ndarray, shape (n_view,)
        Largest value in one replication; inf where it is not known.
    mean : float or ndarray, shape (n_view,)
        Largest mean; inf where it is not known.
    """

    low: float = -math.inf
    single: F8 | float = math.inf
    mean: F8 | float = math.inf

    def of(self, x: int) -> Bounds:
        """Return the bounds of one view."""
        return self.rows(slice(x, x + 1))

    def rows(self, some: NDArray[np.int64] | slice) -> Bounds:
        """Return the bounds of some views."""
        single, mean = (
            b[some] if isinstance(b, np.ndarray) else b for b in (self.single, self.mean)
        )
        return Bounds(self.low, single, mean)


FREE = Bounds()
"""Of what may be anything."""


def limits(
    mean: F8, second: F8, third: F8, n: int, confidence: float = CONFIDENCE
) -> tuple[F8, F8]:
    """Return the limits of means of independent draws.

    With T Student's statistic and a = skewness / sqrt(n), T + a T²/3 + a² T³/27 + a/6 has hardly
    any skewness left [1]_: it is taken for Student's, and turned back into limits of the mean.
    Without skewness they are Student's own. Coverage: docs/intervals.md.

    Parameters
    ----------
    mean, second, third : ndarray
        Means, second and third central moments (divided by n).
    n : int
        Draws, two or more.
    confidence : float, optional
        Of the interval.

    References
    ----------
    .. [1] Hall (1992), J. Royal Statistical Society B 54(1), 221-228.
    """
    error = np.sqrt(second / (n - 1))
    a = _skewness(second, third) / math.sqrt(n)
    w = student(n - 1, confidence)
    return mean - _inverse(w, a) * error, mean - _inverse(-w, a) * error


def _inverse(w: float, a: F8) -> F8:
    """Return T of Hall's T + a T²/3 + a² T³/27 + a/6 = w: 3/a (cbrt(1 + a w - a²/6) - 1)."""
    root = np.cbrt(1.0 + a * (w - a / 6.0))
    return 3.0 * (w - a / 6.0) / (root * root + root + 1.0)  # the same, also where a is 0


def _skewness(second: F8, third: F8) -> F8:
    some = second > 0.0
    return np.where(some, third / np.where(some, second, 1.0) ** 1.5, 0.0)


def too_few(second: F8, third: F8, n: int, rests_on: float = RESTS_ON) -> list[str]:
    """Return of each mean the note that too few replications decide it; "" where enough do.

    A share p of equal losses among zeros has a skewness of nearly 1 / sqrt(n p) times sqrt(n), so
    n / skewness² is how many losses it is like. Below `rests_on` the interval holds too seldom.
    """
    if n < FEWEST:
        note = f"few: {n} replications are too few to tell how skewed they are"
        return [note] * second.size
    told = []
    for skewness in _skewness(second, third).tolist():
        needed = math.ceil(rests_on * skewness * skewness)
        told.append("" if n >= needed else _few(skewness, needed))
    return told


def _few(skewness: float, needed: int) -> str:
    return (
        f"few: so skewed ({skewness:.1f}) that the interval may hold less often than 95 %; about "
        f"{needed:,} replications would do"
    )


@cache
def student(freedom: int, confidence: float = CONFIDENCE) -> float:
    """Return how many standard errors Student's two-sided interval reaches."""
    return float(special.stdtrit(freedom, 0.5 + confidence / 2.0))


@cache
def unseen_share(n: int, confidence: float = CONFIDENCE) -> float:
    """Return the upper limit of the chance of what was not seen in n replications.

    Clopper and Pearson's; about 3.7 / n at 95 %, two-sided as all intervals are.

    Examples
    --------
    >>> round(unseen_share(1000), 6)
    0.003682
    """
    return -math.expm1(math.log((1.0 - confidence) / 2.0) / n)
