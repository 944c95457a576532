"""Statistics of futures that were drawn in blocks: pooled estimates, intervals over the blocks.

Rows are in the order of the futures, NaN where something did not happen; `ordered` are the same
numbers ascending, without NaN (of each row as many). Each function returns its answers, and of
which rows the blocks hold enough futures of the kind that counts (``sections.OF_ITS_KIND``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.metrics import hall, weighted
from sim.metrics.answer import CONFIDENCE, F8, Answer, Estimate
from sim.metrics.hall import FREE, Bounds
from sim.metrics.means import estimates
from sim.metrics.moments import mean_of
from sim.metrics.risk import rank
from sim.metrics.sections import OF_ITS_KIND, Sections, reach, reach_of_means, weighty

Found = tuple[list[Answer], NDArray[np.bool_]]


def means(
    rows: F8,
    ordered: F8,
    sections: Sections,
    bounds: Bounds = FREE,
    confidence: float = CONFIDENCE,
) -> Found:
    """Return means; of what happened, where it did not always."""
    if sections.weighted:
        return weighted.means(rows, sections, bounds, confidence)
    value = mean_of(ordered)
    half = _reach(rows, value, rows, ordered, sections, confidence)
    low = np.maximum(value - half, bounds.low)
    high = np.minimum(value + half, np.maximum(bounds.mean, value))
    n = ordered.shape[1]
    answers = estimates(value, low, high, n, [""] * len(value))
    return answers, _enough(weighty(ordered), rows, sections)


def ratios(short: F8, wanted: F8, sections: Sections, confidence: float = CONFIDENCE) -> Found:
    """Return mean(short) / mean(wanted), in [0, 1]."""
    if sections.weighted:
        return weighted.ratios(short, wanted, sections, confidence)
    below = mean_of(wanted)
    some = np.where(below == 0.0, 1.0, below)
    value = mean_of(short) / some
    half = reach(sections, short - value[:, None] * wanted, confidence) / some
    low, high = np.maximum(value - half, 0.0), np.minimum(value + half, np.maximum(1.0, value))
    answers = estimates(value, low, high, short.shape[1], [""] * len(value))
    return answers, _enough(weighty(short), short, sections) & (half > 1e-12 * value)


def sds(
    rows: F8,
    ordered: F8,
    sections: Sections,
    bounds: Bounds = FREE,
    confidence: float = CONFIDENCE,
) -> Found:
    """Return standard deviations: the root of the interval of the mean square."""
    if sections.weighted:
        return weighted.sds(rows, sections, bounds, confidence)
    centre, n = mean_of(ordered), ordered.shape[1]
    mean_square = mean_of((ordered - centre[:, None]) ** 2)
    squares = (rows - centre[:, None]) ** 2
    half = _reach(squares, mean_square, rows, ordered, sections, confidence)
    variance = mean_square * (n / (n - 1))
    value, low, high = (
        np.sqrt(np.maximum(v, 0.0)) for v in (variance, variance - half, variance + half)
    )
    width = np.asarray(bounds.single) - bounds.low
    high = np.minimum(high, np.maximum(width / 2.0, value))
    answers = estimates(value, low, high, n, [""] * len(value))
    # Squares are so uneven that a sample without the largest looks even: twice as many are asked.
    return answers, _enough(weighty(squares, 0.0) / 2.0, rows, sections)


def quantiles(
    rows: F8, ordered: F8, level: float, sections: Sections, confidence: float = CONFIDENCE
) -> Found:
    """Return quantiles: those of the levels that the share below may truly have [1]_.

    References
    ----------
    .. [1] Woodruff (1952), J. American Statistical Association 47, 635-646.
    """
    if sections.weighted:
        return weighted.quantiles(rows, level, sections, confidence)
    n_row, n = ordered.shape
    value = ordered[:, rank(n, level) - 1]
    low, high = _ranks(rows, ordered, level, sections, confidence)
    every = np.arange(n_row)
    lowest, highest = (ordered[every, np.clip(k, 1, n) - 1] for k in (low, high))
    answers = estimates(value, lowest, highest, n, [""] * n_row)
    rarer = np.full(n_row, n * min(level, 1.0 - level))
    return answers, _enough(rarer, rows, sections) & (low >= 1) & (high <= n)


def _ranks(
    rows: F8, ordered: F8, level: float, sections: Sections, confidence: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the ranks between which a quantile lies: its own, give or take the share below it.

    Where several futures share its value, the share strictly below counts as well.
    """
    n = ordered.shape[1]
    k = rank(n, level)
    value = ordered[:, k - 1]
    half = _of_share(rows <= value[:, None], rows, ordered, sections, confidence)
    ties = ordered[:, max(k - 2, 0)] == ordered[:, min(k, n - 1)]
    if ties.any():
        below = _of_share(rows < value[:, None], rows, ordered, sections, confidence)
        half = np.where(ties, np.maximum(half, below), half)
    low = np.floor(n * (level - half)).astype(np.int64)
    high = np.ceil(n * (level + half)).astype(np.int64) + 1
    return low, high


