"""What a run supports saying: who is hit hardest, how likely, how bad; facts without words.

Every sentence about a run (``sim.plots.headlines``) is made of these, so that figures, report and
printed table cannot tell two stories. The measure is always the same: a replication's shortfall
over the whole horizon as a share of what was wanted in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from sim.metrics import precision
from sim.metrics.answer import Answer, Estimate
from sim.metrics.sections import INDEPENDENT, Sections
from sim.network.arrays import F8
from sim.results.data import RunData, View

SHORT_SHARE = 0.05
"""Who lacks more than this share of what was wanted over the horizon is called short, everywhere.

Traces of a shortage are no news, and a chance means little before the threshold is named.
"""

ENOUGH = 20
"""Replications below which nobody is called the hardest hit."""

TAIL = 10
"""Replications beyond a share without which it is not told."""

NOISE = 1e-9
"""Relative difference of two shares that is rounding and no difference."""


class Place(NamedTuple):
    """A set of end users that a statement can be about.

    Parameters
    ----------
    view : View
        A region, or one end user where goods cannot be added.
    column : int
        Its column in the run's tables.
    share : float
        Mean shortfall over mean wanted.
    """

    view: View
    column: int
    share: float


class Hardest(NamedTuple):
    """Who is hit hardest.

    Parameters
    ----------
    places : tuple of Place
        The one with the largest mean share, then those whose paired difference from it does not
        exclude 0, in descending order.
    n_place : int
        Of how many.
    """

    places: tuple[Place, ...]
    n_place: int


class Tail(NamedTuple):
    """A share that is exceeded at least so often.

    Parameters
    ----------
    above : float
        Share; rounded down to two digits.
    n_beyond, n : int
        Replications beyond it, of how many.
    chance : float
        That it is exceeded.
    """

    above: float
    n_beyond: int
    n: int
    chance: float


def adds_up(data: RunData) -> bool:
    """Return whether end users want one good, or goods of one value a tonne, so that tonnes add."""
    if len(data.columns("product")) <= 1:
        return True
    return not math.isnan(float(data.value_usd_per_t[data.index("total", "all")]))


def kind_of_places(data: RunData) -> str:
    """Return what statements are about: regions, or single end users where goods do not add up.

    Of a part of a run that a reader has chosen (``sim.plots.choice``), what was chosen.
    """
    chosen = str(data.meta.get("places", ""))
    return chosen or ("region" if adds_up(data) else "user")


def shares(data: RunData, column: int) -> F8:
    """Return each replication's shortfall as a share of what was wanted; 0 where nothing was."""
    share = np.zeros(data.n)
    for rows in data.pieces():
        short, wanted = (data.table[m][rows, column] for m in ("shortfall_t", "wanted_t"))
        np.divide(short, wanted, out=share[rows], where=wanted > 0)
    return share


def linear(short: F8, wanted: F8, sections: Sections = INDEPENDENT) -> F8:
    """Return numbers whose mean is mean(short) / mean(wanted) and whose error is its error [1]_.

    References
    ----------
    .. [1] Asmussen and Glynn (2007), Stochastic Simulation, sec. III.3 (delta method).
    """
    below = sections.mean(wanted)
    if not below > 0:
        return np.zeros(short.size)
    ratio = sections.mean(short) / below
    return ratio + (short - ratio * wanted) / below


def linear_column(data: RunData, column: int) -> F8:
    """Return the `linear` numbers of a view."""
    short, wanted = (data.table[m][:, column] for m in ("shortfall_t", "wanted_t"))
    return linear(short, wanted, data.sections)


def hardest(data: RunData, columns: Sequence[int] | None = None) -> Hardest | None:
    """Return who is hit hardest on average; None if nobody is, or replications are too few.

    Parameters
    ----------
    data : RunData
        The run.
    columns : sequence of int, optional
        Whom to choose from; default: `kind_of_places`.
    """
    columns = data.columns(kind_of_places(data)) if columns is None else columns
    if data.n < ENOUGH or not columns:
        return None

    views = [data.views[x] for x in columns]
    return rank(lambda x: linear_column(data, columns[x]), views, columns, data.sections)


