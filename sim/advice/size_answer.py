"""What ``shortfall size`` is asked, and what it found."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.advice.size_binds import Binding
from sim.advice.size_build import Pace
from sim.advice.size_reserve import Good
from sim.metrics.answer import Answer
from sim.network.dictionary import Product

Row = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """What is to be sized.

    Parameters
    ----------
    goods : tuple of Good
        Sized together, by one number of days of use.
    sure : float
        Share of the futures in which it is to suffice.
    allow : float
        Share of what is wanted that may be missing.
    regions : tuple of str
        Whose end users are to stay served; empty: those of the goods' regions.
    pace : Pace or None
        How it is built up; None: it is there on day 0.
    """

    goods: tuple[Good, ...]
    sure: float = 0.95
    allow: float = 0.0
    regions: tuple[str, ...] = ()
    pace: Pace | None = None


@dataclass(frozen=True)
class Stock:
    """What a reserve holds at a size."""

    good: Good
    title: str
    reserves: tuple[str, ...]
    added: bool
    use_t_per_day: float
    usd_per_t: float  # to buy; NaN: not known
    usd_per_t_year: float  # to store
    price_source: str


@dataclass(frozen=True)
class Size:
    """What was found.

    Parameters
    ----------
    days : Estimate or Refused
        Days of use that suffice with the surety asked for; inf: no size does.
    curve : list of dict
        Rows of ``size.csv``.
    stocks : tuple of Stock
        What a day of use is, in tonnes and dollars.
    none_needed, no_size : Estimate or Refused
        Chances that no stock is needed, and that no size helps.
    harmed : int
        Futures in which a larger stock did harm.
    fresh : Estimate or Refused or None
        Chance of staying served with that size on futures that had no say in it.
    binding : Binding or None
        What binds where no size helps; None where there are no such futures.
    n : int
        Replications.
    who : tuple of str
        Regions of the end users that are to stay served.
    most : float
        Largest size that was tried, days.
    folder : pathlib.Path
        Where it lies.
    """

    days: Answer
    curve: list[Row]
    stocks: tuple[Stock, ...]
    none_needed: Answer
    no_size: Answer
    harmed: int
    fresh: Answer | None
    binding: Binding | None
    n: int
    who: tuple[str, ...]
    most: float
    folder: Path


def price_of(product: Product) -> tuple[float, str]:
    """Return what a tonne costs to buy for a reserve, and where that comes from; NaN: not known."""
    if product.reserve_usd_per_t is not None:
        return product.reserve_usd_per_t, "bought at what a tonne costs for a reserve"
    if product.value_usd_per_t is not None:
        return product.value_usd_per_t, "bought at the value of a tonne"
    return math.nan, ""
