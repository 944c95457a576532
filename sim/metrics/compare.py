"""Two runs on the same shocks: replication against replication.

Runs that share seed and hazards' names meet the same bad luck, so their difference is taken within
each replication, where most of the chance cancels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.flow.kernel.measures import MEASURES, UNITS
from sim.metrics import precision, weighted
from sim.metrics.answer import Answer, Estimate, Refused, normal
from sim.metrics.risk import cvar_ordered, rank
from sim.metrics.rows import Row
from sim.metrics.sectioned import Found, difference_of_cvars
from sim.metrics.sections import FEWEST, INDEPENDENT, Sections, Some, answered, reach
from sim.network.arrays import F8
from sim.results.data import View

RESAMPLES = 1000
"""Of the bootstrap: its limits then carry about a twentieth of their own width as noise."""

SEED = 20251009
"""Of the bootstrap; fixed, so that a comparison gives the same digits each time."""

COMPARED = tuple(one.name for one in MEASURES if one.compared)
"""Compared by default."""


class Paired(NamedTuple):
    """A against B on the same replications; less is better, differences are A - B.

    Parameters
    ----------
    difference : Estimate or Refused
        Mean of A - B.
    a_better, b_better, equal : Estimate or Refused
        P(A < B), P(B < A), P(A = B).
    variance_ratio : Estimate or Refused
        Variance of the difference had the runs met independent shocks, over its variance as it is:
        how many times fewer replications pairing needs. inf where the difference never varies, 1
        where neither run does.
    cvar_difference : Estimate or Refused
        CVaR of A less CVaR of B.
    """

    difference: Answer
    a_better: Answer
    b_better: Answer
    equal: Answer
    variance_ratio: Answer
    cvar_difference: Answer


def paired(loss_a: F8, loss_b: F8, level: float = 0.95, sections: Sections = INDEPENDENT) -> Paired:
    """Return how A compares with B, pair by pair.

    Parameters
    ----------
    loss_a, loss_b : ndarray, shape (n,)
        Losses of the same replications.
    level : float, optional
        Of the CVaR.
    sections : Sections, optional
        How replications belong together, the same in both.

    Returns
    -------
    Paired
        Mean difference, chances, variance ratio and CVaR difference.

    Raises
    ------
    ValueError
        If the losses do not pair up or hold a NaN.

    Examples
    --------
    >>> answer = paired(np.arange(20.0), np.arange(20.0) + 1.0)
    >>> answer.difference.value, answer.variance_ratio.value
    (-1.0, inf)
    """
    a, b = np.asarray(loss_a, dtype=float), np.asarray(loss_b, dtype=float)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"losses of shapes {a.shape} and {b.shape} do not pair up")
    if np.isnan(a).any() or np.isnan(b).any():
        raise ValueError("a loss is NaN")
    return Paired(
        difference=precision.mean(a - b, sections=sections),
        a_better=precision.chance(a < b, sections=sections),
        b_better=precision.chance(a > b, sections=sections),
        equal=precision.chance(a == b, sections=sections),
        variance_ratio=_variance_ratio(a, b, sections),
        cvar_difference=cvar_difference(a, b, level, sections=sections),
    )


def cvar_difference(
    loss_a: F8,
    loss_b: F8,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    sections: Sections = INDEPENDENT,
) -> Answer:
    """Return CVaR of A less CVaR of B, with a percentile interval of the paired bootstrap.

    Whole replications are drawn again, so that what A and B have in common stays in common [1]_.
    Where they were drawn in blocks, the interval is Student's over these.

    Parameters
    ----------
    loss_a, loss_b : ndarray, shape (n,)
        Losses of the same replications.
    level : float, optional
        Of the CVaR.
    resamples : int, optional
        Bootstrap samples.
    seed : int, optional
        Of their generator (Philox).
    sections : Sections, optional
        How replications belong together, the same in both.

    Returns
    -------
    Estimate or Refused
        Refused where the CVaR of A or of B alone is.

    References
    ----------
    .. [1] Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 8 and 13.
    """
    n = loss_a.size
    if sections.weighted:
        return _weighted_difference(loss_a, loss_b, level, sections)
    ordered = np.sort(loss_a), np.sort(loss_b)
    for one in ordered:
        alone = precision.cvars(one[None], level)[0]
        if isinstance(alone, Refused):
            return alone
    value = cvar_ordered(ordered[0], level) - cvar_ordered(ordered[1], level)
    if np.array_equal(loss_a, loss_b):
        return Estimate(0.0, 0.0, 0.0, n, "both runs are alike in every replication")

    def blocks() -> Found:
        return difference_of_cvars(loss_a, loss_b, value, level, sections)

    def plain(_: Some) -> list[Answer]:
        low, high = _bootstrap(loss_a, loss_b, ordered, level, resamples, seed)
        return [Estimate(value, low, high, n)]

    return answered(sections, n, plain, blocks)[0]


def _weighted_difference(loss_a: F8, loss_b: F8, level: float, sections: Sections) -> Answer:
    """Return the difference of CVaRs of futures that are not equally likely."""
    for one in (loss_a, loss_b):
        alone = precision.cvar(one, level, sections=sections)
        if isinstance(alone, Refused):
            return alone
    if np.array_equal(loss_a, loss_b):
        return Estimate(0.0, 0.0, 0.0, loss_a.size, "both runs are alike in every replication")
    blocks = partial(weighted.difference_of_cvars, loss_a, loss_b, level, sections)
    return answered(sections, loss_a.size, lambda _: [], blocks)[0]


def _bootstrap(
    loss_a: F8, loss_b: F8, ordered: tuple[F8, F8], level: float, resamples: int, seed: int
) -> tuple[float, float]:
    """Return the limits of a difference of CVaRs among samples drawn from the sample."""
    n = loss_a.size
    places = np.argsort(loss_a, kind="stable"), np.argsort(loss_b, kind="stable")
    rng = np.random.Generator(np.random.Philox(seed))
    drawn = np.empty(resamples)
    for i in range(resamples):
        weight = np.bincount(rng.integers(0, n, n), minlength=n)
        drawn[i] = _weighted_cvar(ordered[0], weight[places[0]], level) - _weighted_cvar(
            ordered[1], weight[places[1]], level
        )
    tail = (1.0 - precision.CONFIDENCE) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    return float(low), float(high)


def compare(
    base: F8, run: F8, measure: str = "shortfall_t", sections: Sections = INDEPENDENT
) -> list[dict[str, Any]]:
    """Return how a run compares with a base, as rows for a table; differences are run - base.

    Parameters
    ----------
    base, run : ndarray, shape (n,)
        Losses of the same replications.
    measure : str, optional
        What they are, for its unit.
    sections : Sections, optional
        How replications belong together, the same in both.

    Returns
    -------
    list of dict
        measure, statistic, value, low, high, unit, n, note. Statistics: "mean_difference",
        "P(run<base)", "P(run>base)", "P(run=base)", "cvar95_difference", "variance_ratio".

    Raises
    ------
    ValueError
        If the losses do not pair up or hold a NaN.
    """
    rows = _rows(View("", "", ""), measure, paired(run, base, sections=sections))
    return [{k: v for k, v in row._asdict().items() if k not in ("kind", "view")} for row in rows]


def compare_tables(
    base: Mapping[str, F8],
    run: Mapping[str, F8],
    views: Sequence[View],
    measures: Sequence[str] = COMPARED,
) -> list[Row]:
    """Return how a run compares with a base, view by view; differences are run - base.

    Parameters
    ----------
    base, run : mapping of str to ndarray, shape (n, n_view)
        Measures of the same replications, in the same order; where one run has more of them, give
        only those that both have.
    views : sequence of View
        Names of the columns, the same in both.
    measures : sequence of str, optional
        What is compared.

    Returns
    -------
    list of Row
        Statistics of ``compare``.

    Raises
    ------
    ValueError
        If the tables do not pair up.
    """
    rows: list[Row] = []
    for measure in measures:
        shapes = base[measure].shape, run[measure].shape
        if shapes[0] != shapes[1] or shapes[0][1] != len(views):
            raise ValueError(f"{measure} of shapes {shapes[0]} and {shapes[1]}, {len(views)} views")
    for x, view in enumerate(views):
        for measure in measures:
            answer = paired(run[measure][:, x], base[measure][:, x])
            rows.extend(_rows(view, measure, answer))
    return rows


def _rows(view: View, measure: str, answer: Paired) -> Iterator[Row]:
    told: dict[str, tuple[Answer, str]] = {
        "mean_difference": (answer.difference, UNITS[measure]),
        "P(run<base)": (answer.a_better, "probability"),
        "P(run>base)": (answer.b_better, "probability"),
        "P(run=base)": (answer.equal, "probability"),
        "cvar95_difference": (answer.cvar_difference, UNITS[measure]),
        "variance_ratio": (answer.variance_ratio, "ratio"),
    }
    for statistic, (number, unit) in told.items():
        yield Row.of(view.kind, view.name, measure, statistic, number, unit)


def _variance_ratio(a: F8, b: F8, sections: Sections = INDEPENDENT) -> Answer:
    """Return the variance ratio; its interval is the delta method's, on the logarithm.

    It tells of two ways to pair single replications, whether or not these were drawn in blocks.
    """
    n = a.size
    if n < 10:
        return Refused("a ratio of variances needs ten replications", 10, n)
    a2, b2, d2 = ((x - sections.mean(x)) ** 2 for x in (a, b, a - b))
    apart = sections.mean(a2) + sections.mean(b2)
    together = sections.mean(d2)
    if together <= 1e-24 * apart:  # below that the difference varies by rounding alone
        value = 1.0 if apart == 0.0 else math.inf
        return Estimate(value, value, value, n, "the difference never varies")
    value = apart / together
    influence = (a2 + b2) / apart - d2 / together
    distance = normal(precision.CONFIDENCE) * float(np.std(influence)) / math.sqrt(n)
    if sections.are_blocks and sections.count(n) >= FEWEST:
        of_all = influence * sections.weights(n) if sections.weighted else influence
        distance = float(reach(sections, of_all[None])[0])
    spread = math.exp(distance)
    return Estimate(value, value / spread, value * spread, n)


def _weighted_cvar(ordered: F8, weight: NDArray[np.int64], level: float) -> float:
    """Return the CVaR of ascending losses that were drawn `weight` times each."""
    n = int(weight.sum())
    upto = np.cumsum(weight)
    at = int(np.searchsorted(upto, rank(n, level)))
    cut = float(ordered[at])
    excess = float(np.dot(ordered[at:] - cut, weight[at:]))
    return cut + excess / n / (1.0 - level)
