"""Time to precision: ``python -m benchmarks.precision [SCENARIO ...]``, all scenarios by default.

How many replications, and seconds on one thread, until the 95 % interval of the mean shortfall is
within 1 % and that of the 1-in-100 within 5 %, for each sampling scheme; and how many
replications common random numbers save when a policy is compared with none. Every scheme plays
the same number of blocks of 1,024 replications, as many as the time given allows; the scatter of
the blocks' estimates gives the standard error, and needs scale with its square. What is measured
of a scenario is kept in a folder, so that an interrupted run goes on; then a table and, of all
scenarios, PRECISION.md and a figure are written (``precision_report.py``).
"""

from __future__ import annotations

import argparse
import json
import math
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import precision_report
from sim.api import Study, load
from sim.flow.kernel.measures import SHORT
from sim.results.files import write_whole
from sim.shocks.kernel.sampling import SCHEMES, STRATA
from sim.shocks.sampler import sample

ROOT = Path(__file__).resolve().parents[1]
POLICY = "us_japan_framework"
PAIRED = 4 * STRATA  # replications behind the gain of common random numbers
FEWEST_BLOCKS, MOST_BLOCKS = 8, 32
FEWEST_SHORT = 50  # of all plain replications; with fewer there is no telling
Z = 1.959963984540054


class Need(NamedTuple):
    """What one scheme needs on one scenario."""

    scheme: str
    us: float  # microseconds of processor time a replication
    mean: float  # t
    n_mean: float
    tail: float  # t, the 1-in-100
    n_tail: float


def main() -> None:
    """Measure what is not kept yet; print the report, and write it if it is of all scenarios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=everything())
    parser.add_argument("--seconds", type=float, default=60, help="a scenario, about")
    parser.add_argument("--jobs", type=int, default=1, help="scenarios at once")
    parser.add_argument("--keep", type=Path, default=ROOT / "results" / "precision",
                        help="folder of what is measured; empty it to begin anew")  # fmt: skip
    given = parser.parse_args()
    given.keep.mkdir(parents=True, exist_ok=True)
    left = [name for name in given.scenarios if not (given.keep / f"{name}.json").is_file()]
    with ProcessPoolExecutor(given.jobs) as pool:
        work = partial(measure, seconds=given.seconds, folder=given.keep)
        for told in pool.map(work, left):
            print(told, flush=True)
    kept = [json.loads((given.keep / f"{n}.json").read_text("utf-8")) for n in given.scenarios]
    if set(given.scenarios) == set(everything()):
        print(precision_report.write(kept, ROOT / "benchmarks"))
    else:
        print(precision_report.page(kept))


def everything() -> list[str]:
    """Return the names of all shipped scenarios."""
    return sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))


def measure(name: str, *, seconds: float, folder: Path) -> str:
    """Measure one scenario and keep what was found; return a line about it."""
    begin = time.process_time()
    study = load(name)
    n_block = blocks_in(study, seconds)
    plain = losses(study, "plain", n_block)
    found: dict[str, Any] = {
        "scenario": name,
        "sites": int(study.compiled.chain.kind.size),
        "blocks": n_block,
        "short": int((plain > 0).sum()),
        "needs": [],
        "common": common_numbers(study, load(name, policy=POLICY)),
    }
    if found["short"] >= FEWEST_SHORT:
        found["needs"] = [need(study, scheme, n_block)._asdict() for scheme in SCHEMES]
    text = json.dumps(found, indent=1)
    write_whole(folder / f"{name}.json", lambda file: file.write(text.encode()))
    return f"{name}: {n_block} blocks, {time.process_time() - begin:.0f} s"


def blocks_in(study: Study, seconds: float) -> int:
    """Return how many blocks a scheme can play so that all schemes together take so long."""
    block(study, "plain", 0, 16)  # compiled, read
    begin = time.process_time()
    block(study, "plain", 0, STRATA)
    each = time.process_time() - begin
    return int(min(max(seconds / len(SCHEMES) / each, FEWEST_BLOCKS), MOST_BLOCKS))


def block(study: Study, scheme: str, first: int, n: int) -> np.ndarray:
    """Return the judged shortfall of n replications, t."""
    numbers = np.arange(first, first + n, dtype=np.int64)
    tape = sample(study.hazards, study.settings.run.seed, numbers, scheme)
    return study.measures(tape, np.zeros(1, np.uint8)).sums[SHORT, -1]  # judged, or all


def losses(study: Study, scheme: str, n_block: int) -> np.ndarray:
    """Return the judged shortfall of whole blocks, a row a block."""
    return np.stack([block(study, scheme, b * STRATA, STRATA) for b in range(n_block)])


def need(study: Study, scheme: str, n_block: int) -> Need:
    """Play blocks under one scheme and say what the two precisions would need."""
    begin = time.process_time()
    loss = losses(study, scheme, n_block)
    us = (time.process_time() - begin) / loss.size * 1e6
    means, tails = loss.mean(axis=1), np.quantile(loss, 0.99, axis=1, method="inverted_cdf")
    return Need(scheme, us, means.mean(), needed(means, 0.01), tails.mean(), needed(tails, 0.05))


def needed(estimates: np.ndarray, relative: float) -> float:
    """Return replications until Z standard errors are `relative` of the value.

    Each estimate comes from one block, and a mean of m estimates has 1/m of their variance.
    """
    value = estimates.mean()
    if value <= 0:
        return math.nan
    return STRATA * max(1.0, float(estimates.var(ddof=1) * (Z / (relative * value)) ** 2))


def common_numbers(base: Study, other: Study) -> dict[str, float]:
    """Return the mean difference that a policy makes, and what common random numbers save.

    That is the variance of a difference drawn apart over that of one drawn in common.
    """
    a, b = (block(study, "plain", 0, PAIRED) for study in (base, other))
    gap = a - b
    if not gap.any():
        return {"avoided": 0.0, "saved": math.nan}
    saved = (a.var(ddof=1) + b.var(ddof=1)) / gap.var(ddof=1)
    return {"avoided": float(gap.mean()), "saved": float(saved)}


if __name__ == "__main__":
    main()
