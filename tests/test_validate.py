"""Messages for wrong settings: the branch that was meant, once, with what was expected."""

from __future__ import annotations

import numpy as np
import pytest
from random_networks import TENSIONS, random_hazards, random_network, random_parameters

from sim.base.errors import UserError
from sim.network.validate import validate
from sim.shocks.hazard import Hazard, Parameter, Tension


def faults(**changes):
    outage = {"kind": "outage", "sites": {"country": "CHN"}}
    data = {"onset": {"day": 3}, "duration_days": 3, "effects": {"stop": outage}}
    with pytest.raises(UserError) as caught:
        validate(Hazard, data | changes, "scenario.hazards.h")
    return [str(f).replace("scenario.hazards.h", "h") for f in caught.value.faults]


CASES = {
    "text for a number or distribution": (
        {"duration_days": "long"},
        ["h.duration_days: 'long', must be a number or a distribution such as "
         "{median: 30, p90: 90} (days)"]),
    "a slip inside a distribution": (
        {"duration_days": {"median": 3, "p9": 4}},
        ["h.duration_days.p9: no such setting; did you mean 'p90'?"]),
    "text for a rate": (
        {"onset": {"rate_per_year": "often"}},
        ["h.onset.rate_per_year: 'often', must be a number or a list, as in [a, b] (1/year)"]),
    "two onsets": (
        {"onset": {"day": 3, "rate_per_year": 1}},
        ["h.onset: needs exactly one of date, day, rate_per_year, after, up_days; got "
         "['day', 'rate_per_year']"]),
    "an unknown kind": (
        {"effects": {"e": {"kind": "outge", "sites": {}}}},
        ["h.effects.e.kind: 'outge', must be one of outage, control, route, demand; did you "
         "mean 'outage'?"]),
    "no kind": (
        {"effects": {"e": {"sites": {}}}},
        ["h.effects.e.kind: must be given: what kind of thing this is"]),
    "a slip inside an effect": (
        {"effects": {"e": {"kind": "outage", "sites": {"cuntry": "CHN"}, "severty": 1}}},
        ["h.effects.e.sites.cuntry: no such setting; did you mean 'country'?",
         "h.effects.e.severty: no such setting; did you mean 'severity'?"]),
    "out of range": (
        {"called_off": 1.5, "max_events": 0},
        ["h.called_off: 1.5, must be 1 or less", "h.max_events: 0, must be 1 or more"]),
    "an unquoted NO": (
        {"effects": {"e": {"kind": "route", "routes": [False]}}},
        ["h.effects.e.routes.0: False, must be text; YAML reads yes, no, on, off and NO as "
         "true or false: quote it"]),
    "not a number at all": ({"called_off": float("nan")},
                            ["h.called_off: nan, must be a finite number"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told_once_for_the_branch_that_was_meant(case):
    changes, expected = CASES[case]
    assert sorted(faults(**changes)) == sorted(expected)


def test_mistakes_of_all_parts_come_at_once():
    assert len(faults(called_off=2, max_events="x", durations=3, onset={"dy": 3})) >= 4


@pytest.mark.parametrize("seed", range(20))
def test_random_hazards_are_valid_and_told_by_their_seed(seed):
    one, two = (np.random.default_rng(seed) for _ in range(2))
    network = random_network(one)
    assert network == random_network(two)
    hazards, parameters = random_hazards(one, network), random_parameters(one, network)
    assert hazards == random_hazards(two, network)
    for schema, group in ((Hazard, hazards), (Parameter, parameters), (Tension, TENSIONS)):
        for data in group.values():
            validate(schema, data)


def test_random_networks_and_hazards_hold_every_kind_of_thing():
    seen = set()
    for seed in range(80):
        rng = np.random.default_rng(seed)
        network = random_network(rng)
        seen |= {s["kind"] for s in network["sites"].values()}
        seen |= {key for s in network["sites"].values() for key in s}
        seen |= {"project"} if network["projects"] else set()
        for hazard in random_hazards(rng, network).values():
            seen |= set(hazard) | set(hazard["onset"]) | set(hazard["profile"])
            seen |= {e.get("type", e["kind"]) for e in hazard["effects"].values()}
        seen |= {p["key"] for p in random_parameters(rng, network).values()}
    assert seen >= {
        "mine", "refiner", "end_user", "reserve", "project", "capacity_path", "demand_path",
        "substitution", "priority", "slack", "ramp_days", "max_rate", "stock_days",
        "outage", "ban", "quota", "licensing", "tariff", "route", "demand", "notice_days",
        "called_off", "tension", "copula", "each_site", "date", "day", "rate_per_year", "after",
        "up_days", "table", "chronic", "easing_days", "ramp_in_days", "capacity", "cover_days",
        "rerouting", "perception_days", "stock", "activation_days", "substitution_limit",
    }  # fmt: skip
