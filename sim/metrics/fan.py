"""The fan: quantiles over time of the share of demand that went short."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.metrics.risk import rank
from sim.results.data import Fan

LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)


def fan(share: NDArray[np.floating], levels: tuple[float, ...] = LEVELS) -> Fan:
    """Return quantiles and mean over the replications, for each period and view.

    Parameters
    ----------
    share : ndarray, shape (n_period, n_view, n)
        Shortfall / wanted of each replication, ``sim.metrics.loss.share_trajectories``; float32
        will do.
    levels : tuple of float, optional
        Quantile levels, ascending.

    Returns
    -------
    Fan
        Quantiles as VaR has them (the smallest share with P(share <= x) >= level), pointwise in
        time; mean with Student's 95 % interval, cut to [0, 1], NaN where there is one replication.

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
    mean, half = np.empty((n_period, n_view)), np.full((n_period, n_view), np.nan)
    student = float(special.stdtrit(n - 1, 0.975)) if n > 1 else math.nan
    for k in range(n_period):  # a period at a time: the sorted copy stays small
        ordered = np.sort(share[k], axis=1)
        out[:, k] = ordered[:, at].T
        mean[k] = ordered.mean(axis=1, dtype=np.float64)
        if n > 1:
            half[k] = student * ordered.std(axis=1, ddof=1, dtype=np.float64) / math.sqrt(n)
    return Fan(
        levels=tuple(levels),
        share=out,
        mean=mean,
        mean_low=np.maximum(mean - half, 0.0),
        mean_high=np.minimum(mean + half, 1.0),
        n=n,
    )
