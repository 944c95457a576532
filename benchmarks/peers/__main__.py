"""`make bench-peers`: other simulators on shared chains, in one run on one machine.

Prints a table and writes benchmarks/PEERS.md and benchmarks/figures/peers.png. A peer and the
compiled engine take turns, both on one thread; the ratio is of the medians. Outputs are compared
before anything is timed; a difference ends the run.
"""

from __future__ import annotations

import datetime as dt
import platform
import statistics
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.peers import chains
from benchmarks.peers.ours import Ours, ours, timed

HERE = Path(__file__).resolve().parents[1]
PEERS = ("supplynetpy", "stockpyl", "simpy", "salabim")
N_SHARED = 20  # futures whose losses are compared


class Row(NamedTuple):
    """One peer on one chain."""

    peer: str
    chain: str
    compared: str
    peer_s: float
    ours_s: float
    reported: str = ""

    @property
    def ratio(self) -> float:
        """Return how many times longer the peer takes a replication."""
        return self.peer_s / self.ours_s


def main() -> int:
    """Return the exit code: 0, or 2 where a peer is not installed."""
    missing = [name for name in PEERS if not _found(name)]
    if missing:
        print(f"not installed: {', '.join(missing)}; run make bench-peers", file=sys.stderr)
        return 2
    rows = [own_case(), serial(), *mine_to_user()]
    text = report(rows)
    print(text)
    (HERE / "PEERS.md").write_text(text, encoding="utf-8")
    draw(rows)
    return 0


def own_case() -> Row:
    """SupplyNetPy's own benchmark; ours has outages on top, which cost it time."""
    from benchmarks.peers import with_supplynetpy as peer

    our = ours(chains.fifty_nodes(), chains.fifty_hazards(), chains.N_DAY)
    peer_s, ours_s = in_turn(lambda seed: peer.own_case(seed)[0], our, 256, 9)
    wanted = peer.own_case(0)[1] / chains.N_DAY
    per_day = chains.echelons()[3] * chains.DEMAND
    told = f"demand a day: {wanted:.1f} (random, mean {per_day:.0f}) and {per_day:.0f}"
    return Row(
        "SupplyNetPy", "50 nodes, 281 links, 500 days", told, peer_s, ours_s,
        f"{peer.REPORTED_S:.3f} s by its authors",
    )  # fmt: skip


def serial() -> Row:
    """stockpyl's serial system with shipments to stage 2 stopped."""
    from benchmarks.peers import with_stockpyl as peer

    known = ours(chains.serial(), chains.stopped(5.0, 10.0), 30)
    lost = known.flow(known.tape(1)).shortfall[:, 0, 0]
    same(peer.late_units(5, 10, 30), lost, "stockpyl")
    law = chains.stopped(chains.exponential(50.0), chains.exponential(10.0))
    our = ours(chains.serial(), law, chains.N_DAY)
    peer_s, ours_s = in_turn(lambda seed: peer.seconds(chains.N_DAY, seed), our, 2048, 9)
    told = "units late in each of 30 periods, equal"
    return Row("stockpyl", "3 stages in series, 500 periods", told, peer_s, ours_s)


def mine_to_user() -> list[Row]:
    """A plain SimPy program and one in salabim, on the outages of our own tape."""
    from benchmarks.peers import with_salabim, with_simpy

    our = ours(chains.mine_to_user(), chains.mine_fails(), chains.N_DAY)
    tape = our.tape(N_SHARED)
    lost = our.flow(tape).shortfall.sum(axis=(0, 1))
    outages = []
    for r in range(N_SHARED):
        part = slice(tape.shock_ptr[r], tape.shock_ptr[r + 1])
        outages.append(list(zip(tape.onset_days[part], tape.end_days[part], strict=True)))
    rows = []
    for name, peer in (("plain SimPy", with_simpy), ("salabim", with_salabim)):
        found = np.array([peer.lost_units(given, chains.N_DAY) for given in outages])
        same(found, lost, name)

        def once(seed: int, peer=peer) -> float:  # type: ignore[no-untyped-def]
            return timed(lambda: peer.lost_units(outages[seed], chains.N_DAY), 1)[0]

        peer_s, ours_s = in_turn(once, our, 2048, 9)
        told = f"units lost in {N_SHARED} futures, equal to 1e-9"
        rows.append(Row(name, "mine, refiner, user, 500 days", told, peer_s, ours_s))
    return rows


