"""The summary of a run: one row a number, each with its 95 % interval or the reason it has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from sim.flow.kernel.measures import GOODS_MEASURES, MEASURES, PRICE_MEASURES, RESERVE_LEFT
from sim.metrics import precision
from sim.metrics.answer import Refused
from sim.metrics.censored import Lines, cut_off
from sim.metrics.rows import Row
from sim.metrics.sections import INDEPENDENT, Sections
from sim.metrics.source import SINCE_SHOCK, ByColumn, Source
from sim.metrics.statistics import (
    RESERVE_STATISTICS,
    RETURN_PERIODS,
    STATISTICS,
    answers,
    batches,
    return_periods,
    unit_of,
)
from sim.network.arrays import F8
from sim.results.data import GoodsData, PriceData, View

__all__ = ["Row", "summarize", "summarize_goods", "summarize_prices", "tell", "tell_reserves"]

LOOK = 65_536
"""Numbers of a measure worked at together: a few views of a short run, one of a long run."""

OF_FIRMS = tuple(one.name for one in MEASURES if one.fold == "firms")

NO_FIRMS = "none of its end users is split into firms"

IN_USD = ("goods_value_missed_usd", "bill_usd")
"""Not told of a view that holds an end user whose value is not known: they are NaN."""

BUDGET = 8_000_000
"""Bytes of the columns that are held at once."""


def summarize(
    table: Mapping[str, ByColumn],
    views: Sequence[View],
    *,
    first_shock_day: F8 | None = None,
    structural_t: ByColumn | None = None,
    goods_value_missed_usd: ByColumn | None = None,
    reserve_released_t: ByColumn | None = None,
    reserves: Sequence[str] = (),
    horizon_days: float | None = None,
    all_yearly: bool = False,
    workers: int = 1,
    sections: Sections = INDEPENDENT,
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
    goods_value_missed_usd : ndarray, shape (n, n_view), optional
        ``sim.metrics.loss.goods_value_missed``; views with NaN are left out.
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
    sections : Sections, optional
        How replications belong together; rows are then in their order.

    Returns
    -------
    list of Row
        By view, measure and statistic: the share of all that was wanted first, return periods last.
    """
    if structural_t is not None and not _any_above(structural_t, len(views)):
        structural_t = None
    missed = goods_value_missed_usd
    source = Source(table, first_shock_day, structural_t, missed, horizon_days, sections)
    told = [("shortfall_share", ("ratio",)), *STATISTICS.items()]
    if all_yearly and horizon_days is not None:
        told.append(("shortfall_share", RETURN_PERIODS))
    n = len(table["shortfall_t"][:, 0]) if views else 1
    tasks = [(*what, columns) for what in told for columns in groups(n, len(views))]
    threads = max(1, min(workers, 2 * BUDGET // (8 * n + 1)))
    rows: list[list[Row]] = [[] for _ in views]
    with ThreadPoolExecutor(max_workers=threads) as pool:
        done = pool.map(lambda task: tell(source, *task), tasks)
        for (measure, _, columns), lines in zip(tasks, done, strict=True):
            for x in range(columns.start, columns.stop):
                rows[x] += _rows(source, views[x], measure, lines, x - columns.start, x)
    found = [row for of_view in rows for row in of_view]
    if reserve_released_t is not None:
        found.extend(_of_reserves(reserve_released_t, reserves, sections))
    return found


def groups(n: int, n_view: int) -> list[slice]:
    """Return the views that are worked at together."""
    size = max(1, LOOK // max(n, 1))
    return [slice(at, min(at + size, n_view)) for at in range(0, n_view, size)]


def tell(source: Source, measure: str, statistics: Sequence[str], columns: slice) -> Lines:
    """Return statistics of a measure of some views; [] where the source does not hold it."""
    if statistics == ("ratio",):
        short, wanted = (
            np.ascontiguousarray(source.table[m][:, columns].T) for m in ("shortfall_t", "wanted_t")
        )
        return [("ratio", precision.ratios(short, wanted, sections=source.sections))]
    values = source.values(measure, columns)
    if values is None:
        return []
    if statistics is RETURN_PERIODS:
        return _return_periods(values, source)
    bounds = source.bounds(measure, columns)
    lines: Lines = [(statistic, []) for statistic in statistics]
    for batch in batches(values, bounds, measure != "wanted_t", source.sections):
        for statistic, of_views in lines:
            of_views += answers(batch, statistic)
    if measure in OF_FIRMS:
        lines = _without_firms(lines, values)
    still = source.still_short(columns) if measure == "time_to_recover_days" else None
    return lines if still is None else cut_off(lines, values, still)


def _without_firms(lines: Lines, values: F8) -> Lines:
    """Return statistics with the reason where a view has no firms, and its share is NaN."""
    none = Refused(NO_FIRMS, None, 0)
    absent = [bool(np.isnan(column).all()) for column in values.T]
    return [
        (statistic, [none if no else a for a, no in zip(of_views, absent, strict=True)])
        for statistic, of_views in lines
    ]


def tell_reserves(released_t: ByColumn, columns: slice, sections: Sections = INDEPENDENT) -> Lines:
    """Return the mean, the chance and the 95 % quantile of what some reserves release."""
    source = Source({"released_t": released_t}, sections=sections)
    return tell(source, "released_t", RESERVE_STATISTICS, columns)


def summarize_goods(goods: GoodsData, sections: Sections = INDEPENDENT) -> list[Row]:
    """Return what a run tells of every pair of a product and a region, and of every reserve."""
    rows: list[Row] = []
    n = len(goods.table[GOODS_MEASURES[0].name][:, 0]) if goods.pairs else 1
    for columns in groups(n, len(goods.pairs)):
        source = Source(goods.table, sections=sections)
        told = [
            (one.name, tell(source, one.name, one.statistics.split(), columns))
            for one in GOODS_MEASURES
        ]
        for at, view in enumerate(goods.pairs[columns]):
            rows += [row for name, lines in told for row in _plain_rows(view, name, lines, at)]
    table = {RESERVE_LEFT.name: goods.reserve_left_days}
    statistics = RESERVE_LEFT.statistics.split()
    for v, view in enumerate(goods.reserves):
        lines = tell(
            Source(table, sections=sections), RESERVE_LEFT.name, statistics, slice(v, v + 1)
        )
        rows += _plain_rows(view, RESERVE_LEFT.name, lines, 0)
    return rows


def summarize_prices(
    prices: PriceData, horizon_days: float, sections: Sections = INDEPENDENT
) -> list[Row]:
    """Return what a run tells of the price of every good and place."""
    rows: list[Row] = []
    source = Source(prices.table, horizon_days=horizon_days, sections=sections)
    for columns in groups(source.n, len(prices.views)):
        told = [
            (one.name, tell(source, one.name, one.statistics.split(), columns))
            for one in PRICE_MEASURES
        ]
        for at, view in enumerate(prices.views[columns]):
            rows += [row for name, lines in told for row in _plain_rows(view, name, lines, at)]
    return rows


def _plain_rows(view: View, measure: str, lines: Lines, at: int) -> Iterator[Row]:
    """Yield the rows of a view's statistics: the answers at `at`."""
    for statistic, of_views in lines:
        unit = unit_of(measure, statistic)
        yield Row.of(view.kind, view.name, measure, statistic, of_views[at], unit)


def _return_periods(values: F8, source: Source) -> Lines:
    (batch,) = batches(values, sections=source.sections)
    horizon_days = source.horizon_days or 0.0
    return [
        (
            name,
            return_periods(answers(batch, f"P{name.removeprefix('return_period')}"), horizon_days),
        )
        for name in RETURN_PERIODS
    ]


def _any_above(values: ByColumn, n_view: int) -> bool:
    """Return whether any element is above 0."""
    return any(bool((values[:, x] > 0).any()) for x in range(n_view))


def _rows(source: Source, view: View, measure: str, lines: Lines, at: int, x: int) -> Iterator[Row]:
    """Yield the rows of one view: the answers at `at`; it is the table's column `x`."""
    if measure in IN_USD and lines and lines[0][1][at].n < source.n:
        return  # some end user's value is not known
    note = _note(source, measure, x)
    for statistic, of_views in lines:
        unit = unit_of(measure, statistic)
        yield Row.of(view.kind, view.name, measure, statistic, of_views[at], unit, note)


def _note(source: Source, measure: str, x: int) -> str:
    if measure not in SINCE_SHOCK:
        return ""
    given = "given a shock and a shortage"
    if measure == "time_to_survive_days":
        return given
    still = source.still_short(slice(x, x + 1))
    if still is None or not still.any():
        return given
    return f"{given}; {np.count_nonzero(still):,} still short at the horizon"


def _of_reserves(
    released_t: ByColumn, reserves: Sequence[str], sections: Sections
) -> Iterator[Row]:
    for v, name in enumerate(reserves):
        for statistic, of_views in tell_reserves(released_t, slice(v, v + 1), sections):
            unit = unit_of("released_t", statistic)
            yield Row.of("reserve", name, "released_t", statistic, of_views[0], unit)
