"""The compiled engine's front door: packs tables, runs the kernel, names the result."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.flow import fields as at
from sim.flow.flow import Flow, FlowTrace
from sim.flow.kernel import run_batch
from sim.network.arrays import F8, I4, Chain, CompiledNetwork
from sim.shocks.tape import EXTRA_DAYS, PARAMETERS, Draws, Tape, Targets

BATCH = 32
"""Replications side by side (measured: 16 takes twice as long, 64 no less); changes no bit."""

# parameter -> (table, row): what it is drawn into
_DRAWN = {
    "capacity": ("site", at.NAMEPLATE),
    "demand": ("site", at.BASE_DEMAND),
    "slack": ("site", at.SLACK),
    "substitution_limit": ("site", at.SUB_LIMIT),
    "cover_days": ("feed", at.COVER),
    "rerouting": ("feed", at.REROUTING),
    "perception_days": ("feed", at.LEARN),
    "stock": ("reserve", at.RESERVE_SIZE),
    "activation_days": ("reserve", at.ACTIVATION),
}
_MULTIPLIED = {"capacity", "demand", "cover_days", "stock"}


class Tables(NamedTuple):
    """The network as the kernel reads it (rows are named in ``fields.py``)."""

    si: I4
    sx: F8
    fi: I4
    fx: F8
    li: I4
    lx: F8
    path: F8
    vi: I4
    vx: F8
    yi: I4
    yx: F8
    pi: I4
    px: F8
    oi: I4
    ox: F8


def simulate(
    compiled: CompiledNetwork,
    targets: Targets,
    draws: Draws,
    tape: Tape,
    n_period: int,
    *,
    batch: int = BATCH,
    stop: NDArray[np.uint8] | None = None,
    trace: bool = False,
) -> Flow:
    """Return what every replication of the tape does to the network (docs/model.md).

    Parameters
    ----------
    compiled : CompiledNetwork
        The network, compiled for at least `n_period` periods.
    targets : Targets
        What each effect of the tape acts upon.
    draws : Draws
        Where the tape's parameters go.
    tape : Tape
        The realised chance of n replications.
    n_period : int
        Periods to simulate.
    batch : int, optional
        Replications side by side; changes speed only.
    stop : ndarray of uint8, shape (1,), optional
        Set to 1 from another thread to stop after the batch at hand.
    trace : bool, optional
        Keep stocks, positions, orders, shipments, arrivals and run rates of every period.

    Returns
    -------
    Flow
        Arrays (n_period, groups or reserves, n); after a stop only the finished replications.
    """
    slots = _slots(compiled.chain, targets, tape)
    tables = pack(compiled.chain, n_period, slots)
    n, n_reserve = tape.replication.size, compiled.chain.reserve_site.size
    booked = np.zeros((4, n_period, len(compiled.labels.group), n))
    released = np.zeros((n_period, n_reserve, n))
    traces = _trace_buffers(compiled.chain, n_period if trace else 0, n)
    done = 0
    while done < n and (stop is None or stop[0] == 0):
        width = min(batch, n - done)
        part = slice(done, done + width)
        b, v = np.zeros((*booked.shape[:3], width)), np.zeros((n_period, n_reserve, width))
        t = [np.zeros((*x.shape[:3], width)) for x in traces]
        _run(compiled.chain, tables, targets, draws, tape, done, width, b, v, t)
        booked[..., part], released[..., part] = b, v
        for whole, piece in zip(traces, t, strict=True):
            if trace:
                whole[..., part] = piece
        done += width
    feeds, lanes, sites = (x[..., :done] for x in traces)
    kept = (
        FlowTrace(
            stock=feeds[0],
            position=feeds[1],
            ordered=lanes[0],
            shipped=lanes[1],
            arrived=lanes[2],
            run_rate=sites[0],
        )
        if trace
        else None
    )
    return Flow(
        want=booked[at.B_WANT, ..., :done],
        shortfall=booked[at.B_SHORTFALL, ..., :done],
        spared=booked[at.B_SPARED, ..., :done],
        destroyed=booked[at.B_DESTROYED, ..., :done],
        released=released[..., :done],
        trace=kept,
    )


def pack(chain: Chain, n_period: int, slots: I4) -> Tables:
    """Return the kernel's tables of a network for its first `n_period` periods."""
    n_site, n_feed = chain.kind.size, chain.feed_site.size
    reserve_feed = chain.feed_ptr[chain.reserve_site]
    return Tables(
        si=_int_rows(
            n_site + 1,
            chain.kind,
            chain.feed_ptr,
            chain.out_ptr,
            chain.n_class,
            chain.capacity_path,
            chain.demand_path,
            chain.group,
            chain.price_on,
        ),
        sx=_float_rows(
            chain.ramp_share,
            chain.sub_delay_days,
            chain.sub_share,
            chain.price_demand_elasticity,
            chain.price_supply_elasticity,
            chain.price_gain,
        ),
        fi=_int_rows(n_feed + 1, chain.lane_ptr, chain.feed_site),
        fx=_float_rows(chain.coefficient, chain.adjust_gain, chain.precaution, chain.cost_share),
        li=_int_rows(
            chain.supplier.size,
            chain.lane_feed,
            chain.transit,
            chain.lane_class,
            chain.lane_of,
            (np.cumsum(slots) - slots).astype(np.int32),
            slots,
        ),
        lx=_float_rows(chain.share, chain.spot, chain.qualify_step),
        path=np.ascontiguousarray(chain.path[:, :n_period]),
        vi=_int_rows(reserve_feed.size + 1, reserve_feed, chain.serve_ptr),
        vx=_float_rows(chain.reserve_max, chain.trigger),
        yi=chain.serve_feed,
        yx=chain.serve_share,
        pi=_int_rows(chain.project_site.size + 1, chain.project_site, chain.offtake_ptr),
        px=_float_rows(chain.project_capacity, chain.project_ramp_days),
        oi=chain.offtake_lane,
        ox=chain.offtake_share,
    )


