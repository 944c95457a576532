"""What is told of each measure: statistics by name, each with its interval, for many views."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.flow.kernel.measures import MEASURES, NEARLY, PURCHASES, RELEASED, UNITS
from sim.metrics import hall, precision, sectioned
from sim.metrics.answer import Answer, Estimate, Refused
from sim.metrics.hall import FREE, Bounds
from sim.metrics.risk import return_period_years
from sim.metrics.sectioned import Found
from sim.metrics.sections import INDEPENDENT, Plain, Sections, Some, answered
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

PURCHASE_STATISTICS = tuple(PURCHASES[0].statistics.split())
"""What is told of each reserve's purchases, and of what they cost."""

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
    rows : ndarray, shape (n_view, n), optional
        All of them, in their order; only looked at where they belong together.
    sections : Sections
        How they belong together.
    """

    n: int
    ordered: F8
    bounds: Bounds = FREE
    rows: F8 | None = None
    sections: Sections = INDEPENDENT

    def tell(self, plain: Plain, blocks: Callable[[F8], Found], rarer: float = 1.0) -> list[Answer]:
        """Return answers from blocks of replications, or as of independent ones.

        At most the share `rarer` of them are of the kind that counts.
        """
        rows, most = self.rows, self.ordered.shape[1] * rarer
        fewest = 2 if self.sections.weighted else hall.FEWEST
        if rows is None or self.ordered.shape[1] < fewest:
            return plain(slice(None))
        return answered(self.sections, self.n, plain, lambda: blocks(rows), most)


Statistic = Callable[[Batch], list[Answer]]


def batches(
    values: F8, bounds: Bounds = FREE, sort: bool = True, sections: Sections = INDEPENDENT
) -> Iterator[Batch]:
    """Yield a measure of some views: all at once, or one by one where it did not always happen.

    Parameters
    ----------
    values : ndarray, shape (n, n_view)
        Is not changed; NaN where it did not happen.
    bounds : Bounds, optional
        Of each view, or of all.
    sort : bool, optional
        Whether order statistics are wanted.
    sections : Sections, optional
        How replications belong together.
    """
    rows = np.ascontiguousarray(values.T, dtype=float)
    n = rows.shape[1]
    ordered = np.sort(rows, axis=1) if sort else rows  # NaN come last
    absent = np.isnan(ordered[:, -1]) if n else np.zeros(len(rows), dtype=bool)
    if not absent.any():
        yield Batch(n, ordered, bounds, rows, sections)
        return
    for x, row in enumerate(ordered):
        happened = n - int(np.count_nonzero(np.isnan(row))) if absent[x] else n
        yield Batch(n, row[None, :happened], bounds.of(x), rows[x : x + 1], sections)


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
    ordered, bounds = batch.ordered, batch.bounds
    happened = ordered.shape[1]
    if happened < min(2, batch.n):
        return [precision.too_few(happened, batch.n)] * len(ordered)
    return batch.tell(
        lambda some: precision.means(ordered[some], bounds.rows(some)),
        lambda rows: sectioned.means(rows, ordered, batch.sections, bounds),
    )


def _sd(batch: Batch) -> list[Answer]:
    ordered, bounds = batch.ordered, batch.bounds
    return batch.tell(
        lambda some: precision.sds(ordered[some], bounds.rows(some)),
        lambda rows: sectioned.sds(rows, ordered, batch.sections, bounds),
    )


def _quantile(level: float) -> Statistic:
    def statistic(batch: Batch) -> list[Answer]:
        ordered = batch.ordered
        found = batch.tell(
            lambda some: precision.quantiles(ordered[some], level),
            lambda rows: sectioned.quantiles(rows, ordered, level, batch.sections),
            min(level, 1.0 - level),
        )
        return [_scaled(a, batch) for a in found]

    return statistic


def _cvar(level: float) -> Statistic:
    def statistic(batch: Batch) -> list[Answer]:
        ordered, bounds = batch.ordered, batch.bounds
        return batch.tell(
            lambda some: precision.cvars(ordered[some], level, bounds.rows(some)),
            lambda rows: sectioned.cvars(rows, ordered, level, batch.sections, bounds),
            1.0 - level,
        )

    return statistic


def _above(x: float) -> Statistic:
    at = x * (1.0 + NEARLY)

    def statistic(batch: Batch) -> list[Answer]:
        ordered = batch.ordered

        def plain(some: Some) -> list[Answer]:
            n = ordered.shape[1]
            upto = (int(np.searchsorted(row, at, "right")) for row in ordered[some])
            return [precision.probability(n - k, n) for k in upto]

        return batch.tell(
            plain, lambda rows: sectioned.chances(rows > at, rows, ordered, batch.sections)
        )

    return statistic


def _none(batch: Batch) -> list[Answer]:
    ordered = batch.ordered

    def plain(some: Some) -> list[Answer]:
        upto = (int(np.searchsorted(row, 0.0, "right")) for row in ordered[some])
        return [precision.probability(k, ordered.shape[1]) for k in upto]

    return batch.tell(
        plain, lambda rows: sectioned.chances(rows <= 0.0, rows, ordered, batch.sections)
    )


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
