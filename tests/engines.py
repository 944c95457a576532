"""Both engines on one random network and tape, compared to the last bit."""

from __future__ import annotations

import numpy as np
from dice import START
from random_hazards import TENSIONS, random_hazards, random_parameters
from random_networks import random_network

from sim.flow.engine import simulate
from sim.flow.flow import Flow
from sim.flow.model import simulate_simpy
from sim.network.compile import compile_network
from sim.network.dictionary import Network
from sim.shocks.hazard import Hazard, Parameter, Tension
from sim.shocks.sampler import compile_hazards, sample


class Case:
    """A random network with random hazards, and its tape."""

    def __init__(self, seed: int, n_period: int = 60, size: int = 30, replications: int = 2):
        rng = np.random.default_rng(seed)
        self.seed, self.n_period = seed, n_period
        mapping = random_network(rng, size=size)
        hazards, tensions = random_hazards(rng, mapping), TENSIONS
        parameters = random_parameters(rng, mapping)
        step = 7  # capacities of random networks just fit the flows of a first week
        self.network = Network.model_validate(mapping)
        self.compiled = compile_network(
            self.network, start=START, n_period=n_period, step_days=step
        )
        self.plan = compile_hazards(
            {k: Hazard.model_validate(v) for k, v in hazards.items()},
            {k: Tension.model_validate(v) for k, v in tensions.items()},
            {k: Parameter.model_validate(v) for k, v in parameters.items()},
            self.compiled,
            self.network,
            start=START,
            horizon_days=n_period * step,
            step_days=step,
        )
        self.tape = sample(self.plan, seed, np.arange(replications, dtype=np.int64))

    def fast(self, **options) -> Flow:
        return simulate(
            self.compiled,
            self.plan.targets,
            self.plan.draws,
            self.tape,
            self.n_period,
            trace=True,
            **options,
        )

    def record(self, **options) -> Flow:
        return simulate_simpy(
            self.compiled,
            self.plan.targets,
            self.plan.draws,
            self.tape,
            self.n_period,
            trace=True,
            **options,
        )


def first_difference(a: Flow, b: Flow) -> str:
    """Return where two flows first differ, or ""."""
    found = []
    for part, x, y in (("", a, b), ("trace.", a.trace, b.trace)):
        for name in x._fields:
            if name == "trace":
                continue
            p, q = getattr(x, name), getattr(y, name)
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
    return min(found)[1] if found else ""
