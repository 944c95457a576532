"""The fan: quantiles over time of the share of demand that went short."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.metrics.answer import CONFIDENCE, F8, Estimate
from sim.metrics.hall import Bounds
from sim.metrics.risk import rank
from sim.metrics.sections import INDEPENDENT, Sections
from sim.metrics.statistics import Batch, answers
from sim.metrics.weighted import Rows
from sim.results.data import Fan

LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)
NONE = (np.nan, np.nan)


def fan(
    share: NDArray[np.floating],
    levels: tuple[float, ...] = LEVELS,
    bounds: Bounds = Bounds(0.0, 1.0, 1.0),  # noqa: B008  it cannot change
    sections: Sections = INDEPENDENT,
) -> Fan:
    """Return quantiles and mean over the replications, for each period and view.

    Parameters
    ----------
    share : ndarray, shape (n_period, n_view, n)
        Shortfall / wanted of each replication, ``sim.metrics.loss.share_trajectories``; float32
        will do.
    levels : tuple of float, optional
        Quantile levels, ascending.
    bounds : Bounds, optional
        What is possible; a share's by default.
    sections : Sections, optional
        How replications belong together; those of a begun block count for no interval.

    Returns
    -------
    Fan
        Quantiles as VaR has them (the smallest share with P(share <= x) >= level), pointwise in
        time; mean with its 95 % interval (``sim.metrics.means``), NaN of one replication.

    Raises
    ------
    ValueError
        If there is no replication.
    """
    n_period, n_view, n = share.shape
    if n == 0:
        raise ValueError("a fan needs a replication")
    at = [rank(n, level) - 1 for level in levels]
    out = np.empty((len(levels), n_period, n_view))
    mean = np.empty((n_period, n_view))
    limits = np.full((2, n_period, n_view), np.nan)
    for k in range(n_period):  # a period at a time: the sorted copy stays small
        if sections.weighted:
            _weighted(share[k], levels, bounds, sections, (out[:, k], mean[k], limits[:, k]))
            continue
        ordered = np.sort(share[k], axis=1)
        out[:, k] = ordered[:, at].T
        mean[k] = ordered.mean(axis=1, dtype=np.float64)
        if n > 1:
            rows = share[k].astype(np.float64, copy=False)
            limits[:, k] = _limits(ordered.astype(np.float64, copy=False), rows, bounds, sections)
    return Fan(
        levels=tuple(levels),
        share=out,
        mean=mean,
        mean_low=limits[0],
        mean_high=limits[1],
        n=n,
    )


def _weighted(
    share: NDArray[np.floating],
    levels: tuple[float, ...],
    bounds: Bounds,
    sections: Sections,
    to: tuple[F8, F8, F8],
) -> None:
    """Write quantiles, means and limits of a period of futures that are not equally likely."""
    rows = Rows(share.astype(np.float64), sections)
    for at, level in zip(to[0], levels, strict=True):
        at[:] = rows.quantile(np.full(len(share), level))[0]
    to[1][:] = rows.mean(rows.values)
    half = rows.reach(rows.values, to[1], CONFIDENCE)
    to[2][0] = np.maximum(to[1] - half, bounds.low)
    to[2][1] = np.minimum(to[1] + half, np.maximum(bounds.mean, to[1]))


def _limits(ordered: F8, rows: F8, bounds: Bounds, sections: Sections) -> F8:
    """Return the limits of mean shares, shape (2, n_view)."""
    batch = Batch(rows.shape[1], ordered, bounds, rows, sections)
    found = [(a.low, a.high) if isinstance(a, Estimate) else NONE for a in answers(batch, "mean")]
    return np.array(found, dtype=float).T
