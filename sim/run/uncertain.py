"""The uncertain parameters of a study: which they are, and their numbers at a probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.network.arrays import F8
from sim.run.case import Study
from sim.shocks.kernel.quantile import quantile
from sim.shocks.loss_rows import LOSS_BOUNDS
from sim.shocks.tape import PARAMETERS

EDGE = 1e-9
"""How near to 0 and 1 a law is asked: many are infinite there."""


def uncertain(study: Study) -> list[int]:
    """Return the rows of ``Tape.parameter`` that are drawn for the network and vary.

    Those of ``parameters``, a row for each site where each has its own, and the weights of home.
    The numbers of losses are drawn beside them and move no tonne.
    """
    hazards = study.hazards
    return [
        d
        for d, row in enumerate(hazards.rules.parameter[: len(hazards.draw_names)])
        if PARAMETERS[hazards.draws.key[d]] not in LOSS_BOUNDS
        and np.isnan(hazards.numbers.fixed[row["law"]])
    ]


def numbers_at(study: Study, draws: Sequence[int], u: F8) -> F8:
    """Return drawn numbers at probabilities, shape (n_draw, n).

    Parameters
    ----------
    study : Study
        Whose laws.
    draws : sequence of int
        Rows of ``Tape.parameter``.
    u : ndarray, shape (n, n_draw)
        Probabilities up to which the law of each is taken.
    """
    hazards = study.hazards
    inside = np.clip(u, EDGE, 1.0 - EDGE)
    found = np.empty((len(draws), u.shape[0]))
    for x, draw in enumerate(draws):
        row = hazards.rules.parameter[draw]
        drawn = [quantile(hazards.numbers.laws, row["law"], p) for p in inside[:, x]]
        found[x] = np.clip(drawn, row["low"], row["high"])
    return found
