"""One block by several threads: replications are independent, so slices of it are too."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from sim.results.blocks import Arrays, join

Compute = Callable[[NDArray[np.int64], NDArray[np.uint8]], Arrays | None]
"""(replications, stop flag) -> their arrays, or None where the flag ended it."""

LEAST_REPLICATIONS = 32
"""Replications of a slice: with fewer, packing the network takes longer than the kernel."""

SIDE_BY_SIDE = 16
"""A slice holds whole vectors of replications, so many side by side (the kernel's WIDTH)."""


def sliced(compute: Compute, helpers: Executor, threads: int) -> Compute:
    """Return a function that computes the same with `threads` threads, its caller's among them.

    Parameters
    ----------
    compute : callable
        Pure function of the replications' numbers.
    helpers : concurrent.futures.Executor
        Where the other threads are; nothing in it may wait for a slice.
    threads : int
        Slices at most.
    """
    if threads <= 1:
        return compute

    def together(replications: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
        n = replications.size
        each = max(LEAST_REPLICATIONS, -(-n // (threads * SIDE_BY_SIDE)) * SIDE_BY_SIDE)
        parts = [replications[at : at + each] for at in range(0, n, each)]
        others = [helpers.submit(compute, part, stop) for part in parts[1:]]
        found = [compute(parts[0], stop), *(other.result() for other in others)]
        arrays = [part for part in found if part is not None]
        return join(arrays) if len(arrays) == len(found) else None

    return together
