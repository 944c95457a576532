"""Cells: end users of one region that make the same value added, so that it is lost once.

A *cell* is the members of a pool in one region, of those that a set holds (docs/model.md, 10). The
members stand by value added, largest first: each is taken to lie inside the one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from sim.network.arrays import F8, I4, Economy, Labels


class Cells(NamedTuple):
    """The cells of some sets of end-user groups; CSR offsets in ``*_ptr``.

    Shapes: C cells, M members of all cells, X sets.

    Parameters
    ----------
    cell_ptr, cell_site, cell_group : ndarray of int32
        (C + 1,) and the members of a cell: group, and its first cohort.
    cell_largest : ndarray of int32
        (C,) 1: what members lose coincides as far as it can; 0: by chance.
    cell_within : ndarray of int32
        (C,) The cell, before this one, whose value added holds this one's; -1: none.
    set_cell_ptr, set_cell : ndarray of int32
        (X + 1,) and the cells of a set, ascending.
    cell_step_usd : ndarray
        (M,) Value added of a member beyond that of the next, USD a year.
    cell_usd : ndarray
        (C,) Value added of the largest member, USD a year.
    cell_share : ndarray
        (C,) Value added as a share of output, of the largest member; NaN where unknown.
    gdp_usd : ndarray
        (X,) Domestic product of a set's regions, USD a year; NaN where one is unknown.
    """

    cell_ptr: I4
    cell_site: I4
    cell_group: I4
    cell_largest: I4
    cell_within: I4
    set_cell_ptr: I4
    set_cell: I4
    cell_step_usd: F8
    cell_usd: F8
    cell_share: F8
    gdp_usd: F8

    def tables(self, n_set: int) -> dict[str, Any]:
        """Return the kernel's tables; without cells, n_set sets have none."""
        tables = {name: table for name, table in self._asdict().items() if name != "gdp_usd"}
        if not self.cell_usd.size:
            tables["set_cell_ptr"] = np.zeros(n_set + 1, np.int32)
        return tables


_I, _START, _F = np.zeros(0, np.int32), np.zeros(1, np.int32), np.zeros(0)
NO_CELLS = Cells(_START, _I, _I, _I, _I, _START, _I, _F, _F, _F, _F)

Members = tuple[int, ...]


class _Desk:
    """Cells in the order in which sets first need them; equal ones are one."""

    def __init__(self, economy: Economy, region: tuple[str, ...]):
        self.economy, self.region = economy, region
        self.cells: dict[tuple[Members, int], int] = {}

    def of_set(self, groups: Iterable[int]) -> list[int]:
        """Return the cells of a set of groups, ascending."""
        pools: dict[tuple[str, str], list[int]] = {}
        for u in groups:
            if self.economy.value_added_usd[u] > 0.0:
                pool = self.economy.pool[u] or f"#{u}"
                pools.setdefault((self.region[u], pool), []).append(u)
        return sorted(self._cell(key, pools) for key in pools)

    def _cell(self, key: tuple[str, str], pools: dict[tuple[str, str], list[int]]) -> int:
        value = self.economy.value_added_usd
        members = tuple(sorted(pools[key], key=lambda u: (-value[u], u)))
        around = (key[0], self.economy.within[members[0]])
        within = self._cell(around, pools) if around in pools and around != key else -1
        return self.cells.setdefault((members, within), len(self.cells))


def cells_of(labels: Labels, ptr: I4, group: I4) -> Cells:
    """Return the cells of sets of end-user groups.

    Parameters
    ----------
    labels : Labels
        With the groups' regions and economy.
    ptr, group : ndarray of int32
        The sets: CSR offsets, and groups.
    """
    economy, region = labels.economy, labels.group_region
    if not any(economy.value_added_usd):
        return NO_CELLS
    desk = _Desk(economy, region)
    sets = [group[a:b].tolist() for a, b in pairwise(ptr)]
    of_sets = [desk.of_set(groups) for groups in sets]
    cells = list(desk.cells)
    heads = [members[0] for members, _ in cells]
    value = [economy.value_added_usd[u] for u in heads]
    return Cells(
        cell_ptr=_offsets(len(members) for members, _ in cells),
        cell_site=_i4(economy.site[u] for members, _ in cells for u in members),
        cell_group=_i4(u for members, _ in cells for u in members),
        cell_largest=_i4(economy.largest[u] for u in heads),
        cell_within=_i4(within for _, within in cells),
        set_cell_ptr=_offsets(map(len, of_sets)),
        set_cell=_i4(c for of_set in of_sets for c in of_set),
        cell_step_usd=_f8(
            step for members, _ in cells for step in _steps(members, economy.value_added_usd)
        ),
        cell_usd=_f8(value),
        cell_share=_f8(economy.value_added_share[u] for u in heads),
        gdp_usd=_f8(_gdp(economy, {region[u] for u in groups}) for groups in sets),
    )


def _steps(members: Members, value: tuple[float, ...]) -> list[float]:
    """Return the value added of each member beyond that of the next."""
    own = [value[u] for u in members]
    return [a - b for a, b in zip(own, [*own[1:], 0.0], strict=True)]


def _gdp(economy: Economy, regions: set[str]) -> float:
    return sum(economy.gdp_usd.get(region, float("nan")) for region in sorted(regions))


def _offsets(sizes: Iterable[int]) -> I4:
    return np.cumsum([0, *sizes]).astype(np.int32)


def _i4(values: Iterable[Any]) -> I4:
    return np.array(list(values), np.int32)


def _f8(values: Iterable[float]) -> F8:
    return np.array(list(values), np.float64)
