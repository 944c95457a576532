"""Which goods moved most in a run, by region of their buyers: stocks first, then deliveries."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.base.sections import INDEPENDENT, Sections
from sim.metrics.risk import rank
from sim.metrics.weighted import Rows
from sim.network.arrays import F8
from sim.results.data import GoodsData, View

ONE_IN_TWENTY = 0.05


class Moved(NamedTuple):
    """How low a pair of a product and a region of its buyers came.

    Parameters
    ----------
    view : View
        Which pair.
    column : int
        Its column of the tables.
    rest_days : float
        Stock on day 0, in days of reference use, before anything is drawn.
    least_days, low_days : float
        The least stock: in the median future, and in one of twenty at most.
    delivery, low_delivery : float
        The least deliveries of four weeks, by reference use, likewise.
    """

    view: View
    column: int
    rest_days: float
    least_days: float
    low_days: float
    delivery: float
    low_delivery: float

    @property
    def left(self) -> float:
        """The least stock of one future in twenty by that of day 0."""
        return self.low_days / self.rest_days


def moved(goods: GoodsData, sections: Sections = INDEPENDENT) -> list[Moved]:
    """Return all pairs that hold stock, that whose stock fell most first.

    Quantiles are those of the summary (``sim.metrics.risk.rank``).

    Parameters
    ----------
    goods : GoodsData
        What was found of goods.
    sections : Sections, optional
        How replications belong together.
    """
    found = []
    for x, view in enumerate(goods.pairs):
        cover = np.asarray(goods.table["least_cover_days"][:, x])
        delivery = np.asarray(goods.table["least_delivery_share"][:, x])
        if goods.rest_days[x] > 0.0 and not np.isnan(cover).any():
            told = (
                _quantile(values, p, sections)
                for values in (cover, delivery)
                for p in (0.5, ONE_IN_TWENTY)
            )
            found.append(Moved(view, x, float(goods.rest_days[x]), *told))
    return sorted(found, key=lambda one: (one.left, one.least_days / one.rest_days, one.delivery))


def _quantile(values: F8, level: float, sections: Sections) -> float:
    """Return a quantile of numbers in the order of their futures."""
    if sections.weighted:
        return float(Rows(values[None], sections).quantile(np.array([level]))[0][0])
    return quantile(np.sort(values), level)


def quantile(ordered: F8, level: float) -> float:
    """Return a quantile of ascending numbers."""
    return float(ordered[rank(ordered.size, level) - 1])
