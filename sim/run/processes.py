"""Blocks in processes of their own, for work that holds the interpreter (the SimPy model)."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as Late
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import Fault, UserError
from sim.results.blocks import Arrays, decode
from sim.run.slices import Compute

Task = Callable[[str, int, int], bytes]
"""(settings as JSON, first replication, end) -> a block's bytes; importable by name."""

MOST_DEATHS = 20
"""Dead workers after which a run gives up: something kills them all."""


def outcome(future: Future[bytes], stop: NDArray[np.uint8]) -> Arrays | None:
    """Wait for a block from elsewhere; None, and the task cancelled, where the flag says stop."""
    while True:
        try:
            return decode(future.result(timeout=0.2))
        except Late:
            if stop[0]:
                future.cancel()
                return None


def by_executor(executor: Executor, task: Task, settings: str) -> Compute:
    """Return a function that has blocks of these settings computed by an executor."""

    def compute(replications: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
        first, end = int(replications[0]), int(replications[-1]) + 1
        return outcome(executor.submit(task, settings, first, end), stop)

    return compute


@dataclass
class Pool:
    """Processes that are started again when one of them dies.

    Parameters
    ----------
    task : callable
        What they do.
    workers : int
        Processes.
    """

    task: Task
    workers: int
    deaths: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _executor: ProcessPoolExecutor | None = None

    def compute(self, settings: str) -> Compute:
        """Return a function that has blocks of these settings computed."""

        def compute(replications: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
            first, end = int(replications[0]), int(replications[-1]) + 1
            while not stop[0]:
                executor = self._open()
                try:
                    return outcome(executor.submit(self.task, settings, first, end), stop)
                except BrokenProcessPool:
                    self._broken(executor)
            return None

        return compute

    def _open(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._executor is None:
                context = multiprocessing.get_context("spawn")
                self._executor = ProcessPoolExecutor(
                    self.workers, mp_context=context, initializer=quiet_worker
                )
            return self._executor

    def _broken(self, executor: ProcessPoolExecutor) -> None:
        """Put a new pool in the place of a broken one; the blocks it had are begun again."""
        with self._lock:
            if self._executor is not executor:
                return
            self._executor = None
            self.deaths += 1
        executor.shutdown(wait=False)
        print("a worker process died; its block is begun again", file=sys.stderr, flush=True)
        if self.deaths > MOST_DEATHS:
            raise UserError(
                Fault("run.workers", str(self.workers), f"{self.deaths} worker processes died; "
                      "is there too little memory? Finished blocks are kept")
            )  # fmt: skip

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            if self._executor is not None:
                self._executor.shutdown(wait=False, cancel_futures=True)
                self._executor = None


@contextmanager
def processes(task: Task, workers: int) -> Iterator[Pool]:
    """Yield a pool of processes and end it."""
    pool = Pool(task, workers)
    try:
        yield pool
    finally:
        pool.close()


def quiet_worker() -> None:
    """Leave Ctrl-C to the parent, and one thread to each process."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
