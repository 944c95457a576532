"""What prices are made of: the fixed numbers of section 7b of docs/model.md, from a network."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.flow.goods import Goods
from sim.flow.prospects import BY_PRODUCT, NO_PROSPECTS, Prospects, prospects_of
from sim.network.arrays import END_USER, F8, I4, CompiledNetwork
from sim.network.dictionary import Network
from sim.network.prices import PRICE_NUMBERS, median, price_laws, response_laws
from sim.shocks.tape import Tape

UNKNOWN_SHARE = 0.6
"""Share of a product's price that an input makes where the value of one of them is not known."""

AGEING_DAYS = 1460.0

MOST_SHARE = 0.9
"""Share of a product's price that all of its inputs can make together, before the draw."""


class Market(NamedTuple):
    """Numbers of prices; G products, Q pairs as ``sim.flow.goods`` has them, F feeds, L lanes.

    Parameters
    ----------
    goods : Goods
        Products and pairs.
    maker : ndarray of int32, shape (F,)
        The product that the feed's site makes, -1 where nobody buys that (or it makes none).
    input_share : ndarray, shape (F,)
        Share of that product's price that the feed's input makes; 0 at end users.
    value_usd_per_t : ndarray, shape (F,)
        Of an end user's feed: coefficient x value of its product, 0 where not known; 0 elsewhere.
    unbilled : ndarray of bool, shape (U,)
        End-user groups that use something whose value is not known.
    source, source_ptr : ndarray of int32, shapes (L,) and (G + 1,)
        A lane's product and country of its supplier, numbered; -1 for lanes to no pair. Those of a
        product are neighbours.
    home : tuple of str
        (G,) Region with the most reference output of a product; "" where nobody makes it.
    outside : ndarray, shape (Q,)
        Weight of a pair in the mean outside home: its reference use on day 0; 0 at home.
    typical : ndarray, shape (len(PRICE_NUMBERS), G)
        Medians of the drawn numbers, for tapes that hold none.
    asks : ndarray of int32, shape (S,)
        The pair whose price wakes a supplier's idle capacity: its product's in its own region, else
        where most of it is used; -1 for by-products and for who sells nothing.
    good_part : ndarray, shape (F,)
        Of an end user's feed: its part in the value of all of its inputs; 0 elsewhere.
    answering : ndarray, shape (len(RESPONSE_NUMBERS),)
        Medians of the drawn numbers of the answers to prices, for tapes that hold none.
    responses : frozenset of str
        Who answers to prices (``scenario.responses``): nobody, unless price is respond.
    prospects : Prospects
        What projects answer to, where they do.
    """

    goods: Goods
    maker: I4
    input_share: F8
    value_usd_per_t: F8
    unbilled: NDArray[np.bool_]
    source: I4
    source_ptr: I4
    home: tuple[str, ...]
    outside: F8
    typical: F8
    asks: I4
    good_part: F8
    answering: F8
    responses: frozenset[str] = frozenset()
    prospects: Prospects = NO_PROSPECTS

    @property
    def ageing_days(self) -> float:
        """Days of scarcity in which the elasticity doubles: never where demand itself gives way."""
        return math.inf if "demand" in self.responses else AGEING_DAYS

    @property
    def n_path(self) -> int:
        """Paths of prices: a pair's each, then the mean outside home of each product."""
        return len(self.goods.pair) + len(self.goods.product)


def market_of(
    compiled: CompiledNetwork,
    goods: Goods,
    network: Network,
    responses: Iterable[str] = (),
    start: dt.date | None = None,
) -> Market:
    """Return the market of a network.

    Parameters
    ----------
    compiled : CompiledNetwork
        Its arrays.
    goods : Goods
        Of ``sim.flow.goods.goods_of``.
    network : Network
        For the values of products and the laws of their price.
    responses : iterable of str
        Who answers to prices.
    start : datetime.date, optional
        Day 0; needed where projects answer.
    """
    labels, chain = compiled.labels, compiled.chain
    number = {product: g for g, product in enumerate(goods.product)}
    maker = [
        -1 if chain.kind[i] == END_USER else number.get(labels.site_product[i], -1)
        for i in chain.feed_site
    ]
    value = {name: _known(p.value_usd_per_t) for name, p in network.products.items()}
    bills = _bills(compiled, value)
    source, source_ptr = _sources(compiled, goods)
    home = tuple(_home(compiled, product) for product in goods.product)
    asks, who = _asks(compiled, goods), frozenset(responses)
    return Market(
        goods=goods,
        maker=np.array(maker, np.int32),
        input_share=_input_shares(compiled, value),
        value_usd_per_t=np.nan_to_num(bills),
        unbilled=_unbilled(compiled, bills),
        source=source,
        source_ptr=source_ptr,
        home=home,
        outside=_outside(compiled, goods, home),
        typical=np.array(
            [[median(law) for _, law in price_laws(network, product)] for product in goods.product]
        ).T.reshape(len(PRICE_NUMBERS), len(goods.product)),
        asks=asks,
        good_part=_good_parts(compiled, value),
        answering=np.array([median(law) for _, law in response_laws(network)]),
        responses=who,
        prospects=prospects_of(compiled, network, asks, start)
        if "projects" in who and start is not None
        else NO_PROSPECTS,
    )


def _known(value: float | None) -> float:
    """Return a value; NaN where it is not known, or 0 (a share of nothing tells nothing)."""
    return value if value else math.nan


