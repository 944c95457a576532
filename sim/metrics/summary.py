"""The summary of a run: one row a number, each with its 95 % interval or the reason it has none.

A measure of a few views at a time, so that memory holds a few columns, wherever they lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from sim.metrics import precision
from sim.metrics.answer import Answer
from sim.metrics.rows import Row
from sim.metrics.statistics import (
    RESERVE_STATISTICS,
    STATISTICS,
    Column,
    column_of,
    return_periods,
    unit_of,
)
from sim.network.arrays import F8
from sim.results.data import View

__all__ = ["Row", "summarize"]

BUDGET = 8_000_000
"""Bytes of the columns read together; at a million replications that is one."""


class ByColumn(Protocol):
    """An array (n, n_view), or what gives its columns by ``[:, x]`` and ``[:, a:b]``."""

    def __getitem__(self, key: Any, /) -> Any:
        """Return a column for ``[:, x]``, some for ``[:, a:b]``."""


@dataclass(frozen=True)
class _Source:
    """Where the columns come from; see ``summarize``."""

    table: Mapping[str, ByColumn]
    first_shock_day: F8 | None
    structural_t: ByColumn | None
    value_lost_usd: ByColumn | None
    horizon_days: float | None
    all_yearly: bool


def summarize(
    table: Mapping[str, ByColumn],
    views: Sequence[View],
    *,
    first_shock_day: F8 | None = None,
    structural_t: ByColumn | None = None,
    value_lost_usd: ByColumn | None = None,
    reserve_released_t: ByColumn | None = None,
    reserves: Sequence[str] = (),
    horizon_days: float | None = None,
    all_yearly: bool = False,
    workers: int = 1,
) -> list[Row]:
    """Return every number that a run is told by.

    Parameters
    ----------
    table : mapping of str to ndarray, shape (n, n_view)
        Measures of ``sim.metrics.loss.measure``; or what gives their columns by ``[:, x]``.
    views : sequence of View
        Names of the columns.
    first_shock_day : ndarray, shape (n,), optional
        For time to survive and to recover; NaN where no shock came.
    structural_t : ndarray, shape (n, n_view), optional
        Shortfall of the same replications without shocks. Where it is anywhere above 0, rows tell
        it, and what the shocks caused, apart.
    value_lost_usd : ndarray, shape (n, n_view), optional
        ``sim.metrics.loss.value_lost``; views with NaN are left out.
    reserve_released_t : ndarray, shape (n, n_reserve), optional
        Released from each reserve.
    reserves : sequence of str, optional
        Names of the reserves.
    horizon_days : float, optional
        To say how many replications were still short at the end, and for return periods.
    all_yearly : bool, optional
        Whether every hazard has a yearly rate; only then, and with `horizon_days`, are return
        periods told.
    workers : int, optional
        Threads; fewer are used where columns are long.

    Returns
    -------
    list of Row
        By view, measure and statistic.
    """
    if structural_t is not None and not _any_above(structural_t, len(views)):
        structural_t = None
    source = _Source(table, first_shock_day, structural_t, value_lost_usd, horizon_days, all_yearly)
    n = len(table["shortfall_t"][:, 0]) if views else 1
    group = max(1, BUDGET // (8 * n))
    tasks = [
        (measure, slice(at, min(at + group, len(views))))
        for measure in STATISTICS
        for at in range(0, len(views), group)
    ]
    threads = max(1, min(workers, 2 * BUDGET // (8 * n * min(group, len(views)) + 1)))
    rows: list[list[Row]] = [[] for _ in views]
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for (_, columns), told in zip(
            tasks, pool.map(lambda task: _of_group(source, views, *task), tasks), strict=True
        ):
            for x, of_view in zip(range(columns.start, columns.stop), told, strict=True):
                rows[x] += of_view
    found = [row for of_view in rows for row in _in_order(of_view)]
    if reserve_released_t is not None:
        found.extend(_of_reserves(reserve_released_t, reserves))
    return found


def _in_order(rows: list[Row]) -> list[Row]:
    """Return a view's rows: the share of all that was wanted first, return periods last."""
    place = {"ratio": -1}
    return sorted(
        rows, key=lambda r: 1 if r.statistic.startswith("return") else place.get(r.statistic, 0)
    )


