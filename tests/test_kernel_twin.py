"""The compiled kernel against the same model told again in plain lists and loops, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from engines import Case
from twin_kernel import play
from twin_rows import exogenous, rows_of

from sim.flow.engine import simulate
from sim.flow.engine_tables import NO_SETS, tables_of
from sim.flow.kernel.conditions import list_rows, set_exogenous
from sim.flow.kernel.vector import WIDTH
from sim.flow.kernel.world import World
from sim.network.arrays import END_USER
from sim.shocks.tape import ROW_KINDS, Tape, Targets, quiet_tape

SIZES = (4, 8, 14, 24)
UNKNOWN = ("trace", "goods", "bill", "price")
"""What the twin does not tell: it knows no prices."""


def differences(case: Case, flow, targets: Targets, tape: Tape) -> list[str]:
    """Return where the kernel's flow and the twin's first differ, by replication."""
    out = []
    for j in range(tape.replication.size):
        told = play(case.compiled, targets, case.plan.draws, tape, case.n_period, j)
        for part in (flow, flow.trace):
            for name in (n for n in part._fields if n not in UNKNOWN):
                fast, twin = getattr(part, name)[..., j], np.array(told[name])
                differ = fast != twin.reshape(fast.shape)
                if differ.any():
                    k, x = (int(v[0]) for v in np.nonzero(differ))
                    out.append(f"seed {case.seed}, replication {j}: {name}[{k}, {x}] is "
                               f"{fast[k, x]!r}, twin {told[name][k][x]!r}")  # fmt: skip
    return out


def small(seed: int) -> Case:
    return Case(seed, n_period=24, size=SIZES[seed % 4], replications=3)


@pytest.mark.parametrize("chunk", range(4))
def test_kernel_equals_its_twin_to_the_last_bit(chunk):
    for seed in range(5000 + 12 * chunk, 5012 + 12 * chunk):
        case = small(seed)
        assert differences(case, case.fast(), case.plan.targets, case.tape) == []


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(20))
def test_kernel_equals_its_twin_on_many_networks(chunk):
    for seed in range(6000 + 20 * chunk, 6020 + 20 * chunk):
        case = Case(seed, n_period=60, size=30, replications=2)
        assert differences(case, case.fast(), case.plan.targets, case.tape) == []


def crowded_tape(case: Case, rng: np.random.Generator, n_row: int) -> tuple[Targets, Tape]:
    """Return a tape on which many rows of all kinds overlap on few targets.

    Some days lie on the borders of periods and repeat, so that jumps, ties and rows of no length
    occur; values reach 0, 1 and beyond where a kind allows it.
    """
    n = case.tape.replication.size
    chain = case.compiled.chain
    users = np.flatnonzero(chain.kind == END_USER)
    makers = np.flatnonzero(chain.kind < END_USER)
    pool = {"availability": makers, "output": makers, "demand": users}
    lanes = np.arange(chain.supplier.size)
    index, ptr, kinds, days, values, sizes = [], [0], [], [], [], []
    for _ in range(n * n_row):
        kind = int(rng.integers(len(ROW_KINDS)))
        among = pool.get(ROW_KINDS[kind], lanes)
        index += sorted(rng.permutation(among)[: rng.integers(1, 3)].tolist())
        ptr.append(len(index))
        kinds.append(kind)
        m = int(rng.integers(2, 6))
        day = np.sort(rng.uniform(-20, 150, m))
        day = np.where(rng.random(m) < 0.4, np.round(day / 7) * 7, day)
        top = 60.0 if ROW_KINDS[kind] == "extra_days" else 1.0
        value = np.clip(rng.uniform(-0.2, 1.2, m), 0.0, 1.0) * top
        flat = rng.random() < 0.3
        days += np.sort(day).tolist()
        values += (np.full(m, value[0]) if flat else value).tolist()
        sizes.append(m)
    i4 = np.int32
    rows = np.arange(n * n_row, dtype=i4)
    tape = quiet_tape(n, 0, case.tape.parameter, case.tape.project_start_days)._replace(
        row_ptr=(np.arange(n + 1) * n_row).astype(i4), row_shock=rows, row_effect=rows,
        row_kind=np.array(kinds, i4), point_ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(i4),
        point_day=np.array(days), point_value=np.array(values),
    )  # fmt: skip
    return Targets(np.array(ptr, i4), np.array(index, i4)), tape


@pytest.mark.parametrize("seed", range(6))
def test_kernel_equals_its_twin_where_many_shocks_overlap(seed):
    case = small(7000 + seed)
    targets, tape = crowded_tape(case, np.random.default_rng(seed), 40)
    flow = simulate(case.play._replace(targets=targets), tape, trace=True)
    assert differences(case, flow, targets, tape) == []


def kernel_exogenous(case: Case, targets: Targets, tape: Tape, n_period: int) -> list[dict]:
    """Return what ``set_exogenous`` leaves after each period, replication last."""
    n, free = tape.replication.size, np.zeros(1, np.uint8)
    tables = tables_of(
        case.play._replace(targets=targets, n_period=n_period), tape, NO_SETS, WIDTH, free
    )
    for name in ("availability", "yielding", "factor", "cap", "free"):
        tables[name][:] = 1.0
    world, seen = World(**tables), []
    list_rows(world, 0, n)
    for k in range(n_period):
        set_exogenous(world, k, 0, n)
        names = ("availability", "yielding", "cap", "free", "factor", "delay", "announced")
        seen.append({name: tables[name][:, :n].copy() for name in names})
    return seen


@pytest.mark.parametrize("seed", range(8))
def test_rows_of_a_tape_act_as_their_twin_says(seed):
    case = small(7100 + seed)
    chain = case.compiled.chain
    targets, tape = crowded_tape(case, np.random.default_rng(100 + seed), 30)
    seen = kernel_exogenous(case, targets, tape, case.n_period)
    joint = 0
    for j in range(tape.replication.size):
        rows = rows_of(targets, tape, j)
        for k in range(case.n_period):
            twin = exogenous(rows, k, chain.step_days, chain.kind.size, chain.supplier.size)
            by_lane = twin.pop("announced")
            twin["announced"] = [
                max([0.0] + [by_lane[x] for x in np.flatnonzero(chain.lane_feed == f)])
                for f in range(chain.feed_site.size)
            ]
            for name, values in twin.items():
                assert seen[k][name][:, j].tolist() == values, (name, k, j)
            joint += sum(0 < a < 1 for a in twin["availability"])
    assert joint > 20
