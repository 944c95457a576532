"""Time to precision: ``python -m benchmarks.precision [SCENARIO ...]``.

How many replications, and seconds on one thread, until the 95 % interval of the mean shortfall is
within 1 % and that of the 1-in-100 within 5 %, for each sampling scheme; and how many
replications common random numbers save when a policy is compared with none. Every scheme plays
the same number of blocks of 1,024 replications; the scatter of the blocks' estimates gives the
standard error, and needs scale with its square. Prints a table and writes benchmarks/PRECISION.md
and benchmarks/figures/precision.png.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.shocks.sampler import sample
from sim.shocks.schemes import SCHEMES, STRATA
from sim.study import Study, load

HERE = Path(__file__).resolve().parent
SCENARIOS = ("china_ree_embargo", "china_graphite_licensing", "drc_conflict")
POLICY = "us_japan_framework"
GROUP = 4  # blocks behind one estimate of the 1-in-100: a quantile of few replications is biased
Z = 1.959963984540054


class Need(NamedTuple):
    """What one scheme needs on one scenario."""

    scenario: str
    scheme: str
    us: float  # microseconds a replication
    mean: float  # t
    n_mean: float
    tail: float  # t, the 1-in-100
    n_tail: float


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS))
    parser.add_argument("--blocks", type=int, default=16, help="of 1,024 replications a scheme")
    given = parser.parse_args()
    needs, saved = [], []
    for name in given.scenarios:
        study = load(name)
        needs += [need(study, name, scheme, given.blocks) for scheme in SCHEMES]
        saved.append((name, *common_numbers(study, load(name, policy=POLICY), 4 * STRATA)))
    text = report(needs, saved, given.blocks)
    print(text)
    (HERE / "PRECISION.md").write_text(text, encoding="utf-8")
    draw(needs)


def need(study: Study, scenario: str, scheme: str, n_block: int) -> Need:
    """Play blocks under one scheme and say what the two precisions would need."""
    losses(study, scheme, 0, 1)  # warm
    begin = time.perf_counter()
    loss = np.concatenate([losses(study, scheme, b * STRATA, STRATA) for b in range(n_block)])
    us = (time.perf_counter() - begin) / loss.size * 1e6
    means = loss.reshape(n_block, STRATA).mean(axis=1)
    tails = np.quantile(loss.reshape(-1, GROUP * STRATA), 0.99, axis=1, method="inverted_cdf")
    for_mean, for_tail = needed(means, STRATA, 0.01), needed(tails, GROUP * STRATA, 0.05)
    return Need(scenario, scheme, us, means.mean(), for_mean, tails.mean(), for_tail)


def needed(estimates: np.ndarray, size: int, relative: float) -> float:
    """Return replications until Z standard errors are `relative` of the value.

    Each estimate comes from `size` replications, and a mean of m estimates has 1/m of their
    variance.
    """
    value = estimates.mean()
    if value <= 0:
        return math.nan
    return size * max(1.0, estimates.var(ddof=1) * (Z / (relative * value)) ** 2)


def losses(study: Study, scheme: str, first: int, n: int) -> np.ndarray:
    """Return the judged shortfall of replications, t."""
    numbers = np.arange(first, first + n, dtype=np.int64)
    tape = sample(study.hazards, study.settings.run.seed, numbers, scheme)
    return study.judged(tape, np.zeros(1, np.uint8)).short[-1]  # judged, or all


def common_numbers(base: Study, other: Study, n: int) -> tuple[float, float]:
    """Return the variance of a difference drawn apart over that of one drawn in common, and it."""
    a, b = (losses(study, "plain", 0, n) for study in (base, other))
    gap = a - b
    if not gap.any():
        return math.nan, 0.0
    return float((a.var(ddof=1) + b.var(ddof=1)) / gap.var(ddof=1)), float(gap.mean())


def report(needs: list[Need], saved: list[tuple[str, float, float]], n_block: int) -> str:
    """Return the tables as Markdown."""
    from importlib.metadata import version

    head = (
        "# Time to precision\n\n"
        f"{dt.date.today().isoformat()}, one thread, shortfall {version('shortfall')}, numba "
        f"{version('numba')}. Made by `python -m benchmarks.precision`: {n_block} blocks of "
        f"{STRATA:,} replications a scheme. Replications (and seconds) until the 95 % interval is "
        "within 1 % of the mean shortfall, and within 5 % of the 1-in-100. A need is an estimate "
        f"itself: its relative standard error is about {math.sqrt(2 / (n_block - 1)):.0%} for the "
        f"mean and {math.sqrt(2 / (n_block / GROUP - 1)):.0%} for the 1-in-100. None is "
        f"told below what one estimate takes: {STRATA:,} for the mean, {GROUP * STRATA:,} for the "
        "1-in-100.\n\n"
        "| scenario | scheme | mean, t | for 1 % of the mean | s | against plain | 1-in-100, t "
        "| for 5 % of the 1-in-100 | s | against plain |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    )
    plain = {n.scenario: n for n in needs if n.scheme == "plain"}
    lines = []
    for n in needs:
        base = plain[n.scenario]
        lines.append(
            f"| {n.scenario} | {n.scheme} | {n.mean:,.0f} | {count(n.n_mean)} "
            f"| {seconds(n.n_mean * n.us)} | {ratio(base.n_mean * base.us, n.n_mean * n.us)} "
            f"| {n.tail:,.0f} | {count(n.n_tail)} | {seconds(n.n_tail * n.us)} "
            f"| {ratio(base.n_tail * base.us, n.n_tail * n.us)} |"
        )
    pairs = [
        f"| {name} | {gap:,.0f} | {'policy changes nothing' if gap == 0 else f'{won:,.1f}'} |"
        for name, won, gap in saved
    ]
    return (
        head
        + "\n".join(lines)
        + "\n\n![Seconds to precision](figures/precision.png)\n\n## Common random numbers\n\n"
        + f"`{POLICY}` against none, {4 * STRATA:,} replications: how many times fewer the "
        + "difference of means needs because both meet the same shocks (ratio of variances).\n\n"
        + "| scenario | mean avoided, t | times fewer |\n| --- | --- | --- |\n"
        + "\n".join(pairs)
        + "\n"
    )


def count(n: float) -> str:
    """Return replications as text."""
    return "-" if math.isnan(n) else f"{float(f'{n:.2g}'):,.0f}"


def seconds(us: float) -> str:
    """Return microseconds as seconds in text."""
    return "-" if math.isnan(us) else f"{us / 1e6:,.1f}"


def ratio(base: float, other: float) -> str:
    """Return how many times less time than the base."""
    return "-" if math.isnan(base) or math.isnan(other) else f"{base / other:,.1f} x"


def draw(needs: list[Need]) -> None:
    """Draw seconds to both precisions, a group of bars a scenario, a colour a scheme."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    names = list(dict.fromkeys(n.scenario for n in needs))
    colours = ("#5790fc", "#f89c20", "#e42536", "#964a8b")  # petroff6
    hatches = ("", "//", "..", "xx")
    figure, both = plt.subplots(1, 2, figsize=(9.5, 0.9 + 1.0 * len(names)), layout="constrained",
                                sharey=True)  # fmt: skip
    whats = {"n_mean": "within 1 % of the mean", "n_tail": "within 5 % of the 1-in-100"}
    for axes, (what, title) in zip(both, whats.items(), strict=True):
        for k, scheme in enumerate(SCHEMES):
            mine = [n for n in needs if n.scheme == scheme]
            at = [-names.index(n.scenario) + 0.3 - 0.2 * k for n in mine]
            axes.barh(at, [getattr(n, what) * n.us / 1e6 for n in mine], 0.18, color=colours[k],
                      hatch=hatches[k], edgecolor="white", label=scheme)  # fmt: skip
        axes.set_xscale("log")
        axes.set_xlabel("seconds, one thread, log scale")
        axes.set_title(title, fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    both[0].set_yticks([-i for i in range(len(names))], names, fontsize=8)
    both[1].legend(fontsize=8, frameon=False, loc="lower right")
    figure.suptitle("Time until the 95 % interval of the shortfall is", fontsize=11)
    (HERE / "figures").mkdir(exist_ok=True)
    figure.savefig(HERE / "figures" / "precision.png", dpi=150)


if __name__ == "__main__":
    main()
