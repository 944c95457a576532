"""Known answers through the whole pipeline: network, hazards, tape, engine, judge.

    chain = network(mine=mine(100), user=user(100, {"ore": feed({"mine": lane()})}))
    told = both(chain, {"h": stop("mine", 30, 60)}, 100)      # both engines, bit for bit
    ran = many(chain, {"h": failing("mine", up, down)}, 3651, n=2000)

The cases are written for continuous time. A lane without transit takes one period here, so what a
user sees comes a period later for each such lane: shifted, not stretched (`SHIFT` in the tests).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from by_hand import START, Map, Told, lane_of
from engines import first_difference

from sim.flow.engine import simulate
from sim.flow.goods import goods_of
from sim.flow.play import Play
from sim.flow.record.model import simulate_simpy
from sim.flow.trajectories import Flow
from sim.metrics.loss import measure
from sim.metrics.risk import cvar, var
from sim.metrics.views import views_of
from sim.network.arrays import CompiledNetwork
from sim.network.compile import compile_network
from sim.network.load import read_network
from sim.shocks.hazard import Hazard
from sim.shocks.sampler import CompiledHazards, compile_hazards, sample
from sim.shocks.tape import Tape

YEAR = 365.0
F8 = np.ndarray


# --- hazards ------------------------------------------------------------------------------------


def exponential(mean: float) -> Map:
    return {"family": "exponential", "mean": mean}


def site_outage(site: str, severity: Any = None) -> Map:
    own = {} if severity is None else {"severity": severity}
    return {"kind": "outage", "sites": {"site": site}, **own}


def lane_ban(origin: str, to: str, **other: Any) -> Map:
    return {
        "kind": "control",
        "type": "ban",
        "origin": {"site": origin},
        "to": {"site": to},
    } | other


def hazard(onset: Map, days: Any, *effects: Map, severity: Any = None, **other: Any) -> Map:
    """Return a hazard with these effects."""
    if severity is not None:
        other["severity"] = severity
    named = {f"effect{n}": effect for n, effect in enumerate(effects)}
    return {"onset": onset, "duration_days": days, "effects": named, **other}


def stop(site: str, begin: float, end: float, severity: float = 1.0, **other: Any) -> Map:
    """Return an outage at known days."""
    return hazard({"day": begin}, end - begin, site_outage(site, severity), **other)


def ban(origin: str, to: str, begin: float, end: float, **other: Any) -> Map:
    """Return an export ban at known days."""
    return hazard({"day": begin}, end - begin, lane_ban(origin, to), **other)


def failing(site: str, up: Any, down: Any, severity: float = 1.0, **onset: Any) -> Map:
    """Return outages by the clock: up and down times in turn, an up time begins at 0."""
    return hazard({"up_days": up, **onset}, down, site_outage(site, severity))


# --- the pipeline -------------------------------------------------------------------------------


class Case(NamedTuple):
    """A network and the rules of chance, compiled."""

    compiled: CompiledNetwork
    plan: CompiledHazards
    play: Play
    step_days: int

    def tape(self, replications: Iterable[int], seed: int) -> Tape:
        return sample(self.plan, seed, np.array(list(replications), np.int64))

    def fast(self, tape: Tape, trace: bool) -> Flow:
        return simulate(self.play, tape, trace=trace)

    def record(self, tape: Tape) -> Flow:
        return simulate_simpy(self.play, tape, trace=True)


def compiled_case(mapping: Map, hazards: Map, n_period: int, step_days: int = 1) -> Case:
    network = read_network(mapping)
    compiled = compile_network(network, start=START, n_period=n_period, step_days=step_days)
    plan = compile_hazards(
        {name: Hazard.model_validate(rule) for name, rule in hazards.items()},
        {},
        {},
        compiled,
        network,
        start=START,
        horizon_days=n_period * step_days,
        step_days=step_days,
    )
    play = Play(compiled, plan.targets, plan.draws, n_period, goods_of(compiled))
    return Case(compiled, plan, play, step_days)


def both(mapping: Map, hazards: Map, n_period: int, *, seed: int = 1, step_days: int = 1) -> Told:
    """Return one replication with all its traces, after both engines agreed on every bit of it.

    What the judge books of each user is compared with its trajectory.
    """
    case = compiled_case(mapping, hazards, n_period, step_days)
    tape = case.tape([0], seed)
    flow = case.fast(tape, trace=True)
    assert first_difference(flow, case.record(tape)) == ""
    views = views_of(case.compiled.labels)
    booked = measure(flow, views, case.step_days)["shortfall_t"]
    n_user = flow.shortfall.shape[1]
    np.testing.assert_allclose(booked[:, :n_user], flow.shortfall.sum(axis=0).T, rtol=1e-12)
    return Told(flow, case.compiled)


class Ran(NamedTuple):
    """Many replications of a case, or a block of them."""

    flow: Flow
    compiled: CompiledNetwork
    tape: Tape
    table: dict[str, F8]

    def short(self, name: str) -> F8:
        """Return a user's shortfall, shape (n_period, n)."""
        return self.flow.shortfall[:, self.compiled.labels.group.index(name)]

    def lane(self, field: str, supplier: str, buyer: str) -> F8:
        return getattr(self.flow.trace, field)[:, lane_of(self.compiled, supplier, buyer)]

    def judged(self, measure: str, name: str) -> F8:
        """Return what the judge says of a user, shape (n,)."""
        return self.table[measure][:, self.compiled.labels.group.index(name)]


