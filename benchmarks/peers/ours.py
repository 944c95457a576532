"""A chain in the compiled engine: what it loses, and how long a replication takes."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from sim.flow.engine import simulate, simulate_measures
from sim.flow.engine_tables import Sets
from sim.flow.play import Play
from sim.flow.trajectories import Flow
from sim.metrics.views import views_of
from sim.network.compile import compile_network
from sim.network.load import read_network
from sim.shocks.hazard import Hazard
from sim.shocks.sampler import CompiledHazards, compile_hazards, sample
from sim.shocks.tape import Tape

START = dt.date(2026, 1, 1)


class Ours(NamedTuple):
    """A network and its hazards, compiled; a period is a day."""

    plan: CompiledHazards
    play: Play

    def tape(self, n: int, seed: int = 1) -> Tape:
        """Draw the bad luck of n replications."""
        return sample(self.plan, seed, np.arange(n, dtype=np.int64))

    def flow(self, tape: Tape) -> Flow:
        """Replay a tape."""
        return simulate(self.play, tape)

    def seconds(self, n: int, repeats: int) -> list[float]:
        """Return seconds a replication, drawing and judging included, after a warm-up."""
        self.judged(1)
        return [s / n for s in timed(lambda: self.judged(n), repeats)]

    def judged(self, n: int) -> None:
        """Draw, play and judge n replications, as a run does it."""
        views = views_of(self.play.compiled.labels)
        simulate_measures(self.play, self.tape(n), Sets(views.ptr, views.group))


def ours(network: Mapping[str, Any], hazards: Mapping[str, Any], n_period: int) -> Ours:
    """Compile a chain and its hazards, told as plain data."""
    checked = read_network(network)
    compiled = compile_network(checked, start=START, n_period=n_period, step_days=1)
    rules = {name: Hazard.model_validate(rule) for name, rule in hazards.items()}
    plan = compile_hazards(
        rules, {}, {}, compiled, checked, start=START, horizon_days=n_period, step_days=1
    )
    return Ours(plan, Play(compiled, plan.targets, plan.draws, n_period))


def timed(work: Callable[[], Any], repeats: int) -> list[float]:
    """Return the seconds of each of several calls."""
    found = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return found
