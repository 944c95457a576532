"""The compiled engine's front door: runs the kernel on its tables, names the result."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.flow.engine_tables import NO_SETS, Sets, tables_of
from sim.flow.kernel.run import run
from sim.flow.kernel.vector import WIDTH
from sim.flow.kernel.world import WORLD, World
from sim.flow.play import Play
from sim.flow.trajectories import Flow, FlowTrace, Measures
from sim.network.arrays import F8, Chain
from sim.shocks.tape import Tape


def simulate(
    play: Play,
    tape: Tape,
    *,
    batch: int = WIDTH,
    stop: NDArray[np.uint8] | None = None,
    trace: bool = False,
) -> Flow:
    """Return what every replication of the tape does to the network (docs/model.md).

    Parameters
    ----------
    play : Play
        Network, targets, draws and number of periods.
    tape : Tape
        The realised chance of n replications.
    batch : int, optional
        Replications side by side, at most WIDTH; changes speed only.
    stop : ndarray of uint8, shape (1,), optional
        Set to 1 from another thread to stop after the batch at hand.
    trace : bool, optional
        Keep stocks, positions, orders, shipments, arrivals and run rates of every period.

    Returns
    -------
    Flow
        Arrays (n_period, groups or reserves, n); after a stop only the finished replications.
    """
    chain, n_period = play.compiled.chain, play.n_period
    tables = tables_of(play, tape, NO_SETS, batch, stop, trace=trace)
    n_group, n_reserve = len(play.compiled.labels.group), chain.reserve_site.size
    books = dict.fromkeys(("want", "short", "spared", "destroyed"), n_group)
    sizes = books | {"released": n_reserve} | (_traced(chain) if trace else {})
    for name, size in sizes.items():
        tables[f"kept_{name}"] = np.empty((n_period * size * tables["n_batch"], WIDTH))
    tables["keeping"] = 1
    done = run(World(**tables))
    kept = {
        name: _by_replication(tables, f"kept_{name}", done).reshape(n_period, size, done)
        for name, size in sizes.items()
    }
    return Flow(
        want=kept["want"],
        shortfall=kept["short"],
        spared=kept["spared"],
        destroyed=kept["destroyed"],
        released=kept["released"],
        trace=FlowTrace(**{name: kept[name] for name in _traced(chain)}) if trace else None,
    )


def simulate_measures(
    play: Play,
    tape: Tape,
    sets: Sets,
    *,
    batch: int = WIDTH,
    stop: NDArray[np.uint8] | None = None,
) -> Measures:
    """Return what the tape's replications are judged by, and no trajectories.

    The same simulation as ``simulate``; each period is judged while it is at hand, which saves
    writing and reading 4 x n_period x groups numbers a replication.

    Parameters
    ----------
    play, tape, batch, stop
        As for ``simulate``.
    sets : Sets
        The sets of end-user groups that are judged.

    Returns
    -------
    Measures
        Measures by set; after a stop only the finished replications.
    """
    tables = tables_of(play, tape, sets, batch, stop)
    done = run(World(**tables))
    return Measures(
        **{name: _by_replication(tables, f"out_{name}", done) for name in Measures._fields}
    )


def compile_kernels() -> None:
    """Compile the kernel, which numba would do at its first run, and leave it in numba's cache."""
    run.compile((WORLD,))


def _by_replication(tables: dict[str, Any], name: str, done: int) -> F8:
    """Return a table of results as (rows, replications): batches side by side, their gaps cut."""
    n_batch, batch = tables["n_batch"], tables["batch"]
    rows: F8 = tables[name].reshape(-1, n_batch, WIDTH)[:, :, :batch]
    return rows.reshape(rows.shape[0], n_batch * batch)[:, :done]


def _traced(chain: Chain) -> dict[str, int]:
    """Return the trajectories of a trace, and how many of each there are."""
    n_site, n_feed, n_lane = chain.kind.size, chain.feed_site.size, chain.supplier.size
    lanes = dict.fromkeys(("ordered", "shipped", "arrived"), n_lane)
    return {"stock": n_feed, "position": n_feed, **lanes, "run_rate": n_site}
