"""A run in memory: labelled arrays, ready for tables, figures and notebooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.base.sections import INDEPENDENT, Sections

F8 = NDArray[np.float64]

PIECE = 131_072
"""Replications of a column read at once where it is not wanted whole."""


@dataclass(frozen=True)
class View:
    """A set of end users that results are summed over.

    Parameters
    ----------
    kind : str
        "user", "region", "sector", "product" or "total".
    name : str
        The end user's name in the network, a region's code, ...
    title : str
        For figures.
    """

    kind: str
    name: str
    title: str


@dataclass(frozen=True)
class Fan:
    """Quantiles over time of the share of demand that went short, or of a price index.

    Parameters
    ----------
    levels : tuple of float
        Quantile levels, ascending.
    share : ndarray, shape (n_level, n_period, n_view)
        Quantiles of shortfall / wanted.
    mean, mean_low, mean_high : ndarray, shape (n_period, n_view)
        Mean over replications with its 95 % interval.
    n : int
        Replications that it rests on.
    """

    levels: tuple[float, ...]
    share: F8
    mean: F8
    mean_low: F8
    mean_high: F8
    n: int


@dataclass(frozen=True)
class Parted:
    """The fan of regions where a hazard came, and where it did not.

    Parameters
    ----------
    hazard : str
        Its title.
    views : tuple of View
        Regions: what the last axis of both fans counts.
    came, rest : Fan
        Of the futures in which it took effect, and of the others.
    """

    hazard: str
    views: tuple[View, ...]
    came: Fan
    rest: Fan


@dataclass(frozen=True)
class GoodsFan:
    """Quantiles over time of something that is booked of goods.

    Parameters
    ----------
    label, unit : str
        What it is, and measured in.
    views : tuple of View
        What the fan's last axis counts: pairs, makers or reserves.
    fan : Fan
        Its `share` holds the quantity, in its unit; NaN where there is none.
    """

    label: str
    unit: str
    views: tuple[View, ...]
    fan: Fan


@dataclass(frozen=True)
class GoodsData:
    """What a run has found of goods, by product and region of their buyers.

    Parameters
    ----------
    pairs : tuple of View
        Kind "good", name product/region of the buyers: what the tables' last axis counts.
    reserves : tuple of View
        Kind "reserve".
    table : mapping of str to ndarray, shape (n, n_pair)
        Measures by name (``GOODS_MEASURES``), one row a replication.
    reserve_left_days : ndarray, shape (n, n_reserve)
        The least that each reserve held, in days of reference use of those that it serves.
    rest_days : ndarray, shape (n_pair,)
        Stock on day 0 in days of reference use, before anything is drawn.
    fans : dict of str to GoodsFan
        Course over time by name of ``PATHS``.
    """

    pairs: tuple[View, ...]
    reserves: tuple[View, ...]
    table: Mapping[str, Any]
    reserve_left_days: F8
    rest_days: F8
    fans: dict[str, GoodsFan] = field(default_factory=dict)


@dataclass(frozen=True)
class PriceData:
    """The price index of goods: an index of scarcity, 1 before the scenario.

    Parameters
    ----------
    views : tuple of View
        Kind "good": PRODUCT/REGION of the buyers, then PRODUCT/outside for the mean outside the
        region that makes most of it; what the table's last axis counts.
    table : mapping of str to ndarray, shape (n, n_view)
        Measures by name (``PRICE_MEASURES``), one row a replication.
    course : tuple of View
        What the fan's last axis counts: PRODUCT/inside and PRODUCT/outside.
    fan : Fan or None
        Course over time; its `share` holds the index.
    """

    views: tuple[View, ...]
    table: Mapping[str, Any]
    course: tuple[View, ...]
    fan: Fan | None = None


@dataclass(frozen=True)
class RunData:
    """All that a run has found.

    Parameters
    ----------
    title, story : str
        Of the scenario.
    start : datetime.date
        Day 0.
    step_days : int
        Length of a period.
    n_period : int
        Periods.
    seed : int
        Seed of every stream.
    views : tuple of View
        What the last axis of the table counts.
    table : mapping of str to ndarray, shape (n, n_view)
        Measures by name, one row a replication (``sim.metrics.loss``). Of a run on disk these and
        the next three are read when used (``sim.results.columns``), so the folder must stay.
    first_shock_day : ndarray, shape (n,)
        Day of the first shock; NaN where none came.
    reserve_released_t : ndarray, shape (n, n_reserve)
        Released from each reserve.
    reserve_bought_t : ndarray, shape (n, n_reserve), or None
        Sent to each reserve; None where none buys by rules of its own.
    reserves : tuple of str
        Their names.
    structural_t : ndarray, shape (n, n_view)
        Shortfall of the same replication without shocks.
    value_usd_per_t : ndarray, shape (n_view,)
        Value of a tonne short; NaN where the view mixes or knows none.
    fan : Fan or None
        Course over time.
    summary : list of dict
        Rows of ``summary.csv``.
    folder : pathlib.Path or None
        Where it lies.
    meta : dict
        Versions, network, policy, ... for captions.
    came : dict of ndarray of bool, shape (m,)
        Title of a hazard that may not come -> whether it took effect, in the first m replications.
    goods : GoodsData or None
        What it found of goods; None where they were not booked.
    prices : PriceData or None
        Its price index; None where the scenario has none.
    sections : Sections
        Which replications were drawn together: every interval takes it.
    inputs : mapping of str to ndarray, shape (m,)
        What chance decided of the first m replications and what varies of it, by name, such as
        hazard/NAME/came (``sim.results.inputs``); drawn or read when it is used.
    parted : Parted or None
        The fan where the hazard that parts futures most came, and where not; None without one.
    """

    title: str
    story: str
    start: dt.date
    step_days: int
    n_period: int
    seed: int
    views: tuple[View, ...]
    table: Mapping[str, Any]
    first_shock_day: F8
    reserve_released_t: F8
    reserves: tuple[str, ...]
    structural_t: F8
    value_usd_per_t: F8
    reserve_bought_t: F8 | None = None
    fan: Fan | None = None
    summary: list[dict[str, Any]] = field(default_factory=list)
    folder: Path | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    came: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    goods: GoodsData | None = None
    prices: PriceData | None = None
    sections: Sections = INDEPENDENT
    inputs: Mapping[str, F8] = field(default_factory=dict)
    parted: Parted | None = None

    @property
    def n(self) -> int:
        """Number of replications."""
        return int(self.first_shock_day.size)

    @property
    def weights(self) -> F8:
        """What each replication counts, shape (n,): 1 on average; all 1 where equally likely."""
        return self.sections.weights(self.n)

    def pieces(self) -> Iterator[slice]:
        """Yield consecutive replications, as many as are well read at once."""
        for at in range(0, self.n, PIECE):
            yield slice(at, min(at + PIECE, self.n))

    def index(self, kind: str, name: str) -> int:
        """Return the column of a view.

        Raises
        ------
        KeyError
            If there is no such view.
        """
        for x, view in enumerate(self.views):
            if (view.kind, view.name) == (kind, name):
                return x
        raise KeyError(
            f"no view {kind} {name!r}; there are {[(v.kind, v.name) for v in self.views]}"
        )

    def of(self, measure: str, kind: str = "total", name: str = "all") -> F8:
        """Return a measure of a view, one number a replication."""
        return np.asarray(self.table[measure][:, self.index(kind, name)])

    def columns(self, kind: str) -> list[int]:
        """Return the columns of all views of a kind."""
        return [x for x, view in enumerate(self.views) if view.kind == kind]
