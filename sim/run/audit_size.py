"""How much of a run the audit plays again: by counts and never by a clock, so it is the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.base.rng import stream_id, uniform
from sim.run.case import Study

SHARE = 0.1
"""Of a run's work that its audit may take."""
COMPILED_S = 10e-9
SIMPY_S = 25e-6
"""Processor time of one lane in one period of one replication, by the rare-earth chain on a machine
of 2022 that does nothing else. Lanes are most of the work; a busy machine takes twice as long."""
BESIDE_S = 10.0
"""Processor time of a run's other work: start, tables, figures."""
LITTLE_S = 1.5
"""A whole replication that takes no longer is audited whole in any run."""
MOST = 100
"""Replications that are audited at most unless a number is asked for."""
LEAST_PERIODS = 4
"""Of a stretch."""
CANDIDATES = 16
"""Replications by the seed for each that is audited: the one in which most happens is taken."""


class Size(NamedTuple):
    """How much is audited.

    Parameters
    ----------
    n : int
        Replications.
    n_period : int
        Periods of each, from the first; all of the horizon, or a stretch of it.
    """

    n: int
    n_period: int


class Audited(NamedTuple):
    """What is audited.

    Parameters
    ----------
    numbers : tuple of int
        Of the replications.
    n_period : int
        Periods of each, from the first.
    n_acting : int
        Rows of shocks (docs/model.md, section 1) that act in them, in all.
    """

    numbers: tuple[int, ...]
    n_period: int
    n_acting: int


def size_of(asked: int | str, n: int, n_lane: int, n_period: int) -> Size:
    """Return how much of a run is audited.

    Parameters
    ----------
    asked : int or "auto"
        ``run.audit``: so many whole replications, or a tenth of the run's work.
    n, n_lane, n_period : int
        Of the run: replications, lanes of the network, periods of the horizon.

    Returns
    -------
    Size
        Of "auto" whole replications, one at least; where one is more than a tenth of all that the
        run does, its first periods.
    """
    if asked != "auto":
        return Size(min(int(asked), n), n_period)
    period_s = n_lane * SIMPY_S
    played_s = n * n_lane * n_period * COMPILED_S
    budget_s = SHARE * (BESIDE_S + played_s)
    if n_period * period_s <= max(budget_s, LITTLE_S):
        count = int(SHARE * played_s / (n_period * period_s)) if n_lane else 1
        return Size(min(max(1, count), MOST, n), n_period)
    periods = max(LEAST_PERIODS, int(budget_s / period_s))
    return Size(min(1, n), min(periods, n_period))


def pick(seed: int, n: int, count: int) -> NDArray[np.int64]:
    """Return `count` different replications of n, by the seed (all where there are fewer)."""
    if count >= n:
        return np.arange(n, dtype=np.int64)
    stream, chosen, index = np.uint64(stream_id("audit")), set[int](), 0
    while len(chosen) < count:
        chosen.add(int(uniform(np.uint64(seed), stream, 0, index) * n))
        index += 1
    return np.array(sorted(chosen), dtype=np.int64)


def audited_of(study: Study, n: int) -> Audited:
    """Return what is audited of a study's first n replications: by its seed, whatever plays it.

    A number that is asked for is picked by the seed alone. Otherwise, of `CANDIDATES` by the seed
    for each, those in which most shocks act; a stretch in which none does is twice as long.
    """
    run, n_lane = study.settings.run, study.compiled.chain.lane_feed.size
    size = size_of(run.audit, n, n_lane, study.n_period)
    if run.audit != "auto":
        numbers = pick(run.seed, n, size.n)
        return _busiest(study, numbers, size)
    numbers = pick(run.seed, n, CANDIDATES * size.n)
    found = _busiest(study, numbers, size)
    if found.n_acting or size.n_period == study.n_period:
        return found
    longer = Size(size.n, min(2 * size.n_period, study.n_period))
    other = _busiest(study, numbers, longer)
    return other if other.n_acting else found


def _busiest(study: Study, numbers: NDArray[np.int64], size: Size) -> Audited:
    """Return those in which most rows of shocks act in the first periods."""
    if not size.n:
        return Audited((), size.n_period, 0)
    acting = _acting(study, numbers, size.n_period)
    chosen = np.sort(np.argsort(-acting, kind="stable")[: size.n])
    return Audited(tuple(numbers[chosen].tolist()), size.n_period, int(acting[chosen].sum()))


def _acting(study: Study, numbers: NDArray[np.int64], n_period: int) -> NDArray[np.int64]:
    """Return how many rows of shocks act in the first periods of each replication."""
    tape, days = study.tape(numbers), n_period * study.settings.scenario.step_days
    if not tape.row_kind.size:
        return np.zeros(numbers.size, np.int64)
    begin, end = tape.point_day[tape.point_ptr[:-1]], tape.point_day[tape.point_ptr[1:] - 1]
    acts = np.concatenate([[0], np.cumsum((begin < days) & (end > 0.0))])
    return np.diff(acts[tape.row_ptr])
