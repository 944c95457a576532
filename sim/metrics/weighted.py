"""Statistics of futures that are not equally likely: half of each block were given a rare shock.

Each future counts by its weight, 1 on average over a block, so that estimates are those of the
scenario as it is. As of blocks of equally likely ones (``sim.metrics.sectioned``), an estimate is
to first order a constant plus the mean of one number a future, here times its weight, and its
interval is Student's over the means of the blocks. Rows are in the order of the futures, NaN where
something did not happen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.base.sections import Sections
from sim.metrics import hall
from sim.metrics.answer import CONFIDENCE, F8, Answer, Refused
from sim.metrics.hall import FREE, Bounds
from sim.metrics.means import at, estimates, same
from sim.metrics.sections import OF_ITS_KIND, reach_of_means, weighty
from sim.metrics.tails import BEYOND

Found = tuple[list[Answer], NDArray[np.bool_]]

NEARLY = 1e-12
"""Rounding of a sum of weights."""


class Rows:
    """Rows of numbers with the weights of their futures.

    Parameters
    ----------
    values : ndarray, shape (n_row, n)
        NaN where it did not happen.
    sections : Sections
        Which are weighted.
    """

    def __init__(self, values: F8, sections: Sections) -> None:
        self.values, self.sections = values, sections
        self.happened = ~np.isnan(values)
        self.weight: F8 = np.where(self.happened, sections.weights(values.shape[1]), 0.0)
        total = self.weight.sum(axis=1)
        self.total: F8 = np.where(total > 0.0, total, np.nan)
        self.n = int(np.count_nonzero(self.happened[0])) if len(values) else 0

    def mean(self, numbers: F8) -> F8:
        """Return the means of some numbers of the futures in which it happened."""
        found: F8 = np.where(self.happened, numbers * self.weight, 0.0).sum(axis=1) / self.total
        return found

    def reach(self, numbers: F8, mean: F8, confidence: float) -> F8:
        """Return how far the interval of such a mean reaches, over whole blocks."""
        off = np.where(self.happened, (numbers - mean[:, None]) * self.weight, 0.0)
        off *= off.shape[1] / self.total[:, None]
        size = self.sections.size or 1
        whole = off.shape[1] // size * size
        if whole < 2 * size:
            return np.full(len(off), np.nan)  # one block says nothing of how sure it is
        return reach_of_means(self.sections.means(off[:, :whole]), confidence)

    def enough(
        self, numbers: F8, usual: float | None = None, times: float = 1.0
    ) -> NDArray[np.bool_]:
        """Return of which rows enough futures a block decide the mean of some numbers."""
        if usual is None:
            numbers = numbers - self.quantile(np.full(len(numbers), 0.5))[0][:, None]
        told = np.where(self.happened, numbers * self.weight, 0.0)
        return self._many(weighty(told, 0.0) / times)

    def _many(self, count: F8) -> NDArray[np.bool_]:
        blocks = self.values.shape[1] // (self.sections.size or 1)
        enough: NDArray[np.bool_] = count >= OF_ITS_KIND * blocks
        return enough

    def share(self, here: NDArray[np.bool_], confidence: float) -> tuple[F8, F8, NDArray[np.bool_]]:
        """Return a share, how far its interval reaches, and whether enough futures decide it.

        A kind of futures in which it came always, or never, decides nothing; blocks that are all
        alike still leave open what was not seen in so many futures.
        """
        value = self.mean(here.astype(float))
        half = self.reach(here.astype(float), value, confidence)
        rarer, heaviest = np.zeros(len(value)), np.zeros(len(value))
        for kind in (0, 1):
            told, part = self.happened[:, kind::2], here[:, kind::2] & self.happened[:, kind::2]
            yes = np.count_nonzero(part, axis=1)
            no = np.count_nonzero(told, axis=1) - yes
            mixed = np.minimum(yes, no)
            rarer += mixed
            weight = self.sections.weights(2)[kind]
            heaviest = np.where(mixed > 0, np.maximum(heaviest, weight), heaviest)
        sure = heaviest == 0.0
        blocks = self.values.shape[1] // (self.sections.size or 1)
        most = np.where(sure, self.sections.weights(2).max(), heaviest)
        least = most * hall.unseen_share(blocks, confidence) * blocks / self.total
        return value, np.maximum(half, least), self._many(rarer) | sure

    def quantile(self, levels: F8) -> tuple[F8, NDArray[np.bool_]]:
        """Return the smallest number that is not exceeded with each row's level, and if any is."""
        order = np.argsort(self.values, axis=1)
        below = np.cumsum(np.take_along_axis(self.weight, order, axis=1), axis=1)
        known = (levels > 0.0) & (levels <= 1.0)
        wanted = (levels - NEARLY) * self.total
        place = np.minimum((below < wanted[:, None]).sum(axis=1), self.happened.sum(axis=1) - 1)
        found: F8 = np.take_along_axis(self.values, order, axis=1)[np.arange(len(levels)), place]
        return found, known

    def alike(self) -> NDArray[np.bool_]:
        """Return of which rows all numbers are equal."""
        low = np.where(self.happened, self.values, np.inf).min(axis=1)
        high = np.where(self.happened, self.values, -np.inf).max(axis=1)
        same_all: NDArray[np.bool_] = low == high
        return same_all


