"""Random worlds for laws: a network as plain data, hazards, a tape, and what comes of them.

    world = random_world(7, steady=True)
    flow = world.play()
    by_name(world.compiled, flow)["shortfall", "a12_user"]     # (n_period, n)

Also ways to turn one world into another whose result is known: rename, scale, split, put together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from dice import START
from hypothesis import given, settings
from hypothesis import strategies as st
from random_hazards import TENSIONS, random_hazards, random_parameters
from random_networks import random_network

from sim.flow.engine import simulate
from sim.flow.kernel.measures import BOOKS
from sim.flow.play import Play
from sim.flow.trajectories import Flow
from sim.network.arrays import CompiledNetwork
from sim.network.compile import compile_network
from sim.network.dictionary import Network
from sim.shocks.hazard import Hazard, Parameter, Tension
from sim.shocks.sampler import CompiledHazards, compile_hazards, sample
from sim.shocks.tape import (
    AVAILABILITY,
    DEMAND,
    EMPTY_DRAWS,
    OUTPUT,
    Draws,
    Tape,
    Targets,
    quiet_tape,
)

STEP = 7
Map = dict[str, Any]
Lane = tuple[str, str, str]  # supplier, buyer, product


class World(NamedTuple):
    """A network and its tape, ready to play."""

    mapping: Map
    compiled: CompiledNetwork
    targets: Targets
    draws: Draws
    tape: Tape
    n_period: int

    def play(self, **other: Any) -> Flow:
        """Return the flow, with other targets, draws or tape if given."""
        w = self._replace(**other)
        return simulate(Play(w.compiled, w.targets, w.draws, w.n_period), w.tape, trace=True)

    def quiet(self) -> Tape:
        """Return the world's tape without its shocks."""
        return quiet_tape(
            self.tape.replication.size, 0, self.tape.parameter, self.tape.project_start_days
        )


def compile_at(mapping: Map, n_period: int, step: int = STEP) -> CompiledNetwork:
    network = Network.model_validate(mapping)
    return compile_network(network, start=START, n_period=n_period, step_days=step)


def plan_of(mapping: Map, hazards: Map, parameters: Map, n_period: int) -> CompiledHazards:
    return compile_hazards(
        {k: Hazard.model_validate(v) for k, v in hazards.items()},
        {k: Tension.model_validate(v) for k, v in TENSIONS.items()},
        {k: Parameter.model_validate(v) for k, v in parameters.items()},
        compile_at(mapping, n_period), Network.model_validate(mapping), start=START,
        horizon_days=n_period * STEP, step_days=STEP,
    )  # fmt: skip


def world_of(
    mapping: Map, hazards: Map, parameters: Map, seed: int, n_period: int = 30, n: int = 2
) -> World:
    plan = plan_of(mapping, hazards, parameters, n_period)
    tape = sample(plan, seed, np.arange(n, dtype=np.int64))
    compiled = compile_at(mapping, n_period)
    return World(mapping, compiled, plan.targets, plan.draws, tape, n_period)


def random_parts(seed: int, size: int = 14, *, steady: bool = False) -> tuple[Map, Map, Map]:
    """Return a random network, hazards and (unless steady) parameters as plain data."""
    rng = np.random.default_rng(seed)
    mapping = random_network(rng, size=size, steady=steady)
    hazards = random_hazards(rng, mapping)
    return mapping, hazards, {} if steady else random_parameters(rng, mapping)


def random_world(
    seed: int, *, size: int = 14, steady: bool = False, n_period: int = 30, n: int = 2
) -> World:
    return world_of(*random_parts(seed, size, steady=steady), seed, n_period, n)


def calm_world(seed: int, n_period: int = 30) -> World:
    """Return a steady world in which nobody re-orders elsewhere.

    Re-ordering asks whether any lane may be trusted at all (W > 0), which the last bit decides
    where all have failed; laws that hold but for rounding are tried without it.
    """
    mapping, hazards, _ = random_parts(seed, steady=True)
    for site in mapping["sites"].values():
        for feed in site.get("feeds", {}).values():
            feed["rerouting"] = 0.0
    if isinstance(mapping.get("home_weight"), dict):  # a law's draws name sites by number
        mapping["home_weight"] = 2.0
    return world_of(mapping, hazards, {}, seed, n_period)