def _int_rows(width: int, *rows: I4) -> I4:
    table = np.zeros((len(rows), width), np.int32)
    for x, row in enumerate(rows):
        table[x, : row.size] = row
    return table


def _float_rows(*rows: F8) -> F8:
    return np.ascontiguousarray(np.stack([np.asarray(r, float) for r in rows]))


def _run(
    chain: Chain,
    tables: Tables,
    targets: Targets,
    draws: Draws,
    tape: Tape,
    j0: int,
    width: int,
    booked: F8,
    released: F8,
    traces: list[F8],
) -> None:
    """Simulate replications j0 .. j0 + width of the tape."""
    j1 = j0 + width
    batch = _at_rest(chain, draws, tape, j0, j1)
    x0, x1 = int(tape.row_ptr[j0]), int(tape.row_ptr[j1])
    column = np.repeat(np.arange(width), np.diff(tape.row_ptr[j0 : j1 + 1]))
    first = tape.point_day[tape.point_ptr[x0:x1]]
    last = tape.point_day[tape.point_ptr[x0 + 1 : x1 + 1] - 1]
    begin = np.floor(first / chain.step_days).astype(np.int64) - 1
    end = np.ceil(last / chain.step_days).astype(np.int64) + 1
    pipe = np.zeros((int(tables.li[at.SLOTS].sum()), width))
    run_batch(
        chain.step_days,
        *tables,
        np.ascontiguousarray(tape.project_start_days[:, j0:j1]),
        x0,
        column,
        begin,
        end,
        np.ascontiguousarray(tape.row_ptr[j0 : j1 + 1]),
        tape.row_kind,
        tape.row_effect,
        tape.point_ptr,
        tape.point_day,
        tape.point_value,
        targets.ptr,
        targets.index,
        batch["site"],
        batch["feed"],
        batch["lane"],
        pipe,
        batch["reserve"],
        booked,
        released,
        *traces,
    )


def _at_rest(chain: Chain, draws: Draws, tape: Tape, j0: int, j1: int) -> dict[str, F8]:
    """Return a batch's tables with the drawn numbers and nothing yet happening (section 0)."""
    width = j1 - j0
    site = np.zeros((at.N_SITE_ROWS, chain.kind.size, width))
    for row, values in (
        (at.NAMEPLATE, chain.capacity),
        (at.BASE_DEMAND, chain.demand),
        (at.SLACK, chain.slack),
        (at.SUB_LIMIT, chain.sub_limit),
    ):
        site[row] = values[:, None]
    site[[at.RESPONSE, at.AVAILABILITY, at.FACTOR]] = 1.0
    feed = np.zeros((at.N_FEED_ROWS, chain.feed_site.size, width))
    for row, values in (
        (at.COVER, chain.cover),
        (at.REROUTING, chain.rerouting),
        (at.LEARN, chain.learn_gain),
    ):
        feed[row] = values[:, None]
    feed[at.SCARCITY] = 1.0
    lane = np.zeros((at.N_LANE_ROWS, chain.supplier.size, width))
    lane[[at.RELIABILITY, at.CAP, at.FREE]] = 1.0
    reserve = np.zeros((2, chain.reserve_site.size, width))
    reserve[at.RESERVE_SIZE] = chain.reserve_stock[:, None]
    reserve[at.ACTIVATION] = chain.activation_days[:, None]
    batch = {"site": site, "feed": feed, "lane": lane, "reserve": reserve}
    for d in range(draws.key.size):
        key = PARAMETERS[draws.key[d]]
        table, row = _DRAWN[key]
        where = draws.index[draws.ptr[d] : draws.ptr[d + 1]]
        drawn = tape.parameter[d, j0:j1]
        if key == "perception_days":
            drawn = np.where(
                drawn <= 0, 1.0, np.minimum(1.0, chain.step_days / np.where(drawn > 0, drawn, 1.0))
            )
        batch[table][row, where] = batch[table][row, where] * drawn if key in _MULTIPLIED else drawn
    return batch


def _trace_buffers(chain: Chain, n_period: int, n: int) -> list[F8]:
    n = n if n_period else 0
    return [
        np.zeros((2, n_period, chain.feed_site.size, n)),
        np.zeros((3, n_period, chain.supplier.size, n)),
        np.zeros((1, n_period, chain.kind.size, n)),
    ]


def _slots(chain: Chain, targets: Targets, tape: Tape) -> I4:
    """Return the periods that each lane's pipeline sees ahead: transit, delays, one held period."""
    kind_of_point = np.repeat(tape.row_kind, np.diff(tape.point_ptr))
    effect_of_point = np.repeat(tape.row_effect, np.diff(tape.point_ptr))
    slots = chain.transit + 2
    days = np.zeros(targets.ptr.size)
    delays = kind_of_point == EXTRA_DAYS
    np.maximum.at(days, effect_of_point[delays], tape.point_value[delays])
    for effect in np.flatnonzero(days):
        lanes = targets.index[targets.ptr[effect] : targets.ptr[effect + 1]]
        longest = int(np.ceil(days[effect] / chain.step_days))
        slots[lanes] = np.maximum(slots[lanes], chain.transit[lanes] + longest + 2)
    return slots.astype(np.int32)