def means(
    values: F8, sections: Sections, bounds: Bounds = FREE, confidence: float = CONFIDENCE
) -> Found:
    """Return means; of what happened, where it did not always."""
    rows = Rows(values, sections)
    value = rows.mean(values)
    half = rows.reach(values, value, confidence)
    low = np.maximum(value - half, bounds.low)
    high = np.minimum(value + half, np.maximum(bounds.mean, value))
    answers = estimates(value, low, high, rows.n, [""] * len(value))
    return _alike(answers, rows, bounds, confidence), rows.enough(values) | rows.alike()


def _alike(answers: list[Answer], rows: Rows, bounds: Bounds, confidence: float) -> list[Answer]:
    """Return means with what is possible where all futures are the same."""
    unseen = hall.unseen_share(max(1, rows.n // 2), confidence)  # by those of the larger weight
    for x in np.flatnonzero(rows.alike()).tolist():
        first = float(rows.values[x][rows.happened[x]][0])
        possible = min(unseen * at(bounds.single, x), at(bounds.mean, x))
        answers[x] = same(first, possible, rows.n, bounds.low)
    return answers


def ratios(short: F8, wanted: F8, sections: Sections, confidence: float = CONFIDENCE) -> Found:
    """Return mean(short) / mean(wanted), in [0, 1]."""
    rows = Rows(short, sections)
    below = rows.mean(wanted)
    some = np.where(below == 0.0, 1.0, below)
    value = rows.mean(short) / some
    off = short - value[:, None] * wanted
    half = rows.reach(off, np.zeros(len(value)), confidence) / some
    low, high = np.maximum(value - half, 0.0), np.minimum(value + half, np.maximum(1.0, value))
    answers = estimates(value, low, high, rows.n, [""] * len(value))
    flat = half <= 1e-12 * value
    unseen = hall.unseen_share(max(1, rows.n // 2), confidence)
    for x in np.flatnonzero(flat).tolist():
        possible = min(1.0, unseen * float(wanted[x].max() / some[x]))
        answers[x] = same(float(value[x]), possible, rows.n, 0.0)
    for x in np.flatnonzero(below == 0.0).tolist():
        answers[x] = Refused("nothing was wanted", None, rows.n)
    return answers, rows.enough(short) | flat


def sds(
    values: F8, sections: Sections, bounds: Bounds = FREE, confidence: float = CONFIDENCE
) -> Found:
    """Return standard deviations: the root of the interval of the mean square."""
    rows = Rows(values, sections)
    squares = (values - rows.mean(values)[:, None]) ** 2
    mean_square = rows.mean(squares)
    half = rows.reach(squares, mean_square, confidence)
    value, low, high = (
        np.sqrt(np.maximum(v, 0.0)) for v in (mean_square, mean_square - half, mean_square + half)
    )
    width = np.asarray(bounds.single) - bounds.low
    high = np.minimum(high, np.maximum(width / 2.0, value))
    answers = estimates(value, low, high, rows.n, [""] * len(value))
    # Squares are so uneven that a sample without the largest looks even: twice as many are asked.
    return answers, rows.enough(squares, 0.0, 2.0)


def quantiles(
    values: F8, level: float, sections: Sections, confidence: float = CONFIDENCE
) -> Found:
    """Return quantiles: those of the levels that the share below may truly have."""
    rows = Rows(values, sections)
    value, _ = rows.quantile(np.full(len(values), level))
    half, enough = _around(rows, value, confidence)
    (low, some), (high, any_) = rows.quantile(level - half), rows.quantile(level + half)
    answers = estimates(value, low, high, rows.n, [""] * len(value))
    for x in np.flatnonzero(~(some & any_)).tolist():
        reason = f"{rows.n:,} futures hold no interval for a {100 * level:g} % quantile"
        answers[x] = Refused(reason, None, rows.n)
    return answers, enough


def _around(rows: Rows, value: F8, confidence: float) -> tuple[F8, NDArray[np.bool_]]:
    """Return how sure the shares at and below a value are, the worse of the two; and whether."""
    _, half, enough = rows.share(rows.values <= value[:, None], confidence)
    _, below, some = rows.share(rows.values < value[:, None], confidence)
    ties = np.count_nonzero(rows.values == value[:, None], axis=1) > 1
    return np.where(ties, np.maximum(half, below), half), np.where(ties, enough & some, enough)


def cvars(
    values: F8,
    level: float,
    sections: Sections,
    bounds: Bounds = FREE,
    confidence: float = CONFIDENCE,
) -> Found:
    """Return CVaRs; see ``tails.cvar`` for the two lower limits."""
    rows = Rows(values, sections)
    cut, _ = rows.quantile(np.full(len(values), level))
    value, half, excess = cvar_at(rows, cut, level, confidence)
    half_share, _ = _around(rows, cut, confidence)
    low_cut, _ = rows.quantile(np.maximum(level - half_share, NEARLY))
    least, least_half, _ = cvar_at(rows, low_cut, level, confidence)
    low = np.maximum(np.minimum(value - half, least - least_half), np.minimum(low_cut, value))
    high = np.minimum(value + half, np.maximum(bounds.single, value))
    answers = estimates(value, np.minimum(low, value), high, rows.n, [""] * len(value))
    beyond = np.count_nonzero(excess > 0.0, axis=1)
    for x in np.flatnonzero((beyond < BEYOND) & ~rows.alike()).tolist():
        reason = f"only {beyond[x]} futures exceed the {100 * level:g} % cut, fewer than {BEYOND}"
        answers[x] = Refused(reason, None, rows.n)
    single = Bounds(bounds.low, np.asarray(bounds.single) / (1.0 - level) + np.zeros(len(value)),
                    np.asarray(bounds.single) + np.zeros(len(value)))  # fmt: skip
    enough = rows.enough(np.where(rows.happened, excess, 0.0), 0.0) | rows.alike()
    return _alike(answers, rows, single, confidence), enough


def cvar_at(rows: Rows, cut: F8, level: float, confidence: float) -> tuple[F8, F8, F8]:
    """Return cut + mean excess / (1 - level), how far its interval reaches, and the excess."""
    excess = np.maximum(rows.values - cut[:, None], 0.0)
    mean = rows.mean(excess)
    return cut + mean / (1.0 - level), rows.reach(excess, mean, confidence) / (1.0 - level), excess


def chances(
    happened: NDArray[np.bool_], values: F8, sections: Sections, confidence: float = CONFIDENCE
) -> Found:
    """Return the chances of what happened in some futures, of those that count (not NaN)."""
    rows = Rows(values, sections)
    value, half, enough = rows.share(happened, confidence)
    low, high = np.maximum(value - half, 0.0), np.minimum(value + half, 1.0)
    return estimates(value, low, high, rows.n, [""] * len(value)), enough


def difference_of_cvars(
    a: F8, b: F8, level: float, sections: Sections, confidence: float = CONFIDENCE
) -> Found:
    """Return CVaR of A less that of B, pair by pair; losses of the same futures, shape (n,)."""
    told, excess, enough = [], [], np.array([True])
    for x in (a, b):
        rows = Rows(x[None], sections)
        cut, _ = rows.quantile(np.array([level]))
        value, _, beyond = cvar_at(rows, cut, level, confidence)
        told.append(value)
        excess.append(beyond / (1.0 - level))
        enough = enough & rows.enough(beyond, 0.0)
    both, value = Rows((a - b)[None], sections), told[0] - told[1]
    off = excess[0] - excess[1]
    half = both.reach(off, both.mean(off), confidence)
    return estimates(value, value - half, value + half, a.size, [""]), enough
