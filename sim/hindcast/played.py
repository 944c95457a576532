"""Some futures of an episode, all of it traced; how flows and firms are read off them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import Fault, UserError, nearest
from sim.base.units import DAYS_PER_YEAR
from sim.flow.kernel.vector import WIDTH
from sim.flow.trajectories import Flow
from sim.hindcast.facts import Fact, next_month
from sim.network.arrays import F8
from sim.run.case import Study

MONTH_DAYS = DAYS_PER_YEAR / 12
B1 = NDArray[np.bool_]
INSIDE, OUTSIDE = "inside", "outside"
"""Places of a price: the region that makes most of the product, and all others."""


@dataclass(frozen=True)
class Played:
    """Some futures of an episode.

    Parameters
    ----------
    study : Study
        The scenario that imposes the episode's inputs.
    news, onset : datetime.date
        Day on which it became known; day from which lags and days are counted.
    flow : Flow
        Of n futures, traced.
    constants : mapping
        Of ``data/hindcasts/constants.csv``.
    """

    study: Study
    news: dt.date
    onset: dt.date
    flow: Flow
    constants: dict[str, float]

    @property
    def n(self) -> int:
        """How many futures."""
        return int(self.flow.want.shape[2])

    @property
    def onset_day(self) -> int:
        """Days from the start to the onset."""
        return (self.onset - self.study.settings.scenario.start).days

    @property
    def horizon_days(self) -> float:
        """Days that are watched from the onset on."""
        return float(self.study.n_period * self.study.compiled.chain.step_days - self.onset_day)

    def share_of_normal(self, fact: Fact, first: dt.date, end: dt.date) -> F8:
        """Return the flow of a fact in some days over its normal, shape (n,)."""
        weights, (moved, normal) = self.weights(first, end), self.moved(fact)
        out: F8 = np.asarray(weights @ moved / (weights.sum() * normal))
        return out

    def by_month(self, fact: Fact, first: dt.date, end: dt.date) -> F8:
        """Return the flow of a fact over its normal in every whole month, shape (months, n)."""
        return np.array([self.share_of_normal(fact, a, b) for a, b in months(first, end)])

    def weights(self, first: dt.date, end: dt.date) -> F8:
        """Return the share of every period that lies in some days, shape (K,)."""
        start, step = self.study.settings.scenario.start, self.study.compiled.chain.step_days
        edges = step * np.arange(self.study.n_period + 1)
        inside = np.clip(edges, (first - start).days, (end - start).days)
        out: F8 = np.diff(inside) / step
        return out

    def moved(self, fact: Fact) -> tuple[F8, float]:
        """Return what moved, shape (K, n), and the normal, tonnes a period."""
        assert self.flow.trace is not None
        lanes = lanes_of(self.study, fact)
        trace = self.flow.trace
        tonnes = trace.arrived if fact.kind.startswith("import") else trace.shipped
        return tonnes[:, lanes].sum(axis=1), float(self.study.compiled.reference_lane[lanes].sum())

    def normal_t(self, fact: Fact) -> float:
        """Return the model's normal of a flow, tonnes a month."""
        return normal_t(self.study, fact)

    @cached_property
    def served(self) -> F8:
        """What every end-user site had of what it wanted, shape (K, sites, n); NaN of others."""
        assert self.flow.trace is not None
        chain = self.study.compiled.chain
        share = np.full((self.study.n_period, chain.kind.size, self.n), np.nan)
        for i in np.flatnonzero(chain.group >= 0):
            mates = chain.group == chain.group[i]
            want = self.flow.want[:, chain.group[i]] * (chain.demand[i] / chain.demand[mates].sum())
            feeds = range(chain.feed_ptr[i], chain.feed_ptr[i + 1])
            had = [self._used(f) / chain.coefficient[f] for f in feeds]
            with np.errstate(invalid="ignore", divide="ignore"):
                share[:, i] = np.where(want > 0, np.min(had, axis=0) / want, 1.0)
        return share

    def _used(self, f: int) -> F8:
        """Return what a feed gave to its site, shape (K, n): what came and what left its stock.

        What a reserve released to it is left out, so that it errs to too little there.
        """
        assert self.flow.trace is not None
        chain, trace = self.study.compiled.chain, self.flow.trace
        lanes = chain.lane_of[chain.lane_ptr[f] : chain.lane_ptr[f + 1]]
        stock = trace.stock[:, f]
        before = np.concatenate([stock[:1] * np.nan, stock[:-1]])
        came = trace.arrived[:, lanes].sum(axis=1)
        used = before + came - stock
        used[0] = chain.coefficient[f] * chain.demand[chain.feed_site[f]]  # rest, by law
        out: F8 = np.maximum(used, 0.0)
        return out


