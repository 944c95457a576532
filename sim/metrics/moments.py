"""Means of powers of long columns, piece by piece: in the cache, and without copies of a column."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from sim.metrics.answer import F8

PIECE = 32_768
"""Numbers looked at together."""


def pieces(x: F8) -> Iterator[F8]:
    """Yield consecutive parts of a column."""
    for at in range(0, x.size, PIECE):
        yield x[at : at + PIECE]


def alike(parts: Iterable[F8]) -> bool:
    """Return whether all numbers are equal."""
    first: float | None = None
    for part in parts:
        first = float(part[0]) if first is None else first
        if not (part == first).all():
            return False
    return True


def mean_of(parts: Iterable[F8]) -> float:
    """Return the mean: pairwise sums within pieces, an exact sum over them."""
    sums, n = [], 0
    for part in parts:
        sums.append(float(part.sum()))
        n += part.size
    return math.fsum(sums) / n


def moments(parts: Iterable[F8], centre: float, highest: int) -> list[float]:
    """Return the mean of (x - centre)**p for p = 2 .. `highest`.

    Parameters
    ----------
    parts : iterable of ndarray
        The numbers, in pieces.
    centre : float
        Their mean.
    highest : int
        Last power.
    """
    sums: list[list[float]] = [[] for _ in range(highest - 1)]
    n = 0
    for part in parts:
        off = part - centre
        power = off * off
        n += part.size
        for of_power in sums:
            of_power.append(float(power.sum()))
            if of_power is not sums[-1]:
                power *= off
    return [math.fsum(of_power) / n for of_power in sums]
