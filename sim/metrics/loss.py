"""What each replication is measured by: the losses of end users and of their sums."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.base.units import DAYS_PER_YEAR
from sim.flow.drawn import LossDraws
from sim.flow.kernel.measures import (
    BOOKS,
    HALT,
    LOSSES,
    MEASURES,
    NEARLY,
    SHORT_FROM,
    TALLIES,
    UNITS,
    Measure,
)
from sim.flow.trajectories import Flow, Measures
from sim.metrics.kernel import spells as kernel
from sim.metrics.kernel.loss import measure_losses
from sim.metrics.views import Views, goods_value_missed, value_per_tonne, views_of
from sim.network.arrays import F8, I4

__all__ = [
    "UNITS",
    "Views",
    "bought",
    "goods_value_missed",
    "measure",
    "measures_of",
    "released",
    "share_trajectories",
    "shortfall_share",
    "since_shock",
    "times",
    "trajectories",
    "value_per_tonne",
    "views_of",
]


def measure(
    flow: Flow,
    views: Views,
    step_days: float,
    first_shock_days: F8 | None = None,
    short_from: float = SHORT_FROM,
    draws: LossDraws | None = None,
) -> dict[str, F8]:
    """Return the measures of each replication and view.

    Parameters
    ----------
    flow : Flow
        Trajectories (n_period, n_group, n) of both engines.
    views : Views
        Sets of groups.
    step_days : float
        Length of a period in days.
    first_shock_days : ndarray, shape (n,), optional
        Day of each replication's first shock, NaN where none; where it is given, the result
        also holds `time_to_survive_days` and `time_to_recover_days` (see ``times``).
    short_from : float, optional
        Share of what was wanted from which on a period counts as short.
    draws : LossDraws, optional
        What value added hangs on; without, none is measured.

    Returns
    -------
    dict of ndarray, shape (n, n_view)
        Those of ``MEASURES`` that have a fold. Sums over the horizon are sums of the groups' own
        sums, so that parts add up to their whole. A day is NaN where there was no shortage; when
        one begins and ends within a period is told by how much of it was missed (docs/model.md, 9).

    Raises
    ------
    ValueError
        If the trajectories do not have the views' number of groups.
    """
    if flow.want.shape[1] != views.value_usd_per_t.size:
        raise ValueError(
            f"trajectories of {flow.want.shape[1]} groups, views of {views.value_usd_per_t.size}"
        )
    tally = np.zeros((len(TALLIES), len(views), flow.want.shape[2]))
    kernel.measure_spells(
        np.ascontiguousarray(flow.want),
        np.ascontiguousarray(flow.shortfall),
        views.ptr,
        views.group,
        short_from * (1.0 - NEARLY),
        tally,
    )
    stopped = np.ascontiguousarray(flow.stopped)
    kernel.first_stops(stopped, views.ptr, views.group, tally[HALT])
    sums = np.stack([_total(getattr(flow, book), views) for book in BOOKS])
    loss = None if draws is None else losses(flow, views, step_days, short_from, draws)
    measured = Measures(sums, tally, released(flow), loss=loss)
    gdp = gdp_usd(views, step_days * flow.want.shape[0])
    return measures_of(measured, step_days, first_shock_days, firms=views.n_firm(), gdp=gdp)


def losses(
    flow: Flow, views: Views, step_days: float, short_from: float, draws: LossDraws
) -> F8 | None:
    """Return ``LOSSES`` of each view and replication, USD (docs/model.md, section 10).

    Parameters
    ----------
    flow, views, step_days, short_from, draws
        As for ``measure``.

    Returns
    -------
    ndarray, shape (LOSSES, n_view, n), or None
        None where the network states no value added.
    """
    if not views.cells.cell_usd.size:
        return None
    out = np.zeros((len(LOSSES), len(views), flow.want.shape[2]))
    want, short, idled = map(np.ascontiguousarray, (flow.want, flow.shortfall, flow.idled))
    limit = short_from * (1.0 - NEARLY)
    measure_losses(want, short, idled, views.cells, draws, limit, step_days, out)
    return out


def gdp_usd(views: Views, days: float) -> F8:
    """Return the domestic product of each view's regions over so many days, USD."""
    return views.cells.gdp_usd * (days / DAYS_PER_YEAR)


def measures_of(
    measured: Measures,
    step_days: float,
    first_shock_days: F8 | None = None,
    *,
    firms: I4,
    gdp: F8 | None = None,
) -> dict[str, F8]:
    """Return the measures of each replication and view, as ``measure``, of an engine's own.

    Parameters
    ----------
    measured : Measures
        Of ``sim.flow.engine.simulate_measures``.
    step_days, first_shock_days
        As for ``measure``.
    firms : ndarray of int32, shape (n_view,)
        Firms of each view, ``Views.n_firm``.
    gdp : ndarray, shape (n_view,), optional
        Of ``gdp_usd``; where losses are measured.

    Returns
    -------
    dict of ndarray, shape (n, n_view)
        See ``measure``.
    """
    table = {  # columns as a block holds them
        one.name: _folded(measured, one, step_days, firms, gdp).T
        for one in folded(measured.loss is not None)
    }
    return table if first_shock_days is None else table | times(table, first_shock_days)