def cvars(
    rows: F8,
    ordered: F8,
    level: float,
    sections: Sections,
    bounds: Bounds = FREE,
    confidence: float = CONFIDENCE,
) -> Found:
    """Return CVaRs; see ``tails.cvar`` for the two lower limits."""
    if sections.weighted:
        return weighted.cvars(rows, level, sections, bounds, confidence)
    n_row, n = ordered.shape
    k = rank(n, level)
    cut = ordered[:, k - 1]
    value = cut + (ordered[:, k:] - cut[:, None]).sum(axis=1) / n / (1.0 - level)
    excess, half = _of_excess(rows, ordered, cut, value, level, sections, confidence)
    least = np.clip(_ranks(rows, ordered, level, sections, confidence)[0], 1, n)
    low_cut = ordered[np.arange(n_row), least - 1]
    at_least = _beyond(ordered, low_cut, level)
    at_least -= _of_excess(rows, ordered, low_cut, at_least, level, sections, confidence)[1]
    low = np.maximum(np.minimum(value - half, at_least), np.minimum(low_cut, value))
    high = np.minimum(value + half, np.maximum(bounds.single, value))
    answers = estimates(value, np.minimum(low, value), high, n, [""] * n_row)
    return answers, _enough(weighty(excess, 0.0), rows, sections)


def _beyond(ordered: F8, cut: F8, level: float) -> F8:
    """Return cut + mean of what exceeds it / (1 - level), in the order of ascending numbers."""
    excess = np.maximum(ordered - cut[:, None], 0.0)
    found: F8 = cut + excess.sum(axis=1) / ordered.shape[1] / (1.0 - level)
    return found


def _of_excess(
    rows: F8,
    ordered: F8,
    cut: F8,
    value: F8,
    level: float,
    sections: Sections,
    confidence: float,
) -> tuple[F8, F8]:
    """Return what exceeds a cut, and how far the interval of the CVaR there reaches."""
    excess = np.maximum(rows - cut[:, None], 0.0)
    mean = (value - cut) * (1.0 - level)
    return excess, _reach(excess, mean, rows, ordered, sections, confidence) / (1.0 - level)


def chances(
    happened: NDArray[np.bool_],
    rows: F8,
    ordered: F8,
    sections: Sections,
    confidence: float = CONFIDENCE,
) -> Found:
    """Return the chances of what happened in some futures, of those that count (not NaN)."""
    if sections.weighted:
        return weighted.chances(happened, rows, sections, confidence)
    n = ordered.shape[1]
    count = np.count_nonzero(happened, axis=1)
    value = count / n
    half = _of_share(happened, rows, ordered, sections, confidence)
    low, high = np.maximum(value - half, 0.0), np.minimum(value + half, 1.0)
    answers = estimates(value, low, high, n, [""] * len(value))
    return answers, _enough(np.minimum(count, n - count), rows, sections)


def _of_share(
    happened: NDArray[np.bool_], rows: F8, ordered: F8, sections: Sections, confidence: float
) -> F8:
    """Return how far the interval of a share reaches.

    A block counts whole futures. Blocks that all count the same still leave open what the chance
    of one more is: as much as was not seen in so many blocks.
    """
    n = ordered.shape[1]
    n_block = sections.count(rows.shape[1])
    least = hall.unseen_share(n_block, confidence) * n_block / n
    if n == rows.shape[1]:
        half = reach_of_means(sections.counts(happened) / (n / n_block), confidence)
    else:
        value = np.count_nonzero(happened, axis=1) / n
        half = _reach(happened.astype(float), value, rows, ordered, sections, confidence)
    found: F8 = np.maximum(half, least)
    return found


def _reach(
    values: F8,
    mean: F8,
    rows: F8,
    ordered: F8,
    sections: Sections,
    confidence: float,
) -> F8:
    """Return how far the interval of a mean of values reaches, taken where it happened."""
    n = rows.shape[1]
    if ordered.shape[1] == n:
        return reach(sections, values, confidence)
    off = np.where(np.isnan(rows), 0.0, values - mean[:, None]) * (n / ordered.shape[1])
    return reach(sections, off, confidence)


def _enough(count: F8, rows: F8, sections: Sections) -> NDArray[np.bool_]:
    """Return of which rows a block holds enough futures of the kind that counts."""
    enough: NDArray[np.bool_] = count >= OF_ITS_KIND * sections.count(rows.shape[1])
    return enough


def difference_of_cvars(
    a: F8, b: F8, value: float, level: float, sections: Sections, confidence: float = CONFIDENCE
) -> Found:
    """Return CVaR of A less that of B, pair by pair, and whether blocks hold enough.

    Parameters
    ----------
    a, b : ndarray, shape (n,)
        Losses of the same futures.
    value : float
        The difference.
    """
    n, z = a.size, []
    for x in (a, b):
        cut = np.partition(x, rank(n, level) - 1)[rank(n, level) - 1]
        z.append(np.maximum(x - cut, 0.0) / (1.0 - level))
    off = z[0] - z[1]
    half = float(reach(sections, off[None], confidence)[0])
    kinds = [weighty(part[None], 0.0)[0] for part in z]
    enough = min(kinds) >= OF_ITS_KIND * sections.count(n)
    return [Estimate(value, value - half, value + half, n)], np.array([enough])
