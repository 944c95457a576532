"""What is told of each measure: a table of statistics, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from sim.metrics import precision
from sim.metrics.answer import Answer, Estimate, Refused
from sim.metrics.loss import UNITS
from sim.metrics.risk import return_period_years
from sim.network.arrays import F8

QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95, 0.99)
LEVELS = (0.90, 0.95, 0.99)
SHARES = (0.01, 0.05, 0.10)


class Column(NamedTuple):
    """One measure of one view.

    Parameters
    ----------
    n : int
        Replications, with those in which it did not happen (NaN).
    ordered : ndarray
        Those in which it did, ascending.
    """

    n: int
    ordered: F8


Statistic = Callable[[Column], Answer]


def _mean(column: Column) -> Answer:
    # Sums of the ascending data are the same whatever order the replications came in.
    return precision.mean(column.ordered)


def _given(column: Column) -> Answer:
    if column.ordered.size < 2:
        return precision.too_few(column.ordered.size, column.n)
    return precision.mean(column.ordered)


def _sd(column: Column) -> Answer:
    return precision.sd(column.ordered)


def _quantile(level: float) -> Statistic:
    return lambda column: _scaled(precision.quantile_ordered(column.ordered, level), column)


def _cvar(level: float) -> Statistic:
    return lambda column: precision.cvar_estimate(column.ordered, level)


def _beyond(x: float) -> Statistic:
    def statistic(column: Column) -> Answer:
        n = column.ordered.size
        return precision.probability(n - int(np.searchsorted(column.ordered, x, "right")), n)

    return statistic


def _none(column: Column) -> Answer:
    n = column.ordered.size
    return precision.probability(int(np.searchsorted(column.ordered, 0.0, "right")), n)


def _scaled(answer: Answer, column: Column) -> Answer:
    """Return a refusal that counts all replications, not only those in which it happened."""
    n, happened = column.n, column.ordered.size
    if not isinstance(answer, Refused) or happened == n or answer.replications_needed is None:
        return answer
    if happened == 0:
        return Refused(f"it happened in none of {n:,} replications", None, 0)
    return answer._replace(replications_needed=math.ceil(answer.replications_needed * n / happened))


def _percent(level: float) -> str:
    return f"{round(100 * level):02d}"


def _quantiles(levels: Sequence[float]) -> dict[str, Statistic]:
    return {f"q{_percent(q)}": _quantile(q) for q in levels}


_TAILS: dict[str, Statistic] = {f"var{_percent(p)}": _quantile(p) for p in LEVELS}
_TAILS |= {f"cvar{_percent(p)}": _cvar(p) for p in LEVELS}
_SHORT: dict[str, Statistic] = {"mean": _mean, **_quantiles((0.5, 0.95))}

STATISTICS: dict[str, dict[str, Statistic]] = {
    "shortfall_t": {
        "mean": _mean,
        "sd": _sd,
        **_quantiles(QUANTILES),
        "P(>0)": _beyond(0.0),
        "P(=0)": _none,
        **_TAILS,
    },
    "shortfall_share": {
        **_quantiles(QUANTILES),
        **{f"P(>{x:g})": _beyond(x) for x in SHARES},
    },
    "worst_share": _SHORT,
    "days_short": _SHORT,
    "longest_spell_days": _SHORT,
    "time_to_survive_days": {"mean": _given, **_quantiles((0.05, 0.5, 0.95))},
    "time_to_recover_days": {"mean": _given, **_quantiles((0.5, 0.95))},
    "wanted_t": {"mean": _mean},
    "spared_t": {"mean": _mean, **_quantiles((0.95,))},
    "destroyed_t": {"mean": _mean, **_quantiles((0.95,))},
    "structural_t": {"mean": _mean, "sd": _sd, **_quantiles((0.05, 0.5, 0.95))},
    "disruption_t": {
        "mean": _mean,
        "sd": _sd,
        **_quantiles((0.05, 0.5, 0.95)),
        "cvar95": _cvar(0.95),
    },
    "value_lost_usd": {"mean": _mean, **_quantiles((0.5, 0.95)), "cvar95": _cvar(0.95)},
}
"""What is told of each measure, in order."""

RESERVE_STATISTICS: dict[str, Statistic] = {
    "mean": _mean,
    "P(>0)": _beyond(0.0),
    **_quantiles((0.95,)),
}
"""What is told of each reserve's releases."""


def column_of(values: F8, sort: bool = True) -> Column:
    """Return a measure of one view, sorted once (or not, where only its mean is told).

    Parameters
    ----------
    values : ndarray, shape (n,)
        Is not changed.
    sort : bool, optional
        Whether order statistics are wanted.
    """
    n = values.size
    if not sort:
        return Column(n, np.ascontiguousarray(values, dtype=float))
    absent = np.isnan(values)
    happened = values[~absent] if absent.any() else values
    del absent
    if happened.size == 0 or happened.min() < 0.0:
        return Column(n, np.sort(happened))
    above = happened[happened > 0.0]  # most measures are mostly zero: those need no sorting
    above.sort()
    if above.size == happened.size:
        return Column(n, above)
    size = happened.size
    del happened
    ordered = np.zeros(size)
    ordered[size - above.size :] = above
    return Column(n, ordered)


def return_periods(column: Column, horizon_days: float) -> dict[str, Answer]:
    """Return the return period of each share of `SHARES`, in years; see ``risk``.

    The interval is that of the chance, turned over. Refused where it was never seen.
    """
    told: dict[str, Answer] = {}
    for x in SHARES:
        chance = _beyond(x)(column)
        if isinstance(chance, Estimate) and chance.value > 0.0:
            p = np.array([chance.value, chance.high, chance.low])
            years = return_period_years(p, horizon_days, all_yearly=True)
            value, low, high = (float(y) for y in years)
            chance = Estimate(value, low, high, chance.n)
        elif isinstance(chance, Estimate):
            chance = Refused(f"never seen in {chance.n:,} replications", None, chance.n)
        told[f"return_period(>{x:g})"] = chance
    return told


def unit_of(measure: str, statistic: str) -> str:
    """Return the unit of a statistic of a measure."""
    return "probability" if statistic.startswith("P(") else UNITS[measure]
