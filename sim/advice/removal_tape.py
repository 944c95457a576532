"""A tape whose replications are removals side by side: no chance in it, one engine call for all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.advice.removals import Removal
from sim.network.arrays import F8, I4
from sim.shocks.tape import AVAILABILITY, LANE_CAP, Tape, Targets, quiet_tape


def removal_tape(
    sets: Sequence[Sequence[Removal]], severity: float, days: float, start_days: F8
) -> tuple[Targets, Tape]:
    """Return a tape in which replication j is the removal of everything in ``sets[j]``.

    Each removal is one shock from day 0 to `days`, with one row on its sites (capacity lost) and
    one on its lanes (flow barred), as it has either. No parameter is drawn.

    Parameters
    ----------
    sets : sequence of sequences of Removal
        One a replication; an empty one is a replication in which nothing happens.
    severity : float
        Share that stops, 0 to 1.
    days : float
        How long.
    start_days : ndarray, shape (n_project,)
        When projects start, in all replications alike; inf: never.

    Returns
    -------
    Targets, Tape
        For ``sim.flow.engine.simulate``.
    """
    rows = [
        (j, shock, kind, index)
        for j, removals in enumerate(sets)
        for shock, removal in enumerate(removals)
        for kind, index in ((AVAILABILITY, removal.sites), (LANE_CAP, removal.lanes))
        if index.size
    ]
    shocks, first = _offsets([len(removals) for removals in sets]), [len(s) for s in sets]
    n_row, n_shock = len(rows), int(shocks[-1])
    per_set = np.bincount([j for j, *_ in rows], minlength=len(sets)) if rows else [0] * len(first)
    starts = np.repeat(start_days[:, None], len(sets), axis=1)
    tape = quiet_tape(len(sets), project_start_days=starts)._replace(
        shock_ptr=shocks,
        shock_hazard=np.zeros(n_shock, np.int32),
        announce_days=np.zeros(n_shock),
        onset_days=np.zeros(n_shock),
        end_days=np.full(n_shock, float(days)),
        called_off=np.zeros(n_shock, np.bool_),
        row_ptr=_offsets(per_set),
        row_shock=np.array([shocks[j] + s for j, s, *_ in rows], np.int32),
        row_effect=np.arange(n_row, dtype=np.int32),
        row_kind=np.array([kind for _, _, kind, _ in rows], np.int32),
        point_ptr=2 * np.arange(n_row + 1, dtype=np.int32),
        point_day=np.tile([0.0, float(days)], n_row),
        point_value=np.full(2 * n_row, float(severity)),
    )
    index = [i for *_, i in rows]
    joined = np.concatenate(index) if index else np.zeros(0)
    return Targets(_offsets([i.size for i in index]), joined.astype(np.int32)), tape


def _offsets(sizes: Sequence[int] | np.ndarray) -> I4:
    return np.array([0, *np.cumsum(sizes)], np.int32)
