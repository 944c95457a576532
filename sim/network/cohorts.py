"""Split a site whose cover is a distribution into cohorts: the firm that stops first shows.

A national average hides it (MODEL.md, Words). Cohort j of n stands for an equal part of the site
and takes the quantile (j + 1/2) / n of each cover distribution. Named ``site#1`` .. ``site#n``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.network.dictionary import Feed, Lane, Network, Offtake, Project, Site
from sim.network.distribution import Distribution


class Split(NamedTuple):
    """A network whose sites have one cover each, and the names they came from."""

    network: Network
    parent: dict[str, str]  # site -> name in the file
    project_parent: dict[str, str]  # project -> name in the file


def split_cohorts(network: Network, firms: Mapping[str, int] | None = None) -> Split:
    """Return the network with every cover distribution split into cohorts.

    `firms` names end users that are split for another reason, and into how many: licences go to
    firms (``sim.shocks.firms``). It counts only where no cover is a distribution.

    Demand and capacity divide equally. Lanes into a site are copied to each cohort; a lane from a
    split refiner becomes one lane from each cohort with an equal part of share and spot weight.
    Fixed shares of a reserve divide. A project on a split refiner stands once a cohort
    (``name#j``), with an equal part of capacity and of each offtake share.
    """
    count = {name: n_cohort(site) for name, site in network.sites.items()}
    count |= {name: n for name, n in (firms or {}).items() if count[name] == 1}
    sites: dict[str, Site] = {}
    parent: dict[str, str] = {}
    for name, site in network.sites.items():
        cover = {product: _covers(feed, count[name]) for product, feed in site.feeds.items()}
        for j, cohort in enumerate(cohort_names(name, count)):
            sites[cohort] = _cohort(site, j, count[name], cover, count)
            parent[cohort] = name
    projects: dict[str, Project] = {}
    project_parent: dict[str, str] = {}
    for name, project in network.projects.items():
        for j, cohort in enumerate(cohort_names(project.site, count)):
            own = name if count[project.site] == 1 else f"{name}#{j + 1}"
            projects[own] = _project_part(project, cohort, count)
            project_parent[own] = name
    whole = network.model_copy(update={"sites": sites, "projects": projects})
    return Split(whole, parent, project_parent)


def n_cohort(site: Site) -> int:
    """Return into how many cohorts a site splits: 1 where every cover is a plain number."""
    random = any(
        isinstance(f.cover_days, Distribution) and f.cover_days.law != "fixed"
        for f in site.feeds.values()
    )
    return site.cohorts if random and site.kind in ("refiner", "end_user") else 1


def cohort_names(name: str, count: dict[str, int]) -> list[str]:
    """Return the names of a site's cohorts, its own name where it has one only."""
    n = count[name]
    return [name] if n == 1 else [f"{name}#{j + 1}" for j in range(n)]


def _covers(feed: Feed, n: int) -> list[float]:
    """Return the cover of each of a feed's n cohorts, days."""
    cover = feed.cover_days
    return mid_quantiles(cover, n) if isinstance(cover, Distribution) else n * [float(cover)]


def _cohort(
    site: Site, j: int, n: int, cover: dict[str, list[float]], count: dict[str, int]
) -> Site:
    """Return cohort `j` of `n`, with its lanes from the cohorts of its suppliers."""
    feeds = {
        product: _feed_part(feed, cover[product][j], count) for product, feed in site.feeds.items()
    }
    serves = {
        cohort: (None if share is None else share / count[buyer])
        for buyer, share in site.serves.items()
        for cohort in cohort_names(buyer, count)
    }
    update: dict[str, object] = {"feeds": feeds, "serves": serves}
    if site.capacity is not None:
        update["capacity"] = site.capacity / n
    if site.demand is not None:
        update["demand"] = site.demand / n
    return site.model_copy(update=update)


def _feed_part(feed: Feed, days: float, count: dict[str, int]) -> Feed:
    lanes: dict[str, Lane] = {}
    for supplier, lane in feed.lanes.items():
        m = count[supplier]
        part = lane.model_copy(update={"share": lane.share / m, "spot": lane.spot / m})
        lanes.update(dict.fromkeys(cohort_names(supplier, count), part))
    return feed.model_copy(update={"cover_days": days, "lanes": lanes})


def _project_part(project: Project, site: str, count: dict[str, int]) -> Project:
    n = count[project.site]
    offtake = {
        cohort: Offtake(share=o.share / n)
        for buyer, o in project.offtake.items()
        for cohort in cohort_names(buyer, count)
    }
    return project.model_copy(
        update={"site": site, "capacity": project.capacity / n, "offtake": offtake}
    )


def mid_quantiles(dist: Distribution, n: int) -> list[float]:
    """Return the quantiles (j + 1/2) / n of a distribution, j = 0 .. n - 1."""
    if dist.law == "empirical":
        return [float(x) for x in _of_list(dist, (np.arange(n) + 0.5) / n)]
    return [quantile_of(dist, (j + 0.5) / n) for j in range(n)]


def quantile_of(dist: Distribution, q: float) -> float:
    """Return the quantile `q` in (0, 1) of a distribution, by inversion.

    Laws and parameters as in Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions
    (1994-95); PERT is the beta with shapes 1 + 4 (mode - min) / (max - min) and its mirror
    (Malcolm et al. 1959).

    Examples
    --------
    >>> quantile_of(Distribution(min=10, max=30), 0.5)
    20.0
    """
    return float(_QUANTILES[dist.law](dist, q))


def _normal(d: Distribution, q: float) -> float:
    return float(d.mean + d.sd * special.ndtri(q))


def _lognormal(d: Distribution, q: float) -> float:
    if d.median is not None:
        mu = math.log(d.median)
        sigma = d.sigma if d.p90 is None else math.log(d.p90 / d.median) / special.ndtri(0.9)
    else:
        variance = math.log1p(_cv(d) ** 2)
        mu, sigma = math.log(d.mean) - variance / 2, math.sqrt(variance)  # type: ignore[arg-type]
    return math.exp(mu + sigma * special.ndtri(q))


def _cv(d: Distribution) -> float:
    return d.cv if d.cv is not None else d.sd / d.mean  # type: ignore[operator]


def _gamma(d: Distribution, q: float) -> float:
    if d.shape is None and _cv(d) == 0:
        return d.mean  # type: ignore[return-value]
    shape = d.shape if d.shape is not None else _cv(d) ** -2
    return float(d.mean / shape * special.gammaincinv(shape, q))  # type: ignore[operator]


def _beta(d: Distribution, q: float) -> float:
    if d.alpha is None:
        size = d.mean * (1 - d.mean) / d.sd**2 - 1  # type: ignore[operator]
        return float(special.betaincinv(d.mean * size, (1 - d.mean) * size, q))  # type: ignore[operator]
    low, high = (0.0, 1.0) if d.min is None else (d.min, d.max)
    return float(low + (high - low) * special.betaincinv(d.alpha, d.beta, q))  # type: ignore[operator]


def _pert(d: Distribution, q: float) -> float:
    low, mode, high = d.min, d.mode, d.max
    if low == high:
        return low  # type: ignore[return-value]
    rise = 4 * (mode - low) / (high - low)  # type: ignore[operator]
    return float(low + (high - low) * special.betaincinv(1 + rise, 5 - rise, q))  # type: ignore[operator]


def _triangular(d: Distribution, q: float) -> float:
    low, mode, high = d.min, d.mode, d.max
    width = high - low  # type: ignore[operator]
    if width == 0:
        return low  # type: ignore[return-value]
    if q < (mode - low) / width:  # type: ignore[operator]
        return low + math.sqrt(q * width * (mode - low))  # type: ignore[operator]
    return high - math.sqrt((1 - q) * width * (high - mode))  # type: ignore[operator]


def _empirical(d: Distribution, q: float) -> float:
    return float(_of_list(d, np.array([q]))[0])


def _of_list(d: Distribution, q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smallest values whose share of weight, with all smaller ones, reaches each q."""
    values = np.asarray(d.values, float)
    weights = np.ones(len(values)) if d.weights is None else np.asarray(d.weights, float)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    at = np.minimum(np.searchsorted(reached, q - 1e-12), len(values) - 1)
    return values[order][at]


_QUANTILES = {
    "fixed": lambda d, q: d.value,
    "uniform": lambda d, q: d.min + q * (d.max - d.min),
    "exponential": lambda d, q: -d.mean * math.log1p(-q),
    "normal": _normal,
    "lognormal": _lognormal,
    "gamma": _gamma,
    "weibull": lambda d, q: d.scale * (-math.log1p(-q)) ** (1 / d.shape),
    "pareto": lambda d, q: d.min * (1 - q) ** (-1 / d.exponent),
    "beta": _beta,
    "pert": _pert,
    "triangular": _triangular,
    "empirical": _empirical,
}
