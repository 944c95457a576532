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
    block_path,
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
    run_jobs([Job(kept_in(folder), plan.blocks(n), compute, tick)], workers)


def kept_in(folder: Path) -> Make:
    """Return what has a block in a file of a run's folder, whose plan has been opened."""
    return partial(_one_block, folder)


def _one_block(folder: Path, block: Block, compute: Compute, stop: NDArray[np.uint8]) -> int:
    """Make block `number` hold replications first .. end; reuse what it already holds."""
    number, first, end = block
    path = block_path(folder, number)
    have: Arrays | None = None
    if path.is_file():
        try:
            if verify_block(path) >= end - first:
                return end - first
            have = load_block(path)
        except DamagedBlock as damage:
            print(f"{damage}; computing it again", file=sys.stderr, flush=True)
    n_have = 0 if have is None else have["replication"].size
    new = compute(np.arange(first + n_have, end, dtype=np.int64), stop)
    if new is None:
        return 0
    write_block(folder, number, new if have is None else join([have, new]))
    return end - first


def missing_blocks(folder: Path, plan: Plan, n: int) -> list[int]:
    """Return the numbers of the blocks of n replications that are absent, damaged or too short."""
    missing = []
    for number, first, end in plan.blocks(n):
        try:
            if verify_block(block_path(folder, number)) < end - first:
                missing.append(number)
        except DamagedBlock:
            missing.append(number)
    return missing


def read_blocks(folder: Path, plan: Plan, n: int) -> Arrays:
    """Return the first n replications of a finished run, joined in order, all in memory."""
    store = Store(folder, plan.block, n)
    try:
        return join([store.arrays(number) for number, *_ in store.blocks() if store.header(number)])
    except DamagedBlock as damage:
        raise FileNotFoundError(f"{damage}; run again to compute it") from damage
