"""The summary of a run: one row a number, each with its 95 % interval or the reason it has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sim.metrics import precision
from sim.metrics.loss import shortfall_share, times
from sim.metrics.rows import Row
from sim.metrics.statistics import (
    RESERVE_STATISTICS,
    STATISTICS,
    Column,
    columns_of,
    return_periods,
    unit_of,
)
from sim.network.arrays import F8
from sim.results.data import View

__all__ = ["Row", "summarize"]


def summarize(
    table: Mapping[str, F8],
    views: Sequence[View],
    *,
    first_shock_day: F8 | None = None,
    structural_t: F8 | None = None,
    value_lost_usd: F8 | None = None,
    reserve_released_t: F8 | None = None,
    reserves: Sequence[str] = (),
    horizon_days: float | None = None,
    all_yearly: bool = False,
) -> list[Row]:
    """Return every number that a run is told by.

    Parameters
    ----------
    table : mapping of str to ndarray, shape (n, n_view)
        Measures of ``sim.metrics.loss.judge``.
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

    Returns
    -------
    list of Row
        By view, measure and statistic.
    """
    measures = _measures(table, first_shock_day, structural_t, value_lost_usd)
    columns = {
        name: columns_of(values, sort=name != "wanted_t") for name, values in measures.items()
    }
    rows: list[Row] = []
    for x, view in enumerate(views):
        told = {name: column[x] for name, column in columns.items()}
        rows.append(_share_of_wanted(view, table, x))
        rows.extend(_of_view(view, told, _unrecovered(table, x, horizon_days)))
        if all_yearly and horizon_days is not None:
            rows.extend(_of_return(view, told["shortfall_share"], horizon_days))
    if reserve_released_t is not None:
        rows.extend(_of_reserves(reserve_released_t, reserves))
    return rows


def _measures(
    table: Mapping[str, F8],
    first_shock_day: F8 | None,
    structural_t: F8 | None,
    value_lost_usd: F8 | None,
) -> dict[str, F8]:
    """Return the measures to tell, in order, with those that follow from others."""
    all_of = dict(table) | {"shortfall_share": shortfall_share(dict(table))}
    if first_shock_day is not None:
        all_of |= times(all_of, first_shock_day)
    if structural_t is not None and np.any(structural_t > 0):
        all_of |= {
            "structural_t": structural_t,
            "disruption_t": table["shortfall_t"] - structural_t,
        }
    if value_lost_usd is not None:
        all_of["value_lost_usd"] = value_lost_usd
    return {name: all_of[name] for name in STATISTICS if name in all_of}


def _of_view(view: View, columns: Mapping[str, Column], unrecovered: str) -> Iterator[Row]:
    notes = {
        "time_to_survive_days": "given a shock and a shortage",
        "time_to_recover_days": f"given a shock and a shortage{unrecovered}",
    }
    for measure, column in columns.items():
        if measure == "value_lost_usd" and column.ordered.size < column.raw.size:
            continue  # some end user's value is not known
        for statistic, of in STATISTICS[measure].items():
            unit, note = unit_of(measure, statistic), notes.get(measure, "")
            yield Row.of(view.kind, view.name, measure, statistic, of(column), unit, note)


def _of_return(view: View, share: Column, horizon_days: float) -> Iterator[Row]:
    for statistic, answer in return_periods(share, horizon_days).items():
        yield Row.of(view.kind, view.name, "shortfall_share", statistic, answer, "years")


def _of_reserves(released_t: F8, reserves: Sequence[str]) -> Iterator[Row]:
    for name, column in zip(reserves, columns_of(released_t), strict=True):
        for statistic, of in RESERVE_STATISTICS.items():
            unit = unit_of("released_t", statistic)
            yield Row.of("reserve", name, "released_t", statistic, of(column), unit)


def _share_of_wanted(view: View, table: Mapping[str, F8], x: int) -> Row:
    """Return mean shortfall / mean wanted: the share of all demand that went short."""
    answer = precision.ratio(table["shortfall_t"][:, x], table["wanted_t"][:, x])
    return Row.of(view.kind, view.name, "shortfall_share", "ratio", answer, "share")


def _unrecovered(table: Mapping[str, F8], x: int, horizon_days: float | None) -> str:
    """Return how many replications were still short at the end: their recovery is a lower bound."""
    if horizon_days is None:
        return ""
    still = int(np.count_nonzero(table["last_shortage_day"][:, x] >= horizon_days - 1e-9))
    return f"; {still:,} still short at the horizon count as recovered then" if still else ""
