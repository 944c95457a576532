"""Work through a list on threads, in order, until done or interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.run.local import terminate_as_interrupt

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