def folded(with_losses: bool) -> list[Measure]:
    """Return the measures that are folded over the periods; those of value added where stated."""
    return [one for one in MEASURES if one.fold and (with_losses or one.fold != "loss")]


def _folded(measured: Measures, one: Measure, step_days: float, firms: I4, gdp: F8 | None) -> F8:
    """Return a measure that the engines fold over the periods, shape (n_view, n)."""
    if one.fold == "firms":
        counted = np.where(firms > 0, firms, np.nan)[:, None]
        return np.asarray(measured.sums[BOOKS.index(one.of)] / counted)
    if one.fold == "loss":
        return _of_losses(measured, one, gdp)
    source, names = (measured.sums, BOOKS) if one.fold == "sum" else (measured.tally, TALLIES)
    values: F8 = source[names.index(one.of)]
    if one.fold == "day":
        return _day(values, step_days)
    return values * step_days if one.fold == "days" else values


def _of_losses(measured: Measures, one: Measure, gdp: F8 | None) -> F8:
    """Return a measure of value added; with suppliers it is a share of the domestic product."""
    assert measured.loss is not None
    lost: F8 = measured.loss[LOSSES.index(one.of)]
    return lost if one.of != "economy" or gdp is None else lost / gdp[:, None]


def released(flow: Flow) -> F8:
    """Return what each reserve released over the horizon, shape (n_reserve, n), in tonnes."""
    total = np.zeros(flow.released.shape[1:])
    kernel.add_periods(np.ascontiguousarray(flow.released), total)
    return total


def bought(flow: Flow) -> F8 | None:
    """Return what was sent to each reserve over the horizon, shape (n_reserve, n), in tonnes."""
    if flow.bought is None:
        return None
    total = np.zeros(flow.bought.shape[1:])
    kernel.add_periods(np.ascontiguousarray(flow.bought), total)
    return total


def _day(period: F8, step_days: float) -> F8:
    """Return a time in periods as a day; NaN for -1, never."""
    return np.where(period < 0, np.nan, period * step_days)


def times(table: dict[str, F8], first_shock_days: F8) -> dict[str, F8]:
    """Return time to survive and time to recover.

    Parameters
    ----------
    table : dict of ndarray, shape (n, n_view)
        With `first_shortage_day` and `last_shortage_day`.
    first_shock_days : ndarray, shape (n,)
        Day of each replication's first shock; NaN where none came.

    Returns
    -------
    dict of ndarray, shape (n, n_view)
        time_to_survive_days: from the first shock to the first shortage; time_to_recover_days:
        from the first shock to the end of the last shortage. Both are 0 where that came before the
        shock (a gap that growth alone made), and NaN without a shortage or without a shock.
    """
    return {
        "time_to_survive_days": since_shock(table["first_shortage_day"], first_shock_days),
        "time_to_recover_days": since_shock(table["last_shortage_day"], first_shock_days),
    }


def since_shock(day: F8, first_shock_days: F8) -> F8:
    """Return how long after each replication's first shock a day lies, at least 0."""
    since: F8 = day - np.asarray(first_shock_days, dtype=float)[:, None]
    return np.maximum(0.0, since, out=since)


def shortfall_share(table: dict[str, F8]) -> F8:
    """Return each replication's shortfall as a share of what was wanted; 0 where nothing was."""
    short, wanted = table["shortfall_t"], table["wanted_t"]
    return np.divide(short, wanted, out=np.zeros_like(short), where=wanted > 0)


def trajectories(values: F8, views: Views) -> F8:
    """Return trajectories of the views, summed over their groups in order.

    Parameters
    ----------
    values : ndarray, shape (n_period, n_group, n)
        Such as ``flow.shortfall``.
    views : Views
        Sets of groups.

    Returns
    -------
    ndarray, shape (n_period, n_view, n)
        Sums, in the unit of `values`.
    """
    values = np.ascontiguousarray(values)
    out = np.zeros((values.shape[0], len(views), values.shape[2]))
    for k in range(values.shape[0]):
        kernel.add_groups(values[k], views.ptr, views.group, out[k])
    return out


def share_trajectories(flow: Flow, views: Views, dtype: type = np.float64) -> NDArray[Any]:
    """Return the share of what was wanted that was short, per period and view; 0 where nothing was.

    Parameters
    ----------
    flow : Flow
        Trajectories of the groups.
    views : Views
        Sets of groups.
    dtype : type, optional
        float32 halves the memory of an ensemble.

    Returns
    -------
    ndarray, shape (n_period, n_view, n)
        Shares, 0 to 1.
    """
    short, want = trajectories(flow.shortfall, views), trajectories(flow.want, views)
    share = np.divide(short, want, out=np.zeros_like(short), where=want > 0)
    return share.astype(dtype, copy=False)


def _total(values: F8, views: Views) -> F8:
    """Return sums over the horizon, shape (n_view, n)."""
    values = np.ascontiguousarray(values)
    of_groups = np.zeros(values.shape[1:])
    kernel.add_periods(values, of_groups)
    out = np.zeros((len(views), values.shape[2]))
    kernel.add_groups(of_groups, views.ptr, views.group, out)
    return out
