"""A chain small enough to work rules out by hand: two mines, two works, users in three regions.

Reference flows (t a year): works_chn 480, works_jpn 20; mine_chn 384, mine_aus 116.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import TypeAdapter

from sim.network.compile import compile_network
from sim.network.dictionary import Network
from sim.policy.ground import Ground
from sim.policy.rules import Expanded, Rule, Tagged, expand

START = dt.date(2026, 1, 1)
Map = dict[str, Any]


def user(country: str, demand: float, lanes: Map, **other: Any) -> Map:
    feed = {"cover_days": 30, "lanes": lanes}
    return {"kind": "end_user", "product": "good", "country": country, "sector": "motors",
            "demand": demand, "feeds": {"metal": feed}} | other  # fmt: skip


def works(country: str, capacity: float, lanes: Map) -> Map:
    feed = {"cover_days": 20, "lanes": lanes}
    return {"kind": "refiner", "product": "metal", "country": country, "capacity": capacity,
            "feeds": {"ore": feed}}  # fmt: skip


def mine(country: str, capacity: float) -> Map:
    return {"kind": "mine", "product": "ore", "country": country, "capacity": capacity}


def data(**more: Any) -> Map:
    """Return the network as plain data, with more sites."""

    def lane(share: float, **other: Any) -> Map:
        return {"share": share, "transit_days": 14} | other

    return {
        "title": "Worked by hand",
        "products": {
            "ore": {"title": "Ore", "stage": "mining"},
            "metal": {"title": "Metal", "stage": "metal"},
            "good": {"title": "Good", "stage": "use"},
        },
        "sites": {
            "mine_chn": mine("CHN", 800),
            "mine_aus": mine("AUS", 300),
            "works_chn": works("CHN", 900, {"mine_chn": lane(0.8), "mine_aus": lane(0.2)}),
            "works_jpn": works("JPN", 200, {"mine_aus": lane(1.0)}),
            "makers_jpn": user("JPN", 100, {"works_chn": lane(0.8), "works_jpn": lane(0.2)}),
            "makers_eu": user("EU", 100, {"works_chn": lane(1.0),
                                          "works_jpn": lane(0.0, spot=0.5, transit_days=40)}),
            "makers_chn": user("CHN", 300, {"works_chn": lane(1.0)}),
        }
        | more,
        "projects": {
            "dig": {"site": "mine_aus", "capacity": 50, "start": "2027-01-01", "probability": 0.5,
                    "delay_days": {"min": 0, "mode": 100, "max": 400}, "ramp_days": 200},
        },
    }  # fmt: skip


def ground(projects: Map | None = None, **more: Any) -> Ground:
    """Return the ground, with more sites, or with other projects."""
    own = data(**more)
    own["projects"] = own["projects"] if projects is None else projects
    return Ground(Network.model_validate(own), START)


def rule(**keys: Any) -> Any:
    return TypeAdapter(Rule).validate_python(keys)


def act(on: Ground | None = None, *, tag: str = "p_r", **keys: Any) -> Expanded:
    """Return what one rule comes to."""
    return many([(tag, keys)], on)


def many(rules: list[tuple[str, Map]], on: Ground | None = None) -> Expanded:
    tagged = [Tagged(tag, ("policy", "rules", tag), rule(**keys)) for tag, keys in rules]
    return expand(tagged, on or ground())


def after(expanded: Expanded, on: Ground | None = None) -> Network:
    """Return the changed network, which must still compile."""
    network = (on or ground()).with_changes(expanded.changes).network
    compile_network(network, start=START, n_period=2, step_days=7)
    return network
