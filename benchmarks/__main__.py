"""`make bench`: engines, first result, memory; ratios measured in one run on one machine.

Prints a table and writes it to benchmarks/RESULTS.md. Wall-clock figures are this machine's; only
the ratios travel.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SCENARIO = "china_ree_controls_2025_10"
HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats, 1e4 instead of 1e5")
    quick = parser.parse_args().quick
    rows = [*first_result(), *engines(quick), *memory(10_000 if quick else 100_000)]
    text = report(rows)
    print(text)
    if not quick:
        (HERE / "RESULTS.md").write_text(text, encoding="utf-8")


def engines(quick: bool) -> list[tuple[str, str]]:
    """Time both engines on the same tapes, one thread, sampling apart."""
    import numpy as np

    from sim.flow.model import simulate_simpy
    from sim.study import load

    study = load(SCENARIO)
    chain = study.compiled.chain
    size = f"{chain.kind.size} sites, {chain.supplier.size} lanes, {study.n_period} periods"
    numbers = np.arange(256, dtype=np.int64)
    tape = study.tape(numbers)
    study.flow(tape)  # compiles
    fast = best(lambda: study.flow(tape), 3 if quick else 7) / numbers.size
    draw = best(lambda: study.tape(numbers), 3) / numbers.size
    judged = study.flow(tape)
    judge = best(lambda: study.judge(tape, judged), 3) / numbers.size
    one = study.tape(np.arange(1, dtype=np.int64))
    args = (study.compiled, study.hazards.targets, study.hazards.draws, one, study.n_period)
    slow = best(lambda: simulate_simpy(*args), 2 if quick else 5)
    return [
        ("network", size),
        ("sampling, per replication", f"{draw * 1e6:,.0f} us"),
        ("compiled engine, per replication, one thread", f"{fast * 1e6:,.0f} us"),
        ("judging, per replication", f"{judge * 1e6:,.0f} us"),
        ("SimPy model, per replication", f"{slow * 1e6:,.0f} us"),
        ("SimPy / compiled", f"{slow / fast:,.0f}"),
        (
            "compiled engine, median instead of best of repeats",
            f"{median(lambda: study.flow(tape), 3) / numbers.size * 1e6:,.0f} us",
        ),
    ]


def first_result() -> list[tuple[str, str]]:
    """Time the command from start to files, with an empty and with a full kernel cache."""
    with tempfile.TemporaryDirectory() as folder:
        cold = run_command(1_000, folder, "cold")[0]
        warm = run_command(1_000, folder, "warm")[0]
    return [
        ("first result, cold (kernels compiled), 1,000 replications", f"{cold:.1f} s"),
        ("first result, warm, 1,000 replications", f"{warm:.1f} s"),
        ("cold / warm", f"{cold / warm:.1f}"),
    ]


def memory(large: int) -> list[tuple[str, str]]:
    """Measure peak memory of a whole run at 1e4 and at `large` replications."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for n in sorted({10_000, large}):
            seconds, peak = run_command(n, folder, f"n{n}")
            rows.append((f"peak memory, {n:,} replications", f"{peak:,.0f} MB ({seconds:.0f} s)"))
    return rows


def run_command(n: int, folder: str, name: str) -> tuple[float, float]:
    """Run `shortfall run` in a process of its own; return seconds and peak MB."""
    env = {**os.environ, "NUMBA_CACHE_DIR": str(Path(folder) / "numba")}
    command = [
        sys.executable,
        "-m",
        "sim",
        "run",
        f"scenario={SCENARIO}",
        f"run.replications={n}",
        "run.audit=0",
        "output.figures=false",
        f"output.dir={Path(folder) / name}",
    ]
    code = (
        "import resource, subprocess, sys, time; t = time.perf_counter(); "
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, "
        "stderr=subprocess.DEVNULL); "
        "print(time.perf_counter() - t, "
        "resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, *command], env=env, check=True, capture_output=True, text=True
    ).stdout.split()
    unit = 1 / 1024 if sys.platform != "darwin" else 1 / 1024**2
    return float(out[0]), float(out[1]) * unit


def best(work: Callable[[], object], repeats: int) -> float:
    """Return the shortest of some runs in seconds: the figure least touched by other work."""
    return min(_times(work, repeats))


def median(work: Callable[[], object], repeats: int) -> float:
    """Return the median of some runs in seconds."""
    return statistics.median(_times(work, repeats))


def _times(work: Callable[[], object], repeats: int) -> list[float]:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times


def report(rows: list[tuple[str, str]]) -> str:
    """Return the table with machine, versions and date."""
    import numba
    import numpy
    import simpy

    from sim import __version__

    head = [
        "# Benchmarks",
        "",
        f"{dt.date.today().isoformat()}, {cpu()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, shortfall {__version__}, numpy {numpy.__version__}, numba "
        f"{numba.__version__}, simpy {simpy.__version__}. Scenario `{SCENARIO}`. Made by "
        "`make bench`.",
        "",
        "| what | figure |",
        "| --- | --- |",
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    body = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join([*head, *body, "", f"(This process peaked at {peak:,.0f} MB.)", ""])


def cpu() -> str:
    """Return the name of the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
