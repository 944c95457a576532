"""Both engines on one random network and tape, compared to the last bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from dice import START, Map
from random_hazards import TENSIONS, random_hazards, random_parameters
from random_networks import random_network

from sim.flow.engine import simulate
from sim.flow.goods import goods_of
from sim.flow.market import market_of
from sim.flow.play import Play
from sim.flow.record.model import simulate_simpy
from sim.flow.trajectories import Flow
from sim.network.dictionary import Network
from sim.shocks.firms import compile_with_firms
from sim.shocks.hazard import Hazard, Parameter, Tension
from sim.shocks.sampler import compile_hazards, sample


class Case:
    """A random network with random hazards, and its tape.

    `change` may alter network, hazards and parameters, told as plain data, before they are read.
    """

    def __init__(
        self,
        seed: int,
        n_period: int = 60,
        size: int = 30,
        replications: int = 2,
        change: Callable[[Map, Map, Map], None] = lambda *_plain: None,
        prices: bool = False,
        responses: Sequence[str] = (),
    ):
        rng = np.random.default_rng(seed)
        self.seed, self.n_period = seed, n_period
        mapping = random_network(rng, size=size)
        hazards, tensions = random_hazards(rng, mapping), TENSIONS
        parameters = random_parameters(rng, mapping)
        change(mapping, hazards, parameters)
        step = 7  # capacities of random networks just fit the flows of a first week
        self.network = Network.model_validate(mapping)
        rules = {k: Hazard.model_validate(v) for k, v in hazards.items()}
        self.compiled = compile_with_firms(
            self.network, rules, start=START, n_period=n_period, step_days=step
        )
        goods = goods_of(self.compiled)
        market = market_of(self.compiled, goods, self.network, responses, START)
        self.market = market if prices else None
        self.plan = compile_hazards(
            rules,
            {k: Tension.model_validate(v) for k, v in tensions.items()},
            {k: Parameter.model_validate(v) for k, v in parameters.items()},
            self.compiled,
            self.network,
            start=START,
            horizon_days=n_period * step,
            step_days=step,
            priced=market.goods.product if prices else (),
            answered=bool(responses),
            built="projects" in responses,
        )
        self.play = Play(
            self.compiled, self.plan.targets, self.plan.draws, n_period, goods, self.market
        )
        self.tape = sample(self.plan, seed, np.arange(replications, dtype=np.int64))

    def fast(self, *, trace: bool = True, **options) -> Flow:
        return simulate(self.play, self.tape, trace=trace, **options)

    def record(self, *, trace: bool = True, **options) -> Flow:
        return simulate_simpy(self.play, self.tape, trace=trace, **options)


def first_difference(a: Flow, b: Flow) -> str:
    """Return where two flows first differ, or ""."""
    found = []
    for part, x, y in (("", a, b), ("trace.", a.trace, b.trace)):
        if x is None or y is None:
            continue
        for name in x._fields:
            p, q = getattr(x, name), getattr(y, name)
            if name in ("trace", "goods") or p is q is None:
                continue
            if p.shape != q.shape:
                return f"{part}{name}: shape {p.shape} against {q.shape}"
            differ = p != q
            if differ.any():
                k, i, j = (int(v[0]) for v in np.nonzero(differ))
                found.append(
                    (
                        k,
                        f"{part}{name}[period {k}, number {i}, replication {j}]: "
                        f"{p[k, i, j]!r} against {q[k, i, j]!r}",
                    )
                )
    for name in a.goods or {}:
        if not np.array_equal(a.goods[name], b.goods[name]):
            found.append((0, f"goods {name}"))
    return min(found)[1] if found else ""
