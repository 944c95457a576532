"""What each replication is judged by: the losses of end users and of their sums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.flow.flow import Flow
from sim.metrics import loss_kernel as kernel
from sim.network.arrays import F8, I4, Labels
from sim.results.data import View

UNITS = {
    "shortfall_t": "t",
    "wanted_t": "t",
    "shortfall_share": "share",
    "worst_share": "share",
    "first_shortage_day": "days",
    "last_shortage_day": "days",
    "days_short": "days",
    "longest_spell_days": "days",
    "spared_t": "t",
    "destroyed_t": "t",
    "time_to_survive_days": "days",
    "time_to_recover_days": "days",
    "structural_t": "t",
    "disruption_t": "t",
    "value_lost_usd": "USD",
    "released_t": "t",
}
"""Unit of every measure."""


@dataclass(frozen=True)
class Views:
    """Sets of end-user groups that results are summed over.

    Parameters
    ----------
    view : tuple of View
        Kind, name and title: every end user, region, sector and product, and the total.
    ptr : ndarray of int32, shape (n_view + 1,)
        CSR offsets into `group`.
    group : ndarray of int32
        Groups of each view, ascending; sums run in this order.
    value_usd_per_t : ndarray, shape (n_group,)
        Value of a tonne short; NaN where unknown.
    """

    view: tuple[View, ...]
    ptr: I4
    group: I4
    value_usd_per_t: F8

    def __len__(self) -> int:
        return len(self.view)

    def __iter__(self) -> Iterator[View]:
        return iter(self.view)

    def groups(self, x: int) -> I4:
        """Return the groups of view `x`."""
        return self.group[self.ptr[x] : self.ptr[x + 1]]


def views_of(labels: Labels) -> Views:
    """Return the views of a network: each end user, region, sector, product, and the total.

    Parameters
    ----------
    labels : Labels
        Names of the network's end-user groups.

    Returns
    -------
    Views
        ("user", name) in group order, then ("region", ...), ("sector", ...), ("product", ...)
        in order of name, then ("total", "all"). End users without a sector have no sector view.
    """
    n = len(labels.group)
    views = [View("user", labels.group[u], labels.group_title[u]) for u in range(n)]
    members = [[u] for u in range(n)]
    kinds = (
        ("region", labels.group_region),
        ("sector", labels.group_sector),
        ("product", labels.group_product),
    )
    for kind, names in kinds:
        for name in sorted(set(names) - {""}):
            views.append(View(kind, name, name.replace("_", " ")))
            members.append([u for u in range(n) if names[u] == name])
    views.append(View("total", "all", "All end users"))
    members.append(list(range(n)))
    ptr = np.cumsum([0] + [len(m) for m in members]).astype(np.int32)
    group = np.array([u for m in members for u in m], dtype=np.int32)
    return Views(tuple(views), ptr, group, np.array(labels.group_value_usd_per_t, dtype=float))


def judge(
    flow: Flow, views: Views, step_days: float, first_shock_days: F8 | None = None
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

    Returns
    -------
    dict of ndarray, shape (n, n_view)
        shortfall_t, wanted_t, spared_t, destroyed_t: sums over the horizon, in tonnes, of the
        groups' own sums, so that parts add up to their whole. worst_share: the largest shortfall of
        a period as a share of what was wanted in it. first_shortage_day: start of the first period
        short; last_shortage_day: end of the last; both NaN where there is none. days_short,
        longest_spell_days: length of all periods short, and of the longest unbroken run of them.

    Raises
    ------
    ValueError
        If the trajectories do not have the views' number of groups.
    """
    if flow.want.shape[1] != views.value_usd_per_t.size:
        raise ValueError(
            f"trajectories of {flow.want.shape[1]} groups, views of {views.value_usd_per_t.size}"
        )
    short = np.ascontiguousarray(flow.shortfall)
    want = np.ascontiguousarray(flow.want)
    spells = np.zeros((kernel.N_ROW, len(views), want.shape[2]))
    kernel.judge_spells(want, short, views.ptr, views.group, spells)
    days = spells * step_days
    days[spells < 0] = np.nan
    measures = {
        "shortfall_t": _total(short, views),
        "wanted_t": _total(want, views),
        "worst_share": spells[kernel.WORST_SHARE],
        "first_shortage_day": days[kernel.FIRST],
        "last_shortage_day": days[kernel.LAST],
        "days_short": days[kernel.SHORT],
        "longest_spell_days": days[kernel.SPELL],
        "spared_t": _total(flow.spared, views),
        "destroyed_t": _total(flow.destroyed, views),
    }
    table = {name: np.ascontiguousarray(values.T) for name, values in measures.items()}
    return table if first_shock_days is None else table | times(table, first_shock_days)


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
    shock = np.asarray(first_shock_days, dtype=float)[:, None]
    return {
        "time_to_survive_days": np.maximum(0.0, table["first_shortage_day"] - shock),
        "time_to_recover_days": np.maximum(0.0, table["last_shortage_day"] - shock),
    }


def shortfall_share(table: dict[str, F8]) -> F8:
    """Return each replication's shortfall as a share of what was wanted; 0 where nothing was."""
    short, wanted = table["shortfall_t"], table["wanted_t"]
    return np.divide(short, wanted, out=np.zeros_like(short), where=wanted > 0)


def value_lost(shortfall_t: F8, views: Views) -> F8:
    """Return the value of the shortfall at the stated value of each end user's tonne.

    Parameters
    ----------
    shortfall_t : ndarray, shape (n, n_view)
        Shortfall in tonnes, views as in `views`.
    views : Views
        Its first views are the end users, in group order.

    Returns
    -------
    ndarray, shape (n, n_view)
        US dollars; NaN for a view that holds an end user whose value is not known.
    """
    per_group = shortfall_t[:, : views.value_usd_per_t.size] * views.value_usd_per_t
    lost = np.empty_like(shortfall_t)
    for x in range(len(views)):
        lost[:, x] = per_group[:, views.groups(x)].sum(axis=1)
    return lost


def value_per_tonne(views: Views) -> F8:
    """Return each view's value in US dollars a tonne; NaN where its end users' differ or lack one."""
    values = np.full(len(views), np.nan)
    for x in range(len(views)):
        of_groups = views.value_usd_per_t[views.groups(x)]
        if of_groups.size and np.all(of_groups == of_groups[0]):
            values[x] = of_groups[0]
    return values


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


def share_trajectories(flow: Flow, views: Views, dtype: type = np.float64) -> NDArray:
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
