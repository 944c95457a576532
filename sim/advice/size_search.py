"""The least size from which on a future stays served, for every future at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import F8
from sim.results.blocks import Arrays

Mask = NDArray[np.bool_]
Served = Callable[[NDArray[np.int64], F8], Mask]
"""(replications, size of each) -> whether each stays served."""

HALVINGS = 7
"""Sizes that are looked at first: the most, halved so often, and 0."""
BISECTIONS = 8
"""Passes between two of these: a size is then known to 1/256 of itself, or less."""


def sizes_of(most: float) -> F8:
    """Return the sizes that are looked at first, ascending: 0, and halves of the most."""
    return np.array([0.0, *(most / 2.0**k for k in range(HALVINGS, -1, -1))])


def passes() -> int:
    """Return how often a future is played at most."""
    return HALVINGS + 2 + BISECTIONS


def least_sizes(served: Served, replications: NDArray[np.int64], most: float) -> Arrays:
    """Return the least size from which on each replication stays served.

    Every size of ``sizes_of`` is played; then the gap above the largest at which it was not served
    is halved. So a future in which more stock does harm gets the size beyond the harm, if the harm
    is seen at one of these sizes. One that is served without any stock and with the most is taken
    to be served with any between.

    Parameters
    ----------
    served : callable
        Plays some replications, each with a size.
    replications : ndarray, shape (n,)
        Their numbers.
    most : float
        Largest size.

    Returns
    -------
    dict of ndarray, shape (n,)
        days : the size; inf where the most does not do.
        harmed : 1.0 where a smaller size did and a larger one did not.
    """
    sizes = sizes_of(most)
    held = np.ones((sizes.size, replications.size), np.bool_)
    for x in (0, sizes.size - 1):
        held[x] = _played(served, replications, np.full(replications.size, sizes[x]))
    open_ = np.flatnonzero(~(held[0] & held[-1]))
    for x in range(1, sizes.size - 1):
        held[x, open_] = _played(served, replications[open_], np.full(open_.size, sizes[x]))
    last = np.where(held.all(axis=0), -1, sizes.size - 1 - np.argmax(~held[::-1], axis=0))
    days = np.where(last == sizes.size - 1, np.inf, 0.0)
    between = np.flatnonzero((last >= 0) & (last < sizes.size - 1))
    days[between] = _halved(served, replications[between], sizes[last[between]],
                            sizes[last[between] + 1])  # fmt: skip
    before = np.arange(sizes.size)[:, None] < last
    return {"days": days, "harmed": (held & before).any(axis=0).astype(float)}


def _halved(served: Served, replications: NDArray[np.int64], low: F8, high: F8) -> F8:
    """Return the upper end after halving the gap between what does not do and what does."""
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        does = _played(served, replications, middle)
        low, high = np.where(does, low, middle), np.where(does, middle, high)
    return high


def _played(served: Served, replications: NDArray[np.int64], size: F8) -> Mask:
    return served(replications, size) if replications.size else np.zeros(0, np.bool_)
