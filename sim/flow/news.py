"""What rows of a tape tell of flows to come: announced controls (docs/model.md, section 7b)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import F8
from sim.shocks.tape import ANNOUNCED, LANE_CAP, Tape


def news_of(tape: Tape) -> F8:
    """Return what each row of a tape tells of its lanes' future flow: the share to be barred.

    An announcement tells the highest severity of the control that it announces (the row of the
    same shock and effect); where there is none, because it was called off, it is taken for a whole
    ban. Rows of other kinds tell nothing: 0.
    """
    news = np.zeros(tape.row_kind.size)
    told = np.flatnonzero(tape.row_kind == ANNOUNCED)
    if told.size:
        control = _controls_of(tape, told)
        news[told] = np.where(control < 0, 1.0, _highest(tape)[control])
    return news


def _controls_of(tape: Tape, told: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the last row of kind cap of each row's shock and effect; -1 where there is none."""
    width = int(tape.row_effect.max()) + 1
    key = tape.row_shock.astype(np.int64) * width + tape.row_effect
    caps = np.flatnonzero(tape.row_kind == LANE_CAP)
    caps = caps[np.argsort(key[caps], kind="stable")]
    at = np.searchsorted(key[caps], key[told], side="right") - 1
    caps, at = np.append(caps, -1), np.where(at < 0, caps.size, at)
    return np.where(key[caps[at]] == key[told], caps[at], -1)


def _highest(tape: Tape) -> F8:
    """Return the highest value of each row, at least 0."""
    first = np.minimum(tape.point_ptr[:-1], tape.point_value.size - 1)
    highest = np.maximum.reduceat(tape.point_value, first)
    return np.where(np.diff(tape.point_ptr) > 0, np.maximum(highest, 0.0), 0.0)