def lanes_of(study: Study, fact: Fact) -> NDArray[np.int64]:
    """Return the lanes of a fact's flow.

    Raises
    ------
    UserError
        With the fact's place, if it names what the network lacks, or no lane is such a flow.
    """
    chain, labels = study.compiled.chain, study.compiled.labels
    check_names(study, fact)
    supplier, buyer = chain.supplier, chain.feed_site[chain.lane_feed]
    country = np.array(labels.site_country)
    mask = np.isin(np.array(labels.site_product)[supplier], fact.product)
    mask &= (country[supplier] != country[buyer]) & places(study, fact.to)[buyer]
    mask &= (country[supplier] == fact.origin) if fact.origin else True
    found = np.flatnonzero(mask)
    if not study.compiled.reference_lane[found].sum() > 0:
        expected = "nothing of it flows there in this network at rest"
        raise UserError(Fault("product", ";".join(fact.product), expected, fact.at))
    return found


def sites_of(study: Study, fact: Fact) -> B1:
    """Return which sites make a fact's products in its places.

    Raises
    ------
    UserError
        With the fact's place, if it names what the network lacks, or there is no such site.
    """
    check_names(study, fact)
    mask = np.isin(np.array(study.compiled.labels.site_product), fact.product)
    mask &= places(study, fact.to)
    if not mask.any():
        raise UserError(Fault("to", ";".join(fact.to), "no site there makes it", fact.at))
    return mask


def places(study: Study, names: Sequence[str]) -> B1:
    """Return which sites lie in the regions or countries named; all where none is."""
    labels = study.compiled.labels
    if not names:
        return np.ones(len(labels.site), np.bool_)
    found: B1 = np.isin(np.array(labels.site_region), names)
    return found | np.isin(np.array(labels.site_country), names)


def check_names(study: Study, fact: Fact) -> None:
    """Refuse products and places that the network lacks.

    Raises
    ------
    UserError
        With the file and line of the fact, the key and the nearest name.
    """
    labels = study.compiled.labels
    known_places = {*labels.site_region, *labels.site_country, INSIDE, OUTSIDE} - {""}
    made = set(labels.site_product)
    asked = [("product", p, made) for p in fact.product] + [
        ("to", r, known_places) for r in fact.to
    ]
    asked += [("origin", fact.origin, set(labels.site_country))] if fact.origin else []
    network = study.settings.network.title
    faults = [
        Fault(key, name, f"the network ({network}) lacks it{nearest(name, known)}", fact.at)
        for key, name, known in asked
        if name not in known
    ]
    if not fact.product:
        faults.append(Fault("product", "", "a fact of this kind names what it is of", fact.at))
    if faults:
        raise UserError(faults)


def normal_t(study: Study, fact: Fact) -> float:
    """Return the model's normal of a flow, tonnes a month."""
    chain = study.compiled.chain
    t = float(study.compiled.reference_lane[lanes_of(study, fact)].sum())
    return t / chain.step_days * MONTH_DAYS


def months(first: dt.date, end: dt.date) -> list[tuple[dt.date, dt.date]]:
    """Return the first day of every month from `first` on, and of the next, until `end`."""
    found = []
    while (after := next_month(first)) <= end:
        found.append((first, after))
        first = after
    return found


CHUNK = max(WIDTH, 64)
"""Futures traced at once: bounds the memory that traces take."""
