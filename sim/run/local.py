"""Blocks in files: whole or absent, nothing finished is lost."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.blocks import (
    Arrays,
    DamagedBlock,
    Fields,
    block_path,
    blocks_in,
    join,
    load_block,
    verify_block,
    write_block,
)
from sim.results.store import Store
from sim.run.many import Block, Job, Make, run_jobs
from sim.run.plan import Plan
from sim.run.slices import Compute


def run_blocks(
    folder: Path, plan: Plan, n: int, compute: Compute, workers: int, tick: Callable[[int], Any]
) -> None:
    """Compute the blocks of n replications that the folder does not yet hold; see ``run_jobs``."""
    run_jobs([Job(kept_in(folder, plan), plan.blocks(n), compute, tick)], workers)


def kept_in(folder: Path, plan: Plan, fields: Fields | None = None) -> Make:
    """Return what has a block in a file of a run's folder, whose plan has been opened.

    Parameters
    ----------
    folder : pathlib.Path
        Of the run.
    plan : Plan
        Whose blocks they are; others are named and computed again.
    fields : tuple, optional
        What a block must hold.
    """
    return partial(_one_block, folder, plan, fields)


def _one_block(
    folder: Path,
    plan: Plan,
    fields: Fields | None,
    block: Block,
    compute: Compute,
    stop: NDArray[np.uint8],
) -> int:
    """Make block `number` hold replications first .. end; reuse what it already holds."""
    number, first, end = block
    path, origin = block_path(folder, number), plan.origin(number, fields)
    have: Arrays | None = None
    if path.exists():
        try:
            if verify_block(path, origin) >= end - first:
                return end - first
            have = load_block(path, origin)
        except DamagedBlock as damage:
            print(f"{damage}; computing it again", file=sys.stderr, flush=True)
    n_have = 0 if have is None else have["replication"].size
    new = compute(np.arange(first + n_have, end, dtype=np.int64), stop)
    if new is None:
        return 0
    write_block(folder, number, new if have is None else join([have, new]), origin)
    return end - first


def missing_blocks(folder: Path, plan: Plan, n: int) -> list[range]:
    """Return the numbers of the blocks of n replications that are absent, damaged or too short.

    Only files that are there are looked at, so that a number from elsewhere costs nothing.
    """
    count, missing, at = plan.count(n), list[range](), 0
    for number in [x for x in blocks_in(folder) if x < count]:
        if _is_whole(folder, plan, number, n):
            missing += [range(at, number)] if at < number else []
            at = number + 1
    return [*missing, range(at, count)] if at < count else missing


def _is_whole(folder: Path, plan: Plan, number: int, n: int) -> bool:
    """Return whether a block holds all that n replications need of it."""
    try:
        held = verify_block(block_path(folder, number), plan.origin(number))
    except DamagedBlock:
        return False
    return held >= min(plan.block, n - number * plan.block)


def read_blocks(folder: Path, plan: Plan, n: int) -> Arrays:
    """Return the first n replications of a finished run, joined in order, all in memory."""
    store = Store(folder, plan.block, n, plan.digest)
    try:
        return join([store.arrays(number) for number, *_ in store.blocks() if store.header(number)])
    except DamagedBlock as damage:
        raise FileNotFoundError(f"{damage}; run again to compute it") from damage
