"""The statistics that a sweep tells of each view: fewer than a run's summary, and in arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.flow.kernel.measures import MEASURES
from sim.metrics.answer import Answer, Refused
from sim.metrics.censored import Lines
from sim.metrics.sections import INDEPENDENT, Sections
from sim.metrics.source import Source
from sim.metrics.statistics import unit_of
from sim.metrics.summary import groups, tell, tell_reserves
from sim.network.arrays import F8

BRIEF = {one.name: tuple(one.brief.split()) for one in MEASURES if one.brief}
"""What is told of each measure, in order; all of it is also in a run's summary."""


class Brief(NamedTuple):
    """One statistic of one measure, for every view.

    Parameters
    ----------
    measure, statistic, unit : str
        What it is.
    value, low, high : ndarray, shape (n_view,)
        The number and its 95 % interval; NaN where it is refused.
    n : ndarray of int, shape (n_view,)
        Replications that it rests on.
    mark : list of str
        Caution in one word (``sim.metrics.answer``); "" where there is none.
    note : list of str
        Caution or reason of refusal; "" where there is none.
    """

    measure: str
    statistic: str
    unit: str
    value: F8
    low: F8
    high: F8
    n: np.ndarray
    mark: list[str]
    note: list[str]


def brief(
    table: Mapping[str, F8],
    *,
    first_shock_day: F8 | None = None,
    structural_t: F8 | None = None,
    goods_value_missed_usd: F8 | None = None,
    horizon_days: float | None = None,
    sections: Sections = INDEPENDENT,
) -> list[Brief]:
    """Return the statistics of `BRIEF`, each for all views.

    Parameters
    ----------
    table : mapping of str to ndarray, shape (n, n_view)
        Measures of ``sim.metrics.loss.measure``.
    first_shock_day : ndarray, shape (n,), optional
        For time to survive.
    structural_t, goods_value_missed_usd : ndarray, shape (n, n_view), optional
        As for ``sim.metrics.summary.summarize``.
    horizon_days : float, optional
        What no number of days exceeds.
    sections : Sections, optional
        How replications belong together.

    Returns
    -------
    list of Brief
        By measure and statistic. A view whose end users' value is not known has no value of goods.
    """
    if structural_t is not None and not np.any(structural_t > 0):
        structural_t = None
    if goods_value_missed_usd is not None and not np.isfinite(goods_value_missed_usd).any():
        goods_value_missed_usd = None
    missed = goods_value_missed_usd
    source = Source(table, first_shock_day, structural_t, missed, horizon_days, sections)
    n, n_view = table["shortfall_t"].shape
    told: list[Brief] = []
    for measure, statistics in (("shortfall_share", ("ratio",)), *BRIEF.items()):
        parts = [tell(source, measure, statistics, columns) for columns in groups(n, n_view)]
        told += _joined(measure, parts)
    return told


def brief_reserves(released_t: F8, sections: Sections = INDEPENDENT) -> list[Brief]:
    """Return the mean, the chance and the 95 % quantile of what each reserve releases.

    Parameters
    ----------
    released_t : ndarray, shape (n, n_reserve)
        Released from each reserve, in tonnes.
    sections : Sections, optional
        How replications belong together.
    """
    parts = [tell_reserves(released_t, columns, sections) for columns in groups(*released_t.shape)]
    return _joined("released_t", parts)


def _joined(measure: str, parts: Sequence[Lines]) -> list[Brief]:
    """Return the statistics of views that were told in parts."""
    told = []
    for lines in zip(*parts, strict=True):
        statistic = lines[0][0]
        of_views = [answer for _, part in lines for answer in part]
        told.append(Brief(measure, statistic, unit_of(measure, statistic), *_columns(of_views)))
    return told


def _columns(answers: Sequence[Answer]) -> tuple[F8, F8, F8, np.ndarray, list[str], list[str]]:
    none = (math.nan,) * 3
    numbers = np.array([none if isinstance(a, Refused) else a[:3] for a in answers])
    value, low, high = np.ascontiguousarray(numbers.T)
    n = np.array([a.n for a in answers])
    return value, low, high, n, [a.mark for a in answers], [a.note for a in answers]
