"""Chances of a loss larger than x: the curve with its band, and the tail's two numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.base.sections import INDEPENDENT, Sections
from sim.metrics import precision
from sim.network.arrays import F8

LEVEL = 0.95
TAIL = 10
"""Replications beyond a point with fewer of which no curve is drawn: its band is wider than it."""


def curve(
    loss: F8, also: Sequence[float] = (), sections: Sections = INDEPENDENT
) -> tuple[F8, F8, F8, F8]:
    """Return x, P(loss > x) and its pointwise 95 % Clopper-Pearson band.

    Parameters
    ----------
    loss : ndarray, shape (n,)
        Loss of each replication.
    also : sequence of float, optional
        Points that are never thinned away, so that marks there lie on the curve.
    sections : Sections, optional
        How replications belong together: weighted, losses are in their order and the band is that
        of blocks.

    Returns
    -------
    x, p, low, high : ndarray
        Ascending losses, from 0 to where `TAIL` replications are left.
    """
    ordered = np.sort(loss)
    n = ordered.size
    drawn = ordered[: max(1, n - TAIL)]
    marks = [value for value in also if 0 <= value <= drawn[-1]]
    x = np.unique(np.r_[0.0, _candidates(drawn), marks])
    beyond = n - np.searchsorted(ordered, x, side="right")
    kept = np.union1d(_thinned(x, beyond), np.searchsorted(x, marks)).astype(np.int64)
    x, beyond = x[kept], beyond[kept]
    if sections.weighted:
        return x, *_weighted(loss, x, sections)
    low = np.where(
        beyond > 0, special.betaincinv(np.maximum(beyond, 1), n - beyond + 1, 0.025), 0.0
    )
    high = np.where(
        beyond < n, special.betaincinv(beyond + 1, np.maximum(n - beyond, 1), 0.975), 1.0
    )
    return x, beyond / n, low, high


def _weighted(loss: F8, x: F8, sections: Sections) -> tuple[F8, F8, F8]:
    """Return P(loss > x) and its band of replications that are not equally likely."""
    found = [precision.chance(loss > at, sections=sections) for at in x.tolist()]
    told = [a[:3] if isinstance(a, precision.Estimate) else (np.nan,) * 3 for a in found]
    p, low, high = np.array(told).T
    return p, low, high


def _candidates(ordered: F8, most: int = 20_000) -> F8:
    """Return ascending losses, or of very many those at even losses and at even chances."""
    n = ordered.size
    if n <= 10 * most:
        return ordered
    even_x = np.searchsorted(ordered, np.linspace(ordered[0], ordered[-1], most), side="right") - 1
    even_p = n - np.geomspace(1, n, most).astype(np.int64)
    kept: F8 = ordered[np.unique(np.r_[even_x, even_p])]
    return kept


def _thinned(x: F8, beyond: NDArray[np.int64], most: int = 400) -> NDArray[np.int64]:
    """Return which points to draw: all, or enough that the eye sees no difference."""
    if x.size <= most:
        return np.arange(x.size)
    even_x = np.searchsorted(x, np.linspace(x[0], x[-1], most // 2), side="right") - 1
    levels = np.geomspace(max(beyond[0], 1), max(beyond[-1], 1), most // 2)
    even_p = np.searchsorted(-beyond, -levels, side="left")
    return np.unique(np.r_[0, even_x, np.minimum(even_p, x.size - 1), x.size - 1])


def tail(loss: F8, sections: Sections = INDEPENDENT) -> tuple[float | None, float | None]:
    """Return VaR and CVaR at `LEVEL`, None where the sample does not support one."""
    how = sections if sections.weighted else INDEPENDENT
    answers = (
        precision.quantile(loss, LEVEL, sections=how),
        precision.cvar(loss, LEVEL, sections=how),
    )
    return tuple(None if isinstance(a, precision.Refused) else a.value for a in answers)  # type: ignore[return-value]
