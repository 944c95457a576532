"""Many studies once: the blocks of all of them on one set of threads, each reduced when ready."""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.blocks import Arrays, join
from sim.run.slices import Compute, sliced

Block = tuple[int, int, int]
"""Number, first replication and end."""

Make = Callable[[Block, Compute, NDArray[np.uint8]], int]
"""(block, function of its replications, stop flag) -> replications that are ready then."""


@dataclass(frozen=True, eq=False)
class Job:
    """Blocks of one study to have ready.

    Parameters
    ----------
    make : callable
        Makes one of them be there: ``kept_in(folder)`` in a file, ``reduced(f)`` as f makes it.
    blocks : iterable of (int, int, int)
        Number, first replication and end of each, as of ``blocks_of``.
    compute : callable
        Pure function of the replications' numbers.
    tick : callable
        Called with the number of replications that have become ready.
    enough : callable, optional
        Called with the number of each block that has become ready; True ends the job.
    """

    make: Make
    blocks: Iterable[Block]
    compute: Compute
    tick: Callable[[int], Any]
    enough: Callable[[int], bool] | None = None


def blocks_of(n: int, size: int) -> Iterator[Block]:
    """Yield (number, first replication, end) of the blocks that hold n replications."""
    for number in range(-(-n // size)):
        yield number, number * size, min((number + 1) * size, n)


def reduced(reduce: Callable[[int, Arrays], Any]) -> Make:
    """Return what computes a block and hands its number and arrays to `reduce`, and no more."""

    def make(block: Block, compute: Compute, stop: NDArray[np.uint8]) -> int:
        number, first, end = block
        arrays = compute(np.arange(first, end, dtype=np.int64), stop)
        if arrays is None:
            return 0
        reduce(number, arrays)
        return end - first

    return make


def in_memory(
    compute: Compute, n: int, size: int, workers: int, tick: Callable[[int], Any]
) -> Arrays:
    """Return what a function gives of 0 .. n - 1, computed by blocks of `size`."""
    found: dict[int, Arrays] = {}
    run_jobs([Job(reduced(found.__setitem__), blocks_of(n, size), compute, tick)], workers)
    return join([found[number] for number in sorted(found)])


def run_jobs(jobs: Iterable[Job], workers: int) -> None:
    """Make the blocks of all jobs be there, in order.

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
    ended: set[Job] = set()
    with (
        terminate_as_interrupt(),
        ThreadPoolExecutor(max_workers=workers) as helpers,
        ThreadPoolExecutor(max_workers=workers) as pool,
    ):
        running: dict[Future[int], tuple[Job, int, int]] = {}
        try:
            ahead = deque(islice(waiting, workers))
            while True:
                while ahead and sum(threads for *_, threads in running.values()) < workers:
                    threads = workers // len(ahead)
                    job, block = ahead.popleft()
                    ahead.extend(islice(waiting, 1))
                    if job not in ended:
                        compute = sliced(job.compute, helpers, threads)
                        future = pool.submit(job.make, block, compute, stop)
                        running[future] = job, block[0], threads
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    job, number, _ = running.pop(future)
                    job.tick(future.result())
                    if job.enough and job.enough(number):
                        ended.add(job)
        except BaseException:
            stop[0] = 1
            for future in running:
                future.cancel()
            raise


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
