"""Play removals through the compiled engine and judge what they do to the end users."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.advice.removal_tape import removal_tape
from sim.advice.removals import Removal
from sim.base.units import day_of
from sim.flow.engine import simulate
from sim.flow.play import Play
from sim.metrics.loss import measure, views_of
from sim.metrics.views import Views, with_judged
from sim.network.arrays import F8, CompiledNetwork
from sim.network.dictionary import Network
from sim.network.distribution import Distribution
from sim.results.blocks import Arrays
from sim.run.audit import audit
from sim.run.many import in_memory
from sim.shocks.tape import EMPTY_DRAWS, Tape

CHUNK = 64
"""Removals a call of the engine: bounds memory, gives the threads something to share."""

MEASURES = ("shortfall_t", "wanted_t", "worst_share", "days_short", "time_to_survive_days",
        "time_to_recover_days")  # fmt: skip


@dataclass(frozen=True)
class Stop:
    """How hard and how long a thing is removed, and how long one watches.

    Parameters
    ----------
    severity : float
        Share that stops, 0 to 1.
    days : int
        From day 0 on.
    n_period : int
        Periods that are simulated; a stop that lasts as long never ends.
    step_days : int
        Length of a period.
    project_start_days : ndarray, shape (n_project,)
        When projects start; inf: never.
    """

    severity: float
    days: int
    n_period: int
    step_days: int
    project_start_days: F8

    @property
    def ends(self) -> bool:
        """Whether the stop ends before one stops watching."""
        return self.days < self.n_period * self.step_days


def certain_starts(network: Network, compiled: CompiledNetwork, start: dt.date) -> F8:
    """Return the planned start of the projects that are certain, in days; inf for the others."""
    days = []
    for name in compiled.labels.project:
        project = network.projects[name]
        delay = project.delay_days
        planned = project.start
        day = day_of(planned, start) if isinstance(planned, dt.date) else float(planned)
        certain = project.probability == 1 and not isinstance(delay, Distribution)
        days.append(day + float(delay) if certain else math.inf)  # type: ignore[arg-type]
    return np.array(days, np.float64)


def views_for(compiled: CompiledNetwork, groups: np.ndarray) -> Views:
    """Return the views of a network, with those end users that count as the last one."""
    return with_judged(views_of(compiled.labels), np.flatnonzero(groups).tolist(), compiled.labels)


def play(
    compiled: CompiledNetwork,
    views: Views,
    sets: Sequence[Sequence[Removal]],
    stop: Stop,
    workers: int = 1,
    tick: Callable[[int], object] = lambda n: None,
) -> dict[str, F8]:
    """Return the measures of every set of removals; the result is the same for any `workers`.

    Parameters
    ----------
    compiled : CompiledNetwork
        Compiled for at least ``stop.n_period`` periods.
    views : Views
        Sets of end users.
    sets : sequence of sequences of Removal
        What stops at the same time.
    stop : Stop
        How hard and how long.
    workers : int, optional
        Threads.
    tick : callable, optional
        Called with the number of sets that have become ready, that of no removal among them.

    Returns
    -------
    dict of ndarray, shape (n_set, n_view)
        shortfall_t (beyond what is short with nothing removed), wanted_t, worst_share, days_short,
        time_to_survive_days (NaN: never short), time_to_recover_days (from the start of the stop;
        NaN: never short, or still short at the end).
    """
    every = [(), *sets]

    def compute(numbers: NDArray[np.int64], flag: NDArray[np.uint8]) -> Arrays:
        return judged(compiled, views, [every[j] for j in numbers], stop)

    return harm(in_memory(compute, len(every), CHUNK, workers, tick), stop)


def harm(found: dict[str, F8], stop: Stop) -> dict[str, F8]:
    """Return what sets do beyond the first of them, in which nothing is removed; see ``play``."""
    whole = {name: values[1:] for name, values in found.items()}
    whole["shortfall_t"] = np.maximum(0.0, whole["shortfall_t"] - found["shortfall_t"][:1])
    horizon = stop.n_period * stop.step_days
    unended = whole["time_to_recover_days"] >= horizon
    whole["time_to_recover_days"][unended] = np.nan
    return whole


def judged(
    compiled: CompiledNetwork, views: Views, sets: Sequence[Sequence[Removal]], stop: Stop
) -> dict[str, F8]:
    """Return the measures of each set of removals, as they are."""
    flow = simulate(*_played(compiled, sets, stop))
    table = measure(flow, views, stop.step_days, np.zeros(len(sets)))
    return {m: table[m] for m in MEASURES}


def _played(
    compiled: CompiledNetwork, sets: Sequence[Sequence[Removal]], stop: Stop
) -> tuple[Play, Tape]:
    """Return the removals as a tape, and what it is played on."""
    targets, tape = removal_tape(sets, stop.severity, stop.days, stop.project_start_days)
    return Play(compiled, targets, EMPTY_DRAWS, stop.n_period), tape


def check(compiled: CompiledNetwork, sets: Sequence[Sequence[Removal]], stop: Stop) -> None:
    """Play some sets again in the SimPy model.

    Raises
    ------
    AuditFailure
        If the engines differ in a bit.
    """
    audit(*_played(compiled, sets, stop), seed=0)
