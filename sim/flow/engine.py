"""The compiled engine's front door: runs the kernel on its tables, names the result."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.flow.engine_tables import NO_SETS, Sets, tables_of
from sim.flow.goods import Goods
from sim.flow.kernel.measures import BOOKS, GOODS_TALLIES, LOSSES, PATHS, TALLIES
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
    tables = tables_of(play, tape, NO_SETS, batch, stop, trace=trace)
    sizes = _keep_periods(tables, play, trace=trace)
    done = run(World(**tables))
    return _flow(tables, play, sizes, done, trace=trace)


def simulate_both(
    play: Play, tape: Tape, sets: Sets, *, stop: NDArray[np.uint8] | None = None
) -> tuple[Flow, Measures]:
    """Return the trajectories of a tape and what they are judged by, of one simulation."""
    tables = tables_of(play, tape, sets, WIDTH, stop)
    sizes = _keep_periods(tables, play, trace=False)
    done = run(World(**tables))
    return _flow(tables, play, sizes, done, trace=False), _measures(tables, play, sets, done)


def _keep_periods(tables: dict[str, Any], play: Play, *, trace: bool) -> dict[str, int]:
    """Have every period kept; return what is, and of how many things each."""
    chain, n_group = play.compiled.chain, len(play.compiled.labels.group)
    n_reserve = chain.reserve_site.size
    sizes = {"book": len(BOOKS) * n_group, "released": n_reserve, "bought": n_reserve}
    sizes |= {"price": tables["n_price"]} if play.market is not None else {}
    sizes |= _traced(chain) if trace else {}
    sizes |= {} if play.goods is None else _paths(play.goods, n_reserve)
    for name, size in sizes.items():
        tables[f"kept_{name}"] = np.empty((play.n_period * size * tables["n_batch"], WIDTH))
    tables["keeping"] = 1
    return sizes


def _flow(
    tables: dict[str, Any], play: Play, sizes: dict[str, int], done: int, *, trace: bool
) -> Flow:
    """Return what was kept of the finished replications, by its names."""
    n_period, n_group = play.n_period, len(play.compiled.labels.group)
    kept = {name: _by_replication(tables, f"kept_{name}", done) for name in sizes}
    books = kept.pop("book").reshape(len(BOOKS), n_period, n_group, done)
    by_period = {name: rows.reshape(n_period, sizes[name], done) for name, rows in kept.items()}
    booked = dict(zip(BOOKS, books, strict=True))
    booked |= {name: by_period.pop(name) for name in ("released", "bought")}
    goods = None
    if play.goods is not None:
        names = _paths(play.goods, play.compiled.chain.reserve_site.size)
        goods = {name: by_period.pop(name) for name in names}
    price = by_period.pop("price", None)
    return Flow(**booked, trace=FlowTrace(**by_period) if trace else None, goods=goods, price=price)


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
        By set; after a stop only the finished replications.
    """
    tables = tables_of(play, tape, sets, batch, stop)
    return _measures(tables, play, sets, run(World(**tables)))


def _measures(tables: dict[str, Any], play: Play, sets: Sets, done: int) -> Measures:
    """Return what the finished replications are judged by."""
    n_set = sets.ptr.size - 1
    goods = _by_replication(tables, "out_goods", done)
    goods = goods.reshape(len(GOODS_TALLIES), tables["n_pair"], done)
    names = ("out_sum", "out_tally", "out_loss")
    sums, tally, loss = (_by_replication(tables, name, done) for name in names)
    return Measures(
        sums=sums.reshape(len(BOOKS), n_set, done),
        tally=tally.reshape(len(TALLIES), n_set, done),
        released=_by_replication(tables, "out_released", done),
        bought=_by_replication(tables, "out_bought", done),
        goods=None if play.goods is None else goods,
        reserve_days=None
        if play.goods is None
        else _by_replication(tables, "out_reserve_days", done),
        loss=loss.reshape(len(LOSSES), n_set, done) if sets.cells.cell_usd.size else None,
        price=None if play.market is None else _prices(tables, done),
    )


def compile_kernels() -> None:
    """Compile the kernel, which numba would do at its first run, and leave it in numba's cache."""
    run.compile((WORLD,))


def _prices(tables: dict[str, Any], done: int) -> F8:
    """Return what is kept of the paths of prices, shape (3, paths, n)."""
    return _by_replication(tables, "out_price", done).reshape(3, tables["n_price"], done)


def _by_replication(tables: dict[str, Any], name: str, done: int) -> F8:
    """Return a table of results as (rows, replications): batches side by side, their gaps cut."""
    n_batch, batch = tables["n_batch"], tables["batch"]
    rows: F8 = tables[name].reshape(-1, n_batch, WIDTH)[:, :, :batch]
    return rows.reshape(rows.shape[0], n_batch * batch)[:, :done]


def _paths(goods: Goods, n_reserve: int) -> dict[str, int]:
    """Return the paths of goods, and how many of each there are."""
    of = {"pair": len(goods.pair), "maker": len(goods.maker), "reserve": n_reserve}
    return {path.name: of[path.of] for path in PATHS}


def _traced(chain: Chain) -> dict[str, int]:
    """Return the trajectories of a trace, and how many of each there are."""
    n_site, n_feed, n_lane = chain.kind.size, chain.feed_site.size, chain.supplier.size
    lanes = dict.fromkeys(("ordered", "shipped", "arrived"), n_lane)
    return {"stock": n_feed, "position": n_feed, **lanes, "run_rate": n_site}
