"""Views: the sets of end users that losses are summed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sim.flow.cells import NO_CELLS, Cells, cells_of
from sim.network.arrays import F8, I4, Labels
from sim.results.data import View


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
    firms : ndarray of int32, shape (n_group,), optional
        Firms of each group: its cohorts where it has several, else 0. By default none is known.
    cells : Cells
        Who makes the same value added, by view; none where the network states none.
    """

    view: tuple[View, ...]
    ptr: I4
    group: I4
    value_usd_per_t: F8
    firms: I4 = field(default_factory=lambda: np.zeros(0, np.int32))
    cells: Cells = NO_CELLS

    def __len__(self) -> int:
        return len(self.view)

    def __iter__(self) -> Iterator[View]:
        return iter(self.view)

    def groups(self, x: int) -> I4:
        """Return the groups of view `x`."""
        return self.group[self.ptr[x] : self.ptr[x + 1]]

    def n_firm(self) -> I4:
        """Return the number of firms of each view, shape (n_view,)."""
        known = self.firms if self.firms.size else np.zeros(self.value_usd_per_t.size, np.int32)
        return np.array([known[self.groups(x)].sum() for x in range(len(self))], np.int32)


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
        of: dict[str, list[int]] = {}
        for u, name in enumerate(names):
            of.setdefault(name, []).append(u)
        for name in sorted(set(of) - {""}):
            views.append(View(kind, name, name.replace("_", " ")))
            members.append(of[name])
    views.append(View("total", "all", "All end users"))
    members.append(list(range(n)))
    ptr = np.cumsum([0] + [len(m) for m in members]).astype(np.int32)
    group = np.array([u for m in members for u in m], dtype=np.int32)
    cohorts = Counter(labels.site_parent)
    firms = [cohorts[name] if cohorts[name] > 1 else 0 for name in labels.group]
    value = np.array(labels.group_value_usd_per_t, dtype=float)
    cells = cells_of(labels, ptr, group)
    return Views(tuple(views), ptr, group, value, np.array(firms, dtype=np.int32), cells)


def goods_value_missed(shortfall_t: F8, views: Views) -> F8:
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
        US dollars, of the goods alone, not of what is made of them; NaN for a view that holds an
        end user whose value is not known.
    """
    value = views.value_usd_per_t
    if np.isnan(value).all():
        return np.full_like(shortfall_t, np.nan)
    per_group = np.multiply(shortfall_t[:, : value.size], value, order="C")  # sums keep their bits
    lost = np.empty_like(shortfall_t)
    for x in range(len(views)):
        lost[:, x] = per_group[:, views.groups(x)].sum(axis=1)
    return lost


def value_per_tonne(views: Views) -> F8:
    """Return each view's value in US dollars a tonne; NaN where its end users differ."""
    values = np.full(len(views), np.nan)
    for x in range(len(views)):
        of_groups = views.value_usd_per_t[views.groups(x)]
        if of_groups.size and np.all(of_groups == of_groups[0]):
            values[x] = of_groups[0]
    return values


def with_judged(views: Views, groups: list[int], labels: Labels) -> Views:
    """Return views with ("judged", "all") as the last: the end users that the scenario judges by.

    Parameters
    ----------
    views : Views
        Those of the network.
    groups : list of int
        Groups of the judged end users, ascending.
    labels : Labels
        The network's.

    Returns
    -------
    Views
        One view more.
    """
    ptr = np.append(views.ptr, views.ptr[-1] + len(groups)).astype(np.int32)
    group = np.append(views.group, groups).astype(np.int32)
    return Views(
        (*views.view, View("judged", "all", "Judged end users")),
        ptr,
        group,
        views.value_usd_per_t,
        views.firms,
        cells_of(labels, ptr, group),
    )
