"""Rebuild tests/goldens/*.npz: stored networks, tapes and what both engines made of them.

    python tests/make_goldens.py          # says what would change
    python tests/make_goldens.py write    # writes: only where the model was changed on purpose

A golden holds the compiled arrays themselves, so that replaying one tests the engines alone: no new
numpy, sampler or loader can shift it. Say in the commit why the bits have changed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.flow.engine import simulate
from sim.flow.play import Play
from sim.flow.record.model import simulate_simpy
from sim.flow.trajectories import Flow
from sim.network.arrays import Chain
from sim.shocks.tape import LOSS_KEYS, NO_PRICES, Draws, Tape, Targets

FOLDER = Path(__file__).parent / "goldens"
SEEDS = {"small": (3, 6), "plain": (8, 10), "wide": (17, 16), "deep": (46, 14)}
N_PERIOD = 20
LATE_OF_RESERVES = {
    "reserve_buys": (0, np.int32), "reserve_start": (1.0,), "build_pace": (np.inf,),
    "refill_pace": (np.inf,),
}  # fmt: skip
PARTS = {"chain": Chain, "targets": Targets, "draws": Draws, "tape": Tape}


def inputs_of(case: Any) -> dict[str, np.ndarray]:
    """Return a case's compiled arrays, tape and the number of its end-user groups."""
    parts = {
        "chain": case.compiled.chain, "targets": case.plan.targets, "draws": case.plan.draws,
        "tape": case.tape,
    }  # fmt: skip
    return {
        f"{part}.{name}": np.asarray(value)
        for part, values in parts.items()
        for name, value in values._asdict().items()
    } | {"n_group": np.array(len(case.compiled.labels.group))}


def outputs_of(flow: Flow) -> dict[str, np.ndarray]:
    """Return a flow's arrays; of its trace what says most."""
    kept = {
        f"flow.{n}": v
        for n, v in flow._asdict().items()
        if n not in ("trace", "goods", "price", "bought")
    }
    assert flow.trace is not None
    return kept | {"flow.stock": flow.trace.stock, "flow.shipped": flow.trace.shipped}


def read(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def replay(golden: dict[str, np.ndarray], engine: Any = simulate) -> dict[str, np.ndarray]:
    """Return what an engine makes of a golden's arrays."""
    made = {}
    for part, kind in PARTS.items():
        values = {n: stored(golden, part, n) for n in kind._fields}
        made[part] = kind(**{n: v.item() if v.ndim == 0 else v for n, v in values.items()})
    compiled = bare(made["chain"], int(golden["n_group"]))
    n_period = int(golden["chain.path"].shape[1])
    play = Play(compiled, made["targets"], made["draws"], n_period)
    return outputs_of(engine(play, made["tape"], trace=True))


def stored(golden: dict[str, np.ndarray], part: str, name: str) -> np.ndarray:
    """Return a stored array; one that came later is as if there were none."""
    late = part == "chain" and (name in LOSS_KEYS or name == "backward_linkage")
    if late and f"{part}.{name}" not in golden:
        return np.zeros(golden["chain.kind"].size)
    n_reserve = golden["chain.reserve_site"].size
    if part == "chain" and name in LATE_OF_RESERVES and f"chain.{name}" not in golden:
        return np.full(n_reserve, *LATE_OF_RESERVES[name])
    if part == "chain" and name == "reserve_aim" and "chain.reserve_aim" not in golden:
        return np.ones((n_reserve, golden["chain.path"].shape[1]))
    if part == "tape" and name in ("response", "prospect"):
        return golden.get(f"tape.{name}", NO_PRICES)
    return golden[f"{part}.{name}"]


def bare(chain: Chain, n_group: int) -> Any:
    """Return a compiled network of arrays whose things are named by their numbers."""

    def names(word: str, n: int) -> tuple[str, ...]:
        return tuple(f"{word}{i}" for i in range(n))

    labels = SimpleNamespace(
        site=names("site", chain.kind.size), group=names("group", n_group),
        feed_product=names("product", chain.feed_site.size),
        reserve=names("reserve", chain.reserve_site.size),
        project=names("project", chain.project_site.size),
    )  # fmt: skip
    return SimpleNamespace(chain=chain, labels=labels)


def main(write: bool) -> None:
    from engines import Case

    for name, (seed, size) in SEEDS.items():
        case = Case(seed, n_period=N_PERIOD, size=size, replications=3)
        golden = inputs_of(case)
        golden |= replay(golden)
        record = replay(golden, simulate_simpy)
        assert all(np.array_equal(golden[n], v) for n, v in record.items()), name
        path = FOLDER / f"{name}.npz"
        old = read(path) if path.is_file() else {}
        changed = [n for n, v in golden.items() if not same(old.get(n), v)]
        print(f"{name}: {'unchanged' if not changed else 'changes ' + ', '.join(changed)}")
        if write and changed:
            FOLDER.mkdir(exist_ok=True)
            np.savez_compressed(path, **golden)


def same(a: np.ndarray | None, b: np.ndarray) -> bool:
    """Return whether two arrays have the same type, shape and bits."""
    return a is not None and (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())


if __name__ == "__main__":
    main("write" in sys.argv[1:])
