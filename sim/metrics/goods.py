"""What each replication is measured by in goods: the least stock, deliveries and reserves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.flow.goods import Goods
from sim.flow.kernel.measures import GOODS_MEASURES, GOODS_TALLIES, NEARLY
from sim.flow.trajectories import Flow
from sim.network.arrays import F8, CompiledNetwork
from sim.results.data import View
from sim.words.places import place_name


class Least(NamedTuple):
    """What is lowest over the periods, replications last."""

    goods: F8  # (GOODS_TALLIES, pairs, n)
    reserve_days: F8  # (V, n)


def least_of(flow: Flow) -> Least:
    """Return what is lowest of a flow's paths, as the compiled engine keeps it on the way.

    Raises
    ------
    ValueError
        If goods were not booked.
    """
    if flow.goods is None:
        raise ValueError("goods were not booked")
    cover, at = _lowest(flow.goods["cover_days"], np.inf)
    delivery, _ = _lowest(flow.goods["delivery_share"], 1.0)
    reserve = flow.goods["reserve_days"].min(axis=0, initial=np.inf)
    return Least(np.stack([cover, at, delivery]), reserve)


def _lowest(path: F8, start: float) -> tuple[F8, F8]:
    """Return the lowest of each column and its first period; rounding makes nothing lower."""
    least, at = np.full(path.shape[1:], start), np.zeros(path.shape[1:])
    for k, values in enumerate(path):
        lower = values < least * (1.0 - NEARLY)
        least[lower], at[lower] = values[lower], k
    return least, at


def goods_table(least: Least, step_days: float) -> dict[str, F8]:
    """Return the measures of each replication and pair, shape (n, pairs).

    NaN of a pair that had no reference use in any period, and so no stock in days of it.
    """
    never = np.isinf(least.goods[GOODS_TALLIES.index("least_cover")])
    table = {}
    for one in GOODS_MEASURES:
        values = least.goods[GOODS_TALLIES.index(one.of)]
        values = values * step_days if one.fold == "day" else values
        table[one.name] = np.where(never, np.nan, values).T
    return table


def reserve_left_days(least: Least) -> F8:
    """Return the least that each reserve held in days, shape (n, V); NaN where nobody uses it."""
    return np.where(np.isinf(least.reserve_days), np.nan, least.reserve_days).T


def pair_views(goods: Goods, titles: dict[str, str]) -> tuple[View, ...]:
    """Return each pair as a view: its product and the region of its buyers.

    Parameters
    ----------
    goods : Goods
        Pairs.
    titles : dict
        What people call a product.
    """
    return tuple(
        View(
            "good",
            f"{product}/{region}",
            f"{titles.get(product, product)}, buyers in {place_name(region)}",
        )
        for product, region in goods.pair
    )


def _at(good: str, who: str, region: str) -> str:
    return f"{good}, {who} in {place_name(region)}"


def maker_views(goods: Goods, titles: dict[str, str]) -> tuple[View, ...]:
    """Return the makers of each product in each region as a view."""
    return tuple(
        View(
            "maker",
            f"{product}/{region}",
            f"{titles.get(product, product)}, makers in {place_name(region)}",
        )
        for product, region in goods.maker
    )


def rest_cover_days(compiled: CompiledNetwork, goods: Goods) -> F8:
    """Return each pair's stock on day 0 in days of reference use, before anything is drawn."""
    chain = compiled.chain
    use = compiled.reference_out[chain.feed_site] * chain.coefficient
    days = np.full(len(goods.pair), np.nan)
    for q in range(len(goods.pair)):
        feeds = goods.pair_feed[goods.pair_ptr[q] : goods.pair_ptr[q + 1]]
        if use[feeds].sum() > 0.0:
            days[q] = (use[feeds] * chain.cover[feeds]).sum() / use[feeds].sum() * chain.step_days
    return days
