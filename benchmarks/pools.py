"""Pools of futures that were drawn in blocks: what precision and coverage are measured on.

A pool is the judged shortfall of many blocks of one scenario, without prices, value added and
books of goods, which it does not depend on. It is kept, so that nothing is played twice.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.api import Study, load
from sim.base.sections import Sections
from sim.results.files import write_whole
from sim.shocks.sampler import sample

BARE = {"scenario.price": "none", "scenario.value_added": "none", "run.book_goods": False}
"""What tonnes short do not depend on, unless somebody answers to prices."""

SEED = 90_001
"""Not that of the shipped runs."""


class Pool(NamedTuple):
    """Blocks of futures of one scenario."""

    name: str
    loss: np.ndarray  # (n_block, size), tonnes
    us: float  # processor time of a future, microseconds


def bare(name: str) -> Study:
    """Return a shipped scenario with nothing told of it but tonnes."""
    study = load(name)
    answers = study.settings.scenario.price == "respond"
    return study if answers else study.change(BARE)


def pool(name: str, size: int, most: int, seconds: float, folder: Path, least: int = 16) -> Pool:
    """Return a kept pool, or play one.

    Parameters
    ----------
    name : str
        Of a shipped scenario.
    size : int
        Futures of a block.
    most, least : int
        Blocks.
    seconds : float
        Processor time that it may take, about.
    folder : pathlib.Path
        Where pools are kept.
    """
    path = folder / f"{name}-{size}.npz"
    if path.is_file():
        with np.load(path) as kept:
            return Pool(name, kept["loss"], float(kept["us"]))
    study, blocks = bare(name), []
    play(study, 0, 16, size)  # compiled
    begin = time.process_time()
    while len(blocks) < most:
        blocks.append(play(study, len(blocks) * size, size, size))
        if len(blocks) >= least and time.process_time() - begin > seconds:
            break
    loss = np.stack(blocks)
    us = (time.process_time() - begin) / loss.size * 1e6
    write_whole(path, lambda file: np.savez(file, loss=loss, us=us))
    return Pool(name, loss, us)


def play(study: Study, first: int, n: int, size: int) -> np.ndarray:
    """Return the judged shortfall of n replications, t."""
    numbers = np.arange(first, first + n, dtype=np.int64)
    tape = sample(study.hazards, SEED, numbers, Sections(size))
    return study.shortfalls(tape, np.zeros(1, np.uint8))[:, -1]