def _input_shares(compiled: CompiledNetwork, value: dict[str, float]) -> F8:
    """Return each feed's share of the price of what its site makes, all inputs together at most.

    Coefficient x value of the input ÷ value of the product; where these add up to more than
    ``MOST_SHARE`` they shrink alike.
    """
    chain, labels = compiled.chain, compiled.labels
    shares = np.zeros(chain.feed_site.size)
    for f, i in enumerate(chain.feed_site):
        if chain.kind[i] != END_USER:
            ratio = value[labels.feed_product[f]] / value[labels.site_product[i]]
            shares[f] = UNKNOWN_SHARE if math.isnan(ratio) else chain.coefficient[f] * ratio
    for i in range(chain.kind.size):
        own = slice(chain.feed_ptr[i], chain.feed_ptr[i + 1])
        together = float(shares[own].sum())
        if together > MOST_SHARE:
            shares[own] *= MOST_SHARE / together
    return shares


def _bills(compiled: CompiledNetwork, value: dict[str, float]) -> F8:
    """Return what a unit of an end user's use costs at normal prices, by feed; 0 for others."""
    chain, labels = compiled.chain, compiled.labels
    is_use = chain.kind[chain.feed_site] == END_USER
    each = chain.coefficient * np.array([value[p] for p in labels.feed_product], np.float64)
    return np.where(is_use, each, 0.0)


def _unbilled(compiled: CompiledNetwork, bills: F8) -> NDArray[np.bool_]:
    """Return the end-user groups that use something of no known value."""
    chain = compiled.chain
    groups = chain.group[chain.feed_site[np.isnan(bills)]]
    return np.isin(np.arange(len(compiled.labels.group)), groups)


def _sources(compiled: CompiledNetwork, goods: Goods) -> tuple[I4, I4]:
    """Return each lane's source, a product and a country; offsets by product."""
    chain, labels = compiled.chain, compiled.labels
    of_lane: list[tuple[int, str] | None] = [
        (goods.product.index(labels.feed_product[f]), labels.site_country[i])
        if goods.pair_of[f] >= 0
        else None
        for i, f in zip(chain.supplier, chain.lane_feed, strict=True)
    ]
    known = sorted({key for key in of_lane if key is not None})
    number = {key: x for x, key in enumerate(known)}
    source = [-1 if key is None else number[key] for key in of_lane]
    first = np.searchsorted([g for g, _ in known], np.arange(len(goods.product) + 1))
    return np.array(source, np.int32), first.astype(np.int32)


def _home(compiled: CompiledNetwork, product: str) -> str:
    """Return the region that makes most of a product at rest, the first by name of several."""
    made: dict[str, float] = {}
    chain, labels = compiled.chain, compiled.labels
    for i, out in enumerate(compiled.reference_out.tolist()):
        if labels.site_product[i] == product and chain.out_ptr[i] < chain.out_ptr[i + 1]:
            made[labels.site_region[i]] = made.get(labels.site_region[i], 0.0) + out
    return min(made, key=lambda region: (-made[region], region), default="")


def _outside(compiled: CompiledNetwork, goods: Goods, home: Sequence[str]) -> F8:
    """Return each pair's weight in the mean outside home: its reference use on day 0."""
    chain = compiled.chain
    use = compiled.reference_out[chain.feed_site] * chain.coefficient
    weight = np.zeros(len(goods.pair))
    for q, (product, region) in enumerate(goods.pair):
        if region != home[goods.product.index(product)]:
            weight[q] = use[goods.pair_feed[goods.pair_ptr[q] : goods.pair_ptr[q + 1]]].sum()
    return weight


def _asks(compiled: CompiledNetwork, goods: Goods) -> I4:
    """Return the pair whose price wakes each site's idle capacity; -1: none does."""
    chain, labels = compiled.chain, compiled.labels
    use = compiled.reference_out[chain.feed_site] * chain.coefficient
    ptr, feeds = goods.pair_ptr, goods.pair_feed
    used = [float(use[feeds[a:b]].sum()) for a, b in itertools.pairwise(ptr)]
    most: dict[str, int] = {}
    for q, (product, _) in enumerate(goods.pair):
        if product not in most or used[q] > used[most[product]]:
            most[product] = q
    number = {pair: q for q, pair in enumerate(goods.pair)}
    return np.array(
        [
            number.get((product, region), most.get(product, -1))
            if chain.out_ptr[i] < chain.out_ptr[i + 1] and BY_PRODUCT not in labels.site_tags[i]
            else -1
            for i, (product, region) in enumerate(
                zip(labels.site_product, labels.site_region, strict=True)
            )
        ],
        np.int32,
    )


def _good_parts(compiled: CompiledNetwork, value: dict[str, float]) -> F8:
    """Return each end user's feed's part in the value of its inputs; equal where one is unknown."""
    chain = compiled.chain
    bills = _bills(compiled, value)
    parts = np.zeros(chain.feed_site.size)
    for i in np.flatnonzero(chain.kind == END_USER):
        own = slice(chain.feed_ptr[i], chain.feed_ptr[i + 1])
        known = not np.isnan(bills[own]).any()
        each = bills[own] if known else np.ones(own.stop - own.start)
        parts[own] = each / each.sum()
    return parts


def answers_of(market: Market, tape: Tape) -> F8:
    """Return the drawn numbers of the answers to prices, medians where a tape holds none.

    Shape (len(RESPONSE_NUMBERS), n).
    """
    if tape.response.shape[0] == 0:
        n = tape.replication.size
        return np.broadcast_to(market.answering[:, None], (market.answering.size, n))
    return tape.response


def numbers_of(market: Market, tape: Tape) -> F8:
    """Return the drawn numbers of a tape's replications, medians where it holds none.

    Shape (len(PRICE_NUMBERS), G, n).
    """
    n, size = tape.replication.size, market.typical.shape
    if tape.price.shape[0] == 0:
        return np.broadcast_to(market.typical[:, :, None], (*size, n))
    return tape.price.reshape(size[1], size[0], n).transpose(1, 0, 2)
