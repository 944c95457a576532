"""How sure is an estimate: a 95 % interval for every number, or a refusal with its reason.

Replications are equally likely. Where each was drawn by itself, every formula is one for
independent draws; where they were drawn in blocks, intervals come from the scatter of the blocks
(``sim.metrics.sections``).
Functions in the plural answer for many rows at once, those in the singular for one column; both
are the same arithmetic.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.metrics import hall, sectioned
from sim.metrics.answer import CONFIDENCE, F8, Answer, Estimate, Refused
from sim.metrics.chances import probability
from sim.metrics.hall import FREE, Bounds
from sim.metrics.means import estimates, means, same
from sim.metrics.moments import mean_of, moments
from sim.metrics.sections import INDEPENDENT, Sections, answered
from sim.metrics.spread import sd, sds
from sim.metrics.tails import cvars, quantile_needs, quantiles, ranks

__all__ = [
    "CONFIDENCE",
    "Answer",
    "Bounds",
    "Estimate",
    "Refused",
    "Sections",
    "chance",
    "cvar",
    "cvars",
    "given",
    "mean",
    "means",
    "probability",
    "quantile",
    "quantile_needs",
    "quantiles",
    "ranks",
    "ratio",
    "ratios",
    "sd",
    "sds",
    "too_few",
]


NOTHING_WANTED = Refused("nothing was wanted", None)


def mean(
    x: F8,
    confidence: float = CONFIDENCE,
    bounds: Bounds = FREE,
    sections: Sections = INDEPENDENT,
) -> Answer:
    """Return the mean of replications with its interval; see ``means.mean``.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Replications, in their order.
    confidence : float, optional
        Of the interval.
    bounds : Bounds, optional
        What is possible.
    sections : Sections, optional
        How they belong together.
    """
    return answered(
        sections,
        x.size,
        lambda _: means(x[None], bounds, confidence),
        lambda: sectioned.means(x[None], x[None], sections, bounds, confidence),
    )[0]


def cvar(
    x: F8,
    level: float,
    confidence: float = CONFIDENCE,
    bounds: Bounds = FREE,
    sections: Sections = INDEPENDENT,
) -> Answer:
    """Return a CVaR of replications in their order with its interval; see ``tails.cvar``."""
    ordered = np.sort(x)[None]
    return answered(
        sections,
        x.size,
        lambda _: cvars(ordered, level, bounds, confidence),
        lambda: sectioned.cvars(x[None], ordered, level, sections, bounds, confidence),
    )[0]


def quantile(
    x: F8, level: float, confidence: float = CONFIDENCE, sections: Sections = INDEPENDENT
) -> Answer:
    """Return a quantile of replications in their order with its interval; see ``tails``."""
    ordered = np.sort(x)[None]
    return answered(
        sections,
        x.size,
        lambda _: quantiles(ordered, level, confidence),
        lambda: sectioned.quantiles(x[None], ordered, level, sections, confidence),
    )[0]


def chance(
    happened: NDArray[np.bool_], confidence: float = CONFIDENCE, sections: Sections = INDEPENDENT
) -> Answer:
    """Return the probability of what happened in some replications, told in their order."""
    rows = happened[None].astype(float)
    return answered(
        sections,
        happened.size,
        lambda _: [probability(int(np.count_nonzero(happened)), happened.size, confidence)],
        lambda: sectioned.chances(happened[None], rows, rows, sections, confidence),
    )[0]


def ratio(x: F8, y: F8, confidence: float = CONFIDENCE, sections: Sections = INDEPENDENT) -> Answer:
    """Return mean(x) / mean(y) of paired replications with its interval.

    Delta method [1]_: the ratio's error is the mean of (x - ratio * y) / mean(y), whose interval is
    Hall's.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Pairs, such as shortfall and what was wanted; 0 <= x <= y.
    confidence : float, optional
        Of the interval, which stays within 0 and 1.
    sections : Sections, optional
        How they belong together.

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
    return ratios(x[None], y[None], confidence, sections)[0]


def ratios(
    x: F8, y: F8, confidence: float = CONFIDENCE, sections: Sections = INDEPENDENT
) -> list[Answer]:
    """Return mean(x) / mean(y) of each row; see ``ratio``."""
    return answered(
        sections,
        x.shape[1],
        lambda some: _ratios(x[some], y[some], confidence),
        lambda: sectioned.ratios(x, y, sections, confidence),
    )


def _ratios(x: F8, y: F8, confidence: float) -> list[Answer]:
    n_row, n = x.shape
    below = mean_of(y) if n else np.zeros(n_row)
    some = np.where(below == 0.0, 1.0, below)
    if n < 2:
        answers: list[Answer] = list(means(x))
    else:
        value = mean_of(x) / some
        off = (x - value[:, None] * y) / some[:, None]
        second, third = moments(off, mean_of(off))
        low, high = hall.limits(value, second, third, n, confidence)
        low, high = np.maximum(low, 0.0), np.minimum(high, np.maximum(1.0, value))
        answers = estimates(value, low, high, n, hall.too_few(second, third, n))
        for row in np.flatnonzero(second <= (1e-12 * value) ** 2).tolist():
            possible = hall.unseen_share(n, confidence) * float(y[row].max() / some[row])
            answers[row] = same(float(value[row]), min(possible, 1.0), n, 0.0)
    for row in np.flatnonzero(below == 0.0).tolist():
        answers[row] = NOTHING_WANTED._replace(n=n)
    return answers


def given(x: F8, confidence: float = CONFIDENCE) -> Answer:
    """Return the mean of the replications in which something happened (those that are not NaN).

    Given their number they are independent draws from the conditional law.

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
