"""Means of powers of long columns, piece by piece: in the cache, and without copies of a column."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from sim.metrics.answer import F8

PIECE = 32_768
"""Numbers looked at together."""


def pieces(x: F8) -> Iterator[F8]:
    """Yield consecutive parts of a column."""
    for at in range(0, x.size, PIECE):
        yield x[at : at + PIECE]


def alike(x: F8) -> bool:
    """Return whether all numbers are equal."""
    return all(bool((part == x[0]).all()) for part in pieces(x))


def mean_of(x: F8) -> float:
    """Return the mean: pairwise sums within pieces, an exact sum over them."""
    return math.fsum(float(part.sum()) for part in pieces(x)) / x.size


def moments(x: F8, centre: float, highest: int) -> list[float]:
    """Return the mean of (x - centre)**p for p = 2 .. `highest`.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Numbers.
    centre : float
        Their mean, or what else they are to be compared with.
    highest : int
        Last power.
    """
    sums: list[list[float]] = [[] for _ in range(highest - 1)]
    off, power = np.empty(min(PIECE, x.size)), np.empty(min(PIECE, x.size))
    for part in pieces(x):
        a, b = off[: part.size], power[: part.size]
        np.subtract(part, centre, out=a)
        np.multiply(a, a, out=b)
        for p in range(highest - 1):
            sums[p].append(float(b.sum()))
            if p < highest - 2:
                b *= a
    return [math.fsum(of_power) / x.size for of_power in sums]
