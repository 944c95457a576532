"""The summary of a run: one row a number, each with its 95 % interval or the reason it has none.

A view at a time and a measure at a time, so that memory holds a few columns, wherever they lie.
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

BUDGET = 16_000_000
"""Bytes of one column in all threads together: beyond, views are told one after the other."""


class ByColumn(Protocol):
    """An array (n, n_view), or what gives its columns by ``[:, x]``."""

    def __getitem__(self, key: Any, /) -> Any:
        """Return column x for ``[:, x]``."""


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
        Measures of ``sim.metrics.loss.judge``; or what gives their columns by ``[:, x]``.
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
    n = len(table["shortfall_t"][:, 0]) if views else 0
    threads = max(1, min(workers, BUDGET // (8 * n + 1)))
    with ThreadPoolExecutor(max_workers=threads) as pool:
        found = list(pool.map(lambda x: list(_of_view(source, views[x], x)), range(len(views))))
    rows = [row for of_view in found for row in of_view]
    if reserve_released_t is not None:
        rows.extend(_of_reserves(reserve_released_t, reserves))
    return rows


def _any_above(values: ByColumn, n_view: int) -> bool:
    """Return whether any element is above 0."""
    return any(bool((values[:, x] > 0).any()) for x in range(n_view))


def _of_view(source: _Source, view: View, x: int) -> Iterator[Row]:
    """Yield the rows of a view; of its columns no more than four are held at a time."""
    short, wanted = source.table["shortfall_t"][:, x], source.table["wanted_t"][:, x]
    yield _row(view, "shortfall_share", "ratio", precision.ratio(short, wanted), "")
    periods: dict[str, Answer] = {}
    for measure, statistics in STATISTICS.items():
        values = _values(source, measure, x, short, wanted)
        if values is None:
            continue
        column, note = column_of(values, measure != "wanted_t"), _note(source, measure, x)
        del values  # of a million replications every column counts
        if measure == "value_lost_usd" and column.ordered.size < column.n:
            continue  # some end user's value is not known
        if measure == "shortfall_share" and source.all_yearly and source.horizon_days is not None:
            periods = return_periods(column, source.horizon_days)
        for statistic, of in statistics.items():
            yield _row(view, measure, statistic, of(column), note)
    for statistic, answer in periods.items():
        yield Row.of(view.kind, view.name, "shortfall_share", statistic, answer, "years")


def _values(source: _Source, measure: str, x: int, short: F8, wanted: F8) -> F8 | None:
    """Return a measure of view x, read or worked out from others; None where there is none."""
    table, structural = source.table, source.structural_t
    if measure == "shortfall_t":
        return short
    if measure == "wanted_t":
        return wanted
    if measure == "shortfall_share":
        return np.divide(short, wanted, out=np.zeros_like(short), where=wanted > 0)
    if measure in _SINCE_SHOCK:
        if source.first_shock_day is None:
            return None
        return np.maximum(0.0, table[_SINCE_SHOCK[measure]][:, x] - source.first_shock_day)
    if measure == "structural_t":
        return None if structural is None else structural[:, x]
    if measure == "disruption_t":
        return None if structural is None else short - structural[:, x]
    if measure == "value_lost_usd":
        return None if source.value_lost_usd is None else source.value_lost_usd[:, x]
    return table[measure][:, x] if measure in table else None


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
