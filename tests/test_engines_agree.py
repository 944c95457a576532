"""The compiled kernel and the SimPy model agree to the last bit, on random networks and tapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from engines import Case

from sim.flow.kernel.measures import BOOKS
from sim.flow.trajectories import Flow
from sim.network.arrays import CompiledNetwork
from sim.shocks.tape import ROW_KINDS

CHUNK = 20
SIZES = (4, 8, 12, 20, 30)


def names_of(compiled: CompiledNetwork) -> dict[str, Sequence[str]]:
    """Return the names along the middle axis of every array of a flow and its trace."""
    chain, labels = compiled.chain, compiled.labels
    feeds = [
        f"{labels.site[i]}/{p}" for i, p in zip(chain.feed_site, labels.feed_product, strict=True)
    ]
    lanes = [
        f"{labels.site[i]} -> {feeds[f]}"
        for i, f in zip(chain.supplier, chain.lane_feed, strict=True)
    ]
    users = dict.fromkeys(BOOKS, labels.group)
    return {
        **users,
        **dict.fromkeys(("released", "bought"), labels.reserve),
        "run_rate": labels.site,
        **dict.fromkeys(("stock", "position"), feeds),
        **dict.fromkeys(("ordered", "shipped", "arrived"), lanes),
    }


def arrays_of(flow: Flow) -> Iterator[tuple[str, np.ndarray]]:
    for part in (flow, flow.trace):
        for name, value in zip(part._fields, part, strict=True):
            if name not in ("trace", "goods") and value is not None:
                yield name, value


def difference(
    seed: int, numbers: np.ndarray, compiled: CompiledNetwork, fast: Flow, record: Flow
) -> str:
    """Return where the two flows first differ in a bit, with all that is needed to look; or ""."""
    names, found = names_of(compiled), []
    for (name, a), (_, b) in zip(arrays_of(fast), arrays_of(record), strict=True):
        assert a.shape == b.shape, name
        differ = (a != b) & ~(np.isnan(a) & np.isnan(b))
        if differ.any():
            k, x, j = (int(v[0]) for v in np.nonzero(differ))
            found.append(
                (
                    k,
                    f"seed {seed}, replication {numbers[j]}: {name} of {names[name][x]} "
                    f"first differs in period {k}: compiled {a[k, x, j]!r}, "
                    f"SimPy {b[k, x, j]!r}",
                )
            )
    return min(found)[1] if found else ""


def case_of(seed: int) -> Case:
    return Case(seed, n_period=30, size=SIZES[seed % len(SIZES)], replications=1 + seed % 2)


def disagreements(seeds: range) -> list[str]:
    out = []
    for seed in seeds:
        case = case_of(seed)
        found = difference(seed, case.tape.replication, case.compiled, case.fast(), case.record())
        if found:
            out.append(found)
    return out


@pytest.mark.parametrize("chunk", range(10))
def test_engines_agree_to_the_last_bit(chunk):
    assert disagreements(range(chunk * CHUNK, (chunk + 1) * CHUNK)) == []


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(10, 50))
def test_engines_agree_to_the_last_bit_on_a_thousand_networks(chunk):
    assert disagreements(range(chunk * CHUNK, (chunk + 1) * CHUNK)) == []


def test_random_cases_reach_every_mechanism():
    """Agreement on networks in which nothing happens would prove nothing."""
    seen: dict[str, int] = dict.fromkeys(
        ("shortfall", "spared", "released", "projects", "draws", "spot"), 0
    )
    kinds: set[int] = set()
    for seed in range(40):
        case = case_of(seed)
        flow, chain = case.fast(), case.compiled.chain
        for name in ("shortfall", "spared", "released"):
            seen[name] += bool(getattr(flow, name).any())
        seen["projects"] += bool(np.isfinite(case.tape.project_start_days).any())
        seen["draws"] += case.tape.parameter.size > 0
        spot = (chain.spot > 0) & (chain.share == 0)
        seen["spot"] += bool(flow.trace.shipped[:, spot].any())
        kinds |= set(case.tape.row_kind.tolist())
    assert all(count >= 3 for count in seen.values()), seen
    assert kinds == set(range(len(ROW_KINDS)))


def test_a_disagreement_is_told_with_seed_replication_name_and_first_period():
    case = case_of(9)
    fast, record = case.fast(), case.record()
    record.trace.shipped[4, 2, 1] = np.nextafter(record.trace.shipped[4, 2, 1], np.inf)
    record.want[7, 0, 0] += 1.0
    told = difference(9, case.tape.replication, case.compiled, fast, record)
    lane_name = names_of(case.compiled)["shipped"][2]
    assert told.startswith(
        f"seed 9, replication 1: shipped of {lane_name} first differs in period 4: "
    )


@pytest.mark.parametrize("seed", range(3))
def test_replications_side_by_side_are_what_they_are_alone(seed):
    case = Case(seed, n_period=20, size=12, replications=5)
    whole = case.fast()
    for other in (case.fast(batch=1), case.fast(batch=3)):
        assert difference(seed, case.tape.replication, case.compiled, whole, other) == ""
