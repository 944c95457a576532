"""Matrix games of two: value and mixed strategies by linear programming."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog

from sim.base.sections import INDEPENDENT, Sections
from sim.metrics.answer import CONFIDENCE, Estimate
from sim.network.arrays import F8

RESAMPLES = 200
SEED = 20261201
"""Of the bootstrap over futures; fixed, so that the same futures give the same digits."""


class Mixed(NamedTuple):
    """What both play, and what comes of it.

    Parameters
    ----------
    value : float
        Payoff to who chooses the row, whatever the other does.
    rows, columns : ndarray
        Chance of each row (whose player raises the payoff) and column (whose player lowers it).
    """

    value: float
    rows: F8
    columns: F8


def solve(payoff: F8) -> Mixed:
    """Return value and strategies of a zero-sum game.

    The rows' player takes the chances w that make the least of w'A largest, the columns' player
    those that make the largest of Ax least; both are linear programmes with one value
    (von Neumann 1928).

    Parameters
    ----------
    payoff : ndarray, shape (n_row, n_column)
        To the rows' player, from the columns' player.

    Examples
    --------
    >>> solve(np.array([[1.0, -1.0], [-1.0, 1.0]])).rows.tolist()  # matching pennies
    [0.5, 0.5]
    """
    value, rows = _best_mix(payoff)
    _, columns = _best_mix(-payoff.T)
    return Mixed(value, rows, columns)


def _best_mix(payoff: F8) -> tuple[float, F8]:
    """Return the largest payoff that a mix of rows is sure of, and the mix."""
    n_row, n_column = payoff.shape
    scale = float(np.abs(payoff).max()) or 1.0
    found = linprog(
        np.append(np.zeros(n_row), -1.0),
        A_ub=np.hstack([-payoff.T / scale, np.ones((n_column, 1))]),
        b_ub=np.zeros(n_column),
        A_eq=np.append(np.ones(n_row), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0.0, 1.0)] * n_row + [(None, None)],
        method="highs",
    )
    mix: F8 = np.clip(found.x[:n_row], 0.0, 1.0) / np.clip(found.x[:n_row], 0.0, 1.0).sum()
    return float((mix @ payoff).min()), mix


def interval(of: F8, futures: F8) -> Estimate:
    """Return a number with the percentile interval of what futures drawn again gave.

    Parameters
    ----------
    of : ndarray, shape (1 + resamples,)
        The number, then what each resample gave.
    futures : ndarray
        Whose first axis counts the futures.
    """
    tail = (1.0 - CONFIDENCE) / 2
    low, high = np.quantile(of[1:], [tail, 1.0 - tail])
    value = float(of[0])
    return Estimate(value, min(float(low), value), max(float(high), value), futures.shape[0])


def resampled(payoffs: F8, sections: Sections = INDEPENDENT) -> F8:
    """Return the mean payoffs, then those of futures drawn again, whole futures at a time.

    Where futures were drawn together, whole blocks of them are drawn again.

    Parameters
    ----------
    payoffs : ndarray, shape (n, ..)
        Of each future.
    sections : Sections, optional
        Which futures were drawn together.

    Returns
    -------
    ndarray, shape (1 + RESAMPLES, ..)
    """
    count = sections.count(payoffs.shape[0])
    if sections.are_blocks and count > 1:
        payoffs = payoffs.reshape(count, -1, *payoffs.shape[1:]).mean(axis=1)
    n = payoffs.shape[0]
    rng = np.random.Generator(np.random.Philox(SEED))
    picks = (rng.integers(0, n, n) for _ in range(RESAMPLES))
    return np.stack([payoffs.mean(axis=0), *(payoffs[at].mean(axis=0) for at in picks)])