def same(found: np.ndarray, ours_found: np.ndarray, name: str) -> None:
    """End the run where a peer gives other losses than the compiled engine.

    Raises
    ------
    SystemExit
        With the largest difference.
    """
    gap = float(np.abs(found - ours_found).max())
    if gap > 1e-9 * chains.DEMAND * chains.N_DAY:
        raise SystemExit(f"{name} and the compiled engine differ by {gap}")


def in_turn(peer_s: Callable[[int], float], our: Ours, n: int, repeats: int) -> tuple[float, float]:
    """Return the median seconds a replication of the peer and of ours, run in turn."""
    our.seconds(1, 1)
    theirs, own = [], []
    for seed in range(repeats):
        theirs.append(peer_s(seed))
        own += our.seconds(n, 1)
    return statistics.median(theirs), statistics.median(own)


def report(rows: list[Row]) -> str:
    """Return the table as Markdown."""
    versions = ", ".join(f"{name} {version(name)}" for name in (*PEERS, "shortfall", "numba"))
    head = (
        "# Against other simulators\n\n"
        f"{dt.date.today().isoformat()}, {_cpu()}, Python {platform.python_version()}, {versions}. "
        "Made by `make bench-peers`: seconds a replication on one thread, medians of runs in turn; "
        "ours is a batch of many replications, drawing of shocks and judging included.\n\n"
        "| peer | chain | outputs compared | peer, s | ours, us | ratio | reported |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
    )
    lines = [
        f"| {r.peer} | {r.chain} | {r.compared} | {r.peer_s:.4g} | {r.ours_s * 1e6:.4g} "
        f"| **{r.ratio:,.0f}** | {r.reported} |"
        for r in rows
    ]
    return head + "\n".join(lines) + NOTES


NOTES = """

![Seconds a replication](figures/peers.png)

- SupplyNetPy: its own benchmark, told again from its description, logging and garbage collection
  off as there. It plays single orders and (s, S) policies, we a day's flow; what both define is the
  topology, the length and what is wanted. Ours also has random outages of all 22 upstream nodes.
- stockpyl: its serial simulation, progress bar and consistency checks off; lost here, late there.
- plain SimPy and salabim: the same program as a researcher would write it, on the outages of our
  tape. salabim by generators and one carrier a lane, the fastest way found.
"""


def draw(rows: list[Row]) -> None:
    """Draw seconds a replication, peer beside ours, on a log scale."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7.2, 3.2), layout="constrained")
    at = np.arange(len(rows))[::-1]
    axes.barh(at + 0.2, [r.peer_s for r in rows], 0.36, color="#717581", label="peer")
    axes.barh(
        at - 0.2, [r.ours_s for r in rows], 0.36, color="#e42536", label="Shortfall, compiled"
    )
    for y, r in zip(at, rows, strict=True):
        axes.text(r.peer_s * 1.15, y + 0.2, f"{r.ratio:,.0f} times ours", va="center", fontsize=8)
    axes.set_yticks(at, [f"{r.peer}\n{r.chain}" for r in rows], fontsize=8)
    axes.set_xscale("log")
    axes.set_xlim(right=max(r.peer_s for r in rows) * 30)
    axes.set_title("A replication takes other simulators hundreds to thousands of times longer",
                   fontsize=10, loc="left")  # fmt: skip
    axes.set_xlabel(f"seconds a replication, one thread, log scale; {_cpu()}, {dt.date.today()}")
    axes.legend(fontsize=8, loc="lower right", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    (HERE / "figures").mkdir(exist_ok=True)
    figure.savefig(HERE / "figures" / "peers.png", dpi=150)


def _cpu() -> str:
    """Return the processor's name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (x.split(":", 1)[1].strip() for x in lines if x.startswith("model name")), "unknown"
    )


def _found(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
