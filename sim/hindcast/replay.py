"""An episode played: its facts scored, its series kept for the figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from sim.base.errors import Fault, UserError
from sim.config.settings import load_settings
from sim.hindcast.episodes import Episode, constants, folder, scenario_path
from sim.hindcast.facts import Fact, read_facts
from sim.hindcast.kinds import KINDS, base_of, never_of
from sim.hindcast.played import CHUNK, Played
from sim.hindcast.score import Scored, scored
from sim.hindcast.series import Series, course, series_of
from sim.network.arrays import F8
from sim.run.case import Study

FUTURES = 400
"""How many an episode is played in where none are named."""


class Hindcast(NamedTuple):
    """An episode beside the facts."""

    episode: Episode
    study: Study
    n: int
    rows: tuple[Scored, ...]
    apart: tuple[Fact, ...]
    """Facts that no kind expresses."""
    series: tuple[Series, ...]


ALONE = {"run.sampling": "plain"}
"""Each future by itself: any number of them may be played, and scores are of single futures."""


NOTHING: Mapping[str, Any] = MappingProxyType({})


def replay(
    episode: Episode,
    n: int = FUTURES,
    tick: Callable[[int], object] = lambda n: None,
    changes: Mapping[str, Any] = NOTHING,
) -> Hindcast:
    """Return an episode played in n futures, scored.

    Parameters
    ----------
    episode : Episode
        One with a scenario.
    n : int, optional
        Futures.
    tick : callable, optional
        Is told of futures as they are done.
    changes : mapping, optional
        Settings that are tried instead of the scenario's own, by dotted key.

    Raises
    ------
    UserError
        If the scenario is wrong, or a fact names what its network lacks.
    """
    facts = read_facts(folder() / f"{episode.name}.csv", tuple(KINDS))
    study, told = (
        Study(load_settings(scenario_path(episode), changes={**ALONE, **changes})),
        constants(),
    )
    _check_days(episode, study, facts)
    assert episode.onset is not None
    assert episode.news is not None
    asked = [f for f in facts if f.kind]
    values: list[list[F8]] = [[] for _ in asked]
    drawn = series_of(study, episode.news, facts)
    courses: list[list[F8]] = [[] for _ in drawn]
    last: Played | None = None
    for at in range(0, n, CHUNK):
        tape = study.tape(np.arange(at, min(at + CHUNK, n), dtype=np.int64))
        last = Played(study, episode.news, episode.onset, study.flow(tape, trace=True), told)
        for x, fact in enumerate(asked):
            values[x].append(KINDS[fact.kind].rule(last, fact))
        for x, s in enumerate(drawn):
            courses[x].append(course(last, s))
        tick(tape.replication.size)
    assert last is not None
    rows = tuple(_scored(last, f, np.concatenate(v)) for f, v in zip(asked, values, strict=True))
    series = [s._replace(values=np.hstack(c)) for s, c in zip(drawn, courses, strict=True)]
    apart = tuple(f for f in facts if not f.kind)
    return Hindcast(episode, study, n, rows, apart, tuple(series))


def _scored(played: Played, fact: Fact, values: F8) -> Scored:
    kind = KINDS[fact.kind]
    base = base_of(played, fact) if kind.no_change(2.0) == 2.0 else 1.0
    return scored(fact, values, kind.no_change(base), never_of(played, fact))


def _check_days(episode: Episode, study: Study, facts: tuple[Fact, ...]) -> None:
    """Refuse facts of days that the scenario does not reach."""
    start = study.settings.scenario.start
    end = start + dt.timedelta(days=study.n_period * study.settings.scenario.step_days)
    told = f"the scenario {episode.scenario} plays {start} to {end}"
    faults = [
        Fault("when", f.when, told, f.at)
        for f in facts
        if f.kind and (f.first is None or f.end is None or f.first < start or f.end > end)
    ]
    late = [f for f in facts if f.kind and f.since is not None and f.since >= end]
    faults += [Fault("since", str(f.since), told, f.at) for f in late]
    if faults:
        raise UserError(faults)