def _any_above(values: ByColumn, n_view: int) -> bool:
    """Return whether any element is above 0."""
    return any(bool((values[:, x] > 0).any()) for x in range(n_view))


def _of_group(
    source: _Source, views: Sequence[View], measure: str, columns: slice
) -> list[list[Row]]:
    """Return the rows of a measure for some views, read together and told one by one."""
    values = _values(source, measure, columns)
    if values is None:
        return [[] for _ in range(columns.start, columns.stop)]
    told = []
    for x in range(columns.start, columns.stop):
        rows = list(_of_column(source, views[x], measure, values[:, x - columns.start], x))
        told.append(rows)
    if measure == "shortfall_share":
        short, wanted = source.table["shortfall_t"], source.table["wanted_t"]
        for x, rows in zip(range(columns.start, columns.stop), told, strict=True):
            answer = precision.ratio(short[:, x], wanted[:, x])
            rows.append(_row(views[x], measure, "ratio", answer, ""))
    return told


def _of_column(source: _Source, view: View, measure: str, values: F8, x: int) -> Iterator[Row]:
    column, note = column_of(values, measure != "wanted_t"), _note(source, measure, x)
    if measure == "value_lost_usd" and column.ordered.size < column.n:
        return  # some end user's value is not known
    for statistic, of in STATISTICS[measure].items():
        yield _row(view, measure, statistic, of(column), note)
    if measure == "shortfall_share" and source.all_yearly and source.horizon_days is not None:
        for statistic, answer in return_periods(column, source.horizon_days).items():
            yield Row.of(view.kind, view.name, measure, statistic, answer, "years")


def _values(source: _Source, measure: str, columns: slice) -> F8 | None:
    """Return a measure of some views, read or worked out from others; None where it has none."""
    table, structural = source.table, source.structural_t
    if measure == "shortfall_share":
        short, wanted = (table[name][:, columns] for name in ("shortfall_t", "wanted_t"))
        share: F8 = np.zeros_like(short)
        np.divide(short, wanted, out=share, where=wanted > 0)
        return share
    if measure in _SINCE_SHOCK:
        if source.first_shock_day is None:
            return None
        since: F8 = table[_SINCE_SHOCK[measure]][:, columns] - source.first_shock_day[:, None]
        return np.maximum(0.0, since, out=since)
    if measure in ("structural_t", "disruption_t"):
        if structural is None:
            return None
        alone: F8 = structural[:, columns]
        return alone if measure == "structural_t" else table["shortfall_t"][:, columns] - alone
    if measure == "value_lost_usd":
        return None if source.value_lost_usd is None else source.value_lost_usd[:, columns]
    return table[measure][:, columns] if measure in table else None


_SINCE_SHOCK = {
    "time_to_survive_days": "first_shortage_day",
    "time_to_recover_days": "last_shortage_day",
}
"""Measures counted from the first shock (``sim.metrics.loss.times``), and until when."""


def _note(source: _Source, measure: str, x: int) -> str:
    if measure not in _SINCE_SHOCK:
        return ""
    given = "given a shock and a shortage"
    return given if measure == "time_to_survive_days" else given + _unrecovered(source, x)


def _unrecovered(source: _Source, x: int) -> str:
    """Return how many replications were still short at the end: their recovery is a lower bound."""
    if source.horizon_days is None:
        return ""
    last = source.table["last_shortage_day"][:, x]
    still = int(np.count_nonzero(last >= source.horizon_days - 1e-9))
    return f"; {still:,} still short at the horizon count as recovered then" if still else ""


def _of_reserves(released_t: ByColumn, reserves: Sequence[str]) -> Iterator[Row]:
    for v, name in enumerate(reserves):
        column: Column = column_of(released_t[:, v])
        for statistic, of in RESERVE_STATISTICS.items():
            unit = unit_of("released_t", statistic)
            yield Row.of("reserve", name, "released_t", statistic, of(column), unit)


def _row(view: View, measure: str, statistic: str, answer: Answer, note: str) -> Row:
    unit = unit_of(measure, statistic)
    return Row.of(view.kind, view.name, measure, statistic, answer, unit, note)
