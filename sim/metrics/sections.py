"""Sections: blocks of futures that were drawn together, so that only whole blocks are independent.

The estimate is that of all futures; its error is read from how the blocks' shares of it scatter.
Every statistic is, to first order, its value plus the mean of one number a future (its influence):
of a mean the number's own distance from it, of a quantile whether it lies below, of a CVaR what
exceeds the cut. The means of the influence over blocks are independent and alike, so Student's
interval over them holds, whatever binds the futures of a block together [1]_.

References
----------
.. [1] Asmussen and Glynn (2007), Stochastic Simulation, sec. III.5 (sectioning).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.base.sections import INDEPENDENT, Sections
from sim.metrics import hall
from sim.metrics.answer import CONFIDENCE, F8, FEW, WIDE, Answer, Estimate, Refused

__all__ = [
    "INDEPENDENT",
    "Blocks",
    "Plain",
    "Sections",
    "Some",
    "answered",
    "reach",
    "reach_of_means",
    "weighty",
]

FEWEST = 16
"""Blocks below which their scatter says too little."""

OF_ITS_KIND = 5
"""Futures of the kind that counts that a block must hold on average."""

FEW_BLOCKS = f"fewer than {FEWEST} blocks"
FEW_IN_BLOCK = f"fewer than {OF_ITS_KIND} futures a block decide it"


def reach(sections: Sections, influence: F8, confidence: float = CONFIDENCE) -> F8:
    """Return how far Student's interval over blocks reaches from the estimate, by row.

    Parameters
    ----------
    sections : Sections
        How futures belong together.
    influence : ndarray, shape (n_row, n)
        What each future adds to the estimate, times n, up to a constant; in their order.
    confidence : float, optional
        Of the interval.
    """
    return reach_of_means(sections.means(influence), confidence)


def reach_of_means(means: F8, confidence: float = CONFIDENCE) -> F8:
    """Return how far Student's interval reaches from the mean of each row of block means."""
    n_block = means.shape[1]
    error: F8 = means.std(axis=1, ddof=1) / math.sqrt(n_block)
    return hall.student(n_block - 1, confidence) * error


LOOK = 101
"""Futures by which it is judged what the usual number is."""


def weighty(values: F8, usual: float | None = None) -> F8:
    """Return how many futures of each row count: (sum |x|)² / sum x² of what is not usual.

    Of losses that are equal or 0, most of them 0, that is how many are not 0.

    Parameters
    ----------
    values : ndarray, shape (n_row, n)
        Of each future, or NaN.
    usual : float, optional
        By default the median of about `LOOK` of them.
    """
    off = values
    if usual is None:
        few = values[:, :: max(1, values.shape[1] // LOOK)]
        off = values - np.median(few, axis=1)[:, None]
    square = np.einsum("ij,ij->i", off, off)
    if np.isnan(square).any():
        off = np.nan_to_num(off)
        square = np.einsum("ij,ij->i", off, off)
    total = np.abs(off).sum(axis=1)
    some = square > 0.0
    return np.where(some, total * total / np.where(some, square, 1.0), 0.0)


Some = NDArray[np.int64] | slice
"""Which rows."""

Plain = Callable[[Some], list[Answer]]
"""Answers for some rows, as of independent futures."""

Blocks = Callable[[], tuple[list[Answer], NDArray[np.bool_]]]
"""Answers of all rows from blocks, and of which rows they hold enough."""


def answered(
    sections: Sections, n: int, plain: Plain, blocks: Blocks, most: float = math.inf
) -> list[Answer]:
    """Return the answers of blocks where these hold enough, and plain's, marked, elsewhere.

    Parameters
    ----------
    sections : Sections
        How futures belong together.
    n : int
        Futures.
    plain : callable
        Answers for some rows, as if futures were independent.
    blocks : callable
        Answers of all rows from blocks, and of which rows they hold enough.
    most : float, optional
        Futures of the kind that counts there can be at most.
    """
    every = slice(None)
    if sections.weighted:
        return _weighted(sections, n, blocks)
    if not sections.are_blocks:
        return plain(every)
    if sections.count(n) < FEWEST:
        return [_marked(a, FEW_BLOCKS) for a in plain(every)]
    if most < OF_ITS_KIND * sections.count(n):
        return [_marked(a, FEW_IN_BLOCK) for a in plain(every)]
    answers, enough = blocks()
    rows = np.flatnonzero(~enough)
    if rows.size:
        for row, answer in zip(rows.tolist(), plain(rows), strict=True):
            answers[row] = _marked(answer, FEW_IN_BLOCK)
    return answers


def _weighted(sections: Sections, n: int, blocks: Blocks) -> list[Answer]:
    """Return the answers of weighted futures, marked where their blocks or they are too few.

    There is no falling back on what holds for independent futures: these are not equally likely.
    """
    answers, enough = blocks()
    n_block = n // (sections.size or 1)
    for x, (answer, is_enough) in enumerate(zip(answers, enough.tolist(), strict=True)):
        if not isinstance(answer, Estimate) or answer.mark:
            continue
        if n_block < 2:
            answers[x] = Refused("weighted futures need two blocks for an interval", None, n)
        elif n_block < FEWEST or not is_enough:
            why = FEW_BLOCKS if n_block < FEWEST else FEW_IN_BLOCK
            note = "; ".join(part for part in (f"few: {why}", answer.note) if part)
            answers[x] = answer._replace(note=note, mark=FEW)
    return answers


def _marked(answer: Answer, why: str) -> Answer:
    """Return an answer marked as that of independent futures, unless a mark says worse."""
    if not isinstance(answer, Estimate) or answer.mark:
        return answer
    note = f"wide: {why}, so the interval is that of independent futures"
    return answer._replace(note="; ".join(x for x in (note, answer.note) if x), mark=WIDE)
