"""What a run will take, before it is begun: time, disk, memory; and what is too much for any."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.base import precompile
from sim.base.errors import Fault, UserError
from sim.results.blocks import Arrays
from sim.run.audit_size import COMPILED_S, SIMPY_S
from sim.run.case import Study, n_workers
from sim.run.fields import fields_of
from sim.run.plan import plan_of

SURE_S = 10.0
"""A guess below it is left alone; beyond it, some replications are played to measure the rate."""
SAMPLE = 16
"""Replications that are played to measure."""
MAX_BLOCKS = 1_000_000
"""Files that a folder of a run may hold."""
MEMORY_COLUMNS = 4
"""Columns of 8 bytes a replication that are held at once at the end of a run."""
PARQUET_SHARE = 0.5
"""Of the size of the blocks, at most, that the table of all replications takes beside them."""


class Cost(NamedTuple):
    """An estimate.

    Parameters
    ----------
    seconds : float
        On the clock, by all workers of this machine.
    disk_bytes : float
        What is written.
    replications : int
        That are still to be played.
    """

    seconds: float
    disk_bytes: float
    replications: int

    @classmethod
    def sum_of(cls, costs: Iterable[Cost]) -> Cost:
        """Return what several runs take, one after the other."""
        total = [sum(values) for values in zip(*costs, strict=True)] or [0.0, 0.0, 0]
        return cls(total[0], total[1], int(total[2]))


def cost_of(study: Study, folder: Path) -> Cost:
    """Return what a run into a folder will take; finished blocks there cost nothing.

    A constant for each lane, period and replication says whether it is little. Where it is not, a
    few replications are played and timed.
    """
    to_play = _to_play(study, folder)
    seconds = to_play * guess_s(study) / workers_of(study)
    if seconds < SURE_S:
        columns = sum(width or 1 for *_, width in fields_of(study))
        return Cost(seconds, to_play * 8.0 * columns * (1 + PARQUET_SHARE), to_play)
    each_s, each_bytes = _measured(study)
    seconds = to_play * each_s / workers_of(study)
    return Cost(seconds, to_play * each_bytes * (1 + PARQUET_SHARE), to_play)


def clock_s(
    n: int,
    guess_s: float,
    workers: int,
    play: Callable[[int], object],
    sample: int = SAMPLE,
) -> float:
    """Return the seconds on the clock of `n` plays: by a guess, or by a sample where it is much.

    Parameters
    ----------
    n : int
        Plays.
    guess_s : float
        Processor time of one, by a constant.
    workers : int
        Threads that share them.
    play : callable
        Plays as many as it is given.
    sample : int, optional
        Plays that are timed.
    """
    seconds = n * guess_s / workers
    return seconds if seconds < SURE_S else n * _timed(play, sample) / workers


def refuse_excess(study: Study) -> None:
    """Refuse a number of replications that no folder or no memory here can hold.

    Raises
    ------
    UserError
        With the reason, and what to change.
    """
    settings = study.settings.run
    n = _most(study)
    key = "run.replications" if settings.precision is None else "run.max_replications"
    n_block = -(-n // settings.block)
    if n_block > MAX_BLOCKS:
        raise UserError(
            Fault(
                key,
                f"{n:,}",
                f"makes {n_block:,} files of run.block={settings.block:,} replications, and a "
                f"folder takes {MAX_BLOCKS:,} at most; fewer replications, or larger blocks",
            )
        )
    refuse_full_memory(8.0 * MEMORY_COLUMNS * n, key, n, "the summary", "fewer replications")


def refuse_full_memory(needed: float, key: str, n: int, what: str, less: str) -> None:
    """Refuse a number of things of which something would not fit into the memory of this machine.

    Parameters
    ----------
    needed : float
        Bytes.
    key : str
        Where the number stands.
    n : int
        The number.
    what, less : str
        What would take the memory, and what takes less.

    Raises
    ------
    UserError
        With what is needed and what is there.
    """
    there = _memory_bytes()
    if needed > there:
        expected = (
            f"{what} would take {in_bytes(needed)} of memory, and this machine has "
            f"{in_bytes(there)}; {less}"
        )
        raise UserError(Fault(key, f"{n:,}", expected))


def refuse_full_disk(cost: Cost, folder: Path, key: str = "output.dir") -> None:
    """Refuse what the disk of a folder cannot take.

    Raises
    ------
    UserError
        With what is needed and what is free.
    """
    place = folder.absolute()
    while not place.is_dir() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    if cost.disk_bytes > free:
        raise UserError(
            Fault(
                key,
                str(folder),
                f"about {in_bytes(cost.disk_bytes)} would be written (an estimate), and "
                f"{in_bytes(free)} are free there; fewer replications, or another folder",
            )
        )


def in_bytes(size: float) -> str:
    """Return a size as people say it."""
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= scale:
            return f"{size / scale:,.0f} {unit}" if size >= 10 * scale else (
                f"{size / scale:.1f} {unit}"
            )  # fmt: skip
    return f"{size / 1e3:,.0f} kB"


def in_time(seconds: float) -> str:
    """Return a length of time as people say it."""
    for unit, scale in (("years", 31_536_000), ("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * scale:
            return f"{seconds / scale:,.0f} {unit}"
    return f"{seconds:,.0f} seconds"


def _most(study: Study) -> int:
    settings = study.settings.run
    return settings.replications if settings.precision is None else settings.max_replications


def _to_play(study: Study, folder: Path) -> int:
    """Return the replications that a run, or its shard, still has to play."""
    n = _most(study)
    if study.settings.run.shard:
        n = -(-n // int(study.settings.run.shard.partition("/")[2]))
    is_ours = not study.settings.output.overwrite and (folder / "plan.json").is_file()
    ready = len(list((folder / "blocks").glob("block-*.bin"))) if is_ours else 0
    return max(n - ready * plan_of(study).block, 0)


def guess_s(study: Study) -> float:
    """Return the processor time of one replication, by a constant."""
    constant = SIMPY_S if study.settings.run.engine == "simpy" else COMPILED_S
    return constant * study.n_period * study.compiled.chain.lane_feed.size


def _measured(study: Study) -> tuple[float, float]:
    """Return seconds and bytes of one replication, from some that are played."""
    n = sample_of(study)
    arrays: Arrays = {}

    def play(count: int) -> None:
        arrays.update(study.compute(np.arange(count, dtype=np.int64), np.zeros(1, np.uint8)) or {})

    seconds = _timed(play, n)
    return seconds, sum(values.nbytes for values in arrays.values()) / n


def _timed(play: Callable[[int], object], n: int) -> float:
    """Return the seconds of one play, from `n` that are played."""
    precompile.ready()
    play(1)  # kernels are compiled and tables made
    begin = time.perf_counter()
    play(n)
    return (time.perf_counter() - begin) / n


def sample_of(study: Study) -> int:
    """Return how many replications are played to measure."""
    return 1 if study.settings.run.engine == "simpy" else SAMPLE


def workers_of(study: Study) -> int:
    """Return the threads that this machine gives a run."""
    return min(n_workers(study.settings.run.workers), os.cpu_count() or 1)


def _memory_bytes() -> float:
    try:
        return float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not told on this system
        return float("inf")
