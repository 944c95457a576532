"""What each replication is measured by, of goods: their prices, by the region of the buyers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.flow.goods import Goods
from sim.flow.kernel.measures import NEARLY, PRICE_MEASURES, PRICE_TALLIES
from sim.flow.market import Market
from sim.network.arrays import F8, I4
from sim.results.data import View

INSIDE, OUTSIDE = "inside", "outside"


@dataclass(frozen=True)
class Places:
    """Goods and the regions of their buyers, as results tell them.

    Parameters
    ----------
    view : tuple of View
        Of kind "good": PRODUCT/REGION for each pair, then PRODUCT/outside for the mean outside the
        region that makes most of it.
    path : ndarray of int32
        The path of prices of each (``Market.n_path``).
    course : tuple of View
        Of kind "good": PRODUCT/inside (that region's own price, where it buys) and PRODUCT/outside.
    course_path : ndarray of int32
        Their paths.
    """

    view: tuple[View, ...]
    path: I4
    course: tuple[View, ...]
    course_path: I4

    def __len__(self) -> int:
        return len(self.view)


NO_PLACES = Places((), np.zeros(0, np.int32), (), np.zeros(0, np.int32))


def places_of(market: Market | None) -> Places:
    """Return the places of a market; none where there are no prices."""
    if market is None:
        return NO_PLACES
    goods = market.goods
    pairs = [(_view(product, region), q) for q, (product, region) in enumerate(goods.pair)]
    outside = [
        (_view(product, OUTSIDE), len(goods.pair) + g)
        for g, product in enumerate(goods.product)
        if market.outside[pairs_of(goods, g)].sum() > 0.0
    ]
    inside = [
        (_view(product, INSIDE), goods.pair.index((product, home)))
        for product, home in zip(goods.product, market.home, strict=True)
        if (product, home) in goods.pair
    ]
    told, course = [*pairs, *outside], sorted([*inside, *outside], key=lambda one: one[0].name)
    return Places(
        tuple(view for view, _ in told),
        np.array([path for _, path in told], np.int32),
        tuple(view for view, _ in course),
        np.array([path for _, path in course], np.int32),
    )


def pairs_of(goods: Goods, g: int) -> slice:
    """Return the pairs of product number g."""
    return slice(int(goods.product_ptr[g]), int(goods.product_ptr[g + 1]))


def _view(product: str, place: str) -> View:
    return View("good", f"{product}/{place}", f"{product.replace('_', ' ')}, {place}")


def tally_prices(price: F8) -> F8:
    """Return what the compiled engine keeps of paths of prices, shape (3, paths, n).

    Parameters
    ----------
    price : ndarray, shape (n_period, paths, n)
        Of ``Flow.price``.
    """
    over, peak, above = np.zeros((len(PRICE_TALLIES), *price.shape[1:]))
    peak[:] = 1.0
    for of_period in price:  # in their order: sums keep their bits
        over += of_period - 1.0
        np.maximum(peak, of_period, out=peak)
        above += of_period > 2.0 * (1.0 + NEARLY)
    return np.stack([over, peak, above])


def price_measures(tally: F8, places: Places, n_period: int, step_days: float) -> dict[str, F8]:
    """Return the measures of ``PRICE_MEASURES``, each of shape (n, n_place).

    Parameters
    ----------
    tally : ndarray, shape (3, paths, n)
        Of ``tally_prices``.
    places : Places
        What is told.
    n_period : int
        Periods.
    step_days : float
        Length of a period.
    """
    table = {}
    for one in PRICE_MEASURES:
        values: F8 = tally[PRICE_TALLIES.index(one.of)][places.path]
        if one.fold == "mean over 1":
            values = 1.0 + values / n_period
        table[one.name] = (values * step_days if one.fold == "days" else values).T
    return table
