"""Numbers of sites as they were drawn, for what is worked out of trajectories afterwards."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.flow.play import Play
from sim.network.arrays import F8
from sim.shocks.tape import PARAMETERS, Tape


class LossDraws(NamedTuple):
    """What value added hangs on as drawn, site first, replication last (S, n)."""

    dependence: F8
    recapture: F8
    multiplier: F8  # 1 + network_share x (backward_linkage - 1)


def loss_draws(play: Play, tape: Tape) -> LossDraws:
    """Return what value added hangs on in each replication of a tape."""
    linkage = play.compiled.chain.backward_linkage[:, None]
    return LossDraws(
        drawn(play, tape, "dependence"),
        drawn(play, tape, "recapture"),
        1.0 + drawn(play, tape, "network_share") * (linkage - 1.0),
    )


def drawn(play: Play, tape: Tape, key: str) -> F8:
    """Return a column of the chain as the draws set it, shape (S, n)."""
    column, draws = getattr(play.compiled.chain, key), play.draws
    values = np.repeat(np.asarray(column)[:, None], tape.replication.size, axis=1)
    for d in np.flatnonzero(draws.key == PARAMETERS.index(key)):
        values[draws.index[draws.ptr[d] : draws.ptr[d + 1]]] = tape.parameter[d]
    return np.ascontiguousarray(values)
