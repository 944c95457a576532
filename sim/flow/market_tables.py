"""The kernel's tables of prices: a network's market and what a tape tells of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.flow.market import Market, answers_of, numbers_of
from sim.flow.news import news_of
from sim.flow.play import Play
from sim.flow.prospects import Wanted, wanted_of
from sim.network.arrays import I4, MINE, REFINER
from sim.network.prices import PRICE_NUMBERS, RESPONSE_NUMBERS
from sim.shocks.tape import ANNOUNCED, LANE_CAP, Tape

SIZES = {
    name: size
    for size, names in {
        "priced_pair": "users_use users_normal users_flow belief news missing lost opened troubled "
        "bid usual stirring",
        "priced_number": "price_number",
        "priced_pool": "scarce_days",
        "n_price": "price price_over price_peak price_above",
        "priced_feed": "input_share behind usual_behind good_share",
        "priced_site": "dearer moved",
        "priced_answer": "answer_number",
        "priced_lane": "controlled told",
        "priced_source": "barring",
        "priced_product": "hot barred turned",
        "priced_project": "wanted lead",
        "priced_trade": "trade",
    }.items()
    for name in names.split()
}
"""What a table of the batch has one item for."""


def market_tables(play: Play, tape: Tape) -> dict[str, Any]:
    """Return the fixed tables of prices by name; empty ones where there are none."""
    market = play.market
    if market is None:
        return _none()
    goods = market.goods
    made_ptr, made_by = _made_by(play, market)
    n = tape.replication.size
    return {
        "pricing": 1,
        **_switches(market.responses),
        "n_price": market.n_path,
        "ageing_days": market.ageing_days,
        "pair_product": np.repeat(
            np.arange(len(goods.product), dtype=np.int32), np.diff(goods.product_ptr)
        ),
        "made_of": market.maker,
        "input_share_0": market.input_share,
        "bill_each": market.value_usd_per_t,
        "made_ptr": made_ptr,
        "made_by": made_by,
        "source": market.source,
        "source_ptr": market.source_ptr,
        "outside": market.outside,
        "price_drawn": np.ascontiguousarray(numbers_of(market, tape).reshape(-1, n)),
        "row_news": news_of(tape),
        "asks": market.asks,
        "good_part": market.good_part,
        "answer_drawn": np.ascontiguousarray(answers_of(market, tape)),
        **_prospects(market, tape),
        **_watched(play, market, tape),
        **_trades(play, market),
    }


def market_sizes(play: Play) -> dict[str, int]:
    """Return the sizes that ``SIZES`` names; 0 where there are no prices."""
    market, chain = play.market, play.compiled.chain
    sizes = {
        "priced_feed": chain.feed_site.size,
        "priced_site": chain.kind.size,
        "priced_lane": chain.supplier.size,
    }
    if market is None:
        sizes = dict.fromkeys((*SIZES.values(), *sizes), 0)
    else:
        n_product = len(market.goods.product)
        sizes |= {
            "priced_pair": len(market.goods.pair),
            "priced_answer": len(RESPONSE_NUMBERS),
            "priced_number": len(PRICE_NUMBERS) * n_product,
            "priced_pool": 2 * n_product,
            "priced_source": int(market.source_ptr[-1]),
            "priced_trade": _trades(play, market)["trade_supplier"].size,
            "priced_product": n_product,
            "priced_project": market.prospects.asks.size,
            "n_price": market.n_path,
        }
    return sizes


def _none() -> dict[str, Any]:
    whole = ("pair_product", "made_of", "made_by", "source", "watched", "asks", "looks_at")
    more = ("trade_supplier", "trade_source", "trade_lane")
    offsets = ("made_ptr", "source_ptr", "watched_ptr", "trade_ptr", "trade_lane_ptr")
    real = ("input_share_0", "bill_each", "outside", "row_news", "good_part", *_OF_PROJECTS)
    return {
        "pricing": 0,
        **_switches(frozenset()),
        "n_price": 0,
        "ageing_days": 0.0,
        **{name: np.zeros(0, np.int32) for name in (*whole, *more)},
        **{name: np.zeros(1, np.int32) for name in offsets},
        **{name: np.zeros(0) for name in real},
        **{name: np.zeros((0, 0)) for name in ("price_drawn", "answer_drawn", "project_power")},
        **{name: np.zeros((0, 0)) for name in ("wanted_drawn", "lead_drawn")},
    }


_OF_PROJECTS = ("planned", "floor", "floor_since", "floor_until")


def _prospects(market: Market, tape: Tape) -> dict[str, Any]:
    """Return the tables of projects that answer to prices; empty where none does."""
    who = market.prospects
    wanted = wanted_of(who, tape) if "projects" in market.responses else None
    power, price, lead = wanted or Wanted(*(np.zeros((0, 0)) for _ in range(3)))
    fixed = dict(zip(_OF_PROJECTS, (who.planned, who.floor, who.since, who.until), strict=True))
    return {
        **fixed,
        "looks_at": who.asks,
        "project_power": np.atleast_2d(power),
        "wanted_drawn": np.ascontiguousarray(price),
        "lead_drawn": np.ascontiguousarray(lead),
        "building": int(wanted is not None),
    }


def _switches(responses: frozenset[str]) -> dict[str, int]:
    """Return 1 for each answer to prices that is given, else 0."""
    names = {
        "responding": "demand",
        "thrifty": "thrift",
        "waking": "supply",
        "bidding": "allocation",
        "building": "projects",
    }
    return {name: int(what in responses) for name, what in names.items()} | {
        "answering": int(bool(responses))
    }


def _made_by(play: Play, market: Market) -> tuple[I4, I4]:
    """Return the mines and refiners that make each product, ascending."""
    chain, labels = play.compiled.chain, play.compiled.labels
    makes = np.isin(chain.kind, (MINE, REFINER))
    made = [
        [i for i in np.flatnonzero(makes) if labels.site_product[i] == product]
        for product in market.goods.product
    ]
    ptr = np.cumsum([0, *map(len, made)]).astype(np.int32)
    return ptr, np.array([i for sites in made for i in sites], np.int32)


def _lanes_to_pairs(play: Play, market: Market) -> tuple[I4, I4]:
    """Return the lanes to pairs in the pairs' order, feed by feed, and the pair of each."""
    chain, goods = play.compiled.chain, market.goods
    lanes = [chain.lane_of[chain.lane_ptr[f] : chain.lane_ptr[f + 1]] for f in goods.pair_feed]
    lane = np.concatenate([np.zeros(0, np.int32), *lanes]).astype(np.int32)
    return lane, goods.pair_of[chain.lane_feed[lane]]