def rank(
    values: Callable[[int], F8],
    views: Sequence[View],
    columns: Sequence[int],
    sections: Sections = INDEPENDENT,
) -> Hardest | None:
    """Return the hardest hit of some places; None if nobody is.

    Parameters
    ----------
    values : callable
        Gives a place's `linear` numbers by its position; called twice, so that few are held.
    views, columns : sequence
        Of the places.
    sections : Sections, optional
        How replications belong together.
    """
    means = [sections.mean(values(x)) for x in range(len(views))]
    first = max(range(len(means)), key=lambda x: (means[x], -x))
    if not means[first] > 0:
        return None
    worst = values(first)
    if min(means) <= 0 and not _surely_above(worst, means[first], sections):
        return None  # too rare to rank above those who are never short

    def differs(x: int) -> bool:
        return x != first and _surely_above(worst - values(x), means[first], sections)

    alike = [x for x in range(len(means)) if means[x] > 0 and not differs(x)]
    places = [Place(views[x], columns[x], means[x]) for x in alike]
    return Hardest(tuple(sorted(places, key=lambda p: -p.share)), len(views))


def _surely_above(difference: F8, size: float, sections: Sections) -> bool:
    """Return whether the interval of a paired difference lies above 0."""
    if float(np.ptp(difference)) <= NOISE * size:
        return float(difference[0]) > NOISE * size
    answer = precision.mean(difference, sections=sections)
    return isinstance(answer, Estimate) and answer.low > 0


def worst_shares(data: RunData) -> F8:
    """Return each replication's largest share over all places: the joint event "somebody"."""
    worst = np.zeros(data.n)
    for x in data.columns(kind_of_places(data)):
        np.fmax(worst, shares(data, x), out=worst)
    return worst


def chance(share: F8, above: float = SHORT_SHARE, sections: Sections = INDEPENDENT) -> Answer:
    """Return the probability of a share larger than `above`, with its interval."""
    return precision.chance(share > above * (1 + NOISE), sections=sections)


def beyond(share: F8, above: float) -> int:
    """Return in how many replications a share is larger than `above`, by more than noise."""
    return int(np.count_nonzero(share > above * (1 + NOISE)))


def often(share: F8, above: float, sections: Sections) -> float:
    """Return the share of replications in which a share is larger than `above`."""
    return sections.share(share > above * (1 + NOISE))


def tail(share: F8, probability: float, sections: Sections = INDEPENDENT) -> Tail:
    """Return the largest two-digit share that is exceeded at least so often.

    Parameters
    ----------
    share : ndarray, shape (n,)
        Of each replication.
    probability : float
        Told chance; P(share > above) is at least that.
    sections : Sections, optional
        How replications belong together, in whose order the shares are.
    """
    if sections.weighted:
        return _weighted_tail(share, probability, sections)
    n = share.size
    k = max(1, math.ceil(probability * n - 1e-9))
    value = float(np.sort(share)[n - k])
    above = rounded_down(value)
    while above > 0 and beyond(share, above) < k:
        above = rounded_down(above * (1 - 1e-6))
    return Tail(above, beyond(share, above), n, beyond(share, above) / n)


def _weighted_tail(share: F8, probability: float, sections: Sections) -> Tail:
    """Return the same of replications that are not equally likely."""
    order = np.argsort(-share)
    reached = np.cumsum(sections.weights(share.size)[order]) / share.size >= probability - 1e-9
    above = rounded_down(float(share[order][int(np.argmax(reached))]))

    while above > 0 and often(share, above, sections) < probability - 1e-9:
        above = rounded_down(above * (1 - 1e-6))
    return Tail(above, beyond(share, above), share.size, often(share, above, sections))


def rounded_down(share: float) -> float:
    """Return a share rounded down: whole per cent from ten on, tenths of one below."""
    step = 100 if share >= 0.1 else 1000
    return math.floor(share * step + 1e-9) / step
