"""Courses over time that several facts are of: monthly flows, and prices by the period."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np

from sim.hindcast.facts import Fact, next_month
from sim.hindcast.kinds import price_of
from sim.hindcast.played import Played, months, normal_t
from sim.network.arrays import F8
from sim.run.case import Study


class Series(NamedTuple):
    """A course over time and the facts of it.

    Parameters
    ----------
    facts : tuple of Fact
        Of one kind, product and place.
    day : tuple of datetime.date
        First of every month; of prices, of every period.
    values : ndarray, shape (days, n)
        Of every future, in the facts' unit.
    base : float
        What it is when nothing happens.
    normal_t : float
        The model's normal, tonnes a month; NaN of prices.
    """

    facts: tuple[Fact, ...]
    day: tuple[dt.date, ...]
    values: F8
    base: float
    normal_t: float

    @property
    def is_price(self) -> bool:
        """Whether it is of prices."""
        return self.facts[0].kind == "price_ratio"


def series_of(study: Study, news: dt.date, facts: tuple[Fact, ...]) -> list[Series]:
    """Return what two or more facts tell of over time, without values."""
    groups: dict[tuple[object, ...], list[Fact]] = {}
    for fact in facts:
        is_flow = fact.kind in ("export_flow", "import_flow") and "month" in fact.unit
        is_price = fact.kind == "price_ratio" and fact.since is not None and fact.since < news
        if is_flow or is_price:
            same = (fact.kind, fact.product, fact.origin, fact.to, str(fact.base))
            groups.setdefault(same, []).append(fact)
    return [_empty(study, tuple(of)) for of in groups.values() if len(of) > 1]


def _empty(study: Study, of: tuple[Fact, ...]) -> Series:
    if of[0].kind == "price_ratio":
        return Series(of, _periods(study), np.zeros((study.n_period, 0)), 1.0, np.nan)
    day, normal = _months(study), normal_t(study, of[0])
    base = normal if np.isnan(of[0].base) else of[0].base
    return Series(of, day, np.zeros((len(day), 0)), base, normal)


def course(played: Played, series: Series) -> F8:
    """Return the values of a series in the futures of `played`, shape (days, n)."""
    fact = series.facts[0]
    if series.is_price:
        assert played.flow.price is not None
        path: F8 = played.flow.price[:, price_of(played.study, fact)]
        return path
    return played.by_month(fact, series.day[0], next_month(series.day[-1])) * series.base


def _periods(study: Study) -> tuple[dt.date, ...]:
    start, step = study.settings.scenario.start, study.settings.scenario.step_days
    return tuple(start + dt.timedelta(days=step * k) for k in range(study.n_period))


def _months(study: Study) -> tuple[dt.date, ...]:
    """Return the first days of the whole months that are played."""
    first, step = study.settings.scenario.start, study.settings.scenario.step_days
    end = first + dt.timedelta(days=study.n_period * step)
    return tuple(a for a, _ in months(first if first.day == 1 else next_month(first), end))
