"""Prices of small networks by hand, in both engines at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from by_hand import START, Map, Row, feed, lane, mine, network, tape_of, user
from engines import first_difference

from sim.flow.engine import simulate
from sim.flow.goods import goods_of
from sim.flow.market import Market, market_of
from sim.flow.play import Play
from sim.flow.record.model import simulate_simpy
from sim.flow.trajectories import Flow
from sim.network.compile import compile_network
from sim.network.load import read_network
from sim.shocks.tape import EMPTY_DRAWS


class Prices(NamedTuple):
    """A flow with prices, and the names of their paths."""

    flow: Flow
    market: Market
    groups: tuple[str, ...]

    def of(self, product: str, region: str) -> np.ndarray:
        """Return the price of a product in a region (or "outside"), period by period."""
        goods = self.market.goods
        at = (
            len(goods.pair) + goods.product.index(product)
            if region == "outside"
            else goods.pair.index((product, region))
        )
        assert self.flow.price is not None
        return self.flow.price[:, at, 0]

    def bill(self, name: str) -> np.ndarray:
        return self.flow.bill[:, self.groups.index(name), 0]


def prices(
    mapping: Map,
    rows: list[Row],
    n_period: int,
    *,
    step_days: int = 1,
    starts: list[float] | None = None,
    change: Any = lambda tape: tape,
    prospect: Sequence[float] | None = None,
    responses: Sequence[str] = (),
    answers: Sequence[float] = (1.0, 2.0, 0.5, 0.5),
    **drawn: float,
) -> Prices:
    """Return the prices of a network by hand, equal in both engines; `drawn` numbers for all."""
    plain = read_network(mapping)
    compiled = compile_network(plain, start=START, n_period=n_period, step_days=step_days)
    targets, tape = tape_of(compiled, rows, starts)
    market = market_of(compiled, goods_of(compiled), plain, responses, START)
    numbers = {"elasticity": 1.0, "credibility": 0.5, "fall_days": 730.0, "input_share": 1.0}
    numbers |= drawn
    column = np.tile(list(numbers.values()), len(market.goods.product))[:, None]
    tape = tape._replace(price=column, response=np.array(answers)[:, None])
    if prospect is not None:
        tape = tape._replace(prospect=np.array(prospect)[:, None])
    tape = change(tape)
    play = Play(compiled, targets, EMPTY_DRAWS, n_period, market=market)
    fast, record = (engine(play, tape, trace=True) for engine in (simulate, simulate_simpy))
    assert fast.price is not None
    assert np.array_equal(fast.price, record.price)
    assert np.array_equal(fast.bill, record.bill)
    assert first_difference(fast, record) == ""
    return Prices(fast, market, compiled.labels.group)


def two_regions(cover_days: float = 10.0, **site: Any) -> Map:
    """Return a Chinese mine of 200 t a day that serves a Chinese and a Japanese user of 100."""
    lanes = {"pit": lane()}
    chain = network(
        pit=mine(200.0),
        anna=user(100.0, {"ore": feed(lanes, cover_days=cover_days)}, country="CHN"),
        ben=user(100.0, {"ore": feed(lanes, cover_days=cover_days)}, country="JPN"),
    )
    chain["products"]["ore"]["value_usd_per_t"] = 50.0
    return chain