def lanes_of(compiled: CompiledNetwork) -> list[Lane]:
    """Return (supplier, buyer, product) of every lane."""
    c, labels = compiled.chain, compiled.labels
    return [
        (labels.site[s], labels.site[c.feed_site[f]], labels.feed_product[f])
        for s, f in zip(c.supplier, c.lane_feed, strict=True)
    ]


def by_name(compiled: CompiledNetwork, flow: Flow) -> dict[tuple[str, Any], np.ndarray]:
    """Return each quantity of a flow and its trace as (array, name) -> (n_period, n)."""
    c, labels = compiled.chain, compiled.labels
    feeds = [(labels.site[i], p) for i, p in zip(c.feed_site, labels.feed_product, strict=True)]
    names: dict[str, Any] = {
        **dict.fromkeys(BOOKS, labels.group),
        **dict.fromkeys(("stock", "position"), feeds),
        **dict.fromkeys(("ordered", "shipped", "arrived"), lanes_of(compiled)),
        **dict.fromkeys(("released", "bought"), labels.reserve),
        "run_rate": labels.site,
    }
    out = {}
    for part in (flow, flow.trace):
        for array in (a for a in part._fields if a not in ("trace", "goods", "price")):
            for x, name in enumerate(names[array]):
                out[array, name] = getattr(part, array)[:, x]
    return out


def same_bits(a: Flow, b: Flow) -> bool:
    pairs = [(x, y) for p, q in ((a, b), (a.trace, b.trace)) for x, y in zip(p, q, strict=True)]
    return all(np.array_equal(x, y) for x, y in pairs if isinstance(x, np.ndarray))


SEED = st.integers(0, 2**32 - 1)


def law(examples: int) -> Callable:
    """Try a law on that many seeds."""

    def of(test: Callable) -> Callable:
        options = settings(max_examples=examples, deadline=None, derandomize=True, database=None)
        return options(given(seed=SEED)(test))

    return of


def assert_close(world: World, a: Flow, b: Flow, rtol: float = 1e-7) -> None:
    """Flows agree but for rounding, by the largest want of each end user."""
    for name in ("want", "shortfall", "spared", "destroyed", "stopped"):
        scale = a.want.max((0, 2), initial=0.0)[:, None] + 1e-300
        np.testing.assert_allclose(getattr(a, name) / scale, getattr(b, name) / scale, 0, rtol,
                                   err_msg=name)  # fmt: skip


# --- other worlds -------------------------------------------------------------------------------


def walk(value: Any, change: Callable[[str, Any], Any], key: str = "") -> Any:
    """Return plain data with every leaf replaced by change(its nearest key, leaf)."""
    if isinstance(value, dict):
        return {k: walk(v, change, k) for k, v in value.items()}
    if isinstance(value, list):
        return [walk(v, change, key) for v in value]
    return change(key, value)


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Return plain data with these names replaced wherever they stand, as key or value."""
    if isinstance(value, dict):
        return {names.get(k, k): renamed(v, names) for k, v in value.items()}
    if isinstance(value, list):
        return [renamed(v, names) for v in value]
    return names.get(value, value) if isinstance(value, str) else value


def prefixed(mapping: Map, prefix: str) -> Map:
    """Return the network with a prefix before the names of sites, products and projects."""
    names = [*mapping["sites"], *mapping["products"], *mapping["projects"]]
    return renamed(mapping, {name: f"{prefix}{name}" for name in names})


def shuffled(value: Any, rng: np.random.Generator) -> Any:
    """Return plain data with the keys of every mapping in another order."""
    if isinstance(value, list):
        return [shuffled(v, rng) for v in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    return {keys[i]: shuffled(value[keys[i]], rng) for i in rng.permutation(len(keys))}


def moved(
    tape: Tape,
    targets: Targets,
    source: CompiledNetwork,
    goal: CompiledNetwork,
    sites: Callable[[str], list[str]] = lambda name: [name],
) -> tuple[Targets, Tape]:
    """Return a tape's rows on another network: same names, or what `sites` makes of a name."""
    site_at = {name: i for i, name in enumerate(goal.labels.site)}
    lane_at = {lane: x for x, lane in enumerate(lanes_of(goal))}
    lanes = lanes_of(source)
    ptr, index = [0], []
    for kind, e in zip(tape.row_kind, tape.row_effect, strict=True):
        old = targets.index[targets.ptr[e] : targets.ptr[e + 1]]
        if kind in (AVAILABILITY, DEMAND, OUTPUT):
            new = [site_at[s] for i in old for s in sites(source.labels.site[i])]
        else:
            new = [
                lane_at[s, b, lanes[x][2]]
                for x in old
                for s in sites(lanes[x][0])
                for b in sites(lanes[x][1])
            ]
        index += sorted(new)
        ptr.append(len(index))
    effects = np.arange(tape.row_kind.size, dtype=np.int32)
    return (
        Targets(np.array(ptr, np.int32), np.array(index, np.int32)),
        tape._replace(row_effect=effects),
    )


