"""The audit inside every run: a few replications again in the SimPy model, to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import AuditFailure
from sim.flow.engine import simulate
from sim.flow.goods import Goods
from sim.flow.kernel.measures import BOOKS, PATHS
from sim.flow.market import Market
from sim.flow.play import Play
from sim.flow.record.log import Log
from sim.flow.record.model import simulate_simpy
from sim.flow.trajectories import Flow
from sim.results.blocks import Arrays
from sim.results.columns import plain_name
from sim.run.case import Study
from sim.shocks.tape import Tape


def audit(play: Play, tape: Tape, seed: int, log: Log | None = None) -> Flow:
    """Simulate a tape in both engines and return the SimPy model's flow.

    Parameters
    ----------
    play, tape
        As for ``sim.flow.engine.simulate``.
    seed : int
        Named in the failure.
    log : Log, optional
        Collects the SimPy model's events.

    Returns
    -------
    Flow
        What both engines found.

    Raises
    ------
    AuditFailure
        If a single bit differs, naming seed, replication, quantity, actor and first period.
    """
    fast = simulate(play, tape, trace=True)
    record = simulate_simpy(play, tape, trace=True, log=log)
    compiled, labels = play.compiled, play.compiled.labels
    feeds = [
        f"{labels.site[i]}/{p}"
        for i, p in zip(compiled.chain.feed_site, labels.feed_product, strict=True)
    ]
    lanes = [
        f"{labels.site[i]} -> {feeds[f]}"
        for i, f in zip(compiled.chain.supplier, compiled.chain.lane_feed, strict=True)
    ]
    names: dict[str, Sequence[str]] = {
        "stock": feeds,
        "position": feeds,
        "ordered": lanes,
        "shipped": lanes,
        "arrived": lanes,
        "run_rate": labels.site,
        **_booked(play),
    }
    assert fast.trace is not None
    assert record.trace is not None
    for name, actors in names.items():
        _same(name, _found(fast, name), _found(record, name), actors, tape, seed)
    return record


def _booked(play: Play) -> dict[str, Sequence[str]]:
    """Return the trajectories that are booked, and what each of them is of, in words."""
    labels = play.compiled.labels
    names: dict[str, Sequence[str]] = {
        **dict.fromkeys(BOOKS, labels.group),
        "released": labels.reserve,
    }
    if play.goods is not None:
        names |= _paths(play.goods, labels.reserve)
    if play.market is not None:
        names["price"] = path_names(play.market)
    return names


def _found(flow: Flow, name: str) -> NDArray[Any]:
    """Return a trajectory of a flow by name, wherever it stands."""
    if flow.goods is not None and name in flow.goods:
        return flow.goods[name]
    found: NDArray[Any] = getattr(flow.trace if hasattr(flow.trace, name) else flow, name)
    return found


def _paths(goods: Goods, reserves: Sequence[str]) -> dict[str, Sequence[str]]:
    """Return the paths of goods and what each of them is of, in words."""
    of: dict[str, Sequence[str]] = {
        "pair": [f"{product}, buyers in {region}" for product, region in goods.pair],
        "maker": [f"{product}, makers in {region}" for product, region in goods.maker],
        "reserve": reserves,
    }
    return {path.name: of[path.of] for path in PATHS}


def path_names(market: Market) -> list[str]:
    """Return the names of the paths of prices."""
    pairs = [f"{product} in {region}" for product, region in market.goods.pair]
    return pairs + [f"{product} outside" for product in market.goods.product]


def check(study: Study, number: int, found: Arrays, n_period: int | None = None) -> None:
    """Play a replication of a study again in the SimPy model and compare all that was found of it.

    Parameters
    ----------
    study : Study
        Whose replication it is.
    number : int
        Of the replication.
    found : dict of ndarray
        What is kept of it, as of ``Study.compute``; first axis of length 1.
    n_period : int, optional
        As for ``rows_of``.

    Raises
    ------
    AuditFailure
        If a bit differs, in a trajectory or in a measure.
    """
    compare(study.settings.run.seed, number, rows_of(study, number, n_period), found)


def rows_of(study: Study, number: int, n_period: int | None = None) -> Arrays:
    """Play a replication in both engines and return its measures, as trajectories give them.

    Parameters
    ----------
    study : Study
        Whose replication it is.
    number : int
        Of the replication.
    n_period : int, optional
        Of the SimPy model, from the first; all by default. After a stretch the compiled kernel goes
        on alone, from the same bits.

    Raises
    ------
    AuditFailure
        If a bit differs.
    """
    seed, play = study.settings.run.seed, study.play
    tape = study.tape(np.array([number], dtype=np.int64))
    if n_period is None or n_period >= study.n_period:
        return study.measure(tape, audit(play, tape, seed))
    stretch = audit(play._replace(n_period=n_period), tape, seed)
    whole = simulate(play, tape)
    for name, actors in _booked(play).items():
        _same(name, _found(whole, name)[:n_period], _found(stretch, name), actors, tape, seed)
    return study.measure(tape, whole)


def compare(seed: int, number: int, rows: Arrays, found: Arrays) -> None:
    """Compare what a replication should be with what is kept of it, to the last bit.

    Raises
    ------
    AuditFailure
        If a bit differs, naming the measure.
    """
    for name, values in rows.items():
        if name in found and not np.array_equal(values[0], found[name][0], equal_nan=True):
            raise AuditFailure(
                f"audit failed: seed {seed}, replication {number}: the stored "
                f"{plain_name(name)} is not what the SimPy model gives; please report it"
            )


def _same(
    name: str,
    fast: NDArray[Any],
    record: NDArray[Any],
    actors: Sequence[str],
    tape: Tape,
    seed: int,
) -> None:
    differ = fast != record
    if not differ.any():
        return
    k, x, j = (int(v[0]) for v in np.nonzero(differ))
    raise AuditFailure(
        f"audit failed: seed {seed}, replication {int(tape.replication[j])}: {name} of {actors[x]} "
        f"first differs in period {k}: compiled {fast[k, x, j]!r}, SimPy {record[k, x, j]!r}; this "
        "is a fault of the program, please report it with the scenario file"
    )