def blocks(
    mapping: Map,
    hazards: Map,
    n_period: int,
    *,
    n: int,
    step_days: int = 1,
    seed: int = 1,
    trace: bool = False,
    size: int = 0,
) -> Iterator[Ran]:
    """Yield replications 0 to n - 1 in blocks of `size`, so that long runs fit into memory."""
    case = compiled_case(mapping, hazards, n_period, step_days)
    views = views_of(case.compiled.labels)
    size = size or max(1, min(n, 4_000_000 // n_period))
    for first in range(0, n, size):
        tape = case.tape(range(first, min(n, first + size)), seed)
        flow = case.fast(tape, trace)
        yield Ran(flow, case.compiled, tape, measure(flow, views, step_days))


def totals(mapping: Map, hazards: Map, n_period: int, name: str, **options: Any) -> F8:
    """Return what the judge books as a user's shortfall, in tonnes, shape (n,)."""
    runs = blocks(mapping, hazards, n_period, **options)
    return np.concatenate([ran.judged("shortfall_t", name) for ran in runs])


# --- comparison rules ---------------------------------------------------------------------------


def near(values: F8, value: float, sd: float, bias: float = 0.0) -> None:
    """Assert R2: the mean lies within four standard errors of theory (and a stated bias)."""
    values = np.asarray(values, float)
    limit = 4 * sd / np.sqrt(len(values)) + bias
    assert abs(values.mean() - value) <= limit, (values.mean(), value, limit)


def near_share(hits: F8, share: float) -> None:
    """Assert R2 for a probability, whose standard deviation theory gives."""
    near(hits, share, np.sqrt(share * (1 - share)))


def near_own(values: F8, value: float, bias: float = 0.0) -> None:
    """Assert R3: within four of the sample's own standard errors (and a stated bias)."""
    near(values, value, float(np.std(values, ddof=1)), bias)


def near_tail(values: F8, level: float, at: tuple[float, float], beyond: tuple[float, float]):
    """Assert R2 for VaR and CVaR, each given with its standard deviation a path."""
    root = np.sqrt(len(values))
    for found, (value, sd) in ((var(values, level), at), (cvar(values, level), beyond)):
        assert abs(found - value) <= 4 * sd / root, (found, value)


def near_law(values: F8, cdf: Any, atoms: bool = False) -> None:
    """Assert R4: the largest distance of the empirical distribution from the formula.

    `cdf` maps an array of values to probabilities; with `atoms` values are multiples of a
    millionth, and the formula is also asked half of that below.
    """
    x = np.sort(np.round(values, 6))
    n = len(x)
    x, last = np.unique(x, return_index=True)[0], np.append(np.unique(x, return_index=True)[1], n)
    above, below = last[1:] / n, last[:-1] / n
    distance = max(np.abs(above - cdf(x + 5e-7)).max(), np.abs(below - cdf(x - 5e-7 * atoms)).max())
    assert distance <= 2.2253 / np.sqrt(n), distance
