"""Means of powers of rows, by pieces: in the cache, and without copies of a long column."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from sim.metrics.answer import F8

PIECE = 32_768
"""Numbers of a row looked at together."""


def pieces(x: F8) -> Iterator[F8]:
    """Yield consecutive parts of rows, shape (n_row, at most `PIECE`)."""
    for at in range(0, x.shape[1], PIECE):
        yield x[:, at : at + PIECE]


def alike(x: F8) -> NDArray[np.bool_]:
    """Return of each row whether all its numbers are equal."""
    same: NDArray[np.bool_] = x[:, 0] == x[:, -1]
    for part in pieces(x):
        if not same.any():
            break
        same = same & (part == x[:, :1]).all(axis=1)
    return same


def mean_of(x: F8) -> F8:
    """Return the mean of each row: pairwise sums within pieces, an exact sum over them."""
    means: F8 = _total([part.sum(axis=1) for part in pieces(x)]) / x.shape[1]
    return means


def moments(x: F8, centre: F8) -> tuple[F8, F8]:
    """Return the means of (x - centre)² and of (x - centre)³ of each row.

    Parameters
    ----------
    x : ndarray, shape (n_row, n)
        The numbers.
    centre : ndarray, shape (n_row,)
        Their means.
    """
    seconds, thirds = [], []
    for part in pieces(x):
        off = part - centre[:, None]
        power = off * off
        seconds.append(power.sum(axis=1))
        power *= off
        thirds.append(power.sum(axis=1))
    return _total(seconds) / x.shape[1], _total(thirds) / x.shape[1]


def mapped(of: Callable[[F8], F8], x: F8) -> F8:
    """Return rows worked out piece by piece, so that what is in between stays in the cache."""
    out = np.empty(x.shape)
    for part, to in zip(pieces(x), pieces(out), strict=True):
        to[...] = of(part)
    return out


def _total(parts: list[F8]) -> F8:
    if len(parts) == 1:
        return parts[0]
    return np.array([math.fsum(of_row) for of_row in zip(*parts, strict=True)], dtype=float)