def _watched(play: Play, market: Market, tape: Tape) -> dict[str, I4]:
    """Return the lanes to each pair on which a control of the tape acts, in the pair's order."""
    targets = play.targets
    effects = np.unique(tape.row_effect[np.isin(tape.row_kind, (LANE_CAP, ANNOUNCED))])
    acted_on = np.zeros(play.compiled.chain.supplier.size, bool)
    for e in effects:
        acted_on[targets.index[targets.ptr[e] : targets.ptr[e + 1]]] = True
    lane, pair = _lanes_to_pairs(play, market)
    lane, pair = lane[acted_on[lane]], pair[acted_on[lane]]
    return {"watched": lane, "watched_ptr": _offsets(pair, len(market.goods.pair))}


def _trades(play: Play, market: Market) -> dict[str, I4]:
    """Return the suppliers of each pair, ascending, and the lanes of each, in the pair's order."""
    lane, pair = _lanes_to_pairs(play, market)
    supplier = play.compiled.chain.supplier[lane]
    order = np.lexsort((supplier, pair))
    lane, pair, supplier = lane[order], pair[order], supplier[order]
    is_first = np.ones(lane.size, bool)
    is_first[1:] = (np.diff(pair) != 0) | (np.diff(supplier) != 0)
    first = np.flatnonzero(is_first)
    return {
        "trade_ptr": _offsets(pair[first], len(market.goods.pair)),
        "trade_supplier": supplier[first],
        "trade_source": market.source[lane[first]],
        "trade_lane_ptr": np.append(first, lane.size).astype(np.int32),
        "trade_lane": lane,
    }


def _offsets(number: I4, n: int) -> I4:
    """Return where each of n numbers begins in an ascending list of them, and its end."""
    return np.searchsorted(number, np.arange(n + 1)).astype(np.int32)
