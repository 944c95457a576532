"""Blocks on this machine: threads over nogil kernels, whole files, nothing finished is lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.blocks import Arrays, join, read_block, write_block
from sim.run.plan import Plan

Compute = Callable[[NDArray[np.int64], NDArray[np.uint8]], Arrays | None]
"""(replications, stop flag) -> their arrays, or None where the flag ended it."""


def run_blocks(
    folder: Path, plan: Plan, n: int, compute: Compute, workers: int, tick: Callable[[int], Any]
) -> None:
    """Compute the blocks of n replications that the folder does not yet hold.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the run; its plan has been opened.
    plan : Plan
        The blocks.
    n : int
        Replications wanted.
    compute : callable
        Pure function of the replications' numbers.
    workers : int
        Threads.
    tick : callable
        Called with the number of replications that have become ready.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C or SIGTERM, after the threads have stopped; finished blocks are kept.
    """
    stop = np.zeros(1, np.uint8)
    with _terminate_as_interrupt(), ThreadPoolExecutor(max_workers=workers) as pool:
        waiting = iter(plan.blocks(n))
        running: set[Future[int]] = set()
        try:
            while True:
                while len(running) < workers and (block := next(waiting, None)):
                    running.add(pool.submit(_one_block, folder, block, compute, stop))
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


def _one_block(
    folder: Path, block: tuple[int, int, int], compute: Compute, stop: NDArray[np.uint8]
) -> int:
    """Make block `number` hold replications first .. end; reuse what it already holds."""
    number, first, end = block
    have = read_block(folder, number)
    n_have = 0 if have is None else have["replication"].size
    if n_have >= end - first:
        return end - first
    new = compute(np.arange(first + n_have, end, dtype=np.int64), stop)
    if new is None:
        return 0
    write_block(folder, number, new if have is None else join([have, new]))
    return end - first


def read_blocks(folder: Path, plan: Plan, n: int) -> Arrays:
    """Return the first n replications of a finished run, joined in order."""
    blocks = []
    for number, first, end in plan.blocks(n):
        arrays = read_block(folder, number)
        if arrays is None or arrays["replication"].size < end - first:
            raise FileNotFoundError(
                f"block {number} of {folder} is missing or damaged; run again to compute it"
            )
        blocks.append({name: a[: end - first] for name, a in arrays.items()})
    return join(blocks)


@contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
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
