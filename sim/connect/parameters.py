"""The uncertain numbers of a study as a problem that others sample, and their samples played.

An input is a number of (0, 1): the probability up to which the law of an uncertain parameter is
taken. So all inputs are uniform and independent, whatever the laws, and a sample of SALib's or the
EMA workbench's replaces the draws of the parameters; hazards and projects keep their own luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import F8
from sim.run.case import Study
from sim.run.sampling import refuse_strata
from sim.run.uncertain import numbers_at

AT_ONCE = 1024
"""Plays a call of the engine."""


def problem_of(study: Study) -> dict[str, Any]:
    """Return the uncertain parameters of a study as SALib describes a problem.

    Examples
    --------
    >>> problem = problem_of(study)                              # doctest: +SKIP
    >>> u = SALib.sample.sobol.sample(problem, 64)               # doctest: +SKIP
    >>> SALib.analyze.sobol.analyze(problem, losses(study, u))   # doctest: +SKIP
    """
    names = list(study.hazards.draw_names)
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def values_of(study: Study, u: F8) -> F8:
    """Return the parameters at some points of the unit cube, shape (n_parameter, n).

    Parameters
    ----------
    study : Study
        Whose laws.
    u : ndarray, shape (n, n_parameter)
        Numbers of 0 to 1, in the order of ``problem_of``.

    Raises
    ------
    ValueError
        If the points have another number of inputs, or lie outside.
    """
    n_draw = study.hazards.draws.key.size
    if u.ndim != 2 or u.shape[1] != n_draw:
        raise ValueError(f"points of shape {u.shape}, expected (n, {n_draw})")
    if not ((u >= 0) & (u <= 1)).all():
        raise ValueError("points must lie from 0 to 1")
    return numbers_at(study, range(n_draw), u)


def losses(
    study: Study,
    u: F8,
    futures: Sequence[int] = (0,),
    view: tuple[str, str] = ("total", "all"),
) -> F8:
    """Return the mean shortfall at each point, tonnes, shape (n,).

    Parameters
    ----------
    study : Study
        What is played.
    u : ndarray, shape (n, n_parameter)
        Points of the unit cube.
    futures : sequence of int, optional
        Replications whose hazards and projects every point meets; their mean is told.
    view : (str, str), optional
        Kind and name of the end users that count, such as ("region", "JPN").

    Raises
    ------
    KeyError
        If there is no such view.
    """
    refuse_strata(study.settings.run)
    names = [(v.kind, v.name) for v in study.views]
    if view not in names:
        raise KeyError(f"no view {view}; there are {names}")
    x, values = names.index(view), values_of(study, u)
    n, k = u.shape[0], len(futures)
    numbers = np.tile(np.asarray(futures, np.int64), n)
    point = np.repeat(np.arange(n), k)
    found = np.empty(n * k)
    for at in range(0, n * k, AT_ONCE):
        part = slice(at, min(at + AT_ONCE, n * k))
        found[part] = _shortfall(study, numbers[part], values[:, point[part]], x)
    mean: F8 = found.reshape(n, k).mean(axis=1)
    return mean


def _shortfall(study: Study, numbers: NDArray[np.int64], values: F8, x: int) -> F8:
    tape = study.tape(numbers)._replace(parameter=np.ascontiguousarray(values))
    return study.shortfalls(tape, np.zeros(1, np.uint8))[:, x]
