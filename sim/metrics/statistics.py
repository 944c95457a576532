"""What is told of each measure: statistics by name, each with its interval, for many views."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.flow.kernel.measures import MEASURES, NEARLY, RELEASED, UNITS
from sim.metrics import precision
from sim.metrics.answer import Answer, Estimate, Refused
from sim.metrics.hall import FREE, Bounds
from sim.metrics.risk import return_period_years
from sim.network.arrays import F8

QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95, 0.99)
LEVELS = (0.90, 0.95, 0.99)
SHARES = (0.01, 0.05, 0.10)
TWICE = 2.0

STATISTICS: Mapping[str, tuple[str, ...]] = {
    one.name: tuple(one.statistics.split()) for one in MEASURES if one.statistics
}
"""What is told of each measure, in order."""

RESERVE_STATISTICS = tuple(RELEASED.statistics.split())
"""What is told of each reserve's releases."""

RETURN_PERIODS = tuple(f"return_period(>{x:g})" for x in SHARES)
"""Told of ``shortfall_share`` where every hazard has a yearly rate."""


class Batch(NamedTuple):
    """One measure of some views.

    Parameters
    ----------
    n : int
        Replications, with those in which it did not happen (NaN).
    ordered : ndarray, shape (n_view, at most n)
        Those in which it did, ascending.
    bounds : Bounds
        What is possible.
    """

    n: int
    ordered: F8
    bounds: Bounds = FREE


Statistic = Callable[[Batch], list[Answer]]


def batches(values: F8, bounds: Bounds = FREE, sort: bool = True) -> Iterator[Batch]:
    """Yield a measure of some views: all at once, or one by one where it did not always happen.

    Parameters
    ----------
    values : ndarray, shape (n, n_view)
        Is not changed; NaN where it did not happen.
    bounds : Bounds, optional
        Of each view, or of all.
    sort : bool, optional
        Whether order statistics are wanted.
    """
    rows = np.ascontiguousarray(values.T, dtype=float)
    n = rows.shape[1]
    ordered = np.sort(rows, axis=1) if sort else rows  # NaN come last
    absent = np.isnan(ordered[:, -1]) if n else np.zeros(len(rows), dtype=bool)
    if not absent.any():
        yield Batch(n, ordered, bounds)
        return
    for x, row in enumerate(ordered):
        happened = n - int(np.count_nonzero(np.isnan(row))) if absent[x] else n
        yield Batch(n, row[None, :happened], bounds.of(x))


def answers(batch: Batch, statistic: str) -> list[Answer]:
    """Return a statistic of each view of a batch.

    Parameters
    ----------
    batch : Batch
        The measure.
    statistic : str
        "mean", "sd", "q05", "var95", "cvar95", "P(>0.05)", "P(=0)", ...
    """
    return _STATISTICS[statistic](batch)


def _mean(batch: Batch) -> list[Answer]:
    # Sums of the ascending data are the same whatever order the replications came in.
    happened = batch.ordered.shape[1]
    if happened < min(2, batch.n):
        return [precision.too_few(happened, batch.n)] * len(batch.ordered)
    return precision.means(batch.ordered, batch.bounds)


def _sd(batch: Batch) -> list[Answer]:
    return precision.sds(batch.ordered, batch.bounds)


def _quantile(level: float) -> Statistic:
    return lambda batch: [_scaled(a, batch) for a in precision.quantiles(batch.ordered, level)]


def _cvar(level: float) -> Statistic:
    return lambda batch: precision.cvars(batch.ordered, level, batch.bounds)


def _above(x: float) -> Statistic:
    def statistic(batch: Batch) -> list[Answer]:
        n, at = batch.ordered.shape[1], x * (1.0 + NEARLY)
        upto = (int(np.searchsorted(row, at, "right")) for row in batch.ordered)
        return [precision.probability(n - k, n) for k in upto]

    return statistic


def _none(batch: Batch) -> list[Answer]:
    n = batch.ordered.shape[1]
    upto = (int(np.searchsorted(row, 0.0, "right")) for row in batch.ordered)
    return [precision.probability(k, n) for k in upto]


_STATISTICS: dict[str, Statistic] = {
    "mean": _mean,
    "sd": _sd,
    "P(=0)": _none,
    **{f"q{round(100 * q):02d}": _quantile(q) for q in QUANTILES},
    **{f"var{round(100 * p)}": _quantile(p) for p in LEVELS},
    **{f"cvar{round(100 * p)}": _cvar(p) for p in LEVELS},
    **{f"P(>{x:g})": _above(x) for x in (0.0, *SHARES, TWICE)},
}
"""Every statistic of one measure, by name."""


def _scaled(answer: Answer, batch: Batch) -> Answer:
    """Return a refusal that counts all replications, not only those in which it happened."""
    n, happened = batch.n, batch.ordered.shape[1]
    if not isinstance(answer, Refused) or happened == n or answer.replications_needed is None:
        return answer
    if happened == 0:
        return Refused(f"it happened in none of {n:,} replications", None, 0)
    return answer._replace(replications_needed=math.ceil(answer.replications_needed * n / happened))


def return_periods(chances: Sequence[Answer], horizon_days: float) -> list[Answer]:
    """Return the return periods of chances over a horizon, in years; see ``risk``.

    The interval is that of the chance, turned over. Refused where it was never seen.
    """
    return [_return_period(chance, horizon_days) for chance in chances]


def _return_period(chance: Answer, horizon_days: float) -> Answer:
    if isinstance(chance, Refused):
        return chance
    if chance.value == 0.0:
        return Refused(f"never seen in {chance.n:,} replications", None, chance.n)
    p = np.array([chance.value, chance.high, chance.low])
    value, low, high = return_period_years(p, horizon_days, all_yearly=True).tolist()
    return Estimate(value, low, high, chance.n)


def unit_of(measure: str, statistic: str) -> str:
    """Return the unit of a statistic of a measure."""
    if statistic.startswith("return_period"):
        return "years"
    return "probability" if statistic.startswith("P(") else UNITS[measure]
