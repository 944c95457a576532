"""The uncertain parameters of a study: which they are, and their numbers at a probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.network.arrays import F8
from sim.run.case import Study
from sim.shocks.kernel.quantile import quantile

EDGE = 1e-9
"""How near to 0 and 1 a law is asked: many are infinite there."""


def uncertain(study: Study) -> list[int]:
    """Return the rows of ``Tape.parameter`` that are drawn for ``parameters`` of the settings.

    A parameter of ``each: true`` has a row for each site. What is fixed is no input, nor are the
    weights of home and the numbers of losses, which are drawn beside the parameters.
    """
    hazards, settings = study.hazards, study.settings
    known = {**settings.network.parameters, **settings.scenario.parameters}
    each = {name for name, parameter in known.items() if parameter.each}
    rows = hazards.rules.parameter
    return [
        d
        for d, name in enumerate(hazards.draw_names)
        if (name in known or name.partition("/")[0] in each)
        and np.isnan(hazards.numbers.fixed[rows[d]["law"]])
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
