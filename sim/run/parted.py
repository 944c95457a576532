"""Where futures part: the fan with and without the hazard that makes the largest difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.metrics.fan import fan
from sim.results.data import Parted, View

ENOUGH = 40
"""Futures of each kind below which nothing is told apart."""


def parted_by(
    share: NDArray[np.float32], views: Sequence[View], came: Mapping[str, NDArray[np.bool_]]
) -> Parted | None:
    """Return the fans of regions where a hazard came and where not; None where none parts them.

    Parameters
    ----------
    share : ndarray, shape (n_period, n_view, n)
        Shortfall / wanted of each replication.
    views : sequence of View
        Regions.
    came : mapping
        Title of a hazard that may not come -> whether it took effect, in the first replications.
    """
    n = share.shape[2]
    total = share.mean(axis=0, dtype=np.float64)  # (n_view, n)
    apart = {
        hazard: float(np.max(np.abs(total[:, took[:n]].mean(1) - total[:, ~took[:n]].mean(1))))
        for hazard, took in came.items()
        if took.size >= n and ENOUGH <= np.count_nonzero(took[:n]) <= n - ENOUGH
    }
    most = max(apart, key=lambda hazard: apart[hazard], default="")
    if not most or not apart[most] > 0:
        return None
    took = came[most][:n]
    return Parted(most, tuple(views), fan(share[:, :, took]), fan(share[:, :, ~took]))
