"""The event log of a replayed future: what happened, when, to whom."""

from __future__ import annotations

import numpy as np
from by_hand import (
    ban,
    compiled_of,
    feed,
    flat,
    lane,
    mine,
    network,
    outage,
    reserve,
    run,
    tape_of,
    user,
)
from engines import Case

from sim.flow.play import Play
from sim.flow.record.log import Log
from sim.flow.record.model import simulate_simpy
from sim.shocks import tape as on
from sim.shocks.tape import EMPTY_DRAWS


def chain() -> dict:
    sites = network(
        mine=mine(100.0), user=user(100.0, {"ore": feed({"mine": lane()}, cover_days=2.0)})
    )
    sites["sites"]["store"] = reserve(100.0, {"user": None}, trigger_days=1.5)
    return sites


def test_log_tells_of_shocks_shortages_and_reserves_in_days():
    # Out on [10, 15), seen on days 11 to 15. The user has 200 t on day 11; 100 t on day 12, 50
    # less than 1.5 days, so it gets 50; 50 t on day 13 and the last 50 of the store; then nothing.
    log = Log(("storm", "ban"))
    told = run(chain(), [outage("mine", 10, 15), ban("mine", "user", 30, 33)], 60, log=log)
    assert np.flatnonzero(told.short("user")).tolist() == [14, 15, 31, 32, 33]
    assert np.flatnonzero(told.released("store")).tolist() == [12, 13]
    assert sorted(log.events) == [
        (10.0, "shock begins", "storm"),
        (12.0, "reserve opens", "store"),
        (14.0, "first shortage", "user"),
        (14.0, "reserve closes", "store"),
        (15.0, "shock ends", "storm"),
        (16.0, "shortage ends", "user"),
        (30.0, "shock begins", "ban"),
        (31.0, "shortage begins", "user"),
        (33.0, "control lifted", "ban"),
        (34.0, "shortage ends", "user"),
    ]


def test_log_tells_of_announcements_and_of_controls_that_are_called_off():
    compiled = compiled_of(chain(), 30)
    targets, tape = tape_of(compiled, [flat(on.ANNOUNCED, [("mine", "user")], 5, 9, 1.0)] * 2)
    tape = tape._replace(
        onset_days=np.array([9.0, 9.0]),
        end_days=np.array([9.0, 40.0]),
        called_off=np.array([True, False]),
    )
    log = Log()
    simulate_simpy(Play(compiled, targets, EMPTY_DRAWS, 30), tape, log=log)
    assert log.events == [
        (5.0, "announced", "hazard 0"),
        (9.0, "called off", "hazard 0"),
        (5.0, "announced", "hazard 1"),
        (9.0, "shock begins", "hazard 1"),
    ]  # what ends beyond the horizon is not told


def test_log_tells_when_projects_start():
    sites = chain() | {
        "projects": {"new": {"site": "mine", "capacity": 50.0, "start": 6.5, "ramp_days": 5.0}}
    }
    log = Log()
    run(sites, [], 20, starts=[6.5], log=log)
    assert log.events == [(6.5, "project starts", "new")]


def test_watching_changes_nothing():
    case, log = Case(5, n_period=30, size=12), Log()
    plain, watched = case.record(), case.record(log=log)
    assert log.events
    assert all(np.array_equal(a, b) for a, b in zip(plain.trace, watched.trace, strict=True))
    assert np.array_equal(plain.shortfall, watched.shortfall)
