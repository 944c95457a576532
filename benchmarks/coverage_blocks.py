"""How often do 95 % intervals of futures drawn in blocks hold: shipped scenarios, counted.

``python -m benchmarks.coverage_blocks`` plays a pool of blocks of eight scenarios of different
kinds, draws studies of sixteen of its blocks again and again, counts how many intervals hold the
pool's own number, and writes the table into ``docs/intervals.md``. The first scenario is played
with prices and value added, and under a policy as well; of the others the tonnes short are kept.

A pool is of blocks of 1,024. Any aligned part of a scrambled Sobol net is one itself, so its first
to last quarters and sixteenths are blocks of 256 and 64, and studies of 1,024, 4,096 and 16,384
futures come from the same pool.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import pools
from benchmarks.coverage import PAGE, cell, page
from benchmarks.pools import SEED
from sim.api import Study, load
from sim.base.sections import Sections
from sim.metrics import compare, precision
from sim.metrics.answer import Answer, Estimate
from sim.results.files import write_whole

ROOT = Path(__file__).resolve().parents[1]
SCENARIOS = (
    "china_ree_controls_2025_10",
    "china_ree_embargo",
    "china_tungsten_2025",
    "myanmar_kachin",
    "background",
    "drc_cobalt_quota",
    "demand_surge",
    "australia_cyclone",
)
"""A shock that may come back, several, old ones, losses of a few futures, hazards only, a quota."""
POLICY = "allied_pool"
"""Of the paired differences: it acts in every chain."""
BROAD = SCENARIOS[:1]
"""Of which everything is measured."""
SIZE, BLOCKS = 1024, 16
SIZES = (64, 256, 1024)
STUDIES = 400
LEAST = 0.93
"""Share of intervals that are to hold."""
BEGIN, END = "<!-- begin of the table of blocks -->", "<!-- end of the table of blocks -->"

Columns = dict[str, np.ndarray]
"""What each future of a pool comes to, each of shape (n_block, size)."""


class Case(NamedTuple):
    """A statistic of a study, and the same of the whole pool."""

    title: str
    needs: tuple[str, ...]  # columns
    answer: Callable[[Columns, Sections], Answer]
    truth: Callable[[Columns], float]


class Cell(NamedTuple):
    """Of the studies of one statistic and size: shares of all, and of those given."""

    held: float
    marked: float
    refused: float
    width: float  # half the interval, mean over studies, as a share of the truth


def played(study: Study, first: int) -> Columns:
    """Return the judged columns of one block, each of shape (size,)."""
    numbers = np.arange(first, first + SIZE, dtype=np.int64)
    found = study.compute(numbers, np.zeros(1, np.uint8))
    if found is None:
        raise RuntimeError("stopped")
    lost = found["m.value_added_lost_usd"][:, -1]
    columns = {"loss": found["m.shortfall_t"][:, -1], "wanted": found["m.wanted_t"][:, -1]}
    columns["lost"] = np.nan_to_num(lost)
    dear = found.get("price.price_index_mean")
    columns["dear"] = np.ones(SIZE) if dear is None else dear[:, int(np.argmax(dear.sum(axis=0)))]
    return columns


def short_under(study: Study, first: int) -> np.ndarray:
    """Return the judged shortfall of one block of another study, shape (size,)."""
    numbers = np.arange(first, first + SIZE, dtype=np.int64)
    return study.shortfalls(study.tape(numbers), np.zeros(1, np.uint8))[:, -1]


def pool(name: str, folder: Path, blocks: int) -> Columns:
    """Return a kept pool of a scenario, or play one."""
    if name not in BROAD:
        return {"loss": pools.pool(name, SIZE, blocks, math.inf, folder).loss}
    path = folder / f"{name}-broad.npz"
    if path.is_file():
        with np.load(path) as kept:
            return {key: kept[key] for key in kept.files}
    changes = {"run.seed": SEED, "run.scrambled": SIZE, "run.replications": BLOCKS * SIZE}
    plain, other = load(name, changes), load(name, changes, policy=POLICY)
    rows = []
    for block in range(blocks):
        row = played(plain, block * SIZE)
        rows.append(row | {"under": short_under(other, block * SIZE)})
    found = {key: np.stack([row[key] for row in rows]) for key in rows[0]}
    write_whole(path, lambda file: np.savez(file, **found))
    return found


def _q(level: float) -> Case:
    return Case(
        f"q{100 * level:.0f}",
        ("loss",),
        lambda of, sections: precision.quantile(of["loss"], level, sections=sections),
        lambda of: float(np.quantile(of["loss"], level, method="inverted_cdf")),
    )


def _cvar_of(loss: np.ndarray) -> float:
    found = precision.cvar(loss, 0.95)
    return found.value if isinstance(found, Estimate) else math.nan


def _mean(title: str, column: str) -> Case:
    return Case(
        title,
        (column,),
        lambda of, sections: precision.mean(of[column], sections=sections),
        lambda of: float(of[column].mean()),
    )


CASES = (
    _mean("mean", "loss"),
    Case(
        "share of want",
        ("loss", "wanted"),
        lambda of, sections: precision.ratio(of["loss"], of["wanted"], sections=sections),
        lambda of: float(of["loss"].sum() / of["wanted"].sum()),
    ),
    _q(0.5),
    _q(0.95),
    _q(0.99),
    Case(
        "CVaR 95",
        ("loss",),
        lambda of, sections: precision.cvar(of["loss"], 0.95, sections=sections),
        lambda of: _cvar_of(of["loss"]),
    ),
    Case(
        "chance",
        ("bad",),
        lambda of, sections: precision.chance(of["bad"], sections=sections),
        lambda of: float(of["bad"].mean()),
    ),
    Case(
        "avoided by a policy",
        ("loss", "under"),
        lambda of, sections: compare.paired(of["loss"], of["under"], sections=sections).difference,
        lambda of: float((of["loss"] - of["under"]).mean()),
    ),
    Case(
        "CVaR 95 less with it",
        ("loss", "under"),
        lambda of, sections: compare.cvar_difference(of["loss"], of["under"], sections=sections),
        lambda of: _cvar_of(of["loss"]) - _cvar_of(of["under"]),
    ),
    _mean("price", "dear"),
    _mean("value added lost", "lost"),
)
"""The chance is that of more than half the q95; the price that of the good that rises most."""


def parts(found: Columns, size: int) -> Columns:
    """Return a pool cut into smaller blocks, each of shape (n_block, size), all columns flat."""
    whole = {key: x.reshape(-1, size) for key, x in found.items()}
    q95 = np.quantile(found["loss"], 0.95, method="inverted_cdf")
    return whole | {"bad": whole["loss"] > 0.5 * q95}


def studies(blocks: Columns, size: int, repeats: int) -> dict[str, Cell]:
    """Return how often the intervals of studies of 16 blocks hold, by statistic."""
    rng, sections = np.random.default_rng(size), Sections(size)
    n_block = len(blocks["loss"])
    drawn = rng.integers(0, n_block, (repeats, BLOCKS))
    flat = {key: x.ravel() for key, x in blocks.items()}
    cells = {}
    for case in CASES:
        if not blocks.keys() >= {*case.needs}:
            continue
        truth = case.truth(flat)
        answers = [
            case.answer({key: x[row].ravel() for key, x in blocks.items()}, sections)
            for row in drawn
        ]
        cells[case.title] = _counted(answers, truth)
    return cells


def _counted(answers: list[Answer], truth: float) -> Cell:
    given = [a for a in answers if isinstance(a, Estimate)]
    if not given:
        return Cell(math.nan, 0.0, 1.0, math.nan)
    slack = 1e-9 * abs(truth)
    held = np.mean([a.low - slack <= truth <= a.high + slack for a in given])
    width = np.mean([a.high - a.low for a in given]) / 2.0
    return Cell(
        float(held),
        float(np.mean([bool(a.mark) for a in given])),
        1.0 - len(given) / len(answers),
        float(width) / abs(truth) if truth else math.nan,
    )


def text(found: dict[str, dict[int, dict[str, Cell]]], blocks: dict[str, int]) -> str:
    """Return the counts as a Markdown table: per cent that hold, marked, refused."""
    sizes = [f"{BLOCKS * size:,}" for size in SIZES]
    lines = [
        f"{STUDIES} studies a cell, of 16 blocks drawn with replacement from a pool.\n",
        f"| scenario | blocks of {SIZE:,} | statistic | " + " | ".join(sizes) + " |",
        "| --- | --- | --- |" + " --- |" * len(SIZES),
    ]
    for name, of in found.items():
        for title in of[SIZES[0]]:
            row = " | ".join(cell(of[size][title]) for size in SIZES)
            lines.append(f"| {name} | {blocks[name]} | {title} | {row} |")
    cells = [
        (f"{title} of {name} ({BLOCKS * size:,})", of_it)
        for name, of in found.items()
        for size, by in of.items()
        for title, of_it in by.items()
        if not math.isnan(of_it.held)
    ]
    low = [title for title, of_it in cells if of_it.held < LEAST]
    told = f"{len(cells) - len(low)} of {len(cells)} cells hold at least {100 * LEAST:.0f} %"
    lines += ["", f"{told}; not: {', '.join(low)}." if low else f"{told}."]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Play what is not kept yet, count, and write the table if it is of all scenarios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS))
    parser.add_argument("--blocks", type=int, default=64, help=f"of {SIZE:,} futures, of a pool")
    parser.add_argument("--keep", type=Path, default=ROOT / "results" / "pools",
                        help="folder of what is played; empty it to begin anew")  # fmt: skip
    given = parser.parse_args()
    given.keep.mkdir(parents=True, exist_ok=True)
    found, blocks = {}, {}
    for name in given.scenarios:
        of = pool(name, given.keep, given.blocks)
        blocks[name] = len(of["loss"])
        found[name] = {size: studies(parts(of, size), size, STUDIES) for size in SIZES}
        print(name, found[name], flush=True)
    measured = text(found, blocks)
    print(measured)
    if tuple(given.scenarios) == SCENARIOS:
        PAGE.write_text(
            page(PAGE.read_text(encoding="utf-8"), measured, BEGIN, END), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
