"""How many futures a sure answer takes, drawn in blocks and drawn alone; ``PRECISION.md``.

``python -m benchmarks.precision`` plays blocks of every shipped scenario and says how many futures
hold the mean shortfall within 1 % and the q95, the CVaR 95 and the 1-in-100 within 5 %, drawn in
blocks and each by itself, and the ratio of the two with its 95 % limits. Names of scenarios measure
these alone and write nothing.

No plain futures are played for it: each future of a block is drawn as a plain one is, so that the
variance of independent futures is that of the influences (``docs/intervals.md``) in the pool. That
of a mean over blocks is the scatter of the blocks, and its limits are those of chi-square.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

from benchmarks.pools import Pool, pool

ROOT = Path(__file__).resolve().parents[1]
SIZE, MOST = 256, 64
"""Futures of a block, as the default run has them, and blocks at most."""
FEWEST_SHORT = 50
"""Futures that are short, below which there is no telling."""
Z = 1.959963984540054
WITHIN = {"mean": 0.01, "q95": 0.05, "cvar95": 0.05, "q99": 0.05}
"""Half width that is asked for, as a share of the number."""


class Need(NamedTuple):
    """What one number of one scenario needs."""

    value: float
    plain: float  # futures, each drawn alone
    blocks: float  # futures, drawn in blocks
    gain: float  # of the two variances
    low: float
    high: float


def main() -> None:
    """Measure what is not kept yet; print the page, and write it if it is of all scenarios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=everything())
    parser.add_argument("--seconds", type=float, default=60, help="a scenario, about")
    parser.add_argument("--size", type=int, default=SIZE, help="futures of a block")
    parser.add_argument("--jobs", type=int, default=1, help="scenarios at once")
    parser.add_argument("--keep", type=Path, default=ROOT / "results" / "pools",
                        help="folder of what is played; empty it to begin anew")  # fmt: skip
    given = parser.parse_args()
    given.keep.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(given.jobs) as workers:
        work = partial(pool, size=given.size, most=MOST, seconds=given.seconds, folder=given.keep)
        pools = list(workers.map(work, given.scenarios))
    told = page(pools)
    print(told)
    if set(given.scenarios) == set(everything()):
        (ROOT / "benchmarks" / "PRECISION.md").write_text(told, encoding="utf-8")


def everything() -> list[str]:
    """Return the names of all shipped scenarios."""
    return sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))


def influences(loss: np.ndarray) -> Iterator[tuple[str, float, np.ndarray]]:
    """Yield (number, its value, what each future adds to its error), shape (n_block, size)."""
    yield "mean", float(loss.mean()), loss
    for name, level in (("q95", 0.95), ("q99", 0.99)):
        cut = float(np.quantile(loss, level, method="inverted_cdf"))
        yield name, cut, (loss <= cut) / density(loss, level)
    cut = float(np.quantile(loss, 0.95, method="inverted_cdf"))
    beyond = np.maximum(loss - cut, 0.0) / 0.05
    yield "cvar95", cut + float(beyond.mean()), beyond


def density(loss: np.ndarray, level: float) -> float:
    """Return the density at a quantile, from those a fifth of the tail away; 0 or inf at atoms."""
    step = (1.0 - level) / 5.0
    low, high = np.quantile(loss, [level - step, level + step], method="inverted_cdf")
    return 2.0 * step / (high - low) if high > low else math.inf


def need(value: float, influence: np.ndarray, within: float) -> Need:
    """Return what a number needs, from the influences of a pool."""
    n_block, size = influence.shape
    plain = float(influence.var(ddof=1))
    blocks = float(influence.mean(axis=1).var(ddof=1)) * size
    some = (Z / (within * value)) ** 2 if value else math.nan
    gain = plain / blocks if blocks > 0.0 else math.nan
    free = n_block - 1
    low, high = (gain * stats.chi2.ppf(q, free) / free for q in (0.025, 0.975))
    return Need(value, plain * some, blocks * some, gain, low, high)


def needs(one: Pool) -> dict[str, Need]:
    """Return what the numbers of a scenario need; none where too few futures are short."""
    if np.count_nonzero(one.loss) < FEWEST_SHORT:
        return {}
    told = {name: need(v, x, WITHIN[name]) for name, v, x in influences(one.loss)}
    return {name: n for name, n in told.items() if math.isfinite(n.gain)}


def page(pools: Sequence[Pool]) -> str:
    """Return what is measured, as a page."""
    found = {one.name: needs(one) for one in pools}
    size = pools[0].loss.shape[1]
    when = f"Measured {dt.date.today().isoformat()}, in blocks of {size:,} futures.\n"
    lines = [HEAD, when, *_medians(found), "", TABLE]
    for one in pools:
        lines += list(_rows(one, found[one.name]))
    return "\n".join(lines) + "\n"


HEAD = """# Futures to a sure answer

Made by `python -m benchmarks.precision`. Futures until the 95 % interval of the judged shortfall
is within 1 % of the mean, and within 5 % of the q95, the CVaR 95 and the q99 (the 1-in-100), each
drawn alone and drawn in blocks; *gain* is how many times fewer blocks take, with its 95 % limits
from the scatter of so many blocks. Below 1 blocks would be worse.
"""
COLUMNS = ("scenario", "blocks", "µs a future", "number", "value, t", "alone", "in blocks", "gain",
           "95 % limits")  # fmt: skip
TABLE = f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}"


def _medians(found: dict[str, dict[str, Need]]) -> Iterator[str]:
    for name in WITHIN:
        gains = [of[name].gain for of in found.values() if name in of]
        worst = [n for n, of in found.items() if name in of and of[name].high < 1.0 / 1.1]
        if gains:
            told = f"; surely worse than 1 / 1.1: {', '.join(worst)}" if worst else ""
            yield (f"- {name}: median gain {np.median(gains):.1f} over {len(gains)} scenarios, "
                   f"least {min(gains):.2f}{told}")  # fmt: skip


def _rows(one: Pool, found: dict[str, Need]) -> Iterator[str]:
    head = f"| {one.name} | {one.loss.shape[0]} × {one.loss.shape[1]} | {one.us:,.0f}"
    if not found:
        yield f"{head} | too few futures are short | | | | | |"
    for name, n in found.items():
        yield (f"{head} | {name} | {n.value:,.4g} | {n.plain:,.0f} | {n.blocks:,.0f} | "
               f"{n.gain:.2f} | {n.low:.2f} to {n.high:.2f} |")  # fmt: skip


if __name__ == "__main__":
    main()
