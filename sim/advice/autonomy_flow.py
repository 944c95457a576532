"""What can be served without a country: a fair share of what is wanted, by linear programmes.

Steady flows of one year: no stock, no reserve. A mine or refiner makes at most its capacity, a
refiner uses its feeds in fixed proportion, and goods go along the network's lanes, as much on each
as is wanted. No lane begins or ends in the country. All end users elsewhere are served alike: the
largest share that all can have, then the largest that those can have who are not held back, and so
on (max-min fairness). So it is what can be had at best, if buyers find the suppliers they have
lanes to and nobody is preferred; how the chain would get there, the simulation says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array

from sim.network.arrays import END_USER, F8, RESERVE, CompiledNetwork
from sim.network.references import references

NEARLY = 1e-7
"""Relative tolerance of the programmes."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Year:
    """Capacities and wants of a year, tonnes.

    Parameters
    ----------
    capacity : ndarray, shape (n_site,)
        Mines and refiners.
    wanted : ndarray, shape (n_site,)
        End users.
    """

    capacity: F8
    wanted: F8


@dataclass(frozen=True)
class Served:
    """What can be served.

    Parameters
    ----------
    share : ndarray, shape (n_site,)
        Of what each end user elsewhere wants; NaN for all others.
    binding : dict of tuple of str
        End user -> the products whose capacity holds it back, most telling first; none where all
        that it wants is served, or where it has no lane left.
    """

    share: F8
    binding: dict[int, tuple[str, ...]]


def year_of(compiled: CompiledNetwork, first: int, end: int, start_days: F8) -> Year:
    """Return the capacities and wants of periods first .. end - 1, as sums.

    Parameters
    ----------
    compiled : CompiledNetwork
        With paths up to there.
    first, end : int
        Periods.
    start_days : ndarray, shape (n_project,)
        When projects start; inf: never.
    """
    chain = compiled.chain
    capacity, wanted = np.zeros(chain.kind.size), np.zeros(chain.kind.size)
    for k in range(first, end):
        now = references(chain, k, start_days)
        capacity += now.capacity
        wanted += np.where(chain.kind == END_USER, now.out, 0.0)
    return Year(capacity, wanted)


def served(compiled: CompiledNetwork, year: Year, without: Mask) -> Served:
    """Return what can be served without the sites of a mask, and what binds.

    Parameters
    ----------
    compiled : CompiledNetwork
        Its lanes and coefficients.
    year : Year
        Capacities and wants.
    without : ndarray of bool, shape (n_site,)
        Sites that neither sell nor buy.
    """
    kind = compiled.chain.kind
    users = np.flatnonzero((kind == END_USER) & ~without & (year.wanted > 0))
    programme = _Programme(compiled, year, without)
    share = np.full(kind.size, np.nan)
    binding: dict[int, tuple[str, ...]] = {}
    open_: list[int] = users.tolist()
    while open_:
        level, stops, products = programme.raised(share, open_)
        for i in stops or open_:
            share[i] = level
            binding[i] = products if level < 1.0 - NEARLY else ()
        open_ = [i for i in open_ if np.isnan(share[i])]
    return Served(share, binding)


class _Programme:
    """The flows that are possible: a variable a lane, one a site, and the common level."""

    def __init__(self, compiled: CompiledNetwork, year: Year, without: Mask) -> None:
        chain = compiled.chain
        self._compiled, self._year = compiled, year
        buyer = chain.feed_site[chain.lane_feed]
        usable = ~(without[chain.supplier] | without[buyer])
        self._lanes = np.flatnonzero(usable & (chain.kind[buyer] != RESERVE)
                                     & (chain.kind[chain.supplier] != RESERVE))  # fmt: skip
        self._n_site, self._n_lane = chain.kind.size, self._lanes.size
        self._balance, self._limits = self._rows(without)

    def _rows(self, without: Mask) -> tuple[coo_array, F8]:
        """Return rows that are 0 or less: use less arrivals of a feed, shipments less output."""
        chain = self._compiled.chain
        row, column, value = [], [], []
        n_feed = chain.feed_site.size
        for f in range(n_feed):
            row.append(f)
            column.append(int(chain.feed_site[f]))
            value.append(float(chain.coefficient[f]))
        for x, l in enumerate(self._lanes):
            row += [int(chain.lane_feed[l]), n_feed + int(chain.supplier[l])]
            column += [self._n_site + x] * 2
            value += [-1.0, 1.0]
        for i in range(self._n_site):
            if chain.kind[i] not in (END_USER, RESERVE):
                row.append(n_feed + i)
                column.append(i)
                value.append(-1.0)
        shape = n_feed + self._n_site, self._n_site + self._n_lane + 1
        matrix = coo_array((value, (row, column)), shape=shape)
        most = np.where(without, 0.0, self._year.capacity)
        return matrix, most

    def raised(self, share: F8, open_: list[int]) -> tuple[float, list[int], tuple[str, ...]]:
        """Return the largest common share of the open users, who cannot have more, what binds."""
        kind = self._compiled.chain.kind
        wanted = self._year.wanted
        n = self._n_site + self._n_lane + 1
        lowest, highest = np.zeros(n), np.full(n, np.inf)
        highest[: self._n_site] = self._limits
        is_user = kind == END_USER
        highest[: self._n_site][is_user] = wanted[is_user]
        fixed = np.flatnonzero(is_user & ~np.isnan(share))
        lowest[fixed] = np.maximum(0.0, (share[fixed] - NEARLY) * wanted[fixed])
        highest[-1] = 1.0
        row = np.arange(len(open_))
        level = coo_array(
            (np.concatenate([wanted[open_], -np.ones(len(open_))]),
             (np.tile(row, 2), np.concatenate([np.full(len(open_), n - 1), open_]))),
            shape=(len(open_), n),
        )  # fmt: skip
        cost = np.zeros(n)
        cost[-1] = -1.0
        found = self._solve(cost, level, lowest, highest)
        reached = float(found.x[-1])
        if reached >= 1.0 - NEARLY:
            return 1.0, open_, ()
        duals = -found.ineqlin.marginals[-len(open_) :] * wanted[open_]
        stops = [i for i, d in zip(open_, duals, strict=True) if d > NEARLY]
        price = -found.upper.marginals[: self._n_site] * self._limits
        return max(0.0, reached), stops, self._tight(price, stops)

    def _tight(self, price: F8, stops: list[int]) -> tuple[str, ...]:
        """Return the products whose capacity holds back, most first; the user's lack of lanes."""
        labels, kind = self._compiled.labels, self._compiled.chain.kind
        by: dict[str, float] = {}
        for i in np.flatnonzero((price > NEARLY) & (kind != END_USER)):
            by[labels.site_product[i]] = by.get(labels.site_product[i], 0.0) + float(price[i])
        return tuple(sorted(by, key=lambda p: (-by[p], p)))

    def _solve(self, cost: F8, level: coo_array, lowest: F8, highest: F8) -> Any:
        from scipy.sparse import vstack

        rows = vstack([self._balance, level]).tocsr()
        found = linprog(cost, A_ub=rows, b_ub=np.zeros(rows.shape[0]),
                        bounds=np.stack([lowest, highest], axis=1), method="highs")  # fmt: skip
        if found.status != 0:
            raise ArithmeticError(f"no steady flow was found: {found.message}")
        return found
