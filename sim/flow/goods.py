"""Goods as their buyers see them: which feeds buy a product in a region, and who makes it.

A *pair* is a product g and a region r of its buyers (docs/model.md, section 8). Goods that differ
are never added up, so nothing here goes beyond one product.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import END_USER, I4, MINE, REFINER, Chain, CompiledNetwork, Labels


class Goods(NamedTuple):
    """The pairs of a network and its makers; CSR offsets in ``*_ptr``.

    Shapes: G products that somebody buys, Q pairs, M products with a region of their makers.

    Parameters
    ----------
    product : tuple of str
        (G,) Each after all that it is made of, ties by the first site that makes them. Products
        that are made of each other stand together, by their first makers.
    pair : tuple of (str, str)
        (Q,) Product and region of the buyers, in the order of products, then of regions' names.
    product_ptr : ndarray of int32
        (G + 1,) Pairs of a product: neighbours.
    pair_ptr, pair_feed : ndarray of int32
        (Q + 1,) and the feeds of a pair, ascending: those of refiners and end users that can have a
        reference use. A reserve's own feed is none (its reference use is 0): what it holds counts
        once it is released, in the stock of whom it serves. A feed whose reference use is 0 in a
        period (its project has not begun) does not count in that period.
    pair_of : ndarray of int32
        (F,) A feed's pair; -1 for the feeds of none.
    maker : tuple of (str, str)
        (M,) Product and region of its makers, in the same order.
    maker_ptr, maker_site : ndarray of int32
        (M + 1,) and the mines and refiners of each, ascending.
    """

    product: tuple[str, ...]
    pair: tuple[tuple[str, str], ...]
    product_ptr: I4
    pair_ptr: I4
    pair_feed: I4
    pair_of: I4
    maker: tuple[tuple[str, str], ...]
    maker_ptr: I4
    maker_site: I4


_NONE, _START = np.zeros(0, np.int32), np.zeros(1, np.int32)
NO_GOODS = Goods((), (), _START, _START, _NONE, _NONE, (), _START, _NONE)


def goods_of(compiled: CompiledNetwork) -> Goods:
    """Return the pairs and makers of a network.

    A region is what ``sim.network.countries`` makes of a site: the one that its file gives, else by
    its country, and ROW for countries of none, in a user's own network as in the shipped ones.
    """
    chain, labels = compiled.chain, compiled.labels
    feeds = np.flatnonzero(_can_use(chain)).tolist()
    products = _products(chain, labels, {labels.feed_product[f] for f in feeds})
    pair, pair_ptr, pair_feed = _grouped(
        ((labels.feed_product[f], labels.site_region[chain.feed_site[f]], f) for f in feeds),
        products,
    )
    sites = np.flatnonzero(np.isin(chain.kind, (MINE, REFINER))).tolist()
    maker, maker_ptr, maker_site = _grouped(
        ((labels.site_product[i], labels.site_region[i], i) for i in sites), products
    )
    pair_of = np.full(chain.feed_site.size, -1, np.int32)
    pair_of[pair_feed] = np.repeat(np.arange(len(pair), dtype=np.int32), np.diff(pair_ptr))
    first = np.searchsorted([products.index(p) for p, _ in pair], np.arange(len(products) + 1))
    return Goods(
        product=products,
        pair=pair,
        product_ptr=first.astype(np.int32),
        pair_ptr=pair_ptr,
        pair_feed=pair_feed,
        pair_of=pair_of,
        maker=maker,
        maker_ptr=maker_ptr,
        maker_site=maker_site,
    )


def _grouped(
    items: Iterable[tuple[str, str, int]], products: Sequence[str]
) -> tuple[tuple[tuple[str, str], ...], I4, I4]:
    """Return pairs of product and region, offsets, and the numbers of each pair, ascending."""
    members: dict[tuple[int, str], list[int]] = {}
    for product, region, number in items:
        if product in products:
            members.setdefault((products.index(product), region), []).append(number)
    keys = sorted(members)
    ptr = np.cumsum([0] + [len(members[key]) for key in keys]).astype(np.int32)
    numbers = np.array([n for key in keys for n in members[key]], np.int32)
    return tuple((products[g], region) for g, region in keys), ptr, numbers


def _can_use(chain: Chain) -> NDArray[np.bool_]:
    """Return the feeds of refiners and end users whose reference use can be above 0.

    An end user's can where it has demand; a supplier's where a lane with a share, of its own or by
    an offtake, leads to a feed whose use can.
    """
    carries = chain.share > 0.0
    carries[chain.offtake_lane] = True
    uses = np.zeros(chain.feed_site.size, np.bool_)
    for i in range(chain.kind.size - 1, -1, -1):
        lanes = slice(chain.out_ptr[i], chain.out_ptr[i + 1])
        makes = chain.kind[i] == END_USER and chain.demand[i] > 0.0
        makes = makes or bool((carries[lanes] & uses[chain.lane_feed[lanes]]).any())
        uses[chain.feed_ptr[i] : chain.feed_ptr[i + 1]] = makes and chain.kind[i] in (
            REFINER,
            END_USER,
        )
    return uses


def _products(chain: Chain, labels: Labels, bought: set[str]) -> tuple[str, ...]:
    """Return what is bought, each product after all that it is made of, then by its first maker."""
    first: dict[str, int] = {}
    made_of: dict[str, set[str]] = {}
    for i in np.flatnonzero(np.isin(chain.kind, (MINE, REFINER))):
        product = labels.site_product[i]
        first.setdefault(product, int(i))
        feeds = range(chain.feed_ptr[i], chain.feed_ptr[i + 1])
        made_of.setdefault(product, set()).update(labels.feed_product[f] for f in feeds)
    # What stands behind a product stands behind all that is made of it, and it itself does so too:
    # so it has fewer products behind it, unless each is made of the other.
    behind = {product: len(_behind(product, made_of)) for product in bought}
    last = chain.kind.size
    return tuple(sorted(bought, key=lambda p: (behind[p], first.get(p, last), p)))


def _behind(product: str, made_of: dict[str, set[str]]) -> set[str]:
    """Return a product and all that it is made of, through all steps."""
    found, ahead = {product}, [product]
    while ahead:
        new = made_of.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found
