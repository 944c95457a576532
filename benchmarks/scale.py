"""`python -m benchmarks.scale`: random chains of 300 to 20,000 sites, about 7 lanes a site.

Reading, checking, compiling, futures a second, memory and the writing of results, each size in a
process of its own. Writes SCALE.md and its figure; `--sites 300,1000 --run 0` measures less, and
writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.chains import write
from benchmarks.scale_page import write_page

SITES = (300, 1_000, 5_000, 20_000)
STAGES = ("ore", "oxide", "metal", "good")
COUNTRIES = ("CHN", "JPN", "USA", "AUS", "DEU", "FRA", "KOR", "IND", "BRA", "CAN")
WEEKS = 156
FUTURES = 1_000
MOST_PLAYED = 256
"""Futures that are played to measure the rate, of a small network; of a large one fewer."""

Map = dict[str, Any]


def chain(n_site: int, seed: int = 1) -> Map:
    """Return a random network of four stages: a buyer has 5 to 14 suppliers, 7 lanes a site."""
    chance = random.Random(seed)
    width = n_site // len(STAGES)
    sites: Map = {}
    for s, product in enumerate(STAGES):
        for x in range(width):
            sites[f"{product}{x}"] = _site(chance, s, width)
    products = {product: {"title": product} for product in STAGES}
    return {"title": f"{n_site:,} invented sites", "products": products, "sites": sites}


def _site(chance: random.Random, stage: int, width: int) -> Map:
    last = stage == len(STAGES) - 1
    kind = "end_user" if last else ("refiner" if stage else "mine")
    site: Map = {"kind": kind, "product": STAGES[stage], "country": chance.choice(COUNTRIES)}
    site |= {"demand": 100.0, "sector": "all"} if last else {"capacity": 400.0}
    if stage:
        n = min(width, chance.randint(5, 14))
        lanes = {
            f"{STAGES[stage - 1]}{x}": {
                "share": 1.0 / n,
                "transit_days": chance.choice((7, 14, 35)),
            }
            for x in chance.sample(range(width), n)
        }
        feed = {"cover_days": chance.choice((14.0, 30.0, 60.0)), "rerouting": 0.5, "lanes": lanes}
        site["feeds"] = {STAGES[stage - 1]: feed}
    return site


def hazards() -> Map:
    """Return an outage of a refiner and an embargo of a country: some futures are hit by both."""
    outage = {"kind": "outage", "sites": {"site": "oxide0"}}
    barred = {"kind": "control", "type": "ban", "origin": {"country": "CHN"}}
    law = {"duration_days": {"median": 60, "sigma": 0.5}, "severity": 0.7}
    return {
        "stop": {"onset": {"rate_per_year": 0.5}, **law, "effects": {"stop": outage}},
        "bar": {"onset": {"rate_per_year": 0.3}, **law, "effects": {"bar": barred}},
    }


def measured(n_site: int, folder: Path) -> Map:
    """Return what a chain of `n_site` takes, in this process."""
    import numpy as np

    from sim.api import load
    from sim.base import precompile
    from sim.base.yaml_files import read_yaml

    file = write(folder, chain(n_site), hazards(), 7 * WEEKS)
    read_s, _ = _timed(lambda: read_yaml(folder / "chain.yaml"))
    load_s, study = _timed(lambda: load(file, {"run.workers": 1}))
    compile_s, _ = _timed(lambda: (study.compiled, study.hazards, study.views, study.play))
    precompile.ready()
    stop = np.zeros(1, np.uint8)
    study.compute(np.arange(1), stop)
    n_lane = int(study.compiled.chain.lane_feed.size)
    n = max(16, min(MOST_PLAYED, 2_000_000 // n_lane) // 16 * 16)
    play_s, _ = _timed(lambda: study.compute(np.arange(n), stop))
    return {
        "sites": len(study.network.sites),
        "lanes": n_lane,
        "read_s": read_s,
        "check_s": load_s - read_s,
        "compile_s": compile_s,
        "future_s": play_s / n,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def run(n_site: int, folder: Path) -> Map:
    """Return what `shortfall run` of so many futures takes: seconds, memory, and of it writing.

    Beside the clock it tells the processor time of all its processes, and how long the machine
    had work waiting meanwhile: on a busy machine the clock says little.
    """
    file = write(folder, chain(n_site), hazards(), 7 * WEEKS)
    words = ["run", f"scenario={file}", f"run.replications={FUTURES}", "--yes",
             f"output.dir={folder / 'run'}"]  # fmt: skip
    from sim.cli import main
    from sim.run import finish

    spent: Map = {"write_s": 0.0}
    inner = finish.write_folder

    def writing(*args: Any) -> None:
        begin = time.thread_time()
        inner(*args)
        spent["write_s"] = time.thread_time() - begin

    finish.write_folder = writing
    begin = time.perf_counter()
    code = main(words)
    spent["run_s"] = time.perf_counter() - begin
    if code:
        raise SystemExit(code)
    own, others = (resource.getrusage(who) for who in
                   (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))  # fmt: skip
    spent["cpu_s"] = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    return spent | {"run_mb": own.ru_maxrss / 1024, "beside_mb": others.ru_maxrss / 1024,
                    "load": os.getloadavg()[1] / (os.cpu_count() or 1)}  # fmt: skip


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor time of some work, steadier on a busy machine, and its result."""
    begin = time.process_time()
    found = work()
    return time.process_time() - begin, found


PARTS: dict[str, Callable[[int, Path], Map]] = {"measured": measured, "run": run}


def _apart(part: str, n_site: int) -> Map:
    """Return what a part finds, in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.scale", "--part", part, "--sites", str(n_site)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--sites", default=",".join(map(str, SITES)))
    parser.add_argument("--run", type=int, default=5_000, help="sites of the whole run; 0: none")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    sites = [int(n) for n in args.sites.split(",")]
    if args.part:
        with tempfile.TemporaryDirectory() as name:
            print(json.dumps(PARTS[args.part](sites[0], Path(name))))
        return
    rows = []
    for n in sites:
        rows.append(_apart("measured", n))
        print(rows[-1], file=sys.stderr, flush=True)
    whole = _apart("run", args.run) | {"sites": args.run} if args.run else None
    if tuple(sites) == SITES and whole is not None:
        print(write_page(rows, whole, Path(__file__).resolve().parent))


if __name__ == "__main__":
    main()
