"""Blocks on this machine: threads over nogil kernels, whole files, nothing finished is lost."""

from __future__ import annotations

import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

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
from sim.run.plan import Plan
from sim.run.slices import Compute, sliced


@dataclass(frozen=True)
class Job:
    """Blocks to have ready in a folder.

    Parameters
    ----------
    folder : pathlib.Path
        Of the run; its plan has been opened.
    blocks : iterable of (int, int, int)
        Number, first replication and end of each, as of ``Plan.blocks``.
    compute : callable
        Pure function of the replications' numbers.
    tick : callable
        Called with the number of replications that have become ready.
    enough : callable, optional
        Called with the number of each block that has become ready; True ends the job.
    """

    folder: Path
    blocks: Iterable[tuple[int, int, int]]
    compute: Compute
    tick: Callable[[int], Any]
    enough: Callable[[int], bool] | None = None


def run_blocks(
    folder: Path, plan: Plan, n: int, compute: Compute, workers: int, tick: Callable[[int], Any]
) -> None:
    """Compute the blocks of n replications that the folder does not yet hold; see ``run_jobs``."""
    run_jobs([Job(folder, plan.blocks(n), compute, tick)], workers)


def run_jobs(jobs: Iterable[Job], workers: int) -> None:
    """Compute the blocks that are not yet there, of all jobs in order.

    Parameters
    ----------
    jobs : iterable of Job
        Blocks of the next one are begun as soon as a thread is free.
    workers : int
        Threads; where fewer blocks are left, several share one.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C or SIGTERM, after the threads have stopped; finished blocks are kept.
    """
    stop = np.zeros(1, np.uint8)
    waiting = chain.from_iterable(((job, block) for block in job.blocks) for job in jobs)
    ahead = deque(islice(waiting, workers))
    done_with: set[int] = set()
    with (
        terminate_as_interrupt(),
        ThreadPoolExecutor(max_workers=workers) as helpers,
        ThreadPoolExecutor(max_workers=workers) as pool,
    ):
        running: dict[Future[int], tuple[Job, int, int]] = {}
        try:
            while True:
                while ahead and sum(threads for *_, threads in running.values()) < workers:
                    threads = workers // len(ahead)
                    job, block = ahead.popleft()
                    ahead.extend(islice(waiting, 1))
                    if id(job) not in done_with:
                        compute = sliced(job.compute, helpers, threads)
                        future = pool.submit(_one_block, job.folder, block, compute, stop)
                        running[future] = job, block[0], threads
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    job, number, _ = running.pop(future)
                    job.tick(future.result())
                    if job.enough and job.enough(number):
                        done_with.add(id(job))
        except BaseException:
            stop[0] = 1
            for future in running:
                future.cancel()
            raise


def _one_block(
    folder: Path, block: tuple[int, int, int], compute: Compute, stop: NDArray[np.uint8]
) -> int:
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


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does (main thread only; elsewhere nothing changes)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


T = TypeVar("T")


def each(
    items: Iterable[T],
    work: Callable[[T, NDArray[np.uint8]], int],
    workers: int,
    tick: Callable[[int], Any],
) -> None:
    """Call `work` with every item and a stop flag, on so many threads.

    Parameters
    ----------
    items : iterable
        Taken in order; no more of them wait than threads are busy.
    work : callable
        (item, flag) -> how much was done; returns early where the flag is set.
    workers : int
        Threads.
    tick : callable
        Called with what each call has returned.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C or SIGTERM, after the threads have stopped.
    """
    stop = np.zeros(1, np.uint8)
    waiting = iter(items)
    with terminate_as_interrupt(), ThreadPoolExecutor(max_workers=workers) as pool:
        running: set[Future[int]] = set()
        try:
            while True:
                while len(running) < workers and (item := next(waiting, None)) is not None:
                    running.add(pool.submit(work, item, stop))
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    tick(future.result())
        except BaseException:
            stop[0] = 1
            for future in running:
                future.cancel()
            raise