def rows_only(tape: Tape, replications: list[list[int]]) -> Tape:
    """Return the tape with these rows (numbers of the whole tape) by replication."""
    order = [q for rows in replications for q in rows]
    sizes = [int(tape.point_ptr[q + 1] - tape.point_ptr[q]) for q in order]
    points = [p for q in order for p in range(tape.point_ptr[q], tape.point_ptr[q + 1])]
    return tape._replace(
        row_ptr=np.cumsum([0, *(len(rows) for rows in replications)]).astype(np.int32),
        row_shock=tape.row_shock[order], row_effect=tape.row_effect[order],
        row_kind=tape.row_kind[order], point_ptr=np.cumsum([0, *sizes]).astype(np.int32),
        point_day=tape.point_day[points], point_value=tape.point_value[points],
    )  # fmt: skip


def rows_of_replications(tape: Tape) -> list[list[int]]:
    return [list(range(tape.row_ptr[j], tape.row_ptr[j + 1])) for j in range(tape.replication.size)]


def together(a: World, b: World) -> World:
    """Return two worlds without a common name as one network under both their tapes."""
    mapping = {
        **a.mapping,
        **{key: a.mapping[key] | b.mapping[key] for key in ("sites", "products", "projects")},
    }
    compiled = compile_at(mapping, a.n_period)
    (ta, tape_a), (tb, tape_b) = (moved(w.tape, w.targets, w.compiled, compiled) for w in (a, b))
    shift, n_effect = tape_a.row_kind.size, tape_a.row_kind.size
    both = tape_a._replace(
        row_shock=np.concatenate([tape_a.row_shock, tape_b.row_shock]),
        row_effect=np.concatenate([tape_a.row_effect, tape_b.row_effect + n_effect]),
        row_kind=np.concatenate([tape_a.row_kind, tape_b.row_kind]),
        point_ptr=np.concatenate([tape_a.point_ptr, tape_b.point_ptr[1:] + tape_a.point_ptr[-1]]),
        point_day=np.concatenate([tape_a.point_day, tape_b.point_day]),
        point_value=np.concatenate([tape_a.point_value, tape_b.point_value]),
    )
    rows = [
        [*x, *(q + shift for q in y)]
        for x, y in zip(rows_of_replications(tape_a), rows_of_replications(tape_b), strict=True)
    ]
    starts = {
        name: w.tape.project_start_days[p]
        for w in (a, b)
        for p, name in enumerate(w.compiled.labels.project)
    }
    n = a.tape.replication.size
    start = np.array([starts[p] for p in compiled.labels.project]).reshape(-1, n)
    tape = rows_only(both, rows)._replace(project_start_days=start, parameter=np.zeros((0, n)))
    targets = Targets(
        np.concatenate([ta.ptr, tb.ptr[1:] + ta.ptr[-1]]), np.concatenate([ta.index, tb.index])
    )
    return World(mapping, compiled, targets, EMPTY_DRAWS, tape, a.n_period)
