"""The kernel's tables: a network, a tape and the state of a batch as ``fields.py`` names them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.flow.cells import NO_CELLS, Cells
from sim.flow.goods import NO_GOODS, Goods
from sim.flow.kernel.fields import FIELDS
from sim.flow.kernel.measures import BOOKS, GOODS_TALLIES, LOSSES, NEARLY, SHORT_FROM, TALLIES
from sim.flow.kernel.vector import WIDTH
from sim.flow.market_tables import SIZES as MARKET_SIZES
from sim.flow.market_tables import market_sizes, market_tables
from sim.flow.play import Play
from sim.network.arrays import F8, I4, Chain, firms_of
from sim.shocks.tape import EXTRA_DAYS, HOLD, LOSS_KEYS, PARAMETERS, Draws, Tape, Targets


class Sets(NamedTuple):
    """Sets of end-user groups that are measured: CSR, and when a period counts as short."""

    ptr: I4
    group: I4
    short_from: float = SHORT_FROM  # share of what was wanted
    cells: Cells = NO_CELLS


NO_SETS = Sets(np.zeros(1, np.int32), np.zeros(0, np.int32))


def tables_of(
    play: Play,
    tape: Tape,
    sets: Sets,
    batch: int,
    stop: NDArray[np.uint8] | None,
    *,
    trace: bool = False,
) -> dict[str, Any]:
    """Return all tables of a simulation by name; nothing is kept of its periods."""
    chain, targets, draws = play.compiled.chain, play.targets, play.draws
    slots, goods = _slots(chain, targets, tape), goods_in(play)
    n, batch = tape.replication.size, max(1, min(batch, WIDTH))
    sizes = {
        "n_site": chain.kind.size,
        "n_feed": chain.feed_site.size,
        "n_lane": chain.supplier.size,
        "n_reserve": chain.reserve_site.size,
        "n_project": chain.project_site.size,
        "n_group": len(play.compiled.labels.group),
        "n_set": sets.ptr.size - 1,
        "n_product": len(goods.product),
        "n_pair": len(goods.pair),
        "n_maker": len(goods.maker),
        "n_cell": sets.cells.cell_usd.size,
        "n_path": chain.path.shape[0],
        "n_draw": draws.key.size,
        "n_period": play.n_period,
        "n_replication": n,
        "n_batch": -(-n // batch),
    }
    rings = _rings(chain, slots)
    first_rows = tape.row_ptr[np.minimum(np.arange(0, n + batch, batch), n)]
    n_batch_row = int(np.diff(first_rows).max(initial=0))
    n_target = max(sizes["n_site"], sizes["n_lane"])
    tables: dict[str, Any] = {
        **sizes,
        **_network(chain, play.n_period),
        **rings,
        "batch": batch,
        "remembering": int(trace),
        "keeping": 0,
        "tracing": int(trace),
        "booking": int(play.goods is not None),
        "adding": int(play.goods is not None or play.market is not None),
        "short_from": sets.short_from * (1.0 - NEARLY),
        "set_ptr": sets.ptr,
        "set_group": sets.group,
        **{name: table for name, table in goods._asdict().items() if name in FIELDS},
        **sets.cells.tables(sizes["n_set"]),
        **market_tables(play, tape),
        "draw_key": draws.key,
        "draw_ptr": draws.ptr,
        "draw_index": draws.index,
        "drawn": _drawn(chain, draws, tape),
        "project_start_days": np.ascontiguousarray(tape.project_start_days),
        "row_ptr": tape.row_ptr,
        "row_kind": np.ascontiguousarray(tape.row_kind),
        "row_effect": np.ascontiguousarray(tape.row_effect),
        "point_ptr": tape.point_ptr,
        "point_day": np.ascontiguousarray(tape.point_day),
        "point_value": np.ascontiguousarray(tape.point_value),
        "target_ptr": targets.ptr,
        "target": targets.index,
        "first_row": np.zeros(1, np.int32),
        "mean": np.zeros(n_batch_row),
        "course": np.zeros(n_batch_row, np.int32),
        "due": np.zeros((play.n_period, WIDTH), np.int32),
        "later": np.zeros(n_batch_row, np.int32),
        "acting": np.zeros(n_batch_row, np.int32),
        "n_acting": np.zeros(WIDTH, np.int32),
        "picked": np.zeros(n_batch_row, np.int32),
        "cuts": np.zeros(tape.point_day.size + 2),
        "struck": np.zeros((7, n_target), np.int32),
        "rows_on": np.zeros((7 * n_target, WIDTH), np.int32),
        "moving": np.zeros((7, n_target), np.int32),
        "stop": np.zeros(1, np.uint8) if stop is None else stop,
    }
    sizes |= {"n_ring": tables["n_ring"], "n_pipe": int(slots.sum())}
    sizes |= {
        "n_serve": chain.serve_feed.size,
        "n_site_lane": int(np.diff(chain.out_ptr).max(initial=0)),
        "n_class": int(chain.n_class.max(initial=1)),
        "n_booked": len(BOOKS) * sizes["n_group"],
        "one": 1,
        "three": 3,
        "width": WIDTH,
        **market_sizes(play),
    }
    tables |= _vectors({name: sizes[size] for name, size in _SIZES.items() if FIELDS[name] == "v1"})
    for name, size in _SIZES.items():
        if FIELDS[name] == "i1":
            tables[name] = np.zeros(sizes[size], np.int32)
    rows = {
        "out_sum": len(BOOKS) * sizes["n_set"],
        "out_tally": len(TALLIES) * sizes["n_set"],
        "out_released": sizes["n_reserve"],
        "out_bought": sizes["n_reserve"],
        "out_goods": len(GOODS_TALLIES) * sizes["n_pair"],
        "out_reserve_days": sizes["n_reserve"],
        "out_loss": len(LOSSES) * sizes["n_set"],
        "out_price": 3 * tables["n_price"],
    }
    for name in set(FIELDS) - set(tables):
        tables[name] = np.empty((rows.get(name, 0) * sizes["n_batch"], WIDTH))
    return tables


def goods_in(play: Play) -> Goods:
    """Return the goods of a play: those that are booked, or those that have prices."""
    return play.goods or (NO_GOODS if play.market is None else play.market.goods)


# what a table of the batch has one item for
_SIZES = {
    name: size
    for size, names in {
        "n_site": "nameplate demand slack sub_limit capacity ref_out ordered run_rate want short "
        "substituted spared stress_days response halted availability yielding factor limited "
        "sparing stirred made ramp_share home_weight ramps weighs dependence value_of_input_share "
        "elasticity elasticity_later buffer_days recapture network_share buffer first_short "
        "site_moves",
        "n_site_lane": "counted",
        "three": "idle",
        "n_cell": "cell_risked cell_missed cell_at_risk cell_lost cell_run cell_spell",
        "n_feed": "cover rerouting learn stock position ref_use usual_lead target_stock at_target "
        "announced taken doubtful reroutes precaution dust delayed cautious asked sent feed_moves",
        "n_lane": "share order shipped arrived reliability qualified cap free delay doubted summed",
        "n_pipe": "pipe",
        "n_class": "part_usual part_more level part_rest weighed weighing",
        "one": "parcel power_of_odds",
        "n_ring": "ring_due ring_later ring_sent",
        "n_reserve": "reserve_stock activation_days given given_sum reserve_days least_reserve "
        "highest held_before bought bought_sum",
        "n_pair": f"pair_use pair_stock pair_asked pair_sent cover_days delivery_share "
        f"{' '.join(GOODS_TALLIES)}",
        "n_serve": "low_days",
        "n_project": "start_day progress advances",
        "n_booked": "book book_sum",
        "n_set": f"{' '.join(TALLIES)} spell spell_length spell_head share_before",
    }.items()
    for name in names.split()
} | MARKET_SIZES


def _vectors(sizes: dict[str, int]) -> dict[str, F8]:
    """Return tables of vectors side by side in one piece of memory, laid on whole vectors."""
    bytes_each = 8 * WIDTH
    memory = np.zeros((sum(sizes.values()) + 1) * WIDTH)
    first = -memory.ctypes.data % bytes_each // 8
    tables = {}
    for name, size in sizes.items():
        tables[name] = memory[first : first + size * WIDTH].reshape(size, WIDTH)
        first += size * WIDTH
    return tables


def _network(chain: Chain, n_period: int) -> dict[str, Any]:
    """Return the fixed tables of a network."""
    contracted = _marked(chain.feed_site.size, chain.lane_feed[chain.offtake_lane])
    grows = (chain.capacity_path >= 0) | _marked(chain.kind.size, chain.project_site)
    own = {name: getattr(chain, name) for name in chain._fields if name in FIELDS}
    tables = own | {
        "step_days": float(chain.step_days),
        "firm": firms_of(chain),
        "capacity_moves": grows,
        "contracted": contracted,
        "served": _marked(chain.feed_site.size, chain.serve_feed),
        "spotted": _marked(chain.feed_site.size, chain.lane_feed[chain.spot > 0]),
        "base_share": chain.share,
        "path": chain.path[:, :n_period],
        "reserve_aim": chain.reserve_aim[:, :n_period],
        "reserve_feed": chain.feed_ptr[chain.reserve_site],
        "nameplate_0": chain.capacity,
        "demand_0": chain.demand,
        "slack_0": chain.slack,
        "sub_limit_0": chain.sub_limit,
        "ramp_share_0": chain.ramp_share,
        "home_weight_0": chain.home_weight,
        "precaution_0": chain.precaution,
        "cover_0": chain.cover,
        "rerouting_0": chain.rerouting,
        "learn_0": chain.learn_gain,
        "reserve_stock_0": chain.reserve_stock,
        "activation_days_0": chain.activation_days,
        **{f"{name}_0": getattr(chain, name) for name in LOSS_KEYS},
        "losing": chain.value_of_input_share > 0.0,
    }
    kinds = {"i": np.int32, "f": np.float64}
    return {
        name: np.ascontiguousarray(table, kinds[FIELDS[name][0]])
        for name, table in tables.items()
        if FIELDS[name].endswith("fixed")
    } | {"step_days": tables["step_days"]}


def _marked(n: int, where: I4) -> NDArray[np.bool_]:
    """Return a mask of n with `where` set."""
    mask = np.zeros(n, np.bool_)
    mask[where] = True
    return mask


def _rings(chain: Chain, slots: I4) -> dict[str, Any]:
    """Return each lane's ring and first row in `pipe`, and the rings (see kernel/stocks.py).

    A supplier's lanes that share a ring are neighbours in it, in lane order.
    """
    transit = chain.transit
    pairs, ring, sizes = np.unique(
        np.stack([slots, transit]), axis=1, return_inverse=True, return_counts=True
    )
    ring = ring.reshape(-1)
    apart = chain.supplier[1:][(np.diff(ring) != 0) & (np.diff(chain.supplier) == 0)]
    base = np.cumsum(pairs[0] * sizes) - pairs[0] * sizes
    place = np.zeros(transit.size, np.int64)
    for g in range(sizes.size):
        place[ring == g] = np.arange(sizes[g])
    tables = {
        "ring": ring,
        "abreast": (np.diff(chain.out_ptr) > 0) & ~_marked(chain.kind.size, apart),
        "lane_pipe": base[ring] + place,
        "ring_slots": pairs[0],
        "ring_transit": pairs[1],
        "ring_size": sizes,
    }
    return {"n_ring": sizes.size} | {
        k: np.ascontiguousarray(v, np.int32) for k, v in tables.items()
    }


def _drawn(chain: Chain, draws: Draws, tape: Tape) -> F8:
    """Return the drawn numbers as the tables hold them: perception as a gain, a ramp as a share."""
    drawn = np.array(tape.parameter, order="C")
    for d in np.flatnonzero(draws.key == PARAMETERS.index("perception_days")):
        days = drawn[d]
        gain = np.minimum(1.0, chain.step_days / np.where(days > 0, days, 1.0))
        drawn[d] = np.where(days <= 0, 1.0, gain)
    for d in np.flatnonzero(draws.key == PARAMETERS.index("ramp_days")):
        days = drawn[d]
        share = chain.step_days / np.where(days > 0, days, 1.0)
        drawn[d] = np.where(days > 0, share, np.inf)
    return drawn


def _slots(chain: Chain, targets: Targets, tape: Tape) -> I4:
    """Return the periods that each lane's pipeline sees ahead: transit, delays, one held period.

    Where no row delays or holds a lane, what is sent takes the place of what has just arrived.
    """
    slots = chain.transit.astype(np.int32)
    stirring = np.isin(tape.row_kind, (EXTRA_DAYS, HOLD))
    days = np.zeros(targets.ptr.size)
    delays = tape.row_kind == EXTRA_DAYS
    if delays.any():
        highest = np.maximum.reduceat(tape.point_value, tape.point_ptr[:-1])
        np.maximum.at(days, tape.row_effect[delays], highest[delays])
    for effect in np.unique(tape.row_effect[stirring]):
        lanes = targets.index[targets.ptr[effect] : targets.ptr[effect + 1]]
        longest = int(np.ceil(days[effect] / chain.step_days))
        slots[lanes] = np.maximum(slots[lanes], chain.transit[lanes] + longest + 2)
    return slots
