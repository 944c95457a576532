"""A study as a model of the EMA workbench (extra ``shortfall[importance]``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.connect.parameters import losses, problem_of
from sim.run.case import Study


def model_of(
    study: Study, futures: Sequence[int] = (0,), views: Sequence[tuple[str, str]] = ()
) -> Any:
    """Return a model whose uncertainties are the study's uncertain parameters, each of 0 to 1.

    Parameters
    ----------
    study : Study
        What is played.
    futures : sequence of int, optional
        Replications whose hazards and projects every experiment meets.
    views : sequence of (str, str), optional
        End users whose mean shortfall is an outcome, such as ("region", "JPN"), which is then named
        region_JPN; by default those of all: total_all.

    Raises
    ------
    ImportError
        If the workbench is not installed.

    Examples
    --------
    >>> perform_experiments(model_of(study), 100)                # doctest: +SKIP
    """
    from ema_workbench import Model, RealParameter, ScalarOutcome

    shown = list(views) or [("total", "all")]
    names = problem_of(study)["names"]
    words = {f"x{d}": name for d, name in enumerate(names)}  # the workbench wants identifiers

    def play(**given: float) -> Mapping[str, float]:
        u = np.array([[given[word] for word in words]])
        return {f"{kind}_{name}": float(losses(study, u, futures, (kind, name))[0])
                for kind, name in shown}  # fmt: skip

    model = Model("shortfall", function=play)
    model.uncertainties = [RealParameter(word, 0.0, 1.0) for word in words]
    model.outcomes = [ScalarOutcome(f"{kind}_{name}") for kind, name in shown]
    return model
